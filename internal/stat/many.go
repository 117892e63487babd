package stat

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// BenjaminiHochberg adjusts p-values for their number: rejecting what is at most q keeps
// the expected share of wrong ones among the rejected at q, where the tests are
// independent or depend positively (Benjamini and Hochberg 1995). Where nothing is to be
// found, something is with a chance of at most q.
func BenjaminiHochberg(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[b], ps[a]) })
	adjusted, least := make([]float64, len(ps)), 1.0
	for i, at := range order { // the largest first
		least = min(least, ps[at]*float64(len(ps))/float64(len(ps)-i))
		adjusted[at] = least
	}
	return adjusted
}

// Fisher is the exact one-sided p-value of a two by two table: the chance that at least
// k of a sample of n are marked, when marked ones among total are as likely inside the
// sample as outside (Fisher 1922).
func Fisher(k, n, marked, total int) float64 {
	most := min(n, marked)
	if k <= max(0, n+marked-total) {
		return 1
	}
	term := math.Exp(logChoose(marked, k) + logChoose(total-marked, n-k) - logChoose(total, n))
	p := 0.0
	for i := k; i <= most && term > p*1e-17; i++ {
		p += term
		// The next term by its ratio to this one.
		term *= float64(marked-i) / float64(i+1) * float64(n-i) / float64(total-marked-n+i+1)
	}
	return min(1, p)
}

// logChoose is the logarithm of a binomial coefficient.
func logChoose(n, k int) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	return -math.Log(float64(n)+1) - logBeta(float64(n-k)+1, float64(k)+1)
}

// MannWhitney tests whether values of x tend to be larger than those of y (Mann and
// Whitney 1947). share is the chance that a value of x is above one of y, ties counting
// half. p is one-sided, by the normal distribution, with corrections for ties and for
// continuity. With fewer than eight values on a side p is 1: the normal distribution is
// no approximation then.
func MannWhitney(x, y []float64) (share, p float64) {
	const least = 8
	if len(x) < least || len(y) < least {
		return 0.5, 1
	}
	all := slices.Concat(x, y)
	slices.Sort(all)
	n, m := float64(len(x)), float64(len(y))
	rank, tied := map[float64]float64{}, 0.0
	for i, same := 0, 0; i < len(all); i += same {
		for same = 1; i+same < len(all) && all[i+same] == all[i]; same++ {
		}
		t := float64(same)
		rank[all[i]] = float64(i) + (t+1)/2 // the mean of the ranks that they share
		tied += t*t*t - t
	}
	u := -n * (n + 1) / 2
	for _, v := range x {
		u += rank[v]
	}
	variance := n * m / 12 * (n + m + 1 - tied/((n+m)*(n+m-1)))
	if variance <= 0 {
		return 0.5, 1
	}
	return u / (n * m), 0.5 * math.Erfc((u-n*m/2-0.5)/math.Sqrt(2*variance))
}

// Rhythm tests whether what happens in rounds, such as the hours of days, happens at the
// same places of them. counts has a round in each row, all of the same length. Without a
// rhythm each round may begin anywhere, so the rounds are rotated at random: what comes in
// bursts stays in them, which a chi-squared test would take for a rhythm. p is the share
// of the draws whose sum over the rounds is as uneven as the given one, and never 0. The
// same seed gives the same answer.
func Rhythm(counts [][]float64, draws int, seed uint64) (p float64) {
	if len(counts) == 0 || len(counts[0]) == 0 {
		return 1
	}
	length := len(counts[0])
	sums := make([]float64, length)
	uneven := func(from func() int) (s float64) {
		clear(sums)
		for _, round := range counts {
			at := from()
			for i, v := range round[at:] {
				sums[i] += v
			}
			for i, v := range round[:at] {
				sums[length-at+i] += v
			}
		}
		for _, v := range sums {
			s += v * v
		}
		return s
	}
	given := uneven(func() int { return 0 })
	rng := rand.New(rand.NewPCG(seed, 2))
	// A draw is often enough where ten were as uneven (Besag and Clifford 1991).
	const enough = 10
	as := 0
	for n := range draws {
		if uneven(func() int { return rng.IntN(length) }) >= given*(1-1e-12) {
			if as++; as == enough {
				return float64(enough) / float64(n+1)
			}
		}
	}
	return float64(as+1) / float64(draws+1)
}

// Rate is how often something happened in one place, such as a day: K times of N. X is
// where the place is, for a trend.
type Rate struct {
	K, N int
	X    float64
}

// RateTrend tests whether rates rise or fall with X: a regression weighted by N. slope is
// the change of the rate with X. p is two-sided, by the F distribution, with the variance
// that the places show, because what happens in bursts varies more than the binomial
// distribution says (quasi-likelihood, Wedderburn 1974), but with no less than the
// binomial one. With fewer than eight places p is 1.
func RateTrend(rs []Rate) (slope, p float64) {
	const least = 8
	k, n, weighted := 0.0, 0.0, 0.0
	for _, r := range rs {
		k, n, weighted = k+float64(r.K), n+float64(r.N), weighted+float64(r.N)*r.X
	}
	if len(rs) < least || n == 0 {
		return 0, 1
	}
	middle, rate := weighted/n, k/n
	sxx, sxy := 0.0, 0.0
	for _, r := range rs {
		d := r.X - middle
		sxx += float64(r.N) * d * d
		sxy += d * (float64(r.K) - float64(r.N)*rate)
	}
	if sxx == 0 {
		return 0, 1
	}
	slope = sxy / sxx
	rest := 0.0
	for _, r := range rs {
		if r.N > 0 {
			d := float64(r.K)/float64(r.N) - rate - slope*(r.X-middle)
			rest += float64(r.N) * d * d
		}
	}
	return slope, quasiF(slope*sxy, 1, rest, len(rs)-2, rate)
}

