package tools

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/nearmiss"
)

var mutants = flag.Int("mutants", 700, "how many near misses are judged for each family")

// TestNearMissesFail changes transcripts of the tasks' own solutions by rules. None may
// pass unless a simulator of this test's own says that it is right.
func TestNearMissesFail(t *testing.T) {
	total := 0
	for n, f := range Families() {
		f := f.(*family)
		r := rand.New(rand.NewPCG(uint64(n), 3))
		judged, passed, wrong := 0, 0, 0
		other := f.draft(r, 1)
		for level := 1; judged < *mutants && wrong < 5; level = level%f.info.Levels + 1 {
			d := f.draft(r, level)
			task := d.task()
			for _, m := range near(r, d, other) {
				judged++
				if v := task.Verify(m); v.Score < 1 {
					if v.Note == "" {
						t.Errorf("no note for %q", m)
					}
					continue
				}
				passed++
				if !simulated(d, m) {
					wrong++
					t.Errorf("%s level %d, %q: this passes, and %q is right:\n%s", f.info.Name, level, d.request, d.answer, m)
				}
			}
			other = d
		}
		total += judged
		t.Logf("%-16s %7d near misses, %6d passed and are right", f.info.Name, judged, passed-wrong)
	}
	t.Logf("%d in all", total)
}

// near are transcripts near those that solve d.
func near(r *rand.Rand, d, other *draft) (all []string) {
	said := d.answer
	if said == "" {
		said = "done"
	}
	put := func(cs []call, said string) { all = append(all, inTags(cs)+said) }
	own := callsOf(d)
	foreign := callsOf(other)
	for i := range own {
		put(slices.Delete(slices.Clone(own), i, i+1), said)
		put(slices.Insert(slices.Clone(own), i, own[r.IntN(len(own))]), said)
		put(slices.Insert(slices.Clone(own), i, foreign[r.IntN(len(foreign))]), said)
		put(own[:i+1], said)
		if i > 0 {
			swapped := slices.Clone(own)
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			put(swapped, said)
		}
		changed := func(c call) {
			cs := slices.Clone(own)
			cs[i] = c
			put(cs, said)
		}
		for _, t := range set {
			if t.name != own[i].name && len(t.params) == len(own[i].args) && r.IntN(3) == 0 {
				c := call{name: t.name}
				for j, p := range t.params {
					c.args = append(c.args, arg{p.name, own[i].args[j].v})
				}
				changed(c)
			}
		}
		for j := range own[i].args {
			for _, v := range nearValues(r, own[i].args[j].v, own, foreign) {
				args := slices.Clone(own[i].args)
				args[j].v = v
				changed(call{own[i].name, args})
			}
			args := slices.Clone(own[i].args)
			args[j].name += "s"
			changed(call{own[i].name, args})
			changed(call{own[i].name, slices.Delete(slices.Clone(own[i].args), j, j+1)})
			changed(call{own[i].name, append(slices.Clone(own[i].args), arg{"extra", 1})})
			if len(own[i].args) == 2 {
				changed(call{own[i].name, []arg{{own[i].args[0].name, own[i].args[1].v}, {own[i].args[1].name, own[i].args[0].v}}})
			}
		}
	}
	if d.answer != "" {
		answers := append(nearmiss.Said(said, other.answer), nearmiss.Elsewhere(r, said)...)
		if _, err := strconv.Atoi(said); err == nil {
			answers = append(answers, nearmiss.Numbers(r, said)...)
		}
		answers = append(answers, said+"x", "x"+said, said[1:], strings.ToUpper(said), strings.Repeat(said, 2), nearmiss.Mirrored(said))
		for _, a := range answers {
			put(own, a)
		}
	}
	whole := inTags(own) + said
	return append(all, said, "", strings.ReplaceAll(whole, "tool_call", "call"), said+"\n"+inTags(own), strings.ReplaceAll(whole, "{", "["),
		strings.Replace(whole, "}\n", "\n", 1), "I would call "+whole, strings.ReplaceAll(whole, `"`, "'"), strings.Repeat(whole, 9))
}

type call struct {
	name string
	args []arg
}

type arg struct {
	name string
	v    any
}

var member = regexp.MustCompile(`"([a-z]+)": ("(?:[^"\\]|\\.)*"|-?[0-9]+)`)

func callsOf(d *draft) (all []call) {
	for _, c := range d.calls {
		k := call{name: c.Name}
		for _, m := range member.FindAllStringSubmatch(c.Arguments, -1) {
			var v any
			if json.Unmarshal([]byte(m[2]), &v) != nil {
				panic(m[2])
			}
			k.args = append(k.args, arg{m[1], v})
		}
		all = append(all, k)
	}
	return all
}

func inTags(cs []call) string {
	var b strings.Builder
	for _, c := range cs {
		object := map[string]any{}
		for _, a := range c.args {
			object[a.name] = a.v
		}
		j, err := json.Marshal(map[string]any{"name": c.name, "arguments": object})
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "<tool_call>%s</tool_call>", j)
	}
	return b.String()
}

func nearValues(r *rand.Rand, v any, lists ...[]call) (all []any) {
	switch v := v.(type) {
	case string:
		i := r.IntN(len(v))
		all = []any{
			v + "x", v[1:], v[:len(v)-1], strings.ToUpper(v), " " + v, v[:i] + "q" + v[i:], v[:i] + v[i+1:], "", v + " " + v,
			"../" + v, "./" + v, "/" + v,
			nearmiss.Mirrored(v), 7, nil, []string{v},
		}
	case float64:
		all = []any{v + 1, v - 1, v + 10, -v, v * 10, math.Floor(v / 10), v + 0.5, fmt.Sprint(v), nil, true}
	}
	for _, cs := range lists {
		for _, c := range cs {
			for _, a := range c.args {
				all = append(all, a.v)
			}
		}
	}
	return all
}

