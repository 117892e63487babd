package rlhf

import (
	"context"
	"fmt"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// InsightTarget is an insight as a target.
func InsightTarget(i *hobby.Insight) Target {
	return Target{
		Type: Insight, ID: i.ID, Kind: i.Kind, Topic: i.Topic, Text: clip(i.Text), Question: clip(i.Question()),
		Created: i.At.UTC(), Activity: i.Activity,
		Confidence: i.Confidence, Evidence: len(i.Evidence), Source: i.Source, Untrusted: !i.Trusted(),
	}
}

// ActivityTarget is an activity as a target.
func ActivityTarget(a *hobby.Activity) Target {
	t := Target{
		Type: Activity, ID: a.ID, Kind: a.Plan.Kind, Family: a.Plan.Family, Level: a.Plan.Level, Topic: a.Plan.Topic,
		Created: a.Started.UTC(), Items: a.Items, Passes: a.Passes, Activity: a.ID,
	}
	if !a.Ended.IsZero() {
		t.Duration = a.Ended.Sub(a.Started)
	}
	var parts []string
	for _, s := range []string{a.Description, a.Goal} {
		if s != "" {
			parts = append(parts, strings.TrimRight(s, ". "))
		}
	}
	t.Text = clip(strings.Join(parts, ". "))
	return t
}

// clip shortens a text to MaxText bytes, at the end of a character.
func clip(text string) string {
	if len(text) <= MaxText {
		return text
	}
	return strings.ToValidUTF8(text[:MaxText], "")
}

// Sources are Targets that look in the store first, then in the archive, then among the
// adapters. Live and Past are needed.
type Sources struct {
	// Live is what is in the store, and Past all practice.
	Live hobby.Record
	Past hobby.Past
	// Adapter reads an adapter, hobby.ErrNotFound, and Adapters the newest ones. Both
	// may be nil: there are none then.
	Adapter  func(ctx context.Context, id string) (Target, error)
	Adapters func(ctx context.Context, limit int) ([]Target, error)
}

var _ Targets = (*Sources)(nil)

// Target implements Targets.
func (s *Sources) Target(ctx context.Context, t TargetType, id string) (Target, error) {
	switch {
	case t == Insight:
		all, err := s.Past.Insights(ctx, []string{id})
		if err != nil || len(all) > 0 {
			return first(all, InsightTarget), err
		}
	case t == Activity:
		sess, err := s.Past.Session(ctx, id)
		return ActivityTarget(&sess.Activity), err
	case t == Adapter && s.Adapter != nil:
		return s.Adapter(ctx, id)
	}
	return Target{}, fmt.Errorf("rlhf: %s %.64q: %w", t, id, hobby.ErrNotFound)
}

func first[T any](all []T, f func(*T) Target) Target {
	if len(all) == 0 {
		return Target{}
	}
	return f(&all[0])
}

// Recent implements Targets. An activity that runs is not among them.
func (s *Sources) Recent(ctx context.Context, t TargetType, limit int) (all []Target, err error) {
	switch {
	case t == Insight:
		page, err := s.Live.Insights(ctx, hobby.InsightFilter{Limit: limit})
		for i := range page.Insights {
			all = append(all, InsightTarget(&page.Insights[i]))
		}
		return all, err
	case t == Activity:
		page, err := s.Live.List(ctx, hobby.Filter{Limit: limit})
		for i := range page.Activities {
			if a := &page.Activities[i]; a.Status.Ended() {
				all = append(all, ActivityTarget(a))
			}
		}
		return all, err
	case t == Adapter && s.Adapters != nil:
		return s.Adapters(ctx, limit)
	}
	return nil, nil
}
