package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Recover implements hobby.Store. An orphan's end is the last moment its
// process is known to have lived: that of its last commit.
func (s *Store) Recover(ctx context.Context, now time.Time) (lost []hobby.Activity, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		lost = nil
		holders, err := ReadTx(tx, "SELECT DISTINCT holder FROM pastime_hobby_activities WHERE status = ? AND node = ?",
			[]any{hobby.Running, tx.s.node}, ScanValue[string])
		if err != nil {
			return err
		}
		for _, h := range holders {
			alive, err := tx.s.holder.alive(h)
			if err != nil {
				return err
			}
			if alive {
				continue
			}
			if err := tx.recover(h, now, &lost); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sqlite: recovering: %w", err)
	}
	return lost, nil
}

// recover interrupts what a dead holder left running.
func (tx *Tx) recover(holder string, now time.Time, lost *[]hobby.Activity) error {
	orphans, err := ReadTx(tx, "SELECT body, clock FROM pastime_hobby_activities WHERE status = ? AND node = ? AND holder = ?",
		[]any{hobby.Running, tx.s.node, holder}, scanOrphan)
	if err != nil {
		return err
	}
	for _, a := range orphans {
		if a.Ended.After(now) {
			a.Ended = now
		}
		if a.Ended.Before(a.Started) {
			a.Ended = a.Started
		}
		a.Status, a.Err = hobby.Interrupted, "hobby: the process that practised died"
		a.Cost, a.Engaged = counted(a.Cost), max(0, a.Engaged)
		a, err := tx.Commit(hobby.Session{Activity: a}, nil)
		if err != nil {
			return err
		}
		*lost = append(*lost, a)
	}
	return nil
}

// counted is a cost without the negative numbers that an earlier version made of
// sums that did not fit.
func counted(c hobby.Cost) hobby.Cost {
	return hobby.Cost{TokensIn: max(0, c.TokensIn), TokensOut: max(0, c.TokensOut), CPU: max(0, c.CPU), MicroUSD: max(0, c.MicroUSD)}
}

// scanOrphan scans an activity with the time of its last commit as its end.
func scanOrphan(r *sql.Rows) (a hobby.Activity, err error) {
	var body []byte
	var clock int64
	if err := r.Scan(&body, &clock); err != nil {
		return a, err
	}
	err = decode(body, &a)
	a.Ended = hobby.HLC(clock).Time()
	return a, err
}
