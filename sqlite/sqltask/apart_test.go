package sqltask_test

import (
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/sqlite/sqltask"
)

var apart = flag.Int("apart", 4_000, "how many practice tasks TestPracticeAndExamsShareNoPrompt draws")

// rows are the rows of a table as the prompt inserts them.
var rows = regexp.MustCompile(`\([^()]*\)(?:, ?\([^()]*\))+`)

// normalised is a prompt without regard to letter case and blanks, and to the order of
// the rows of its table.
func normalised(prompt string) string {
	s := strings.Join(strings.Fields(strings.ToLower(prompt)), " ")
	return rows.ReplaceAllStringFunc(s, func(all string) string {
		each := strings.Split(strings.ReplaceAll(all, "), (", ")\x00("), "\x00")
		slices.Sort(each)
		return strings.Join(each, ", ")
	})
}

// TestPracticeAndExamsShareNoPrompt draws tasks of all levels alike, four for practice
// to one that is held out, as the test of package practice does with its families.
func TestPracticeAndExamsShareNoPrompt(t *testing.T) {
	if a, b := "VALUES (1, 'A', 2), (2, 'B', 3)", "values  (2, 'b', 3), (1, 'a', 2)"; normalised(a) != normalised(b) {
		t.Fatalf("%s and %s are told apart", a, b)
	}
	s, err := practice.NewSuite(sqltask.Family{})
	if err != nil {
		t.Fatal(err)
	}
	info := s.Families()[0]
	held := map[string]uint64{}
	read := func(n int, split hobby.Split, f func(seed uint64, text string)) {
		r := rand.New(rand.NewPCG(uint64(n), 7))
		for level := 1; level <= info.Levels; level++ {
			for range n/info.Levels + 1 {
				task, err := s.Draw(r, info.Name, level, split)
				if err != nil {
					t.Fatal(err)
				}
				f(task.Seed, normalised(task.Messages[len(task.Messages)-1].Content))
			}
		}
	}
	read(*apart/4, hobby.HeldOut, func(seed uint64, text string) { held[text] = seed })
	read(*apart, hobby.Practice, func(seed uint64, text string) {
		if other, both := held[text]; both {
			t.Errorf("seed %d is for practice and seed %d is held out: %s", seed, other, text)
		}
	})
	t.Logf("%d prompts held out of %d", len(held), *apart+*apart/4)
}
