package hobby_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/sqlite"
)

// TestThirtyNights has three managers on one file, each restarted now and
// then, and wall clocks that jump by an hour either way: every night's slot
// runs once.
func TestThirtyNights(t *testing.T) {
	nightly, err := cron.ParseStandard("CRON_TZ=UTC 0 3 * * *")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "agent.db")
	synctest.Test(t, func(t *testing.T) {
		nights := 30
		if race.Enabled { // a race shows in the first of them
			nights = 5
		}
		var mu sync.Mutex
		var runs []time.Time
		begin := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(7, uint64(i)))
				for ctx.Err() == nil {
					s, err := sqlite.Open(ctx, path, nil)
					if err != nil {
						t.Error(err)
						return
					}
					m := manager(t, s, &hobby.Options{Disabled: true, PollEvery: 6 * time.Hour, Slots: []hobby.Slot{{
						Name: "nightly", Schedule: nightly,
						Run: func(ctx context.Context, r hobby.SlotRun) error {
							select { // the work of the night
							case <-time.After(20 * time.Minute):
							case <-ctx.Done():
								return ctx.Err()
							}
							mu.Lock()
							defer mu.Unlock()
							runs = append(runs, r.Due)
							return nil
						},
					}}}, one("sums"))
					// This program's clock is right, an hour slow or an hour fast,
					// and jumps from one to another every few hours.
					jumps := rng.Uint64()
					m.SetWall(func() time.Time {
						now := time.Now()
						return now.Add(time.Duration((jumps>>(now.Sub(begin)/(5*time.Hour)%60))%3) * time.Hour).Add(-time.Hour)
					})
					life, end := context.WithTimeout(ctx, time.Duration(5+rng.IntN(60))*time.Hour)
					if err := m.Run(life); err != nil {
						t.Error(err)
					}
					end()
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		time.Sleep(time.Duration(nights) * 24 * time.Hour)
		cancel()
		wg.Wait()
		slices.SortFunc(runs, time.Time.Compare)
		due := begin
		for i := range nights {
			due = nightly.Next(due)
			if i >= len(runs) || !runs[i].Equal(due) {
				t.Fatalf("run %d of %d: got %v, want each night once: %v", i, len(runs), runs, due)
			}
		}
		if len(runs) != nights {
			t.Errorf("%d runs in %d nights", len(runs), nights)
		}
	})
}

func TestAFailingSlotStaysDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dues []time.Time
		m := manager(t, open(t), &hobby.Options{Disabled: true, PollEvery: time.Hour, Slots: []hobby.Slot{{
			Name: "hourly", Schedule: hobby.Every(time.Hour),
			Run: func(_ context.Context, r hobby.SlotRun) error {
				dues = append(dues, r.Due)
				switch len(dues) {
				case 1:
					panic("a bug in a host's slot")
				case 2:
					return context.DeadlineExceeded
				}
				return nil
			},
		}}}, one("sums"))
		stop := start(t, m)
		time.Sleep(90 * time.Minute)
		stop()
		if len(dues) != 3 || !dues[0].Equal(dues[1]) || !dues[1].Equal(dues[2]) {
			t.Errorf("runs for %v, want the same due time until it succeeds, then no more", dues)
		}
	})
}

// once is a schedule with a single run.
type once time.Time

func (o once) Next(t time.Time) time.Time {
	if t.Before(time.Time(o)) {
		return time.Time(o)
	}
	return time.Time{}
}

func TestDueEndsHoweverLongAgo(t *testing.T) {
	run := time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC)
	if got, ok := hobby.Due(once(run), time.Time{}, time.Now()); !ok || !got.Equal(run) {
		t.Errorf("the run of %v: %v, %v", run, got, ok)
	}
}

