package redact_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pastime-go/pastime/hobby/redact"
)

var survey = flag.String("survey", "", "`folders`, separated by the system's list separator, whose texts TestSurvey redacts")

// TestSurvey shows each line that redaction changes in other people's files, for a
// person to judge.
func TestSurvey(t *testing.T) {
	if *survey == "" {
		t.Skip("no -survey")
	}
	r := redact.Default()
	files, bytes := 0, 0
	for _, root := range filepath.SplitList(*survey) {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil || len(raw) > 1<<20 || !utf8.Valid(raw) {
				return err
			}
			files, bytes = files+1, bytes+len(raw)
			was, is := strings.Split(string(raw), "\n"), strings.Split(r.Redact(string(raw)), "\n")
			for i := range was {
				if was[i] != is[i] {
					t.Logf("%s:%d: %.200s\n\t%.200s", path, i+1, was[i], is[i])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d files, %d bytes: %v", files, bytes, r.Counts())
}
