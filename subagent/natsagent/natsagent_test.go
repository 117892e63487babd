package natsagent_test

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/natsagent"
	"github.com/pastime-go/pastime/subagent/natsagent/natsserver"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

// quick makes what waits for silence wait less.
var quick = &natsagent.Options{Beat: 200 * time.Millisecond, AckWait: time.Second}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newLedger(t testing.TB) (subagent.Ledger, hobby.Store) {
	t.Helper()
	store := must(sqlite.Open(t.Context(), ":memory:", nil))(t)
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return must(subagents.New(t.Context(), store))(t), store
}

func serve(t testing.TB, o natsserver.Options) *natsserver.Server {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s := must(natsserver.Start(&o))(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func connect(t testing.TB, s *natsserver.Server, name string, o ...nats.Option) *nats.Conn {
	t.Helper()
	nc := must(s.Connect(append(natsagent.ConnectOptions(name), o...)...))(t)
	t.Cleanup(nc.Close)
	return nc
}

// attach runs an agent's side until the test ends or it is called.
func attach(t testing.TB, nc *nats.Conn, w *subagent.Worker, o *natsagent.Options) (detach func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- natsagent.Serve(ctx, nc, w, o) }()
	detach = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve ended with %v", err)
		}
	})
	t.Cleanup(detach)
	return detach
}

