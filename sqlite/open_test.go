package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
)

// session is an ended session with an answer.
func session(i int) hobby.Session {
	at := time.Date(2026, 3, 14, 12, i, 0, 0, time.UTC)
	id := fmt.Sprintf("activity-%d", i)
	return hobby.Session{
		Activity: hobby.Activity{ID: id, Agent: "agent", Plan: hobby.Plan{Kind: "sums"}, Status: hobby.Completed, Started: at,
			Ended: at.Add(time.Second)},
		Items: []hobby.Item{{ID: id + "-item", Family: "add", Level: 1, Split: hobby.Practice, Verifier: "exact", At: at, Score: 1}},
	}
}

func commit(t testing.TB, s hobby.Store, sessions ...hobby.Session) {
	t.Helper()
	for _, sess := range sessions {
		if _, err := s.Commit(t.Context(), sess, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// audit asserts that the store adds up and has n activities.
func audit(t testing.TB, s hobby.Store, n int) {
	t.Helper()
	all, err := hobbytest.Audit(t.Context(), s)
	if err != nil {
		t.Errorf("the store does not add up: %v", err)
	}
	if len(all) != n {
		t.Errorf("%d activities, want %d", len(all), n)
	}
}

func closeStore(t testing.TB, s *sqlite.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	filled := func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "agent.db")
		s := open(t, path, nil)
		for i := range 50 {
			commit(t, s, session(i))
		}
		closeStore(t, s)
		return path
	}
	write := func(content string) func(t *testing.T) string {
		return func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "agent.db")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	for name, c := range map[string]struct {
		path func(t *testing.T) string
		want string
		is   error
	}{
		"no directory": {path: func(t *testing.T) string { return filepath.Join(t.TempDir(), "none", "agent.db") }, is: os.ErrNotExist},
		"a directory":  {path: func(t *testing.T) string { return t.TempDir() }, want: "unable to open database file"},
		"a text":       {path: write(strings.Repeat("Dear diary. ", 1000)), want: "file is not a database"},
		"a torn header": {path: func(t *testing.T) string {
			path := filled(t)
			corrupt(t, path, 0, []byte("SQLite format 4"))
			return path
		}, want: "file is not a database"},
		"a half": {path: func(t *testing.T) string {
			path := filled(t)
			if err := os.Truncate(path, 6000); err != nil {
				t.Fatal(err)
			}
			return path
		}, want: "malformed"},
		"another program's database": {path: func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "music.db")
			db := hostDB(t, path)
			if _, err := db.Exec("CREATE TABLE songs (title TEXT)"); err != nil {
				t.Fatal(err)
			}
			return path
		}, is: sqlite.ErrForeign},
		"a newer schema": {path: func(t *testing.T) string {
			path := filled(t)
			if _, err := hostDB(t, path).Exec("INSERT INTO pastime_hobby_migrations (version_id, is_applied) VALUES (99, 1)"); err != nil {
				t.Fatal(err)
			}
			return path
		}, is: sqlite.ErrNewerSchema, want: "version 99"},
	} {
		t.Run(name, func(t *testing.T) {
			path := c.path(t)
			before, _ := os.ReadFile(path)
			s, err := sqlite.Open(t.Context(), path, nil)
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			if c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %q, want one that names the file and says %q (%v)", err, c.want, c.is)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

// TestOnlyTheOwnerReads checks the modes of a store's files in a directory that
// anybody may enter.
func TestOnlyTheOwnerReads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Commit(t.Context(), session(1), nil); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 3 {
		t.Fatalf("%v, %v; want the database and its log", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
}

// TestManyOpenANewFile has stores make one file at the same time.
func TestManyOpenANewFile(t *testing.T) {
	for range 10 {
		path := filepath.Join(t.TempDir(), "agent.db")
		nodes := make(chan string, 5)
		var wg sync.WaitGroup
		for range cap(nodes) {
			wg.Go(func() {
				s, err := sqlite.Open(t.Context(), path, nil)
				if err != nil {
					t.Error(err)
					return
				}
				nodes <- s.Node()
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		close(nodes)
		first := <-nodes
		for node := range nodes {
			if node != first {
				t.Errorf("nodes %s and %s of one file", first, node)
			}
		}
	}
}

func corrupt(t *testing.T, path string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(with, at)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestDamage overwrites every second page in turn: reads and writes then work or fail
// with an error; nothing panics or hangs.
func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	s := open(t, path, nil)
	for i := range 30 {
		commit(t, s, session(i))
	}
	closeStore(t, s)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	failures := 0
	for page := 1; page*4096 < len(whole); page += 2 {
		damaged := filepath.Join(t.TempDir(), "agent.db")
		if err := os.WriteFile(damaged, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		corrupt(t, damaged, int64(page*4096), bytes.Repeat([]byte("damage! "), 512))
		s, err := sqlite.Open(t.Context(), damaged, nil)
		if err != nil {
			failures++
			continue
		}
		if _, err := hobbytest.Audit(t.Context(), s); err != nil {
			failures++
		}
		_, _ = s.Commit(t.Context(), session(99), nil)
		_ = s.Close()
	}
	if failures == 0 {
		t.Error("no damage was noticed")
	}
}

func TestOpensOldSchemas(t *testing.T) {
	files, err := filepath.Glob("testdata/schema*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no databases of released schemas: %v", err)
	}
	for _, file := range files {
		dump, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "agent.db")
		db, err := sql.Open("sqlite", path)
		if err == nil {
			_, err = db.Exec(string(dump))
		}
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		s := open(t, path, nil)
		if lost, err := s.Recover(t.Context(), time.Now()); err != nil || len(lost) != 1 {
			t.Errorf("%s: recovered %d activities, %v; the fixture has one running", file, len(lost), err)
		}
		firstVersions(t, s)
		commit(t, s, session(59))
		audit(t, s, 5)
		if c, err := s.Consumed(t.Context(), "graph"); err != nil || c != 2 {
			t.Errorf("%s: consumer at %d, %v; want 2", file, c, err)
		}
		if f, err := s.Fence(t.Context(), "key"); err != nil || f.Attempt != 2 {
			t.Errorf("%s: fence %+v, %v; want attempt 2", file, f, err)
		}
		closeStore(t, s)
	}
}

// firstVersions checks that the fixture's four answers belong to the first
// version of their family, and are measured.
func firstVersions(t *testing.T, s *sqlite.Store) {
	t.Helper()
	tallies, _, err := s.Tallies(t.Context(), hobby.TallyFilter{})
	if err != nil || len(tallies) != 1 || tallies[0].Version != 1 || tallies[0].Tries != 4 {
		t.Errorf("tallies %+v, %v; want 4 tries of version 1", tallies, err)
	}
	for version, items := range map[int]int64{0: 4, 1: 4, 2: 0} {
		h := hobby.Hobby{Kind: "sums", Families: []hobby.Family{{Name: "add", Version: version, Levels: 1}}}
		p, err := hobby.NewMeter(s, "agent").Measure(t.Context(), []hobby.Hobby{h}, nil, time.Unix(20526*86400, 0))
		if err != nil || p.Kinds[0].Estimate.Items != items || p.Kinds[0].Families[0].Older != 4-items {
			t.Errorf("version %d: %+v, %v; want %d items", version, p.Kinds[0], err, items)
		}
	}
}

func TestBackupWhilePractisingGoesOn(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "agent.db"), ":memory:"} {
		s := open(t, path, nil)
		for i := range 20 {
			commit(t, s, session(i))
		}
		stop, done := make(chan struct{}), make(chan error, 1)
		go func() {
			for i := 20; ; i++ {
				select {
				case <-stop:
					done <- nil
					return
				default:
				}
				if _, err := s.Commit(t.Context(), session(i), nil); err != nil {
					done <- err
					return
				}
			}
		}()
		var snapshot bytes.Buffer
		if err := s.Backup(t.Context(), &snapshot); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		close(stop)
		if err := <-done; err != nil {
			t.Errorf("%s: committing meanwhile: %v", path, err)
		}
		restored := filepath.Join(t.TempDir(), "restored.db")
		if err := os.WriteFile(restored, snapshot.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		r := open(t, restored, nil)
		all, err := hobbytest.Audit(t.Context(), r)
		if err != nil || len(all) < 20 {
			t.Errorf("%s: the backup has %d activities, %v; want at least 20", path, len(all), err)
		}
		if r.Node() != s.Node() {
			t.Errorf("%s: the backup is of node %s, want %s", path, r.Node(), s.Node())
		}
		closeStore(t, r)
		closeStore(t, s)
	}
}

// TestARestoredStoreIsAStore runs the contract over stores that were restored
// from a backup.
func TestARestoredStoreIsAStore(t *testing.T) {
	s := open(t, ":memory:", nil)
	defer closeStore(t, s)
	var backup bytes.Buffer
	if err := s.Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	// A few sequences of calls will do: TestMemoryAgainstModel tries many.
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		if err := f.Value.Set("15"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Value.Set(f.DefValue) }()
	}
	dir, n := t.TempDir(), 0
	hobbytest.CheckStore(t, func(t *testing.T) hobby.Store {
		n++
		restored := filepath.Join(dir, fmt.Sprint("restored-", n, ".db"))
		if err := os.WriteFile(restored, backup.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return open(t, restored, nil)
	})
}

// TestANewerSchemaOfADomain opens a domain with a newer schema: it is refused,
// as the store's own is.
func TestANewerSchemaOfADomain(t *testing.T) {
	s := open(t, ":memory:", nil)
	defer closeStore(t, s)
	first := fstest.MapFS{"00001_start.sql": {Data: []byte("-- +goose Up\nCREATE TABLE pastime_notes_notes (text TEXT);\n")}}
	second := fstest.MapFS{"00001_start.sql": first["00001_start.sql"],
		"00002_more.sql": {Data: []byte("-- +goose Up\nALTER TABLE pastime_notes_notes ADD COLUMN at INTEGER;\n")}}
	for _, dir := range []fstest.MapFS{first, second, second} {
		if err := s.Migrate(t.Context(), "notes", dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Migrate(t.Context(), "notes", first); !errors.Is(err, sqlite.ErrNewerSchema) || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("an older program: %v, want ErrNewerSchema", err)
	}
}

// TestForgottenIsGone looks for a forgotten text in the store's files, while it is open and after.
func TestForgottenIsGone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "agent.db"), nil)
	secret := strings.Repeat("the secret of the source ", 400) // more than a page
	for i := range 5 {
		sess := session(i)
		sess.Items[0].Source, sess.Items[0].Answer = "mail", secret
		sess.Insights = []hobby.Insight{{ID: fmt.Sprint(i), Text: secret, Source: "mail", Confidence: 1, At: sess.Activity.Started}}
		commit(t, s, sess)
	}
	if n, err := s.Forget(t.Context(), "mail"); err != nil || n != 10 {
		t.Fatalf("forgot %d, %v; want 10", n, err)
	}
	look := func(when string) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(dir, "agent.db*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if content, err := os.ReadFile(file); err == nil && bytes.Contains(content, []byte("secret of the source")) {
				t.Errorf("%s has the text %s", filepath.Base(file), when)
			}
		}
	}
	look("while the store is open")
	closeStore(t, s)
	look("after it was closed")
}

// TestForgettingBesideAReader forgets while somebody reads, which keeps the log: it is done all the same.
func TestForgettingBesideAReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	s := open(t, path, &sqlite.Options{BusyTimeout: time.Millisecond})
	defer closeStore(t, s)
	sess := session(1)
	sess.Items[0].Source = "mail"
	commit(t, s, sess)
	reader, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	rows, err := reader.QueryContext(t.Context(), "SELECT id FROM pastime_hobby_activities")
	if err != nil || !rows.Next() {
		t.Fatal("nothing to read", err, rows.Err())
	}
	defer rows.Close()
	if n, err := s.Forget(t.Context(), "mail"); err != nil || n != 1 {
		t.Errorf("forgot %d, %v; want 1", n, err)
	}
}

