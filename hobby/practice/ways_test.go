package practice_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/nearmiss"
)

func waysSuite(t testing.TB) *practice.Suite {
	t.Helper()
	s, err := practice.NewSuite(practice.Ways()...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCreativeIsAnExaminer(t *testing.T) {
	hobbytest.TestExaminer(t, func(t *testing.T) hobby.Hobby { return practice.Creative(nil, waysSuite(t), nil) })
}

// TestWaysFollowTheSplit has tasks that two families share: they are held out together.
func TestWaysFollowTheSplit(t *testing.T) {
	all, err := practice.NewSuite(append(practice.Families(), practice.Ways()...)...)
	if err != nil {
		t.Fatal(err)
	}
	for older, name := range map[string]string{"countdown": "number_ways", "forth": "program_ways"} {
		for seed := range uint64(100) {
			task, err := all.Task(name, 1, seed)
			if err != nil {
				t.Fatal(err)
			}
			if like := (&practice.Task{Family: older, Version: 1, Params: task.Params}); practice.Split("skills", like) != task.Split {
				t.Errorf("%s seed %d is for %s, and the same task of %s is not", name, seed, task.Split, older)
			}
		}
	}
}

// TestRightWaysPass has the solutions in the forms in which models give them.
func TestRightWaysPass(t *testing.T) {
	judged, refused := 0, 0
	each(waysSuite(t), func(info hobby.Family, level int) {
		for seed := range uint64(12) {
			task, err := waysSuite(t).Task(info.Name, level, seed)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(task.Reference, "\n")
			numbered, dashed := "", ""
			for i, l := range lines {
				numbered, dashed = numbered+fmt.Sprintf("%d. %s\n", i+1, l), dashed+"- "+l+"\n"
			}
			key := task.Reference
			forms := []string{key, "```\n" + key + "\n```", "<think>Let me see.</think>" + key, key + "\n"}
			if task.Verifier == "ways" {
				forms = append(forms, "Here they are:\n\n"+key, "Here are the solutions:\n"+key, numbered, strings.Join(lines, "\n\n"))
				slices.Reverse(lines)
				forms = append(forms, strings.Join(lines, "\n"))
				if len(lines) > 1 {
					forms = append(forms, strings.Join(lines, "; "), dashed)
				}
			}
			for _, f := range forms {
				judged++
				if v := task.Verify(f); v.Score < 1 {
					refused++
					t.Logf("%s level %d: %s\n%s\n%q", info.Name, level, v.Note, task.Messages[0].Content, f)
				}
			}
		}
	})
	t.Logf("%d of %d refused", refused, judged)
	if refused*100 > judged {
		t.Errorf("%d of %d right forms are refused", refused, judged)
	}
}

// TestNearWaysFail judges answers made from the solutions by rules. None may pass unless
// another check says that it is right.
func TestNearWaysFail(t *testing.T) {
	s := waysSuite(t)
	for n, info := range s.Families() {
		r := rand.New(rand.NewPCG(uint64(n), 5))
		judged, passed, wrong := 0, 0, 0
		last := "1"
		for level := 1; judged < *mutants && wrong < 5; level = level%info.Levels + 1 {
			task, err := s.Task(info.Name, level, r.Uint64())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range nearWays(r, task.Reference, last) {
				judged++
				v := task.Verify(m)
				if v.Score < 1 {
					if v.Note == "" || v.Score < 0 {
						t.Errorf("%q fails with %+v", m, v)
					}
					continue
				}
				passed++
				if !rightWays(task.Messages[0].Content, m) {
					wrong++
					t.Errorf("%s level %d: %s\n%q passes, the key is %q", info.Name, level, task.Messages[0].Content, m, task.Reference)
				}
			}
			last = task.Reference
		}
		t.Logf("%-12s %7d near misses, %5d passed and are right", info.Name, judged, passed-wrong)
	}
}

// TestAnotherProgramIsAnotherAnswer has a list behind a program: of other programs, which
// make two answers, and of its parts and of words about it, which explain it.
func TestAnotherProgramIsAnotherAnswer(t *testing.T) {
	s, err := practice.NewSuite(practice.Ways()...)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(40) {
		task, err := s.Task("program_ways", 1, seed)
		if err != nil {
			t.Fatal(err)
		}
		key := task.Reference
		first, _, _ := strings.Cut(key, " ")
		for _, wrong := range []string{
			key + "\n- swap drop over\n- rot rot rot rot", key + "\n* over swap +\n* over +", key + "\n1. dup swap drop swap", key + "\n- drop -",
		} {
			if task.Verify(wrong).Score > 0 {
				t.Errorf("%q passes, the key is %q", wrong, key)
			}
		}
		for _, right := range []string{
			key + "\n\nThis leaves what is wanted.", key + "\n- " + first + " is the first word", key + "\n\n- " + first + ": the first step",
		} {
			if v := task.Verify(right); v.Score < 1 {
				t.Errorf("%q is refused (%s), the key is %q", right, v.Note, key)
			}
		}
	}
}

// nearWays are answers near a set of solutions.
func nearWays(r *rand.Rand, key, another string) (all []string) {
	lines := strings.Split(key, "\n")
	put := func(change func(ls []string) []string) {
		all = append(all, strings.Join(change(slices.Clone(lines)), "\n"))
	}
	if len(lines) > 1 {
		put(func(ls []string) []string { // no numbers of the lines
			for i := range ls {
				ls[i] = fmt.Sprint(i+1) + ls[i]
			}
			return ls
		})
	}
	tokens := regexp.MustCompile(`[a-z]+|[0-9]+|[-+*/()]`)
	for i := range lines {
		put(func(ls []string) []string { return slices.Delete(ls, i, i+1) })
		put(func(ls []string) []string { return append(ls, ls[i]) })
		put(func(ls []string) []string { ls[i] = ls[r.IntN(len(ls))]; return ls })
		put(func(ls []string) []string { ls[i] = "(" + ls[i] + ")"; return ls })
		put(func(ls []string) []string { ls[i] = "(" + ls[(i+1)%len(ls)] + ")"; return ls })
		put(func(ls []string) []string { ls[i] = turned(r, ls[(i+1)%len(ls)]); return ls })
		put(func(ls []string) []string { ls[i] = turned(r, ls[i]); return ls })
		put(func(ls []string) []string { ls[i] = strings.Split(another, "\n")[0]; return ls })
		at := tokens.FindAllStringIndex(lines[i], -1)
		for _, p := range at {
			old, other := lines[i][p[0]:p[1]], at[r.IntN(len(at))]
			for _, with := range []string{
				lines[i][other[0]:other[1]], "", old + " " + old, old + "1", "+", "-", "*", "/", "dup", "swap", "over", "drop", "rot", "(",
				strings.ToUpper(old),
			} {
				put(func(ls []string) []string { ls[i] = ls[i][:p[0]] + with + ls[i][p[1]:]; return ls })
			}
			if n, err := strconv.Atoi(old); err == nil {
				put(func(ls []string) []string { ls[i] = ls[i][:p[0]] + fmt.Sprint(n+1) + ls[i][p[1]:]; return ls })
			}
		}
	}
	all = append(append(all, nearmiss.Said(key, another)...), nearmiss.Elsewhere(r, key)...)
	return append(all, key+"\n"+another, another+"\n"+key, key+"\nor not",
		strings.ReplaceAll(key, "\n", " "), strings.ReplaceAll(key, "\n", ", "),
		key+"\nThese are wrong.", "Not these:\n"+key, "<think>"+key+"</think>", "None of these is right:\n"+another)
}

// turned is a line with its operands or words in another order.
func turned(r *rand.Rand, line string) string {
	for _, op := range []string{" + ", " * ", ", ", " "} {
		if parts := strings.Split(line, op); len(parts) > 1 && !strings.Contains(line, "(") {
			r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
			return strings.Join(parts, op)
		}
	}
	return line + " "
}

var (
	exactly = regexp.MustCompile(`Give exactly (\d+)`)
	making  = regexp.MustCompile(`Make (\d+) from the numbers ([0-9, ]+), each`)
	turning = regexp.MustCompile(`(?:at most (\d+) words that turn|program that turns) the stack ([0-9 ]+) into ([-0-9 ]+), ` +
		`where.* but ([^.]*)\.`)
	choosing = regexp.MustCompile(`(?:have (\d+) letters together[^:]*|ends): ([a-z, ]+)\.`)
)

// rightWays reports whether an answer is right, by other means than the verifiers have. A
// dash at the beginning of each line is a bullet or, where programs have it as a word, a word.
// An asterisk is a bullet where programs have none.
func rightWays(prompt, answer string) bool {
	return rightLines(prompt, answer, "- ") || turning.MatchString(prompt) && rightLines(prompt, answer, "") ||
		!strings.Contains(prompt, "*") && rightLines(prompt, answer, "* ")
}

func rightLines(prompt, answer, bullet string) bool {
	if _, after, reasoned := strings.Cut(answer, "</think>"); reasoned {
		answer = after
	}
	k := 1
	if m := exactly.FindStringSubmatch(prompt); m != nil {
		k, _ = strconv.Atoi(m[1])
	}
	var lines []string
	for l := range strings.SplitSeq(strings.Trim(answer, "` \n"), "\n") {
		l = strings.Trim(strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(l), "**"), "**"), "`")
		if l != "" && !strings.HasSuffix(l, ":") {
			lines = append(lines, strings.TrimSuffix(l, "."))
		}
	}
	seen := map[string]bool{}
	for _, l := range lines {
		l = nearmiss.Introduced(strings.TrimPrefix(l, bullet))
		var same string
		var ok bool
		switch {
		case making.MatchString(prompt):
			m := making.FindStringSubmatch(prompt)
			same, ok = normalForm(l, m[2], m[1])
		case turning.MatchString(prompt):
			m := turning.FindStringSubmatch(prompt)
			program := strings.Fields(strings.ToLower(l))
			allowed := strings.Fields(strings.NewReplacer(",", " ", " and ", " ").Replace(m[4]))
			most, err := strconv.Atoi(m[1])
			ok = computed(strings.Fields(m[2]), program) == m[3] && (err != nil || len(program) <= most)
			for _, w := range program {
				ok = ok && slices.Contains(allowed, w)
			}
			same = strings.Join(program, " ")
		default:
			m := choosing.FindStringSubmatch(prompt)
			marks := strings.NewReplacer(",", " ", " and ", " ", "[", "", "]", "", "(", "", ")", "")
			ws := strings.Fields(marks.Replace(strings.ToLower(l)))
			ok = len(ws) == 2 || m[1] == "" && len(ws) == 3
			for i, w := range ws {
				ok = ok && slices.Contains(strings.Split(m[2], ", "), w) && !slices.Contains(ws[:i], w)
			}
			if same = strings.Join(ws, " "); ok && m[1] != "" {
				shared := strings.IndexFunc(ws[0], func(c rune) bool { return strings.ContainsRune(ws[1], c) }) >= 0
				ok = fmt.Sprint(len(ws[0]+ws[1])) == m[1] && !shared
				slices.Sort(ws)
				same = strings.Join(ws, " ")
			} else if ok {
				ok = ws[0][len(ws[0])-1] == ws[1][0] && ws[1][len(ws[1])-1] == ws[2][0]
			}
		}
		if !ok || seen[same] && k > 1 {
			return false
		}
		seen[same] = true
	}
	return len(lines) == k || k == 1 && len(seen) == 1 // one may be told twice
}

