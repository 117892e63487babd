package stat

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// KruskalWallis tests whether the values of some groups are of one distribution, with the
// correction for ties (Kruskal and Wallis 1952). h is the statistic, p its p-value by the
// chi-squared distribution. Groups without values are left out; the error is ErrTooFew when
// two groups with two values each, and five values, are not left.
func KruskalWallis(groups ...[]float64) (h, p float64, err error) {
	type value struct {
		x     float64
		group int
	}
	var all []value
	var sizes []int
	large := 0
	for _, g := range groups {
		if len(g) == 0 {
			continue
		}
		for _, x := range g {
			all = append(all, value{x, len(sizes)})
		}
		if sizes = append(sizes, len(g)); len(g) > 1 {
			large++
		}
	}
	if large < 2 || len(all) < 5 {
		return 0, 1, fmt.Errorf("%w: two groups are needed, of two values or more", ErrTooFew)
	}
	slices.SortFunc(all, func(a, b value) int { return cmp.Compare(a.x, b.x) })
	ranks := make([]float64, len(sizes)) // their sums
	n, tied := float64(len(all)), 0.0
	for i, same := 0, 0; i < len(all); i += same {
		for same = 1; i+same < len(all) && all[i+same].x == all[i].x; same++ {
		}
		t := float64(same)
		tied += t*t*t - t
		for _, v := range all[i : i+same] {
			ranks[v.group] += float64(i) + (t+1)/2 // the mean of the ranks that they share
		}
	}
	for i, r := range ranks {
		h += r * r / float64(sizes[i])
	}
	h = 12*h/(n*(n+1)) - 3*(n+1)
	if correction := 1 - tied/(n*n*n-n); correction > 0 {
		h /= correction
	} else {
		h = 0 // all are equal
	}
	h = max(h, 0)
	return h, gammaAbove(float64(len(sizes)-1)/2, h/2), nil
}

// Holm adjusts p-values of several tests (Holm 1979): when those that are at most alpha
// are believed, one or more of them is wrong with a chance of at most alpha.
func Holm(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[a], ps[b]) })
	adjusted, least := make([]float64, len(ps)), 0.0
	for k, i := range order {
		least = max(least, min(1, ps[i]*float64(len(ps)-k)))
		adjusted[i] = least
	}
	return adjusted
}

// gammaAbove is the chance that a gamma variable of shape a is above x: the regularised
// upper incomplete gamma function, by its series or its continued fraction (Press et al.,
// Numerical Recipes, 6.2).
func gammaAbove(a, x float64) float64 {
	if x <= 0 {
		return 1
	}
	const tiny, most = 1e-300, 100_000
	lg, _ := math.Lgamma(a)
	scale := math.Exp(a*math.Log(x) - x - lg)
	if x < a+1 {
		term, sum := 1/a, 1/a
		for n := 1.0; n < most && math.Abs(term) > 1e-17*math.Abs(sum); n++ {
			term *= x / (a + n)
			sum += term
		}
		return max(0, 1-scale*sum)
	}
	b := x + 1 - a
	c, d := 1/tiny, 1/b
	f := d
	for n := 1.0; n < most; n++ {
		k := n * (a - n)
		b += 2
		d = 1 / (b + k*d)
		c = b + k/c
		f *= c * d
		if math.Abs(c*d-1) < 1e-16 {
			break
		}
	}
	return scale * f
}