// TestOneFileByTwoNames checks that processes see each other's signs of life
// when they opened the file by different names.
func TestOneFileByTwoNames(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "agent.db"), filepath.Join(dir, "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	a, b := open(t, path, nil), open(t, link, nil)
	defer closeStore(t, b)
	running := session(1)
	running.Activity.Status, running.Activity.Ended = hobby.Running, time.Time{}
	commit(t, a, running)
	if lost, err := b.Recover(t.Context(), time.Now()); err != nil || len(lost) > 0 {
		t.Errorf("recovered %d activities of a living process, %v", len(lost), err)
	}
	closeStore(t, a)
	if lost, err := b.Recover(t.Context(), time.Now()); err != nil || len(lost) != 1 {
		t.Errorf("recovered %d activities of a dead process, %v", len(lost), err)
	}
}

// TestDeadHoldersAreSwept has a directory full of files that killed processes
// left.
func TestDeadHoldersAreSwept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	dir := path + "-holders"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"7d3e0d4c-8e5b-4f0e-9a5e-6a1f3c1b2d4e", "0d3e0d4c-8e5b-4f0e-9a5e-6a1f3c1b2d4e", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := open(t, path, nil)
	b := open(t, path, nil)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 4 { // a, b, the lock of opening, notes.txt
		t.Errorf("%v, %v; want the two living ones, the lock and what is not ours", entries, err)
	}
	closeStore(t, a)
	closeStore(t, b)
	if entries, err = os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%v, %v; want nothing of the closed stores", entries, err)
	}
}