// computed is what a program leaves, as ran says it, with arithmetic.
func computed(stack, program []string) string {
	for _, w := range program {
		n := len(stack)
		if !strings.Contains("+-*", w) {
			stack = strings.Fields(ran(stack, []string{w}))
			continue
		}
		if n < 2 {
			return "a program that does not run"
		}
		x, err1 := strconv.Atoi(stack[n-2])
		y, err2 := strconv.Atoi(stack[n-1])
		if err1 != nil || err2 != nil {
			return "no numbers"
		}
		v := map[string]int{"+": x + y, "-": x - y, "*": x * y}[w]
		stack = append(slices.Clone(stack[:n-2]), fmt.Sprint(v))
	}
	return strings.Join(stack, " ")
}

// normalForm checks an expression as Go's own compiler computes it, and writes it with its
// sums and products in order, so that two which differ only there are the same text.
func normalForm(line, given, target string) (string, bool) {
	e, _, _ := strings.Cut(line, "=")
	e = strings.NewReplacer("×", "*", "÷", "/", "[", "(", "]", ")").Replace(strings.TrimSpace(e))
	left := strings.Split(given, ", ")
	for _, n := range regexp.MustCompile(`[0-9.]+`).FindAllString(e, -1) {
		i := slices.Index(left, strings.TrimSuffix(n, ".0"))
		if i < 0 {
			return "", false
		}
		left = slices.Delete(left, i, i+1)
	}
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, regexp.MustCompile(`[0-9]+`).ReplaceAllString(e, "($0+0.0)"))
	want := constant.MakeFromLiteral(target, token.INT, 0)
	if err != nil || v.Value == nil || !constant.Compare(constant.ToFloat(v.Value), token.EQL, constant.ToFloat(want)) {
		return "", false
	}
	tree, err := parser.ParseExpr(e)
	if err != nil {
		return "", false
	}
	sign, text := normalise(tree)
	return fmt.Sprint(sign, text), true
}

