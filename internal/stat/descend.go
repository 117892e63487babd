package stat

import (
	"math"
	"slices"
)

// descend finds a local minimum of f near start, by the simplex of Nelder and Mead (1965).
// Coordinates stay within 12 of zero.
func descend(start []float64, f func([]float64) float64) (best []float64, least float64) {
	type corner struct {
		x []float64
		f float64
	}
	at := func(x []float64) corner {
		for i := range x {
			x[i] = min(max(x[i], -12), 12)
		}
		v := f(x)
		if math.IsNaN(v) {
			v = math.Inf(1)
		}
		return corner{x, v}
	}
	n := len(start)
	simplex := []corner{at(slices.Clone(start))}
	for i := range n {
		x := slices.Clone(start)
		x[i] += 1.5
		simplex = append(simplex, at(x))
	}
	for range 200 * n {
		slices.SortStableFunc(simplex, func(a, b corner) int { return compareDown(b.f, a.f) })
		if worst := simplex[n].f; worst-simplex[0].f <= 1e-9*math.Abs(worst) {
			break
		}
		// A point on the line from the worst corner through the middle of the others.
		along := func(by float64) corner {
			x := make([]float64, n)
			for i := range x {
				var middle float64
				for _, c := range simplex[:n] {
					middle += c.x[i] / float64(n)
				}
				x[i] = middle + by*(middle-simplex[n].x[i])
			}
			return at(x)
		}
		next := along(1)
		switch {
		case next.f < simplex[0].f:
			if further := along(2); further.f < next.f {
				next = further
			}
		case next.f >= simplex[n].f:
			next = along(-0.5)
		case next.f >= simplex[n-1].f:
			next = along(0.5)
		}
		if next.f < simplex[n].f {
			simplex[n] = next
			continue
		}
		for i := 1; i <= n; i++ { // shrink towards the best
			x := make([]float64, n)
			for k := range x {
				x[k] = (simplex[i].x[k] + simplex[0].x[k]) / 2
			}
			simplex[i] = at(x)
		}
	}
	slices.SortStableFunc(simplex, func(a, b corner) int { return compareDown(b.f, a.f) })
	return simplex[0].x, simplex[0].f
}
