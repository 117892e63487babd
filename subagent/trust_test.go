package subagent_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

// TestAnAnswerFromElsewhereTrainsNothing has an agent elsewhere answer right, under
// the key of the model that this process serves. It is counted, and nothing is trained
// on it: words beside what was judged are the agent's. What an agent of this process
// answered may be trained on.
func TestAnAnswerFromElsewhereTrainsNothing(t *testing.T) {
	redact := func(text string) string { return strings.ReplaceAll(text, "+", "[plus]") }
	synctest.Test(t, func(t *testing.T) {
		f, w := wired(t, &subagent.Options{LocalConcurrent: -1, Redact: redact}, "far")
		if _, err := f.Register(t.Context(), subagent.Agent{ID: "near", Capabilities: []string{"sums"}}); err != nil {
			t.Fatal(err)
		}
		trusted := func() int {
			page, err := f.store.Items(t.Context(), hobby.ItemFilter{
				Split: hobby.Practice, ModelKeys: []string{subagenttest.SumsKey}, Passed: true, Untainted: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			return len(page.Items)
		}
		assign(t, f, "far", "sums")
		o := w.last(t)
		r := answer(t, o)
		for n := range r.Items { // it says what to think of its answers
			i := &r.Items[n]
			i.Source, i.Redacted = "a.md", true
			i.Taint, i.Acceptance = hobby.Trusted, &hobby.Acceptance{Accepted: true, By: hobby.ByRule, At: i.At, Version: 1}
		}
		w.say(t, o, subagent.Done, r)
		tries, passes := counted(t, f)
		same(t, "answers from elsewhere: counted, passed and to be trained on", []int{12, 12, 0}, []int{int(tries), int(passes), trusted()})
		page, err := f.store.Items(t.Context(), hobby.ItemFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range page.Items {
			said := hobby.Item{Taint: i.Taint, Acceptance: i.Acceptance, Source: i.Source, Redacted: i.Redacted}
			same(t, "what is said of it", hobby.Item{Taint: hobby.Untrusted}, said)
			if !strings.Contains(i.Messages[0].Content, "+") {
				t.Errorf("the prompt of a generated task was redacted: %q", i.Messages[0].Content)
			}
		}
		assign(t, f, "near", "sums")
		same(t, "answers from here that may be trained on", 12, trusted())
		f.stop()
	})
}
