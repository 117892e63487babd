package practice_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// TestForms says which forms of a right answer pass, and which answers that
// look right do not.
func TestForms(t *testing.T) {
	list := func(a string) practice.Verdict { return practice.List(a, []string{"3", "12", "7"}, nil) }
	set := func(a string) practice.Verdict { return practice.Set(a, []string{"3", "12", "7"}, nil) }
	for _, c := range []struct {
		name         string
		verify       func(string) practice.Verdict
		right, wrong []string
	}{
		{"number", func(a string) practice.Verdict { return practice.Number(a, "1234", nil) },
			[]string{"1234", "1,234", " 1234.\n", "1234.0", "+1234", "**1234**", "`1234`", "Answer: 1234", "The answer is: 1234", "= 1234",
				"```\n1234\n```", "```1234```", "```text \n1234```", "01234", "> 1234", "Answer:\n> 1234"},
			[]string{"", "1233", "-1234", "12345", "123", "1.234", "1 234", "12,34", "1234 or 1235", "1234 1234", "about 1234", "1234km",
				"1e3", "0x4d2", "NaN", "Inf", "1234/1", "one", strings.Repeat("1", 5000)}},
		{"a negative number", func(a string) practice.Verdict { return practice.Number(a, "-3.75", nil) },
			[]string{"-3.75", "−3.75", "-3.750", "Answer: -3.75."}, []string{"3.75", "-3,75", "- 3.75", "-3.7", "-3.75.1", "--3.75"}},
		{"exact", func(a string) practice.Verdict { return practice.Exact(a, "Blue Whale", nil) },
			[]string{"Blue Whale", "\"Blue Whale\"", "'Blue Whale'.", "Blue  Whale", "**Blue Whale**", "answer: Blue Whale",
				"```text\nBlue Whale\n```"},
			[]string{"blue whale", "BlueWhale", "Blue Whales", "a Blue Whale", "Blue Whale, I think", "Blue", ""}},
		{"exact but for letter case", func(a string) practice.Verdict { return practice.ExactFold(a, "XIV", nil) },
			[]string{"XIV", "xiv", "Xiv."}, []string{"XVI", "XIIII", "X IV", "14"}},
		{"list", list,
			[]string{"3, 12, 7", "3,12,7", "[3, 12, 7]", "`3, 12, 7`", "\"3\", \"12\", \"7\"", "3, 12, 7."},
			[]string{"12, 3, 7", "3, 12", "3, 12, 7, 7", "3 12 7", "3, 12, 8", "3; 12; 7", "", ",,", "3, 12, 7 and more"}},
		{"set", set,
			[]string{"3, 12, 7", "7,3,12", "{12, 7, 3}", "Answer: 7, 12, 3"},
			[]string{"3, 12", "3, 12, 7, 7", "3, 3, 7", "3, 12, 7, 8", "", "{}"}},
		{"JSON", func(a string) practice.Verdict { return practice.JSON(a, `{"a":[1,"x"],"b":null}`, nil) },
			[]string{`{"a":[1,"x"],"b":null}`, " { \"b\" : null,\n\"a\": [1.0, \"x\"] }\n", "```json\n{\"a\":[1,\"x\"],\"b\":null}\n```"},
			[]string{`{"a":["x",1],"b":null}`, `{"a":[1,"x"]}`, `{"a":[1,"x"],"b":null,"c":1}`, `{"a":[1,"x"],"b":null} {}`,
				`{'a':[1,'x'],'b':null}`, `{"a":[1,"X"],"b":null}`, "", "null", "so: {}", strings.Repeat("[", 4000)}},
	} {
		for _, a := range c.right {
			if v := c.verify(a); v.Score != 1 {
				t.Errorf("%s: %q does not pass: %s", c.name, a, v.Note)
			}
		}
		for _, a := range c.wrong {
			if v := c.verify(a); v.Score != 0 || v.Note == "" {
				t.Errorf("%s: %.60q: %+v, want it to fail with a note", c.name, a, v)
			}
		}
	}
}

