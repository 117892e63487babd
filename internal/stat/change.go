package stat

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Change is a place in a series where its mean moves.
type Change struct {
	// At is the index of the first value after the change. It is between Low and High
	// with a chance of 95 %, if there is one change there.
	At, Low, High int
	// Before and After are the means of the values up to the changes next to this one.
	Before, After float64
	// P is the p-value of the test that found it.
	P float64
}

// leastSegment is the fewest values on each side of a change, shuffles the number of
// permutations of a test, and maxDepth how often a series is divided.
const (
	leastSegment = 4
	shuffles     = 999
	maxDepth     = 4
)

// Changes finds where the mean of a series moves, by binary segmentation (Scott and Knott
// 1974). A series is divided where the difference of means is most significant, if random
// orders of the same values show one as large with a chance of at most alpha; its halves
// are then divided with half of alpha. So a series of values in random order has a change
// with a chance of at most alpha. The interval of a place is the smallest range with 95 %
// of its posterior under normal noise. NaN is a missing value. The same seed gives the same
// answer.
func Changes(values []float64, alpha float64, seed uint64) []Change {
	var seen []float64
	var at []int
	for i, v := range values {
		if !math.IsNaN(v) {
			seen, at = append(seen, v), append(at, i)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	cuts := split(seen, 0, alpha, rng, 0)
	slices.SortFunc(cuts, func(a, b Change) int { return a.At - b.At })
	ends := []int{0}
	for _, c := range cuts {
		ends = append(ends, c.At)
	}
	ends = append(ends, len(seen))
	for i := range cuts {
		c := &cuts[i]
		c.Before, c.After = meanOf(seen[ends[i]:c.At]), meanOf(seen[c.At:ends[i+2]])
		c.At, c.Low, c.High = at[c.At], at[c.Low], at[c.High]
	}
	return cuts
}

func split(values []float64, first int, alpha float64, rng *rand.Rand, depth int) []Change {
	if len(values) < 2*leastSegment || depth == maxDepth {
		return nil
	}
	scores := make([]float64, len(values)+1)
	best, at := contrast(values, scores)
	if !(best > 0) {
		return nil
	}
	mixed, above := slices.Clone(values), 1
	for range shuffles {
		rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if b, _ := contrast(mixed, nil); b >= best*(1-1e-9) { // equal values make equal contrasts but for rounding
			above++
		}
	}
	p := float64(above) / (shuffles + 1)
	if p > alpha {
		return nil
	}
	c := Change{At: first + at, P: p}
	low, high := place(values, scores, at)
	c.Low, c.High = first+low, first+high
	all := append([]Change{c}, split(values[:at], first, alpha/2, rng, depth+1)...)
	return append(all, split(values[at:], first+at, alpha/2, rng, depth+1)...)
}

// contrast is the largest fall of the sum of squares that a division brings, and where.
// scores, unless nil, takes it for each place.
func contrast(values, scores []float64) (best float64, at int) {
	total := 0.0
	for _, v := range values {
		total += v
	}
	n, left := float64(len(values)), 0.0
	for i := 1; i <= len(values)-leastSegment; i++ {
		left += values[i-1]
		if i < leastSegment {
			continue
		}
		k := float64(i)
		d := left/k - (total-left)/(n-k)
		s := d * d * k * (n - k) / n
		if scores != nil {
			scores[i] = s
		}
		if s > best {
			best, at = s, i
		}
	}
	return best, at
}

// place is the range of a change's place: around at, with 95 % of the posterior under a
// flat prior of places and normal noise.
func place(values, scores []float64, at int) (low, high int) {
	mean, ss := meanOf(values), 0.0
	for _, v := range values {
		ss += (v - mean) * (v - mean)
	}
	noise := max((ss-scores[at])/float64(len(values)-2), 1e-12)
	p, sum := make([]float64, len(scores)), 0.0
	for i := leastSegment; i <= len(values)-leastSegment; i++ {
		p[i] = math.Exp((scores[i] - scores[at]) / (2 * noise))
		sum += p[i]
	}
	low, high = at, at
	for got := p[at]; got < 0.95*sum; {
		down, up := 0.0, 0.0
		if low > 0 {
			down = p[low-1]
		}
		if high < len(values)-1 {
			up = p[high+1]
		}
		if down == 0 && up == 0 {
			break
		}
		if down >= up {
			low--
		} else {
			high++
		}
		got += max(down, up)
	}
	return low, high
}

func meanOf(values []float64) (m float64) {
	for _, v := range values {
		m += v / float64(len(values))
	}
	return m
}
