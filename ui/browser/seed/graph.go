package main

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

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
	return all
}
