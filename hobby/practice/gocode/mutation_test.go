package gocode

import (
	"flag"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/nearmiss"
)

var mutants = flag.Int("mutants", 500, "how many near misses of keys are judged for each family")

// TestNearMissesFail judges answers made from the keys of each family by rules: one
// off, another function's name, another receiver, other letters, two answers at once,
// another question's key. None may pass unless it is what the code in the prompt, read
// by other means, gives.
func TestNearMissesFail(t *testing.T) {
	files, read := repository(t)
	for n, family := range families {
		r := rand.New(rand.NewPCG(uint64(n), 5))
		judged, passed, wrong, last := 0, 0, 0, "7"
		for level := 1; judged < *mutants && wrong < 5; level = level%family.Levels + 1 {
			task, ok := ask(t.Context(), r, files, read, family, level)
			if !ok {
				continue
			}
			code, question, _ := strings.Cut(strings.TrimPrefix(task.Messages[0].Content, "```go\n"), "\n```\n")
			want := answer(t, family.Name, code, question)
			if last == want {
				last = "8"
			}
			pkg := path.Base(path.Join("hobby", path.Dir(task.Source)))
			for _, m := range misses(r, &task, code, last) {
				judged++
				v := task.Verify(m)
				if v.Score < 1 {
					continue
				}
				passed++
				if !means(m, want, code, question, pkg) {
					wrong++
					t.Errorf("%s level %d: %q passes, the key is %q: %s", family.Name, level, m, task.Reference, question)
				}
			}
			last = task.Reference
		}
		t.Logf("%-12s %7d near misses, %5d passed and are right", family.Name, judged, passed-wrong)
	}
}

// TestNames has the names of functions in the ways in which models say them, and in
// ways that say something else.
func TestNames(t *testing.T) {
	f := parse("a.go", []byte("package p\nfunc (s *Store[K]) Get() { if a {} }\nfunc Put() {}\nfunc Del() {}\n"))
	if f.broken != nil {
		t.Fatal(f.broken)
	}
	all := functions(f)
	task, ok := named(all, "x", "Which of these functions has the most branches, and calls fmt.Sprint?", all[0].decl,
		"[the] function that calls fmt.Sprint", "[the] function with the most branches", "the method is called …", "… calls fmt.Sprint")
	if !ok {
		t.Fatal("no question")
	}
	for _, right := range []string{
		"Get", "`Get`", "Get()", "s.Get", "Store.Get", "(*Store).Get", "*Store.Get", "p.Get", "`(*Store).Get()`", "**Get**",
		"The answer is `Get`.",
		"The function that calls fmt.Sprint is `Get`.", "The function with the most branches is **Get**.", "It is Get.", "Answer: Get()",
		"The method is called Get", "Get.\n\nExplanation: it has one if.", "<think>Put?</think>Get", "```go\nGet\n```", "\\boxed{Get}",
	} {
		if v := task.Verify(right); v.Score < 1 {
			t.Errorf("%q is refused: %s", right, v.Note)
		}
	}
	for _, wrong := range []string{
		"get", "GET", "Put", "Get or Put", "Put.Get", "Del.Get", "(*Other).Get", "x.Get", "Get.Put", "Put\nGet", "Get\nPut", "not Get",
		"Put is Get",
		"Put calls Get", "the is Get", "there is Get", "its is Get", "name is Get", "It is not Get.",
		"The function is Put, and that is Get", "The first function is Get? No", "Gets", "GetX", "Get(Put)",
		"The function that does not call it is Get", "return is Get", "func Get() {}", "Get since Put", "Get because Put calls fmt.Sprint",
		"Put = Get", "It is Put, so it is Get",
		"The function with the fewest branches is `Get`", "The function that calls the caller is `Get`", "The shortest function is Get",
		"The function that is called by it is Get", "The function with the second most branches is `Get`", "The other function is `Get`.",
		"The function is Put. The function is Get?",
	} {
		if v := task.Verify(wrong); v.Score > 0 || v.Note == "" {
			t.Errorf("%q passes: %+v", wrong, v)
		}
	}
}

