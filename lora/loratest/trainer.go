package loratest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
)

// Subject is a Trainer under test, with a base model small enough for some
// dozens of steps per second.
type Subject struct {
	Trainer lora.Trainer
	// Base is the digest of the base model that artifacts must have.
	Base string
	// Hash, when set, returns a hash of the base's present weights. Training must
	// not change it.
	Hash func() string
	// Other is a trainer with another base of the same shape.
	Other lora.Trainer
	// Host, when set, is the same base as a model that loads adapters.
	Host hobby.AdapterHost
	// Threads, when set, is the same trainer on so many threads.
	Threads func(n int) lora.Trainer
}

// TestTrainer checks the contract of lora.Trainer. open returns a new trainer.
func TestTrainer(t *testing.T, open func(t *testing.T) Subject) {
	for name, test := range map[string]func(*trial){
		"learns":                  (*trial).learns,
		"reports its steps":       (*trial).reports,
		"same seed, same bytes":   (*trial).determinism,
		"cancelled and resumed":   (*trial).resume,
		"stopped anywhere":        (*trial).stops,
		"pauses":                  (*trial).pauses,
		"leaves the base alone":   (*trial).base,
		"goes on from a parent":   (*trial).parent,
		"refuses another base":    (*trial).another,
		"refuses bad jobs":        (*trial).refusals,
		"cancelled before it ran": (*trial).cancelled,
	} {
		t.Run(name, func(t *testing.T) { test(&trial{T: t, Subject: open(t)}) })
	}
}

type trial struct {
	*testing.T
	Subject
}

// config is short and learns something.
func config() lora.Config {
	return lora.Config{Rank: 4, Epochs: 4, BatchSize: 4, LearningRate: 0.01, Seed: 3, CheckpointEvery: 3}
}

// dataset asks for the same short answers again and again.
func dataset() lora.Dataset {
	var d lora.Dataset
	for i := range 16 {
		q, a := fmt.Sprintf("say %c", 'a'+i%4), strings.Repeat(string(rune('a'+i%4)), 3)
		d.Train = append(d.Train, lora.Example{Messages: []hobby.Message{{Role: hobby.RoleUser, Content: q}}, Completion: a})
	}
	d.Validation = d.Train[:4]
	return d
}

func (t *trial) train(ctx context.Context, tr lora.Trainer, j lora.Job, report func(lora.Step)) (lora.Artifact, error) {
	t.Helper()
	return tr.Train(ctx, j, dataset(), report)
}

// must trains a job in a new directory and checks its artifact's files.
func (t *trial) must(tr lora.Trainer, j lora.Job, report func(lora.Step)) lora.Artifact {
	t.Helper()
	if j.Dir == "" {
		j.Dir = filepath.Join(t.TempDir(), "new")
	}
	a, err := t.train(t.Context(), tr, j, report)
	if err != nil {
		t.Fatalf("Train: %v", err)
	}
	if a.Dir != j.Dir || a.Base != t.Base || a.Steps < 1 || a.Tokens < 1 {
		t.Errorf("the artifact is %+v; want directory %s, base %s, steps and tokens", a, j.Dir, t.Base)
	}
	data, err := os.ReadFile(filepath.Join(a.Dir, "adapter_model.safetensors"))
	if err != nil {
		t.Fatalf("the adapter: %v", err)
	}
	if sum := sha256.Sum256(data); a.Digest != hex.EncodeToString(sum[:]) {
		t.Errorf("the artifact's digest is %s, its file's %x", a.Digest, sum)
	}
	if _, err := os.Stat(filepath.Join(a.Dir, "adapter_config.json")); err != nil {
		t.Errorf("the adapter's configuration: %v", err)
	}
	if a.GGUF != "" {
		if _, err := os.Stat(a.GGUF); err != nil {
			t.Errorf("the adapter's GGUF: %v", err)
		}
	}
	return a
}

