package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// mostTogether is how many writes share a transaction at most.
const mostTogether = 256

// job is one write on its way to the writer.
type job struct {
	fn    func(*Tx) error
	taken atomic.Bool // by the writer, or by a caller that gave up
	done  chan error
}

// Write runs fn in the store's next transaction, which other writes may share.
// When fn fails, what it did is undone and what they did remains. When Write
// returns nil, it is committed. fn must use only tx, never the store, and must
// not block; it may run again when another write failed or the transaction that
// they shared could not be committed.
//
// When ctx ends before fn began, fn never runs; once it began, Write waits for
// the outcome.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error {
	j := &job{fn: fn, done: make(chan error, 1)}
	select {
	case <-s.closed: // select is fair: look at these first
		return hobby.ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	default:
	}
	select {
	case s.queue <- j:
	case <-s.closed:
		return hobby.ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		if j.taken.CompareAndSwap(false, true) {
			return context.Cause(ctx)
		}
		return <-j.done
	case <-s.ended:
		select {
		case err := <-j.done:
			return err
		default:
			return hobby.ErrClosed
		}
	}
}

// writer carries out the writes until the store is closed.
func (s *Store) writer() {
	defer close(s.ended)
	for {
		select {
		case j := <-s.queue:
			s.together(s.gather(j))
		case <-s.closed:
			for {
				select {
				case j := <-s.queue:
					s.together(s.gather(j))
				default:
					return
				}
			}
		}
	}
}

// gather takes the jobs that wait. Callers who were answered just now often have
// their next job ready; gather yields to them, so that they can hand it in.
func (s *Store) gather(first *job) []*job {
	var jobs []*job
	take := func(j *job) {
		if j.taken.CompareAndSwap(false, true) {
			jobs = append(jobs, j)
		}
	}
	take(first)
	for yields := 0; !s.single && len(jobs) < mostTogether; {
		select {
		case j := <-s.queue:
			take(j)
			yields = 0
		default:
			if yields == 3 {
				return jobs
			}
			runtime.Gosched()
			yields++
		}
	}
	return jobs
}

// together commits jobs in one transaction and answers them. Few jobs fail, so
// at first none has a savepoint. When one fails, all are carried out again with
// savepoints. When the transaction fails although no job did, they are tried one
// by one.
func (s *Store) together(jobs []*job) {
	if len(jobs) == 0 {
		return
	}
	errs, err := s.attempt(jobs, false)
	if failed := (failedHalfway{}); len(jobs) > 1 && errors.As(err, &failed) {
		errs, err = s.attempt(jobs, true)
	}
	if err != nil && len(jobs) > 1 && !errors.Is(err, errBegin) {
		for _, j := range jobs {
			s.together([]*job{j})
		}
		return
	}
	s.health.note(errors.Join(append(errs, err)...), err != nil)
	if err == nil {
		s.announce()
	}
	for i, j := range jobs {
		j.done <- errors.Join(errs[i], err)
	}
}

// failedHalfway is the error of a transaction without savepoints in which a job
// failed that had changed something.
type failedHalfway struct{ error }

func (e failedHalfway) Unwrap() error { return e.error }

var errBegin = errors.New("sqlite: beginning a transaction")

// begin starts the next transaction and takes the database's write lock.
func (s *Store) begin() (*Tx, error) {
	if err := s.health.file(); err != nil {
		return nil, fmt.Errorf("%w: %w", errBegin, err)
	}
	ctx := context.Background() // the end of one caller's context must not roll back the other jobs
	sqltx, err := s.writeDB.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBegin, err)
	}
	tx := &Tx{s: s, tx: sqltx, ctx: ctx, now: time.Now().UTC(), stmts: map[string]*sql.Stmt{}}
	if !s.owned {
		// A host's transactions may begin as readers, and one that has read
		// cannot write once somebody else has: write before all else.
		if err := tx.exec("UPDATE pastime_hobby_node SET id = id"); err != nil {
			return nil, fmt.Errorf("%w: %w", errBegin, errors.Join(err, sqltx.Rollback()))
		}
	}
	return tx, nil
}

