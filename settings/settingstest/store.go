// Package settingstest has the contract of a settings.Store.
package settingstest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/settings"
)

// TestStore tests a store that is empty.
func TestStore(t *testing.T, s settings.Store) {
	t.Helper()
	interval, model := time.Minute, "large"
	first := settings.Values{
		Interval: &interval, Budget: &hobby.Budget{Items: 5, MicroUSD: 7},
		Kinds: map[hobby.Kind]bool{"sums": false, "words": true}, Model: &model,
	}
	second := settings.Values{Idle: &interval, Budget: &hobby.Budget{}}
	for _, step := range []struct {
		put        string
		v          settings.Values
		ada, berta settings.Values
	}{
		{},
		{"ada", first, first, settings.Values{}},
		{"berta", second, first, second},
		{"ada", second, second, second}, // nothing of what was put before is left
		{"ada", settings.Values{}, settings.Values{}, second},
	} {
		if step.put != "" {
			if err := s.PutSettings(t.Context(), step.put, step.v); err != nil {
				t.Fatal(err)
			}
		}
		for agent, want := range map[string]settings.Values{"ada": step.ada, "berta": step.berta} {
			got, err := s.Settings(t.Context(), agent)
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%s after putting %+v for %q (-want +got): %v\n%s", agent, step.v, step.put, err, d)
			}
		}
	}
}
