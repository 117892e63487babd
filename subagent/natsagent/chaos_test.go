package natsagent_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/natsagent"
	"github.com/pastime-go/pastime/subagent/natsagent/natsserver"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

const (
	roleVar    = "NATSAGENT_TEST_ROLE" // what this process is, when it is not the test
	chaosItems = 3
)

var chaos = flag.Bool("chaos", false, "run TestProcessesAreKilled, with processes of its own")

var chaosOptions = &natsagent.Options{Replicas: 3, Beat: 300 * time.Millisecond, AckWait: 2 * time.Second}

func TestMain(m *testing.M) {
	role := os.Getenv(roleVar)
	if role == "" {
		os.Exit(m.Run())
	}
	if err := play(role, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, role, os.Args[1:], err)
		os.Exit(1)
	}
}

// play is a process of the test: it lasts until its standard input ends.
func play(role string, args []string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	switch role {
	case "server":
		s, err := natsserver.Start(&natsserver.Options{
			Dir: args[0], Name: args[1], Addr: args[2], Cluster: "pastime", ClusterAddr: args[3], Routes: strings.Split(args[4], ","),
		})
		if err != nil {
			return err
		}
		fmt.Println("up")
		<-ctx.Done()
		return s.Close()
	case "agent":
		nc, err := nats.Connect(args[1], natsagent.ConnectOptions(args[0])...)
		if err != nil {
			return err
		}
		defer nc.Close()
		w, err := subagent.NewWorker(subagent.Agent{ID: args[0], Capabilities: []string{"*"}},
			subagent.Practise([]hobby.Hobby{subagenttest.Sums("sums")}, nil))
		if err != nil {
			return err
		}
		return natsagent.Serve(ctx, nc, w, chaosOptions)
	default:
		return coordinate(ctx, args[0], args[1])
	}
}

// coordinate makes assignments and prints each as it is made and as it ends,
// until ctx ends and all that is open has ended.
func coordinate(ctx context.Context, path, url string) error {
	keep := context.WithoutCancel(ctx)
	nc, err := nats.Connect(url, natsagent.ConnectOptions("coordinator")...)
	if err != nil {
		return err
	}
	defer nc.Close()
	tr, err := natsagent.New(keep, nc, chaosOptions)
	if err != nil {
		return err
	}
	store, err := sqlite.Open(keep, path, nil)
	if err != nil {
		return err
	}
	defer store.Close()
	ledger, err := subagents.New(keep, store)
	if err != nil {
		return err
	}
	c, err := subagent.New(ledger, []hobby.Hobby{subagenttest.Sums("sums")}, &subagent.Options{
		Transports: []subagent.Transport{tr}, Items: chaosItems, Lease: 2 * time.Second, MaxAttempts: 10, LocalConcurrent: -1,
	})
	if err != nil {
		return err
	}
	run, stop := context.WithCancel(keep)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(run) }()
	var out sync.Mutex
	say := func(what string, a subagent.Assignment) {
		out.Lock()
		defer out.Unlock()
		fmt.Println(what, a.ID, a.Agent)
	}
	for ctx.Err() == nil {
		changed := c.Changed()
		as, err := c.Distribute(keep, 2)
		if err != nil && !errors.Is(err, hobby.ErrNotRunning) {
			return err
		}
		for _, a := range as {
			say("made", a)
			go func() {
				if a, err := c.Wait(run, a.ID); err == nil {
					say("ended", a)
				}
			}()
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
	for late := time.After(time.Minute); ; {
		changed := c.Changed()
		page, err := c.Assignments(keep, subagent.Filter{Open: true, Limit: 1})
		if err != nil {
			return err
		}
		if len(page.Assignments) == 0 {
			break
		}
		select {
		case <-changed:
		case <-late:
			return fmt.Errorf("assignment %s is still %s", page.Assignments[0].ID, page.Assignments[0].Status)
		}
	}
	stop()
	return <-ended
}

// process is one that the test has started.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	lines chan string // of its standard output
}

