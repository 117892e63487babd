package rlhf

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// TestVerdicts has the numbers of a check at each of their bounds.
func TestVerdicts(t *testing.T) {
	good := OffPolicy{Decisions: 500, Effective: 100, Lift: 0.3, Low: 0.1, High: 0.5, SNIPSLow: 0.1, Verdict: Wait}
	for name, c := range map[string]struct {
		change func(*OffPolicy)
		want   Verdict
	}{
		"better":                               {func(*OffPolicy) {}, Follow},
		"an effective sample of 99":            {func(r *OffPolicy) { r.Effective = 99 }, Wait},
		"few decisions":                        {func(r *OffPolicy) { r.Decisions = leastDecisions - 1 }, Wait},
		"the interval spans zero":              {func(r *OffPolicy) { r.Low = -0.01 }, Wait},
		"by SNIPS alone it spans zero":         {func(r *OffPolicy) { r.SNIPSLow = -0.01 }, Wait},
		"nothing is known":                     {func(r *OffPolicy) { r.Low, r.High = math.NaN(), math.NaN() }, Wait},
		"worse":                                {func(r *OffPolicy) { r.Low, r.High = -0.5, -0.1 }, Back},
		"worse, with an effective sample of 3": {func(r *OffPolicy) { r.Low, r.High, r.Effective = -0.5, -0.1, 3 }, Back},
		"worse by SNIPS alone":                 {func(r *OffPolicy) { r.SNIPSLow, r.SNIPSHigh = -0.5, -0.1 }, Wait},
	} {
		r := good
		c.change(&r)
		if r.decide(&PolicyOptions{Effective: 100}); r.Verdict != c.want || r.Reason == "" {
			t.Errorf("%s: %q because %q, want %q", name, r.Verdict, r.Reason, c.want)
		}
	}
}

// TestOptimism has steered choices of which 4.5 stars were expected and that got three and
// four, and one that was not steered and got one.
func TestOptimism(t *testing.T) {
	plan := func(policy string, score float64) *hobby.Plan {
		return &hobby.Plan{Kind: "a", Policy: policy, Candidates: []hobby.Candidate{{Kind: "b", Score: 1}, {Kind: "a", Score: score}}}
	}
	var ds []decision
	for i := range 40 {
		ds = append(ds, decision{plan: plan(steeredName, 4.5), stars: 3 + float64(i%2)})
	}
	ds = append(ds, decision{plan: plan("even", 4.5), stars: 1})
	var r OffPolicy
	r.optimism(ds, 0.05)
	if d := cmp.Diff(1.0, r.Optimism); d != "" {
		t.Errorf("the meter (-want +got):\n%s", d)
	}
	if !(0.5 < r.OptimismLow && r.OptimismLow < 1 && 1 < r.OptimismHigh && r.OptimismHigh < 1.5) {
		t.Errorf("its interval: %.3f to %.3f", r.OptimismLow, r.OptimismHigh)
	}
	var none OffPolicy
	if none.optimism(ds[40:], 0.05); !math.IsNaN(none.Optimism) {
		t.Errorf("of nothing that was steered: %v", none.Optimism)
	}
}
