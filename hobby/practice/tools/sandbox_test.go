package tools

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/sqlite/sqltask"
)

var guesses = flag.Int("guesses", 150, "how many tasks of each level a caller by chance tries")

// TestNothingLeavesTheBox tries to reach the machine, and to use it up, with every tool.
func TestNothingLeavesTheBox(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.txt")
	if err := os.WriteFile(secret, []byte("a secret of the host"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	long := strings.Repeat("x", 1<<16)
	b := newBox()
	b.Files["in.txt"] = "inside"
	begun := time.Now()
	for _, tool := range set {
		for _, v := range []string{
			"secret.txt", secret, "../secret.txt", "./secret.txt", "/etc/passwd", "/proc/self/environ", "..", ".", "", "~/x", `C:\x`, `..\x`,
			"file:///etc/passwd",
			"http://127.0.0.1/", "$HOME", "`id`", "$(id)", "; rm -rf /", "a\x00b", "a\nb", "\xff", "in.txt/../../x", long, long[:9000],
			"%2e%2e/x", "１ + １",
			"9 ** 9 ** 9", "9^9^9", "1/0", "(((((1)))))", "1e999999999 * 1", strings.Repeat("9", 31) + " * 2", "99:99", "-1",
			"9999999999999999999999",
		} {
			for _, form := range []string{`%q`, `[%q]`, `{"a": %q}`} {
				var args []string
				for _, p := range tool.params {
					args = append(args, fmt.Sprintf(`%q: %s`, p.name, fmt.Sprintf(form, v)))
				}
				told, _ := b.call(set, hobby.ToolCall{Name: tool.name, Arguments: "{" + strings.Join(args, ", ") + "}"})
				if strings.Contains(told, "secret of") || strings.Contains(told, "root:") || len(told) > maxTold+20 {
					t.Fatalf("%s of %.50q tells %d bytes: %.100s", tool.name, v, len(told), told)
				}
			}
		}
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || len(b.Files) > 40 {
		t.Errorf("%d files on the machine, %d in the box, %v", len(entries), len(b.Files), err)
	}
	for name := range b.Files {
		if strings.Contains(name, "..") || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\x00\n\\") {
			t.Errorf("there is a file %q", name)
		}
	}
}

// TestABoxIsBounded fills a box by random calls, and looks at what it holds.
func TestABoxIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBox()
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		size := rapid.SampledFrom([]int{1, 1999, 2000, 2001, 7000}).Draw(t, "size")
		for i := range 150 {
			args := map[string]string{
				"write_file": fmt.Sprintf(`{"path": "f%d", "text": %q}`, i, strings.Repeat("é", size/2)),
				"set_value":  fmt.Sprintf(`{"key": "k%d", "value": %d}`, i, r.IntN(1e9)), "set_timer": fmt.Sprintf(`{"minutes": %d}`, r.IntN(100)),
			}
			name := pick(r, []string{"write_file", "set_value", "set_timer"})
			told, note := b.call(set, hobby.ToolCall{Name: name, Arguments: args[name]})
			if len(told) > maxTold+20 || (note != "") != strings.HasPrefix(told, "Error: ") {
				t.Fatalf("%q with the note %q", told, note)
			}
		}
		for _, v := range b.Files {
			if len(v) > maxText {
				t.Fatalf("a file of %d bytes", len(v))
			}
		}
		if len(b.Files) > maxEntries || len(b.Values) > maxEntries || len(b.Timers) > maxEntries {
			t.Fatalf("%d files, %d values, %d timers", len(b.Files), len(b.Values), len(b.Timers))
		}
		state := func(b *Box) string {
			s, err := b.state()
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		was := state(b)
		if c := b.copy(); state(c) != was {
			t.Fatalf("a copy is in another state")
		} else if c.call(set, hobby.ToolCall{Name: "write_file", Arguments: `{"path": "new", "text": ""}`}); state(b) != was {
			t.Fatalf("what a copy does is seen in the original")
		}
	})
}

// FuzzVerify has transcripts of all sorts: none panics, and none that calls nothing passes.
func FuzzVerify(f *testing.F) {
	fs := Families()
	for i := range fs {
		f.Add(uint8(i), uint8(1), fs[i].Generate(rand.New(rand.NewPCG(1, 1)), 1).Reference)
	}
	f.Fuzz(func(t *testing.T, n, level uint8, transcript string) {
		family := fs[int(n)%len(fs)]
		task := family.Generate(rand.New(rand.NewPCG(uint64(n), 7)), int(level)%family.Info().Levels+1)
		v := task.Verify(transcript)
		if v.Score == 1 && !strings.Contains(transcript, "<tool_call>") || v.Score < 1 && v.Note == "" {
			t.Errorf("%q: %+v", transcript, v)
		}
	})
}