func start(t *testing.T, role string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), roleVar+"="+role)
	cmd.Stderr = os.Stderr
	stdin := must(cmd.StdinPipe())(t)
	stdout := must(cmd.StdoutPipe())(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, stdin: stdin, lines: make(chan string, 100_000)}
	go func() {
		for s := bufio.NewScanner(stdout); s.Scan(); {
			p.lines <- s.Text()
		}
		close(p.lines)
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return p
}

// kill is kill -9.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // it was killed
}

// end lets it end in good order.
func (p *process) end(t *testing.T) {
	t.Helper()
	_ = p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestProcessesAreKilled has three servers, two agents and a coordinator, each
// a process of its own, and kills one of each kind in the middle of work.
func TestProcessesAreKilled(t *testing.T) {
	if !*chaos {
		t.Skip("needs -chaos")
	}
	dir := t.TempDir()
	routes, clients := freeAddrs(t, 3), freeAddrs(t, 3)
	var servers []*process
	for i := range 3 {
		servers = append(servers, start(t, "server", filepath.Join(dir, fmt.Sprint("s", i)), fmt.Sprint("s", i), clients[i], routes[i],
			strings.Join(routes, ",")))
	}
	url := "nats://" + strings.Join(clients, ",nats://")
	late := time.After(30 * time.Second)
	for i, s := range servers {
		select {
		case <-s.lines: // it is up
		case <-late:
			t.Fatalf("server %d is not up", i)
		}
	}
	db := filepath.Join(dir, "agent.db")
	made := map[string]bool{}
	var c *process
	// until reads what the coordinator prints until an agent has ended n
	// assignments from now on; n 0 reads all there is.
	until := func(what, agent string, n int) {
		t.Helper()
		begin, seen := time.Now(), 0
		for late := time.After(time.Minute); n == 0 || seen < n; {
			select {
			case line, ok := <-c.lines:
				f := strings.Fields(line)
				switch {
				case !ok && n == 0:
					return
				case !ok:
					t.Fatalf("%s: the coordinator is gone", what)
				case f[0] == "made":
					made[f[1]] = true
				case len(f) > 2 && f[2] == agent:
					seen++
				}
			case <-late:
				t.Fatalf("%s: %d assignments of %s ended, want %d", what, seen, agent, n)
			}
		}
		t.Logf("%s: %d assignments of %s after %v", what, n, agent, time.Since(begin).Round(10*time.Millisecond))
	}
	c = start(t, "coordinator", db, url)
	agents := map[string]*process{"one": start(t, "agent", "one", url), "two": start(t, "agent", "two", url)}
	until("at the beginning", "one", 10)
	until("at the beginning", "two", 10)

	agents["one"].kill(t)
	until("with one agent killed", "two", 10)
	agents["one"] = start(t, "agent", "one", url)
	until("the agent is back", "one", 10)

	c.kill(t)
	until("what it printed last", "", 0)
	c = start(t, "coordinator", db, url)
	until("the coordinator is back", "two", 10)

	servers[0].kill(t)
	until("with one server killed", "one", 10)
	until("with one server killed", "two", 10)

	_ = c.stdin.Close()
	until("the rest", "", 0)
	if err := c.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, a := range agents {
		a.end(t)
	}
	store := must(sqlite.Open(t.Context(), db, nil))(t)
	defer store.Close()
	ledger := must(subagents.New(t.Context(), store))(t)
	var all []subagent.Assignment
	for f := (subagent.Filter{Limit: 1000}); ; {
		page, err := ledger.Assignments(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.Assignments {
			if !a.Status.Final() {
				t.Errorf("%s is %s", a.ID, a.Status)
			}
			delete(made, a.ID)
			all = append(all, a)
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			break
		}
	}
	for id := range made {
		t.Errorf("%s was made, and is lost", id)
	}
	total(t, store, all, chaosItems)
}
