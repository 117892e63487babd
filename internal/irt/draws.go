package irt

import (
	"math"
	"sync"
)

// proposalCount is how many proposals a fit weighs.
const proposalCount = 1024

// normals returns, for dimension l, the proposalCount standard normal values
// of a Richtmyer sequence (the multiples of an irrational number, modulo 1)
// through the normal quantile function.
func normals(l int) []float64 { return tables[l]() }

var tables = func() (t [MaxLevels]func() []float64) {
	for l := range t {
		t[l] = sync.OnceValue(func() []float64 {
			z := make([]float64, proposalCount)
			for d := range z {
				u := math.Mod(0.5+alphas[l]*float64(d+1), 1)
				z[d] = Quantile(min(max(u, 1e-9), 1-1e-9))
			}
			return z
		})
	}
	return t
}()

// alphas are the fractional parts of the square roots of the primes, which are
// rationally independent: the sequence fills the cube evenly (Weyl 1916).
var alphas = func() (a [MaxLevels]float64) {
	n := 0
	for p := 2; n < MaxLevels; p++ {
		if prime(p) {
			_, a[n] = math.Modf(math.Sqrt(float64(p)))
			n++
		}
	}
	return a
}()

func prime(p int) bool {
	for d := 2; d*d <= p; d++ {
		if p%d == 0 {
			return false
		}
	}
	return true
}

// Quantile is the quantile function of the standard normal distribution.
func Quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
