package kernel

import "math"

// The vector functions below work value by value: a value's neighbours do not
// change its bytes. The order of a sum depends on its length alone. Slices of one
// call have the same length, and the result may be one of the arguments.

// Exp sets dst to exp(src - shift), within 2 units in the last place. Results
// under 2^-126 are zero or 2^-126.
func Exp(dst, src []float32, shift float32) {
	n := whole(len(dst))
	if n > 0 {
		expVec(&dst[0], &src[:len(dst)][0], shift, n)
	}
	if m := len(dst) - n; m > 0 && avx2 {
		var tail [8]float32 // gives the same bytes as a vector does
		copy(tail[:], src[n:])
		expVec(&tail[0], &tail[0], shift, 8)
		copy(dst[n:], tail[:m])
		return
	}
	for i := n; i < len(dst); i++ {
		dst[i] = expGo(src[i] - shift)
	}
}

// Silu sets dst to g/(1+exp(-g)) * u, the gated unit of a feed-forward layer.
func Silu(dst, g, u []float32) {
	n := whole(len(dst))
	if n > 0 {
		siluVec(&dst[0], &g[:len(dst)][0], &u[:len(dst)][0], n)
	}
	if m := len(dst) - n; m > 0 && avx2 {
		var tail [2][8]float32
		copy(tail[0][:], g[n:])
		copy(tail[1][:], u[n:])
		siluVec(&tail[0][0], &tail[0][0], &tail[1][0], 8)
		copy(dst[n:], tail[0][:m])
		return
	}
	for i := n; i < len(dst); i++ {
		dst[i] = g[i] / (1 + expGo(-g[i])) * u[i]
	}
}

// SiluGrad turns d, the gradient of Silu's result, into those of its arguments:
// dg and du. Either may be d.
func SiluGrad(dg, du, g, u, d []float32) {
	n := whole(len(d))
	if n > 0 {
		siluGradVec(&dg[0], &du[0], &g[:len(d)][0], &u[:len(d)][0], &d[0], n)
	}
	for i := n; i < len(d); i++ {
		s := 1 / (1 + expGo(-g[i]))
		x := d[i]
		dg[i], du[i] = x*u[i]*s*(1+g[i]*(1-s)), x*g[i]*s
	}
}

// Dot is the sum of a[i]*b[i].
func Dot(a, b []float32) float32 {
	n := whole(len(a))
	var s float32
	if n > 0 {
		s = dotVec(&a[0], &b[:len(a)][0], n)
	}
	for i := n; i < len(a); i++ {
		s += a[i] * b[i]
	}
	return s
}

// Sum is the sum of a.
func Sum(a []float32) float32 {
	n := whole(len(a))
	var s float32
	if n > 0 {
		s = sumVec(&a[0], n)
	}
	for i := n; i < len(a); i++ {
		s += a[i]
	}
	return s
}

// Max is the largest value of a, which is not empty.
func Max(a []float32) float32 {
	n := whole(len(a))
	m := a[0]
	if n > 0 {
		m = maxVec(&a[0], n)
	}
	for _, v := range a[n:] {
		if v > m {
			m = v
		}
	}
	return m
}

// Axpy adds s*x to dst.
func Axpy(dst []float32, s float32, x []float32) {
	n := whole(len(dst))
	if n > 0 {
		axpyVec(&dst[0], &x[:len(dst)][0], s, n)
	}
	for i := n; i < len(dst); i++ {
		dst[i] += s * x[i]
	}
}

// Scale multiplies dst by s.
func Scale(dst []float32, s float32) {
	n := whole(len(dst))
	if n > 0 {
		scaleVec(&dst[0], s, n)
	}
	for i := n; i < len(dst); i++ {
		dst[i] *= s
	}
}

// Rotate turns each pair a[i], b[i] by the angle of that cosine, and of that sine times sign.
func Rotate(a, b, cos, sin []float32, sign float32) {
	n := whole(len(a))
	if n > 0 {
		rotateVec(&a[0], &b[:len(a)][0], &cos[:len(a)][0], &sin[:len(a)][0], sign, n)
	}
	for i := n; i < len(a); i++ {
		c, s := cos[i], sign*sin[i]
		a[i], b[i] = a[i]*c-b[i]*s, b[i]*c+a[i]*s
	}
}

