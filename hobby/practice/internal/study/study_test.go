package study_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
	"github.com/pastime-go/pastime/sqlite"
)

// sink keeps what it is told, up to a number of items.
type sink struct {
	hobbytest.Sink
	told  []string
	items []hobby.Item
	most  int
}

func (s *sink) Insight(i hobby.Insight) error {
	s.told = append(s.told, i.Text)
	return nil
}

func (s *sink) Item(i hobby.Item) error {
	s.items = append(s.items, i)
	if len(s.items) == s.most {
		return hobby.ErrBudget
	}
	return nil
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestTree(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	for _, name := range []string{"b.txt", "a/c.txt", "a.md", ".git/x.txt", "_old/x.txt", "vendor/x.txt", "testdata/x.txt",
		"node_modules/x.txt"} {
		write(t, dir, name, name)
	}
	write(t, outside, "x.txt", "outside")
	write(t, dir, "large.txt", strings.Repeat("x", 101))
	if runtime.GOOS != "windows" { // links need a right there
		for link, to := range map[string]string{"out": outside, "out.txt": filepath.Join(outside, "x.txt"), "loop": ".", "self.txt": "self.txt"} {
			if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
				t.Fatal(err)
			}
		}
	}
	root, err := study.Root(dir)
	if err != nil {
		t.Fatal(err)
	}
	var parsed []string
	tree := &study.Tree[string]{
		Dir: root, MaxFiles: 100, MaxBytes: 100, Wants: func(name string) bool { return strings.HasSuffix(name, ".txt") },
		Parse: func(path string, text []byte) string {
			parsed = append(parsed, path)
			return string(text)
		},
	}
	read := func() study.Listing[string] {
		t.Helper()
		parsed = nil
		l, err := tree.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if l := read(); !slices.Equal(l.Files, []string{"a/c.txt", "b.txt"}) || !slices.Equal(l.Large, []string{"large.txt"}) || l.Truncated {
		t.Errorf("%+v", l)
	}
	write(t, dir, "b.txt", "it has changed")
	if l := read(); !slices.Equal(l.Files, []string{"a/c.txt", "it has changed"}) || !slices.Equal(parsed, []string{"b.txt"}) {
		t.Errorf("%+v after reading %v", l, parsed)
	}
	tree.MaxFiles = 1
	if l := read(); !l.Truncated || len(l.Files) != 1 {
		t.Errorf("%+v", l)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(hobby.ErrUserReturned)
	if _, err := tree.Read(ctx); !errors.Is(err, hobby.ErrUserReturned) {
		t.Error(err)
	}
	// What an interrupted reading has parsed, the next does not parse again.
	tree.MaxFiles = 100
	write(t, dir, "a/c.txt", "changed")
	write(t, dir, "b.txt", "changed too")
	ctx, cancel = context.WithCancelCause(t.Context())
	parse := tree.Parse
	tree.Parse = func(path string, text []byte) string {
		cancel(hobby.ErrUserReturned)
		return parse(path, text)
	}
	if _, err := tree.Read(ctx); !errors.Is(err, hobby.ErrUserReturned) {
		t.Error(err)
	}
	if l := read(); !slices.Equal(l.Files, []string{"changed", "changed too"}) || !slices.Equal(parsed, []string{"b.txt"}) {
		t.Errorf("%+v after reading %v", l, parsed)
	}
	if text, err := tree.Text("b.txt"); err != nil || string(text) != "changed too" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := tree.Text("../outside.txt"); err == nil {
		t.Error("a file outside was read")
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Read(t.Context()); err == nil {
		t.Error("a folder that is gone was read")
	}
}

// TestEachFindingIsToldOnce notes and tells in any order.
func TestEachFindingIsToldOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var n study.Notebook
		var out sink
		current := map[string][]int{} // by subject: what was noted last
		told := map[int]bool{}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			subject := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "subject")
			keys := rapid.SliceOfN(rapid.IntRange(0, 12), 0, 5).Draw(t, "keys")
			var all []study.Finding
			for _, k := range keys {
				all = append(all, study.Finding{Key: fmt.Sprint(k), Text: fmt.Sprint(k), Weight: float64(k)})
			}
			n.Note(subject, all...)
			current[subject] = keys
			want := map[int]bool{}
			for _, ks := range current {
				for _, k := range ks {
					if !told[k] {
						want[k] = true
					}
				}
			}
			var order []int
			for k := range want {
				order = append(order, k)
			}
			slices.SortFunc(order, func(a, b int) int { return b - a })
			most := rapid.IntRange(0, 4).Draw(t, "most")
			out.told = nil
			if err := n.Tell(context.Background(), &out, hobby.CodeAnalysis, most, ""); err != nil {
				t.Fatal(err)
			}
			order = order[:min(most, len(order))]
			if fmt.Sprint(order) != strings.ReplaceAll(fmt.Sprint(out.told), "\"", "") {
				t.Fatalf("told %v, want %v", out.told, order)
			}
			for _, k := range order {
				told[k] = true
			}
		}
	})
}

