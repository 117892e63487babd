package rlhf

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf/internal/reward"
)

// taste is a fitted reward model that goes on learning. It is safe for concurrent use.
type taste struct {
	mu    sync.Mutex
	model *reward.Model
	means *meanings             // what its embedder says of texts
	fit   string                // the digest of the model as it was fitted
	after int64                 // the position of the last feedback that it learned from since
	meant textHash              // of the positions of those whose meaning it knew
	words map[[16]byte]lastWord // the last words, by whose and of what: without pointers, which a collector would follow
	cells map[hobby.Candidate]expected
}

// lastWord is what somebody said last of something, as an observation has it.
type lastWord struct{ stars, helpful int8 }

func wordIn(o *reward.Observation) lastWord {
	s := lastWord{stars: int8(o.Stars)}
	if o.Helpful != nil {
		s.helpful = -1
		if *o.Helpful {
			s.helpful = 1
		}
	}
	return s
}

func (s lastWord) observation() reward.Observation {
	o := reward.Observation{Stars: int(s.stars)}
	if s.helpful != 0 {
		o.Helpful = new(s.helpful > 0)
	}
	return o
}

// hash names a word by a part of its SHA-256.
func (w word) hash() (h [16]byte) {
	b := make([]byte, 0, 256)
	for _, part := range []string{w.rater, string(w.of.Type), w.of.ID} {
		b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	}
	sum := sha256.Sum256(b)
	copy(h[:], sum[:])
	return h
}

// word is whose last word it is, of what.
type word struct {
	rater string
	of    Ref
}

// expected is what is expected of something that is practised.
type expected struct {
	reward.Prediction
	known bool
}

// modelVersion is a part of the name of each model, and changes with how models are made.
const modelVersion = "1"

// fitTaste learns from all feedback, in the order of storing. The error is
// reward.ErrTooFew where there is not enough.
func fitTaste(all []Rated, means *meanings) (*taste, error) {
	key := means.current()
	obs := observations(all, means.by(key, ofNobody))
	m, err := reward.Fit(obs, &reward.Options{Since: reward.Changed(obs), Embedder: key})
	if err != nil {
		return nil, err
	}
	b, err := m.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("rlhf: writing the reward model: %w", err)
	}
	return newTaste(m, reward.Digest(b), all, means), nil
}

func newTaste(m *reward.Model, fit string, all []Rated, means *meanings) *taste {
	t := &taste{
		model: m, means: means, fit: fit,
		words: map[[16]byte]lastWord{}, cells: map[hobby.Candidate]expected{},
	}
	for i := range all {
		r := &all[i]
		if o, ok := observation(r, nil); ok {
			t.words[wordOf(r).hash()] = wordIn(&o) // the last one, whatever was said since the fit
		}
	}
	return t
}

// look reads what the model's embedder says of texts.
func (t *taste) look(i interest) lookup { return t.means.by(t.model.Embedder(), i) }

func wordOf(r *Rated) word { return word{r.Rater, r.About.Ref()} }

// observations are what can be learned from: each rater's last words with stars or a flag,
// in the order of time.
func observations(all []Rated, look lookup) []reward.Observation {
	obs, last := make([]reward.Observation, 0, len(all)), make(map[word]int, len(all))
	for i := range all {
		o, ok := observation(&all[i], look)
		if !ok || all[i].Superseded {
			continue
		}
		w := wordOf(&all[i])
		if at, said := last[w]; said {
			obs[at] = o
			continue
		}
		last[w] = len(obs)
		obs = append(obs, o)
	}
	slices.SortStableFunc(obs, func(a, b reward.Observation) int { return a.At.Compare(b.At) })
	return obs
}

func observation(r *Rated, look lookup) (reward.Observation, bool) {
	if !r.Judges() {
		return reward.Observation{}, false
	}
	return reward.Observation{Rater: r.Rater, Item: itemOf(&r.About, look), Stars: r.Rating, Helpful: r.Helpful, At: r.At,
		Claimed: r.Voice != ""}, true
}