// byChance is a call of a tool that is shown, by chance, with words of the request, by
// chance. A statement of SQL has a form that is common, and a word by chance.
func byChance(r *rand.Rand, d *draft) hobby.ToolCall {
	words := strings.FieldsFunc(d.request, func(c rune) bool { return strings.ContainsRune(" ,;?\"", c) })
	for i, w := range words {
		words[i] = strings.TrimRight(w, ".")
	}
	tool := pick(r, d.shown)
	var args []string
	for _, p := range tool.params {
		fit := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return p.kind == "integer" && !whole.MatchString(w) })
		if len(fit) == 0 {
			fit = []string{"1"}
		}
		switch v := pick(r, fit); {
		case p.kind == "integer":
			args = append(args, fmt.Sprintf("%q: %s", p.name, v))
		case p.name == "statement":
			args = append(args, fmt.Sprintf("%q: %q", p.name, strings.ReplaceAll(pick(r, []string{
				"SELECT * FROM orders WHERE city = 'W'", "SELECT count(*) FROM orders WHERE city = 'W'",
				"SELECT sum(amount) FROM orders WHERE city = 'W'",
				"DELETE FROM orders WHERE city = 'W'", "UPDATE orders SET amount = W",
			}), "W", v)))
		default:
			args = append(args, fmt.Sprintf("%q: %q", p.name, v))
		}
	}
	return hobby.ToolCall{Name: tool.name, Arguments: "{" + strings.Join(args, ", ") + "}"}
}

// looks is a call that works and changes nothing; false where none is shown that can be
// made without understanding.
func looks(d *draft) (hobby.ToolCall, bool) {
	for name, arguments := range map[string]string{"run_sql": `{"statement": "SELECT 1"}`, "list_files": "{}", "list_keys": "{}",
		"get_time": "{}"} {
		c := hobby.ToolCall{Name: name, Arguments: arguments}
		if _, note := d.box.copy().call(d.shown, c); note == "" {
			return c, true
		}
	}
	return hobby.ToolCall{}, false
}

// TestGuessFloor has callers that understand nothing: one calls a tool by chance and passes
// on what it is told; others look at something and say the same number each time.
func TestGuessFloor(t *testing.T) {
	database := func() (Database, error) { return sqltask.Open() }
	for _, f := range append(Families(), SQL(database)) {
		f := f.(*family)
		for level := 1; level <= f.info.Levels; level++ {
			r := rand.New(rand.NewPCG(uint64(level), 9))
			n, passed := *guesses, map[string]int{}
			for range n {
				d := f.draft(r, level)
				task := d.task()
				try := func(who string, c hobby.ToolCall, said string) {
					if task.Verify(fmt.Sprintf("<tool_call>{\"name\": %q, \"arguments\": %s}</tool_call>%s", c.Name, c.Arguments, said)).Score == 1 {
						passed[who]++
					}
				}
				c := byChance(r, d)
				box := d.box.copy()
				told, _ := box.call(d.shown, c)
				try("by chance", c, told)
				if c, ok := looks(d); ok {
					for k := range 9 {
						try(fmt.Sprint("says ", k), c, fmt.Sprint(k))
					}
				}
			}
			best := ""
			for who, k := range passed {
				if k > passed[best] {
					best = who
				}
			}
			rate, said := float64(passed[best])/float64(n), f.info.GuessAt(level)
			t.Logf("%s level %d: %.3f (%s), said %.3f", f.info.Name, level, rate, best, said)
			if math.Abs(rate-said) > 0.015+1/math.Sqrt(float64(n)) {
				t.Errorf("%s level %d: a caller who %s passes %.3f, the family says %.3f", f.info.Name, level, best, rate, said)
			}
		}
	}
}

// TestADatabaseThatCannotBeOpened lets nothing pass: two boxes without their database are
// not in the same state.
func TestADatabaseThatCannotBeOpened(t *testing.T) {
	f := SQL(func() (Database, error) { return nil, errors.New("no memory") })
	works := practice.Transcript([]hobby.ToolCall{{Name: "list_files", Arguments: "{}"}})
	for seed := range uint64(20) {
		task := f.Generate(rand.New(rand.NewPCG(seed, 1)), 2)
		for _, answer := range []string{task.Reference, works + "done"} {
			if v := task.Verify(answer); v.Score > 0 {
				t.Errorf("%s\npasses: %+v", answer, v)
			}
		}
	}
}

// TestATrustedTaskDoesNotHideATaintedOne has a tool of this package under the name of a
// host's, which was called before.
func TestATrustedTaskDoesNotHideATaintedOne(t *testing.T) {
	r, call := newReview(), hobby.ToolCall{Name: "read_file", Arguments: "[]"}
	item := hobby.Item{Answer: practice.Transcript([]hobby.ToolCall{call})}
	theirs := &hosted{tools: []*hostTool{{Host: Host{Tool: hobby.Tool{Name: "read_file"}}}}}
	r.add(&item, &practice.Task{Taint: hobby.Untrusted, Use: func() practice.Use { return &hostUse{theirs} }})
	r.add(&item, &practice.Task{Use: func() practice.Use { return &use{newBox(), set} }})
	for f, o := range r.faults {
		if o.all != 2 || !o.host {
			t.Errorf("%v: %+v, want two tasks of which one is tainted", f, o)
		}
	}
	if len(r.faults) != 1 {
		t.Errorf("%d sorts of faults, want one", len(r.faults))
	}
}
