package rlhftest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

func checkBody(t *testing.T, body []byte, r *rlhf.Rated) {
	t.Helper()
	for _, hidden := range []string{"ana", "hill-road", "secret", r.Source} {
		if strings.Contains(string(body), hidden) {
			t.Errorf("the event tells %q: %s", hidden, body)
		}
	}
	var got rlhf.Given
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	same(t, "the event", got, rlhf.Given{
		Type: r.Type, Target: r.Target, Kind: r.About.Kind, Rating: r.Rating, Commented: true, Suggested: true, At: r.At,
	})
}

// shown is an exposure of an insight to a user, or with "" to somebody anonymous.
func shown(user, target string) rlhf.Exposure {
	e := rlhf.Exposure{
		Type: rlhf.Insight, Target: target, Kind: "skill_practice", User: user, Rater: "anonymous:x", Policy: "test/1", Propensity: 0.25,
		Position: 1, Shown: 2,
	}
	if user != "" {
		e.Rater, e.Source = rlhf.UserSource(user), hobby.SourceHash(rlhf.UserSource(user))
	}
	return e
}

func expose(t *testing.T, s rlhf.Store, e ...rlhf.Exposure) []rlhf.Exposure {
	t.Helper()
	stored, err := s.Expose(t.Context(), e, 1000)
	if err != nil || len(stored) != len(e) {
		t.Fatalf("%d of %d are stored, %v", len(stored), len(e), err)
	}
	return stored
}

func exposures(t *testing.T, s rlhf.Store, _ hobby.Log) {
	first := expose(t, s, shown("ana", "i1"), shown("ana", "i2"), shown("", "i1"))
	again := expose(t, s, shown("ana", "i2"), shown("ana", "i3"))
	if again[0].ID != first[1].ID {
		t.Errorf("shown twice on a day it has the ids %s and %s", first[1].ID, again[0].ID)
	}
	got, err := s.Exposure(t.Context(), first[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	got.Source = first[0].Source // it is not read back
	same(t, "an exposure", got, first[0])
	all, err := s.Exposures(t.Context(), 0, 100)
	if err != nil || len(all) != 4 || all[3].ID != again[1].ID {
		t.Errorf("read %+v, %v, want four in order", all, err)
	}
	time.Sleep(24 * time.Hour)
	if next := expose(t, s, shown("ana", "i1")); next[0].ID == first[0].ID {
		t.Error("on the next day it has the same exposure")
	} else {
		same(t, "what is between ana and i1", seen(t, s, "user:ana", "i1"), rlhf.Seen{Shown: next[0].At, Exposure: next[0].ID})
	}
	same(t, "what is between ana and i9", seen(t, s, "user:ana", "i9"), rlhf.Seen{})
	if _, err := s.Exposure(t.Context(), "nothing"); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("an exposure that is not there: %v", err)
	}
	for _, propensity := range []float64{0, -1, 1.5} {
		e := shown("ana", "i4")
		e.Propensity = propensity
		if _, err := s.Expose(t.Context(), []rlhf.Exposure{e}, 1000); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("a propensity of %v: %v", propensity, err)
		}
	}
}

