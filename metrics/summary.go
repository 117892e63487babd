package metrics

import (
	"context"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Summary is everything that a Collector knows of practice, as numbers. Callers
// share its slices and must not change them.
type Summary struct {
	// At is when it was read.
	At       time.Time
	System   hobby.ManagerStatus
	Progress hobby.Progress
	// Hourly and Daily are how many activities began in each of the last
	// hours and days, oldest first.
	Hourly, Daily []Point
}

// Point is a bucket of a timeline.
type Point struct {
	// Start is the start of the bucket, in UTC. Label is what charts show of it,
	// "2026-02-07 10:00" for an hour and "2026-02-07" for a day.
	Start      time.Time
	Label      string
	Activities int64
}

// Summary returns everything as numbers. It fails only while nothing was ever
// read.
func (c *Collector) Summary(ctx context.Context) (Summary, error) {
	s, err := c.practice.get(ctx)
	if err != nil {
		return Summary{}, err
	}
	return Summary{
		At: s.at, System: s.system, Progress: s.progress,
		Hourly: s.hours.points(hourLayout), Daily: s.days.points(dayLayout),
	}, nil
}

func (t *timeline) points(layout string) []Point {
	points := make([]Point, len(t.starts))
	for i, label := range t.labels(layout) {
		points[i] = Point{t.starts[i], label, t.started(i)}
	}
	return points
}
