package hobby_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

// brokenDisk is a store that keeps nothing while it is full.
type brokenDisk struct {
	hobby.Store
	full  atomic.Bool
	tries atomic.Int64 // of commits while it is full
}

func (d *brokenDisk) Check(ctx context.Context) error {
	if d.full.Load() {
		return fmt.Errorf("%w: the disk is full", hobby.ErrStorage)
	}
	return d.Store.Check(ctx)
}

func (d *brokenDisk) Commit(ctx context.Context, s hobby.Session, f *hobby.Fence) (hobby.Activity, error) {
	if d.full.Load() {
		d.tries.Add(1)
		return hobby.Activity{}, errors.New("the disk is full")
	}
	return d.Store.Commit(ctx, s, f)
}

// TestAStoreThatCannotBeWritten: practice rests and says so, in Status and once in
// the log, and goes on by itself.
func TestAStoreThatCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &brokenDisk{Store: open(t)}
		var log bytes.Buffer
		m := manager(t, d, &hobby.Options{Interval: time.Minute, IdleThreshold: time.Second, PollEvery: time.Hour,
			Logger: slog.New(slog.NewTextHandler(&log, nil))}, one("walk"))
		stop := start(t, m)
		status := func() (string, error) {
			t.Helper()
			sys, err := m.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return sys.Resting, sys.Storage
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		before := len(list(t, d, hobby.Filter{}))
		if why, err := status(); why != "" || err != nil || before < 9 {
			t.Fatalf("at first: %d sessions, resting %q, %v", before, why, err)
		}
		d.full.Store(true)
		time.Sleep(time.Hour)
		synctest.Wait()
		if why, err := status(); why != "the store cannot be written" || !errors.Is(err, hobby.ErrStorage) {
			t.Errorf("full: resting %q, %v", why, err)
		}
		if _, err := m.RunOnce(t.Context(), "walk"); !errors.Is(err, hobby.ErrStorage) {
			t.Errorf("a session that is asked for: %v, want ErrStorage", err)
		}
		if n := d.tries.Load(); n != 0 {
			t.Errorf("%d sessions began that could not be stored", n)
		}
		d.full.Store(false)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if why, err := status(); why != "" || err != nil {
			t.Errorf("once there is room: resting %q, %v", why, err)
		}
		stop()
		if n := len(list(t, d, hobby.Filter{})) - before; n < 9 || n > 11 {
			t.Errorf("%d sessions in the 10 minutes after", n)
		}
		for text, want := range map[string]int{"practice rests: what it learns could not be stored": 1, "the store can be written again": 1} {
			if n := strings.Count(log.String(), text); n != want {
				t.Errorf("the log says %q %d times, want %d", text, n, want)
			}
		}
	})
}

// TestAFullDisk fills the disk in the middle of a session: once there is room again,
// the session is stored whole, by the next session or as Run ends.
func TestAFullDisk(t *testing.T) {
	for _, by := range []string{"the next session", "Run"} {
		t.Run(by, func(t *testing.T) {
			s := &brokenDisk{Store: open(t)}
			m := manager(t, s, nil, hobby.Hobby{Kind: "sums",
				Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
					s.full.Store(true)
					return out.Item(item(1))
				})}, one("words"))
			for range 2 {
				if _, err := m.RunOnce(t.Context(), "sums"); err == nil {
					t.Error("a session on a full disk: no error")
				}
			}
			s.full.Store(false)
			if by == "Run" {
				start(t, m)()
			} else if got, err := m.RunOnce(t.Context(), "words"); err != nil || got.Activity.Status != hobby.Completed {
				t.Fatalf("once there is room: %+v, %v", got.Activity, err)
			}
			all := list(t, s, hobby.Filter{Kind: "sums"})
			if len(all) != 1 || all[0].Status != hobby.Completed || all[0].Items != 1 {
				t.Errorf("the sessions are %+v, want the one on the full disk, with its answer", all)
			}
		})
	}
}

// faulty is a store in which some commits fail, counted from 1.
type faulty struct {
	hobby.Store
	n, from, to int
	stored      bool // they are stored, and only seem to fail
}

func (s *faulty) Commit(ctx context.Context, sess hobby.Session, f *hobby.Fence) (a hobby.Activity, err error) {
	s.n++
	fails := s.n >= s.from && s.n <= s.to
	if !fails || s.stored {
		a, err = s.Store.Commit(ctx, sess, f)
	}
	if fails && err == nil {
		return hobby.Activity{}, errors.New("the disk is full")
	}
	return a, err
}

// TestNoAnswerIsLost: whichever commits of a session fail, all that the session was told
// has been taken is stored once, with its end, before the next session.
func TestNoAnswerIsLost(t *testing.T) {
	for from := 2; from < 7; from++ {
		for to := from; to < from+4; to += 2 {
			for _, stored := range []bool{false, true} {
				t.Run(fmt.Sprint(from, to, stored), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { failingCommits(t, &faulty{Store: open(t), from: from, to: to, stored: stored}) })
				})
			}
		}
	}
}

func failingCommits(t *testing.T, s *faulty) {
	var items, insights int
	m := manager(t, s, &hobby.Options{FlushEvery: time.Second}, one("words"), hobby.Hobby{Kind: "sums",
		Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
			for i := range 4 {
				if i > 0 {
					time.Sleep(1100 * time.Millisecond)
				}
				if err := out.Item(item(1)); err != nil {
					return err
				}
				items++
				if err := out.Insight(hobby.Insight{Text: fmt.Sprint("insight ", i), Confidence: 1}); err != nil {
					return err
				}
				insights++
			}
			return nil
		})})
	_, first := m.RunOnce(t.Context(), "sums")
	for try := 0; ; try++ {
		_, err := m.RunOnce(t.Context(), "words")
		if err == nil {
			break
		} else if try == 4 {
			t.Fatal(err)
		}
	}
	all := list(t, s, hobby.Filter{Kind: "sums"})
	if len(all) != 1 {
		t.Fatalf("%d sessions, want 1 (its first end: %v)", len(all), first)
	}
	got, err := s.Activity(t.Context(), all[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Activity.Status.Ended() || len(got.Items) != items || len(got.Insights) != insights {
		t.Errorf("%s, %d answers and %d insights are stored of %d and %d", got.Activity.Status, len(got.Items), len(got.Insights),
			items, insights)
	}
	if _, err := hobbytest.Audit(t.Context(), s.Store); err != nil {
		t.Error(err)
	}
}
