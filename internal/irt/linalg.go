package irt

import "math"

// tridiagonal is a symmetric positive definite matrix with one diagonal beside
// the main one.
type tridiagonal struct {
	diag, off []float64
}

// lower is the Cholesky factor of a tridiagonal matrix: A = L Lᵀ.
type lower struct {
	diag, off []float64
}

func (t tridiagonal) cholesky() lower {
	l := lower{make([]float64, len(t.diag)), make([]float64, len(t.off))}
	l.diag[0] = math.Sqrt(t.diag[0])
	for i := 1; i < len(t.diag); i++ {
		l.off[i-1] = t.off[i-1] / l.diag[i-1]
		l.diag[i] = math.Sqrt(max(t.diag[i]-sq(l.off[i-1]), math.SmallestNonzeroFloat64))
	}
	return l
}

// solve returns x with A x = b.
func (t tridiagonal) solve(b []float64) []float64 {
	l := t.cholesky()
	y := make([]float64, len(b))
	for i := range b {
		y[i] = b[i]
		if i > 0 {
			y[i] -= l.off[i-1] * y[i-1]
		}
		y[i] /= l.diag[i]
	}
	x := make([]float64, len(b))
	l.solveTransposed(y, x)
	return x
}

// solveTransposed sets x so that Lᵀ x = y. When y is standard normal, x has
// the covariance A⁻¹.
func (l lower) solveTransposed(y, x []float64) {
	for i := len(y) - 1; i >= 0; i-- {
		x[i] = y[i]
		if i < len(y)-1 {
			x[i] -= l.off[i] * x[i+1]
		}
		x[i] /= l.diag[i]
	}
}
