package practice_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/internal/race"
)

var update = flag.Bool("update", false, "write testdata anew; a changed line means a new version of the family")

func suite(t testing.TB) *practice.Suite {
	t.Helper()
	s, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// each calls f for every family and level.
func each(s *practice.Suite, f func(info hobby.Family, level int)) {
	for _, info := range s.Families() {
		for level := 1; level <= info.Levels; level++ {
			f(info, level)
		}
	}
}

func TestReferencesPassAndNonAnswersFail(t *testing.T) {
	if race.Enabled {
		t.Skip("judging an answer starts nothing")
	}
	s := suite(t)
	const seeds, long = 30, 3
	each(s, func(info hobby.Family, level int) {
		for seed := range uint64(seeds) {
			task, err := s.Task(info.Name, level, seed)
			if err != nil {
				t.Fatal(err)
			}
			for _, right := range []string{task.Reference, " " + task.Reference + "\n", "```\n" + task.Reference + "\n```"} {
				if v := task.Verify(right); v.Score != 1 {
					t.Fatalf("%s level %d seed %d: %q does not pass: %s\n%s", info.Name, level, seed, right, v.Note, task.Messages[0].Content)
				}
			}
			wrongs := []string{
				"", "I don't know", "I don't know.", task.Messages[0].Content, task.Reference + " or something else",
				task.Reference + "1", "0", "[]", "{}", "null", ".*",
			}
			if seed < long { // reading a long text takes milliseconds
				wrongs = append(wrongs, strings.Repeat(task.Reference+" ", 2000))
			}
			for _, wrong := range wrongs {
				if v := task.Verify(wrong); v.Score == 1 && strings.TrimSpace(wrong) != task.Reference && !strings.Contains("0 []", wrong) {
					t.Fatalf("%s level %d seed %d: %.60q passes, the answer is %q", info.Name, level, seed, wrong, task.Reference)
				} else if v.Score < 1 && v.Note == "" {
					t.Fatalf("%s: failing %.60q has no note", info.Name, wrong)
				}
			}
			if task.MaxTokens < len(task.Reference) || task.Params == "" || task.Verifier == "" {
				t.Fatalf("%s level %d: %d tokens for %q, params %q, verifier %q",
					info.Name, level, task.MaxTokens, task.Reference, task.Params, task.Verifier)
			}
		}
	})
}

// guesses are what somebody without the skill may answer to a question: always the same,
// the same after a number at the question's end, a piece of the question at a fixed
// place, or its first numbers with a fixed sign between them. Each has a name.
func guesses(prompt, key string) map[string]string {
	numbers := numerals.FindAllString(prompt, -1)
	words := strings.FieldsFunc(prompt, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`,;:"'|()[]{}?`, r) })
	all := map[string]string{"always " + key: key}
	if len(numbers) > 0 {
		all["after "+numbers[len(numbers)-1]+" "+key] = key
	}
	if strings.HasPrefix(prompt, "Make ") {
		for n := 3; n <= len(numbers); n++ { // the first is to be made
			for _, sign := range []string{" + ", " * ", " - "} {
				all[fmt.Sprint("sign", sign, n-1)] = strings.Join(numbers[1:n], sign)
			}
		}
	}
	for kind, list := range map[string][]string{"number": numbers, "word": words} {
		for at := range min(len(list), 40) {
			all[fmt.Sprint(kind, " ", at)] = list[at]
			all[fmt.Sprint(kind, " ", at, " from the end")] = list[len(list)-1-at]
		}
	}
	return all
}

var numerals = regexp.MustCompile(`-?[0-9]+`)

// TestGuessFloor answers each level with the best of some guesses, none of which needs
// the skill. What a level is said to be passed by is no less, and not much more.
func TestGuessFloor(t *testing.T) {
	if race.Enabled {
		t.Skip("judging a guess starts nothing")
	}
	s := suite(t)
	each(s, func(info hobby.Family, level int) {
		const n = 2000
		passed := map[string]int{} // of each guess
		after := map[string]int{}  // the best answer after each number
		best, sum := 0, 0
		for seed := range uint64(n) {
			task, err := s.Task(info.Name, level, seed)
			if err != nil {
				t.Fatal(err)
			}
			for name, said := range guesses(task.Messages[len(task.Messages)-1].Content, task.Reference) {
				if said == task.Reference || strings.HasPrefix(name, "sign ") && task.Verify(said).Score == 1 {
					passed[name]++
				}
			}
		}
		for name, k := range passed {
			if rest, ok := strings.CutPrefix(name, "after "); ok {
				number, _, _ := strings.Cut(rest, " ")
				after[number] = max(after[number], k)
				continue
			}
			best = max(best, k)
		}
		for _, k := range after {
			if k > 10 { // the best answer to a rare question is known afterwards only
				sum += k
			}
		}
		best = max(best, sum)
		rate, said := float64(best)/n, info.GuessAt(level)
		t.Logf("%s level %d: %.3f, said %.3f", info.Name, level, rate, said)
		if rate > said+0.02 || rate < said-0.05 {
			t.Errorf("%s level %d: a guess passes %.3f of the tasks, the family says %.3f", info.Name, level, rate, said)
		}
	})
}

