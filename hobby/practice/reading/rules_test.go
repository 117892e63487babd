package reading_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby/practice/internal/study/studytest"
	"github.com/pastime-go/pastime/hobby/practice/reading"
)

var written = flag.Bool("rules", false, "write testdata/rules.golden anew, to be read line by line")

// TestRules has what is told of documents in five formats with one mistake or more for each rule,
// and with places beside them that are right.
func TestRules(t *testing.T) {
	var told []string
	for _, in := range studytest.Practise(t, read(t, "testdata/rules", nil, &reading.Options{Insights: 100}), 1).Insights {
		if !in.Fact() {
			told = append(told, in.Text)
		}
	}
	slices.Sort(told)
	got := strings.Join(told, "\n") + "\n"
	if *written {
		if err := os.WriteFile("testdata/rules.golden", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/rules.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("what is told (-want +got):\n%s", diff)
	}
}
