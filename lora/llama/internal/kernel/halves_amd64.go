package kernel

import "github.com/pastime-go/pastime/lora/llama/internal/tensor"

// widenHalves turns numbers of a 16-bit type, a multiple of 8, into float32.
func widenHalves(t tensor.Type, dst []float32, h []uint16) {
	_ = dst[len(h)-1]
	if t == tensor.BF16 {
		widenBF16(&dst[0], &h[0], len(h))
	} else {
		widenF16(&dst[0], &h[0], len(h))
	}
}

//go:noescape
func widenBF16(dst *float32, h *uint16, n int)

//go:noescape
func widenF16(dst *float32, h *uint16, n int)

// fuseHalves adds to sum the products of n interleaved values of a with n rows of
// nr numbers of each of two panels.
func fuseHalves(t tensor.Type, sum *[4 * nr]float32, a []float32, h0, h1 []uint16, n int) {
	_, _, _ = a[(n-1)*mr], h0[n*nr-1], h1[n*nr-1]
	if t == tensor.BF16 {
		fuseBF16(&sum[0], &a[0], &h0[0], &h1[0], n)
	} else {
		fuseF16(&sum[0], &a[0], &h0[0], &h1[0], n)
	}
}

//go:noescape
func fuseBF16(sum, a *float32, h0, h1 *uint16, n int)

//go:noescape
func fuseF16(sum, a *float32, h0, h1 *uint16, n int)
