package archivetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
)

// TestCatalogue tests that what open returns is an archive.Catalogue. Each call of open
// gives an empty one, and a way to get fences that it knows.
func TestCatalogue(t *testing.T, open func(t *testing.T) (archive.Catalogue, hobby.Fences)) {
	for name, test := range map[string]func(*testing.T, archive.Catalogue, hobby.Fences){
		"swap": catalogueSwap, "reserve": catalogueReserve, "forget": catalogueForget, "stale": catalogueStale,
	} {
		t.Run(name, func(t *testing.T) {
			c, f := open(t)
			test(t, c, f)
		})
	}
}

func segment(id string, day int, run int64) archive.Segment {
	from := time.Date(2026, 5, day, 1, 2, 3, 4, time.UTC)
	return archive.Segment{
		ID: id, Node: "node", Month: "2026-05", Run: run, From: from, To: from.Add(time.Hour),
		Files: []archive.File{{
			Table: "activities", Key: "v1/" + id, Size: 5, Rows: 6, SHA256: "ab", Blocks: []byte{0, 0x80, 0xff, byte(run)},
		}},
		Activities: 1, Items: 2, Insights: 3, Kinds: map[hobby.Kind]int64{"k": 1}, Original: 9, Digest: "cd", Created: from,
		Until: from, At: 77,
	}
}

func segments(t *testing.T, c archive.Catalogue) (all []archive.Segment, change int64) {
	t.Helper()
	all, change, err := c.Segments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if now, err := c.Change(t.Context()); err != nil || now != change {
		t.Errorf("Change is %d, %v; Segments says %d", now, err, change)
	}
	return all, change
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func catalogueSwap(t *testing.T, c archive.Catalogue, _ hobby.Fences) {
	if all, _ := segments(t, c); len(all) > 0 {
		t.Fatalf("an empty one has %+v", all)
	}
	a, b, d := segment("a", 9, 1), segment("b", 3, 2), segment("d", 3, 1)
	ok(t, c.Swap(t.Context(), []archive.Segment{a, b, d}, nil, nil))
	all, first := segments(t, c)
	want := []archive.Segment{d, b, a}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
	other := a
	other.Items = 1000
	ok(t, c.Swap(t.Context(), []archive.Segment{other, segment("e", 20, 3)}, []string{"b", "d", "z"}, nil))
	ok(t, c.Pruned(t.Context(), "e", nil))
	all, second := segments(t, c)
	if second <= first {
		t.Errorf("the number of the change went from %d to %d", first, second)
	}
	pruned := segment("e", 20, 3)
	pruned.Pruned = true
	if diff := cmp.Diff([]archive.Segment{a, pruned}, all); diff != "" {
		t.Errorf("after a swap (-want +got):\n%s", diff)
	}
}

func catalogueReserve(t *testing.T, c archive.Catalogue, _ hobby.Fences) {
	last := int64(0)
	for range 5 {
		n, err := c.Reserve(t.Context(), nil)
		if err != nil || n <= last {
			t.Errorf("reserved %d after %d, %v", n, last, err)
		}
		last = n
	}
}

func catalogueForget(t *testing.T, c archive.Catalogue, _ hobby.Fences) {
	for _, hash := range []string{"b", "a", "b"} {
		ok(t, c.Forget(t.Context(), hash))
	}
	ok(t, c.Forgot(t.Context(), "a", nil))
	ok(t, c.Forgot(t.Context(), "z", nil))
	got, err := c.Forgets(t.Context())
	if diff := cmp.Diff([]string{"b"}, got); err != nil || diff != "" {
		t.Errorf("still to forget (-want +got): %v\n%s", err, diff)
	}
}

// catalogueStale calls with a fence that somebody else has taken.
func catalogueStale(t *testing.T, c archive.Catalogue, f hobby.Fences) {
	old, err := f.Fence(t.Context(), "archive")
	ok(t, err)
	ok(t, c.Swap(t.Context(), []archive.Segment{segment("a", 1, 1)}, nil, &old))
	ok(t, c.Forget(t.Context(), "hash"))
	now, err := f.Fence(t.Context(), "archive")
	ok(t, err)
	for name, call := range map[string]func(context.Context, *hobby.Fence) error{
		"Reserve": func(ctx context.Context, f *hobby.Fence) error { _, err := c.Reserve(ctx, f); return err },
		"Swap": func(ctx context.Context, f *hobby.Fence) error {
			return c.Swap(ctx, []archive.Segment{segment("b", 2, 2)}, []string{"a"}, f)
		},
		"Pruned": func(ctx context.Context, f *hobby.Fence) error { return c.Pruned(ctx, "a", f) },
		"Forgot": func(ctx context.Context, f *hobby.Fence) error { return c.Forgot(ctx, "hash", f) },
	} {
		if err := call(t.Context(), &old); !errors.Is(err, hobby.ErrStale) {
			t.Errorf("%s with a stale fence: %v", name, err)
		}
	}
	if all, _ := segments(t, c); len(all) != 1 || all[0].ID != "a" || all[0].Pruned {
		t.Errorf("stale calls have changed it: %+v", all)
	}
	ok(t, c.Pruned(t.Context(), "a", &now))
}
