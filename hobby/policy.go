package hobby

import (
	"context"
	"math"
	"math/rand/v2"
)

// option is a candidate with what a policy needs to know of it.
type option struct {
	Candidate
	kind *KindState
	at   int // its place in State.Kinds
	// estimate is of the level, familyEstimate of the family.
	estimate, familyEstimate Estimate
}

// options lists what may be chosen: for each kind without families the kind
// itself, and for each open family its highest open level and, with the rest
// of the probability, the level below. share is the part of a family's
// probability that a level has; the shares of a family sum to 1.
func options(s *State) (all []option, share []float64) {
	upper := 0.5 + 0.5*s.Knobs.Intensity
	for i := range s.Kinds {
		k := &s.Kinds[i]
		if len(k.Families) == 0 {
			all = append(all, option{Candidate{Kind: k.Kind}, k, i, k.Estimate, k.Estimate})
			share = append(share, 1)
			continue
		}
		for j := range k.Families {
			f := &k.Families[j]
			if !f.Open {
				continue
			}
			level := min(max(1, f.Level), f.Family.Levels)
			at := func(l int) option {
				o := option{Candidate{Kind: k.Kind, Family: f.Family.Name, Level: l}, k, i, Estimate{}, f.Estimate}
				if l <= len(f.Levels) {
					o.estimate = f.Levels[l-1]
				}
				return o
			}
			if level == 1 || upper == 1 {
				all, share = append(all, at(level)), append(share, 1)
				continue
			}
			all, share = append(all, at(level), at(level-1)), append(share, upper, 1-upper)
		}
	}
	return all, share
}

// KindShare is the part of the probability that policies always spread evenly over the
// kinds: each of n kinds that can be chosen has at least KindShare/n.
const KindShare = 0.25

// decide chooses a kind first, and then one of its candidates, so a kind with one
// family counts as much as one with many. It draws from an explicit distribution, so
// that the propensity it logs is exact. kinds are the weights of s.Kinds, weights those
// of all; neither need sum to 1. Of the choice between kinds KindShare is spread evenly,
// or even where that is more; of the choice within a kind it is even.
//
// Kinds without an ended session come first: while there is one, no other kind is
// chosen.
func decide(policy string, s *State, all []option, kinds, weights []float64, even float64) (Plan, error) {
	if len(all) == 0 {
		return Plan{}, ErrNothing
	}
	within := make([][]int, len(s.Kinds)) // the candidates of each kind
	for i := range all {
		at := all[i].at
		within[at] = append(within[at], i)
	}
	fresh := func(k int) bool { return len(within[k]) > 0 && s.Kinds[k].Sessions == 0 }
	var open []int // the kinds to choose from
	for k := range s.Kinds {
		if fresh(k) {
			open = append(open, k)
		}
	}
	if len(open) == 0 {
		for k := range s.Kinds {
			if len(within[k]) > 0 {
				open = append(open, k)
			}
		}
	}
	p := Plan{Policy: policy, Candidates: make([]Candidate, len(all))}
	for i := range all {
		p.Candidates[i] = all[i].Candidate
	}
	ofKind, kindScore := distribution(kinds, open, max(KindShare, even))
	for n, k := range open {
		of, score := distribution(weights, within[k], even)
		for j, i := range within[k] {
			p.Candidates[i].Probability, p.Candidates[i].Score = ofKind[n]*of[j], kindScore[n]*score[j]
		}
	}
	chosen := draw(s.Rand, p.Candidates)
	p.Kind, p.Family, p.Level, p.Propensity = chosen.Kind, chosen.Family, chosen.Level, chosen.Probability
	p.Budget.Items = sessionItems(s.Knobs.Intensity)
	return p, nil
}

// distribution makes probabilities of the weights that of names: even is the part that
// is spread evenly. share are those without it. Where all weights are 0 all
// probabilities are the same, and share is 0.
func distribution(weights []float64, of []int, even float64) (probability, share []float64) {
	total := 0.0
	for _, i := range of {
		total += weights[i]
	}
	probability, share = make([]float64, len(of)), make([]float64, len(of))
	for n, i := range of {
		probability[n] = 1 / float64(len(of))
		if total > 0 && !math.IsInf(total, 1) {
			share[n] = weights[i] / total
			probability[n] = min(1, even/float64(len(of))+(1-even)*share[n]) // rounding can exceed 1
		}
	}
	return probability, share
}

// draw picks a candidate by its probability.
func draw(r *rand.Rand, cs []Candidate) Candidate {
	u, sum := r.Float64(), 0.0
	var last Candidate // where rounding leaves a rest
	for _, c := range cs {
		if c.Probability > 0 {
			last = c
		}
		if sum += c.Probability; u < sum {
			return c
		}
	}
	return last
}

// sessionItems is how many answers a session asks for: from 4 at intensity 0
// to 20 at intensity 1.
func sessionItems(intensity float64) int { return 4 + int(math.Round(16*intensity)) }

// WeakestFirst is the specification's policy: what is known least is practised
// most, with some variety.
//
// It chooses a kind, and then one of its families. A kind that was never practised comes
// first. With FocusOnWeaknesses the weight of each is 1 - proficiency, where what was
// never measured counts as 0; without, all weigh the same. Variety is the part of the
// probability that is spread evenly instead, among kinds at least a quarter. Intensity
// moves practice from the level below to the highest open one, and makes sessions longer.
// The zero value is ready to use.
type WeakestFirst struct{}

// Choose implements Policy.
func (WeakestFirst) Choose(_ context.Context, s State) (Plan, error) {
	all, share := options(&s)
	weight := func(e Estimate) float64 {
		if s.Knobs.FocusOnWeaknesses {
			return 1 - e.Mean
		}
		return 1
	}
	kinds, weights := make([]float64, len(s.Kinds)), make([]float64, len(all))
	for i := range s.Kinds {
		kinds[i] = weight(s.Kinds[i].Estimate)
	}
	for i, o := range all {
		weights[i] = share[i] * weight(o.familyEstimate)
	}
	return decide("weakest-first/2", &s, all, kinds, weights, s.Knobs.Variety)
}
