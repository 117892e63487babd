package irt_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/internal/irt"
)

// anyEvidence draws families with cells, some of them nonsense.
func anyEvidence(t *rapid.T) []irt.Family {
	families := make([]irt.Family, rapid.IntRange(1, 4).Draw(t, "families"))
	for i := range families {
		f := &families[i]
		f.Levels = rapid.IntRange(1, 5).Draw(t, "levels")
		f.Guess = rapid.SampledFrom([]float64{0, 0.1, 0.5, -1, math.NaN()}).Draw(t, "guess")
		for range rapid.IntRange(0, 12).Draw(t, "cells") {
			n := rapid.Int64Range(-1, 30).Draw(t, "tries")
			f.Cells = append(f.Cells, irt.Cell{
				Level: rapid.IntRange(-1, 5).Draw(t, "level"), Day: rapid.IntRange(0, 40).Draw(t, "day"),
				Tries: n, Passes: rapid.Int64Range(-1, n+1).Draw(t, "passes"),
			})
		}
	}
	return families
}

func legal(i irt.Interval) bool {
	return 0 <= i.Low && i.Low <= i.Mean && i.Mean <= i.High && i.High <= 1
}

// TestPosteriorIsOrderFree shuffles the evidence and splits its counts: nothing
// may change, to the last bit.
func TestPosteriorIsOrderFree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		families := anyEvidence(t)
		p := irt.Fit(families, 40, nil)
		mixed := make([]irt.Family, len(families))
		for i, f := range families {
			mixed[i] = f
			mixed[i].Cells = nil
			for _, c := range rapid.Permutation(f.Cells).Draw(t, "order") {
				if c.Passes < 0 || c.Passes > c.Tries {
					mixed[i].Cells = append(mixed[i].Cells, c)
					continue
				}
				part := c
				part.Tries, part.Passes = c.Passes, c.Passes
				c.Tries, c.Passes = c.Tries-c.Passes, 0
				mixed[i].Cells = append(mixed[i].Cells, part, c)
			}
		}
		q := irt.Fit(mixed, 40, nil)
		if p.All() != q.All() {
			t.Fatalf("%v, in another order %v", p.All(), q.All())
		}
		for f := range families {
			if p.Family(f) != q.Family(f) || !legal(p.Family(f)) {
				t.Fatalf("family %d: %v, in another order %v", f, p.Family(f), q.Family(f))
			}
			for l := range families[f].Levels {
				if i := p.Level(f, l); i != q.Level(f, l) || !legal(i) {
					t.Fatalf("family %d level %d: %v, in another order %v", f, l, i, q.Level(f, l))
				}
			}
		}
	})
}

// TestAboveIsTheIntervalsOwn: what the interval says of its ends, Above says.
func TestAboveIsTheIntervalsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		families := anyEvidence(t)
		p := irt.Fit(families, 40+rapid.IntRange(0, 400).Draw(t, "later"), nil)
		for f := range families {
			for l := range families[f].Levels {
				i := p.Level(f, l)
				if i.High-i.Low < 1e-3 || i.Low == i.Mean || i.High == i.Mean || i.High > 1-1e-9 ||
					math.Abs(i.Low-families[f].Guess) < 1e-3 {
					continue // cut off to hold the mean, at the floor, where the probability jumps, or at numbers next to 1
				}
				if a, b := p.Above(f, l, i.Low), p.Above(f, l, i.High); math.Abs(a-0.975) > 1e-6 || math.Abs(b-0.025) > 1e-6 {
					t.Fatalf("family %d level %d, %v: above its ends with %v and %v", f, l, i, a, b)
				}
				if p.Above(f, l, -0.1) != 1 || p.Above(f, l, 1) != 0 {
					t.Fatalf("family %d level %d: a chance below 0 or above 1", f, l)
				}
			}
		}
	})
}

