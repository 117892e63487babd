package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// TestCursor: a cursor reads back, and nothing else is one of as many columns.
func TestCursor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := sqlite.Cursor(rapid.SliceOfN(rapid.Int64(), 1, 4).Draw(t, "cursor"))
		got, err := sqlite.ParseCursor(c.String(), len(c))
		if d := cmp.Diff(c, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		n := rapid.IntRange(0, 5).Filter(func(n int) bool { return n != len(c) }).Draw(t, "columns")
		if _, err := sqlite.ParseCursor(c.String(), n); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("%v as a cursor of %d columns: %v", c, n, err)
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	for _, seed := range []string{sqlite.Cursor{1}.String(), sqlite.Cursor{-1, 1 << 62}.String(), "", "MSAx\x00", "KzE", "MDE", "MSA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for n := range 4 {
			c, err := sqlite.ParseCursor(text, n)
			if err == nil && (len(c) != n || c.String() != text) || err != nil && !errors.Is(err, hobby.ErrInvalid) {
				t.Errorf("%q as a cursor of %d columns: %v, %v", text, n, c, err)
			}
		}
	})
}

// TestWhere reads with conditions and without.
func TestWhere(t *testing.T) {
	var w sqlite.Where
	w.If(false, "a = ?", 1)
	if w.String() != "" || len(w.Args()) != 0 {
		t.Errorf("without conditions: %q %v", w.String(), w.Args())
	}
	w.And("b = ? OR b = ?", 2, 3)
	w.If(true, "c IS NULL")
	if err := w.After(sqlite.Cursor{4, 5}.String(), "d", "e"); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(" WHERE (b = ? OR b = ?) AND (c IS NULL) AND ((d, e) < (?, ?))", w.String()); d != "" {
		t.Errorf("the clause (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]any{2, 3, int64(4), int64(5)}, w.Args()); d != "" {
		t.Errorf("the arguments (-want +got):\n%s", d)
	}
	if err := w.After(sqlite.Cursor{4}.String(), "d", "e"); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("a cursor of fewer columns: %v", err)
	}
}

// numbers reads the numbers 1 to n, in descending order, by so many pages at
// most.
func numbers(ctx context.Context, s *sqlite.Store, n, limit, most int) (pages [][]int64, err error) {
	const upTo = "WITH RECURSIVE numbers(pos) AS (SELECT 1 UNION ALL SELECT pos + 1 FROM numbers WHERE pos < ?) SELECT pos FROM numbers"
	for cursor := ""; ; {
		var w sqlite.Where
		if err := w.After(cursor, "pos"); err != nil {
			return nil, err
		}
		args := append([]any{n}, w.Args()...)
		page, next, err := sqlite.ReadPage(ctx, s, "counting", upTo+w.String()+" ORDER BY pos DESC", args, limit,
			func(r *sql.Rows) (v int64, at sqlite.Cursor, err error) {
				err = r.Scan(&v)
				return v, sqlite.Cursor{v}, err
			})
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
		if cursor = next; cursor == "" || len(pages) == most {
			return pages, nil
		}
	}
}

// TestReadPage: pages have as many rows as asked for, the last may have fewer,
// and together they are the listing.
func TestReadPage(t *testing.T) {
	s := open(t, ":memory:", nil)
	rapid.Check(t, func(t *rapid.T) {
		n, limit := rapid.IntRange(1, 40).Draw(t, "rows"), rapid.IntRange(1, 12).Draw(t, "limit")
		pages, err := numbers(context.Background(), s, n, limit, n)
		if err != nil {
			t.Fatal(err)
		}
		var want []int64
		for v := int64(n); v > 0; v-- {
			want = append(want, v)
		}
		if d := cmp.Diff(slices.Collect(slices.Chunk(want, limit)), pages); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
	for limit, want := range map[int]int{-1: 1, 0: 100, 5000: 1000} {
		pages, err := numbers(t.Context(), s, 1500, limit, 1)
		if err != nil || len(pages[0]) != want {
			t.Errorf("limit %d: %d rows, want %d; %v", limit, len(pages[0]), want, err)
		}
	}
	closeStore(t, s)
	if _, err := numbers(t.Context(), s, 1, 1, 1); !errors.Is(err, hobby.ErrClosed) {
		t.Errorf("a closed store: %v", err)
	}
}

// TestAPageThatCannotBeRead has a row that is no JSON.
func TestAPageThatCannotBeRead(t *testing.T) {
	s := open(t, ":memory:", nil)
	defer closeStore(t, s)
	for _, limit := range []int{1, 2, 3} {
		page, next, err := sqlite.ReadPage(t.Context(), s, "reading", "SELECT column1, column2 FROM (VALUES (2, '1'), (1, 'no JSON'))",
			nil, limit,
			sqlite.ScanPosJSON[int])
		if err == nil || len(page) > 0 || next != "" {
			t.Errorf("%d at a time: %v, %q, %v", limit, page, next, err)
		}
	}
}

// TestSetConsumedInATransaction: the position moves with the rows, or not at
// all, and tells the second of two consumers what the first has handled.
func TestSetConsumedInATransaction(t *testing.T) {
	s := open(t, ":memory:", nil)
	defer closeStore(t, s)
	boom := errors.New("boom")
	var moved []string
	move := func(to hobby.Cursor, result error) {
		var was hobby.Cursor
		err := s.Write(t.Context(), func(tx *sqlite.Tx) (err error) {
			if was, err = tx.SetConsumed("graph", to); err != nil {
				return err
			}
			return result
		})
		if !errors.Is(err, result) {
			t.Errorf("moving to %d: %v", to, err)
		}
		at, err := s.Consumed(t.Context(), "graph")
		if err != nil {
			t.Fatal(err)
		}
		moved = append(moved, fmt.Sprint(was, " to ", to, ": ", at))
	}
	move(5, nil)
	move(7, boom)
	move(6, nil)
	move(6, nil)
	move(3, nil)
	if d := cmp.Diff([]string{"0 to 5: 5", "5 to 7: 5", "5 to 6: 6", "6 to 6: 6", "6 to 3: 6"}, moved); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
