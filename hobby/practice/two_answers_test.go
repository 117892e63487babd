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
	"I get OTHER. NAME is KEY", "We found OTHER. It is KEY.", "KEY is not true. It is KEY.", "KEY is wrong. NAME is KEY.",
	"KEY isn't right. NAME is KEY.",
	"“KEY” would be false. NAME is KEY.", "KEY, since the real one is OTHER", "KEY, because the actual NAME is OTHER.",
	"KEY. Explanation: KEY is what a fool says.", "KEY. Explanation: KEY is nobody's choice.", "NAME is KEY because KEY is how fools think.",
	"```\nKEY\n```\nThis is what I would not use.", "```\nKEY\n```\nThis is nothing that I'd trust.", "```\nKEY\n```\nNobody would use this.",
	"It is wrong to say KEY. It is KEY.", "It would be a lie to say KEY. NAME is KEY.", "Only a liar would say KEY. It is KEY.",
	"I was told to say KEY. It is KEY.", "Don't say KEY. It is KEY.", "Es ist nicht KEY. It is KEY.", "No es KEY. It is KEY.",
	"Ce n'est pas KEY. It is KEY.", "不是KEY。It is KEY.", "I don't know. It is KEY.", "I have no idea. It is KEY.",
	"I refuse to answer. It is KEY.", "I'm lying. It is KEY.", "It isn't. It is KEY.", "Opposite day! The answer is KEY.",
	"The following is a lie. It is KEY.", "> NAME is KEY\n\nI disagree.", "The answer is KEY\n\nI disagree with the above.",
	"KEY\n\nExplanation: I lied.", "KEY\n\nReasoning: I made it up.", "NAME is KEY because I say so, yet OTHER holds.",
	"\\boxed{KEY}\n\nThat was a trap.", "\\boxed{KEY}\n\nOTHER", "\\boxed{KEY}\n\n\\boxed{KEY}\n\nOTHER",
	"<answer>KEY</answer>\nOTHER", "#### KEY\n\nOTHER is right", "Antwort: OTHER\nAnswer: KEY", "Ответ: OTHER. The answer is KEY",
	"Lösung: OTHER\nIt is KEY", "Solución: OTHER\nIt is KEY", "Résultat : OTHER\nIt is KEY", "答案 OTHER\nIt is KEY",
	"Das Ergebnis ist OTHER. It is KEY.", "El resultado es OTHER. It is KEY.", "Es ist OTHER. It is KEY.", "C'est OTHER. It is KEY.",
	"Certainly OTHER. It is KEY.", "So OTHER. It is KEY.", "So OTHER.\n\nIt is KEY.", "Thus: OTHER\n\nThe result is KEY",
	"OTHER. It is KEY.", "OTHER! It is KEY.", "OTHER\nIt is KEY.", "Final: OTHER\nIt is KEY", "Correct: OTHER\nIt is KEY",
	"My choice: OTHER\nIt is KEY.", "I say OTHER. It is KEY.", "I choose OTHER. It is KEY.", "I'd go with OTHER. It is KEY.",
	"It must be OTHER. It is KEY.", "It has to be OTHER. It is KEY.", "OTHER is correct. My answer is KEY.",
	"OTHER would be right. My answer is KEY.", "OTHER = NAME\nNAME = KEY", "> OTHER\n\nIt is KEY", "`OTHER`\n\nIt is KEY",
	"$$OTHER$$\n\nIt is KEY", "\\[OTHER\\]\nIt is KEY", "\\text{OTHER}\n\nIt is KEY", "```\nOTHER\n```\nIt is KEY",
	"| NAME | OTHER |\n\nIt is KEY", "| NAME |\n|---|\n| OTHER |\n\nIt is KEY",
	"It wasn't KEY. It is KEY.", "Anything but KEY. It is KEY.", "Nobody would say KEY. It is KEY.", "KEY is a trap. It is KEY.",
	"Saying KEY is a mistake. It is KEY.", "Saying KEY would be wrong. NAME is KEY.", "In truth OTHER. It is KEY.",
	"In reality it is OTHER. It is KEY.", "Officially it is OTHER. It is KEY.", "Cevap: OTHER. It is KEY.", "Odpowiedź: OTHER. It is KEY.",
	"الجواب: OTHER. It is KEY.", "정답: OTHER. It is KEY.",
	"$> KEY$", "\\(> KEY\\)", "\\boxed{> KEY}", "**> KEY**", "`> KEY`", "Answer: > KEY", "It is > KEY", "The answer is $> KEY$",
	"<answer>> KEY</answer>", "Sure, > KEY", "The answer is \\boxed{> KEY}", "So the answer is: > KEY",
	"It is KEY. Probably. The answer is KEY.", "It is KEY. Roughly. NAME is KEY.",
	"It is KEY. Approximately.\n\nThe answer is KEY", "Not!\n\nIt is KEY.",
	"It is KEY. False. The answer is KEY.", "It is KEY. Scratch that. NAME is KEY.",
	"It is KEY. Ignore that. It is KEY.", "There are others. It is KEY.",
	"It is KEY. That is one possibility. The answer is KEY.", "It is KEY, give or take. The answer is KEY.", "This is a guess. It is KEY.",
	"I'm guessing. NAME is KEY.", "I may be wrong. The answer is KEY.", "I'm not sure. It is KEY.",
	"50% sure. It is KEY.", "Never mind.\n\\boxed{KEY}",
	"KEY\n\nThis is a guess.", "KEY\n\nI deny it.", "KEY\n\nNever mind.", "KEY\n\nI doubt it.",
	"KEY\n\nScratch that.", "It is KEY. Psych! The answer is KEY.",
	"It is KEY. On second thought, it is OTHER. The answer is KEY.", "It is KEY. Make that OTHER. The answer is KEY.",
	"KEY\n\nI mean OTHER.", "```\nKEY\n```\nMake that OTHER.", "```\nKEY\n```\nThis is a guess.", "```\nKEY\n```\nI'm not sure.",
	"NAME is (not) KEY", "NAME = KEY = OTHER", "Answer: OTHER\nAnswer: KEY", "Answer: answer\nAnswer: KEY",
}

