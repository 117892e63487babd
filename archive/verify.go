package archive

import (
	"context"
	"fmt"
)

func damagedSegment(s *Segment, what string) error {
	return fmt.Errorf("%w: segment %s: %s", ErrDamaged, s.ID, what)
}

// verifyPages looks whether each row lies between the bounds of its page, by which
// queries leave pages out.
func (a *Archiver) verifyPages(ctx context.Context, s *Segment) error {
	err := boundsHold(ctx, a.blobs, s, activities, func(r *activityRow) (id string, started, at int64) { return r.ID, r.Started, r.Started })
	if err == nil {
		err = boundsHold(ctx, a.blobs, s, items, func(r *itemRow) (id string, started, at int64) { return r.ID, r.Started, r.At })
	}
	if err == nil {
		err = boundsHold(ctx, a.blobs, s, insights, func(r *insightRow) (id string, started, at int64) { return r.ID, r.Started, r.At })
	}
	return err
}

func boundsHold[R any](ctx context.Context, b Blobs, s *Segment, table string, of func(*R) (id string, started, at int64)) error {
	r, err := openFile(ctx, b, s, table)
	if err != nil {
		return err
	}
	columns := []string{"started", "at"}
	if table == activities {
		columns = columns[:1]
	}
	for n, column := range columns {
		all, err := spans(ctx, r, column, ofTime)
		if err != nil {
			return err
		}
		for _, p := range all {
			rows, err := readSpan[R](ctx, r, p.group, p.from, p.to)
			if err != nil {
				return err
			}
			for i := range rows {
				_, started, at := of(&rows[i])
				if v := []int64{started, at}[n]; v < p.low || v > p.high {
					return damagedSegment(s, fmt.Sprintf("a row of %s is outside the bounds of its page in %s", table, column))
				}
			}
		}
	}
	all, err := spans(ctx, r, "id", ofText)
	if err != nil {
		return err
	}
	for _, p := range all {
		rows, err := readSpan[R](ctx, r, p.group, p.from, p.to)
		if err != nil {
			return err
		}
		for i := range rows {
			if id, _, _ := of(&rows[i]); id < p.low || id > p.high {
				return damagedSegment(s, fmt.Sprintf("a row of %s is outside the bounds of its page in id", table))
			}
		}
	}
	return nil
}
