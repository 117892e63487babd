package peft

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
)

// TestMain lets this program be the script of a trainer.
func TestMain(m *testing.M) {
	if mode := os.Getenv("PASTIME_FAKE"); mode != "" {
		(&fake{mode: mode, in: bufio.NewReader(os.Stdin)}).main(os.Args[len(os.Args)-1])
		return
	}
	os.Exit(m.Run())
}

// fake speaks the protocol. Its model is one number, which each step makes smaller.
type fake struct {
	mode string
	in   *bufio.Reader
	job  job
	State
}

// State is what a checkpoint of the fake has.
type State struct {
	Step   int
	Tokens int64
	W      float64
	Losses []float64
	Before *float64
}

func tell(e map[string]any) {
	text, _ := json.Marshal(e)
	fmt.Println(mark + string(text))
}

// wait reports whether to go on.
func (f *fake) wait() bool {
	tell(map[string]any{"event": "wait"})
	word, _ := f.in.ReadString('\n')
	return word == "go\n"
}

func (f *fake) main(path string) {
	text, _ := os.ReadFile(path)
	_ = json.Unmarshal(text, &f.job)
	switch f.mode {
	case "hang":
		tell(map[string]any{"event": "wait"})
		select {}
	case "die":
		fmt.Fprintln(os.Stderr, "Traceback: the dog ate it")
		os.Exit(3)
	case "silent":
		fmt.Println("all is well")
		return
	case "garbage":
		fmt.Println(mark + "{\"event\":")
		return
	case "flood":
		fmt.Print(strings.Repeat("x", 3<<20))
		return
	case "deaf":
		tell(map[string]any{"event": "error", "kind": "setup", "message": "Python lacks a package: torch"})
		return
	}
	f.train()
}

func (f *fake) train() {
	c := f.job.Config
	for _, e := range f.job.Data.Train {
		if c.MaxLength > 0 && len(e.Messages[0].Content)+len(e.Completion) > c.MaxLength {
			tell(map[string]any{"event": "error", "kind": "config", "message": "too long"})
			return
		}
	}
	f.W = 1
	if text, err := os.ReadFile(filepath.Join(f.job.Parent, adapterModel)); err == nil {
		_, _ = fmt.Sscanf(string(text), "%g", &f.W)
	}
	if text, err := os.ReadFile(filepath.Join(f.job.Work, "state")); err == nil {
		_ = json.Unmarshal(text, &f.State)
	}
	per := (len(f.job.Data.Train) + c.BatchSize - 1) / c.BatchSize
	total := per * c.Epochs
	measured := len(f.job.Data.Validation) > 0
	if measured && f.Before == nil {
		f.Before = new(f.W)
	}
	for f.Step < total {
		if !f.wait() {
			tell(map[string]any{"event": "stopped"})
			return
		}
		f.Losses = append(f.Losses, f.W)
		f.W *= 0.9 + float64(c.Seed)/1000
		f.Step, f.Tokens = f.Step+1, f.Tokens+10
		e := map[string]any{
			"event": "step", "step": f.Step, "total": total, "epoch": float64(f.Step) / float64(per), "loss": f.Losses[f.Step-1],
			"tokens": f.Tokens,
		}
		if measured && f.Step%per == 0 {
			e["validation"] = f.W
		}
		f.lie(e)
		tell(e)
		if !f.wait() {
			text, _ := json.Marshal(f.State)
			_ = os.MkdirAll(f.job.Work, 0o700)
			_ = os.WriteFile(filepath.Join(f.job.Work, "state"), text, 0o600)
			_ = os.WriteFile(filepath.Join(f.job.Work, "fingerprint"), []byte(f.job.Fingerprint), 0o600)
			tell(map[string]any{"event": "stopped"})
			return
		}
	}
	f.end(per, measured)
}

// lie changes a report.
func (f *fake) lie(e map[string]any) {
	switch f.mode {
	case "skips":
		e["step"] = f.Step * 2
	case "negative":
		e["loss"] = -1
	case "no tokens":
		e["tokens"] = 0
	case "unasked":
		e["event"] = "stopped"
	case "unknown":
		e["event"] = "dance"
	case "for ever":
		e["total"] = 1 << 60
	}
}

func (f *fake) end(per int, measured bool) {
	mean := 0.0
	for _, l := range f.Losses[len(f.Losses)-per:] {
		mean += l / float64(per)
	}
	final := filepath.Join(f.job.Work, "final")
	if f.mode == "other rank" {
		f.job.Config.Rank, f.job.Config.Alpha = 0, 0
	}
	if f.mode != "no adapter" {
		_ = os.MkdirAll(final, 0o700)
		_ = os.WriteFile(filepath.Join(final, adapterModel), fmt.Appendf(nil, "%g", f.W), 0o600)
		config := fmt.Appendf(nil, `{"r":%d,"lora_alpha":%g}`, f.job.Config.Rank, f.job.Config.Alpha)
		_ = os.WriteFile(filepath.Join(final, adapterConfig), config, 0o600)
	}
	e := map[string]any{"event": "done", "steps": f.Step, "tokens": f.Tokens, "loss": mean, "before": f.Before}
	if measured {
		e["validation"] = f.W
	}
	switch f.mode {
	case "better loss":
		e["loss"] = mean / 3
	case "fewer steps":
		e["steps"] = f.Step - 1
	}
	tell(e)
	if f.mode == "fails late" {
		os.Exit(1)
	}
}

