package feedback

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/sqlite"
)

// scanExposure reads pos, answered and body.
func scanExposure(r *sql.Rows) (e rlhf.Exposure, err error) {
	var pos int64
	var answered bool
	var body []byte
	if err := r.Scan(&pos, &answered, &body); err != nil {
		return e, err
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return e, fmt.Errorf("decoding an exposure: %w", err)
	}
	e.Pos, e.Answered = pos, answered
	return e, nil
}

const exposures = "SELECT pos, answered, body FROM pastime_feedback_exposures"

// exposure reads one in a transaction; sql.ErrNoRows.
func exposure(tx *sqlite.Tx, id string) (rlhf.Exposure, error) {
	all, err := sqlite.ReadTx(tx, exposures+" WHERE id = ?", []any{id}, scanExposure)
	if err == nil && len(all) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return rlhf.Exposure{}, err
	}
	return all[0], nil
}

// Expose implements rlhf.Store.
func (s *Store) Expose(ctx context.Context, shown []rlhf.Exposure, most int) (stored []rlhf.Exposure, err error) {
	ids := make([]string, len(shown))
	for i := range shown {
		if e := &shown[i]; !e.Type.Valid() || e.Target == "" || e.Rater == "" || !(e.Propensity > 0 && e.Propensity <= 1) {
			return nil, fmt.Errorf("feedback: %w: exposure %d has no target or rater, or its propensity is %v", hobby.ErrInvalid, i, e.Propensity)
		}
		id, err := uuid.NewV7()
		if err != nil {
			return nil, fmt.Errorf("feedback: making an id: %w", err)
		}
		ids[i] = id.String()
	}
	err = s.write(ctx, "logging what is shown", func(tx *sqlite.Tx) error {
		stored = nil
		for i, e := range shown {
			e.ID, e.At = ids[i], tx.Now().UTC()
			e, err := expose(tx, e)
			if err != nil {
				return err
			}
			stored = append(stored, e)
		}
		return trim(tx, max(most, len(shown)))
	})
	if err != nil {
		return nil, err
	}
	return stored, nil
}

// trim deletes the oldest exposures without an answer but for so many.
func trim(tx *sqlite.Tx, most int) error {
	all, err := count(tx, "exposures")
	if err != nil {
		return err
	}
	answered, err := count(tx, "answered")
	if err != nil || all-answered <= int64(most) {
		return err
	}
	r, err := tx.Exec(`DELETE FROM pastime_feedback_exposures WHERE pos IN (
		SELECT pos FROM pastime_feedback_exposures WHERE answered = 0 ORDER BY at, pos LIMIT ?)`, all-answered-int64(most))
	if err != nil {
		return err
	}
	gone, err := r.RowsAffected()
	if err != nil {
		return err
	}
	return add(tx, "exposures", -int(gone))
}

