package rlhf

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf/internal/tilt"
)

// PolicyOptions bounds what people's taste may do to a policy. The zero value is legal.
type PolicyOptions struct {
	// KL is how far a choice may be from the policy's own: the Kullback-Leibler
	// divergence, in nats. Default 0.5.
	KL float64
	// Floor in (0, 1) is the share of the policy's own probabilities that always stays.
	// It bounds the weights of a later check by 1/Floor. Default 0.1. Each of n kinds keeps
	// hobby.KindShare/n beside, or all that the policy gave it where that is less.
	Floor float64
	// Sharpness is how much a star that is expected more raises a probability, in nats,
	// before KL bounds it. Default 4.
	Sharpness float64
	// Chance is that of the intervals that decide about following taste: that they hold at every
	// check, however often there is one. That is so of many decisions and of a policy that
	// stays as it is; each fit makes another one, so it is an approximation. A policy that is
	// followed, and that is at no choice rated worse than the inner one would be, is rolled back
	// with a chance of at most 1 - Chance each time that it is followed, however long and whatever
	// the fits make of it, as far as whether people rate does not depend on what was chosen: only
	// what they rate is judged. Default 0.99.
	Chance float64
	// Effective is the effective sample that a switch needs at least. Default 100.
	Effective float64
	// FixedLength leaves the number of answers of a session to the policy. By default it
	// varies once there is a model of people's taste: see [Pipeline.Policy].
	FixedLength bool
	// Off leaves what is practised to the policy, whatever people rate: a host rolls back by it.
	// What they like is learned and checked all the same, and followed again, where the last
	// check says so, without it.
	Off bool
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

// taste is the model of people's taste, nil before there is one, and whether the policy
// follows it.
func (p *Pipeline) taste() (t *taste, follows bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, _ = p.model.(*taste)
	return t, p.info.Follows && !p.opts.Policy.Off
}

// tilted are the probabilities of candidates of which stars are expected, and to which the
// inner policy gave base, which sums to 1.
func (o *PolicyOptions) tilted(cs []hobby.Candidate, base, stars []float64) []float64 {
	q, _ := tilt.By(base, o.keeps(cs, base), stars, tilt.Limits{KL: o.KL, Sharpness: o.Sharpness})
	return q
}

// keeps is what always stays of the inner policy's probabilities.
func (o *PolicyOptions) keeps(cs []hobby.Candidate, base []float64) []float64 {
	of := map[hobby.Kind]float64{}
	for i, c := range cs {
		if base[i] > 0 {
			of[c.Kind] += base[i]
		}
	}
	least, keep := hobby.KindShare/float64(len(of)), make([]float64, len(cs))
	for i, c := range cs {
		if base[i] > 0 {
			keep[i] = base[i] * min(max(o.Floor, least/of[c.Kind]), 1)
		}
	}
	return keep
}

// vary offers each candidate at a number of answers, drawn by chance: that of the plan,
// half of it or twice as many, so that they are as many on average. Kinds whose sessions
// have a number of their own keep it, as do candidates that the inner policy gave one. Which
// number a candidate is offered at does not depend on what is chosen, so probabilities stay
// what they are.
func vary(p hobby.Plan, kinds []hobby.KindState, r *rand.Rand) hobby.Plan {
	own := map[hobby.Kind]int{}
	for i := range kinds {
		own[kinds[i].Kind] = kinds[i].Items
	}
	chosen := action(&p)
	if n := p.Budget.Items; chosen < 0 || n < 2 || !distinct(p.Candidates) {
		return p
	}
	cs := slices.Clone(p.Candidates)
	for i := range cs {
		if c := &cs[i]; c.Items == 0 {
			c.Items = cmp.Or(own[c.Kind], lengths(p.Budget.Items)[r.IntN(5)])
		}
	}
	p.Candidates, p.Budget.Items = cs, cs[chosen].Items
	return p
}

// distinct reports whether no two candidates are of one kind, family and level, so that a
// plan says which of them it chose.
func distinct(cs []hobby.Candidate) bool {
	seen := make(map[hobby.Candidate]bool, len(cs))
	for _, c := range cs {
		seen[hobby.Candidate{Kind: c.Kind, Family: c.Family, Level: c.Level}] = true
	}
	return len(seen) == len(cs)
}

// lengths are the numbers of answers of five sessions, n on average.
func lengths(n int) [5]int { return [5]int{n / 2, n - n/2, n, n, 2 * n} }

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
	q := o.tilted(p.Candidates, base, stars)
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
	if c.Items > 0 {
		p.Budget.Items = c.Items
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
//
// Once there is a model it also varies how long sessions are: each candidate is offered with
// as many answers as next says, half as many or twice as many, by chance. What people think
// of long and short sessions is a part of their taste, and where it is followed the tilt goes
// by it as it goes by kinds. Of a single candidate there is no choice.
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
	o := &t.p.opts.Policy
	liked, follows := t.p.taste()
	if liked != nil && !o.FixedLength && !o.Off {
		plan = vary(plan, s.Kinds, s.Rand)
	}
	if liked != nil && follows {
		plan = steer(plan, liked, o, s.Rand)
	}
	return plan, nil
}
