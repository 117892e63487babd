package practice

import (
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// numberWays asks for several ways to make a number of given ones. Two are different when
// they would come to different results with other numbers in the places of these: the same
// sum in another order, or with other brackets, is the same way.
var numberWays = family{
	hobby.Family{Name: "number_ways", Levels: 4, LevelGuess: countdown.info.LevelGuess[:1]},
	func(r *rand.Rand, level int) Task {
		if level == 1 {
			t := countdown.generate(r, 1)
			t.Like = "countdown"
			return t
		}
		k, n := level, min(level+1, 4)
		for {
			given := distinct(r, n, 2, 25)
			target, solutions := manyWays(r, given, k)
			if solutions == nil {
				continue
			}
			shown := slices.Clone(given)
			slices.Sort(given)
			prompt := fmt.Sprintf("Make %d from the numbers %s, each used at most once in each way, with +, -, *, / and brackets. "+
				"Ways that differ only in order or in brackets are the same way.", target, joinInts(shown))
			return ways(fmt.Sprintf("%s > %d", joinInts(given), target), "countdown", prompt, k, solutions, func(s string) (string, Verdict) {
				return wayOf(s, given, target), makes(s, given, target)
			})
		}
	},
}

// form is an expression of some of the given numbers.
type form struct {
	text  string
	n     int
	bound int // how tightly: 0 is a sum, 1 a product, 2 a number
}

// manyWays draws a number that given ones can make in k different ways or more, though not
// in very many, and shows k of them. It returns nil where there is none.
func manyWays(r *rand.Rand, given []int, k int) (target int, solutions []string) {
	made := map[int][]string{} // by what they come to
	for _, forms := range formsOf(given) {
		for _, f := range forms {
			if f.bound < 2 && f.n >= 10 && f.n <= 999 && !slices.Contains(given, f.n) {
				made[f.n] = append(made[f.n], f.text)
			}
		}
	}
	targets := slices.DeleteFunc(slices.Sorted(maps.Keys(made)), func(n int) bool { return len(made[n]) < k || len(made[n]) > 8*k })
	for range min(len(targets), 3) {
		target = pick(r, targets)
		texts := slices.Clone(made[target])
		r.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		seen := map[string]bool{}
		solutions = nil
		for _, s := range texts {
			if key := wayOf(s, given, target); !seen[key] {
				seen[key] = true
				solutions = append(solutions, s)
			}
			if len(solutions) == k {
				return target, solutions
			}
		}
	}
	return 0, nil
}

// formsOf are the expressions of each set of the given numbers, a bit for each, whose
// steps all come to whole numbers from 1 to 5000.
func formsOf(given []int) [][]form {
	sets := make([][]form, 1<<len(given))
	for i, n := range given {
		sets[1<<i] = []form{{fmt.Sprint(n), n, 2}}
	}
	for set := range sets {
		for left := (set - 1) & set; left > 0; left = (left - 1) & set {
			for _, a := range sets[left] {
				for _, b := range sets[set&^left] {
					sets[set] = append(sets[set], both(a, b, left < set&^left)...)
				}
			}
		}
	}
	return sets
}

// both are the expressions of two; once says that the two come in this order only once.
func both(a, b form, once bool) (all []form) {
	in := func(f form, bound int) string {
		if f.bound < bound {
			return "(" + f.text + ")"
		}
		return f.text
	}
	put := func(text string, n, bound int) {
		if n >= 1 && n <= 5000 {
			all = append(all, form{text, n, bound})
		}
	}
	if once {
		put(in(a, 0)+" + "+in(b, 0), a.n+b.n, 0)
		put(in(a, 1)+" * "+in(b, 1), a.n*b.n, 1)
	}
	put(in(a, 0)+" - "+in(b, 1), a.n-b.n, 0)
	if a.n%b.n == 0 {
		put(in(a, 1)+" / "+in(b, 2), a.n/b.n, 1)
	}
	return all
}

// others are what a way is computed with in the places of the given numbers. That two
// different expressions of so few numbers agree there is out of the question.
var others = []int64{1_000_003, 10_000_019, 100_000_007, 1_000_000_007, 10_000_000_019, 100_000_000_003}

// wayOf is what an expression comes to with other numbers; "" where it is none.
func wayOf(answer string, given []int, target int) string {
	e, _, _ := sides(answer, target)
	p := expressions{text: e, as: map[string]*big.Rat{}}
	for i, n := range given {
		p.as[fmt.Sprint(n)] = new(big.Rat).SetInt64(others[i])
	}
	v, ok := p.all()
	if !ok || v == nil {
		return ""
	}
	return v.RatString()
}
