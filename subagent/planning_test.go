package subagent

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// newPlanner is a planner of a process that practises "here", with members of
// five places each that can do everything.
func newPlanner(localPlaces int, members ...string) planner {
	p := planner{newRoster(localPlaces), 3, func(k hobby.Kind) error {
		if k != "here" {
			return hobby.ErrUnknownKind
		}
		return nil
	}, func() bool { return true }}
	for _, id := range members {
		m := &member{Registration: Registration{Agent: Agent{ID: id, Capabilities: []string{Any}, MaxConcurrent: 5}, Executor: "wire"},
			ranks: map[string]int{}}
		if id == "local" {
			m.Executor = Local
		}
		p.add(m)
	}
	return p
}

// TestWhoIsNext lists where an assignment goes after so many attempts.
func TestWhoIsNext(t *testing.T) {
	all := map[string]bool{"": true, "a": true, "local": true}
	for _, c := range []struct {
		name    string
		members []string
		local   int
		full    bool // all agents, and this process's last resort
		need    need
		want    string
	}{
		{"an agent first", []string{"a"}, 1, false, need{kind: "here"}, "a"},
		{"an agent of this process too", []string{"local"}, 1, false, need{kind: "here"}, "local"},
		{"not for what is not practised here", []string{"local"}, 1, false, need{kind: "there"}, "never"},
		{"the last resort", nil, 1, false, need{kind: "here"}, "last resort"},
		{"the last resort, after as many attempts as may be", []string{"a"}, 1, false, need{kind: "here", made: 3}, "last resort"},
		{"the last resort, until it ended with the process too often", []string{"a"}, 1, false, need{kind: "here", made: 6}, "never"},
		{"the last resort, which has failed", []string{"a"}, 1, false, need{kind: "here", made: 3, avoid: all}, "never"},
		{"no last resort", nil, 0, false, need{kind: "here"}, "never"},
		{"the last resort while all agents are full", []string{"a"}, 1, false, need{kind: "here", avoid: map[string]bool{"a": true}},
			"last resort"},
		{"everybody is full", []string{"a"}, 1, true, need{kind: "here"}, "later"},
		{"agents are full and there is no last resort", []string{"a"}, 0, true, need{kind: "here"}, "later"},
		{"agents are full, this process cannot", []string{"a"}, 1, true, need{kind: "there"}, "later"},
		{"the only agent has failed", []string{"a"}, 0, false, need{kind: "here", avoid: all}, "never"},
		{"an agent of this process is nothing to wait for", []string{"local"}, 0, true, need{kind: "here"}, "never"},
	} {
		p := newPlanner(c.local, c.members...)
		if c.full {
			p.local.active = p.local.MaxConcurrent
			for _, id := range c.members {
				p.members[id].active = 5
				p.update(p.members[id])
			}
		}
		got := "never"
		switch m, wait := p.next(c.need); {
		case m == p.local:
			got = "last resort"
		case m != nil:
			got = m.ID
		case wait:
			got = "later"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestDue lists what a flight needs by its stage and the time.
func TestDue(t *testing.T) {
	const lease = 12 * time.Second
	now := time.Date(2026, 2, 7, 10, 30, 0, 0, time.UTC)
	long := now.Add(time.Hour)
	seen := func(ago time.Duration) *member { return &member{seen: now.Add(-ago)} }
	for _, c := range []struct {
		name     string
		stage    stage
		deadline time.Time
		want     string
	}{
		{"waits", &waiting{}, long, "placeless"},
		{"waits too long", &waiting{}, now.Add(-5 * time.Second), "late"},
		{"a result may be on its way", &holding{seen(0)}, now.Add(-4 * time.Second), ""},
		{"holds a place", &holding{seen(time.Hour)}, long, ""},
		{"works here", &working{m: seen(time.Hour)}, long, ""},
		{"works here too long", &working{m: seen(0)}, now.Add(-5 * time.Second), "late"},
		{"has a lease", &elsewhere{seen(time.Hour), now}, long, ""},
		{"has a lease, and no time", &elsewhere{seen(0), long}, now.Add(-5 * time.Second), "late"},
		{"its agent is silent", &elsewhere{seen(13 * time.Second), now.Add(-1)}, long, "silent"},
		{"its agent is well", &elsewhere{seen(11 * time.Second), now.Add(-1)}, long, "unheard"},
	} {
		f := &flight{a: Assignment{Attempt: 3, Deadline: c.deadline}, stage: c.stage}
		s := &state{phase: serving, flights: map[string]*flight{"f": f}}
		var got string
		for _, d := range s.due(now, lease) {
			if d.f != f || d.attempt != 3 {
				t.Errorf("%s: %+v", c.name, d)
			}
			got += string(d.what)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if s.phase = draining; len(s.due(now, lease)) > 0 {
			t.Errorf("%s: due while Run ends", c.name)
		}
	}
}

// TestPlaces moves flights from stage to stage: an agent always has as many
// places taken as flights and goroutines have.
func TestPlaces(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlanner(2, "a", "b", "local")
		s := &state{phase: serving, planner: p, flights: map[string]*flight{}}
		all := []*member{p.local, p.members["a"], p.members["b"], p.members["local"]}
		var goroutines []*working
		made := 0
		pick := func(rt *rapid.T) *flight {
			ids := slices.Sorted(func(yield func(string) bool) {
				for id := range s.flights {
					if !yield(id) {
						return
					}
				}
			})
			if len(ids) == 0 {
				rt.Skip("no flights")
			}
			return s.flights[rapid.SampledFrom(ids).Draw(rt, "flight")]
		}
		rt.Repeat(map[string]func(*rapid.T){
			"launch": func(*rapid.T) {
				made++
				f := newFlight(Assignment{ID: fmt.Sprint(made), Attempt: 1})
				s.open(f, f.stage)
			},
			"place": func(rt *rapid.T) {
				f := pick(rt)
				n := need{kind: "here", made: rapid.IntRange(0, 5).Draw(rt, "made")}
				if _, waits := f.stage.(*waiting); waits {
					if m, _ := s.next(n); m != nil {
						s.put(f, &holding{m})
					}
				}
			},
			"dispatch": func(rt *rapid.T) {
				f := pick(rt)
				if at, holds := f.stage.(*holding); holds && at.m.here() {
					work := &working{m: at.m, stop: func(error) {}}
					f.stage = work
					goroutines = append(goroutines, work)
				} else if holds {
					f.stage = &elsewhere{m: at.m}
				}
			},
			"return": func(rt *rapid.T) {
				if len(goroutines) == 0 {
					rt.Skip("none works")
				}
				work := goroutines[0]
				goroutines = goroutines[1:]
				for _, f := range s.flights {
					if f.stage == work {
						f.stage = &holding{work.m}
						return
					}
				}
				s.release(work.m)
			},
			"lose": func(rt *rapid.T) { s.vacate(pick(rt), &waiting{}) },
			"end": func(rt *rapid.T) {
				f := pick(rt)
				s.discard(f, nil)
				s.discard(f, hobby.ErrShutdown) // once is enough
				s.vacate(f, &waiting{})
				if _, over := f.stage.(over); !over || f.err != nil {
					rt.Fatalf("ended: %T, %v", f.stage, f.err)
				}
			},
			"": func(rt *rapid.T) {
				want, got := map[string]int{}, map[string]int{}
				waits := 0
				for _, f := range s.flights {
					if _, is := f.stage.(*waiting); is {
						waits++
					}
					if _, works := f.stage.(*working); !works && f.stage.place() != nil {
						want[f.stage.place().ID]++
					}
				}
				for _, work := range goroutines {
					want[work.m.ID]++
				}
				for _, m := range all {
					if m.active != 0 {
						got[m.ID] = m.active
					}
					if m.active > m.MaxConcurrent {
						rt.Fatalf("%q has %d of %d places taken", m.ID, m.active, m.MaxConcurrent)
					}
				}
				if s.waits != waits {
					rt.Fatalf("%d flights wait, %d are counted", waits, s.waits)
				}
				if d := cmp.Diff(want, got); d != "" {
					rt.Fatalf("places taken (-want +got):\n%s", d)
				}
			},
		})
	})
}
