package adapters

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/sqlite"
)

// columns are those that scan reads. status follows the order of lora.Status: the first
// that holds.
const columns = `v.pos, v.id, v.number, v.created, v.forgotten, v.collected, v.verdict, v.given, ` + status

const status = `CASE
	WHEN EXISTS (SELECT 1 FROM pastime_adapters_aliases a WHERE a.version = v.id AND a.alias = 'champion') THEN 'champion'
	WHEN EXISTS (SELECT 1 FROM pastime_adapters_aliases a WHERE a.version = v.id AND a.alias = 'candidate') THEN 'candidate'
	WHEN EXISTS (SELECT 1 FROM pastime_adapters_aliases a WHERE a.version = v.id AND a.alias = 'previous') THEN 'previous'
	WHEN v.verdict NOT IN ('', 'promote') THEN 'rejected'
	ELSE 'archived' END`

// scan reads a version with its position.
func scan(rows *sql.Rows) (v lora.Version, at sqlite.Cursor, err error) {
	var pos, created, forgotten, collected int64
	var id string
	var number int
	var verdict lora.Verdict
	var now lora.Status
	var given []byte
	if err := rows.Scan(&pos, &id, &number, &created, &forgotten, &collected, &verdict, &given, &now); err != nil {
		return v, nil, err
	}
	if err := json.Unmarshal(given, &v); err != nil {
		return v, nil, fmt.Errorf("decoding what is stored: %w", err)
	}
	v.ID, v.Number, v.Verdict, v.Status = id, number, verdict, now
	v.Created, v.Forgotten, v.Collected = moment(created), moment(forgotten), moment(collected)
	return v, sqlite.Cursor{pos}, nil
}

func moment(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}

func scanVersion(rows *sql.Rows) (lora.Version, error) {
	v, _, err := scan(rows)
	return v, err
}

// find reads a version in a transaction.
func find(tx *sqlite.Tx, id string) (lora.Version, error) {
	all, err := sqlite.ReadTx(tx, "SELECT "+columns+" FROM pastime_adapters_versions v WHERE v.id = ?", []any{id}, scanVersion)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("version %.64q: %w", id, hobby.ErrNotFound)
	}
	if err != nil {
		return lora.Version{}, err
	}
	return all[0], nil
}

