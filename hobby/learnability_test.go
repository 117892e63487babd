package hobby_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// probabilities are those of a policy's candidates, by kind.
func probabilities(t *testing.T, p hobby.Policy, s hobby.State) map[hobby.Kind]float64 {
	t.Helper()
	s.Rand = rand.New(rand.NewPCG(1, 1))
	plan, err := p.Choose(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	all := map[hobby.Kind]float64{}
	for _, c := range plan.Candidates {
		all[c.Kind] += c.Probability
	}
	return all
}

func TestLearnabilityCountsTheCost(t *testing.T) {
	now := time.Unix(1e9, 0).UTC()
	p := probabilities(t, hobby.NewLearnability(nil), hobby.State{Now: now, Knobs: hobby.Knobs{FocusOnWeaknesses: true}, Kinds: []hobby.KindState{
		{Kind: "quick", Sessions: 4, Time: 40 * time.Second}, {Kind: "slow", Sessions: 4, Time: 40 * time.Minute},
	}})
	if p["quick"] < 0.9 {
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
	p := probabilities(t, hobby.NewLearnability(nil), hobby.State{Now: now, Knobs: hobby.Knobs{FocusOnWeaknesses: true}, Kinds: []hobby.KindState{
		{Kind: "known", Estimate: known}, {Kind: "even", Estimate: even}, {Kind: "hopeless", Estimate: hopeless},
	}})
	if p["even"] < 0.9 {
		t.Errorf("what is neither known nor hopeless has the probability %.2f: %v", p["even"], p)
	}
}

// TestLearnabilityGivesUp shows a kind that never gets better beside one that
// does.
func TestLearnabilityGivesUp(t *testing.T) {
	now := time.Unix(1e9, 0).UTC()
	policy := hobby.NewLearnability(nil)
	estimate := func(items, passes int64) hobby.Estimate {
		m := float64(passes+1) / float64(items+2)
		return hobby.Estimate{Mean: m, Low: max(0, m-0.1), High: min(1, m+0.1), Items: items, Passes: passes, Last: now}
	}
	var p map[hobby.Kind]float64
	passes := int64(0)
	for session := range int64(25) {
		s := hobby.State{Now: now.Add(time.Duration(session) * time.Hour), Knobs: hobby.Knobs{FocusOnWeaknesses: true}, Kinds: []hobby.KindState{{Kind: "coin"}, {Kind: "learns"}}}
		if session > 0 {
			passes += min(9, 2+session/4)
			s.Kinds[0].Estimate, s.Kinds[1].Estimate = estimate(12*session, 6*session), estimate(12*session, passes)
		}
		p = probabilities(t, policy, s)
	}
	if p["coin"] > 0.05 {
		t.Errorf("after 24 sessions a coin has the probability %.2f", p["coin"])
	}
}
