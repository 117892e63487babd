package sqlite

import (
	"fmt"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/saturate"
)

// widths are the widths in hours of the buckets that are counted; the one of
// width 0 is all time.
var widths = map[hobby.Bucket]int64{hobby.Hourly: 1, hobby.Daily: 24, hobby.Total: 0}

// count notes what changed from was to a, for the counts of its hour, of its
// day and of all time.
func (tx *Tx) count(was, a *hobby.Activity) {
	one := func(yes bool) int64 {
		if yes {
			return 1
		}
		return 0
	}
	c := hobby.Count{
		Kind: a.Plan.Kind, At: a.Started, Last: a.Started,
		Started: one(was.Version == 0), Completed: one(a.Status == hobby.Completed),
		Failed: one(a.Status == hobby.Failed), Interrupted: one(a.Status == hobby.Interrupted),
		Items: int64(a.Items - was.Items), Passes: int64(a.Passes - was.Passes), Insights: int64(a.Insights - was.Insights),
		Cut: int64(a.Cut - was.Cut),
		Cost: a.Cost.Add(hobby.Cost{
			TokensIn: -was.Cost.TokensIn, TokensOut: -was.Cost.TokensOut, CPU: -was.Cost.CPU, MicroUSD: -was.Cost.MicroUSD,
		}),
	}
	if a.Status.Ended() {
		c.Time, c.Engaged = a.Duration(a.Ended), a.Engaged
	}
	tx.counts = append(tx.counts, c)
}

// bucket is the key of a row of the counts.
type bucket struct {
	width, hour int64
	kind        hobby.Kind
}

// flushCounts adds what the transaction noted to the counts, each row once.
func (tx *Tx) flushCounts() error {
	sums := map[bucket]hobby.Count{}
	for _, c := range tx.counts {
		for _, width := range widths {
			b := bucket{width: width, kind: c.Kind}
			if width > 0 {
				b.hour = floorDiv(c.At.Unix(), width*3600) * width
			}
			if sum, ok := sums[b]; ok {
				sums[b] = plus(sum, c)
			} else {
				sums[b] = c
			}
		}
	}
	for b, c := range sums {
		if _, err := tx.Exec(addCounts,
			b.width, b.hour, b.kind, c.Started, c.Completed, c.Failed, c.Interrupted, c.Items, c.Passes, c.Insights, c.Cut,
			c.Time, c.Engaged, c.Cost.TokensIn, c.Cost.TokensOut, c.Cost.CPU, c.Cost.MicroUSD, nanos(c.Last)); err != nil {
			return fmt.Errorf("adding to the counts: %w", err)
		}
	}
	return nil
}

// plus adds b's sums to a's.
func plus(a, b hobby.Count) hobby.Count {
	a.Started += b.Started
	a.Completed += b.Completed
	a.Failed += b.Failed
	a.Interrupted += b.Interrupted
	a.Items += b.Items
	a.Passes += b.Passes
	a.Insights += b.Insights
	a.Cut += b.Cut
	a.Time = saturate.Add(a.Time, b.Time)
	a.Engaged = saturate.Add(a.Engaged, b.Engaged)
	a.Cost = a.Cost.Add(b.Cost)
	if b.Last.After(a.Last) {
		a.Last = b.Last
	}
	return a
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
