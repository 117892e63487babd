package natsagent_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/natsagent"
	"github.com/pastime-go/pastime/subagent/natsagent/natsserver"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

var hole = flag.Duration("hole", time.Second, "how long the proxy of TestACluster swallows everything")

// healing is within what time work must have resumed.
const healing = 15 * time.Second

// freeAddrs are addresses that nobody listens on.
func freeAddrs(t testing.TB, n int) []string {
	t.Helper()
	var addrs []string
	for range n {
		ln := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		defer ln.Close()
		addrs = append(addrs, ln.Addr().String())
	}
	return addrs
}

// cluster runs three servers in this process, by name.
func cluster(t testing.TB) map[string]*natsserver.Server {
	t.Helper()
	routes := freeAddrs(t, 3)
	servers := map[string]*natsserver.Server{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range routes {
		wg.Go(func() {
			name := fmt.Sprintf("s%d", i)
			s, err := natsserver.Start(&natsserver.Options{
				Dir: t.TempDir(), Addr: "127.0.0.1:0", Name: name, Cluster: "pastime", ClusterAddr: routes[i], Routes: routes,
			})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = s.Close() })
			mu.Lock()
			defer mu.Unlock()
			servers[name] = s
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return servers
}

func urls(servers map[string]*natsserver.Server) string {
	var all []string
	for _, s := range servers {
		all = append(all, s.URL())
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}

func dial(t testing.TB, url, name string) *nats.Conn {
	t.Helper()
	nc := must(nats.Connect(url, natsagent.ConnectOptions(name)...))(t)
	t.Cleanup(nc.Close)
	return nc
}

// proxy passes bytes on to an address, and swallows them while it is a hole:
// what it was given then is lost with its connections.
type proxy struct {
	ln   net.Listener
	to   string
	mu   sync.Mutex
	hole bool
}

func newProxy(t testing.TB, to string) *proxy {
	t.Helper()
	p := &proxy{ln: must(net.Listen("tcp", "127.0.0.1:0"))(t), to: to}
	t.Cleanup(func() { _ = p.ln.Close() })
	go func() {
		for {
			c, err := p.ln.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", p.to)
			if err != nil {
				_ = c.Close()
				continue
			}
			go p.pass(c, up)
			go p.pass(up, c)
		}
	}()
	return p
}

func (p *proxy) set(hole bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hole = hole
}

func (p *proxy) isHole() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hole
}

// pass copies until either end closes. A connection that lost something in a
// hole passes nothing on any more, nor does it close: its ends must notice.
func (p *proxy) pass(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	lost := false
	for {
		n, err := from.Read(buf)
		if lost = lost || p.isHole(); !lost && n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if lost && errors.Is(err, io.EOF) {
				return
			}
			return
		}
	}
}

// flood makes assignments, one after the other as places come free, until it is
// told to stop.
type flood struct {
	c    *subagent.Coordinator
	stop context.CancelFunc
	done chan struct{}

	mu  sync.Mutex
	ids []string
}

func newFlood(t testing.TB, c *subagent.Coordinator) *flood {
	ctx, cancel := context.WithCancel(t.Context())
	f := &flood{c: c, stop: cancel, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			as, err := c.Distribute(ctx, 4)
			if err != nil && ctx.Err() == nil {
				t.Errorf("distributing: %v", err)
				return
			}
			f.mu.Lock()
			for _, a := range as {
				f.ids = append(f.ids, a.ID)
			}
			f.mu.Unlock()
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}()
	return f
}

// end stops and waits until all assignments have ended; it returns them.
func (f *flood) end(t testing.TB) []subagent.Assignment {
	t.Helper()
	f.stop()
	<-f.done
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all []subagent.Assignment
	for _, id := range f.ids {
		a, err := f.c.Wait(ctx, id)
		if err != nil {
			t.Fatalf("assignment %s is %s: %v", id, a.Status, err)
		}
		all = append(all, a)
	}
	return all
}

// resumed waits until a work of an agent that was assigned from now on has been
// integrated; with -chaos it holds that to the time for healing.
func resumed(t testing.TB, c *subagent.Coordinator, agent, after string) {
	t.Helper()
	begin := time.Now()
	for late := time.After(2 * healing); ; {
		changed := c.Changed()
		page, err := c.Assignments(t.Context(), subagent.Filter{Status: subagent.Completed, Agent: agent, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Assignments) > 0 && page.Assignments[0].Assigned.After(begin) {
			t.Logf("%s: work of %q resumed after %v", after, agent, time.Since(begin).Round(10*time.Millisecond))
			break
		}
		select {
		case <-late:
			t.Fatalf("%s: no work of %q within %v", after, agent, 2*healing)
		case <-changed:
		}
	}
	if d := time.Since(begin); *chaos && d > healing {
		t.Errorf("%s: work of %q resumed after %v, want %v", after, agent, d, healing)
	}
}

// total holds the record to the assignments: each completed one is one activity
// with its items, and nothing else was counted.
func total(t testing.TB, store hobby.Store, all []subagent.Assignment, items int) {
	t.Helper()
	want, completed := int64(0), 0
	for _, a := range all {
		sess, err := store.Activity(t.Context(), a.ID)
		switch {
		case a.Status == subagent.Completed && (err != nil || len(sess.Items) != items):
			t.Errorf("%s is completed, with %d items in its activity: %v", a.ID, len(sess.Items), err)
		case a.Status == subagent.Failed && !errors.Is(err, hobby.ErrNotFound):
			t.Errorf("%s failed, and left an activity: %v", a.ID, err)
		case a.Status == subagent.Completed:
			completed++
			want += int64(items)
		}
	}
	tallies, _, err := store.Tallies(t.Context(), hobby.TallyFilter{})
	if err != nil {
		t.Fatal(err)
	}
	got := int64(0)
	for _, tally := range tallies {
		got += tally.Tries
	}
	if got != want {
		t.Errorf("%d answers counted, want %d of %d assignments", got, want, len(all))
	}
	t.Logf("%d of %d assignments completed, %d answers", completed, len(all), got)
	if completed < len(all)*9/10 {
		t.Errorf("%d of %d assignments completed", completed, len(all))
	}
}

// TestACluster works over three servers while the leader dies and a network
// between an agent and its server swallows everything.
func TestACluster(t *testing.T) {
	const items = 3
	servers := cluster(t)
	o := &natsagent.Options{Replicas: 3, Beat: 300 * time.Millisecond, AckWait: 2 * time.Second}
	nc := dial(t, urls(servers), "coordinator")
	tr := must(natsagent.New(t.Context(), nc, o))(t)
	js := must(jetstream.New(nc))(t)
	leader := func() string {
		info := must(must(js.Stream(t.Context(), "PASTIME_ORDERS"))(t).Info(t.Context()))(t)
		return info.Cluster.Leader
	}
	hobbies := []hobby.Hobby{subagenttest.Sums("sums")}
	l, store := newLedger(t)
	c := must(subagent.New(l, hobbies, &subagent.Options{
		Transports: []subagent.Transport{tr}, Items: items, Lease: 2 * time.Second, MaxAttempts: 10, LocalConcurrent: -1,
	}))(t)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	// The leader must not be behind the proxy, since it dies.
	var behind string
	for name := range servers {
		if name != leader() {
			behind = name
		}
	}
	p := newProxy(t, strings.TrimPrefix(servers[behind].URL(), "nats://"))
	for id, url := range map[string]string{"near": urls(servers), "far": "nats://" + p.ln.Addr().String()} {
		w := must(subagent.NewWorker(subagent.Agent{ID: id, Capabilities: []string{"*"}}, subagent.Practise(hobbies, nil)))(t)
		opts := append(natsagent.ConnectOptions(id), nats.IgnoreDiscoveredServers(), nats.PingInterval(time.Second))
		there := must(nats.Connect(url, opts...))(t)
		t.Cleanup(there.Close)
		attach(t, there, w, o)
	}
	await(t, tr, subagent.Agent{ID: "near"}, true)
	await(t, tr, subagent.Agent{ID: "far"}, true)
	f := newFlood(t, c)
	resumed(t, c, "near", "at the beginning")
	resumed(t, c, "far", "at the beginning")
	if err := servers[leader()].Close(); err != nil {
		t.Fatal(err)
	}
	resumed(t, c, "near", "after the leader's death")
	resumed(t, c, "far", "after the leader's death")
	p.set(true)
	swallowed := time.NewTimer(*hole)
	resumed(t, c, "near", "with a hole before the other")
	<-swallowed.C
	p.set(false)
	resumed(t, c, "far", "after the hole")
	total(t, store, f.end(t), items)
}
