package irt

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestQuantileIsBisections compares with bisection on distributions that rise in steps
// and in slopes, steep ones and flat ones, and counts the values that are asked for.
func TestQuantileIsBisections(t *testing.T) {
	asked, tries := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		type part struct{ at, sd, share float64 }
		parts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) part {
			sd := rapid.SampledFrom([]float64{0, 1e-9, 1e-3, 0.05, 0.5, 20}).Draw(t, "sd")
			return part{rapid.Float64Range(0, 1).Draw(t, "at"), sd, rapid.Float64Range(0.001, 1).Draw(t, "share")}
		}), 1, 5).Draw(t, "parts")
		calls := 0
		below := func(v float64) (sum float64) {
			calls++
			all := 0.0
			for _, p := range parts {
				all += p.share
				switch {
				case v >= 1 || p.sd == 0 && v >= p.at:
					sum += p.share
				case v > 0 && p.sd > 0:
					sum += p.share * normal((v-p.at)/p.sd)
				}
			}
			return sum / all
		}
		u := rapid.SampledFrom([]float64{0.025, 0.975}).Draw(t, "u")
		got := quantile(below, u)
		asked, tries = asked+calls, tries+1
		if calls > 62 {
			t.Errorf("%d values are asked for; bisection has 52", calls)
		}
		low, high := 0.0, 1.0
		for range 52 {
			if mid := (low + high) / 2; below(mid) < u {
				low = mid
			} else {
				high = mid
			}
		}
		// Where a distribution is flat, the two may stop at other points of the same height.
		if want := (low + high) / 2; math.Abs(got-want) > 1e-15 && math.Abs(below(got)-below(want)) > 1e-12 {
			t.Errorf("%v, want %v", got, want)
		}
	})
	t.Logf("%.1f values for each quantile", float64(asked)/float64(tries))
}
