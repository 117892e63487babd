package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Vacuumed is what [Vacuum] did, in bytes of the database's file.
type Vacuumed struct {
	Before int64 `json:"bytes_before"`
	After  int64 `json:"bytes_after"`
	// Converted says that the file gives free pages back by itself from now on.
	Converted bool `json:"converted"`
}

// Vacuum writes the store in the file at path anew, without its free pages, and makes
// it one that gives them back; see [Store.Shrink]. Others may have the file open. They
// read meanwhile; what they write waits, for BusyTimeout at most, so that an agent with
// a large file may rest until this is over. It needs room for two more copies, in the
// folder of temporary files and beside the file. progress, unless it is nil, is told
// from time to time which share in [0, 1] is done; the first half is not measured.
func Vacuum(ctx context.Context, path string, progress func(done float64)) (v Vacuumed, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("sqlite: vacuuming %s: %w", path, err)
		}
	}()
	abs, err := filepath.Abs(path)
	if err != nil {
		return v, err
	}
	before, err := os.Stat(abs)
	switch {
	case err != nil:
		return v, err
	case before.Size() == 0:
		return v, fmt.Errorf("%w: the file is empty", hobby.ErrInvalid)
	}
	o := &Options{BusyTimeout: time.Minute}
	name := uri(filepath.ToSlash(abs))
	if err := inspect(ctx, abs, name, o); err != nil {
		return v, err
	}
	db, err := sql.Open("sqlite", name+"?"+url.Values{"_pragma": {o.busy(), "secure_delete(ON)", "temp_store(FILE)"}}.Encode())
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1) // the pragmas are a connection's
	var mode int
	if err := db.QueryRowContext(ctx, "PRAGMA auto_vacuum").Scan(&mode); err != nil {
		return v, err
	}
	v.Before, v.Converted = before.Size(), mode == 0
	stop := watch(abs+"-wal", before.Size(), progress)
	_, err = db.ExecContext(ctx, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
	stop()
	if err != nil {
		return v, err
	}
	after, err := os.Stat(abs)
	if err != nil {
		return v, err
	}
	v.After = after.Size()
	if progress != nil {
		progress(1)
	}
	return v, nil
}

// watch tells the progress of a VACUUM by the size of the write-ahead log, into which
// the second half of its work writes the new content. stop ends it.
func watch(log string, size int64, progress func(float64)) (stop func()) {
	if progress == nil {
		return func() {}
	}
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			if f, err := os.Stat(log); err == nil {
				progress(min(0.99, 0.5+0.5*float64(f.Size())/float64(size)))
			}
		}
	}()
	return func() {
		close(over)
		<-ended
	}
}