func expose(tx *sqlite.Tx, e rlhf.Exposure) (rlhf.Exposure, error) {
	day := unixDay(e.At)
	was, err := sqlite.ReadTx(tx, exposures+" WHERE rater = ? AND type = ? AND target = ? AND day = ?",
		[]any{e.Rater, e.Type, e.Target, day}, scanExposure)
	if err != nil || len(was) > 0 {
		return append(was, e)[0], err
	}
	body, err := json.Marshal(e)
	if err != nil {
		return e, fmt.Errorf("marshalling: %w", err)
	}
	r, err := tx.Exec(`INSERT INTO pastime_feedback_exposures (id, type, target, rater, source, at, day, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, e.ID, e.Type, e.Target, e.Rater, e.Source, e.At.UnixNano(), day, body)
	if err != nil {
		return e, err
	}
	if e.Pos, err = r.LastInsertId(); err != nil {
		return e, err
	}
	return e, add(tx, "exposures", 1)
}

// Exposure implements rlhf.Store.
func (s *Store) Exposure(ctx context.Context, id string) (rlhf.Exposure, error) {
	return sqlite.ReadOne(ctx, s.store, fmt.Sprintf("reading exposure %.64q", id), exposures+" WHERE id = ?", []any{id}, scanExposure)
}

// Exposures implements rlhf.Store.
func (s *Store) Exposures(ctx context.Context, after int64, limit int) ([]rlhf.Exposure, error) {
	return sqlite.Read(ctx, s.store, "reading exposures", exposures+" WHERE pos > ? ORDER BY pos LIMIT ?",
		[]any{after, min(max(limit, 1), 10_000)}, scanExposure)
}

// Seen implements rlhf.Store.
func (s *Store) Seen(ctx context.Context, rater string, of []rlhf.Ref) (map[rlhf.Ref]rlhf.Seen, error) {
	refs, err := json.Marshal(of)
	if err != nil {
		return nil, fmt.Errorf("feedback: marshalling targets: %w", err)
	}
	type row struct {
		rlhf.Ref
		rlhf.Seen
	}
	rows, err := sqlite.Read(ctx, s.store, "reading what was seen", `
		WITH asked (type, target) AS (SELECT value ->> 'target_type', value ->> 'target_id' FROM json_each(?))
		SELECT a.type, a.target,
			coalesce((SELECT raters FROM pastime_feedback_targets t WHERE t.type = a.type AND t.target = a.target), 0),
			EXISTS (SELECT 1 FROM pastime_feedback_given g WHERE g.type = a.type AND g.target = a.target AND g.rater = ?),
			coalesce(e.at, 0), coalesce(e.id, '')
		FROM asked a LEFT JOIN pastime_feedback_exposures e ON e.pos = (
			SELECT x.pos FROM pastime_feedback_exposures x WHERE x.rater = ? AND x.type = a.type AND x.target = a.target
			ORDER BY x.day DESC LIMIT 1)`,
		[]any{string(refs), rater, rater}, func(r *sql.Rows) (v row, err error) {
			var at int64
			err = r.Scan(&v.Type, &v.ID, &v.Raters, &v.Rated, &at, &v.Exposure)
			if at != 0 {
				v.Shown = time.Unix(0, at).UTC()
			}
			return v, err
		})
	if err != nil {
		return nil, err
	}
	seen := map[rlhf.Ref]rlhf.Seen{}
	for _, r := range rows {
		if r.Seen != (rlhf.Seen{}) {
			seen[r.Ref] = r.Seen
		}
	}
	return seen, nil
}

// Drop implements rlhf.Store.
func (s *Store) Drop(ctx context.Context, before time.Time) (n int, err error) {
	err = s.write(ctx, "dropping exposures", func(tx *sqlite.Tx) error {
		r, err := tx.Exec("DELETE FROM pastime_feedback_exposures WHERE answered = 0 AND at < ?", before.UnixNano())
		if err != nil {
			return err
		}
		gone, err := r.RowsAffected()
		if err != nil {
			return err
		}
		n = int(gone)
		return add(tx, "exposures", -n)
	})
	return n, err
}

// keptModels is how many fitted models are kept.
const keptModels = 20

// PutModel implements rlhf.Store.
func (s *Store) PutModel(ctx context.Context, m rlhf.Fitted, f *hobby.Fence) error {
	if m.Version == "" {
		return fmt.Errorf("feedback: %w: Fitted.Version is empty", hobby.ErrInvalid)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("feedback: marshalling model %.64q: %w", m.Version, err)
	}
	return s.write(ctx, "storing a reward model", func(tx *sqlite.Tx) error {
		if err := tx.CheckFence(f); err != nil {
			return err
		}
		forgotten, err := count(tx, "forgotten")
		if err != nil {
			return err
		}
		if forgotten != m.Forgotten {
			return fmt.Errorf("%w: something that it learned from was forgotten meanwhile", hobby.ErrStale)
		}
		if _, err := tx.Exec("INSERT INTO pastime_feedback_models (body) VALUES (?)", body); err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM pastime_feedback_models WHERE pos <=
			(SELECT pos FROM pastime_feedback_models ORDER BY pos DESC LIMIT 1 OFFSET ?)`, keptModels)
		return err
	})
}

// Model implements rlhf.Store.
func (s *Store) Model(ctx context.Context) (rlhf.Fitted, error) {
	return sqlite.ReadOne(ctx, s.store, "reading the reward model", "SELECT body FROM pastime_feedback_models ORDER BY pos DESC LIMIT 1",
		nil, sqlite.ScanJSON[rlhf.Fitted])
}

// Counts implements rlhf.Store.
func (s *Store) Counts(ctx context.Context) (rlhf.Counts, error) {
	type row struct {
		name string
		n    int64
	}
	rows, err := sqlite.Read(ctx, s.store, "counting feedback", "SELECT name, n FROM pastime_feedback_counts", nil,
		func(r *sql.Rows) (v row, err error) { return v, r.Scan(&v.name, &v.n) })
	if err != nil {
		return rlhf.Counts{}, err
	}
	n := map[string]int64{}
	for _, r := range rows {
		n[r.name] = r.n
	}
	c := rlhf.Counts{
		Given: map[rlhf.TargetType]int64{}, Ratings: n["ratings"], Raters: n["raters"], Targets: n["targets"],
		Exposures: n["exposures"], Answered: n["answered"],
	}
	for _, t := range rlhf.TargetTypes() {
		c.Given[t] = n["given:"+string(t)]
	}
	return c, nil
}

func count(tx *sqlite.Tx, name string) (n int64, err error) {
	err = tx.QueryRow("SELECT n FROM pastime_feedback_counts WHERE name = ?", []any{name}, &n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// Key implements rlhf.Store.
func (s *Store) Key(ctx context.Context) ([]byte, error) {
	return sqlite.ReadOne(ctx, s.store, "reading the key of the raters' hashes", "SELECT key FROM pastime_feedback_secret", nil,
		sqlite.ScanValue[[]byte])
}

// Forgotten implements rlhf.Store.
func (s *Store) Forgotten(ctx context.Context) (int64, error) { return s.counted(ctx, "forgotten") }

// Forgets implements rlhf.Store.
func (s *Store) Forgets(ctx context.Context) (int64, error) { return s.counted(ctx, "forgets") }

func (s *Store) counted(ctx context.Context, name string) (int64, error) {
	n, err := sqlite.ReadOne(ctx, s.store, "reading what was forgotten", "SELECT n FROM pastime_feedback_counts WHERE name = ?", []any{name},
		sqlite.ScanValue[int64])
	if errors.Is(err, hobby.ErrNotFound) {
		return 0, nil
	}
	return n, err
}
