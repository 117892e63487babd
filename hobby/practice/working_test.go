package practice

import (
	"strings"
	"testing"
)

// workings are right answers behind working, as chat models write it, each with the same
// text in which the last value is another.
var workings = []struct{ kind, prompt, want, other, said string }{
	{"number", "What is 37 + 48 - 43?", "42", "44", "First, 37 + 48 = 85. Then 85 - 43 = ?.\n\nThe answer is ?."},
	{"number", "What is 37 + 48 - 43?", "42", "52",
		"Let's add 37 and 48 first. That gives 85. Next we subtract 43, which leaves ?. So the answer is ?."},
	{"number", "What is 37 + 48 - 43?", "42", "32",
		"I'll work from left to right.\n\n1. 37 plus 48 is 85.\n2. 85 minus 43 is ?.\n\n**Answer: ?**"},
	{"number", "What is 6 * 7?", "42", "48", "6 * 7 means adding 7 six times: 7, 14, 21, 28, 35, ?. So 6 * 7 = ?."},
	{"number", "What is 6 * 7?", "42", "36", "We know that 6 times 5 is 30, and 6 times 2 is 12. Adding both gives ?. The answer is ?."},
	{"number", "What is the remainder when 142 is divided by 100?", "42", "41",
		"100 goes into 142 once. That leaves ?. The remainder is ?."},
	{"number", "What is the remainder when 142 is divided by 100?", "42", "41",
		"142 divided by 100 is 1 with something left over. 1 times 100 is 100. 142 - 100 = ?. The remainder is ?."},
	{"number", "What is the next number in the sequence 22, 27, 32, 37?", "42", "43",
		"The differences are 5, 5 and 5. The sequence increases by 5 each time. 37 + 5 = ?. The next number is ?."},
	{"number", "What is the next number in the sequence 22, 27, 32, 37?", "42", "43",
		"Each term is 5 more than the one before. The last term is 37. So the next number is ?."},
	{"number", "What number is the Roman numeral XLII?", "42", "62", "XL is 40 and II is 2. Together they make ?. XLII is ?."},
	{"number", "What number is the Roman numeral XLII?", "42", "62",
		"X = 10, L = 50, I = 1.\nX before L means 50 - 10 = 40.\nII means 2.\n40 + 2 = ?\n\nThe Roman numeral XLII is ?."},
	{"number", "How many letters has the text? abc", "42", "41",
		"I count the letters one by one: a is 1, b is 2, c is 3, and so on.\n\nThe total is ?."},
	{"number", "What is the sum of the column basket?\n| name | basket |\n| Ada | 20 |\n| Ben | 22 |", "42", "40",
		"The values in the column basket are 20 and 22. Their sum is 20 + 22 = ?. The sum is ?."},
	{"number", "What is the sum of the column basket?\n| name | basket |\n| Ada | 20 |\n| Ben | 22 |", "42", "40",
		"Ada has 20.\nBen has 22.\nThe sum is ?."},
	{"number", "What is the sum of the column basket?\n| name | basket |\n| Ada | 20 |\n| Ben | 22 |", "42", "40",
		"- Ada: 20\n- Ben: 22\n\nTotal: ?"},
	{"number", "What is the sum of the column basket?\n| name | basket |\n| Ada | 20 |\n| Ben | 22 |", "42", "40",
		"Let me look at the table.\n\n| Ada | 20 |\n| Ben | 22 |\n\nSo the sum is ?."},
	{"base 2", "Write the base-10 number 11 in base 2.", "1011", "1101", "11 = 8 + 2 + 1. The places are 8, 4, 2 and 1. The answer is ?."},
	{"base 2", "Write the base-10 number 11 in base 2.", "1011", "1101",
		"Divide 11 by 2: the quotient is 5, the remainder is 1.\nDivide 5 by 2: the quotient is 2, the remainder is 1.\nDivide 2 by 2: " +
			"the quotient is 1, the remainder is 0.\n" +
			"Divide 1 by 2: the quotient is 0, the remainder is 1.\n\nThe answer is ?."},
	{"kilometres", "How many kilometres are 42000 metres?", "42", "420",
		"There are 1000 metres in a kilometre. 42000 metres divided by 1000 is ?. The answer is ? kilometres."},
	{"days", "How many days is it from 2020-01-01 to 2020-02-12?", "42", "41",
		"January has 31 days. From 2020-01-01 to 2020-02-01 it is 31 days. From there it is 11 more days. 31 + 11 = ?. The answer is ?."},
	{"weekday", "Which day of the week was or will be 2021-01-01?", "Friday", "Saturday",
		"The year 2020 began on a Wednesday. It was a leap year, so it has 366 days, which is 52 weeks and 2 days. " +
			"Two days after Wednesday is ?. The answer is ?."},
	{"ISO date", "What is the date 3 days after 2027-03-15?", "2027-03-18", "2027-03-19",
		"We start at 2027-03-15. One day later it is 2027-03-16, and then 2027-03-17. The answer is ?."},
	{"clock", "What time is it 5 minutes after 17:25?", "17:30", "17:35",
		"The start is 17:25. Adding 5 minutes to 25 gives 30. The hour stays 17. The answer is ?."},
	{"clock", "What time is it 5 minutes after 17:25?", "17:30", "17:35", "17:25 plus 5 minutes makes ?. The time is ?."},
	{"roman", "Write 14 as a Roman numeral.", "XIV", "XVI", "10 is X and 4 is IV. Put together, 14 is ?. The answer is ?."},
	{"text", `Write "back" backwards.`, "kcab", "kacb",
		"The letters of \"back\" are b, a, c, k. Backwards they are k, c, a, b. The answer is ?."},
	{"text", `Write "back" backwards.`, "kcab", "kacb", "I start with the last letter, k, then c, then a, then b.\n\nThe result is ?."},
	{"text", `Write "pencil box" in upper case.`, "PENCIL BOX", "PENCIL BOY", "Each letter becomes its capital. The answer is ?."},
	{"list", "Sort the numbers 56, 85, 20 from smallest to largest.", "20, 56, 85", "20, 85, 56",
		"The smallest number is 20. The next is 56. The largest is 85. The order is ?."},
	{"list", "Sort the numbers 56, 85, 20 from smallest to largest.", "20, 56, 85", "20, 85, 56", "Given: 56, 85, 20\n\nSorted: ?"},
	{"list", "Sort the numbers 56, 85, 20 from smallest to largest.", "20, 56, 85", "20, 85, 56",
		"I compare 56, 85 and 20. 20 comes first, then 56, then 85.\n\nThe answer is ?."},
	{"set", "A = {20, 30, 56, 85} and B = {20, 56, 85, 90}. Which numbers are in A and in B?", "20, 56, 85", "20, 56, 90",
		"A is {20, 30, 56, 85} and B is {20, 56, 85, 90}. 30 is not in B. 90 is not in A. The numbers in both are ?."},
	{"order", "Ben is taller than Cleo. Ada is taller than Ben. List everybody from tallest to shortest.",
		"Ada, Ben, Cleo", "Ben, Ada, Cleo",
		"Ada is taller than Ben, and Ben is taller than Cleo. So Ada is the tallest and Cleo the shortest. The order is ?."},
	{"order", "Ben is taller than Cleo. Ada is taller than Ben. List everybody from tallest to shortest.",
		"Ada, Ben, Cleo", "Ben, Ada, Cleo",
		"The clues say: Ada > Ben, Ben > Cleo.\n\nThe answer is ?."},
	{"json", `{"walnut": 42, "lemon": 7}` + "\nWhat is the value of \"walnut\"?", "42", "7",
		"The object has the keys walnut and lemon. The value of walnut is ?."},
	{"json", `{"walnut": 42, "lemon": 7}` + "\nWhat is the value of \"walnut\"?", "42", "7",
		"The key \"lemon\" has the value 7, but we want \"walnut\". The answer is ?."},
	{"number", "", "42", "41", "?\n\nExplanation: 6 groups of 7 make ?."},
	{"number", "", "42", "41", "?. I multiplied 6 and 7."},
	{"number", "", "42", "44", "**?**. We subtracted 2 from 44."},
	{"number", "", "42", "13", "The answer is ?. I multiplied 6 by 7."},
	{"number", "", "42", "41", "The answer is ? because 6 sevens are ?."},
	{"number", "", "42", "41", "We are given 6 and 7. The product of six and seven is ?."},
	{"number", "", "42", "41", "6 and 7 are the factors. The answer is ?."},
	{"number", "", "42", "41", "I know that 6 * 7 = ?. The answer is ?."},
	{"number", "", "42", "41", "The number 37 comes before. The next number is ?."},
	{"number", "", "42", "41", "Start: 37\nEnd: ?\n\nThe next number is ?."},
	{"number", "", "42", "41", "Here the last number is 37, and the step is 5. The next number is ?."},
	{"number", "", "42", "41", "**Step 1:** 6 x 5 = 30\n**Step 2:** 6 x 2 = 12\n**Step 3:** 30 + 12 = ?\n\n**Answer: ?**"},
	{"number", "", "42", "41", "Okay, 6 times 7. Six times seven is ?. The answer is ?."},
	{"number", "", "42", "41", "Rows: 1, 3, 5.\n\nThere are ? rows."},
	{"number", "", "42", "41", "The letters are: a b c. I count ?. The answer is ?."},
	{"number", "", "42", "41", "Row 1: 60, yes. Row 2: 40, no. Row 3: 70, yes. The answer is ?."},
	{"number", "", "42", "41", "We have 6 * 7 = 6 * 5 + 6 * 2 = ?. ? is 2 more than 40. The answer is ?."},
	{"number", "", "42", "41", "60 > 50, 70 > 50, 40 < 50. The answer is ?."},
	{"number", "", "42", "41", "1 (Ada), 2 (Ben), 3 (Cleo). The total is ?."},
	{"number", "", "42", "41", "? rows. The answer is ?."},
	{"weekday", "", "Friday", "Saturday", "The 1st of January 2021 was a ?. The answer is ?."},
	{"weekday", "", "Friday", "Saturday", "Counting from Monday: Tuesday, Wednesday, Thursday, ?. The answer is ?."},
	{"ISO date", "", "2027-03-18", "2027-03-19", "2027-03-15 is a Monday. ? is a Thursday. The date is ?."},
	{"clock", "", "17:30", "17:40", "17:25 → ?. The answer is ?."},
	{"roman", "", "XIV", "XVI", "X = 10\nIV = 4\n? = 14\n\nThe answer is ?."},
	{"roman", "", "XIV", "XVI", "I take X for 10 and IV for 4. The answer is ?."},
	{"text", "", "kcab", "kacb", "The word has four letters. Read from the end: k, c, a, b. The answer is ?."},
	{"list", "", "20, 56, 85", "20, 85, 56", "20 < 56 < 85. The order is ?."},
	{"kilometres", "", "42", "41", "1 km is 1000 m. ?000 m is ? km. The answer is ? km."},
	{"days", "", "42", "41", "January: 31 days\nFebruary: 11 days\n\nTotal: ? days"},
}

// TestWorking: working before an answer does not keep it from passing.
func TestWorking(t *testing.T) {
	for _, w := range workings {
		s := shape{Kind: w.kind, Want: w.want, prompt: w.prompt}
		if said := strings.ReplaceAll(w.said, "?", w.want); s.judge(said).Score < 1 {
			t.Errorf("%s: %q is refused: %s", w.want, said, s.judge(said).Note)
		}
		if said := strings.ReplaceAll(w.said, "?", w.other); s.judge(said).Score > 0 {
			t.Errorf("%s: the wrong %q passes", w.want, said)
		}
	}
}

// TestSentences: "min" ends none where it is short for "minimum".
func TestSentences(t *testing.T) {
	for s, want := range map[string]int{
		"It takes 42 min. I added 20 and 22.": 2, "It takes 42min. I added.": 2, "The min. value is 3. Done.": 2, "min. 3": 1, "It is ca. 42.": 1,
	} {
		if got := sentences(s); len(got) != want {
			t.Errorf("%q are %q, want %d", s, got, want)
		}
	}
}
