package lora_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
)

// Old files go, but for those of what an alias points to; also those that a process gave
// up before it died, and of runs that have ended.
func TestCollect(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := schoolIn(t, dir)
		bad, err := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.95, 0.8}}, nil).RunOnce(t.Context(), lora.Request{Seed: 1})
		if err != nil || bad.State.Version == "" || bad.State.Deployed {
			t.Fatalf("%+v, %v", bad.State, err)
		}
		good := s.promoted(2)
		p := s.pipeline(nil, nil)
		is := func(when string, want map[string]bool) {
			t.Helper()
			for id, there := range want {
				if _, err := os.Stat(filepath.Join(dir, "adapters", id)); (err == nil) != there {
					t.Errorf("%s, %s: %v, want it there: %v", when, id, err, there)
				}
			}
		}
		given, err := p.Collect(t.Context())
		if err != nil || len(given) > 0 {
			t.Errorf("at once: %+v, %v", given, err)
		}
		is("at once", map[string]bool{bad.State.Version: true, good: true, "jobs/" + bad.Job.ID: false})
		time.Sleep(31 * 24 * time.Hour)
		if _, err := s.store.Collect(t.Context(), time.Now()); err != nil { // and then the process died
			t.Fatal(err)
		}
		is("given up", map[string]bool{bad.State.Version: true})
		if _, err := p.Collect(t.Context()); err != nil {
			t.Error(err)
		}
		is("after a month", map[string]bool{bad.State.Version: false, good: true})
	})
}

// A champion that learned from what is forgotten is replaced in the next night by one from
// the base, though nothing is new; or by the base at once.
func TestAForgottenChampion(t *testing.T) {
	for name, atOnce := range map[string]bool{"at once": true, "the next night": false} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := schoolIn(t, dir)
				suite, err := practice.NewSuite(loratest.Numbers{Source: "notes.md"})
				if err != nil {
					t.Fatal(err)
				}
				of := func(o *lora.Options) {
					o.Hobbies, o.Poll, o.DropForgotten = []hobby.Hobby{practice.Skills(s.student, suite, nil)}, time.Minute, atOnce
				}
				p := s.pipeline(&loratest.Teacher{Skills: loratest.Abilities{0.9, 1}}, of)
				first, err := p.RunOnce(t.Context(), lora.Request{Seed: 1})
				if err != nil || !first.State.Deployed {
					t.Fatalf("%+v, %v", first.State, err)
				}
				if _, err := s.sql.Forget(t.Context(), "notes.md"); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				if err := p.Run(ctx); err != nil {
					t.Fatal(err)
				}
				if atOnce {
					s.serves(p, "")
					return
				}
				s.serves(p, first.State.Version)
				second, err := p.RunOnce(t.Context(), lora.Request{Seed: 2, IfNew: true})
				if err != nil || !second.State.Deployed || second.State.From != "" {
					t.Errorf("the night after: %s, from %q, %v", second.State.Reason, second.State.From, err)
				}
			})
		})
	}
}
