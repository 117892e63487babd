package rlhf

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// PendingFilter says who asks and for what. The zero value is an anonymous one.
type PendingFilter struct {
	// User, Address and Claimed are as in Feedback.
	User, Address string
	Claimed       bool
	// Type is the type of the targets; "" is all.
	Type TargetType
	// Reviewer says that they may accept suggestions: others are asked for none.
	Reviewer bool
	// Limit is 1 to 100; default 10.
	Limit int
}

// Ask is something that is to be rated.
type Ask struct {
	Target   Target
	Exposure Exposure
	// Raters counts those who have judged it.
	Raters int
	// Predicted is how people would rate it; nil where the model abstains.
	Predicted *Prediction
	// Reason says for people why it is asked for.
	Reason string
}

// The policies that choose what to ask. Their names are in the exposures.
const (
	// leastRated asks for what the fewest have rated, each kind as often as the others.
	leastRated = "least-rated/1"
	// informative asks for what a rating of would teach most.
	informative = "informative/1"
)

// askFloor is the smallest weight of a target, as a share of the greatest: everything can
// be asked for.
const askFloor = 0.05

// Pending says what to ask a person next, what teaches most first, and logs that it was
// shown. What the person has said something of is left out, and so is what was shown to
// them on an earlier day; what was shown today and is not answered comes first, and
// keeps its exposure.
//
// Which ones are new is drawn by systematic sampling (Madow 1949): a target is shown with
// exactly the probability that its exposure says.
func (p *Pipeline) Pending(ctx context.Context, f PendingFilter) ([]Ask, error) {
	if f.Limit == 0 {
		f.Limit = 10
	}
	probe := Feedback{Type: Insight, Target: "x", User: f.User, Rating: MinRating}
	if err := probe.Validate(); err != nil {
		return nil, err
	}
	if f.Limit < 1 || f.Limit > 100 || f.Type != "" && !f.Type.Valid() {
		return nil, fmt.Errorf("rlhf: %w: PendingFilter.Limit is %d, must be 1 to 100, and Type %.32q", hobby.ErrInvalid, f.Limit, f.Type)
	}
	now := time.Now()
	who, err := p.person(ctx, f.User, f.Address, f.Claimed, now)
	if err != nil {
		return nil, err
	}
	if err := p.CatchUp(ctx); err != nil {
		return nil, err
	}
	shown, fresh, err := p.candidates(ctx, who.rater, &f, now)
	if err != nil {
		return nil, err
	}
	shown = shown[:min(len(shown), f.Limit)]
	fresh = p.draw(fresh, f.Limit-len(shown))
	asks := append(shown, fresh...)
	todo := make([]Exposure, len(asks))
	for i := range asks {
		a := &asks[i]
		a.Exposure.Type, a.Exposure.Target, a.Exposure.Kind = a.Target.Type, a.Target.ID, a.Target.Kind
		a.Exposure.User, a.Exposure.Rater, a.Exposure.Source = who.user, who.rater, who.source
		a.Exposure.Position, a.Exposure.Shown = i+1, len(asks)
		todo[i] = a.Exposure
	}
	if len(todo) == 0 {
		return nil, nil
	}
	if f.Address != "" && !p.shown.add(now, keyed(p.key, "shown", network(f.Address)), len(fresh), 10*p.opts.PerDay) {
		return nil, fmt.Errorf("%w: too much was shown to an address", ErrTooMany)
	}
	if err := p.foresee(asks); err != nil {
		return nil, err // before anything counts as shown
	}
	stored, err := p.store.Expose(ctx, todo, p.opts.Open)
	if err != nil {
		return nil, err
	}
	for i := range asks {
		asks[i].Exposure = stored[i]
	}
	return asks, nil
}

// foresee adds how each would be rated.
func (p *Pipeline) foresee(asks []Ask) error {
	for i := range asks {
		switch got, err := p.predict(&asks[i].Target); {
		case err == nil:
			asks[i].Predicted = &got
		case !errors.Is(err, hobby.ErrAbstain):
			return err
		}
	}
	return nil
}

// candidates are what a rater was shown today and has not answered, and what they have not
// seen.
func (p *Pipeline) candidates(ctx context.Context, rater string, f *PendingFilter, now time.Time) (shown, fresh []Ask, err error) {
	var all []Target
	for _, t := range TargetTypes() {
		if f.Type != "" && t != f.Type || t == Suggestion && !f.Reviewer {
			continue
		}
		recent, err := p.recent(ctx, t)
		if err != nil {
			return nil, nil, fmt.Errorf("rlhf: looking for what to rate: %w", err)
		}
		all = append(all, recent...)
	}
	refs := make([]Ref, len(all))
	for i := range all {
		refs[i] = all[i].Ref()
	}
	seen, err := p.store.Seen(ctx, rater, refs)
	if err != nil {
		return nil, nil, err
	}
	today := now.UTC().Format(time.DateOnly)
	for i := range all {
		s := seen[refs[i]]
		a := Ask{Target: all[i], Raters: s.Raters}
		switch {
		case s.Rated:
		case s.Exposure == "":
			fresh = append(fresh, a)
		case s.Shown.Format(time.DateOnly) == today:
			e, err := p.store.Exposure(ctx, s.Exposure)
			if err != nil {
				return nil, nil, err
			}
			a.Exposure, a.Reason = e, "you were shown it today"
			shown = append(shown, a)
		}
	}
	slices.SortStableFunc(shown, func(a, b Ask) int { return a.Exposure.Position - b.Exposure.Position })
	return shown, fresh, nil
}

