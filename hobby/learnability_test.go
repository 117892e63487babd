package hobby_test

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// probabilities are those of a policy's candidates, by family, or by kind where it has none.
func probabilities(t *testing.T, p hobby.Policy, s hobby.State) map[string]float64 {
	t.Helper()
	s.Rand = rand.New(rand.NewPCG(1, 1))
	plan, err := p.Choose(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, c := range plan.Candidates {
		all[cmp.Or(c.Family, string(c.Kind))] += c.Probability
	}
	return all
}

// families is a kind with families of one level each, all open.
func families(estimates map[string]hobby.Estimate) []hobby.KindState {
	k := hobby.KindState{Kind: "k", Sessions: 1}
	for _, name := range slices.Sorted(maps.Keys(estimates)) {
		e := estimates[name]
		k.Families = append(k.Families, hobby.FamilyState{
			Family: hobby.Family{Name: name, Levels: 1}, Estimate: e, Levels: []hobby.Estimate{e}, Level: 1, Open: true,
		})
	}
	return []hobby.KindState{k}
}

func TestLearnabilityCountsTheCost(t *testing.T) {
	now := time.Unix(1e9, 0).UTC()
	p := probabilities(t, hobby.NewLearnability(nil), hobby.State{Now: now, Knobs: hobby.Knobs{FocusOnWeaknesses: true},
		Kinds: []hobby.KindState{
			{Kind: "quick", Sessions: 4, Time: 40 * time.Second}, {Kind: "slow", Sessions: 4, Time: 40 * time.Minute},
		}})
	// The other has a floor of an eighth.
	if p["quick"] < 0.87 {
		t.Errorf("of two kinds of which nothing is known the one that takes a sixtieth of the time has the probability %.2f", p["quick"])
	}
}

// TestLearnabilityStartsFromEstimates is a new process: what was answered
// before it is known, and is no session of its own.
func TestLearnabilityStartsFromEstimates(t *testing.T) {
	now := time.Unix(1e9, 0).UTC()
	known := hobby.Estimate{Mean: 0.98, Low: 0.96, High: 0.99, Items: 400, Passes: 392, Last: now}
	even := hobby.Estimate{Mean: 0.5, Low: 0.4, High: 0.6, Items: 100, Passes: 50, Last: now}
	hopeless := hobby.Estimate{Mean: 0.001, Low: 0, High: 0.003, Items: 900, Passes: 0, Last: now}
	p := probabilities(t, hobby.NewLearnability(nil), hobby.State{Now: now, Knobs: hobby.Knobs{FocusOnWeaknesses: true},
		Kinds: families(map[string]hobby.Estimate{"known": known, "even": even, "hopeless": hopeless})})
	if p["even"] < 0.9 {
		t.Errorf("what is neither known nor hopeless has the probability %.2f: %v", p["even"], p)
	}
}

// TestLearnabilityGivesUp shows a family that never gets better beside one that
// does.
func TestLearnabilityGivesUp(t *testing.T) {
	now := time.Unix(1e9, 0).UTC()
	policy := hobby.NewLearnability(nil)
	estimate := func(items, passes int64) hobby.Estimate {
		m := float64(passes+1) / float64(items+2)
		return hobby.Estimate{Mean: m, Low: max(0, m-0.1), High: min(1, m+0.1), Items: items, Passes: passes, Last: now}
	}
	var p map[string]float64
	passes := int64(0)
	for session := range int64(25) {
		known := map[string]hobby.Estimate{"coin": {}, "learns": {}}
		if session > 0 {
			passes += min(9, 2+session/4)
			known["coin"], known["learns"] = estimate(12*session, 6*session), estimate(12*session, passes)
		}
		s := hobby.State{Now: now.Add(time.Duration(session) * time.Hour), Knobs: hobby.Knobs{FocusOnWeaknesses: true}, Kinds: families(known)}
		p = probabilities(t, policy, s)
	}
	if p["coin"] > 0.05 {
		t.Errorf("after 24 sessions a coin has the probability %.2f", p["coin"])
	}
}

// TestLearnabilityReviews has two families that are mastered, of which one was practised
// today and the other ten days ago, which is due for review.
func TestLearnabilityReviews(t *testing.T) {
	now := time.Unix(1e9, 0).UTC()
	known := func(daysAgo int) hobby.Estimate {
		return hobby.Estimate{Mean: 0.98, Low: 0.96, High: 0.99, Items: 400, Passes: 392, Last: now.AddDate(0, 0, -daysAgo)}
	}
	s := hobby.State{Now: now, Knobs: hobby.Knobs{FocusOnWeaknesses: true},
		Kinds: families(map[string]hobby.Estimate{"fresh": known(0), "due": known(10)})}
	s.Kinds[0].Last = now
	for after, want := range map[time.Duration]bool{0: true, 30 * 24 * time.Hour: false} {
		p := probabilities(t, hobby.NewLearnability(&hobby.LearnabilityOptions{ReviewAfter: after}), s)
		if due := p["due"] > 0.65; due != want {
			t.Errorf("with a review after %v: %v, want it due %v", after, p, want)
		}
	}
}
