package irt

import (
	"math"
	"slices"
)

// The makers of the tasks state a family's floor, and it may be wrong: a model
// that never keeps to the form of an answer passes less often than one that
// guesses. Such a model does so in many families, so what one family shows of its
// floor tells of the others.
var (
	// floorRights are how many of a learner's stated floors may be right, and
	// floorRightPrior how likely that is.
	floorRights     = [...]float64{0.98, 0.5}
	floorRightPrior = [...]float64{5.0 / 6, 1.0 / 6}
)

const floorPrior = 0.9 // probability that a stated floor is right: the mean of these

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

// floors returns the views of each family, with its stated floor and without, and
// their probabilities by the marginal likelihood of all families' answers.
func floors(families []Family, histories []*history, kind gaussian, priors []chain) [][]view {
	all, odds := make([][]view, len(families)), make([]float64, len(families))
	for i, h := range histories {
		none := make([]float64, h.levels)
		with := view{history: h, share: 1, voice: 1, guess: families[i].guesses(h.levels)}
		without := view{history: h, share: 1, voice: 1, guess: none}
		if slices.Equal(with.guess, none) {
			all[i] = []view{without}
			continue
		}
		tries, passes := make([]float64, h.levels), make([]float64, h.levels)
		for _, c := range h.cells {
			tries[c.Level] += float64(c.Tries)
			passes[c.Level] += float64(c.Passes)
		}
		odds[i] = evidence(tries, passes, with.guess, kind, priors[i]) - evidence(tries, passes, none, kind, priors[i])
		with.voice, without.voice = floorPrior, 1-floorPrior
		all[i] = []view{with, without}
	}
	rights := slices.Clone(floorRightPrior[:])
	for k, right := range floorRights {
		logs := []float64{math.Log(rights[k])}
		for i := range all {
			if len(all[i]) == 2 {
				logs = append(logs, logMix(right, odds[i]))
			}
		}
		slices.Sort(logs) // the families may come in any order
		rights[k] = 0
		for _, l := range logs {
			rights[k] += l
		}
	}
	normalise(rights)
	for i, views := range all {
		if len(views) != 2 {
			continue
		}
		views[0].share, views[1].share = 0, 0
		for k, right := range floorRights {
			mix := logMix(right, odds[i])
			views[0].share += rights[k] * math.Exp(math.Log(right)+odds[i]-mix)
			views[1].share += rights[k] * math.Exp(math.Log(1-right)-mix)
		}
	}
	return all
}

// logMix is log(p exp(odds) + 1-p).
func logMix(p, odds float64) float64 {
	a, b := math.Log(p)+odds, math.Log(1-p)
	return max(a, b) + math.Log1p(math.Exp(-math.Abs(a-b)))
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
