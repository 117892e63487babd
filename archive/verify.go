package archive

import (
	"cmp"
	"context"
	"fmt"
)

func damagedSegment(s *Segment, what string) error {
	return fmt.Errorf("%w: segment %s: %s", ErrDamaged, s.ID, what)
}

// verifyPages looks whether each value lies between the bounds of its page, by which
// queries leave pages out.
func (a *Archiver) verifyPages(ctx context.Context, s *Segment) error {
	for _, table := range []string{activities, items, insights} {
		r, err := openFile(ctx, a.blobs, s, table)
		if err != nil {
			return err
		}
		times := []string{"started", "at"}
		if table == activities {
			times = times[:1]
		}
		for _, column := range times {
			if err := boundsHold(ctx, r, s, column, ofTime); err != nil {
				return err
			}
		}
		if err := boundsHold(ctx, r, s, "id", ofText); err != nil {
			return err
		}
	}
	return nil
}

func boundsHold[V cmp.Ordered](ctx context.Context, r *reader, s *Segment, column string, value func(parquetValue) V) error {
	all, err := spans(ctx, r, column, value)
	if err != nil {
		return err
	}
	for _, p := range all {
		err := values(ctx, r, column, p, value, func(row int64, v V) error {
			if v < p.low || v > p.high {
				return damagedSegment(s, fmt.Sprintf("row %d of %s is outside the bounds of its page in %s", row, r.file.Table, column))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
