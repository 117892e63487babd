package irt

import (
	"math"
	"slices"
)

// Counts are answers to tasks of one level.
type Counts struct{ Tries, Passes int64 }

// Pair is what was answered at one level at two times.
type Pair struct {
	Before, After Counts
	// Weight is the level's part of the mean; the weights of all sum to 1.
	Weight float64
}

// changeSD is the standard deviation, in logits, of a level's change beforehand.
const changeSD = 1

// Difference is how much higher the chance to pass is after than before, as the
// weighted mean over levels. No answer may be in both counts of a pair.
//
// The two abilities at a level are jointly normal beforehand. Each is spread like
// an unknown learner's, and their difference has a standard deviation of one
// logit. The posterior is summed over a grid, and is exact for one level. Levels
// are taken to be independent.
func Difference(pairs []Pair) Interval {
	mean, low, high := 0.0, 0.0, 0.0
	for _, p := range pairs {
		d := difference(p.Before, p.After)
		mean += p.Weight * d.Mean
		low += sq(p.Weight * (d.Mean - d.Low))
		high += sq(p.Weight * (d.High - d.Mean))
	}
	return Interval{mean, max(-1, mean-math.Sqrt(low)), min(1, mean+math.Sqrt(high))}
}

// differenceNodes is the number of abilities that each side of a difference is
// summed over.
const differenceNodes = 61

func difference(before, after Counts) Interval {
	const own = kindSD*kindSD + familySD*familySD
	a, b := grid(before, own), grid(after, own)
	type point struct{ d, weight float64 }
	points := make([]point, 0, len(a)*len(b))
	top := math.Inf(-1)
	for _, x := range a {
		for _, y := range b {
			// The ability before is normal, and the ability after is normal around
			// it.
			log := x.log + y.log - sq(x.at)/(2*own) - sq(y.at-x.at)/(2*changeSD*changeSD)
			points = append(points, point{y.chance - x.chance, log})
			top = max(top, log)
		}
	}
	// What is left out weighs less than a float64's last bit, all of it together.
	points = slices.DeleteFunc(points, func(p point) bool { return p.weight < top-46 })
	slices.SortFunc(points, func(a, b point) int {
		switch {
		case a.d < b.d:
			return -1
		case a.d > b.d:
			return 1
		}
		return 0
	})
	total, mean := 0.0, 0.0
	for i := range points {
		p := &points[i]
		p.weight = math.Exp(p.weight - top)
		total += p.weight
		mean += p.weight * p.d
	}
	mean /= total
	quantile := func(u float64) float64 {
		sum := 0.0
		for _, p := range points {
			if sum += p.weight / total; sum >= u {
				return p.d
			}
		}
		return points[len(points)-1].d
	}
	return Interval{mean, min(mean, quantile(0.025)), max(mean, quantile(0.975))}
}

// abilityAt is an ability with the log likelihood of some answers and the chance to
// pass.
type abilityAt struct{ at, log, chance float64 }

// grid is a range of abilities at even steps, wide enough for the posterior of
// the answers under a normal prior of mean 0.
func grid(c Counts, vari float64) []abilityAt {
	n := float64(max(0, c.Tries))
	k := min(max(0, float64(c.Passes)), n)
	if n > plenty {
		k, n = k*plenty/n, plenty
	}
	x, info := 0.0, 0.0
	for range 50 { // Newton's method on a concave function, with the step bounded
		s, r := logistic(x)
		info = n*s*r + 1/vari
		x += min(max((k-n*s-x/vari)/info, -1), 1)
	}
	reach := 6 / math.Sqrt(info)
	all := make([]abilityAt, differenceNodes)
	for i := range all {
		at := x + reach*float64(i-differenceNodes/2)/float64(differenceNodes/2)
		p, _ := logistic(at)
		all[i] = abilityAt{at, logLikelihood(n, k, 0, at), p}
	}
	return all
}
