package rlhf

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestInclusion has the probabilities sum to how many are drawn, and grow with the weights.
func TestInclusion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(1e-6, 1e6), 1, 40).Draw(t, "weights")
		n := rapid.IntRange(1, 50).Draw(t, "n")
		got, sum := inclusion(weights, n), 0.0
		for i, c := range got {
			sum += c
			if !(c > 0 && c <= 1) {
				t.Fatalf("the probability of %v is %v", weights[i], c)
			}
			for j := range got {
				if weights[i] > weights[j] && c < got[j]-1e-9 {
					t.Fatalf("%v has the probability %v, and %v has %v", weights[i], c, weights[j], got[j])
				}
			}
		}
		if want := float64(min(n, len(weights))); math.Abs(sum-want) > 1e-6 {
			t.Fatalf("they sum to %v, want %v: %v", sum, want, got)
		}
		if d := systematic(got, rand.Float64(), rand.Perm(len(got))); math.Abs(float64(len(d))-sum) > 1+1e-6 {
			t.Fatalf("%d were drawn of %v", len(d), sum)
		}
	})
}

// TestSystematic compares how often each is drawn with its probability, of 20,000 times.
func TestSystematic(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	weights := []float64{1, 2, 3, 4, 10, 0.5, 7, 100}
	chances := inclusion(weights, 3)
	const times = 20_000
	drawn := make([]float64, len(weights))
	for range times {
		all := systematic(chances, r.Float64(), r.Perm(len(chances)))
		if len(all) != 3 {
			t.Fatalf("%d were drawn", len(all))
		}
		for _, i := range all {
			drawn[i]++
		}
	}
	for i, c := range chances {
		if sd := math.Sqrt(c * (1 - c) / times); math.Abs(drawn[i]/times-c) > 4.5*sd+1e-9 {
			t.Errorf("the weight %v was drawn in %v of the times, want %v", weights[i], drawn[i]/times, c)
		}
	}
}