// PutVersion implements lora.Store.
func (r *Registry) PutVersion(ctx context.Context, v lora.Version, from lora.Lineage, f *hobby.Fence) (stored lora.Version, err error) {
	if err := v.Validate(); err != nil {
		return stored, fmt.Errorf("adapters: %w", err)
	}
	v.ID, v.Number, v.Created, v.Forgotten, v.Collected, v.Verdict, v.Status = v.Identify(), 0, time.Time{}, time.Time{}, time.Time{}, "", ""
	given, err := json.Marshal(v)
	if err != nil {
		return stored, fmt.Errorf("adapters: %w: marshalling version %s: %w", hobby.ErrInvalid, v.ID, err)
	}
	err = r.write(ctx, "storing version "+v.ID, func(tx *sqlite.Tx) error {
		if err := tx.CheckFence(f); err != nil {
			return err
		}
		var was []byte
		switch err := tx.QueryRow("SELECT given FROM pastime_adapters_versions WHERE id = ?", []any{v.ID}, &was); {
		case err == nil && !bytes.Equal(was, given):
			return fmt.Errorf("%w: it is stored with other contents", lora.ErrConflict)
		case err == nil:
			stored, err = find(tx, v.ID)
			return err
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		if err := learnedFrom(tx, v.ID, from); err != nil {
			return err
		}
		forgotten, err := forgottenSince(tx, &v, from.Read)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO pastime_adapters_versions (id, kind, number, parent, job, created, forgotten, given)
			SELECT ?, ?, coalesce(max(number), 0) + 1, ?, ?, ?, ?, ? FROM pastime_adapters_versions WHERE kind = ?`,
			v.ID, v.Kind, v.Parent, v.Job, tx.Now().UnixNano(), forgotten, given, v.Kind)
		if err != nil {
			return err
		}
		if stored, err = find(tx, v.ID); err != nil {
			return err
		}
		_, err = tx.Append(lora.VersionStoredEvent, v.ID, 1, lora.VersionEvent{Version: stored})
		return err
	})
	if err != nil {
		return lora.Version{}, err
	}
	return stored, nil
}

func learnedFrom(tx *sqlite.Tx, id string, from lora.Lineage) error {
	for what, names := range map[string][]string{"source": from.Sources, "insight": from.Insights, "activity": from.Activities} {
		for _, name := range names {
			if _, err := tx.Exec("INSERT INTO pastime_adapters_lineage (what, name, version) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
				what, name, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgottenSince is now, in Unix nanoseconds, for a version whose parent is marked, or
// which learned from a source that was forgotten after it was read; else 0.
func forgottenSince(tx *sqlite.Tx, v *lora.Version, read time.Time) (int64, error) {
	if v.Parent != "" {
		parent, err := find(tx, v.Parent)
		switch {
		case err != nil:
			return 0, fmt.Errorf("its parent: %w", err)
		case !parent.Forgotten.IsZero():
			return tx.Now().UnixNano(), nil
		}
	}
	if read.IsZero() {
		return 0, nil
	}
	var n int
	err := tx.QueryRow(`SELECT count(*) FROM pastime_adapters_lineage l JOIN pastime_adapters_forgotten f ON f.source = l.name
		WHERE l.what = 'source' AND l.version = ? AND f.at >= ?`, []any{v.ID, read.UnixNano()}, &n)
	if err != nil || n == 0 {
		return 0, err
	}
	return tx.Now().UnixNano(), nil
}

// Version implements lora.Store.
func (r *Registry) Version(ctx context.Context, id string) (lora.Version, error) {
	return sqlite.ReadOne(ctx, r.store, fmt.Sprintf("reading version %.64q", id),
		"SELECT "+columns+" FROM pastime_adapters_versions v WHERE v.id = ?", []any{id}, scanVersion)
}

// touched selects the versions that learned from something, and those that go on from
// them.
const touched = `WITH RECURSIVE touched (id) AS (
	SELECT version FROM pastime_adapters_lineage WHERE what = ? AND name = ?
	UNION SELECT v.id FROM pastime_adapters_versions v JOIN touched t ON v.parent = t.id)
	SELECT id FROM touched`

// Versions implements lora.Store.
func (r *Registry) Versions(ctx context.Context, f lora.VersionFilter) (p lora.VersionPage, err error) {
	var w sqlite.Where
	if err := w.After(f.Cursor, "v.pos"); err != nil {
		return p, err
	}
	w.If(f.Kind != "", "v.kind = ?", f.Kind)
	w.If(f.Job != "", "v.job = ?", f.Job)
	w.If(f.Status != "", status+" = ?", f.Status)
	w.If(f.Source != "", "v.id IN ("+touched+")", "source", f.Source)
	w.If(f.Insight != "", "v.id IN ("+touched+")", "insight", f.Insight)
	w.If(f.Activity != "", "v.id IN ("+touched+")", "activity", f.Activity)
	p.Versions, p.Next, err = sqlite.ReadPage(ctx, r.store, "listing versions",
		"SELECT "+columns+" FROM pastime_adapters_versions v"+w.String()+" ORDER BY v.pos DESC", w.Args(), f.Limit, scan)
	return p, err
}

// forget marks what has learned from the source with a hash.
func forget(tx *sqlite.Tx, source string) (int, error) {
	if _, err := tx.Exec(`INSERT INTO pastime_adapters_forgotten (source, at) VALUES (?, ?)
		ON CONFLICT (source) DO UPDATE SET at = excluded.at`, source, tx.Now().UnixNano()); err != nil {
		return 0, err
	}
	const text = "SELECT " + columns + " FROM pastime_adapters_versions v WHERE v.forgotten = 0 AND v.id IN (" + touched + ")"
	all, err := sqlite.ReadTx(tx, text, []any{"source", source}, scanVersion)
	if err != nil {
		return 0, err
	}
	for _, v := range all {
		v.Forgotten = tx.Now().UTC()
		if err := mark(tx, "forgotten", lora.VersionForgottenEvent, &v); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// mark notes the time in a column of a version, with an event.
func mark(tx *sqlite.Tx, column, event string, v *lora.Version) error {
	if _, err := tx.Exec("UPDATE pastime_adapters_versions SET changes = changes + 1, "+column+" = ? WHERE id = ?",
		tx.Now().UnixNano(), v.ID); err != nil {
		return err
	}
	var n int
	if err := tx.QueryRow("SELECT changes FROM pastime_adapters_versions WHERE id = ?", []any{v.ID}, &n); err != nil {
		return err
	}
	names, err := sqlite.ReadTx(tx, "SELECT kind, alias FROM pastime_adapters_aliases WHERE version = ? ORDER BY kind, alias", []any{v.ID},
		func(rows *sql.Rows) (f lora.Flip, err error) { return f, rows.Scan(&f.Kind, &f.Alias) })
	if err != nil {
		return err
	}
	body := lora.VersionEvent{Version: *v}
	for _, f := range names {
		if body.Aliases == nil {
			body.Aliases = map[hobby.Kind][]lora.Alias{}
		}
		body.Aliases[f.Kind] = append(body.Aliases[f.Kind], f.Alias)
	}
	_, err = tx.Append(event, v.ID, n, body)
	return err
}

// Use implements lora.Store.
func (r *Registry) Use(ctx context.Context, id string) (func(), error) {
	err := r.write(ctx, fmt.Sprintf("using version %.64q", id), func(tx *sqlite.Tx) error {
		v, err := find(tx, id)
		if err == nil && !v.Collected.IsZero() {
			err = lora.ErrCollected
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO pastime_adapters_uses (version, holder, times) VALUES (?, ?, 1)
			ON CONFLICT (version, holder) DO UPDATE SET times = times + 1`, id, tx.Holder())
		return err
	})
	if err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() {
		// When this fails the version stays in use until the store is closed.
		_ = r.write(context.WithoutCancel(ctx), "releasing version "+id, func(tx *sqlite.Tx) error {
			_, err := tx.Exec("UPDATE pastime_adapters_uses SET times = times - 1 WHERE version = ? AND holder = ?", id, tx.Holder())
			return err
		})
	}), nil
}

