package practice

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// forth is what short programs of the stack language Forth leave on the stack, and
// writing the shortest one for an effect.
var forth = family{
	hobby.Family{Name: "forth", Levels: 4, LevelGuess: []float64{0.09, 0.01, 0.02, 0.08}},
	func(r *rand.Rand, level int) Task {
		if level == 4 {
			return shortest(r)
		}
		for {
			n, m, vocabulary := between(r, 2, 3), between(r, 1, 2), []string{"dup", "drop", "swap", "over"}
			switch level {
			case 2:
				n, m, vocabulary = 3, between(r, 3, 5), []string{"dup", "drop", "swap", "over", "rot"}
			case 3:
				n, m, vocabulary = between(r, 2, 3), between(r, 2, 4), []string{"dup", "swap", "over", "+", "-", "*"}
			}
			var program []string
			for range n {
				program = append(program, strconv.Itoa(between(r, 1, map[bool]int{true: 9, false: 99}[level == 3])))
			}
			for range m {
				program = append(program, pick(r, vocabulary))
			}
			stack, ok := execute(nil, program)
			if !ok || len(stack) == 0 || level == 3 && (!slices.ContainsFunc(program, computes) || len(stack) > 3) {
				continue
			}
			text := strings.Join(program, " ")
			return ask(text, fmt.Sprintf("What does the Forth program %q leave on the stack? Answer with the numbers only, "+
				"the top one last.", text),
				plain(stack), "stack", func(a string) Verdict {
					return Read(a, aStack, func(a string) Verdict { return isStack(a, stack) })
				})
		}
	},
}

func computes(word string) bool { return strings.Contains("+-*", word) }

// movers are the words that move and copy what is on the stack.
var movers = []string{"dup", "drop", "swap", "over", "rot"}

// shortest is the task of writing a program that turns one stack into another.
func shortest(r *rand.Rand) Task {
	for {
		from := distinct(r, between(r, 2, 3), 1, 99)
		var program []string
		for range between(r, 3, 5) {
			program = append(program, pick(r, movers))
		}
		to, ok := execute(from, program)
		if !ok || len(to) == 0 || slices.Equal(from, to) {
			continue
		}
		best := fewest(from, to)
		if len(best) < 2 {
			continue
		}
		params := fmt.Sprintf("%s > %s", plain(from), plain(to))
		prompt := fmt.Sprintf("Write the shortest Forth program that turns the stack %s into %s, where the top is last. "+
			"Use no words but dup, drop, swap, over and rot. Answer with the program only.", plain(from), plain(to))
		return ask(params, prompt, strings.Join(best, " "), "program", func(a string) Verdict {
			return Read(a, aProgram, func(a string) Verdict { return turns(a, from, to, len(best)) })
		})
	}
}

// fewest is a shortest program of movers that turns one stack into another, found
// breadth first. There is one.
func fewest(from, to []int) []string {
	programs := [][]string{nil}
	for {
		var longer [][]string
		for _, p := range programs {
			if stack, ok := execute(from, p); ok {
				if slices.Equal(stack, to) {
					return p
				}
				for _, w := range movers {
					longer = append(longer, append(slices.Clip(p), w))
				}
			}
		}
		programs = longer
	}
}

// needs is how many numbers each word needs on the stack.
var needs = map[string]int{"dup": 1, "drop": 1, "swap": 2, "over": 2, "rot": 3, "+": 2, "-": 2, "*": 2}

