package archive_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

// exported reads what an export writes.
func exported(t testing.TB, k *kit, kind hobby.Kind, since, until time.Time) (all []hobby.Session) {
	t.Helper()
	var buf bytes.Buffer
	n, err := k.Export(t.Context(), &buf, kind, since, until, nil)
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(&buf); dec.More(); {
		var s hobby.Session
		if err := dec.Decode(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if int(n) != len(all) {
		t.Errorf("%d sessions were exported, and there are %d lines", n, len(all))
	}
	return all
}

// TestRestore archives, and takes the months of a time back: all is as it was.
func TestRestore(t *testing.T) {
	k := filled(t, t.TempDir(), wraps{})
	want, unchanged := everything(t, k.store), sums(t, k.store)
	lines := exported(t, k, "", time.Time{}, time.Time{})
	must(k.RunOnce(t.Context(), archive.Request{Before: before.AddDate(0, 0, -20)}))(t)
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	if diff := cmp.Diff(lines, exported(t, k, "", time.Time{}, time.Time{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the export (-before +after archiving):\n%s", diff)
	}
	march := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	held := must(k.Stats(t.Context()))(t)
	report := must(k.RunOnce(t.Context(), archive.Request{Restore: true, Since: march, Until: march.AddDate(0, 1, 0)}))(t)
	left := must(k.Stats(t.Context()))(t)
	if report.Restored == 0 || report.Archived != 0 {
		t.Errorf("restored %+v", report)
	}
	if left.Activities == 0 || left.Activities != held.Activities-report.Restored {
		t.Errorf("restored %d; %d activities were archived, %d are", report.Restored, held.Activities, left.Activities)
	}
	for _, s := range everything(t, k.store) {
		if at := s.Activity.Started; at.Before(march) {
			t.Fatalf("%v was restored with March", at)
		}
	}
	check(t, k, want)
	must(k.RunOnce(t.Context(), archive.Request{Restore: true}))(t)
	if diff := cmp.Diff(want, everything(t, k.store), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("all that is restored (-before +after):\n%s", diff)
	}
	if files := must(k.blobs.List(t.Context(), "v1/", ""))(t); len(files) > 0 {
		t.Errorf("%d files are left", len(files))
	}
	if diff := cmp.Diff(unchanged, sums(t, k.store)); diff != "" {
		t.Errorf("restoring changes sums (-before +after):\n%s", diff)
	}
	again := must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	if again.Archived != held.Activities || again.Pruned != held.Activities {
		t.Errorf("archived again: %+v, want %d activities", again, held.Activities)
	}
	check(t, k, want)
}

func TestExportOfAPart(t *testing.T) {
	k := filled(t, t.TempDir(), wraps{})
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	since, until := before.AddDate(0, 0, -20), before.AddDate(0, 0, 15)
	want := query(t, k.Archiver, archive.Filter{Kind: "reading", Since: since, Until: until})
	got := exported(t, k, "reading", since, until)
	if len(got) == 0 || len(got) != len(want) {
		t.Fatalf("%d sessions are exported, %d are listed", len(got), len(want))
	}
	for i, s := range got {
		if w := want[len(want)-1-i]; s.Activity.ID != w.ID {
			t.Errorf("session %d is %s, want %s", i, s.Activity.ID, w.ID)
		}
	}
}

// TestDamageIsContained damages a month: the others are forgotten in, restored and exported,
// and every answer names the file.
func TestDamageIsContained(t *testing.T) {
	k := filled(t, t.TempDir(), wraps{})
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	files := must(k.blobs.List(t.Context(), "v1/items", ""))(t)
	if err := k.blobs.Delete(t.Context(), files[0].Key); err != nil {
		t.Fatal(err)
	}
	must(k.store.Forget(t.Context(), "secret.md"))(t)
	report := must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	if len(report.Damaged) != 1 || !bytes.Contains([]byte(report.Damaged[0]), []byte(files[0].Key)) {
		t.Errorf("damaged: %q, want %s", report.Damaged, files[0].Key)
	}
	if report.Forgotten == 0 || must(k.Stats(t.Context()))(t).Forgets != 1 {
		t.Errorf("%+v: want that the other months have forgotten, and the source stays noted", report)
	}
	var buf bytes.Buffer
	n, err := k.Export(t.Context(), &buf, "", time.Time{}, time.Time{}, nil)
	if !errors.Is(err, archive.ErrDamaged) || n == 0 {
		t.Errorf("exported %d, %v", n, err)
	}
	told, damage := 0, error(nil)
	for _, err := range k.ArchivedInsights(t.Context()) {
		if damage != nil {
			t.Fatalf("after %v, which is the last, comes more", damage)
		}
		if damage = err; err == nil {
			told++
		}
	}
	if told == 0 || !errors.Is(damage, archive.ErrDamaged) || !strings.Contains(damage.Error(), files[0].Key) {
		t.Errorf("%d insights of the other months are read, and then %v; want that %s is damaged", told, damage, files[0].Key)
	}
	report = must(k.RunOnce(t.Context(), archive.Request{Restore: true}))(t)
	st := must(k.Stats(t.Context()))(t)
	if len(report.Damaged) != 1 || report.Restored == 0 || st.Segments != 1 {
		t.Errorf("restored: %+v; %d segments are left", report, st.Segments)
	}
}

// TestKeep deletes what is older than it is to be kept, and nothing else.
func TestKeep(t *testing.T) {
	k := filled(t, t.TempDir(), wraps{})
	unchanged := sums(t, k.store)
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	j := must(jobs.New(t.Context(), k.store))(t)
	march := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	o := &archive.Options{Keep: time.Since(march), After: time.Hour}
	keeper := must(archive.New(k.catalogue, j, k.store, k.blobs, o))(t)
	held := must(k.Stats(t.Context()))(t)
	report := must(keeper.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	left := must(k.Stats(t.Context()))(t)
	if report.Retired == 0 || left.Activities != held.Activities-report.Retired || left.Oldest.Before(march) {
		t.Errorf("retired %d of %d, %d are left, the oldest of %v", report.Retired, held.Activities, left.Activities, left.Oldest)
	}
	if files := must(k.blobs.List(t.Context(), "v1/", ""))(t); len(files) != left.Files {
		t.Errorf("%d files are there, the catalogue has %d", len(files), left.Files)
	}
	if diff := cmp.Diff(unchanged, sums(t, k.store)); diff != "" {
		t.Errorf("it changes sums (-before +after):\n%s", diff)
	}
	if _, err := archive.New(k.catalogue, j, k.store, k.blobs, &archive.Options{Keep: time.Hour}); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("kept for an hour, archived after a month: %v", err)
	}
}
