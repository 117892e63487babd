package mood

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// placed are answers of three kinds, of which one is liked and asked for first, by raters who are strict or not, and
// go far down the list or not.
func placed(seed uint64, raters, n int, perDoubling float64) (as []Answer) {
	rng := rand.New(rand.NewPCG(seed, 5))
	strict, deep := make([]float64, raters), make([]int, raters)
	for r := range raters {
		strict[r], deep[r] = 0.5*rng.NormFloat64(), 2+rng.IntN(9)
	}
	for range n {
		kind, r := rng.IntN(3), rng.IntN(raters)
		a := Answer{Rater: fmt.Sprint(r), Kind: string(rune('a' + kind)), Position: 1 + rng.IntN(deep[r]) + 2*kind}
		x := 4 - 0.5*float64(kind) - strict[r] + perDoubling*math.Log2(float64(a.Position)) + 0.8*rng.NormFloat64()
		a.Stars = int(min(max(math.Round(x), 1), 5))
		as = append(as, a)
	}
	return as
}

// TestPlaceIsFound has people who give less to what is further down, and people who do not
// mind, however many look how often: the interval says which.
func TestPlaceIsFound(t *testing.T) {
	found, wrong := 0, 0
	const worlds = 300
	for seed := range uint64(worlds) {
		if _, _, high, ok := Place(placed(seed, 12, 300, -0.5)); ok && high < 0 {
			found++
		}
		as := placed(seed, []int{3, 12, 40}[seed%3], 300, 0)
		told := false
		for n := 20; n <= len(as); n += 20 {
			slope, low, high, ok := Place(as[:n])
			if told = told || ok && (low > 0 || high < 0); ok && !(low < slope && slope < high) {
				t.Fatalf("a slope of %v between %v and %v", slope, low, high)
			}
		}
		if told {
			wrong++
		}
	}
	t.Logf("found in %d of %d worlds, and where there is none, at one of 15 looks, in %d", found, worlds, wrong)
	if found < worlds*9/10 || wrong > worlds*6/100 {
		t.Errorf("found in %d of %d worlds, and where there is none, at one of 15 looks, in %d", found, worlds, wrong)
	}
	for name, as := range map[string][]Answer{"none": nil, "few": placed(1, 1, leastAnswers-1, 0), "one place": make([]Answer, 100)} {
		if _, _, _, ok := Place(as); ok {
			t.Errorf("%s: a bias is told", name)
		}
	}
}
