package hobbytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// from returns an untrusted insight of a source, with a claim.
func from(id, source string) hobby.Insight {
	i := insight(id, source)
	i.Taint, i.Confidence = hobby.Untrusted, hobby.MaxUntrusted
	i.Claims = []hobby.Claim{{Subject: source, Relation: hobby.Defines, Object: "term of " + id, Confidence: 0.9}}
	return i
}

// decisions are the events of an insight's acceptance.
func (t storeTest) decisions(id string) (all []hobby.Acceptance) {
	t.Helper()
	for _, e := range must[[]hobby.Event](t)(t.Events(t.ctx, 0, 1000)) {
		if e.ID != id || e.Kind != hobby.InsightAccepted && e.Kind != hobby.InsightRefused {
			continue
		}
		var a hobby.Acceptance
		if err := json.Unmarshal(e.Body, &a); err != nil || a.Version != e.Version || a.Accepted != (e.Kind == hobby.InsightAccepted) {
			t.Errorf("event %d, %s version %d: %v, %s", e.Pos, e.Kind, e.Version, err, e.Body)
		}
		all = append(all, a)
	}
	return all
}

// stored reads an insight.
func (t storeTest) stored(id string) hobby.Insight {
	t.Helper()
	p := must[hobby.InsightPage](t)(t.Insights(t.ctx, hobby.InsightFilter{ID: id}))
	if len(p.Insights) != 1 {
		t.Fatalf("%d insights with the id %s", len(p.Insights), id)
	}
	return p.Insights[0]
}

