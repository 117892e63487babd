package ope

import "math"

// shares are the bets of Worse, as shares of the most that can be staked.
var shares = [...]float64{1. / 16, 1. / 4, 3. / 4}

// Worse is the logarithm of an e-value against "at no decision was Target worse than Base", of decisions that
// Target itself made, in their order: the capital that bets on its lift being below zero have made of 1.
// The rows are of all of them, or of some, if whether one is among them does not depend on the action: a policy
// whose good choices are rated less often looks worse than it is.
// At no time is the e-value above 1/alpha with a chance of more than alpha when that is so (Ville's inequality),
// however often one looks, however few decisions there are, and though Target, Base and Model are others each time,
// if they only depend on what was before (Waudby-Smith, Wu, Ramdas, Karampatziakis and Mineiro 2024, "Anytime-valid
// off-policy inference for contextual bandits"). Rewards lie between least and most.
//
// A bet has begun at each of begins, indices that rise, the j-th with 1/(j(j+1)) of the capital, so that it is soon
// seen when what was better becomes worse; an index below zero is of a bet whose decisions are not all known, and
// is lost. from is the begin of the bet that has made the most.
func Worse(rows []Row, begins []int, least, most float64) (logE float64, from int) {
	var logs [len(shares)]float64
	var all []float64 // logarithms of what bets have made
	top, i := math.Inf(-1), len(rows)
	for j := len(begins) - 1; j >= 0 && begins[j] >= 0; j-- {
		for ; i > begins[j]; i-- {
			x, high := stake(&rows[i-1], least, most)
			if high < 1e-6 { // both do the same, but for rounding
				continue
			}
			for k, share := range shares {
				logs[k] += math.Log1p(-share * min(x/high, 1))
			}
		}
		made := sumOf(logs[:]) - math.Log(float64(len(shares)*(j+1)*(j+2)))
		if made > top {
			top, from = made, begins[j]
		}
		all = append(all, made)
	}
	return sumOf(append(all, -math.Log(float64(len(begins)+1)))), from // with the bets that have not begun
}

// stake is a row's part of the doubly robust estimate of the lift, and the largest that it could have been.
func stake(r *Row, least, most float64) (x, high float64) {
	known := 0.0 // what the model says of the lift
	for a, p := range r.Target {
		known += (p - r.Base[a]) * r.Model[a]
	}
	high = math.Inf(-1)
	for a, p := range r.Target {
		if p > 0 {
			more := 1 - r.Base[a]/p
			high = max(high, known+max(more*(least-r.Model[a]), more*(most-r.Model[a])))
		}
	}
	return known + (1-r.Base[r.Action]/r.Target[r.Action])*(r.Reward-r.Model[r.Action]), high
}

// sumOf is the logarithm of the sum of numbers whose logarithms are given.
func sumOf(logs []float64) float64 {
	top, sum := math.Inf(-1), 0.0
	for _, l := range logs {
		top = max(top, l)
	}
	for _, l := range logs {
		sum += math.Exp(l - top)
	}
	return top + math.Log(sum)
}
