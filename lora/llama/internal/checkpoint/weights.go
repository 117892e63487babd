package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// names are what a format calls the tensors of a model. Those of a layer have a
// %d for its number.
type names struct {
	embed, head, norm                             string
	attnNorm, ffnNorm, q, k, v, o, gate, up, down string
	// ignored are ends of names. Tensors with such a name are not needed.
	ignored []string
}

// loader finds the tensors of a model. The first error stays.
type loader struct {
	names  names
	all    []string // the tensors of the files
	matrix func(name string) (m tensor.Matrix, ok bool, err error)
	// pairs says that the rows of queries and keys are in the order of rotary
	// embeddings that rotate neighbours.
	pairs bool
	plan  bool // only count

	used      map[string]bool
	allocated int64
	err       error
}

// load finds all weights. It refuses a file with other tensors, because the model
// would be another one without them.
func (l *loader) load(c *nn.Config, tied bool) (nn.Weights, error) {
	l.used = map[string]bool{}
	n := l.names
	var w nn.Weights
	w.Embed = l.linear(n.embed, c.Vocab, c.Dim)
	w.Head = w.Embed
	if !tied || l.ownHead(&w.Embed) {
		w.Head = l.linear(n.head, c.Vocab, c.Dim)
	}
	l.used[n.head] = true
	w.Norm = l.vector(n.norm, c.Dim)
	for i := 0; i < c.Layers && l.err == nil; i++ {
		w.Layers = append(w.Layers, l.layer(c, i))
	}
	if l.err != nil {
		return nn.Weights{}, l.err
	}
	for _, name := range l.all {
		if !l.used[name] && !slices.ContainsFunc(n.ignored, func(end string) bool { return strings.HasSuffix(name, end) }) {
			return nn.Weights{}, fmt.Errorf("tensor %q has no place in a Llama model of %d layers without biases", name, c.Layers)
		}
	}
	return w, nil
}

// ownHead reports whether the files have a head that is another matrix than the
// embedding. It then counts, as in transformers 5, also where the configuration
// says that the two are tied.
func (l *loader) ownHead(embed *tensor.Matrix) bool {
	if l.err != nil {
		return false
	}
	head, ok, err := l.matrix(l.names.head)
	if err != nil {
		l.fail(err)
	}
	return ok && (head.Type != embed.Type || !bytes.Equal(head.Data, embed.Data))
}

func (l *loader) layer(c *nn.Config, i int) nn.Layer {
	at := func(name string) string { return fmt.Sprintf(name, i) }
	n := l.names
	q, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	return nn.Layer{
		AttnNorm: l.vector(at(n.attnNorm), c.Dim),
		FFNNorm:  l.vector(at(n.ffnNorm), c.Dim),
		Q:        l.halves(l.linear(at(n.q), q, c.Dim), c.HeadDim),
		K:        l.halves(l.linear(at(n.k), kv, c.Dim), c.HeadDim),
		V:        l.linear(at(n.v), kv, c.Dim),
		O:        l.linear(at(n.o), c.Dim, q),
		Gate:     l.linear(at(n.gate), c.FFN, c.Dim),
		Up:       l.linear(at(n.up), c.FFN, c.Dim),
		Down:     l.linear(at(n.down), c.Dim, c.FFN),
	}
}

func (l *loader) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

func (l *loader) get(name string, rows, cols int) (m tensor.Matrix, ok bool) {
	if l.err != nil {
		return m, false
	}
	m, ok, err := l.matrix(name)
	switch {
	case err != nil:
		l.fail(err)
	case !ok:
		l.fail(fmt.Errorf("tensor %q is missing", name))
	case m.Rows != rows || m.Cols != cols:
		l.fail(fmt.Errorf("tensor %q is [%d,%d]; the configuration makes it [%d,%d]", name, m.Rows, m.Cols, rows, cols))
	default:
		l.used[name] = true
		if l.plan || m.Type.Quantum() == 0 {
			return m, true
		}
		block, ok := m.Finite()
		if !ok {
			l.fail(fmt.Errorf("tensor %q has a scale in block %d that is infinite or not a number", name, block))
		}
		return m, ok
	}
	return tensor.Matrix{}, false
}

