package archive_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite/jobs"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

func TestArchive(t *testing.T) {
	k := filled(t, t.TempDir(), wraps{})
	want, unchanged := everything(t, k.store), sums(t, k.store)
	byAt := func(a, b hobby.Item) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	}
	filters := []hobby.ItemFilter{
		{Limit: 50}, {Passed: true, Kind: "skill_practice", Limit: 1000},
		{Untainted: true, Since: before.AddDate(0, 0, -20), Until: before.AddDate(0, 0, 9), Limit: 7},
		{Family: "dates", Split: hobby.HeldOut, ModelKeys: []string{sqlitetest.ModelKey}},
	}
	var live [][]hobby.Item
	for _, f := range filters {
		items := allItems(t, k.store, f)
		slices.SortStableFunc(items, byAt)
		live = append(live, items)
	}
	check(t, k, want) // nothing is archived yet

	report, err := k.RunOnce(t.Context(), archive.Request{Before: before})
	if err != nil {
		t.Fatal(err)
	}
	old := 0
	for _, s := range want {
		if s.Activity.Started.Before(before) {
			old++
		}
	}
	if diff := cmp.Diff([]int64{int64(old), int64(old)}, []int64{report.Archived, report.Pruned}); diff != "" {
		t.Errorf("archived and pruned (-want +got):\n%s", diff)
	}
	if report.After <= 0 || report.Before <= report.After {
		t.Errorf("report %+v, want files that are smaller than JSON", report)
	}
	if left := everything(t, k.store); len(left) != len(want)-old {
		t.Errorf("%d sessions are left in the store, want %d", len(left), len(want)-old)
	}
	check(t, k, want)
	for _, s := range want {
		found(t, k, s)
	}
	for i, f := range filters {
		if diff := cmp.Diff(live[i], allItems(t, k, f), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("items of %+v (-before +after archiving):\n%s", f, diff)
		}
	}
	if diff := cmp.Diff(unchanged, sums(t, k.store)); diff != "" {
		t.Errorf("sums changed (-before +after):\n%s", diff)
	}
	st := must(k.Stats(t.Context()))(t)
	if diff := cmp.Diff([]int64{int64(old), 3, 12, report.After, report.Before},
		[]int64{st.Activities, int64(st.Segments), int64(st.Files), st.Bytes, st.Original}); diff != "" {
		t.Errorf("statistics: activities, segments, files and bytes (-want +got):\n%s", diff)
	}
	again, err := k.RunOnce(t.Context(), archive.Request{Before: before})
	if diff := cmp.Diff(archive.Report{}, again); err != nil || diff != "" {
		t.Errorf("archiving again does something (-want +got): %v\n%s", err, diff)
	}
	for _, f := range []archive.Filter{
		{Kind: "skill_practice", Status: hobby.Failed}, {Since: before.AddDate(0, 0, -3), Until: before.AddDate(0, 0, 3)},
		{Text: "SORTING", Limit: 3},
	} {
		n := 0
		for _, s := range want {
			a := &s.Activity
			kind := f.Kind == "" || a.Plan.Kind == f.Kind && a.Status == f.Status
			within := f.Since.IsZero() || !a.Started.Before(f.Since) && a.Started.Before(f.Until)
			if kind && within && (f.Text == "" || strings.Contains(a.Description, "sorting")) {
				n++
			}
		}
		if got := len(query(t, k.Archiver, f)); got != n || n == 0 {
			t.Errorf("%d activities of %+v, want %d", got, f, n)
		}
	}
	insights, err := k.Insights(t.Context(), []string{"from-a-source-0-a", "nothing", "from-a-source-3-b"})
	if err != nil || len(insights) != 2 || insights[0].ID != "from-a-source-0-a" || insights[1].Text != "the other stays" {
		t.Errorf("insights by id: %+v, %v", insights, err)
	}
	if _, err := k.Session(t.Context(), "nothing"); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("a session that is nowhere: %v", err)
	}
	if _, err := k.Query(t.Context(), archive.Filter{Cursor: "x"}); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("a cursor of somebody: %v", err)
	}
}

