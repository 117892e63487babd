package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// many are sessions of insights that relate n functions to three others each, most of them
// nearby and one anywhere.
func many(now time.Time, n int) (all []hobby.Session) {
	r := rand.New(rand.NewPCG(1, 2))
	name := func(i int) string { return fmt.Sprintf("example.org/m/p%d.Func%d", i/40, i) }
	var in *hobby.Insight
	for i := range n {
		if i%300 == 0 {
			at := now.Add(time.Duration(i-n) * time.Second)
			id := uuid.Must(uuid.NewV7()).String()
			all = append(all, hobby.Session{Activity: hobby.Activity{
				ID: id, Agent: "agent", Plan: hobby.Plan{Kind: hobby.CodeAnalysis}, Status: hobby.Completed, Started: at, Ended: at.Add(time.Minute),
			}})
		}
		s := &all[len(all)-1]
		if i%30 == 0 {
			s.Insights = append(s.Insights, hobby.Insight{
				ID: uuid.Must(uuid.NewV7()).String(), Activity: s.Activity.ID, Kind: hobby.CodeAnalysis, At: s.Activity.Started,
				Text: "They call each other.", Confidence: 1,
			})
			in = &s.Insights[len(s.Insights)-1]
		}
		for _, to := range []int{i/40*40 + r.IntN(40), i/40*40 + r.IntN(40), r.IntN(n)} {
			in.Claims = append(in.Claims, hobby.Claim{Subject: name(i), Relation: hobby.Calls, Object: name(to), Confidence: 1})
		}
	}
	return all
}

// claims are sessions whose insights claim something: functions that call each other, in
// eight packages, and terms of a document from outside with a hostile name.
func claims(now time.Time) (all []hobby.Session) {
	add := func(n int, i hobby.Insight) {
		at := now.Add(time.Duration(n-60) * time.Minute)
		id := uuid.Must(uuid.NewV7()).String()
		i.ID, i.Activity, i.Kind, i.At = uuid.Must(uuid.NewV7()).String(), id, hobby.CodeAnalysis, at
		all = append(all, hobby.Session{Insights: []hobby.Insight{i}, Activity: hobby.Activity{
			ID: id, Agent: "agent", Plan: hobby.Plan{Kind: hobby.CodeAnalysis}, Status: hobby.Completed, Started: at, Ended: at.Add(time.Minute),
			Description: "Read the code",
		}})
	}
	for p := range 8 {
		i := hobby.Insight{Text: fmt.Sprintf("Package p%d is called from p%d.", p, (p+1)%8), Confidence: 1,
			Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: fmt.Sprintf("p%d/p.go", p), Line: 7}}}
		call := func(from, to string) {
			i.Claims = append(i.Claims, hobby.Claim{Subject: from, Relation: hobby.Calls, Object: to, Confidence: 1})
		}
		f := func(p, n int) string { return fmt.Sprintf("example.org/m/p%d.Func%d", p, n) }
		for n := range 9 {
			call(f(p, n), f(p, n/2))
			call(f(p, n), f(p, (n*5+1)%9))
		}
		call(f((p+1)%8, 0), f(p, 0))
		add(p, i)
	}
	add(9, hobby.Insight{
		Text: "KG stands for knowledge graph.", Confidence: 0.9, Taint: hobby.Untrusted, Source: "notes.md",
		Claims: []hobby.Claim{
			{Subject: "KG", Relation: hobby.StandsFor, Object: "knowledge graph", Confidence: 0.9},
			{Subject: "KG", Relation: `<img src=x onerror="window.hurt = 'relation'">` + "\u202e", Object: "knowledge graph", Confidence: 0.5},
			{Subject: "docs/notes.md", Relation: hobby.Defines, Object: script, Confidence: 0.5},
			{Subject: "docs/notes.md", Relation: hobby.Defines, Object: "knowledge graph", Confidence: 0.5},
		},
	})
	builds := hobby.Insight{Text: "calculus, level 1: all 12 answers were right", Confidence: 1}
	for _, c := range [][2]string{{"calculus", "algebra"}, {"algebra", "arithmetic"}} {
		builds.Claims = append(builds.Claims, hobby.Claim{Subject: c[0], Relation: hobby.BuildsOn, Object: c[1], Confidence: 1})
	}
	add(10, builds)
	return all
}
