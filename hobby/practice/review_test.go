package practice

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestAboveHalf compares the probability with its definition: a rate is drawn, all
// being equally likely, and counts when as many answers pass as were seen.
func TestAboveHalf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ passes, n int }{{0, 4}, {4, 4}, {2, 4}, {3, 12}, {9, 12}} {
		seen, above := 0, 0
		for seen < 20_000 {
			rate, passes := r.Float64(), 0
			for range c.n {
				if r.Float64() < rate {
					passes++
				}
			}
			if passes == c.passes {
				seen++
				if rate > 0.5 {
					above++
				}
			}
		}
		want, got := float64(above)/float64(seen), aboveHalf(c.passes, c.n)
		if math.Abs(got-want) > 5*math.Sqrt(0.25/float64(seen)) {
			t.Errorf("%d of %d: %v, drawn %v", c.passes, c.n, got, want)
		}
		if mirrored := aboveHalf(c.n-c.passes, c.n); math.Abs(got+mirrored-1) > 1e-9 {
			t.Errorf("%d of %d: %v, and %v of the opposite", c.passes, c.n, got, mirrored)
		}
	}
	for _, n := range []int{1000, 10_000} { // one half to this power is 0 as a float64
		if all, none, half := aboveHalf(n, n), aboveHalf(0, n), aboveHalf(n/2, n); math.Abs(all-1) > 1e-9 || none > 1e-9 ||
			math.Abs(half-0.5) > 1e-9 {
			t.Errorf("of %d answers, all, none and half pass: %v, %v, %v", n, all, none, half)
		}
	}
}
