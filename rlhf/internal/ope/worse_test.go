package ope

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestWorseIsFair has two decisions of any policies, each with any model of what is expected, the second one's policy
// by what came of the first. It goes through all that can come of them. Where the target is better or as good, the
// e-value is at most 1 on average; where it is worse at both, it is above.
func TestWorseIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		actions := rapid.IntRange(2, 3).Draw(t, "actions")
		dist := func(what string, least float64) []float64 {
			p, sum := make([]float64, actions), 0.0
			for a := range p {
				p[a] = rapid.Float64Range(least, 1).Draw(t, what)
				sum += p[a]
			}
			for a := range p {
				p[a] /= sum
			}
			return p
		}
		rewards := []float64{1, 5} // the ends are the hardest
		high := dist("chance of five stars", 0.01)
		// choices are the target's, first, and after what came of the first.
		type choice struct{ target, base, model []float64 }
		draw := func() (c choice) {
			c = choice{dist("target", 0.05), dist("base", 0.01), make([]float64, actions)}
			for a := range c.model {
				c.model[a] = rapid.Float64Range(1, 5).Draw(t, "model")
			}
			return c
		}
		lift := func(c *choice) (d float64) {
			for a := range high {
				d += (c.target[a] - c.base[a]) * (1 + 4*high[a])
			}
			return d
		}
		chance := func(c *choice, a int, r float64) float64 {
			if r == 5 {
				return c.target[a] * high[a]
			}
			return c.target[a] * (1 - high[a])
		}
		row := func(c *choice, a int, r float64) Row {
			return Row{Action: a, Logged: c.target[a], Reward: r, Target: c.target, Base: c.base, Model: c.model}
		}
		first, good, bad := draw(), draw(), draw()
		least, most := math.Inf(1), math.Inf(-1)
		for _, c := range []*choice{&first, &good, &bad} {
			least, most = min(least, lift(c)), max(most, lift(c))
		}
		begins := rapid.SampledFrom([][]int{{0}, {0, 1}, {0, 0, 1, 2}, {-1, 1}}).Draw(t, "begins")
		mean := 0.0
		for a := range actions {
			for _, r := range rewards {
				then := &good
				if r == 1 {
					then = &bad
				}
				for b := range actions {
					for _, s := range rewards {
						logE, _ := Worse([]Row{row(&first, a, r), row(then, b, s)}, begins, 1, 5)
						mean += chance(&first, a, r) * chance(then, b, s) * math.Exp(logE)
					}
				}
			}
		}
		if least >= 0 && mean > 1+1e-9 {
			t.Errorf("no choice is worse, by %.3f stars at least, and the e-value is %.6f on average", least, mean)
		}
		if most < -1e-3 && begins[0] == 0 && mean <= 1 {
			t.Errorf("each choice is worse, by %.3f stars at least, and the e-value is %.6f on average", -most, mean)
		}
	})
}

// TestWorseLosesWhatIsNotKnown has a bet whose decisions are not all known: it is worth nothing, and a later one is.
func TestWorseLosesWhatIsNotKnown(t *testing.T) {
	r := Row{Action: 0, Logged: 0.9, Reward: 1, Target: []float64{0.9, 0.1}, Base: []float64{0.5, 0.5}, Model: []float64{4, 2}}
	rows := []Row{r, r, r, r, r, r}
	all, from := Worse(rows, []int{0, 3}, 1, 5)
	late, then := Worse(rows, []int{-1, 3}, 1, 5)
	if from != 0 || then != 3 || !(late < all) {
		t.Errorf("from %d an e-value of %.3f, from %d one of %.3f; want 0, 3, and less", from, math.Exp(all), then, math.Exp(late))
	}
	if e, _ := Worse(nil, nil, 1, 5); e != 0 {
		t.Errorf("of nothing the logarithm of the e-value is %v", e)
	}
	if e, _ := Worse(nil, []int{-1}, 1, 5); math.Abs(math.Exp(e)-0.5) > 1e-12 {
		t.Errorf("of a bet that is lost the e-value is %v, want a half", math.Exp(e))
	}
}
