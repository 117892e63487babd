package httpapi

import (
	"cmp"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/rlhf"
)

// feedback serves what people think.
type feedback struct{ p *rlhf.Pipeline }

// Feedback is the part that takes people's feedback and learns from it. p may be nil.
func Feedback(p *rlhf.Pipeline) Part {
	h := feedback{p}
	part := Part{
		Name: "feedback", Tag: "Feedback", Events: Show(feedbackEvent, rlhf.GivenEvent),
		Errors: []Problem{{rlhf.ErrTooMany, http.StatusTooManyRequests, "that is enough feedback for one day"}},
		Routes: []Route{
			{Method: "POST", Path: "/feedback", ID: "giveFeedback", Errors: []int{404, 409}, Serve: JSON(h.give),
				Summary: "Say what you think of an insight, an activity or an adapter, or accept a suggestion"},
			{Method: "GET", Path: "/feedback/pending", ID: "listPendingFeedback", Stores: true, Serve: JSON(h.pending),
				Summary: "What to rate next: what a rating would teach most"},
			{Method: "GET", Path: "/reward/model", ID: "getRewardModel", Serve: JSON(h.model),
				Summary: "What was learned of what people like, and how well that predicts"},
			{Method: "GET", Path: "/quality/trends", ID: "getQualityTrends", Serve: JSON(h.trends),
				Summary: "How people's ratings go, and what the policy that follows them is worth"},
		},
	}
	if p == nil {
		part.Lacks = "this program takes no feedback"
	}
	return part
}

func (h feedback) give(ctx context.Context, in *struct{ Body FeedbackRequest }) (*Body[FeedbackAnswer], error) {
	who, b := callerOf(ctx), &in.Body
	f := rlhf.Feedback{
		Type: rlhf.TargetType(b.Type), Target: b.Target, User: cmp.Or(who.user, b.User), Address: who.address, Helpful: b.Helpful,
		Claimed: who.claims(),
		Comment: b.Comment, Suggestion: b.Suggestion, Accept: b.Accept, Exposure: b.Exposure,
	}
	if b.Rating != nil {
		f.Rating = *b.Rating
	}
	if f.Accept != nil {
		switch {
		case f.Type != rlhf.Insight && f.Type != rlhf.Suggestion:
			return nil, Invalid("body.accept", "is for an insight, whose text may be from outside, and for a suggestion", *f.Accept)
		case !who.reviewer:
			return nil, huma.Error403Forbidden("who accepts a text must be logged in with the token, or be somebody whom the program names")
		}
	}
	stored, r, err := h.p.Submit(ctx, f)
	if err != nil {
		return nil, err
	}
	return &Body[FeedbackAnswer]{FeedbackAnswer{"recorded", feedbackBody(&stored), reward(r.Raters, r.Predicted, r.Model)}}, nil
}

func (h feedback) pending(ctx context.Context, in *struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"10"`
	Type  string `query:"target_type" enum:"insight,activity,adapter,suggestion" doc:"only of this type"`
	User  string `query:"user_id" maxLength:"128" doc:"who asks; ignored where the program knows"`
}) (*Body[Pending], error) {
	who := callerOf(ctx)
	asks, err := h.p.Pending(ctx, rlhf.PendingFilter{
		User: cmp.Or(who.user, in.User), Address: who.address, Claimed: who.claims(), Type: rlhf.TargetType(in.Type), Limit: in.Limit,
		Reviewer: who.reviewer,
	})
	if err != nil {
		return nil, err
	}
	return &Body[Pending]{Pending{each(asks, pendingItem)}}, nil
}

func (h feedback) model(ctx context.Context, _ *struct{}) (*Body[RewardModel], error) {
	m, err := h.p.Model(ctx)
	if err != nil {
		return nil, err
	}
	return &Body[RewardModel]{rewardModel(&m)}, nil
}

func (h feedback) trends(ctx context.Context, in *struct {
	KindQuery
	Bucket string `query:"bucket" enum:"day,week,month" default:"day"`
}) (*Body[QualityTrends], error) {
	kind, err := parseKind("query.hobby_type", in.Kind)
	if err != nil {
		return nil, err
	}
	t, err := h.p.Trends(ctx, rlhf.TrendFilter{Bucket: rlhf.Bucket(in.Bucket), Kind: kind})
	if err != nil {
		return nil, err
	}
	return &Body[QualityTrends]{qualityTrends(&t)}, nil
}
