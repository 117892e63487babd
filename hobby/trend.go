package hobby

import (
	"math"
	"math/rand/v2"
	"time"
)

// trend is a belief of how a level is learned: its ability in logits and the
// rate at which a session raises it are jointly normal. It is a local linear
// trend observed through binomial counts, a dynamic generalised linear model
// (West, Harrison and Migon 1985), filtered with the posterior mode in place
// of the Kalman filter's mean.
type trend struct {
	items, passes int64 // as of the last look
	sessions      int
	ability, rate float64
	aa, ar, rr    float64 // the covariance
	// lowest is the lowest ability that was believed. Forgetting ends there.
	lowest float64
	lost   float64   // by forgetting, since the last session
	at     time.Time // of the last look
}

const (
	// rateSpread is the standard deviation of an unknown rate, as a part of its
	// mean.
	rateSpread = 0.6
	// abilityNoise and rateNoise are the variances that a session adds. A day
	// without a session adds abilityNoise.
	abilityNoise, rateNoise = 1e-3, 1e-5
	// forgetDays is the half-life, in days, of what was learned and is not
	// practised.
	forgetDays = 20
	// farOut bounds abilities. There the chance to pass is 1 to within 1e-6.
	farOut = 14
)

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// logit is the inverse of logistic, kept within bounds.
func logit(p float64) float64 {
	p = min(max(p, 1e-6), 1-1e-6)
	return math.Log(p / (1 - p))
}

// see takes the answers since the last look as one session. Without answers it
// takes the time that has passed. expect is the rate that is expected without any
// record.
func (t *trend) see(e Estimate, now time.Time, expect float64) {
	tries, passes := e.Items-t.items, e.Passes-t.passes
	switch {
	case t.at.IsZero() || tries < 0: // the first look, or another model
		t.start(e, expect)
	case tries == 0:
		days := max(0, now.Sub(t.at).Hours()/24)
		lost := (t.ability - t.lowest) * (1 - math.Exp2(-days/forgetDays))
		t.ability -= lost
		// What was forgotten is as uncertain as it is large. If it is still
		// there, it was not learned anew.
		t.aa = min(t.aa+days*abilityNoise+lost*(lost+2*t.lost), 4)
		t.lost += lost
	default:
		t.learn(float64(tries), float64(min(max(passes, 0), tries)))
	}
	t.items, t.passes, t.at = e.Items, e.Passes, now
}

// start takes an estimate whose history is not known.
func (t *trend) start(e Estimate, expect float64) {
	*t = trend{rate: expect, aa: 4, rr: rateSpread * rateSpread * expect * expect}
	if e.High > e.Low {
		t.ability = logit(e.Mean)
		sd := (logit(e.High) - logit(e.Low)) / (2 * 1.96)
		t.aa = min(max(sd*sd, abilityNoise), 4)
	}
	t.lowest = min(t.ability, 0)
}

// learn takes a session. It first raises the ability as expected, and then
// corrects ability and rate by the answers.
func (t *trend) learn(tries, passes float64) {
	t.lost = 0
	if t.sessions > 0 {
		t.ability += t.rate
		t.aa += 2*t.ar + t.rr + abilityNoise
		t.ar += t.rr
		t.rr += rateNoise
	}
	// The mode of the ability's posterior: Newton's method on a concave
	// function, with the step bounded.
	x, information := t.ability, 0.0
	for range 8 {
		p := logistic(x)
		information = tries * p * (1 - p)
		step := (passes - tries*p - (x-t.ability)/t.aa) / (information + 1/t.aa)
		x += min(max(step, -2), 2)
	}
	x = min(max(x, -farOut), farOut)
	shift := (x - t.ability) / t.aa
	gain := 0.0
	if information > 0 {
		gain = 1 / (t.aa + 1/information)
	}
	t.ability = x
	t.rate += t.ar * shift
	// Rounding must not make a variance negative.
	t.rr = max(t.rr-gain*t.ar*t.ar, rateNoise/10)
	t.ar -= gain * t.aa * t.ar
	t.aa = max(t.aa-gain*t.aa*t.aa, abilityNoise/10)
	if t.sessions++; t.sessions == 1 {
		t.lowest = x
	}
	t.lowest = min(t.lowest, x)
}

// draw draws ability and rate. scale multiplies their deviations from the mean.
func (t *trend) draw(r *rand.Rand, scale float64) (ability, rate float64) {
	a, b := scale*r.NormFloat64(), scale*r.NormFloat64()
	sd := math.Sqrt(t.aa)
	return t.ability + sd*a, t.rate + t.ar/sd*a + math.Sqrt(max(0, t.rr-t.ar*t.ar/t.aa))*b
}

// certainty is the probability that the rate is above a value.
func (t *trend) certainty(above float64) float64 {
	return 0.5 * math.Erfc((above-t.rate)/math.Sqrt(2*t.rr))
}