func faked(t *testing.T, mode, base string) lora.Trainer {
	t.Helper()
	o := &Options{Command: []string{os.Args[0]}, Env: []string{"PASTIME_FAKE=" + mode}, Base: base}
	if mode == "hang" { // the others say something, if late on a busy machine
		o.Silence, o.Grace = 2*time.Second, 2*time.Second
	}
	tr, err := New("a model", o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestTrainer holds this side of the protocol to the contract, with a script that
// trains one number. The job peft-trainer of .ci/peers does the same with PEFT.
func TestTrainer(t *testing.T) {
	loratest.TestTrainer(t, func(t *testing.T) loratest.Subject {
		if model := os.Getenv("PASTIME_PEFT_MODEL"); model != "" {
			return real(t, model)
		}
		return loratest.Subject{Trainer: faked(t, "train", "d1"), Base: "d1", Other: faked(t, "train", "d2")}
	})
}

func real(t *testing.T, model string) loratest.Subject {
	trainer, err := New(model, nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := New(model+"-other", nil)
	if err != nil {
		t.Fatal(err)
	}
	hash := func() string { d, _ := digestOf(model); return d }
	return loratest.Subject{Trainer: trainer, Base: hash(), Hash: hash, Other: other}
}

func dataset() lora.Dataset {
	e := lora.Example{Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "say a"}}, Completion: "a"}
	return lora.Dataset{Train: []lora.Example{e, e}}
}

// TestBadTrainers holds that whatever a trainer does wrong is an error that says so, and
// leaves no adapter.
func TestBadTrainers(t *testing.T) {
	for mode, want := range map[string]string{
		"hang":        "the trainer hangs: it said nothing for 2s",
		"die":         "exit status 3; its last words: Traceback: the dog ate it",
		"silent":      "ended without a result; its last words: all is well",
		"garbage":     `the trainer says "{\"event\":"`,
		"flood":       "ended without a result",
		"deaf":        "Python lacks a package: torch",
		"skips":       "reports step 4 of 6 after step 2 of 6",
		"negative":    "reports the loss -1 at step 1",
		"no tokens":   "reports 0 tokens at step 1",
		"unasked":     "stopped, and nobody asked it to",
		"unknown":     `says "dance"`,
		"for ever":    "reports step 1 of 1152921504606846976",
		"other rank":  "its rank is 0 and its alpha 0, and 8 and 16 were asked for",
		"no adapter":  "adapter_model.safetensors: no such file",
		"better loss": "last epoch's loss is",
		"fewer steps": "says that it made 5 steps",
		"fails late":  "the trainer failed: exit status 1",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := lora.Config{BatchSize: 1}
			_, err := faked(t, mode, "d1").Train(t.Context(), lora.Job{Dir: dir, Config: c}, dataset(), nil)
			if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 6000 {
				t.Errorf("%v\nwant %s", err, want)
			}
			if _, err := os.Stat(filepath.Join(dir, adapterConfig)); err == nil {
				t.Error("there is an adapter")
			}
			if _, err := os.Stat(filepath.Join(dir, workName, "job.json")); err == nil {
				t.Error("the job's texts are left")
			}
		})
	}
}

// TestCancelHanging ends a trainer that does not listen.
func TestCancelHanging(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the user is back")
	j := lora.Job{Dir: t.TempDir(), Wait: func(context.Context) error { cancel(why); return nil }}
	if _, err := faked(t, "hang", "d1").Train(ctx, j, dataset(), nil); !errors.Is(err, why) {
		t.Errorf("%v, want the cause", err)
	}
}

// TestNoTemporaryFolder trains without one: a process that is killed leaves no copy of what
// was practised there.
func TestNoTemporaryFolder(t *testing.T) {
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, filepath.Join(t.TempDir(), "none"))
	}
	if _, err := faked(t, "train", "d1").Train(t.Context(), lora.Job{Dir: filepath.Join(t.TempDir(), "job")}, dataset(), nil); err != nil {
		t.Error(err)
	}
}

// TestAnOddName hashes a model whose folder's name is no pattern.
func TestAnOddName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[model")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model.safetensors", "config.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := New(dir, nil); err != nil {
		t.Error(err)
	}
}

// TestFinishedJob is not trained again, and not overwritten by one of other data.
func TestFinishedJob(t *testing.T) {
	j := lora.Job{Dir: t.TempDir()}
	tr := faked(t, "train", "d1")
	first, err := tr.Train(t.Context(), j, dataset(), nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tr.Train(t.Context(), j, dataset(), func(lora.Step) { t.Error("a step") })
	if err != nil || again != first {
		t.Errorf("%+v, %v; want %+v", again, err, first)
	}
	other := dataset()
	other.Train[0].Completion = "b"
	if _, err := tr.Train(t.Context(), j, other, nil); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("other data: %v", err)
	}
	if err := os.WriteFile(filepath.Join(j.Dir, adapterModel), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Train(t.Context(), j, dataset(), nil); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("a changed adapter: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := New(t.TempDir(), nil); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("a model without weights: %v", err)
	}
	tr, err := New("m", &Options{Base: "d", Command: []string{"/no/such/python"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = tr.Train(t.Context(), lora.Job{Dir: t.TempDir()}, dataset(), nil)
	if err == nil || !strings.Contains(err.Error(), "starting the trainer") {
		t.Errorf("no Python: %v", err)
	}
}

// FuzzHear has a talk survive whatever a trainer says.
func FuzzHear(f *testing.F) {
	f.Add(`pastime: {"event":"step","step":1,"total":2,"loss":0.5,"tokens":9,"epoch":1}` + "\n" + `pastime: {"event":"done","steps":2}`)
	f.Add("pastime: {\"event\":\"error\"}\nnoise\npastime: [")
	f.Fuzz(func(_ *testing.T, text string) {
		k := &talk{most: 100, say: func(string) error { return nil }}
		read(strings.NewReader(text), &tail{}, func(line string) bool {
			e, ok, err := parse(line)
			return ok && err == nil && k.hear(context.Background(), &e) == nil
		})
	})
}
