package hobbytest

import (
	"bytes"

	"github.com/pastime-go/pastime/hobby"
)

var forgetTests = map[string]func(storeTest){
	"PruneKeepsTheSums": func(t storeTest) {
		running := t.commit(with(session(1), 2))
		var ids []string
		for i := 2; i < 6; i++ {
			s := with(session(i), i)
			s.Insights = []hobby.Insight{insight(s.Activity.ID, "")}
			ids = append(ids, t.commit(ended(s, hobby.Completed)).ID)
		}
		tallies, counts, head := t.tallies(), t.counts(hobby.CountFilter{Bucket: hobby.Hourly}), t.head()
		n := must[int](t)(t.Prune(t.ctx, append(ids[:3:3], running.ID, "unknown", ids[0]), nil))
		if n != 3 {
			t.Errorf("pruned %d, want the 3 that have ended", n)
		}
		for _, id := range ids[:3] {
			_, err := t.Activity(t.ctx, id)
			t.refuses("a pruned activity", err, hobby.ErrNotFound)
		}
		t.same("tallies", t.tallies(), tallies)
		t.same("counts", t.counts(hobby.CountFilter{Bucket: hobby.Hourly}), counts)
		if t.head() < head || len(must[[]hobby.Event](t)(t.Events(t.ctx, 0, 100))) < int(head) {
			t.Error("events are gone")
		}
		if got := must[hobby.Page](t)(t.List(t.ctx, hobby.Filter{})).Activities; len(got) != 2 {
			t.Errorf("%d activities are listed, want 2", len(got))
		}
		if got := must[hobby.InsightPage](t)(t.Insights(t.ctx, hobby.InsightFilter{})).Insights; len(got) != 1 {
			t.Errorf("%d insights are left, want 1", len(got))
		}
		if got := t.session(running.ID); len(got.Items) != 2 {
			t.Errorf("the running activity has %d items, want 2", len(got.Items))
		}
	},
	"PruneWithAFence": func(t storeTest) {
		a := t.commit(ended(session(1), hobby.Completed))
		old := must[hobby.Fence](t)(t.Fence(t.ctx, "archive"))
		now := must[hobby.Fence](t)(t.Fence(t.ctx, "archive"))
		_, err := t.Prune(t.ctx, []string{a.ID}, &old)
		t.refuses("a stale fence", err, hobby.ErrStale)
		t.session(a.ID)
		if n := must[int](t)(t.Prune(t.ctx, []string{a.ID}, &now)); n != 1 {
			t.Errorf("pruned %d, want 1", n)
		}
		if n := must[int](t)(t.Prune(t.ctx, nil, nil)); n != 0 {
			t.Errorf("pruned %d of none", n)
		}
	},
	"ForgetReachesEveryText": func(t storeTest) {
		const secret, source = "a secret that somebody told", "mail:42"
		var kept hobby.Session
		var pruned string
		for i := range 3 {
			s := with(session(i), 3)
			s.Items[0].Source, s.Items[0].Answer = source, secret
			s.Items[1].Source = "mail:4"
			told := insight(s.Activity.ID+"-told", source)
			told.Text = secret
			s.Insights = []hobby.Insight{told, insight(s.Activity.ID+"-other", "mail:4"), insight(s.Activity.ID+"-own", "")}
			a := t.commit(ended(s, hobby.Completed))
			kept, pruned = t.session(a.ID), a.ID
		}
		must[int](t)(t.Prune(t.ctx, []string{pruned}, nil)) // its event still has the text
		tallies := t.tallies()
		_, err := t.Forget(t.ctx, "")
		t.refuses("the empty source", err, hobby.ErrInvalid)
		if n := must[int](t)(t.Forget(t.ctx, source)); n != 4 {
			t.Errorf("forgot %d, want two items and two insights", n)
		}
		if n := must[int](t)(t.Forget(t.ctx, source)); n != 0 {
			t.Errorf("forgot %d again", n)
		}
		for _, e := range must[[]hobby.Event](t)(t.Events(t.ctx, 0, 100)) {
			if e.Kind == hobby.SourceForgotten {
				t.same("which source is gone", e.ID, hobby.SourceHash(source))
				continue
			}
			if bytes.Contains(e.Body, []byte(secret)) {
				t.Errorf("event %d still tells: %s", e.Pos, e.Body)
			}
			if !bytes.Contains(e.Body, []byte("-other")) || !bytes.Contains(e.Body, []byte("-own")) {
				t.Errorf("event %d lost other insights: %s", e.Pos, e.Body)
			}
		}
		got := t.session(session(0).Activity.ID)
		if len(got.Items) != 2 || len(got.Insights) != 2 {
			t.Errorf("%d items and %d insights are left, want 2 and 2", len(got.Items), len(got.Insights))
		}
		if head := t.head(); head != 5 {
			t.Errorf("%d events after three commits, a source forgotten and forgotten again", head)
		}
		if got.Activity.Items != kept.Activity.Items {
			t.Errorf("the activity counts %d items, want still %d", got.Activity.Items, kept.Activity.Items)
		}
		t.same("tallies", t.tallies(), tallies)
	},
}
