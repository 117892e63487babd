package nn

import (
	"slices"
	"testing"
)

// TestLinearScaling holds that position 4p, scaled by 4, is p.
func TestLinearScaling(t *testing.T) {
	c := Config{HeadDim: 8, RopeTheta: 10000}
	plain := NewRope(&c, 8)
	c.RopeScaling = &RopeScaling{Factor: 4}
	scaled := NewRope(&c, 32)
	for p := range 8 {
		a := []float32{1, 2, 3, 4, 5, 6, 7, 8}
		b := slices.Clone(a)
		plain.Rotate(a, p)
		scaled.Rotate(b, 4*p)
		if !slices.Equal(a, b) {
			t.Errorf("position %d: %v, scaled %v", p, a, b)
		}
	}
}
