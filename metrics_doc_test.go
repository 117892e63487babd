package pastime_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/lora/loratest"
)

// TestTheGuideNamesEveryMetric compares docs/metrics.md with what is exported.
func TestTheGuideNamesEveryMetric(t *testing.T) {
	kit, err := pastime.Open(t.Context(), ":memory:", loratest.NewStudent(), &pastime.Options{Trainer: &loratest.Teacher{}})
	if err != nil {
		t.Fatal(err)
	}
	defer kit.Close()
	guide, err := os.ReadFile("docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\b(hobby|pastime)_[a-z_]*[a-z]\b`).FindAllString(string(guide), -1)
	var exported []string
	for _, m := range kit.Metrics.Metrics() {
		exported = append(exported, m.Name)
		if !slices.Contains(named, m.Name) {
			t.Errorf("docs/metrics.md does not name %s: %s", m.Name, m.Help)
		}
	}
	for _, n := range named {
		if !slices.Contains(exported, n) {
			t.Errorf("docs/metrics.md names %s, which nobody exports", n)
		}
	}
}
