package hobbytest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// CheckStore makes the same random calls to a store and to a simple model of it,
// and compares what they return. The flags of package rapid say how many. open
// returns a new, empty store, which CheckStore closes.
func CheckStore(t *testing.T, open func(t *testing.T) hobby.Store) {
	rapid.Check(t, func(r *rapid.T) {
		m := &model{
			r: r, store: open(t), known: map[string]*hobby.Session{}, ids: map[string]bool{}, tallies: map[hobby.Tally]hobby.Tally{},
			events: map[string]hobby.Cursor{}, turns: map[string]int{}, consumed: map[string]hobby.Cursor{}, fences: map[string]*modelFence{},
		}
		defer func() {
			if err := m.store.Close(); err != nil {
				r.Error(err)
			}
		}()
		r.Repeat(map[string]func(*rapid.T){
			"": m.check, "commit": m.commit, "prune": m.prune, "forget": m.forget, "consume": m.consume, "fence": m.fence,
			"prune before": m.pruneBefore, "trim": m.trim, "items": m.items, "sessions": m.sessions,
			"accept": m.accept,
		})
	})
}

// model is a simple hobby.Store in memory, for one process. It is slow.
type model struct {
	r     *rapid.T
	store hobby.Store

	order    []string // of the first commits
	known    map[string]*hobby.Session
	ids      map[string]bool // of items and insights; pruning frees them
	tallies  map[hobby.Tally]hobby.Tally
	head     hobby.Cursor
	floor    hobby.Cursor
	events   map[string]hobby.Cursor // the last commit of, or decision on, each activity
	turns    map[string]int          // the order in which items were committed
	turn     int                     // of the last one
	consumed map[string]hobby.Cursor
	fences   map[string]*modelFence
}

type modelFence struct {
	attempt int64
	closed  bool
}

var (
	modelIDs     = rapid.IntRange(0, 5)
	modelKeys    = rapid.SampledFrom([]string{"k1", "k2"})
	modelSources = rapid.SampledFrom([]string{"", "s1", "s2"})
)

func (m *model) draw(of *rapid.Generator[int], what string) int { return of.Draw(m.r, what) }

// check compares all that can be read.
func (m *model) check(r *rapid.T) {
	ctx := r.Context()
	var want []hobby.Activity
	for _, id := range m.order {
		if s := m.known[id]; s != nil {
			want = append(want, s.Activity)
			got, err := m.store.Activity(ctx, id)
			m.same("activity "+id, got, *s, err)
		}
	}
	page, err := m.store.List(ctx, hobby.Filter{})
	m.same("listing", page.Activities, selected(want, hobby.Filter{}), err)
	tallies, at, err := m.store.Tallies(ctx, hobby.TallyFilter{})
	m.same("tallies", sortTallies(tallies), m.sums(), err)
	m.same("complete up to", at, m.head, nil)
	m.log(ctx)
	for _, name := range []string{"c1", "c2"} {
		c, err := m.store.Consumed(ctx, name)
		m.same("consumer "+name, c, m.consumed[name], err)
	}
}

