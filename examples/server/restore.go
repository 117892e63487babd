package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/examples/internal/bar"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/scratch"
)

// days are the bounds of a time on the command line.
type days struct{ since, until string }

func (d *days) flags(fs *flag.FlagSet) {
	fs.StringVar(&d.since, "since", "", "only what started on this `day` or later, such as 2026-03-01 (UTC)")
	fs.StringVar(&d.until, "until", "", "only what started before this `day`")
}

func (d *days) times() (since, until time.Time, err error) {
	for _, b := range []struct {
		name, text string
		at         *time.Time
	}{{"since", d.since, &since}, {"until", d.until, &until}} {
		if b.text == "" {
			continue
		}
		if *b.at, err = time.Parse(time.DateOnly, b.text); err != nil {
			return since, until, usage{fmt.Errorf("-%s %q is not a day such as 2026-03-01", b.name, b.text)}
		}
	}
	return since, until, nil
}

// progress shows how much is done, as a bar that is drawn over itself.
func progress(say func(string, ...any), what string) func(done, all int64) {
	told := int64(-1)
	return func(done, all int64) {
		if percent := 100 * min(done, all) / max(1, all); percent > told {
			told = percent
			say("\r%s %3d %% of %d %s", bar.Of(done, all), percent, all, what)
		}
	}
}

// restoreCommand moves archived months back into the store.
func restoreCommand() command {
	var d days
	return command{
		name: "restore", summary: "moves archived months back into the store, whole; a server that archives moves them to files again",
		flags: d.flags,
		run: func(ctx context.Context, data string, say func(string, ...any)) (any, error) {
			since, until, err := d.times()
			if err != nil {
				return nil, err
			}
			var report archive.Report
			err = withArchive(ctx, data, func(a *archive.Archiver) error {
				st, err := a.Stats(ctx)
				if err != nil {
					return err
				}
				show := progress(say, "archived activities, those of other months included")
				defer watch(ctx, a, func(r *archive.Report) { show(r.Restored, st.Activities) })()
				report, err = carryOutAlone(ctx, a, archive.Request{Restore: true, Since: since, Until: until})
				return err
			})
			if err != nil {
				return nil, err
			}
			say("%d activities are in the store again\n", report.Restored)
			return report, damage(report.Damaged)
		},
	}
}

// damage is an error that names damaged files.
func damage(files []string) error {
	if len(files) == 0 {
		return nil
	}
	return fmt.Errorf("the rest is done: %s", strings.Join(files, "; "))
}

// watch tells show what a job has done so far, until it is stopped.
func watch(ctx context.Context, a *archive.Archiver, show func(*archive.Report)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if j, err := a.Current(ctx); err == nil && !j.Status.Ended() {
				if r, err := archive.ReportOf(&j); err == nil {
					show(&r)
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}

// exportCommand writes sessions as lines of JSON.
func exportCommand() command {
	var d days
	var out string
	var kind hobby.Kind
	return command{
		name: "export", summary: "writes sessions, live and archived, to a file: each as a line of JSON, oldest first",
		flags: func(fs *flag.FlagSet) {
			d.flags(fs)
			fs.StringVar(&out, "out", "", "`file` to write; it must not exist")
			kindFlag(fs, &kind, "only this `type` of practice, such as skill_practice")
		},
		run: func(ctx context.Context, data string, say func(string, ...any)) (any, error) {
			since, until, err := d.times()
			if err != nil {
				return nil, err
			}
			if out == "" {
				return nil, usage{errors.New("-out FILE is missing")}
			}
			var n int64
			err = withArchive(ctx, data, func(a *archive.Archiver) error {
				n, err = exportFile(ctx, a, out, kind, since, until, say)
				return err
			})
			if err != nil {
				return nil, err
			}
			say("%d sessions are in %s\n", n, out)
			return map[string]any{"exported": n, "file": out}, nil
		},
	}
}

// exportFile writes a file beside its place, syncs it, and puts it there when it is whole.
// A file that lacks damaged months is put there, too; the error names them.
func exportFile(ctx context.Context, a *archive.Archiver, out string, kind hobby.Kind, since, until time.Time,
	say func(string, ...any)) (n int64, err error) {
	if _, err := os.Lstat(out); err == nil {
		return 0, fmt.Errorf("-out: %s: %w", out, fs.ErrExist)
	}
	const temporary = ".pastime-export-"
	scratch.Sweep(filepath.Dir(out), temporary) // what a process that was killed has left
	f, err := os.CreateTemp(filepath.Dir(out), temporary)
	if err != nil {
		return 0, fmt.Errorf("exporting: %w", err)
	}
	defer func() {
		_ = f.Close() // it may be closed already
		if gone := os.Remove(f.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	all, err := exported(ctx, a, kind, since, until)
	if err != nil {
		return 0, err
	}
	show := progress(say, "sessions")
	w := bufio.NewWriter(f)
	n, lost := a.Export(ctx, w, kind, since, until, func(n int64) { show(n, all) })
	if lost != nil && !errors.Is(lost, archive.ErrDamaged) {
		return n, lost
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Close()); err != nil {
		return n, fmt.Errorf("exporting: %w", err)
	}
	if err := place(f.Name(), out, os.Link); err != nil {
		return n, fmt.Errorf("exporting: %w", err)
	}
	return n, lost
}

// place gives a whole file its name, never over another file. Where link, which is os.Link,
// fails because the file system has no hard links, an empty file takes the name first.
func place(from, to string, link func(from, to string) error) error {
	err := link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), os.Rename(from, to)); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// exported is about how many sessions an export has.
func exported(ctx context.Context, a *archive.Archiver, kind hobby.Kind, since, until time.Time) (n int64, err error) {
	sums, err := a.Sums(ctx, kind, archive.Day, since, until)
	for i := range sums {
		n += sums[i].Ended()
	}
	return n, err
}
