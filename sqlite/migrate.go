package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// ErrNewerSchema says that a newer version of this program has changed the
// tables; nothing was touched.
var ErrNewerSchema = errors.New("sqlite: the file's schema is newer than this program")

//go:embed migrations/hobby/*.sql
var embedded embed.FS

var migrations = func() fs.FS {
	sub, err := fs.Sub(embedded, "migrations/hobby")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}()

// Migrate brings the tables of a domain up to date: the *.sql files of dir, in
// goose's format, with a version line of their own. Tables of a domain are
// named pastime_<domain>_*, and refer to no other domain's.
func (s *Store) Migrate(ctx context.Context, domain string, dir fs.FS) error {
	return s.holder.exclusively(ctx, func() error { return migrate(ctx, s.writeDB, domain, dir) })
}

func migrate(ctx context.Context, db *sql.DB, domain string, dir fs.FS) error {
	versions, err := database.NewStore(database.DialectSQLite3, "pastime_"+domain+"_migrations")
	if err != nil {
		return fmt.Errorf("sqlite: migrating %q: %w", domain, err)
	}
	p, err := goose.NewProvider("", db, dir, goose.WithStore(versions), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("sqlite: migrating %q: %w", domain, err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("sqlite: reading the schema version of %q: %w", domain, err)
	}
	if have > want {
		return fmt.Errorf("%w: %q is at version %d, the newest known is %d", ErrNewerSchema, domain, have, want)
	}
	if have == want {
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("sqlite: migrating %q: %w", domain, err)
	}
	return nil
}
