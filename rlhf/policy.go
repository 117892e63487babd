package rlhf

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf/internal/tilt"
)

// PolicyOptions bounds what people's taste may do to a policy. The zero value is legal.
type PolicyOptions struct {
	// KL is how far a choice may be from the policy's own: the Kullback-Leibler
	// divergence, in nats. Default 0.5.
	KL float64
	// Floor in (0, 1) is the share of the policy's own probabilities that always stays.
	// It bounds the weights of a later check by 1/Floor. Default 0.1.
	Floor float64
	// Sharpness is how much a star that is expected more raises a probability, in nats,
	// before KL bounds it. Default 4.
	Sharpness float64
	// Chance is that of the intervals that decide about a switch: that they hold at every
	// check, however often there is one. That is so of many decisions and of a policy that
	// stays as it is; each fit makes another one, so it is an approximation. Default 0.99.
	Chance float64
	// Effective is the effective sample that a switch needs at least. Default 100.
	Effective float64
}

func (o PolicyOptions) withDefaults() PolicyOptions {
	o.KL, o.Floor, o.Sharpness = cmp.Or(o.KL, 0.5), cmp.Or(o.Floor, 0.1), cmp.Or(o.Sharpness, 4)
	o.Chance, o.Effective = cmp.Or(o.Chance, 0.99), cmp.Or(o.Effective, 100)
	return o
}

func (o *PolicyOptions) validate() error {
	for _, f := range []struct {
		name        string
		value, most float64
	}{
		{"KL", o.KL, 10}, {"Floor", o.Floor, 0.99}, {"Sharpness", o.Sharpness, 100}, {"Chance", o.Chance, 0.9999},
		{"Effective", o.Effective, 1e9},
	} {
		if !(f.value > 0 && f.value <= f.most) {
			return fmt.Errorf("rlhf: %w: PolicyOptions.%s is %v, must be above 0 and at most %v", hobby.ErrInvalid, f.name, f.value, f.most)
		}
	}
	return nil
}

// steers is the model that the policy follows; nil while it does not.
func (p *Pipeline) steers() *taste {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.model.(*taste); ok && p.info.Follows {
		return t
	}
	return nil
}

func (o *PolicyOptions) limits() tilt.Limits {
	return tilt.Limits{KL: o.KL, Floor: o.Floor, Sharpness: o.Sharpness}
}

// steer draws anew from a plan's candidates, tilted towards what is liked. The plan says
// the exact probability of what it chooses. Its Context starts with the probabilities
// that the inner policy gave to the candidates, in their order, and goes on with the
// inner policy's own. A plan without a choice stays as it is, as does one with
// probabilities that are none.
func steer(p hobby.Plan, t *taste, o *PolicyOptions, r *rand.Rand) hobby.Plan {
	n := len(p.Candidates)
	if n < 2 {
		return p
	}
	base, sum := make([]float64, n), 0.0
	for i, c := range p.Candidates {
		if !(c.Probability >= 0 && c.Probability <= 1) {
			return p
		}
		base[i] = c.Probability
		sum += base[i]
	}
	if sum == 0 {
		return p
	}
	for i := range base {
		base[i] /= sum
	}
	stars, version := t.expectAll(p.Candidates)
	q, _ := tilt.By(base, stars, o.limits())
	u, chosen := r.Float64(), -1
	cs := make([]hobby.Candidate, n)
	for i, c := range p.Candidates {
		c.Score, c.Probability = stars[i], min(q[i], 1)
		cs[i] = c
		if q[i] > 0 && u >= 0 {
			chosen = i // the last one that can be, where rounding leaves a rest
			u -= q[i]
		}
	}
	c := cs[chosen]
	if c.Kind != p.Kind || c.Family != p.Family || c.Level != p.Level {
		p.Kind, p.Family, p.Level = c.Kind, c.Family, c.Level
		p.Topic, p.Seed = "", 0 // these were for the other
	}
	p.Policy += steeredName + version
	p.Candidates, p.Propensity, p.Context = cs, c.Probability, append(base, p.Context...)
	return p
}

// Policy follows people's taste: it tilts what next would choose towards what they are
// expected to like, within the limits of [PolicyOptions], once a check has shown that they
// rate it better (see [Pipeline.Evaluate]). Until then, and where next gives no
// candidates, it does what next does. next is asked once for each choice. When tastes
// change it goes on, with what was said since: no new check has to begin it, and one that
// says that people rate it worse ends it.
func (p *Pipeline) Policy(next hobby.Policy) hobby.Policy { return &tilted{p, next} }

type tilted struct {
	p    *Pipeline
	next hobby.Policy
}

// Choose implements hobby.Policy.
func (t *tilted) Choose(ctx context.Context, s hobby.State) (hobby.Plan, error) {
	plan, err := t.next.Choose(ctx, s)
	if err != nil {
		return plan, err
	}
	if liked := t.p.steers(); liked != nil {
		plan = steer(plan, liked, &t.p.opts.Policy, s.Rand)
	}
	return plan, nil
}
