package archive_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
)

var everyStep = flag.Bool("every-step", false, "TestCrash and TestCrashRestore kill at all moments of every step; else at one of each 7th")

// The moments of a step at which a process is killed. Only what is put has a middle: all
// else is a transaction of the store.
const (
	atBegin  = "before"
	atMiddle = "in the middle of"
	atEnd    = "after"
)

// mortal kills its process at the n-th call that changes something.
type mortal struct {
	archive.Blobs
	archive.Catalogue
	archive.Source
	n  int
	at string
}

func (m *mortal) step(call func() error) error {
	m.n--
	if m.n == 0 && m.at == atBegin {
		die()
	}
	err := call()
	if m.n == 0 {
		die()
	}
	return err
}

// half kills the process when it is asked for more than half of what is put.
type half struct {
	r    io.Reader
	left int64
}

func (h *half) Read(p []byte) (int, error) {
	if h.left <= 0 {
		die()
	}
	n, err := h.r.Read(p[:min(int64(len(p)), h.left)])
	h.left -= int64(n)
	return n, err
}

func die() {
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

type (
	mortalBlobs     struct{ *mortal }
	mortalCatalogue struct{ *mortal }
	mortalSource    struct{ *mortal }
)

func (m mortalBlobs) List(ctx context.Context, prefix, after string) ([]archive.Blob, error) {
	return m.Blobs.List(ctx, prefix, after)
}
func (m mortalBlobs) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if m.n == 1 && m.at == atMiddle {
		r = &half{r, size / 2}
	}
	return m.step(func() error { return m.Blobs.Put(ctx, key, r, size) })
}
func (m mortalBlobs) Delete(ctx context.Context, key string) error {
	return m.step(func() error { return m.Blobs.Delete(ctx, key) })
}
func (m mortalCatalogue) Reserve(ctx context.Context, f *hobby.Fence) (n int64, err error) {
	err = m.step(func() error { n, err = m.Catalogue.Reserve(ctx, f); return err })
	return n, err
}
func (m mortalCatalogue) Swap(ctx context.Context, add []archive.Segment, remove []string, f *hobby.Fence) error {
	return m.step(func() error { return m.Catalogue.Swap(ctx, add, remove, f) })
}
func (m mortalCatalogue) Pruned(ctx context.Context, id string, f *hobby.Fence) error {
	return m.step(func() error { return m.Catalogue.Pruned(ctx, id, f) })
}
func (m mortalCatalogue) Forgot(ctx context.Context, hash string, f *hobby.Fence) error {
	return m.step(func() error { return m.Catalogue.Forgot(ctx, hash, f) })
}
func (m mortalSource) List(ctx context.Context, f hobby.Filter) (hobby.Page, error) {
	return m.Source.List(ctx, f)
}
func (m mortalSource) PruneBefore(ctx context.Context, until time.Time, at hobby.Cursor, f *hobby.Fence) (n int, err error) {
	err = m.step(func() error { n, err = m.Source.PruneBefore(ctx, until, at, f); return err })
	return n, err
}

func (m mortalSource) Restore(ctx context.Context, sessions []hobby.Session, f *hobby.Fence) (n int, err error) {
	err = m.step(func() error { n, err = m.Source.(archive.Restorer).Restore(ctx, sessions, f); return err })
	return n, err
}
func (m mortalSource) Shrink(ctx context.Context) (n int64, err error) {
	err = m.step(func() error {
		n, err = m.Source.(interface {
			Shrink(context.Context) (int64, error)
		}).Shrink(ctx)
		return err
	})
	return n, err
}
func (m mortalSource) Forget(ctx context.Context, source string) (int, error) {
	return m.Source.(archive.Restorer).Forget(ctx, source)
}

const crashDir = "PASTIME_ARCHIVE_CRASH_DIR"

// TestCrashChild is the process that TestCrash kills: it carries out what is open, or
// archives and forgets.
func TestCrashChild(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("TestCrash runs it")
	}
	n, err := strconv.Atoi(os.Getenv("PASTIME_ARCHIVE_CRASH_STEP"))
	if err != nil {
		t.Fatal(err)
	}
	m := &mortal{n: n, at: os.Getenv("PASTIME_ARCHIVE_CRASH_AT")}
	k := open(t, dir, wraps{
		blobs:     func(b archive.Blobs) archive.Blobs { m.Blobs = b; return mortalBlobs{m} },
		catalogue: func(c archive.Catalogue) archive.Catalogue { m.Catalogue = c; return mortalCatalogue{m} },
		source:    func(s archive.Source) archive.Source { m.Source = s; return mortalSource{m} },
	})
	if err := finish(t, k, request(os.Getenv("PASTIME_ARCHIVE_CRASH_RESTORE") != "")); err != nil {
		t.Fatal(err)
	}
	fmt.Println("steps left:", m.n)
}

