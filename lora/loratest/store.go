package loratest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
)

// OpenStore opens one and the same store, each time as another process would. The
// hobby.Store is the one that it shares its data with.
type OpenStore func() (lora.Store, hobby.Store, io.Closer)

// Version returns the n-th of many different versions of a kind that can be stored.
func Version(k hobby.Kind, n int, parent string) lora.Version {
	digest := fmt.Sprintf("%064x", n)
	return lora.Version{
		Kind: k, Parent: parent, BaseModel: "base", Base: "b45e", Data: "d" + digest, Config: lora.Config{Rank: 4},
		Artifact: lora.Artifact{Dir: "adapters/" + digest[60:], Digest: digest, Base: "b45e", Steps: 10, Tokens: 1000, Loss: 0.5},
		Metrics:  map[string]float64{"loss": 0.5}, Job: "job",
	}
}

// TestStore is the contract of a lora.Store, but for its hobby.Journal, which
// hobbytest.TestJournal has, and for what [CheckStore] compares with a model. start
// makes an empty store.
func TestStore(t *testing.T, start func(t *testing.T) OpenStore) {
	for _, test := range []struct {
		name string
		run  func(*storeTest)
	}{
		{"versions never change", (*storeTest).versions},
		{"aliases move by compare-and-swap", (*storeTest).aliases},
		{"a promotion is one step", (*storeTest).promotion},
		{"each flip is one event", (*storeTest).events},
		{"a trial is stored as it runs", (*storeTest).trials},
		{"a verdict is the version's", (*storeTest).verdicts},
		{"a stale fence stores nothing", (*storeTest).fences},
		{"what learned from a forgotten source is marked", (*storeTest).forgetting},
		{"what is used, aliased or on trial is not collected", (*storeTest).collection},
		{"everything is there in another process", (*storeTest).reopened},
	} {
		t.Run(test.name, func(t *testing.T) {
			open := start(t)
			s, h, c := open()
			defer func() {
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}()
			test.run(&storeTest{t, t.Context(), s, h, open})
		})
	}
}

type storeTest struct {
	*testing.T
	ctx  context.Context
	s    lora.Store
	h    hobby.Store
	open OpenStore
}