// TestCounts has the count of what was asked for, and of other things.
func TestCounts(t *testing.T) {
	f := parse("a.go", []byte("package p\nfunc Put() { if a {} else if b {} }\n"))
	task, ok := numeric(&functions(f)[0], "ifs", "How many if statements does this function contain, else-ifs included?", 2,
		"if statements", "if statement", "ifs")
	if !ok {
		t.Fatal("no question")
	}
	for _, right := range []string{
		"2", "**2**", "The answer is 2.", "The number is 2.", "There are 2.", "So the total is 2.", "Total: 2", "Count: 2",
		"\\boxed{2}", "2\n\nExplanation: one, and one after else.", "There is one, and one after else. The answer is 2",
	} {
		if v := task.Verify(right); v.Score < 1 {
			t.Errorf("%q is refused: %s", right, v.Note)
		}
	}
	for _, wrong := range []string{
		"1", "The number of loops is 2.", "The number of lines is 2.", "The function with the fewest branches is 2", "There are 2 loops.",
		"The number of else branches is 2", "Loops: 2", "It is not 2", "2 or 3", "The number of parameters is 2",
		"The number of if statements is 3.",
	} {
		if v := task.Verify(wrong); v.Score > 0 || v.Note == "" {
			t.Errorf("%q passes: %+v", wrong, v)
		}
	}
}

var (
	whoCalls    = regexp.MustCompile(`Which of these functions calls (\S+)\?`)
	identifiers = regexp.MustCompile(`[\pL_][\pL\pN_]*`)
	declared    = regexp.MustCompile(`(?m)^func (?:\((?:(\w+) )?(\*?)(\w+)(?:\[[^\]]*\])?\) )?(\w+)`)
)

// misses are answers near a task's key, some of which are right all the same.
func misses(r *rand.Rand, t *practice.Task, code, another string) []string {
	key := t.Reference
	all := append(append(nearmiss.Said(key, another), nearmiss.Elsewhere(r, key)...), t.Messages[0].Content, code, "func "+key,
		"Answer: "+another+"\nAnswer: "+key)
	if _, err := strconv.Atoi(key); err == nil {
		all = append(append(all, nearmiss.Numbers(r, key)...), "There are "+key+" or so.", key+" if statements and 2 else-ifs", "if "+key)
		return append(all, nearmiss.Forms(key, another)...)
	}
	all = append(all, nearmiss.Texts(r, key)...)
	all = append(all, key+"(x)", key+"()()", "(key)."+key, "f."+key, "http."+key, "(*Wrong)."+key, "other()."+key, key+"."+key, key+".x",
		"a.b."+key, "*"+key, "&"+key,
		"("+key+")", key+"[T]", key+"Test", "Test"+key, key+"_")
	names := identifiers.FindAllString(code, -1)
	for range 30 {
		name := names[r.IntN(len(names))]
		all = append(all, name, name+"()", name+"."+key, key+"."+name, key+" "+name, name+" is "+key, name+" calls "+key, key+" or "+name,
			name+", "+key)
	}
	for _, f := range declared.FindAllStringSubmatch(code, -1) { // the key's own receiver is among them
		name := f[4]
		all = append(all, name, "("+f[2]+f[3]+")."+name, "("+f[2]+f[3]+")."+key, f[1]+"."+key, f[3]+"."+key, "(*"+f[3]+")."+key,
			name+"."+key, key+"."+name,
			name+"\n"+key, key+"\n"+name, name+" and "+key, "not "+name+", "+key, "The function is "+name+".", name+" calls it, and so does "+key)
		all = append(all, nearmiss.Forms(key, name)...)
	}
	return all
}

// means reports whether an answer says the key and nothing else, in some form.
func means(said, want, code, question, pkg string) bool {
	if _, after, reasoned := strings.Cut(said, "</think>"); reasoned {
		said = after
	}
	if inner, ok := strings.CutPrefix(said, `\boxed{`); ok {
		said = strings.TrimSuffix(inner, "}")
	}
	s := strings.TrimSpace(strings.Trim(strings.TrimSpace(said), "*`"))
	s = strings.TrimPrefix(nearmiss.Introduced(s), "The function is ")
	if m := whoCalls.FindStringSubmatch(question); m != nil {
		if who, what, ok := strings.Cut(s, " calls "); ok && strings.EqualFold(what, m[1]) {
			s = who // that is what was asked: who calls it
		}
	}
	s = strings.TrimSuffix(strings.TrimSuffix(strings.Trim(s, "*`\" "), "."), "()")
	if _, err := strconv.Atoi(want); err == nil {
		f, err := strconv.ParseFloat(strings.TrimSuffix(strings.ReplaceAll(s, ",", ""), "!"), 64)
		return err == nil && strconv.FormatFloat(f+0, 'f', -1, 64) == want && !strings.ContainsAny(s, "eExX")
	}
	right := []string{want, pkg + "." + want, pkg + "_test." + want}
	for _, f := range declared.FindAllStringSubmatch(code, -1) {
		if f[4] == want && f[3] != "" {
			for _, owner := range []string{f[1], f[3], "(" + f[3] + ")", "*" + f[3], "(*" + f[3] + ")"} {
				right = append(right, owner+"."+want)
			}
		}
	}
	return slices.Contains(right, s)
}
