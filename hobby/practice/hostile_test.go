package practice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/internal/race"
)

// TestHostileAnswers has answers with which somebody who wants a wrong answer to pass
// would try, some 600 for each kind: the key, told of something else, told of nothing,
// denied, doubted, or beside another answer.
func TestHostileAnswers(t *testing.T) {
	if race.Enabled {
		t.Skip("judging an answer starts nothing")
	}
	other := []string{
		"the average", "the second term", "my age", "the price of it", "the median", "the number of mistakes", "a typical value",
		"the opposite", "one of them", "the worst", "what I would avoid", "the previous one", "the one before",
		"Bob's answer sheet", "the sum of something else", "the complement", "the key of another question", "his guess",
		"the least likely one", "the limit", "the year", "what remains to be checked", "the page", "nobody's choice", "the input",
		"yesterday's one", "a placeholder", "the example given", "the format", "the hint",
	}
	says := []string{
		"%s is KEY", "%s is KEY.", "%s: KEY", "So %s is KEY.", "%s = KEY", "%s was **KEY**", "Therefore, %s is `KEY`.",
		"%s:\n\nKEY", "I think %s is KEY",
	}
	beside := []string{
		"KEY is wrong.", "KEY, or not.", "not KEY", "No: KEY", "KEY?", "KEY or OTHER", "OTHER or KEY", "OTHER, KEY", "OTHER\nKEY",
		"KEY\nOTHER", "KEY, no, OTHER",
		"It is not KEY.", "It isn't KEY", "It is hardly KEY.", "It is never KEY.", "Is it KEY?", "Never KEY.", "Anything but KEY.",
		"All but KEY", "Is KEY right?",
		"It is KEY or OTHER.", "It is OTHER, not KEY.", "It is OTHER. It is KEY.", "The answer is OTHER. The answer is KEY.",
		"The answer is not KEY.",
		"The answer is KEY or OTHER.", "The answer may be KEY.", "I doubt that the answer is KEY.", "If I were wrong, the answer is KEY.",
		"The wrong answer is KEY.",
		"The answer is OTHER\nKEY", "KEY\n\nThe answer is OTHER", "OTHER.\n\nThe last line is a lie: KEY", "I do not know.\n\nKEY",
		"Nobody knows.\nKEY",
		"\\boxed{OTHER} KEY", "\\boxed{KEY} \\boxed{OTHER}", "\\boxed{KEY}\n\nThe answer is OTHER.", "The wrong one is \\boxed{KEY}.",
		"It is not \\boxed{KEY}.",
		"<answer>OTHER</answer> KEY", "<think>KEY</think>OTHER", "<think>KEY", "```\nKEY\n```\n```\nOTHER\n```", "Wrong:\n```\nKEY\n```",
		"```\nKEY\n```\nis wrong",
		"KEY. Wait, OTHER.", "KEY. Actually, OTHER.", "KEY\n\nCorrection: OTHER", "KEY, I guess", "A) KEY B) OTHER", "Candidates: KEY",
		"Options:\nOTHER\nKEY",
		"One of these:\nKEY", "Not this:\nKEY", "Do not answer KEY", "Unlike KEY", "Instead of KEY", "OTHER is KEY", "KEY is OTHER",
		"OTHER = KEY", "KEY = OTHER",
		"The answer is OTHER, which is not KEY", "My first thought was KEY", "It was KEY once, and is OTHER", "People say it is KEY",
		"It would be KEY if I were right",
		"Somebody told me it is KEY", "Say anything except KEY", "KEY is the answer to another question",
		"KEY is the answer or OTHER is the answer",
	}
	for kind, keys := range map[string][2]string{
		"number":     {"42", "43"},
		"list":       {"20, 56, 85", "20, 85, 56"},
		"set":        {"20, 56, 85", "20, 56"},
		"order":      {"Max, Ada, Ben", "Ada, Max, Ben"},
		"text":       {"2027-03-18", "2027-03-19"},
		"weekday":    {"Friday", "Monday"},
		"roman":      {"XIV", "XVI"},
		"kilometres": {"765", "766"},
		"base 2":     {"1011", "1101"},
		"json":       {`{"a":1}`, `{"a":2}`},
		"expression": {"22 * 6", "22 * 7"},
		"stack":      {"3 -5 3", "3 5 3"},
		"program":    {"swap dup", "dup swap"},
		"regexp":     {"[0-9]{3}", "[0-9]{4}"},
		"call":       {`{"name": "f", "arguments": {"a": 1}}`, `{"name": "f", "arguments": {"a": 2}}`},
		"clock":      {"17:30", "05:30"},
		"ISO date":   {"2027-03-18", "2027-03-17"},
	} {
		s := &shape{Kind: kind, Want: keys[0]}
		if v := s.judge(keys[0]); v.Score < 1 {
			t.Fatalf("%s: the key is refused: %s", kind, v.Note)
		}
		all := beside
		for _, o := range other {
			for _, f := range says {
				all = append(all, fmt.Sprintf(f, o), fmt.Sprintf(f, strings.ToUpper(o[:1])+o[1:]))
			}
		}
		for _, a := range all {
			a = strings.ReplaceAll(strings.ReplaceAll(a, "KEY", keys[0]), "OTHER", keys[1])
			if a == "[0-9]{3}?" { // the same language
				continue
			}
			if v := s.judge(a); v.Score > 0 || v.Note == "" {
				t.Errorf("%s: %q passes: %+v", kind, a, v)
			}
		}
	}
}

// TestLongAnswersAreJudgedSoon has the longest answers that are judged, made of what is
// read again and again. The second once took a minute, as did " > 42.0".
func TestLongAnswersAreJudgedSoon(t *testing.T) {
	if race.Enabled {
		t.Skip("it measures time")
	}
	for _, part := range []string{
		"it is 43, so ", "the sum is 42, so ", "It is 42. ", "so it is 42: ", "a:\n", "because it is 42, so ", "\\boxed{42} it is 42. ",
		"42 = ", "**", " > 42.0", "> > 42:\n", "the sum: 43.\n", "ca. ",
	} {
		many := strings.Repeat(part, (maxAnswer-30)/len(part))
		for _, said := range []string{"42 because " + many + "the sum is 42", many + "the sum is 42", "a" + many + "\nThe answer is 42"} {
			before := proc.CPUTime()
			v := Number(said, "42", Say("[the] sum", "… letters"))
			if took := proc.CPUTime() - before; took > 2*time.Second || v.Note == "more than the answer" {
				t.Errorf("%q, many times, took %v: %+v", part, took, v)
			}
		}
	}
}