// attempt runs jobs in a transaction and commits it. errs are the errors of the
// jobs, err is that of the transaction.
func (s *Store) attempt(jobs []*job, savepoints bool) (errs []error, err error) {
	errs = make([]error, len(jobs))
	tx, err := s.begin()
	if err != nil {
		return errs, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.tx.Rollback())
		}
	}()
	for i, j := range jobs {
		if savepoints {
			errs[i], err = tx.carryOutSafely(j)
		} else {
			errs[i], err = tx.carryOut(j)
		}
		if err != nil {
			return errs, err
		}
	}
	if err := tx.flush(); err != nil {
		return errs, err
	}
	if err := tx.tx.Commit(); err != nil {
		return errs, fmt.Errorf("sqlite: committing: %w", err)
	}
	tx.s.keep(tx)
	return errs, nil
}

// carryOut runs a job. failure is the job's own error; err is the
// transaction's.
func (tx *Tx) carryOut(j *job) (failure, err error) {
	tx.wrote = false
	if failure = call(j.fn, tx); failure != nil && tx.wrote {
		return nil, failedHalfway{failure}
	}
	return failure, nil
}

// carryOutSafely runs a job under a savepoint; see carryOut.
func (tx *Tx) carryOutSafely(j *job) (failure, err error) {
	if err := tx.exec("SAVEPOINT job"); err != nil {
		return nil, err
	}
	before := tx.pending
	if failure = call(j.fn, tx); failure != nil {
		tx.pending = before
		if err := tx.exec("ROLLBACK TO job"); err != nil {
			return failure, err
		}
	}
	return failure, tx.exec("RELEASE job")
}

// call runs fn and catches its panic.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("sqlite: panic in a write: %v", r)
		}
	}()
	return fn(tx)
}

// Tx is the transaction of a [Store.Write].
type Tx struct {
	s   *Store
	tx  *sql.Tx
	ctx context.Context
	now time.Time

	wrote bool // it may have changed something since carryOut began
	pending

	stmts map[string]*sql.Stmt
	fresh []string // queries whose statements are not kept yet
}

// pending is what a transaction writes at its end: only the last state of each
// row that it changes often.
type pending struct {
	log    eventLog
	counts []nodeCount // what to add
}

// flush writes what is pending.
func (tx *Tx) flush() error {
	if err := tx.flushCounts(); err != nil {
		return err
	}
	return tx.flushLog()
}

// Now is the time of the transaction, in UTC.
func (tx *Tx) Now() time.Time { return tx.now }

// Exec runs a statement. The query must be a constant: statements are
// prepared once and kept.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	st, err := tx.prepare(query)
	if err != nil {
		return nil, err
	}
	r, err := st.Exec(args...)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return r, nil
}

// QueryRow scans the one row of a query into dest: sql.ErrNoRows when there is
// none. See Exec.
func (tx *Tx) QueryRow(query string, args []any, dest ...any) error {
	st, err := tx.prepare(query)
	if err != nil {
		return err
	}
	return st.QueryRow(args...).Scan(dest...)
}

func (tx *Tx) exec(query string) error {
	_, err := tx.Exec(query)
	return err
}

// prepare finds the statement of a query. A new one is prepared within the
// transaction, and for good once that has ended.
func (tx *Tx) prepare(query string) (*sql.Stmt, error) {
	tx.wrote = tx.wrote || !strings.HasPrefix(query, "SELECT ")
	if st, ok := tx.stmts[query]; ok {
		return st, nil
	}
	var st *sql.Stmt
	if kept, ok := tx.s.stmts[query]; ok {
		st = tx.tx.StmtContext(tx.ctx, kept)
	} else {
		var err error
		if st, err = tx.tx.PrepareContext(tx.ctx, query); err != nil {
			return nil, fmt.Errorf("sqlite: preparing %q: %w", query, err)
		}
		tx.fresh = append(tx.fresh, query)
	}
	tx.stmts[query] = st
	return st, nil
}

// keep prepares the statements that tx was the first to use. One that cannot
// be kept is prepared again by the next transaction.
func (s *Store) keep(tx *Tx) {
	for _, query := range tx.fresh {
		if st, err := s.writeDB.PrepareContext(tx.ctx, query); err == nil {
			s.stmts[query] = st
		}
	}
}
