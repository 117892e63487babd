package loratest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
)

// CheckStore makes the same random calls to the stores of two living processes over
// the same data, and to a simple model, and compares what they return. open returns
// both, empty, and a function that closes them.
func CheckStore(t *testing.T, open func(t *testing.T) (a, b lora.Store, closes func() error)) {
	rapid.Check(t, func(r *rapid.T) {
		a, b, closes := open(t)
		defer func() {
			if err := closes(); err != nil {
				r.Error(err)
			}
		}()
		m := &storeModel{r: r, ctx: t, of: [2]lora.Store{a, b}, aliases: map[hobby.Kind]map[lora.Alias]string{}}
		r.Repeat(map[string]func(*rapid.T){
			"": m.check, "put": m.put, "point": m.point, "try": m.try, "use": m.use, "collect": m.collect,
		})
	})
}

type storeModel struct {
	r        *rapid.T
	ctx      *testing.T
	of       [2]lora.Store
	versions []lora.Version // in the order of storing
	aliases  map[hobby.Kind]map[lora.Alias]string
	flips    []lora.Flip // the last first
	trials   []lora.Trial
	uses     []modelUse
}

type modelUse struct {
	id      string
	release func()
}

var modelKinds = rapid.SampledFrom([]hobby.Kind{"one", "two"})

func (m *storeModel) store() lora.Store { return m.of[rapid.IntRange(0, 1).Draw(m.r, "process")] }

// pick draws a version's id, or "" for the base.
func (m *storeModel) pick(name string) string {
	ids := []string{""}
	for _, v := range m.versions {
		ids = append(ids, v.ID)
	}
	return rapid.SampledFrom(ids).Draw(m.r, name)
}

func (m *storeModel) find(id string) *lora.Version {
	i := slices.IndexFunc(m.versions, func(v lora.Version) bool { return v.ID == id })
	if i < 0 {
		return nil
	}
	return &m.versions[i]
}

func (m *storeModel) want(doing string, err, want error) bool {
	m.r.Helper()
	if !errors.Is(err, want) {
		m.r.Fatalf("%s: error %v, want %v", doing, err, want)
	}
	return err == nil
}

func (m *storeModel) put(*rapid.T) {
	k := modelKinds.Draw(m.r, "kind")
	want := Version(k, rapid.IntRange(0, 5).Draw(m.r, "n"), m.pick("parent"))
	got, err := m.store().PutVersion(m.ctx.Context(), want, lora.Lineage{}, nil)
	if !m.want("storing", err, nil) {
		return
	}
	if known := m.find(want.Identify()); known != nil {
		m.same(got.ID, known.ID)
		return
	}
	want.ID, want.Number, want.Created = want.Identify(), 1, got.Created
	for _, v := range m.versions {
		if v.Kind == k {
			want.Number++
		}
	}
	m.versions = append(m.versions, want)
}

func (m *storeModel) point(*rapid.T) {
	k := modelKinds.Draw(m.r, "kind")
	var flips []lora.Flip
	var wanted error
	now := map[lora.Alias]string{}
	for a, id := range m.aliases[k] {
		now[a] = id
	}
	for range rapid.IntRange(1, 3).Draw(m.r, "flips") {
		f := lora.Flip{Kind: k, Alias: rapid.SampledFrom([]lora.Alias{lora.Champion, lora.Candidate, lora.Previous}).Draw(m.r, "alias"),
			To: m.pick("to"), By: "model"}
		f.From = now[f.Alias]
		if rapid.IntRange(0, 4).Draw(m.r, "stale") == 0 {
			f.From = m.pick("from")
		}
		if f.From == f.To {
			wanted = hobby.ErrInvalid
		}
		flips = append(flips, f)
		if wanted == nil {
			switch v := m.find(f.To); {
			case now[f.Alias] != f.From:
				wanted = lora.ErrConflict
			case v != nil && !v.Collected.IsZero():
				wanted = lora.ErrCollected
			}
			now[f.Alias] = f.To
		}
	}
	// What no store would accept is refused before anything else.
	if slices.ContainsFunc(flips, func(f lora.Flip) bool { return f.From == f.To }) {
		wanted = hobby.ErrInvalid
	}
	if !m.want("pointing", m.store().Point(m.ctx.Context(), flips, nil), wanted) {
		return
	}
	for a, id := range now {
		if id == "" {
			delete(now, a)
		}
	}
	m.aliases[k] = now
	if len(now) == 0 {
		delete(m.aliases, k)
	}
	for _, f := range flips {
		m.flips = slices.Insert(m.flips, 0, f)
	}
}

