package rlhftest

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

// TestStore tests that what open returns is an rlhf.Store, with the events that it tells.
// Each call of open gives an empty store, which t closes. It is called within a bubble of
// testing/synctest.
func TestStore(t *testing.T, open func(t *testing.T) (rlhf.Store, hobby.Log)) {
	for name, test := range map[string]func(*testing.T, rlhf.Store, hobby.Log){
		"versions": versions, "anonymous": anonymous, "refused": refused, "limit": limit, "listing": listing, "targets": targets,
		"exposures": exposures, "crowded": crowded, "answers": answers, "drop": drop, "models": models, "forget": forget, "events": events,
		"key": key, "suggestions": suggestions,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, log := open(t)
				test(t, s, log)
			})
		})
	}
	t.Run("counts", func(t *testing.T) { counts(t, open) })
}

// By is feedback of a user on an insight.
func By(user, target string, rating int) rlhf.Feedback {
	return rlhf.Feedback{
		Type: rlhf.Insight, Target: target, User: user, Rater: rlhf.UserSource(user), Source: hobby.SourceHash(rlhf.UserSource(user)),
		Rating: rating,
	}
}

// Without is anonymous feedback of a rater on an insight.
func Without(rater, target string, rating int) rlhf.Feedback {
	return rlhf.Feedback{Type: rlhf.Insight, Target: target, Rater: "anonymous:" + rater, Rating: rating}
}

// About is the target of f.
func About(f *rlhf.Feedback) rlhf.Target {
	return rlhf.Target{
		Type: f.Type, ID: f.Target, Kind: "skill_practice", Family: "roman", Level: 2, Text: "what " + f.Target + " says",
		Created: time.Date(2026, 2, 7, 0, 0, 0, 0, time.UTC), Source: "from " + f.Target,
	}
}

const plenty = 1000

func put(t *testing.T, s rlhf.Store, f rlhf.Feedback) rlhf.Rated {
	t.Helper()
	r, err := s.Put(t.Context(), f, About(&f), plenty)
	if err != nil {
		t.Fatal(err)
	}
	return r.Rated
}

