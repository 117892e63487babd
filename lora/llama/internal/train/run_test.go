package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

var shape = &nn.Config{Vocab: 40, Dim: 32, Layers: 2, Heads: 4, KVHeads: 2, HeadDim: 8, FFN: 48, Context: 64, Eps: 1e-5, RopeTheta: 10000}

// weights are seeded random ones.
func weights() *nn.Weights {
	r := rand.New(rand.NewPCG(1, 1))
	matrix := func(rows, cols int) tensor.Matrix {
		v := make([]float32, rows*cols)
		for i := range v {
			v[i] = float32(r.NormFloat64() / math.Sqrt(float64(cols)))
		}
		return tensor.FromFloats(rows, cols, v)
	}
	ones := slices.Repeat([]float32{1}, shape.Dim)
	w := &nn.Weights{Embed: matrix(shape.Vocab, shape.Dim), Norm: ones}
	w.Head = w.Embed
	for range shape.Layers {
		l := nn.Layer{AttnNorm: ones, FFNNorm: ones}
		for m := range nn.Modules {
			out, in := shape.Shape(m)
			*l.Linear(m) = matrix(out, in)
		}
		w.Layers = append(w.Layers, l)
	}
	return w
}

// sequences answer three random tokens with their reverse: something to learn.
func sequences(seed uint64, n int) []Sequence {
	r := rand.New(rand.NewPCG(seed, 2))
	var out []Sequence
	for range n {
		a, b, c := r.IntN(8), r.IntN(8), r.IntN(8)
		out = append(out, Sequence{Tokens: []int{30, a, b, c, 31, c, b, a, 32}, Learn: 5})
	}
	return out
}

func spec(dir string) *Spec {
	return &Spec{
		Model: shape, Weights: weights(), Base: "base", Train: sequences(1, 30), Validation: sequences(2, 10), Threads: 2,
		Job: lora.Job{Dir: dir, Config: lora.Config{Epochs: 3, BatchSize: 4, PassTokens: 20, LearningRate: 0.01, Dropout: 0.05,
			CheckpointEvery: 3, EvalEvery: 5, Seed: 7}.WithDefaults()},
	}
}

// replaying is spec with other sequences to replay beside those to learn.
func replaying(dir string) *Spec {
	k := spec(dir)
	for _, s := range sequences(3, 9) {
		s.Replay = true
		k.Train = append(k.Train, s)
	}
	return k
}

func values(a *nn.Adapter) []float32 { return slices.Concat(a.Params()...) }

func TestLearns(t *testing.T) {
	k := spec(t.TempDir())
	k.Job.Config.Epochs, k.Job.Config.BatchSize, k.Job.Config.LearningRate = 30, 8, 0.02
	k.Train = append(k.Train, Sequence{Tokens: []int{30, 9, 9, 9, 31, 5, 5}, Learn: 5, Replay: true})
	before := k.Weights.Embed.Data
	sum := slices.Clone(before)
	var steps []lora.Step
	a, art, err := Run(t.Context(), k, func(s lora.Step) { steps = append(steps, s) })
	if err != nil {
		t.Fatal(err)
	}
	if want := 30 * 4; len(steps) != want || art.Steps != want || steps[0].Total != want {
		t.Fatalf("%d steps of %d, and %d in the artifact", len(steps), steps[0].Total, art.Steps)
	}
	last := steps[len(steps)-1]
	if last.Loss > 0.7*steps[0].Loss || last.TokensPerSecond <= 0 {
		t.Errorf("first step %+v, last %+v", steps[0], last)
	}
	if last.Left != 0 || last.Epoch != 30 {
		t.Errorf("the last step is of epoch %v, with %v left", last.Epoch, last.Left)
	}
	if last.Validation == nil || *art.Validation >= *art.Before {
		t.Errorf("the validation loss: %v before, %v after, %v at the last step", *art.Before, *art.Validation, last.Validation)
	}
	if a == nil || !slices.Equal(sum, before) {
		t.Error("no adapter, or a changed base")
	}
}

// TestThreadsAndStops holds that neither threads nor interruptions change a byte, though
// what is kept of the base's results is lost with each of these.
func TestThreadsAndStops(t *testing.T) {
	t.Run("apart", func(t *testing.T) { threadsAndStops(t, replaying) })
	t.Run("together", func(t *testing.T) {
		threadsAndStops(t, func(dir string) *Spec {
			k := replaying(dir)
			k.together = true
			return k
		})
	})
}

