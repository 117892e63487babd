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
			all = append(all, option{Candidate{Kind: k.Kind}, k, k.Estimate, k.Estimate})
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
				o := option{Candidate{Kind: k.Kind, Family: f.Family.Name, Level: l}, k, Estimate{}, f.Estimate}
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

// decide draws from an explicit distribution, so that the propensity it logs
// is exact. weights need not sum to 1; floor is the part of the probability
// that is spread evenly first.
func decide(policy string, s *State, all []option, weights []float64, floor float64) (Plan, error) {
	if len(all) == 0 {
		return Plan{}, ErrNothing
	}
	total := 0.0
	for _, w := range weights {
		total += w
	}
	even := 1 / float64(len(all))
	p := Plan{Policy: policy, Candidates: make([]Candidate, len(all))}
	for i, o := range all {
		c := o.Candidate
		c.Probability = even
		if total > 0 && !math.IsInf(total, 1) {
			c.Score = weights[i]
			c.Probability = min(1, floor*even+(1-floor)*weights[i]/total) // rounding can exceed 1
		}
		p.Candidates[i] = c
	}
	chosen := draw(s.Rand, p.Candidates)
	p.Kind, p.Family, p.Level, p.Propensity = chosen.Kind, chosen.Family, chosen.Level, chosen.Probability
	p.Budget.Items = sessionItems(s.Knobs.Intensity)
	return p, nil
}

// draw picks a candidate by its probability.
func draw(r *rand.Rand, cs []Candidate) Candidate {
	u, sum := r.Float64(), 0.0
	for _, c := range cs {
		if sum += c.Probability; u < sum {
			return c
		}
	}
	return cs[len(cs)-1]
}

// sessionItems is how many answers a session asks for: from 4 at intensity 0
// to 20 at intensity 1.
func sessionItems(intensity float64) int { return 4 + int(math.Round(16*intensity)) }

// WeakestFirst is the specification's policy: what is known least is practised
// most, with some variety.
//
// With FocusOnWeaknesses the weight of a family, or of a kind without
// families, is 1 - proficiency, where what was never measured counts as 0;
// without, all weigh the same. Variety is the part of the probability that is
// spread evenly instead. Intensity moves practice from the level below to the
// highest open one, and makes sessions longer. The zero value is ready to use.
type WeakestFirst struct{}

// Choose implements Policy.
func (WeakestFirst) Choose(_ context.Context, s State) (Plan, error) {
	all, share := options(&s)
	weights := make([]float64, len(all))
	for i, o := range all {
		weights[i] = share[i]
		if s.Knobs.FocusOnWeaknesses {
			weights[i] *= 1 - o.familyEstimate.Mean
		}
	}
	return decide("weakest-first/1", &s, all, weights, s.Knobs.Variety)
}
