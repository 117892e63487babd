package hobbytest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var listTests = map[string]func(storeTest){
	"ListFiltersAndPages": func(t storeTest) {
		rng := rand.New(rand.NewPCG(1, 2))
		pick := func(of ...string) string { return of[rng.IntN(len(of))] }
		var all []hobby.Activity // in the order of their commits
		for i := range 120 {
			s := session(i)
			s.Activity.Started = noon.Add(time.Duration(rng.IntN(60)) * time.Minute) // many at the same time
			s.Activity.Agent, s.Activity.Plan.Kind = pick("one", "two"), hobby.Kind(pick("sums", "words", "sums"))
			a := t.commit(s)
			if status := pick("running", "completed", "failed", "interrupted"); status != "running" {
				a = t.commit(ended(hobby.Session{Activity: a}, hobby.Status(status)))
			}
			all = append(all, a)
		}
		for range 150 {
			f := hobby.Filter{
				Agent: pick("", "one", "two", "three"), Kind: hobby.Kind(pick("", "sums", "words", "none")),
				Status: hobby.Status(pick("", "running", "completed", "failed", "interrupted")), Limit: 1 + rng.IntN(40),
			}
			if rng.IntN(2) == 0 {
				f.Since = noon.Add(time.Duration(rng.IntN(60)) * time.Minute)
			}
			if rng.IntN(2) == 0 {
				f.Until = noon.Add(time.Duration(rng.IntN(60)) * time.Minute)
			}
			t.same(fmt.Sprintf("%+v", f), t.pages(f), selected(all, f))
		}
	},
	"ListLimits": func(t storeTest) {
		for i := range 1005 {
			t.commit(session(i))
		}
		for limit, want := range map[int]int{0: 100, 1: 1, -3: 1, 1000: 1000, 1 << 40: 1000} {
			if p := must[hobby.Page](t)(t.List(t.ctx, hobby.Filter{Limit: limit})); len(p.Activities) != want || p.Next == "" {
				t.Errorf("limit %d: %d activities, next %q; want %d and a next", limit, len(p.Activities), p.Next, want)
			}
		}
		p := must[hobby.Page](t)(t.List(t.ctx, hobby.Filter{Limit: 5, Until: noon.Add(5 * time.Minute)}))
		if len(p.Activities) != 5 || p.Next != "" {
			t.Errorf("exactly a page: %d activities, next %q; want none", len(p.Activities), p.Next)
		}
		p = must[hobby.Page](t)(t.List(t.ctx, hobby.Filter{Since: noon.AddDate(-2000, 0, 0), Until: noon.AddDate(5000, 0, 0)}))
		if len(p.Activities) != 100 {
			t.Errorf("between times that no database can hold: %d activities, want 100", len(p.Activities))
		}
	},
	"ListPagesWhileItGrows": func(t storeTest) {
		for i := range 10 {
			t.commit(session(i))
		}
		p := must[hobby.Page](t)(t.List(t.ctx, hobby.Filter{Limit: 4}))
		t.commit(session(99))
		for i, a := range t.pages(hobby.Filter{Limit: 4, Cursor: p.Next}) {
			if want := session(5 - i).Activity.ID; a.ID != want {
				t.Errorf("activity %d of the rest is %s, want %s", i, a.ID, want)
			}
		}
	},
	"ListRefusesCursors": func(t storeTest) {
		for i := range 3 {
			t.commit(session(i))
		}
		p := must[hobby.Page](t)(t.List(t.ctx, hobby.Filter{Limit: 1}))
		for _, c := range append([]string{"x", "AA", "====", p.Next + "A", p.Next[1:], "1 2"}, hostile...) {
			_, err := t.List(t.ctx, hobby.Filter{Cursor: c})
			t.refuses(fmt.Sprintf("the cursor %q", c), err, hobby.ErrInvalid)
		}
	},
	"InsightsNewestFirst": func(t storeTest) {
		var all []hobby.Insight
		for i := range 4 {
			s := session(i)
			for j := range 3 {
				in := insight(fmt.Sprint(i, "-", j), "")
				in.Kind = hobby.Kind([]string{"sums", "words"}[j%2])
				s.Insights = append(s.Insights, in)
				in.Activity = s.Activity.ID
				all = append(all, in)
			}
			t.commit(s)
		}
		slices.Reverse(all)
		for _, f := range []hobby.InsightFilter{
			{}, {Limit: 5}, {Limit: -1}, {Kind: "words"}, {Activity: all[0].Activity},
			{Kind: "sums", Activity: all[4].Activity, Limit: 1}, {Kind: "none"},
			{ID: all[2].ID}, {ID: all[2].ID, Kind: all[3].Kind}, {ID: "none"},
		} {
			var want []hobby.Insight
			for _, in := range all {
				if (f.ID == "" || in.ID == f.ID) && (f.Kind == "" || in.Kind == f.Kind) && (f.Activity == "" || in.Activity == f.Activity) {
					want = append(want, in)
				}
			}
			limit := len(want)
			if f.Limit != 0 {
				limit = min(limit, max(1, f.Limit))
			}
			p := must[hobby.InsightPage](t)(t.Insights(t.ctx, f))
			t.same(fmt.Sprintf("%+v", f), p.Insights, want[:limit:limit])
			for next := p.Next; next != ""; next = p.Next { // page after page
				f.Cursor = next
				more := must[hobby.InsightPage](t)(t.Insights(t.ctx, f))
				p.Insights, p.Next = append(p.Insights, more.Insights...), more.Next
			}
			t.same(fmt.Sprintf("%+v, to its end", f), p.Insights, want)
		}
		for _, c := range append([]string{"x", "AA", "===="}, hostile...) {
			_, err := t.Insights(t.ctx, hobby.InsightFilter{Cursor: c})
			t.refuses(fmt.Sprintf("the cursor %q", c), err, hobby.ErrInvalid)
		}
	},
	"NotFound": func(t storeTest) {
		t.commit(session(1))
		for _, id := range append([]string{"", "activity", "ACTIVITY-0001", "activity-0001 ", "activity-0001\x00"}, hostile...) {
			_, err := t.Activity(t.ctx, id)
			t.refuses(fmt.Sprintf("the id %q", id), err, hobby.ErrNotFound)
		}
	},
}

// pages reads all pages of a listing, which must be full but for the last.
func (t storeTest) pages(f hobby.Filter) (all []hobby.Activity) {
	t.Helper()
	for {
		p := must[hobby.Page](t)(t.List(t.ctx, f))
		all = append(all, p.Activities...)
		if p.Next == "" {
			return all
		}
		if len(p.Activities) != f.Limit {
			t.Errorf("a page of %d activities with a next one, the limit is %d", len(p.Activities), f.Limit)
		}
		f.Cursor = p.Next
	}
}

// selected is what List must give for f; of those that started together, the
// one committed last comes first.
func selected(all []hobby.Activity, f hobby.Filter) (want []hobby.Activity) {
	for _, a := range all {
		if (f.Agent == "" || a.Agent == f.Agent) && (f.Kind == "" || a.Plan.Kind == f.Kind) && (f.Status == "" || a.Status == f.Status) &&
			(f.Since.IsZero() || !a.Started.Before(f.Since)) && (f.Until.IsZero() || a.Started.Before(f.Until)) {
			want = append(want, a)
		}
	}
	slices.Reverse(want)
	slices.SortStableFunc(want, func(a, b hobby.Activity) int { return b.Started.Compare(a.Started) })
	return want
}
