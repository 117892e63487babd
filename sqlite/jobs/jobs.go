package jobs

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Journal is a hobby.Journal in a store. All methods are safe for concurrent use, by
// several processes on the same file too.
type Journal struct{ store *sqlite.Store }

var _ hobby.Journal = (*Journal)(nil)

// New makes the journal of a store and brings its tables up to date. The store stays
// the caller's to close; closing it gives up what this process has claimed.
func New(ctx context.Context, s *sqlite.Store) (*Journal, error) {
	dir, err := fs.Sub(embedded, "migrations")
	if err == nil {
		err = s.Migrate(ctx, "jobs", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Journal{s}, nil
}

// StartJob implements hobby.Journal.
func (l *Journal) StartJob(ctx context.Context, j hobby.Job) (hobby.Job, error) {
	if j.Line == "" || j.Stage == "" {
		return hobby.Job{}, fmt.Errorf("jobs: %w: a job needs a Line and a Stage", hobby.ErrInvalid)
	}
	if j.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return hobby.Job{}, fmt.Errorf("jobs: making an id: %w", err)
		}
		j.ID = id.String()
	}
	started := hobby.Job{ID: j.ID, Line: j.Line, Status: hobby.JobOpen, Stage: j.Stage, Input: j.Input, State: j.State, Version: 1}
	err := l.write(ctx, "starting job "+j.ID, func(tx *sqlite.Tx) error {
		started.Created = tx.Now()
		var id string
		switch err := tx.QueryRow("SELECT id FROM pastime_jobs_jobs WHERE line = ? AND open = 1", []any{j.Line}, &id); {
		case err == nil:
			return fmt.Errorf("%w: job %s of %s is open", hobby.ErrBusy, id, j.Line)
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		body, err := json.Marshal(started)
		if err != nil {
			return fmt.Errorf("%w: marshalling: %w", hobby.ErrInvalid, err)
		}
		r, err := tx.Exec("INSERT INTO pastime_jobs_jobs (id, line, open, body) VALUES (?, ?, 1, ?) ON CONFLICT (id) DO NOTHING",
			j.ID, j.Line, body)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fmt.Errorf("%w: the id exists", hobby.ErrInvalid), err)
		}
		return errors.Join(forgetOld(tx, j.Line), tell(tx, hobby.JobCreatedEvent, &started))
	})
	if err != nil {
		return hobby.Job{}, err
	}
	return started, nil
}

// forgetOld forgets the oldest jobs of a line, of which there are too many, with their
// fences. Of many, as an earlier version left them, it forgets some at a time.
func forgetOld(tx *sqlite.Tx, line string) error {
	old, err := sqlite.ReadTx(tx, `DELETE FROM pastime_jobs_jobs WHERE pos IN (
		SELECT pos FROM pastime_jobs_jobs WHERE line = ? ORDER BY pos DESC LIMIT 100 OFFSET ?) RETURNING id`,
		[]any{line, hobby.KeptJobs}, sqlite.ScanValue[string])
	for _, id := range old {
		err = errors.Join(err, tx.DropFence(key(id)))
	}
	if err != nil {
		return fmt.Errorf("forgetting old jobs: %w", err)
	}
	return nil
}

// row is a stored job.
type row struct {
	hobby.Job
	holder  string
	attempt int64
}

func find(tx *sqlite.Tx, id string) (r row, err error) {
	var body []byte
	err = tx.QueryRow("SELECT holder, attempt, body FROM pastime_jobs_jobs WHERE id = ?", []any{id}, &r.holder, &r.attempt, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return r, hobby.ErrNotFound
	case err != nil:
		return r, err
	}
	if err := json.Unmarshal(body, &r.Job); err != nil {
		return r, fmt.Errorf("decoding what is stored: %w", err)
	}
	return r, nil
}

// held reports whether a process that is alive has the job.
func (r *row) held(tx *sqlite.Tx) (bool, error) {
	if r.holder == "" {
		return false, nil
	}
	return tx.Alive(r.holder)
}

// mine fails unless the claim that j came with is the current one.
func (r *row) mine(tx *sqlite.Tx, j *hobby.Job) error {
	if r.Status.Ended() || r.holder != tx.Holder() || r.attempt != j.Fence.Attempt || j.Fence.Attempt == 0 {
		return fmt.Errorf("%w: the job is %s, and not this claim's", hobby.ErrStale, r.Status)
	}
	return nil
}

func (r *row) put(tx *sqlite.Tx) error {
	r.Version++
	if r.Status.Ended() {
		r.holder, r.Ended = "", tx.Now()
	}
	body, err := json.Marshal(r.Job)
	if err != nil {
		return fmt.Errorf("%w: marshalling: %w", hobby.ErrInvalid, err)
	}
	_, err = tx.Exec("UPDATE pastime_jobs_jobs SET open = ?, holder = ?, attempt = ?, body = ? WHERE id = ?",
		!r.Status.Ended(), r.holder, r.attempt, body, r.ID)
	r.Fence = hobby.Fence{Key: key(r.ID), Attempt: r.attempt}
	return err
}

func key(id string) string { return "job/" + id }

