package practice_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/nearmiss"
	"github.com/pastime-go/pastime/internal/race"
)

var mutants = flag.Int("mutants", 1000, "how many near misses of keys are judged for each family")

// TestNearMissesFail judges answers made from the keys of each family by rules: one
// off, another sign, order, unit or case, more and less, two answers at once, another
// task's key. None may pass unless another check says that it is right.
func TestNearMissesFail(t *testing.T) {
	if race.Enabled {
		t.Skip("judging an answer starts nothing")
	}
	s := suite(t)
	for n, info := range s.Families() {
		if !wanted(info.Name) {
			continue
		}
		r := rand.New(rand.NewPCG(uint64(n), 3))
		judged, passed, wrong := 0, 0, 0
		last := ""
		for level := 1; judged < *mutants && wrong < 5; level = level%info.Levels + 1 {
			task, err := s.Task(info.Name, level, r.Uint64())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range nearMisses(r, &task, last) {
				if m == task.Reference {
					continue
				}
				judged++
				v := task.Verify(m)
				if v.Score == 1 {
					passed++
				}
				if v.Score == 1 && !right(&task, m) {
					wrong++
					t.Errorf("%s level %d: %q passes, the key is %q", info.Name, level, m, task.Reference)
				}
			}
			last = task.Reference
		}
		t.Logf("%-10s %7d near misses, %5d passed and are right", info.Name, judged, passed-wrong)
	}
}

// nearMisses are answers near a task's key; another is the key of another task.
func nearMisses(r *rand.Rand, t *practice.Task, another string) []string {
	key := t.Reference
	all := slices.Concat(nearmiss.Said(key, another), nearmiss.Elsewhere(r, key), nearmiss.Marked(key), []string{t.Messages[0].Content})
	switch t.Verifier {
	case "number":
		all = append(all, nearmiss.Numbers(r, key)...)
	case "digits", "exact":
		all = append(append(all, nearmiss.Texts(r, key)...), "0x"+key, "0b"+key, "0o"+key)
	case "list", "set":
		all = append(all, nearLists(r, key, t.Verifier == "list")...)
	case "json":
		all = append(all, nearJSON(r, key)...)
	case "regexp":
		all = append(all, nearExpressions(r, key)...)
	case "stack":
		for _, m := range nearLists(r, strings.ReplaceAll(key, " ", ", "), true) {
			all = append(all, m, strings.ReplaceAll(m, ",", ""))
		}
	case "program":
		all = append(all, nearPrograms(r, key)...)
	case "expression":
		all = append(all, nearSums(r, key, t.Messages[0].Content)...)
	}
	if t.Family == "clock" || t.Family == "dates" {
		all = append(all, nearTimes(r, key)...)
	}
	return all
}

// nearLists are lists with other entries, or in another order.
func nearLists(r *rand.Rand, key string, ordered bool) (all []string) {
	entries := strings.Split(key, ", ")
	change := func(f func(e []string) []string) { all = append(all, strings.Join(f(slices.Clone(entries)), ", ")) }
	for i := range entries {
		change(func(e []string) []string { return slices.Delete(e, i, i+1) })
		change(func(e []string) []string { return slices.Insert(e, i, e[r.IntN(len(e))]) })
		change(func(e []string) []string { return slices.Insert(e, i, "7") })
		change(func(e []string) []string { e[i] += "1"; return e })
		change(func(e []string) []string { e[i] = e[(i+1)%len(e)]; return e })
		change(func(e []string) []string { e[i] = e[i][1:]; return e })
		change(func(e []string) []string { e[i] = "-" + e[i]; return e })
		if ordered && i > 0 {
			change(func(e []string) []string { e[i], e[i-1] = e[i-1], e[i]; return e })
			j := r.IntN(i)
			change(func(e []string) []string { e[i], e[j] = e[j], e[i]; return e })
		}
	}
	if ordered {
		change(func(e []string) []string { slices.Reverse(e); return e })
		change(func(e []string) []string { return append(e[1:], e[0]) })
		change(func(e []string) []string { slices.Sort(e); return e })
	}
	for _, m := range slices.Clone(all[:min(len(all), 20)]) {
		all = append(all, "The answer is "+m+".", "["+m+"]", m+"; or "+key, "<think>"+key+"</think>"+m)
	}
	return append(all, key+", "+key, key+", ...", "all of them",
		strings.ReplaceAll(key, ", ", ""), strings.ReplaceAll(key, ", ", " < "), strings.ReplaceAll(key, ", ", " or "))
}

