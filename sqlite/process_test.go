package sqlite_test

import (
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

func TestMain(m *testing.M) {
	if path := os.Getenv(committerFile); path != "" {
		if err := commitTo(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if histories.dir != "" {
		if err := os.RemoveAll(histories.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
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
