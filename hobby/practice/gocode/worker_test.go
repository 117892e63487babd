package gocode

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/child/childtest"
)

var largest = flag.String("largest", "", "the `folder` of a large package, for TestTouchEndsTheLargest")

// TestMain lets this program be a worker, as a host's main does.
func TestMain(m *testing.M) {
	Worker()
	os.Exit(m.Run())
}

// tree writes files into a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// bounds are those that a worker has unless a host gives others.
func bounds(dir, folder string) order { return order{dir, folder, 2 << 30, 10 * time.Minute} }

// slow is a package whose import keeps the compiler busy for minutes.
func slow(t *testing.T) string {
	return tree(t, map[string]string{
		"go.mod": "module example.com/slow\n\ngo 1.26\n", "a/a.go": "package a\n\nimport _ \"example.com/slow/b\"\n",
		"b/b.go": "package b\n\ntype t struct{ a *t }\n\nfunc f(x *t) *t { return x" + strings.Repeat(".a", 95_000) + " }\n",
	})
}

// await asks again and again until there is an answer.
func await(t *testing.T, what string, most time.Duration, there func() bool) {
	t.Helper()
	late := time.After(most)
	for !there() {
		select {
		case <-late:
			t.Fatalf("%s: not within %v", what, most)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestAWorkerFindsTheSame compares a worker with the analysis in this process.
func TestAWorkerFindsTheSame(t *testing.T) {
	dir := tree(t, map[string]string{
		"go.mod": "module example.com/w\n\ngo 1.26\n",
		"a.go":   "package w\n\nimport \"fmt\"\n\nfunc f() { fmt.Printf(\"%d\", \"\\xff\"); g() }\n\nfunc g() { fmt.Printf(\"%z\\xfe\", 1) }\n",
		"c.go":   "package w\n\nimport \"C\"\n", "bad/a.go": "package bad\n\nvar x int = \"y\"\n",
	})
	for _, folder := range []string{".", "bad", "none"} {
		here, errHere := inspect(t.Context(), dir, folder, func(string) {})
		var at []string
		apart, errApart := inspectApart(t.Context(), bounds(dir, folder), func(s string) { at = append(at, s) })
		if d := cmp.Diff(here, apart); d != "" {
			t.Errorf("%s (-in this process +in a worker):\n%s", folder, d)
		}
		if fmt.Sprint(errHere) != fmt.Sprint(errApart) {
			t.Errorf("%s: %v in this process, %v in a worker", folder, errHere, errApart)
		}
		if folder == "." && (len(here) < 4 || len(at) < len(analyzers())) {
			t.Errorf("%d findings; it was at %q", len(here), at)
		}
	}
}

// TestAVariableMakesNoWorker starts this program with the variable that workers have, as
// somebody else may have set it. It does what it was started for.
func TestAVariableMakesNoWorker(t *testing.T) {
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.list", "^TestAVariableMakesNoWorker$")
	c.Env = append(os.Environ(), workerVariable+"="+workerVersion)
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), t.Name()) {
		t.Errorf("it says %q, %v; want the name of this test", out, err)
	}
}

// TestBounds has a worker that may use less than it needs: it ends, says why, and the next
// session takes another folder.
func TestBounds(t *testing.T) {
	dir := slow(t)
	for want, o := range map[string]order{
		"its analysis needs more than 30 MiB of memory": {dir, "a", 30 << 20, time.Minute},
		"its analysis takes longer than 100ms":          {dir, "a", 2 << 30, 100 * time.Millisecond},
	} {
		found, err := inspectApart(t.Context(), o, func(string) {})
		if err == nil || err.Error() != want || len(found) > 0 {
			t.Errorf("%d findings, and %v; want %q", len(found), err, want)
		}
	}
}

// TestNothingIsLeft ends analyses while the compiler works on a hostile file: by their
// context, and by the death of the worker.
func TestNothingIsLeft(t *testing.T) {
	if !childtest.Tells() {
		t.Skip("this system does not tell which processes there are")
	}
	dir := slow(t)
	for name, kill := range map[string]bool{"the session ends": false, "the worker is killed": true} {
		t.Run(name, func(t *testing.T) {
			mark := fmt.Sprintf("PASTIME_TEST_MARK=%d", rand.Uint64())
			t.Setenv("PASTIME_TEST_MARK", strings.TrimPrefix(mark, "PASTIME_TEST_MARK="))
			ctx, cancel := context.WithCancelCause(t.Context())
			var at string
			ended := make(chan error, 1)
			go func() {
				_, err := inspectApart(ctx, bounds(dir, "b"), func(s string) { at = s })
				ended <- err
			}()
			await(t, "the compiler runs", time.Minute, func() bool {
				return slices.Contains(childtest.Names(childtest.Carrying(mark)), "compile")
			})
			began := time.Now()
			if kill {
				for _, pid := range childtest.Carrying(mark) {
					if text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); strings.Contains(string(text), "(code analysis)") {
						p, err := os.FindProcess(pid)
						if err := errors.Join(err, p.Signal(syscall.SIGKILL)); err != nil {
							t.Fatal(err)
						}
					}
				}
			} else {
				cancel(hobby.ErrUserReturned)
			}
			err := <-ended
			took := time.Since(began)
			if !kill && !errors.Is(err, hobby.ErrUserReturned) || kill && (err == nil || err.Error() != "its analysis ended early") {
				t.Errorf("it ended with %v", err)
			}
			if took > 2*time.Second { // 100 ms on a machine that is not crowded
				t.Errorf("it ended after %v", took)
			}
			await(t, "nothing is left", 5*time.Second, func() bool { return len(childtest.Carrying(mark)) == 0 })
			t.Logf("ended after %v, %s", took, at)
			cancel(nil)
		})
	}
}

