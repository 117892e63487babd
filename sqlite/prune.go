package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// pruneStep is how many activities are deleted in one transaction, and trimStep how
// many events: a few tenths of a second, in which nobody else can write.
const (
	pruneStep = 1000
	trimStep  = 10_000
)

// Prune implements hobby.Store.
func (s *Store) Prune(ctx context.Context, ids []string, f *hobby.Fence) (n int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		if err := tx.CheckFence(f); err != nil {
			return err
		}
		n, err = tx.prune(ids)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: pruning: %w", err)
	}
	return n, nil
}

// pruned is an activity that is to be deleted.
type pruned struct {
	pos int64
	id  string
}

func scanPruned(r *sql.Rows) (p pruned, err error) {
	err = r.Scan(&p.pos, &p.id)
	return p, err
}

// prune deletes the ended ones of the given activities, with their items and
// insights.
func (tx *Tx) prune(ids []string) (int, error) {
	all, err := json.Marshal(ids)
	if err != nil {
		return 0, err
	}
	ended, err := ReadTx(tx, "SELECT pos, id FROM pastime_hobby_activities WHERE id IN (SELECT value FROM json_each(?)) AND status <> ?",
		[]any{string(all), hobby.Running}, scanPruned)
	if err != nil {
		return 0, err
	}
	return len(ended), tx.drop(ended)
}

// drop deletes activities with their items and insights.
func (tx *Tx) drop(all []pruned) error {
	if len(all) == 0 {
		return nil
	}
	at, ids := make([]int64, len(all)), make([]string, len(all))
	for i, p := range all {
		at[i], ids[i] = p.pos, p.id
	}
	positions, err := json.Marshal(at)
	if err != nil {
		return err
	}
	of, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	for _, del := range []struct{ query, values string }{
		{"DELETE FROM pastime_hobby_activities WHERE pos IN (SELECT value FROM json_each(?))", string(positions)},
		{"DELETE FROM pastime_hobby_items WHERE activity IN (SELECT value FROM json_each(?))", string(of)},
		{"DELETE FROM pastime_hobby_insights WHERE activity IN (SELECT value FROM json_each(?))", string(of)},
	} {
		if _, err := tx.Exec(del.query, del.values); err != nil {
			return err
		}
	}
	return nil
}

// PruneBefore implements hobby.Store. Where few pages are free before it, each step gives most of
// those that it frees back; [Store.Shrink] gives back the rest.
func (s *Store) PruneBefore(ctx context.Context, until time.Time, at hobby.Cursor, f *hobby.Fence) (n int, err error) {
	defer func() { err = errors.Join(err, s.shorten(context.WithoutCancel(ctx), n > 0)) }()
	for last := false; !last; {
		var gone int
		begun := time.Now()
		err = s.Write(ctx, func(tx *Tx) (err error) {
			gone, last, err = tx.pruneBefore(until, at, f)
			return err
		})
		if err != nil {
			return n, fmt.Errorf("sqlite: pruning what started before %v: %w", until, err)
		}
		n += gone
		if !last {
			if err := rest(ctx, begun); err != nil {
				return n, fmt.Errorf("sqlite: pruning what started before %v: %w", until, err)
			}
		}
	}
	return n, nil
}

// oldestEnded finds the activities that started first, so that whole pages of the tables become
// free: it merges one search for each status that is not running.
var oldestEnded = "SELECT pos, id FROM (" + strings.Join(slices.Repeat([]string{`SELECT pos, id, started FROM pastime_hobby_activities
	INDEXED BY pastime_hobby_activities_by WHERE status = ? AND started < ? AND event <= ?`}, len(statuses)-1), " UNION ALL ") +
	" ORDER BY started, pos LIMIT ?)"

// pruneBefore is one step of PruneBefore; last says that nothing is left.
func (tx *Tx) pruneBefore(until time.Time, at hobby.Cursor, f *hobby.Fence) (n int, last bool, err error) {
	var args []any
	for _, status := range statuses {
		if status != hobby.Running {
			args = append(args, status, nanos(until), at)
		}
	}
	all, err := ReadTx(tx, oldestEnded, append(args, pruneStep), scanPruned)
	if err != nil {
		return 0, false, err
	}
	last = len(all) < pruneStep
	if f != nil {
		step := *f
		step.Close = f.Close && last
		f = &step
	}
	if err := tx.CheckFence(f); err != nil {
		return 0, false, err
	}
	return len(all), last, tx.shrinking(func() error { return tx.drop(all) })
}

// Trim implements hobby.Store. It works in steps, so that others can write.
func (s *Store) Trim(ctx context.Context, to hobby.Cursor) (floor hobby.Cursor, err error) {
	for last := false; !last; {
		begun := time.Now()
		err = s.Write(ctx, func(tx *Tx) (err error) {
			floor, last, err = tx.trim(to)
			return err
		})
		if err != nil {
			return floor, fmt.Errorf("sqlite: trimming the event log to %d: %w", to, err)
		}
		if !last {
			if err := rest(ctx, begun); err != nil {
				return floor, fmt.Errorf("sqlite: trimming the event log to %d: %w", to, err)
			}
		}
	}
	return floor, nil
}

// trim is one step of Trim; last says that nothing is left.
func (tx *Tx) trim(to hobby.Cursor) (floor hobby.Cursor, last bool, err error) {
	head, err := tx.next()
	if err != nil {
		return 0, false, err
	}
	head--
	var slowest hobby.Cursor
	err = tx.QueryRow("SELECT floor, coalesce((SELECT min(pos) FROM pastime_hobby_consumers), ?) FROM pastime_hobby_node",
		[]any{head}, &floor, &slowest)
	if err != nil {
		return 0, false, err
	}
	to = min(to, head, slowest)
	if to <= floor {
		return floor, true, nil
	}
	next := min(to, floor+trimStep)
	for _, statement := range []string{
		"DELETE FROM pastime_hobby_events WHERE pos <= ?",
		"DELETE FROM pastime_hobby_sources WHERE event <= ?",
		"UPDATE pastime_hobby_node SET floor = ?",
	} {
		if _, err := tx.Exec(statement, next); err != nil {
			return 0, false, err
		}
	}
	return next, next == to, nil
}
