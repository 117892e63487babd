package subagent_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
)

func newWorker(t *testing.T, most int, h subagent.Handler) *subagent.Worker {
	t.Helper()
	w, err := subagent.NewWorker(subagent.Agent{ID: "w", Capabilities: []string{"*"}, MaxConcurrent: most}, h)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func order(id string, attempt int64) subagent.Order {
	return subagent.Order{
		Assignment: id, Attempt: attempt, Agent: "w", Plan: hobby.Plan{Kind: hobby.SkillPractice},
		Timeout: time.Minute, Lease: 30 * time.Second,
	}
}

// reports collects what a worker says.
type reports struct {
	mu  sync.Mutex
	all []subagent.Report
}

func (r *reports) add(rep subagent.Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, rep)
}

func (r *reports) events() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, rep := range r.all {
		names = append(names, string(rep.Event))
	}
	return strings.Join(names, " ")
}

func (r *reports) last() subagent.Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[len(r.all)-1]
}

func TestAWorkerGivesSignsOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorker(t, 1, func(ctx context.Context, _ subagent.Order) (subagent.Result, error) {
			time.Sleep(25 * time.Second)
			return subagent.Result{Model: "m"}, nil
		})
		var got reports
		w.Do(t.Context(), order("a", 1), got.add)
		if got.events() != "started alive alive done" {
			t.Errorf("reports: %s", got.events())
		}
		if r := got.last().Result; r.Model != "m" || r.Err != "" || r.Ended.Sub(r.Started) != 25*time.Second {
			t.Errorf("result %+v", r)
		}
	})
}

func TestAWorkerEndsWhatTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorker(t, 1, func(ctx context.Context, _ subagent.Order) (subagent.Result, error) {
			<-ctx.Done()
			return subagent.Result{}, ctx.Err()
		})
		var got reports
		w.Do(t.Context(), order("a", 1), got.add)
		if r := got.last(); r.Event != subagent.Done || r.Result.Err != subagent.ErrTimeout.Error() {
			t.Errorf("%+v", r)
		}
	})
}

func TestAWorkerTakesOnlyWhatItShould(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		causes := map[int64]error{}
		cause := func(attempt int64) error {
			mu.Lock()
			defer mu.Unlock()
			return causes[attempt]
		}
		w := newWorker(t, 2, func(ctx context.Context, o subagent.Order) (subagent.Result, error) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			<-ctx.Done()
			time.Sleep(time.Second) // it takes its time to end
			mu.Lock()
			defer mu.Unlock()
			now--
			causes[o.Attempt] = context.Cause(ctx)
			return subagent.Result{}, ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		var a, b, again, third, later, other reports
		var wg sync.WaitGroup
		do := func(o subagent.Order, r *reports) {
			wg.Go(func() { w.Do(ctx, o, r.add) })
			synctest.Wait()
		}
		do(order("a", 1), &a)
		do(order("b", 1), &b)
		do(order("a", 1), &again)
		do(order("c", 1), &third)
		o := order("c", 1)
		o.Agent = "somebody-else"
		do(o, &other)
		do(order("a", 2), &later)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if w.Running() != 2 {
			t.Errorf("%d run", w.Running())
		}
		for _, c := range []struct {
			got  *reports
			want string
		}{{&a, "started done"}, {&b, "started"}, {&again, ""}, {&third, "refused"}, {&other, "refused"}, {&later, "started"}} {
			if c.got.events() != c.want {
				t.Errorf("reports %q, want %q", c.got.events(), c.want)
			}
		}
		if !errors.Is(cause(1), subagent.ErrSuperseded) {
			t.Errorf("attempt 1 ended by %v", cause(1))
		}
		w.Cancel("a", 1) // not the one that runs
		w.Cancel("a", 2)
		time.Sleep(2 * time.Second)
		if !errors.Is(cause(2), subagent.ErrCancelled) {
			t.Errorf("attempt 2 ended by %v", cause(2))
		}
		cancel()
		wg.Wait()
		if most != 2 || w.Running() != 0 {
			t.Errorf("%d ran together, %d are left; may be 2 and 0", most, w.Running())
		}
	})
}

func TestAWorkersPanicIsAResult(t *testing.T) {
	w := newWorker(t, 1, func(context.Context, subagent.Order) (subagent.Result, error) { panic("no") })
	var got reports
	w.Do(t.Context(), order("a", 1), got.add)
	if r := got.last(); r.Event != subagent.Done || !strings.Contains(r.Result.Err, "panic in practice: no") {
		t.Errorf("%+v", r)
	}
}

func TestInProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := subagent.NewInProcess()
		w := newWorker(t, 1, func(ctx context.Context, _ subagent.Order) (subagent.Result, error) { return subagent.Result{}, nil })
		disconnect := tr.Connect(w)
		ctx, cancel := context.WithCancel(t.Context())
		var got reports
		ended := make(chan error)
		go func() {
			ended <- tr.Receive(ctx, func(_ context.Context, r subagent.Report) error { got.add(r); return nil })
		}()
		synctest.Wait()
		if ok, err := tr.Reaches(w.Agent()); !ok || err != nil {
			t.Errorf("reaches: %v %v", ok, err)
		}
		if err := tr.Send(ctx, w.Agent(), order("a", 1)); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		disconnect()
		if err := tr.Send(ctx, w.Agent(), order("a", 2)); !errors.Is(err, subagent.ErrUnreachable) {
			t.Errorf("sending to nobody: %v", err)
		}
		if got.events() != "present started done gone" {
			t.Errorf("reports: %s", got.events())
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	})
}
