package adapter

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/checkpoint"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

var testBase = base("x", model(1, nil))

var baseShape = &nn.Config{Vocab: 7, Dim: 32, Layers: 3, Heads: 4, KVHeads: 2, HeadDim: 16, FFN: 64, Context: 16}

// model is a random model, its norms all 1 as before training; change may change
// the values of a vector (of one row) or matrix before it is stored.
func model(seed uint64, change func(v []float32, rows, cols int) tensor.Matrix) *nn.Weights {
	r := rand.New(rand.NewPCG(seed, 1))
	if change == nil {
		change = func(v []float32, rows, cols int) tensor.Matrix { return tensor.FromFloats(rows, cols, v) }
	}
	norm := func() []float32 {
		m := change(slices.Repeat([]float32{1}, baseShape.Dim), 1, baseShape.Dim)
		return values(m)
	}
	w := &nn.Weights{Norm: norm()}
	for range baseShape.Layers {
		y := nn.Layer{AttnNorm: norm(), FFNNorm: norm()}
		for m := range nn.Modules {
			rows, cols := baseShape.Shape(m)
			v := make([]float32, rows*cols)
			for i := range v {
				v[i] = float32(r.NormFloat64())
			}
			*y.Linear(m) = change(v, rows, cols)
		}
		w.Layers = append(w.Layers, y)
	}
	return w
}

func values(m tensor.Matrix) []float32 {
	v := make([]float32, m.Rows*m.Cols)
	for i := range m.Rows {
		m.Dequantize(v[i*m.Cols:][:m.Cols], i, 0)
	}
	return v
}

func base(name string, w *nn.Weights) Base {
	return Base{Digest: "digest of " + name, Name: name, Sketch: NewSketch(baseShape, w)}
}

// bfloat16 stores values rounded to BF16.
func bfloat16(v []float32, rows, cols int) tensor.Matrix {
	var data []byte
	for _, x := range v {
		bits := math.Float32bits(x)
		data = binary.LittleEndian.AppendUint16(data, uint16((bits+0x7fff+bits>>16&1)>>16))
	}
	return tensor.Matrix{Type: tensor.BF16, Rows: rows, Cols: cols, Data: data}
}

// eighths stores matrices as Q8_0, but for the scale, which is a power of two.
func eighths(v []float32, rows, cols int) tensor.Matrix {
	if rows == 1 {
		return tensor.FromFloats(rows, cols, v)
	}
	var data []byte
	for b := range slices.Chunk(v, 32) {
		largest := slices.MaxFunc(b, func(x, y float32) int { return int(math.Abs(float64(x))*1e6) - int(math.Abs(float64(y))*1e6) })
		_, e := math.Frexp(float64(largest))
		e = int(math.Abs(float64(e)))
		data = binary.LittleEndian.AppendUint16(data, uint16(15+e-7)<<10)
		for _, x := range b {
			data = append(data, byte(int8(max(-127, min(127, math.Round(math.Ldexp(float64(x), 7-e)))))))
		}
	}
	return tensor.Matrix{Type: tensor.Q8_0, Rows: rows, Cols: cols, Data: data}
}

// changed adds to matrices, and after to norms, numbers of a size.
func changed(after func(v []float32, rows, cols int) tensor.Matrix, linear, norms float64) func(v []float32, rows, cols int) tensor.Matrix {
	r := rand.New(rand.NewPCG(5, 5))
	return func(v []float32, rows, cols int) tensor.Matrix {
		v = values(after(v, rows, cols))
		for i := range v {
			size := linear
			if rows == 1 {
				size = norms
			}
			v[i] += float32(size * r.NormFloat64())
		}
		return tensor.FromFloats(rows, cols, v)
	}
}

func float(v []float32, rows, cols int) tensor.Matrix { return tensor.FromFloats(rows, cols, v) }

// The same model in another format is the same base; another one is not, be it as
// near as a fine-tuned or merged one.
func TestBase(t *testing.T) {
	for name, c := range map[string]struct {
		trained, model *nn.Weights
		same           bool
	}{
		"the same":                      {model(1, nil), model(1, nil), true},
		"rounded":                       {model(1, nil), model(1, bfloat16), true},
		"before it was rounded":         {model(1, bfloat16), model(1, nil), true},
		"quantised":                     {model(1, nil), model(1, eighths), true},
		"before it was quantised":       {model(1, eighths), model(1, nil), true},
		"both":                          {model(1, eighths), model(1, bfloat16), true},
		"other weights":                 {model(1, nil), model(2, nil), false},
		"other weights, quantised":      {model(1, eighths), model(2, eighths), false},
		"tuned":                         {model(1, nil), model(1, changed(float, 1e-5, 0)), false},
		"tuned norms":                   {model(1, nil), model(1, changed(float, 0, 1e-5)), false},
		"tuned norms, quantised":        {model(1, eighths), model(1, changed(eighths, 0, 1e-2)), false},
		"merged into what was rounded":  {model(1, bfloat16), model(1, changed(bfloat16, 1e-2, 0)), false},
		"merged into what is quantised": {model(1, eighths), model(1, changed(eighths, 1e-3, 0)), false},
	} {
		err := base("trained", c.trained).Check(base("model", c.model))
		if same := err == nil; same != c.same {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, lora.ErrBase) {
			t.Errorf("%s: %v, want ErrBase", name, err)
		}
		for _, part := range []string{`"trained" (`, `"model" (`, "differ by"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q, which does not say %q", name, err, part)
			}
		}
	}
	if err := (Base{}).Check(testBase); err != nil {
		t.Errorf("an unknown base: %v", err)
	}
}

func TestSketchText(t *testing.T) {
	for _, w := range []*nn.Weights{model(1, nil), model(2, eighths)} {
		s := NewSketch(baseShape, w)
		got, err := parseSketch(s.text())
		if err != nil || !reflect.DeepEqual(got, s) {
			t.Errorf("%+v, %v, want %+v", got, err, s)
		}
	}
	text := testBase.Sketch.text()
	for _, bad := range []string{"", "F32", text[:len(text)-8], "F33" + text[3:], text + "AAAA", strings.Replace(text, " ", " *", 1)} {
		if _, err := parseBase("x", "d", bad); err == nil || !strings.Contains(err.Error(), keyBaseWeights) {
			t.Errorf("%.10q: %v", bad, err)
		}
	}
}

var peerBases = flag.String("peer-bases", "", "the folder that .ci/peers logits quantised SmolLM2 to")

// TestPeerBases takes SmolLM2 in every type for the same model, by .ci/peers logits.
func TestPeerBases(t *testing.T) {
	if *peerBases == "" {
		t.Skip("without -peer-bases")
	}
	files, err := filepath.Glob(filepath.Join(*peerBases, "*.gguf"))
	if err != nil || len(files) < 2 {
		t.Fatal("no models", err)
	}
	var all []Base
	for _, path := range files {
		if err := checkpoint.Weights(path, func(c nn.Config, w *nn.Weights) error {
			all = append(all, Base{Digest: path, Name: filepath.Base(path), Sketch: NewSketch(&c, w)})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range all {
		var line []string
		for _, b := range all {
			if err := a.Check(b); err != nil {
				t.Error(err)
			}
			line = append(line, fmt.Sprintf("%v %.3f", b.Sketch.Type, apart(a.Sketch.Linear, b.Sketch.Linear)))
		}
		t.Log(a, line)
	}
}
