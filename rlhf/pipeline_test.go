package rlhf_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

// TestRedactedUser has a user whose id is redacted be known by a hash, to acceptances too.
// Who calls themselves by that hash is somebody else. Nothing is left of who is forgotten.
func TestRedactedUser(t *testing.T) {
	const ana = "ana of 7 hill road"
	ctx := t.Context()
	s := &shelf{targets: map[string]rlhf.Target{"i1": {Type: rlhf.Insight, ID: "i1", Text: "a text"}}}
	s.recent = []rlhf.Target{s.targets["i1"]}
	_, store, db := open(t, ":memory:", s)
	var decided []string
	p, err := rlhf.New(store, s, &rlhf.Options{
		Redact: func(text string) string { return strings.ReplaceAll(text, ana, "[mail]") },
		Decide: func(_ context.Context, insight, by string, accept bool) error {
			decided = append(decided, fmt.Sprint(insight, " ", by, " ", accept))
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	asks, err := p.Pending(ctx, rlhf.PendingFilter{User: ana})
	if err != nil || len(asks) != 1 {
		t.Fatalf("asked for %v, %v; want one", asks, err)
	}
	yes := true
	f := rlhf.Feedback{Type: rlhf.Insight, Target: "i1", User: ana, Rating: 5, Comment: "write to " + ana, Accept: &yes}
	f.Exposure = asks[0].Exposure.ID
	got, _, err := p.Submit(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.User, "hash:") || got.Comment != "write to [mail]" {
		t.Errorf("stored as %+v", got)
	}
	if d := cmp.Diff([]string{"i1 " + rlhf.ByFeedback + " true"}, decided); d != "" {
		t.Errorf("decided (-want +got):\n%s", d)
	}
	forged, reward, err := p.Submit(ctx, rlhf.Feedback{Type: rlhf.Insight, Target: "i1", User: got.User, Rating: 1})
	if err != nil || forged.Rater == got.Rater || forged.Version != 1 || reward.Raters != 2 {
		t.Errorf("who says to be the hash: %+v, %v; want a rater of their own", forged, err)
	}
	if n, err := db.Forget(ctx, rlhf.UserSource(ana)); err != nil || n != 2 {
		t.Errorf("forgot %d, %v; want a rating and an exposure", n, err)
	}
	left, err := store.Ratings(ctx, 0, 100)
	if err != nil || len(left) != 1 || left[0].ID != forged.ID {
		t.Errorf("%+v is left, %v; want what the other one said", left, err)
	}
	if shown, err := store.Exposures(ctx, 0, 100); err != nil || len(shown) != 0 {
		t.Errorf("%+v is left, %v", shown, err)
	}
}

// TestPendingAsksForWhatTeaches asks many people after a fit. What is of a kind that nobody
// has rated teaches more than what is of a kind that many have, and is asked for more
// often. The probabilities are those with which things were shown: by their inverses, the
// number of all is estimated right (Horvitz and Thompson 1952).
func TestPendingAsksForWhatTeaches(t *testing.T) {
	ctx, s := t.Context(), newStudio(t)
	for range 120 {
		s.session(t)
	}
	if err := s.Refit(ctx, nil); err != nil {
		t.Fatal(err)
	}
	known := s.targets["a0"].Kind
	for i := range 12 {
		kind := known
		if i == 7 {
			kind = "new"
		}
		s.recent = append(s.recent, rlhf.Target{Type: rlhf.Activity, ID: fmt.Sprint("r", i), Activity: fmt.Sprint("r", i), Kind: kind, Level: 1})
	}
	const people, limit = 400, 3
	shown, propensity := map[string]float64{}, map[string]float64{}
	var counted, squared float64
	for i := range people {
		asks, err := s.Pending(ctx, rlhf.PendingFilter{User: fmt.Sprint("asked", i), Limit: limit})
		if err != nil || len(asks) != limit {
			t.Fatalf("%d are asked for, %v", len(asks), err)
		}
		all := 0.0
		for at, a := range asks {
			if a.Exposure.Policy != "informative/1" || a.Exposure.Model != s.Version() || (a.Predicted == nil) != (a.Target.Kind == "new") {
				t.Fatalf("asked for by %q and the model %q: %+v", a.Exposure.Policy, a.Exposure.Model, a)
			}
			if at > 0 && a.Exposure.Propensity > asks[at-1].Exposure.Propensity+1e-12 {
				t.Errorf("number %d would teach more than the one above it: %v, %v", at+1, a.Exposure.Propensity, asks[at-1].Exposure.Propensity)
			}
			shown[a.Target.ID]++
			propensity[a.Target.ID] = a.Exposure.Propensity
			all += 1 / a.Exposure.Propensity
		}
		counted, squared = counted+all/people, squared+all*all/people
	}
	if sd := math.Sqrt((squared - counted*counted) / people); math.Abs(counted-12) > 4.5*sd+1e-9 {
		t.Errorf("by the probabilities there are %v, give or take %v; want 12", counted, sd)
	}
	for id, p := range propensity {
		if sd := math.Sqrt(p * (1 - p) / people); math.Abs(shown[id]/people-p) > 4.5*sd+1e-9 {
			t.Errorf("%s was shown to %v of %d people, and its probability says %v", id, shown[id], people, p)
		}
		if id != "r7" && p >= propensity["r7"] {
			t.Errorf("%s, of a kind that many have rated, has the probability %v, and the new kind %v", id, p, propensity["r7"])
		}
	}
}

// TestQuotaIsOfAnAddress has names that somebody claims, and what is refused, share and spare
// the quota of an address.
func TestQuotaIsOfAnAddress(t *testing.T) {
	s := &shelf{targets: map[string]rlhf.Target{}}
	for i := range 9 {
		id := fmt.Sprint("i", i)
		s.targets[id] = rlhf.Target{Type: rlhf.Insight, ID: id, Text: "a text"}
	}
	_, store, _ := open(t, ":memory:", s)
	p, err := rlhf.New(store, s, &rlhf.Options{PerDay: 3})
	if err != nil {
		t.Fatal(err)
	}
	say := func(name, address, target string) rlhf.Feedback {
		return rlhf.Feedback{Type: rlhf.Insight, Target: target, User: name, Address: address, Claimed: name != "", Rating: 4}
	}
	for i := range 9 { // refused: what they answer was not shown
		f := say(fmt.Sprint("name", i), "192.0.2.7", "i0")
		f.Exposure = "unknown"
		if _, _, err := p.Submit(t.Context(), f); !errors.Is(err, rlhf.ErrExposure) {
			t.Fatalf("an answer to nothing: %v", err)
		}
	}
	for _, c := range []struct {
		name, address, target string
		want                  error
	}{
		{"ana", "192.0.2.7", "i0", nil}, {"ana", "192.0.2.7", "i0", nil}, // the same again counts for nothing
		{"bo", "192.0.2.7", "i1", nil}, {"", "192.0.2.7", "i2", nil},
		{"ana", "192.0.2.7", "i3", rlhf.ErrTooMany}, {"cy", "192.0.2.7", "i3", rlhf.ErrTooMany},
		{"", "192.0.2.7", "i3", rlhf.ErrTooMany},
		{"cy", "192.0.2.7", "not read", rlhf.ErrTooMany}, // nor is anything asked of the store
		{"ana", "192.0.2.8", "i3", nil}, {"ana", "192.0.2.8", "not there", hobby.ErrNotFound},
	} {
		if _, _, err := p.Submit(t.Context(), say(c.name, c.address, c.target)); !errors.Is(err, c.want) {
			t.Errorf("%q at %s on %s: %v, want %v", c.name, c.address, c.target, err, c.want)
		}
	}
	if n, err := store.Forget(t.Context(), hobby.SourceHash(rlhf.UserSource("bo"))); err != nil || n == 0 {
		t.Fatalf("%d are forgotten, %v", n, err)
	}
	if err := p.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Submit(t.Context(), say("cy", "192.0.2.7", "i3")); err != nil {
		t.Errorf("with one fewer: %v", err)
	}
}
