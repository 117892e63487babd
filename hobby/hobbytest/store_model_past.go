package hobbytest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// What the model knows of items by filter, of whole sessions and of what is deleted
// by sets.

var (
	modelFamilies = rapid.SampledFrom([]string{"add", "subtract"})
	modelModels   = rapid.SampledFrom([]string{"", "m1", "m2"})
	modelSplits   = rapid.SampledFrom([]hobby.Split{hobby.Practice, hobby.HeldOut})
	modelMinutes  = rapid.IntRange(-1, 8)
)

// vary makes an item differ in all that a filter tells apart.
func (m *model) vary(it *hobby.Item) {
	it.Family, it.ModelKey, it.Split = modelFamilies.Draw(m.r, "family"), modelModels.Draw(m.r, "model"), modelSplits.Draw(m.r, "split")
	it.At = m.minute("at")
	if rapid.IntRange(0, 3).Draw(m.r, "tainted") == 0 {
		it.Taint = hobby.Untrusted
		if rapid.Bool().Draw(m.r, "accepted") {
			it.Acceptance = &hobby.Acceptance{Accepted: rapid.Bool().Draw(m.r, "yes"), By: hobby.ByRule, At: noon, Version: 1}
		}
	}
	it.Redacted = rapid.IntRange(0, 3).Draw(m.r, "redacted") == 0
}

func (m *model) minute(what string) time.Time {
	return noon.Add(time.Duration(m.draw(modelMinutes, what)) * time.Minute)
}

// bounds draws two times, which may be zero.
func (m *model) bounds() (since, until time.Time) {
	if rapid.Bool().Draw(m.r, "bounded below") {
		since = m.minute("since")
	}
	if rapid.Bool().Draw(m.r, "bounded above") {
		until = m.minute("until")
	}
	return since, until
}

func within(at, since, until time.Time) bool {
	return (since.IsZero() || !at.Before(since)) && (until.IsZero() || at.Before(until))
}

// items reads all pages of a filter.
func (m *model) items(r *rapid.T) {
	f := hobby.ItemFilter{Passed: rapid.Bool().Draw(r, "passed"), Missed: rapid.Bool().Draw(r, "missed"),
		Untainted: rapid.Bool().Draw(r, "untainted")}
	f.Since, f.Until = m.bounds()
	if rapid.Bool().Draw(r, "of a family") {
		f.Family = modelFamilies.Draw(r, "family")
	}
	if rapid.Bool().Draw(r, "of a split") {
		f.Split = modelSplits.Draw(r, "split")
	}
	f.ModelKeys = rapid.SliceOfN(modelModels, 0, 3).Draw(r, "models")
	f.Kind = rapid.SampledFrom([]hobby.Kind{"", "sums", "none"}).Draw(r, "kind")
	var want []hobby.Item
	for _, s := range m.known {
		for _, it := range s.Items {
			if m.wants(&f, s, &it) {
				want = append(want, it)
			}
		}
	}
	slices.SortFunc(want, func(a, b hobby.Item) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(m.turns[b.ID], m.turns[a.ID]))
	})
	f.Limit = m.draw(rapid.IntRange(1, 5), "limit")
	var got []hobby.Item
	for {
		p, err := m.store.Items(r.Context(), f)
		if err != nil {
			r.Fatalf("Items(%+v): %v", f, err)
		}
		got = append(got, p.Items...)
		if p.Next == "" {
			break
		}
		if len(p.Items) != f.Limit {
			r.Fatalf("Items(%+v): a page of %d with a next one", f, len(p.Items))
		}
		f.Cursor = p.Next
	}
	m.same(fmt.Sprintf("items of %+v", f), got, want, nil)
}

func (m *model) wants(f *hobby.ItemFilter, s *hobby.Session, it *hobby.Item) bool {
	switch {
	case f.Kind != "" && s.Activity.Plan.Kind != f.Kind, f.Family != "" && it.Family != f.Family, f.Split != "" && it.Split != f.Split,
		len(f.ModelKeys) > 0 && !slices.Contains(f.ModelKeys, it.ModelKey), f.Passed && !it.Passed(), f.Missed && it.Passed(),
		f.Untainted && !it.Trusted():
		return false
	}
	return within(it.At, f.Since, f.Until)
}

// sessions reads all pages of whole sessions.
func (m *model) sessions(r *rapid.T) {
	f := hobby.Filter{Status: rapid.SampledFrom([]hobby.Status{"", hobby.Running, hobby.Completed}).Draw(r, "status")}
	f.Since, f.Until = m.bounds()
	f.Limit = m.draw(rapid.IntRange(1, 4), "limit")
	var want []hobby.Session
	for _, id := range m.order {
		if s := m.known[id]; s != nil && (f.Status == "" || s.Activity.Status == f.Status) && within(s.Activity.Started, f.Since, f.Until) {
			want = append(want, *s)
		}
	}
	slices.SortStableFunc(want, func(a, b hobby.Session) int { return a.Activity.Started.Compare(b.Activity.Started) })
	var got []hobby.Session
	for {
		p, err := m.store.Sessions(r.Context(), f)
		if err != nil {
			r.Fatalf("Sessions(%+v): %v", f, err)
		}
		got = append(got, p.Sessions...)
		if f.Cursor = p.Next; p.Next == "" {
			break
		}
	}
	m.same(fmt.Sprintf("sessions of %+v", f), got, want, nil)
}

// pruneBefore prunes by time and by position.
func (m *model) pruneBefore(r *rapid.T) {
	until, at, f := m.minute("until"), hobby.Cursor(m.draw(rapid.IntRange(0, int(m.head)), "at")), m.drawFence()
	got, err := m.store.PruneBefore(r.Context(), until, at, f)
	if !m.current(f) {
		if !errors.Is(err, hobby.ErrStale) {
			r.Fatalf("PruneBefore: error %v, want ErrStale", err)
		}
		return
	}
	m.close(f)
	want := 0
	for id, s := range m.known {
		if s.Activity.Status.Ended() && s.Activity.Started.Before(until) && m.events[id] <= at {
			want++
			m.drop(id)
		}
	}
	m.same("PruneBefore", got, want, err)
}

// trim drops events that the consumers have.
func (m *model) trim(r *rapid.T) {
	to := hobby.Cursor(m.draw(rapid.IntRange(-1, int(m.head)+2), "to"))
	got, err := m.store.Trim(r.Context(), to)
	to = min(to, m.head)
	for _, c := range m.consumed {
		to = min(to, c)
	}
	m.floor = max(m.floor, to)
	m.same("the floor after Trim", got, m.floor, err)
}

// log compares what can be read of the event log.
func (m *model) log(ctx context.Context) {
	head, err := m.store.Head(ctx)
	m.same("head", head, m.head, err)
	floor, err := m.store.Floor(ctx)
	m.same("floor", floor, m.floor, err)
	for _, after := range []hobby.Cursor{0, m.floor - 1, m.floor, m.head, m.head + 1} {
		events, err := m.store.Events(ctx, after, 1000)
		if max(after, 0) < m.floor {
			if !errors.Is(err, hobby.ErrTrimmed) {
				m.r.Fatalf("events after %d, with the floor at %d: %v", after, m.floor, err)
			}
			continue
		}
		first := max(after, 0)
		m.same(fmt.Sprintf("how many events come after %d", after), len(events), int(max(0, m.head-first)), err)
		for i, e := range events {
			m.same("their positions", e.Pos, first+1+hobby.Cursor(i), nil)
		}
	}
}