// await waits until the transport sees an agent, or does not any more.
func await(t testing.TB, tr subagent.Transport, a subagent.Agent, want bool) {
	t.Helper()
	for late := time.After(30 * time.Second); ; {
		if ok, err := tr.Reaches(a); ok == want && err == nil {
			return
		}
		select {
		case <-late:
			t.Fatalf("agent %s: reached is not %v", a.ID, want)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestTransport(t *testing.T) {
	subagenttest.TestTransport(t, newLedger, func(t testing.TB) subagenttest.Harness {
		s := serve(t, natsserver.Options{})
		tr := must(natsagent.New(t.Context(), connect(t, s, "coordinator"), quick))(t)
		t.Cleanup(func() {
			if err := tr.Close(); err != nil {
				t.Error(err)
			}
		})
		return subagenttest.Harness{
			Transport: tr,
			Connect: func(t testing.TB, w *subagent.Worker) (subagent.Agent, bool, func()) {
				detach := attach(t, connect(t, s, w.Agent().ID), w, quick)
				await(t, tr, w.Agent(), true)
				return w.Agent(), true, detach
			},
		}
	})
}

func idle(t testing.TB, id string) *subagent.Worker {
	t.Helper()
	return must(subagent.NewWorker(subagent.Agent{ID: id, Capabilities: []string{"*"}},
		func(context.Context, subagent.Order) (subagent.Result, error) {
			return subagent.Result{}, nil
		}))(t)
}

// TestAnAgentIsReachedBeforeItsFirstSign asks in the moment in which Receive listens and has
// heard of nobody yet.
func TestAnAgentIsReachedBeforeItsFirstSign(t *testing.T) {
	s := serve(t, natsserver.Options{})
	tr := must(natsagent.New(t.Context(), connect(t, s, "coordinator"), quick))(t)
	w := idle(t, "early")
	attach(t, connect(t, s, "early"), w, quick)
	await(t, tr, w.Agent(), true)
	tr.BeginListening()
	for id, want := range map[string]bool{"early": true, "nobody": false} {
		if ok, err := tr.Reaches(subagent.Agent{ID: id}); ok != want || err != nil {
			t.Errorf("%s is reached: %v (%v), want %v", id, ok, err, want)
		}
	}
	if err := tr.Close(); err != nil {
		t.Error(err)
	}
}

// TestAnAgentThatVanishesIsGone has one leave in good order, and one whose
// connection is cut: its entry goes by itself.
func TestAnAgentThatVanishesIsGone(t *testing.T) {
	s := serve(t, natsserver.Options{})
	tr := must(natsagent.New(t.Context(), connect(t, s, "coordinator"), quick))(t)
	events := make(chan subagent.Report, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- tr.Receive(ctx, func(_ context.Context, r subagent.Report) error {
			events <- r
			return nil
		})
	}()
	defer func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}()
	expect := func(e subagent.Event, id string) {
		t.Helper()
		for late := time.After(30 * time.Second); ; {
			select {
			case r := <-events:
				if r.Event == e && r.Agent == id {
					return
				}
			case <-late:
				t.Fatalf("no %s of %s", e, id)
			}
		}
	}
	leave := attach(t, connect(t, s, "polite.1"), idle(t, "polite.1"), quick)
	expect(subagent.Present, "polite.1")
	leave()
	expect(subagent.Gone, "polite.1")
	nc := connect(t, s, "cut")
	go func() { _ = natsagent.Serve(context.WithoutCancel(t.Context()), nc, idle(t, "cut"), quick) }()
	expect(subagent.Present, "cut")
	nc.Close()
	expect(subagent.Gone, "cut")
}

// TestPermissions gives an agent a user of its own and has it try what it may
// not.
func TestPermissions(t *testing.T) {
	publish, subscribe := natsagent.Permissions("", "a.1")
	s := serve(t, natsserver.Options{Configure: func(o *server.Options) error {
		o.Users = []*server.User{
			{Username: "coordinator", Password: "c"},
			{Username: "a.1", Password: "a", Permissions: &server.Permissions{
				Publish: &server.SubjectPermission{Allow: publish}, Subscribe: &server.SubjectPermission{Allow: subscribe},
			}},
		}
		return nil
	}})
	tr := must(natsagent.New(t.Context(), connect(t, s, "coordinator", nats.UserInfo("coordinator", "c")), quick))(t)
	refused := make(chan error, 100)
	nc := connect(t, s, "a.1", nats.UserInfo("a.1", "a"),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	ran := make(chan string, 10)
	w := must(subagent.NewWorker(subagent.Agent{ID: "a.1", Capabilities: []string{"*"}},
		func(_ context.Context, o subagent.Order) (subagent.Result, error) {
			ran <- o.Assignment
			return subagent.Result{}, nil
		}))(t)
	attach(t, nc, w, quick)
	await(t, tr, w.Agent(), true)
	order := subagent.Order{Assignment: "x", Attempt: 1, Agent: "a.1", Plan: hobby.Plan{Kind: "sums"}, Timeout: time.Minute,
		Lease: time.Minute}
	if err := tr.Send(t.Context(), w.Agent(), order); err != nil {
		t.Fatal(err)
	}
	if got := <-ran; got != "x" {
		t.Errorf("ran %s", got)
	}
	select {
	case err := <-refused:
		t.Errorf("its own work was refused: %v", err)
	default:
	}
	report, _ := json.Marshal(subagent.Report{Event: subagent.Alive})
	for _, subject := range []string{"pastime.live.b", "pastime.report.b", "pastime.order.b.sums",
		"$JS.API.CONSUMER.CREATE.PASTIME_ORDERS.b.pastime.order.b.>"} {
		if err := nc.Publish(subject, report); err != nil {
			t.Fatal(err)
		}
		if err := <-refused; !strings.Contains(strings.ToLower(err.Error()), "permissions violation") || !strings.Contains(err.Error(), subject) {
			t.Errorf("speaking for another on %s: %v", subject, err)
		}
	}
	for _, subject := range []string{"pastime.>", "_INBOX_b.>", ">"} {
		if _, err := nc.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		if err := <-refused; !strings.Contains(strings.ToLower(err.Error()), "permissions violation") {
			t.Errorf("listening to others on %s: %v", subject, err)
		}
	}
}

func TestOptions(t *testing.T) {
	for field, o := range map[string]natsagent.Options{
		"Prefix": {Prefix: "a.b"}, "Replicas": {Replicas: 6}, "Beat": {Beat: time.Millisecond}, "AckWait": {AckWait: time.Millisecond},
	} {
		if _, err := natsagent.New(t.Context(), nil, &o); !errors.Is(err, hobby.ErrInvalid) || !strings.Contains(err.Error(), "Options."+field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := natsserver.Start(nil); err == nil {
		t.Error("a server without a directory")
	}
	for _, addr := range []string{"nowhere", "127.0.0.1:x", "127.0.0.1:70000"} {
		if _, err := natsserver.Start(&natsserver.Options{Dir: t.TempDir(), Addr: addr}); err == nil {
			t.Errorf("a server at %q", addr)
		}
	}
}

// TestATokenIsAsked keeps out who does not know the server's token.
func TestATokenIsAsked(t *testing.T) {
	s := serve(t, natsserver.Options{Addr: "127.0.0.1:0", Token: "secret"})
	if nc, err := nats.Connect(s.URL()); err == nil {
		nc.Close()
		t.Error("a client without the token was let in")
	}
	nc := must(nats.Connect(s.URL(), nats.Token("secret")))(t)
	nc.Close()
	connect(t, s, "inside")
}

// FuzzReports puts any bytes on the subjects of an agent: nothing panics, and
// only what is a report of that agent comes through.
func FuzzReports(f *testing.F) {
	for _, e := range []subagent.Event{subagent.Started, subagent.Done, subagent.Present, "nonsense"} {
		data, _ := json.Marshal(subagent.Report{Event: e, Agent: "somebody-else", Assignment: "a", Attempt: 1, Result: &subagent.Result{}})
		f.Add(data)
	}
	f.Add([]byte("{"))
	f.Add([]byte(`{"event":"done","result":{"items":[{}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := natsagent.Decode("pastime.report.a=1", data)
		if err != nil {
			return
		}
		if r.Agent != "a.1" || r.Self != nil && r.Self.ID != "a.1" || (r.Event == subagent.Present) != (r.Self != nil) {
			t.Errorf("%q came through as %+v", data, r)
		}
	})
}

// TestHostileReport decodes a report of as many empty insights as fit in the
// largest message.
func TestHostileReport(t *testing.T) {
	data := []byte(`{"event":"done","result":{"insights":[{}` + strings.Repeat(",{}", 8<<20) + `]}}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := natsagent.Decode("pastime.report.a=1", data)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, hobby.ErrInvalid) || took > 1<<20 {
		t.Errorf("%d MiB were allocated for %d MiB: %v", took>>20, len(data)>>20, err)
	}
}