// TestForget has a source forgotten after it was archived: no file has its text, nor has the store's.
func TestForget(t *testing.T) {
	dir := t.TempDir()
	t.Cleanup(func() { // when the store is closed
		raw, err := os.ReadFile(filepath.Join(dir, "agent.db"))
		if err != nil || bytes.Contains(raw, []byte("a secret of the source")) {
			t.Errorf("the text is in the store's file of %d bytes, or nobody can read it: %v", len(raw), err)
		}
	})
	k := filled(t, dir, wraps{})
	if _, err := k.RunOnce(t.Context(), archive.Request{Before: before}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.store.Forget(t.Context(), "secret.md"); err != nil {
		t.Fatal(err)
	}
	// No answer has it from now on.
	for _, s := range exported(t, k, "reading", time.Time{}, time.Time{}) {
		got := must(k.Session(t.Context(), s.Activity.ID))(t)
		if diff := cmp.Diff(s, got, cmpopts.EquateEmpty()); diff != "" || strings.Contains(fmt.Sprintf("%+v", got), "a secret of the source") {
			t.Errorf("forgotten, and still in a file: %+v (-exported +got):\n%s", got, diff)
		}
	}
	if items := allItems(t, k, hobby.ItemFilter{Family: "f"}); len(items) != 0 {
		t.Errorf("forgotten, and still in a file: %+v", items)
	}
	if told := must(k.Insights(t.Context(), []string{"from-a-source-2-a", "from-a-source-2-b"}))(t); len(told) != 1 {
		t.Errorf("forgotten, and still in a file: %+v, want the other insight only", told)
	}
	var filed, ofSessions []string
	for in, err := range k.ArchivedInsights(t.Context()) {
		if filed = append(filed, in.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range slices.Backward(query(t, k.Archiver, archive.Filter{Archived: true})) {
		for _, in := range must(k.Session(t.Context(), a.ID))(t).Insights {
			ofSessions = append(ofSessions, in.ID)
		}
	}
	slices.Sort(filed)
	slices.Sort(ofSessions)
	if diff := cmp.Diff(ofSessions, filed); diff != "" || len(filed) == 0 {
		t.Errorf("the insights in files (-of each session +in one pass):\n%s", diff)
	}
	report, err := k.RunOnce(t.Context(), archive.Request{ForgetOnly: true})
	if err != nil || report.Forgotten != 6 {
		t.Errorf("forgetting: %+v, %v; want 6 rows forgotten", report, err)
	}
	got, err := k.Session(t.Context(), "from-a-source-2")
	if err != nil || len(got.Items) != 0 || len(got.Insights) != 1 || got.Insights[0].Source != "other.md" {
		t.Errorf("what is left: %+v, %v", got, err)
	}
	if items := allItems(t, k, hobby.ItemFilter{Family: "f"}); len(items) != 0 {
		t.Errorf("items of the source are left: %+v", items)
	}
	if hashes, err := k.catalogue.Forgets(t.Context()); err != nil || len(hashes) > 0 {
		t.Errorf("still to forget: %q, %v", hashes, err)
	}
	page, err := k.blobs.List(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(page) != 12 {
		t.Errorf("%d files are there, want 12", len(page))
	}
	for _, damage := range must(k.Verify(t.Context(), nil))(t) {
		t.Error(damage)
	}
	for _, a := range query(t, k.Archiver, archive.Filter{Archived: true}) {
		sess := must(k.Session(t.Context(), a.ID))(t)
		if text := fmt.Sprintf("%+v", sess); strings.Contains(text, "a secret of the source") {
			t.Errorf("%s has the text", a.ID)
		}
	}
}

// TestCompact archives every three days: months are put together.
func TestCompact(t *testing.T) {
	k := filled(t, t.TempDir(), wraps{})
	want := everything(t, k.store)
	for at := newest.AddDate(0, 0, -90); at.Before(before); at = at.AddDate(0, 0, 3) {
		if _, err := k.RunOnce(t.Context(), archive.Request{Before: at}); err != nil {
			t.Fatal(err)
		}
	}
	st := must(k.Stats(t.Context()))(t)
	if st.Segments < 3 || st.Segments > 3+8 {
		t.Errorf("%d segments, want one for each month that is over, and few of the last", st.Segments)
	}
	check(t, k, want)
	for _, s := range want {
		found(t, k, s)
	}
}

// during calls fn once, before the store is pruned.
type during struct {
	archive.Source
	fn func()
}

func (d *during) PruneBefore(ctx context.Context, until time.Time, at hobby.Cursor, f *hobby.Fence) (int, error) {
	if d.fn != nil {
		d.fn()
		d.fn = nil
	}
	return d.Source.PruneBefore(ctx, until, at, f)
}

// TestADecisionMeanwhile accepts an insight after it was written to a file, and forgets a
// source: neither is lost.
func TestADecisionMeanwhile(t *testing.T) {
	d := &during{}
	k := filled(t, t.TempDir(), wraps{source: func(s archive.Source) archive.Source { d.Source = s; return d }})
	d.fn = func() {
		if _, err := k.store.Accept(t.Context(), "from-a-source-3-b", hobby.Acceptance{Accepted: true, By: "me", At: newest}); err != nil {
			t.Error(err)
		}
		if _, err := k.store.Forget(t.Context(), "secret.md"); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if _, err := k.RunOnce(t.Context(), archive.Request{Before: before}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.store.Activity(t.Context(), "from-a-source-3"); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("the second run has not archived it: %v", err)
	}
	got := must(k.Session(t.Context(), "from-a-source-3"))(t)
	if len(got.Items) != 0 || len(got.Insights) != 1 || !got.Insights[0].Trusted() {
		t.Errorf("got %+v, want the decision, and nothing of the source", got)
	}
}

// broken fails at the n-th call that changes something.
type broken struct {
	archive.Blobs
	n   *int
	err error
}

func (b broken) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if *b.n--; *b.n == 0 {
		return b.err
	}
	return b.Blobs.Put(ctx, key, r, size)
}

// TestDiskFull has the storage full at each file: nothing is lost, and the next run does
// what the first could not.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	n := 0
	k := filled(t, dir, wraps{blobs: func(b archive.Blobs) archive.Blobs { return broken{b, &n, syscall.ENOSPC} }})
	want := everything(t, k.store)
	for i := 1; ; i++ {
		n = i
		_, err := k.RunOnce(t.Context(), archive.Request{Before: newest.AddDate(0, 0, -60+i)})
		if n > 0 {
			break
		}
		if err == nil || !strings.Contains(err.Error(), syscall.ENOSPC.Error()) {
			t.Fatalf("put %d on a full disk: %v", i, err)
		}
		check(t, k, want)
		if i > 30 {
			t.Fatal("it never ends")
		}
	}
	n = 0
	if _, err := k.RunOnce(t.Context(), archive.Request{Before: before}); err != nil {
		t.Fatal(err)
	}
	check(t, k, want)
}

// late is a storage that does what it is asked for too late: the caller is told that the time
// is over.
type late struct {
	archive.Blobs
	n *int // the n-th call
}

func (l late) over(err error) error {
	if *l.n--; *l.n == 0 {
		return errors.Join(err, context.DeadlineExceeded)
	}
	return err
}

func (l late) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	return l.over(l.Blobs.Put(ctx, key, r, size))
}

func (l late) Delete(ctx context.Context, key string) error { return l.over(l.Blobs.Delete(ctx, key)) }

func (l late) ReadAt(ctx context.Context, key string, p []byte, off int64) (int, error) {
	n, err := l.Blobs.ReadAt(ctx, key, p, off)
	if err := l.over(nil); err != nil {
		return 0, err
	}
	return n, err
}

// TestTimeouts has a storage whose answers to one call, some of them, come too late: nothing
// is lost and nothing is there twice, and the next run does what the first could not.
func TestTimeouts(t *testing.T) {
	n := 0
	k := filled(t, t.TempDir(), wraps{blobs: func(b archive.Blobs) archive.Blobs { return late{b, &n} }})
	want := everything(t, k.store)
	must(k.RunOnce(t.Context(), archive.Request{Before: newest.AddDate(0, 0, -90)}))(t)
	failed := 0
	for i := 1; i < 70; i += 9 {
		n = i
		report, err := k.RunOnce(t.Context(), archive.Request{Before: newest.AddDate(0, 0, -90+i)})
		if err != nil && !strings.Contains(err.Error(), context.DeadlineExceeded.Error()) {
			t.Fatalf("call %d came too late: %v", i, err)
		}
		if err != nil || len(report.Damaged) > 0 {
			failed++
		}
		n = 0
		check(t, k, want)
	}
	if failed == 0 {
		t.Error("no run has noticed")
	}
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	check(t, k, want)
	if st, files := must(k.Stats(t.Context()))(t), must(k.blobs.List(t.Context(), "v1/", ""))(t); st.Files != len(files) {
		t.Errorf("%d files are there, the catalogue has %d", len(files), st.Files)
	}
}

// wrong is a catalogue that changes what it has of segments.
type wrong struct {
	archive.Catalogue
	segment func(*archive.Segment)
}

func (w *wrong) Segments(ctx context.Context) ([]archive.Segment, int64, error) {
	all, change, err := w.Catalogue.Segments(ctx)
	for i := range all {
		w.segment(&all[i])
	}
	return all, change, err
}

// otherDigit makes another digest of one.
func otherDigit(r rune) rune {
	if '0' <= r && r <= '9' {
		return '0' + (r-'0'+1)%10
	}
	return r
}

// TestVerifyFindsWhatIsWrong has catalogues and files that are as they were written, and
// wrong: with each a query or a reader would leave something out.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	k := filled(t, dir, wraps{})
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	written := map[string][]byte{}
	rewrite := func(f *archive.File, change func([]byte) []byte) { // a file of one block
		path := filepath.Join(dir, "files", f.Key)
		raw := must(os.ReadFile(path))(t)
		if _, again := written[path]; !again {
			written[path] = raw
		}
		changed := change(raw)
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(changed)
		f.SHA256, f.Blocks = hex.EncodeToString(sum[:]), sum[:]
	}
	empty := func(s *archive.Segment) {
		rewrite(&s.Files[3], func(filter []byte) []byte { return make([]byte, len(filter)) })
	}
	bounds := func(s *archive.Segment) { // of a page: the greatest start of activities, an hour less
		was := binary.LittleEndian.AppendUint64(nil, uint64(s.To.UnixNano()))
		is := binary.LittleEndian.AppendUint64(nil, uint64(s.To.Add(-time.Hour).UnixNano()))
		rewrite(&s.Files[0], func(raw []byte) []byte {
			if !bytes.Contains(raw, was) && !bytes.Contains(raw, is) {
				t.Fatal("the file has no such bounds")
			}
			return bytes.ReplaceAll(raw, was, is)
		})
	}
	earlier := func(digest string) func(*archive.Segment) {
		return func(s *archive.Segment) { s.Digest, s.Created = digest, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }
	}
	for _, c := range []struct {
		name    string
		segment func(*archive.Segment)
		want    string
	}{
		{"nothing", func(*archive.Segment) {}, ""},
		{"the range", func(s *archive.Segment) { s.To = s.From }, "outside its range"},
		{"a count", func(s *archive.Segment) { s.Insights++ }, "its counts"},
		{"the digest", func(s *archive.Segment) { s.Digest = strings.Map(otherDigit, s.Digest) }, "other rows"},
		{"no digest", func(s *archive.Segment) { s.Digest = "" }, "other rows"},
		{"nothing, but an earlier version's digest", earlier(strings.Repeat("0", 64)), ""},
		{"nothing, but the digest of the version after", earlier("values:" + strings.Repeat("0", 64)), ""},
		{"an earlier version's digest of now", func(s *archive.Segment) {
			s.Digest, s.Created = strings.Repeat("0", 64), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
		}, "other rows"},
		{"what is no digest", earlier(strings.Repeat("x", 64)), "other rows"},
		{"a digest of no version", earlier("value::" + strings.Repeat("0", 64)), "other rows"},
		{"a digest that was cut", earlier("values:" + strings.Repeat("0", 57)), "other rows"},
		{"no file of items", func(s *archive.Segment) { s.Files = s.Files[:1] }, "no file of items"},
		{"the bounds of a page", bounds, "outside the bounds of its page in started"},
		{"the filter", empty, "its filter lacks"},
	} {
		for path, raw := range written {
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w := wrong{k.catalogue, c.segment}
		j := must(jobs.New(t.Context(), k.store))(t)
		a := must(archive.New(&w, j, k.store, k.blobs, &archive.Options{Dir: dir}))(t)
		damage := must(a.Verify(t.Context(), nil))(t)
		if c.want == "" && len(damage) > 0 || c.want != "" && len(damage) != 3 {
			t.Errorf("%s: %v, want each of 3 segments named", c.name, damage)
		}
		for _, d := range damage {
			if !errors.Is(d, archive.ErrDamaged) || !strings.Contains(d.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.name, d, c.want)
			}
		}
	}
}

// TestADamagedFilter is named, and what the other files of its month have is found all the same.
func TestADamagedFilter(t *testing.T) {
	k := filled(t, t.TempDir(), wraps{})
	want := everything(t, k.store)
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	files := must(k.blobs.List(t.Context(), "v1/filters", ""))(t)
	if err := k.blobs.Delete(t.Context(), files[1].Key); err != nil {
		t.Fatal(err)
	}
	for _, s := range want {
		found(t, k, s)
	}
	damage := must(k.Verify(t.Context(), nil))(t)
	if len(damage) != 1 || !strings.Contains(damage[0].Error(), files[1].Key) {
		t.Errorf("verifying: %v, want %s named", damage, files[1].Key)
	}
	must(k.store.Forget(t.Context(), "secret.md"))(t)
	if r := must(k.RunOnce(t.Context(), archive.Request{ForgetOnly: true}))(t); r.Forgotten != 6 || len(r.Damaged) > 0 {
		t.Errorf("forgetting: %+v, want 6 rows", r)
	}
}

// full is a writer that has no more room after some bytes.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return max(0, f.left+len(p)), syscall.ENOSPC
	}
	return len(p), nil
}

