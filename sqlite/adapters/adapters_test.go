package adapters_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/adapters"
)

func open(t *testing.T, path string) (*adapters.Registry, *sqlite.Store) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := adapters.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

func TestStore(t *testing.T) {
	loratest.TestStore(t, func(t *testing.T) loratest.OpenStore {
		path := filepath.Join(t.TempDir(), "agent.db")
		return func() (lora.Store, hobby.Store, io.Closer) {
			r, s := open(t, path)
			return r, s, s
		}
	})
}

func TestJournal(t *testing.T) {
	hobbytest.TestJournal(t, func(t *testing.T) func() (hobby.Journal, hobby.Store, io.Closer) {
		path := filepath.Join(t.TempDir(), "agent.db")
		return func() (hobby.Journal, hobby.Store, io.Closer) {
			r, s := open(t, path)
			return r, s, s
		}
	})
}

func TestStoreAgainstModel(t *testing.T) {
	dir, n := t.TempDir(), 0
	loratest.CheckStore(t, func(t *testing.T) (a, b lora.Store, closes func() error) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n, ".db"))
		first, s := open(t, path)
		second, z := open(t, path)
		return first, second, func() error { return errors.Join(s.Close(), z.Close()) }
	})
}

// A program that has no registry forgets a source: the registry follows its event.
func TestForgettingElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	r, s := open(t, path)
	defer s.Close()
	v, err := r.PutVersion(t.Context(), loratest.Version("skill", 1, ""), lora.Lineage{Sources: []string{hobby.SourceHash("notes.md")}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Forget(t.Context(), "notes.md"); err != nil {
		t.Fatal(err)
	}
	events, err := s.Events(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Consume(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	if v, err = r.Version(t.Context(), v.ID); err != nil || v.Forgotten.IsZero() {
		t.Errorf("the version is not marked: %v", err)
	}
}

// crashFile, when set in the environment, makes this program promote versions in that
// file until it is killed, and tell of each.
const crashFile = "ADAPTERS_TEST_CRASH_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashFile); path != "" {
		fmt.Fprintln(os.Stderr, promote(context.Background(), path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func promote(ctx context.Context, path string) error {
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	r, err := adapters.New(ctx, s)
	if err != nil {
		return err
	}
	page, err := r.Versions(ctx, lora.VersionFilter{Limit: 1})
	if err != nil {
		return err
	}
	last := ""
	n := 0
	for _, v := range page.Versions {
		last, n = v.ID, v.Number
	}
	for {
		n++
		v, err := r.PutVersion(ctx, loratest.Version("skill", n, last), lora.Lineage{}, nil)
		if err != nil {
			return err
		}
		if _, err := r.Use(ctx, v.ID); err != nil {
			return err
		}
		now, err := r.Aliases(ctx)
		if err != nil {
			return err
		}
		if err := r.Point(ctx, lora.Promotion("skill", now["skill"], v.ID, "trial", fmt.Sprint(n)), nil); err != nil {
			return err
		}
		fmt.Println(v.ID)
		last = v.ID
	}
}

// TestKill kills a process that promotes version after version. What it told of is
// stored, champion and previous are of one promotion, and what it used is free.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	for crash := range 5 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), crashFile+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		told := ""
		for range 3 + 7*crash {
			if !lines.Scan() {
				t.Fatal("the process ended by itself")
			}
			told = lines.Text()
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			if len(lines.Text()) == len(told) {
				told = lines.Text()
			}
		}
		_ = cmd.Wait() // it was killed
		checkPromotions(t, path, told)
	}
}

func checkPromotions(t *testing.T, path, told string) {
	t.Helper()
	r, s := open(t, path)
	defer s.Close()
	now, err := r.Aliases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	champion, err := r.Version(t.Context(), now["skill"][lora.Champion])
	if err != nil {
		t.Fatal(err)
	}
	known, err := r.Version(t.Context(), told)
	if err != nil {
		t.Fatal(err)
	}
	// After the last line one more promotion may have been committed.
	if n := champion.Number - known.Number; n < 0 || n > 1 {
		t.Errorf("the champion is number %d, and %d was told", champion.Number, known.Number)
	}
	history, err := r.History(t.Context(), lora.FlipFilter{Alias: lora.Champion, Limit: 1})
	if err != nil || len(history.Flips) != 1 {
		t.Fatalf("%d flips, %v", len(history.Flips), err)
	}
	if f := history.Flips[0]; f.To != champion.ID || f.From != now["skill"][lora.Previous] {
		t.Errorf("the last flip is from %s to %s; the aliases are %v", f.From, f.To, now["skill"])
	}
	gone, err := r.Collect(t.Context(), champion.Created.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if len(gone) == 0 {
		t.Error("what a dead process used was not collected")
	}
	for _, v := range gone {
		if v.ID == champion.ID || v.ID == now["skill"][lora.Previous] {
			t.Errorf("version %d was collected", v.Number)
		}
	}
}
