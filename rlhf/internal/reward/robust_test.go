package reward

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pastime-go/pastime/internal/stat"
)

// honest are ratings of items by raters, each of each, around a worth of the item.
func honest(seed uint64, raters, items int) (obs []Observation) {
	rng := rand.New(rand.NewPCG(seed, 41))
	bias, worth := make([]float64, raters), make([]float64, items)
	for i := range bias {
		bias[i] = 0.4 * rng.NormFloat64()
	}
	for i := range worth {
		worth[i] = 3.2 + 0.8*rng.NormFloat64()
	}
	for r := range raters {
		for i := range items {
			y := math.Round(worth[i] + bias[r] + 0.8*rng.NormFloat64())
			obs = append(obs, Observation{
				Rater: fmt.Sprint("r", r), Stars: int(min(max(y, 1), 5)), At: epoch.Add(time.Duration(r*items+i) * time.Minute),
				Item: Item{ID: fmt.Sprint("i", i), Kind: fmt.Sprint("kind", i%4)},
			})
		}
	}
	return obs
}

// furthest is the largest distance between two models' expectations of items, in stars.
func furthest(a, b *Model, items int) (d float64) {
	for i := range items {
		it := Item{ID: fmt.Sprint("i", i), Kind: fmt.Sprint("kind", i%4)}
		x, _ := a.Predict(&it)
		y, _ := b.Predict(&it)
		d = max(d, math.Abs(x.Mean-y.Mean))
	}
	return d
}

// TestLiarsMoveAMeanLittle has two of 40 raters lie about 20 items that all 40 rate, and
// compares with what is learned without these two: the mean that moves most is to move by at
// most 0.1 stars. Two who tell the truth move means, too: by as much as chance has it, which is
// logged beside. With -full it fails, in a few worlds of a thousand.
func TestLiarsMoveAMeanLittle(t *testing.T) {
	liarsMoveLittle(t, 40, 2)
}

// TestLiarsAmongMoreMoveAMeanLittle has as large a part of 80 raters lie.
func TestLiarsAmongMoreMoveAMeanLittle(t *testing.T) {
	if !*full {
		t.Skip("of 40 it is tested")
	}
	liarsMoveLittle(t, 80, 4)
}

// liarsMoveLittle has so many of the raters lie, each of them in one way in each world.
func liarsMoveLittle(t *testing.T, raters, liars int) {
	const items = 20
	lies := []struct {
		name string
		tell func(o *Observation)
	}{
		{"the truth", func(*Observation) {}},
		{"all bad", func(o *Observation) { o.Stars = 1 }},
		{"all good", func(o *Observation) { o.Stars = 5 }},
		{"the opposite", func(o *Observation) { o.Stars = 6 - o.Stars }},
		{"one thing bad", func(o *Observation) { o.Stars = choose(o.Item.ID == "i3", 1, o.Stars) }},
		{"one thing good", func(o *Observation) { o.Stars = choose(o.Item.ID == "i7", 5, o.Stars) }},
		{"by chance", func(o *Observation) { o.Stars = 1 + int(o.At.Unix()/60*7919%5) }},
	}
	largest, plain := make([][]float64, len(lies)), make([]float64, len(lies)) // in each world; in all
	for _, seed := range seeds(3, 200) {
		m := fit(t, honest(seed, raters, items)[liars*items:], nil)
		for n, lie := range lies {
			obs, sums := honest(seed, raters, items), map[string]float64{}
			for i := range obs {
				share := 1 / float64(raters)
				if i < liars*items { // the first raters'
					lie.tell(&obs[i])
				} else {
					share -= 1 / float64(raters-liars)
				}
				sums[obs[i].Item.ID] += float64(obs[i].Stars) * share
			}
			for _, s := range sums {
				plain[n] = max(plain[n], math.Abs(s))
			}
			largest[n] = append(largest[n], furthest(m, fit(t, obs, nil), items))
		}
	}
	for n, lie := range lies {
		worlds, further := len(largest[n]), 0
		for _, d := range largest[n] {
			if d > 0.1 {
				further++
			}
		}
		low, high := stat.Proportion(further, worlds, 0.95)
		most := slices.Max(largest[n])
		t.Logf("%-14s moves the mean that moves most by %.3f stars, on average in %d worlds; by more than 0.1 in %d (%.1f to %.1f %%); "+
			"by %.3f at most, a plain mean by %.3f", lie.name, mean(largest[n]), worlds, further, 100*low, 100*high, most, plain[n])
		if further > 0 {
			t.Errorf("%s: 5 %% of the raters move a mean by %.3f stars, want at most 0.1 (in %d of %d worlds they do not)", lie.name, most,
				further, worlds)
		}
	}
}

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}

