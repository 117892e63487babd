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
}

// mixture is what the base learns. What has a full weight is meant to be
// mastered or nearly so; what has a small one, a longer or larger form of its
// neighbour, is meant to be half known, so that practice has something to gain.
// It sees nothing else.
var mixture = []part{
	{"arithmetic", 1, 1.2},
	{"roman", 1, 0.5}, {"roman", 3, 0.5},
	{"text", 1, 0.4}, {"text", 2, 0.8}, {"text", 3, 0.4},
	{"sorting", 1, 0.8},
	{"counting", 3, 0.4},
	{"dates", 1, 0.2},
	{"clock", 1, 0.2}, {"clock", 2, 0.7},
	{"units", 1, 0.2},
	{"sequences", 1, 0.5},

	{"text", 4, 0.02}, {"roman", 2, 0.02}, {"roman", 4, 0.02}, {"sorting", 2, 0.1},
	{"arithmetic", 2, 0.1}, {"clock", 3, 0.15}, {"dates", 2, 0.2},
}

// learnedFrom is a family in the version that the shipped weights learned from.
// Version 2 of counting asks in the same words, but holds other tasks out.
type learnedFrom struct{ practice.Family }

func (f learnedFrom) Info() hobby.Family {
	info := f.Family.Info()
	if info.Name == "counting" {
		info.Version = 1
	}
	return info
}

// example is one task, to be answered with its reference.
type example struct {
	part
	task practice.Task
}

// source draws examples, always the same for the same seed.
type source struct {
	suite  *practice.Suite
	r      *rand.Rand
	weight []float64 // cumulative
}

func newSource(seed uint64) (*source, error) {
	families := practice.Families()
	for i := range families {
		families[i] = learnedFrom{families[i]}
	}
	suite, err := practice.NewSuite(families...)
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
		if learned(&t) {
			return example{p, t}, nil
		}
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
