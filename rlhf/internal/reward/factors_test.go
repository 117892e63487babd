package reward

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/rlhf/internal/peopletest"
)

// TestFactorsWouldGainLittle bounds what factors of items and people could gain (Koren, Bell and
// Volinsky 2009), where own tastes are made of one factor or of two, or of none. The model is
// compared with itself after the same people, with the same chance, have rated without what sets
// each one's own taste apart: as if factors, known exactly, had explained all of that. What is
// told of a person's next rating then has the true difference that the own taste makes.
func TestFactorsWouldGainLittle(t *testing.T) {
	if race.Enabled {
		t.Skip("there is one goroutine")
	}
	for _, n := range []int{500, 2000} {
		for rank := range 3 {
			var off, bound, next, nextBound, best, bestBound, most []float64 // of each world
			for _, seed := range seeds(3, 40) {
				r := peopletest.Standard()
				r.Rank = rank
				people, alike := peopletest.New(r, seed), peopletest.New(r, seed)
				alike.Agree()
				m, o := fit(t, ask(people, 0, n), nil), fit(t, ask(alike, 0, n), nil)
				off, bound = append(off, mistake(people, m)), append(bound, mistake(people, o))
				most = append(most, ofBest(people, func(c peopletest.Cell) float64 { return people.Expected(-1, c) }))
				best, bestBound = append(best, ofBest(people, told(m))), append(bestBound, ofBest(people, told(o)))
				its, bounds, k := 0.0, 0.0, 0.0
				for ; k < 2000; k++ {
					c, who := people.Cells()[people.Rand().IntN(r.Kinds*r.Levels)], people.Person()
					stars, _ := people.Rate(who, c)
					own := people.Expected(who, c) - alike.Expected(who, c)
					its += square(float64(stars) - toldOf(m, who, c))
					bounds += square(float64(stars) - toldOf(o, who, c) - own)
				}
				next, nextBound = append(next, math.Sqrt(its/k)), append(nextBound, math.Sqrt(bounds/k))
			}
			less, lessAway := paired(off, bound)
			nextLess, nextAway := paired(next, nextBound)
			more, moreAway := paired(bestBound, best)
			t.Logf("%d ratings, rank %d: mean ratings are off by %.3f stars, at best by %.3f (%.3f ± %.3f less); next ratings by %.3f "+
				"and %.3f (%.3f ± %.3f); the best quarter has %.3f stars and %.3f (%.3f ± %.3f more) of %.3f", n, rank, mean(off), mean(bound),
				less, lessAway, mean(next), mean(nextBound), nextLess, nextAway, mean(best), mean(bestBound), more, moreAway, mean(most))
			if !(more+moreAway < 0.1) {
				t.Errorf("%d ratings, rank %d: factors could find things to practise that are rated better by %.3f ± %.3f stars",
					n, rank, more, moreAway)
			}
		}
	}
}

// told is what a model expects all to say of a cell.
func told(m *Model) func(peopletest.Cell) float64 {
	return func(c peopletest.Cell) float64 {
		p, _ := m.Cell(c.Name(), "", c.Level+1, 0)
		return p.Mean
	}
}

// toldOf is what a model expects a person to say.
func toldOf(m *Model, who int, c peopletest.Cell) (stars float64) {
	p, _ := m.Cell(c.Name(), "", c.Level+1, 0)
	for k, chance := range m.Chances(p, fmt.Sprint("p", who)) {
		stars += float64(k+1) * chance
	}
	return stars
}

// mistake is the root mean square of how far the mean rating of a cell is from what is told.
func mistake(people *peopletest.People, m *Model) (sum float64) {
	cells := people.Cells()
	for _, c := range cells {
		sum += square(people.Expected(-1, c) - told(m)(c))
	}
	return math.Sqrt(sum / float64(len(cells)))
}

// ofBest is the true mean rating of the quarter of the cells that by is largest of.
func ofBest(people *peopletest.People, by func(peopletest.Cell) float64) (stars float64) {
	cells := people.Cells()
	slices.SortStableFunc(cells, func(a, b peopletest.Cell) int { return cmp.Compare(by(b), by(a)) })
	cells = cells[:len(cells)/4]
	for _, c := range cells {
		stars += people.Expected(-1, c) / float64(len(cells))
	}
	return stars
}

// paired is the mean of a less b, and half of its 95 % interval.
func paired(a, b []float64) (m, away float64) {
	d := make([]float64, len(a))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	m = mean(d)
	for _, x := range d {
		away += square(x-m) / float64(len(d)-1)
	}
	return m, 1.96 * math.Sqrt(away/float64(len(d)))
}