func (t *trial) learns() {
	a := t.must(t.Trainer, lora.Job{Config: config()}, nil)
	if a.Before == nil || a.Validation == nil || !(*a.Validation < *a.Before) {
		t.Errorf("validation loss %v before and %v after", show(a.Before), show(a.Validation))
	}
	none := dataset()
	none.Validation = nil
	a, err := t.Trainer.Train(t.Context(), lora.Job{Dir: t.TempDir(), Config: config()}, none, nil)
	if err != nil || a.Before != nil || a.Validation != nil || !(a.Loss > 0) {
		t.Errorf("without a validation set: %+v, %v", a, err)
	}
}

func show(v *float64) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(*v)
}

func (t *trial) reports() {
	var steps []lora.Step
	done := false
	a := t.must(t.Trainer, lora.Job{Config: config()}, func(s lora.Step) {
		if done {
			t.Error("a report after Train had returned")
		}
		steps = append(steps, s)
	})
	done = true
	if len(steps) != a.Steps {
		t.Fatalf("%d reports of %d steps", len(steps), a.Steps)
	}
	measured := 0
	for i, s := range steps {
		if s.Step != i+1 || s.Total != 16 {
			t.Errorf("report %d is of step %d of %d; want %d of 16", i, s.Step, s.Total, i+1)
		}
		if !(s.Loss > 0) || math.IsInf(s.Loss, 0) {
			t.Errorf("report %d: a loss of %v", i, s.Loss)
		}
		if s.TokensPerSecond < 0 || s.Left < 0 {
			t.Errorf("report %d: %v tokens a second, %v left", i, s.TokensPerSecond, s.Left)
		}
		if s.Epoch <= 0 || s.Epoch > 4 {
			t.Errorf("report %d: epoch %v of 4", i, s.Epoch)
		}
		if i > 0 && s.Tokens <= steps[i-1].Tokens {
			t.Errorf("report %d: tokens do not grow", i)
		}
		if s.Validation != nil {
			measured++
		}
	}
	if measured != 4 {
		t.Errorf("%d measurements of the validation loss in 4 epochs", measured)
	}
	if last := steps[len(steps)-1]; last.Tokens != a.Tokens || last.Left != 0 {
		t.Errorf("the last report is %+v, the artifact %+v", last, a)
	}
}

func (t *trial) determinism() {
	first := t.must(t.Trainer, lora.Job{Config: config()}, nil)
	if again := t.must(t.Trainer, lora.Job{Config: config()}, nil); again.Digest != first.Digest {
		t.Error("the same job gives other bytes")
	}
	other := config()
	other.Seed++
	if a := t.must(t.Trainer, lora.Job{Config: other}, nil); a.Digest == first.Digest {
		t.Error("another seed gives the same bytes")
	}
	if t.Threads == nil {
		return
	}
	for _, n := range []int{1, 2, 4} {
		if a := t.must(t.Threads(n), lora.Job{Config: config()}, nil); a.Digest != first.Digest {
			t.Errorf("%d threads give other bytes", n)
		}
	}
}

// resume cancels a job again and again.
func (t *trial) resume() {
	c := config()
	c.Dropout = 0.1
	want := t.must(t.Trainer, lora.Job{Config: c}, nil)
	why := errors.New("the user is back")
	j := lora.Job{Dir: t.TempDir(), Config: c}
	reached := 0
	for range 100 {
		ctx, cancel := context.WithCancelCause(t.Context())
		n := 0
		a, err := t.train(ctx, t.Trainer, j, func(s lora.Step) {
			if s.Step <= reached {
				t.Errorf("step %d is made again", s.Step)
			}
			reached = s.Step
			if n++; n == 5 {
				cancel(why)
			}
		})
		cancel(nil)
		if err == nil {
			want.Dir, want.GGUF, a.GGUF = j.Dir, "", ""
			if d := cmp.Diff(want, a); d != "" {
				t.Errorf("resumed (+) and in one go (-) differ: %s", d)
			}
			return
		}
		if !errors.Is(err, why) {
			t.Fatalf("Train: %v; want the cause of the cancellation", err)
		}
		if _, err := os.Stat(filepath.Join(j.Dir, "adapter_config.json")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a cancelled job left an adapter (%v)", err)
		}
	}
	t.Error("the job never ends")
}

