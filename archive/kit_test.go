package archive_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/archives"
	"github.com/pastime-go/pastime/sqlite/jobs"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

// newest is the end of the history of tests, and before what is archived of it.
var (
	newest = time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)
	before = time.Date(2026, 4, 20, 12, 0, 0, 0, time.UTC)
)

// kit is an archiver with what it stands on.
type kit struct {
	*archive.Archiver
	store     *sqlite.Store
	catalogue *archives.Catalogue
	blobs     archive.Blobs
}

// wraps puts something between an archiver and what it stands on.
type wraps struct {
	blobs     func(archive.Blobs) archive.Blobs
	catalogue func(archive.Catalogue) archive.Catalogue
	source    func(archive.Source) archive.Source
	poll      time.Duration // default 10 ms
}

// openKit opens the archive in a folder.
func openKit(ctx context.Context, dir string, w wraps) (*kit, func() error, error) {
	s, err := sqlite.Open(ctx, filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		return nil, nil, err
	}
	files := filepath.Join(dir, "files")
	if err := os.MkdirAll(files, 0o700); err != nil {
		return nil, nil, err
	}
	d, err := archive.OpenDir(files)
	if err != nil {
		return nil, nil, err
	}
	c, err := archives.New(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	j, err := jobs.New(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	k := &kit{store: s, catalogue: c, blobs: d}
	var catalogue archive.Catalogue = c
	var source archive.Source = s
	if w.blobs != nil {
		k.blobs = w.blobs(d)
	}
	if w.catalogue != nil {
		catalogue = w.catalogue(c)
	}
	if w.source != nil {
		source = w.source(s)
	}
	if w.poll == 0 {
		w.poll = 10 * time.Millisecond
	}
	k.Archiver, err = archive.New(catalogue, j, source, k.blobs, &archive.Options{Dir: dir, Poll: w.poll})
	return k, func() error { return errors.Join(s.Close(), d.Close()) }, err
}

func open(t testing.TB, dir string, w wraps) *kit {
	t.Helper()
	k, closes, err := openKit(t.Context(), dir, w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := closes(); err != nil {
			t.Error(err)
		}
	})
	return k
}

// filled is an archive whose store has 200 activities of 100 days, some of them of a
// source that can be forgotten.
func filled(t testing.TB, dir string, w wraps) *kit {
	t.Helper()
	k := open(t, dir, w)
	fillKit(t, k)
	return k
}

func fillKit(t testing.TB, k *kit) {
	t.Helper()
	h := sqlitetest.History{Activities: 200, Days: 100, Newest: newest, Items: 3, Candidates: 2}
	if err := sqlitetest.Fill(t.Context(), k.store, h); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		start := newest.AddDate(0, 0, -30*i-5).Add(time.Duration(i) * time.Second)
		id := fmt.Sprintf("from-a-source-%d", i)
		_, err := k.store.Commit(t.Context(), hobby.Session{
			Activity: hobby.Activity{
				ID: id, Agent: "agent", Plan: hobby.Plan{Kind: "reading", Policy: "p", Propensity: 1}, Status: hobby.Completed,
				Started: start, Ended: start.Add(time.Minute),
			},
			Items: []hobby.Item{{
				ID: id + "-i", Family: "f", Level: 1, Split: hobby.Practice, Answer: "a secret of the source", Verifier: "v", At: start,
				Source: "secret.md", Taint: hobby.Untrusted, Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "?"}},
			}},
			Insights: []hobby.Insight{
				{ID: id + "-a", Kind: "reading", At: start, Text: "a secret of the source", Confidence: 0.5, Taint: hobby.Untrusted,
					Source: "secret.md"},
				{ID: id + "-b", Kind: "reading", At: start, Text: "the other stays", Confidence: 0.5, Taint: hobby.Untrusted,
					Source: "other.md"},
			},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// everything reads all sessions of a store, by id.
func everything(t testing.TB, s *sqlite.Store) map[string]hobby.Session {
	t.Helper()
	all := map[string]hobby.Session{}
	for cursor := ""; ; {
		page, err := s.Sessions(t.Context(), hobby.Filter{Limit: 1000, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, sess := range page.Sessions {
			all[sess.Activity.ID] = sess
		}
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// sums are what must not change by archiving.
func sums(t testing.TB, s *sqlite.Store) any {
	t.Helper()
	tallies, _, err := s.Tallies(t.Context(), hobby.TallyFilter{})
	if err != nil {
		t.Fatal(err)
	}
	daily, err := s.Counts(t.Context(), hobby.CountFilter{Bucket: hobby.Daily})
	if err != nil {
		t.Fatal(err)
	}
	total, err := s.Counts(t.Context(), hobby.CountFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return []any{tallies, daily, total}
}

// query reads all pages of a query.
func query(t testing.TB, a *archive.Archiver, f archive.Filter) (all []hobby.Activity) {
	t.Helper()
	for {
		page, err := a.Query(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Damaged) > 0 {
			t.Fatalf("damaged: %v", page.Damaged)
		}
		all = append(all, page.Activities...)
		if f.Cursor = page.Next; f.Cursor == "" {
			return all
		}
	}
}

func allItems(t testing.TB, p hobby.ItemReader, f hobby.ItemFilter) (all []hobby.Item) {
	t.Helper()
	for {
		page, err := p.Items(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Items...)
		if f.Cursor = page.Next; f.Cursor == "" {
			return all
		}
	}
}

// found looks for a session by its id.
func found(t testing.TB, k *kit, want hobby.Session) {
	t.Helper()
	got, err := k.Session(t.Context(), want.Activity.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("session %s (-want +got):\n%s", want.Activity.ID, diff)
	}
}

// check compares what an archive answers with the sessions that there were: the listing, all
// sessions as they are exported, and each tenth by its id.
func check(t testing.TB, k *kit, want map[string]hobby.Session) {
	t.Helper()
	all := query(t, k.Archiver, archive.Filter{Limit: 77})
	seen := map[string]bool{}
	for i, a := range all {
		if seen[a.ID] {
			t.Errorf("%s is listed twice", a.ID)
		}
		seen[a.ID] = true
		if i > 0 && (a.Started.After(all[i-1].Started) || a.Started.Equal(all[i-1].Started) && a.ID > all[i-1].ID) {
			t.Fatalf("activity %d of the listing is out of order", i)
		}
		if diff := cmp.Diff(want[a.ID].Activity, a, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("an activity of the listing (-want +got):\n%s", diff)
		}
	}
	if len(all) != len(want) {
		t.Fatalf("%d activities are listed, want %d", len(all), len(want))
	}
	whole := exported(t, k, "", time.Time{}, time.Time{})
	if len(whole) != len(want) {
		t.Fatalf("%d sessions are exported, want %d", len(whole), len(want))
	}
	for i, got := range whole {
		if !seen[got.Activity.ID] {
			t.Fatalf("session %s is exported twice", got.Activity.ID)
		}
		delete(seen, got.Activity.ID)
		w := want[got.Activity.ID]
		if diff := cmp.Diff(w, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("session %d of the export (-want +got):\n%s", i, diff)
		}
		if i%10 == 0 {
			found(t, k, w)
		}
	}
	if damage, err := k.Verify(t.Context(), nil); err != nil || len(damage) > 0 {
		t.Errorf("verifying: %v, %v", damage, err)
	}
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
