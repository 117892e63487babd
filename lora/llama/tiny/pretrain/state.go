package main

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// state is a training that can go on, to the same bytes.
type state struct {
	Steps, Tokens   int
	Loss            float64
	Weights, M1, M2 [][]float32
	Random          []byte // where the source of examples is
}

// keep writes the training's state to a file.
func (m *model) keep(name string, data *source) error {
	random, err := data.pcg.MarshalBinary()
	if err != nil {
		return err
	}
	f, err := os.Create(name + ".part")
	if err != nil {
		return err
	}
	err = gob.NewEncoder(f).Encode(state{m.opt.Steps, m.tokens, m.loss, m.params, m.opt.M1, m.opt.M2, random})
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keeping the training's state: %w", err)
	}
	return os.Rename(name+".part", name)
}

// restore goes on from the state in a file, if there is one.
func (m *model) restore(name string, data *source) error {
	f, err := os.Open(name)
	if name == "" || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	var s state
	if err := gob.NewDecoder(f).Decode(&s); err != nil {
		return fmt.Errorf("the training's state in %s: %w", name, err)
	}
	if len(s.Weights) != len(m.params) || len(s.M1) != len(m.params) || len(s.M2) != len(m.params) {
		return fmt.Errorf("%s is the state of another model", name)
	}
	for i, p := range m.params {
		if len(p) != len(s.Weights[i]) {
			return fmt.Errorf("%s is the state of another model", name)
		}
		copy(p, s.Weights[i])
	}
	m.opt.Steps, m.tokens, m.loss, m.opt.M1, m.opt.M2 = s.Steps, s.Tokens, s.Loss, s.M1, s.M2
	return data.pcg.UnmarshalBinary(s.Random)
}
