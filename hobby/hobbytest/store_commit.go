package hobbytest

import (
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var commitTests = map[string]func(storeTest){
	"CommitKeepsEverything": func(t storeTest) {
		want := whole(noon)
		a := t.commit(want)
		want.Activity.Version, want.Activity.Node = 1, t.Node()
		want.Activity.Items, want.Activity.Passes, want.Activity.Insights, want.Activity.Cut = 1, 0, 1, 1
		want.Items[0].Activity, want.Insights[0].Activity = a.ID, a.ID
		t.same("what Commit returned", a, want.Activity)
		t.same("what is stored", t.session(a.ID), want)
	},
	"CommitsAddUp": func(t storeTest) {
		s := session(1)
		s.Activity.Items, s.Activity.Passes, s.Activity.Insights, s.Activity.Cut, s.Activity.Node = 99, 99, 99, 99, "elsewhere" // the store's own
		a := t.commit(s)
		want := session(1).Activity
		want.Version, want.Node = 1, t.Node()
		t.same("the first commit", a, want)
		var all hobby.Session
		for i := range 3 {
			s := hobby.Session{Activity: a}
			s.Items = append(s.Items, with(session(1), 4*i+4).Items[4*i:]...)
			s.Insights = []hobby.Insight{insight("i"+string(rune('a'+i)), "")}
			a = t.commit(s)
			all.Items, all.Insights = append(all.Items, s.Items...), append(all.Insights, s.Insights...)
		}
		last := ended(hobby.Session{Activity: a}, hobby.Completed)
		a, want = t.commit(last), last.Activity
		want.Version, want.Items, want.Passes, want.Insights, want.Cut = 5, 12, 4, 3, 8
		t.same("after five commits", a, want)
		for i := range all.Items {
			all.Items[i].Activity = a.ID
		}
		for i := range all.Insights {
			all.Insights[i].Activity = a.ID
		}
		all.Activity = a
		t.same("the session", t.session(a.ID), all)
		t.addsUp()
	},
	"ARepetitionChangesNothing": func(t storeTest) {
		first := with(session(1), 5)
		a := t.commit(first)
		head, tallies := t.head(), t.tallies()
		t.same("the repetition of a first commit", t.commit(first), a)
		second := hobby.Session{Activity: a}
		second.Items = with(session(1), 8).Items[5:]
		b := t.commit(second)
		t.same("the repetition of a later one", t.commit(second), b)
		t.same("an older version", t.commit(first), b)
		if got := t.head(); got != head+1 {
			t.Errorf("%d events after two commits and three repetitions, want %d", got, head+1)
		}
		t.same("tries", t.tallies()[0].Tries, tallies[0].Tries+3)
		t.addsUp()
	},
	"WhatHasEndedStays": func(t storeTest) {
		a := t.commit(session(1))
		a = t.commit(ended(hobby.Session{Activity: a}, hobby.Interrupted))
		head := t.head()
		late := with(hobby.Session{Activity: a}, 3)
		late.Activity.Status = hobby.Completed
		t.same("a commit to an ended activity", t.commit(late), a)
		late.Activity.Version += 5
		t.same("one from the future", t.commit(late), a)
		if t.head() != head {
			t.Error("it appended an event")
		}
		t.addsUp()
	},
	"AnItemCountsOnce": func(t storeTest) {
		one := with(session(1), 3)
		one.Items = append(one.Items, one.Items[0]) // twice in one commit
		a := t.commit(one)
		if a.Items != 3 {
			t.Errorf("%d items, want 3", a.Items)
		}
		again := hobby.Session{Activity: a, Items: one.Items, Insights: []hobby.Insight{insight("i", ""), insight("i", "")}}
		if a = t.commit(again); a.Items != 3 || a.Insights != 1 {
			t.Errorf("%d items and %d insights, want 3 and 1", a.Items, a.Insights)
		}
		other := session(2)
		other.Items, other.Insights = one.Items, again.Insights // of another activity
		if b := t.commit(other); b.Items != 0 || b.Insights != 0 {
			t.Errorf("another activity took over %d items and %d insights", b.Items, b.Insights)
		}
		t.addsUp()
	},
	"CommitRefuses": func(t storeTest) {
		for what, corrupt := range refusedChanges() {
			s := with(session(1), 1)
			s.Insights = []hobby.Insight{insight("i", "")}
			corrupt(&s)
			_, err := t.Commit(t.ctx, s, nil)
			t.refuses(what, err, hobby.ErrInvalid)
		}
		if t.head() != 0 {
			t.Errorf("%d events after nothing but refusals", t.head())
		}
		a := t.commit(session(1))
		for what, corrupt := range map[string]func(*hobby.Activity){
			"a version ahead":    func(a *hobby.Activity) { a.Version = 2 },
			"another kind":       func(a *hobby.Activity) { a.Plan.Kind = "other" },
			"another agent":      func(a *hobby.Activity) { a.Agent = "other" },
			"another start time": func(a *hobby.Activity) { a.Started = a.Started.Add(1) },
		} {
			b := a
			corrupt(&b)
			_, err := t.Commit(t.ctx, hobby.Session{Activity: b}, nil)
			t.refuses(what, err, hobby.ErrInvalid)
		}
		if t.head() != 1 {
			t.Errorf("%d events, want 1", t.head())
		}
	},
	"HostileTexts": func(t storeTest) {
		for i, text := range hostile {
			s := session(i)
			s.Activity.ID += text
			s.Activity.Agent, s.Activity.Err, s.Activity.Plan.Topic = "agent"+text, text, text
			s.Activity.Metrics = map[string]float64{text: 1}
			it := answer("item"+text, noon, true)
			it.Family, it.ModelKey, it.Answer, it.Source = text, text, text, text
			in := insight("insight"+text, text)
			in.Text, in.Topic = "x"+text, text
			s.Items, s.Insights = []hobby.Item{it}, []hobby.Insight{in}
			a := t.commit(s)
			s.Activity, s.Items[0].Activity, s.Insights[0].Activity = a, a.ID, a.ID
			t.same("with the text "+text, t.session(a.ID), s)
			p := must[hobby.Page](t)(t.List(t.ctx, hobby.Filter{Agent: "agent" + text}))
			t.same("listed by the agent "+text, p.Activities, []hobby.Activity{a})
			key := "key" + text
			if f := must[hobby.Fence](t)(t.Fence(t.ctx, key)); f.Attempt != 1 || f.Key != key {
				t.Errorf("the fence %q is %+v", key, f)
			}
			if err := t.SetConsumed(t.ctx, "consumer"+text, 1); err != nil {
				t.Error(err)
			}
			if c := must[hobby.Cursor](t)(t.Consumed(t.ctx, "consumer"+text)); c != 1 {
				t.Errorf("consumer %q is at %d", text, c)
			}
		}
		t.addsUp()
	},
	"Fences": func(t storeTest) {
		first := must[hobby.Fence](t)(t.Fence(t.ctx, "key"))
		second := must[hobby.Fence](t)(t.Fence(t.ctx, "key"))
		if first.Attempt < 1 || second.Attempt <= first.Attempt {
			t.Errorf("attempts %d and %d, want them to grow from 1", first.Attempt, second.Attempt)
		}
		for what, f := range map[string]hobby.Fence{
			"one that was passed": first, "one never given out": {Key: "key", Attempt: 99}, "a key never taken": {Key: "other", Attempt: 1},
		} {
			_, err := t.Commit(t.ctx, with(session(1), 1), &f)
			t.refuses(what, err, hobby.ErrStale)
		}
		if t.head() != 0 || len(t.tallies()) != 0 {
			t.Error("a stale commit wrote something")
		}
		a, err := t.Commit(t.ctx, session(1), &second)
		if err != nil {
			t.Fatalf("with the current fence: %v", err)
		}
		// A refused commit does not close the fence.
		closing := second
		closing.Close = true
		bad := hobby.Session{Activity: a}
		bad.Activity.Version = 7
		_, err = t.Commit(t.ctx, bad, &closing)
		t.refuses("a version ahead", err, hobby.ErrInvalid)
		if _, err := t.Commit(t.ctx, ended(hobby.Session{Activity: a}, hobby.Completed), &closing); err != nil {
			t.Fatalf("closing: %v", err)
		}
		for what, f := range map[string]*hobby.Fence{"after Close": &second, "closing again": &closing} {
			_, err := t.Commit(t.ctx, session(2), f)
			t.refuses(what, err, hobby.ErrStale)
		}
		_, err = t.Fence(t.ctx, "key")
		t.refuses("the next attempt at a closed key", err, hobby.ErrStale)
		t.addsUp()
	},
}

// hostile are texts that have broken databases before.
var hostile = []string{
	"'; DROP TABLE pastime_hobby_items; --", `"double" \ back`, "NUL\x00inside", "\x00", "line\nbreak\r\n", "\u202eright to left",
	"\u00e9 and e\u0301", "😀", "%_*?[a-z]", "\uFFFD", "\uFFFF", "NULL", "1e999", strings.Repeat("long ", 1000),
	"<script>alert(1)</script>\u2028",
}

// refusedChanges are changes after which a session cannot be stored.
func refusedChanges() map[string]func(*hobby.Session) {
	return map[string]func(*hobby.Session){
		"no id":                func(s *hobby.Session) { s.Activity.ID = "" },
		"no kind":              func(s *hobby.Session) { s.Activity.Plan.Kind = "" },
		"no status":            func(s *hobby.Session) { s.Activity.Status = "" },
		"unknown status":       func(s *hobby.Session) { s.Activity.Status = "done" },
		"never started":        func(s *hobby.Session) { s.Activity.Started = time.Time{} },
		"before 1970":          func(s *hobby.Session) { s.Activity.Started = time.Unix(-1, 0) },
		"in a far future":      func(s *hobby.Session) { s.Activity.Started = noon.AddDate(300, 0, 0) },
		"running and ended":    func(s *hobby.Session) { s.Activity.Ended = noon },
		"ended before":         func(s *hobby.Session) { *s = ended(*s, hobby.Failed); s.Activity.Ended = noon },
		"ended, but not when":  func(s *hobby.Session) { s.Activity.Status = hobby.Failed },
		"negative version":     func(s *hobby.Session) { s.Activity.Version = -1 },
		"version without past": func(s *hobby.Session) { s.Activity.Version = 1 },
		"agent not UTF-8":      func(s *hobby.Session) { s.Activity.Agent = "a\xff" },
		"error not UTF-8":      func(s *hobby.Session) { s.Activity.Err = "a\xc3" },
		"huge error":           func(s *hobby.Session) { s.Activity.Err = strings.Repeat("x", 1<<20+1) },
		"metric not a number":  func(s *hobby.Session) { s.Activity.Metrics = map[string]float64{"m": math.NaN()} },
		"infinite score":       func(s *hobby.Session) { s.Activity.Plan.Candidates = []hobby.Candidate{{Score: math.Inf(1)}} },
		"item without id":      func(s *hobby.Session) { s.Items[0].ID = "" },
		"item without split":   func(s *hobby.Session) { s.Items[0].Split = "" },
		"item not verified":    func(s *hobby.Session) { s.Items[0].Verifier = "" },
		"item without time":    func(s *hobby.Session) { s.Items[0].At = time.Time{} },
		"item scores 2":        func(s *hobby.Session) { s.Items[0].Score = 2 },
		"item scores NaN":      func(s *hobby.Session) { s.Items[0].Score = math.NaN() },
		"item level -1":        func(s *hobby.Session) { s.Items[0].Level = -1 },
		"item took less than 0": func(s *hobby.Session) {
			s.Items[0].Latency = -1
		},
		"family not UTF-8": func(s *hobby.Session) { s.Items[0].Family = "\xff" },
		"tool call not UTF-8": func(s *hobby.Session) {
			s.Items[0].Messages = []hobby.Message{{ToolCalls: []hobby.ToolCall{{Arguments: "\xff"}}}}
		},
		"huge message": func(s *hobby.Session) {
			s.Items[0].Messages = []hobby.Message{{Content: strings.Repeat("x", 1<<20)}, {Content: "y"}}
		},
		"insight without id":         func(s *hobby.Session) { s.Insights[0].ID = "" },
		"insight without text":       func(s *hobby.Session) { s.Insights[0].Text = "" },
		"insight without time":       func(s *hobby.Session) { s.Insights[0].At = time.Time{} },
		"insight without confidence": func(s *hobby.Session) { s.Insights[0].Confidence = 0 },
		"insight not UTF-8":          func(s *hobby.Session) { s.Insights[0].Text = "\xf0\x28" },
	}
}

// whole is a session in which every field has a value of its own.
func whole(at time.Time) (s hobby.Session) {
	n := 0
	set(reflect.ValueOf(&s).Elem(), &n, at)
	a := &s.Activity
	a.Version, a.Status, a.Ended = 0, hobby.Completed, a.Started.Add(time.Hour)
	s.Items[0].Score, s.Items[0].Split, s.Items[0].Finish = 0.25, hobby.HeldOut, hobby.FinishLength
	s.Insights[0].Confidence, s.Insights[0].Claims[0].Confidence = 0.75, 0.5
	return s
}

// set gives every field of v another value.
func set(v reflect.Value, n *int, at time.Time) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString("text " + time.Duration(*n).String())
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint64:
		v.SetUint(math.MaxUint64 - uint64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 1.0/3)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		set(v.Elem(), n, at)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		set(v.Index(0), n, at)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		set(key, n, at)
		set(value, n, at)
		v.SetMapIndex(key, value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(at.Add(time.Duration(*n))))
			return
		}
		for i := range v.NumField() {
			set(v.Field(i), n, at)
		}
	default:
		panic("hobbytest: set does not know " + v.Kind().String())
	}
}