func request(restore bool) archive.Request {
	if restore {
		return archive.Request{Restore: true}
	}
	return archive.Request{Before: before}
}

// finish carries out what was left open, and then all there is to do.
func finish(t testing.TB, k *kit, r archive.Request) error {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- k.Run(ctx) }()
	for {
		changed := k.store.Changed()
		_, err := k.RunOnce(t.Context(), r)
		if errors.Is(err, hobby.ErrBusy) {
			<-changed
			continue
		}
		cancel()
		return errors.Join(err, <-done)
	}
}

// TestCrash kills the process at each step of archiving, forgetting and compacting, before
// and after it, and while it puts a file, and goes on: nothing is lost and nothing is there
// twice.
func TestCrash(t *testing.T) { crash(t, false) }

// TestCrashRestore does the same while it restores.
func TestCrashRestore(t *testing.T) { crash(t, true) }

func crash(t *testing.T, restore bool) {
	if testing.Short() {
		t.Skip("it starts many processes")
	}
	from := t.TempDir()
	want, unchanged := prepared(t, from)
	moments, every := []string{atBegin, atMiddle, atEnd}, 7
	if *everyStep {
		every = 1
	}
	for step := 1; ; step += every {
		now := moments
		if !*everyStep {
			now = moments[step%3 : step%3+1]
		}
		over := true
		for _, at := range now {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
				t.Fatal(err)
			}
			over = !killed(t, dir, step, at, restore) && over
			if left, err := fs.Glob(os.DirFS(dir), "pastime-archive-*"); err != nil || len(left) > 0 && runtime.GOOS != "windows" {
				t.Errorf("%s step %d: copies of sessions are left: %q, %v", at, step, left, err)
			}
			k := open(t, dir, wraps{})
			if err := finish(t, k, request(restore)); err != nil {
				t.Fatalf("%s step %d: going on: %v", at, step, err)
			}
			check(t, k, want)
			if got := fmt.Sprint(sums(t, k.store)); got != unchanged {
				t.Errorf("%s step %d: sums have changed", at, step)
			}
			st := must(k.Stats(t.Context()))(t)
			files := must(k.blobs.List(t.Context(), "v1/", ""))(t)
			if len(files) != st.Files || st.Forgets > 0 {
				t.Errorf("%s step %d: %d files are there, the catalogue has %d; %d sources are left", at, step, len(files), st.Files, st.Forgets)
			}
			if restore && (st.Activities > 0 || len(everything(t, k.store)) != len(want)) {
				t.Errorf("%s step %d: %d activities are archived after all were restored", at, step, st.Activities)
			}
			if t.Failed() {
				t.FailNow()
			}
		}
		if over {
			t.Logf("there are %d to %d steps", step-every, step-1)
			return
		}
	}
}

// killed runs TestCrashChild, and reports whether it was killed at a step.
func killed(t *testing.T, dir string, step int, at string, restore bool) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
	if restore {
		cmd.Env = append(cmd.Environ(), "PASTIME_ARCHIVE_CRASH_RESTORE=1")
	}
	cmd.Env = append(cmd.Environ(), crashDir+"="+dir, "PASTIME_ARCHIVE_CRASH_STEP="+strconv.Itoa(step), "PASTIME_ARCHIVE_CRASH_AT="+at)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState.Exited() {
		t.Fatalf("%s step %d: the process failed by itself:\n%s", at, step, out)
	}
	return err != nil
}

// prepared makes an archive of two runs, with a source to be forgotten. It returns what must
// be there, and the sums, when all is done.
func prepared(t testing.TB, dir string) (want map[string]hobby.Session, unchanged string) {
	t.Helper()
	k, closes, err := openKit(t.Context(), dir, wraps{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := closes(); err != nil {
			t.Error(err)
		}
	}()
	fillKit(t, k)
	want = everything(t, k.store)
	for id, s := range want {
		s.Items = slices.DeleteFunc(s.Items, func(i hobby.Item) bool { return i.Source == "secret.md" })
		s.Insights = slices.DeleteFunc(s.Insights, func(i hobby.Insight) bool { return i.Source == "secret.md" })
		want[id] = s
	}
	for _, at := range []time.Time{newest.AddDate(0, 0, -90), newest.AddDate(0, 0, -80)} {
		must(k.RunOnce(t.Context(), archive.Request{Before: at}))(t)
	}
	must(k.store.Forget(t.Context(), "secret.md"))(t)
	return want, fmt.Sprint(sums(t, k.store))
}