// simulated reports whether a transcript is right, by a simulator that shares no code
// with the box: it knows states as lists of facts.
func simulated(d *draft, transcript string) bool {
	w := &world{d: d, facts: map[string]string{}}
	for p, v := range d.box.Files {
		w.facts["f "+p] = v
	}
	for p, v := range d.box.Values {
		w.facts["v "+p] = v
	}
	wanted := &world{d: d, facts: maps.Clone(w.facts)}
	for _, c := range callsOf(d) {
		wanted.run(c.name, argsOf(c))
	}
	rest, calls := transcript, 0
	for {
		_, after, found := strings.Cut(rest, "<tool_call>")
		if !found {
			break
		}
		body, then, _ := strings.Cut(after, "</tool_call>")
		rest = then
		calls++
		var c struct {
			Name      string
			Arguments map[string]any
		}
		d := json.NewDecoder(strings.NewReader(body))
		d.UseNumber()
		if d.Decode(&c) == nil {
			w.run(c.Name, c.Arguments)
		}
	}
	if calls == 0 || calls > 16 || w.worked == 0 {
		return false
	}
	if !maps.Equal(w.facts, wanted.facts) || !slices.Equal(w.timers, wanted.timers) {
		return false
	}
	said := strings.TrimSpace(strings.Trim(strings.TrimSpace(rest), "`*\""))
	said = nearmiss.Introduced(strings.TrimSuffix(said, "."))
	for _, form := range []string{"<think>" + d.answer + "</think>", "\\boxed{", "**", "`", "Answer: "} {
		said = strings.TrimPrefix(said, form)
	}
	said = strings.TrimRight(said, ".}*`\"")
	if _, err := strconv.Atoi(d.answer); err == nil {
		n, err := strconv.ParseFloat(strings.ReplaceAll(said, ",", ""), 64)
		want, _ := strconv.ParseFloat(d.answer, 64)
		return err == nil && n == want
	}
	parts := func(s string) []string { return slices.Sorted(slices.Values(strings.Split(s, ", "))) }
	return d.answer == "" || said == d.answer || "0"+said == d.answer && strings.Contains(said, ":") ||
		strings.Contains(d.answer, ", ") && slices.Equal(parts(said), parts(d.answer))
}

func argsOf(c call) map[string]any {
	m := map[string]any{}
	for _, a := range c.args {
		if f, ok := a.v.(float64); ok {
			m[a.name] = json.Number(strconv.FormatFloat(f, 'f', -1, 64))
			continue
		}
		m[a.name] = a.v
	}
	return m
}

type world struct {
	d      *draft
	facts  map[string]string
	timers []int
	worked int
}

// run carries out a call; one that cannot be changes nothing.
func (w *world) run(name string, a map[string]any) {
	if !slices.ContainsFunc(w.d.shown, func(t *tool) bool { return t.name == name }) {
		return
	}
	texts := func(names ...string) ([]string, bool) {
		if len(a) != len(names) {
			return nil, false
		}
		out := make([]string, len(names))
		for i, n := range names {
			s, ok := a[n].(string)
			if slices.Contains([]string{"value", "number", "minutes"}, n) {
				k, is := a[n].(json.Number)
				s, ok = string(k), is && regexp.MustCompile(`^-?\d+$`).MatchString(string(k))
			}
			if !ok {
				return nil, false
			}
			out[i] = s
		}
		return out, true
	}
	path := regexp.MustCompile(`^[^./\\][^/\\]*$`)
	add := func(key, v string) {
		if _, there := w.facts[key]; !there && len(key) < 100 && key[2:] != "" {
			w.facts[key] = v
			w.worked++
		}
	}
	drop := func(key string) {
		if _, there := w.facts[key]; there {
			delete(w.facts, key)
			w.worked++
		}
	}
	switch name {
	case "write_file":
		if x, ok := texts("path", "text"); ok && path.MatchString(x[0]) {
			add("f "+x[0], x[1])
		}
	case "copy_file":
		x, ok := texts("source", "target")
		if !ok || !path.MatchString(x[1]) {
			return
		}
		if v, there := w.facts["f "+x[0]]; there {
			add("f "+x[1], v)
		}
	case "delete_file":
		if x, ok := texts("path"); ok {
			drop("f " + x[0])
		}
	case "set_value":
		if x, ok := texts("key", "value"); ok {
			add("v "+x[0], strings.Replace(x[1], "-0", "0", 1))
		}
	case "delete_value":
		if x, ok := texts("key"); ok {
			drop("v " + x[0])
		}
	case "set_timer":
		if x, ok := texts("minutes"); ok {
			if n, err := strconv.Atoi(x[0]); err == nil && n > 0 && n <= 10000 {
				w.timers = append(w.timers, n)
				w.worked++
			}
		}
	default: // what reads changes nothing; whether it worked, the box is asked
		j, _ := json.Marshal(a)
		u := &use{w.d.box.copy(), w.d.shown}
		for k := range u.box.Files {
			delete(u.box.Files, k)
		}
		for k, v := range w.facts {
			if k[0] == 'f' {
				u.box.Files[k[2:]] = v
			} else {
				u.box.Values[k[2:]] = v
			}
		}
		if _, note := u.box.call(w.d.shown, hobby.ToolCall{Name: name, Arguments: string(j)}); note == "" {
			w.worked++
		}
	}
}