// TestSentences: a right answer at the end of what a model says passes, and
// nothing that says two things or says it only on the way.
func TestSentences(t *testing.T) {
	text := func(a string) practice.Verdict {
		return practice.Exact(a, "Blue Whale", practice.Say("in upper case[: is]"))
	}
	for _, c := range []struct {
		name         string
		verify       func(string) practice.Verdict
		right, wrong []string
	}{
		{"number", func(a string) practice.Verdict {
			return practice.Number(a, "142", practice.Say("the sum", "73 + 69", "the code prints"))
		},
			[]string{"The answer is 142.", "73 + 69 = 142", "73 + 69 =\n142.", "First, we add: 73 + 69 = 142.\n\nThe answer is 142.",
				"The answer is **142**.", "The answer is \"142\".", "The sum equals 142", "Here is the answer:\n\n142",
				"The code prints:\n```\n142\n```\nas asked."},
			[]string{"The answer is 142 or 143.", "The answer is not 142.", "The answer is 141.", "The answer is 142. No, it is 143.",
				"142 is less than 143", "142\n143", "10:142", "It is 14 2.", "The answer is", "The answer is 142, I think",
				"```\n142\n```\n```\n143\n```", "142: 142: 142", "The answer is 142." + strings.Repeat(" ", 5000)}},
		{"text", text,
			[]string{"The result is \"Blue Whale\".", "Result: Blue Whale", "Blue Whale is the result.", "In upper case: is: Blue Whale"},
			[]string{"The result is \"blue whale\".", "Blue Whale is not the result.", "The result is a Blue Whale."}},
		{"list", func(a string) practice.Verdict {
			return practice.List(a, []string{"20", "56", "85"}, practice.Say("the numbers", "[sorted:] the order"))
		},
			[]string{
				"The numbers are 20, 56, and 85.", "20, 56 and 85", "Sorted: the order is: 20, 56, 85.", "1. 20\n2. 56\n3. 85", "1) 20\n2) 56\n3) 85",
			},
			[]string{"The numbers are 56, 20 and 85.", "20 and 56, 85, and 85", "The numbers are 20, 56.", "120\n256\n385", "1 20\n2 56\n3 85"}},
		{"list from 1", func(a string) practice.Verdict { return practice.List(a, []string{"1", "2", "30"}, nil) },
			[]string{"1\n2\n30"}, []string{"1\n2\n3"}},
		{"JSON", func(a string) practice.Verdict { return practice.JSON(a, "76", practice.Say("the value [of walnut]")) },
			[]string{"The value of \"walnut\" is 76.", "Here it is:\n\n```json\n76\n```\nThat is all."},
			[]string{"The value of \"walnut\" is 67.", "The value is 76 in JSON."}},
	} {
		for _, a := range c.right {
			if v := c.verify(a); v.Score != 1 {
				t.Errorf("%s: %q does not pass: %s", c.name, a, v.Note)
			}
		}
		for _, a := range c.wrong {
			if v := c.verify(a); v.Score != 0 || v.Note == "" {
				t.Errorf("%s: %.60q: %+v, want it to fail with a note", c.name, a, v)
			}
		}
	}
}

// TestUnits: a number may be followed by its unit, and no other.
func TestUnits(t *testing.T) {
	s := suite(t)
	for seed := range uint64(20) {
		task, err := s.Task("units", 1, seed)
		if err != nil {
			t.Fatal(err)
		}
		unit, _, _ := strings.Cut(strings.TrimPrefix(task.Messages[0].Content, "How many "), " are")
		spelt := strings.Replace(unit, "metres", "meters", 1)
		for answer, want := range map[string]float64{
			task.Reference + " " + unit: 1, "That is " + task.Reference + " " + spelt + ".": 1, task.Reference + " " + unit +
				"s": 0, task.Reference + " pounds": 0, "0 " + unit: 0,
		} {
			if v := task.Verify(answer); v.Score != want {
				t.Errorf("%q scores %v: %s", answer, v.Score, v.Note)
			}
		}
	}
}

