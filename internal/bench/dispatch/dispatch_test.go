package dispatch

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/natsagent"
	"github.com/pastime-go/pastime/subagent/natsagent/natsserver"
)

const agents, places = 4, 5

// engine makes one piece of work and returns when its result is stored with its
// activity.
type engine func(ctx context.Context, agent int) error

// BenchmarkResults measures whole results of each engine: work is made, run by a
// handler that does nothing, and its result is stored together with an activity
// in SQLite. Flood has 8 submitters; one at a time gives the latency.
func BenchmarkResults(b *testing.B) {
	for _, e := range []struct {
		name string
		make func(*testing.B) engine
	}{{"inprocess", inProcess}, {"nats", overNATS}, {"river", overRiver(false)}, {"river-tuned", overRiver(true)}} {
		for _, submitters := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/%d", e.name, submitters), func(b *testing.B) { measure(b, e.make(b), submitters) })
		}
	}
}

func measure(b *testing.B, do engine, submitters int) {
	took := make([]time.Duration, b.N)
	next := make(chan int)
	var wg sync.WaitGroup
	b.ResetTimer()
	for s := range submitters {
		wg.Go(func() {
			for i := range next {
				begin := time.Now()
				if err := do(b.Context(), s%agents); err != nil {
					b.Error(err)
				}
				took[i] = time.Since(begin)
			}
		})
	}
	for i := range b.N {
		next <- i
	}
	close(next)
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "results/s")
	slices.Sort(took)
	b.ReportMetric(took[b.N/2].Seconds()*1e3, "p50-ms")
	b.ReportMetric(took[b.N*99/100].Seconds()*1e3, "p99-ms")
}

// void is a hobby that yields nothing.
func void() hobby.Hobby {
	return hobby.Hobby{Kind: "void", Executor: hobby.ExecutorFunc(func(context.Context, hobby.Plan, hobby.Sink) error { return nil })}
}

func must[T any](v T, err error) func(*testing.B) T {
	return func(b *testing.B) T {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
		return v
	}
}

// coordinate runs a coordinator over a store in a file.
func coordinate(b *testing.B, t subagent.Transport) engine {
	store := must(sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "agent.db"), nil))(b)
	ledger := must(subagents.New(b.Context(), store))(b)
	c := must(subagent.New(ledger, []hobby.Hobby{void()}, &subagent.Options{Transports: []subagent.Transport{t}, LocalConcurrent: -1}))(b)
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	for changed := c.Changed(); c.Stats().Registered < agents; changed = c.Changed() {
		<-changed
	}
	return func(ctx context.Context, agent int) error {
		a, err := c.Assign(ctx, fmt.Sprint("agent-", agent), "void", time.Minute)
		if err != nil {
			return err
		}
		if a, err = c.Wait(ctx, a.ID); err == nil && a.Status != subagent.Completed {
			err = fmt.Errorf("%s: %s", a.Status, a.Err)
		}
		return err
	}
}

func worker(b *testing.B, i int) *subagent.Worker {
	return must(subagent.NewWorker(subagent.Agent{ID: fmt.Sprint("agent-", i), Capabilities: []string{"*"}, MaxConcurrent: places},
		func(context.Context, subagent.Order) (subagent.Result, error) { return subagent.Result{}, nil }))(b)
}

func inProcess(b *testing.B) engine {
	t := subagent.NewInProcess()
	for i := range agents {
		t.Connect(worker(b, i))
	}
	return coordinate(b, t)
}

// overNATS has the server in this process, with connections over loopback.
func overNATS(b *testing.B) engine {
	s := must(natsserver.Start(&natsserver.Options{Dir: b.TempDir(), Addr: "127.0.0.1:0"}))(b)
	b.Cleanup(func() { _ = s.Close() })
	connect := func(name string) *nats.Conn {
		nc := must(nats.Connect(s.URL(), natsagent.ConnectOptions(name)...))(b)
		b.Cleanup(nc.Close)
		return nc
	}
	t := must(natsagent.New(b.Context(), connect("coordinator"), nil))(b)
	for i := range agents {
		w := worker(b, i)
		nc := connect(w.Agent().ID)
		ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
		ended := make(chan error, 1)
		go func() { ended <- natsagent.Serve(ctx, nc, w, nil) }()
		b.Cleanup(func() {
			cancel()
			<-ended
		})
	}
	return coordinate(b, t)
}

// job is River's piece of work.
type job struct {
	Agent int `json:"agent"`
}

func (job) Kind() string { return "void" }

// riverWorker stores an activity and completes its job in one transaction.
type riverWorker struct {
	river.WorkerDefaults[job]
	db *sql.DB

	mu      sync.Mutex
	stored  map[int64]bool
	waiting map[int64]chan struct{}
}

// wait returns a channel that is closed once the result of a job is stored.
func (w *riverWorker) wait(id int64) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	done := make(chan struct{})
	if w.stored[id] {
		delete(w.stored, id)
		close(done)
	} else {
		w.waiting[id] = done
	}
	return done
}

func (w *riverWorker) done(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if done := w.waiting[id]; done != nil {
		delete(w.waiting, id)
		close(done)
	} else {
		w.stored[id] = true
	}
}

func (w *riverWorker) Work(ctx context.Context, j *river.Job[job]) error {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "INSERT INTO activity (id, agent, started, body) VALUES (?, ?, ?, ?)", j.ID, j.Args.Agent,
		time.Now().UnixMilli(), `{"status":"completed"}`); err != nil {
		return err
	}
	if _, err := river.JobCompleteTx[*riversqlite.Driver](ctx, tx, j); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	w.done(j.ID)
	return nil
}

// overRiver is River on SQLite with its defaults or, tuned, polling a hundred times
// as often.
func overRiver(tuned bool) func(*testing.B) engine {
	return func(b *testing.B) engine {
		config := &river.Config{Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: agents * places}}}
		if tuned {
			config.FetchCooldown, config.FetchPollInterval = time.Millisecond, 10*time.Millisecond
		}
		return runRiver(b, config)
	}
}

func runRiver(b *testing.B, config *river.Config) engine {
	path := filepath.Join(b.TempDir(), "river.db")
	db := must(sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"+
		"&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate"))(b)
	db.SetMaxOpenConns(1) // as its driver asks for
	b.Cleanup(func() { _ = db.Close() })
	must(db.Exec("CREATE TABLE activity (id INTEGER PRIMARY KEY, agent INTEGER, started INTEGER, body TEXT)"))(b)
	driver := riversqlite.New(db)
	migrator := must(rivermigrate.New(driver, nil))(b)
	must(migrator.Migrate(b.Context(), rivermigrate.DirectionUp, nil))(b)
	workers := river.NewWorkers()
	w := &riverWorker{db: db, stored: map[int64]bool{}, waiting: map[int64]chan struct{}{}}
	river.AddWorker(workers, w)
	config.Workers = workers
	client := must(river.NewClient(driver, config))(b)
	if err := client.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Stop(context.Background()) })
	return func(ctx context.Context, agent int) error {
		r, err := client.Insert(ctx, job{agent}, nil)
		if err != nil {
			return err
		}
		select {
		case <-w.wait(r.Job.ID):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
