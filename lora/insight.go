package lora

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/dedup"
	"github.com/pastime-go/pastime/internal/prose"
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
	return s.best(ctx)
}

// insight takes one insight, when all rules do.
func (s *selecting) insight(ctx context.Context, m *Material, in *hobby.Insight) error {
	f := &s.funnel
	f.candidate(OriginInsight)
	ask := in.Question()
	if !f.pass(RuleHeldOut, !s.overlap.repeats(in, ask)) || !f.pass(RuleTainted, in.Trusted()) ||
		!f.pass(RuleRedacted, !slices.ContainsFunc([]string{in.Topic, ask, in.Text}, s.redacts)) ||
		!f.pass(RuleModel, !aboutModel(in)) || !f.pass(RuleEmpty, strings.TrimSpace(in.Text) != "") {
		return nil
	}
	quality, err := s.quality(ctx, in)
	if err != nil || !f.pass(RuleQuality, quality >= s.MinQuality) {
		return err
	}
	for _, rule := range prose.Rules {
		if !f.pass(Rule(rule.Name), rule.Good(in.Text)) {
			return nil
		}
	}
	r := &Row{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: ask}}, Completion: strings.TrimSpace(in.Text),
		Origin: OriginInsight, Kind: m.Hobby.Kind, Quality: quality,
	}
	add(&r.Insights, in.ID)
	add(&r.Activities, in.Activity)
	if in.Source != "" {
		add(&r.Sources, hobby.SourceHash(in.Source))
	}
	r.identify()
	s.texts = append(s.texts, r)
	return nil
}

// redacts reports whether redaction has changed a text, or would.
func (s *selecting) redacts(text string) bool {
	return strings.Contains(text, redactedMark) || hobby.Clean(text, s.Redact) != text
}

// best keeps the best of the insights that say the same, in one hobby and question or in
// several. What it was found in is what all of them were found in.
func (s *selecting) best(ctx context.Context) error {
	texts, quality := make([]string, len(s.texts)), make([]float64, len(s.texts))
	for i, r := range s.texts {
		texts[i], quality[i] = r.Completion, r.Quality
	}
	keep, err := dedup.Keep(ctx, texts, quality)
	if err != nil {
		return err
	}
	for i, r := range s.texts {
		first := s.texts[keep[i]]
		rule := RuleNear
		if first != r && dedup.Normal(first.Completion) == dedup.Normal(r.Completion) {
			rule = RuleDuplicate
		}
		if first != r {
			first.merge(r)
		}
		s.funnel.pass(rule, first == r)
	}
	for i, r := range s.texts {
		if keep[i] == i && !s.repeated(r) { // an answer may have the same words
			s.keep(r)
		}
	}
	return nil
}

// quality is how good an insight is: what the scorer says, or its confidence where the
// scorer cannot tell.
func (s *selecting) quality(ctx context.Context, in *hobby.Insight) (float64, error) {
	if s.Scorer == nil {
		return in.Confidence, nil
	}
	mean, _, err := s.Scorer.Score(ctx, *in)
	switch {
	case errors.Is(err, hobby.ErrAbstain):
		return in.Confidence, nil
	case err != nil:
		return 0, fmt.Errorf("lora: scoring insight %.64q: %w", in.ID, err)
	case !(mean >= 0 && mean <= 1):
		return 0, fmt.Errorf("lora: the scorer gives insight %.64q %v, must be in [0, 1]", in.ID, mean)
	}
	return mean, nil
}

// aboutModel reports whether an insight says what a model can do, and nothing of the
// world. One that claims nothing and rests on answers says what these have in common, and
// may quote a wrong one.
func aboutModel(in *hobby.Insight) bool {
	ofAnswers := slices.ContainsFunc(in.Evidence, func(e hobby.Evidence) bool { return e.Kind == hobby.EvidenceItem })
	return len(in.Claims) == 0 && ofAnswers || slices.ContainsFunc(in.Claims, func(c hobby.Claim) bool {
		switch c.Relation {
		case hobby.LevelOf, hobby.BuildsOn, hobby.FailsAt, hobby.SucceedsAt, hobby.WorksWith, hobby.FailsWith, hobby.Refuses:
			return true
		}
		return false
	})
}
