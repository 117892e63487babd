package reading

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var peerLinks = flag.String("peer-links", "", "what remark-validate-links said of trees")

// TestAnchorsAreGitHubs compares with what github-slugger made of every code
// point and of headings; .ci/peers documents writes it anew.
func TestAnchorsAreGitHubs(t *testing.T) {
	raw, err := os.ReadFile("testdata/slugs.golden")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Peer        string
		Kept, Newer [][2]rune
		Upper       string
		Lower       []string
		Headings    [][2]string
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	kept, newer := map[rune]bool{}, map[rune]bool{}
	for m, ranges := range map[*map[rune]bool][][2]rune{&kept: golden.Kept, &newer: golden.Newer} {
		for _, r := range ranges {
			for c := r[0]; c <= r[1]; c++ {
				(*m)[c] = true
			}
		}
	}
	lower := map[rune]string{}
	for i, r := range []rune(golden.Upper) {
		lower[r] = golden.Lower[i]
	}
	ahead := 0
	for c := range rune(unicode.MaxRune + 1) {
		if c == ' ' || c == '-' || c >= 0xd800 && c <= 0xdfff {
			continue
		}
		got, want := slug(string(c)), ""
		switch {
		case got == "" && !unicode.In(c, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co):
			continue // a capital that is younger than Go's tables
		case kept[c] && lower[c] != "":
			want = lower[c]
		case kept[c]:
			want = string(c)
		case newer[c]: // letters that are younger than the peer
			if got != "" {
				ahead++
			}
			continue
		}
		if got != want {
			t.Errorf("%U: %q, the peer says %q", c, got, want)
		}
	}
	s := slugger{}
	for _, h := range golden.Headings {
		if got := s.anchor(h[0]); got != h[1] {
			t.Errorf("%q: %q, the peer says %q", h[0], got, h[1])
		}
	}
	t.Logf("%s: %d code points kept, %d headings; Go's Unicode %s knows %d of %d letters that the peer does not", golden.Peer, len(kept),
		len(golden.Headings), unicode.Version, ahead, len(newer))
}

// TestPeerLinks compares the broken links of trees with the peer's; what each
// sees alone is told, and must have its reason.
func TestPeerLinks(t *testing.T) {
	if *peerLinks == "" {
		t.Skip("no -peer-links")
	}
	f, err := os.Open(*peerLinks)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	theirs := map[string]map[string]bool{} // by tree: "path:line kind"
	for in := bufio.NewScanner(f); in.Scan(); {
		fields := strings.Fields(in.Text())
		if len(fields) != 3 {
			continue
		}
		kind, ok := map[string]string{"missing-file": "link", "missing-heading": "anchor", "missing-heading-in-file": "anchor"}[fields[2]]
		if theirs[fields[0]] == nil {
			theirs[fields[0]] = map[string]bool{}
		}
		if ok {
			theirs[fields[0]][fields[1]+" "+kind] = true
		}
	}
	both, alone := 0, 0
	for dir, their := range theirs {
		lib := opened(t, dir)
		ours := map[string]bool{}
		for _, d := range lib.documents {
			for _, f := range lib.broken(d) {
				kind, _, _ := strings.Cut(f.Key, " ")
				ours[fmt.Sprintf("%s:%d %s", d.path, f.Evidence[0].Line, kind)] = true
			}
		}
		for l := range ours {
			if their[l] {
				both++
			} else {
				t.Errorf("%s: %s is found here alone", dir, l)
			}
		}
		for l := range their {
			path, _, _ := strings.Cut(l, ":")
			if ours[l] || lib.byPath[path] == nil || lib.byPath[path].unread != "" { // a document that is left out on purpose
				continue
			}
			alone++
			if why := excused(t, dir, l, their); why == "" {
				t.Errorf("%s: %s is found by the peer alone", dir, l)
			} else {
				t.Logf("%s: %s is let pass: %s", dir, l, why)
			}
		}
	}
	t.Logf("%d broken links are found by both in %d trees, %d by the peer alone", both, len(theirs), alone)
	if both < 20 {
		t.Errorf("only %d broken links are found by both", both)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

var lineAnchor = regexp.MustCompile(`\.(?:go|md|json)#L\d+`)

// excused says why a fault that the peer finds is none.
func excused(t *testing.T, dir, place string, their map[string]bool) string {
	t.Helper()
	var path, kind string
	var line int
	before, kind, _ := strings.Cut(place, " ")
	path, number, _ := strings.Cut(before, ":")
	if _, err := fmt.Sscan(number, &line); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(dir + "/" + path)
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Split(string(text), "\n")[line-1]
	anchor := regexp.MustCompile(`\]\(#([^)]+)\)`).FindStringSubmatch(said)
	file := regexp.MustCompile(`\]\(([^)#\s]+)`).FindStringSubmatch(said)
	switch {
	case kind == "link" && file != nil && !exists(filepath.Join(dir, filepath.Dir(path), filepath.Dir(file[1]))):
		return "its folder is not there, which the builder of a site may make"
	case kind == "anchor" && lineAnchor.MatchString(said):
		return "lines of a file have anchors on GitHub"
	case kind == "anchor" && anchor != nil && regexp.MustCompile(`(?:name|id)=['"]`+regexp.QuoteMeta(anchor[1])+`['"]`).Match(text):
		return "HTML has this anchor"
	case kind == "anchor" && their[before+" link"]:
		return "the file is not there, which is told once"
	case kind == "anchor" && anchor != nil && newPlainText(string(text)).standsAlone(anchor[1]):
		return "its words stand alone, and a site may make an anchor of them"
	case kind == "anchor" && changes.MatchString(path):
		return "a list of changes keeps the anchors of its day"
	}
	return ""
}
