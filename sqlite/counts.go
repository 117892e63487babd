package sqlite

import (
	"fmt"

	"github.com/pastime-go/pastime/hobby"
)

// widths are the widths in hours of the buckets that are counted; the one of
// width 0 is all time.
var widths = map[hobby.Bucket]int64{hobby.Hourly: 1, hobby.Daily: 24, hobby.Total: 0}

// count notes what changed from was to a, for the counts of its hour, of its
// day and of all time.
func (tx *Tx) count(was, a *hobby.Activity) {
	tx.counts = append(tx.counts, nodeCount{a.Node, hobby.CountOf(was, a)})
}

// nodeCount is what a node adds to the counts.
type nodeCount struct {
	node string
	hobby.Count
}

// bucket is the key of a row of the counts.
type bucket struct {
	width, hour int64
	kind        hobby.Kind
	node        string
}

// flushCounts adds what the transaction noted to the counts, each row once.
func (tx *Tx) flushCounts() error {
	sums := map[bucket]hobby.Count{}
	for _, c := range tx.counts {
		for _, width := range widths {
			b := bucket{width: width, kind: c.Kind, node: c.node}
			if width > 0 {
				b.hour = floorDiv(c.At.Unix(), width*3600) * width
			}
			if sum, ok := sums[b]; ok {
				sums[b] = sum.Add(c.Count)
			} else {
				sums[b] = c.Count
			}
		}
	}
	for b, c := range sums {
		if _, err := tx.Exec(addCounts,
			b.width, b.hour, b.kind, b.node, c.Started, c.Completed, c.Failed, c.Interrupted, c.Items, c.Passes, c.Insights, c.Cut,
			c.Time, c.Engaged, c.Cost.TokensIn, c.Cost.TokensOut, c.Cost.CPU, c.Cost.MicroUSD, nanos(c.Last)); err != nil {
			return fmt.Errorf("adding to the counts: %w", err)
		}
	}
	return nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
