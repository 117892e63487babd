package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/pastime-go/pastime/internal/durable"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/safetensors"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// state is everything that changes while training.
type state struct {
	params *nn.Parameters
	opt    *nn.AdamW
	best   *nn.Parameters // the best by validation; nil without one
	progress
}

// progress is the part of the state that is not parameters.
type progress struct {
	Fingerprint string
	Step        int   // optimiser steps done
	Tokens      int64 // read by them
	Adam        int   // the optimiser's own count
	// Before is the validation loss at the start, Best the smallest, and Bad the
	// number of measurements in a row that were not smaller.
	Before, Best *float64
	Bad          int
	// EpochLoss sums the losses of this epoch's EpochSteps steps.
	EpochLoss  float64
	EpochSteps int
	// Pending is the last step until it has been measured and reported.
	Pending *lora.Step
	Stopped bool
}

const stateName, stateKey = "checkpoint.safetensors", "progress"

// save writes the state. A crash leaves the old state or the new one. It calls
// wait now and then, because writing may take long.
func (s *state) save(dir string, wait func()) error {
	s.Adam = s.opt.Steps
	text, err := json.Marshal(s.progress)
	if err != nil {
		return fmt.Errorf("lora: the checkpoint: %w", err)
	}
	var tensors []safetensors.Tensor
	for _, part := range s.parts() {
		for i, v := range part.values {
			name := fmt.Sprintf("%s.%d", part.name, i)
			tensors = append(tensors, safetensors.Tensor{Name: name, DType: "F32", Shape: []int{len(v)}, Data: bytesOf(v)})
		}
	}
	err = durable.WriteFile(filepath.Join(dir, stateName), 0o644, func(w io.Writer) error {
		return safetensors.Write(&pauser{w: w, wait: wait}, tensors, map[string]string{stateKey: string(text)})
	})
	if err != nil {
		return fmt.Errorf("lora: the checkpoint: %w", err)
	}
	return nil
}

// pauser is a writer that calls wait whenever it has written pausePiece bytes.
type pauser struct {
	w    io.Writer
	wait func()
	n    int
}

const pausePiece = 16 << 20

func (p *pauser) Write(data []byte) (written int, err error) {
	for len(data) > 0 && err == nil {
		if p.n >= pausePiece {
			p.wait()
			p.n = 0
		}
		var n int
		n, err = p.w.Write(data[:min(len(data), pausePiece-p.n)])
		written, p.n, data = written+n, p.n+n, data[n:]
	}
	return written, err
}

type part struct {
	name   string
	values [][]float32
}

func (s *state) parts() []part {
	values, _ := s.params.Values()
	parts := []part{{"value", values}, {"m1", s.opt.M1}, {"m2", s.opt.M2}}
	if s.best != nil {
		best, _ := s.best.Values()
		parts = append(parts, part{"best", best})
	}
	return parts
}

// restore reads a saved state, if there is one, into s, which has the right
// shape. The state must not have made more than steps steps.
func (s *state) restore(dir, fingerprint string, steps int) (err error) {
	path := filepath.Join(dir, stateName)
	file, err := safetensors.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("lora: the checkpoint: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var p progress
	if err := json.Unmarshal([]byte(file.Metadata[stateKey]), &p); err != nil {
		return fmt.Errorf("lora: the checkpoint %s: its progress: %w", path, err)
	}
	if p.Fingerprint != fingerprint {
		return fmt.Errorf("%w: %s is of another job, dataset or base; remove it to start anew", lora.ErrConfig, path)
	}
	if p.Step < 0 || p.Step > steps || p.Adam < 0 || p.Adam > p.Step {
		return fmt.Errorf("lora: the checkpoint %s: %d steps of %d, and %d of the optimiser", path, p.Step, steps, p.Adam)
	}
	if p.Best != nil {
		s.best = s.params.Zeros()
	}
	for _, part := range s.parts() {
		for i, v := range part.values {
			name := fmt.Sprintf("%s.%d", part.name, i)
			t, ok := file.Get(name)
			if !ok || t.DType != "F32" || len(t.Data) != 4*len(v) {
				return fmt.Errorf("lora: the checkpoint %s: tensor %q is not %d values of F32", path, name, len(v))
			}
			copy(bytesOf(v), t.Data)
		}
	}
	s.progress, s.opt.Steps = p, p.Adam
	return nil
}

func bytesOf(v []float32) []byte {
	m := tensor.FromFloats(1, len(v), v)
	return m.Data
}
