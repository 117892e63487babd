package practice

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// shape is one way in which real models answer, with an answer of that shape that
// is right and one that is wrong by little. The sentences are our own; Source names
// the public thread, model card or extractor that the shape is from.
type shape struct {
	prompt                           string // of the question, if it is told
	Source, Kind, Want, Right, Wrong string
}

func shapes(t testing.TB) (all []shape) {
	t.Helper()
	f, err := os.Open("testdata/shapes.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var s shape
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil || s.Source == "" || s.Right == s.Wrong {
			t.Fatalf("line %d: %+v, %v", len(all)+1, s, err)
		}
		all = append(all, s)
	}
	if len(all) < 150 || lines.Err() != nil {
		t.Fatalf("%d shapes, %v; want at least 150", len(all), lines.Err())
	}
	return all
}

// asked are the phrases of questions of each kind, so many that each answer to one of
// them is one to all.
var asked = map[string]*Phrases{
	"number": Say(slices.Concat(
		named["%d * %d"]([]any{6, 7}), named["%d + %d"]([]any{20, 22}), []string{"[the] product of six and seven", "6 [*|×|\\\\cdot] 7",
			"[the] result of 6 * 7"},
		[]string{"[the] (next|missing) (number|term) [in the sequence]", "[the] next", "[the] next (is|number is) …"},
		[]string{"[the] remainder", "142 (mod|\\\\mod) 100",
			"when (142 is divided by 100|the dividend is 142 and the divisor is 100), the remainder",
			"142 (÷|divided by) 100 (=|is) 1 [with [a]] remainder [of] …"},
		[]string{"[the] [Roman] [numeral] XLII", "Ada's basket", "[the] largest value [in the column basket]",
			"[the] sum [of the column basket]", "[the] value [of x]"},
		counts("rows [(with|that have|having) more than 50 [in the column basket]]", ""), counts("letters", "abc"), counts("words", ""),
		counts("vowels [a, e, i, o[,] (or|and|) u]", ""), counts("vowels [in the text: a, e, i]", ""), []string{"counting the vowels"},
		[]string{"the letter [a] (appears|occurs) … times [in [the (word|text|string)] [abc]]", "the code prints", "x",
			"… rows have more than 50 [in the column basket]"},
	)...).About("Ada: 20, Ben: 22"),
	"list": Say(slices.Concat(increasing[false], []string{"the numbers"})...), "set": Say(slices.Concat(setPhrases[1],
		[]string{"the numbers"})...),
	"order": Say(tallest...),
	"json":  Say("[the] [updated] (JSON|call)", "here is the updated JSON", "here's the JSON with the key renamed", "the value [of walnut]"),
	"text": Say(slices.Concat(backwards("back"), []string{"[the] text in upper case", "in upper case", "[the] reversed string",
		"the date [3 days after 2027-03-15]", "3 days after 2027-03-15", "2027-03-15 + 3 days"})...),
	"clock":    Say("[the] time [(will be|is)]", "[the time] 5 minutes after 17:25"),
	"ISO date": Say("[the] date [3 days after 2027-03-15]", "3 days after 2027-03-15", "2027-03-15 [plus|+] 3 days"),
	"roman":    Say("[the] [Roman] numeral", "[the number] 14", "14 is … in Roman numerals"),
	"weekday": Say(append(weekdays(time.Date(1987, 4, 3, 0, 0, 0, 0, time.UTC)),
		weekdays(time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC))...)...),
}

