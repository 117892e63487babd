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
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%w: %.64q was never taken", hobby.ErrStale, f.Key)
	case err != nil:
		return fmt.Errorf("reading a fence: %w", err)
	case closed || attempt != f.Attempt:
		return fmt.Errorf("%w: %.64q is at attempt %d (closed: %v), not %d", hobby.ErrStale, f.Key, attempt, closed, f.Attempt)
	case f.Close:
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
		return f, fmt.Errorf("taking a fence: %w", err)
	case closed:
		return f, fmt.Errorf("%w: %.64q is closed", hobby.ErrStale, key)
	}
	return f, nil
}

// DropFence forgets a key that is used no more. Every fence that was given out for it
// is stale.
func (tx *Tx) DropFence(key string) error {
	if _, err := tx.Exec("DELETE FROM pastime_hobby_fences WHERE key = ?", key); err != nil {
		return fmt.Errorf("dropping a fence: %w", err)
	}
	return nil
}

// Fence implements hobby.Store.
func (s *Store) Fence(ctx context.Context, key string) (f hobby.Fence, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		f, err = tx.Fence(key)
		return err
	})
	if err != nil {
		return hobby.Fence{}, fmt.Errorf("sqlite: taking fence %.64q: %w", key, err)
	}
	return f, nil
}

// slot is a row of the slots' table.
type slot struct {
	settled, due, attempt int64
	holder                string
	tries                 int
}

// dueAt is the run that is due at now.
func (s *slot) dueAt(sched hobby.Schedule, now time.Time) (time.Time, bool) {
	return hobby.Due(sched, time.Unix(0, s.settled).UTC(), now.UTC())
}

// ahead reports whether the slot was settled by a clock that was wrong.
func (s *slot) ahead(sched hobby.Schedule, now time.Time) bool {
	return hobby.Ahead(sched, time.Unix(0, s.settled).UTC(), now.UTC())
}

func scanSlot(r *sql.Rows) (s slot, err error) {
	err = r.Scan(&s.settled, &s.due, &s.holder, &s.attempt, &s.tries)
	return s, err
}

const selectSlot = "SELECT settled, due, holder, attempt, tries FROM pastime_hobby_slots WHERE name = ?"

// Claim implements hobby.Store.
func (s *Store) Claim(ctx context.Context, name string, now time.Time, sched hobby.Schedule) (hobby.Lease, error) {
	// Most calls find that nothing is due, and need not write.
	seen, err := Read(ctx, s, fmt.Sprintf("reading slot %.64q", name), selectSlot, []any{name}, scanSlot)
	if err != nil {
		return hobby.Lease{}, err
	}
	if len(seen) == 1 && !seen[0].ahead(sched, now) {
		if _, ok := seen[0].dueAt(sched, now); !ok {
			return hobby.Lease{}, fmt.Errorf("sqlite: slot %.64q: %w", name, hobby.ErrNotDue)
		}
	}
	var lease hobby.Lease
	var outcome error
	err = s.Write(ctx, func(tx *Tx) (err error) {
		lease, outcome, err = tx.claim(name, now, sched)
		return err
	})
	if err = errors.Join(err, outcome); err != nil {
		return hobby.Lease{}, fmt.Errorf("sqlite: claiming slot %.64q: %w", name, err)
	}
	return lease, nil
}

// claim is Claim within a transaction. refusal says why there is no lease; what
// was written is committed all the same.
func (tx *Tx) claim(name string, now time.Time, sched hobby.Schedule) (l hobby.Lease, refusal, err error) {
	var row slot
	err = tx.QueryRow(selectSlot, []any{name}, &row.settled, &row.due, &row.holder, &row.attempt, &row.tries)
	if errors.Is(err, sql.ErrNoRows) {
		// This is the slot's first claim: runs that were due before are left out.
		_, err = tx.Exec("INSERT INTO pastime_hobby_slots (name, settled) VALUES (?, ?)", name, nanos(now))
		return l, hobby.ErrNotDue, err
	}
	if err != nil {
		return l, nil, err
	}
	ahead := row.ahead(sched, now)
	due, ok := row.dueAt(sched, now)
	if !ahead && !ok {
		return l, hobby.ErrNotDue, nil
	}
	if row.holder != "" {
		if alive, err := tx.s.holder.alive(row.holder); err != nil || alive {
			return l, hobby.ErrHeld, err
		}
	}
	if ahead {
		refusal = fmt.Errorf("%w: %w: its last run was due on %v", hobby.ErrNotDue, hobby.ErrClock, time.Unix(0, row.settled).UTC())
		_, err = tx.Exec("UPDATE pastime_hobby_slots SET settled = ?, due = 0, holder = '', tries = 0 WHERE name = ?", nanos(now), name)
		return l, refusal, err
	}
	f, err := tx.Fence("slot/" + name)
	if err != nil {
		return l, nil, err
	}
	try := 1
	if row.due == nanos(due) {
		try += row.tries
	}
	_, err = tx.Exec("UPDATE pastime_hobby_slots SET due = ?, holder = ?, attempt = ?, tries = ? WHERE name = ?",
		nanos(due), tx.s.holder.id, f.Attempt, try, name)
	return hobby.Lease{Slot: name, Due: due, Fence: f, Try: try}, nil, err
}

// Settle implements hobby.Store.
func (s *Store) Settle(ctx context.Context, l hobby.Lease, o hobby.Outcome) error {
	err := s.Write(ctx, func(tx *Tx) error {
		const mine = " WHERE name = ? AND attempt = ? AND holder = ?"
		whose := []any{l.Slot, l.Fence.Attempt, tx.s.holder.id}
		var r sql.Result
		var err error
		switch {
		case !o.Again:
			r, err = tx.Exec("UPDATE pastime_hobby_slots SET holder = '', due = 0, tries = 0, failed = ?, settled = max(settled, ?)"+mine,
				append([]any{o.Err, nanos(l.Due)}, whose...)...)
		case o.Err == "":
			r, err = tx.Exec("UPDATE pastime_hobby_slots SET holder = '', tries = tries - 1"+mine, whose...)
		default:
			r, err = tx.Exec("UPDATE pastime_hobby_slots SET holder = '', failed = ?"+mine, append([]any{o.Err}, whose...)...)
		}
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(hobby.ErrStale, err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sqlite: settling slot %.64q: %w", l.Slot, err)
	}
	return nil
}

// Slots implements hobby.Store.
func (s *Store) Slots(ctx context.Context) ([]hobby.SlotState, error) {
	return Read(ctx, s, "reading the slots", "SELECT name, settled, failed, due, tries FROM pastime_hobby_slots ORDER BY name", nil,
		func(r *sql.Rows) (state hobby.SlotState, err error) {
			var settled, due int64
			err = r.Scan(&state.Name, &settled, &state.Err, &due, &state.Tries)
			state.Settled = time.Unix(0, settled).UTC()
			if due != 0 {
				state.Due = time.Unix(0, due).UTC()
			}
			return state, err
		})
}
