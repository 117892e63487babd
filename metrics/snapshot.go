package metrics

import (
	"context"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Source is where a Collector reads; a *hobby.Manager is one.
type Source interface {
	Status(ctx context.Context) (hobby.ManagerStatus, error)
	Progress(ctx context.Context) (hobby.Progress, error)
	Counts(ctx context.Context, f hobby.CountFilter) ([]hobby.Count, error)
}

// Hours and Days are how far the timelines reach back, the current hour or
// day being the last.
const (
	Hours = 24
	Days  = 30
)

// snapshot is one reading of the source.
type snapshot struct {
	at       time.Time
	system   hobby.ManagerStatus
	progress hobby.Progress
	hours    timeline
	days     timeline
}

func read(ctx context.Context, src Source) (*snapshot, error) {
	s := &snapshot{at: time.Now().UTC()}
	var err error
	if s.system, err = src.Status(ctx); err != nil {
		return nil, err
	}
	if s.progress, err = src.Progress(ctx); err != nil {
		return nil, err
	}
	hour := s.at.Truncate(time.Hour)
	if s.hours, err = readTimeline(ctx, src, hobby.Hourly, hour, time.Hour, Hours); err != nil {
		return nil, err
	}
	day := s.at.Truncate(24 * time.Hour)
	if s.days, err = readTimeline(ctx, src, hobby.Daily, day, 24*time.Hour, Days); err != nil {
		return nil, err
	}
	return s, nil
}

// timeline is a row of equal buckets of time, oldest first, each with what
// happened to each kind.
type timeline struct {
	starts []time.Time
	kinds  []map[hobby.Kind]hobby.Count
}

func readTimeline(ctx context.Context, src Source, b hobby.Bucket, last time.Time, width time.Duration, n int) (timeline, error) {
	first := last.Add(-time.Duration(n-1) * width)
	counts, err := src.Counts(ctx, hobby.CountFilter{Bucket: b, Since: first, Until: last.Add(width)})
	if err != nil {
		return timeline{}, err
	}
	t := timeline{make([]time.Time, n), make([]map[hobby.Kind]hobby.Count, n)}
	for i := range n {
		t.starts[i], t.kinds[i] = first.Add(time.Duration(i)*width), map[hobby.Kind]hobby.Count{}
	}
	for _, c := range counts {
		if i := int(c.At.Sub(first) / width); i >= 0 && i < n {
			t.kinds[i][c.Kind] = c
		}
	}
	return t, nil
}

// started is how many activities began in bucket i.
func (t *timeline) started(i int) int64 {
	var n int64
	for _, c := range t.kinds[i] {
		n += c.Started
	}
	return n
}

// labels formats the buckets' starts.
func (t *timeline) labels(layout string) []string {
	labels := make([]string, len(t.starts))
	for i, at := range t.starts {
		labels[i] = at.Format(layout)
	}
	return labels
}
