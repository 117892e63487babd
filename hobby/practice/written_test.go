package practice_test

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby/practice/internal/nearmiss"
)

// Near misses of answers that a model writes in a language, programs and expressions,
// of which several are right, and another way to find out whether one is.

// nearPrograms are Forth programs that differ from the key in a word or two.
func nearPrograms(r *rand.Rand, key string) (all []string) {
	words := strings.Fields("dup drop swap over rot nip tuck 2dup -rot + 7")
	program := strings.Fields(key)
	change := func(f func(p []string) []string) { all = append(all, strings.Join(f(slices.Clone(program)), " ")) }
	for i := range program {
		for _, w := range words {
			change(func(p []string) []string { p[i] = w; return p })
			change(func(p []string) []string { return slices.Insert(p, i, w) })
			change(func(p []string) []string { return append(p, w) })
		}
		change(func(p []string) []string { return slices.Delete(p, i, i+1) })
		change(func(p []string) []string { j := r.IntN(len(p)); p[i], p[j] = p[j], p[i]; return p })
	}
	return append(all, key+" swap swap", "dup drop "+key, strings.ReplaceAll(key, " ", ", "), strings.ReplaceAll(key, " ", ""),
		": f "+key+" ;", strings.ToUpper(key), "rot rot rot "+key)
}

// nearSums are expressions that differ from the key in a number, an operator, a
// bracket or the order of operands.
func nearSums(r *rand.Rand, key, prompt string) (all []string) {
	numbers := regexp.MustCompile(`\d+`)
	target := numbers.FindString(prompt)
	for _, at := range numbers.FindAllStringIndex(key, -1) {
		n, _ := strconv.Atoi(key[at[0]:at[1]])
		for _, other := range []string{
			strconv.Itoa(n + 1), strconv.Itoa(n - 1), "-" + key[at[0]:at[1]], key[at[0]:at[1]] + "0", "0", target, fmt.Sprintf("(%d - %d)", n, n),
			pick(r, numbers.FindAllString(prompt, -1)), fmt.Sprintf("%d * 1", n), fmt.Sprintf("%d.0", n), fmt.Sprintf("0%d",
				n), fmt.Sprintf("((%d))", n),
		} {
			all = append(all, key[:at[0]]+other+key[at[1]:])
		}
	}
	for i, c := range key {
		switch {
		case strings.ContainsRune("+-*/", c):
			for _, op := range []string{"+", "-", "*", "/", "**", "%", "//", "^", "×", "÷", "−", ""} {
				all = append(all, key[:i]+op+key[i+1:])
			}
			if a, b := key[:i], key[i+1:]; !strings.ContainsAny(key, "()") {
				all = append(all, strings.TrimSpace(b)+" "+string(c)+" "+strings.TrimSpace(a))
			}
		case strings.ContainsRune("()", c):
			all = append(all, key[:i]+key[i+1:], key[:i]+string(c)+key[i:])
		}
	}
	return append(all, target, target+" = "+key, key+" = "+target, key+" = "+target+"1", key+" + 0", "("+key+")", "("+key, key+")",
		"-"+key, "+"+key,
		strings.NewReplacer("(", "", ")", "").Replace(key), strings.ReplaceAll(key, " ", ""), key+" - "+key, key+" = "+key,
		strings.Join(numbers.FindAllString(prompt, -1)[1:], " + "), strings.Join(numbers.FindAllString(key, -1), " + "), nearmiss.Mirrored(key))
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// ran is what a Forth program of words that copy and move leaves on a stack, each of
// which is a change of the text that the stack is written as.
func ran(stack, program []string) string {
	s := strings.Join(stack, " ")
	for _, w := range program {
		change := map[string][2]string{
			"dup": {`(\S+)$`, "$1 $1"}, "drop": {` ?\S+$`, ""}, "swap": {`(\S+) (\S+)$`, "$2 $1"},
			"over": {`(\S+) (\S+)$`, "$1 $2 $1"}, "rot": {`(\S+) (\S+) (\S+)$`, "$2 $3 $1"},
		}[w]
		re, err := regexp.Compile(change[0])
		if change[0] == "" || err != nil || !re.MatchString(s) {
			return "a program that does not run"
		}
		s = re.ReplaceAllString(s, change[1])
	}
	return s
}

// reaches computes an expression as Go's compiler does, with exact constants. In an
// equation all sides must come to the number, and one be of the given ones.
func reaches(answer, prompt string) bool {
	numbers := regexp.MustCompile(`\d+`)
	given := numbers.FindAllString(prompt, -1)
	target := constant.MakeFromLiteral(given[0], token.INT, 0)
	uses := false
	for _, e := range strings.Split(strings.NewReplacer("×", "*", "÷", "/", "−", "-").Replace(answer), "=") {
		if !regexp.MustCompile(`^[0-9+*/() -]*$`).MatchString(e) || regexp.MustCompile(`//|\*\*|(^|[-+*/(])\s*[-+]`).MatchString(e) {
			return false
		}
		v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, numbers.ReplaceAllString(e, "$0.0"))
		if err != nil || !constant.Compare(v.Value, token.EQL, target) {
			return false
		}
		used := numbers.FindAllString(e, -1)
		for _, n := range given[1:] {
			if i := slices.Index(used, n); i >= 0 {
				used = slices.Delete(used, i, i+1)
			}
		}
		uses = uses || len(used) == 0
	}
	return uses
}
