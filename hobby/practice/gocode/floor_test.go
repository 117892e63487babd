package gocode

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
)

// TestGuessFloor answers each level with the best of some guesses, none of which needs
// skill: the same answer always, or the function at a fixed place. The floors are those
// of this repository.
func TestGuessFloor(t *testing.T) {
	if race.Enabled {
		t.Skip("making questions starts nothing")
	}
	const seeds = 150
	files, read := repository(t)
	for _, family := range families {
		for level := 1; level <= family.Levels; level++ {
			passed, asked := map[string]int{}, 0
			for seed := range uint64(seeds) {
				task, ok := ask(t.Context(), rand.New(rand.NewPCG(seed, 2)), files, read, family, level)
				if !ok {
					continue
				}
				asked++
				passed["always "+task.Reference]++
				shown := declared.FindAllStringSubmatch(task.Messages[0].Content, -1)
				for place, at := range map[string]int{"first": 0, "second": 1, "last": len(shown) - 1} {
					if at >= 0 && at < len(shown) && task.Verify(shown[at][4]).Score == 1 {
						passed[place]++
					}
				}
			}
			best := ""
			for guess, n := range passed {
				if n > passed[best] {
					best = guess
				}
			}
			rate, floor := float64(passed[best])/float64(max(1, asked)), family.GuessAt(level)
			t.Logf("%-12s level %d: %4d asked, %q passes %.3f, the floor is %.2f", family.Name, level, asked, best, rate, floor)
			if asked < seeds/2 || rate > floor+0.1 || rate < floor-0.1 {
				t.Errorf("%s level %d: %q passes %.3f of %d questions, the floor is %.2f", family.Name, level, best, rate, asked, floor)
			}
		}
	}
}

// TestPracticeAndExamsShareNoPrompt asks about files, and about the same with more blank
// lines: a prompt is in one split, without regard to letter case, blanks and the order of
// the functions that it shows.
func TestPracticeAndExamsShareNoPrompt(t *testing.T) {
	if race.Enabled {
		t.Skip("making questions starts nothing")
	}
	files, read := repository(t)
	split, count := map[string]hobby.Split{}, map[hobby.Split]int{}
	for _, k := range files[:8] {
		text := read(k)
		for _, text := range [][]byte{text, bytes.ReplaceAll(text, []byte("\n}"), []byte("\n\n}"))} {
			for _, family := range families {
				for level := range family.Levels {
					for seed := range uint64(*keys) {
						task, ok := pose(k, text, family, level+1)(seed)
						if !ok {
							continue
						}
						lines := map[string]bool{}
						for line := range strings.Lines(strings.ToLower(task.Messages[0].Content)) {
							lines[strings.Join(strings.Fields(line), " ")] = true
						}
						delete(lines, "")
						prompt := family.Name + strings.Join(slices.Sorted(maps.Keys(lines)), "\n")
						if was, asked := split[prompt]; asked && was != task.Split {
							t.Fatalf("%s is in both splits:\n%s", family.Name, task.Messages[0].Content)
						}
						split[prompt] = task.Split
						count[task.Split]++
					}
				}
			}
		}
	}
	t.Logf("%d prompts of %v", len(split), count)
	if count[hobby.Practice] == 0 || count[hobby.HeldOut] == 0 {
		t.Errorf("one split is empty: %v", count)
	}
}
