package hobbytest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// sizes are the sizes of sessions as lines of JSON.
func sizes(t storeTest, all []hobby.Session) (sizes []int64) {
	for _, s := range all {
		lines := []any{s.Activity}
		for _, i := range s.Items {
			lines = append(lines, i)
		}
		for _, i := range s.Insights {
			lines = append(lines, i)
		}
		var size int64
		for _, line := range lines {
			raw, err := json.Marshal(line)
			if err != nil {
				t.Fatal(err)
			}
			size += int64(len(raw)) + 1
		}
		sizes = append(sizes, size)
	}
	return sizes
}

var pastTests = map[string]func(storeTest){
	"WholeSessionsOldestFirst": func(t storeTest) {
		var want []hobby.Session
		for i := range 5 {
			s := with(session(4-i), i)
			s.Insights = []hobby.Insight{insight(s.Activity.ID, "")}
			a := t.commit(s)
			want = append([]hobby.Session{t.session(a.ID)}, want...)
		}
		all := must[hobby.SessionPage](t)(t.Sessions(t.ctx, hobby.Filter{}))
		t.same("all sessions", all.Sessions, want)
		if all.Sizes != nil {
			t.same("their sizes", all.Sizes, sizes(t, want))
		}
		p := must[hobby.SessionPage](t)(t.Sessions(t.ctx, hobby.Filter{Limit: 2}))
		t.same("the first page", p.Sessions, want[:2])
		old := session(-1) // started before those that were read
		t.commit(old)
		p = must[hobby.SessionPage](t)(t.Sessions(t.ctx, hobby.Filter{Limit: 9, Cursor: p.Next}))
		t.same("the rest", p.Sessions, want[2:])
		if p.Next != "" {
			t.Errorf("after the last session there is a next page, %q", p.Next)
		}
		for _, c := range []string{"x", "AA", "===="} {
			_, err := t.Sessions(t.ctx, hobby.Filter{Cursor: c})
			t.refuses("the cursor "+c, err, hobby.ErrInvalid)
			_, err = t.Items(t.ctx, hobby.ItemFilter{Cursor: c})
			t.refuses("the cursor "+c, err, hobby.ErrInvalid)
		}
	},
	"AThousandAtOnce": func(t storeTest) {
		if _, err := CommitSessions(t.ctx, t, 8, 1005); err != nil {
			t.Fatal(err)
		}
		for limit, want := range map[int]int{0: 100, -3: 1, 1 << 40: 1000} {
			s := must[hobby.SessionPage](t)(t.Sessions(t.ctx, hobby.Filter{Limit: limit}))
			i := must[hobby.ItemPage](t)(t.Items(t.ctx, hobby.ItemFilter{Limit: limit, Family: "add"}))
			if len(s.Sessions) != want || s.Next == "" || len(i.Items) != want || i.Next == "" {
				t.Errorf("limit %d: %d sessions, %d items; want %d and more of each", limit, len(s.Sessions), len(i.Items), want)
			}
		}
	},
	"ItemsOfHostileNames": func(t storeTest) {
		for i, text := range hostile {
			s := session(i)
			it := answer(fmt.Sprint("item", i), noon, true)
			it.Family, it.ModelKey = text, text
			s.Items = []hobby.Item{it}
			a := t.commit(s)
			it.Activity = a.ID
			p := must[hobby.ItemPage](t)(t.Items(t.ctx, hobby.ItemFilter{Family: text, ModelKeys: []string{"other", text}}))
			t.same(fmt.Sprintf("items of %q", text), p.Items, []hobby.Item{it})
		}
	},
	"PruneBeforeSpares": func(t storeTest) {
		var ids []string
		for i := range 4 {
			ids = append(ids, t.commit(ended(with(session(i), 2), hobby.Completed)).ID)
		}
		running := t.commit(session(-5))
		read := t.head()
		// It has started before the others, and is stored once they were read.
		late := t.commit(ended(session(-9), hobby.Failed))
		tallies, counts := t.tallies(), t.counts(hobby.CountFilter{Bucket: hobby.Hourly})
		n := must[int](t)(t.PruneBefore(t.ctx, noon.Add(3*time.Minute), read, nil))
		if n != 3 {
			t.Errorf("pruned %d, want the three that were read and started in time", n)
		}
		for _, id := range []string{ids[3], running.ID, late.ID} {
			t.session(id)
		}
		t.same("tallies", t.tallies(), tallies)
		t.same("counts", t.counts(hobby.CountFilter{Bucket: hobby.Hourly}), counts)
		if p := must[hobby.ItemPage](t)(t.Items(t.ctx, hobby.ItemFilter{})); len(p.Items) != 2 {
			t.Errorf("%d items are left, want those of one activity", len(p.Items))
		}
	},
	"PruneBeforeSparesADecision": func(t storeTest) {
		s := ended(session(0), hobby.Completed)
		s.Insights = []hobby.Insight{{ID: "told", Kind: s.Activity.Plan.Kind, At: noon, Text: "x", Confidence: 0.5, Taint: hobby.Untrusted}}
		t.commit(s)
		read := t.head()
		must[hobby.Acceptance](t)(t.Accept(t.ctx, "told", hobby.Acceptance{Accepted: true, By: "me", At: noon}))
		if n := must[int](t)(t.PruneBefore(t.ctx, noon.AddDate(1, 0, 0), read, nil)); n != 0 {
			t.Error("what was read before a decision was pruned after it")
		}
		if n := must[int](t)(t.PruneBefore(t.ctx, noon.AddDate(1, 0, 0), t.head(), nil)); n != 1 {
			t.Errorf("pruned %d of what was read after the decision, want it", n)
		}
	},
	"PruneBeforeInManySteps": func(t storeTest) {
		const n = 2003
		if _, err := CommitSessions(t.ctx, t, 8, n); err != nil {
			t.Fatal(err)
		}
		old := must[hobby.Fence](t)(t.Fence(t.ctx, "archive"))
		f := must[hobby.Fence](t)(t.Fence(t.ctx, "archive"))
		_, err := t.PruneBefore(t.ctx, noon.AddDate(1, 0, 0), t.head(), &old)
		t.refuses("a stale fence", err, hobby.ErrStale)
		f.Close = true
		if got := must[int](t)(t.PruneBefore(t.ctx, noon.AddDate(1, 0, 0), t.head(), &f)); got != n {
			t.Errorf("pruned %d, want %d", got, n)
		}
		_, err = t.Fence(t.ctx, "archive")
		t.refuses("the fence that the last step closed", err, hobby.ErrStale)
	},
	"TrimKeepsWhatAConsumerLacks": func(t storeTest) {
		for i := range 6 {
			t.commit(session(i))
		}
		set := func(name string, at hobby.Cursor) {
			t.Helper()
			if err := t.SetConsumed(t.ctx, name, at); err != nil {
				t.Fatal(err)
			}
		}
		trim := func(to, want hobby.Cursor) {
			t.Helper()
			t.same(fmt.Sprintf("the floor after Trim(%d)", to), must[hobby.Cursor](t)(t.Trim(t.ctx, to)), want)
			t.same("what Floor says", must[hobby.Cursor](t)(t.Floor(t.ctx)), want)
		}
		set("graph", 4)
		set("new", 0)
		trim(6, 0)
		set("new", 2)
		trim(6, 2)
		_, err := t.Events(t.ctx, 1, 10)
		t.refuses("reading below the floor", err, hobby.ErrTrimmed)
		if events := must[[]hobby.Event](t)(t.Events(t.ctx, 2, 10)); len(events) != 4 || events[0].Pos != 3 {
			t.Errorf("%d events after the floor, want 4", len(events))
		}
		trim(3, 2)
		if err := t.DropConsumer(t.ctx, "new"); err != nil {
			t.Fatal(err)
		}
		trim(3, 3)
		trim(9, 4)
		set("graph", 6)
		trim(9, 6)
	},
	"AnEmptyLogGoesOn": func(t storeTest) {
		for i := range 3 {
			t.commit(with(session(i), 1))
		}
		if floor := must[hobby.Cursor](t)(t.Trim(t.ctx, t.head())); floor != 3 || t.head() != 3 {
			t.Errorf("everything was trimmed: the floor is %d, the head %d, want 3", floor, t.head())
		}
		changed, at, err := t.Tallies(t.ctx, hobby.TallyFilter{Since: 2})
		if err != nil || len(changed) != 1 || at != 3 {
			t.Errorf("tallies since 2: %d, up to %d, %v", len(changed), at, err)
		}
		a := t.commit(with(session(9), 1))
		events := must[[]hobby.Event](t)(t.Events(t.ctx, 3, 10))
		if len(events) != 1 || events[0].Pos != 4 || events[0].Seq != 4 || events[0].ID != a.ID {
			t.Errorf("the log goes on with %+v, want position and number 4", events)
		}
	},
	"CountsOfANode": func(t storeTest) {
		t.commit(ended(with(session(1), 3), hobby.Completed))
		for _, b := range []hobby.Bucket{hobby.Total, hobby.Hourly, hobby.Daily} {
			t.same("the counts of the only node", t.counts(hobby.CountFilter{Bucket: b, Node: t.Node()}), t.counts(hobby.CountFilter{Bucket: b}))
			if other := t.counts(hobby.CountFilter{Bucket: b, Node: "other"}); len(other) > 0 {
				t.Errorf("the counts of a node that is not: %+v", other)
			}
		}
	},
}