// TestTouchEndsTheLargest ends the analysis of a large package at 20 moments.
func TestTouchEndsTheLargest(t *testing.T) {
	if *largest == "" {
		t.Skip("needs -largest DIR, such as the folder of modernc.org/libc in the module cache")
	}
	began := time.Now()
	found, err := inspectApart(t.Context(), bounds(*largest, "."), func(string) {})
	whole := time.Since(began)
	t.Logf("the whole takes %v: %d findings, %v", whole, len(found), err)
	var worst time.Duration
	for range 20 {
		ctx, cancel := context.WithCancelCause(t.Context())
		var touched time.Time
		at := ""
		timer := time.AfterFunc(rand.N(whole), func() { touched = time.Now(); cancel(hobby.ErrUserReturned) })
		_, err := inspectApart(ctx, bounds(*largest, "."), func(s string) { at = s })
		if timer.Stop() || !errors.Is(err, hobby.ErrUserReturned) {
			cancel(nil)
			continue
		}
		took := time.Since(touched)
		worst = max(worst, took)
		t.Logf("%v after it was touched, %s", took, at)
	}
	if worst > 100*time.Millisecond {
		t.Errorf("it ended after %v at worst, want 100 ms", worst)
	}
}

// TestWords finds why a program ended.
func TestWords(t *testing.T) {
	for words, want := range map[string]string{
		"": "its analysis ended early",
		"runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n\nruntime stack:\n": "its analysis ended early: stack overflow",
		"panic: " + strings.Repeat("é", 5000) + "\n":                                                              "its analysis ended early: " + strings.Repeat("é", mostReason/2),
		strings.Repeat("x", 100_000) + "\npanic: late":                                                            "its analysis ended early",
	} {
		var h head
		for part := range slices.Chunk([]byte(words), 1000) {
			if n, err := h.Write(part); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
		if got := h.problem(); got.Error() != want || len(h.text) > mostWords {
			t.Errorf("%.40q: %v, want %s", words, got, want)
		}
	}
}
