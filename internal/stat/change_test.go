package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestChangesAreNotClaimedOfNoise counts series without a change in which one is found.
func TestChangesAreNotClaimedOfNoise(t *testing.T) {
	runs := times(300, 5000)
	found := 0
	for seed := range uint64(runs) {
		rng := rand.New(rand.NewPCG(seed*31, 103))
		values := make([]float64, 60)
		for i := range values {
			values[i] = math.Round(3 + rng.NormFloat64())
			if rng.IntN(10) == 0 {
				values[i] = math.NaN()
			}
		}
		if len(Changes(values, 0.05, seed)) > 0 {
			found++
		}
	}
	t.Logf("changes in %d of %d series without one", found, runs)
	if most := 0.05*float64(runs) + 3*math.Sqrt(0.0475*float64(runs)); float64(found) > most {
		t.Errorf("changes in %d of %d series without one, want at most 5 %%", found, runs)
	}
}

// TestChangesAreFound moves the mean once: the change is found, and its interval holds it
// as often as it says.
func TestChangesAreFound(t *testing.T) {
	runs := times(200, 2000)
	found, held := 0, 0
	for seed := range uint64(runs) {
		rng := rand.New(rand.NewPCG(seed, 10))
		values, at := make([]float64, 60), 15+rng.IntN(30)
		for i := range values {
			values[i] = 3 + 0.5*rng.NormFloat64()
			if i >= at {
				values[i]++
			}
		}
		for _, c := range Changes(values, 0.05, seed) {
			if c.Low <= at && at <= c.High {
				held++
				if !(c.After > c.Before) {
					t.Errorf("a rise at %d is a fall: %+v", at, c)
				}
			}
			found++
		}
	}
	t.Logf("%d changes in %d series with one, %d at the right place", found, runs, held)
	if held < runs*90/100 || found > runs*115/100 {
		t.Errorf("%d changes in %d series with one, %d at the right place", found, runs, held)
	}
}

func TestChangesOfFewOrEqualValues(t *testing.T) {
	for _, values := range [][]float64{nil, {1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {math.NaN(), 2}} {
		if c := Changes(values, 0.05, 1); len(c) > 0 {
			t.Errorf("changes in %v: %+v", values, c)
		}
	}
}