// crowded has a store keep two exposures without an answer.
func crowded(t *testing.T, s rlhf.Store, _ hobby.Log) {
	first := expose(t, s, shown("ana", "i1"), shown("ana", "i2"))
	f := By("ana", "i1", 3)
	f.Exposure = first[0].ID
	put(t, s, f)
	for i := range 4 {
		time.Sleep(time.Second)
		if _, err := s.Expose(t.Context(), []rlhf.Exposure{shown(fmt.Sprint("name", i), "i1")}, 2); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Exposures(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var users []string
	for i := range all {
		users = append(users, all[i].User)
	}
	same(t, "whose exposures are left: the answered one and the two newest", users, []string{"ana", "name2", "name3"})
	if c, err := s.Counts(t.Context()); err != nil || c.Exposures != 3 || c.Answered != 1 {
		t.Errorf("counted %+v, %v", c, err)
	}
}

func answers(t *testing.T, s rlhf.Store, _ hobby.Log) {
	e := expose(t, s, shown("ana", "i1"), shown("", "i2"))
	answer := func(f rlhf.Feedback, exposure string) error {
		f.Exposure = exposure
		_, err := s.Put(t.Context(), f, About(&f), plenty)
		return err
	}
	for name, f := range map[string]rlhf.Feedback{
		"another user": By("bo", "i1", 3), "another target": By("ana", "i3", 3), "nobody with a name": Without("x", "i1", 3),
	} {
		if err := answer(f, e[0].ID); !errors.Is(err, rlhf.ErrExposure) {
			t.Errorf("an answer of %s: %v, want ErrExposure", name, err)
		}
	}
	if c, err := s.Counts(t.Context()); err != nil || c.Answered != 0 || c.Exposures != 2 {
		t.Errorf("counted %+v, %v, want 2 without an answer", c, err)
	}
	if err := answer(By("ana", "i1", 3), e[0].ID); err != nil {
		t.Error(err)
	}
	for range 3 { // a replay is the same answer
		if err := answer(Without("y", "i2", 3), e[1].ID); err != nil {
			t.Error(err)
		}
	}
	if err := answer(By("bo", "i2", 1), e[1].ID); err != nil { // who was shown it without a name may give one
		t.Error(err)
	}
	c, err := s.Counts(t.Context())
	if err != nil || c.Answered != 2 || c.Given[rlhf.Insight] != 3 {
		t.Errorf("counted %+v, %v, want 2 answered by 3", c, err)
	}
	if got, err := s.Exposure(t.Context(), e[0].ID); err != nil || !got.Answered {
		t.Errorf("the exposure is %+v, %v", got, err)
	}
}

func drop(t *testing.T, s rlhf.Store, _ hobby.Log) {
	e := expose(t, s, shown("ana", "i1"), shown("ana", "i2"))
	f := By("ana", "i1", 3)
	f.Exposure = e[0].ID
	put(t, s, f)
	time.Sleep(90 * 24 * time.Hour)
	expose(t, s, shown("ana", "i3"))
	n, err := s.Drop(t.Context(), time.Now().Add(-time.Hour))
	if err != nil || n != 1 {
		t.Errorf("%d were dropped, %v; want the one that is old and has no answer", n, err)
	}
	if _, err := s.Exposure(t.Context(), e[1].ID); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("what was dropped: %v", err)
	}
	if c, err := s.Counts(t.Context()); err != nil || c.Exposures != 2 || c.Answered != 1 {
		t.Errorf("counted %+v, %v", c, err)
	}
}

func models(t *testing.T, s rlhf.Store, _ hobby.Log) {
	if _, err := s.Model(t.Context()); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("before the first: %v", err)
	}
	m := rlhf.Fitted{Version: "1-a", At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Through: 7, Body: []byte("{\"w\":[1,2]}")}
	for _, v := range []string{"1-a", "1-b"} {
		m.Version = v
		if err := s.PutModel(t.Context(), m, nil); err != nil {
			t.Fatal(err)
		}
		got, err := s.Model(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the model", got, m)
	}
	if err := s.PutModel(t.Context(), rlhf.Fitted{}, nil); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("without a version: %v", err)
	}
	if err := s.PutModel(t.Context(), m, &hobby.Fence{Key: "nothing", Attempt: 3}); !errors.Is(err, hobby.ErrStale) {
		t.Errorf("behind a fence that is not there: %v", err)
	}
}

// forget has what is of a user, and what is said of a source's insights, gone from all
// that can be read.
func forget(t *testing.T, s rlhf.Store, _ hobby.Log) {
	put(t, s, By("ana", "i1", 2))
	put(t, s, By("ana", "i1", 3))
	put(t, s, By("bo", "i1", 4))
	put(t, s, By("bo", "i2", 5))
	expose(t, s, shown("ana", "i1"), shown("bo", "i2"))
	if err := s.PutModel(t.Context(), rlhf.Fitted{Version: "1-a"}, nil); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Forget(t.Context(), hobby.SourceHash("user:nobody")); err != nil || n != 0 {
		t.Errorf("%d of nobody, %v", n, err)
	}
	if _, err := s.Model(t.Context()); err != nil {
		t.Errorf("the model, after nothing was forgotten: %v", err)
	}
	if n, err := s.Forget(t.Context(), hobby.SourceHash("user:ana")); err != nil || n != 3 {
		t.Errorf("%d of ana, %v; want two ratings and an exposure", n, err)
	}
	same(t, "what is left", says(all(t, s)), []said{{"bo", "i1", 1, 4, false, "", false}, {"bo", "i2", 1, 5, false, "", false}})
	same(t, "what is between ana and i1", seen(t, s, "user:ana", "i1"), rlhf.Seen{Raters: 1})
	if _, err := s.Model(t.Context()); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("the model that learned from ana: %v", err)
	}
	if n, err := s.Forgotten(t.Context()); err != nil || n != 1 {
		t.Errorf("forgotten %d times, %v", n, err)
	}
	if err := s.PutModel(t.Context(), rlhf.Fitted{Version: "1-b"}, nil); !errors.Is(err, hobby.ErrStale) {
		t.Errorf("a model that was fitted before: %v, want ErrStale", err)
	}
	if n, err := s.Forgets(t.Context()); err != nil || n != 2 {
		t.Errorf("%d calls of Forget are counted, %v; want that of nobody, too", n, err)
	}
	if _, err := s.Forget(t.Context(), hobby.SourceHash("from i2")); err != nil {
		t.Fatal(err)
	}
	same(t, "what is left without i2", says(all(t, s)), []said{{"bo", "i1", 1, 4, false, "", false}})
	if last := put(t, s, By("ana", "i1", 1)); last.Version != 1 {
		t.Errorf("who was forgotten begins with version %d", last.Version)
	}
}