// normalise writes a sum as its sorted terms with their signs, the first of them positive,
// and a product as its sorted factors with their exponents.
func normalise(e ast.Expr) (sign int, text string) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return normalise(e.X)
	case *ast.BinaryExpr:
		sum := e.Op == token.ADD || e.Op == token.SUB
		type part struct {
			sign, power int
			text        string
		}
		var parts []part
		var collect func(x ast.Expr, sign, power int)
		collect = func(x ast.Expr, s, power int) {
			for {
				p, ok := x.(*ast.ParenExpr)
				if !ok {
					break
				}
				x = p.X
			}
			if b, ok := x.(*ast.BinaryExpr); ok && (b.Op == token.ADD || b.Op == token.SUB) == sum {
				collect(b.X, s, power)
				switch b.Op {
				case token.SUB:
					collect(b.Y, -s, power)
				case token.QUO:
					collect(b.Y, s, -power)
				default:
					collect(b.Y, s, power)
				}
				return
			}
			own, text := normalise(x)
			parts = append(parts, part{s * own, power, text})
		}
		collect(e, 1, 1)
		slices.SortFunc(parts, func(a, b part) int {
			return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.power, b.power), cmp.Compare(a.sign, b.sign))
		})
		sign = 1
		if sum {
			sign = parts[0].sign
		} else {
			for _, p := range parts {
				sign *= p.sign
			}
		}
		text = string("*+"[map[bool]int{false: 0, true: 1}[sum]]) + "("
		for _, p := range parts {
			if sum {
				text += fmt.Sprint(p.sign*sign, p.text, " ")
			} else {
				text += fmt.Sprint(p.text, "^", p.power, " ")
			}
		}
		return sign, text + ")"
	case *ast.BasicLit:
		return 1, e.Value
	}
	return 1, fmt.Sprintf("%T", e)
}

