package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	driver "modernc.org/sqlite"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/scratch"
)

// Options configures a Store. Nil and the zero value are legal.
type Options struct {
	// FullSync makes every commit wait until the disk has it, so that it
	// survives a power failure. Default false.
	FullSync bool
	// BusyTimeout is how long a write waits for another process's. Default
	// 5 s.
	BusyTimeout time.Duration
	// KeepEvents is how long the store's slot keeps events that every consumer
	// has, for streams that are resumed; see [Store.Upkeep]. Default 24 h;
	// negative means for ever.
	KeepEvents time.Duration
	// single makes every write a transaction of its own, for a benchmark to
	// compare with.
	single bool
}

// Store is a hobby.Store over SQLite. All methods are safe for concurrent use.
type Store struct {
	writeDB *sql.DB
	readDB  *sql.DB
	owned   bool // Close closes the databases
	node    string
	holder  *holder
	health  health
	single  bool
	// keepEvents is Options.KeepEvents or its default.
	keepEvents time.Duration

	queue  chan *job
	closed chan struct{} // closed by Close: no new writes
	ended  chan struct{} // closed when the writer has ended
	once   sync.Once
	close  error

	stmts map[string]*sql.Stmt // the writer's own

	mu         sync.Mutex
	changed    chan struct{}
	forgetters map[string]Forgetter // by domain; replaced, never changed
}

var _ hobby.Store = (*Store)(nil)

const readers = 4

// ErrForeign says that the file is another program's database; nothing was
// touched. Wrap shares a database.
var ErrForeign = errors.New("sqlite: the file is another program's database")

// Open opens or creates the store in the file at path, for its owner only;
// ":memory:" is a store in memory. A file that a newer version of this package
// has migrated is refused with ErrNewerSchema, another program's database with
// ErrForeign.
func Open(ctx context.Context, path string, o *Options) (*Store, error) {
	if o == nil {
		o = &Options{}
	}
	scratch.Sweep("", backupPrefix)
	if path == ":memory:" {
		db, err := sql.Open("sqlite", "file::memory:?"+pragmas(o, founder))
		if err != nil {
			return nil, fmt.Errorf("sqlite: opening a database in memory: %w", err)
		}
		db.SetMaxOpenConns(1) // every connection would be a database of its own
		return start(ctx, db, db, true, o)
	}
	if path == "" {
		return nil, fmt.Errorf("sqlite: %w: the path is empty, must name a file or be \":memory:\"", hobby.ErrInvalid)
	}
	if target, err := os.Readlink(path); err == nil {
		// SQLite would make the file that the link names, for everybody to read.
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("sqlite: opening %s, which is a link to %s: %w", path, target, err)
		}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: opening %s: %w", path, err)
	}
	if _, err := os.Stat(filepath.Dir(abs)); err != nil {
		return nil, fmt.Errorf("sqlite: opening %s: its directory: %w", path, err)
	}
	if err := create(abs); err != nil {
		return nil, fmt.Errorf("sqlite: opening %s: %w", path, err)
	}
	name := uri(filepath.ToSlash(abs))
	if err := patiently(ctx, o, func() error { return inspect(ctx, abs, name, o) }); err != nil {
		return nil, fmt.Errorf("sqlite: opening %s: %w", path, err)
	}
	write, err := sql.Open("sqlite", name+"?"+pragmas(o, writerOf(abs)))
	if err != nil {
		return nil, fmt.Errorf("sqlite: opening %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", name+"?"+pragmas(o, reader))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: opening %s: %w", path, err), write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	s, err := start(ctx, write, read, true, o)
	if err != nil {
		return nil, fmt.Errorf("sqlite: opening %s: %w", path, err)
	}
	return s, nil
}

