// Package peopletest simulates people who rate what an agent practises. Their tastes are
// hidden: a test asks them for ratings, and compares what was learned with the truth.
package peopletest

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Rules are how people are drawn. Numbers are in stars.
type Rules struct {
	People, Kinds, Levels int
	// Shared and Own are the standard deviations of the taste that all have and of each
	// one's own, for each kind and level. Bias is that of a rater's mean.
	Shared, Own, Bias float64
	// Scale is the range of what multiplies a rater's taste.
	Scale [2]float64
	// Noise is the standard deviation of a rating, and Absent the chance of none.
	Noise, Absent float64
	// OfKind in [0, 1] is the share of the tastes' variance that a kind's levels have in
	// common.
	OfKind float64
	// Rank, unless 0, is of how many factors the own tastes are made: each is something
	// that kinds and levels have more or less of, and that a person likes more or less.
	Rank int
}

// Standard are 20 people who rate 12 kinds of 4 levels around 3 stars.
func Standard() Rules {
	return Rules{People: 20, Kinds: 12, Levels: 4, Shared: 1, Own: 0.5, Bias: 0.5, Scale: [2]float64{0.7, 1.3}, Noise: 0.8, Absent: 0.3}
}

// Cell is a kind and a level, from 0.
type Cell struct{ Kind, Level int }

// Name is that of the kind.
func (c Cell) Name() string { return fmt.Sprintf("kind%02d", c.Kind) }

// People are simulated people.
type People struct {
	Rules
	rng         *rand.Rand
	shared      []float64
	own         [][]float64
	bias, scale []float64
}

// New draws people.
func New(r Rules, seed uint64) *People {
	p := &People{Rules: r, rng: rand.New(rand.NewPCG(seed, 0xfeed))}
	for range r.People {
		p.bias = append(p.bias, r.Bias*p.rng.NormFloat64())
		p.scale = append(p.scale, r.Scale[0]+(r.Scale[1]-r.Scale[0])*p.rng.Float64())
	}
	p.Change()
	return p
}

// Change gives all of them other tastes.
func (p *People) Change() {
	p.shared = p.tastes(p.Shared)
	p.own = nil
	for range p.People {
		own := make([]float64, len(p.shared))
		if p.Rank == 0 {
			own = p.tastes(p.Own)
		}
		p.own = append(p.own, own)
	}
	for range p.Rank {
		has := p.tastes(p.Own / math.Sqrt(float64(p.Rank)))
		for _, own := range p.own {
			likes := p.rng.NormFloat64()
			for i := range own {
				own[i] += likes * has[i]
			}
		}
	}
}

// Agree gives each the mean of all own tastes in the place of the own one.
func (p *People) Agree() {
	mean := make([]float64, len(p.shared))
	for _, own := range p.own {
		for i, x := range own {
			mean[i] += x / float64(len(p.own))
		}
	}
	for who := range p.own {
		p.own[who] = mean
	}
}

func (p *People) tastes(sd float64) (t []float64) {
	for range p.Kinds {
		kind := p.rng.NormFloat64() * math.Sqrt(p.OfKind)
		for range p.Levels {
			t = append(t, sd*(kind+math.Sqrt(1-p.OfKind)*p.rng.NormFloat64()))
		}
	}
	return t
}

// Cells are all kinds and levels.
func (p *People) Cells() (cs []Cell) {
	for k := range p.Kinds {
		for l := range p.Levels {
			cs = append(cs, Cell{k, l})
		}
	}
	return cs
}

func (p *People) index(c Cell) int { return c.Kind*p.Levels + c.Level }

// mean is what a person thinks of a cell, before noise.
func (p *People) mean(person int, c Cell) float64 {
	i := p.index(c)
	return 3 + p.bias[person] + p.scale[person]*(p.shared[i]+p.own[person][i])
}

// Rate asks a person for 1 to 5 stars; false when the person is absent.
func (p *People) Rate(person int, c Cell) (int, bool) { return p.RateMore(person, c, 0) }

// RateMore is Rate of something that all people like so many stars more than its cell.
func (p *People) RateMore(person int, c Cell, more float64) (int, bool) {
	absent := p.rng.Float64() < p.Absent
	x := p.mean(person, c) + more + p.Noise*p.rng.NormFloat64()
	return int(min(max(math.Round(x), 1), 5)), !absent
}

// Expected is the mean rating of a cell by one person, or by all if person is negative.
func (p *People) Expected(person int, c Cell) float64 {
	if person < 0 {
		sum := 0.0
		for i := range p.People {
			sum += p.Expected(i, c)
		}
		return sum / float64(p.People)
	}
	m, s := p.mean(person, c), 1.0
	for k := 1.5; k < 5; k++ {
		s += 0.5 * math.Erfc((k-m)/(p.Noise*math.Sqrt2))
	}
	return s
}

// Taste is the mean rating of a cell as the shared taste alone would have it: what
// somebody knows who knows that and nobody's bias or own taste.
func (p *People) Taste(c Cell) float64 { return 3 + p.shared[p.index(c)] }

// Person draws one.
func (p *People) Person() int { return p.rng.IntN(p.People) }

// Rand is the people's source of chance.
func (p *People) Rand() *rand.Rand { return p.rng }