// execute runs a program on a stack, whose top is last. It fails where the stack has
// too few numbers for a word, and at a word that it does not know.
func execute(stack []int, program []string) ([]int, bool) {
	s := slices.Clone(stack)
	for _, word := range program {
		need, known := needs[word]
		if !known {
			n, err := strconv.Atoi(word)
			if err != nil {
				return nil, false
			}
			s = append(s, n)
			continue
		}
		top := len(s) - 1
		if len(s) < need {
			return nil, false
		}
		switch word {
		case "dup":
			s = append(s, s[top])
		case "drop":
			s = s[:top]
		case "swap":
			s[top], s[top-1] = s[top-1], s[top]
		case "over":
			s = append(s, s[top-1])
		case "rot":
			s[top-2], s[top-1], s[top] = s[top-1], s[top], s[top-2]
		case "+":
			s = append(s[:top-1], s[top-1]+s[top])
		case "-":
			s = append(s[:top-1], s[top-1]-s[top])
		case "*":
			s = append(s[:top-1], s[top-1]*s[top])
		}
	}
	return s, true
}

// plain writes a stack as Forth does.
func plain(stack []int) string { return strings.ReplaceAll(joinInts(stack), ",", "") }

// aStack and aProgram are the phrases for stacks and for programs.
var (
	aStack = Say("[the] [final|resulting] stack [(from bottom to top|top last)]", "the [final] stack (contains|has|holds) …",
		"the [Forth] program leaves [on the stack]",
		"the [Forth] program leaves … [on the stack]", "it leaves … [on the stack]")
	aProgram = SayCode("[the] [shortest] [Forth] program", "[the] shortest [Forth] program", "use …")
)

// depth is how Forth says how many numbers are on the stack, before it shows them.
var depth = regexp.MustCompile(`^<([0-9]+)>\s+`)

// isStack compares an answer with the numbers on a stack: they may be separated by
// spaces or commas. A single one may have separators of thousands.
func isStack(answer string, want []int) Verdict {
	s := typeset.Replace(Bare(answer))
	if m := depth.FindStringSubmatch(s); m != nil && m[1] == strconv.Itoa(len(want)) {
		s = s[len(m[0]):]
	}
	s = unbracketed(s)
	if len(want) == 1 && number.MatchString(s) {
		return isNumber(s, strconv.Itoa(want[0]))
	}
	entries := strings.Split(conjunction.ReplaceAllString(s, ", "), ",")
	if len(entries) == 1 {
		entries = strings.Fields(s)
	}
	got := make([]int, len(entries))
	for i, e := range entries {
		n, err := strconv.Atoi(strings.TrimSpace(e))
		if err != nil {
			return Fail("not numbers")
		}
		got[i] = n
	}
	switch {
	case slices.Equal(got, want):
		return Pass()
	case len(got) != len(want):
		return Fail("a stack of the wrong size")
	case slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))):
		return Fail("in the wrong order")
	default:
		return Fail("a stack with wrong numbers")
	}
}

// printing matches the word "." of Forth, which prints; behind a word, a full stop ends a
// sentence.
var printing = regexp.MustCompile("(?:^|\\s)\\.(?:[\\s`*\"']|$)")

// wordsOfProgram are the words of an answer that is a program.
func wordsOfProgram(answer string) []string {
	program := strings.Fields(strings.ToLower(Bare(answer)))
	if printing.MatchString(answer) {
		program = append(program, ".")
	}
	return program
}

// turns says whether a program of movers turns one stack into another, in as few
// words as it takes.
func turns(answer string, from, to []int, fewest int) Verdict {
	program := wordsOfProgram(answer)
	if len(program) == 0 || len(program) > 100 {
		return Fail("empty, or more than the answer")
	}
	moves, known := 0, 0
	for _, w := range program {
		if slices.Contains(movers, w) {
			moves++
		}
		if needs[w] > 0 {
			known++
		}
	}
	switch {
	case moves == len(program):
	case known == len(program):
		return Fail("a program of other words")
	case moves == 0:
		return Fail("not a program")
	default:
		return Fail("not these words alone")
	}
	stack, ok := execute(from, program)
	switch {
	case !ok:
		return Fail("a program that needs more on the stack")
	case !slices.Equal(stack, to):
		return Fail("a program that leaves something else")
	case len(program) > fewest:
		return Fail("longer than the shortest program")
	}
	return Pass()
}
