package llama

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/checkpoint"
)

const tinyModel = "testdata/tiny/model"

func openTiny(t *testing.T, path string) *Model {
	t.Helper()
	m, err := Open(t.Context(), path, &Options{Context: 64, Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// opposites is something to learn, and a training that does.
func opposites() (lora.Dataset, lora.Config) {
	d := lora.Dataset{Train: []lora.Example{example("up?", "down"), example("left?", "right"), example("in?", "out")}}
	d.Validation = d.Train[:2]
	return d, lora.Config{Epochs: 60, BatchSize: 2, PassTokens: 24, LearningRate: 1e-2, WeightDecay: 0.01, CheckpointEvery: 7,
		EvalEvery: 20, Seed: 5}
}

// TestFullTrain holds that a directory answers as it was trained to, and that the
// base stays as it is.
func TestFullTrain(t *testing.T) {
	m := openTiny(t, tinyModel)
	before := hashWeights(&m.weights)
	d, c := opposites()
	d.Train[0].Replay = true // learned all the same
	dir := filepath.Join(t.TempDir(), "new")
	var steps []lora.Step
	a, err := m.FullTrain(t.Context(), lora.Job{Dir: dir, Base: m.digest, Config: c}, d, func(s lora.Step) { steps = append(steps, s) }, nil)
	if err != nil {
		t.Fatal(err)
	}
	type made struct {
		Reports, Steps int
		Dir, Base      string
	}
	want := made{Reports: 120, Steps: 120, Dir: dir, Base: m.digest}
	if d := gocmp.Diff(want, made{len(steps), a.Steps, a.Dir, a.Base}); d != "" {
		t.Errorf("what was made (-want +got):\n%s", d)
	}
	if last := steps[len(steps)-1]; last.Loss > 0.2*steps[0].Loss || last.Validation == nil || !(*a.Validation < 0.2**a.Before) {
		t.Errorf("steps from %+v to %+v; %+v", steps[0], last, a)
	}
	after, err := checkpoint.Open(t.Context(), tinyModel)
	if err != nil {
		t.Fatal(err)
	}
	if after.Digest != m.digest || hashWeights(&m.weights) != before {
		t.Error("the base has changed")
	}
	if err := after.Close(); err != nil {
		t.Fatal(err)
	}
	trained := openTiny(t, dir)
	if trained.digest != a.Digest || trained.digest == m.digest {
		t.Errorf("the new model's digest is %s, the artifact's %s, the base's %s", trained.digest, a.Digest, m.digest)
	}
	for _, e := range d.Train {
		r, err := trained.Generate(t.Context(), hobby.Request{Messages: e.Messages, Sampling: hobby.Sampling{MaxTokens: 20}})
		if err != nil || r.Message.Content != e.Completion || r.Finish != hobby.FinishStop {
			t.Errorf("%s answers %q (%v, %v), want %q", e.Messages[0].Content, r.Message.Content, r.Finish, err, e.Completion)
		}
	}
	left, err := filepath.Glob(filepath.Dir(dir) + "/*")
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// TestFullTrainBytes holds that neither threads nor stops change a byte, and that
// what is stopped leaves no directory.
func TestFullTrainBytes(t *testing.T) {
	m := openTiny(t, tinyModel)
	d, c := opposites()
	c.Epochs = 8
	why := errors.New("the user is back")
	train := func(threads, stop int) (lora.Artifact, []byte) {
		dir := filepath.Join(t.TempDir(), "new")
		for {
			ctx, cancel := context.WithCancelCause(t.Context())
			n := 0
			a, err := m.FullTrain(ctx, lora.Job{Dir: dir, Config: c}, d, func(lora.Step) {
				if n++; n == stop {
					cancel(why)
				}
			}, &TrainerOptions{Threads: threads})
			cancel(nil)
			if err == nil {
				data, err := os.ReadFile(filepath.Join(dir, checkpoint.WeightsName))
				if err != nil {
					t.Fatal(err)
				}
				a.Dir = ""
				return a, data
			}
			if !errors.Is(err, why) {
				t.Fatal(err)
			}
			if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("stopped after %d steps, and the directory: %v", stop, err)
			}
		}
	}
	want, bytes1 := train(1, 0)
	for _, other := range []struct{ threads, stop int }{{2, 0}, {4, 0}, {2, 3}, {1, 11}, {2, want.Steps}} {
		a, data := train(other.threads, other.stop)
		if diff := gocmp.Diff(want, a); diff != "" || !bytes.Equal(data, bytes1) {
			t.Errorf("%+v: other bytes or artifact (-in one go with one thread): %s", other, diff)
		}
	}
}

func TestFullTrainRefusals(t *testing.T) {
	m := openTiny(t, tinyModel)
	there := t.TempDir()
	d, _ := opposites()
	for name, c := range map[string]struct {
		m    *Model
		job  lora.Job
		d    lora.Dataset
		o    *TrainerOptions
		want error
		says string
	}{
		"rank":      {m, lora.Job{Config: lora.Config{Rank: 8}}, d, nil, lora.ErrConfig, "rank"},
		"alpha":     {m, lora.Job{Config: lora.Config{Alpha: 8}}, d, nil, lora.ErrConfig, "alpha"},
		"rslora":    {m, lora.Job{Config: lora.Config{RSLoRA: true}}, d, nil, lora.ErrConfig, "rslora"},
		"dropout":   {m, lora.Job{Config: lora.Config{Dropout: 0.1}}, d, nil, lora.ErrConfig, "dropout"},
		"modules":   {m, lora.Job{Config: lora.Config{Modules: []string{"q_proj"}}}, d, nil, lora.ErrConfig, "modules"},
		"parent":    {m, lora.Job{Parent: "x"}, d, nil, lora.ErrConfig, "parent"},
		"epochs":    {m, lora.Job{Config: lora.Config{Epochs: -1}}, d, nil, lora.ErrConfig, "epochs"},
		"base":      {m, lora.Job{Base: "x"}, d, nil, lora.ErrBase, "x"},
		"exists":    {m, lora.Job{Dir: there}, d, nil, lora.ErrConfig, there},
		"no files":  {open(t, nil), lora.Job{}, d, nil, lora.ErrConfig, "tokenizer.json"},
		"no data":   {m, lora.Job{}, lora.Dataset{}, nil, lora.ErrEmpty, ""},
		"no memory": {m, lora.Job{}, d, &TrainerOptions{MaxMemory: 1 << 16}, lora.ErrMemory, "65.5 kB"},
	} {
		parent := t.TempDir()
		if c.job.Dir == "" {
			c.job.Dir = filepath.Join(parent, "new")
		}
		_, err := c.m.FullTrain(t.Context(), c.job, c.d, nil, c.o)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
			t.Errorf("%s: %v, %v", name, left, err)
		}
	}
	if _, err := m.FullTrain(t.Context(), lora.Job{}, d, nil, nil); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("no directory: %v", err)
	}
}

// TestFullTrainKeepsTheBest holds that the new model is the best that was measured:
// the validation's answer is another one than is learned, so its loss rises again.
func TestFullTrainKeepsTheBest(t *testing.T) {
	_, c := opposites()
	c.EvalEvery, c.Patience = 2, 4
	d := lora.Dataset{Train: []lora.Example{example("up?", "down")}, Validation: []lora.Example{example("up?", "dawn")}}
	parent := t.TempDir()
	var last lora.Step
	a, err := openTiny(t, tinyModel).FullTrain(t.Context(), lora.Job{Dir: filepath.Join(parent, "a"), Config: c}, d,
		func(s lora.Step) { last = s }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !a.Stopped || a.Steps >= last.Total || !(*a.Validation < *a.Before && *a.Validation < *last.Validation) {
		t.Fatalf("nothing to choose from: %+v, the last step %+v", a, last)
	}
	b, err := openTiny(t, a.Dir).FullTrain(t.Context(), lora.Job{Dir: filepath.Join(parent, "b"), Config: c}, d, nil, nil)
	if err != nil || *b.Before != *a.Validation {
		t.Errorf("the new model's loss is %v (%v), want %v", *b.Before, err, *a.Validation)
	}
}

// TestFullTrainKilled kills a training process with SIGKILL, and goes on.
func TestFullTrainKilled(t *testing.T) {
	m := openTiny(t, tinyModel)
	d, c := opposites()
	c.Epochs, c.CheckpointEvery = 10, 2
	train := func(dir string, report func(lora.Step)) (string, error) {
		a, err := m.FullTrain(t.Context(), lora.Job{Dir: dir, Config: c}, d, report, nil)
		return a.Digest, err
	}
	if dir := os.Getenv("PASTIME_FULL_TRAIN_DIR"); dir != "" { // the process to be killed
		_, err := train(dir, func(s lora.Step) {
			if s.Step == 5 {
				fmt.Println("here")
				_, _ = os.Stdin.Read(make([]byte, 1)) // until it is killed
			}
		})
		t.Fatal("not killed", err)
	}
	want, err := train(filepath.Join(t.TempDir(), "new"), nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new")
	child := exec.Command(os.Args[0], "-test.run=^TestFullTrainKilled$")
	child.Env = append(os.Environ(), "PASTIME_FULL_TRAIN_DIR="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fscanln(out, new(string)); err != nil {
		t.Error(err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	first := 0
	got, err := train(dir, func(s lora.Step) { first = cmp.Or(first, s.Step) })
	if err != nil || got != want || first < 4 {
		t.Errorf("killed: went on from step %d to %s (%v), want %s", first, got, err, want)
	}
}

// TestFullTrainPauses holds that a paused training makes no step, and that one that
// is ended in the middle of a step leaves no directory.
func TestFullTrainPauses(t *testing.T) {
	m := openTiny(t, tinyModel)
	d, c := opposites()
	p := hobby.NewPresence(time.Hour) // the user is here
	waiting := make(chan struct{}, 1)
	j := lora.Job{Dir: filepath.Join(t.TempDir(), "new"), Config: c, Wait: func(ctx context.Context) error {
		select {
		case waiting <- struct{}{}:
		default:
		}
		return p.Wait(ctx)
	}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := m.FullTrain(ctx, j, d, func(lora.Step) { t.Error("a step while paused") }, nil)
		done <- err
	}()
	<-waiting
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(j.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory: %v", err)
	}
}

// TestFullTrainMemory holds what a training takes to what it was said to take.
func TestFullTrainMemory(t *testing.T) {
	m := openTiny(t, tinyModel)
	live := func() int64 {
		var s runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc)
	}
	d, c := opposites()
	c.Epochs = 1
	j := lora.Job{Dir: filepath.Join(t.TempDir(), "new"), Config: c}
	o := (&TrainerOptions{Threads: 1}).withDefaults()
	spec, err := m.fullSpec(j, d, o)
	if err != nil {
		t.Fatal(err)
	}
	before, taken := live(), int64(0)
	if _, err := m.FullTrain(t.Context(), j, d, func(lora.Step) { taken = max(taken, live()-before) }, &o); err != nil {
		t.Fatal(err)
	}
	if said := spec.Memory(); taken > said || taken < said/3 {
		t.Errorf("took %d bytes, said %d, %d of these for parameters", taken, said, spec.ParameterMemory())
	}
}
