package rlhf_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

// TestDismissed: a shape of insights is dismissed while more people call it unhelpful than
// helpful, by their last words, and not once these are forgotten.
func TestDismissed(t *testing.T) {
	s := &shelf{targets: map[string]rlhf.Target{}}
	for id, text := range map[string]string{"a": "a.go has 3 lines", "b": "b/b.go has 700 lines", "c": "c.go does not parse",
		"d": "d.go has 12 lines"} {
		s.targets[id] = rlhf.Target{Type: rlhf.Insight, ID: id, Kind: "code", Text: text, Created: time.Unix(1e9, 0)}
	}
	p, _, db := open(t, filepath.Join(t.TempDir(), "agent.db"), s)
	say := func(user, target string, helpful bool) {
		t.Helper()
		if _, _, err := p.Submit(t.Context(), rlhf.Feedback{Type: rlhf.Insight, Target: target, User: user, Helpful: &helpful}); err != nil {
			t.Fatal(err)
		}
	}
	lines := hobby.ShapeOf("code", "x.go has 9 lines")
	check := func(when string, want ...string) {
		t.Helper()
		got, err := p.Dismissed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]bool{}
		for _, w := range want {
			all[w] = true
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	check("before anybody spoke")
	say("ann", "a", false)
	check("one dismissed it", lines)
	say("bob", "b", true)
	check("as many keep it")
	say("ann", "d", false)
	check("ann has one voice")
	say("cy", "b", false)
	check("two against one", lines)
	say("ann", "a", true)
	say("ann", "d", true)
	check("ann changed her mind")
	say("bob", "b", false)
	check("bob too", lines)
	if _, err := db.Forget(t.Context(), rlhf.UserSource("bob")); err != nil {
		t.Fatal(err)
	}
	check("bob is forgotten")
}

// TestStrangersHaveOneVoice: people without a name silence a shape together, as one, not for
// ever, and only where nobody with a name decides.
func TestStrangersHaveOneVoice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{targets: map[string]rlhf.Target{}}
		for _, id := range []string{"a", "b"} {
			s.targets[id] = rlhf.Target{Type: rlhf.Insight, ID: id, Kind: "code", Text: id + ".go has 3 lines", Created: time.Now()}
		}
		p, _, _ := open(t, filepath.Join(t.TempDir(), "agent.db"), s)
		say := func(user, address string, helpful bool) {
			t.Helper()
			f := rlhf.Feedback{Type: rlhf.Insight, Target: "a", User: user, Address: address, Helpful: &helpful}
			if _, _, err := p.Submit(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		check := func(when string, want bool) {
			t.Helper()
			got, err := p.Dismissed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got[hobby.ShapeOf("code", "x.go has 9 lines")] != want || len(got) > 1 {
				t.Errorf("%s: dismissed are %v, want the shape: %v", when, got, want)
			}
		}
		const day = 24 * time.Hour
		say("", "192.0.2.1", false)
		check("a stranger alone", true)
		time.Sleep(29 * day)
		check("a month later", true)
		time.Sleep(2 * day)
		check("after more than 30 days", false)
		for i := range 20 {
			say("", fmt.Sprintf("192.0.2.%d", i), false)
		}
		check("a flood of strangers", true)
		time.Sleep(day)
		say("", "192.0.2.1", true)
		check("as many days for it as against it", false)
		time.Sleep(day)
		say("", "192.0.2.1", false)
		check("two days of three against it", true)
		say("ann", "", true)
		check("one with a name keeps it", false)
		for i := range 20 {
			claim := rlhf.Feedback{Type: rlhf.Insight, Target: "a", User: fmt.Sprint("ann", i), Address: fmt.Sprintf("192.0.2.%d", i),
				Claimed: true, Helpful: new(false)}
			if i == 0 {
				claim.User = "ann"
			}
			if _, _, err := p.Submit(t.Context(), claim); err != nil {
				t.Fatal(err)
			}
		}
		check("names that nobody vouches for are strangers, and are nobody else", false)
		time.Sleep(31 * day)
		say("", "192.0.2.1", true)
		say("ann", "", false)
		check("one with a name dismisses it, whatever strangers say", true)
	})
}
