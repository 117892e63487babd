package hobby

import (
	"context"
	"math"
	"slices"
	"time"
)

// Learnability is the default policy. It practises where an hour of practice is
// expected to raise the chance to pass most.
//
// For every level it keeps a belief of the ability, in logits, and of the rate at
// which a session raises it (see trend). A session that adds r to the ability
// raises the chance p to pass by about r*p(1-p): the product of progress and
// learnability (Tzannetos et al. 2023). The product is small for what is
// mastered, for what is out of reach, and for answers that are chance alone. A
// level's score is the best gain per session that going on for a while would
// bring, divided by the time that sessions of the kind take: an index (Gittins
// 1979) with a bounded horizon. Looking only at the next session would neglect
// what is hard at first.
//
// It chooses a kind, and then a level of one of the kind's families. A draw takes
// ability and rate from the beliefs and finds the best score of each kind (Thompson
// sampling). What it finds in each kind is compared by a second draw: the best of many
// would look better than the best of one by luck alone (van Hasselt 2010). Many draws
// make an explicit distribution, from which the choice is made, so the logged
// propensities are exact. A kind that was never practised comes first, and later each
// of n kinds keeps a probability of at least 1/(4n). The score is multiplied
// by the certainty that there is progress, so a level without progress is given
// up. A family that others require counts somewhat more.
//
// All verified answers count, practice and held out alike, because both are new
// to the model. What is not practised is expected to be forgotten. A mastered
// level that was not practised for longer than its review interval gets a turn as
// well. The interval starts at a day and doubles with every session.
//
// Variety is the part of the probability that is spread evenly, from a floor of
// 2 % to all of it. Without FocusOnWeaknesses the rate alone counts, also on
// mastered levels. Intensity moves practice from the level below the highest open
// one to the highest open one, and makes sessions longer.
//
// A Learnability belongs to one Manager. Its beliefs are not stored: in a new
// process they start from the State's estimates.
type Learnability struct {
	opts   LearnabilityOptions
	trends map[Candidate]*trend
}

// LearnabilityOptions configures a Learnability. Nil and the zero value are
// legal.
type LearnabilityOptions struct {
	// Expect is the rate that is expected where there is no record, in logits per
	// session. Default 0.12: from an even chance to 0.8 in 12 sessions.
	Expect float64
	// Floor in (0, 1) is the part of the probability that is always spread
	// evenly. Default 0.02.
	Floor float64
	// ReviewAfter is the first review interval. Default 24 h.
	ReviewAfter time.Duration
}

// NewLearnability makes the policy.
func NewLearnability(o *LearnabilityOptions) *Learnability {
	l := &Learnability{trends: map[Candidate]*trend{}}
	if o != nil {
		l.opts = *o
	}
	if !(l.opts.Expect > 0 && l.opts.Expect < 10) {
		l.opts.Expect = 0.12
	}
	if !(l.opts.Floor > 0 && l.opts.Floor < 1) {
		l.opts.Floor = 0.02
	}
	if l.opts.ReviewAfter <= 0 {
		l.opts.ReviewAfter = 24 * time.Hour
	}
	return l
}

const (
	// thompsonDraws is the number of draws that estimate the probability to be
	// the best.
	thompsonDraws = 64
	// boldness scales the draws' deviation from the mean. Exploration costs more
	// than it finds when time is short. Chapelle and Li (2011) shrink the
	// posterior in the same way.
	boldness = 0.3
	// progress is the least rate that counts as progress, and caution how much a
	// doubt of it weighs. A caution of 8 saves little of the time that goes into
	// a kind that is never learned, and gives up what is learned slowly: in the
	// test's simulation the gain over round-robin falls by a quarter.
	progress, caution = 0.02, 4
	// waits is how much more a family counts for each closed family that requires
	// it.
	waits = 0.4
	// horizon is the number of sessions that a score looks ahead. At the default
	// rate they make 3.8 logits, as from a chance of 0.13 to one of 0.87.
	horizon = 32
)

