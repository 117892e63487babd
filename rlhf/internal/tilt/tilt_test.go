package tilt

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestTiltStaysWithinItsLimits holds, of any distribution and rewards: the result is a
// distribution within the limits, ordered by the rewards, and not further from the limit
// than rounding allows.
func TestTiltStaysWithinItsLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		p, r, sum := make([]float64, n), make([]float64, n), 0.0
		for i := range p {
			if i == 0 || rapid.IntRange(0, 5).Draw(t, "none") > 0 {
				p[i] = rapid.Float64Range(1e-9, 1).Draw(t, "p")
			}
			r[i] = rapid.Float64Range(-5, 5).Draw(t, "r")
			sum += p[i]
		}
		for i := range p {
			p[i] /= sum
		}
		l := Limits{KL: rapid.Float64Range(0, 2).Draw(t, "kl"), Floor: rapid.Float64Range(0, 0.9).Draw(t, "floor"),
			Sharpness: rapid.Float64Range(0, 20).Draw(t, "sharpness")}
		q, kl := By(p, r, l)
		total, gained := 0.0, 0.0
		for i := range q {
			total += q[i]
			gained += (q[i] - p[i]) * r[i]
			if q[i] < l.Floor*p[i] || (q[i] > 0) != (p[i] > 0) && l.Floor > 0 {
				t.Fatalf("%d has %v of %v, with a floor of %v", i, q[i], p[i], l.Floor)
			}
			for j := range q {
				if p[i] > 0 && p[j] > 0 && r[i] > r[j] && q[i]/p[i] < q[j]/p[j]-1e-9 {
					t.Fatalf("%v is raised by %v and %v by %v", r[i], q[i]/p[i], r[j], q[j]/p[j])
				}
			}
		}
		if math.Abs(total-1) > 1e-9 || kl > l.KL+1e-9 || gained < -1e-9 {
			t.Fatalf("sum %v, divergence %v of %v, gain %v", total, kl, l.KL, gained)
		}
		free := make([]float64, n)
		if most := by(free, p, r, l.Sharpness, l.Floor); most > l.KL && kl < l.KL-1e-3*(1+l.KL) {
			t.Errorf("a divergence of %v, and %v is allowed", kl, l.KL)
		}
	})
}

func BenchmarkTilt(b *testing.B) {
	p, r := make([]float64, 48), make([]float64, 48)
	for i := range p {
		p[i], r[i] = 1.0/48, math.Sin(float64(i))
	}
	for b.Loop() {
		By(p, r, Limits{0.5, 0.1, 4})
	}
}