// ClaimJob implements hobby.Journal.
func (l *Journal) ClaimJob(ctx context.Context, id string) (hobby.Job, error) {
	return l.change(ctx, "claiming", id, func(tx *sqlite.Tx, r *row) error {
		if r.Status.Ended() {
			return fmt.Errorf("%w: it is %s", hobby.ErrStale, r.Status)
		}
		if held, err := r.held(tx); err != nil || held {
			return errors.Join(hobby.ErrHeld, err)
		}
		f, err := tx.Fence(key(id))
		if err != nil {
			return err
		}
		if r.Started.IsZero() {
			r.Started = tx.Now()
		}
		r.holder, r.attempt = tx.Holder(), f.Attempt
		r.Tries++
		return r.put(tx)
	})
}

// KeepJob implements hobby.Journal.
func (l *Journal) KeepJob(ctx context.Context, j hobby.Job) (hobby.Job, error) {
	return l.change(ctx, "keeping", j.ID, func(tx *sqlite.Tx, r *row) error {
		if err := r.mine(tx, &j); err != nil {
			return err
		}
		if j.Stage == "" || j.Status != hobby.JobOpen && !j.Status.Ended() {
			return fmt.Errorf("%w: Stage is %.64q and Status %.64q", hobby.ErrInvalid, j.Stage, j.Status)
		}
		moved := r.Stage != j.Stage
		if moved || !bytes.Equal(r.State, j.State) {
			r.Tries = 1
		}
		r.Status, r.Stage, r.State, r.Err = j.Status, j.Stage, j.State, j.Err
		if err := r.put(tx); err != nil {
			return err
		}
		switch {
		case r.Status.Ended():
			return tell(tx, hobby.JobEndedEvent, &r.Job)
		case moved:
			return tell(tx, hobby.JobProgressEvent, &r.Job)
		}
		return nil
	})
}

// ReleaseJob implements hobby.Journal.
func (l *Journal) ReleaseJob(ctx context.Context, j hobby.Job) error {
	_, err := l.change(ctx, "releasing", j.ID, func(tx *sqlite.Tx, r *row) error {
		if err := r.mine(tx, &j); err != nil {
			return err
		}
		r.holder = ""
		r.Tries--
		return r.put(tx)
	})
	return err
}

// CancelJob implements hobby.Journal.
func (l *Journal) CancelJob(ctx context.Context, id string) (hobby.Job, error) {
	return l.change(ctx, "cancelling", id, func(tx *sqlite.Tx, r *row) error {
		if r.Status.Ended() {
			return nil
		}
		held, err := r.held(tx)
		if err != nil {
			return err
		}
		r.Cancelled = true
		if held {
			return r.put(tx)
		}
		r.Status = hobby.JobCancelled
		if err := r.put(tx); err != nil {
			return err
		}
		return tell(tx, hobby.JobEndedEvent, &r.Job)
	})
}

// change reads a job, has fn change and put it, and returns it.
func (l *Journal) change(ctx context.Context, doing, id string, fn func(*sqlite.Tx, *row) error) (j hobby.Job, err error) {
	err = l.write(ctx, fmt.Sprintf("%s job %.64q", doing, id), func(tx *sqlite.Tx) error {
		r, err := find(tx, id)
		if err == nil {
			err = fn(tx, &r)
		}
		j = r.Job
		return err
	})
	if err != nil {
		return hobby.Job{}, err
	}
	return j, nil
}

func tell(tx *sqlite.Tx, kind string, j *hobby.Job) error {
	_, err := tx.Append(kind, j.ID, j.Version, hobby.JobEvent{Line: j.Line, Status: j.Status, Stage: j.Stage, Err: j.Err})
	return err
}

// Job implements hobby.Journal.
func (l *Journal) Job(ctx context.Context, id string) (hobby.Job, error) {
	return sqlite.ReadOne(ctx, l.store, fmt.Sprintf("reading job %.64q", id),
		"SELECT body FROM pastime_jobs_jobs WHERE id = ?", []any{id}, sqlite.ScanJSON[hobby.Job])
}

// Jobs implements hobby.Journal.
func (l *Journal) Jobs(ctx context.Context, f hobby.JobFilter) (p hobby.JobPage, err error) {
	var w sqlite.Where
	if err := w.After(f.Cursor, "pos"); err != nil {
		return p, err
	}
	w.If(f.Line != "", "line = ?", f.Line)
	w.If(f.Open, "open = 1")
	order := " ORDER BY pos DESC"
	if f.Open {
		order = " ORDER BY +pos DESC" // by the index of what is open
	}
	p.Jobs, p.Next, err = sqlite.ReadPage(ctx, l.store, "listing jobs",
		"SELECT pos, body FROM pastime_jobs_jobs"+w.String()+order, w.Args(), f.Limit, sqlite.ScanPosJSON[hobby.Job])
	return p, err
}

func (l *Journal) write(ctx context.Context, doing string, fn func(*sqlite.Tx) error) error {
	if err := l.store.Write(ctx, fn); err != nil {
		return fmt.Errorf("jobs: %s: %w", doing, err)
	}
	return nil
}
