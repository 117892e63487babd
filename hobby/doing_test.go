package hobby_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// TestDoing looks on while a session reports, asks and verifies. What is a secret is never
// seen, also while only half of it was said.
func TestDoing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m *hobby.Manager
		var id string
		look := func(name string, want hobby.Doing) {
			t.Helper()
			got := m.Doing()
			id, got.Activity = got.Activity, ""
			if d := cmp.Diff(want, got); d != "" || id == "" {
				t.Errorf("%s of %q (-want +got):\n%s", name, id, d)
			}
		}
		m = manager(t, open(t), &hobby.Options{Redact: func(s string) string { return strings.ReplaceAll(s, "hunter2", "[secret]") }}, hobby.Hobby{
			Kind: "sums", Items: 3, Families: []hobby.Family{{Name: "any", Levels: 1}},
			Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
				if hobby.Asked(ctx, "What is 1 + 1?", 2) != nil {
					t.Error("nobody looks on, and the answer would be heard")
				}
				look("asked", hobby.Doing{Of: 3, Question: "What is 1 + 1?", Beside: 2})
				hobby.Report(ctx, "reading hunter2")
				hear, late := hobby.Asked(ctx, "Is hunter2 right? "+strings.Repeat("é", 5000), 0), hobby.Asked(ctx, "Is hunter2 right?", 0)
				hear("an earlier question's ")
				late("It is hun")
				look("half of a secret", hobby.Doing{Of: 3, What: "reading [secret]", Question: "Is [secret] right?", Answer: "It is "})
				hear = hobby.Asked(ctx, strings.Repeat("-", 4<<10-3)+"hunter2", 0) // half of it is beyond what is shown
				if got := m.Doing().Question; strings.Contains(got, "hun") {
					t.Errorf("the end of a long question is %q", got[len(got)-10:])
				}
				hear(strings.Repeat("é ", 20_000))
				if got := m.Doing().Answer; len(got) > 9<<10 || !strings.HasSuffix(got, "é …") {
					t.Errorf("of a long piece %d bytes are kept, the last %q", len(got), got[max(0, len(got)-10):])
				}
				late = hobby.Asked(ctx, "Is hunter2 right?", 0)
				late("It is hun")
				late("ter2 now")
				look("a secret", hobby.Doing{Of: 3, What: "reading [secret]", Question: "Is [secret] right?", Answer: "It is [secret] "})
				for range 3000 {
					late("long ")
				}
				if got := m.Doing().Answer; len(got) > 9<<10 || !strings.HasSuffix(got, "…") {
					t.Errorf("of a long answer %d bytes are kept, the last %q", len(got), got[len(got)-5:])
				}
				if err := out.Item(hobby.Item{Family: "any", Version: 1, Level: 1, Split: hobby.Practice, Answer: "2", Score: 1, ModelKey: "m",
					Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "?"}}, Finish: hobby.FinishStop, Verifier: "any"}); err != nil {
					return err
				}
				if got := m.Doing().Items; got != 1 {
					t.Errorf("%d answers were verified, want 1", got)
				}
				time.Sleep(time.Minute)
				if hobby.Asked(ctx, "And 2 + 2?", 0) != nil {
					t.Error("nobody looks on any more, and the answer would be heard")
				}
				return nil
			}),
		})
		s, err := m.RunOnce(t.Context(), "sums")
		if err != nil || s.Activity.ID != id {
			t.Errorf("it looked at %q, and %q has run: %v", id, s.Activity.ID, err)
		}
		if d := cmp.Diff(hobby.Doing{}, m.Doing()); d != "" {
			t.Errorf("when none runs (-want +got):\n%s", d)
		}
		hobby.Report(t.Context(), "to nobody")
		if hobby.Asked(t.Context(), "nobody", 0) != nil {
			t.Error("outside a session an answer would be heard")
		}
	})
}
