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
	Center     []float64            `json:"center,omitempty"`
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
		m.noise, m.last, m.opts, m.count, m.cols.center})
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (m *Model) UnmarshalBinary(b []byte) error {
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("reading a reward model: %w", err)
	}
	cols := columnsOf(s.Names, s.Center)
	n := cols.len()
	switch {
	case s.Format != format:
		return fmt.Errorf("reading a reward model: its format is %d, not %d", s.Format, format)
	case len(s.Center) != 0 && len(s.Center) != Meanings || (len(s.Center) == 0) != (s.Options.Embedder == ""):
		return fmt.Errorf("reading a reward model: a center of %d numbers does not fit the embedder %.64q",
			len(s.Center), s.Options.Embedder)
	case len(s.Spread.Group) != cols.groups():
		return fmt.Errorf("reading a reward model: it has %d groups of features, not %d", len(s.Spread.Group), cols.groups())
	case len(s.Weights) != n || len(s.Covariance) != n*(n+1)/2*8:
		return fmt.Errorf("reading a reward model: %d weights and %d bytes of covariance do not fit %d columns",
			len(s.Weights), len(s.Covariance), n)
	case s.Raters == nil || s.Items == nil || s.Kinds == nil:
		return errors.New("reading a reward model: raters, items or kinds are missing")
	}
	for kind, k := range s.Kinds {
		if k == nil || len(k.Text) != cols.firstName() {
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
	*m = Model{cols, s.Weights, cov, s.Gaps, cutsOf(s.Gaps), s.Flag, s.Spread, s.Raters, s.Items, s.Kinds,
		s.Noise, s.Last, s.Options, s.Count}
	return nil
}

// Digest names what a model has learned, by the bytes that it was written as.
func Digest(written []byte) string {
	sum := sha256.Sum256(written)
	return hex.EncodeToString(sum[:8])
}

// Distance is the root mean square difference of what two models expect of items, in
// stars: how far updates one at a time were from a fit. ofA and ofB are the same items, as
// the models see them. Those of which one of them says nothing are left out.
func Distance(a, b *Model, ofA, ofB []Item) float64 {
	var sum, n float64
	for i := range ofA {
		x, ok := a.Predict(&ofA[i])
		y, also := b.Predict(&ofB[i])
		if ok && also {
			sum += (x.Mean - y.Mean) * (x.Mean - y.Mean)
			n++
		}
	}
	return math.Sqrt(sum / max(n, 1))
}