// Collect implements lora.Store.
func (r *Registry) Collect(ctx context.Context, before time.Time) (gone []lora.Version, err error) {
	err = r.write(ctx, "collecting versions", func(tx *sqlite.Tx) error {
		gone = nil
		if err := dropDead(tx); err != nil {
			return err
		}
		const text = "SELECT " + columns + ` FROM pastime_adapters_versions v WHERE v.created < ? AND v.collected = 0
			AND NOT EXISTS (SELECT 1 FROM pastime_adapters_aliases a WHERE a.version = v.id)
			AND NOT EXISTS (SELECT 1 FROM pastime_adapters_uses u WHERE u.version = v.id)
			AND NOT EXISTS (SELECT 1 FROM pastime_adapters_trials t WHERE t.open = 1 AND v.id IN (t.candidate, t.baseline))
			ORDER BY v.pos`
		all, err := sqlite.ReadTx(tx, text, []any{before.UnixNano()}, scanVersion)
		if err != nil {
			return err
		}
		for i := range all {
			all[i].Collected = tx.Now().UTC()
			if err := mark(tx, "collected", lora.VersionCollectedEvent, &all[i]); err != nil {
				return err
			}
		}
		gone = all
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gone, nil
}

// dropDead forgets the uses of processes that are gone, and those that were released.
func dropDead(tx *sqlite.Tx) error {
	holders, err := sqlite.ReadTx(tx, "SELECT DISTINCT holder FROM pastime_adapters_uses", nil, sqlite.ScanValue[string])
	if err != nil {
		return err
	}
	for _, h := range holders {
		if alive, err := tx.Alive(h); err != nil {
			return err
		} else if alive {
			continue
		}
		if _, err := tx.Exec("DELETE FROM pastime_adapters_uses WHERE holder = ?", h); err != nil {
			return err
		}
	}
	_, err = tx.Exec("DELETE FROM pastime_adapters_uses WHERE times < 1")
	return err
}