// Choose implements Policy.
func (l *Learnability) Choose(_ context.Context, s State) (Plan, error) {
	all, share := options(&s)
	if len(all) == 0 {
		return Plan{}, ErrNothing
	}
	kinds, weights, trends := make([]float64, len(s.Kinds)), make([]float64, len(all)), make([]*trend, len(all))
	cost := costs(s.Kinds)
	for i := range all {
		o := &all[i]
		t := l.trends[o.Candidate]
		if t == nil {
			t = &trend{}
			l.trends[o.Candidate] = t
		}
		t.see(o.estimate, s.Now, l.opts.Expect)
		trends[i] = t
		weights[i] = l.review(&s, o, t)
		kinds[o.at] = max(kinds[o.at], weights[i])
		share[i] *= math.Pow(t.certainty(progress), caution) * (1 + waits*float64(waiting(o))) / cost[o.Kind]
	}
	score := func(i int) float64 {
		ability, rate := trends[i].draw(s.Rand, boldness)
		v := max(0, rate)
		if s.Knobs.FocusOnWeaknesses {
			v = index(ability, rate)
		}
		return v * share[i]
	}
	for range thompsonDraws {
		best, at := make([]float64, len(s.Kinds)), make([]int, len(s.Kinds))
		for i := range all {
			if v := score(i); v > best[all[i].at] {
				best[all[i].at], at[all[i].at] = v, i
			}
		}
		top, kind := 0.0, -1
		for k := range s.Kinds {
			if best[k] == 0 {
				continue
			}
			weights[at[k]] += 1.0 / thompsonDraws
			if v := score(at[k]); v > top {
				top, kind = v, k
			}
		}
		if kind >= 0 {
			kinds[kind] += 1.0 / thompsonDraws
		}
	}
	p, err := decide("learnability/3", &s, all, kinds, weights, max(l.opts.Floor, s.Knobs.Variety))
	for i, o := range all {
		if o.Kind == p.Kind && o.Family == p.Family && o.Level == p.Level {
			t := trends[i]
			p.Context = []float64{o.estimate.Mean, o.estimate.High - o.estimate.Low, t.ability, t.rate, math.Sqrt(t.rr)}
		}
	}
	return p, err
}

// index is the best gain in the chance to pass per session, over practice that
// goes on for 1, 2, 4, ... sessions.
func index(ability, rate float64) float64 {
	best := 0.0
	if rate <= 0 {
		return best
	}
	p := logistic(ability)
	for h := 1.0; h <= horizon; h *= 2 {
		g := (logistic(ability+h*rate) - p) / h
		if g < best {
			break // it rises, then falls
		}
		best = g
	}
	return best
}

// waiting counts the closed families that require o's.
func waiting(o *option) (n int) {
	for i := range o.kind.Families {
		if f := &o.kind.Families[i]; !f.Open && slices.Contains(f.Family.Requires, o.Family) {
			n++
		}
	}
	return n
}

// costs returns the mean time of a session of each kind, in units of the mean
// over the kinds. It is 1 for a kind without sessions.
func costs(kinds []KindState) map[Kind]float64 {
	c, sum := map[Kind]float64{}, 0.0
	for _, k := range kinds {
		if k.Sessions > 0 && k.Time > 0 {
			c[k.Kind] = max(k.Time.Seconds()/float64(k.Sessions), 1e-3)
			sum += c[k.Kind]
		}
	}
	mean := sum / float64(max(1, len(c)))
	for _, k := range kinds {
		if v, ok := c[k.Kind]; ok {
			c[k.Kind] = v / mean
		} else {
			c[k.Kind] = 1
		}
	}
	return c
}

// review is the weight of a mastered level that is due for review.
func (l *Learnability) review(s *State, o *option, t *trend) float64 {
	if o.estimate.Low < 0.5 || o.kind.Last.IsZero() || o.estimate.Last.IsZero() {
		return 0
	}
	interval := l.opts.ReviewAfter << min(t.sessions, 8)
	late := s.Now.Sub(o.estimate.Last.Add(24*time.Hour)) - interval
	if late <= 0 {
		return 0
	}
	return min(1, float64(late)/float64(interval))
}
