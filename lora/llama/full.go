package llama

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pastime-go/pastime/internal/durable"
	"github.com/pastime-go/pastime/internal/mmap"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/checkpoint"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
	"github.com/pastime-go/pastime/lora/llama/internal/train"
)

// FullTrain trains all weights of the model, where [Model.Trainer] trains a small
// adapter beside them. It makes a new model: j.Dir, which must not exist, becomes
// a directory of Hugging Face's that [Open] reads, with this model's
// configuration, tokenizer and chat template and the new weights in float32. This
// model must come from such a directory itself. It does not change, nor do its
// files, and it can answer meanwhile.
//
// It is for small models. Beside the model's own files, training takes 16 bytes of
// memory for each weight: itself in float32, its gradient and the optimiser's two
// moments. A validation set takes 4 more, for the best weights so far. A job that
// needs more than o allows is refused with [lora.ErrMemory] before anything is
// allocated.
//
// It behaves like a [lora.Trainer], with these differences. In j.Config, Rank,
// Alpha, RSLoRA, Dropout and Modules must be zero, and j.Parent must be empty:
// they apply to adapters, and are refused with [lora.ErrConfig]. WeightDecay does
// not apply to norms. Examples to replay are learned like the others. The
// artifact's Digest is the new model's, and its Base is this model's.
//
// During training, j.Dir does not exist. The directory beside it with ".training"
// after its name has the checkpoints, of 12 or 16 bytes for each weight, and the
// new model, which is renamed to j.Dir when it is complete. After ctx has ended, or
// after a crash, the same call goes on from there. Remove that directory to give
// the job up.
func (m *Model) FullTrain(
	ctx context.Context, j lora.Job, d lora.Dataset, report func(lora.Step), o *TrainerOptions,
) (lora.Artifact, error) {
	ctx, done, err := m.lease(ctx)
	if err != nil {
		return lora.Artifact{}, err
	}
	defer done()
	spec, err := m.fullSpec(j, d, o.withDefaults())
	if err != nil {
		return lora.Artifact{}, err
	}
	if ctx.Err() != nil {
		return lora.Artifact{}, context.Cause(ctx)
	}
	var trained *nn.Parameters
	var a lora.Artifact
	err = mmap.Guard(func() (err error) {
		trained, a, err = train.RunParameters(ctx, spec, report)
		return err
	})
	if err != nil {
		return lora.Artifact{}, err
	}
	work := spec.Job.Dir
	err = durable.NewDir(j.Dir, filepath.Join(work, "model"), func(dir string) (err error) {
		a.Digest, err = m.writeModel(ctx, dir, trained.Weights)
		return err
	})
	if err != nil {
		return lora.Artifact{}, fmt.Errorf("llama: writing the trained model: %w", err)
	}
	a.Dir = j.Dir
	if err := os.RemoveAll(work); err != nil {
		return a, fmt.Errorf("llama: the trained model is complete; its checkpoint: %w", err)
	}
	return a, nil
}

// fullSpec makes the Spec of a job that trains all weights. Its directory is
// the working directory. It refuses a job that cannot be trained.
func (m *Model) fullSpec(j lora.Job, d lora.Dataset, o TrainerOptions) (*train.Spec, error) {
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"rank", j.Config.Rank != 0}, {"alpha", j.Config.Alpha != 0}, {"rslora", j.Config.RSLoRA}, {"dropout", j.Config.Dropout != 0},
		{"modules", j.Config.Modules != nil}, {"a parent", j.Parent != ""},
	} {
		if f.set {
			return nil, fmt.Errorf("%w: %s is of an adapter, and full training has none", lora.ErrConfig, f.name)
		}
	}
	if m.files == nil {
		return nil, fmt.Errorf("%w: the new model needs a tokenizer.json, and this one is not from a directory of Hugging Face's", lora.ErrConfig)
	}
	spec, err := m.spec(j, d, o.Threads)
	if err != nil {
		return nil, err
	}
	switch _, err := os.Lstat(j.Dir); {
	case err == nil:
		return nil, fmt.Errorf("%w: %s exists; full training makes a new directory", lora.ErrConfig, j.Dir)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: the job's directory: %w", lora.ErrConfig, err)
	}
	spec.Full, spec.Job.Dir = true, filepath.Clean(j.Dir)+".training"
	for i := range spec.Train {
		spec.Train[i].Replay = false
	}
	for i := range spec.Validation {
		spec.Validation[i].Replay = false
	}
	if need := spec.Memory(); need > o.MaxMemory {
		params, best := spec.ParameterMemory(), ""
		if len(spec.Validation) > 0 {
			best = " and the best so far"
		}
		return nil, fmt.Errorf("%w: full training takes %s, which is more than TrainerOptions.MaxMemory, %s: "+
			"%s for %d weights in float32, their gradients, two moments of each%s; %s for passes of pass_tokens", lora.ErrMemory,
			megabytes(need), megabytes(o.MaxMemory), megabytes(params), m.weights.Count(), best, megabytes(need-params))
	}
	return spec, nil
}

// writeModel writes the model's files and weights in F32 to a directory. It
// opens the result as a model and returns its digest.
func (m *Model) writeModel(ctx context.Context, dir string, w *nn.Weights) (digest string, err error) {
	files, err := checkpoint.FilesF32(m.files)
	if err != nil {
		return "", err
	}
	for name, data := range files {
		if err := durable.WriteFile(filepath.Join(dir, name), 0o644, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		}); err != nil {
			return "", err
		}
	}
	if err := durable.WriteFile(filepath.Join(dir, checkpoint.WeightsName), 0o644, func(out io.Writer) error {
		return checkpoint.WriteWeights(out, w, tensor.F32)
	}); err != nil {
		return "", err
	}
	c, err := checkpoint.Open(ctx, dir)
	if err != nil {
		return "", err
	}
	return c.Digest, c.Close()
}
