package stat

import "math"

// bets is how many bets the mixture of Difference has.
const bets = 512

// Difference is an interval for the mean of what pairs differ by: 1 for each of Wins, -1
// for each of Losses, and 0 for each of ties. It holds the mean at all times at once with a
// chance of 1 - alpha, however often one looks. It is above zero exactly where Better says
// so at alpha/2, and below zero where Better does of Opposite: what is claimed is what is
// shown.
//
// Every mean is bet against from both sides, and those are kept against which neither side
// has made 2/alpha of 1 (Waudby-Smith and Ramdas, 2023). The bets are drawn as LogE draws
// its chance. Where several sorts of pairs come in turn, the mean is that of a turn.
func (s Sign) Difference(ties int, alpha float64) (low, high float64) {
	most := math.Log(2 / alpha)
	return s.least(ties, most), -s.Opposite().least(ties, most)
}

// least is the largest mean against which the logarithm of the capital is at least most.
func (s Sign) least(ties int, most float64) float64 {
	from, to := -1.0, 0.0
	if s.LogE() >= most {
		from, to = 0, 1
	}
	for to-from > 1e-6 {
		if m := (from + to) / 2; s.capital(ties, m) >= most {
			from = m
		} else {
			to = m
		}
	}
	if from == 0 { // it is above zero by less than the search can tell
		return math.SmallestNonzeroFloat64
	}
	return from
}

// capital is the logarithm of what bets on "the mean is above mean" have made of 1. Mean
// lies between -1 and 1. It never rises with the mean.
func (s Sign) capital(ties int, mean float64) float64 {
	var logs [bets]float64
	best := math.Inf(-1)
	for i := range logs {
		// The chance of a win is the square of a sine, whose angle is uniform from 45 to 90
		// degrees: the upper half of a Beta(1/2, 1/2).
		bet := -math.Cos(math.Pi/2*(1+(float64(i)+0.5)/bets)) / (1 + mean)
		logs[i] = times1p(s.Wins, bet*(1-mean)) + times1p(s.Losses, -bet*(1+mean)) + times1p(ties, -bet*mean)
		best = max(best, logs[i])
	}
	sum := 0.0
	for _, l := range logs {
		sum += math.Exp(l - best)
	}
	return best + math.Log(sum/bets)
}

// times1p is n times the logarithm of 1 + x.
func times1p(n int, x float64) float64 {
	if n == 0 {
		return 0
	}
	return float64(n) * math.Log1p(x)
}
