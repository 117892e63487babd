package adapter

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// Base is the model that an adapter was trained on, as the adapter's files name
// it. The zero value is an unknown base: files of other programs do not name
// it.
type Base struct {
	// Digest is the digest of the model's files. It differs between formats.
	Digest string
	// Name is for people.
	Name string
	// Sketch tells whether other files hold the same model.
	Sketch Sketch
}

// Sketch is some of a model's values, always at the same places, and the coarsest
// type among them. It identifies the same model in another format, because a
// quantised model has nearly the same values.
type Sketch struct {
	Type          tensor.Type
	Norms, Linear []float32
}

const (
	sketchNorms  = 64
	sketchLinear = 192
)

// noise is the largest difference between quantised values and the original ones, by type,
// as a ratio of root mean squares. For SmolLM2's matrices, Q4_K's is 0.08.
var noise = map[tensor.Type]float64{
	tensor.Q8_0: 0.02, tensor.Q6K: 0.05, tensor.Q5K: 0.1, tensor.Q5_1: 0.1, tensor.Q5_0: 0.1,
	tensor.Q4K: 0.2, tensor.Q4_1: 0.2, tensor.Q4_0: 0.2, tensor.IQ4NL: 0.2, tensor.IQ4XS: 0.2,
	tensor.Q3K: 0.35, tensor.Q2K: 0.6,
}

// least is the least difference that quantising makes, as a part of the type's
// noise.
const least = 1. / 16

// NewSketch takes the sketch of a model.
func NewSketch(c *nn.Config, w *nn.Weights) Sketch {
	var s Sketch
	norms := [][]float32{w.Norm}
	var linear []*tensor.Matrix
	for l := range w.Layers {
		y := &w.Layers[l]
		norms = append(norms, y.AttnNorm, y.FFNNorm)
		for m := range nn.Modules {
			linear = append(linear, y.Linear(m))
		}
	}
	for i := range sketchNorms {
		v := norms[i*len(norms)/sketchNorms]
		s.Norms = append(s.Norms, v[spot(i, len(v))])
	}
	for i := range sketchLinear {
		m := linear[i*len(linear)/sketchLinear]
		var v [1]float32
		m.Dequantize(v[:], spot(2*i, m.Rows), spot(2*i+1, m.Cols))
		s.Linear = append(s.Linear, v[0])
		if noise[m.Type] > noise[s.Type] || i == 0 {
			s.Type = m.Type
		}
	}
	return s
}

// spot returns the i-th of a fixed sequence of places below n that look random.
func spot(i, n int) int {
	hi, _ := bits.Mul64(uint64(i+1)*0x9e3779b97f4a7c15, uint64(n))
	return int(hi)
}

// Check returns an ErrBase for a model that is not b, on which an adapter was
// trained. An unknown base is accepted; the caller reports that.
func (b Base) Check(model Base) error {
	if b.Digest == "" || b.Digest == model.Digest {
		return nil
	}
	if why := b.Sketch.differs(model.Sketch); why != "" {
		return fmt.Errorf("%w: the adapter was trained on %v, the model is %v; %s", lora.ErrBase, b, model, why)
	}
	return nil
}

func (b Base) String() string {
	digest := ""
	if b.Digest != "" {
		digest = fmt.Sprintf(", digest %.12q", b.Digest)
	}
	return fmt.Sprintf("%.80q (%v%s)", b.Name, b.Sketch.Type, digest)
}

// differs says why two sketches are of different models. It returns "" when they
// are not.
//
// Norms are never quantised. Linear layers may be. They then differ by as much as
// the types' noise explains, neither more nor less. An unquantised model that
// differs less from a quantised one was made from it, by merging an adapter.
func (s Sketch) differs(t Sketch) string {
	low, high := rounding(s.Norms, t.Norms)
	if d := apart(s.Norms, t.Norms); !within(d, low, high) {
		return fmt.Sprintf("the norms' weights differ by %.2g %%, and those of one model %s", 100*d, between(low, high))
	}
	switch a, b := noise[s.Type], noise[t.Type]; {
	case a == 0 && b == 0:
		low, high = rounding(s.Linear, t.Linear)
	case a == 0 || b == 0:
		low, high = (a+b)*least, a+b
	default:
		low, high = 0, math.Hypot(a, b)
	}
	if d := apart(s.Linear, t.Linear); !within(d, low, high) {
		return fmt.Sprintf("the linear layers' weights differ by %.2g %%, and those of one model, as %v and %v, %s",
			100*d, s.Type, t.Type, between(low, high))
	}
	return ""
}

func between(low, high float64) string {
	if high == 0 {
		return "not at all"
	}
	return fmt.Sprintf("not at all or by %.2g to %.2g %%", 100*low, 100*high)
}

func within(d, low, high float64) bool { return d == 0 || d >= low && d <= high }

// apart is the distance of two vectors divided by the longer one's length.
func apart(a, b []float32) float64 {
	var d, x, y float64
	for i := range a {
		d += math.Pow(float64(a[i])-float64(b[i]), 2)
		x += float64(a[i]) * float64(a[i])
		y += float64(b[i]) * float64(b[i])
	}
	if d == 0 {
		return 0
	}
	return math.Sqrt(d / max(x, y))
}

// rounding returns the range of the distance between floats and the same floats
// rounded to fewer bits. It is 0 when both have equally many bits.
func rounding(a, b []float32) (low, high float64) {
	m, n := mantissa(a), mantissa(b)
	if m == n {
		return 0, 0
	}
	high = math.Ldexp(1, -min(m, n))
	return high * least, high
}

// mantissa is the number of bits that values need: 8 for BF16, 11 for F16, 24 for
// F32.
func mantissa(v []float32) int {
	most := 8
	for _, x := range v {
		most = max(most, 24-bits.TrailingZeros32(math.Float32bits(x)&(1<<23-1)|1<<23))
	}
	return most
}

// text returns the sketch for files: the type, and the values in base 64.
func (s Sketch) text() string {
	var data []byte
	for _, v := range slices.Concat(s.Norms, s.Linear) {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return s.Type.String() + " " + base64.StdEncoding.EncodeToString(data)
}

// parseSketch reads what text wrote.
func parseSketch(text string) (Sketch, error) {
	name, values, _ := strings.Cut(text, " ")
	kind, ok := tensor.ParseType(name)
	data, err := base64.StdEncoding.DecodeString(values)
	if !ok || err != nil || len(data) != 4*(sketchNorms+sketchLinear) {
		return Sketch{}, fmt.Errorf("%d bytes; a type and %d values in base 64 were expected", len(text), sketchNorms+sketchLinear)
	}
	v := make([]float32, len(data)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return Sketch{Type: kind, Norms: v[:sketchNorms], Linear: v[sketchNorms:]}, nil
}

// The entries of files' metadata that name the base.
const (
	keyBaseDigest  = "pastime.base.digest"
	keyBaseWeights = "pastime.base.weights"
	keyBases       = "general.base_model.count"
	keyBaseName    = "general.base_model.0.name"
)

// parseBase reads the entries. Without a digest the base is unknown.
func parseBase(name, digest, weights string) (b Base, err error) {
	b = Base{Name: name, Digest: digest}
	if digest != "" {
		if b.Sketch, err = parseSketch(weights); err != nil {
			return Base{}, fmt.Errorf("metadata %q: %w", keyBaseWeights, err)
		}
	}
	return b, nil
}
