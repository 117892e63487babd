package gocode

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pastime-go/pastime/internal/race"
	"golang.org/x/tools/txtar"
)

var peerStaticcheck = flag.String("peer-staticcheck", "", "the `path` of staticcheck, to write testdata/trees.golden anew")

// trees writes the trees of testdata/trees.txtar, which are modules but for one.
func trees(t *testing.T) string {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/trees.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	return tree(t, files)
}

// TestTreesOfPeers compares the second layer with what go vet and staticcheck report of
// trees of five kinds. Each difference is one of differences. .ci/peers trees writes the
// peers' reports anew.
func TestTreesOfPeers(t *testing.T) {
	if race.Enabled {
		t.Skip("folders are analysed one after the other")
	}
	dir := trees(t)
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "")
	if *peerStaticcheck != "" {
		if err := os.WriteFile("testdata/trees.golden", peers(t, dir), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile("testdata/trees.golden")
	if err != nil {
		t.Fatal(err)
	}
	versions, theirs, _ := strings.Cut(string(golden), "\n\n")
	ours := map[string]bool{}
	for _, folder := range []string{"vendored", "nested/backend", "nested/backend/in", "cgo", "generated", "work/a", "work/b"} {
		found, err := inspect(t.Context(), dir, folder, func(string) {})
		if err != nil {
			t.Fatal(folder, err)
		}
		for _, f := range found {
			if m := regexp.MustCompile(`^(\S+:\d+): (.*) \((\w+)\)$`).FindStringSubmatch(f.Text); m != nil {
				ours[m[3]+" "+m[1]] = true
			}
		}
	}
	t.Logf("%s; %d reports of theirs, %d of ours", versions, strings.Count(theirs, "\n"), len(ours))
	var only []string // of theirs, or of ours
	for report := range strings.Lines(theirs) {
		report = strings.TrimSpace(report)
		analyzer, line, _ := strings.Cut(report, " ")
		switch {
		case untold.MatchString(report): // it is no fault, or costs memory only
		case ours[report]:
			delete(ours, report)
		case ours[told[analyzer]+" "+line] || slices.Contains(only, told[analyzer]+" "+line): // told once
		case !slices.Contains(strings.Split(theirs, "\n"), told[analyzer]+" "+line):
			only = append(only, report)
		}
	}
	for report := range ours {
		only = append(only, "ours: "+report)
	}
	slices.Sort(only)
	if d := cmp.Diff(differences, only); d != "" {
		t.Errorf("where we differ from go vet and staticcheck (-want +got):\n%s", d)
	}
}

// untold matches what is not told: what could be simpler, what is deprecated, and what costs memory.
var untold = regexp.MustCompile(`^(?:S1\d+|SA1019|SA6\d+) `)

// differences are the reports of one side only.
var differences = []string{
	"assign generated/a.go:12",             // lint:ignore SA4018, which says the same
	"assign generated/zz.go:10",            // generated
	"ours: nilness nested/backend/a.go:58", // not in go vet
	"printf cgo/c.go:7",                    // needs a C compiler
	"printf generated/a.go:7",              // lint:ignore SA5009, which says the same
	"printf generated/a.go:8",              // nolint
	"printf generated/zz.go:8",             // generated
}

// peers runs go vet and staticcheck over the modules of the trees. Each line is an
// analyzer and a place.
func peers(t *testing.T, dir string) []byte {
	t.Helper()
	reports := map[string]bool{}
	report := func(analyzer, file, line string) {
		rel, err := filepath.Rel(dir, file)
		if err != nil || strings.HasPrefix(rel, "..") || strings.Contains(rel, "vendor/") {
			return
		}
		reports[analyzer+" "+filepath.ToSlash(rel)+":"+line] = true
	}
	run := func(folder, name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Dir = filepath.Join(dir, folder)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		var failed *exec.ExitError
		if err != nil && !errors.As(err, &failed) {
			t.Fatalf("%s: %v, %s", name, err, said.String())
		}
		return string(out) + said.String()
	}
	// Package b comes before a, which imports it: go vet 1.26 reports nothing of a package whose
	// facts another one asked for before.
	for _, module := range []string{"vendored", "nested/backend", "cgo", "generated", "work/b", "work/a"} {
		text := regexp.MustCompile(`(?m)^#.*$`).ReplaceAllString(run(module, "go", "vet", "-json", "./..."), "")
		for d := json.NewDecoder(strings.NewReader(text)); ; {
			var v map[string]map[string][]struct{ Posn string }
			if err := d.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("go vet says %s: %v", text, err)
			}
			for _, by := range v {
				for analyzer, all := range by {
					for _, one := range all {
						place := strings.Split(one.Posn, ":")
						report(analyzer, place[0], place[1])
					}
				}
			}
		}
		text = run(module, *peerStaticcheck, "-checks", "SA*,S1*", "-f", "json", "./...")
		for d := json.NewDecoder(strings.NewReader(text)); ; {
			var v struct {
				Code     string
				Location struct {
					File string
					Line int
				}
			}
			if err := d.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("staticcheck says %s: %v", text, err)
			}
			report(v.Code, v.Location.File, fmt.Sprint(v.Location.Line))
		}
	}
	var lines []string
	for r := range reports {
		lines = append(lines, r)
	}
	slices.Sort(lines)
	versions := strings.TrimSpace(run(".", "go", "version")) + ", " + strings.TrimSpace(run(".", *peerStaticcheck, "-version"))
	return []byte(versions + "\n\n" + strings.Join(lines, "\n") + "\n")
}