func all(t *testing.T, s rlhf.Store) []rlhf.Rated {
	t.Helper()
	r, err := s.Ratings(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// said is what of feedback does not depend on ids and times.
type said struct {
	User, Target string
	Version      int
	Rating       int
	Helpful      bool
	Comment      string
	Superseded   bool
}

func says(all []rlhf.Rated) (s []said) {
	for _, r := range all {
		s = append(s, said{r.User, r.Target, r.Version, r.Rating, r.Helpful != nil && *r.Helpful, r.Comment, r.Superseded})
	}
	return s
}

func versions(t *testing.T, s rlhf.Store, _ hobby.Log) {
	yes := true
	first := put(t, s, By("ana", "i1", 2))
	if first.Pos != 1 || first.ID == "" || first.At.IsZero() || first.Version != 1 {
		t.Errorf("stored as %+v", first)
	}
	if again := put(t, s, By("ana", "i1", 2)); again.ID != first.ID {
		t.Errorf("said again it has the id %s, want %s", again.ID, first.ID)
	}
	comment := By("ana", "i1", 0)
	comment.Comment = "why?"
	if second := put(t, s, comment); second.Rating != 2 || second.Version != 2 {
		t.Errorf("a comment made it %+v, want the rating 2 to stay, in version 2", second)
	}
	flag := By("ana", "i1", 5)
	flag.Helpful = &yes
	put(t, s, flag)
	put(t, s, By("bo", "i1", 1))
	put(t, s, By("ana", "i2", 3))
	same(t, "all that was said", says(all(t, s)), []said{
		{"ana", "i1", 1, 2, false, "", true}, {"ana", "i1", 2, 2, false, "why?", true}, {"ana", "i1", 3, 5, true, "why?", false},
		{"bo", "i1", 1, 1, false, "", false}, {"ana", "i2", 1, 3, false, "", false},
	})
	if put(t, s, By("ana", "i1", 2)).Version != 4 {
		t.Error("back to what was said before the last word is no new version")
	}
}

func anonymous(t *testing.T, s rlhf.Store, _ hobby.Log) {
	for _, rating := range []int{1, 1, 5} {
		if got := put(t, s, Without("x", "i1", rating)); got.Version != 1 || got.Superseded {
			t.Errorf("stored as %+v, want version 1", got)
		}
	}
	put(t, s, Without("y", "i1", 3))
	same(t, "what is between i1 and x", seen(t, s, "anonymous:x", "i1"), rlhf.Seen{Raters: 2, Rated: true})
	c, err := s.Counts(t.Context())
	if err != nil || c.Ratings != 2 || c.Raters != 2 || c.Given[rlhf.Insight] != 4 {
		t.Errorf("counted %+v, %v; want 4 of 2 raters", c, err)
	}
}

func seen(t *testing.T, s rlhf.Store, rater, target string) rlhf.Seen {
	t.Helper()
	ref := rlhf.Ref{Type: rlhf.Insight, ID: target}
	all, err := s.Seen(t.Context(), rater, []rlhf.Ref{ref})
	if err != nil {
		t.Fatal(err)
	}
	return all[ref]
}

func refused(t *testing.T, s rlhf.Store, _ hobby.Log) {
	for name, change := range map[string]func(*rlhf.Feedback){
		"rating -1": func(f *rlhf.Feedback) { f.Rating = -1 }, "rating 6": func(f *rlhf.Feedback) { f.Rating = 6 },
		"nothing": func(f *rlhf.Feedback) { f.Rating = 0 }, "no target": func(f *rlhf.Feedback) { f.Target = "" },
		"type": func(f *rlhf.Feedback) { f.Type = "person" }, "no rater": func(f *rlhf.Feedback) { f.Rater = "" },
		"not UTF-8": func(f *rlhf.Feedback) { f.Comment = "\xff" },
		"long":      func(f *rlhf.Feedback) { f.Comment = string(make([]byte, rlhf.MaxText+1)) },
		"exposure":  func(f *rlhf.Feedback) { f.Exposure = "nothing" },
	} {
		f := By("ana", "i1", 3)
		change(&f)
		if _, err := s.Put(t.Context(), f, About(&f), plenty); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	if left := all(t, s); len(left) > 0 {
		t.Errorf("%d are stored", len(left))
	}
	c, err := s.Counts(t.Context())
	if err != nil || c.Given[rlhf.Insight] != 0 {
		t.Errorf("counted %+v, %v", c, err)
	}
}

func limit(t *testing.T, s rlhf.Store, _ hobby.Log) {
	give := func(rater string, i int) error {
		f := Without(rater, fmt.Sprint("i", i), 3)
		_, err := s.Put(t.Context(), f, About(&f), 3)
		return err
	}
	for i := range 3 {
		if err := give("x", i); err != nil {
			t.Fatal(err)
		}
	}
	if err := give("x", 3); !errors.Is(err, rlhf.ErrTooMany) {
		t.Errorf("the fourth of three: %v", err)
	}
	for _, name := range []string{"ana", "bo", "cy"} { // names that x claims have x's quota
		f := By(name, "i5", 3)
		f.Voice = "anonymous:x"
		if _, err := s.Put(t.Context(), f, About(&f), 3); !errors.Is(err, rlhf.ErrTooMany) {
			t.Errorf("%s, who speaks with the voice of x: %v", name, err)
		}
		f.Voice = "anonymous:z"
		for range 5 { // what was said before counts once
			if _, err := s.Put(t.Context(), f, About(&f), 3); err != nil {
				t.Errorf("%s, who speaks with the voice of z: %v", name, err)
			}
		}
	}
	if err := give("z", 1); !errors.Is(err, rlhf.ErrTooMany) {
		t.Errorf("z without a name, after three names: %v", err)
	}
	accepts, yes := Without("x", "i4", 0), true
	accepts.Accept = &yes
	if _, err := s.Put(t.Context(), accepts, About(&accepts), 3); err != nil {
		t.Errorf("an acceptance, which was carried out: %v", err)
	}
	if err := give("y", 0); err != nil {
		t.Errorf("another rater: %v", err)
	}
	time.Sleep(24 * time.Hour)
	if err := give("x", 3); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

func listing(t *testing.T, s rlhf.Store, _ hobby.Log) {
	for i := range 7 {
		put(t, s, By([]string{"ana", "bo"}[i%2], fmt.Sprint("i", i%3), 1+i%5))
	}
	var pages []rlhf.Rated
	f := rlhf.Filter{Limit: 2}
	for {
		p, err := s.Feedback(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p.Feedback...)
		if f.Cursor = p.Next; p.Next == "" {
			break
		}
	}
	forward := all(t, s)
	for i, r := range pages {
		same(t, "newest first", r, forward[len(forward)-1-i])
	}
	if len(pages) != len(forward) {
		t.Errorf("%d are listed of %d", len(pages), len(forward))
	}
	for _, f := range []rlhf.Filter{{User: "ana"}, {Target: "i1", Type: rlhf.Insight}, {Latest: true}, {Type: rlhf.Adapter}} {
		p, err := s.Feedback(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		var want []rlhf.Rated
		for _, r := range pages {
			if (f.User == "" || r.User == f.User) && (f.Target == "" || r.Target == f.Target) && (f.Type == "" || r.Type == f.Type) &&
				!(f.Latest && r.Superseded) {
				want = append(want, r)
			}
		}
		same(t, fmt.Sprintf("listed by %+v", f), p.Feedback, want)
	}
	if rest, err := s.Ratings(t.Context(), forward[4].Pos, 1); err != nil || len(rest) != 1 || rest[0].ID != forward[5].ID {
		t.Errorf("after the fifth: %v, %v", rest, err)
	}
	if _, err := s.Feedback(t.Context(), rlhf.Filter{Cursor: "nonsense"}); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("a cursor of nowhere: %v", err)
	}
}

// targets has the target stay as it was when it was first rated.
func targets(t *testing.T, s rlhf.Store, _ hobby.Log) {
	first := put(t, s, By("ana", "i1", 2))
	f := By("bo", "i1", 3)
	later := About(&f)
	later.Text = "something else"
	stored, err := s.Put(t.Context(), f, later, plenty)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the target, as Put says", stored.About, first.About)
	same(t, "its raters and what was forgotten", []int64{int64(stored.Raters), stored.Forgotten}, []int64{2, 0})
	for _, r := range all(t, s) {
		same(t, "the target", r.About, first.About)
	}
	f.Type = rlhf.Activity
	if _, err := s.Put(t.Context(), f, later, plenty); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("with a target that is not its own: %v", err)
	}
}

func key(t *testing.T, s rlhf.Store, _ hobby.Log) {
	one, err := s.Key(t.Context())
	if err != nil || len(one) < 16 {
		t.Errorf("a key of %d bytes, %v", len(one), err)
	}
	if two, err := s.Key(t.Context()); err != nil || string(two) != string(one) {
		t.Errorf("another key the second time, %v", err)
	}
}

// events has one event for each feedback, with neither a user nor a text in it.
func events(t *testing.T, s rlhf.Store, log hobby.Log) {
	f := By("ana-of-7-hill-road", "i1", 4)
	f.Comment, f.Suggestion = "a secret comment", "a secret suggestion"
	stored := put(t, s, f)
	put(t, s, f)
	all, err := log.Events(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var told []hobby.Event
	for _, e := range all {
		if e.Kind == rlhf.GivenEvent {
			told = append(told, e)
		}
	}
	if len(told) != 1 || told[0].ID != stored.ID || told[0].Version != 1 {
		t.Fatalf("told %+v, want one event of %s", told, stored.ID)
	}
	checkBody(t, told[0].Body, &stored)
}
