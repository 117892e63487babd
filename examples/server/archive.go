package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
)

// archiveCommand moves old activities into files.
func archiveCommand() command {
	var days float64
	var dry bool
	return command{
		name: "archive", summary: "moves old activities into files",
		flags: func(fs *flag.FlagSet) {
			fs.Float64Var(&days, "older-than-days", 30, "what started so many `days` ago or longer")
			fs.BoolVar(&dry, "dry-run", false, "only say what would be archived, and how large it would be")
		},
		run: func(ctx context.Context, data string, say func(string, ...any)) (any, error) {
			if !(days >= 0 && days <= 36525) {
				return nil, usage{fmt.Errorf("-older-than-days %v must be from 0 to 36525", days)}
			}
			var report archive.Report
			err := withArchive(ctx, data, func(a *archive.Archiver) (err error) {
				r := archive.Request{Before: time.Now().Add(-time.Duration(days * 24 * float64(time.Hour)))}
				if dry {
					report, err = a.Preview(ctx, r)
				} else {
					report, err = archiveOnce(ctx, a, r, progress(say, "activities"))
				}
				return err
			})
			if err != nil {
				return nil, err
			}
			say("%d activities, %d answers and %d insights: %.1f MB of JSON are %.1f MB\n", report.Archived, report.Items, report.Insights,
				float64(report.Before)/1e6, float64(report.After)/1e6)
			return report, damage(report.Damaged)
		},
	}
}

// archiveOnce archives and shows how much is done, month after month.
func archiveOnce(ctx context.Context, a *archive.Archiver, r archive.Request, show func(done, all int64)) (archive.Report, error) {
	all, err := exported(ctx, a, "", time.Time{}, r.Before)
	if err != nil {
		return archive.Report{}, err
	}
	st, err := a.Stats(ctx)
	if err != nil {
		return archive.Report{}, err
	}
	all -= st.Activities
	stop := watch(ctx, a, func(r *archive.Report) { show(r.Archived, all) })
	report, err := carryOutAlone(ctx, a, r)
	stop()
	if err == nil && report.Archived > 0 {
		show(report.Archived, report.Archived)
	}
	return report, err
}

// carryOutAlone carries a request out once what is open is done, such as a job that ended
// with its process.
func carryOutAlone(ctx context.Context, a *archive.Archiver, r archive.Request) (archive.Report, error) {
	report, err := a.RunOnce(ctx, r)
	if !errors.Is(err, archive.ErrArchiving) {
		return report, err
	}
	j, err := a.Current(ctx)
	if err == nil {
		_, err = a.Finish(ctx, j.ID)
	}
	if err != nil {
		return archive.Report{}, fmt.Errorf("going on with what was begun before: %w", err)
	}
	return a.RunOnce(ctx, r)
}

// verifyCommand reads the archive and compares it with what was written.
func verifyCommand() command {
	return command{
		name: "verify", summary: "reads all files of the archive and compares them with what was written",
		run: func(ctx context.Context, data string, say func(string, ...any)) (any, error) {
			var damage []error
			months := 0
			err := withArchive(ctx, data, func(a *archive.Archiver) (err error) {
				damage, err = a.Verify(ctx, func(done, all int) { months = all; say("\r%d of %d months", done, all) })
				return err
			})
			switch {
			case err != nil:
			case months == 0:
				say("nothing is archived yet\n")
			case len(damage) == 0:
				say("all files are as they were written\n")
			default:
				err = errors.Join(damage...)
			}
			return map[string]any{"damaged": len(damage)}, err
		},
	}
}

// withArchive opens the archive of a data directory that exists.
func withArchive(ctx context.Context, data string, fn func(*archive.Archiver) error) (err error) {
	path, err := storeIn(data)
	if err != nil {
		return err
	}
	k, err := pastime.Open(ctx, path, nil, &pastime.Options{Hobby: hobby.Options{Disabled: true}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	return fn(k.Archive)
}
