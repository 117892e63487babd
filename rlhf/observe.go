package rlhf

import (
	"context"
	"math"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var _ hobby.Observable = (*Pipeline)(nil)

// The families of numbers that a pipeline exports.
const (
	givenNow     = "pastime_feedback_given"
	ratingsNow   = "pastime_feedback_ratings"
	ratersNow    = "pastime_feedback_raters"
	meanNow      = "pastime_feedback_mean_stars"
	helpfulNow   = "pastime_feedback_helpful_ratio"
	exposuresNow = "pastime_feedback_exposures"
	answeredNow  = "pastime_feedback_exposures_answered"
	examplesNow  = "pastime_feedback_model_examples"
	rmseNow      = "pastime_feedback_model_rmse_stars"
	distanceNow  = "pastime_feedback_model_distance_stars"
	followsNow   = "pastime_feedback_policy_follows"
	liftNow      = "pastime_feedback_policy_lift_stars"
	liftLowNow   = "pastime_feedback_policy_lift_low_stars"
	liftHighNow  = "pastime_feedback_policy_lift_high_stars"
)

// Metrics implements hobby.Observable.
func (p *Pipeline) Metrics() []hobby.Metric {
	return []hobby.Metric{
		{Name: givenNow, Help: "Feedback that is stored, edits too.", Labels: []string{"target"}},
		{Name: ratingsNow, Help: "Last words of people with stars or a flag."},
		{Name: ratersNow, Help: "People who have given these."},
		{Name: meanNow, Help: "Mean of the last words with stars of the last 30 days; absent without one."},
		{Name: helpfulNow, Help: "Share of helpful among the last words with a flag of the last 30 days; absent without one."},
		{Name: exposuresNow, Help: "Times that something was shown to be rated and that are stored."},
		{Name: answeredNow, Help: "Those of them that were answered."},
		{Name: examplesNow, Help: "Ratings and flags that the reward model learned from; absent before its first fit."},
		{Name: rmseNow, Help: "Root mean square error of the reward model on ratings that it had not seen."},
		{Name: distanceNow, Help: "How far the predictions that were updated at once were from those of the fit that replaced them."},
		{Name: followsNow, Help: "Whether the policy follows the reward model: 1 or 0."},
		{Name: liftNow, Help: "How much better people rate what the tilted policy chooses, by the last check."},
		{Name: liftLowNow, Help: "Lower end of the lift's interval, by which the check decides."},
		{Name: liftHighNow, Help: "Upper end of the lift's interval."},
	}
}

// Observe implements hobby.Observable.
func (p *Pipeline) Observe(ctx context.Context, emit hobby.Emit) error {
	c, err := p.store.Counts(ctx)
	if err != nil {
		return err
	}
	for _, t := range TargetTypes() {
		emit(givenNow, float64(c.Given[t]), string(t))
	}
	emit(ratingsNow, float64(c.Ratings))
	emit(ratersNow, float64(c.Raters))
	o, known, err := p.ledger.lately(ctx, p.store, time.Now().Add(-30*24*time.Hour))
	if err != nil {
		return err
	}
	if known && o.starred > 0 {
		emit(meanNow, float64(o.stars)/float64(o.starred))
	}
	if known && o.flagged > 0 {
		emit(helpfulNow, float64(o.helpful)/float64(o.flagged))
	}
	emit(exposuresNow, float64(c.Exposures))
	emit(answeredNow, float64(c.Answered))
	info, err := p.Model(ctx)
	if err != nil {
		return err
	}
	follows := 0.0
	if info.Follows {
		follows = 1
	}
	emit(followsNow, follows)
	if info.Version == "" {
		return nil
	}
	emit(examplesNow, float64(info.Examples))
	for name, v := range map[string]float64{
		rmseNow: info.Metrics.RMSE, distanceNow: info.Distance,
		liftNow: info.Check.Lift, liftLowNow: info.Check.Low, liftHighNow: info.Check.High,
	} {
		if !math.IsNaN(v) {
			emit(name, v)
		}
	}
	return nil
}
