package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite"
)

// committerFile, when set in the environment, makes this program commit to that
// file instead of testing.
const committerFile = "SQLITE_TEST_COMMITTER_FILE"

// backupFile makes it back that file up, without an end.
const backupFile = "SQLITE_TEST_BACKUP_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(committerFile); path != "" {
		if err := commitTo(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if path := os.Getenv(backupFile); path != "" {
		s, err := sqlite.Open(context.Background(), path, nil)
		if err == nil {
			err = s.Backup(context.Background(), endless{})
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if histories.dir != "" {
		if err := os.RemoveAll(histories.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// endless says that something is written to it, and never returns.
type endless struct{}

func (endless) Write([]byte) (int, error) {
	fmt.Println("writing")
	_, err := os.Stdin.Read(make([]byte, 1))
	return 0, err
}

// TestKilledBackup kills a process that makes a backup: the copy goes when a store is opened.
func TestKilledBackup(t *testing.T) {
	temp, dir := t.TempDir(), t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(cmd.Environ(), backupFile+"="+filepath.Join(dir, "agent.db"), "TMPDIR="+temp, "TMP="+temp, "TEMP="+temp)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "writing\n" {
		t.Fatalf("the process says %q, %v", line, err)
	}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temp)
	}
	copies := func() int {
		t.Helper()
		entries, err := os.ReadDir(temp)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			long := time.Now().Add(-time.Hour)
			if err := os.Chtimes(filepath.Join(temp, e.Name()), long, long); err != nil {
				t.Fatal(err)
			}
		}
		return len(entries)
	}
	if n := copies(); n != 1 {
		t.Errorf("%d folders while it is written, want 1", n)
	}
	closeStore(t, open(t, ":memory:", nil))
	if n := copies(); n != 1 {
		t.Errorf("%d folders after a store was opened beside it, want 1", n)
	}
	_ = cmd.Process.Kill()
	if err := cmd.Wait(); err == nil {
		t.Error("it was not killed")
	}
	closeStore(t, open(t, ":memory:", nil))
	if n := copies(); n != 0 {
		t.Errorf("%d folders are left", n)
	}
}

const committed = 100 // sessions of one process

func commitTo(path string) error {
	s, err := sqlite.Open(context.Background(), path, &sqlite.Options{BusyTimeout: time.Minute})
	if err != nil {
		return err
	}
	_, err = hobbytest.CommitSessions(context.Background(), s, 4, committed)
	return errors.Join(err, s.Close())
}

// TestSeveralProcesses has four processes commit to one file at once.
func TestSeveralProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	var cmds []*exec.Cmd
	for range 3 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), committerFile+"="+path)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	if err := commitTo(path); err != nil {
		t.Error(err)
	}
	for _, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	s := open(t, path, nil)
	defer closeStore(t, s)
	audit(t, s, 4*committed)
	if running, err := s.List(t.Context(), hobby.Filter{Status: hobby.Running}); err != nil || len(running.Activities) > 0 {
		t.Errorf("%d activities are running, %v", len(running.Activities), err)
	}
}