// TestDueIsTheNewestRun checks Due against counting every run one by one.
func TestDueIsTheNewestRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := hobby.Every(time.Duration(rapid.Int64Range(1, 7200).Draw(t, "every")) * time.Second)
		last := time.Unix(rapid.Int64Range(0, 1<<31).Draw(t, "last"), 0)
		now := last.Add(time.Duration(rapid.Int64Range(-7200, 1_000_000).Draw(t, "elapsed")) * time.Second)
		got, ok := hobby.Due(every, last, now)
		want, any := time.Time{}, false
		for n := every.Next(last); !n.After(now); n = every.Next(n) {
			want, any = n, true
		}
		if ok != any || ok && !got.Equal(want) {
			t.Fatalf("Due(%v, %v, %v) = %v, %v; want %v, %v", time.Duration(every), last, now, got, ok, want, any)
		}
	})
}

// TestSlotsKnowWhyPracticeRests has the user come back, and the host pause.
func TestSlotsKnowWhyPracticeRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := make(chan string, 10)
		m := manager(t, open(t), &hobby.Options{PollEvery: time.Hour, Slots: []hobby.Slot{{
			Name: "hourly", Schedule: hobby.Every(time.Hour), Run: func(_ context.Context, r hobby.SlotRun) error {
				runs <- r.Resting
				return nil
			},
		}}}, one("sums"))
		defer start(t, m)()
		if got := <-runs; got != "" {
			t.Errorf("resting because %q, want no reason", got)
		}
		time.Sleep(time.Hour - time.Minute)
		m.Touch()
		if got := <-runs; got != "the user is here" {
			t.Errorf("resting because %q, want that the user is here", got)
		}
		if _, err := m.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := <-runs; got != "paused" {
			t.Errorf("resting because %q, want that it is paused", got)
		}
	})
}

// TestAClockThatWasWrongForADay starts a manager while the clock is in 2099:
// its slot runs every day once the clock is right, and the log says once why it
// did not before.
func TestAClockThatWasWrongForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var runs atomic.Int64
		m := manager(t, open(t), &hobby.Options{
			Disabled: true, PollEvery: time.Hour, Logger: slog.New(slog.NewTextHandler(&log, nil)),
			Slots: []hobby.Slot{{Name: "daily", Schedule: hobby.Every(24 * time.Hour), Run: func(context.Context, hobby.SlotRun) error {
				runs.Add(1)
				return nil
			}}},
		}, one("sums"))
		right := time.Now().Add(24*time.Hour + time.Minute)
		m.SetWall(func() time.Time {
			if now := time.Now(); !now.Before(right) {
				return now
			}
			return time.Now().AddDate(99, 0, 0)
		})
		stop := start(t, m)
		time.Sleep(time.Until(right))
		before := runs.Load()
		time.Sleep(10*24*time.Hour + time.Hour)
		stop()
		if n := runs.Load() - before; n != 10 {
			t.Errorf("%d runs in the ten days after, want 10", n)
		}
		if n := strings.Count(log.String(), "the clock was wrong"); n != 1 {
			t.Errorf("the log tells of the clock %d times:\n%s", n, log.String())
		}
	})
}

// TestASlotFailsForGood fails at every try: it is tried three times for each due time,
// its reason can be read, and a process that ends in order is no try.
func TestASlotFailsForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		tries := map[time.Time]int{}
		var order []time.Time
		slot := hobby.Slot{Name: "nightly", Schedule: hobby.Every(24 * time.Hour), Run: func(ctx context.Context, r hobby.SlotRun) error {
			if tries[r.Due] == 0 {
				order = append(order, r.Due)
			}
			if tries[r.Due]++; len(order) == 1 && tries[r.Due] == 1 {
				<-ctx.Done() // until the first process ends
				return ctx.Err()
			}
			return errors.New("the disk is full")
		}}
		for _, life := range []time.Duration{25 * time.Hour, 72 * time.Hour} {
			stop := start(t, manager(t, s, &hobby.Options{Disabled: true, PollEvery: time.Hour, Slots: []hobby.Slot{slot}}, one("sums")))
			time.Sleep(life)
			stop()
		}
		for i, due := range order {
			want := 3
			if i == 0 {
				want = 4 // the one that the end of the process cut short
			}
			if tries[due] != want {
				t.Errorf("the run of %v was begun %d times, want %d", due, tries[due], want)
			}
		}
		states, err := s.Slots(t.Context())
		if err != nil || len(states) != 1 || states[0].Err != "the disk is full" || !states[0].Settled.Equal(order[len(order)-1]) {
			t.Errorf("%+v, %v; want the newest run settled, and its reason", states, err)
		}
		if len(order) != 4 {
			t.Errorf("runs of %v, want one a night", order)
		}
	})
}

