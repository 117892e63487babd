package practice

import (
	"strings"
	"testing"
)

// verdictOn judges an answer to a question whose kind and key are told, by kind and key.
func verdictOn(key, answer string) Verdict {
	kind, want, _ := strings.Cut(key, " ")
	if kind == "order" {
		return inOrder(answer, strings.Split(want, ", "))
	}
	return (&shape{Kind: strings.ReplaceAll(kind, "_", " "), Want: want}).judge(answer)
}

// TestNothingElsePasses has what says something else than that the key is the
// answer: denials, hedges, candidates, other values made with it, answers taken back,
// and steps on the way.
func TestNothingElsePasses(t *testing.T) {
	for key, all := range map[string][]string{
		`number 42`: {
			"surely not:\n42", "Surely not:\n\n42", "Answer: not 42", "The answer is not:\n42", "not: 42",
			"It is definitely not this number:\n\n42", "42 is wrong; the answer is 41", "I would have said 42, but it is 41",
			"41 is wrong; the answer is 43", "The answer is 41, not 42.", "It's not 41; it's 43.", "\\boxed{42}\\boxed{41}",
			"\\boxed{41}\n\\boxed{42}", "\\boxed{42, 43}", "\\boxed{\\boxed{41}} 42", "\\boxed{42} \\text{ or } 43",
			"<think>hmm\n42", "<think>a <think>b</think> c 42", "<think>a\n<think>b</think>\nhm, c gives 41\n42", "42<think>",
			"4<think></think>2", "<think>42</think></think>", "<think>42</think>\n<think>43</think>", "42</think>41",
			"\\boxed{42}</think>", "42\n</think>\n", "The answer is 42.</think>I do not know.",
			"42 is the answer to life, I don't know", "42 is the answer to life.",
			"42 is the answer to life, the universe and everything.", "I don't know: 42", "I don't know.\n\n42",
			"I do not know.\n42", "I have no idea.\n\n42", "No idea. 42", "I cannot compute this.\n\n42",
			"I am not able to compute this.\n42", "40\n41\n42", "Candidates:\n\n41\n\n42", "Possible answers:\n42",
			"One possibility is:\n42", "Options are:\n40\n41\n42", "Here are some wrong answers:\n42", "An incorrect answer:\n42",
			"The following is false:\n42", "| option | value |\n|---|---|\n| a | 41 |\n| b | 42 |", "a) 41\nb) 42\nc) 43",
			"What is 6*7? 42 or 43?", "A: 41\nB: 42", "The answer is 42\n\nThe answer is 43", "The answer is 42.\n43", "42\n\n43",
			"The answer is 42. It is 43.", "42. Actually, 43.", "42. Hmm, 43.", "The answer is 42. Hmm, it should be 43.",
			"**42**\n\n**43**", "Answer: 42. Let me check: 6*7=43.", "The answer is 42, because 6*8 = 48 and the answer is 48",
			"The answer is 42 because I multiplied. Let me recompute: 6*7 = 43.", "42\n\nExplanation: 6*7=41",
			"The answer is 42.\n\nExplanation: 6*8 = 48, so it is 48.", "42\nSteps:\n1. 6*7 = 41\n2. The result is 41.",
			"\\frac{4}{2}", "42^2", "$42^2$", "42\\%", "$42\\%$", "4\\,2,0", "4\\ 2", "4 2", "42!!", "42°", "42²", "42₂", "42_2",
			"42_{8}", "\\sqrt{42}", "|42|.5", "42e0", "42e1", "42E2", "4.2", "42/1", "42x", "42i", "-42", "−42", "–42", "—42",
			"- 42", "(42)", "-(42)", "- (42)", "~42", "± 42", "+-42", "\\pm 42", "\\approx 42", "\\neq 42", "\\ne 42", "≠ 42",
			"< 42", "≥42", "<42>", ">42", "x > 42", "x >= 42", "x<=42", "x != 42", "6*7 != 42", "6*7 /= 42", "x ≠ 42",
			"6*7 ≠ 42 = x", "6*7 \\neq 42", "6 * 7 >= 42", "6*7 ~= 42", "x ≤= 42", "x =/= 42", "x == 42?", "x := 42 + 1", "４２", "٤٢",
			"1,42", "42,0", "42,00", "0,42", "42.000,5", "42,000", "0x42", "42h", "42 hundred", "42 thousand", "42k", "42K",
			"42 million", "42 dozen", "forty-two thousand", "42 and a half", "42 1/2", "42½", "42 remainder 1", "42 r 1", "42 R1",
			"42 (mod 5)", "42 \\pmod 5", "42 = 43", "42 + 0.5", "42 + 1", "42 * 2", "2 * 42", "-1 * 42", "10 - 42", "10-42",
			"6*7=42=43", "The answer is: 42 or so", "The answer is 42ish", "The answer is 42+", "The answer is over 42.",
			"The answer is under 42.", "The answer is above 42", "The answer is just over 42.", "The answer is 42 more or less.",
			"The answer is close to 42", "It is close to:\n42", "It is just below:\n42", "Somewhat more than:\n42",
			"The answer is less than:\n42", "The number after the answer is 42.", "Twice the answer is 42.",
			"Half of the answer is 42", "The answer plus one is 42.", "The answer minus 1 is 42", "The opposite of the answer is 42",
			"The negative of the answer is 42", "One less than the answer is 42.", "The wrong answer is 42.", "A wrong answer is 42",
			"The wrong answer: 42", "Wrong answer: 42", "Incorrect answer: 42", "My first answer was 42.",
			"The previous answer was 42", "His answer was 42.", "Your answer is 42? It is wrong.", "The old answer is 42.",
			"The answer is no longer 42.", "The answer isn't 42", "The answer is hardly 42.", "The answer is anything but 42",
			"Anything but:\n42", "Everything except:\n42", "The answer is far from 42", "The answer is neither 41 nor 42.",
			"The answer is no 42", "There is no answer: 42", "There is no answer.\n42", "No answer.", "I refuse to answer: 42",
			"Do not answer: 42", "Don't answer: 42", "Never answer: 42", "Ignore this:\n42", "As an example:\n42", "For example: 42",
			"e.g. 42", "For instance, the answer is 42 for 6*7, but here 43", "An example answer is 42.",
			"Answer with the number only. 42?", "If it were 6*7, the answer would be 42.", "The answer would have been 42.",
			"I was told the answer is 42.", "Some people say the answer is 42.", "It is false that the answer is 42.",
			"It is a lie that the answer is 42.", "I doubt the answer is 42.", "I doubt that it is 42.", "I doubt: 42",
			"I deny that it equals 42.", "It is impossible that it is 42.", "It is unlikely that it is 42.",
			"Nobody would say it is 42.", "They thought it was 42.", "I thought it was 42.", "I first thought it was 42",
			"It used to be 42", "Once it was 42, now it is 43", "It is said to be 42; it is 43.", "One might say it is 42.",
			"Is it 42?", "Could it be 42", "Would it be 42", "It should not be 42", "It must not be 42.", "It is nowhere near 42",
			"It's no 42", "x is not equal to 42", "It is unequal to 42", "It differs from 42", "It is different from:\n42",
			"There are 42 words too many.", "There are 42 words missing.", "There are 42 minus 1 words.",
			"There are 42 wrong answers.", "There are 42 options: 41, 43", "There are 42 thousand words",
			"There are 42 times 2 words", "There are 42 hundred words.", "There are 42 pairs of words", "There are 42 dozen words.",
			"It has 42 words plus one", "It has 42 in base 5.", "It contains 42 million letters.",
			"There are 42 letters, plus 1 more", "There are 42 letters before the last one", "There are 42 letters and a digit",
			"There are 42 spaces.", "There are 42 vowels and 3 consonants", "There are 42 other words",
			"There are 42 more words in the second half", "There are 42 words in the first half",
			"There are 42 words in the first line and 3 in the second.", "The last number before the answer is 42",
			"Step 1: 6*7 = 42\nStep 2: add 1", "If we forget the carry, it equals 42", "The product is 42, and then we subtract 1",
			"The final answer is 42, I give up", "The answer is 42 in base 8", "the answer is 42 in hexadecimal", "\\boxed{42}_8",
			"\\boxed{42}^2", "\\boxed{42}\\%", "\\boxed{42} + 1", "\\boxed{42}.5", "-\\boxed{42}", "- \\boxed{42}", "$-\\boxed{42}$",
			"2\\boxed{42}", "2 * \\boxed{42}", "\\boxed{42}0", "4\\boxed{42}", "\\boxed{42} km", "\\boxed{42} thousand",
			"\\boxed{4}\\boxed{2}", "The answer is -\\boxed{42}", "\\frac{1}{\\boxed{42}}", "1/\\boxed{42}", "x \\neq \\boxed{42}",
			"x > \\boxed{42}", "$x < \\boxed{42}$", "10 - \\boxed{42}", "<answer>41</answer> 42", "<answer>42</answer> 41",
			"42 <answer>41</answer>", "</answer>42", "<answer>42</answer> is what I would say if I had to guess",
			"<answer>42</answer><answer>42</answer><answer>41</answer>", "**42** is one of the candidates.", "**42** minus one",
			"The intermediate value is **42**", "**42** is the second-to-last", "Do not say **42**.", "-**42**", "2 x **42**",
			"**42**%", "**42**.5", "**42**0", "4**42**", "Subtract 1 from **42**.", "Add 1 to **42**", "The wrong one is **42**.",
			"```\n42\n```\nThis prints 43.", "```python\nprint(42)\n```", "```\n42\n```\nis wrong",
			"The wrong code is\n```\n42\n```", "Not this:\n```\n42\n```", "```\n42\n```\nor\n43", "43\n```\n42\n```",
			"Before:\n```\n42\n```\nAfter: 43", "#### 41\n#### 42", "The answer is unknown.\n#### 42", "I'm wrong.\n#### 42",
			"not\n#### 42", "#### 42\n#### 43", "So 41 is the answer.\n42", "42 is your answer? No, 43 is the answer.",
			"43 is the answer.\n42 is the answer.", "42 is the answer. 43 is the answer.", "The answer is 43. 42 is the answer.",
			"Not 42 is the answer.", "- 42 is the answer", "Between 41 and 42 is the answer", "Either 41 or 42 is the answer",
			"答案不是42", "答案是41。答案是42", "答案是42吗？", "不是42", "Nicht 42", "Die Antwort ist nicht 42", "Antwort: nicht 42",
			"Antwort: 41\nAntwort: 42", "Respuesta: 41. Respuesta: 42", "Respuesta: no 42", "pas 42", "42 ou 43", "42 oder 43",
			"答案：42或43", "最终答案：41 最终答案：42", "{\"x\": 42}", "{\"answer\": [42]}", "{\"answer\": 42, \"x\": 1}",
			"{\"answer\": \"not 42\"}", "{\"answer\": 41, \"x\": 42}", "Total: 41\nTotal: 42", "Total: 41.\n\nTotal: 42",
			"**Total:** 41\n**Total:** 42", "Sum: 41\nTotal: 43\nSum: 42", "Total: 41. Total: 42", "$42!$", "\\boxed{42!}", "\\(42!\\)",
			"The first term is 42", "The initial value is 42.", "The previous term is **42**", "41 = 42", "41 = **42**", "So 41 = 42.",
			"6*7 = 41 = 42", "Step 1: 41 = 42", "41 is 42", "41 equals 42.", "42 (6 × 8)", "42 (41)", "42 (85/2)", "42 (6 ×)", "42 (7)",
			"42 (6 - 48)", "The answer is 42 (6 * 8)", "A: 41\nA: 42", "A: 42\nB: 42",
			"```\n42\n```\nThe right one: 43 words.", "```\n42\n```\nThe correct result: 43, of course.",
			"{\"answer\": 41, \"answer\": 42}", "-\n42", "-\n\n42",
			"minus 42", "minus\n42", "negative 42", "The answer is minus 42", "The answer is negative\n42",
			"The answer is minus: 42", "The answer is negative: 42", "It is negative:\n42", "It is the negative of this:\n\n42",
			"Minus:\n42", "Double this:\n42", "One more than this:\n42", "Add one to the following number.\n42",
			"The remainder is 1 and the quotient is:\n42", "The quotient is 42", "The quotient is 42.",
			"remainder = 1, quotient = 42", "The answer is 42 minus one", "The answer is 42 - 1", "The answer is 42, minus 1.",
			"The answer is 42 plus 1 because of the carry", "The answer is 42 since I doubled 21 too much; 41",
			"The answer is 42 to find the rest", "The answer is 42 to calculate; it is 41", "42 (solution: 41)", "42, solution: 41",
			"42. Solution: 43", "42\nSolution: 43", "42\n**Solution:** 43", "The answer is 42\n\nSolution: 6 * 8 = 43",
			"42. Step 2: 43", "42, since 6*7 is 41", "42 since 41 is too small, so the total is 43", "42 because 43 - 1; thus 43.",
			"42. Because of the carry it becomes 43", "Sure! 43 is not it: 42", "Sure: 41, 42", "OK, not 42", "Okay. 42?",
			"42\ufe0f\u20e3", "42🙃?", "42 👎", "42 ❌", "❌ 42", "42 ✗", "42 🚫", "42 🤔", "42 🤷", "❌42", "~~42~~", "~~42~~ 43",
			"<s>42</s>", "<del>42</del> 43", "[42](x)", "\\cancel{42}", "\\xcancel{42} 43",
			"41. 42", "A. 41\nB. 42\nSo B: 42?", "42, 42, 41", "42; 41", "42 / 41", "42 vs 41", "42 | 41", "42\t41", "42 & 41",
			"The answers are 41 and 42", "42 is 41", "The total is 41.\nTotal: 42?", "Total: 42 minus 1", "Total: 42\n\nMinus 1: 41",
			"Total: not 42", "Wrong total: 42", "Total without the last: 42", "Total: 42\nRemainder: 5",
			"Remainder: 5\nQuotient: 42", "42 remainder 5", "5 remainder 42, no", "I count 42 or so.", "I count 42 too many.",
			"I get 42 sometimes.", "I get 42, you get 43", "It's 42, isn't it", "We don't get 42.", "Nobody can get 42.",
			"I got 42 at first", "I got 42 wrong", "$x = 42$ or $x = 41$", "$x \\neq 42$", "\\[ x > 42 \\]", "\\[ 42^2 \\]",
			"\\[ 6*7 = 42^2 \\]", "\\[ 6*7 = 42 + 1 \\]", "$6*7 = 42$%", "$6*7 = 42$ + 1", "\\(6*7 \\ne 42\\)", "\\(6*7 \\neq 42\\)",
			"$1 - 43 = -42$", "---\n41\n---\n42", "42\n---\n41", "42\n---\nNo, 41.", "-✅42", "4✅2", "✅41 ❌42", "41 ✅ 42 ❌",
			"42 ❌ 41 ✅", "Maybe: 42", "Sum: 42km", "42 words and 3 more", "42 words?", "42 other words", "42 more words",
			"42 (41 = 41)", "42 (6*7 = 43)", "42 (= 43)", "42 (or 43 = 6*7+1)", "42 (wrong = 1)", "**42** (6*7 = 41)",
			"\\boxed{42} (6*7 = 41)", "\\boxed{42}, \\boxed{42}, \\boxed{43}", "\\boxed{42}\n43", "\\boxed{42}\n\n\\boxed{}",
			"\\boxed{ }42", "\\boxed{}\n42", "The answer is \\boxed{} 42", "The answer is: \n\n41\n\n42", "The answer is 42\n41",
			"Answer: 42\n\n41", "Answer: 42\n\nNote: it may also be 41", "Answer: 42\n\nNote: I am guessing",
			"42\n\nNote: this is a guess", "42, but I am not sure", "42 (not sure)", "42 (guess)", "Answer: 42 (guess)",
			"Answer: 42 (or 43)", "Answer: 42 / 43", "Answer: 42 [43]", "Answer: 42, 43",
			"<think>x</think><think>y</think>z 42 or 43", "<|channel|>final<|message|>41<|channel|>final<|message|>not 42",
			"assistantfinal 41 or 42", "<answer>41</answer>\n\nFinal: 42", "<answer></answer>42", "<answer>not 42</answer>",
			"<answer>42<answer>43", "<answer>42 or 43</answer>", "<answer>**42** or **43**</answer>", "```\n41\n```\n42",
			"```\n42\n```\n\n41", "```\n42\n43\n```", "```\n42\n```\nThe output is 43.", "```\n42\n```\nThis is incorrect.",
			"41:\n```\n42\n```\n", "```\n42", "42\n```",
		},
		`kilometres 42`: {
			"42 m", "42 mkm", "42 km/h", "42 km²", "42 km^2", "42 square km", "42 square kilometres", "42 cubic kilometres",
			"42 thousand km", "42 km 5 m", "42 km and 5 m", "42 Km", "42 KM", "42 k m", "42km2", "42 miles", "42,000 m", "0.042 Mm",
			"42 millikm", "42 km or 43 km", "\\boxed{42} m", "\\boxed{42}\\text{ m}", "**42** m", "**42** miles", "42 km = 43 km",
			"42.0.0 km", "42 km is too much", "42 - km", "42% km", "42 km per hour", "There are 42 metres",
			"There are 42 miles in it.", "There are 42 of these", "42 of these", "It is 42 km short.", "It is 42 km more.",
		},
		`number -42`: {
			"42", "- 42", "--42", "(42)", "-(-42)", "-\\boxed{42}", "minus 42", "-4 2", "–42,5", "\\boxed{- 42}", "-**42**", "42-",
			"-42 or 42", "|-42|",
		},
		`weekday Friday`: {
			"Friday the 13th", "Good Friday", "Friday night", "Friday or Saturday", "Fri", "fridays", "the day before Friday",
			"Friday eve", "It's the day after Friday", "The day before was Friday.", "The day after is Friday.",
			"It was the day before:\nFriday", "Not a Friday", "Black Friday", "Monday\nFriday", "Monday, Friday",
			"Monday is wrong; Friday?", "a a Friday", "Friday? No.", "Friday!?", "Either Friday", "Friyay", "FRIDAY 13",
			"one day after **Friday**", "Saturday (not Friday)", "The day after **Friday**.",
			"If the first was a Monday, the fifth is Friday or so", "Tomorrow is Friday", "Yesterday was Friday", "Not on a Friday.", "On a Friday or a Monday",
			"Today is Friday. It was a Saturday.",
		},
		`text 2027-03-18`: {
			"2027-3-18", "2027/03/18", "18-03-2027", "2027-03-18 or 2027-03-19", "2027-03-18T00:00", "2027-03-18 23:59",
			"before 2027-03-18", "after 2027-03-18", "2027-03-17 + 1 = 2027-03-18?", "-2027-03-18", "2027−03−18", "２０２７-03-18",
			"2027-03-18 BC", "The start is 2027-03-15 and the day before is 2027-03-18 or so",
		},
		`text 07:05`: {
			"7:05", "07:05 pm", "07:05 PM", "07:05:30", "07.05", "0705", "19:05", "07:05 or 19:05", "07:050", "107:05",
		},
		`text PENCIL BOX`: {
			"PENCILBOX", "PENCIL  BOXX", "PENCIL\nBOY", "pencil box", "Pencil Box", "PENCIL BOX!", "PENCIL-BOX", "PENCIL, BOX",
			"РENCIL BOX", "PENCIL BOX in lower case", "not PENCIL BOX", "PENCIL BO X", "*PENCIL* BOX",
		},
		`text kcab`: {
			"Kcab", "k c a b", "k-c-a-b", "back", "kcab kcab", "kcab back", "the reverse of kcab", "\"kcab\" reversed",
			"kcab is wrong", "kcaḃ", "kcаb", "\"kcab\" and \"back\"", "kcab, not back, sorry, bakc", "'kcab", "kcab'", "kcab?",
			"kcab!",
		},
		`list 20, 56, 85`: {
			"20 56 85", "20, 56", "20, 56, 85, 85", "85, 56, 20", "20, 56, 85 or 20, 85, 56", "20, 56, 85\n\n85, 56, 20",
			"20\n56\n85\n99", "20, [56, 85]", "{20}, 56, 85", "20, 56, 85, ...", "20, 56, eighty-five", "1. 20\n2. 56\n4. 85",
			"1. 20\n2. 56\n3. 85\n4.", "2. 20\n1. 56\n3. 85", "20,56.85", "20.56, 85", "20, 5 6, 85", "20 and 56 and 85 and 1",
			"not 20, 56, 85", "20, not 56, 85", "20, 56 and 85 are wrong", "20 -> 85 -> 56", "20 → 56 → 85 → 90", "-20, 56, 85",
			"- 20, 56, 85", "20, 056, 85", "20, 56, 85 (unsorted)", "Unsorted: 20, 56, 85", "In reverse: 20, 56, 85",
			"20, 56, 85, largest first", "* 20\n* 85\n* 56", "- 56\n- 20\n- 85", "- -20\n- 56\n- 85", "-20\n-56\n-85", "20\n56 85",
			"20, 56\n85", "Here are some: 20, 56, 85, and others", "20, , 56, 85", ", 20, 56, 85", "20, 56, 85,",
			"The wrong order is: 20, 56, 85", "The order is not 20, 56, 85.",
		},
		`set 20, 56, 85`: {
			"20, 56", "20, 56, 85, 20", "20, 56, 85, 86", "{20}, {56, 85}", "not 20, 56, 85", "All but 20, 56, 85",
			"All numbers except 20, 56, 85", "none of 20, 56, 85", "20 to 85", "20-56-85", "A \\ {20, 56, 85}", "{20, 56, 85}^c",
			"∅", "everything but:\n20, 56, 85", "A: 20, 56\nB: 85", "A = {20, 56}, B = {85}", "20, 56, 85 are in A only? no",
		},
		`order Ada, Ben, Cleo`: {
			"Ada < Ben < Cleo", "Ada > Ben > Cleo > Dan", "ada, ben, cleo", "Cleo, Ben, Ada", "Ada, Ben", "Ada, Ben or Cleo",
			"Ada, Ben, Cleo (shortest first)", "Shortest first: Ada, Ben, Cleo", "From shortest to tallest: Ada, Ben, Cleo",
			"From shortest to tallest, the order is Ada, Ben, Cleo.", "Ada and Ben, Cleo or Dan", "Ada = Ben, Cleo",
			"1. Ada\n2. Cleo\n3. Ben", "3. Ada\n2. Ben\n1. Cleo", "Ada, Ben, Cleo.\n\nOr Ada, Cleo, Ben.", "Ada\nBen\nCleo\nDan",
			"In reverse order: Ada, Ben, Cleo", "The reverse is: Ada, Ben, Cleo", "Starting from the shortest: Ada, Ben, Cleo",
		},
		`json {"a":1,"b":true}`: {
			`{"a":1,"b":true,"b":true}`, `{"a":1,"a":1,"b":true}`, `{"a":1,"b":true} // c`, `{"a":1,"b":true,}`, `{a:1,b:true}`,
			`{"a":1,"b":"true"}`, `{"a":"1","b":true}`, `{"A":1,"b":true}`, `{"a":1.5,"b":true}`, `{"a":1,"b":true}{"a":1,"b":true}`,
			`[{"a":1,"b":true}]`, `{"a":1,"b":true} or {}`, `/* c */{"a":1,"b":true}`, `{"a":1,"b":true,"c":null}`,
			`{"a":1,"b":true,"":0}`, `{"a":1}`, `{"a":1,"b":True}`, "{\"a\":1,\"b\":true}\n{\"a\":2}",
			"```json\n{\"a\":1,\"b\":true}\n```\n```json\n{\"a\":2}\n```", "not {\"a\":1,\"b\":true}",
			"The wrong one is {\"a\":1,\"b\":true}", `{"a":01,"b":true}`, `"{\"a\":1,\"b\":true}"`,
			"{\"a\":1,\"b\":true}\n\nor\n\n{\"a\":2}", "Before:\n```json\n{\"a\":1,\"b\":true}\n```\nAfter: {\"c\":1}",
			`{"a":1.0000000000000000001,"b":true}`, `{"a":1,"\u0062":true,"b":true}`, `{"a":1e400,"b":true}`,
		},
		`json 42`: {
			"\"42\"", "42.1", "42,", "[42]", "42 43", "42 or 43", "{\"x\":42}", "042", "+42", "0x2A", "42e1", "The value is not 42",
			"-42", "42.00000000000000000001",
		},
		`json ["Ada","Ben"]`: {
			`["Ben","Ada"]`, `["Ada"]`, `["Ada","Ben",]`, `["ada","ben"]`, `"Ada","Ben"`, `['Ada','Ben']`, `["Ada","Ben","Ben"]`,
			`[["Ada","Ben"]]`, `["Ada ","Ben"]`, `["Ada", "Ben"], ["Cleo"]`,
		},
		`base_2 1011`: {
			"1011_10", "1011 (base 10)", "10110", "0x1011", "0o1011", "1011b", "1,011", "1011.0", "-1011", "1012", "11", "1101",
			"0b1011 or 0b1101", "1011₁₀", "1011_3", "1011_{16}", "1011 in base 3", "1011 in decimal", "~1011", "\\boxed{1011}_3",
			"\\boxed{1011}_{10}", "1_011", "1011_2_2", "0b0b1011", "0b 1011", "1 0 1 1", "1011 reversed", "1011 (reversed)",
			"1011...", "...1011",
		},
		`base_10 2754`: {
			"27,54", "2,7,54", "2.754", "2754.0", "0x2754", "2754_16", "2754 in base 16", "2 754 000", "2754 or 2755", "-2754",
			"2,754,0",
		},
		`base_16 ac2`: {
			"0xac20", "ac2_10", "a c 2", "0bac2", "AC2h0", "10 12 2", "#ac2", "-ac2", "AC3", "xac2", "0x0xac2",
		},
		`roman XIV`: {
			"XIIII", "XVI", "X IV", "XIV or XV", "ⅩⅣ?", "-XIV", "XIVI", "14", "XIV = 15", "not XIV", "the numeral after XIV",
			"XIV + I", "XIV I", "X.IV", "XIV̅",
		},
	} {
		for _, wrong := range all {
			if v := verdictOn(key, wrong); v.Score > 0 || v.Note == "" {
				t.Errorf("%s: %q passes: %+v", key, wrong, v)
			}
		}
	}
}

