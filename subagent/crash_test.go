package subagent_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

var crashes = flag.Int("crashes", 5, "how often TestKill kills a coordinator")

// The environment that makes this program the coordinator which TestKill
// kills: its directory, its agents' addresses, and whether it makes new
// assignments or ends what is open.
const (
	crashDir    = "SUBAGENT_TEST_CRASH_DIR"
	crashAgents = "SUBAGENT_TEST_CRASH_AGENTS"
	crashFinish = "SUBAGENT_TEST_CRASH_FINISH"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := coordinateUntilKilled(dir, strings.Fields(os.Getenv(crashAgents)), os.Getenv(crashFinish) != ""); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const crashItems = 3

// coordinateUntilKilled makes assignments as fast as the agents take them, and
// tells on standard output each id that was acknowledged; with finish it makes
// none and returns once none is open.
func coordinateUntilKilled(dir string, agents []string, finish bool) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		return err
	}
	l, err := subagents.New(ctx, store)
	if err != nil {
		return err
	}
	tr := subagent.NewHTTP(nil)
	for _, a := range agents {
		if err := tr.Allow(a, secret); err != nil {
			return err
		}
	}
	c, err := subagent.New(l, []hobby.Hobby{subagenttest.Sums("sums"), subagenttest.Sums("more")}, &subagent.Options{
		Transports: []subagent.Transport{tr}, Items: crashItems, Lease: 300 * time.Millisecond,
	})
	if err != nil {
		return err
	}
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	<-c.Ready()
	for i, a := range agents {
		if _, err := c.Register(ctx, subagent.Agent{ID: fmt.Sprint("agent-", i), Capabilities: []string{"*"}, Endpoint: a}); err != nil {
			return err
		}
	}
	for {
		changed := c.Changed()
		if finish && c.Stats().Active == 0 {
			break
		}
		if !finish {
			as, err := c.Distribute(ctx, 3)
			if err != nil {
				return err
			}
			for _, a := range as {
				fmt.Println(a.ID)
			}
		}
		<-changed
	}
	cancel()
	return errors.Join(<-ran, tr.Close(), store.Close())
}

// TestKill kills a coordinator with SIGKILL again and again while agents of
// another process work for it. In the end every assignment that was
// acknowledged has ended, and every answer counts once.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	practise := subagent.Practise([]hobby.Hobby{subagenttest.Sums("sums"), subagenttest.Sums("more")}, nil)
	var addresses []string
	for i := range 2 {
		w, err := subagent.NewWorker(subagent.Agent{ID: fmt.Sprint("agent-", i), Capabilities: []string{"*"}},
			func(ctx context.Context, o subagent.Order) (subagent.Result, error) {
				select { // the work
				case <-time.After(time.Duration(o.Plan.Seed%30) * time.Millisecond):
				case <-ctx.Done():
				}
				return practise(ctx, o)
			})
		if err != nil {
			t.Fatal(err)
		}
		h, err := subagent.AgentHandler(w, secret)
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(h)
		defer srv.Close()
		addresses = append(addresses, srv.URL)
	}
	run := func(finish string) (*exec.Cmd, io.ReadCloser) {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), crashDir+"="+dir, crashAgents+"="+strings.Join(addresses, " "), crashFinish+"="+finish)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, out
	}
	acknowledged := map[string]bool{}
	for range *crashes {
		cmd, out := run("")
		lines := bufio.NewScanner(out)
		for n := 5 + rand.IntN(30); lines.Scan(); n-- {
			acknowledged[lines.Text()] = true
			if n == 0 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() == 1 {
			t.Fatalf("the coordinator ended by itself: %v", err)
		}
	}
	cmd, _ := run("yes")
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	auditCrash(t, dir, acknowledged)
}

// auditCrash adds up what killed coordinators have left.
func auditCrash(t *testing.T, dir string, acknowledged map[string]bool) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	l, err := subagents.New(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	completed, retried, here := 0, 0, 0
	for f := (subagent.Filter{Limit: 1000}); ; {
		page, err := l.Assignments(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.Assignments {
			delete(acknowledged, a.ID)
			if a.Status != subagent.Completed || a.Outcome.Items != crashItems || a.Outcome.Passes != crashItems {
				t.Errorf("%+v, %+v", a, a.Outcome)
			}
			completed++
			if a.Attempt > 1 {
				retried++
			}
			if a.Executor == subagent.Local {
				here++
			}
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			break
		}
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d acknowledged assignments are lost: %v", len(acknowledged), acknowledged)
	}
	activities, err := hobbytest.Audit(t.Context(), store)
	if err != nil {
		t.Error(err)
	}
	answers := 0
	for _, a := range activities {
		answers += a.Items
	}
	if len(activities) != completed || answers != completed*crashItems {
		t.Errorf("%d assignments, %d activities with %d answers", completed, len(activities), answers)
	}
	t.Logf("%d kills, %d assignments, %d of them tried again, %d done here", *crashes, completed, retried, here)
}