// linear returns a matrix as a view of the file, or as a copy when the file has
// float32 numbers that are not aligned.
func (l *loader) linear(name string, rows, cols int) tensor.Matrix {
	m, ok := l.get(name, rows, cols)
	if !ok || m.Type != tensor.F32 || uintptr(unsafe.Pointer(unsafe.SliceData(m.Data)))%4 == 0 {
		return m
	}
	l.allocated += int64(len(m.Data))
	if l.plan {
		return m
	}
	floats := make([]float32, 0, rows*cols)
	for r := range rows {
		m.Dequantize(floats[r*cols:(r+1)*cols], r, 0)
	}
	return tensor.FromFloats(rows, cols, floats[:rows*cols])
}

func (l *loader) vector(name string, n int) []float32 {
	m, ok := l.get(name, 1, n)
	if !ok {
		return nil
	}
	l.allocated += int64(4 * n)
	if l.plan {
		return nil
	}
	v := make([]float32, n)
	m.Dequantize(v, 0, 0)
	return v
}

// halves orders the rows of each head for rotary embeddings that rotate its two
// halves. Only whole rows move. Quantised ones stay where they are.
func (l *loader) halves(m tensor.Matrix, head int) tensor.Matrix {
	if !l.pairs || l.err != nil {
		return m
	}
	paired := m
	paired.Paired = head
	if m.Type.Quantum() > 0 {
		return paired
	}
	l.allocated += int64(len(m.Data))
	if l.plan {
		return m
	}
	size := m.RowBytes()
	data := make([]byte, len(m.Data))
	for row := range m.Rows {
		copy(data[row*size:(row+1)*size], m.Data[paired.Stored(row)*size:])
	}
	m.Data = data
	return m
}

// check refuses an impossible configuration, before its numbers are multiplied.
func check(c *nn.Config) error {
	const most = 1 << 24
	for _, f := range []struct {
		name string
		n    int
	}{
		{"vocabulary", c.Vocab}, {"width", c.Dim}, {"number of layers", c.Layers}, {"number of heads", c.Heads},
		{"number of key heads", c.KVHeads}, {"size of a head", c.HeadDim}, {"feed-forward width", c.FFN}, {"context", c.Context},
	} {
		if f.n < 1 || f.n > most {
			return fmt.Errorf("the %s is %d; 1 to %d was expected", f.name, f.n, most)
		}
	}
	switch {
	case c.Heads%c.KVHeads != 0:
		return fmt.Errorf("%d heads share %d keys; a multiple was expected", c.Heads, c.KVHeads)
	case c.HeadDim%2 != 0:
		return fmt.Errorf("the size of a head is %d; an even number was expected", c.HeadDim)
	case c.Heads > most/c.HeadDim:
		return fmt.Errorf("%d heads of %d; at most %d values were expected", c.Heads, c.HeadDim, most)
	case !(c.Eps >= 0 && c.Eps < 1):
		return fmt.Errorf("the norms' epsilon is %g; 0 to 1 was expected", c.Eps)
	case !(c.RopeTheta >= 1 && c.RopeTheta < 1e12):
		return fmt.Errorf("the rotary base is %g; 1 to 1e12 was expected", c.RopeTheta)
	}
	s := c.RopeScaling
	switch {
	case s == nil:
	case !(s.Factor >= 1 && s.Factor < 1e12):
		return fmt.Errorf("the rotary scaling's factor is %g; 1 or more was expected", s.Factor)
	case !s.Linear() && !(s.LowFreqFactor > 0 && s.HighFreqFactor > s.LowFreqFactor && s.OriginalContext > 0):
		return errors.New("the rotary scaling's frequency factors must grow, and its original context must be positive")
	}
	return nil
}
