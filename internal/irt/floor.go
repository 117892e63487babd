package irt

import (
	"math"
	"slices"
)

// The makers of the tasks state a family's floor, and it may be wrong: a model
// that never keeps to the form of an answer passes less often than one that
// guesses.
const floorPrior = 0.9 // probability that the stated floor is right

// guesses are the stated floors of a family's levels. What is no chance is no floor.
func (f *Family) guesses(levels int) []float64 {
	all := make([]float64, levels)
	for l := range all {
		g := f.Guess
		if l < len(f.LevelGuess) {
			g = f.LevelGuess[l]
		}
		if g > 0 && g < 1 {
			all[l] = g
		}
	}
	return all
}

// floors returns the views of a family, with its stated floor and without, and
// their probabilities by the marginal likelihood of its answers.
func floors(f *Family, h *history, kind gaussian, prior chain) []view {
	none := make([]float64, h.levels)
	with := view{history: h, share: 1, voice: 1, guess: f.guesses(h.levels)}
	without := view{history: h, share: 1, voice: 1, guess: none}
	if slices.Equal(with.guess, none) {
		return []view{without}
	}
	tries, passes := make([]float64, h.levels), make([]float64, h.levels)
	for _, c := range h.cells {
		tries[c.Level] += float64(c.Tries)
		passes[c.Level] += float64(c.Passes)
	}
	logs := []float64{
		math.Log(floorPrior) + evidence(tries, passes, with.guess, kind, prior),
		math.Log(1-floorPrior) + evidence(tries, passes, none, kind, prior),
	}
	normalise(logs)
	with.share, without.share = logs[0], logs[1]
	with.voice, without.voice = floorPrior, 1-floorPrior
	return []view{with, without}
}

// The grid of abilities over which marginal likelihoods are summed.
const (
	gridStep = 0.5
	gridSize = 61
)

// evidence is the logarithm of the marginal likelihood of a family's answers
// under a floor. The levels are a hidden Markov chain, which is summed over a
// grid.
func evidence(tries, passes, guess []float64, kind gaussian, prior chain) float64 {
	var at, p, next [gridSize]float64
	for i := range at {
		at[i] = gridStep * float64(i-gridSize/2)
		p[i] = math.Exp(-sq(at[i]-kind.mean-prior[0].mean) / (2 * (kind.vari + prior[0].vari)))
	}
	sum := 0.0
	for l, n := range tries {
		if l > 0 {
			var kernel [2*gridSize - 1]float64 // by the difference of two abilities
			for d := range kernel {
				kernel[d] = math.Exp(-sq(gridStep*float64(d-gridSize+1)-prior[l].mean) / (2 * prior[l].vari))
			}
			for i := range next {
				next[i] = 0
				for j, w := range p {
					next[i] += w * kernel[i-j+gridSize-1]
				}
			}
			p = next
		}
		// The terms are divided by the largest one.
		top, total := math.Inf(-1), 0.0
		var logs [gridSize]float64
		for i := range logs {
			if n > 0 {
				logs[i] = logLikelihood(n, passes[l], guess[l], at[i])
			}
			top = max(top, logs[i])
		}
		before := 0.0
		for i := range p {
			before += p[i]
			p[i] *= math.Exp(logs[i] - top)
			total += p[i]
		}
		sum += top + math.Log(total/before)
		for i := range p {
			p[i] /= total
		}
	}
	return sum
}
