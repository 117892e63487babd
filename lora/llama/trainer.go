package llama

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/pastime-go/pastime/internal/durable"
	"github.com/pastime-go/pastime/internal/mmap"
	"github.com/pastime-go/pastime/lora"
	adapterfile "github.com/pastime-go/pastime/lora/llama/internal/adapter"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/train"
)

// ggufName is the adapter for llama.cpp, beside the files of PEFT.
const ggufName = "adapter.gguf"

// TrainerOptions are the choices of [Model.Trainer] and [Model.FullTrain]. The zero
// value is ready to use.
type TrainerOptions struct {
	// Threads caps the threads that compute. Default: GOMAXPROCS.
	Threads int
	// MaxMemory is the number of bytes that training may take, beside the model's
	// files, which are mapped. Default: 4 GiB.
	MaxMemory int64
}

// Trainer returns a trainer of adapters for the model. It trains in this process,
// on the model's own weights, which keep their number format. The model can
// answer meanwhile. The model's Close ends a training.
//
// An example's prompt is rendered as for an answer. The completion and the token
// that ends it are learned. The adapter is written as PEFT's files and, beside
// them, as adapter.gguf for llama.cpp.
//
// It trains one job at a time. Others wait.
func (m *Model) Trainer(o *TrainerOptions) lora.Trainer {
	return &trainer{m: m, o: o.withDefaults(), turn: make(chan struct{}, 1)}
}

func (o *TrainerOptions) withDefaults() TrainerOptions {
	var d TrainerOptions
	if o != nil {
		d = *o
	}
	if d.Threads <= 0 {
		d.Threads = runtime.GOMAXPROCS(0)
	}
	if d.MaxMemory <= 0 {
		d.MaxMemory = defaultMaxMemory
	}
	return d
}

type trainer struct {
	m    *Model
	o    TrainerOptions
	turn chan struct{}
}

var _ lora.Sizer = (*trainer)(nil)

// Train implements [lora.Trainer].
func (t *trainer) Train(ctx context.Context, j lora.Job, d lora.Dataset, report func(lora.Step)) (lora.Artifact, error) {
	ctx, done, err := t.m.lease(ctx)
	if err != nil {
		return lora.Artifact{}, err
	}
	defer done()
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return lora.Artifact{}, context.Cause(ctx)
	}
	spec, err := t.spec(j, d)
	if err != nil {
		return lora.Artifact{}, err
	}
	if err := ctx.Err(); err != nil {
		return lora.Artifact{}, context.Cause(ctx)
	}
	var trained *nn.Adapter
	var a lora.Artifact
	err = mmap.Guard(func() (err error) {
		trained, a, err = train.Run(ctx, spec, report)
		return err
	})
	if err != nil {
		return lora.Artifact{}, err
	}
	if a.Digest, err = writeAdapter(j.Dir, spec.Job.Config, t.m, trained); err != nil {
		return lora.Artifact{}, fmt.Errorf("llama: writing the adapter: %w", err)
	}
	a.GGUF = filepath.Join(j.Dir, ggufName)
	return a, train.RemoveCheckpoint(j.Dir)
}

// Memory implements [lora.Sizer]: the bytes that a job takes beside the model's.
func (t *trainer) Memory(j lora.Job, d lora.Dataset) (int64, error) {
	_, done, err := t.m.lease(context.Background())
	if err != nil {
		return 0, err
	}
	defer done()
	spec, err := t.m.spec(j, d, t.o.Threads)
	if err != nil {
		return 0, err
	}
	return spec.Memory(), nil
}

// spec makes the Spec of a job that trains an adapter. It refuses a job that
// cannot be trained.
func (t *trainer) spec(j lora.Job, d lora.Dataset) (*train.Spec, error) {
	m := t.m
	spec, err := m.spec(j, d, t.o.Threads)
	if err != nil {
		return nil, err
	}
	if need := spec.Memory(); need > t.o.MaxMemory {
		return nil, fmt.Errorf("%w: the job takes %s, which is more than TrainerOptions.MaxMemory, %s; "+
			"lower its pass_tokens or rank, or leave out its longest examples", lora.ErrMemory,
			megabytes(need), megabytes(t.o.MaxMemory))
	}
	if j.Parent != "" {
		parent, _, err := readAdapter(j.Parent, &m.config, m.base())
		if err != nil {
			return nil, fmt.Errorf("llama: the parent adapter: %w", err)
		}
		spec.Start = parent
		if err := spec.CheckStart(); err != nil {
			return nil, err
		}
	}
	return spec, nil
}

// spec makes the Spec of a job, with its dataset as tokens.
func (m *Model) spec(j lora.Job, d lora.Dataset, threads int) (*train.Spec, error) {
	if err := j.Config.Validate(); err != nil {
		return nil, err
	}
	if j.Dir == "" {
		return nil, fmt.Errorf("%w: the job has no directory", lora.ErrConfig)
	}
	if j.Base != "" && j.Base != m.digest {
		return nil, fmt.Errorf("%w: the job is for %s, the model is %s", lora.ErrBase, j.Base, m.digest)
	}
	j.Config = j.Config.WithDefaults()
	spec := &train.Spec{Model: &m.config, Weights: &m.weights, Base: m.digest, Job: j, Threads: threads}
	for _, set := range []struct {
		name     string
		examples []lora.Example
		to       *[]train.Sequence
	}{{"training", d.Train, &spec.Train}, {"validation", d.Validation, &spec.Validation}} {
		for i, e := range set.examples {
			s, err := m.sequence(e)
			if err != nil {
				return nil, fmt.Errorf("%s example %d: %w", set.name, i, err)
			}
			*set.to = append(*set.to, s)
		}
	}
	return spec, spec.Check()
}

// writeAdapter writes an adapter's files. The configuration comes last and
// shows that the adapter is complete. It returns the digest of the PEFT file.
func writeAdapter(dir string, c lora.Config, m *Model, a *nn.Adapter) (digest string, err error) {
	var model, gguf bytes.Buffer
	if err := adapterfile.WriteModel(&model, &m.config, a, m.base()); err != nil {
		return "", err
	}
	if err := adapterfile.WriteGGUF(&gguf, &m.config, a, m.base()); err != nil {
		return "", err
	}
	conf, err := adapterfile.Config{
		Rank: c.Rank, Alpha: c.Alpha, Dropout: c.Dropout, RSLoRA: c.RSLoRA, Base: m.base(), Modules: c.Modules,
	}.Encode()
	if err != nil {
		return "", err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{adapterfile.ModelName, model.Bytes()}, {ggufName, gguf.Bytes()}, {adapterfile.ConfigName, conf}} {
		err := durable.WriteFile(filepath.Join(dir, f.name), 0o644, func(w io.Writer) error {
			_, err := w.Write(f.data)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	sum := sha256.Sum256(model.Bytes())
	return hex.EncodeToString(sum[:]), nil
}

// leases are the uses of a model's weights that its Close ends and waits for.
type leases struct {
	closing chan struct{}
	users   sync.WaitGroup
}

// lease keeps the weights mapped until done is called. The context ends when the
// model is closed.
func (m *Model) lease(ctx context.Context) (leased context.Context, done func(), err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, nil, ErrClosed
	}
	m.leases.users.Add(1)
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-m.leases.closing:
			cancel(ErrClosed)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil); m.leases.users.Done() }, nil
}