// MulScaled sets dst to (x*s)*w.
func MulScaled(dst, x, w []float32, s float32) {
	n := whole(len(dst))
	if n > 0 {
		mulScaledVec(&dst[0], &x[:len(dst)][0], &w[:len(dst)][0], s, n)
	}
	for i := n; i < len(dst); i++ {
		dst[i] = x[i] * s * w[i]
	}
}

// Softmax turns x into exp(x - max) / sum.
func Softmax(x []float32) { softmax(x) }

// SoftmaxLog is Softmax, and returns the logarithm of the sum of exp(x).
func SoftmaxLog(x []float32) (logSum float32) {
	m, s := softmax(x)
	return m + float32(math.Log(float64(s)))
}

// softmax returns the largest x and the sum.
func softmax(x []float32) (m, s float32) {
	m = Max(x)
	Exp(x, x, m)
	s = Sum(x)
	Scale(x, 1/s)
	return m, s
}

// Norm sets dst to x / rms(x) * w, with eps inside of the root, and returns
// 1/rms(x).
func Norm(dst, x, w []float32, eps float32) float32 {
	r := float32(1 / math.Sqrt(float64(Dot(x, x))/float64(len(x))+float64(eps)))
	MulScaled(dst, x, w, r)
	return r
}

// NormGrad adds to dx the gradient of Norm's x, when d is that of its result and
// r what it returned.
func NormGrad(dx, x, w, d []float32, r float32) {
	// x/rms has the derivative r (I - r^2 x x^T / n).
	n := whole(len(x))
	var dot float32
	if n > 0 {
		dot = dot3Vec(&d[0], &w[0], &x[0], n)
	}
	for i := n; i < len(x); i++ {
		dot += d[i] * w[i] * x[i]
	}
	c := -dot * r * r * r / float32(len(x))
	if n > 0 {
		normGradVec(&dx[0], &x[0], &w[0], &d[0], r, c, n)
	}
	for i := n; i < len(x); i++ {
		dx[i] += d[i]*w[i]*r + c*x[i]
	}
}

// NormWeightGrad adds to dw the gradient of Norm's w.
func NormWeightGrad(dw, x, d []float32, r float32) {
	for i, v := range d {
		dw[i] += v * x[i] * r
	}
}

// MulShifted sets dst to p (dst - shift) scale, the softmax's gradient.
func MulShifted(dst, p []float32, shift, scale float32) {
	n := whole(len(dst))
	if n > 0 {
		mulShiftedVec(&dst[0], &p[:len(dst)][0], shift, scale, n)
	}
	for i := n; i < len(dst); i++ {
		dst[i] = (dst[i] - shift) * scale * p[i]
	}
}

// expGo is exp for a float32, by the reduction and polynomial of Cephes' expf.
func expGo(x float32) float32 {
	if x < expMin {
		return 0
	}
	x = min(x, expMax)
	n := float32(math.Floor(float64(x*log2E + 0.5)))
	r := x - n*ln2Hi - n*ln2Lo
	p := ((((expP0*r+expP1)*r+expP2)*r+expP3)*r+expP4)*r + expP5
	return (p*r*r + r + 1) * math.Float32frombits(uint32(int32(n)+127)<<23)
}

const (
	expMin = -87.33654
	expMax = 88.02969
	log2E  = 1.44269504088896341
	ln2Hi  = 0.693359375
	ln2Lo  = -2.12194440e-4
	expP0  = 1.9875691500e-4
	expP1  = 1.3981999507e-3
	expP2  = 8.3334519073e-3
	expP3  = 4.1665795894e-2
	expP4  = 1.6666665459e-1
	expP5  = 5.0000001201e-1
)

// whole is the part of n that vectors of 8 cover. It is 0 without vectors.
func whole(n int) int {
	if !avx2 {
		return 0
	}
	return n &^ 7
}
