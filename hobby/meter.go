package hobby

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Meter measures proficiency from a store's tallies for callers without a Manager. It
// reads only the tallies that changed since its last call. All methods are safe for
// concurrent use.
type Meter struct{ tallies *tallyCache }

// NewMeter makes a Meter of an agent's tallies.
func NewMeter(s TallyReader, agent string) *Meter { return &Meter{newTallyCache(s, agent)} }

// Measure is [Measure] of the store's current tallies. One Meter must always be
// given the same hobbies.
func (m *Meter) Measure(ctx context.Context, hobbies []Hobby, keys map[Kind]string, now time.Time) (Proficiency, error) {
	return m.tallies.measure(ctx, hobbies, keys, now)
}

// Gain compares the given answers, which are not stored yet, with the stored ones
// of the same model. All of them must have the same model key. Gain is nil where
// there is nothing to compare: no answers, no level that the model has practised
// before, or a model that cannot change (see [Frozen]).
func (m *Meter) Gain(ctx context.Context, h *Hobby, items []Item) (*Change, error) {
	if len(items) == 0 {
		return nil, nil
	}
	c, _, err := m.tallies.change(ctx, h, items, false)
	return c, err
}

// tallied are the tallies of answers to a kind.
func tallied(kind Kind, answers []Item) []Tally {
	sums := map[Tally]Tally{}
	for i := range answers {
		a := &answers[i]
		if !a.Counted() {
			continue
		}
		k := Tally{ModelKey: a.ModelKey, Kind: kind, Family: a.Family, Version: a.Version, Level: a.Level, Day: Day(a.At)}
		t, known := sums[k]
		if !known {
			t = k
		}
		t.Tries++
		if a.Passed() {
			t.Passes++
		}
		sums[k] = t
	}
	return slices.Collect(maps.Values(sums))
}
