package peft

import (
	"context"
	"crypto/sha256"
	_ "embed" // the script
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/durable"
	"github.com/pastime-go/pastime/lora"
)

//go:embed train.py
var script []byte

// Options are the choices of New. Nil and the zero value are legal.
type Options struct {
	// Command starts the script. Default {"python3"}; for several processors
	// {"accelerate", "launch", "--num_processes", "4"}.
	Command []string
	// Script is the path of another script. Default: the one of this package.
	Script string
	// Env is added to this process's environment.
	Env []string
	// Base is the digest of the base model, such as the one that a server tells.
	// Default: that of the model's weights and configuration, when it is a directory.
	Base string
	// Silence is how long the script may take between two lines. Default 10 minutes.
	Silence time.Duration
	// Grace is how long it may take to end after it was told to. Default 30 seconds.
	Grace time.Duration
}

// New makes a trainer of adapters for a model: a directory of Hugging Face's, or a name
// that transformers finds, for which Options.Base must be set. Its jobs run one after
// the other.
func New(model string, o *Options) (lora.Trainer, error) {
	t := &trainer{model: model, turn: make(chan struct{}, 1)}
	if o != nil {
		t.o = *o
	}
	if len(t.o.Command) == 0 {
		t.o.Command = []string{"python3"}
	}
	if t.o.Silence <= 0 {
		t.o.Silence = 10 * time.Minute
	}
	if t.o.Grace <= 0 {
		t.o.Grace = 30 * time.Second
	}
	if t.o.Base == "" {
		var err error
		if t.o.Base, err = digestOf(model); err != nil {
			return nil, fmt.Errorf("peft: the base model: %w", err)
		}
	}
	return t, nil
}

