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
