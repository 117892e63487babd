package kernel

// The vector functions over n values, a positive multiple of 8.

//go:noescape
func expVec(dst, src *float32, shift float32, n int)

//go:noescape
func siluVec(dst, gate, u *float32, n int)

//go:noescape
func siluGradVec(dg, du, gate, u, d *float32, n int)

//go:noescape
func dotVec(a, b *float32, n int) float32

//go:noescape
func sumVec(a *float32, n int) float32

//go:noescape
func maxVec(a *float32, n int) float32

//go:noescape
func axpyVec(dst, x *float32, s float32, n int)

//go:noescape
func rotateVec(a, b, cos, sin *float32, sign float32, n int)

//go:noescape
func scaleVec(dst *float32, s float32, n int)

//go:noescape
func mulScaledVec(dst, x, w *float32, s float32, n int)

//go:noescape
func mulShiftedVec(dst, p *float32, shift, scale float32, n int)

//go:noescape
func dot3Vec(a, b, c *float32, n int) float32

//go:noescape
func normGradVec(dx, x, w, d *float32, r, c float32, n int)
