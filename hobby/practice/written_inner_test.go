package practice

import (
	"math"
	"testing"
)

// TestWrittenAnswers has forms in which models write calls, expressions and programs,
// and what says something else.
func TestWrittenAnswers(t *testing.T) {
	given := []int{22, 6, 7, 44}
	expression := func(a string) Verdict { return isMade(a, given, 132) }
	call := `{"name": "move", "arguments": {"to": "Oslo", "seats": 2, "tags": ["a", "b"]}}`
	for name, c := range map[string]struct {
		verify       func(string) Verdict
		right, wrong []string
	}{
		"countdown": {
			expression,
			[]string{
				"22 * 6", "6*22", "(22 * 6)", "22 × 6", "22 x 6", "22 · 6", "22 * 6 = 132", "132 = 22 * 6", "$22 \\times 6$", "\\boxed{22 \\times 6}",
				"\\boxed{22 \\times 6 = 132}", "The answer is 22 * 6.", "**22 * 6**", "```\n22 * 6\n```", "`22 * 6`", "Answer: 22 * 6",
				"The expression is 22 * 6.",
				"<think>22 + 6 = 132?</think>22 * 6", "[22 * 6]", "22*6 = 6*22", "(44 - 22) * 6", "(44 − 22) × 6", "\\left(44-22\\right)\\times 6",
			},
			[]string{
				"", "132", "22 * 6 or 6 * 22 + 7", "22 * 7", "22 * 6 * 1", "22 * 6 + 7 - 7", "22 * 6 - 0", "22 * 6 = 131", "131 = 22 * 6",
				"22 + 6 = 22 * 6",
				"22 * 6 = 22 + 6", "(22 * 6", "22 * 6)", "22 6", "22(6)", "not 22 * 6", "It is not 22 * 6.", "22 * 6 is wrong.", "22 * 6?",
				"about 22 * 6",
				"22 * 6 * 7 / 7", "22 ** 6", "22 * (6)(1)", "22 * 6 / 0", "(22 * 6) / (7 - 7)", "22 * 06", "22.0 * 6", "-22 * -6", "2 * 66",
				"11 * 12", "132 * 22 / 22",
				"22 * 6, 44 * 3", "44 * 3", "22 * 6\n44 * 3", "22 * 6 = 44 * 3 = 131", "1 + 1 = 3, so 22 * 6", "22 * 6 = 132 = 133", "22*6!",
				"22 * 6 % 1000",
				"22 * 6 km", "22 * 6 or so", "The answer is 22 * 6 or 44 * 3.", "22 * 6 = 132\n\n22 * 7 = 132", "x = 22 * 6 + 1",
			},
		},
		"stack": {
			func(a string) Verdict {
				return Read(a, aStack, func(a string) Verdict { return isStack(a, []int{3, -5, 3}) })
			},
			[]string{
				"3 -5 3", "3, -5, 3", "3, -5 and 3", "[3, -5, 3]", "The stack is 3 -5 3.", "**3 -5 3**", "3 −5 3", "`3 -5 3`", "Answer: 3 -5 3",
				"3 -5 3.",
				"The program leaves:\n3 -5 3", "\\boxed{3, -5, 3}", "```\n3 -5 3\n```",
			},
			[]string{
				"", "3 -5", "-5 3 3", "3 5 3", "3 -5 3 3", "3 -5 3 or 3 5 3", "3 - 5 3", "3-5 3", "3 -5 -3", "not 3 -5 3", "3 -5 3 and 3",
				"3, -5", "3 -5, 3 4",
				"33 -5", "3 -53", "3 -5 3?", "3; -5; 4", "3 -5 3 is wrong", "3 -5 3\n3 5 3",
			},
		},
		"program": {
			func(a string) Verdict {
				return Read(a, aProgram, func(a string) Verdict { return turns(a, []int{4, 9}, []int{9, 4, 4}, 2) })
			},
			[]string{"swap dup", "SWAP DUP", "`swap dup`", "swap\ndup", "The shortest program is swap dup.", "**swap dup**",
				"```forth\nswap dup\n```", "Answer: swap dup"},
			[]string{
				"swap dup .", "`swap dup .`", "```\nswap dup .\n```", ". swap dup",
				"", "swap", "dup swap", "swap dup dup drop", "swap swap swap dup", "swap dup or swap over", "swap dup swap", "swap, dup",
				"swapdup", ": f swap dup ;",
				"9 4 4", "drop drop 9 4 4", "rot dup", "not swap dup", "swap dup 0", "swap dup # copies", "tuck drop", "swap dup?", "2swap dup",
			},
		},
		"programs": {
			func(a string) Verdict {
				v := several(a, 2, func(a string) (string, Verdict) { return programOf(a, []int{4, 9}, []int{9, 4, 4}, movers, 3) })
				v.Score = math.Floor(v.Score) // a half does not pass
				return v
			},
			[]string{"swap dup\nswap dup swap", "1. swap dup.\n2. SWAP DUP SWAP."},
			[]string{"swap dup .\nswap dup swap", "swap dup\n`swap dup swap .`", "swap dup\nSwap Dup."},
		},
		"call": {
			func(a string) Verdict { return Read(a, aCall, func(a string) Verdict { return isCall(a, call) }) },
			[]string{
				call, "```json\n" + call + "\n```", "<tool_call>\n" + call +
					"\n</tool_call>", "<tool_call>" + call, "Answer: " + call, "Here is the call:\n```json\n" + call + "\n```",
				`{"arguments":{"tags":["a","b"],"seats":2,"to":"Oslo"},"name":"move"}`,
				`{"name": "move", "arguments": {"to": "Oslo", "seats": 2.0, "tags": ["a", "b"]}}`,
			},
			[]string{
				"", "{}", "[" + call + "]", call + "\n" + call, "<tool_call>\n" + call + "\n</tool_call>\n<tool_call>\n" + call + "\n</tool_call>",
				`{"name": "move", "parameters": {"to": "Oslo", "seats": 2, "tags": ["a", "b"]}}`,
				`{"name": "move", "arguments": {"to": "Oslo", "seats": "2", "tags": ["a", "b"]}}`,
				`{"name": "move", "arguments": {"to": "Oslo", "seats": 2, "tags": ["b", "a"]}}`,
				`{"name": "move", "arguments": {"to": "Oslo", "seats": 2}}`,
				`{"name": "move", "arguments": {"to": "Oslo", "seats": 2, "tags": ["a", "b"], "class": null}}`,
				`{"name": "Move", "arguments": {"to": "Oslo", "seats": 2, "tags": ["a", "b"]}}`,
				`{"name": "move", "arguments": "{\"to\": \"Oslo\", \"seats\": 2, \"tags\": [\"a\", \"b\"]}"}`,
				`{"name": "move", "arguments": {"to": "oslo", "seats": 2, "tags": ["a", "b"]}}`,
				`{"name": "stay", "name": "move", "arguments": {"to": "Oslo", "seats": 2, "tags": ["a", "b"]}}`, `move(to="Oslo", seats=2)`,
				"not " + call, call + "?",
			},
		},
	} {
		for _, a := range c.right {
			if v := c.verify(a); v.Score < 1 {
				t.Errorf("%s: %q is refused: %s", name, a, v.Note)
			}
		}
		for _, a := range c.wrong {
			if v := c.verify(a); v.Score > 0 || v.Note == "" {
				t.Errorf("%s: the wrong %q passes: %+v", name, a, v)
			}
		}
	}
}