func (t *storeTest) ok(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (t *storeTest) is(err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

func (t *storeTest) same(got, want any, opts ...cmp.Option) {
	t.Helper()
	if d := cmp.Diff(want, got, append(opts, cmpopts.EquateEmpty())...); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// put stores versions of "skill", each of another number.
func (t *storeTest) put(n int, parent string, from lora.Lineage) lora.Version {
	t.Helper()
	v, err := t.s.PutVersion(t.ctx, Version("skill", n, parent), from, nil)
	t.ok(err)
	return v
}

func (t *storeTest) version(id string) lora.Version {
	t.Helper()
	v, err := t.s.Version(t.ctx, id)
	t.ok(err)
	return v
}

func (t *storeTest) point(flips ...lora.Flip) error { return t.s.Point(t.ctx, flips, nil) }

func flip(a lora.Alias, from, to string) lora.Flip {
	return lora.Flip{Kind: "skill", Alias: a, From: from, To: to, By: "ana", Why: "it is better"}
}

func (t *storeTest) versions() {
	want := Version("skill", 1, "")
	v := t.put(1, "", lora.Lineage{})
	t.same(v, want, cmpopts.IgnoreFields(lora.Version{}, "ID", "Created", "Number", "Status"))
	if v.ID != want.Identify() || v.Number != 1 || v.Created.IsZero() || v.Status != lora.StatusArchived {
		t.Errorf("stored as %s, number %d, %v, %s", v.ID, v.Number, v.Created, v.Status)
	}
	t.same(t.put(1, "", lora.Lineage{}), v)
	changed := want
	changed.Metrics = map[string]float64{"loss": 0.4}
	_, err := t.s.PutVersion(t.ctx, changed, lora.Lineage{}, nil)
	t.is(err, lora.ErrConflict)
	changed.ID = "mine"
	_, err = t.s.PutVersion(t.ctx, changed, lora.Lineage{}, nil)
	t.is(err, hobby.ErrInvalid)
	_, err = t.s.PutVersion(t.ctx, Version("skill", 2, "nobody"), lora.Lineage{}, nil)
	t.is(err, hobby.ErrNotFound)
	_, err = t.s.Version(t.ctx, "nobody")
	t.is(err, hobby.ErrNotFound)
	second := t.put(2, v.ID, lora.Lineage{})
	other, err := t.s.PutVersion(t.ctx, Version("other", 2, ""), lora.Lineage{}, nil)
	t.ok(err)
	if second.Number != 2 || other.Number != 1 {
		t.Errorf("numbers %d and %d: each kind has its own", second.Number, other.Number)
	}
	page, err := t.s.Versions(t.ctx, lora.VersionFilter{Limit: 2})
	t.ok(err)
	t.same(page.Versions, []lora.Version{other, second})
	page, err = t.s.Versions(t.ctx, lora.VersionFilter{Limit: 2, Cursor: page.Next})
	t.ok(err)
	t.same(page, lora.VersionPage{Versions: []lora.Version{v}})
	_, err = t.s.Versions(t.ctx, lora.VersionFilter{Cursor: "no cursor"})
	t.is(err, hobby.ErrInvalid)
	for _, f := range []lora.VersionFilter{{Kind: "other"}, {Kind: "other", Job: "job"}} {
		page, err = t.s.Versions(t.ctx, f)
		t.ok(err)
		t.same(page.Versions, []lora.Version{other})
	}
}

func (t *storeTest) aliases() {
	a, b := t.put(1, "", lora.Lineage{}), t.put(2, "", lora.Lineage{})
	t.ok(t.point(flip(lora.Champion, "", a.ID)))
	t.is(t.point(flip(lora.Champion, "", b.ID)), lora.ErrConflict)
	t.is(t.point(flip(lora.Champion, a.ID, "nobody")), hobby.ErrNotFound)
	t.is(t.point(flip("best", "", a.ID)), hobby.ErrInvalid)
	t.is(t.point(flip(lora.Champion, a.ID, a.ID)), hobby.ErrInvalid)
	t.is(t.point(flip(lora.Champion, a.ID, b.ID), flip(lora.Candidate, a.ID, "")), lora.ErrConflict) // all or none
	got, err := t.s.Aliases(t.ctx)
	t.ok(err)
	t.same(got, map[hobby.Kind]map[lora.Alias]string{"skill": {lora.Champion: a.ID}})
	t.ok(t.point(flip(lora.Champion, a.ID, "")))
	whole := flip(lora.Champion, "", b.ID)
	whole.Kind = ""
	t.ok(t.point(whole))
	got, err = t.s.Aliases(t.ctx)
	t.ok(err)
	t.same(got, map[hobby.Kind]map[lora.Alias]string{"": {lora.Champion: b.ID}})

	page, err := t.s.History(t.ctx, lora.FlipFilter{})
	t.ok(err)
	want := []lora.Flip{whole, flip(lora.Champion, a.ID, ""), flip(lora.Champion, "", a.ID)}
	t.same(page.Flips, want, cmpopts.IgnoreFields(lora.Flip{}, "At"))
	agent := hobby.Kind("")
	page, err = t.s.History(t.ctx, lora.FlipFilter{Kind: &agent})
	t.ok(err)
	t.same(page.Flips, []lora.Flip{whole}, cmpopts.IgnoreFields(lora.Flip{}, "At"))
}

func (t *storeTest) promotion() {
	a, b := t.put(1, "", lora.Lineage{}), t.put(2, "", lora.Lineage{})
	for _, v := range []string{a.ID, b.ID, ""} {
		now, err := t.s.Aliases(t.ctx)
		t.ok(err)
		if v != "" {
			t.ok(t.point(flip(lora.Candidate, now["skill"][lora.Candidate], v)))
			now, err = t.s.Aliases(t.ctx)
			t.ok(err)
		}
		t.ok(t.point(lora.Promotion("skill", now["skill"], v, "trial", "it is better")...))
		after, err := t.s.Aliases(t.ctx)
		t.ok(err)
		want := map[lora.Alias]string{}
		for alias, id := range map[lora.Alias]string{lora.Champion: v, lora.Previous: now["skill"][lora.Champion]} {
			if id != "" {
				want[alias] = id
			}
		}
		t.same(after["skill"], want)
		if again := lora.Promotion("skill", after["skill"], v, "", ""); again != nil {
			t.Errorf("the champion was promoted: %v", again)
		}
	}
	if s := t.version(b.ID).Status; s != lora.StatusPrevious {
		t.Errorf("%s after the roll back", s)
	}
}

func (t *storeTest) events() {
	a := t.put(1, "", lora.Lineage{})
	before, err := t.h.Head(t.ctx)
	t.ok(err)
	t.ok(t.point(flip(lora.Champion, "", a.ID), flip(lora.Candidate, "", a.ID)))
	t.is(t.point(flip(lora.Champion, "", a.ID)), lora.ErrConflict)
	events, err := t.h.Events(t.ctx, before, 10)
	t.ok(err)
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, e.Kind+" "+e.ID)
	}
	t.same(kinds, []string{lora.FlippedEvent + " " + a.ID, lora.FlippedEvent + " " + a.ID})
}

// Trial is the state of a trial after the first n of pairs that all are wins.
func Trial(id, candidate, baseline string, n int) (lora.Trial, []lora.Pair) {
	t := lora.Trial{
		ID: id, Kind: "skill", Candidate: candidate, Baseline: baseline, Job: "job", Started: time.Unix(1e9, 0).UTC(),
		Pairs: n, Wins: n, Most: 100, CandidateScore: 1, PValue: 1, Alpha: 0.05,
	}
	var pairs []lora.Pair
	for i := range n {
		pairs = append(pairs, lora.Pair{N: i, Task: hobby.TaskID{Family: "f", Level: 1, Seed: uint64(i)}, Candidate: 1, LogE: float64(i)})
	}
	return t, pairs
}

func (t *storeTest) trials() {
	a := t.put(1, "", lora.Lineage{})
	three, pairs := Trial("trial", a.ID, "", 3)
	t.ok(t.s.PutTrial(t.ctx, three, pairs, nil, nil))
	t.ok(t.s.PutTrial(t.ctx, three, pairs[1:], nil, nil)) // what was stored may come again
	five, more := Trial("trial", a.ID, "", 5)
	t.is(t.s.PutTrial(t.ctx, five, more[4:], nil, nil), hobby.ErrInvalid) // pair 3 is missing
	other := more[3]
	other.N, other.Baseline = 2, 0.5
	t.is(t.s.PutTrial(t.ctx, five, append(more[3:], other), nil, nil), lora.ErrConflict)
	session := hobby.Session{Activity: hobby.Activity{ID: "answers", Status: hobby.Completed, Plan: hobby.Plan{Kind: "skill"},
		Started: time.Unix(1e9, 0).UTC(), Ended: time.Unix(1e9+1, 0).UTC()}}
	others := session
	others.Activity.ID, others.Activity.Plan.Kind = "others", "other"
	five.Activities = []string{"answers", "others"}
	t.ok(t.s.PutTrial(t.ctx, five, more[3:], []hobby.Session{session, others}, nil))
	for _, id := range five.Activities {
		if _, err := t.h.Activity(t.ctx, id); err != nil {
			t.Errorf("the answers were not stored: %v", err)
		}
	}
	got, err := t.s.Pairs(t.ctx, "trial", 1, 3)
	t.ok(err)
	t.same(got, more[1:4])
	wrong := five
	wrong.Baseline = "other"
	t.is(t.s.PutTrial(t.ctx, wrong, nil, nil, nil), lora.ErrConflict)
	t.is(t.s.PutTrial(t.ctx, three, nil, nil, nil), lora.ErrConflict) // fewer pairs
	unknown, _ := Trial("unknown", "nobody", "", 0)
	t.is(t.s.PutTrial(t.ctx, unknown, nil, nil, nil), hobby.ErrNotFound)

	ended := five
	ended.Verdict, ended.Why, ended.Ended = lora.Futile, "it is as good", time.Unix(1e9+9, 0).UTC()
	t.ok(t.s.PutTrial(t.ctx, ended, nil, nil, nil))
	t.is(t.s.PutTrial(t.ctx, ended, nil, nil, nil), lora.ErrConflict) // closed
	base := ""
	for _, f := range []lora.TrialFilter{{}, {ID: "trial"}, {Kind: "skill", Candidate: a.ID, Baseline: &base, Job: "job"}} {
		page, err := t.s.Trials(t.ctx, f)
		t.ok(err)
		t.same(page, lora.TrialPage{Trials: []lora.Trial{ended}})
	}
	page, err := t.s.Trials(t.ctx, lora.TrialFilter{Baseline: &a.ID})
	t.ok(err)
	t.same(page, lora.TrialPage{})
	watch, _ := Trial("watch", a.ID, "", 0)
	watch.Watch = true
	t.ok(t.s.PutTrial(t.ctx, watch, nil, nil, nil))
	for is, want := range map[bool]lora.Trial{true: watch, false: ended} {
		page, err := t.s.Trials(t.ctx, lora.TrialFilter{Watch: &is})
		t.ok(err)
		t.same(page, lora.TrialPage{Trials: []lora.Trial{want}})
	}
	watch.Watch = false
	t.is(t.s.PutTrial(t.ctx, watch, nil, nil, nil), lora.ErrConflict)
}

func (t *storeTest) verdicts() {
	a := t.put(1, "", lora.Lineage{})
	for i, c := range []struct {
		verdict lora.Verdict
		status  lora.Status
	}{{lora.Inconclusive, lora.StatusRejected}, {lora.Promote, lora.StatusArchived}, {lora.Rollback, lora.StatusRejected}} {
		trial, _ := Trial(fmt.Sprint(i), a.ID, "", 0)
		trial.Verdict, trial.Ended = c.verdict, time.Unix(1e9+9, 0).UTC()
		t.ok(t.s.PutTrial(t.ctx, trial, nil, nil, nil))
		v := t.version(a.ID)
		if v.Verdict != c.verdict || v.Status != c.status {
			t.Errorf("after %s the version is %s, %s", c.verdict, v.Verdict, v.Status)
		}
	}
	t.ok(t.point(flip(lora.Champion, "", a.ID), flip(lora.Candidate, "", a.ID)))
	if s := t.version(a.ID).Status; s != lora.StatusChampion {
		t.Errorf("the champion is %s", s)
	}
	page, err := t.s.Versions(t.ctx, lora.VersionFilter{Status: lora.StatusChampion})
	t.ok(err)
	t.same(page.Versions, []lora.Version{t.version(a.ID)})
	page, err = t.s.Versions(t.ctx, lora.VersionFilter{Status: lora.StatusRejected})
	t.ok(err)
	t.same(page.Versions, []lora.Version{})
	for i, verdict := range []lora.Verdict{lora.Promote, lora.Inconclusive, lora.Rollback} { // of watches the last alone counts
		b := t.put(10+i, "", lora.Lineage{})
		trial, _ := Trial(fmt.Sprint("watch ", i), b.ID, "", 0)
		trial.Watch, trial.Verdict, trial.Ended = true, verdict, time.Unix(1e9+9, 0).UTC()
		t.ok(t.s.PutTrial(t.ctx, trial, nil, nil, nil))
		if v := t.version(b.ID); (v.Verdict == lora.Rollback) != (verdict == lora.Rollback) || verdict != lora.Rollback && v.Verdict != "" {
			t.Errorf("after a watch that ended with %s the version's verdict is %q", verdict, v.Verdict)
		}
	}
}

func (t *storeTest) fences() {
	a := t.put(1, "", lora.Lineage{})
	stale, err := t.h.Fence(t.ctx, "job")
	t.ok(err)
	current, err := t.h.Fence(t.ctx, "job")
	t.ok(err)
	trial, pairs := Trial("trial", a.ID, "", 2)
	do := func(f *hobby.Fence) []error {
		_, err := t.s.PutVersion(t.ctx, Version("skill", 2, ""), lora.Lineage{}, f)
		return []error{err, t.s.Point(t.ctx, []lora.Flip{flip(lora.Champion, "", a.ID)}, f), t.s.PutTrial(t.ctx, trial, pairs, nil, f)}
	}
	for _, err := range do(&stale) {
		t.is(err, hobby.ErrStale)
	}
	got, err := t.s.Aliases(t.ctx)
	t.ok(err)
	versions, err := t.s.Versions(t.ctx, lora.VersionFilter{})
	t.ok(err)
	trials, err := t.s.Trials(t.ctx, lora.TrialFilter{})
	t.ok(err)
	if len(got) > 0 || len(versions.Versions) != 1 || len(trials.Trials) > 0 {
		t.Errorf("a stale fence stored %v, %d versions and %d trials", got, len(versions.Versions), len(trials.Trials))
	}
	for _, err := range do(&current) {
		t.ok(err)
	}
}

func (t *storeTest) forgetting() {
	const path = "notes/private.md"
	read := time.Now()
	from := lora.Lineage{Sources: []string{hobby.SourceHash(path)}, Insights: []string{"i"}, Activities: []string{"a"}}
	base := t.put(1, "", from)
	child := t.put(2, base.ID, lora.Lineage{})
	free := t.put(3, "", lora.Lineage{Insights: []string{"another"}})
	for _, f := range []lora.VersionFilter{{Source: hobby.SourceHash(path)}, {Insight: "i"}, {Activity: "a"}} {
		page, err := t.s.Versions(t.ctx, f)
		t.ok(err)
		t.same(page.Versions, []lora.Version{child, base})
	}
	t.ok(t.point(flip(lora.Champion, "", child.ID)))
	before, err := t.h.Head(t.ctx)
	t.ok(err)
	n, err := t.h.Forget(t.ctx, path)
	t.ok(err)
	if n != 2 {
		t.Errorf("%d were marked, want 2", n)
	}
	events, err := t.h.Events(t.ctx, before, 10)
	t.ok(err)
	told := map[string]bool{}
	for _, e := range events {
		if e.Kind == lora.VersionForgottenEvent {
			told[e.ID] = true
		}
	}
	t.same(told, map[string]bool{base.ID: true, child.ID: true})
	for id, want := range map[string]bool{base.ID: true, child.ID: true, free.ID: false} {
		if got := !t.version(id).Forgotten.IsZero(); got != want {
			t.Errorf("version %s is marked: %v, want %v", id, got, want)
		}
	}
	t.ok(t.point(flip(lora.Champion, child.ID, free.ID), flip(lora.Previous, "", child.ID)))
	t.is(t.point(flip(lora.Champion, free.ID, child.ID)), lora.ErrForgotten)
	t.is(t.point(flip(lora.Candidate, "", base.ID)), lora.ErrForgotten)
	if v := t.put(4, child.ID, lora.Lineage{}); v.Forgotten.IsZero() {
		t.Error("what goes on from a marked version is not marked")
	}
	from.Read = read // a training that was under way
	if v := t.put(5, "", from); v.Forgotten.IsZero() {
		t.Error("a version that read the source before it was forgotten is not marked")
	}
	from.Read = time.Now().Add(time.Second) // the source came again
	if v := t.put(6, "", from); !v.Forgotten.IsZero() {
		t.Error("a version that read the source after it was forgotten is marked")
	}
}

func (t *storeTest) collection() {
	var v []lora.Version
	for i := range 7 {
		v = append(v, t.put(i, "", lora.Lineage{}))
	}
	t.ok(t.point(flip(lora.Champion, "", v[0].ID), flip(lora.Previous, "", v[1].ID)))
	release, err := t.s.Use(t.ctx, v[2].ID)
	t.ok(err)
	again, err := t.s.Use(t.ctx, v[2].ID)
	t.ok(err)
	running, _ := Trial("trial", v[3].ID, v[4].ID, 0)
	t.ok(t.s.PutTrial(t.ctx, running, nil, nil, nil))
	other, _, closer := t.open()
	if _, err := other.Use(t.ctx, v[5].ID); err != nil {
		t.Fatal(err)
	}
	collect := func(before time.Time, want ...int) {
		t.Helper()
		gone, err := t.s.Collect(t.ctx, before)
		t.ok(err)
		got, ids := []string{}, []string{}
		for _, g := range gone {
			got = append(got, g.ID)
		}
		for _, i := range want {
			ids = append(ids, v[i].ID)
		}
		t.same(got, ids)
	}
	later := time.Now().Add(time.Hour)
	collect(v[0].Created) // nothing is older
	collect(later, 6)
	collect(later) // once
	release()
	release()
	collect(later)
	again()
	collect(later, 2)
	t.ok(closer.Close()) // the other process ends
	collect(later, 5)
	running.Verdict, running.Ended = lora.Futile, later
	t.ok(t.s.PutTrial(t.ctx, running, nil, nil, nil))
	collect(later, 3, 4)
	if t.version(v[6].ID).Collected.IsZero() {
		t.Error("a version that was collected is not marked")
	}
	t.is(t.point(flip(lora.Candidate, "", v[6].ID)), lora.ErrCollected)
	_, err = t.s.Use(t.ctx, v[6].ID)
	t.is(err, lora.ErrCollected)
}

func (t *storeTest) reopened() {
	a := t.put(1, "", lora.Lineage{})
	t.ok(t.point(flip(lora.Champion, "", a.ID)))
	trial, pairs := Trial("trial", a.ID, "", 2)
	t.ok(t.s.PutTrial(t.ctx, trial, pairs, nil, nil))
	s, _, c := t.open()
	defer func() { t.ok(c.Close()) }()
	got, err := s.Version(t.ctx, a.ID)
	t.ok(err)
	t.same(got, t.version(a.ID))
	here, err := t.s.Aliases(t.ctx)
	t.ok(err)
	there, err := s.Aliases(t.ctx)
	t.ok(err)
	t.same(there, here)
	page, err := s.Trials(t.ctx, lora.TrialFilter{})
	t.ok(err)
	t.same(page.Trials, []lora.Trial{trial})
}