// recent are the newest targets of a type.
func (p *Pipeline) recent(ctx context.Context, t TargetType) ([]Target, error) {
	if t == Suggestion {
		return p.suggested(ctx, min(p.opts.Candidates, 1000))
	}
	return p.targets.Recent(ctx, t, p.opts.Candidates)
}

// teacher is a learner that knows what a rating of something would teach it, in nats.
// What it does not say is less than what it does.
type teacher interface {
	teaches(of []Target, raters []int, n int) []float64
}

// draw chooses n of what could be asked.
func (p *Pipeline) draw(all []Ask, n int) []Ask {
	if n <= 0 || len(all) == 0 {
		return nil
	}
	weights, policy, model := p.weigh(all, n)
	chances := inclusion(weights, n)
	drawn := systematic(chances, rand.Float64(), rand.Perm(len(all)))
	slices.SortStableFunc(drawn, func(a, b int) int {
		return cmpFloat(weights[b], weights[a])
	})
	var asks []Ask
	for _, i := range drawn {
		a := all[i]
		a.Exposure.Policy, a.Exposure.Model, a.Exposure.Propensity = policy, model, chances[i]
		if a.Reason = reason(a.Raters, policy); a.Target.Type == Suggestion {
			a.Reason = "somebody suggested it: accept it as a topic of practice, or not"
		}
		asks = append(asks, a)
	}
	return asks
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func reason(raters int, policy string) string {
	switch {
	case policy == informative && raters == 0:
		return "nobody has rated it, and a rating would teach much"
	case policy == informative:
		return "a rating would teach much"
	case raters == 0:
		return "nobody has rated it"
	case raters == 1:
		return "one person has rated it"
	}
	return fmt.Sprintf("%d people have rated it", raters)
}

// weigh says how much each is worth asking for, and by which policy and model.
func (p *Pipeline) weigh(all []Ask, n int) (weights []float64, policy, model string) {
	weights = make([]float64, len(all))
	p.mu.Lock()
	if t, ok := p.model.(teacher); ok {
		targets, raters := make([]Target, len(all)), make([]int, len(all))
		for i := range all {
			targets[i], raters[i] = all[i].Target, all[i].Raters
		}
		weights, policy, model = t.teaches(targets, raters, min(2*n, len(all))), informative, p.model.version()
	}
	p.mu.Unlock()
	if policy == "" {
		policy = leastRated
		kinds := map[hobby.Kind]float64{}
		for i := range all {
			kinds[all[i].Target.Kind]++
		}
		for i := range all {
			weights[i] = 1 / (kinds[all[i].Target.Kind] * float64(1+all[i].Raters) * float64(1+all[i].Raters))
		}
	}
	most := slices.Max(weights)
	for i := range weights {
		weights[i] = max(weights[i], askFloor*most, math.SmallestNonzeroFloat32)
	}
	return weights, policy, model
}

// inclusion is the probability of each to be among n, in proportion to the weights, which
// are positive, but at most 1. They sum to n, or to the number of weights if that is less.
func inclusion(weights []float64, n int) []float64 {
	chances := make([]float64, len(weights))
	left, sure := float64(min(n, len(weights))), 0
	for {
		sum := 0.0
		for i, w := range weights {
			if chances[i] != 1 {
				sum += w
			}
		}
		if sum == 0 {
			return chances
		}
		was := sure
		for i, w := range weights {
			if chances[i] == 1 {
				continue
			}
			if left*w/sum >= 1-1e-12 {
				chances[i] = 1
				sure++
			}
		}
		if sure == was {
			for i, w := range weights {
				if chances[i] != 1 {
					chances[i] = left * w / sum
				}
			}
			return chances
		}
		left = max(float64(min(n, len(weights))-sure), 0)
	}
}

// systematic draws with these probabilities, which sum to a whole number: the ones in
// which the running sum, in the order of perm, passes start and each whole number after
// it.
func systematic(chances []float64, start float64, perm []int) (drawn []int) {
	sum, next := 0.0, start
	for _, i := range perm {
		sum += chances[i]
		if sum > next {
			drawn = append(drawn, i)
			next++
		}
	}
	return drawn
}
