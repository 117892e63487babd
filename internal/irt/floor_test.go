package irt_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
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
// answers at level 2 neither show nor contradict. One more pass there lowers
// neither level.
func TestOnePassMovesLittle(t *testing.T) {
	var before [2]float64
	for k := int64(3); k <= 12; k++ {
		p := irt.Fit([]irt.Family{levels(0.5, [2]int64{20, 18}, [2]int64{20, k})}, 0, &irt.Options{Frozen: true})
		now := [2]float64{p.Level(0, 0).Mean, p.Level(0, 1).Mean}
		t.Logf("%2d of 20: level 1 %.3f, level 2 %.3f", k, now[0], now[1])
		if k > 3 {
			if now[0] < before[0] {
				t.Errorf("with %d of 20 at level 2 level 1 falls from %.3f to %.3f", k, before[0], now[0])
			}
			if d := now[1] - before[1]; d < 0 || d > 0.08 || k == 8 && d > 0.05 {
				t.Errorf("with %d of 20 level 2 goes from %.3f to %.3f", k, before[1], now[1])
			}
		}
		before = now
	}
}

// TestAPassLowersNoOtherLevel adds one pass to the answers of one day. Without
// floors that raises all levels. With one, a pass can be a sign of the floor and so
// of less skill elsewhere: exact posteriors fall then too, and an estimate may fall
// no further.
func TestAPassLowersNoOtherLevel(t *testing.T) {
	// off is how much the approximation may be off: it was by 0.0205 at most in some
	// 20,000 draws.
	const off = 0.03
	for name, guesses := range map[string][]float64{"no floor": {0}, "floors": {0.1, 0.25, 0.5}} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				families := make([]irt.Family, rapid.IntRange(1, 3).Draw(t, "families"))
				for f := range families {
					families[f].Levels = rapid.IntRange(1, 5).Draw(t, "levels")
					families[f].Guess = rapid.SampledFrom(guesses).Draw(t, "guess")
					for l := range families[f].Levels {
						n := rapid.Int64Range(0, 40).Draw(t, "tries")
						families[f].Cells = append(families[f].Cells, irt.Cell{Level: l, Tries: n, Passes: rapid.Int64Range(0, n).Draw(t, "passes")})
					}
				}
				f := rapid.IntRange(0, len(families)-1).Draw(t, "family")
				l := rapid.IntRange(0, families[f].Levels-1).Draw(t, "level")
				cell := &families[f].Cells[l]
				cell.Tries = max(cell.Tries, cell.Passes+1)
				passes := cell.Passes
				fit := func(more int64) *irt.Posterior {
					cell.Passes = passes + more
					return irt.Fit(families, 0, &irt.Options{Frozen: true})
				}
				before, after := fit(0), fit(1)
				for g := range families {
					for m := range families[g].Levels {
						fall := before.Level(g, m).Mean - after.Level(g, m).Mean
						if guesses[0] == 0 && fall > 0.002 {
							t.Fatalf("one more pass at level %d of family %d lowers level %d of family %d by %.4f", l, f, m, g, fall)
						}
						if fall <= off {
							continue
						}
						cell.Passes = passes
						exact := exactMean(families, g, m)
						cell.Passes++
						if exact -= exactMean(families, g, m); fall > max(0, exact)+off {
							t.Fatalf("one more pass at level %d of family %d lowers level %d of family %d by %.4f, exactly by %.4f", l, f, m, g, fall, exact)
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
	lost, histories := 0, 200
	if *full {
		histories = 10_000
	}
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

// TestEachLevelHasItsFloor has a family of which only the first level can be guessed, and
// a learner who guesses there and never passes above.
func TestEachLevelHasItsFloor(t *testing.T) {
	one := levels(0, [2]int64{40, 10}, [2]int64{40, 0}, [2]int64{0, 0})
	one.LevelGuess = []float64{0.25}
	all := one
	all.LevelGuess, all.Guess = nil, 0.25
	own, family := irt.Fit([]irt.Family{one}, 0, nil), irt.Fit([]irt.Family{all}, 0, nil)
	if l := own.Level(0, 1); l.Mean > 0.05 || l.High > 0.12 {
		t.Errorf("above the floor, 0 of 40: %+v", l)
	}
	if l := own.Level(0, 0); l.Low < 0.15 || l.High > 0.45 {
		t.Errorf("at the floor, 10 of 40: %+v", l)
	}
	if a, b := own.Level(0, 2), family.Level(0, 2); a.Mean >= b.Mean {
		t.Errorf("the next level, which cannot be guessed: %+v, and where it can: %+v", a, b)
	}
	same := one
	same.Guess, same.LevelGuess = 0.25, []float64{0.25, 0.25, 0.25}
	if d := cmp.Diff(family.Level(0, 1), irt.Fit([]irt.Family{same}, 0, nil).Level(0, 1)); d != "" {
		t.Errorf("one floor for all levels, and the same for each (-want +got):\n%s", d)
	}
	for _, bad := range []float64{-1, 1, 2, math.NaN(), math.Inf(1)} {
		none, no := one, one
		none.LevelGuess, no.LevelGuess = []float64{bad}, []float64{0}
		if d := cmp.Diff(irt.Fit([]irt.Family{no}, 0, nil).Level(0, 0), irt.Fit([]irt.Family{none}, 0, nil).Level(0, 0)); d != "" {
			t.Errorf("a floor of %v is one: %s", bad, d)
		}
	}
}
