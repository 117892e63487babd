package gocode

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSlips has what was copied and not changed, and beside it what looks like it.
func TestSlips(t *testing.T) {
	table := func(run string) string {
		return "package p\n\nfunc TestF(t *testing.T) {\n\tfor _, c := range []struct{ name, in string }{\n\t\t{name: \"a\", in: \"x\"},\n" +
			"\t\t{name: \"b\", in: \"x\"},\n\t\t{name: \"a\", in: \"y\"},\n\t\t{name: \"\"},\n\t\t{name: \"\"},\n\t} {\n\t\t" + run + "\n\t}\n}\n"
	}
	for name, c := range map[string]struct {
		file, text string
		want       []string
	}{
		"cases":            {"a_test.go", table("t.Run(c.name, f)"), []string{`"a", as at line 5`}},
		"no names of runs": {"a_test.go", table("f(c.name)"), nil},
		"other runs":       {"a_test.go", table("t.Run(c.in, f)"), nil},
		"not run": {"a_test.go", "package p\n\nfunc Testify(t *testing.T) {}\n\nfunc Test_f(t *testing.T) {}\n\nfunc TestF(t *testing.T) {}\n",
			[]string{"Testify"}},
		"helpers": {"a_test.go", "package p\n\nfunc Testing(t testing.TB) {}\n\nfunc Tested(t *testing.T, n int) {}\n\n" +
			"func Tester(t *testing.T) {}\n\nfunc TestF(t *testing.T) { Tester(t) }\n", nil},
		"no test": {"a.go", "package p\n\nfunc Testify(t *testing.T) {}\n", nil},
		"errors": {"a.go", "package p\n\nvar (\n\terrA = errors.New(\"a\")\n\terrB = errors.New(\"b\")\n\terrC = errors.New(\"a\")\n)\n\n" +
			"var errD = errors.New(\"a\")\n", []string{"errC as errA"}},
	} {
		var got []string
		for _, r := range parse(c.file, []byte(c.text)).slips() {
			got = append(got, r.text)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestGoneNames has links of comments to what the tree has and has not.
func TestGoneNames(t *testing.T) {
	files, _ := examined(
		parse("a.go", []byte("package p\n\n// F is like [GetAll], [T.PutAll], [NoMore], [T.NoMore2], [READ], [io.NoSuch], [Name]: x.\n"+
			"func F() {}\n\n// G does it.\n//\n// Deprecated: use NewWay instead.\nfunc G() {}\n\n// H does it.\n//\n// Deprecated: Use GetAll instead.\nfunc H() {}\n\n"+
			"// K is as it is.\n//\n// [NewName]: https://example.org\nfunc K() {}\n")),
		parse("b/b.go", []byte("package b\n\nfunc GetAll() {}\n\ntype T interface{ PutAll() }\n")))
	want := map[string]int{"NoMore": 3, "T.NoMore2": 3, "NewWay": 8}
	got := map[string]int{}
	for _, r := range goneNames(files)[files[0]] {
		got[r.text] = r.line
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestUnintroduced has packages without a comment where nearly all have one, and where many have none.
func TestUnintroduced(t *testing.T) {
	for bare, want := range map[int]int{0: 0, 1: 1, 2: 0} {
		all := []*file{parse("b/c.go", []byte("package b\n")), parse("internal/c/c.go", []byte("package c\n")),
			parse("m/m.go", []byte("package main\n"))}
		for i := range 10 - bare {
			name := string(rune('b' + i))
			all = append(all, parse(name+"/a.go", []byte("// Package "+name+" is it.\npackage "+name+"\n")))
		}
		for i := range bare {
			name := string(rune('x' + i))
			all = append(all, parse(name+"/a.go", []byte("package "+name+"\n")))
		}
		files, _ := examined(all...)
		if got := unintroduced(files); len(got) != want {
			t.Errorf("%d of 10 without a comment: %d are told, want %d", bare, len(got), want)
		}
	}
}
