package mood

import (
	"math"
	"math/rand/v2"
	"testing"
)

// placed are answers of three kinds, of which one is liked and asked for first.
func placed(seed uint64, perDoubling float64) (as []Answer) {
	rng := rand.New(rand.NewPCG(seed, 5))
	for range 200 {
		kind := rng.IntN(3)
		a := Answer{Kind: string(rune('a' + kind)), Position: 1 + rng.IntN(5) + 5*kind}
		x := 4 - 0.5*float64(kind) + perDoubling*math.Log2(float64(a.Position)) + 0.8*rng.NormFloat64()
		a.Stars = int(min(max(math.Round(x), 1), 5))
		as = append(as, a)
	}
	return as
}

// TestPlaceIsFound has people who give less to what is further down, and people who do not
// mind: the interval says which.
func TestPlaceIsFound(t *testing.T) {
	found, wrong := 0, 0
	const worlds = 300
	for seed := range uint64(worlds) {
		if _, _, high, ok := Place(placed(seed, -0.5)); ok && high < 0 {
			found++
		}
		if slope, low, high, ok := Place(placed(seed, 0)); !ok || low > 0 || high < 0 {
			wrong++
		} else if !(low < slope && slope < high) {
			t.Fatalf("a slope of %v between %v and %v", slope, low, high)
		}
	}
	t.Logf("found in %d of %d worlds, and where there is none in %d", found, worlds, wrong)
	if found < worlds*9/10 || wrong > worlds*8/100 {
		t.Errorf("found in %d of %d worlds, and where there is none in %d", found, worlds, wrong)
	}
	for name, as := range map[string][]Answer{"none": nil, "few": placed(1, 0)[:leastAnswers-1], "one place": make([]Answer, 100)} {
		if _, _, _, ok := Place(as); ok {
			t.Errorf("%s: a bias is told", name)
		}
	}
}
