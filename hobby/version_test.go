package hobby_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// TestAMendedFamilyIsMeasuredAnew measures two families, of which one is mended:
// its older answers are told and do not count, and the other family's proficiency
// does not move. An answer or a family without a version is of the first.
func TestAMendedFamilyIsMeasuredAnew(t *testing.T) {
	day := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	tally := func(family string, version int, tries, passes int64) hobby.Tally {
		return hobby.Tally{ModelKey: "m", Kind: "k", Family: family, Version: version, Level: 1, Split: hobby.Practice,
			Day: hobby.Day(day), Tries: tries, Passes: passes}
	}
	measure := func(version int, ts ...hobby.Tally) hobby.KindProficiency {
		h := hobby.Hobby{Kind: "k", NeedsModel: true,
			Families: []hobby.Family{{Name: "kept", Levels: 2}, {Name: "mended", Version: version, Levels: 2}}}
		return hobby.Measure(ts, []hobby.Hobby{h}, keys([]hobby.Hobby{h}, "m"), day).Kinds[0]
	}
	kept, old := tally("kept", 1, 20, 15), tally("mended", 1, 12, 12)
	before := measure(0, kept, old)
	if unversioned := measure(1, tally("kept", 0, 20, 15), tally("mended", 0, 12, 12)); !cmp.Equal(before, unversioned) {
		t.Errorf("without versions it is measured otherwise: %s", cmp.Diff(before, unversioned))
	}
	if f := before.Families[1]; f.Version != 1 || f.Older != 0 || f.Estimate.Items != 12 {
		t.Errorf("before it was mended: %+v", f)
	}
	after := measure(2, kept, old)
	if f := after.Families[1]; f.Version != 2 || f.Older != 12 || f.Estimate.Measured() {
		t.Errorf("mended: %+v, want nothing measured and 12 older answers", f)
	}
	if alone := measure(2, kept); !cmp.Equal(after.Families[0], alone.Families[0]) || !cmp.Equal(after.Estimate, alone.Estimate) {
		t.Errorf("older answers count: %s", cmp.Diff(after, alone))
	}
	again := measure(2, kept, old, tally("mended", 2, 5, 1))
	if f := again.Families[1]; f.Older != 12 || f.Estimate.Items != 5 || f.Estimate.Passes != 1 {
		t.Errorf("practised again: %+v", f)
	}
}