// judge judges an answer as one to a question of the kind.
func (s *shape) judge(answer string) Verdict {
	p := asked[s.Kind]
	if s.prompt != "" && p != nil {
		p = p.About(s.prompt)
	}
	switch s.Kind {
	case "number":
		return Number(answer, s.Want, p)
	case "list":
		return List(answer, strings.Split(s.Want, ", "), p)
	case "set":
		return Set(answer, strings.Split(s.Want, ", "), p)
	case "order":
		return List(answer, strings.Split(s.Want, ", "), p)
	case "json":
		return JSON(answer, s.Want, p)
	case "text":
		return Exact(answer, s.Want, p)
	case "roman":
		return ExactFold(answer, s.Want, p)
	case "weekday":
		return weekday(answer, s.Want, p)
	case "ISO date":
		return Exact(answer, s.Want, p)
	case "expression":
		return isMade(answer, []int{22, 6, 7, 44}, 132)
	case "stack":
		var stack []int
		for _, n := range strings.Fields(s.Want) {
			v, err := strconv.Atoi(n)
			if err != nil {
				return Fail(err.Error())
			}
			stack = append(stack, v)
		}
		return Read(answer, aStack, func(a string) Verdict { return isStack(a, stack) })
	case "program":
		return Read(answer, aProgram, func(a string) Verdict { return turns(a, []int{4, 9}, []int{9, 4, 4}, 2) })
	case "regexp":
		return Read(answer, aPattern, func(a string) Verdict { return matches(a, s.Want) })
	case "call":
		return Read(answer, aCall, func(a string) Verdict { return isCall(a, s.Want) })
	case "clock":
		at, err := time.Parse("15:04", s.Want)
		if err != nil {
			return Fail(err.Error())
		}
		return moment("", s.prompt, at.Hour()*60+at.Minute(), "5 minutes after 17:25").Verify(answer)
	case "days":
		return measured("", s.prompt, 42, "days", daysBetween("2020-01-01", "2020-02-12")...).Verify(answer)
	case "kilometres":
		n, err := strconv.Atoi(s.Want)
		if err != nil {
			return Fail(err.Error())
		}
		return measured("", s.prompt, n, s.Kind, conversion(1000*n, "metres", "kilometres", " (/|÷|divided by) 1[,]000")...).Verify(answer)
	}
	base, err := strconv.Atoi(strings.TrimPrefix(s.Kind, "base "))
	if err != nil {
		return Fail(err.Error())
	}
	return Read(answer, nil, func(a string) Verdict { return digits(a, s.Want, base) })
}

// TestShapes: of all the shapes, the right answers pass but for at most one in a
// hundred, which are listed, and none of the wrong ones does.
func TestShapes(t *testing.T) {
	all := shapes(t)
	refused := 0
	for i, s := range all {
		if v := s.judge(s.Right); v.Score < 1 {
			refused++
			t.Logf("%d: %s %s is refused: %q: %s", i+1, s.Kind, s.Want, s.Right, v.Note)
		}
		if v := s.judge(s.Wrong); v.Score > 0 || v.Note == "" {
			t.Errorf("%d: %s %s: the wrong %q passes: %+v", i+1, s.Kind, s.Want, s.Wrong, v)
		}
	}
	t.Logf("%d shapes, %d right answers refused", len(all), refused)
	if 100*refused > len(all) {
		t.Errorf("%d of %d right answers are refused", refused, len(all))
	}
}

