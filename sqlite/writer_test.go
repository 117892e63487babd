package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// TestAFailingWriteFailsAlone commits among writes that fail and panic after
// they have changed something.
func TestAFailingWriteFailsAlone(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "agent.db"), nil)
	defer closeStore(t, s)
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			err := s.Write(t.Context(), func(tx *sqlite.Tx) error {
				if _, err := tx.Commit(session(i), nil); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return boom
				case 2:
					panic("bang")
				}
				return nil
			})
			switch i % 4 {
			case 1:
				if !errors.Is(err, boom) {
					t.Errorf("write %d: %v, want its own error", i, err)
				}
			case 2:
				if err == nil || !strings.Contains(err.Error(), "bang") {
					t.Errorf("write %d: %v, want its panic", i, err)
				}
			default:
				if err != nil {
					t.Errorf("write %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	audit(t, s, 20)
}

func TestCloseWaitsForWhatItAccepted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	s := open(t, path, nil)
	acknowledged := make(chan int, 100)
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			_, err := s.Commit(t.Context(), session(i), nil)
			switch {
			case err == nil:
				acknowledged <- i
			case !errors.Is(err, hobby.ErrClosed):
				t.Errorf("commit %d: %v, want nil or ErrClosed", i, err)
			}
		})
	}
	first := <-acknowledged
	closeStore(t, s)
	wg.Wait()
	close(acknowledged)
	n := 1
	again := open(t, path, nil)
	defer closeStore(t, again)
	for i := range acknowledged {
		if _, err := again.Activity(t.Context(), session(i).Activity.ID); err != nil {
			t.Errorf("commit %d was acknowledged: %v", i, err)
		}
		n++
	}
	if _, err := again.Activity(t.Context(), session(first).Activity.ID); err != nil {
		t.Error(err)
	}
	audit(t, again, n)
}

// TestBusy has another program that holds the database's write lock.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	hasty := open(t, path, &sqlite.Options{BusyTimeout: 20 * time.Millisecond})
	defer closeStore(t, hasty)
	patient := open(t, path, &sqlite.Options{BusyTimeout: time.Minute})
	defer closeStore(t, patient)
	lock, err := hostDB(t, path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := lock.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 30 { // all of them fail together, not one after the other
		wg.Go(func() {
			if _, err := hasty.Commit(t.Context(), session(i), nil); err == nil || !strings.Contains(err.Error(), "locked") {
				t.Errorf("commit %d: %v, want that the database is locked", i, err)
			}
		})
	}
	wg.Wait()
	if _, err := hasty.List(t.Context(), hobby.Filter{}); err != nil {
		t.Errorf("reading while another writes: %v", err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := patient.Commit(t.Context(), session(1), nil)
		done <- err
	}()
	if _, err := lock.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("a patient commit: %v", err)
	}
	commit(t, hasty, session(2))
	audit(t, hasty, 2)
}

// TestFull fills the database up to a limit of its size.
func TestFull(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "agent.db"), nil)
	defer closeStore(t, s)
	limit := func(pages string) {
		t.Helper()
		if err := s.Write(t.Context(), func(tx *sqlite.Tx) error {
			var got int
			return tx.QueryRow("PRAGMA max_page_count = "+pages, nil, &got)
		}); err != nil {
			t.Fatal(err)
		}
	}
	limit("60")
	stored, failed := 0, 0
	for i := range 200 {
		sess := session(i)
		sess.Items[0].Answer = strings.Repeat("long ", 1000)
		switch _, err := s.Commit(t.Context(), sess, nil); {
		case err == nil:
			stored++
		case strings.Contains(err.Error(), "full"):
			failed++
		default:
			t.Fatalf("commit %d: %v, want that the disk is full", i, err)
		}
	}
	if stored == 0 || failed == 0 {
		t.Fatalf("%d stored, %d failed", stored, failed)
	}
	audit(t, s, stored)
	limit("100000")
	commit(t, s, session(500))
	audit(t, s, stored+1)
}

func TestACancelledWriteNeverRuns(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "agent.db"), nil)
	defer closeStore(t, s)
	entered, leave := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- s.Write(t.Context(), func(*sqlite.Tx) error {
			close(entered)
			<-leave
			return nil
		})
	}()
	<-entered // the writer is busy: the next write waits
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the caller left")
	second := make(chan error, 1)
	go func() {
		second <- s.Write(ctx, func(*sqlite.Tx) error {
			t.Error("it ran")
			return nil
		})
	}()
	cancel(why)
	if err := <-second; !errors.Is(err, why) {
		t.Errorf("the cancelled write: %v, want its cause", err)
	}
	close(leave)
	if err := <-first; err != nil {
		t.Error(err)
	}
	commit(t, s, session(1))
}

// TestWhoRunsAgain has three writes share a transaction: when one fails, the
// others run again only if it had changed something.
func TestWhoRunsAgain(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "agent.db"), nil)
	defer closeStore(t, s)
	for query, want := range map[string]int{
		"SELECT count(*) FROM pastime_hobby_fences":                               1,
		"INSERT INTO pastime_hobby_fences (key, attempt) VALUES ('half done', 1)": 2,
	} {
		boom := errors.New("boom")
		entered, leave := make(chan struct{}), make(chan struct{})
		runs := make([]int, 3)
		errs := make([]error, 3)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := s.Write(t.Context(), func(*sqlite.Tx) error {
				close(entered)
				<-leave
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
		<-entered // the writer is busy: the next three wait
		for i := range runs {
			wg.Go(func() {
				errs[i] = s.Write(t.Context(), func(tx *sqlite.Tx) error {
					runs[i]++
					if i != 1 {
						_, err := tx.Fence(query)
						return err
					}
					if _, err := tx.Exec(query); err != nil {
						return err
					}
					return boom
				})
			})
		}
		for s.Queued() < len(runs) {
			runtime.Gosched()
		}
		close(leave)
		wg.Wait()
		for i := range runs {
			if failed := errors.Is(errs[i], boom); failed != (i == 1) || runs[i] > want {
				t.Errorf("%s: write %d ran %d times, at most %d wanted: %v", query, i, runs[i], want, errs[i])
			}
		}
		if runs[1] != want {
			t.Errorf("%s: the write that fails ran %d times, want %d", query, runs[1], want)
		}
		if f, err := s.Fence(t.Context(), query); err != nil || f.Attempt != 3 {
			t.Errorf("%s: the next attempt is %d, %v; want 3: each neighbour's counts once", query, f.Attempt, err)
		}
	}
	if f, err := s.Fence(t.Context(), "half done"); err != nil || f.Attempt != 1 {
		t.Errorf("what the failing write did is still there: the next attempt is %d, %v", f.Attempt, err)
	}
}
