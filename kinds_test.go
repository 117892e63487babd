package pastime_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice/gocode"
	"github.com/pastime-go/pastime/hobby/practice/reading"
)

// TestAllKindsInTenSessions has an agent with all eight kinds: within the first ten
// sessions that its policy chooses, each has completed one with verdicts.
func TestAllKindsInTenSessions(t *testing.T) {
	model := hobbytest.Says("nothing")
	code, err := gocode.New("hobby/practice/gocode/testdata/shop", model, nil)
	must(t, err)
	documents, err := reading.New("hobby/practice/reading/testdata/harbour", model, nil)
	must(t, err)
	papers, err := reading.Research(nil, model, nil)
	must(t, err)
	kit, err := pastime.Open(t.Context(), ":memory:", model, &pastime.Options{Hobbies: []hobby.Hobby{code, documents, papers}})
	must(t, err)
	defer kit.Close()
	begun := hobby.Day(time.Now())
	want, got := map[hobby.Kind]bool{}, map[hobby.Kind]bool{}
	for _, k := range hobby.Kinds() {
		want[k.Kind] = true
	}
	for range len(want) + 2 {
		s, err := kit.Hobby.RunOnce(t.Context(), "")
		must(t, err)
		if a := &s.Activity; a.Status == hobby.Completed && a.Items > 0 {
			got[a.Plan.Kind] = true
		}
	}
	if hobby.Day(time.Now()) != begun {
		t.Skip("patterns are looked for in the entries of a day, and another has begun")
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the kinds that have practised (-want +got):\n%s", d)
	}
}