// digestOf hashes the weights and the configuration of a model's directory.
func digestOf(model string) (string, error) {
	files, err := fs.Glob(os.DirFS(model), "*.safetensors")
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("%w: %s has no weights in safetensors; set Options.Base for a model that is elsewhere", lora.ErrConfig, model)
	}
	slices.Sort(files)
	h := sha256.New()
	for _, name := range append(files, "config.json") {
		sum, err := fileDigest(filepath.Join(model, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %s\n", name, sum)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func fileDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

const (
	adapterModel  = "adapter_model.safetensors"
	adapterConfig = "adapter_config.json"
	// recordName is what this package knows of an adapter, beside it.
	recordName = "pastime.json"
	// workName is the folder of the checkpoint.
	workName = "training"
)

// record says what an adapter is.
type record struct {
	Fingerprint string        `json:"fingerprint"`
	Artifact    lora.Artifact `json:"artifact"`
}

// job is what the script is given.
type job struct {
	Model       string      `json:"model"`
	Parent      string      `json:"parent,omitempty"`
	Work        string      `json:"work"`
	Fingerprint string      `json:"fingerprint"`
	Config      lora.Config `json:"config"`
	Data        data        `json:"data"`
}

type data struct {
	Train      []lora.Example `json:"train"`
	Validation []lora.Example `json:"validation"`
}

type trainer struct {
	model string
	o     Options
	turn  chan struct{}
}

// Train implements [lora.Trainer]. A job that is finished already is not trained again.
func (t *trainer) Train(ctx context.Context, j lora.Job, d lora.Dataset, report func(lora.Step)) (lora.Artifact, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return lora.Artifact{}, context.Cause(ctx)
	}
	what, err := t.job(j, d)
	if err != nil {
		return lora.Artifact{}, err
	}
	if done, err := finished(j.Dir, what.Fingerprint); err != nil || done != nil {
		if err != nil {
			return lora.Artifact{}, err
		}
		return done.Artifact, nil
	}
	if ctx.Err() != nil {
		return lora.Artifact{}, context.Cause(ctx)
	}
	a, err := t.run(ctx, j, what, report)
	if err != nil {
		return lora.Artifact{}, err
	}
	a.Dir, a.Base = j.Dir, t.o.Base
	if err := install(j.Dir, what, &a); err != nil {
		return lora.Artifact{}, fmt.Errorf("peft: the trained adapter: %w", err)
	}
	return a, nil
}

// job checks a job as far as that needs no tokenizer.
func (t *trainer) job(j lora.Job, d lora.Dataset) (*job, error) {
	if err := j.Config.Validate(); err != nil {
		return nil, err
	}
	switch {
	case j.Dir == "":
		return nil, fmt.Errorf("%w: the job has no directory", lora.ErrConfig)
	case j.Base != "" && j.Base != t.o.Base:
		return nil, fmt.Errorf("%w: the job is for %s, the model is %s", lora.ErrBase, j.Base, t.o.Base)
	case len(d.Train) == 0:
		return nil, lora.ErrEmpty
	}
	for _, set := range [][]lora.Example{d.Train, d.Validation} {
		for i, e := range set {
			switch {
			case len(e.Messages) == 0 || e.Completion == "":
				return nil, fmt.Errorf("%w: example %d has no prompt or no completion", lora.ErrEmpty, i)
			case e.Messages[len(e.Messages)-1].Role == hobby.RoleAssistant:
				return nil, fmt.Errorf("%w: the prompt of example %d ends with the assistant's turn", lora.ErrConfig, i)
			}
		}
	}
	c := j.Config.WithDefaults()
	parent, err := t.parent(j.Parent, &c)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(j.Dir)
	if err != nil {
		return nil, err
	}
	what := &job{Model: t.model, Parent: j.Parent, Work: filepath.Join(dir, workName), Config: c, Data: data(d)}
	text, err := json.Marshal([]any{t.o.Base, parent, c, what.Data})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", lora.ErrConfig, err)
	}
	sum := sha256.Sum256(text)
	what.Fingerprint = hex.EncodeToString(sum[:])
	return what, nil
}

// parent checks the adapter that a job goes on from, and returns its digest.
func (t *trainer) parent(dir string, c *lora.Config) (string, error) {
	if dir == "" {
		return "", nil
	}
	had, err := shapeOf(dir)
	if err != nil {
		return "", fmt.Errorf("peft: the parent adapter: %w", err)
	}
	var r record
	text, err := os.ReadFile(filepath.Join(dir, recordName))
	if err == nil && json.Unmarshal(text, &r) == nil && r.Artifact.Base != t.o.Base {
		return "", fmt.Errorf("%w: the parent adapter is for %s, the model is %s", lora.ErrBase, r.Artifact.Base, t.o.Base)
	}
	if want := (shape{c.Rank, c.Alpha}); had != want {
		return "", fmt.Errorf("%w: the parent has rank %d and alpha %v, the job %d and %v",
			lora.ErrConfig, had.Rank, had.Alpha, want.Rank, want.Alpha)
	}
	digest, err := fileDigest(filepath.Join(dir, adapterModel))
	if err != nil {
		return "", fmt.Errorf("peft: the parent adapter: %w", err)
	}
	return digest, nil
}

// shape is what the configuration of an adapter says of its matrices.
type shape struct {
	Rank  int     `json:"r"`
	Alpha float64 `json:"lora_alpha"`
}

func shapeOf(dir string) (s shape, err error) {
	f, err := os.Open(filepath.Join(dir, adapterConfig))
	if err != nil {
		return s, err
	}
	defer f.Close()
	err = json.NewDecoder(io.LimitReader(f, 1<<20)).Decode(&s)
	return s, err
}

// finished reads what the directory of a job has: nil for nothing that is complete. What
// another job left there is refused.
func finished(dir, fingerprint string) (*record, error) {
	text, err := os.ReadFile(filepath.Join(dir, workName, "fingerprint"))
	if err == nil && string(text) != fingerprint {
		return nil, fmt.Errorf("%w: %s has the checkpoint of another job, dataset or base; remove it to start anew", lora.ErrConfig, dir)
	}
	if _, err := os.Stat(filepath.Join(dir, adapterConfig)); err != nil {
		return nil, nil
	}
	var r record
	if text, err = os.ReadFile(filepath.Join(dir, recordName)); err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil || r.Fingerprint != fingerprint {
		return nil, fmt.Errorf("%w: %s has the adapter of another job, dataset or base; remove it to start anew", lora.ErrConfig, dir)
	}
	if digest, err := fileDigest(filepath.Join(dir, adapterModel)); err != nil || digest != r.Artifact.Digest {
		return nil, fmt.Errorf("%w: the adapter in %s was changed", lora.ErrConfig, dir)
	}
	r.Artifact.Dir, r.Artifact.GGUF = dir, ""
	return &r, nil
}

// install moves the adapter out of the work folder. Its configuration comes last and
// shows that it is complete.
func install(dir string, what *job, a *lora.Artifact) (err error) {
	final := filepath.Join(what.Work, "final")
	if a.Digest, err = fileDigest(filepath.Join(final, adapterModel)); err != nil {
		return err
	}
	got, err := shapeOf(final)
	if err != nil {
		return err
	}
	if want := (shape{what.Config.Rank, what.Config.Alpha}); got != want {
		return fmt.Errorf("its rank is %d and its alpha %v, and %d and %v were asked for", got.Rank, got.Alpha, want.Rank, want.Alpha)
	}
	text, err := json.MarshalIndent(record{what.Fingerprint, *a}, "", "  ")
	if err != nil {
		return err
	}
	for _, name := range []string{adapterModel, recordName, adapterConfig} {
		err := durable.WriteFile(filepath.Join(dir, name), 0o644, func(w io.Writer) error {
			if name == recordName {
				_, err := w.Write(append(text, '\n'))
				return err
			}
			from, err := os.Open(filepath.Join(final, name))
			if err != nil {
				return err
			}
			defer from.Close()
			_, err = io.Copy(w, from)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := os.RemoveAll(what.Work); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