func threadsAndStops(t *testing.T, replaying func(dir string) *Spec) {
	k := replaying(t.TempDir())
	k.Threads = 1
	want, art, err := Run(t.Context(), k, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, threads := range []int{2, 4} {
		k := replaying(t.TempDir())
		k.Threads = threads
		if got, _, err := Run(t.Context(), k, nil); err != nil || !slices.Equal(values(got), values(want)) {
			t.Errorf("%d threads: other bytes (%v)", threads, err)
		}
	}
	why := errors.New("the user is back")
	for _, at := range []int{1, 7, 20} {
		k := replaying(t.TempDir())
		for {
			ctx, cancel := context.WithCancelCause(t.Context())
			n := 0
			got, again, err := Run(ctx, k, func(lora.Step) {
				if n++; n == at {
					cancel(why)
				}
			})
			cancel(nil)
			if err == nil {
				if !slices.Equal(values(got), values(want)) || again.Tokens != art.Tokens || *again.Validation != *art.Validation ||
					again.Loss != art.Loss {
					t.Errorf("stopped every %d steps: %+v, in one go %+v", at, again, art)
				}
				break
			}
			if !errors.Is(err, why) {
				t.Fatal(err)
			}
		}
	}
}

// TestKilled kills a training process with SIGKILL at several steps, and goes on.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("PASTIME_TRAIN_DIR"); dir != "" { // the process to be killed
		_, _, err := Run(context.Background(), spec(dir), func(s lora.Step) { fmt.Println("step", s.Step) })
		fmt.Println("done", err)
		return
	}
	want, _, err := Run(t.Context(), spec(t.TempDir()), nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, at := range []int{4, 11} {
		child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		child.Env = append(os.Environ(), "PASTIME_TRAIN_DIR="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		for s := ""; !strings.HasPrefix(s, "done"); {
			var n int
			if _, err := fmt.Fscan(out, &s, &n); err != nil {
				break
			}
			if n >= at {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
		if err := child.Wait(); err == nil {
			t.Fatalf("the process ended before step %d", at)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, stateName)); err != nil {
		t.Fatalf("no checkpoint: %v", err)
	}
	first := 0
	got, _, err := Run(t.Context(), spec(dir), func(s lora.Step) {
		if first == 0 {
			first = s.Step
		}
	})
	if err != nil || !slices.Equal(values(got), values(want)) {
		t.Errorf("killed twice: other bytes (%v)", err)
	}
	if first < 4 {
		t.Errorf("went on from step %d", first)
	}
}

func TestStopsEarly(t *testing.T) {
	k := spec(t.TempDir())
	k.Validation = []Sequence{{Tokens: []int{30, 1, 2, 3, 31, 9, 9, 9}, Learn: 5}} // cannot be learned from Train
	k.Job.Config.Epochs, k.Job.Config.LearningRate, k.Job.Config.Patience, k.Job.Config.EvalEvery = 50, 0.05, 3, 2
	_, art, err := Run(t.Context(), k, nil)
	if err != nil || !art.Stopped || art.Steps >= 50*8 || art.Steps < 8 {
		t.Errorf("%+v, %v", art, err)
	}
	// What stopped stays stopped.
	if _, again, err := Run(t.Context(), k, nil); err != nil || again.Steps != art.Steps {
		t.Errorf("went on to %d (%v)", again.Steps, err)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Spec)
		want   error
	}{
		"empty":         {func(k *Spec) { k.Train = nil }, lora.ErrEmpty},
		"no completion": {func(k *Spec) { k.Train[3].Learn = 9 }, lora.ErrEmpty},
		"too long":      {func(k *Spec) { k.Train[0].Tokens = make([]int, 65) }, lora.ErrConfig},
		"max length":    {func(k *Spec) { k.Job.Config.MaxLength = 8 }, lora.ErrConfig},
		"the parent":    {func(k *Spec) { k.Start = nn.NewAdapter(shape, 3, 1, []nn.Module{nn.Q}) }, lora.ErrConfig},
	} {
		k := spec(t.TempDir())
		c.change(k)
		if _, _, err := Run(t.Context(), k, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Another job's checkpoint is not gone on from.
	k := spec(t.TempDir())
	if _, _, err := Run(t.Context(), k, nil); err != nil {
		t.Fatal(err)
	}
	k.Job.Config.Seed++
	if _, _, err := Run(t.Context(), k, nil); !errors.Is(err, lora.ErrConfig) {
		t.Errorf("another job's checkpoint: %v", err)
	}
	// Nor is a broken one.
	path := filepath.Join(k.Job.Dir, stateName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	k.Job.Config.Seed--
	for _, broken := range [][]byte{
		data[:len(data)-5],
		bytes.Replace(data, []byte(`\"Step\":24`), []byte(`\"Step\":-1`), 1),
		bytes.Replace(data, []byte(`\"Step\":24`), []byte(`\"Step\":99`), 1),
	} {
		if bytes.Equal(broken, data) {
			t.Fatal("nothing is broken")
		}
		if err := os.WriteFile(path, broken, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Run(t.Context(), k, nil); err == nil || !strings.Contains(err.Error(), stateName) {
			t.Errorf("a broken checkpoint: %v", err)
		}
	}
}

func TestDiverges(t *testing.T) {
	for _, validation := range []int{0, 3} {
		k := spec(t.TempDir())
		k.Validation = k.Validation[:validation]
		k.Weights.Norm = slices.Clone(k.Weights.Norm)
		k.Weights.Norm[5] = float32(math.NaN())
		_, _, err := Run(t.Context(), k, func(lora.Step) { t.Error("a step was reported") })
		if !errors.Is(err, lora.ErrDiverged) {
			t.Errorf("%d validation examples: %v", validation, err)
		}
	}
}

// TestPaused holds that a paused training computes nothing, and ends when its
// context does.
func TestPaused(t *testing.T) {
	k := spec(t.TempDir())
	p := hobby.NewPresence(time.Hour) // the user is here
	waiting := make(chan struct{}, 1)
	k.Job.Wait = func(ctx context.Context) error {
		select {
		case waiting <- struct{}{}:
		default:
		}
		return p.Wait(ctx)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, _, err := Run(ctx, k, func(lora.Step) { t.Error("a step while paused") })
		done <- err
	}()
	<-waiting
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	k.Job.Wait = hobby.NewPresence(1).Wait // the user is away
	if _, art, err := Run(t.Context(), k, nil); err != nil || art.Steps != 24 {
		t.Errorf("%d steps, %v", art.Steps, err)
	}
}

func TestPack(t *testing.T) {
	long := Sequence{Tokens: make([]int, 50), Learn: 1}
	got := pack([]Sequence{sequences(1, 1)[0], sequences(1, 1)[0], sequences(1, 1)[0], long}, 20)
	if len(got) != 3 || len(got[0].Starts) != 2 || len(got[1].Tokens) != 9 || len(got[2].Tokens) != 50 {
		t.Errorf("%d batches", len(got))
	}
}

// TestStoppedAnywhere holds that it does not matter where a training is stopped:
// between steps, within one, or while it validates.
func TestStoppedAnywhere(t *testing.T) {
	k := spec(t.TempDir())
	k.Job.Config.Epochs, k.Job.Config.Patience = 2, 2
	k.Validation = sequences(2, 40)
	calls := 0
	k.Job.Wait = func(context.Context) error { calls++; return nil }
	want, art, err := Run(t.Context(), k, nil)
	if err != nil {
		t.Fatal(err)
	}
	art.Dir = ""
	why := errors.New("the user is back")
	for i := range 10 {
		at := calls*(i+1)/10 - 1 // the last is in the last validation
		k.Job.Dir = t.TempDir()
		ctx, cancel := context.WithCancelCause(t.Context())
		n := 0
		k.Job.Wait = func(context.Context) error {
			if n++; n == at {
				cancel(why)
			}
			return nil
		}
		if _, _, err := Run(ctx, k, nil); !errors.Is(err, why) {
			t.Fatalf("stopped at %d of %d: %v", at, calls, err)
		}
		got, again, err := Run(t.Context(), k, nil)
		again.Dir = ""
		if d := cmp.Diff(art, again); err != nil || d != "" || !slices.Equal(values(got), values(want)) {
			t.Errorf("stopped at %d of %d, then resumed (+), and in one go (-): %v %s", at, calls, err, d)
		}
	}
}

// TestMemory holds what a training takes to what it was said to take.
func TestMemory(t *testing.T) {
	live := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for name, change := range map[string]func(*Spec){
		"plain":   func(*Spec) {},
		"dropout": func(k *Spec) { k.Job.Config.Dropout = 0.1 },
		"replay": func(k *Spec) {
			for i := range k.Train {
				k.Train[i].Replay = i%2 == 0
			}
		},
		"high rank": func(k *Spec) { k.Job.Config.Rank = 64 },
	} {
		k := spec(t.TempDir())
		k.Threads = 1
		k.Train, k.Validation = nil, sequences(2, 40)
		for range 20 {
			k.Train = append(k.Train, Sequence{Tokens: make([]int, 60), Learn: 30})
		}
		k.Job.Config.Dropout, k.Job.Config.Epochs, k.Job.Config.BatchSize, k.Job.Config.PassTokens = 0, 1, 10, 1000
		change(k)
		before, taken := live(), int64(0)
		if _, _, err := Run(t.Context(), k, func(lora.Step) { taken = max(taken, live()-before) }); err != nil {
			t.Fatal(err)
		}
		if said := k.Memory(); taken > said || taken < said/2 {
			t.Errorf("%s: took %d bytes, said %d", name, taken, said)
		}
	}
}

// TestPauser holds that a long write is whole, and may pause.
func TestPauser(t *testing.T) {
	data := make([]byte, 2*pausePiece+7)
	for i := range data {
		data[i] = byte(i * 7)
	}
	var out bytes.Buffer
	waits := 0
	p := &pauser{w: &out, wait: func() { waits++ }}
	for _, part := range [][]byte{data[:5], data[5 : pausePiece+9], data[pausePiece+9:]} {
		if n, err := p.Write(part); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if !bytes.Equal(out.Bytes(), data) || waits != 2 {
		t.Errorf("%d bytes of %d, %d waits", out.Len(), len(data), waits)
	}
}
