package hobby_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// recorder is a Consumer that remembers what it was given, and fails and panics
// on some calls.
type recorder struct {
	mu    sync.Mutex
	seen  []hobby.Cursor
	calls int
	fail  func(call int) bool
	panic func(call int) bool
}

func (r *recorder) Name() string { return "recorder" }

func (r *recorder) Consume(_ context.Context, events []hobby.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if r.fail != nil && r.fail(r.calls) {
		return fmt.Errorf("call %d fails", r.calls)
	}
	if r.panic != nil && r.panic(r.calls) {
		panic("a bug in a host's consumer")
	}
	for _, e := range events {
		r.seen = append(r.seen, e.Pos)
	}
	return nil
}

func TestConsumersSeeEveryEventOnceInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		before := manager(t, s, nil, one("sums"))
		for range 300 { // more than a batch, before the consumer exists
			if _, err := before.RunOnce(t.Context(), "sums"); err != nil {
				t.Fatal(err)
			}
		}
		r := &recorder{fail: func(call int) bool { return call%3 == 2 }, panic: func(call int) bool { return call%4 == 3 }}
		for range 2 { // and over a restart
			m := manager(t, s, &hobby.Options{Consumers: []hobby.Consumer{r}, PollEvery: time.Hour}, one("sums"))
			stop := start(t, m)
			time.Sleep(5 * time.Hour)
			synctest.Wait()
			stop()
		}
		head, err := s.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if hobby.Cursor(len(r.seen)) != head {
			t.Fatalf("the consumer saw %d events, the log has %d", len(r.seen), head)
		}
		for i, c := range r.seen {
			if c != hobby.Cursor(i+1) {
				t.Fatalf("the %d-th event it saw is %d", i+1, c)
			}
		}
	})
}

// TestProcessesShareAConsumer has two open stores on one file, as two processes
// have: of a consumer that both run, one of them is given each event, and a
// consumer of a name of its own is given all.
func TestProcessesShareAConsumer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	synctest.Test(t, func(t *testing.T) {
		var shared [2]recorder
		alone := follower{&recorder{}}
		var stops []func()
		var s *sqlite.Store
		for i := range shared {
			var err error
			if s, err = sqlite.Open(t.Context(), path, nil); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			o := &hobby.Options{Interval: time.Minute, IdleThreshold: time.Second, PollEvery: 10 * time.Second,
				Consumers: []hobby.Consumer{&shared[i]}}
			if i == 1 {
				o.Consumers = append(o.Consumers, alone)
			}
			stops = append(stops, start(t, manager(t, s, o, one("sums"))))
			time.Sleep(7 * time.Second) // they practise in turn
		}
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		head, err := s.Head(t.Context())
		if err != nil || head < 60 {
			t.Fatalf("the log has %d events, %v", head, err)
		}
		for _, stop := range stops {
			stop()
		}
		given := map[hobby.Cursor]bool{}
		for i := range shared {
			seen := shared[i].seen
			if len(seen) < int(head)/10 || !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) != len(seen) {
				t.Errorf("of %d events, one was given %d: %v", head, len(seen), seen)
			}
			for _, pos := range seen {
				given[pos] = true
			}
		}
		if len(given) != int(head) {
			t.Errorf("together they were given %d of %d events", len(given), head)
		}
		if len(alone.seen) != int(head) {
			t.Errorf("the consumer of its own was given %d of %d events", len(alone.seen), head)
		}
	})
}

// TestNoGoroutineOutlivesRun looks at the stacks of all goroutines at the moment
// that Run returns.
func TestNoGoroutineOutlivesRun(t *testing.T) {
	s := open(t)
	entered := make(chan struct{}, 1)
	m := manager(t, s, &hobby.Options{
		Interval: time.Millisecond, IdleThreshold: time.Nanosecond, Grace: -1, FlushEvery: time.Millisecond,
		Consumers: []hobby.Consumer{&recorder{}, follower{&recorder{}}},
		Slots: []hobby.Slot{{Name: "always", Schedule: hobby.Every(time.Millisecond), Run: func(ctx context.Context, _ hobby.SlotRun) error {
			return ctx.Err()
		}}},
	}, stuck("sums", entered))
	sub := m.Subscribe(1)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan string, 1)
	go func() {
		err := m.Run(ctx)
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		if err != nil {
			t.Errorf("Run: %v", err)
		}
		done <- string(stacks)
	}()
	<-entered // once a session is in its middle
	cancel()
	for stack := range strings.SplitSeq(<-done, "\n\n") {
		if strings.Contains(stack, "pastime/hobby.") && !strings.Contains(stack, "runtime.Stack") {
			t.Errorf("when Run returned, this was still there:\n%s", stack)
		}
	}
	for range sub.C() { // closed
	}
}

// follower is a recorder of another name.
type follower struct{ *recorder }

func (follower) Name() string { return "follower" }

func TestASlowSubscriberLosesEventsAndCanTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, open(t), &hobby.Options{Disabled: true}, one("sums"))
		stop := start(t, m)
		synctest.Wait()
		slow := m.Subscribe(1, hobby.ActivityFinished)
		fast := m.Subscribe(100)
		for range 5 {
			if _, err := m.RunOnce(t.Context(), "sums"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if got := slow.Dropped(); got != 4 {
			t.Errorf("the slow subscriber lost %d events, want 4", got)
		}
		if got := len(fast.C()); got != 15 || fast.Dropped() != 0 {
			t.Errorf("the fast one has %d events and lost %d, want a start, an item and an end for each of 5", got, fast.Dropped())
		}
		if st, err := m.Status(t.Context()); err != nil || st.Dropped != 4 {
			t.Errorf("status says %d lost, %v", st.Dropped, err)
		}
		stop()
		for range slow.C() { // closed by the end of Run
		}
		slow.Close()
	})
}

// TestAConsumerOfATrimmedLog comes to a store whose oldest events are gone: it gets
// those that are there, and from then on nothing that it lacks is trimmed.
func TestAConsumerOfATrimmedLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		quiet := manager(t, s, nil, one("sums"))
		for range 3 {
			if _, err := quiet.RunOnce(t.Context(), "sums"); err != nil {
				t.Fatal(err)
			}
		}
		head, err := s.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		floor, err := s.Trim(t.Context(), head-2)
		if err != nil || floor != head-2 {
			t.Fatalf("the floor is %d, %v", floor, err)
		}
		c := &recorder{}
		stop := start(t, manager(t, s, &hobby.Options{Disabled: true, Consumers: []hobby.Consumer{c}}, one("sums")))
		synctest.Wait()
		if floor, err = s.Trim(t.Context(), head); err != nil {
			t.Fatal(err)
		}
		stop()
		if len(c.seen) != 2 || c.seen[0] != head-1 || floor != head {
			t.Errorf("it got %v, want the two events up to %d; the floor is %d", c.seen, head, floor)
		}
	})
}
