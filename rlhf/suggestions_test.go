package rlhf_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

// TestSuggestionsBecomeTopics: what is suggested is a topic once it is accepted, and until it is
// refused or who suggested it is forgotten. Only who may accept it is asked.
func TestSuggestionsBecomeTopics(t *testing.T) {
	ctx := t.Context()
	s, say := library(t)
	say("ana", "a", rlhf.Feedback{Rating: 2, Suggestion: " the  migration of birds "})
	say("ben", "b", rlhf.Feedback{Suggestion: "the migration of birds"})
	say("ben", "x", rlhf.Feedback{Suggestion: "dogs"})
	asked := func(user string, reviewer bool) map[string]string {
		t.Helper()
		asks, err := s.Pending(ctx, rlhf.PendingFilter{User: user, Type: rlhf.Suggestion, Reviewer: reviewer})
		if err != nil {
			t.Fatal(err)
		}
		of := map[string]string{}
		for _, a := range asks {
			if of[a.Target.Text] = a.Target.ID; a.Predicted != nil || !a.Target.Untrusted {
				t.Errorf("it is asked for as %+v", a)
			}
		}
		return of
	}
	topics := func(when string, want ...hobby.Topic) {
		t.Helper()
		got, err := s.Topics(ctx, hobby.CodeAnalysis, 8)
		for i := range want {
			want[i].Why, want[i].Taint = "somebody suggested it, and it was accepted", hobby.Untrusted
		}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s, %v (-want +got):\n%s", when, err, d)
		}
	}
	if of := asked("eve", false); len(of) != 0 {
		t.Errorf("who may accept nothing is asked for %v", of)
	}
	of := asked("dee", true)
	if len(of) != 2 || of["dogs"] == "" || of["the migration of birds"] == "" {
		t.Fatalf("asked for %v, want each text once", of)
	}
	topics("before anything is accepted")
	yes, no := true, false
	decide := func(text string, accept *bool) error {
		_, _, err := s.Submit(ctx, rlhf.Feedback{Type: rlhf.Suggestion, Target: of[text], User: "dee", Accept: accept})
		return err
	}
	if err := errors.Join(decide("dogs", &yes), decide("the migration of birds", &yes)); err != nil {
		t.Fatal(err)
	}
	birds, dogs := hobby.Topic{Name: "the migration of birds", Weight: 1}, hobby.Topic{Name: "dogs", Weight: 1}
	topics("both are accepted", birds, dogs)
	if left := asked("fay", true); len(left) != 0 {
		t.Errorf("then another is asked for %v", left)
	}
	if err := decide("dogs", &no); err != nil {
		t.Fatal(err)
	}
	topics("dogs are refused", birds)
	for name, f := range map[string]rlhf.Feedback{"a rating": {Rating: 5, Accept: &yes}, "nothing": {},
		"a comment": {Comment: "x", Accept: &yes}} {
		f.Type, f.Target, f.User = rlhf.Suggestion, of["dogs"], "dee"
		if _, _, err := s.Submit(ctx, f); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%s about a suggestion: %v", name, err)
		}
	}
	if _, _, err := s.Submit(ctx, rlhf.Feedback{Type: rlhf.Suggestion, Target: "nothing", Accept: &yes}); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("what nobody suggested: %v", err)
	}
	for _, user := range []string{"ana", "ben"} {
		if _, err := s.db.Forget(ctx, rlhf.UserSource(user)); err != nil {
			t.Fatal(err)
		}
	}
	topics("who suggested them is forgotten")
}

// TestShownToAnAddress has an address make up names: it is shown no more than is allowed.
func TestShownToAnAddress(t *testing.T) {
	s, _ := library(t)
	for i := range 5 {
		s.recent = append(s.recent, s.targets[string("abcxy"[i])])
	}
	p, err := rlhf.New(s.store, &s.shelf, &rlhf.Options{PerDay: 1, Open: 15}) // 10 to an address
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{nil, nil, rlhf.ErrTooMany} {
		if _, err := p.Pending(t.Context(), rlhf.PendingFilter{User: string("pqr"[i]), Address: "192.0.2.1"}); !errors.Is(err, want) {
			t.Errorf("name %d: %v, want %v", i, err, want)
		}
	}
	for _, f := range []rlhf.PendingFilter{{User: "p", Address: "192.0.2.1"}, {User: "r", Address: "192.0.2.2"}, {User: "s"}} {
		if _, err := p.Pending(t.Context(), f); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if c, err := s.store.Counts(t.Context()); err != nil || c.Exposures != 15 {
		t.Errorf("%d exposures are stored, %v; want the newest 15", c.Exposures, err)
	}
}
