package archive

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFiltersOfGoneSegments has filters leave the memory after their segments are gone.
func TestFiltersOfGoneSegments(t *testing.T) {
	a := &Archiver{filters: map[string]bloom{"a": nil, "b": nil, "c": nil}}
	a.dropFilters([]Segment{{ID: "b"}, {ID: "d"}})
	if diff := cmp.Diff([]string{"b"}, slices.Sorted(maps.Keys(a.filters))); diff != "" {
		t.Errorf("filters in memory (-want +got):\n%s", diff)
	}
}
