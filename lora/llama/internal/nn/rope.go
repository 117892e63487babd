package nn

import (
	"math"

	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
)

// Rope is a table of rotary position embeddings (Su et al., "RoFormer", 2021),
// rotating the two halves of a head against each other.
type Rope struct {
	half     int
	cos, sin []float32 // [positions, half]
}

// NewRope makes the table for positions [0, positions). Angles are float32
// products, as in the reference implementation.
func NewRope(c *Config, positions int) *Rope {
	half := c.HeadDim / 2
	r := &Rope{half: half, cos: make([]float32, positions*half), sin: make([]float32, positions*half)}
	for j := range half {
		f := float32(c.frequency(j))
		for p := range positions {
			sin, cos := math.Sincos(float64(float32(p) * f))
			r.cos[p*half+j], r.sin[p*half+j] = float32(cos), float32(sin)
		}
	}
	return r
}

// frequency is the angle per position of the j-th pair.
func (c *Config) frequency(j int) float64 {
	f := math.Pow(c.RopeTheta, -2*float64(j)/float64(c.HeadDim))
	s := c.RopeScaling
	if s == nil {
		return f
	}
	if s.Linear() {
		return f / s.Factor
	}
	// Slow pairs are stretched, fast ones kept, those between interpolated.
	turns := float64(s.OriginalContext) * f / (2 * math.Pi)
	switch {
	case turns < s.LowFreqFactor:
		return f / s.Factor
	case turns > s.HighFreqFactor:
		return f
	}
	smooth := (turns - s.LowFreqFactor) / (s.HighFreqFactor - s.LowFreqFactor)
	return (1-smooth)*f/s.Factor + smooth*f
}

// Positions is how many positions the table has.
func (r *Rope) Positions() int {
	if r.half == 0 {
		return 0
	}
	return len(r.cos) / r.half
}

// Rotate turns every head of x, a row of heads, to a position.
func (r *Rope) Rotate(x []float32, position int) { r.turn(x, position, 1) }

// Back undoes Rotate, which is also its gradient.
func (r *Rope) Back(x []float32, position int) { r.turn(x, position, -1) }

func (r *Rope) turn(x []float32, position int, sign float32) {
	cos, sin := r.cos[position*r.half:][:r.half], r.sin[position*r.half:][:r.half]
	for ; len(x) > 0; x = x[2*r.half:] {
		kernel.Rotate(x[:r.half], x[r.half:2*r.half], cos, sin, sign)
	}
}
