package archive_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
)

var crashEvery = flag.Int("crash-every", 13, "the crash test kills at each n-th step; 1 is every step")

// mortal kills its process before the n-th call that changes something, or right after it.
type mortal struct {
	archive.Blobs
	archive.Catalogue
	archive.Source
	n     int
	after bool
}

func (m *mortal) step(call func() error) error {
	m.n--
	if m.n == 0 && !m.after {
		die()
	}
	err := call()
	if m.n == 0 {
		die()
	}
	return err
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
	return m.step(func() error { return m.Blobs.Put(ctx, key, r, size) })
}
func (m mortalBlobs) Delete(ctx context.Context, key string) error {
	return m.step(func() error { return m.Blobs.Delete(ctx, key) })
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
	m := &mortal{n: n, after: os.Getenv("PASTIME_ARCHIVE_CRASH_AFTER") != ""}
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
// and after it, and goes on: nothing is lost and nothing is there twice.
func TestCrash(t *testing.T) { crash(t, false) }

// TestCrashRestore does the same while it restores.
func TestCrashRestore(t *testing.T) { crash(t, true) }

func crash(t *testing.T, restore bool) {
	if testing.Short() {
		t.Skip("it starts many processes")
	}
	for step := 1; ; step += *crashEvery {
		over := false
		for _, after := range []string{"", "1"} {
			dir := t.TempDir()
			k, closes := prepared(t, dir)
			want := everything(t, k.store)
			for id, s := range want {
				s.Items, s.Insights = unlike(s.Items), unlikeInsights(s.Insights)
				want[id] = s
			}
			// What was archived before is in want as it was read then.
			for _, a := range query(t, k.Archiver, archive.Filter{Archived: true, Limit: 1000}) {
				s := must(k.Session(t.Context(), a.ID))(t)
				s.Items, s.Insights = unlike(s.Items), unlikeInsights(s.Insights)
				want[a.ID] = s
			}
			unchanged := fmt.Sprint(sums(t, k.store))
			if err := closes(); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
			if restore {
				cmd.Env = append(cmd.Environ(), "PASTIME_ARCHIVE_CRASH_RESTORE=1")
			}
			cmd.Env = append(cmd.Environ(), crashDir+"="+dir, "PASTIME_ARCHIVE_CRASH_STEP="+strconv.Itoa(step), "PASTIME_ARCHIVE_CRASH_AFTER="+after)
			out, err := cmd.CombinedOutput()
			if over = err == nil; over {
				t.Logf("%d steps", step)
			} else if cmd.ProcessState.Exited() {
				t.Fatalf("step %d: the process failed by itself:\n%s", step, out)
			}
			k = open(t, dir, wraps{})
			if err := finish(t, k, request(restore)); err != nil {
				t.Fatalf("step %d, after %q: going on: %v", step, after, err)
			}
			check(t, k, want)
			if got := fmt.Sprint(sums(t, k.store)); got != unchanged {
				t.Errorf("step %d: sums have changed", step)
			}
			st := must(k.Stats(t.Context()))(t)
			files := must(k.blobs.List(t.Context(), "v1/", ""))(t)
			if len(files) != st.Files || st.Forgets > 0 {
				t.Errorf("step %d: %d files are there, the catalogue has %d; %d sources are left", step, len(files), st.Files, st.Forgets)
			}
			if restore && (st.Activities > 0 || len(everything(t, k.store)) != len(want)) {
				t.Errorf("step %d: %d activities are archived after all were restored", step, st.Activities)
			}
			if t.Failed() {
				t.FailNow()
			}
		}
		if over {
			return
		}
	}
}

// prepared is an archive of two runs, with a source to be forgotten.
func prepared(t testing.TB, dir string) (*kit, func() error) {
	t.Helper()
	k := filled(t, dir, wraps{})
	for _, at := range []time.Time{newest.AddDate(0, 0, -90), newest.AddDate(0, 0, -80)} {
		must(k.RunOnce(t.Context(), archive.Request{Before: at}))(t)
	}
	must(k.store.Forget(t.Context(), "secret.md"))(t)
	return k, k.store.Close
}

func unlike(all []hobby.Item) (left []hobby.Item) {
	for _, i := range all {
		if i.Source != "secret.md" {
			left = append(left, i)
		}
	}
	return left
}

func unlikeInsights(all []hobby.Insight) (left []hobby.Insight) {
	for _, i := range all {
		if i.Source != "secret.md" {
			left = append(left, i)
		}
	}
	return left
}
