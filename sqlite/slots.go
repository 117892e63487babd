package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// CheckFence fails with hobby.ErrStale unless f is current; nil always is. A
// fence with Close is closed.
func (tx *Tx) CheckFence(f *hobby.Fence) error {
	if f == nil {
		return nil
	}
	var attempt int64
	var closed bool
	err := tx.QueryRow("SELECT attempt, closed FROM pastime_hobby_fences WHERE key = ?", []any{f.Key}, &attempt, &closed)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("sqlite: reading fence %q: %w", f.Key, err)
	}
	if closed || attempt != f.Attempt {
		return fmt.Errorf("%w: %q is at attempt %d (closed: %v), not %d", hobby.ErrStale, f.Key, attempt, closed, f.Attempt)
	}
	if f.Close {
		_, err := tx.Exec("UPDATE pastime_hobby_fences SET closed = 1 WHERE key = ?", f.Key)
		return err
	}
	return nil
}

// Fence takes the next attempt at key; see hobby.Store. A closed key stays
// closed: hobby.ErrStale.
func (tx *Tx) Fence(key string) (hobby.Fence, error) {
	f := hobby.Fence{Key: key}
	var closed bool
	err := tx.QueryRow(`INSERT INTO pastime_hobby_fences (key, attempt) VALUES (?, 1)
		ON CONFLICT (key) DO UPDATE SET attempt = attempt + 1 RETURNING attempt, closed`, []any{key}, &f.Attempt, &closed)
	switch {
	case err != nil:
		return f, fmt.Errorf("sqlite: taking fence %q: %w", key, err)
	case closed:
		return f, fmt.Errorf("%w: %q is closed", hobby.ErrStale, key)
	}
	return f, nil
}

// Fence implements hobby.Store.
func (s *Store) Fence(ctx context.Context, key string) (f hobby.Fence, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		f, err = tx.Fence(key)
		return err
	})
	return f, err
}

// slot is a row of the slots' table.
type slot struct {
	settled, due, attempt int64
	holder                string
}

const selectSlot = "SELECT settled, due, holder, attempt FROM pastime_hobby_slots WHERE name = ?"

// Claim implements hobby.Store.
func (s *Store) Claim(ctx context.Context, name string, now time.Time, sched hobby.Schedule) (hobby.Lease, error) {
	// Most looks find nothing to do, and need not write.
	var row slot
	err := s.readDB.QueryRowContext(ctx, selectSlot, name).Scan(&row.settled, &row.due, &row.holder, &row.attempt)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return hobby.Lease{}, fmt.Errorf("sqlite: reading slot %q: %w", name, s.wrap(err))
	}
	if err == nil {
		if _, ok := hobby.Due(sched, time.Unix(0, row.settled), now); !ok {
			return hobby.Lease{}, fmt.Errorf("sqlite: slot %q: %w", name, hobby.ErrNotDue)
		}
	}
	var lease hobby.Lease
	var outcome error
	err = s.Write(ctx, func(tx *Tx) (err error) {
		lease, outcome, err = tx.claim(name, now, sched)
		return err
	})
	if err = errors.Join(err, outcome); err != nil {
		return hobby.Lease{}, fmt.Errorf("sqlite: slot %q: %w", name, err)
	}
	return lease, nil
}

// claim is Claim within a transaction. refusal says why there is no lease; what
// was written holds all the same.
func (tx *Tx) claim(name string, now time.Time, sched hobby.Schedule) (l hobby.Lease, refusal, err error) {
	var row slot
	err = tx.QueryRow(selectSlot, []any{name}, &row.settled, &row.due, &row.holder, &row.attempt)
	if errors.Is(err, sql.ErrNoRows) {
		// The first sight of a slot: what was due before is not.
		_, err = tx.Exec("INSERT INTO pastime_hobby_slots (name, settled) VALUES (?, ?)", name, now.UnixNano())
		return l, hobby.ErrNotDue, err
	}
	if err != nil {
		return l, nil, err
	}
	due, ok := hobby.Due(sched, time.Unix(0, row.settled).UTC(), now.UTC())
	if !ok {
		return l, hobby.ErrNotDue, nil
	}
	if row.holder != "" {
		if alive, err := tx.s.holder.alive(row.holder); err != nil || alive {
			return l, hobby.ErrHeld, err
		}
	}
	f, err := tx.Fence("slot/" + name)
	if err != nil {
		return l, nil, err
	}
	_, err = tx.Exec("UPDATE pastime_hobby_slots SET due = ?, holder = ?, attempt = ? WHERE name = ?", due.UnixNano(), tx.s.holder.id, f.Attempt, name)
	return hobby.Lease{Slot: name, Due: due, Fence: f}, nil, err
}

// Settle implements hobby.Store.
func (s *Store) Settle(ctx context.Context, l hobby.Lease, done bool) error {
	return s.Write(ctx, func(tx *Tx) error {
		settled := int64(0)
		if done {
			settled = l.Due.UnixNano()
		}
		r, err := tx.Exec(`UPDATE pastime_hobby_slots SET holder = '', due = 0, settled = max(settled, ?)
			WHERE name = ? AND attempt = ? AND holder = ?`, settled, l.Slot, l.Fence.Attempt, tx.s.holder.id)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fmt.Errorf("sqlite: settling slot %q: %w", l.Slot, hobby.ErrStale), err)
		}
		return nil
	})
}

// Recover implements hobby.Store. An orphan's end is the last moment its
// process is known to have lived: that of its last commit.
func (s *Store) Recover(ctx context.Context, now time.Time) (lost []hobby.Activity, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		lost = nil
		rows, err := tx.Query("SELECT DISTINCT holder FROM pastime_hobby_activities WHERE status = ?", hobby.Running)
		holders, err := collect(rows, err, "reading who runs activities", func(r *sql.Rows) (h string, err error) { return h, r.Scan(&h) })
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
	rows, err := tx.Query(`SELECT a.body, (SELECT max(clock) FROM pastime_hobby_events e WHERE e.id = a.id)
		FROM pastime_hobby_activities a WHERE a.status = ? AND a.holder = ?`, hobby.Running, holder)
	orphans, err := collect(rows, err, "reading what a dead process left running", func(r *sql.Rows) (a hobby.Activity, err error) {
		var body []byte
		var clock int64
		if err := r.Scan(&body, &clock); err != nil {
			return a, err
		}
		err = decode(body, &a)
		a.Ended = hobby.HLC(clock).Time()
		return a, err
	})
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
		a, err := tx.Commit(hobby.Session{Activity: a}, nil)
		if err != nil {
			return err
		}
		*lost = append(*lost, a)
	}
	return nil
}

// Prune implements hobby.Store.
func (s *Store) Prune(ctx context.Context, ids []string, f *hobby.Fence) (n int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		n = 0
		if err := tx.CheckFence(f); err != nil {
			return err
		}
		for _, id := range ids {
			r, err := tx.Exec("DELETE FROM pastime_hobby_activities WHERE id = ? AND status <> ?", id, hobby.Running)
			if err != nil {
				return err
			}
			if gone, err := r.RowsAffected(); err != nil || gone == 0 {
				continue
			}
			n++
			for _, del := range []string{
				"DELETE FROM pastime_hobby_items WHERE activity = ?",
				"DELETE FROM pastime_hobby_insights WHERE activity = ?",
			} {
				if _, err := tx.Exec(del, id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: pruning: %w", err)
	}
	return n, nil
}