// RateGroups tests whether groups of places have different rates, with the variance of
// [RateTrend]. With fewer than eight places p is 1.
func RateGroups(groups ...[]Rate) (p float64) {
	const least = 8
	k, n, places := 0.0, 0.0, 0
	for _, g := range groups {
		for _, r := range g {
			k, n = k+float64(r.K), n+float64(r.N)
			places++
		}
	}
	if places < least || n == 0 {
		return 1
	}
	between, rest, some := 0.0, 0.0, 0
	for _, g := range groups {
		gk, gn := 0.0, 0.0
		for _, r := range g {
			gk, gn = gk+float64(r.K), gn+float64(r.N)
		}
		if gn == 0 {
			places -= len(g)
			continue
		}
		some++
		between += gn * (gk/gn - k/n) * (gk/gn - k/n)
		for _, r := range g {
			if r.N > 0 {
				d := float64(r.K)/float64(r.N) - gk/gn
				rest += float64(r.N) * d * d
			}
		}
	}
	return quasiF(between, some-1, rest, places-some, k/n)
}

// quasiF is the chance of an F statistic as large, where the variance of a rate is no
// less than the binomial one.
func quasiF(explained float64, df int, rest float64, dfRest int, rate float64) float64 {
	if df < 1 || dfRest < 1 {
		return 1
	}
	dispersion := max(rest/float64(dfRest), rate*(1-rate))
	if dispersion <= 0 {
		return 1
	}
	f := explained / float64(df) / dispersion
	return betaBelow(float64(dfRest)/(float64(dfRest)+float64(df)*f), float64(dfRest)/2, float64(df)/2)
}

// Stratum is how often something happened in two samples of one stratum: K of N times, and
// OtherK of OtherN.
type Stratum struct{ K, N, OtherK, OtherN int }

// MantelHaenszel tests whether K of N is less often than OtherK of OtherN over all strata
// (Mantel and Haenszel 1959). p is one-sided, by the normal distribution with a correction
// for continuity.
func MantelHaenszel(strata []Stratum) (p float64) {
	less, variance := 0.0, 0.0
	for _, s := range strata {
		n, m := float64(s.N), float64(s.OtherN)
		if n == 0 || m == 0 || n+m < 2 {
			continue
		}
		k := float64(s.K + s.OtherK)
		less += n*k/(n+m) - float64(s.K)
		variance += n * m * k * (n + m - k) / ((n + m) * (n + m) * (n + m - 1))
	}
	if variance <= 0 {
		return 1
	}
	return 0.5 * math.Erfc((less-0.5)/math.Sqrt(2*variance))
}

// RiskDifference is how much larger K of N is than OtherK of OtherN over all strata, as
// shares: the mean of the strata's differences by Mantel and Haenszel's weights, with an
// interval that holds it with a chance (Greenland and Robins 1985, with the variance of Sato
// 1989, which also holds for many small strata). Where that variance is 0, as where all of one
// sample pass and none of the other, it is of all strata taken together, the intervals of
// both proportions squared and added (Newcombe 1998).
// It is 0, from -1 to 1, without a stratum that has both samples.
func RiskDifference(strata []Stratum, chance float64) (difference, low, high float64) {
	var d, w, p, q float64
	var sum Stratum
	for _, s := range strata {
		n, m := float64(s.N), float64(s.OtherN)
		if n == 0 || m == 0 {
			continue
		}
		sum = Stratum{sum.K + s.K, sum.N + s.N, sum.OtherK + s.OtherK, sum.OtherN + s.OtherN}
		k, l, all := float64(s.K), float64(s.OtherK), n+m
		w += n * m / all
		d += (k*m - l*n) / all
		p += (n*n*l - m*m*k + n*m*(m-n)/2) / (all * all)
		q += (k*(m-l) + l*(n-k)) / (2 * all)
	}
	if w == 0 {
		return 0, -1, 1
	}
	d /= w
	if d*p+q < 1e-9*w {
		a, b := float64(sum.K)/float64(sum.N), float64(sum.OtherK)/float64(sum.OtherN)
		from, to := Proportion(sum.K, sum.N, chance)
		otherFrom, otherTo := Proportion(sum.OtherK, sum.OtherN, chance)
		return d, max(-1, d-math.Hypot(a-from, otherTo-b)), min(1, d+math.Hypot(to-a, b-otherFrom))
	}
	away := normalQuantile((1+chance)/2) * math.Sqrt(d*p+q) / w
	return d, max(-1, d-away), min(1, d+away)
}
