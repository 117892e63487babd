package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pastime-go/pastime/internal/scratch"
)

// backupPrefix begins the names of the folders of copies. Open removes those of dead processes.
const backupPrefix = "pastime-backup-"

// Backup writes a consistent snapshot of the whole database to w, as a SQLite
// file, while practice goes on. It needs room for one copy in the directory of
// temporary files. A store that is opened from the copy has the same node id:
// it replaces the original, and must not practise beside it. Files that other
// parts keep beside the store, in a pastime.Kit's folder, are not in it.
func (s *Store) Backup(ctx context.Context, w io.Writer) (err error) {
	dir, err := scratch.New("", backupPrefix)
	if err != nil {
		return fmt.Errorf("sqlite: backing up: %w", err)
	}
	defer func() { err = errors.Join(err, dir.Remove()) }()
	path := filepath.Join(dir.Path, "snapshot.db")
	if err := s.snapshot(ctx, path); err != nil {
		return s.wrap("backing up", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sqlite: backing up: %w", err)
	}
	defer f.Close()
	if _, err := io.Copy(w, f); err != nil {
		return fmt.Errorf("sqlite: writing the backup: %w", err)
	}
	return nil
}

// snapshot writes the database to a new file at path.
func (s *Store) snapshot(ctx context.Context, path string) (err error) {
	c, err := s.readDB.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if s.readDB != s.writeDB { // connections that only read refuse to write to any file
		if _, err := c.ExecContext(ctx, "PRAGMA query_only = OFF"); err != nil {
			return err
		}
		defer func() {
			_, back := c.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only = ON")
			err = errors.Join(err, back)
		}()
	}
	_, err = c.ExecContext(ctx, "VACUUM INTO ?", path)
	return err
}
