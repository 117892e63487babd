package irt_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pastime-go/pastime/internal/irt"
)

// host is one on which models differ less than they do anywhere: some families
// are hard for all, and steps are steep.
type host struct {
	ability float64
	first   []float64
	steps   [][]float64
}

const hostLevels = 4

func newHost(r *rand.Rand) host {
	h := host{ability: 1.2 * r.NormFloat64()}
	for range 6 {
		h.first = append(h.first, 1.2*r.NormFloat64())
		var s []float64
		for range hostLevels - 1 {
			s = append(s, -0.8+0.62*r.NormFloat64())
		}
		h.steps = append(h.steps, s)
	}
	return h
}

// model draws one of the host's models: its chances to pass and its answers.
// tries is how many there are at a level.
func (h *host) model(r *rand.Rand, tries func(f, l int) int64) (truth [][]float64, evidence []irt.Family) {
	ability := h.ability + 0.95*r.NormFloat64()
	for f := range h.first {
		x := ability + h.first[f] + 0.95*r.NormFloat64()
		var own []float64
		e := irt.Family{Levels: hostLevels}
		for l := range hostLevels {
			if l > 0 {
				x += h.steps[f][l-1] + 0.5*r.NormFloat64()
			}
			p := chance(0, x)
			own = append(own, p)
			if n := tries(f, l); n > 0 {
				e.Cells = append(e.Cells, irt.Cell{Level: l, Tries: n, Passes: binomial(r, n, p)})
			}
		}
		truth, evidence = append(truth, own), append(evidence, e)
	}
	return truth, evidence
}

// TestAPopulationInforms has hosts with six earlier models and a new one, of whom
// the first levels of two families are known, and asks about what it has not
// tried.
func TestAPopulationInforms(t *testing.T) {
	hosts := 100
	if *full {
		hosts = 2000
	}
	type score struct{ held, width, loss, n float64 }
	var with, without score
	for run := range hosts {
		r := rand.New(rand.NewPCG(uint64(run), 12))
		h := newHost(r)
		var earlier []irt.Learner
		for range 6 {
			_, e := h.model(r, func(int, int) int64 { return r.Int64N(40) })
			earlier = append(earlier, irt.Learner{Families: e, Frozen: true})
		}
		truth, own := h.model(r, func(f, l int) int64 {
			if f < 2 && l == 0 {
				return 12
			}
			return 0
		})
		for s, o := range map[*score]*irt.Options{
			&without: {Frozen: true}, &with: {Frozen: true, Population: irt.Learn(earlier)},
		} {
			p := irt.Fit(own, 0, o)
			for f := range truth {
				for l, c := range truth[f] {
					in := p.Level(f, l)
					if in.Low <= c && c <= in.High {
						s.held++
					}
					s.width += in.High - in.Low
					m := min(max(in.Mean, 1e-6), 1-1e-6)
					s.loss -= c*math.Log(m) + (1-c)*math.Log(1-m)
					s.n++
				}
			}
		}
	}
	for _, s := range []*score{&without, &with} {
		s.held, s.width, s.loss = s.held/s.n, s.width/s.n, s.loss/s.n
	}
	t.Logf("without: %.1f %% hold, %.3f wide, log loss %.4f", 100*without.held, without.width, without.loss)
	t.Logf("with six earlier models: %.1f %% hold, %.3f wide, log loss %.4f", 100*with.held, with.width, with.loss)
	slack := 0.0
	if !*full {
		slack = 0.02 // a host's levels go together
	}
	if with.held < modelRight.low-slack || with.held > modelRight.high+slack {
		t.Errorf("coverage %.4f, want %.2f to %.2f", with.held, modelRight.low, modelRight.high)
	}
	if with.loss >= without.loss || with.width >= without.width {
		t.Errorf("log loss %.4f and width %.3f, without the population %.4f and %.3f", with.loss, with.width, without.loss, without.width)
	}
}

// TestOneEarlierModelTellsNothing: a single learner is no population.
func TestOneEarlierModelTellsNothing(t *testing.T) {
	one := irt.Learner{Families: []irt.Family{{Levels: 2, Cells: []irt.Cell{{0, 0, 40, 40}}}}}
	for _, earlier := range [][]irt.Learner{nil, {one}, {one, {Families: []irt.Family{{Levels: 2}}}}} {
		if p := irt.Learn(earlier); p != nil {
			t.Errorf("from %d learners, of whom one answered: %+v", len(earlier), p)
		}
	}
	if irt.Learn([]irt.Learner{one, one}) == nil {
		t.Error("two learners are no population")
	}
}

func BenchmarkLearn(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	h := newHost(r)
	var earlier []irt.Learner
	for range 16 {
		_, e := h.model(r, func(int, int) int64 { return 40 })
		earlier = append(earlier, irt.Learner{Families: e, Frozen: true})
	}
	for b.Loop() {
		irt.Learn(earlier)
	}
}

// TestOthersTellThatPracticeHelps: after the same answers more is foretold of a learner
// whose predecessors gained by practice, unless it cannot change.
func TestOthersTellThatPracticeHelps(t *testing.T) {
	learners := func(passes ...int64) (all []irt.Learner) {
		for range 10 {
			f := irt.Family{Levels: 1}
			for day, k := range passes {
				f.Cells = append(f.Cells, irt.Cell{Day: day, Tries: 20, Passes: k})
			}
			all = append(all, irt.Learner{Families: []irt.Family{f}})
		}
		return all
	}
	gained, stayed := irt.Learn(learners(5, 8, 10, 12, 13, 13)), irt.Learn(learners(10, 10, 11, 10, 10, 10))
	own := []irt.Family{{Levels: 1, Cells: []irt.Cell{{Tries: 20, Passes: 8}}}}
	tell := func(p *irt.Population, frozen bool) float64 {
		return irt.Fit(own, 0, &irt.Options{Population: p, Frozen: frozen}).Level(0, 0).Mean
	}
	if more := tell(gained, false) - tell(gained, true); more < 0.03 {
		t.Errorf("%.3f more than of one that cannot change, want at least 0.03", more)
	}
	if more := tell(stayed, false) - tell(stayed, true); more > 0.01 || more < -0.01 {
		t.Errorf("%.3f more than of one that cannot change, where nobody gained", more)
	}
}
