package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

const programEnv = "QUICKSTART_TEST_IS_THE_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programEnv) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

var session = regexp.MustCompile(`session ended .* status=completed items=[1-9]`)

// TestANewcomerSeesSomething starts the README's program, and waits for its first session that is
// told, with answers. On a quiet machine it comes after two seconds; -v says after how many.
func TestANewcomerSeesSomething(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(ctx, self)
	program.Env = append(os.Environ(), programEnv+"=1")
	program.Dir = t.TempDir()
	said, err := program.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	var all []string
	seen := time.Duration(0)
	for lines := bufio.NewScanner(said); lines.Scan(); {
		all = append(all, lines.Text())
		if seen == 0 && session.MatchString(lines.Text()) {
			seen = time.Since(began)
			if err := stop(program.Process); err != nil {
				t.Error(err)
			}
		}
	}
	err = program.Wait()
	text := strings.Join(all, "\n")
	if strings.Contains(text, "address already in use") {
		t.Skip("another program has the port 8800")
	}
	if seen == 0 {
		t.Fatalf("no session was told: %v\n%s", err, text)
	}
	if err != nil && runtime.GOOS != "windows" {
		t.Errorf("it does not end cleanly: %v\n%s", err, text)
	}
	t.Logf("the first session is told after %.1f s", seen.Seconds())
}

// stop asks a program to end. Windows knows no such signal.
func stop(p *os.Process) error {
	if runtime.GOOS == "windows" {
		return p.Kill()
	}
	return p.Signal(os.Interrupt)
}
