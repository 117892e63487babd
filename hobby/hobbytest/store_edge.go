package hobbytest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var edgeTests = map[string]func(storeTest){
	"AClosedStoreSaysSo": func(t storeTest) {
		t.commit(ended(session(1), hobby.Completed))
		if err := t.Close(); err != nil {
			t.Fatal(err)
		}
		if err := t.Close(); err != nil {
			t.Errorf("closing again: %v", err)
		}
		for name, call := range t.calls() {
			t.refuses(name, call(t.ctx), hobby.ErrClosed)
		}
	},
	"ACancelledContextStopsEverything": func(t storeTest) {
		t.commit(ended(session(1), hobby.Completed))
		head, tallies := t.head(), t.tallies()
		ctx, cancel := context.WithCancel(t.ctx)
		cancel()
		for name, call := range t.calls() {
			for range 5 {
				t.refuses(name, call(ctx), context.Canceled)
			}
		}
		t.same("the head", t.head(), head)
		t.same("tallies", t.tallies(), tallies)
		if got := must[hobby.Cursor](t)(t.Consumed(t.ctx, "c")); got != 0 {
			t.Errorf("a cancelled SetConsumed moved the position to %d", got)
		}
	},
	"ManyAtOnce": func(t storeTest) {
		const writers, sessions = 8, 25
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range sessions {
					s := with(session(1000*w+i), 4)
					a, err := t.Commit(t.ctx, s, nil)
					if err != nil {
						t.Error(err)
						return
					}
					_, err = t.Commit(t.ctx, s, nil) // a repetition, among others' commits
					_, err2 := t.Commit(t.ctx, ended(hobby.Session{Activity: a}, hobby.Completed), nil)
					if err := errors.Join(err, err2); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		stop := make(chan struct{})
		read := make(chan error, 1)
		go func() { read <- t.readUntil(stop) }()
		wg.Wait()
		close(stop)
		if err := <-read; err != nil {
			t.Errorf("reading meanwhile: %v", err)
		}
		if head := t.head(); head != 2*writers*sessions {
			t.Errorf("%d events, want %d", head, 2*writers*sessions)
		}
		t.addsUp()
	},
}

// readUntil reads while others write: whatever it sees must be whole.
func (t storeTest) readUntil(stop <-chan struct{}) error {
	var seen hobby.Cursor
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		p, err := t.List(t.ctx, hobby.Filter{Limit: 5})
		if err != nil {
			return err
		}
		for _, a := range p.Activities {
			s, err := t.Activity(t.ctx, a.ID)
			if err != nil {
				return err
			}
			if len(s.Items) != s.Activity.Items || s.Activity.Version < a.Version {
				t.Errorf("activity %s has %d items and says %d; version %d was seen, then %d",
					a.ID, len(s.Items), s.Activity.Items, a.Version, s.Activity.Version)
			}
		}
		events, err := t.Events(t.ctx, seen, 1000)
		if err != nil {
			return err
		}
		for _, e := range events {
			if seen++; e.Pos != seen {
				t.Errorf("event %d follows %d", e.Pos, seen-1)
			}
		}
	}
}

// calls has every method that can fail.
func (t storeTest) calls() map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"Commit":      func(ctx context.Context) error { _, err := t.Commit(ctx, session(9), nil); return err },
		"Activity":    func(ctx context.Context) error { _, err := t.Activity(ctx, session(1).Activity.ID); return err },
		"List":        func(ctx context.Context) error { _, err := t.List(ctx, hobby.Filter{}); return err },
		"Sessions":    func(ctx context.Context) error { _, err := t.Sessions(ctx, hobby.Filter{}); return err },
		"Items":       func(ctx context.Context) error { _, err := t.Items(ctx, hobby.ItemFilter{Family: "add"}); return err },
		"Insights":    func(ctx context.Context) error { _, err := t.Insights(ctx, hobby.InsightFilter{}); return err },
		"Tallies":     func(ctx context.Context) error { _, _, err := t.Tallies(ctx, hobby.TallyFilter{}); return err },
		"Counts":      func(ctx context.Context) error { _, err := t.Counts(ctx, hobby.CountFilter{}); return err },
		"Events":      func(ctx context.Context) error { _, err := t.Events(ctx, 0, 10); return err },
		"Head":        func(ctx context.Context) error { _, err := t.Head(ctx); return err },
		"Consumed":    func(ctx context.Context) error { _, err := t.Consumed(ctx, "c"); return err },
		"SetConsumed": func(ctx context.Context) error { return t.SetConsumed(ctx, "c", 1) },
		"Floor":       func(ctx context.Context) error { _, err := t.Floor(ctx); return err },
		"Trim":        func(ctx context.Context) error { _, err := t.Trim(ctx, 9); return err },
		"DropConsumer": func(ctx context.Context) error {
			return t.DropConsumer(ctx, "c")
		},
		"PruneBefore": func(ctx context.Context) error {
			_, err := t.PruneBefore(ctx, noon.AddDate(1, 0, 0), 9, nil)
			return err
		},
		"Fence": func(ctx context.Context) error { _, err := t.Fence(ctx, "key"); return err },
		"Claim": func(ctx context.Context) error {
			_, err := t.Claim(ctx, "slot", noon, hobby.Every(time.Hour))
			return err
		},
		"Settle":  func(ctx context.Context) error { return t.Settle(ctx, hobby.Lease{Slot: "slot"}, hobby.Outcome{}) },
		"Slots":   func(ctx context.Context) error { _, err := t.Slots(ctx); return err },
		"Recover": func(ctx context.Context) error { _, err := t.Recover(ctx, noon); return err },
		"Prune": func(ctx context.Context) error {
			_, err := t.Prune(ctx, []string{session(1).Activity.ID}, nil)
			return err
		},
		"Forget": func(ctx context.Context) error { _, err := t.Forget(ctx, "source"); return err },
	}
}
