package practice

import (
	"fmt"
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby"
)

// Deck deals the tasks of one level and split, each once.
type Deck struct {
	suite *Suite
	level hobby.Level
	split hobby.Split
	dealt map[string]bool // by parameters
	dry   bool
}

// Deck makes a deck of which nothing is dealt. An unknown family or level is
// hobby.ErrInvalid.
func (s *Suite) Deck(l hobby.Level, split hobby.Split) (*Deck, error) {
	if _, err := s.Task(l.Family, l.Level, 0); err != nil {
		return nil, err
	}
	if split != hobby.Practice && split != hobby.HeldOut {
		return nil, fmt.Errorf("practice: %w: the split %q", hobby.ErrInvalid, split)
	}
	return &Deck{suite: s, level: l, split: split, dealt: map[string]bool{}}, nil
}

// Dealt is how many tasks were dealt.
func (d *Deck) Dealt() int { return len(d.dealt) }

// Next deals a task, with a seed that r draws; false when the level has no more. One
// task of a level of n that are equally likely is overlooked with a chance below n
// times 1e-8.
func (d *Deck) Next(r *rand.Rand) (Task, bool) {
	if d.dry {
		return Task{}, false
	}
	// Of n tasks that are held out, 5n in all, each seed makes the last one with a
	// chance of 1 in 5n, and misses it 100n times with one of e^-20.
	for range 1000 + 100*len(d.dealt) {
		t, err := d.suite.Task(d.level.Family, d.level.Level, r.Uint64())
		if err != nil {
			return Task{}, false // the level is there, see Suite.Deck
		}
		if t.Split == d.split && !d.dealt[t.Params] {
			d.dealt[t.Params] = true
			return t, true
		}
	}
	d.dry = true
	return Task{}, false
}
