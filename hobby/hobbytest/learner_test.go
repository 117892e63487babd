package hobbytest_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

func TestALearnerIsAsGoodAsItIsSaid(t *testing.T) {
	m := hobbytest.Learner(func(string) string { return "right" }, func(adapter, _ string) float64 {
		return map[string]float64{"": 0.2, "night-1": 0.7, "shuffled": 0}[adapter]
	}, "night-1", "shuffled")
	for adapter, want := range map[string]float64{"": 0.2, "night-1": 0.7, "shuffled": 0} {
		for _, temperature := range []float64{0, 1} {
			const n = 4000
			passes, again := 0, 0
			for i := range n {
				seed := uint64(i)
				r := hobby.Request{
					Messages: []hobby.Message{{Role: hobby.RoleUser, Content: fmt.Sprint("task ", i)}},
					Sampling: hobby.Sampling{Temperature: temperature}, Seed: &seed, Adapter: adapter,
				}
				a, err := m.Generate(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				other := seed + 1
				r.Seed = &other
				if b, err := m.Generate(t.Context(), r); err == nil && b.Message.Content == a.Message.Content {
					again++
				}
				if a.Message.Content == "right" {
					passes++
				}
			}
			if got := float64(passes) / n; math.Abs(got-want) > 0.03 {
				t.Errorf("with %q at the temperature %v, %.3f of the answers are right; want %.1f", adapter, temperature, got, want)
			}
			if temperature == 0 && again != n {
				t.Errorf("greedily, another seed gives another answer to %d of %d", n-again, n)
			}
			if temperature > 0 && again == n {
				t.Error("another seed gives no other answer")
			}
		}
	}
}
