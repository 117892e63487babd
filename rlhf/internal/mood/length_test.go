package mood

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// lengthy are ratings by 12 people of 80 texts in three kinds, of which one has longer texts and
// is liked. Each text has a worth of its own, and who is generous reads longer ones more often.
func lengthy(seed uint64, perDoubling float64) (all []Said) {
	rng := rand.New(rand.NewPCG(seed, 6))
	for i := range 80 {
		kind := i % 3
		words := 10 * (1 + 3*kind) * (1 + rng.IntN(8))
		worth := 2.5 + 0.5*float64(kind) + perDoubling*(math.Log2(float64(words))-6) + 0.4*rng.NormFloat64()
		for r := range 12 {
			if rng.Float64() < 0.3 {
				x := worth + 0.1*float64(r-6) + 0.8*rng.NormFloat64()
				all = append(all, Said{fmt.Sprint("r", r), fmt.Sprint("k", kind), fmt.Sprint("i", i), words, int(min(max(math.Round(x), 1), 5))})
			}
		}
	}
	return all
}

// TestLengthIsFound has people who like what is longer, and people who do not mind: the interval
// says which. The order does not matter.
func TestLengthIsFound(t *testing.T) {
	found, wrong := 0, 0
	const worlds = 300
	for seed := range uint64(worlds) {
		if _, low, _, ok := Length(lengthy(seed, 0.4)); ok && low > 0 {
			found++
		}
		all := lengthy(seed, 0)
		slope, low, high, ok := Length(all)
		if !ok || low > 0 || high < 0 {
			wrong++
		}
		slices.Reverse(all)
		if again, _, _, _ := Length(all); math.Abs(again-slope) > 1e-9 {
			t.Fatalf("in another order %v, not %v", again, slope)
		}
	}
	t.Logf("found in %d of %d worlds, and where there is none in %d", found, worlds, wrong)
	if found < worlds*9/10 || wrong > worlds*2/100 {
		t.Errorf("found in %d of %d worlds, and where there is none in %d", found, worlds, wrong)
	}
	for name, all := range map[string][]Said{"nothing": nil, "one text": make([]Said, 100)} {
		if _, _, _, ok := Length(all); ok {
			t.Errorf("%s: a bias is told", name)
		}
	}
}
