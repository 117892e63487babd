package kgraph_test

import (
	_ "embed"
	"strings"
	"testing"
)

//go:embed testdata/judged.tsv
var verdicts string

// TestJudged counts the verdicts on facts of this repository: at most 2 of 200 are wrong, and those
// that are useful are as many as docs/measured.md says.
func TestJudged(t *testing.T) {
	all, wrong, useful := 0, 0, 0
	for line := range strings.Lines(verdicts) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 8 || f[5] != "yes" && f[5] != "no" || f[6] != "yes" && f[6] != "no" {
			t.Fatalf("no verdicts: %q", line)
		}
		all++
		if f[5] == "no" {
			wrong++
		}
		if f[6] == "yes" {
			useful++
		}
	}
	if all != 200 || wrong > 2 || useful != 100 {
		t.Errorf("of %d facts %d are wrong and %d useful, want 200, at most 2 and 100", all, wrong, useful)
	}
}
