package hobby_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// processes are what this program does instead of testing when it is started
// by startProcess, in the directory of a store.
var processes = map[string]func(dir string) error{
	"practise": practiseUntilKilled,
	"slot":     runASlotEachSecond,
}

const processEnv, processDir = "HOBBY_TEST_PROCESS", "HOBBY_TEST_DIR"

func TestMain(m *testing.M) {
	run, ok := processes[os.Getenv(processEnv)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := run(os.Getenv(processDir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// startProcess starts one of processes; it ends with the test at the latest.
func startProcess(t *testing.T, name, dir string) (cmd *exec.Cmd, out io.Reader) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), processEnv+"="+name, processDir+"="+dir)
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

// runASlotEachSecond prints the due time of each run, and runs until it is
// killed.
func runASlotEachSecond(dir string) error {
	s, err := sqlite.Open(context.Background(), filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		return err
	}
	m, err := hobby.New(s, []hobby.Hobby{one("sums")}, &hobby.Options{Disabled: true, PollEvery: time.Hour, Slots: []hobby.Slot{{
		Name: "each second", Schedule: hobby.Every(time.Second),
		Run: func(_ context.Context, r hobby.SlotRun) error {
			_, err := fmt.Println(r.Due.Unix())
			return err
		},
	}}})
	if err != nil {
		return err
	}
	return m.Run(context.Background())
}

// TestThreeProcesses has three processes on one file, each of which would run
// the same slot, and kills two of them on the way: every due time has one run,
// and one more only where the process died before it could settle the first.
func TestThreeProcesses(t *testing.T) {
	dir := t.TempDir()
	type run struct{ process, due int64 }
	runs := make(chan run)
	var cmds []*exec.Cmd
	for i := range 3 {
		cmd, out := startProcess(t, "slot", dir)
		cmds = append(cmds, cmd)
		go func() {
			for lines := bufio.NewScanner(out); lines.Scan(); {
				r := run{process: int64(i)}
				if _, err := fmt.Sscan(lines.Text(), &r.due); err != nil {
					t.Errorf("a process printed %q", lines.Text())
				}
				select {
				case runs <- r:
				case <-t.Context().Done():
					return
				}
			}
		}()
	}
	var last run
	killed := map[int64]bool{}
	for n := range 5 {
		r := <-runs
		if r.due < last.due || r.due == last.due && !killed[last.process] {
			t.Errorf("process %d ran the slot for %d after process %d had for %d", r.process, r.due, last.process, last.due)
		}
		last = r
		if n%2 == 1 { // the one that ran the slot just now
			killed[r.process] = true
			_ = cmds[r.process].Process.Kill()
			_ = cmds[r.process].Wait()
		}
	}
	for i, cmd := range cmds {
		if !killed[int64(i)] {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	if len(killed) != 2 {
		t.Errorf("%d processes were killed, want 2", len(killed))
	}
}