// TestExportToAFullDisk says so, whenever that is.
func TestExportToAFullDisk(t *testing.T) {
	k := filled(t, t.TempDir(), wraps{})
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	for _, left := range []int{0, 1000, 100_000} {
		_, err := k.Export(t.Context(), &full{left}, "", time.Time{}, time.Time{}, nil)
		if !errors.Is(err, syscall.ENOSPC) || errors.Is(err, archive.ErrDamaged) {
			t.Errorf("a disk with %d bytes: %v", left, err)
		}
	}
}

// TestDamage removes a file, and changes each of some bytes of another: what is wrong is
// named, and the rest answers.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	k := filled(t, dir, wraps{})
	want := everything(t, k.store)
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	files := must(k.blobs.List(t.Context(), "v1/activities", ""))(t)
	path := filepath.Join(dir, "files", files[1].Key)
	whole := must(os.ReadFile(path))(t)
	for i := 0; i < len(whole); i += 1 + len(whole)/50 {
		changed := bytes.Clone(whole)
		changed[i] ^= 0x10
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		damage, err := k.Verify(t.Context(), nil)
		if err != nil || len(damage) != 1 || !strings.Contains(damage[0].Error(), files[1].Key) {
			t.Fatalf("with byte %d changed: %v, %v; want that file named", i, damage, err)
		}
		page, err := k.Query(t.Context(), archive.Filter{Limit: 1000})
		if err != nil || len(page.Activities)+len(page.Damaged) == 0 {
			t.Fatalf("with byte %d changed, a query: %d activities, %v, %v", i, len(page.Activities), page.Damaged, err)
		}
		for _, a := range page.Activities {
			if _, ok := want[a.ID]; !ok && len(page.Damaged) == 0 {
				t.Fatalf("with byte %d changed, an activity is made up: %q", i, a.ID)
			}
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	page, err := k.Query(t.Context(), archive.Filter{Limit: 1000})
	if err != nil || len(page.Damaged) != 1 || !errors.Is(page.Damaged[0], archive.ErrDamaged) {
		t.Errorf("with a file missing: damaged %v, %v", page.Damaged, err)
	}
	if n := len(page.Activities); n < 100 || n >= len(want) {
		t.Errorf("with a file missing: %d activities of %d", n, len(want))
	}
	var found, lost int
	for id := range want {
		switch _, err := k.Session(t.Context(), id); {
		case err == nil:
			found++
		case errors.Is(err, archive.ErrDamaged):
			lost++
		default:
			t.Fatalf("session %s: %v", id, err)
		}
	}
	if found != len(page.Activities) || found+lost != len(want) {
		t.Errorf("%d sessions are found and %d in the missing file, of %d", found, lost, len(want))
	}
}

// TestForgetBesideDamage forgets a source while a file of one month is damaged: the other
// months forget it, and what is damaged is said.
func TestForgetBesideDamage(t *testing.T) {
	dir := t.TempDir()
	k := filled(t, dir, wraps{})
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	files := must(k.blobs.List(t.Context(), "v1/items", ""))(t)
	if err := os.WriteFile(filepath.Join(dir, "files", files[0].Key), make([]byte, files[0].Size), 0o600); err != nil {
		t.Fatal(err)
	}
	must(k.store.Forget(t.Context(), "secret.md"))(t)
	report, err := k.RunOnce(t.Context(), archive.Request{ForgetOnly: true})
	if err != nil || len(report.Damaged) != 1 || !strings.Contains(report.Damaged[0], files[0].Key) {
		t.Errorf("forgetting: %q, %v, want the damaged file named", report.Damaged, err)
	}
	if hashes := must(k.catalogue.Forgets(t.Context()))(t); len(hashes) != 1 {
		t.Errorf("still to forget: %q, want the source", hashes)
	}
	var forgot, damaged int
	for i := range 3 {
		sess, err := k.Session(t.Context(), fmt.Sprintf("from-a-source-%d", i+1))
		switch {
		case errors.Is(err, archive.ErrDamaged):
			damaged++
		case err != nil:
			t.Error(err)
		case len(sess.Items) == 0 && len(sess.Insights) == 1:
			forgot++
		}
	}
	if diff := cmp.Diff([]int{2, 1}, []int{forgot, damaged}); diff != "" {
		t.Errorf("sessions that forgot it, and damaged ones (-want +got):\n%s", diff)
	}
}

func TestTwoArchivers(t *testing.T) {
	dir := t.TempDir()
	k := filled(t, dir, wraps{})
	want := everything(t, k.store)
	other := open(t, dir, wraps{})
	errs := make(chan error)
	for _, k := range []*kit{k, other, k, other} {
		go func() {
			_, err := k.RunOnce(t.Context(), archive.Request{Before: before})
			errs <- err
		}()
	}
	worked := 0
	for range 4 {
		switch err := <-errs; {
		case err == nil:
			worked++
		case !errors.Is(err, hobby.ErrBusy):
			t.Error(err)
		}
	}
	if worked == 0 {
		t.Error("none of four worked")
	}
	check(t, k, want)
	if st := must(k.Stats(t.Context()))(t); st.Segments != 3 {
		t.Errorf("%d segments, want 3", st.Segments)
	}
}

// TestFailedForgettingRests has a source to forget in a damaged file for a day: it is tried
// once an hour, and not once a minute.
func TestFailedForgettingRests(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		k := filled(t, dir, wraps{})
		must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
		files := must(k.blobs.List(t.Context(), "v1/items", ""))(t)
		if err := k.blobs.Delete(t.Context(), files[0].Key); err != nil {
			t.Fatal(err)
		}
		must(k.store.Forget(t.Context(), "secret.md"))(t)
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		j := must(jobs.New(t.Context(), k.store))(t)
		slow := must(archive.New(k.catalogue, j, k.store, k.blobs, &archive.Options{Dir: dir, Poll: time.Minute}))(t)
		if err := slow.Run(ctx); err != nil {
			t.Error(err)
		}
		page := must(j.Jobs(t.Context(), hobby.JobFilter{Line: archive.Line, Limit: 1000}))(t)
		if n := len(page.Jobs) - 1; n < 20 || n > 25 {
			t.Errorf("%d jobs in a day", n)
		}
	})
}

