package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Backup writes a consistent snapshot of the whole database to w, as a SQLite
// file, while practice goes on. It needs room for one copy in the directory of
// temporary files.
func (s *Store) Backup(ctx context.Context, w io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "pastime-backup-")
	if err != nil {
		return fmt.Errorf("sqlite: backing up: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "snapshot.db")
	if _, err := s.readDB.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
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
