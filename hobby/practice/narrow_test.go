package practice

import (
	"testing"
	"time"
)

// TestIntroductions has answers whose introduction says of what they are the value.
func TestIntroductions(t *testing.T) {
	stack := func(a string) Verdict {
		return Read(a, aStack, func(a string) Verdict { return isStack(a, []int{3, 5}) })
	}
	pattern := func(a string) Verdict {
		return Read(a, SayCode("the (expression|pattern)"), func(a string) Verdict { return matches(a, "[0-9]{3,3}") })
	}
	number := func(a string) Verdict { return Number(a, "42", asked["number"]) }
	for _, c := range []struct {
		name         string
		judge        func(string) Verdict
		right, wrong []string
	}{
		{"stack", stack, []string{"3 5", "The stack contains 3 5.", "Final stack: 3 5", "The stack is 3 5."},
			[]string{"Top first: 3 5", "Before the last word, the stack was 3 5", "The stack contains 5 3.", "Stack: not 3 5"}},
		{"list", func(a string) Verdict { return List(a, []string{"1", "2", "3"}, asked["list"]) }, []string{"Smallest first: 1, 2, 3"},
			[]string{"Largest first: 1, 2, 3", "The complement is 1, 2, 3"}},
		{"order", func(a string) Verdict { return List(a, []string{"Max", "Ada", "Ben"}, asked["order"]) },
			[]string{"Tallest first: Max, Ada, Ben"},
			[]string{"Smallest first: Max, Ada, Ben"}},
		{"weekday", func(a string) Verdict {
			return weekday(a, "Friday", Say(weekdays(time.Date(2023, 5, 5, 0, 0, 0, 0, time.UTC))...))
		}, []string{"5 May 2023 was a Friday", "It was a Friday."},
			[]string{"The next day will be a Friday", "1 January of that year was a Friday", "It may be a Friday"}},
		{"roman", func(a string) Verdict { return ExactFold(a, "MCMXCIV", Say("1994")) },
			[]string{"1994 = MCMXCIV", "1000 = M, 900 = CM, 90 = XC, 4 = IV, so the answer is MCMXCIV", "mcmxciv"},
			[]string{"1995 = MCMXCIV", "994 = MCMXCIV", "1995 is **MCMXCIV**"}},
		{"number", number, []string{"### Answer\n42", "## Final Answer\n\n**42**", "42. Explanation: the sum of these is 42."},
			[]string{"The second largest value is 42", "One more than it is 42", "A common error is 42", "42. Explanation: the sum of these is 43.",
				"### Answer\n41\n42", "### Answer\nnot 42"}},
		{"remainder", func(a string) Verdict {
			return Number(a, "5", Say("the remainder", "the quotient is 12 and the remainder"))
		}, []string{"The quotient is 12 and the remainder is 5."},
			[]string{"The remainder is 1 and the quotient is 5."}},
		{"unit", measured("", "", 765, "kilometres").Verify, []string{"765~km", "$765$ km", "**765** km", "765"},
			[]string{"~765", "~765 km", "$~765$", "7$6$5", "7**6**5 km"}},
		{"pattern", pattern, []string{"[0-9]{3}", "`[0-9]{3}`", "The answer is `[0-9]{3}`.", "The answer is **[0-9]{3}**.", "A: [0-9]{3}",
			"\"[0-9]{3}\""},
			[]string{"[0-9]{3}.", "The answer is `[0-9]{2}`.", "`[0-9]{3}.`", "A: A: [0-9]{3}"}},
		{"call", func(a string) Verdict { return JSON(a, `{"a": 1}`, aCall) }, []string{"The call:\n```json\n{\"a\": 1}\n```"},
			[]string{"Avoid this call:\n```json\n{\"a\": 1}\n```"}},
	} {
		for _, right := range c.right {
			if v := c.judge(right); v.Score < 1 {
				t.Errorf("%s: %q is refused: %s", c.name, right, v.Note)
			}
		}
		for _, wrong := range c.wrong {
			if v := c.judge(wrong); v.Score > 0 || v.Note == "" {
				t.Errorf("%s: %q passes: %+v", c.name, wrong, v)
			}
		}
	}
}