// TestLongIDs archives ids that are longer than the bounds of pages in a file, which are
// cut: each is found.
func TestLongIDs(t *testing.T) {
	k := open(t, t.TempDir(), wraps{})
	for i, tail := range []string{"", "a", "z", "\x7f", "\U0010ffff", strings.Repeat("\U0010ffff", 9)} {
		id := fmt.Sprintf("%s%s%d", strings.Repeat("\U0010ffff", 13), tail, i)
		start := before.Add(-time.Duration(i+1) * time.Hour)
		must(k.store.Commit(t.Context(), hobby.Session{
			Activity: hobby.Activity{ID: id, Agent: "agent", Plan: hobby.Plan{Kind: "reading", Policy: "p", Propensity: 1},
				Status: hobby.Completed, Started: start, Ended: start.Add(time.Minute)},
			Insights: []hobby.Insight{{ID: id + "-i", Activity: id, Kind: "reading", At: start, Text: "told", Confidence: 0.5}},
		}, nil))(t)
	}
	want := everything(t, k.store)
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	check(t, k, want)
	for _, s := range want {
		got := must(k.Insights(t.Context(), []string{s.Insights[0].ID}))(t)
		if diff := cmp.Diff(s.Insights, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("the insight of a long id (-want +got):\n%s", diff)
		}
	}
}

