package hobbytest

import (
	"errors"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var hourly = hobby.Every(time.Hour)

var slotTests = map[string]func(storeTest){
	"ASlotRunsOncePerDueTime": func(t storeTest) {
		claim := func(minutes int) (hobby.Lease, error) {
			return t.Claim(t.ctx, "hourly", noon.Add(time.Duration(minutes)*time.Minute), hourly)
		}
		_, err := claim(10)
		t.refuses("at first sight", err, hobby.ErrNotDue)
		_, err = claim(59)
		t.refuses("before the hour", err, hobby.ErrNotDue)
		first := must[hobby.Lease](t)(claim(60))
		if first.Slot != "hourly" || !first.Due.Equal(noon.Add(time.Hour)) {
			t.Errorf("the lease is %+v, want the run of 13:00", first)
		}
		_, err = claim(61)
		t.refuses("while it is held", err, hobby.ErrHeld)
		if err := t.Settle(t.ctx, first, hobby.Outcome{}); err != nil {
			t.Fatal(err)
		}
		t.refuses("settled again", t.Settle(t.ctx, first, hobby.Outcome{}), hobby.ErrStale)
		for _, minutes := range []int{62, 119, 30, -600} { // the clock jumps back
			_, err = claim(minutes)
			t.refuses("before the next hour", err, hobby.ErrNotDue)
		}
		missed := must[hobby.Lease](t)(claim(60*49 + 5)) // two days later
		if !missed.Due.Equal(noon.Add(49 * time.Hour)) {
			t.Errorf("after two days the run of %v is due, want the newest", missed.Due)
		}
		if missed.Fence.Attempt <= first.Fence.Attempt || missed.Fence.Key != first.Fence.Key {
			t.Errorf("fences %+v and %+v, want a later attempt at the same key", first.Fence, missed.Fence)
		}
	},
	"AFailedRunIsDueAgain": func(t storeTest) {
		_, err := t.Claim(t.ctx, "hourly", noon, hourly)
		t.refuses("at first sight", err, hobby.ErrNotDue)
		now := noon.Add(90 * time.Minute)
		first := must[hobby.Lease](t)(t.Claim(t.ctx, "hourly", now, hourly))
		if err := t.Settle(t.ctx, first, hobby.Outcome{Again: true, Err: "the first reason"}); err != nil {
			t.Fatal(err)
		}
		second := must[hobby.Lease](t)(t.Claim(t.ctx, "hourly", now, hourly))
		if !second.Due.Equal(first.Due) || second.Fence.Attempt <= first.Fence.Attempt {
			t.Errorf("the second lease is %+v after %+v, want the same run and a later attempt", second, first)
		}
		t.refuses("the first lease settled late", t.Settle(t.ctx, first, hobby.Outcome{}), hobby.ErrStale)
		_, err = t.Commit(t.ctx, with(session(1), 1), &first.Fence)
		t.refuses("a commit under the first lease", err, hobby.ErrStale)
		if _, err := t.Commit(t.ctx, with(session(1), 1), &second.Fence); err != nil {
			t.Errorf("a commit under the current lease: %v", err)
		}
		if err := t.Settle(t.ctx, second, hobby.Outcome{}); err != nil {
			t.Error(err)
		}
		_, err = t.Claim(t.ctx, "hourly", now, hourly)
		t.refuses("after it was done", err, hobby.ErrNotDue)
	},
	"TriesAndReasons": func(t storeTest) {
		state := func(want hobby.SlotState) {
			t.Helper()
			want.Name = "hourly"
			t.same("the slot", must[[]hobby.SlotState](t)(t.Slots(t.ctx)), []hobby.SlotState{want})
		}
		claim := func(minutes, try int) hobby.Lease {
			t.Helper()
			l := must[hobby.Lease](t)(t.Claim(t.ctx, "hourly", noon.Add(time.Duration(minutes)*time.Minute), hourly))
			if l.Try != try {
				t.Errorf("try %d of the run of %v, want %d", l.Try, l.Due, try)
			}
			return l
		}
		settle := func(l hobby.Lease, o hobby.Outcome) {
			t.Helper()
			if err := t.Settle(t.ctx, l, o); err != nil {
				t.Fatal(err)
			}
		}
		if all := must[[]hobby.SlotState](t)(t.Slots(t.ctx)); len(all) > 0 {
			t.Errorf("slots %+v before the first claim", all)
		}
		_, err := t.Claim(t.ctx, "hourly", noon, hourly)
		t.refuses("at first sight", err, hobby.ErrNotDue)
		state(hobby.SlotState{Settled: noon})
		one := noon.Add(time.Hour)
		settle(claim(60, 1), hobby.Outcome{Again: true, Err: "the disk is full"})
		state(hobby.SlotState{Settled: noon, Err: "the disk is full", Due: one, Tries: 1})
		settle(claim(61, 2), hobby.Outcome{Again: true}) // given back
		state(hobby.SlotState{Settled: noon, Err: "the disk is full", Due: one, Tries: 1})
		settle(claim(62, 2), hobby.Outcome{Err: "the disk is still full"})
		state(hobby.SlotState{Settled: one, Err: "the disk is still full"})
		_, err = t.Claim(t.ctx, "hourly", noon.Add(119*time.Minute), hourly)
		t.refuses("after it failed for good", err, hobby.ErrNotDue)
		settle(claim(120, 1), hobby.Outcome{Again: true, Err: "once more"})
		settle(claim(180, 1), hobby.Outcome{}) // another run is due meanwhile
		state(hobby.SlotState{Settled: noon.Add(3 * time.Hour)})
	},
	// The clock is at 2099 once, and right from then on: a run a day, of which
	// none is missed.
	"AWrongClockIsForgotten": func(t storeTest) {
		daily := hobby.Every(24 * time.Hour)
		_, err := t.Claim(t.ctx, "daily", noon.AddDate(73, 0, 0), daily)
		t.refuses("at first sight", err, hobby.ErrNotDue)
		_, err = t.Claim(t.ctx, "daily", noon, daily)
		t.refuses("once the clock is right", err, hobby.ErrNotDue)
		t.refuses("once the clock is right", err, hobby.ErrClock)
		_, err = t.Claim(t.ctx, "daily", noon, daily)
		if errors.Is(err, hobby.ErrClock) {
			t.Errorf("the clock is told of again: %v", err)
		}
		runs := 0
		for day := 1; day <= 60; day++ {
			now := noon.AddDate(0, 0, day)
			l, err := t.Claim(t.ctx, "daily", now, daily)
			if err != nil || l.Due.After(now) || now.Sub(l.Due) >= 24*time.Hour {
				t.Errorf("on day %d: %+v, %v", day, l, err)
				continue
			}
			runs++
			if err := t.Settle(t.ctx, l, hobby.Outcome{}); err != nil {
				t.Error(err)
			}
		}
		t.same("runs in 60 days", runs, 60)
	},
	// A run that is claimed while the clock is wrong, and ends when it is right.
	"AWrongClockWhileARunGoesOn": func(t storeTest) {
		_, err := t.Claim(t.ctx, "hourly", noon, hourly)
		t.refuses("at first sight", err, hobby.ErrNotDue)
		l := must[hobby.Lease](t)(t.Claim(t.ctx, "hourly", noon.AddDate(73, 0, 0), hourly))
		_, err = t.Claim(t.ctx, "hourly", noon.Add(time.Hour), hourly)
		t.refuses("while it is held", err, hobby.ErrHeld)
		if err := t.Settle(t.ctx, l, hobby.Outcome{}); err != nil {
			t.Fatal(err)
		}
		_, err = t.Claim(t.ctx, "hourly", noon.Add(90*time.Minute), hourly)
		t.refuses("once it has ended", err, hobby.ErrClock)
		must[hobby.Lease](t)(t.Claim(t.ctx, "hourly", noon.Add(2*time.Hour), hourly))
	},
	"SlotsAreIndependent": func(t storeTest) {
		for _, name := range hostile {
			_, err := t.Claim(t.ctx, name, noon, hourly)
			t.refuses("at first sight", err, hobby.ErrNotDue)
		}
		for _, name := range hostile {
			l := must[hobby.Lease](t)(t.Claim(t.ctx, name, noon.Add(time.Hour), hourly))
			if l.Slot != name {
				t.Errorf("claimed %q, got %q", name, l.Slot)
			}
		}
		_, err := t.Claim(t.ctx, "never", noon, hobby.Every(0))
		t.refuses("a schedule that is never due", err, hobby.ErrNotDue)
		_, err = t.Claim(t.ctx, "never", noon.AddDate(100, 0, 0), hobby.Every(0))
		t.refuses("a schedule that is never due", err, hobby.ErrNotDue)
		t.refuses("a slot that nobody claimed", t.Settle(t.ctx, hobby.Lease{Slot: "other"}, hobby.Outcome{}), hobby.ErrStale)
	},
	"RecoverLeavesTheLivingAlone": func(t storeTest) {
		a := t.commit(session(1))
		if lost := must[[]hobby.Activity](t)(t.Recover(t.ctx, noon.Add(time.Hour))); len(lost) > 0 {
			t.Errorf("recovered %d activities of a process that lives", len(lost))
		}
		t.same("the running activity", t.session(a.ID).Activity, a)
	},
}

// sharedTests have two stores over the same data.
var sharedTests = map[string]func(a, b storeTest){
	"ADecisionOutlivesItsProcess": func(a, b storeTest) {
		s := session(1)
		s.Insights = []hobby.Insight{from("i", "a.md")}
		a.commit(s)
		want := must[hobby.Acceptance](a)(a.Accept(a.ctx, "i", hobby.Acceptance{Accepted: true, By: "ann", At: noon}))
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
		b.same("in another process", *b.stored("i").Acceptance, want)
		want.Version, want.Accepted = 2, false
		b.same("taken back there", must[hobby.Acceptance](b)(b.Accept(b.ctx, "i", want)), want)
		if all := b.decisions("i"); len(all) != 2 {
			b.Errorf("%d decisions are in the log", len(all))
		}
	},
	"TheyAreOneStore": func(a, b storeTest) {
		if a.Node() != b.Node() || a.Node() == "" {
			a.Errorf("nodes %q and %q, want one", a.Node(), b.Node())
		}
		for i := range 10 {
			here, there := a, b
			if i%2 == 1 {
				here, there = b, a
			}
			s := with(session(i), i)
			act := here.commit(s)
			act = there.commit(ended(hobby.Session{Activity: act}, hobby.Completed))
			here.same("what the other committed", here.session(act.ID).Activity, act)
			if err := here.SetConsumed(here.ctx, "graph", hobby.Cursor(i)); err != nil {
				a.Fatal(err)
			}
			there.same("what the other consumed", must[hobby.Cursor](there)(there.Consumed(there.ctx, "graph")), hobby.Cursor(i))
		}
		f := must[hobby.Fence](a)(a.Fence(a.ctx, "key"))
		must[hobby.Fence](b)(b.Fence(b.ctx, "key"))
		_, err := a.Commit(a.ctx, session(99), &f)
		a.refuses("a fence that the other passed", err, hobby.ErrStale)
		a.addsUp()
		b.addsUp()
	},
	"ASlotHasOneHolder": func(a, b storeTest) {
		_, err := a.Claim(a.ctx, "hourly", noon, hourly)
		a.refuses("at first sight", err, hobby.ErrNotDue)
		now := noon.Add(90 * time.Minute)
		l := must[hobby.Lease](a)(a.Claim(a.ctx, "hourly", now, hourly))
		_, err = b.Claim(b.ctx, "hourly", now, hourly)
		b.refuses("while the other holds it", err, hobby.ErrHeld)
		b.refuses("to settle the other's lease", b.Settle(b.ctx, l, hobby.Outcome{}), hobby.ErrStale)
		if err := a.Settle(a.ctx, l, hobby.Outcome{}); err != nil {
			a.Fatal(err)
		}
		_, err = b.Claim(b.ctx, "hourly", now, hourly)
		b.refuses("after the other settled it", err, hobby.ErrNotDue)
	},
	"ADeadHolderIsReplaced": func(a, b storeTest) {
		_, err := a.Claim(a.ctx, "hourly", noon, hourly)
		a.refuses("at first sight", err, hobby.ErrNotDue)
		now := noon.Add(90 * time.Minute)
		dead := must[hobby.Lease](a)(a.Claim(a.ctx, "hourly", now, hourly))
		if err := a.Close(); err != nil {
			a.Fatal(err)
		}
		l := must[hobby.Lease](b)(b.Claim(b.ctx, "hourly", now, hourly))
		if !l.Due.Equal(dead.Due) || l.Fence.Attempt <= dead.Fence.Attempt {
			b.Errorf("the lease is %+v after %+v of a dead process, want the same run and a later attempt", l, dead)
		}
		if dead.Try != 1 || l.Try != 2 {
			b.Errorf("tries %d and %d, want the death to count", dead.Try, l.Try)
		}
		b.refuses("the dead one's lease", b.Settle(b.ctx, dead, hobby.Outcome{}), hobby.ErrStale)
		_, err = b.Commit(b.ctx, session(1), &dead.Fence)
		b.refuses("a commit of the dead one's", err, hobby.ErrStale)
		if err := b.Settle(b.ctx, l, hobby.Outcome{}); err != nil {
			b.Error(err)
		}
	},
	"RecoverInterruptsTheDead": func(a, b storeTest) {
		var orphans []hobby.Activity
		for i := range 3 {
			orphans = append(orphans, a.commit(with(session(i), i)))
		}
		done := a.commit(ended(session(10), hobby.Completed))
		future := session(20)
		future.Activity.Started = noon.AddDate(150, 0, 0)
		orphans = append(orphans, a.commit(future))
		mine := b.commit(session(30))
		if lost := must[[]hobby.Activity](b)(b.Recover(b.ctx, time.Now())); len(lost) > 0 {
			b.Fatalf("recovered %d activities of a process that lives", len(lost))
		}
		if err := a.Close(); err != nil {
			a.Fatal(err)
		}
		lost := must[[]hobby.Activity](b)(b.Recover(b.ctx, time.Now().UTC()))
		if len(lost) != len(orphans) {
			b.Fatalf("recovered %d activities, want %d", len(lost), len(orphans))
		}
		for _, l := range lost {
			b.same("what Recover returned", b.session(l.ID).Activity, l)
			if l.Status != hobby.Interrupted || l.Err == "" || l.Ended.Before(l.Started) || l.Version != 2 {
				b.Errorf("recovered %+v, want it interrupted, with a reason and an end", l)
			}
		}
		b.same("the ended one", b.session(done.ID).Activity, done)
		b.same("the other process's", b.session(mine.ID).Activity, mine)
		if again := must[[]hobby.Activity](b)(b.Recover(b.ctx, time.Now())); len(again) > 0 {
			b.Errorf("recovered %d activities again", len(again))
		}
		b.addsUp()
	},
}