var acceptTests = map[string]func(storeTest){
	"ClaimsComeBack": func(t storeTest) {
		s := session(1)
		in := from("i", "a.md")
		in.Claims = nil
		for i := range hobby.MaxClaims {
			in.Claims = append(in.Claims, hobby.Claim{
				Subject: fmt.Sprint("ü\x00\"", i), Relation: "a host's own", Object: strings.Repeat("ß", 256), Confidence: 1e-9,
			})
		}
		s.Insights = []hobby.Insight{in}
		a := t.commit(s)
		t.same("of the session", t.session(a.ID).Insights[0].Claims, in.Claims)
		t.same("of the insight", t.stored("i").Claims, in.Claims)
		for _, e := range must[[]hobby.Event](t)(t.Events(t.ctx, 0, 100)) {
			if bytes.Contains(e.Body, []byte("a host's own")) {
				t.Errorf("event %d repeats the claims", e.Pos)
			}
		}
		claim := in.Claims[0]
		for what, change := range map[string]func(*hobby.Insight, *hobby.Claim){
			"too many": func(i *hobby.Insight, c *hobby.Claim) {
				i.Claims = append(i.Claims, slices.Repeat([]hobby.Claim{*c}, hobby.MaxClaims)...)
			},
			"no subject":            func(_ *hobby.Insight, c *hobby.Claim) { c.Subject = "" },
			"no object":             func(_ *hobby.Insight, c *hobby.Claim) { c.Object = "" },
			"no relation":           func(_ *hobby.Insight, c *hobby.Claim) { c.Relation = "" },
			"a long subject":        func(_ *hobby.Insight, c *hobby.Claim) { c.Subject = strings.Repeat("s", 513) },
			"a long object":         func(_ *hobby.Insight, c *hobby.Claim) { c.Object = strings.Repeat("s", 513) },
			"a long relation":       func(_ *hobby.Insight, c *hobby.Claim) { c.Relation = hobby.Relation(strings.Repeat("s", 65)) },
			"not UTF-8":             func(_ *hobby.Insight, c *hobby.Claim) { c.Object = "\xff" },
			"no confidence":         func(_ *hobby.Insight, c *hobby.Claim) { c.Confidence = 0 },
			"too much confidence":   func(_ *hobby.Insight, c *hobby.Claim) { c.Confidence = 1.01 },
			"certain and untrusted": func(_ *hobby.Insight, c *hobby.Claim) { c.Confidence = 1 },
			"an insight that is":    func(i *hobby.Insight, _ *hobby.Claim) { i.Confidence = 1 },
			"accepted by nobody":    func(i *hobby.Insight, _ *hobby.Claim) { i.Acceptance = &hobby.Acceptance{Accepted: true, At: noon} },
		} {
			s := session(2)
			in := from("j", "a.md")
			in.Claims = []hobby.Claim{claim}
			change(&in, &in.Claims[0])
			s.Insights = []hobby.Insight{in}
			_, err := t.Commit(t.ctx, s, nil)
			t.refuses(what, err, hobby.ErrInvalid)
		}
	},
	"AcceptAndRefuse": func(t storeTest) {
		s := session(1)
		s.Insights = []hobby.Insight{from("i", "a.md"), from("j", "a.md"), insight("own", "")}
		a := t.commit(ended(s, hobby.Completed))
		if in := t.stored("i"); in.Trusted() || in.Acceptance != nil {
			t.Errorf("before any decision: %+v", in)
		}
		decide := func(by string, accepted bool, minute int) hobby.Acceptance {
			t.Helper()
			d := hobby.Acceptance{Accepted: accepted, By: by, At: noon.Add(time.Duration(minute) * time.Minute)}
			return must[hobby.Acceptance](t)(t.Accept(t.ctx, "i", d))
		}
		want := []hobby.Acceptance{
			{Accepted: true, By: "ann", At: noon.Add(time.Minute), Version: 1},
			{Accepted: false, By: "ann", At: noon.Add(3 * time.Minute), Version: 2},
			{Accepted: true, By: "bob", At: noon.Add(4 * time.Minute), Version: 3},
		}
		t.same("the first", decide("ann", true, 1), want[0])
		head := t.head()
		t.same("the same again", decide("ann", true, 2), want[0])
		if t.head() != head {
			t.Error("the same decision again has made an event")
		}
		if in := t.stored("i"); !in.Trusted() || in.Taint != hobby.Untrusted {
			t.Errorf("once accepted: %+v", in)
		}
		t.same("taken back", decide("ann", false, 3), want[1])
		if in := t.stored("i"); in.Trusted() || in.Acceptance.By != "ann" {
			t.Errorf("once refused: %+v", in)
		}
		t.same("accepted again", decide("bob", true, 4), want[2])
		t.same("the events", t.decisions("i"), want)
		t.commit(hobby.Session{Activity: a, Insights: []hobby.Insight{from("i", "a.md")}}) // told again
		t.same("once told again", *t.session(a.ID).Insights[0].Acceptance, want[2])
		if in := t.stored("j"); in.Trusted() || len(t.decisions("j")) > 0 {
			t.Errorf("another one: %+v", in)
		}
		ok := hobby.Acceptance{Accepted: true, By: "ann", At: noon}
		_, err := t.Accept(t.ctx, "nobody knows it", ok)
		t.refuses("an unknown id", err, hobby.ErrNotFound)
		_, err = t.Accept(t.ctx, "own", ok)
		t.refuses("a text of one's own", err, hobby.ErrInvalid)
		for _, bad := range []hobby.Acceptance{{By: "ann"}, {At: noon}, {By: strings.Repeat("x", 257), At: noon}, {By: "\xff", At: noon}} {
			_, err = t.Accept(t.ctx, "j", bad)
			t.refuses("a decision without all", err, hobby.ErrInvalid)
		}
		if n := must[int](t)(t.Forget(t.ctx, "a.md")); n != 2 {
			t.Errorf("forgot %d", n)
		}
		_, err = t.Accept(t.ctx, "i", ok)
		t.refuses("what was forgotten", err, hobby.ErrNotFound)
		for _, e := range must[[]hobby.Event](t)(t.Events(t.ctx, 0, 1000)) {
			if bytes.Contains(e.Body, []byte("a.md")) {
				t.Errorf("event %d still has the source: %s", e.Pos, e.Body)
			}
		}
	},
}

// accept decides on a random insight.
func (m *model) accept(r *rapid.T) {
	id := fmt.Sprint("insight", m.draw(rapid.IntRange(0, 30), "insight"))
	a := hobby.Acceptance{
		Accepted: rapid.Bool().Draw(r, "accepted"), By: rapid.SampledFrom([]string{"ann", "bob"}).Draw(r, "by"),
		At: noon.Add(time.Duration(m.draw(rapid.IntRange(0, 99), "minute")) * time.Minute),
	}
	got, err := m.store.Accept(r.Context(), id, a)
	for _, s := range m.known {
		for i := range s.Insights {
			in := &s.Insights[i]
			if in.ID != id || in.Taint == hobby.Trusted {
				continue
			}
			a.Version = 1
			if was := in.Acceptance; was != nil && was.Accepted == a.Accepted && was.By == a.By {
				a = *was
			} else {
				if was != nil {
					a.Version = was.Version + 1
				}
				in.Acceptance = &a
				m.head++
				m.events[s.Activity.ID] = m.head
			}
			m.same("Accept", got, a, err)
			return
		}
	}
	if err == nil {
		r.Fatalf("Accept of %s, which is not there or not tainted: %+v", id, got)
	}
}