// wrongly changes a right answer so that it is wrong: one letter or digit, or
// one entry left out, doubled or, where order matters, exchanged.
func wrongly(t *rapid.T, task practice.Task) string {
	ref := task.Reference
	if task.Verifier == "regexp" { // most changes of a letter mean something else, not all
		first := regexp.MustCompile(`\{(\d+),`)
		return rapid.SampledFrom([]string{
			first.ReplaceAllString(ref, "{${1}9,9${1}9"), strings.Replace(ref, "{", "{1,1}{", 1) + "x", ref + "?.*", "(" + ref, ref +
				"|.*", "^" + ref + "$$x",
		}).Draw(t, "pattern")
	}
	entries, list := strings.Split(ref, ", "), task.Verifier == "list" || task.Verifier == "set"
	if len(entries) > 1 && list && rapid.Bool().Draw(t, "entries") {
		i := rapid.IntRange(0, len(entries)-2).Draw(t, "entry")
		switch how := rapid.IntRange(0, 2).Draw(t, "how"); {
		case how == 0:
			return strings.Join(slices.Delete(slices.Clone(entries), i, i+1), ", ")
		case how == 1 || task.Verifier == "set" || entries[i] == entries[i+1]:
			return strings.Join(append(slices.Clone(entries), entries[i]), ", ")
		default:
			entries[i], entries[i+1] = entries[i+1], entries[i]
			return strings.Join(entries, ", ")
		}
	}
	b := []byte(ref)
	var at []int
	for i, c := range b {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			at = append(at, i)
		}
	}
	if len(at) == 0 { // "[]"
		return ref + "1"
	}
	i := rapid.SampledFrom(at).Draw(t, "at")
	turn := byte(rapid.IntRange(1, 9).Draw(t, "by"))
	switch c := b[i]; {
	case c <= '9':
		b[i] = '0' + (c-'0'+turn)%10
	case c <= 'Z':
		b[i] = 'A' + (c-'A'+turn)%26
	default:
		b[i] = 'a' + (c-'a'+turn)%26
	}
	return string(b)
}

// TestWrongAnswersFail changes the right answer of a task a little, in any of
// the forms that pass.
func TestWrongAnswersFail(t *testing.T) {
	s := suite(t)
	rapid.Check(t, func(t *rapid.T) {
		info := rapid.SampledFrom(s.Families()).Draw(t, "family")
		task, err := s.Task(info.Name, rapid.IntRange(1, info.Levels).Draw(t, "level"), rapid.Uint64().Draw(t, "seed"))
		if err != nil {
			t.Fatal(err)
		}
		form := rapid.SampledFrom([]string{
			"%s", " %s\n", "```\n%s\n```", "So it is:\n%s", "This one:\n```\n%s\n```\nThis is what was asked for.",
			"<think>\nLet me see.\n</think>\n\n%s", "**Answer:** %s", "Answer: `%s`", "The answer is %s", "\\boxed{%s}", "<answer>%s</answer>",
			"Sure! The answer is:\n\n%s\n\nI hope this helps!",
		}).Draw(t, "form")
		if v := task.Verify(fmt.Sprintf(form, task.Reference)); v.Score != 1 {
			t.Fatalf("%s: the key %q does not pass in the form %q: %s", info.Name, task.Reference, form, v.Note)
		}
		if wrong := wrongly(t, task); wrong != task.Reference {
			if v := task.Verify(fmt.Sprintf(form, wrong)); v.Score != 0 || v.Note == "" {
				t.Fatalf("%s level %d: %q: %+v, the key is %q\n%s", info.Name, task.Level, wrong, v, task.Reference, task.Messages[0].Content)
			}
		}
	})
}

var numbers = regexp.MustCompile(`[0-9]+`)

// digitsOf is how many digits a prompt shows.
func digitsOf(task practice.Task) float64 {
	return float64(len(strings.Join(numbers.FindAllString(task.Params, -1), "")))
}

// entriesOf is what putting the entries of the key in order takes, letter by
// letter.
func entriesOf(task practice.Task) float64 {
	n := float64(strings.Count(task.Reference, ", ") + 1)
	return math.Log2(n) * float64(len(task.Reference))
}

