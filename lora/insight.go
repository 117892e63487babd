package lora

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// redactedMark begins what redaction puts in the place of a secret; see hobby/redact.
const redactedMark = "[redacted: "

// insights takes the insights of all material as questions and answers.
func (s *selecting) insights(ctx context.Context, material []Material) error {
	for i := range material {
		m := &material[i]
		all := slices.Clone(m.Insights)
		slices.SortStableFunc(all, func(a, b hobby.Insight) int {
			return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Text, b.Text), cmp.Compare(a.ID, b.ID))
		})
		for j := range all {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := s.insight(ctx, m, &all[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

// insight takes one insight, when all rules do.
func (s *selecting) insight(ctx context.Context, m *Material, in *hobby.Insight) error {
	f := &s.funnel
	f.candidate(OriginInsight)
	clean := *in
	clean.Redact(s.Redact)
	redacted := clean.Text != in.Text || clean.Topic != in.Topic || strings.Contains(in.Text+in.Topic, redactedMark)
	if !f.pass(RuleHeldOut, !s.overlap.repeats(in)) || !f.pass(RuleTainted, in.Trusted()) || !f.pass(RuleRedacted, !redacted) ||
		!f.pass(RuleModel, !aboutModel(in)) || !f.pass(RuleEmpty, strings.TrimSpace(in.Text) != "") {
		return nil
	}
	quality, err := s.quality(ctx, in)
	if err != nil || !f.pass(RuleUnscored, quality >= 0) || !f.pass(RuleQuality, quality >= s.MinQuality) {
		return err
	}
	r := &Row{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: question(m, in)}}, Completion: strings.TrimSpace(in.Text),
		Origin: OriginInsight, Kind: m.Hobby.Kind, Quality: quality,
	}
	add(&r.Insights, in.ID)
	add(&r.Activities, in.Activity)
	if in.Source != "" {
		add(&r.Sources, hobby.SourceHash(in.Source))
	}
	r.identify()
	if !s.repeated(r) {
		s.keep(r)
	}
	return nil
}

// quality is how good an insight is, negative where the scorer cannot tell.
func (s *selecting) quality(ctx context.Context, in *hobby.Insight) (float64, error) {
	if s.Scorer == nil {
		return in.Confidence, nil
	}
	mean, _, err := s.Scorer.Score(ctx, *in)
	switch {
	case errors.Is(err, hobby.ErrAbstain):
		return -1, nil
	case err != nil:
		return 0, fmt.Errorf("lora: scoring insight %.64q: %w", in.ID, err)
	case !(mean >= 0 && mean <= 1):
		return 0, fmt.Errorf("lora: the scorer gives insight %.64q %v, must be in [0, 1]", in.ID, mean)
	}
	return mean, nil
}

// aboutModel reports whether an insight says what a model can do, and nothing of the
// world.
func aboutModel(in *hobby.Insight) bool {
	return slices.ContainsFunc(in.Claims, func(c hobby.Claim) bool {
		return c.Relation == hobby.LevelOf || c.Relation == hobby.FailsAt || c.Relation == hobby.SucceedsAt
	})
}

// question is what an insight answers.
func question(m *Material, in *hobby.Insight) string {
	if in.Topic != "" {
		return fmt.Sprintf("What do you know about %s?", in.Topic)
	}
	return fmt.Sprintf("What have you learned from %s?", strings.ToLower(m.Hobby.Kind.Title()))
}
