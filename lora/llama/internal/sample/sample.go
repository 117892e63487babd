// Package sample draws tokens from a model's logits.
//
// The steps and their order are those of Hugging Face transformers: repetition
// penalty, temperature, top-k, top-p, min-p, then one draw. A token takes exactly
// one number of the request's own generator, so an answer depends on its seed and
// its logits only, and not on other requests.
package sample

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"unsafe"
)

// ErrNoToken is returned when no token may come next, or none has a logit.
var ErrNoToken = errors.New("sample: no token may come next, or the logits are no numbers")

// Params say how to draw. The zero value takes the likeliest token.
type Params struct {
	// Temperature divides the logits; 0 takes the likeliest token.
	Temperature float64
	// TopK keeps the k likeliest tokens; 0 keeps all.
	TopK int
	// TopP keeps the likeliest tokens that together have at least this
	// probability; 0 and 1 keep all (Holtzman et al., 2020).
	TopP float64
	// MinP keeps the tokens at least this fraction as likely as the likeliest;
	// 0 keeps all (Nguyen et al., 2024).
	MinP float64
	// RepetitionPenalty divides the positive and multiplies the negative logits
	// of the tokens seen before; 0 and 1 do nothing (Keskar et al., 2019).
	RepetitionPenalty float64
}

// A Sampler draws the tokens of one answer. It is not safe for concurrent use.
type Sampler struct {
	p    Params
	rng  *rand.Rand
	seen map[int]struct{}
}

// Scratch is memory that one draw at a time works in: [ScratchSize] bytes.
type Scratch struct{ cand []candidate }

// ScratchSize is the memory of a Scratch for a vocabulary.
func ScratchSize(vocab int) int64 { return int64(vocab) * int64(unsafe.Sizeof(candidate{})) }

type candidate struct {
	id    int32
	score float64 // the logit over the temperature, then the weight: 1 for the likeliest
}

// New makes a sampler. Equal seeds draw equal tokens from equal logits.
func New(p Params, seed uint64) *Sampler {
	s := &Sampler{p: p, rng: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))}
	if p.RepetitionPenalty != 0 && p.RepetitionPenalty != 1 {
		s.seen = map[int]struct{}{}
	}
	return s
}

// See notes tokens that are in the text already, for the repetition penalty: the
// prompt's, and then each drawn one.
func (s *Sampler) See(tokens ...int) {
	if s.seen == nil {
		return
	}
	for _, t := range tokens {
		s.seen[t] = struct{}{}
	}
}

// Next draws a token among those whose bit is set in allowed. Nil allows all. The
// logits are not changed.
func (s *Sampler) Next(logits []float32, allowed []uint64, w *Scratch) (int, error) {
	if s.p.Temperature == 0 {
		return s.greedy(logits, allowed)
	}
	cand, err := s.gather(logits, allowed, w)
	if err != nil {
		return 0, err
	}
	return s.draw(cand), nil
}

// greedy returns the likeliest token. Of equally likely ones it is that with the
// lowest id.
func (s *Sampler) greedy(logits []float32, allowed []uint64) (int, error) {
	best, score := -1, math.Inf(-1)
	for id, l := range logits {
		if !has(allowed, id) {
			continue
		}
		if v := s.penalised(id, l); v > score {
			best, score = id, v
		}
	}
	if best < 0 {
		return 0, ErrNoToken
	}
	return best, nil
}

// gather finds the allowed tokens and their logits divided by the temperature,
// relative to the likeliest one's.
func (s *Sampler) gather(logits []float32, allowed []uint64, w *Scratch) ([]candidate, error) {
	top := math.Inf(-1)
	for id, l := range logits {
		if v := s.penalised(id, l); v > top && has(allowed, id) {
			top = v
		}
	}
	if math.IsInf(top, 0) { // -Inf also when all are NaN, or there is none
		return nil, ErrNoToken
	}
	least := -45.0 // less than that, a float64 cannot add to the likeliest
	if s.p.MinP > 0 && !s.nucleus() {
		least = max(least, math.Log(s.p.MinP)-1e-9) // draw decides
	}
	cand := slices.Grow(w.cand[:0], len(logits))
	for id, l := range logits {
		if d := (s.penalised(id, l) - top) / s.p.Temperature; d >= least && has(allowed, id) {
			cand = append(cand, candidate{int32(id), d})
		}
	}
	w.cand = cand
	return cand, nil
}

func (s *Sampler) nucleus() bool { return s.p.TopP > 0 && s.p.TopP < 1 }

// draw picks one candidate, in proportion to its weight.
func (s *Sampler) draw(cand []candidate) int {
	if k := s.p.TopK; k > 0 && k < len(cand) {
		cand = likeliest(cand, func(n int, _ float64) bool { return n == k })
	}
	for i := range cand {
		cand[i].score = math.Exp(cand[i].score)
	}
	if s.nucleus() {
		mass := 0.0
		for _, c := range cand {
			mass += c.score
		}
		cand = likeliest(cand, func(_ int, cum float64) bool { return cum >= s.p.TopP*mass })
	}
	total := 0.0
	kept := cand[:0]
	for _, c := range cand {
		if c.score >= s.p.MinP { // the likeliest weighs 1
			total += c.score
			kept = append(kept, c)
		}
	}
	u := s.rng.Float64() * total
	for _, c := range kept {
		if u -= c.score; u < 0 {
			return int(c.id)
		}
	}
	return int(kept[len(kept)-1].id) // rounding
}

func (s *Sampler) penalised(id int, logit float32) float64 {
	v := float64(logit)
	if s.seen == nil {
		return v
	}
	if _, ok := s.seen[id]; !ok {
		return v
	}
	if v > 0 {
		return v / s.p.RepetitionPenalty
	}
	return v * s.p.RepetitionPenalty
}

func has(allowed []uint64, id int) bool {
	return allowed == nil || allowed[id>>6]&(1<<(id&63)) != 0
}

// LogProb returns the natural logarithm of the probability that the model itself
// gives to a token: before temperature, penalty, filters and constraints.
func LogProb(logits []float32, id int) float64 {
	top := math.Inf(-1)
	for _, l := range logits {
		top = max(top, float64(l))
	}
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(float64(l) - top)
	}
	return float64(logits[id]) - top - math.Log(sum)
}
