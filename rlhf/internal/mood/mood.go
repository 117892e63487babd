// Package mood corrects a mean rating for who answers: often those who are angry.
package mood

import (
	"math"
)

// Stars is the number of categories.
const Stars = 5

// Group is a set of things that were shown, such as those of a kind.
type Group struct {
	// Shown is how often they were shown, Given how often each number of stars was given
	// in answer.
	Shown int
	Given [Stars]int
}

// Correction says how much an answer of each number of stars counts.
type Correction struct {
	// Weights are the inverse chances that somebody with such a rating gives it.
	Weights [Stars]float64
	// Mean is that of the ratings as they are, Corrected with the weights.
	Mean, Corrected float64
}

// Correct estimates the chance to answer by the rating that would be given, and corrects
// the mean for it. A group that is liked and answers less than one that is not shows that
// the content stay silent. The inverse chance is 1 + exp(a + b*stars), where a is such that
// the weights of all answers sum to what was shown, and b fits the groups best
// (calibration for a response that depends on what is missing: Deville 2000, Kott and Chang
// 2010). b is drawn to 0 as by a normal prior with a deviation of 1, so that few groups
// correct little. It is false without answers.
func Correct(groups []Group) (Correction, bool) {
	var given [Stars]float64
	var shown, n float64
	for _, g := range groups {
		answers := 0
		for k, c := range g.Given {
			given[k] += float64(c)
			answers += c
		}
		shown += float64(max(g.Shown, answers))
		n += float64(answers)
	}
	if n == 0 {
		return Correction{}, false
	}
	best, slope := math.Inf(1), 0.0
	for b := -2.0; b <= 2; b += 0.02 {
		if loss := misfit(groups, weights(given, shown, b)) + b*b; loss < best {
			best, slope = loss, b
		}
	}
	c := Correction{Weights: weights(given, shown, slope)}
	var sum, all float64
	for k, g := range given {
		c.Mean += g * float64(k+1) / n
		sum += g * c.Weights[k] * float64(k+1)
		all += g * c.Weights[k]
	}
	c.Corrected = sum / all
	return c, true
}

// weights are those with slope b which sum to what was shown.
func weights(given [Stars]float64, shown, b float64) (w [Stars]float64) {
	odds, n := 0.0, 0.0 // of silence, without the factor that a is
	for k, g := range given {
		odds += g * math.Exp(b*float64(k-2))
		n += g
	}
	for k := range w {
		w[k] = 1 + math.Exp(b*float64(k-2))*(shown-n)/odds
	}
	return w
}

// misfit is how far the weighted answers of each group are from what was shown of it, in
// variances.
func misfit(groups []Group, w [Stars]float64) (loss float64) {
	for _, g := range groups {
		sum, variance, answers := 0.0, 1.0, 0
		for k, c := range g.Given {
			sum += float64(c) * w[k]
			variance += float64(c) * w[k] * (w[k] - 1)
			answers += c
		}
		d := sum - float64(max(g.Shown, answers))
		loss += d * d / variance
	}
	return loss
}
