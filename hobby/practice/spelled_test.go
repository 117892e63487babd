package practice

import (
	"fmt"
	"strings"
	"testing"
)

// inWords writes a number in English words.
func inWords(n int) string {
	switch {
	case n < 0:
		return "minus " + inWords(-n)
	case n < 20:
		return small[n]
	case n < 100:
		return strings.TrimSuffix(tens[n/10-2]+"-"+inWords(n%10), "-zero")
	case n < 1000:
		return strings.TrimSuffix(inWords(n/100)+" hundred and "+inWords(n%100), " and zero")
	case n < 1_000_000:
		return strings.TrimSuffix(inWords(n/1000)+" thousand "+inWords(n%1000), " zero")
	}
	return strings.TrimSuffix(inWords(n/1_000_000)+" million "+inWords(n%1_000_000), " zero")
}

func TestNumbersInWords(t *testing.T) {
	for n := -3; n < 40_000_000; n = n + 1 + n/1001*7 {
		for _, words := range []string{inWords(n), strings.NewReplacer(" and ", " ", "-", " ").Replace(strings.ToUpper(inWords(n)))} {
			if got, ok := figures(words); !ok || got != fmt.Sprint(n) {
				t.Fatalf("%q is read as %s, %v; want %d", words, got, ok, n)
			}
		}
	}
	for words, want := range map[string]string{"three point one four": "3.14", "negative twelve hundred": "-1200"} {
		if got, ok := figures(words); !ok || got != want {
			t.Errorf("%q is read as %s, %v; want %s", words, got, ok, want)
		}
	}
	for _, words := range []string{"", "and", "two three", "forty twenty", "hundred", "two and three", "two hundred and", "zero five",
		"three point", "point five", "minus", "six million two million", "twenty eleven", "two hundred and thousand"} {
		if got, ok := figures(words); ok {
			t.Errorf("%q is read as %s", words, got)
		}
	}
}

// TestARivalInWords has answers that say another number in words before they say 42, and ones
// that have numbers in words and say nothing else.
func TestARivalInWords(t *testing.T) {
	p := Say("[the] product").About("What is 6 * 7?")
	for _, said := range []string{
		"You want forty-three. It is 42.", "Forty-three. The answer is 42.", "I get forty-three. The answer is 42.",
		"It is forty three. It is 42.", "Everyone says FORTY. It is 42.", "Minus forty-two. It is 42.", "\\boxed{42}\n\nForty-one.",
		"The product is one hundred and two.\n\n42", "42. Explanation: everyone knows eleven.", "Nine. It is 42.", "You want nine, yes. It is 42.",
		"Forty-two point five. It is 42.", "Four thousand two hundred\nIt is 42.", "42 because everyone says nineteen",
		"At this point forty-three. It is 42.", "You want one forty-three. It is 42.", "Hundred forty-three. It is 42.",
		"One and forty-three! It is 42.", "Forty-three is right. It is 42.", "I say forty-three because I can. It is 42.",
		"I am ninety-nine percent sure. It is 42.",
	} {
		if v := Number(said, "42", p); v.Score == 1 {
			t.Errorf("%q passes", said)
		}
	}
	for _, said := range []string{
		"Six times seven is forty-two. The answer is 42.", "Forty-two. The answer is 42.", "It is forty-two. It is 42.",
		"I know this one. It is 42.", "Here are two ways to see it. The answer is 42.", "Twenty-one plus twenty-one. The answer is 42.",
		"Forty plus two. It is 42.", "You want forty two. The answer is 42.", "I checked it with two friends. It is 42.",
		"I am one hundred percent sure. It is 42.", "Ninety percent get this wrong. It is 42.", "I am one hundred % sure. It is 42.",
		"Twenty-five people asked me. It is 42.", "It took thirteen tries. It is 42.", "This is a thirty-second job. It is 42.",
		"One hundred percent! It is 42.", "Fifty - eight = 42. The answer is 42.", "Fifty minus eight is forty-two. The answer is 42.",
		"Fifty minus eight. The answer is 42.", "I see it in nineteen ninety-nine ways. It is 42.", "At this point I am done. It is 42.",
	} {
		if v := Number(said, "42", p); v.Score < 1 {
			t.Errorf("%q: %s", said, v.Note)
		}
	}
}