// stops cancels a job within its steps, and while it measures the last validation
// loss.
func (t *trial) stops() {
	calls := 0
	want := t.must(t.Trainer, lora.Job{Config: config(), Wait: func(context.Context) error { calls++; return nil }}, nil)
	why := errors.New("the user is back")
	for _, at := range []int{calls / 5, calls / 2, calls - 1} {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		n := 0
		j := lora.Job{Dir: t.TempDir(), Config: config(), Wait: func(context.Context) error {
			if n++; n >= at {
				cancel(why)
			}
			return nil
		}}
		if _, err := t.train(ctx, t.Trainer, j, nil); !errors.Is(err, why) {
			t.Fatalf("Train: %v; want the cause of the cancellation", err)
		}
		j.Wait = nil
		a := t.must(t.Trainer, j, nil)
		want.Dir, want.GGUF, a.GGUF = j.Dir, "", ""
		if d := cmp.Diff(want, a); d != "" {
			t.Errorf("stopped at %d of %d and resumed (+), and in one go (-), differ: %s", at, calls, d)
		}
	}
}

func (t *trial) pauses() {
	user := hobby.NewPresence(time.Hour) // who is here
	calls := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	j := lora.Job{Dir: t.TempDir(), Config: config(), Wait: func(ctx context.Context) error {
		select {
		case calls <- struct{}{}:
		default:
		}
		return user.Wait(ctx)
	}}
	done := make(chan error, 1)
	go func() {
		_, err := t.train(ctx, t.Trainer, j, func(lora.Step) { t.Error("a step while paused") })
		done <- err
	}()
	<-calls
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while paused: %v", err)
	}
	j.Wait = hobby.NewPresence(1).Wait // the user is away
	t.must(t.Trainer, j, nil)
	why := errors.New("cannot go on")
	j = lora.Job{Dir: t.TempDir(), Config: config(), Wait: func(context.Context) error { return why }}
	if _, err := t.train(t.Context(), t.Trainer, j, nil); !errors.Is(err, why) {
		t.Errorf("the error of Wait: got %v", err)
	}
}

func (t *trial) base() {
	if t.Hash == nil {
		t.Skip("nothing hashes the base")
	}
	before := t.Hash()
	t.must(t.Trainer, lora.Job{Config: config(), Base: t.Base}, nil)
	if t.Hash() != before {
		t.Error("the base was changed")
	}
}

// parent continues an adapter: training starts where the first one ended.
func (t *trial) parent() {
	first := t.must(t.Trainer, lora.Job{Config: config()}, nil)
	second := t.must(t.Trainer, lora.Job{Config: config(), Parent: first.Dir}, nil)
	if math.Abs(*second.Before-*first.Validation) > 1e-5 || second.Digest == first.Digest {
		t.Errorf("the second begins at %v, the first ended at %v", *second.Before, *first.Validation)
	}
	c := config()
	c.Rank = 2
	_, err := t.train(t.Context(), t.Trainer, lora.Job{Dir: t.TempDir(), Config: c, Parent: first.Dir}, nil)
	if !errors.Is(err, lora.ErrConfig) {
		t.Errorf("a parent of another rank: %v; want ErrConfig", err)
	}
	if _, err := t.train(t.Context(), t.Trainer, lora.Job{Dir: t.TempDir(), Config: c, Parent: t.TempDir()}, nil); err == nil {
		t.Error("an empty directory is accepted as a parent")
	}
}

