package irt_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/internal/irt"
)

// levels are the answers of one day to a family: tries and passes by level.
func levels(guess float64, counts ...[2]int64) irt.Family {
	f := irt.Family{Levels: len(counts), Guess: guess}
	for l, c := range counts {
		f.Cells = append(f.Cells, irt.Cell{Level: l, Tries: c[0], Passes: c[1]})
	}
	return f
}

// TestOnePassMovesLittle is a family of two levels with a floor of 0.5 that the
// answers at level 2 neither show nor contradict.
func TestOnePassMovesLittle(t *testing.T) {
	var before [2]float64
	for k := int64(3); k <= 12; k++ {
		p := irt.Fit([]irt.Family{levels(0.5, [2]int64{20, 18}, [2]int64{20, k})}, 0, &irt.Options{Frozen: true})
		now := [2]float64{p.Level(0, 0).Mean, p.Level(0, 1).Mean}
		t.Logf("%2d of 20: level 1 %.3f, level 2 %.3f", k, now[0], now[1])
		if k > 3 {
			if now[0] < before[0]-0.002 {
				t.Errorf("with %d of 20 at level 2 level 1 falls from %.3f to %.3f", k, before[0], now[0])
			}
			if d := now[1] - before[1]; d < 0 || d > 0.08 {
				t.Errorf("with %d of 20 level 2 goes from %.3f to %.3f", k, before[1], now[1])
			}
		}
		before = now
	}
}

// TestAPassLowersNoOtherLevel adds one pass to the answers of one day. Without
// floors that raises all levels, to within the accuracy of the approximation.
// With one, a pass can be a sign of the floor and so of less skill elsewhere, in
// exact posteriors too; that is bounded here for the oddest of answers, and is
// below a point in 99 of 100 of them.
func TestAPassLowersNoOtherLevel(t *testing.T) {
	for name, c := range map[string]struct {
		guesses []float64
		most    float64
	}{"no floor": {[]float64{0}, 0.002}, "floors": {[]float64{0.1, 0.25, 0.5}, 0.05}} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				families := make([]irt.Family, rapid.IntRange(1, 3).Draw(t, "families"))
				for f := range families {
					families[f].Levels = rapid.IntRange(1, 5).Draw(t, "levels")
					families[f].Guess = rapid.SampledFrom(c.guesses).Draw(t, "guess")
					for l := range families[f].Levels {
						n := rapid.Int64Range(0, 40).Draw(t, "tries")
						families[f].Cells = append(families[f].Cells, irt.Cell{Level: l, Tries: n, Passes: rapid.Int64Range(0, n).Draw(t, "passes")})
					}
				}
				f := rapid.IntRange(0, len(families)-1).Draw(t, "family")
				l := rapid.IntRange(0, families[f].Levels-1).Draw(t, "level")
				cell := &families[f].Cells[l]
				cell.Tries = max(cell.Tries, cell.Passes+1)
				before := irt.Fit(families, 0, &irt.Options{Frozen: true})
				cell.Passes++
				after := irt.Fit(families, 0, &irt.Options{Frozen: true})
				for g := range families {
					for m := range families[g].Levels {
						if b, a := before.Level(g, m).Mean, after.Level(g, m).Mean; a < b-c.most {
							t.Fatalf("one more pass at level %d of family %d takes level %d of family %d from %.4f to %.4f", l, f, m, g, b, a)
						}
					}
				}
			})
		})
	}
}

// TestAGuesserKeepsTheFloor has models that only guess, on the first three
// levels of five: on the last, which they have not tried, they guess as well.
func TestAGuesserKeepsTheFloor(t *testing.T) {
	lost := 0
	const histories = 200
	for run := range histories {
		r := rand.New(rand.NewPCG(uint64(run), 6))
		f := irt.Family{Levels: 5, Guess: 0.25}
		for l := range 3 {
			c := irt.Cell{Level: l, Tries: 40}
			for range c.Tries {
				if r.IntN(4) == 0 {
					c.Passes++
				}
			}
			f.Cells = append(f.Cells, c)
		}
		if in := irt.Fit([]irt.Family{f}, 0, nil).Level(0, 4); in.Mean < 0.2 {
			lost++
		}
	}
	t.Logf("the floor is lost in %d of %d histories", lost, histories)
	if lost > histories/20 {
		t.Errorf("the floor is lost in %d of %d histories, want at most 5 %%", lost, histories)
	}
}
