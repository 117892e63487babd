package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Width is the width of the buckets of [Archiver.Sums].
type Width string

// The widths, all in UTC. A week begins on Monday.
const (
	Hour  Width = "hour"
	Day   Width = "day"
	Week  Width = "week"
	Month Width = "month"
)

// Sums adds up what happened by kind and bucket, oldest first, live and archived. It reads
// the store's counts, which archiving does not change: its cost does not grow with the
// number of activities. kind "" selects all. since and until bound the start of the hour
// or day that is added.
func (a *Archiver) Sums(ctx context.Context, kind hobby.Kind, w Width, since, until time.Time) ([]hobby.Count, error) {
	bucket := hobby.Daily
	switch w {
	case Hour:
		bucket = hobby.Hourly
	case Day, Week, Month:
	default:
		return nil, fmt.Errorf("%w: archive: the width of a bucket is %.20q", hobby.ErrInvalid, w)
	}
	counts, err := a.source.Counts(ctx, hobby.CountFilter{Bucket: bucket, Since: since, Until: until})
	if err != nil {
		return nil, err
	}
	type key struct {
		at   int64
		kind hobby.Kind
	}
	byKey := map[key]hobby.Count{}
	for _, c := range counts {
		if kind != "" && c.Kind != kind {
			continue
		}
		c.At = w.start(c.At)
		k := key{c.At.Unix(), c.Kind}
		if was, ok := byKey[k]; ok {
			c = was.Add(c)
		}
		byKey[k] = c
	}
	var all []hobby.Count
	for _, c := range byKey {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b hobby.Count) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind)) })
	return all, nil
}

// start is the start of the bucket that t is in.
func (w Width) start(t time.Time) time.Time {
	t = t.UTC()
	switch w {
	case Week:
		return time.Date(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	case Month:
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return t
}

// Preview says what archiving would do, and changes nothing: it writes the files to the
// folder of temporary files and removes them.
func (a *Archiver) Preview(ctx context.Context, r Request) (Report, error) {
	r = a.completed(r)
	var report Report
	for from := (time.Time{}); ; {
		until, more, err := a.until(ctx, from, r.Before)
		if err != nil || !more {
			return report, err
		}
		if err := a.preview(ctx, from, until, &report); err != nil {
			return Report{}, err
		}
		from = until
	}
}

func (a *Archiver) preview(ctx context.Context, from, until time.Time, report *Report) (err error) {
	writers, err := a.write(ctx, from, until, 0)
	defer func() { err = errors.Join(err, remove(writers)) }()
	if err != nil {
		return err
	}
	for _, w := range writers {
		if err := w.finish(); err != nil {
			return err
		}
		report.Archived += w.seg.Activities
		report.Items += w.seg.Items
		report.Insights += w.seg.Insights
		report.Before += w.seg.Original
		report.After += w.bytes()
	}
	return nil
}