// nearJSON are JSON values that differ from the key in a part.
func nearJSON(r *rand.Rand, key string) (all []string) {
	var v any
	if err := json.Unmarshal([]byte(key), &v); err != nil {
		panic(err)
	}
	put := func(v any) {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		all = append(all, string(b))
	}
	put([]any{v})
	put(map[string]any{"answer": v})
	all = append(all, key+key, key+","+key, "{"+key+"}", key+"]", strconv.Quote(key), "null", "[]", "{}", "true", "0", key[:len(key)-1])
	switch v := v.(type) {
	case float64:
		for _, d := range []float64{1, -1, 10, 0.5, -0.5, float64(r.IntN(40) + 2)} {
			put(v + d)
		}
		put(-v)
		put(fmt.Sprint(v))
	case []any:
		for i := range v {
			put(slices.Delete(slices.Clone(v), i, i+1))
			put(slices.Insert(slices.Clone(v), i, v[r.IntN(len(v))]))
			name := fmt.Sprint(v[i])
			for _, other := range []any{"Zed", nil, 1, strings.ToLower(name), strings.ToUpper(name), map[string]any{"name": name}} {
				changed := slices.Clone(v)
				changed[i] = other
				put(changed)
			}
			if i > 0 {
				changed := slices.Clone(v)
				changed[i], changed[i-1] = changed[i-1], changed[i]
				put(changed)
			}
		}
		put(append(slices.Clone(v), "Zed"))
	case map[string]any:
		for k, old := range v {
			others := []any{nil, fmt.Sprint(old), 0, !(old == true), "x", []any{old}}
			switch old.(type) {
			case map[string]any, []any:
				inner, err := json.Marshal(old)
				if err != nil {
					panic(err)
				}
				for _, m := range nearJSON(r, string(inner)) {
					if json.Valid([]byte(m)) {
						others = append(others, json.RawMessage(m))
					}
				}
			}
			for _, other := range others {
				v[k] = other
				put(v)
			}
			delete(v, k)
			put(v)
			v[k+"s"] = old
			put(v)
			delete(v, k+"s")
			v[strings.ToUpper(k)] = old
			put(v)
			delete(v, strings.ToUpper(k))
			v[k] = old
			all = append(all, fmt.Sprintf(`{%q:"x",%s`, k, key[1:])) // a key twice says two things
		}
		v["extra"] = 1
		put(v)
	}
	return all
}

// nearTimes are dates and times of which a part differs.
func nearTimes(r *rand.Rand, key string) (all []string) {
	parts := regexp.MustCompile(`\d+`)
	at := parts.FindAllStringIndex(key, -1)
	for _, p := range at {
		n, _ := strconv.Atoi(key[p[0]:p[1]])
		for _, d := range []int{1, -1, 10, -10, 12, -12, r.IntN(9) + 1} {
			all = append(all, fmt.Sprintf("%s%0*d%s", key[:p[0]], p[1]-p[0], n+d, key[p[1]:]))
		}
	}
	days := strings.Fields("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
	if strings.Contains(key, "-") {
		all = append(all, strings.ReplaceAll(key, "-", ":"), key[8:]+"-"+key[5:7]+"-"+key[:4], key[:5]+key[8:]+"-"+key[5:7])
	} else if slices.Contains(days, key) {
		all = append(all, days...)
		all = append(all, days[r.IntN(7)]+" or "+key, key[:2], key+"s", "not a "+key, strings.Join(days, ", "))
	}
	return append(all, key+" am", key+" pm", key+":30")
}

// nearExpressions are expressions that differ from the key in a class, a count or a few
// characters.
func nearExpressions(r *rand.Rand, key string) (all []string) {
	classes := regexp.MustCompile(`\[[^\]]*\]`)
	others := strings.Fields(`. [0-9] [a-z] [A-Z] [xy] [0-4] [a-zA-Z] \w \d \D [x-z] [0-8] [1-9] [^a-z] \pL (?i:[a-z]) (x|y) [0-5] x`)
	for _, at := range classes.FindAllStringIndex(key, -1) {
		for _, o := range others {
			all = append(all, key[:at[0]]+o+key[at[1]:])
		}
	}
	counts := regexp.MustCompile(`\{(\d+),(\d+)\}`)
	for _, at := range counts.FindAllStringSubmatchIndex(key, -1) {
		low, _ := strconv.Atoi(key[at[2]:at[3]])
		high, _ := strconv.Atoi(key[at[4]:at[5]])
		for _, o := range []string{
			"*", "+", "?", "", fmt.Sprintf("{%d,}", low), fmt.Sprintf("{%d,%d}", low-1, high), fmt.Sprintf("{%d,%d}", low, high+1),
			fmt.Sprintf("{%d}", high), fmt.Sprintf("{%d}", low+1),
		} {
			all = append(all, key[:at[0]]+o+key[at[1]:])
		}
	}
	const pool = `0123456789azAZxy[]{}()|.*+?^$\-,:#/ `
	for range 60 {
		i := r.IntN(len(key))
		c := string(pool[r.IntN(len(pool))])
		all = append(all, key[:i]+c+key[i+1:], key[:i]+c+key[i:], key[:i]+key[i+1:])
	}
	all = append(all, "The answer is $|"+key+"|$.", "The answer is $\\boxed{|"+key+"|}$.", "It is $x|"+key)
	return append(all, "(?i)"+key, "(?s)."+key, key+"|", key+".*", ".*"+key, "(?:"+key+")?", "(?:"+key+")+", key+key,
		key+`\b`, `\b`+key, key+"|"+key+"x", "(?m)^"+key+"$", nearmiss.Mirrored(key))
}

// right reports whether an answer is as right as the key, by other means than the
// verifiers have.
func right(t *practice.Task, answer string) bool {
	if _, after, reasoned := strings.Cut(answer, "</think>"); reasoned {
		answer = after
	}
	if inner, ok := strings.CutPrefix(answer, `\boxed{`); ok {
		answer = strings.TrimSuffix(inner, "}")
	}
	switch t.Verifier {
	case "regexp":
		return agrees(strings.Trim(answer, "` "), t.Reference) // space around it is form
	case "json":
		var a, b any
		err := json.Unmarshal([]byte(answer), &a)
		return err == nil && json.Unmarshal([]byte(t.Reference), &b) == nil &&
			fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) && strings.Count(answer, `":`) == strings.Count(t.Reference, `":`)
	case "number":
		a, err := strconv.ParseFloat(strings.ReplaceAll(answer, ",", ""), 64)
		return err == nil && strconv.FormatFloat(a+0, 'f', -1, 64) == t.Reference // -0 is 0
	case "list":
		return strings.Join(entries(answer), ", ") == t.Reference
	case "set":
		return slices.Equal(slices.Sorted(slices.Values(entries(answer))), slices.Sorted(slices.Values(entries(t.Reference))))
	case "stack":
		return strings.ReplaceAll(" "+strings.Join(entries(answer), " "), " -0", " 0")[1:] == t.Reference
	case "program":
		stacks := regexp.MustCompile(`the stack ([0-9 ]+) into ([0-9 ]+),`).FindStringSubmatch(t.Messages[0].Content)
		program := strings.Fields(strings.ToLower(answer))
		return len(program) == len(strings.Fields(t.Reference)) && ran(strings.Fields(stacks[1]), program) == stacks[2]
	case "expression":
		return reaches(answer, t.Messages[0].Content)
	case "digits":
		s := stripped(answer)
		for base, prefix := range map[string]string{"in base 2.": "0b", "in base 8.": "0o", "in base 16.": "0x"} {
			if strings.Contains(t.Messages[0].Content, base) {
				s = strings.TrimPrefix(s, prefix)
			}
		}
		if strings.Contains(t.Messages[0].Content, "in base 3.") {
			s = strings.TrimSuffix(s, " (base 3)")
		}
		return strings.TrimLeft(s, "0") == strings.ToLower(t.Reference)
	}
	if t.Family == "roman" || t.Family == "dates" { // in any letter case
		return stripped(answer) == strings.ToLower(t.Reference)
	}
	a := answer
	for _, form := range []string{"It is ", "Answer: ", "The answer is :", "The answer is ", "**", "`"} {
		a = strings.ReplaceAll(a, form, "")
	}
	return strings.Join(strings.Fields(strings.TrimSuffix(a, ".")), " ") == t.Reference
}

