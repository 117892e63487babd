package hobby

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/pastime-go/pastime/internal/irt"
)

// Meter measures proficiency from a store's tallies for callers without a Manager. It
// reads only what changed since it last looked. All methods are safe for
// concurrent use.
type Meter struct{ ledger *ledger }

// NewMeter measures what an agent's activities verified.
func NewMeter(s TallyReader, agent string) *Meter { return &Meter{newLedger(s, agent)} }

// Measure is [Measure] of the store's tallies as they are now. One Meter must
// always be given the same hobbies.
func (m *Meter) Measure(ctx context.Context, hobbies []Hobby, modelKey string, now time.Time) (Proficiency, error) {
	return m.ledger.measure(ctx, hobbies, modelKey, now)
}

// Gain is by how much the given answers, not stored yet, change the
// proficiency in h of the model that gave them; all must have its key. Nil
// when there are none, or none of a family that h lists. Families that were
// never practised before count from what the prior expects of them.
func (m *Meter) Gain(ctx context.Context, h *Hobby, answers []Item, now time.Time) (*float64, error) {
	if len(answers) == 0 {
		return nil, nil
	}
	if err := m.ledger.refresh(ctx); err != nil {
		return nil, err
	}
	key := answers[0].ModelKey
	m.ledger.mu.Lock()
	defer m.ledger.mu.Unlock()
	before := m.ledger.book.answers(h, key)
	more := newBook()
	for _, t := range tallied(h.Kind, answers) {
		more.add(t)
	}
	return change(h, before, before.and(more.answers(h, key)), Frozen(key), Day(now)), nil
}

// tallied are the tallies of answers to a kind.
func tallied(kind Kind, answers []Item) []Tally {
	sums := map[Tally]Tally{}
	for i := range answers {
		a := &answers[i]
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

// change is how the mean of the families measured after, or of a kind without
// families, differs from what it was.
func change(h *Hobby, before, after answers, frozen bool, today int) *float64 {
	b, a := measureKind(h, before, frozen, today), measureKind(h, after, frozen, today)
	if !a.Estimate.Measured() {
		return nil
	}
	if len(h.Families) == 0 {
		d := a.Estimate.Mean - orPrior(b.Estimate, &Family{Levels: 1})
		return &d
	}
	sum, n := 0.0, 0
	for i := range a.Families {
		if e := a.Families[i].Estimate; e.Measured() {
			sum += e.Mean - orPrior(b.Families[i].Estimate, &h.Families[i])
			n++
		}
	}
	sum /= float64(n)
	return &sum
}

// orPrior is an estimate's mean or, where nothing was measured, the prior's.
func orPrior(e Estimate, f *Family) float64 {
	if e.Measured() {
		return e.Mean
	}
	return irt.Fit([]irt.Family{{Levels: f.Levels, Guess: f.Guess}}, 0, nil).Family(0).Mean
}
