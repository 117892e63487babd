package pastime_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/rlhf"
)

// TestTopicsOfAKit has a gap of the graph, a suggestion that was accepted and a weak kind:
// they are what sessions look into.
func TestTopicsOfAKit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		study := func(k hobby.Kind) hobby.Hobby {
			return hobby.Hobby{Kind: k, Topical: true, Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
				return out.Insight(hobby.Insight{Text: "a finding", Confidence: 1})
			})}
		}
		weak := hobby.Hobby{Kind: "weak", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
			return out.Item(hobby.Item{Verifier: "none", Split: hobby.Practice, Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "x"}}})
		})}
		kit, err := pastime.Open(t.Context(), ":memory:", nil, &pastime.Options{
			Kinds: []hobby.Kind{}, Hobby: hobby.Options{Disabled: true},
			Hobbies: []hobby.Hobby{study(hobby.KnowledgeExploration), study(hobby.ResearchIntegration), weak},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := kit.Close(); err != nil {
				t.Error(err)
			}
		}()
		once := func(k hobby.Kind) hobby.Activity {
			t.Helper()
			s, err := kit.Hobby.RunOnce(t.Context(), k)
			if err != nil || s.Activity.Status != hobby.Completed {
				t.Fatalf("%s: %+v, %v", k, s.Activity, err)
			}
			return s.Activity
		}
		first := once(hobby.KnowledgeExploration)
		if first.Plan.Topic != "" {
			t.Errorf("at first it looks into %q", first.Plan.Topic)
		}
		once("weak")
		about := rlhf.Feedback{Type: rlhf.Activity, Target: first.ID, User: "ann", Suggestion: "the migration of birds"}
		if _, _, err := kit.Feedback.Submit(t.Context(), about); err != nil {
			t.Fatal(err)
		}
		asks, err := kit.Feedback.Pending(t.Context(), rlhf.PendingFilter{User: "ben", Type: rlhf.Suggestion, Reviewer: true})
		if err != nil || len(asks) != 1 {
			t.Fatalf("%d suggestions, %v", len(asks), err)
		}
		yes := true
		decision := rlhf.Feedback{Type: rlhf.Suggestion, Target: asks[0].Target.ID, User: "ben", Accept: &yes}
		if _, _, err := kit.Feedback.Submit(t.Context(), decision); err != nil {
			t.Fatal(err)
		}
		near := kgraph.Origin{ID: "1", Recorded: time.Now(), Source: "notes"}
		claim := func(relation hobby.Relation) kgraph.Statement {
			return kgraph.Statement{Claim: hobby.Claim{Subject: "tern", Relation: relation, Object: "tern colony", Confidence: 1}}
		}
		if err := kit.Graph.Add(t.Context(), near, claim("is near"), claim("is like")); err != nil {
			t.Fatal(err)
		}
		stop := run(t, kit)
		synctest.Wait()
		for k, want := range map[hobby.Kind]map[string]bool{
			hobby.KnowledgeExploration: {"the migration of birds": true, "tern": true, "tern colony": true},
			hobby.ResearchIntegration:  {"the migration of birds": true, "tern": true, "tern colony": true, "Weak": true},
		} {
			got := map[string]bool{}
			for range 100 { // each has a fifth of the weight or more
				got[once(k).Plan.Topic] = true
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s looks into (-want +got):\n%s", k, d)
			}
		}
		stop()
	})
}
