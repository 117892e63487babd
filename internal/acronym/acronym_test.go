package acronym_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/internal/acronym"
)

// TestAll finds a long form whose words begin with the letters, or have them, and no other.
func TestAll(t *testing.T) {
	for text, want := range map[string][]acronym.Found{
		"The write-ahead log (WAL) is read by a compare and swap (CAS).": {{Short: "WAL", Long: "write-ahead log"},
			{Short: "CAS", Long: "compare and swap"}},
		"an Äußere Linie (ÄL)":                     {{Short: "ÄL", Long: "Äußere Linie"}},
		"It keeps a Hypertext Markup form (HTML).": nil, // no L
		"a large. Language model (LLM)":            nil, // the sentence ended
		"the Log (L) and the Language model (lm)":  nil, // fewer than two capitals
		"a Wide Area Network(WAN)":                 nil, // no space
		"(WAL)":                                    nil,
		"an Antilock and \xff (AB)":                nil,
	} {
		if diff := cmp.Diff(want, slices.Collect(acronym.All(text))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