// TestHowModelsAnswer has right answers in the words that models often use.
func TestHowModelsAnswer(t *testing.T) {
	for key, all := range map[string][]string{
		`number 42`: {
			"There are 42 rows with more than 50 in the column basket.",
			"There are **42** rows with more than 50 in the column basket.", "**42** rows have more than 50 in the column basket.",
			"42 rows", "The number of rows with more than 50 in the column basket is 42.", "The next number in the sequence is 42.",
			"The next number is **42**, because each number is 5 more than the one before.",
			"The sequence increases by 5 each time. 37 + 5 = 42", "The sequence increases by 5 each time.\n\n37 + 5 = **42**",
			"The pattern is +5.\n\n**42**", "Each term is the previous one plus 5. So the next is 42.",
			"To find the next number, we look at the differences: 5, 5, 5. So the next number is 37 + 5 = 42.",
			"The remainder is 42.", "When 142 is divided by 100, the remainder is 42.", "142 mod 100 = 42", "$142 \\mod 100 = 42$",
			"142 ≡ 42 (mod 100), so the remainder is 42.", "142 ÷ 100 = 1 remainder 42", "142 = 1 * 100 + 42. The remainder is 42.",
			"142 divided by 100 is 1 with a remainder of 42.", "XLII is 42.", "XLII = 42", "XL = 40, II = 2, so XLII = 42.",
			"XLII = 50 - 10 + 1 + 1 = 42", "The Roman numeral XLII is **42**.", "Ada's basket is 42.",
			"The largest value in the column basket is 42.", "The sum is 20 + 22 = 42.", "20 + 22 = 42", "Sum = 42", "Sum: 42",
			"Total: 42", "**Total:** 42", "**Total: 42**", "The total is 42.", "Result: **42**", "Remainder: 42", "Next number: 42",
			"The sum of the column basket is 20 + 22 = **42**.", "\\[ 6 \\times 7 = 42 \\]", "$$6 \\times 7 = 42$$",
			"\\( 6 \\times 7 = 42 \\)", "6 \\times 7 = 42", "So, \\( 6 \\times 7 = 42 \\).",
			"First:\n\\[ 6 \\times 7 = 42 \\]\n\nTherefore, the answer is \\( \\boxed{42} \\).",
			"The final answer is:\n\n$$\\boxed{42}$$", "The final answer is: $\\boxed{42}$.", "### Final Answer\n\n\\boxed{42}",
			"**Final Answer:** \\(\\boxed{42}\\)", "✅ **Final Answer: 42**", "✅ 42", "**Answer: 42** ✅",
			"### ✅ Final Answer:\n\n**42**", "### Final Answer:\n**42**", "---\n\n**42**", "---\n**Answer:** 42\n---", "42 letters",
			"\"abc\" has 42 letters.", "The word \"abc\" has 42 letters.", "There are 42 words in the given text.",
			"The number of letters in \"abc\" is 42.", "The letter \"a\" appears 42 times in \"abc\".",
			"The letter 'a' appears **42** times in the string.", "There are 42 vowels in the text: a, e, i.",
			"The text has 42 vowels (a, e, i, o, u).", "Counting the vowels gives 42.", "a: 20, e: 22. Total: 42",
			"a: 20\ne: 22\n\nTotal: 42", "- a: 20\n- e: 22\n\nTotal = 42", "The count is 42.", "I count 42.", "Final answer: 42",
			"Final answer: **42**", "FINAL ANSWER: 42", "The final answer is **42**", "My answer is 42.", "So, the answer is 42.",
			"Hence, the answer is 42.", "Thus, the final answer is 42.", "Therefore the answer is $\\boxed{42}$.", "I get 42.",
			"It's 42.", "It is 42", "That's 42.", "That equals 42.", "You get 42.", "which gives us 42.", "we get:\n\n42",
			"we get 42.", "The result of 6 * 7 is 42.", "The result of 6 * 7 is **42**.", "6 multiplied by 7 equals 42.",
			"6 times 7 is 42.", "To multiply 6 by 7:\n\n6 × 7 = 42\n\nAnswer: 42",
			"Let's break it down:\n- 6 × 5 = 30\n- 6 × 2 = 12\n- 30 + 12 = 42\n\n**42**",
			"Step 1: 6 × 5 = 30\nStep 2: 6 × 2 = 12\nStep 3: 30 + 12 = 42",
			"Step 1: 6 × 5 = 30\n\nStep 2: 30 + 12 = 42\n\nThe answer is 42.", "(2 + 4) * 7 = 6 * 7 = 42",
			"42\n\nHere is how: 6*7 = 42", "42 (since 6 × 7 = 42)", "**42** (6 × 7 = 42)", "42\n\n", "\n42", "42.0", "42.00",
			"$42.$", "\\(42\\)", "\\text{42}", "\\boxed{42}.", "\\boxed{42}\n", "\\[\\boxed{42}\\]", "<b>42</b>",
			"Answer:\n\n**42**", "=> 42", "x = 42", "The value is 42.", "The value of x is 42.", "Let me solve it.\n\nAnswer: 42",
			"Let me compute this step by step.\n\n6*7: 6*5=30, 6*2=12, 30+12=42.\n\n**Answer: 42**", "Okay, so 6*7=42.\n\n42",
			"A: 42", "**A:** 42", "A: 42.", "{\"answer\": 42}", "```json\n{\"answer\": 42}\n```", "{\"answer\": \"42\"}",
			"{\"final_answer\": 42}", "42 (6 × 7)", "**42** (6 × 7)", "The answer is 42 (6 * 7).", "42 (84/2)", "42 (6.0 × 7)", "42!", "It is 42!",
			"**42!**", "**42**!", "Step 1: 6*7 = 42", "42 = 42", "20 + 22\nTotal: 42", "Sum: 20 + 22\nSum: 42", "Total: 42\nTotal: 42",
			"Ada: 20\nBen: 22\nTotal: 42", "```\n42\n```\nThe right one: 42 words.",
		},
		`kilometres 42`: {
			"42 km", "42 kilometers", "42,000 m = 42 km", "42,000 metres is equal to 42 kilometres.",
			"There are 42 kilometres in 42,000 metres.", "42,000 metres are **42 kilometres**.", "**42 kilometers**",
			"To convert metres to kilometres, divide by 1000:\n\n42,000 / 1000 = 42 kilometres", "42,000 m ÷ 1,000 = **42 km**",
			"42 km, because 1 km = 1000 m.", "\\boxed{42} km", "\\boxed{42\\text{ km}}", "**42** kilometres",
			"$\\boxed{42}$ kilometers", "The answer is **42** kilometres.", "The answer is 42 kilometres.",
			"42,000 metres = **42** kilometres", "42000 metres ÷ 1000 = 42 kilometres. So the answer is 42.",
		},
		`weekday Friday`: {
			"Friday", "**Friday**", "January 1, 2021 was a Friday.", "January 1, 2021, was a **Friday**.", "2021-01-01 is a Friday",
			"The day of the week for 2021-01-01 was Friday.", "2021-01-01 fell on a **Friday**.", "It will be Friday.",
			"2021-01-01 was a Friday", "The answer is Friday", "FRIDAY", "Friday.\n\nExplanation: use Zeller's rule, which gives 6.",
			"friday.", "On a Friday.", "On a Friday", "On Friday.", "It was on a Friday.",
		},
		`text 2027-03-18`: {
			"2027-03-18", "The date 3 days after 2027-03-15 is 2027-03-18.", "The date is **2027-03-18**.",
			"2027-03-15 + 3 days = 2027-03-18", "**2027-03-18**", "The date 3 days after 2027-03-15 is **2027-03-18**.",
			"3 days after 2027-03-15 is 2027-03-18.",
		},
		`text kcab`: {
			"kcab", "\"kcab\"", "The reversed string is \"kcab\".", "\"back\" backwards is \"kcab\".",
			"\"back\" backwards is **kcab**.", "`kcab`", "The word \"back\" backwards is \"kcab\".", "The result is: kcab",
			"Reversed: kcab",
		},
		`list 20, 56, 85`: {
			"20, 56, 85", "The numbers sorted from smallest to largest are: 20, 56, 85", "Sorted: 20, 56, 85",
			"Here are the numbers sorted, smallest first: 20, 56, 85", "Here are the numbers sorted, smallest first:\n\n20, 56, 85",
			"Smallest first: 20, 56, 85", "The order is 20, 56, 85.", "**20, 56, 85**", "Sorted in ascending order: **20, 56, 85**",
			"20,56,85",
		},
		`json {"a":1,"b":true}`: {
			"```json\n{\"a\": 1, \"b\": true}\n```", "{\"a\": 1, \"b\": true}",
			"Here is the JSON:\n\n```json\n{\"a\": 1, \"b\": true}\n```", "Here is the updated JSON:\n{\"a\": 1, \"b\": true}",
			"The result is `{\"a\": 1, \"b\": true}`.", "```json\n{\"a\": 1, \"b\": true}\n```\n\nI renamed the key as requested.",
			"`{\"a\": 1, \"b\": true}`",
			"Sure! Here's the JSON with the key renamed:\n\n```json\n{\n  \"a\": 1,\n  \"b\": true\n}\n```\n\nLet me know if you need anything else!",
		},
	} {
		for _, right := range all {
			if v := verdictOn(key, right); v.Score < 1 {
				t.Errorf("%s: %q is refused: %s", key, right, v.Note)
			}
		}
	}
}
