package lora

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var nights = flag.Int("simulated-nights", 150, "how many nights the simulations of trials have")

// night plays one contest with pairs of which a share differ, and a share of those are
// won. It returns how many pairs differed.
func night(r *rand.Rand, differ, win float64, past []float64) (Verdict, int, float64) {
	c := &contest{TrialOptions: TrialOptions{}.withDefaults(), past: past}
	for {
		a, b := 1.0, 1.0
		if r.Float64() < differ {
			if a = 0; r.Float64() < win {
				a, b = 1, 0
			}
		}
		c.add(a, b)
		if v, _ := c.verdict(); v != "" { // looked at after each pair
			return v, c.sign.Wins + c.sign.Losses, c.sign.LogE()
		}
	}
}

// Without a difference at most one night in twenty promotes, though each is looked at
// after every pair, and with what earlier nights showed in mind hardly any does.
func TestNightsWithoutADifference(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, differ := range []float64{0.1, 0.4, 1} {
		promoted, alone := 0, 0
		var past []float64
		for range *nights {
			v, _, _ := night(r, differ, 0.5, nil)
			if v == Promote {
				alone++
			}
			v, _, e := night(r, differ, 0.5, past)
			if v == Promote {
				promoted++
			}
			if past = append([]float64{e}, past...); len(past) > 30 {
				past = past[:30]
			}
		}
		t.Logf("%.0f %% of the pairs differ: of %d nights %d promote, with e-BH over the nights %d", 100*differ, *nights, alone, promoted)
		if most := *nights / 20; alone > most || promoted > alone/2+2 {
			t.Errorf("%d of %d nights promote, %d with e-BH; want at most %d", alone, *nights, promoted, most)
		}
	}
}

// At 65 wins to 35 losses a night decides within 110 pairs that differ, on average.
func TestANightWithADifference(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	verdicts := map[Verdict]int{}
	pairs := 0
	for range *nights {
		v, n, _ := night(r, 1, 0.65, nil)
		verdicts[v]++
		pairs += n
	}
	mean := float64(pairs) / float64(*nights)
	t.Logf("65:35: %v, after %.1f pairs that differ", verdicts, mean)
	if mean > 110 || verdicts[Promote] < *nights*9/10 {
		t.Errorf("%v after %.1f pairs; want 9 of 10 to promote, within 110", verdicts, mean)
	}
}

// A worse candidate is given up early, and so is one that is not better.
func TestANightThatIsNotWorthIt(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for win, most := range map[float64]float64{0.3: 40, 0.5: 400} {
		verdicts := map[Verdict]int{}
		pairs := 0
		for range *nights {
			v, n, _ := night(r, 1, win, nil)
			verdicts[v]++
			pairs += n
		}
		mean := float64(pairs) / float64(*nights)
		t.Logf("a chance of %.1f to win: %v after %.0f pairs that differ", win, verdicts, mean)
		if over := verdicts[Rollback] + verdicts[Futile]; over < *nights*9/10 || mean > most {
			t.Errorf("a chance of %.1f to win: %v after %.0f pairs; want 9 of 10 to be given up within %.0f", win, verdicts, mean, most)
		}
	}
}