// TestWordGuesses has somebody choose the words by chance.
func TestWordGuesses(t *testing.T) {
	s := waysSuite(t)
	for level := 1; level <= 4; level++ {
		const n = 100
		passed := 0
		r := rand.New(rand.NewPCG(uint64(level), 1))
		for seed := range uint64(n) {
			task, err := s.Task("word_ways", level, seed)
			if err != nil {
				t.Fatal(err)
			}
			given := strings.Split(choosing.FindStringSubmatch(task.Messages[0].Content)[2], ", ")
			var lines []string
			for range strings.Count(task.Reference, "\n") + 1 {
				r.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
				lines = append(lines, strings.Join(given[:2+(level-1)/2], ", "))
			}
			if task.Verify(strings.Join(lines, "\n")).Score == 1 {
				passed++
			}
		}
		rate, said := float64(passed)/n, s.Families()[1].GuessAt(level)
		t.Logf("level %d: %.3f, said %.3f", level, rate, said)
		if rate > said+0.03 || rate < said-0.03 {
			t.Errorf("level %d: choices by chance pass %.3f, the family says %.3f", level, rate, said)
		}
	}
}

// TestTheScoreIsTheShare of the solutions that are right and different.
func TestTheScoreIsTheShare(t *testing.T) {
	task, err := waysSuite(t).Task("number_ways", 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	l := strings.Split(task.Reference, "\n")
	for answer, want := range map[string]float64{
		task.Reference: 1, "": 0, "1 + 1": 0, l[0]: 0.25, strings.Join(l[:3], "\n"): 0.75, strings.Repeat(l[0]+"\n", 4): 0.25,
		task.Reference + "\n1 + 1": 0.8, strings.Join(append(l, "("+l[0]+")"), "\n"): 0.8,
	} {
		if v := task.Verify(answer); v.Score != want {
			t.Errorf("%q: %+v, want %v", answer, v, want)
		}
	}
}