// TestFamiliesAreLarge counts different tasks; a small family would have few
// held-out ones.
func TestFamiliesAreLarge(t *testing.T) {
	if race.Enabled {
		t.Skip("making tasks starts nothing")
	}
	s := suite(t)
	each(s, func(info hobby.Family, level int) {
		const n = 2000
		params := map[string]bool{}
		held := 0
		for seed := range uint64(n) {
			task, err := s.Task(info.Name, level, seed)
			if err != nil {
				t.Fatal(err)
			}
			if !params[task.Params] && task.Split == hobby.HeldOut {
				held++
			}
			params[task.Params] = true
		}
		share := float64(held) / float64(len(params))
		t.Logf("%-11s level %d: %4d different of %d, %.3f held out", info.Name, level, len(params), n, share)
		if len(params) < 600 {
			t.Errorf("%s level %d: only %d different tasks in %d", info.Name, level, len(params), n)
		}
		if share < 0.14 || share > 0.26 {
			t.Errorf("%s level %d: %.3f of the tasks are held out, want about a fifth", info.Name, level, share)
		}
	})
}

func TestPracticeNeverDrawsAHeldOutTask(t *testing.T) {
	s := suite(t)
	rapid.Check(t, func(t *rapid.T) {
		info := rapid.SampledFrom(s.Families()).Draw(t, "family")
		level := rapid.IntRange(1, info.Levels).Draw(t, "level")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for _, split := range []hobby.Split{hobby.Practice, hobby.HeldOut} {
			task, err := s.Draw(r, info.Name, level, split)
			if err != nil {
				t.Fatal(err)
			}
			again, err := s.Task(info.Name, level, task.Seed)
			if err != nil || again.Params != task.Params || again.Messages[0].Content != task.Messages[0].Content ||
				again.Reference != task.Reference {
				t.Fatalf("the seed %d makes another task the second time: %v", task.Seed, err)
			}
			if got := again.Split; got != split {
				t.Fatalf("asked for a %s task, got a %s one", split, got)
			}
		}
	})
}

// TestAVersionIsForEver compares the tasks of every family with those that its
// version had at first.
func TestAVersionIsForEver(t *testing.T) {
	s, err := practice.NewSuite(append(practice.Families(), practice.Ways()...)...)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	each(s, func(info hobby.Family, level int) {
		h := sha256.New()
		seeds := uint64(200)
		if strings.HasSuffix(info.Name, "_ways") { // each takes a millisecond
			seeds = 25
		}
		for seed := range seeds {
			task, err := s.Task(info.Name, level, seed*0x9e3779b97f4a7c15)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(h, "%q %q %q %s\n", task.Params, task.Messages[0].Content, task.Reference, task.Split)
		}
		files[fmt.Sprintf("testdata/tasks/%s-%d.golden", info.Name, max(1, info.Version))] += fmt.Sprintf("level %d %x\n", level, h.Sum(nil)[:12])
	})
	for path, got := range files {
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: these tasks have changed; restore them, or count the family's version up\ngot:\n%s", path, got)
		}
	}
}

// mended is a family as its next version will be: it makes the same tasks.
type mended struct{ practice.Family }

func (m mended) Info() hobby.Family {
	info := m.Family.Info()
	info.Version = max(1, info.Version) + 1
	return info
}

// TestMendingAFamilyMovesNoOther compares the splits of all tasks before and
// after one family is mended and another is left out.
func TestMendingAFamilyMovesNoOther(t *testing.T) {
	families := practice.Families()[1:]
	families[2] = mended{families[2]}
	before := suite(t)
	after, err := practice.NewSuite(families...)
	if err != nil {
		t.Fatal(err)
	}
	each(after, func(info hobby.Family, level int) {
		moved := 0
		for seed := range uint64(200) {
			old, err1 := before.Task(info.Name, level, seed)
			now, err2 := after.Task(info.Name, level, seed)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if old.Split != now.Split {
				moved++
			}
			item := hobby.Item{Family: old.Family, Version: old.Version, Level: level, Seed: seed, Split: now.Split}
			if _, err := after.Verify(item); (err != nil) != (now.Version != old.Version) {
				t.Errorf("an item of version %d of %s, which is version %d now: %v", old.Version, info.Name, now.Version, err)
			}
		}
		if isMended := info.Name == families[2].Info().Name; isMended != (moved > 0) {
			t.Errorf("%s level %d: the split of %d of 200 tasks has changed", info.Name, level, moved)
		}
	})
}

func FuzzVerify(f *testing.F) {
	s := suite(f)
	f.Add(uint8(0), uint8(1), uint64(1), "42")
	f.Add(uint8(8), uint8(1), uint64(1), "```json\n{\"a\": [1, 2]}\n```")
	f.Add(uint8(15), uint8(2), uint64(7), "[a-z]{2}")
	f.Add(uint8(15), uint8(2), uint64(7), "(((((a{100}){100}){100}){100}")
	f.Add(uint8(5), uint8(1), uint64(3), "Answer: \"`**'\xff\x00")
	f.Fuzz(func(t *testing.T, family, level uint8, seed uint64, answer string) {
		infos := s.Families()
		info := infos[int(family)%len(infos)]
		task, err := s.Task(info.Name, 1+int(level)%info.Levels, seed)
		if err != nil {
			t.Fatal(err)
		}
		if v := task.Verify(answer); v.Score < 0 || v.Score > 1 {
			t.Fatalf("score %v", v.Score)
		}
	})
}

func BenchmarkDraw(b *testing.B) {
	s := suite(b)
	r := rand.New(rand.NewPCG(1, 2))
	infos := s.Families()
	for i := 0; b.Loop(); i++ {
		info := infos[i%len(infos)]
		if _, err := s.Draw(r, info.Name, 1+i%info.Levels, hobby.Practice); err != nil {
			b.Fatal(err)
		}
	}
}
