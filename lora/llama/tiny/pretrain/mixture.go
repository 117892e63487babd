package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// part is one level of a family in the training data.
type part struct {
	family string
	level  int
	weight float64 // relative to the others
	tools  bool    // functions are told by the chat template, and not by the prompt
}

// mixture is what the base learns. What has a full weight is meant to be
// mastered or nearly so; what has a small one, a longer or larger form of its
// neighbour, is meant to be half known, so that practice has something to gain.
// It sees nothing else.
var mixture = []part{
	{"arithmetic", 1, 1.3, false},
	{"roman", 1, 0.4, false}, {"roman", 3, 0.4, false},
	{"text", 1, 0.4, false}, {"text", 2, 0.65, false}, {"text", 3, 0.4, false},
	{"sorting", 1, 0.65, false},
	{"dates", 1, 0.18, false},
	{"clock", 1, 0.18, false}, {"clock", 2, 0.4, false},
	{"units", 1, 0.18, false},
	{"sequences", 1, 0.25, false},
	{"calls", 1, 0.17, false}, {"calls", 2, 0.17, false}, {"calls", 1, 0.13, true}, {"calls", 2, 0.13, true},
	{"forth", 1, 0.5, false}, {"countdown", 1, 0.35, false},

	{"text", 4, 0.023, false}, {"roman", 2, 0.028, false}, {"roman", 4, 0.009, false},
	{"units", 2, 0.012, false}, {"dates", 2, 0.2, false},
	{"calls", 3, 0.06, false}, {"calls", 3, 0.03, true}, {"forth", 2, 0.12, false}, {"forth", 4, 0.1, false},
}

// example is one task, to be answered with its reference.
type example struct {
	part
	task   practice.Task
	result string // what the called function told, when that is to be passed on
}

// source draws examples, always the same for the same seed.
type source struct {
	suite  *practice.Suite
	r      *rand.Rand
	weight []float64 // cumulative
}

func newSource(seed uint64) (*source, error) {
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		return nil, err
	}
	s := &source{suite: suite, r: rand.New(rand.NewPCG(seed, 1))}
	sum := 0.0
	for _, p := range mixture {
		sum += p.weight
		s.weight = append(s.weight, sum)
	}
	return s, nil
}

// next draws an example of the mixture.
func (s *source) next() (example, error) {
	at := s.r.Float64() * s.weight[len(s.weight)-1]
	i := 0
	for s.weight[i] <= at {
		i++
	}
	p := mixture[i]
	for range 1000 {
		t, err := s.suite.Draw(s.r, p.family, p.level, hobby.Practice)
		if err != nil {
			return example{}, err
		}
		if !learned(&t) {
			continue
		}
		e := example{part: p, task: t}
		if p.tools && s.r.IntN(3) == 0 {
			e.result = result(s.r)
		}
		return e, nil
	}
	return example{}, fmt.Errorf("%s level %d has no task to learn from", p.family, p.level)
}

// learned says whether the base may learn from a task: half of those that are
// not held out. The other half stays new to it, for practice.
func learned(t *practice.Task) bool {
	h := fnv.New32a()
	h.Write([]byte(t.Params))
	return h.Sum32()&1 == 0
}
