package kernel

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestExp(t *testing.T) {
	bothPaths(t, func(t *testing.T) {
		var worst float64
		for x := float32(-87); x < 88; x += 0.00371 {
			got := make([]float32, 1)
			Exp(got, []float32{x}, 0)
			want := math.Exp(float64(x))
			worst = max(worst, math.Abs(float64(got[0])/want-1))
		}
		if worst > 2*0x1p-23 {
			t.Errorf("worst relative error %g", worst)
		}
		nan := float32(math.NaN())
		x := []float32{float32(math.Inf(-1)), -1000, 0, nan, 1, 2, 3, 4, 5, nan}
		Exp(x, x, 0)
		if d := cmp.Diff([]float32{0, 0, 1, nan, nan}, append(x[:4:4], x[9]), cmpopts.EquateNaNs()); d != "" {
			t.Errorf("exp of -Inf, -1000, 0, NaN, NaN (-want +got):\n%s", d)
		}
	})
}

// near compares with a float64 reference.
func near(t interface {
	Helper()
	Fatalf(string, ...any)
}, what string, got float32, want, scale float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 2e-6*(math.Abs(scale)+1) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

func TestVectors(t *testing.T) {
	bothPaths(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.IntRange(1, 100).Draw(t, "n")
			seed := rapid.Uint64().Draw(t, "seed")
			a, b, d := random(seed, n), random(seed+1, n), random(seed+2, n)
			var dot, sum, abs float64
			top := math.Inf(-1)
			for i := range a {
				dot += float64(a[i]) * float64(b[i])
				sum += float64(a[i])
				abs += math.Abs(float64(a[i])) * (1 + math.Abs(float64(b[i])))
				top = max(top, float64(a[i]))
			}
			near(t, "dot", Dot(a, b), dot, abs)
			near(t, "sum", Sum(a), sum, abs)
			near(t, "max", Max(a), top, 0)
			axpy, scaled, mul := slices.Clone(a), slices.Clone(a), make([]float32, n)
			Axpy(axpy, 0.7, b)
			Scale(scaled, 0.7)
			MulScaled(mul, a, b, 0.7)
			turnA, turnB := slices.Clone(a), slices.Clone(b)
			Rotate(turnA, turnB, d, b, -1)
			shifted := slices.Clone(a)
			MulShifted(shifted, b, 0.3, 0.7)
			silu, dg, du := make([]float32, n), make([]float32, n), make([]float32, n)
			Silu(silu, a, b)
			SiluGrad(dg, du, a, b, d)
			for i := range n {
				x, y, z := float64(a[i]), float64(b[i]), float64(d[i])
				near(t, "axpy", axpy[i], x+0.7*y, x)
				near(t, "scale", scaled[i], 0.7*x, x)
				near(t, "mul", mul[i], 0.7*x*y, x*y)
				near(t, "rotated a", turnA[i], x*z+y*y, math.Abs(x*z)+y*y)
				near(t, "rotated b", turnB[i], y*z-x*y, math.Abs(y*z)+math.Abs(x*y))
				s := 1 / (1 + math.Exp(-x))
				near(t, "shifted", shifted[i], (x-0.3)*0.7*y, (x-0.3)*y)
				near(t, "silu", silu[i], x*s*y, x*y)
				near(t, "silu's du", du[i], z*x*s, x*z)
				near(t, "silu's dg", dg[i], z*y*s*(1+x*(1-s)), z*y*(1+x))
			}
			soft := slices.Clone(a)
			log := SoftmaxLog(soft)
			var all float64
			for i := range a {
				all += math.Exp(float64(a[i]))
			}
			near(t, "log sum", log, math.Log(all), 1)
			for i := range a {
				near(t, "softmax", soft[i], math.Exp(float64(a[i]))/all, 1)
			}
		})
	})
}

// TestVectorsPlace holds that a value's result does not depend on its place.
func TestVectorsPlace(t *testing.T) {
	bothPaths(t, func(t *testing.T) {
		g, u := random(1, 24), random(2, 24)
		whole, exp := make([]float32, 24), make([]float32, 24)
		Silu(whole, g, u)
		Exp(exp, g, 0.5)
		for from := range g {
			for n := 1; from+n <= len(g); n++ {
				got := make([]float32, n)
				if Silu(got, g[from:][:n], u[from:][:n]); !slices.Equal(got, whole[from:][:n]) {
					t.Fatalf("silu of [%d,%d) has other bytes", from, from+n)
				}
				if Exp(got, g[from:][:n], 0.5); !slices.Equal(got, exp[from:][:n]) {
					t.Fatalf("exp of [%d,%d) has other bytes", from, from+n)
				}
			}
		}
	})
}

// TestNormGrad compares with differences of a float64 norm.
func TestNormGrad(t *testing.T) {
	const n = 37
	x, w, d := random(1, n), random(2, n), random(3, n)
	loss := func(x, w []float64) (l float64) {
		var ss float64
		for _, v := range x {
			ss += v * v
		}
		for i, v := range x {
			l += float64(d[i]) * v / math.Sqrt(ss/n+1e-5) * w[i]
		}
		return l
	}
	wide := func(v []float32) (out []float64) {
		for _, f := range v {
			out = append(out, float64(f))
		}
		return out
	}
	bothPaths(t, func(t *testing.T) {
		y, dx, dw := make([]float32, n), make([]float32, n), make([]float32, n)
		r := Norm(y, x, w, 1e-5)
		NormGrad(dx, x, w, d, r)
		NormWeightGrad(dw, x, d, r)
		var sum float64
		for i := range y {
			sum += float64(y[i]) * float64(d[i])
		}
		if want := loss(wide(x), wide(w)); math.Abs(sum-want) > 1e-5 {
			t.Errorf("the norm's sum is %v, want %v", sum, want)
		}
		const h = 1e-6
		for i := range n {
			for _, arg := range []int{0, 1} {
				up, down := [2][]float64{wide(x), wide(w)}, [2][]float64{wide(x), wide(w)}
				up[arg][i] += h
				down[arg][i] -= h
				want := (loss(up[0], up[1]) - loss(down[0], down[1])) / (2 * h)
				near(t, "a gradient", [2][]float32{dx, dw}[arg][i], want, 2)
			}
		}
	})
}