func TestWrapLeavesTheDatabaseOpen(t *testing.T) {
	db := hostDB(t, filepath.Join(t.TempDir(), "host.db"))
	if _, err := db.Exec("CREATE TABLE songs (title TEXT)"); err != nil {
		t.Fatal(err)
	}
	s := wrap(t, db)
	commit(t, s, session(1))
	closeStore(t, s)
	if _, err := db.Exec("INSERT INTO songs VALUES ('Yesterday')"); err != nil {
		t.Errorf("the host's database after Close: %v", err)
	}
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if name != "songs" && !strings.HasPrefix(name, "pastime_") {
			t.Errorf("the table %s is in the host's database", name)
		}
	}
}

func TestNothingToOpenIsRefused(t *testing.T) {
	if _, err := sqlite.Open(t.Context(), "", nil); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("%v, want ErrInvalid", err)
	}
	if _, err := sqlite.Wrap(t.Context(), nil, nil); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("%v, want ErrInvalid", err)
	}
}

// TestNoGoroutineStays relies on synctest, which fails when a goroutine stays.
func TestNoGoroutineStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, ":memory:", nil)
		commit(t, s, session(1))
		closeStore(t, s)
	})
	path := filepath.Join(t.TempDir(), "agent.db")
	if err := os.WriteFile(path, []byte("not a database, as it happens"), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		if _, err := sqlite.Open(t.Context(), path, nil); err == nil {
			t.Error("it was opened")
		}
	})
}

func TestAReadOnlyPlace(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("nothing is read-only for this user")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil { //nolint:gosec // that is the point
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), filepath.Join(dir, "agent.db"), nil); err == nil {
		t.Error("it was opened")
	}
}
