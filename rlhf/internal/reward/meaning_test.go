package reward

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/internal/stat"
)

// library is a world in which what people like is in the texts alone: each text is about one
// of 40 subjects, and a subject's worth is linear in what the subject means. Kind, family and
// level say nothing of it. Each subject has 30 words, so a text has few words in common with
// another one of its subject.
type library struct {
	rng     *rand.Rand
	meaning [40][]float64 // of a subject, in a space of eight dimensions
	worth   [40]float64
	mixing  [256][]float64 // from these to an embedder's vector
	common  [256]float64   // which all its vectors have in common
	bias    [20]float64
}

func newLibrary(seed uint64, sd float64) *library {
	l := &library{rng: rand.New(rand.NewPCG(seed, 43))}
	normals := func(n int) (v []float64) {
		for range n {
			v = append(v, l.rng.NormFloat64())
		}
		return v
	}
	taste := normals(8)
	for s := range l.meaning {
		l.meaning[s] = normals(8)
		for i, x := range l.meaning[s] {
			l.worth[s] += sd * taste[i] * x / math.Sqrt(8)
		}
	}
	for i := range l.mixing {
		l.mixing[i], l.common[i] = normals(8), 3*l.rng.NormFloat64()
	}
	for r := range l.bias {
		l.bias[r] = 0.5 * l.rng.NormFloat64()
	}
	return l
}

// ratings are n of random people, each of a text of its own.
func (l *library) ratings(after, n int) (obs []Observation) {
	for k := range n {
		s, r := l.rng.IntN(len(l.meaning)), l.rng.IntN(len(l.bias))
		words := make([]string, 12)
		for i := range words {
			words[i] = fmt.Sprintf("s%dw%d", s, l.rng.IntN(30))
		}
		vector := make([]float32, len(l.mixing))
		for i := range vector {
			x := l.common[i] + l.rng.NormFloat64()
			for j, m := range l.mixing[i] {
				x += m * l.meaning[s][j]
			}
			vector[i] = float32(x)
		}
		y := math.Round(3 + l.worth[s] + l.bias[r] + 0.8*l.rng.NormFloat64())
		obs = append(obs, Observation{
			Rater: fmt.Sprint("r", r), Stars: int(min(max(y, 1), stars)), At: epoch.Add(time.Duration(after+k) * time.Hour),
			Item: Item{ID: fmt.Sprint("t", after+k), Kind: fmt.Sprint("kind", l.rng.IntN(4)), Level: 1 + l.rng.IntN(4),
				Text: strings.Join(words, " "), Meaning: Project(vector)},
		})
	}
	return obs
}

// TestMeaningIsLearned compares errors on new texts with and without what an embedder says of
// them, in worlds of texts that people like for their subject, and in worlds of those of which
// they like none better.
func TestMeaningIsLearned(t *testing.T) {
	for _, sd := range []float64{0.8, 0} {
		var gains []float64
		var words, both, baseline float64
		all := seeds(3, 60)
		for _, seed := range all {
			l := newLibrary(seed, sd)
			obs, held := l.ratings(0, 250), l.ratings(250, 500)
			plain := fit(t, obs, nil).Measure(obs, held)
			with := fit(t, obs, &Options{Embedder: "e"}).Measure(obs, held)
			gains = append(gains, plain.RMSE-with.RMSE)
			n := float64(len(all))
			words, both, baseline = words+plain.RMSE/n, both+with.RMSE/n, baseline+plain.BaselineRMSE/n
		}
		low, high := stat.Bootstrap(gains, 0.95, 2000, 1)
		t.Logf("taste of sd %.1f: an error of %.3f stars by words, %.3f with meanings, %.3f by means: %.4f less "+
			"(%.4f to %.4f), in %d worlds",
			sd, words, both, baseline, words-both, low, high, len(all))
		if sd > 0 && !(low > 0) {
			t.Errorf("meanings make errors less by %.4f to %.4f stars, want more than 0", low, high)
		}
		if most := 0.02; sd == 0 && !(words-both > -most) {
			t.Errorf("meanings that say nothing make errors less by %.4f to %.4f stars, want at most %.2f more", low, high, most)
		}
	}
}

// TestWithoutAnEmbedder has meanings say nothing to a model that has no embedder, and leave no
// trace in what is stored of it.
func TestWithoutAnEmbedder(t *testing.T) {
	obs := newLibrary(1, 0.8).ratings(0, 100)
	written := func(o *Options) []byte {
		m := fit(t, obs[:80], o)
		for i := range obs[80:] {
			m.Update(&obs[80+i], nil)
		}
		b, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	with, other := written(nil), written(&Options{Embedder: "e"})
	for i := range obs {
		obs[i].Item.Meaning = nil
	}
	without := written(nil)
	if !bytes.Equal(with, without) {
		t.Error("without an embedder, a model with meanings is not the one without")
	}
	for _, word := range []string{"Embedder", "center"} {
		if bytes.Contains(without, []byte(word)) || !bytes.Contains(other, []byte(word)) {
			t.Errorf("%q must be in what is stored of a model with an embedder alone", word)
		}
	}
	if named := written(&Options{Embedder: "e2"}); Digest(named) == Digest(written(&Options{Embedder: "e"})) {
		t.Error("models of two embedders have one digest")
	}
}

// TestMeaningIsStored reads a model back, which predicts the same, and is less sure of a text
// whose meaning is not known.
func TestMeaningIsStored(t *testing.T) {
	obs := newLibrary(2, 0.8).ratings(0, 300)
	m := fit(t, obs, &Options{Embedder: "e"})
	b, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var again Model
	if err := again.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	i := newLibrary(2, 0.8).ratings(0, 1)[0].Item
	i.ID = "new"
	p, _ := m.Predict(&i)
	if q, ok := again.Predict(&i); !ok || q != p || again.Embedder() != "e" {
		t.Errorf("%+v is expected by what was read, and %+v by what was written", q, p)
	}
	i.Meaning = nil
	if q, ok := m.Predict(&i); !ok || !(q.SD > p.SD) {
		t.Errorf("a text with a meaning has %+v, and %+v without: the latter must be less sure", p, q)
	}
	if new(Model).UnmarshalBinary(bytes.Replace(b, []byte(`"Embedder":"e"`), []byte(`"Embedder":"" `), 1)) == nil {
		t.Error("meanings without an embedder are read")
	}
}

// TestProject keeps cosines, roughly, and takes nothing for what is no vector.
func TestProject(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 47))
	var off float64
	const pairs, n = 500, 768
	for range pairs {
		a, b := make([]float32, n), make([]float32, n)
		var ab, aa, bb float64
		for i := range a {
			x := rng.NormFloat64()
			a[i], b[i] = float32(x), float32(x+rng.NormFloat64())
			ab, aa, bb = ab+float64(a[i]*b[i]), aa+float64(a[i]*a[i]), bb+float64(b[i]*b[i])
		}
		p, q := Project(a), Project(b)
		dot := 0.0
		for j := range p {
			dot += float64(p[j] * q[j])
		}
		d := dot - ab/math.Sqrt(aa*bb)
		off += d * d / pairs
	}
	if sd := math.Sqrt(off); !(sd < 1.5/math.Sqrt(Meanings)) { // (1+cos²)/n, by the theory
		t.Errorf("cosines are off by %.3f", sd)
	}
	inf := float32(math.Inf(1))
	for _, v := range [][]float32{nil, {0, 0}, {inf, 1}, {float32(math.NaN())}} {
		if p := Project(v); p != nil {
			t.Errorf("Project(%v) = %v, want nil", v, p)
		}
	}
}
