package mood

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// shown shows things of 12 kinds that people like differently, to people who answer with a
// chance by what they think. It returns the mean of what all of them think.
func shown(seed uint64, each int, answers [Stars]float64) (groups []Group, truth float64) {
	rng := rand.New(rand.NewPCG(seed, 51))
	n := 0.0
	for range 12 {
		g := Group{Shown: each}
		worth := 3 + rng.NormFloat64()
		for range each {
			y := int(min(max(math.Round(worth+rng.NormFloat64()), 1), 5))
			truth += float64(y)
			n++
			if rng.Float64() < answers[y-1] {
				g.Given[y-1]++
			}
		}
		groups = append(groups, g)
	}
	return groups, truth / n
}

// TestBiasByMoodIsHalved lets the angry speak, and those who are delighted: the corrected
// mean has at most half of the bias. Where all answer alike it has hardly any.
func TestBiasByMoodIsHalved(t *testing.T) {
	for name, answers := range map[string][Stars]float64{
		"the angry speak":          {0.8, 0.5, 0.25, 0.15, 0.1},
		"only the very angry":      {0.8, 0.2, 0.15, 0.15, 0.15},
		"the delighted speak":      {0.1, 0.15, 0.25, 0.5, 0.8},
		"all answer alike":         {0.3, 0.3, 0.3, 0.3, 0.3},
		"hardly anybody is silent": {0.95, 0.9, 0.85, 0.8, 0.75},
	} {
		var plain, corrected, off float64
		const runs = 200
		for seed := range uint64(runs) {
			groups, truth := shown(seed, 100, answers)
			c, _ := Correct(groups)
			plain += (c.Mean - truth) / runs
			corrected += (c.Corrected - truth) / runs
			off += (c.Corrected - truth) * (c.Corrected - truth) / runs
		}
		t.Logf("%-24s bias %+.3f, corrected %+.3f with a deviation of %.3f", name, plain, corrected, math.Sqrt(off))
		if !(math.Abs(corrected) <= max(math.Abs(plain)/2, 0.02)) {
			t.Errorf("%s: a bias of %.3f stars is %.3f when it is corrected, want at most half", name, plain, corrected)
		}
	}
}

// TestCorrectionIsAMean holds, of any groups: weights are at least 1 and sum to what was
// shown, and the mean is one of stars.
func TestCorrectionIsAMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var groups []Group
		total, answers := 0.0, 0
		var given [Stars]int
		for range rapid.IntRange(0, 6).Draw(t, "groups") {
			g := Group{Shown: rapid.IntRange(0, 1000).Draw(t, "shown")}
			n := 0
			for k := range g.Given {
				g.Given[k] = rapid.IntRange(0, 300).Draw(t, "given")
				given[k] += g.Given[k]
				n += g.Given[k]
			}
			answers += n
			total += float64(max(g.Shown, n))
			groups = append(groups, g)
		}
		c, ok := Correct(groups)
		if ok != (answers > 0) {
			t.Fatalf("%d answers: %v", answers, ok)
		}
		if !ok {
			return
		}
		sum := 0.0
		for k, w := range c.Weights {
			if !(w >= 1) {
				t.Fatalf("a weight of %v", w)
			}
			sum += w * float64(given[k])
		}
		if math.Abs(sum-total) > 1e-6*total || !(c.Corrected >= 1-1e-9 && c.Corrected <= Stars+1e-9) {
			t.Fatalf("the weights sum to %v of %v, and the mean is %v", sum, total, c.Corrected)
		}
	})
}
