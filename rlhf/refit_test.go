package rlhf_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/rlhf"
)

// TestRefitIsQuick refits after as many ratings as -many says: of 5,000 texts and, a fifth of
// them, of sessions whose policy can be checked, by 500 people. All of a refit counts: reading, the fit, what it
// is compared with, the check of the policy, and storing.
//
//	go test ./rlhf -run RefitIsQuick -many 100000 -v -timeout 30m
func TestRefitIsQuick(t *testing.T) {
	if *many < 100_000 {
		t.Skip("a test of times, with -many 100000")
	}
	s := newStudio(t)
	rng := rand.New(rand.NewPCG(5, 71))
	bias := make([]float64, 500)
	for i := range bias {
		bias[i] = 0.5 * rng.NormFloat64()
	}
	texts := texts(rng, 5000)
	for i := range *many {
		who := rng.IntN(len(bias))
		about, worth := texts[rng.IntN(len(texts))], 0.0
		if i%5 == 0 {
			plan, f := s.practise(t)
			about, worth = s.targets[f.Target], float64(f.Rating)
			about.Items = plan.Budget.Items
			s.plans[f.Target] = plan
		} else {
			worth = 2.5 + about.Confidence
		}
		f := rlhf.Feedback{Type: about.Type, Target: about.ID, User: fmt.Sprint("p", who), Rater: fmt.Sprint("user:p", who),
			Rating: min(max(int(worth+bias[who]+0.8*rng.NormFloat64()+0.5), 1), 5)}
		if rng.IntN(4) == 0 {
			f.Helpful = new(f.Rating > 3)
		}
		if _, err := s.store.Put(t.Context(), f, about, 1e9); err != nil {
			t.Fatal(err)
		}
	}
	for _, what := range []string{"the first", "the next"} {
		start, cpu := time.Now(), proc.CPUTime()
		if err := s.Refit(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		took := proc.CPUTime() - cpu
		m, err := s.Model(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s refit of %d ratings by %d people, %d of them held out, %d decisions: %v, %v of processor time; %+v", what, m.Examples,
			m.Raters, m.Metrics.Held, m.Check.Decisions, time.Since(start).Round(time.Millisecond), took.Round(time.Millisecond), m.Metrics)
		if took > 10*time.Second {
			t.Errorf("%s refit takes %v of processor time, want at most 10 s", what, took)
		}
	}
}

// texts are insights of 12 kinds.
func texts(rng *rand.Rand, n int) (all []rlhf.Target) {
	for i := range n {
		var b strings.Builder
		for range 10 + rng.IntN(40) {
			fmt.Fprintf(&b, "word%d ", int(rng.ExpFloat64()*100))
		}
		all = append(all, rlhf.Target{Type: rlhf.Insight, ID: fmt.Sprint("i", i), Kind: hobby.Kind(fmt.Sprintf("kind%02d", i%12)),
			Family: fmt.Sprint("family", i%60), Level: 1 + i%4, Text: b.String(), Confidence: rng.Float64(), Evidence: rng.IntN(20),
			Created: time.Unix(1e9, 0)})
	}
	return all
}
