package hobby

import (
	"context"
	"math"
	"time"
)

// Learnability is the default policy. It practises what is neither known nor
// hopeless, as far as it shows progress there.
//
// The learnability of a level is the expectation of 4p(1-p) over the posterior
// of the chance p to pass (Tzannetos et al. 2023): it peaks where success is
// an even chance, and uncertainty lowers it less than it teaches. Alone it
// would practise a coin for ever, so it is weighed by progress: for every
// level the policy keeps the pass rates of its sessions and fits their slope,
// newer sessions counting more, and chooses by the probability that the level
// has the best slope of all times its learnability (Thompson sampling, made an
// explicit distribution, so that propensities are exact). A level without a
// record is expected to be learnable; one whose record shows no slope loses
// its turn to others soon.
//
// What is known and was not practised for longer than its review interval gets
// a turn too: the interval starts at a day and doubles with every session.
//
// Variety is the part of the probability, between a floor of 4 % and all of
// it, that is spread evenly. Without FocusOnWeaknesses learnability is not
// weighed, progress alone is. Intensity moves practice from the level below to
// the highest open one, and makes sessions longer.
//
// A Learnability belongs to one Manager.
type Learnability struct {
	opts    LearnabilityOptions
	records map[Candidate]*record
}

// LearnabilityOptions configures a Learnability. Nil and the zero value are
// legal.
type LearnabilityOptions struct {
	// Discount in (0, 1) is how much a session counts against the one after
	// it. Default 0.97.
	Discount float64
	// Expect is the gain in the chance to pass that a session is expected to
	// bring where there is no record. Default 0.06.
	Expect float64
	// Floor is the part of the probability that is always spread evenly.
	// Default 0.04.
	Floor float64
	// ReviewAfter is the first review interval. Default 24 h.
	ReviewAfter time.Duration
}

// NewLearnability makes the policy.
func NewLearnability(o *LearnabilityOptions) *Learnability {
	l := &Learnability{records: map[Candidate]*record{}}
	if o != nil {
		l.opts = *o
	}
	def := func(v *float64, to float64) {
		if !(*v > 0 && *v < 1) {
			*v = to
		}
	}
	def(&l.opts.Discount, 0.97)
	def(&l.opts.Expect, 0.06)
	def(&l.opts.Floor, 0.04)
	if l.opts.ReviewAfter <= 0 {
		l.opts.ReviewAfter = 24 * time.Hour
	}
	return l
}

// record is what the policy has seen of one level.
type record struct {
	items, passes int64 // as of the last look
	sessions      int
	// Discounted sums of a regression of the pass rate on the session's
	// number; the newest session is number 0, older ones are negative.
	w, wx, wxx, wy, wxy float64
	variance            float64 // of a session's pass rate, discounted mean
}

// see takes in the answers since the last look.
func (r *record) see(e Estimate, discount float64) {
	tries, passes := e.Items-r.items, e.Passes-r.passes
	r.items, r.passes = e.Items, e.Passes
	if tries <= 0 || passes < 0 || passes > tries {
		return // nothing new, or another model
	}
	rate := float64(passes) / float64(tries)
	// Shift the origin to the new session, then age all sums.
	r.wxx += r.w - 2*r.wx
	r.wxy -= r.wy
	r.wx -= r.w
	for _, v := range []*float64{&r.w, &r.wx, &r.wxx, &r.wy, &r.wxy} {
		*v *= discount
	}
	r.w++
	r.wy += rate
	smooth := (float64(passes) + 1) / (float64(tries) + 2)
	v := smooth * (1 - smooth) / float64(tries)
	r.variance += (v - r.variance) / math.Min(float64(r.sessions+1), 10)
	r.sessions++
}

// slope returns the posterior mean and standard deviation of the gain per
// session: the regression's, drawn to expect where the record is short.
func (r *record) slope(expect float64) (mean, sd float64) {
	priorPrecision := 1 / (expect * expect)
	sxx := 0.0
	if r.w > 0 {
		sxx = r.wxx - r.wx*r.wx/r.w
	}
	if r.sessions < 2 || sxx <= 0 {
		return expect, expect
	}
	fit := (r.wxy - r.wx*r.wy/r.w) / sxx
	precision := sxx / math.Max(r.variance, 1e-4)
	total := precision + priorPrecision
	return (precision*fit + priorPrecision*expect) / total, 1 / math.Sqrt(total)
}

// thompsonDraws is how many draws estimate the probability to be the best.
const thompsonDraws = 256

// Choose implements Policy.
func (l *Learnability) Choose(_ context.Context, s State) (Plan, error) {
	all, share := options(&s)
	if len(all) == 0 {
		return Plan{}, ErrNothing
	}
	means, sds, scale := make([]float64, len(all)), make([]float64, len(all)), make([]float64, len(all))
	weights := make([]float64, len(all))
	for i := range all {
		o := &all[i]
		r := l.records[o.Candidate]
		if r == nil {
			r = &record{}
			l.records[o.Candidate] = r
		}
		r.see(o.estimate, l.opts.Discount)
		means[i], sds[i] = r.slope(l.opts.Expect)
		scale[i] = share[i]
		if s.Knobs.FocusOnWeaknesses {
			scale[i] *= learnability(o.estimate)
		}
		weights[i] = l.review(&s, o, r)
	}
	for range thompsonDraws {
		best, at := 0.0, -1
		for i := range all {
			if v := scale[i] * (means[i] + sds[i]*s.Rand.NormFloat64()); v > best {
				best, at = v, i
			}
		}
		if at >= 0 {
			weights[at] += 1.0 / thompsonDraws
		}
	}
	p, err := decide("learnability/1", &s, all, weights, max(l.opts.Floor, s.Knobs.Variety))
	for i, c := range p.Candidates {
		if c.Kind == p.Kind && c.Family == p.Family && c.Level == p.Level {
			p.Context = []float64{all[i].estimate.Mean, all[i].estimate.High - all[i].estimate.Low, means[i], sds[i]}
		}
	}
	return p, err
}

// learnability is E[4p(1-p)] for a chance to pass with e's mean and spread. A
// level that was never tried is as learnable as can be.
func learnability(e Estimate) float64 {
	if e.High <= e.Low && !e.Measured() {
		return 1
	}
	sd := (e.High - e.Low) / (2 * 1.96)
	return max(0, 4*(e.Mean-e.Mean*e.Mean-sd*sd))
}

// review is the weight of a level that is known and due to be looked at again.
func (l *Learnability) review(s *State, o *option, r *record) float64 {
	if o.estimate.Low < 0.5 || o.kind.Last.IsZero() || o.estimate.Last.IsZero() {
		return 0
	}
	interval := l.opts.ReviewAfter << min(r.sessions, 8)
	late := s.Now.Sub(o.estimate.Last.Add(24*time.Hour)) - interval
	if late <= 0 {
		return 0
	}
	return min(1, float64(late)/float64(interval))
}