// itemOf is a target as the model sees it. look may be nil.
func itemOf(t *Target, look lookup) reward.Item {
	i := reward.Item{
		ID: string(t.Type) + ":" + t.ID, Answers: t.Items, Kind: string(t.Kind), Family: cmp.Or(t.Family, t.Topic), Level: t.Level, Text: t.Text,
		Confidence: t.Confidence, Evidence: t.Evidence, Untrusted: t.Untrusted,
	}
	if t.Items > 0 {
		i.Passed = float64(t.Passes) / float64(t.Items)
	}
	if look != nil && t.Text != "" {
		i.Meaning = look(t.Text)
	}
	return i
}

// learn implements learner.
func (t *taste) learn(r *Rated) {
	o, ok := observation(r, t.look(ofRaters))
	if !ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	w := wordOf(r).hash()
	if was, ok := t.words[w]; ok {
		before := was.observation()
		t.model.Update(&o, &before)
	} else {
		t.model.Update(&o, nil)
	}
	t.words[w] = wordIn(&o)
	t.after = r.Pos
	if o.Item.Meaning != nil {
		t.meant.toggle(hashOf(strconv.FormatInt(r.Pos, 10)))
	}
	clear(t.cells)
}

// predict implements learner.
func (t *taste) predict(of *Target) (Prediction, error) {
	i := itemOf(of, t.look(ofReaders))
	t.mu.Lock()
	defer t.mu.Unlock()
	p, ok := t.model.Predict(&i)
	if !ok {
		return Prediction{}, hobby.ErrAbstain
	}
	return Prediction{Mean: p.Mean, SD: p.SD}, nil
}

// version implements learner: what was fitted, and what was learned since.
func (t *taste) version() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.versionLocked()
}

func (t *taste) versionLocked() string {
	v := modelVersion + "-" + t.fit
	if t.after > 0 {
		v += fmt.Sprintf("+%d", t.after)
	}
	if t.meant != (textHash{}) {
		v += fmt.Sprintf(".%x", t.meant[:4])
	}
	return v
}

// expect is what is expected of practising c, in stars; false where nothing is known of
// it.
func (t *taste) expect(c hobby.Candidate) (reward.Prediction, bool) {
	c.Score, c.Probability = 0, 0
	e, ok := t.cells[c]
	if !ok {
		e.Prediction, e.known = t.model.Cell(string(c.Kind), c.Family, c.Level, c.Items)
		t.cells[c] = e
	}
	return e.Prediction, e.known
}

// expectAll is what is expected of each candidate. One of which nothing is known counts
// as the mean of the others, so that it is neither sought nor avoided. The version is of
// the model that said so.
func (t *taste) expectAll(cs []hobby.Candidate) (stars []float64, version string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	stars, known := make([]float64, len(cs)), make([]bool, len(cs))
	sum, n := 0.0, 0.0
	for i, c := range cs {
		p, ok := t.expect(c)
		if stars[i], known[i] = p.Mean, ok; ok {
			sum += p.Mean * c.Probability
			n += c.Probability
		}
	}
	for i := range stars {
		if !known[i] && n > 0 {
			stars[i] = sum / n
		}
	}
	return stars, t.versionLocked()
}

// untold reports whether an error says that there is too little to learn from.
func untold(err error) bool { return errors.Is(err, reward.ErrTooFew) }

// steeredName marks a policy's name in plans that were tilted.
const steeredName = "+liked/"

// steered reports whether a plan was tilted.
func steered(p *hobby.Plan) bool { return strings.Contains(p.Policy, steeredName) }

// baseOf is what the inner policy would have done, as probabilities of the plan's
// candidates; nil where the plan does not say.
func baseOf(p *hobby.Plan) []float64 {
	n := len(p.Candidates)
	if steered(p) {
		if len(p.Context) < n {
			return nil
		}
		return p.Context[:n]
	}
	base := make([]float64, n)
	for i, c := range p.Candidates {
		base[i] = c.Probability
	}
	return base
}

// notBefore reports whether at is since or later. The zero since is before everything.
func notBefore(at, since time.Time) bool { return since.IsZero() || !at.Before(since) }