// TestWhatWasToldIsToldOnceAfterARestartToo has a notebook that begins empty, as
// after a restart, with the store of the one before.
func TestWhatWasToldIsToldOnceAfterARestartToo(t *testing.T) {
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	found := func(keys ...string) (all []study.Finding) {
		for i, k := range keys {
			all = append(all, study.Finding{Key: k, Text: k, Weight: float64(9 - i), Confidence: 1,
				Evidence: []hobby.Evidence{{Kind: hobby.EvidenceFile, Ref: k}}})
		}
		return all
	}
	session := func(n *study.Notebook, all []study.Finding, most int) (told []string) {
		t.Helper()
		m, err := hobby.New(store, []hobby.Hobby{{Kind: "study", Executor: hobby.ExecutorFunc(func(
			ctx context.Context, p hobby.Plan, out hobby.Sink,
		) error {
			n.Note("all", all...)
			return n.Tell(ctx, out, p.Kind, most, "")
		})}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := m.RunOnce(t.Context(), "study")
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range s.Insights {
			told = append(told, i.Text)
		}
		return told
	}
	var before, after study.Notebook
	if got := session(&before, found("a", "b", "c"), 2); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("told %v first", got)
	}
	if got := session(&after, found("a", "b", "new", "c"), 5); !slices.Equal(got, []string{"new", "c"}) {
		t.Errorf("told %v after the restart", got)
	}
	if got := session(&before, found("a", "c", "new"), 5); len(got) != 0 {
		t.Errorf("told %v again", got)
	}
}

// TestWhicheverKindFindsIt has two hobbies find the same, one of them under a key that
// has changed since, and a topic that comes first.
func TestWhicheverKindFindsIt(t *testing.T) {
	out := &hobbytest.Sink{}
	tell := func(n *study.Notebook, kind hobby.Kind, most int, topic string, all ...study.Finding) (told []string) {
		t.Helper()
		before := len(out.Insights)
		n.Note("all", all...)
		if err := n.Tell(t.Context(), out, kind, most, topic); err != nil {
			t.Fatal(err)
		}
		for _, i := range out.Insights[before:] {
			told = append(told, string(i.Kind)+" "+i.Text)
		}
		return told
	}
	a := study.Finding{Key: "a", Text: "The tide turns", Weight: 2}
	b := study.Finding{Key: "b", Text: "a Low_Tide", Weight: 1}
	renamed := study.Finding{Key: "new name", Was: "b", Text: b.Text, Weight: 1}
	one, two, other := study.Notebook{Space: "documents"}, study.Notebook{Space: "documents"}, study.Notebook{Space: "code"}
	for _, c := range []struct {
		notes *study.Notebook
		most  int
		topic string
		want  []string
	}{
		{&one, 1, "low tide", []string{"one a Low_Tide"}}, {&two, 5, "", []string{"two The tide turns"}}, {&one, 5, "", nil},
		{&other, 5, "tid", []string{"other The tide turns", "other a Low_Tide"}},
	} {
		kind := map[*study.Notebook]hobby.Kind{&one: "one", &two: "two", &other: "other"}[c.notes]
		last := b
		if c.notes == &two {
			last = renamed
		}
		if got := tell(c.notes, kind, c.most, c.topic, a, last); !slices.Equal(got, c.want) {
			t.Errorf("told %q, want %q", got, c.want)
		}
	}
}

func TestQuiz(t *testing.T) {
	n := 0
	ask := func(_ *rand.Rand, family hobby.Family, level int) (practice.Task, bool) {
		n++
		messages := []hobby.Message{{Role: hobby.RoleUser, Content: "yes?"}}
		return practice.Task{
			Family: family.Name, Version: max(1, family.Version), Level: level, Params: fmt.Sprint(n), Messages: messages,
			Verifier: "test", Verify: func(string) practice.Verdict { return practice.Pass() },
		}, family.Name != "none"
	}
	q := study.Quiz{Families: []hobby.Family{{Name: "none", Levels: 2}, {Name: "some", Levels: 2}, {Name: "more", Levels: 1}},
		Questions: 4, Ask: ask}
	for _, c := range []struct {
		plan hobby.Plan
		most int
		want string
	}{
		{hobby.Plan{}, 0, "some 1, some 1, more 1, some 1"},
		{hobby.Plan{Family: "more", Level: 9}, 0, "more 1, more 1, more 1, more 1"},
		{hobby.Plan{Family: "none", Level: 2, Budget: hobby.Budget{Items: 2}}, 0, "some 2, some 2"},
		{hobby.Plan{Family: "of another time"}, 1, "some 1"},
	} {
		out := sink{Sink: hobbytest.Sink{Model: hobbytest.Says("yes")}, most: c.most}
		if err := q.Hold(t.Context(), c.plan, &out); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range out.items {
			got = append(got, fmt.Sprint(i.Family, " ", i.Level))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%+v: %s, want %s", c.plan, s, c.want)
		}
	}
	asked := 0
	small := &hobbytest.Model{Reply: func(context.Context, hobby.Request) (string, error) {
		if asked++; asked%2 == 1 {
			return "", fmt.Errorf("a small model: %w", hobby.ErrTooLong)
		}
		return "yes", nil
	}}
	fits := sink{Sink: hobbytest.Sink{Model: small}}
	if err := q.Hold(t.Context(), hobby.Plan{}, &fits); err != nil || len(fits.items) != 4 || asked != 8 {
		t.Errorf("with every second question too long: %v, %d items of %d questions", err, len(fits.items), asked)
	}
	small.Reply = func(context.Context, hobby.Request) (string, error) { return "", hobby.ErrTooLong }
	if err := q.Hold(t.Context(), hobby.Plan{}, &fits); !errors.Is(err, hobby.ErrTooLong) {
		t.Errorf("with every question too long: %v", err)
	}
	q.Ask = func(r *rand.Rand, family hobby.Family, level int) (practice.Task, bool) { // always the same
		t, ok := ask(r, family, level)
		t.Params = "x"
		return t, ok
	}
	twice := sink{Sink: hobbytest.Sink{Model: hobbytest.Says("yes")}}
	if err := q.Hold(t.Context(), hobby.Plan{}, &twice); err != nil || len(twice.items) != 2 {
		t.Errorf("two families of one question each: %v, %d items", err, len(twice.items))
	}
	q.Ask = func(r *rand.Rand, family hobby.Family, level int) (practice.Task, bool) {
		t, ok := ask(r, family, level)
		return t, ok && level < 2
	}
	if d := cmp.Diff([]hobby.Family{{Name: "some", Levels: 1}, {Name: "more", Levels: 1}}, q.Offered()); d != "" {
		t.Errorf("offered (-want +got):\n%s", d)
	}
	q.Ask, q.Families = ask, q.Families[:1]
	out := sink{Sink: hobbytest.Sink{Model: hobbytest.Says("yes")}}
	if err := q.Hold(t.Context(), hobby.Plan{}, &out); err != nil || len(out.items) != 0 {
		t.Errorf("with nothing to ask: %v, %d items", err, len(out.items))
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(hobby.ErrUserReturned)
	q.Families[0].Name = "some"
	if err := q.Hold(ctx, hobby.Plan{}, &out); !errors.Is(err, hobby.ErrUserReturned) {
		t.Errorf("%v, want the context's cause", err)
	}
}
