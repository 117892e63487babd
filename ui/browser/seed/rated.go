package main

import (
	"context"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/feedback"
)

// tastes are kinds and what people think of their sessions.
var tastes = []struct {
	kind  hobby.Kind
	stars int
}{{hobby.CodeAnalysis, 4}, {hobby.SkillPractice, 2}, {"songs", 5}, {"walks", 1}}

// rated stores sessions with insights that 15 people have rated, and the model that was learned of it.
func rated(ctx context.Context, s *sqlite.Store) error {
	now := time.Now()
	var ids []string
	for i := range 60 {
		t := tastes[i%len(tastes)]
		p := hobby.Plan{Kind: t.kind, Policy: "lottery/1", Propensity: 0.25}
		for _, c := range tastes {
			p.Candidates = append(p.Candidates, hobby.Candidate{Kind: c.kind, Probability: 0.25})
		}
		at := now.Add(time.Duration(i-70) * time.Hour)
		a := hobby.Activity{ID: newID(), Agent: "agent", Plan: p, Status: hobby.Completed, Started: at, Ended: at.Add(time.Minute),
			Description: fmt.Sprintf("Session %d", i)}
		insight := hobby.Insight{ID: newID(), Activity: a.ID, Kind: t.kind, At: at, Confidence: 1, Text: fmt.Sprintf("What session %d found", i)}
		if i == 0 {
			insight.Text = script
		}
		if _, err := s.Commit(ctx, hobby.Session{Activity: a, Insights: []hobby.Insight{insight}}, nil); err != nil {
			return err
		}
		ids = append(ids, a.ID)
	}
	store, err := feedback.New(ctx, s)
	if err != nil {
		return err
	}
	p, err := rlhf.New(store, &rlhf.Sources{Live: s, Past: hobby.PastOf(s)}, &rlhf.Options{
		Plan: func(ctx context.Context, activity string) (hobby.Plan, error) {
			session, err := s.Activity(ctx, activity)
			return session.Activity.Plan, err
		},
		Policy: rlhf.PolicyOptions{Effective: 20},
	})
	if err != nil {
		return err
	}
	for i, id := range ids[:56] {
		for k := range 5 {
			stars := min(max(tastes[i%len(tastes)].stars+(i+k)%3-1, 1), 5)
			f := rlhf.Feedback{Type: rlhf.Activity, Target: id, User: fmt.Sprint("p", (i*3+k)%15), Rating: stars}
			if _, _, err := p.Submit(ctx, f); err != nil {
				return err
			}
		}
	}
	return p.Refit(ctx, nil)
}
