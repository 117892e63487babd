package subagent_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/subagent"
)

// TestPracticeHereIsRedactedAndKnowsItsModel has a hobby whose texts all hold a
// secret, and which does not say who answered.
func TestPracticeHereIsRedactedAndKnowsItsModel(t *testing.T) {
	const secret = "s3cret"
	telling := hobby.Hobby{Kind: "telling", NeedsModel: true,
		Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
			return errors.Join(out.Item(hobby.Item{
				Split: hobby.Practice, Verifier: "exact", Score: 1, Answer: secret, Reference: secret, Note: secret,
				Messages: []hobby.Message{{Role: hobby.RoleAssistant, Content: secret,
					ToolCalls: []hobby.ToolCall{{Name: secret, Arguments: secret + "\xff"}}}},
			}), out.Insight(hobby.Insight{Text: secret, Topic: secret, Confidence: 1}))
		})}
	synctest.Test(t, func(t *testing.T) {
		f := newHost(t, []hobby.Hobby{telling}, &subagent.Options{Model: &hobbytest.Model{}, Redact: func(s string) string {
			return strings.ReplaceAll(s, secret, "\xff")
		}})
		if _, err := f.Register(t.Context(), subagent.Agent{ID: "here", Capabilities: []string{"*"}}); err != nil {
			t.Fatal(err)
		}
		a := assign(t, f, "here", "telling")
		if a = read(t, f, a.ID); a.Status != subagent.Completed || a.Outcome.Items != 1 || a.Outcome.Refused != 0 {
			t.Fatalf("%+v, %+v; want one answer", a, a.Outcome)
		}
		s, err := f.store.Activity(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if i := s.Items[0]; i.ModelKey == "" || i.ModelKey != s.Activity.ModelKey {
			t.Errorf("the answer is of the model %q, the activity of %q; want one model", i.ModelKey, s.Activity.ModelKey)
		}
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), secret) {
			t.Errorf("the secret is stored: %s", raw)
		}
	})
}