// TestHeavySlots has two heavy slots due at the same time, and a session that runs:
// the slots wait for it, one works at a time, and practice rests until both are done.
func TestHeavySlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy, most atomic.Int64
		heavy := func(name string) hobby.Slot {
			return hobby.Slot{Name: name, Schedule: hobby.Every(6 * time.Hour), Heavy: true, Run: func(context.Context, hobby.SlotRun) error {
				most.Store(max(most.Load(), busy.Add(1)))
				time.Sleep(2 * time.Hour)
				busy.Add(-1)
				return nil
			}}
		}
		var during atomic.Int64
		h := hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, _ hobby.Sink) error {
			during.Add(busy.Load())
			select {
			case <-time.After(5 * time.Minute):
			case <-ctx.Done():
			}
			during.Add(busy.Load())
			return ctx.Err()
		})}
		m := manager(t, open(t), &hobby.Options{Slots: []hobby.Slot{heavy("lora"), heavy("archive")}}, h)
		stop := start(t, m)
		defer stop()
		time.Sleep(time.Until(hobby.Every(6*time.Hour).Next(time.Now())) + time.Hour)
		st, err := m.Status(t.Context())
		if err != nil || !strings.HasSuffix(st.Resting, " is at work") || !st.Next.IsZero() || busy.Load() != 1 {
			t.Errorf("while a heavy slot works: resting %q, next %v, %d work, %v", st.Resting, st.Next, busy.Load(), err)
		}
		time.Sleep(4 * time.Hour)
		if most.Load() != 1 || during.Load() != 0 {
			t.Errorf("%d heavy slots at once, %d seen by sessions; want 1 and none", most.Load(), during.Load())
		}
		if st, err = m.Status(t.Context()); err != nil || st.Resting != "" || st.Next.IsZero() {
			t.Errorf("afterwards it rests: %q, %v", st.Resting, err)
		}
	})
}

// TestHold has two reasons at once, and a caller who does not wait for the session.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running := make(chan struct{}, 9)
		h := hobby.Hobby{Kind: "sums", Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, _ hobby.Sink) error {
			running <- struct{}{}
			select {
			case <-time.After(time.Minute):
			case <-ctx.Done():
			}
			return ctx.Err()
		})}
		m := manager(t, open(t), nil, h)
		defer start(t, m)()
		<-running
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := m.Hold(ctx, "in a hurry"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Hold of a caller who does not wait: %v", err)
		}
		first, err := m.Hold(t.Context(), "first")
		if err != nil {
			t.Fatal(err)
		}
		second, err := m.Hold(t.Context(), "second")
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			release func()
			want    string
		}{{func() {}, "first"}, {first, "second"}, {first, "second"}, {second, ""}} {
			step.release()
			st, err := m.Status(t.Context())
			held := step.want != ""
			if err != nil || st.Resting != step.want || st.Next.IsZero() != held || held && st.Current != nil {
				t.Errorf("resting %q, next %v, current %v, %v; want %q", st.Resting, st.Next, st.Current, err, step.want)
			}
			if held {
				time.Sleep(time.Hour)
			}
		}
		<-running // practice goes on
		if _, err := m.Hold(t.Context(), "again"); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Request(t.Context(), "sums"); err != nil {
			t.Errorf("a person's request while practice is held: %v", err)
		}
	})
}