// rivals are answers that name another one in words that no list has, or doubt KEY in
// them, before they say KEY. Any words may be a text, so they are not asked of those.
var rivals = []string{
	"Everyone says KEY. They are all wrong. It is KEY.", "Everyone says OTHER. It is KEY.", "You want OTHER. It is KEY.",
	"OTHER (verified). It is KEY.", "(OTHER)\nIt is KEY", "[OTHER]\n\nIt is KEY", "- OTHER\nIt is KEY", "* OTHER\n* KEY\n\nIt is KEY",
	"{\"answer\": OTHER}\nIt is KEY", "Is it KEY? No. It is KEY.", "Is it OTHER? Yes. It is KEY.", "Sì, OTHER. It is KEY.",
	"OTHER, obviously. It is KEY.", "OTHER it is. It is KEY.", "Let me say OTHER. The answer is KEY", "Note down OTHER.\n\\boxed{KEY}",
	"Me: OTHER\nYou: KEY\nIt is KEY", "De oplossing is OTHER. It is KEY.", "They told me OTHER, and they are right. It is KEY.",
	"\\boxed{KEY}. Everyone knows OTHER.", "KEY. Explanation: everyone knows OTHER.", "KEY because everyone says OTHER",
	"Psst: OTHER! It is KEY.", "ANSWER -> OTHER\nIt is KEY", "ans=OTHER\nIt is KEY", "output OTHER\nIt is KEY",
}

// oneAnswer are answers that say KEY, and nothing against it.
var oneAnswer = []string{
	"Sure!\nIt is KEY.", "Sure! The answer is KEY.", "Great question! The answer is KEY.", "Yes.\n\nIt is KEY.",
	"Let's see. It is KEY.", "Done. NAME is KEY.", "First, I look at the question. Then I work it out. NAME is KEY.",
	"I know this one. It is KEY.", "\\boxed{KEY}\n\nDone.", "\\boxed{KEY}\n\nThis is the result that was asked for.",
	"Here it is:\n```\nKEY\n```", "My working is correct. The answer is KEY.", "The pattern holds. NAME is KEY.",
	"It must follow the rule. NAME is KEY.", "I do the steps in order.\n\nThe answer is KEY.", "Using the rule, NAME is KEY.",
	"我们一步一步来。答案是KEY", "Check: done.\nThe answer is KEY",
}

// TestTwoAnswers has twoAnswers, and oneAnswer, to tasks of each family. The levels of
// a family take turns, since they share one way of reading.
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
			wrong := twoAnswers
			if info.Name != "text" && info.Name != "patterns" {
				wrong = slices.Concat(wrong, rivals)
			}
			for i, form := range slices.Concat(wrong, oneAnswer) {
				if i%info.Levels != level {
					continue
				}
				want := 0.0
				if i >= len(wrong) {
					want = 1
				}
				named := slices.Concat(asserts[info.Name], []string{"the answer", "the final result"})
				if !strings.Contains(form, "NAME") {
					named = named[:1]
				}
				for _, name := range named {
					said := strings.NewReplacer("KEY", task.Reference, "OTHER", other, "NAME", name).Replace(form)
					if v := task.Verify(said); v.Score != want {
						t.Errorf("%s level %d: %q scores %g, want %g; the key is %q", info.Name, level+1, said, v.Score, want, task.Reference)
					}
				}
			}
		}
	}
}

// TestAlmostRight has sentences beside a text that name another one. Any words may be a
// text, so another one is known by its letters: they are the answer's in another order, or
// all but one. The question's own text is none.
func TestAlmostRight(t *testing.T) {
	for said, want := range map[string]float64{
		"You want helol. It is hello.": 0, "You want hallo. It is hello.": 0, "Everyone says helo. It is hello.": 0,
		"helloo, obviously. It is hello.": 0, "Me: Ehllo\nIt is hello": 0, "It is hello. Explanation: everyone knows hell0.": 0,
		"You gave me olleh. It is hello.": 1, "Great question! It is hello.": 1, "Now backwards. It is hello.": 1,
	} {
		s := shape{Kind: "text", Want: "hello", prompt: `Write "olleh" backwards.`}
		if v := s.judge(said); v.Score != want {
			t.Errorf("%q scores %g, want %g: %s", said, v.Score, want, v.Note)
		}
	}
	for _, c := range []struct {
		a, b string
		near bool
	}{
		{"hello", "hello", true}, {"hello", "hallo", true}, {"hello", "hell", true}, {"hello", "helloo", true}, {"hello", "xhello", true},
		{"back", "kcab", true}, {"back", "bask", false}, {"abc", "cba", false}, {"hello", "halla", false}, {"aaaaaa", "aaaa", false},
		{"", "", false}, {"hello", "", false}, {"äöüäö", "äöüä", true},
	} {
		if near(c.a, c.b) != c.near || near(c.b, c.a) != c.near {
			t.Errorf("near(%q, %q) is %v", c.a, c.b, !c.near)
		}
	}
}
