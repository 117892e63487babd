package rlhf

import (
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf/internal/ope"
	"github.com/pastime-go/pastime/rlhf/internal/reward"
)

// Verdict is what a check decides about the policy.
type Verdict string

// The verdicts.
const (
	// Follow says that people rate better what the tilted policy chooses.
	Follow Verdict = "follow"
	// Wait says that this is not known yet: the interval of the lift spans zero, or
	// there are too few decisions.
	Wait Verdict = "wait"
	// Back says that they rate it worse. Of a policy that is followed it is said by what it
	// chose, and then the numbers are of these decisions.
	Back Verdict = "back"
)

// OffPolicy is what a check found: what a policy would be worth that follows people's
// taste, by the record of what was chosen and rated. Numbers are stars.
type OffPolicy struct {
	At time.Time `json:"at"`
	// Decisions are what the check rests on: sessions that a policy chose with a known
	// probability and that were rated. Effective is the size of a sample without weights
	// that would say as much.
	Decisions int     `json:"decisions"`
	Effective float64 `json:"effective"`
	// Current is the worth of the tilted policy, Baseline that of the inner one, and
	// Lift the difference, between Low and High with the chance of PolicyOptions at all
	// checks: the cross-fitted doubly robust estimates. NaN without decisions.
	Current, Baseline, Lift, Low, High float64
	// SNIPS is the lift by self-normalised inverse propensities, which needs no model.
	SNIPS, SNIPSLow, SNIPSHigh float64
	// Optimism is what was expected of what the tilted policy chose, less what it was
	// rated: the over-optimisation meter (Gao, Schulman and Hilton 2023), with its
	// interval. NaN while nothing was chosen so.
	Optimism, OptimismLow, OptimismHigh float64
	Verdict                             Verdict `json:"verdict"`
	Reason                              string  `json:"reason"`
}

// decision is a choice and what it was rated.
type decision struct {
	activity string
	plan     *hobby.Plan
	at       time.Time
	stars    float64
}

// decisions joins ratings with the plans that chose what they are about, by activity. Each
// voice counts once for an activity.
// What a person asked for is no decision of a policy, nor is a choice that was not recorded.
func decisions(all []Rated, plans map[string]*hobby.Plan, since time.Time) (ds []decision) {
	type sums struct{ stars, n float64 }
	type session struct {
		said map[string]sums // by whose voice it is
		at   time.Time
	}
	of := map[string]*session{}
	var order []string
	for i := range all {
		r := &all[i]
		if r.Rating == 0 || r.Superseded || r.About.Activity == "" || !notBefore(r.At, since) {
			continue
		}
		s := of[r.About.Activity]
		if s == nil {
			s = &session{said: map[string]sums{}, at: r.At}
			of[r.About.Activity] = s
			order = append(order, r.About.Activity)
		}
		v := s.said[r.Speaker()]
		s.said[r.Speaker()] = sums{v.stars + float64(r.Rating), v.n + 1}
	}
	for _, id := range order {
		if p := plans[id]; p != nil && recorded(p) {
			sum := 0.0
			for _, who := range slices.Sorted(maps.Keys(of[id].said)) { // the same order, so that sums are the same
				sum += of[id].said[who].stars / of[id].said[who].n
			}
			ds = append(ds, decision{id, p, of[id].at, sum / float64(len(of[id].said))})
		}
	}
	return ds
}

// recorded reports whether a plan says how it was chosen: by a policy, among candidates whose
// probabilities sum to 1, with the one of what it chose. By other numbers an estimate
// would find a lift where there is none.
func recorded(p *hobby.Plan) bool {
	i := action(p)
	if p.Policy == hobby.Requested || len(p.Candidates) < 2 || i < 0 || !(p.Propensity > 0) || !distinct(p.Candidates) {
		return false
	}
	logged := make([]float64, len(p.Candidates))
	for k, c := range p.Candidates {
		logged[k] = c.Probability
	}
	return sumToOne(logged) && sumToOne(baseOf(p)) && math.Abs(logged[i]-p.Propensity) <= rounding
}

// rounding is what numbers may differ by that should be equal.
const rounding = 1e-6

func sumToOne(ps []float64) bool {
	sum := 0.0
	for _, p := range ps {
		if !(p >= 0) {
			return false
		}
		sum += p
	}
	return math.Abs(sum-1) <= rounding
}

// action is the index of what a plan chose among its candidates; -1 where it is none.
func action(p *hobby.Plan) int {
	return slices.IndexFunc(p.Candidates, func(c hobby.Candidate) bool {
		return c.Kind == p.Kind && c.Family == p.Family && c.Level == p.Level
	})
}

// folds is how many parts the cross-fitting makes. A decision of a part is judged by a
// model, and by the policy that follows it, which were learned from the others.
const folds = 5

func foldOf(activity string) int {
	h := fnv.New32a()
	h.Write([]byte(activity))
	return int(h.Sum32()>>8) % folds
}

// longFit is a number of ratings from which the fits to a part of them look for the priors' variances
// from those of a fit to all: with so many, one part less changes them little.
const longFit = 5000

