package hobby_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// TestAGeneratedTaskIsNotRedacted has a redactor that would take a task's own
// numbers for secrets.
func TestAGeneratedTaskIsNotRedacted(t *testing.T) {
	numbers := strings.NewReplacer("271828", "[redacted]").Replace
	ask := func(text string) []hobby.Message { return []hobby.Message{{Role: hobby.RoleUser, Content: text}} }
	for name, c := range map[string]struct{ item, want hobby.Item }{
		"a wrong answer": {
			hobby.Item{Family: "sums", Messages: ask("271828 + 0\xff"), Reference: "271828", Answer: "1", Note: "not 271828"},
			hobby.Item{Family: "sums", Messages: ask("271828 + 0\uFFFD"), Reference: "271828", Answer: "1", Note: "not [redacted]", Redacted: true},
		},
		"nothing to take out": {
			hobby.Item{Family: "sums", Messages: ask("271828 + 0"), Reference: "271828", Answer: "1\xff"},
			hobby.Item{Family: "sums", Messages: ask("271828 + 0"), Reference: "271828", Answer: "1\uFFFD"},
		},
		"an answer": {
			hobby.Item{Family: "sums", Messages: ask("271828 + 0"), Reference: "271828", Answer: "It is 271828."},
			hobby.Item{Family: "sums", Messages: ask("271828 + 0"), Reference: "271828", Answer: "It is [redacted].", Redacted: true},
		},
		"a task of a file": {
			hobby.Item{Family: "facts", Source: "271828.md", Messages: ask("What is 271828?"), Reference: "271828", Answer: "e"},
			hobby.Item{Family: "facts", Source: "[redacted].md", Messages: ask("What is [redacted]?"), Reference: "[redacted]", Answer: "e",
				Redacted: true},
		},
		"a task that nobody vouches for": {
			hobby.Item{Family: "facts", Taint: hobby.Untrusted, Messages: ask("What is 271828?"), Answer: "e"},
			hobby.Item{Family: "facts", Taint: hobby.Untrusted, Messages: ask("What is [redacted]?"), Answer: "e", Redacted: true},
		},
		"a task of no family": {
			hobby.Item{Messages: ask("What is 271828?"), Answer: "e"},
			hobby.Item{Messages: ask("What is [redacted]?"), Answer: "e", Redacted: true},
		},
	} {
		got := c.item
		got.Redact(numbers)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		again := got
		if again.Redact(numbers); cmp.Diff(got, again) != "" {
			t.Errorf("%s: redacting again changes it", name)
		}
	}
}