// try begins a trial, or goes on with one.
func (m *storeModel) try(*rapid.T) {
	i := rapid.IntRange(0, len(m.trials)).Draw(m.r, "trial")
	if i == len(m.trials) {
		candidate, baseline := m.pick("candidate"), m.pick("baseline")
		if candidate == baseline || candidate == "" {
			return
		}
		t, _ := Trial(string(rune('a'+i)), candidate, baseline, 0)
		t.Watch = rapid.Bool().Draw(m.r, "watch")
		if m.want("beginning a trial", m.store().PutTrial(m.ctx.Context(), t, nil, nil, nil), nil) {
			m.trials = append(m.trials, t)
		}
		return
	}
	was := &m.trials[i]
	t, pairs := Trial(was.ID, was.Candidate, was.Baseline, was.Pairs+rapid.IntRange(-1, 3).Draw(m.r, "more"))
	t.Watch = was.Watch
	from := rapid.IntRange(0, was.Pairs).Draw(m.r, "from")
	if rapid.IntRange(0, 3).Draw(m.r, "end") == 0 {
		t.Verdict = rapid.SampledFrom([]lora.Verdict{lora.Promote, lora.Rollback, lora.Futile}).Draw(m.r, "verdict")
		t.Ended = time.Unix(2e9, 0).UTC()
	}
	var wanted error
	switch {
	case t.Pairs < 0:
		return
	case was.Verdict != "" || t.Pairs < was.Pairs:
		wanted = lora.ErrConflict
	}
	if m.want("going on with a trial", m.store().PutTrial(m.ctx.Context(), t, pairs[min(from, len(pairs)):], nil, nil), wanted) {
		*was = t
		if t.Verdict != "" && (!t.Watch || t.Verdict == lora.Rollback) {
			m.find(t.Candidate).Verdict = t.Verdict
		}
	}
}

func (m *storeModel) use(*rapid.T) {
	if n := len(m.uses); n > 0 && rapid.Bool().Draw(m.r, "release") {
		i := rapid.IntRange(0, n-1).Draw(m.r, "use")
		m.uses[i].release()
		m.uses = slices.Delete(m.uses, i, i+1)
		return
	}
	id := m.pick("version")
	var wanted error
	switch v := m.find(id); {
	case v == nil:
		wanted = hobby.ErrNotFound
	case !v.Collected.IsZero():
		wanted = lora.ErrCollected
	}
	release, err := m.store().Use(m.ctx.Context(), id)
	if m.want("using", err, wanted) {
		m.uses = append(m.uses, modelUse{id, release})
	}
}

func (m *storeModel) collect(*rapid.T) {
	var want, got []string
	for i := range m.versions {
		v := &m.versions[i]
		if v.Collected.IsZero() && !m.aliased(v.ID) && !m.used(v.ID) && !m.tried(v.ID) {
			want = append(want, v.ID)
			v.Collected = time.Now()
		}
	}
	gone, err := m.store().Collect(m.ctx.Context(), time.Now().Add(time.Hour))
	if !m.want("collecting", err, nil) {
		return
	}
	for _, v := range gone {
		got = append(got, v.ID)
	}
	m.same(got, want)
}

func (m *storeModel) aliased(id string) bool {
	for _, of := range m.aliases {
		for _, v := range of {
			if v == id {
				return true
			}
		}
	}
	return false
}

func (m *storeModel) used(id string) bool {
	return slices.ContainsFunc(m.uses, func(u modelUse) bool { return u.id == id })
}

func (m *storeModel) tried(id string) bool {
	return slices.ContainsFunc(m.trials, func(t lora.Trial) bool {
		return t.Verdict == "" && (t.Candidate == id || t.Baseline == id)
	})
}

// status is what a version is, by the first that holds.
func (m *storeModel) status(v *lora.Version) lora.Status {
	for _, a := range []lora.Alias{lora.Champion, lora.Candidate, lora.Previous} {
		for _, of := range m.aliases {
			if of[a] == v.ID {
				return lora.Status(a)
			}
		}
	}
	if v.Verdict != "" && v.Verdict != lora.Promote {
		return lora.StatusRejected
	}
	return lora.StatusArchived
}

func (m *storeModel) same(got, want any, opts ...cmp.Option) {
	m.r.Helper()
	if d := cmp.Diff(want, got, append(opts, cmpopts.EquateEmpty())...); d != "" {
		m.r.Fatalf("-want +got:\n%s", d)
	}
}

// check compares all that can be read.
func (m *storeModel) check(*rapid.T) {
	s := m.store()
	aliases, err := s.Aliases(m.ctx.Context())
	if m.want("reading the aliases", err, nil) {
		m.same(aliases, m.aliases)
	}
	history, err := s.History(m.ctx.Context(), lora.FlipFilter{Limit: 1000})
	if m.want("reading the history", err, nil) {
		m.same(history.Flips, m.flips, cmpopts.IgnoreFields(lora.Flip{}, "At"))
	}
	trials, err := s.Trials(m.ctx.Context(), lora.TrialFilter{})
	if m.want("listing trials", err, nil) {
		slices.Reverse(trials.Trials)
		m.same(trials.Trials, m.trials)
	}
	page, err := s.Versions(m.ctx.Context(), lora.VersionFilter{})
	if !m.want("listing versions", err, nil) {
		return
	}
	slices.Reverse(page.Versions)
	want := slices.Clone(m.versions)
	for i := range want {
		want[i].Status = m.status(&want[i])
	}
	gone := cmp.Comparer(func(a, b time.Time) bool { return a.IsZero() == b.IsZero() })
	m.same(page.Versions, want, gone)
}