// evaluate judges the policy that would be learned from feedback like this, by what plans chose. like,
// unless nil, was fitted to all of it. f says whether the policy is followed: then what it chose decides whether it
// still is. One that was rolled back is judged by what was chosen since.
func evaluate(all []Rated, plans map[string]*hobby.Plan, since time.Time, o *PolicyOptions, means *meanings,
	like *reward.Model, f following) (OffPolicy, error) {
	from := since
	if !f.now && f.since.After(since) {
		from = f.since
	}
	ds := decisions(all, plans, from)
	js, err := judge(all, ds, since, o, means, like)
	if untold(err) {
		return OffPolicy{Decisions: len(ds), Verdict: Wait, Reason: "there are too few ratings to learn from"}.unknown(), nil
	} else if err != nil {
		return OffPolicy{}, err
	}
	r := offPolicy(js, o)
	if !f.now {
		return r, nil
	}
	if worse := f.worse(decisions(all, plans, f.since), o); worse.Verdict == Back {
		return worse, nil
	}
	if r.Verdict == Back { // that is of what it would choose next, by models that change from night to night
		r.Verdict, r.Reason = Wait, "what it chose is not shown to be rated worse"
	}
	return r, nil
}

// switches reports whether a policy that follows, or does not, is to do the other from now on.
func (r *OffPolicy) switches(follows bool) bool {
	return r.Verdict == Follow && !follows || r.Verdict == Back && follows
}

// judged is a decision, and how likely the policy that would be learned without it is to decide so.
type judged struct {
	*decision
	row ope.Row
}

// judge is the part of evaluate that fits.
func judge(all []Rated, ds []decision, since time.Time, o *PolicyOptions, means *meanings, like *reward.Model) (js []judged, err error) {
	key := means.current()
	if len(all) < longFit || like != nil && like.Embedder() != key {
		like = nil
	}
	for k := range folds {
		part := slices.DeleteFunc(slices.Clone(all), func(r Rated) bool { return foldOf(r.About.Activity) == k })
		m, err := reward.Fit(observations(part, means.by(key, ofNobody)), &reward.Options{Since: since, Embedder: key, Like: like})
		if err != nil {
			return nil, err
		}
		t := newTaste(m, "", nil, means)
		for i := range ds {
			if d := &ds[i]; foldOf(d.activity) == k {
				base := baseOf(d.plan)
				stars, _ := t.expectAll(d.plan.Candidates)
				q := o.tilted(d.plan.Candidates, base, stars)
				js = append(js, judged{d, ope.Row{Action: action(d.plan), Logged: d.plan.Propensity, Reward: d.stars,
					Target: q, Base: base, Model: stars}})
			}
		}
	}
	return js, nil
}

// offPolicy is what decisions say of the policy.
func offPolicy(js []judged, o *PolicyOptions) OffPolicy {
	r := OffPolicy{Decisions: len(js), Verdict: Wait}
	if len(js) < 2 {
		r.Reason = "no rated session was chosen by a policy that says its probabilities"
		return r.unknown()
	}
	rows, ds := make([]ope.Row, len(js)), make([]decision, len(js))
	for i := range js {
		rows[i], ds[i] = js[i].row, *js[i].decision
	}
	r.Effective = ope.Effective(rows)
	lift, snips := ope.DRLift(rows), ope.SNIPSLift(rows)
	r.Current, r.Baseline, r.Lift, r.SNIPS = ope.DR(rows).Value, ope.DRBase(rows).Value, lift.Value, snips.Value
	r.Low, r.High = lift.Sequence(o.Chance, len(rows))
	r.SNIPSLow, r.SNIPSHigh = snips.Sequence(o.Chance, len(rows))
	r.optimism(ds, o.Chance)
	r.decide(o)
	return r
}

// unknown is r where there is nothing to judge by.
func (r OffPolicy) unknown() OffPolicy {
	for _, f := range []*float64{&r.Current, &r.Baseline, &r.Lift, &r.Low, &r.High, &r.SNIPS, &r.SNIPSLow, &r.SNIPSHigh,
		&r.Optimism, &r.OptimismLow, &r.OptimismHigh} {
		*f = math.NaN()
	}
	return r
}

// leastDecisions is how many there are at least before anything follows of them. With
// fewer, intervals by a normal distribution are too narrow.
const leastDecisions = 30

// leastLift is a lift in stars of which nothing follows, however surely it is one: where all
// ratings are equal, what a model expects differs by less.
const leastLift = 1e-4

// decide says what follows of the numbers.
func (r *OffPolicy) decide(o *PolicyOptions) {
	switch {
	case r.Decisions < leastDecisions:
		r.Reason = "there are too few rated sessions"
	case r.High < -leastLift:
		r.Verdict, r.Reason = Back, "people rate worse what it chooses"
	case r.Effective < o.Effective:
		r.Reason = "too few rated sessions are like what it would choose"
	case !(r.Low > leastLift && r.SNIPSLow > leastLift):
		r.Reason = "the interval of the lift spans zero"
	default:
		r.Verdict, r.Reason = Follow, "people rate better what it chooses"
	}
}

// optimism compares what was expected of steered choices with their ratings. A plan's
// candidates say what was expected when it was chosen.
func (r *OffPolicy) optimism(ds []decision, chance float64) {
	var gaps []ope.Row
	for i := range ds {
		if p := ds[i].plan; steered(p) {
			gaps = append(gaps, ope.Row{Logged: 1, Target: []float64{1}, Model: []float64{0},
				Reward: p.Candidates[action(p)].Score - ds[i].stars})
		}
	}
	e := ope.DR(gaps) // a mean, with weights of 1
	r.Optimism = e.Value
	r.OptimismLow, r.OptimismHigh = e.Interval(chance)
}