// entries are what a list has.
func entries(list string) []string {
	return strings.Fields(strings.NewReplacer(",", " ", " and ", " ", "[", "", "]", "", ".", "", "The answer is", "").Replace(list))
}

// stripped is an answer without its form.
func stripped(answer string) string {
	s := strings.ToLower(answer)
	for _, form := range []string{"it is ", "answer: ", "the answer is :", "the answer is ", "**", "`", "\"", ","} {
		s = strings.ReplaceAll(s, form, "")
	}
	return strings.TrimSpace(strings.TrimSuffix(s, "."))
}

// agrees tries an expression on texts that the key matches, and on texts that differ
// from them in a character or in how often one comes, at both sides of the borders of
// every class.
func agrees(answer, key string) bool {
	a, err := regexp.Compile(`^(?:` + answer + `)$`)
	if err != nil {
		return false
	}
	k := regexp.MustCompile(`^(?:` + key + `)$`)
	parts := regexp.MustCompile(`(\[[^\]]*\])\{(\d+),(\d+)\}|\\?(.)`).FindAllStringSubmatch(key, -1)
	borders := strings.Split("/ 0 1 4 5 8 9 : @ A B Y Z [ ` a b w x y z { - # _ é ſ \u212a ٣ \n . !", " ")
	inside := map[string]string{"[0-9]": "0189", "[a-z]": "abyz", "[A-Z]": "ABYZ", "[xy]": "xy", "[0-4]": "0134"}
	r := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		var text []string
		wrong := r.IntN(len(parts) + 1)
		for i, p := range parts {
			if p[1] == "" {
				text = append(text, p[4])
				continue
			}
			low, _ := strconv.Atoi(p[2])
			high, _ := strconv.Atoi(p[3])
			n := low + r.IntN(high-low+1)
			if i == wrong {
				n = []int{low - 1, low, high, high + 1, 0, high + high}[r.IntN(6)]
			}
			for range n {
				text = append(text, string(inside[p[1]][r.IntN(len(inside[p[1]]))]))
			}
		}
		if len(text) > 0 && r.IntN(2) == 0 {
			text[r.IntN(len(text))] = borders[r.IntN(len(borders))]
		}
		if s := strings.Join(text, ""); a.MatchString(s) != k.MatchString(s) {
			return false
		}
	}
	return true
}
