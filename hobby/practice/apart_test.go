package practice_test

import (
	"flag"
	"hash/maphash"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
)

var apart = flag.Int("apart", 40_000, "how many practice tasks TestPracticeAndExamsShareNoPrompt draws")

var (
	// commuting are two operands that may change places, unless an operator that
	// binds closer stands beside them.
	commuting = regexp.MustCompile(`(\d+) ([+*×]|and|or) (\d+)`)
	// braced is a set, whose entries may stand in any order.
	braced = regexp.MustCompile(`\{[^{}]*\}`)
)

// normalised is a prompt without regard to letter case, blanks, and the order of
// operands that commute. It knows prompts only, and nothing of how tasks are made.
func normalised(prompt string) string {
	s := strings.Join(strings.Fields(strings.ToLower(prompt)), " ")
	s = commuting.ReplaceAllStringFunc(s, func(e string) string {
		m := commuting.FindStringSubmatch(e)
		return min(m[1], m[3]) + " " + m[2] + " " + max(m[1], m[3])
	})
	return braced.ReplaceAllStringFunc(s, func(set string) string {
		entries := strings.Split(strings.Trim(set, "{}"), ", ")
		slices.Sort(entries)
		return "{" + strings.Join(entries, ", ") + "}"
	})
}

func TestNormalised(t *testing.T) {
	for _, c := range [][2]string{
		{"What is 7 + 5?", "what  is 5 + 7?"}, {"(30 + 4) * 3 - 100", "(4 + 30) * 3 - 100"},
		{"A = {3, 1}, B = {2}", "a = {1, 3}, b = {2}"}, {"12 * 34 divided by 7", "34 * 12 divided by 7"},
	} {
		if normalised(c[0]) != normalised(c[1]) {
			t.Errorf("%q and %q are told apart", c[0], c[1])
		}
	}
	for _, c := range [][2]string{{"7 - 5", "5 - 7"}, {"1, 2, 3", "3, 2, 1"}, {"{1}", "{2}"}} {
		if normalised(c[0]) == normalised(c[1]) {
			t.Errorf("%q and %q are taken for one", c[0], c[1])
		}
	}
}

// TestPracticeAndExamsShareNoPrompt draws tasks of all levels alike, four for practice
// to one that is held out. -apart 1000000 takes some minutes.
func TestPracticeAndExamsShareNoPrompt(t *testing.T) {
	if race.Enabled {
		t.Skip("making tasks starts nothing")
	}
	s := suite(t)
	levels := 0
	each(s, func(hobby.Family, int) { levels++ })
	seed := maphash.MakeSeed()
	type prompt struct {
		family string
		level  int
		seed   uint64
	}
	held := map[uint64]prompt{}
	read := func(n int, split hobby.Split, f func(p prompt, text string)) {
		r := rand.New(rand.NewPCG(uint64(n), 7))
		each(s, func(info hobby.Family, level int) {
			for range n/levels + 1 {
				task, err := s.Draw(r, info.Name, level, split)
				if err != nil {
					t.Fatal(err)
				}
				f(prompt{info.Name, level, task.Seed}, normalised(task.Messages[len(task.Messages)-1].Content))
			}
		})
	}
	read(*apart/4, hobby.HeldOut, func(p prompt, text string) { held[maphash.String(seed, text)] = p })
	read(*apart, hobby.Practice, func(p prompt, text string) {
		other, both := held[maphash.String(seed, text)]
		if !both {
			return
		}
		again, err := s.Task(other.family, other.level, other.seed)
		if err == nil && normalised(again.Messages[len(again.Messages)-1].Content) == text {
			t.Errorf("%+v is for practice and %+v is held out: %s", p, other, text)
		}
	})
	t.Logf("%d prompts held out of %d", len(held), *apart+*apart/4)
}