// uri names a file by its absolute path with slashes. A path of Windows gets one before its drive,
// which would be read as a host otherwise.
func uri(path string) string {
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// create makes the file of a new database, for its owner only; SQLite gives its
// other files the same mode. A file that exists is not opened, because closing
// it would release the locks that another store of this process has on it.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// inspect refuses a file that is not a database of this package, before anything
// is changed. Setting the journal mode would be a change.
func inspect(ctx context.Context, path, name string, o *Options) (err error) {
	if f, err := os.Stat(path); err != nil || f.Size() == 0 {
		return nil // a new one
	}
	db, err := sql.Open("sqlite", name+"?"+url.Values{"_pragma": {o.busy(), "query_only(ON)"}}.Encode())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var tables, ours int
	err = db.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE name LIKE 'pastime\_%' ESCAPE '\')
		FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`).Scan(&tables, &ours)
	if err == nil && tables > 0 && ours == 0 {
		err = fmt.Errorf("%w: it has %d tables and none of Pastime's", ErrForeign, tables)
	}
	return err
}

// Wrap keeps the store's tables in a host's own SQLite database, opened with any
// driver that speaks SQLite's SQL. The pool's settings, journal mode and
// synchronous level stay the host's; of o only BusyTimeout
// matters, while it connects, and KeepEvents. The host sets a busy_timeout if anybody
// else writes to the database, and secure_delete if forgotten texts must be gone from
// the disk. A database in memory needs a pool of one connection, because each connection has a database
// of its own. Close leaves db open.
func Wrap(ctx context.Context, db *sql.DB, o *Options) (*Store, error) {
	if db == nil {
		return nil, fmt.Errorf("sqlite: %w: Wrap needs a database", hobby.ErrInvalid)
	}
	if o == nil {
		o = &Options{}
	}
	return start(ctx, db, db, false, o)
}

// patience is BusyTimeout or its default.
func (o *Options) patience() time.Duration {
	if o.BusyTimeout > 0 {
		return o.BusyTimeout
	}
	return 5 * time.Second
}

// busy is the pragma of BusyTimeout.
func (o *Options) busy() string { return fmt.Sprintf("busy_timeout(%d)", o.patience().Milliseconds()) }

// patiently connects. SQLite does not wait by itself while another process
// turns a new file into one with a WAL, or closes the last connection to it.
func patiently(ctx context.Context, o *Options, connect func() error) error {
	const busy = 5 // SQLITE_BUSY
	for end := time.Now().Add(o.patience()); ; {
		err := connect()
		var code *driver.Error
		if !errors.As(err, &code) || code.Code()&0xff != busy || time.Now().After(end) {
			return err
		}
		t := time.NewTimer(5 * time.Millisecond)
		select {
		case <-ctx.Done():
			t.Stop()
			return err
		case <-t.C:
		}
	}
}

// role is what a connection is for.
type role int

const (
	founder role = iota // writes to a new database
	writer
	reader
)

// writerOf is the role of the connection that writes to the file at path.
func writerOf(path string) role {
	if f, err := os.Stat(path); err == nil && f.Size() == 0 {
		return founder
	}
	return writer
}

// pragmas are the connection's settings, busy_timeout first because the others
// may have to wait.
func pragmas(o *Options, r role) string {
	sync := "NORMAL"
	if o.FullSync {
		sync = "FULL"
	}
	q := url.Values{"_pragma": {o.busy()}}
	if r == founder {
		q.Add("_pragma", "auto_vacuum(INCREMENTAL)") // before all that writes to the file
	}
	q["_pragma"] = append(q["_pragma"],
		"journal_mode(WAL)", "synchronous("+sync+")", "foreign_keys(ON)",
		"cache_size(-16000)", "temp_store(MEMORY)", "journal_size_limit(67108864)",
		"secure_delete(ON)", // what Forget deletes is gone
	)
	if r == reader {
		q.Add("_pragma", "query_only(ON)")
	} else {
		q.Set("_txlock", "immediate")
	}
	return q.Encode()
}

// start makes a store over open databases. When it fails, it closes those that
// are the store's own.
func start(ctx context.Context, write, read *sql.DB, owned bool, o *Options) (_ *Store, err error) {
	s := &Store{
		writeDB: write, readDB: read, owned: owned, single: o.single, keepEvents: cmp.Or(o.KeepEvents, 24*time.Hour), holder: &holder{},
		queue: make(chan *job, 256), closed: make(chan struct{}), ended: make(chan struct{}),
		stmts: map[string]*sql.Stmt{}, changed: make(chan struct{}),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.closeDatabases(), s.holder.release())
		}
	}()
	var path string
	err = patiently(ctx, o, func() (err error) {
		path, err = pathOf(ctx, write)
		return err
	})
	if err != nil {
		return nil, err
	}
	h, err := newHolder(ctx, path)
	if err != nil {
		return nil, err
	}
	s.holder = h
	if s.health.path = path; path != "" {
		if s.health.opened, err = os.Stat(path); err != nil {
			return nil, fmt.Errorf("sqlite: looking at the database's file: %w", err)
		}
	}
	err = h.exclusively(ctx, func() error {
		if err := migrate(ctx, write, "hobby", migrations); err != nil {
			return err
		}
		s.node, err = nodeID(ctx, write)
		return err
	})
	if err != nil {
		return nil, err
	}
	go s.writer()
	return s, nil
}

// pathOf asks SQLite for the database's absolute path, free of symbolic links
// so that all processes agree on it; "" for one in memory.
func pathOf(ctx context.Context, db *sql.DB) (path string, err error) {
	var seq int
	var name string
	if err := db.QueryRowContext(ctx, "PRAGMA database_list").Scan(&seq, &name, &path); err != nil {
		return "", fmt.Errorf("sqlite: connecting: %w", err)
	}
	return path, nil
}

// nodeID reads the store's identity, which is made with the store.
func nodeID(ctx context.Context, db *sql.DB) (id string, err error) {
	fresh, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("sqlite: making a node id: %w", err)
	}
	const insert = "INSERT INTO pastime_hobby_node (one, id) VALUES (1, ?) ON CONFLICT DO NOTHING"
	if _, err := db.ExecContext(ctx, insert, fresh.String()); err != nil {
		return "", fmt.Errorf("sqlite: storing the node id: %w", err)
	}
	if err := db.QueryRowContext(ctx, "SELECT id FROM pastime_hobby_node").Scan(&id); err != nil {
		return "", fmt.Errorf("sqlite: reading the node id: %w", err)
	}
	return id, nil
}

// Node implements hobby.Store.
func (s *Store) Node() string { return s.node }

// Changed implements hobby.Store.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *Store) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close waits for the writes that were accepted and closes the store. Calling
// it again returns the same error.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closed)
		<-s.ended
		s.close = errors.Join(s.closeDatabases(), s.holder.release())
		if s.close != nil {
			s.close = fmt.Errorf("sqlite: closing: %w", s.close)
		}
	})
	return s.close
}

func (s *Store) closeDatabases() error {
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	if s.owned {
		errs = append(errs, s.writeDB.Close())
		if s.readDB != s.writeDB {
			errs = append(errs, s.readDB.Close())
		}
	}
	return errors.Join(errs...)
}
