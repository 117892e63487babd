package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

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

// mixture is what the base learns. It sees nothing else.
var mixture = []part{
	{"roman", 1, 0.4, false}, {"roman", 3, 0.4, false},
	{"text", 1, 0.4, false}, {"text", 2, 0.65, false}, {"text", 3, 0.4, false},
	{"sorting", 1, 0.7, false},
	{"dates", 1, 0.18, false}, {"clock", 1, 0.18, false}, {"units", 1, 0.18, false},
	{"arithmetic", 1, 1.3, false}, {"sequences", 1, 0.25, false}, {"clock", 2, 0.4, false}, {"dates", 2, 0.22, false},
	{"calls", 1, 0.2, false}, {"calls", 2, 0.17, false}, {"calls", 1, 0.13, true}, {"calls", 2, 0.13, true},
	{"calls", 3, 0.06, false}, {"calls", 3, 0.03, true}, {"countdown", 1, 0.35, false},
	{"forth", 1, 0.5, false}, {"forth", 2, 0.12, false}, {"forth", 4, 0.1, false},
}

// longer are longer or rarer forms of what the mixture has. The vocabulary is made from
// these, too; the weights are apart from those of late, so that what is learned last
// changes neither the vocabulary nor what is learned first.
var longer = []part{
	{"text", 4, 0.06, false}, {"roman", 2, 0.06, false}, {"roman", 4, 0.04, false}, {"units", 2, 0.03, false},
}

// late is added to the mixture for the last fifth of the steps: the longer forms, and
// more of what is then not known yet. By then the base knows the neighbours of the longer
// forms, and how many it sees says how much it half knows of them. Among the first steps
// the same number teaches nothing in one training and everything in another.
var late = []part{
	{"text", 4, 0.32, false}, {"roman", 2, 0.3, false}, {"roman", 4, 0.09, false}, {"units", 2, 0.11, false},
	{"calls", 1, 0.5, false}, {"sorting", 1, 0.4, false}, {"clock", 2, 0.8, false}, {"forth", 1, 0.3, false},
	{"arithmetic", 1, 0.2, false}, {"dates", 2, 0.2, false}, {"calls", 1, 0.5, true}, {"calls", 2, 0.1, true},
}

// example is one task, to be answered with its reference.
type example struct {
	part
	task   practice.Task
	result string // what the called function told, when that is to be passed on
}

// source draws examples, always the same for the same seed.
type source struct {
	suite *practice.Suite
	r     *rand.Rand
	pcg   *rand.PCG // of r
	also  []part    // added to the mixture
}

func newSource(seed uint64) (*source, error) {
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		return nil, err
	}
	pcg := rand.NewPCG(seed, 1)
	return &source{suite: suite, r: rand.New(pcg), pcg: pcg}, nil
}

// next draws an example of the mixture.
func (s *source) next() (example, error) {
	parts, sum := slices.Concat(mixture, s.also), 0.0
	for _, p := range parts {
		sum += p.weight
	}
	at := s.r.Float64() * sum
	i := 0
	for at -= parts[0].weight; at >= 0 && i < len(parts)-1; at -= parts[i].weight {
		i++
	}
	p := parts[i]
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
