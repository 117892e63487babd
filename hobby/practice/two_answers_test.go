package practice

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/internal/race"
)

// asserts are the names that each family's question has for its answer.
var asserts = map[string][]string{
	"arithmetic": {"the result"}, "modular": {"the remainder"}, "sequences": {"the next number"}, "bases": {"the result"},
	"roman": {"the result"}, "text": {"the result"}, "sorting": {"the order", "the sorted list"}, "counting": {"the total", "the count"},
	"units": {"the result"}, "dates": {"the result"}, "clock": {"the result"}, "json": {"the value", "the array"}, "tables": {"the result"},
	"sets": {"the numbers"}, "ordering": {"the order"}, "patterns": {"the regex"}, "calls": {"the call"}, "countdown": {"the result"},
	"forth": {"the solution"},
}

// twoAnswers are answers that say KEY, and say another answer, OTHER, or deny KEY, in the
// phrases that Read knows. NAME is a name of the answer. Most of them passed once.
var twoAnswers = []string{
	"It is OTHER, so it is KEY.", "NAME is OTHER, so NAME is KEY.", "It is not KEY, so it is KEY.",
	"The answer is OTHER, so the answer is KEY",
	"Since it is OTHER, NAME is KEY.", "It is OTHER = KEY", "We get OTHER = KEY", "That makes OTHER = KEY.", "NAME is OTHER = KEY",
	"NAME is not KEY = KEY",
	"It is wrong = KEY", "It is false that it = KEY", "It is not this:\n```\nKEY\n```", "NAME is not:\n```\nKEY\n```",
	"It is anything but\n```\nKEY\n```",
	"This is wrong, of course:\n```\nKEY\n```", "```\nKEY\n```\nIt is OTHER.", "```\nKEY\n```\nNAME is OTHER.",
	"KEY. Explanation: it is OTHER.",
	"KEY\n\nExplanation: NAME is OTHER.", "KEY because it is OTHER.", "It is KEY because it is OTHER.", "NAME is KEY because NAME is OTHER.",
	"The answer is KEY because it is OTHER.", "\\boxed{KEY} because it is OTHER.", "\\boxed{KEY}. It is OTHER.",
	"\\boxed{KEY}\n\nNAME is OTHER.",
	"OTHER\n\n\\boxed{KEY}", "It is OTHER. \\boxed{KEY}", "NAME is OTHER. \\boxed{KEY}", "NAME is OTHER.\n#### KEY",
	"It is OTHER.\n<answer>KEY</answer>",
	"KEY. I hope it is OTHER.", "KEY. I hope this is a joke.", "KEY. Would you like OTHER?", "错误答案是KEY", "不正确的答案是KEY", "错误的答案：KEY",
	"我不认为答案是KEY", "答案不是KEY", "The first number is this.\n\nKEY", "This is the previous number.\nKEY", "By mistake, the answer is KEY",
	"Because I am wrong, it is KEY", "Given another question, it is KEY", "It is OTHER. NAME is KEY.", "NAME is OTHER. It is KEY.",
	"NAME is OTHER.\n\nKEY", "KEY\nNAME: OTHER", "The answer is KEY\nNAME: OTHER", "The answer is KEY. It is OTHER.",
	"NAME is between OTHER and KEY",
	"I get OTHER. NAME is KEY", "We found OTHER. It is KEY.", "KEY is not true. It is KEY.", "KEY is wrong. NAME is KEY.", "KEY isn't right. NAME is KEY.",
	"“KEY” would be false. NAME is KEY.", "KEY, since the real one is OTHER", "KEY, because the actual NAME is OTHER.",
	"KEY. Explanation: KEY is what a fool says.", "KEY. Explanation: KEY is nobody's choice.", "NAME is KEY because KEY is how fools think.",
	"```\nKEY\n```\nThis is what I would not use.", "```\nKEY\n```\nThis is nothing that I'd trust.", "```\nKEY\n```\nNobody would use this.",
	"NAME is (not) KEY", "NAME = KEY = OTHER", "Answer: OTHER\nAnswer: KEY", "Answer: answer\nAnswer: KEY",
}

// TestTwoAnswers has twoAnswers to tasks of each family and level.
func TestTwoAnswers(t *testing.T) {
	if race.Enabled {
		t.Skip("judging an answer starts nothing")
	}
	for _, f := range Families() {
		info := f.Info()
		for level := range info.Levels {
			r := rand.New(rand.NewPCG(uint64(level), 99))
			task, other := f.Generate(r, level+1), ""
			for other == "" || task.Verify(other).Score == 1 {
				other = f.Generate(r, level+1).Reference
			}
			for _, form := range twoAnswers {
				for _, name := range slices.Concat(asserts[info.Name], []string{"the answer", "the final result"}) {
					said := strings.NewReplacer("KEY", task.Reference, "OTHER", other, "NAME", name).Replace(form)
					if v := task.Verify(said); v.Score > 0 {
						t.Errorf("%s level %d: %q passes, the key is %q", info.Name, level+1, said, task.Reference)
					}
				}
			}
		}
	}
}