func TestCertaintyFades(t *testing.T) {
	f := []irt.Family{{Levels: 2, Cells: []irt.Cell{{Level: 0, Day: 3, Tries: 60, Passes: 57}, {Level: 1, Day: 5, Tries: 40, Passes: 20}}}}
	var before irt.Interval
	for i, age := range []int{0, 1, 7, 30, 90, 365, 3650} {
		p := irt.Fit(f, 5+age, nil)
		now := p.Family(0)
		if i > 0 && now.High-now.Low <= before.High-before.Low {
			t.Errorf("after %d days %v is no wider than %v", age, now, before)
		}
		if i > 0 && math.Abs(now.Mean-before.Mean) > 1e-12 {
			t.Errorf("after %d days the mean has moved from %v to %v", age, before.Mean, now.Mean)
		}
		before = now
	}
	if a, b := irt.Fit(f, 5, nil).Above(0, 0, 0.8), irt.Fit(f, 5+3650, nil).Above(0, 0, 0.8); a < 0.95 || b > 0.95 {
		t.Errorf("57 of 60 are above 0.8 with certainty %.3f, after ten years %.3f", a, b)
	}
}

func TestNewAnswersOutweighOldOnes(t *testing.T) {
	var cells []irt.Cell
	for d := range 20 {
		cells = append(cells, irt.Cell{Day: d, Tries: 20, Passes: 4})
	}
	for d := range 10 {
		cells = append(cells, irt.Cell{Day: 20 + d, Tries: 20, Passes: 18})
	}
	p := irt.Fit([]irt.Family{{Levels: 1, Cells: cells}}, 30, nil).Family(0)
	if p.High < 0.9 || p.Mean < 0.75 {
		t.Errorf("a learner who went from 0.2 to 0.9 ten days ago is at %v", p)
	}
}

func TestNothingIsKnownWithoutEvidence(t *testing.T) {
	p := irt.Fit([]irt.Family{{Levels: 3}}, 7, nil)
	for l := range 3 {
		if i := p.Level(0, l); i.High-i.Low < 0.9 {
			t.Errorf("level %d without any answer: %v", l, i)
		}
	}
	if p.Level(0, 2).Mean >= p.Level(0, 0).Mean {
		t.Errorf("level 3 is not expected to be harder than level 1: %v, %v", p.Level(0, 2), p.Level(0, 0))
	}
	if got := irt.Fit(nil, 0, nil).All(); got != (irt.Interval{}) {
		t.Errorf("no families: %v", got)
	}
}

func FuzzFit(f *testing.F) {
	f.Add(int64(3), int64(1), 0, int64(2), int64(2), 7, 0.1)
	f.Add(int64(math.MaxInt64), int64(-1), -1<<40, int64(math.MaxInt64), int64(math.MaxInt64), 1<<40, 1.0)
	f.Add(int64(1e9), int64(1e9), 3, int64(1e9), int64(0), 4, 0.999)
	f.Add(int64(1e9), int64(0), 3, int64(1e9), int64(0), 3, 1e-300)
	f.Fuzz(func(t *testing.T, n1, k1 int64, d1 int, n2, k2 int64, d2 int, guess float64) {
		families := []irt.Family{
			{Levels: 2, Guess: guess, Cells: []irt.Cell{{0, d1, n1, k1}, {1, d2, n2, k2}}},
			{Levels: 1, Cells: []irt.Cell{{0, d2, n1, k1}}},
		}
		p := irt.Fit(families, max(d1, d2), nil)
		for _, i := range []irt.Interval{p.All(), p.Family(0), p.Family(1), p.Level(0, 0), p.Level(0, 1)} {
			if !legal(i) {
				t.Fatalf("%v", i)
			}
		}
		if a := p.Above(0, 0, 0.8); !(a >= 0 && a <= 1) {
			t.Fatalf("a certainty of %v", a)
		}
	})
}

func BenchmarkFit(b *testing.B) {
	for _, days := range []int{10, 365} {
		b.Run(fmt.Sprintf("14 families, 5 levels, %d days", days), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			families := make([]irt.Family, 14)
			for i := range families {
				families[i].Levels, families[i].Guess = 5, float64(i%2)/4
				for l := range 5 {
					for d := range days {
						families[i].Cells = append(families[i].Cells, irt.Cell{Level: l, Day: d, Tries: 12, Passes: int64(r.IntN(13))})
					}
				}
			}
			for b.Loop() {
				irt.Fit(families, days, nil).All()
			}
		})
	}
}