// TestLevelsGetHarder measures the work that a task is, for the families whose
// levels are more of the same. The levels of the others differ in kind.
func TestLevelsGetHarder(t *testing.T) {
	s := suite(t)
	product := func(task practice.Task) float64 { // of digits that meet: what written arithmetic takes
		work := 0.0
		ns := numbers.FindAllString(task.Params, -1)
		for i, n := range ns {
			if i > 0 && strings.Contains(task.Params, "*") {
				work += 2 * float64(len(n)*len(ns[i-1]))
			}
			work += float64(len(n))
		}
		return work
	}
	inKind := map[string]bool{"sequences": true, "bases": true, "roman": true, "text": true, "units": true, "dates": true, "clock": true,
		"json": true, "sets": true,
		"calls": true, "forth": true}
	work := map[string]func(practice.Task) float64{
		"arithmetic": product, "modular": product,
		"sorting": entriesOf,
		"counting": func(task practice.Task) float64 {
			_, said, _ := strings.Cut(task.Params, " ")
			return float64(len(said))
		},
		"tables":   digitsOf,
		"ordering": entriesOf,
		"countdown": func(task practice.Task) float64 { // numbers to choose from, for each that is used
			return float64(len(numbers.FindAllString(task.Params, -1)) * len(numbers.FindAllString(task.Reference, -1)))
		},
		"patterns": func(task practice.Task) float64 { return float64(len(task.Reference)) },
	}
	for _, info := range s.Families() {
		measure := work[info.Name]
		if measure == nil {
			if !inKind[info.Name] {
				t.Errorf("nothing says how the levels of %s get harder", info.Name)
			}
			continue
		}
		last := map[bool]float64{} // of words, and of the rest, whose work does not compare
		for level := 1; level <= info.Levels; level++ {
			words := info.Name == "counting" && level == 2 || info.Name == "sorting" && (level == 3 || level == 5)
			mean := 0.0
			for seed := range uint64(300) {
				task, err := s.Task(info.Name, level, seed)
				if err != nil {
					t.Fatal(err)
				}
				mean += measure(task) / 300
			}
			t.Logf("%-10s level %d: %.1f", info.Name, level, mean)
			if mean <= last[words] {
				t.Errorf("%s: level %d takes %.1f, one before it %.1f", info.Name, level, mean, last[words])
			}
			last[words] = mean
		}
	}
}

func FuzzAnswers(f *testing.F) {
	for _, s := range []string{"42", "-3.75", "1, 2, 3", "{\"a\": 1}", "```json\n[]\n```", "Answer: **x**", "'", "``````", "\xff",
		"Answer:", "٣"} {
		f.Add(s, "42")
	}
	f.Fuzz(func(t *testing.T, answer, want string) {
		for name, v := range map[string]practice.Verdict{
			"exact": practice.Exact(answer, want, nil), "fold": practice.ExactFold(answer, want, nil), "number": practice.Number(answer, want, nil),
			"list": practice.List(answer, strings.Split(want, ", "), nil), "set": practice.Set(answer, strings.Split(want, ", "),
				nil), "json": practice.JSON(answer, want, nil),
		} {
			if v.Score != 0 && v.Score != 1 || v.Score == 1 != (v.Note == "") {
				t.Fatalf("%s: %+v", name, v)
			}
		}
		if bare := practice.Bare(answer); len(bare) > len(answer) {
			t.Fatalf("%q is longer than %q", bare, answer)
		}
	})
}

// ExampleSuite_Draw draws a task to practise and one to be tested with, which
// is never practised.
func ExampleSuite_Draw() {
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, split := range []hobby.Split{hobby.Practice, hobby.HeldOut} {
		task, err := suite.Draw(r, "dates", 2, split)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(task.Split, "-", task.Messages[0].Content)
	}
	// Output:
	// practice - What is the date 3 days after 2027-03-18? Answer in the form YYYY-MM-DD.
	// held_out - What is the date 4 days after 2034-04-05? Answer in the form YYYY-MM-DD.
}