func choose(first bool, a, b int) int {
	if first {
		return a
	}
	return b
}

// TestFloodOfNewNamesMovesAMeanLittle has a crowd rate one item as bad as can be, each of
// them once, and in other runs more things each: too many for a newcomer where nobody vouches
// for the names.
func TestFloodOfNewNamesMovesAMeanLittle(t *testing.T) {
	const raters, items = 40, 20
	for _, crowd := range []int{10, 100, 1000} {
		for _, each := range []int{1, 5, 15} {
			if each*crowd > 10_000 && !*full {
				continue
			}
			obs := honest(10_000, raters, items)
			m := fit(t, obs, nil)
			good := 0
			for i := range items { // the best has most to lose
				at := func(k int) float64 {
					p, _ := m.Predict(&Item{ID: fmt.Sprint("i", k), Kind: fmt.Sprint("kind", k%4)})
					return p.Mean
				}
				if at(i) > at(good) {
					good = i
				}
			}
			updated := fit(t, obs, nil)
			for k := range crowd {
				for j := range each {
					i := (good + j) % items
					o := Observation{Rater: fmt.Sprint("new", k), Stars: 1, Claimed: each > 10, At: epoch.Add(time.Hour * 24 * 30),
						Item: Item{ID: fmt.Sprint("i", i), Kind: fmt.Sprint("kind", i%4)}}
					obs = append(obs, o)
					updated.Update(&o, nil)
				}
			}
			refit, at := furthest(m, fit(t, obs, nil), items), furthest(m, updated, items)
			t.Logf("%d new names with %d ratings each move a mean by %.3f stars at a fit, by %.3f at once", crowd, each, refit, at)
			if most := 0.4; !(refit <= most && at <= most) {
				t.Errorf("%d new names with %d ratings each move a mean by %.3f stars at a fit, by %.3f at once, want at most %.2f",
					crowd, each, refit, at, most)
			}
		}
	}
}

// TestEqualRatingsAreExpected has one person, or some, who always say the same: that is
// expected of them. With an intercept of any size, 4.1 stars had been expected of 60 ratings
// of 5, between 1 and 5.
func TestEqualRatingsAreExpected(t *testing.T) {
	for y := 1; y <= stars; y++ {
		for _, raters := range []int{1, 7, 60} {
			var obs []Observation
			for i := range 60 {
				obs = append(obs, Observation{Rater: fmt.Sprint("r", i%raters), Stars: y, At: epoch,
					Item: Item{ID: fmt.Sprint("i", i%9), Kind: "kind"}})
			}
			m := fit(t, obs, nil)
			for i := range 10 { // the last one is new
				p, ok := m.Predict(&Item{ID: fmt.Sprint("i", i), Kind: "kind"})
				low, high := m.Interval(p, 0.9)
				if !ok || math.Abs(p.Mean-float64(y)) > 0.25 || high-low > 1 {
					t.Errorf("all of %d people say %d, and of thing %d %.2f is expected, between %.2f and %.2f", raters, y, i, p.Mean, low, high)
				}
			}
		}
	}
}
