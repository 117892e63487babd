package tilt

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestTiltStaysWithinItsLimits holds, of any distribution and rewards: the result is a
// distribution within the limits, ordered by the rewards where shares that stay are equal, and
// not further from the limit than rounding allows.
func TestTiltStaysWithinItsLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		p, keep, r, sum := make([]float64, n), make([]float64, n), make([]float64, n), 0.0
		stays := rapid.SliceOfN(rapid.Float64Range(0, 1), 3, 3).Draw(t, "stays")
		for i := range p {
			if i == 0 || rapid.IntRange(0, 5).Draw(t, "none") > 0 {
				p[i] = rapid.Float64Range(1e-9, 1).Draw(t, "p")
			}
			r[i] = rapid.Float64Range(-5, 5).Draw(t, "r")
			sum += p[i]
		}
		for i := range p {
			p[i] /= sum
			keep[i] = p[i] * stays[i%3]
		}
		l := Limits{KL: rapid.Float64Range(0, 2).Draw(t, "kl"), Sharpness: rapid.Float64Range(0, 20).Draw(t, "sharpness")}
		q, kl := By(p, keep, r, l)
		total, gained := 0.0, 0.0
		for i := range q {
			total += q[i]
			gained += (q[i] - p[i]) * r[i]
			if q[i] < keep[i] || (q[i] > 0) != (p[i] > 0) && keep[i] > 0 {
				t.Fatalf("%d has %v of %v, of which %v stay", i, q[i], p[i], keep[i])
			}
			for j := range q {
				if i%3 == j%3 && p[i] > 0 && p[j] > 0 && r[i] > r[j] && q[i]/p[i] < q[j]/p[j]-1e-9 {
					t.Fatalf("%v is raised by %v and %v by %v", r[i], q[i]/p[i], r[j], q[j]/p[j])
				}
			}
		}
		if math.Abs(total-1) > 1e-9 || kl > l.KL+1e-9 || gained < -1e-9 {
			t.Fatalf("sum %v, divergence %v of %v, gain %v", total, kl, l.KL, gained)
		}
		free := make([]float64, n)
		if most := by(free, p, keep, r, l.Sharpness); most > l.KL && kl < l.KL-1e-3*(1+l.KL) {
			t.Errorf("a divergence of %v, and %v is allowed", kl, l.KL)
		}
	})
}

func BenchmarkTilt(b *testing.B) {
	p, keep, r := make([]float64, 48), make([]float64, 48), make([]float64, 48)
	for i := range p {
		p[i], keep[i], r[i] = 1.0/48, 0.1/48, math.Sin(float64(i))
	}
	for b.Loop() {
		By(p, keep, r, Limits{0.5, 4})
	}
}
