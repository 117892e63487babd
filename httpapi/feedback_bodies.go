package httpapi

import (
	"math"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

// FeedbackRequest is the body of POST /hobby/feedback.
type FeedbackRequest struct {
	Type       string `json:"target_type" enum:"insight,activity,adapter,suggestion"`
	Target     string `json:"target_id" minLength:"1" maxLength:"256"`
	Rating     *int   `json:"rating,omitempty" minimum:"1" maximum:"5" doc:"stars"`
	Helpful    *bool  `json:"helpful,omitempty"`
	Comment    string `json:"comment,omitempty" maxLength:"4000"`
	Suggestion string `json:"suggestion,omitempty" maxLength:"4000" doc:"what it should have said, or what to practise instead"`
	Accept     *bool  `json:"accept,omitempty" doc:"a text from outside is as good as ours, or a suggestion is a topic; for those who may"`
	User       string `json:"user_id,omitempty" maxLength:"128" doc:"whose it is; ignored where the program knows; no voice without login"`
	Exposure   string `json:"exposure_id,omitempty" maxLength:"256" doc:"of GET /hobby/feedback/pending"`
}

// FeedbackAnswer is the answer of POST /hobby/feedback.
type FeedbackAnswer struct {
	Status   string       `json:"status" enum:"recorded"`
	Feedback FeedbackBody `json:"feedback"`
	Reward   Reward       `json:"reward"`
}

// FeedbackBody is feedback as it is stored: with what the same user had said before.
type FeedbackBody struct {
	ID         string    `json:"feedback_id"`
	Version    int       `json:"version" doc:"counts what this user said of the target"`
	Type       string    `json:"target_type" enum:"insight,activity,adapter,suggestion"`
	Target     string    `json:"target_id"`
	Rating     *int      `json:"rating"`
	Helpful    *bool     `json:"helpful"`
	Comment    *string   `json:"comment"`
	Suggestion *string   `json:"suggestion"`
	Accept     *bool     `json:"accept"`
	User       *string   `json:"user_id" doc:"null for an anonymous one"`
	Exposure   *string   `json:"exposure_id"`
	At         time.Time `json:"at"`
	Superseded bool      `json:"superseded" doc:"the user has said something else since"`
}

func feedbackBody(f *rlhf.Feedback) FeedbackBody {
	b := FeedbackBody{
		ID: f.ID, Version: f.Version, Type: string(f.Type), Target: f.Target, Helpful: f.Helpful, Comment: optional(f.Comment),
		Suggestion: optional(f.Suggestion), Accept: f.Accept, User: optional(f.User), Exposure: optional(f.Exposure), At: f.At.UTC(),
		Superseded: f.Superseded,
	}
	if f.Rating != 0 {
		b.Rating = &f.Rating
	}
	return b
}

// Reward is what is known of a target.
type Reward struct {
	Raters      int      `json:"raters" doc:"those who have rated it or said whether it is helpful"`
	Predicted   *float64 `json:"predicted_reward" doc:"the mean rating that is expected, in stars; null where the model cannot tell"`
	Uncertainty *float64 `json:"uncertainty" doc:"its standard deviation, in stars"`
	Model       *string  `json:"model_version" doc:"null before the model is trained"`
}

func reward(raters int, p *rlhf.Prediction, model string) Reward {
	r := Reward{Raters: raters, Model: optional(model)}
	if p != nil {
		r.Predicted, r.Uncertainty = known(p.Mean), known(p.SD)
	}
	return r
}

// known is a number, or nil for one that is not known.
func known(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// Pending is the answer of GET /hobby/feedback/pending.
type Pending struct {
	Items []PendingItem `json:"items" nullable:"false"`
}

// PendingItem is something to be rated.
type PendingItem struct {
	Type        string    `json:"target_type" enum:"insight,activity,adapter,suggestion"`
	Target      string    `json:"target_id"`
	Kind        string    `json:"hobby_type" doc:"empty for an adapter of all"`
	Text        string    `json:"text"`
	Untrusted   bool      `json:"tainted" doc:"the text is from outside, and nobody has accepted it"`
	Activity    *string   `json:"activity_id" doc:"what the insight was found in"`
	Answers     int       `json:"answers" doc:"of an activity; 0 for what is none"`
	Passes      int       `json:"passes" doc:"those of them that were right"`
	CreatedAt   time.Time `json:"created_at"`
	Predicted   *float64  `json:"predicted_reward" doc:"in stars; null where the model cannot tell"`
	Uncertainty *float64  `json:"uncertainty"`
	Raters      int       `json:"raters"`
	Reason      string    `json:"reason"`
	Exposure    string    `json:"exposure_id"`
	Propensity  float64   `json:"propensity" doc:"the probability with which it was chosen"`
	Policy      string    `json:"policy" doc:"what chose it"`
}

func pendingItem(a *rlhf.Ask) PendingItem {
	r := reward(a.Raters, a.Predicted, a.Exposure.Model)
	return PendingItem{
		Type: string(a.Target.Type), Target: a.Target.ID, Kind: a.Target.Kind.Upper(), Text: a.Target.Text, Untrusted: a.Target.Untrusted,
		Activity: optional(a.Target.Activity), Answers: a.Target.Items, Passes: a.Target.Passes,
		CreatedAt: a.Target.Created.UTC(), Predicted: r.Predicted, Uncertainty: r.Uncertainty,
		Raters: a.Raters, Reason: a.Reason, Exposure: a.Exposure.ID, Propensity: a.Exposure.Propensity, Policy: a.Exposure.Policy,
	}
}

// RewardModel is the answer of GET /hobby/reward/model.
type RewardModel struct {
	Status    string          `json:"status" enum:"untrained,trained"`
	Version   *string         `json:"version"`
	TrainedAt *time.Time      `json:"trained_at"`
	Examples  int             `json:"examples" doc:"ratings and flags"`
	Raters    int             `json:"raters"`
	Needed    int             `json:"needed_examples" doc:"how many are missing for the first training"`
	Features  []RewardFeature `json:"features" nullable:"false" doc:"the largest weights first"`
	Metrics   RewardMetrics   `json:"metrics"`
	Distance  *float64        `json:"update_distance" doc:"in stars, between updates at once and the training that replaced them"`
	Changed   *time.Time      `json:"taste_changed_at" doc:"when people's tastes changed; null for never"`
}

// RewardFeature is something that the model has a weight for.
type RewardFeature struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight" doc:"in logits of a rating"`
	SD     float64 `json:"sd"`
}

// RewardMetrics say how well ratings were predicted that the model had not seen. What was
// not measured is null.
type RewardMetrics struct {
	Held     int      `json:"examples" doc:"how many ratings they are of"`
	RMSE     *float64 `json:"rmse" doc:"in stars"`
	LogLoss  *float64 `json:"log_loss"`
	ECE      *float64 `json:"ece"`
	AUC      *float64 `json:"auc"`
	Pairwise *float64 `json:"pairwise_accuracy"`
	Baseline *float64 `json:"baseline_rmse" doc:"of the means of raters and targets"`
}

func rewardModel(m *rlhf.ModelInfo) RewardModel {
	b := RewardModel{
		Status: "trained", Version: optional(m.Version), TrainedAt: moment(m.At), Examples: m.Examples, Raters: m.Raters, Needed: m.Needed,
		Features: each(m.Features, func(f *rlhf.Feature) RewardFeature { return RewardFeature(*f) }), Changed: moment(m.Changed),
		Metrics: RewardMetrics{m.Metrics.Held, known(m.Metrics.RMSE), known(m.Metrics.LogLoss), known(m.Metrics.ECE), known(m.Metrics.AUC),
			known(m.Metrics.PairwiseAccuracy), known(m.Metrics.BaselineRMSE)},
	}
	if m.Version == "" {
		b.Status = "untrained"
	} else {
		b.Distance = known(m.Distance)
	}
	return b
}

// QualityTrends is the answer of GET /hobby/quality/trends.
type QualityTrends struct {
	Series  []QualityPoint  `json:"series" nullable:"false" doc:"oldest first; a bucket without a rating is left out"`
	Trend   *QualityTrend   `json:"trend" doc:"null where there are too few buckets to tell"`
	Changes []QualityChange `json:"change_points" nullable:"false"`
	Answers QualityAnswers  `json:"answers"`
	Policy  QualityPolicy   `json:"policy"`
}

// QualityAnswers say whether who answers differs from who does not, as of the last training
// of the model.
type QualityAnswers struct {
	Shown     int      `json:"shown" doc:"what was shown to be rated"`
	Answered  int      `json:"answered" doc:"with stars"`
	Mean      *float64 `json:"mean" doc:"of these stars"`
	Corrected *float64 `json:"corrected_mean" doc:"an estimate of what it would be if all had answered"`
	Place     *float64 `json:"place" doc:"stars more for each doubling of the place on the list, within kinds; null with few answers"`
	PlaceLow  *float64 `json:"place_ci_low"`
	PlaceHigh *float64 `json:"place_ci_high"`
	Length    *float64 `json:"length" doc:"stars more for each doubling of an insight's words, within kinds; null with few insights"`
	LenLow    *float64 `json:"length_ci_low"`
	LenHigh   *float64 `json:"length_ci_high"`
}

// QualityPoint is the mean rating of a bucket.
type QualityPoint struct {
	At    time.Time `json:"at" doc:"the bucket's start, UTC"`
	Mean  float64   `json:"mean" doc:"in stars"`
	Low   *float64  `json:"low" doc:"of the mean's 95 % interval; null where there is one rating, or all are equal"`
	High  *float64  `json:"high"`
	Count int       `json:"count"`
}

// QualityTrend says whether ratings rise.
type QualityTrend struct {
	Slope     *float64 `json:"slope_per_day" doc:"in stars"`
	P         *float64 `json:"p_value"`
	Direction string   `json:"direction" enum:"rising,falling,none"`
}

// QualityChange is a time from which ratings were others than before.
type QualityChange struct {
	At     time.Time `json:"at"`
	Low    time.Time `json:"low"`
	High   time.Time `json:"high"`
	Before *float64  `json:"before" doc:"the mean rating, as if the same people had rated"`
	After  *float64  `json:"after"`
}

// QualityPolicy is the last check of the policy that follows people's taste. Numbers are
// stars, and null where they were not measured.
type QualityPolicy struct {
	Current      *float64 `json:"current"`
	Baseline     *float64 `json:"baseline" doc:"of the policy that knows nothing of taste"`
	Lift         *float64 `json:"lift"`
	Low          *float64 `json:"ci_low" doc:"of the lift's interval, 99 % unless the program chose another chance"`
	High         *float64 `json:"ci_high"`
	Decision     string   `json:"decision" enum:"follow,wait,back"`
	Reason       string   `json:"reason"`
	Follows      bool     `json:"follows" doc:"what is practised follows people's taste now"`
	Sessions     int      `json:"sessions" doc:"rated ones that the check rests on"`
	Effective    *float64 `json:"effective_sample"`
	Optimism     *float64 `json:"optimism" doc:"what was expected of what was chosen, less what it was rated"`
	OptimismLow  *float64 `json:"optimism_ci_low"`
	OptimismHigh *float64 `json:"optimism_ci_high"`
}

func qualityTrends(t *rlhf.Trends) QualityTrends {
	c := &t.Policy
	b := QualityTrends{
		Series: each(t.Series, func(p *rlhf.Point) QualityPoint {
			return QualityPoint{p.At.UTC(), p.Mean, known(p.Low), known(p.High), p.Count}
		}),
		Changes: each(t.Changes, func(p *rlhf.ChangePoint) QualityChange {
			return QualityChange{p.At.UTC(), p.Low.UTC(), p.High.UTC(), known(p.Before), known(p.After)}
		}),
		Answers: QualityAnswers{t.Mood.Shown, t.Mood.Answered, known(t.Mood.Mean), known(t.Mood.Corrected),
			known(t.Mood.Place), known(t.Mood.PlaceLow), known(t.Mood.PlaceHigh),
			known(t.Mood.Length), known(t.Mood.LengthLow), known(t.Mood.LengthHigh)},
		Policy: QualityPolicy{known(c.Current), known(c.Baseline), known(c.Lift), known(c.Low), known(c.High), string(c.Verdict), c.Reason,
			t.Follows, c.Decisions, known(c.Effective), known(c.Optimism), known(c.OptimismLow), known(c.OptimismHigh)},
	}
	if t.Trend != nil {
		b.Trend = &QualityTrend{known(t.Trend.SlopePerDay), known(t.Trend.P), t.Trend.Direction}
	}
	return b
}

// FeedbackEvent is what is shown of feedback that was given.
type FeedbackEvent struct {
	Type    string `json:"target_type"`
	Target  string `json:"target_id"`
	Kind    string `json:"hobby_type"`
	Rating  *int   `json:"rating"`
	Helpful *bool  `json:"helpful"`
	Accept  *bool  `json:"accept"`
}

func feedbackEvent(_ *hobby.Event, g *rlhf.Given) FeedbackEvent {
	e := FeedbackEvent{Type: string(g.Type), Target: g.Target, Kind: g.Kind.Upper(), Helpful: g.Helpful, Accept: g.Accept}
	if g.Rating != 0 {
		e.Rating = &g.Rating
	}
	return e
}