// another checks that an adapter is refused on a base that it was not trained
// on.
func (t *trial) another() {
	foreign, err := t.train(t.Context(), t.Other, lora.Job{Dir: t.TempDir(), Config: config()}, nil)
	if err != nil {
		t.Fatalf("training on another base: %v", err)
	}
	if foreign.Base == t.Base {
		t.Fatal("the other base is the same one")
	}
	dir := filepath.Join(t.TempDir(), "untouched")
	job := lora.Job{Dir: dir, Config: config(), Parent: foreign.Dir}
	_, err = t.train(t.Context(), t.Trainer, job, func(lora.Step) { t.Error("a step was made") })
	if !errors.Is(err, lora.ErrBase) {
		t.Errorf("a parent of another base: %v; want ErrBase", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a parent of another base: something was written (%v)", err)
	}
	if t.Host == nil {
		return
	}
	own := t.must(t.Trainer, lora.Job{Config: config()}, nil)
	for _, c := range []struct {
		path string
		want error
	}{{own.Dir, nil}, {own.GGUF, nil}, {foreign.Dir, lora.ErrBase}, {foreign.GGUF, lora.ErrBase}} {
		if c.path == "" {
			continue // no GGUF
		}
		if err := t.Host.LoadAdapter(t.Context(), "x", c.path); !errors.Is(err, c.want) {
			t.Errorf("loading %s: %v, want %v", c.path, err, c.want)
		}
	}
}

func (t *trial) refusals() {
	good := dataset()
	answered := good.Train[0]
	answered.Messages = append(answered.Messages[:1:1], hobby.Message{Role: hobby.RoleAssistant, Content: "It is"})
	unanswered := append(good.Train[:3:3], lora.Example{Messages: good.Train[0].Messages})
	for name, c := range map[string]struct {
		job  lora.Job
		data lora.Dataset
		want error
	}{
		"an empty dataset":    {lora.Job{}, lora.Dataset{Validation: good.Train}, lora.ErrEmpty},
		"an empty completion": {lora.Job{}, lora.Dataset{Train: unanswered}, lora.ErrEmpty},
		"an answered prompt":  {lora.Job{}, lora.Dataset{Train: append(good.Train[:3:3], answered)}, lora.ErrConfig},
		"no prompt":           {lora.Job{}, lora.Dataset{Train: []lora.Example{{Completion: "x"}}}, lora.ErrEmpty},
		"another base":        {lora.Job{Base: "another"}, good, lora.ErrBase},
		"a negative rank":     {lora.Job{Config: lora.Config{Rank: -1}}, good, lora.ErrConfig},
		"a huge rank":         {lora.Job{Config: lora.Config{Rank: 1 << 40}}, good, lora.ErrConfig},
		"no number":           {lora.Job{Config: lora.Config{LearningRate: math.NaN()}}, good, lora.ErrConfig},
		"an unknown module":   {lora.Job{Config: lora.Config{Modules: []string{"c_attn"}}}, good, lora.ErrConfig},
		"no module":           {lora.Job{Config: lora.Config{Modules: []string{}}}, good, lora.ErrConfig},
		"dropout of all":      {lora.Job{Config: lora.Config{Dropout: 1}}, good, lora.ErrConfig},
		"negative epochs":     {lora.Job{Config: lora.Config{Epochs: -3}}, good, lora.ErrConfig},
		"too long":            {lora.Job{Config: lora.Config{MaxLength: 2}}, good, lora.ErrConfig},
	} {
		c.job.Dir = filepath.Join(t.TempDir(), "untouched")
		_, err := t.Trainer.Train(t.Context(), c.job, c.data, func(lora.Step) { t.Errorf("%s: a step was made", name) })
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", name, err, c.want)
		}
		if _, err := os.Stat(c.job.Dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: something was written (%v)", name, err)
		}
	}
	if _, err := t.Trainer.Train(t.Context(), lora.Job{}, good, nil); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("no directory: %v; want ErrConfig", err)
	}
	// A job must not go on from the checkpoint of another job.
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := t.train(ctx, t.Trainer, lora.Job{Dir: dir, Config: config()}, func(lora.Step) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	other := config()
	other.LearningRate *= 2
	if _, err := t.train(t.Context(), t.Trainer, lora.Job{Dir: dir, Config: other}, nil); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("another job's checkpoint: %v; want ErrConfig", err)
	}
}

func (t *trial) cancelled() {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	job := lora.Job{Dir: t.TempDir(), Config: config()}
	_, err := t.train(ctx, t.Trainer, job, func(lora.Step) { t.Error("a step was made") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v; want context.Canceled", err)
	}
}
