package irt_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/internal/irt"
)

// The grid of abilities over which the answers of one day are summed.
const (
	dayStep = 0.25
	daySize = 81
)

func dayAt(i int) float64 { return dayStep * float64(i-daySize/2) }

// stepTo is the chance of a step from one ability on the grid to another, by their
// distance.
func stepTo(mean, sd float64) (p [2*daySize - 1]float64) {
	for d := range p {
		p[d] = math.Exp(-sq((dayStep*float64(d-daySize+1)-mean)/sd)/2) / sd * dayStep / math.Sqrt(2*math.Pi)
	}
	return p
}

var firstStep, nextStep = stepTo(0, 1.5), stepTo(-0.8, 0.8)

// likelihood is that of a family's answers at each ability of the kind, and of
// one more pass at a level without luck, when level is not negative.
func likelihood(f *irt.Family, guess, luck float64, level int) (after [daySize]float64) {
	for i := range after {
		after[i] = 1
	}
	cells := make([]irt.Cell, f.Levels)
	for _, c := range f.Cells {
		cells[c.Level] = c
	}
	for l := f.Levels - 1; l >= 0; l-- {
		n, k := float64(cells[l].Tries), float64(cells[l].Passes)
		for i := range after {
			if n > 0 {
				p := chance(guess, dayAt(i)+luck)
				after[i] *= math.Exp(k*math.Log(p) + (n-k)*math.Log(1-p))
			}
			if l == level {
				after[i] *= chance(guess, dayAt(i))
			}
		}
		kernel := &nextStep
		if l == 0 {
			kernel = &firstStep
		}
		var before [daySize]float64
		for i := range before {
			for j, v := range after {
				before[i] += kernel[j-i+daySize-1] * v
			}
		}
		after = before
	}
	return after
}

// marginal is the likelihood of the answers of one day, whose luck of variance t
// each family has for itself, and of one more pass at a level of family f.
func marginal(families []irt.Family, t float64, f, level int) float64 {
	all := firstStep
	sum := 0.0
	for g := range families {
		var own [daySize]float64
		at := -1
		if g == f {
			at = level
		}
		add := func(guess, share float64) {
			for z := -4.0; z <= 4; z += 0.5 {
				w := share * math.Exp(-z*z/2) / math.Sqrt(8*math.Pi)
				if t == 0 {
					w, z = share, 4
				}
				for i, v := range likelihood(&families[g], guess, math.Sqrt(t)*z, at) {
					own[i] += w * v
				}
			}
		}
		if c := families[g].Guess; c > 0 {
			add(c, 0.9)
			add(0, 0.1)
		} else {
			add(0, 1)
		}
		for i := range own {
			all[i+daySize/2] *= own[i]
		}
	}
	for i := range daySize {
		sum += all[i+daySize/2]
	}
	return sum
}

// exactMean is the exact posterior mean of the chance at a level: how likely one
// more pass is.
func exactMean(families []irt.Family, f, level int) float64 {
	with, without := 0.0, 0.0
	for j, t := range luckValues {
		with += luckChances[j] * marginal(families, t, f, level)
		without += luckChances[j] * marginal(families, t, -1, -1)
	}
	return with / without
}

// TestAgainstExactPosteriorsOfADay compares the means of levels, practised or not,
// with exact ones: over learners from the prior, with one day's answers to up to
// three families of up to five levels, one floor in ten of which is not as told.
func TestAgainstExactPosteriorsOfADay(t *testing.T) {
	learners := 40
	if *full {
		learners = 1000
	}
	var off []float64
	for run := range learners {
		r := rand.New(rand.NewPCG(uint64(run), 78))
		families := make([]irt.Family, 1+r.IntN(3))
		ability, luck := 1.5*r.NormFloat64(), math.Sqrt(priorLuck(r))
		for f := range families {
			e := &families[f]
			*e = irt.Family{Levels: 1 + r.IntN(5), Guess: floors(r)}
			x, today, guess := ability+1.5*r.NormFloat64(), luck*r.NormFloat64(), e.Guess
			if r.IntN(10) == 0 {
				guess = 0
			}
			for l := range e.Levels {
				if l > 0 {
					x += -0.8 + 0.8*r.NormFloat64()
				}
				if n := r.Int64N(41); r.IntN(3) > 0 {
					e.Cells = append(e.Cells, irt.Cell{Level: l, Tries: n, Passes: binomial(r, n, chance(guess, x+today))})
				}
			}
		}
		p := irt.Fit(families, 0, &irt.Options{Frozen: true})
		f := r.IntN(len(families))
		l := r.IntN(families[f].Levels)
		off = append(off, math.Abs(p.Level(f, l).Mean-exactMean(families, f, l)))
	}
	slices.Sort(off)
	n := len(off)
	t.Logf("off by %.4f (median), %.4f (19 of 20), %.4f (99 of 100), %.4f (most)", off[n/2], off[n*19/20], off[n*99/100], off[n-1])
	if off[n/2] > 0.005 || off[n*19/20] > 0.03 {
		t.Errorf("off by %.4f (median) and %.4f (19 of 20), want at most 0.005 and 0.03", off[n/2], off[n*19/20])
	}
}
