package adapters

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/sqlite"
)

// Point implements lora.Store.
func (r *Registry) Point(ctx context.Context, flips []lora.Flip, f *hobby.Fence) error {
	for i := range flips {
		switch fl := &flips[i]; {
		case fl.Alias != lora.Champion && fl.Alias != lora.Candidate && fl.Alias != lora.Previous:
			return fmt.Errorf("adapters: %w: Flip.Alias is %.32q", hobby.ErrInvalid, fl.Alias)
		case fl.From == fl.To:
			return fmt.Errorf("adapters: %w: Flip.To is From", hobby.ErrInvalid)
		case fl.By == "":
			return fmt.Errorf("adapters: %w: Flip.By is empty", hobby.ErrInvalid)
		}
	}
	return r.write(ctx, "moving aliases", func(tx *sqlite.Tx) error {
		if err := tx.CheckFence(f); err != nil {
			return err
		}
		for _, fl := range flips {
			if err := point(tx, fl); err != nil {
				return fmt.Errorf("%s of %.64q: %w", fl.Alias, fl.Kind, err)
			}
		}
		return nil
	})
}

func point(tx *sqlite.Tx, f lora.Flip) error {
	var now string
	err := tx.QueryRow("SELECT version FROM pastime_adapters_aliases WHERE kind = ? AND alias = ?", []any{f.Kind, f.Alias}, &now)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if now != f.From {
		return fmt.Errorf("%w: it points to %q", lora.ErrConflict, now)
	}
	if f.To != "" {
		v, err := find(tx, f.To)
		switch {
		case err != nil:
			return err
		case !v.Collected.IsZero():
			return lora.ErrCollected
		case !v.Forgotten.IsZero() && f.Alias != lora.Previous:
			return lora.ErrForgotten
		}
		_, err = tx.Exec(`INSERT INTO pastime_adapters_aliases (kind, alias, version) VALUES (?, ?, ?)
			ON CONFLICT (kind, alias) DO UPDATE SET version = excluded.version`, f.Kind, f.Alias, f.To)
		if err != nil {
			return err
		}
	} else if _, err := tx.Exec("DELETE FROM pastime_adapters_aliases WHERE kind = ? AND alias = ?", f.Kind, f.Alias); err != nil {
		return err
	}
	f.At = tx.Now().UTC()
	body, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("marshalling: %w", err)
	}
	if _, err := tx.Exec("INSERT INTO pastime_adapters_flips (kind, alias, body) VALUES (?, ?, ?)", f.Kind, f.Alias, body); err != nil {
		return err
	}
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM pastime_adapters_flips WHERE kind = ? AND alias = ?", []any{f.Kind, f.Alias}, &n); err != nil {
		return err
	}
	id := f.To
	if id == "" {
		id = f.From
	}
	_, err = tx.Append(lora.FlippedEvent, id, n, f)
	return err
}

// Aliases implements lora.Store.
func (r *Registry) Aliases(ctx context.Context) (map[hobby.Kind]map[lora.Alias]string, error) {
	rows, err := sqlite.Read(ctx, r.store, "reading the aliases", "SELECT kind, alias, version FROM pastime_adapters_aliases", nil,
		func(rows *sql.Rows) (f lora.Flip, err error) { return f, rows.Scan(&f.Kind, &f.Alias, &f.To) })
	if err != nil {
		return nil, err
	}
	all := map[hobby.Kind]map[lora.Alias]string{}
	for _, f := range rows {
		if all[f.Kind] == nil {
			all[f.Kind] = map[lora.Alias]string{}
		}
		all[f.Kind][f.Alias] = f.To
	}
	return all, nil
}

// History implements lora.Store.
func (r *Registry) History(ctx context.Context, f lora.FlipFilter) (p lora.FlipPage, err error) {
	var w sqlite.Where
	if err := w.After(f.Cursor, "pos"); err != nil {
		return p, err
	}
	if f.Kind != nil {
		w.And("kind = ?", *f.Kind)
	}
	w.If(f.Alias != "", "alias = ?", f.Alias)
	p.Flips, p.Next, err = sqlite.ReadPage(ctx, r.store, "reading the history of the aliases",
		"SELECT pos, body FROM pastime_adapters_flips"+w.String()+" ORDER BY pos DESC", w.Args(), f.Limit, sqlite.ScanPosJSON[lora.Flip])
	return p, err
}
