package practice

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// programWays asks for short programs of the stack language that do the same: at level 1
// for one of the shortest, as level 4 of forth does; at levels 2 and 3 for several that are
// at most a word longer, too little for two words that undo each other; at level 4 with
// arithmetic.
var programWays = family{
	hobby.Family{Name: "program_ways", Levels: 4, LevelGuess: []float64{0.08, 0, 0, 0}},
	func(r *rand.Rand, level int) Task {
		if level == 1 {
			t := shortest(r)
			t.Like = "forth"
			return t
		}
		vocabulary, like, k := movers, "forth", level
		if level == 4 {
			vocabulary, like, k = []string{"dup", "swap", "over", "+", "-", "*"}, "", 2
		}
		for {
			from := distinct(r, between(r, 2, 3), 1, 99)
			if level == 4 {
				from = distinct(r, between(r, 2, 3), 2, 12)
			}
			var program []string
			for range between(r, 2, 3) {
				program = append(program, pick(r, vocabulary))
			}
			to, ok := execute(from, program)
			if !ok || len(to) == 0 || slices.Equal(from, to) || level == 4 && !slices.ContainsFunc(program, computes) {
				continue
			}
			all, most := programs(from, to, vocabulary)
			if len(all) < k || most < 3 {
				continue
			}
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			params := fmt.Sprintf("%s > %s", plain(from), plain(to))
			if level == 4 {
				params += " with arithmetic"
			}
			prompt := fmt.Sprintf("Write different Forth programs of at most %d words that turn the stack %s into %s, where the top is last. "+
				"Use no words but %s.", most, plain(from), plain(to), strings.Join(vocabulary, ", "))
			return ways(params, like, prompt, k, all, func(s string) (string, Verdict) { return programOf(s, from, to, vocabulary, most) })
		}
	},
}

// programs are those that turn one stack into another and are at most a word longer than
// the shortest, and how long that is. There is one of at most three words.
func programs(from, to []int, vocabulary []string) (all []string, most int) {
	type state struct {
		program []string
		stack   []int
	}
	most = 4
	states := []state{{nil, from}}
	for length := 0; length <= most; length++ {
		var longer []state
		for _, s := range states {
			if slices.Equal(s.stack, to) {
				all, most = append(all, strings.Join(s.program, " ")), min(most, length+1)
			}
			if length == most {
				continue
			}
			for _, w := range vocabulary {
				if stack, ok := execute(s.stack, []string{w}); ok {
					longer = append(longer, state{append(slices.Clip(s.program), w), stack})
				}
			}
		}
		states = longer
	}
	return all, most
}

// programOf judges one program.
func programOf(solution string, from, to []int, vocabulary []string, most int) (key string, v Verdict) {
	other := func(w string) bool { return !slices.Contains(vocabulary, w) }
	program := strings.Fields(strings.ToLower(solution))
	if slices.ContainsFunc(program, other) { // an asterisk may be a mark or a word
		program = wordsOfProgram(solution)
	}
	switch {
	case len(program) == 0 || slices.ContainsFunc(program, other):
		return "", Fail("a program of other words")
	case len(program) > most:
		return "", Fail("a program that is too long")
	}
	switch stack, ok := execute(from, program); {
	case !ok:
		return "", Fail("a program that needs more on the stack")
	case !slices.Equal(stack, to):
		return "", Fail("a program that leaves something else")
	}
	return strings.Join(program, " "), Pass()
}