// unlike hands sessions over that no row can hold: their JSON is another text.
type unlike struct {
	archive.Source
	change func(*hobby.Session)
}

func (u unlike) Sessions(ctx context.Context, f hobby.Filter) (hobby.SessionPage, error) {
	page, err := u.Source.Sessions(ctx, f)
	for i := 0; u.change != nil && i < len(page.Sessions); i++ {
		u.change(&page.Sessions[i])
	}
	return page, err
}

// TestWhatNoRowHoldsIsNotDeleted archives sessions of which one loses something as it is packed: the job fails and
// says what, its month is not in the catalogue, and the store has all that it had of it.
func TestWhatNoRowHoldsIsNotDeleted(t *testing.T) {
	u := &unlike{}
	k := filled(t, t.TempDir(), wraps{source: func(s archive.Source) archive.Source { u.Source = s; return u }})
	had := everything(t, k.store)
	month := func() (all []string) {
		for id, s := range everything(t, k.store) {
			if s.Activity.Started.Format("2006-01") == "2026-03" {
				all = append(all, id)
			}
		}
		slices.Sort(all)
		return all
	}
	want := month()
	for _, c := range []struct {
		lost   string
		change func(*hobby.Session)
	}{
		{"Activity.Metrics", func(s *hobby.Session) { s.Activity.Metrics = map[string]float64{"\xff": 1, "\xfe": 2} }},
		{"Activity.Plan", func(s *hobby.Session) { s.Activity.Plan.Candidates = []hobby.Candidate{{Family: "\xff"}} }},
		{"Item.Messages", func(s *hobby.Session) { s.Items[0].Messages = []hobby.Message{{Content: "\xff"}} }},
		{"Item.Activity", func(s *hobby.Session) { s.Items[0].Activity = "of another" }},
		{"Insight.Activity", func(s *hobby.Session) { s.Insights[0].Activity = "of another" }},
		{"Insight.Evidence", func(s *hobby.Session) { s.Insights[0].Evidence = []hobby.Evidence{{Ref: "\xff"}} }},
	} {
		u.change = func(s *hobby.Session) {
			if s.Activity.ID == "from-a-source-2" {
				c.change(s)
			}
		}
		_, err := k.RunOnce(t.Context(), archive.Request{Before: before})
		if err == nil || !strings.Contains(err.Error(), "loses "+c.lost) {
			t.Errorf("%v, want an error that says that %s is lost", err, c.lost)
		}
		segments, _, err := k.catalogue.Segments(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range segments {
			if !s.Pruned || s.Month == "2026-03" {
				t.Errorf("%s: segment %s of %s is in the catalogue", c.lost, s.ID, s.Month)
			}
		}
		if diff := cmp.Diff(want, month()); diff != "" {
			t.Errorf("%s: in the store of its month (-before +after):\n%s", c.lost, diff)
		}
	}
	u.change = nil
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	if left := month(); len(left) > 0 {
		t.Errorf("%q are left once all can be held", left)
	}
	for _, s := range had {
		found(t, k, s)
	}
}
