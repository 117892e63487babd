package subagents

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/subagent"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Ledger is a subagent.Ledger in a store. All methods are safe for concurrent
// use, by several processes on the same file too.
type Ledger struct{ store *sqlite.Store }

var _ subagent.Ledger = (*Ledger)(nil)

// New makes the ledger of a store and brings its tables up to date. The store
// stays the caller's to close.
func New(ctx context.Context, s *sqlite.Store) (*Ledger, error) {
	dir, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, fmt.Errorf("subagents: %w", err)
	}
	if err := s.Migrate(ctx, "subagents", dir); err != nil {
		return nil, fmt.Errorf("subagents: %w", err)
	}
	return &Ledger{s}, nil
}

// Create implements subagent.Ledger.
func (l *Ledger) Create(ctx context.Context, a subagent.Assignment) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("subagents: marshalling assignment %s: %w", a.ID, err)
	}
	return l.write(ctx, "creating assignment "+a.ID, func(tx *sqlite.Tx) error {
		r, err := tx.Exec(`INSERT INTO pastime_subagents_assignments (id, version, status, agent, ended, body)
			VALUES (?, 1, ?, ?, 0, ?) ON CONFLICT (id) DO NOTHING`, a.ID, a.Status, a.Agent, body)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fmt.Errorf("%w: the id exists", subagent.ErrConflict), err)
		}
		return tell(tx, subagent.EventCreated, &a, 1)
	})
}

// Start implements subagent.Ledger.
func (l *Ledger) Start(ctx context.Context, id string, attempt int64, at time.Time) (subagent.Assignment, error) {
	return l.move(ctx, subagent.EventStarted, id, attempt, func(_ *sqlite.Tx, a *subagent.Assignment) error {
		if a.Status != subagent.Pending {
			return conflict(a, "it is not pending")
		}
		a.Status, a.Started = subagent.Running, at.UTC()
		return nil
	})
}

// Retry implements subagent.Ledger.
func (l *Ledger) Retry(ctx context.Context, id string, attempt int64, next subagent.Next) (subagent.Assignment, error) {
	return l.move(ctx, subagent.EventRetried, id, attempt, func(tx *sqlite.Tx, a *subagent.Assignment) error {
		if a.Status.Final() {
			return conflict(a, "it has ended")
		}
		if next.Blame {
			if err := count(tx, a.Agent, subagent.Totals{Lost: 1}); err != nil {
				return err
			}
		}
		if a.Executor != "" {
			a.Past = append(a.Past, subagent.Attempt{
				Attempt: a.Attempt, Agent: a.Agent, Executor: a.Executor, Started: a.Started, Ended: next.At.UTC(), Err: next.Err,
				Yielded: next.Yielded,
			})
		}
		a.Status, a.Attempt, a.Agent, a.Executor = subagent.Pending, a.Attempt+1, next.Agent, next.Executor
		a.Started, a.Deadline, a.Err = time.Time{}, next.Deadline.UTC(), ""
		return nil
	})
}

// End implements subagent.Ledger.
func (l *Ledger) End(ctx context.Context, id string, attempt int64, e subagent.End) (subagent.Assignment, error) {
	return l.move(ctx, subagent.EventEnded, id, attempt, func(tx *sqlite.Tx, a *subagent.Assignment) error {
		var ended subagent.Totals
		switch {
		case e.Status == subagent.Completed && a.Status == subagent.Running:
			ended.Completed = 1
		case e.Status == subagent.Failed && !a.Status.Final():
			ended.Failed = 1
		default:
			return conflict(a, fmt.Sprintf("it cannot become %.16q", e.Status))
		}
		a.Status, a.Ended, a.Outcome, a.Err = e.Status, e.At.UTC(), e.Outcome, e.Err
		if e.Session != nil {
			if _, err := tx.Commit(*e.Session, nil); err != nil {
				return err
			}
		}
		return count(tx, a.Agent, ended)
	})
}

// move carries out one transition as a compare-and-swap on the attempt and on
// what change checks.
func (l *Ledger) move(ctx context.Context, event, id string, attempt int64,
	change func(*sqlite.Tx, *subagent.Assignment) error) (a subagent.Assignment, err error) {
	err = l.write(ctx, fmt.Sprintf("assignment %.64q, %s", id, event), func(tx *sqlite.Tx) error {
		var version int
		var body []byte
		err := tx.QueryRow("SELECT version, body FROM pastime_subagents_assignments WHERE id = ?", []any{id}, &version, &body)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return hobby.ErrNotFound
		case err != nil:
			return err
		}
		a = subagent.Assignment{}
		if err := json.Unmarshal(body, &a); err != nil {
			return fmt.Errorf("decoding what is stored: %w", err)
		}
		if a.Attempt != attempt {
			return conflict(&a, fmt.Sprintf("that was attempt %d", attempt))
		}
		if err := change(tx, &a); err != nil {
			return err
		}
		if body, err = json.Marshal(a); err != nil {
			return fmt.Errorf("marshalling: %w", err)
		}
		ended := int64(0)
		if a.Status.Final() {
			ended = a.Ended.UnixNano()
		}
		if _, err := tx.Exec("UPDATE pastime_subagents_assignments SET version = ?, status = ?, agent = ?, ended = ?, body = ? WHERE id = ?",
			version+1, a.Status, a.Agent, ended, body, id); err != nil {
			return err
		}
		return tell(tx, event, &a, version+1)
	})
	if err != nil {
		return subagent.Assignment{}, err
	}
	return a, nil
}

// tell appends an event with the assignment, without the record of how its plan
// was chosen.
func tell(tx *sqlite.Tx, event string, a *subagent.Assignment, version int) error {
	told := *a
	told.Plan = a.Plan.Bare()
	_, err := tx.Append(event, a.ID, version, told)
	return err
}

func conflict(a *subagent.Assignment, why string) error {
	return fmt.Errorf("%w: it is %s, attempt %d: %s", subagent.ErrConflict, a.Status, a.Attempt, why)
}

// count adds to an agent's totals.
func count(tx *sqlite.Tx, agent string, t subagent.Totals) error {
	_, err := tx.Exec(`INSERT INTO pastime_subagents_totals (agent, completed, failed, lost) VALUES (?, ?, ?, ?)
		ON CONFLICT (agent) DO UPDATE SET
			completed = completed + excluded.completed, failed = failed + excluded.failed, lost = lost + excluded.lost`,
		agent, t.Completed, t.Failed, t.Lost)
	return err
}

// Insights implements subagent.Ledger.
func (l *Ledger) Insights(ctx context.Context, f hobby.InsightFilter) (hobby.InsightPage, error) {
	return l.store.Insights(ctx, f)
}

// Tallies implements subagent.Ledger.
func (l *Ledger) Tallies(ctx context.Context, f hobby.TallyFilter) ([]hobby.Tally, hobby.Cursor, error) {
	return l.store.Tallies(ctx, f)
}
