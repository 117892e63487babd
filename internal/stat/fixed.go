package stat

import (
	"math"
	"math/rand/v2"
	"slices"
)

// McNemar is the exact two-sided p-value of so many wins and losses when both are as
// likely (McNemar 1947, by the binomial distribution).
func McNemar(s Sign) float64 {
	n, k := s.Wins+s.Losses, min(s.Wins, s.Losses)
	if n == 0 {
		return 1
	}
	// The chance of at most k successes of n is a beta's.
	return min(1, 2*betaBelow(0.5, float64(n-k), float64(k+1)))
}

// Proportion is the Clopper-Pearson interval of a proportion of which k of n were
// seen: it holds the proportion with at least the given chance, such as 0.95.
func Proportion(k, n int, chance float64) (low, high float64) {
	tail := (1 - chance) / 2
	high = 1
	if k > 0 {
		low = betaQuantile(tail, float64(k), float64(n-k+1))
	}
	if k < n {
		high = betaQuantile(1-tail, float64(k+1), float64(n-k))
	}
	return low, high
}

// Exact is an interval of the mean difference of a number of pairs that was fixed before,
// of which so many did not differ. It takes the Clopper-Pearson intervals of how many differ
// and of how many of those are wins, so it holds the difference with a chance of at least
// 2*chance-1. It is below zero exactly when a one-sided sign test of level (1-chance)/2 says
// that the losses are more, and above zero when one says so of the wins.
func (s Sign) Exact(ties int, chance float64) (low, high float64) {
	n := s.Wins + s.Losses
	winsLow, winsHigh := 0.0, 1.0
	if n > 0 {
		winsLow, winsHigh = Proportion(s.Wins, n, chance)
	}
	few, many := Proportion(n, n+ties, chance)
	end := func(d, inner, outer float64) float64 { // the worst of what the pairs that differ allow
		if d >= 0 {
			return d * outer
		}
		return d * inner
	}
	return end(2*winsLow-1, many, few), end(2*winsHigh-1, few, many)
}

// Bootstrap is the percentile interval of the mean of values, such as the
// differences of pairs, from so many resamples (Efron 1979). The same seed gives the
// same interval. Without values it is not a number.
func Bootstrap(values []float64, chance float64, resamples int, seed uint64) (low, high float64) {
	if len(values) == 0 || resamples <= 0 {
		return math.NaN(), math.NaN()
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	means := make([]float64, resamples)
	for i := range means {
		var sum float64
		for range values {
			sum += values[rng.IntN(len(values))]
		}
		means[i] = sum / float64(len(values))
	}
	slices.Sort(means)
	tail := (1 - chance) / 2
	at := func(q float64) float64 { return means[min(max(int(q*float64(resamples)), 0), resamples-1)] }
	return at(tail), at(1 - tail)
}

// EBH tells which of several hypotheses are rejected by their e-values' logarithms,
// so that the share of wrong ones among them is at most alpha on average, however
// the e-values depend on each other (Wang and Ramdas 2022).
func EBH(logs []float64, alpha float64) []bool {
	order := make([]int, len(logs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareDown(logs[a], logs[b]) })
	rejected := make([]bool, len(logs))
	for k := len(order); k > 0; k-- {
		if logs[order[k-1]] >= math.Log(float64(len(logs))/(alpha*float64(k))) {
			for _, i := range order[:k] {
				rejected[i] = true
			}
			break
		}
	}
	return rejected
}

func compareDown(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}
