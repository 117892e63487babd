// Package settings keeps what people chose of an agent's settings in its store.
package settings

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pastime-go/pastime/settings"
	"github.com/pastime-go/pastime/sqlite"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Store is a settings.Store in a store. All methods are safe for concurrent use, by several
// processes on the same file too.
type Store struct{ store *sqlite.Store }

var _ settings.Store = (*Store)(nil)

// New makes the settings of a store and brings its tables up to date. The store stays the
// caller's to close.
func New(ctx context.Context, s *sqlite.Store) (*Store, error) {
	dir, err := fs.Sub(embedded, "migrations")
	if err == nil {
		err = s.Migrate(ctx, "settings", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return &Store{s}, nil
}

// Settings implements settings.Store.
func (s *Store) Settings(ctx context.Context, agent string) (v settings.Values, err error) {
	rows, err := sqlite.Read(ctx, s.store, "reading the settings", "SELECT body FROM pastime_settings_chosen WHERE agent = ?", []any{agent},
		func(rows *sql.Rows) (v settings.Values, err error) {
			var body []byte
			if err := rows.Scan(&body); err != nil {
				return v, err
			}
			return v, json.Unmarshal(body, &v)
		})
	if err != nil || len(rows) == 0 {
		return v, err
	}
	return rows[0], nil
}

// PutSettings implements settings.Store.
func (s *Store) PutSettings(ctx context.Context, agent string, v settings.Values) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("settings: marshalling: %w", err)
	}
	err = s.store.Write(ctx, func(tx *sqlite.Tx) error {
		var version int
		err := tx.QueryRow("SELECT version FROM pastime_settings_chosen WHERE agent = ?", []any{agent}, &version)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		version++
		if _, err := tx.Exec(`INSERT INTO pastime_settings_chosen (agent, version, body) VALUES (?, ?, ?)
			ON CONFLICT (agent) DO UPDATE SET version = excluded.version, body = excluded.body`, agent, version, body); err != nil {
			return err
		}
		_, err = tx.Append(settings.Changed, agent, version, struct{}{})
		return err
	})
	if err != nil {
		return fmt.Errorf("settings: writing: %w", err)
	}
	return nil
}
