package pastime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/rlhf"
)

// coin is a policy that draws one of two kinds.
type coin struct{}

// Choose implements hobby.Policy.
func (coin) Choose(_ context.Context, s hobby.State) (hobby.Plan, error) {
	p := hobby.Plan{Policy: "coin/1", Propensity: 0.5, Kind: "walks"}
	if s.Rand.IntN(2) == 0 {
		p.Kind = "songs"
	}
	for _, k := range []hobby.Kind{"walks", "songs"} {
		p.Candidates = append(p.Candidates, hobby.Candidate{Kind: k, Probability: 0.5})
	}
	return p, nil
}

// ratedLife is an agent that practises all day, with a store on disk, and 20 people who rate
// over HTTP what it did.
type ratedLife struct {
	*pastime.Kit
	t    *testing.T
	seen map[string]bool
	stop func()
}

func openRated(t *testing.T, path string, policy rlhf.PolicyOptions) *ratedLife {
	t.Helper()
	nothing := hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error { return nil })
	kit, err := pastime.Open(t.Context(), path, nil, &pastime.Options{
		Kinds: []hobby.Kind{}, Hobbies: []hobby.Hobby{{Kind: "walks", Executor: nothing}, {Kind: "songs", Executor: nothing}},
		Feedback: rlhf.Options{Policy: policy, PerDay: 10_000},
		Hobby:    hobby.Options{Policy: coin{}, PollEvery: time.Hour, IdleThreshold: 1, Interval: 20 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- kit.Run(ctx) }()
	synctest.Wait()
	l := &ratedLife{Kit: kit, t: t, seen: map[string]bool{}, stop: func() {
		cancel()
		if err := errors.Join(<-done, kit.Close()); err != nil {
			t.Error(err)
		}
	}}
	l.practise(0)
	return l
}

// ask makes a request and decodes its answer.
func (l *ratedLife) ask(method, path, body string, into any) {
	l.t.Helper()
	q := httptest.NewRequestWithContext(l.t.Context(), method, path, strings.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	l.Handler().ServeHTTP(w, q)
	if w.Code >= 300 {
		l.t.Fatalf("%s %s %s: %d %s", method, path, body, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		l.t.Fatal(err)
	}
}

// practise goes on for some time. It returns the sessions that it had not returned.
func (l *ratedLife) practise(d time.Duration) (fresh []hobby.Activity) {
	l.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	page, err := l.Store.List(l.t.Context(), hobby.Filter{Limit: 1000})
	if err != nil {
		l.t.Fatal(err)
	}
	for _, a := range page.Activities {
		if !l.seen[a.ID] {
			l.seen[a.ID] = true
			fresh = append(fresh, a)
		}
	}
	return fresh
}

// rate has people rate sessions in any order. It returns what the API tells of the policy once
// the slot of the fit has had its turn. Nobody rates what is practised meanwhile.
func (l *ratedLife) rate(sessions []hobby.Activity, stars func(*hobby.Plan) int) httpapi.QualityPolicy {
	l.t.Helper()
	of := func(id string) uint64 {
		h := fnv.New64a()
		h.Write([]byte(id))
		return h.Sum64()
	}
	slices.SortFunc(sessions, func(a, b hobby.Activity) int { return int(of(a.ID)>>2) - int(of(b.ID)>>2) })
	for i := range sessions {
		a := &sessions[i]
		l.ask("POST", "/hobby/feedback", fmt.Sprintf(`{"target_type":"activity","target_id":%q,"user_id":"p%d","rating":%d}`,
			a.ID, i%20, stars(&a.Plan)), new(httpapi.FeedbackAnswer))
		time.Sleep(20 * time.Millisecond) // an address may ask a hundred times a second
	}
	l.practise(12 * time.Minute) // it is every ten
	return l.policy()
}

func (l *ratedLife) policy() httpapi.QualityPolicy {
	l.t.Helper()
	var q httpapi.QualityTrends
	l.ask("GET", "/hobby/quality/trends", "", &q)
	return q.Policy
}

// byTaste and byCoin are what the names of policies begin with.
const byTaste, byCoin = "coin/1+liked/", "coin/1"

// areChosen has all sessions that nobody asked for be chosen so, and at least ten be.
func (l *ratedLife) areChosen(sessions []hobby.Activity, so string) {
	l.t.Helper()
	chosen := map[string]int{}
	for _, a := range sessions {
		if name := a.Plan.Policy; strings.HasPrefix(name, byTaste) {
			chosen[byTaste]++
		} else if name != hobby.Requested {
			chosen[name]++
		}
	}
	if chosen[so] < 10 || len(chosen) != 1 {
		l.t.Errorf("sessions are chosen by %v, want all by %q", chosen, so)
	}
}

func likeWalks(p *hobby.Plan) int { return map[hobby.Kind]int{"walks": 5, "songs": 1}[p.Kind] }

// TestAPolicyIsRolledBack has people like walks, until what is practised follows them. From then on
// they like walks and no songs when they asked for them, and the other way round when they did not: so
// what was learned is wrong of what is chosen. A check finds that, and what is practised is the coin's
// choice again, after a restart too.
func TestAPolicyIsRolledBack(t *testing.T) {
	if race.Enabled {
		t.Skip("hundreds of sessions and fits")
	}
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "agent.db")
		l := openRated(t, path, rlhf.PolicyOptions{Effective: 30})
		const most = 40 // rounds until something is sure; few are needed
		var p httpapi.QualityPolicy
		for n := 0; n < most && !p.Follows; n++ {
			fresh := l.practise(20 * time.Minute)
			l.areChosen(fresh, byCoin)
			p = l.rate(fresh, likeWalks)
		}
		if !p.Follows || p.Decision != "follow" || !(*p.Low > 0) {
			t.Fatalf("people like walks alone, and the policy does not follow: %+v", p)
		}
		for n := 0; n < most && p.Follows; n++ {
			for i := range 60 {
				if _, err := l.Hobby.RunOnce(t.Context(), []hobby.Kind{"walks", "songs"}[i%2]); err != nil {
					t.Fatal(err)
				}
			}
			fresh := l.practise(10 * time.Minute)
			l.areChosen(fresh, byTaste)
			p = l.rate(fresh, func(p *hobby.Plan) int {
				if p.Policy == hobby.Requested {
					return likeWalks(p)
				}
				return map[hobby.Kind]int{"walks": 2, "songs": 5}[p.Kind]
			})
		}
		if p.Follows || p.Decision != "back" || !(*p.High < 0) {
			t.Fatalf("people like worse what it chooses, and the policy follows: %+v", p)
		}
		l.areChosen(l.practise(5*time.Minute), byCoin)
		l.stop()
		l = openRated(t, path, rlhf.PolicyOptions{Effective: 30})
		if again := l.policy(); again.Follows || again.Decision != "back" {
			t.Errorf("after a restart: %+v", again)
		}
		l.areChosen(l.practise(5*time.Minute), byCoin)
		l.stop()
	})
}