// TestHedges: an answer that says two things, lists candidates, hedges, or says
// the right thing on the way only is wrong.
func TestHedges(t *testing.T) {
	for _, wrong := range []string{
		"42 or 43", "41 or 42", "42, 43", "42 43", "not 42", "about 42", "around 42", "approximately 42", "roughly 42", "≈ 42", "~42",
		"42?", "maybe 42", "42 maybe",
		"42.5", "-42", "- 42", "4 2", "42nd", "42-43", "41-42", "between 41 and 43", "more than 42", "at least 42", "at most 42",
		"less than 42", "nearly 42",
		"The answer is not 42.", "The answer is 42 or 43.", "The answer is about 42.", "The answer is probably 42 or 41.",
		"It is not true that the answer is 42.",
		"I don't think the answer is 42.", "The answer could be 42.", "The answer may be 42.", "The answer might be 42.",
		"Perhaps the answer is 42.", "If x is 6, the answer is 42?",
		"The answer is 42. No, it is 43.", "The answer is 42. Wait, the answer is 43.", "The answer is 41. The answer is 42.",
		"Answer: 41\nAnswer: 42", "Answer: 42\nAnswer: 41",
		"\\boxed{41} \\boxed{42}", "\\boxed{42} or \\boxed{43}", "The answer is not \\boxed{42}.", "\\boxed{42} is wrong.",
		"\\boxed{42}\n\nThe answer is 43.", "\\boxed{43}\n\nThe answer is 42.",
		"\\boxed{42", "<answer>41</answer><answer>42</answer>", "<answer>42</answer>\n<answer>43</answer>", "**42** or **43**",
		"It is not **42**.", "It is about **42**.",
		"**42** was my first guess, but it is 43.", "41\n42", "42\n43", "It could be 42.\n\nIt could be 43.",
		"It could be one of these:\n\n42", "Options: 41, 42, 43", "A) 41 B) 42 C) 43",
		"I would guess 42, but it is 43.", "42 is wrong.", "42 is not the answer.", "Maybe 42 is the answer.",
		"42 is the answer to another question.", "It is 42 less than 84.",
		"There are 42 or 43 words.", "There are not 42 words.", "There are about 42 words.", "There are 41 words, not 42.",
		"There might be 42 words.", "There are more than 42 words.",
		"The first step gives 42.\n\nThe second step gives 43.", "We get 42 first, then 43.", "6 * 7 = 42, plus 1 = 43",
		"<think>42</think>", "<think>The answer is 42.", "<think>\n42", "<think>a</think>42<think>b",
		"42</think>", "<think>42</think>43", "```\n42\n```\n```\n43\n```", "42\n\nExplanation: Wait, it is 43.",
		"42 because I was wrong, 43", "42\n\nCorrection: 43", "$41$ $42$", "42 km", "42%", "$42",
		"Step 42", "Question 42", "42: 43", "The answer is 42, I think", "The answer is 42 and 43.", "Either 42 or so.",
		"The answer is between 41 and 43: 42-ish", "0x2a", "4.2e1", "XLII",
	} {
		if v := Number(wrong, "42", asked["number"]); v.Score > 0 || v.Note == "" {
			t.Errorf("%q passes for 42: %+v", wrong, v)
		}
	}
	for _, wrong := range []string{"Friday or Saturday", "It was not a Friday.", "a Friday or a Saturday", "Friday, Saturday",
		"Thursday\nFriday", "It may be a Friday.", "It might have been Friday.", "not Friday", "Fri", "Fridays"} {
		if v := weekday(wrong, "Friday", asked["weekday"]); v.Score > 0 || v.Note == "" {
			t.Errorf("%q passes for Friday: %+v", wrong, v)
		}
	}
}

// TestCutAnswersFail: what an answer that was cut would have become is unknown, and
// what was thought before an answer is not kept.
func TestCutAnswersFail(t *testing.T) {
	task := numeric("", "6*7?", 42)
	for _, c := range []struct {
		said   string
		finish hobby.Finish
		answer string
		score  float64
	}{
		{"42", hobby.FinishStop, "42", 1}, {"42", hobby.FinishLength, "42", 0}, {"<think>six sevens</think>\n42", hobby.FinishStop, "42", 1},
		{"<think>six sevens are 42", hobby.FinishLength, "", 0}, {"<think>42", hobby.FinishStop, "", 0},
	} {
		resp := hobby.Response{Message: hobby.Message{Content: c.said, Reasoning: "hm"}, Finish: c.finish}
		o, q := new(AskOptions), question{task: &task}
		asked := o.converse(q, "")
		asked.take(t.Context(), &resp)
		i, err := o.item(q, &hobby.Serving{Info: hobby.ModelInfo{Name: "m", Key: "k"}}, &asked.answer, 0)
		if err != nil {
			t.Errorf("%q (%s): %v", c.said, c.finish, err)
			continue
		}
		want := hobby.Item{Answer: c.answer, Score: c.score, Finish: c.finish, Model: "m"}
		if d := cmp.Diff(want, hobby.Item{Answer: i.Answer, Score: i.Score, Finish: i.Finish, Model: i.Model}); d != "" {
			t.Errorf("%q (%s) (-want +got):\n%s", c.said, c.finish, d)
		}
	}
}

// TestWithheldAnswersMeasureNothing: an answer that a server's filter ended is no
// item, whether what is left of it is right or wrong.
func TestWithheldAnswersMeasureNothing(t *testing.T) {
	task := numeric("", "6*7?", 42)
	for _, said := range []string{"42", "41", ""} {
		resp := hobby.Response{Message: hobby.Message{Content: said}, Finish: hobby.FinishFilter}
		if i, err := new(AskOptions).item(question{task: &task}, &hobby.Serving{}, &resp, 0); !errors.Is(err, errWithheld) {
			t.Errorf("%q: %+v, %v", said, i, err)
		}
	}
}
