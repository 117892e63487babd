package reward

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/mat"
)

// format is that of a stored model. A model of another one is not read.
const format = 1

// stored is a model as it is written.
type stored struct {
	Format     int                  `json:"format"`
	Names      []string             `json:"names"`
	Weights    []float64            `json:"weights"`
	Covariance []byte               `json:"covariance"` // the upper triangle by rows, little-endian
	Gaps       [stars - 2]float64   `json:"gaps"`
	Flag       float64              `json:"flag"`
	Spread     spread               `json:"spread"`
	Raters     map[string]*rater    `json:"raters"`
	Items      map[string]*effect   `json:"items"`
	Kinds      map[string]*seenKind `json:"kinds"`
	Noise      float64              `json:"noise"`
	Last       time.Time            `json:"last"`
	Options    Options              `json:"options"`
	Count      int                  `json:"count"`
}

// MarshalBinary writes the model. Equal models give equal bytes.
func (m *Model) MarshalBinary() ([]byte, error) {
	n := len(m.w)
	cov := make([]byte, 0, n*(n+1)/2*8)
	for i := range n {
		for j := i; j < n; j++ {
			cov = binary.LittleEndian.AppendUint64(cov, math.Float64bits(m.cov.At(i, j)))
		}
	}
	return json.Marshal(stored{format, m.cols.names, m.w, cov, m.gaps, m.flag, m.spread, m.raters, m.items, m.kinds,
		m.noise, m.last, m.opts, m.count})
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (m *Model) UnmarshalBinary(b []byte) error {
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("reading a reward model: %w", err)
	}
	n := firstName + len(s.Names)
	switch {
	case s.Format != format:
		return fmt.Errorf("reading a reward model: its format is %d, not %d", s.Format, format)
	case len(s.Weights) != n || len(s.Covariance) != n*(n+1)/2*8:
		return fmt.Errorf("reading a reward model: %d weights and %d bytes of covariance do not fit %d columns",
			len(s.Weights), len(s.Covariance), n)
	case s.Raters == nil || s.Items == nil || s.Kinds == nil:
		return errors.New("reading a reward model: raters, items or kinds are missing")
	}
	for kind, k := range s.Kinds {
		if k == nil || len(k.Text) != firstName {
			return fmt.Errorf("reading a reward model: what was seen of %q does not fit", kind)
		}
	}
	cov, at := mat.NewSymDense(n, nil), 0
	for i := range n {
		for j := i; j < n; j++ {
			cov.SetSym(i, j, math.Float64frombits(binary.LittleEndian.Uint64(s.Covariance[at:])))
			at += 8
		}
	}
	*m = Model{columnsOf(s.Names), s.Weights, cov, s.Gaps, cutsOf(s.Gaps), s.Flag, s.Spread, s.Raters, s.Items, s.Kinds,
		s.Noise, s.Last, s.Options, s.Count}
	return nil
}

// Digest names what a model has learned, by the bytes that it was written as.
func Digest(written []byte) string {
	sum := sha256.Sum256(written)
	return hex.EncodeToString(sum[:8])
}

// Distance is the root mean square difference of what two models expect of items, in
// stars: how far updates one at a time were from a fit. Items of which one of them says
// nothing are left out.
func Distance(a, b *Model, items []Item) float64 {
	var sum, n float64
	for i := range items {
		x, ok := a.Predict(&items[i])
		y, also := b.Predict(&items[i])
		if ok && also {
			sum += (x.Mean - y.Mean) * (x.Mean - y.Mean)
			n++
		}
	}
	return math.Sqrt(sum / max(n, 1))
}