func (m *model) same(what string, got, want any, err error) {
	m.r.Helper()
	if err != nil {
		m.r.Fatalf("%s: %v", what, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		m.r.Fatalf("%s (-model +store):\n%s", what, diff)
	}
}

func (m *model) sums() (all []hobby.Tally) {
	for key, t := range m.tallies {
		key.Tries, key.Passes, key.Millis = t.Tries, t.Passes, t.Millis
		all = append(all, key)
	}
	return sortTallies(all)
}

// drawFence draws no fence, a current one, or one that is stale.
func (m *model) drawFence() *hobby.Fence {
	if m.draw(rapid.IntRange(0, 2), "fenced") > 0 {
		return nil
	}
	return &hobby.Fence{
		Key: modelKeys.Draw(m.r, "key"), Attempt: int64(m.draw(rapid.IntRange(0, 3), "attempt")), Close: rapid.Bool().Draw(m.r, "close"),
	}
}

func (m *model) current(f *hobby.Fence) bool {
	if f == nil {
		return true
	}
	have := m.fences[f.Key]
	return have != nil && !have.closed && have.attempt == f.Attempt
}

func (m *model) close(f *hobby.Fence) {
	if f != nil && f.Close {
		m.fences[f.Key].closed = true
	}
}

func (m *model) commit(r *rapid.T) {
	s := session(m.draw(modelIDs, "activity"))
	s.Activity.Version = m.draw(rapid.IntRange(0, 3), "version")
	if status := rapid.SampledFrom([]hobby.Status{hobby.Running, hobby.Running, hobby.Completed}).Draw(r, "status"); status.Ended() {
		s = ended(s, status)
	}
	for range m.draw(rapid.IntRange(0, 3), "items") {
		it := answer(fmt.Sprint("item", m.draw(rapid.IntRange(0, 30), "item")), s.Activity.Started, rapid.Bool().Draw(r, "pass"))
		m.vary(&it)
		it.Level, it.Source = 1+m.draw(rapid.IntRange(0, 1), "level"), modelSources.Draw(r, "source")
		s.Items = append(s.Items, it)
	}
	for range m.draw(rapid.IntRange(0, 2), "insights") {
		tell := insight
		if rapid.Bool().Draw(r, "tainted") {
			tell = from
		}
		in := tell(fmt.Sprint("insight", m.draw(rapid.IntRange(0, 30), "insight")), modelSources.Draw(r, "source"))
		in.Claims = slices.DeleteFunc(in.Claims, func(c hobby.Claim) bool { return c.Subject == "" })
		if len(in.Claims) == 0 {
			in.Claims = nil
		}
		s.Insights = append(s.Insights, in)
	}
	f := m.drawFence()
	got, err := m.store.Commit(r.Context(), s, f)
	want, wantErr := m.expect(&s, f)
	if !errors.Is(err, wantErr) {
		r.Fatalf("Commit: error %v, want %v", err, wantErr)
	}
	m.same("what Commit returned", got, want, nil)
}

// expect is Commit's contract.
func (m *model) expect(s *hobby.Session, f *hobby.Fence) (hobby.Activity, error) {
	if !m.current(f) {
		return hobby.Activity{}, hobby.ErrStale
	}
	have := m.known[s.Activity.ID]
	switch {
	case have == nil && s.Activity.Version > 0:
		return hobby.Activity{}, hobby.ErrInvalid
	case have != nil && (have.Activity.Status.Ended() || have.Activity.Version > s.Activity.Version):
		m.close(f)
		return have.Activity, nil
	case have != nil && have.Activity.Version < s.Activity.Version:
		return hobby.Activity{}, hobby.ErrInvalid
	case have == nil:
		have = &hobby.Session{}
		m.known[s.Activity.ID] = have
		m.order = append(slices.DeleteFunc(m.order, func(id string) bool { return id == s.Activity.ID }), s.Activity.ID)
	}
	m.close(f)
	a := s.Activity
	a.Version, a.Node = a.Version+1, m.store.Node()
	a.Items, a.Passes, a.Insights, a.Cut = have.Activity.Items, have.Activity.Passes, have.Activity.Insights, have.Activity.Cut
	have.Activity = a
	for _, it := range s.Items {
		m.addItem(have, it)
	}
	for _, in := range s.Insights {
		if !m.ids[in.ID] {
			m.ids[in.ID] = true
			in.Activity = a.ID
			have.Insights = append(have.Insights, in)
			have.Activity.Insights++
		}
	}
	m.head++
	m.events[a.ID] = m.head
	return have.Activity, nil
}

func (m *model) addItem(s *hobby.Session, it hobby.Item) {
	if m.ids[it.ID] {
		return
	}
	m.ids[it.ID] = true
	m.turn++
	m.turns[it.ID] = m.turn
	it.Activity = s.Activity.ID
	s.Items = append(s.Items, it)
	s.Activity.Items++
	if it.Passed() {
		s.Activity.Passes++
	}
	if it.Cut() {
		s.Activity.Cut++
	}
	if !it.Counted() {
		return
	}
	key := hobby.Tally{
		Agent: s.Activity.Agent, Node: s.Activity.Node, ModelKey: it.ModelKey, Kind: s.Activity.Plan.Kind,
		Family: it.Family, Version: max(1, it.Version), Level: it.Level, Split: it.Split, Day: hobby.Day(it.At),
	}
	t := m.tallies[key]
	t.Tries, t.Millis = t.Tries+1, t.Millis+it.Latency.Milliseconds()
	if it.Passed() {
		t.Passes++
	}
	m.tallies[key] = t
}

func (m *model) prune(r *rapid.T) {
	id := session(m.draw(modelIDs, "activity")).Activity.ID
	f := m.drawFence()
	got, err := m.store.Prune(r.Context(), []string{id}, f)
	if !m.current(f) {
		if !errors.Is(err, hobby.ErrStale) {
			r.Fatalf("Prune: error %v, want ErrStale", err)
		}
		return
	}
	m.close(f)
	want := 0
	if s := m.known[id]; s != nil && s.Activity.Status.Ended() {
		want = 1
		m.drop(id)
	}
	m.same("Prune", got, want, err)
}

// drop prunes an activity.
func (m *model) drop(id string) {
	for _, it := range m.known[id].Items {
		delete(m.ids, it.ID)
	}
	for _, in := range m.known[id].Insights {
		delete(m.ids, in.ID)
	}
	delete(m.known, id)
}

func (m *model) forget(r *rapid.T) {
	source := rapid.SampledFrom([]string{"s1", "s2"}).Draw(r, "source")
	got, err := m.store.Forget(r.Context(), source)
	want := 0
	m.head++ // source.forgotten
	for _, s := range m.known {
		s.Items = slices.DeleteFunc(s.Items, func(it hobby.Item) bool {
			if it.Source == source {
				want++
				delete(m.ids, it.ID)
			}
			return it.Source == source
		})
		s.Insights = slices.DeleteFunc(s.Insights, func(in hobby.Insight) bool {
			if in.Source == source {
				want++
				delete(m.ids, in.ID)
			}
			return in.Source == source
		})
		if len(s.Items) == 0 {
			s.Items = nil
		}
		if len(s.Insights) == 0 {
			s.Insights = nil
		}
	}
	m.same("Forget", got, want, err)
}

func (m *model) consume(r *rapid.T) {
	name, at := rapid.SampledFrom([]string{"c1", "c2"}).Draw(r, "consumer"), hobby.Cursor(m.draw(rapid.IntRange(0, 9), "position"))
	if err := m.store.SetConsumed(r.Context(), name, at); err != nil {
		r.Fatal(err)
	}
	m.consumed[name] = max(m.consumed[name], at)
}

func (m *model) fence(r *rapid.T) {
	key := modelKeys.Draw(r, "key")
	f, err := m.store.Fence(r.Context(), key)
	have := m.fences[key]
	if have == nil {
		have = &modelFence{}
		m.fences[key] = have
	}
	if have.closed {
		if !errors.Is(err, hobby.ErrStale) {
			r.Fatalf("Fence of a closed key: %v", err)
		}
		return
	}
	have.attempt++
	m.same("fence", f, hobby.Fence{Key: key, Attempt: have.attempt}, err)
}
