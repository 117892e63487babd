package feedback

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/sqlite"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Store is an rlhf.Store in a store. All methods are safe for concurrent use, by several
// processes on the same file too.
type Store struct{ store *sqlite.Store }

var (
	_ rlhf.Store     = (*Store)(nil)
	_ hobby.Consumer = (*Store)(nil)
)

// New makes the feedback of a store and brings its tables up to date. The store stays
// the caller's to close. Its Forget forgets feedback in the same transaction. A Store is
// also a hobby.Consumer, for what programs that have no feedback forget.
func New(ctx context.Context, s *sqlite.Store) (*Store, error) {
	dir, err := fs.Sub(embedded, "migrations")
	if err == nil {
		err = s.Migrate(ctx, "feedback", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("feedback: %w", err)
	}
	// A process of an earlier version may still run, and stores feedback without a speaker.
	const speak = `UPDATE pastime_feedback_given SET speaker = coalesce(nullif(CAST(body AS TEXT) ->> 'voice', ''), rater) WHERE speaker = ''`
	if err := s.Write(ctx, func(tx *sqlite.Tx) error { _, err := tx.Exec(speak); return err }); err != nil {
		return nil, fmt.Errorf("feedback: saying whose quota feedback counts to: %w", err)
	}
	s.OnForget("feedback", func(tx *sqlite.Tx, source string) (int, error) { return forget(tx, hobby.SourceHash(source)) })
	return &Store{s}, nil
}

func (s *Store) write(ctx context.Context, doing string, fn func(*sqlite.Tx) error) error {
	if err := s.store.Write(ctx, fn); err != nil {
		return fmt.Errorf("feedback: %s: %w", doing, err)
	}
	return nil
}

// Put implements rlhf.Store.
func (s *Store) Put(ctx context.Context, f rlhf.Feedback, about rlhf.Target, perDay int) (r rlhf.Stored, err error) {
	if err := f.Validate(); err != nil {
		return r, fmt.Errorf("feedback: %w", err)
	}
	if f.Rater == "" || f.Type != about.Type || f.Target != about.ID {
		return r, fmt.Errorf("feedback: %w: it has no rater, or its target is not the one given", hobby.ErrInvalid)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return r, fmt.Errorf("feedback: making an id: %w", err)
	}
	err = s.write(ctx, fmt.Sprintf("storing feedback on %s %.64q", f.Type, f.Target), func(tx *sqlite.Tx) error {
		p := put{Tx: tx, about: about}
		f := f
		f.ID, f.Version, f.At, f.Superseded = id.String(), 1, tx.Now().UTC(), false
		stored, err := p.put(f, perDay)
		if err != nil {
			return err
		}
		r = rlhf.Stored{Rated: rlhf.Rated{Feedback: stored}}
		var body []byte
		if err := tx.QueryRow("SELECT raters, body FROM pastime_feedback_targets WHERE type = ? AND target = ?",
			[]any{f.Type, f.Target}, &r.Raters, &body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &r.About); err != nil {
			return fmt.Errorf("decoding a target: %w", err)
		}
		r.Forgotten, err = count(tx, "forgotten")
		return err
	})
	if err != nil {
		return rlhf.Stored{}, err
	}
	return r, nil
}

// put is the storing of one feedback.
type put struct {
	*sqlite.Tx
	about rlhf.Target
}

func (tx put) put(f rlhf.Feedback, perDay int) (rlhf.Feedback, error) {
	if err := tx.answers(&f); err != nil {
		return f, err
	}
	was, err := tx.before(&f)
	if err != nil {
		return f, err
	}
	judged, accepts := was != nil && was.Judges(), f.Accept != nil
	if f.User != "" && was != nil {
		f = f.Over(was)
	}
	if was != nil && f.Same(was) {
		return *was, nil
	}
	day := unixDay(f.At)
	var today int
	const most = "SELECT count(*) FROM (SELECT 1 FROM pastime_feedback_given WHERE speaker = ? AND day = ? LIMIT ?)"
	if err := tx.QueryRow(most, []any{f.Speaker(), day, perDay}, &today); err != nil {
		return f, err
	}
	if today >= perDay && !accepts { // what is accepted was carried out
		return f, fmt.Errorf("%w: %d is the most", rlhf.ErrTooMany, perDay)
	}
	if f.User != "" && was != nil {
		if _, err := tx.Exec("UPDATE pastime_feedback_given SET last = 0 WHERE id = ?", was.ID); err != nil {
			return f, err
		}
	}
	if f.User == "" && f.Judges() {
		const earlier = "SELECT EXISTS (SELECT 1 FROM pastime_feedback_given WHERE type = ? AND target = ? AND rater = ? AND judges = 1)"
		if err := tx.QueryRow(earlier, []any{f.Type, f.Target, f.Rater}, &judged); err != nil {
			return f, err
		}
	}
	if err := tx.count(&f, f.Judges() && !judged); err != nil {
		return f, err
	}
	body, err := json.Marshal(f)
	if err != nil {
		return f, fmt.Errorf("marshalling: %w", err)
	}
	r, err := tx.Exec(`INSERT INTO pastime_feedback_given
			(id, type, target, rater, speaker, source, exposure, day, last, judges, suggests, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)`,
		f.ID, f.Type, f.Target, f.Rater, f.Speaker(), f.Source, f.Exposure, day, f.Judges(), f.Topic() != "", body)
	if err != nil {
		return f, err
	}
	if f.Pos, err = r.LastInsertId(); err != nil {
		return f, err
	}
	_, err = tx.Append(rlhf.GivenEvent, f.ID, f.Version, rlhf.Given{
		Type: f.Type, Target: f.Target, Kind: tx.about.Kind, Rating: f.Rating, Helpful: f.Helpful, Accept: f.Accept,
		Commented: f.Comment != "", Suggested: f.Suggestion != "", At: f.At,
	})
	return f, err
}

// answers notes that the exposure that f names has an answer.
func (tx put) answers(f *rlhf.Feedback) error {
	if f.Exposure == "" {
		return nil
	}
	e, err := exposure(tx.Tx, f.Exposure)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%w is not known", rlhf.ErrExposure)
	case err != nil:
		return err
	}
	if err := e.Takes(f); err != nil || e.Answered {
		return err
	}
	if _, err := tx.Exec("UPDATE pastime_feedback_exposures SET answered = 1 WHERE id = ?", e.ID); err != nil {
		return err
	}
	return add(tx.Tx, "answered", 1)
}

// before reads a user's last word, or of an anonymous one what was the same answer to
// the same exposure; nil for none.
func (tx put) before(f *rlhf.Feedback) (*rlhf.Feedback, error) {
	query := "SELECT pos, last, body FROM pastime_feedback_given WHERE type = ? AND target = ? AND rater = ? AND last = 1"
	if f.User == "" && f.Exposure == "" {
		return nil, nil
	}
	all, err := sqlite.ReadTx(tx.Tx, query, []any{f.Type, f.Target, f.Rater}, scanFeedback)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if f.User != "" || all[i].Exposure == f.Exposure && all[i].Same(f) {
			return &all[i], nil
		}
	}
	return nil, nil
}

// count keeps the target and adds to the counts. first says that this rater judges the
// target for the first time.
func (tx put) count(f *rlhf.Feedback, first bool) error {
	if err := add(tx.Tx, "given:"+string(f.Type), 1); err != nil {
		return err
	}
	body, err := json.Marshal(tx.about)
	if err != nil {
		return fmt.Errorf("marshalling the target: %w", err)
	}
	source := ""
	if tx.about.Source != "" {
		source = hobby.SourceHash(tx.about.Source)
	}
	_, err = tx.Exec(`INSERT INTO pastime_feedback_targets (type, target, source, raters, body) VALUES (?, ?, ?, 0, ?)
		ON CONFLICT (type, target) DO NOTHING`, f.Type, f.Target, source, body)
	if err != nil || !first {
		return err
	}
	var raters, judged int
	if err := tx.QueryRow("UPDATE pastime_feedback_targets SET raters = raters + 1 WHERE type = ? AND target = ? RETURNING raters",
		[]any{f.Type, f.Target}, &raters); err != nil {
		return err
	}
	if err := tx.QueryRow(`INSERT INTO pastime_feedback_raters (rater, judged) VALUES (?, 1)
		ON CONFLICT (rater) DO UPDATE SET judged = judged + 1 RETURNING judged`, []any{f.Rater}, &judged); err != nil {
		return err
	}
	for name, yes := range map[string]bool{"ratings": true, "targets": raters == 1, "raters": judged == 1} {
		if yes {
			if err := add(tx.Tx, name, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

func add(tx *sqlite.Tx, name string, n int) error {
	_, err := tx.Exec(`INSERT INTO pastime_feedback_counts (name, n) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET n = n + excluded.n`, name, n)
	return err
}

func unixDay(t time.Time) int64 { return t.Unix() / int64((24 * time.Hour).Seconds()) }

// scanFeedback reads pos, last and body.
func scanFeedback(r *sql.Rows) (f rlhf.Feedback, err error) {
	var pos int64
	var last bool
	var body []byte
	if err := r.Scan(&pos, &last, &body); err != nil {
		return f, err
	}
	return f, decode(body, &f, pos, last)
}

func decode(body []byte, f *rlhf.Feedback, pos int64, last bool) error {
	if err := json.Unmarshal(body, f); err != nil {
		return fmt.Errorf("decoding what is stored: %w", err)
	}
	f.Pos, f.Superseded = pos, !last
	return nil
}

// scanRated reads pos, last, the body and that of the target.
func scanRated(r *sql.Rows) (v rlhf.Rated, at sqlite.Cursor, err error) {
	var pos int64
	var last bool
	var body, about []byte
	if err := r.Scan(&pos, &last, &body, &about); err != nil {
		return v, nil, err
	}
	if err := json.Unmarshal(about, &v.About); err != nil {
		return v, nil, fmt.Errorf("decoding a target: %w", err)
	}
	return v, sqlite.Cursor{pos}, decode(body, &v.Feedback, pos, last)
}

const rated = `SELECT g.pos, g.last, g.body, t.body FROM pastime_feedback_given g
	JOIN pastime_feedback_targets t ON t.type = g.type AND t.target = g.target`

// Ratings implements rlhf.Store.
func (s *Store) Ratings(ctx context.Context, after int64, limit int) ([]rlhf.Rated, error) {
	return sqlite.Read(ctx, s.store, "reading feedback", rated+" WHERE g.pos > ? ORDER BY g.pos LIMIT ?",
		[]any{after, min(max(limit, 1), 10_000)}, func(r *sql.Rows) (rlhf.Rated, error) {
			v, _, err := scanRated(r)
			return v, err
		})
}

// Feedback implements rlhf.Store.
func (s *Store) Feedback(ctx context.Context, f rlhf.Filter) (p rlhf.Page, err error) {
	var w sqlite.Where
	if err := w.After(f.Cursor, "g.pos"); err != nil {
		return p, err
	}
	w.If(f.Type != "", "g.type = ?", f.Type)
	w.If(f.Target != "", "g.target = ?", f.Target)
	if f.User != "" {
		w.And("g.source = ?", hobby.SourceHash(rlhf.UserSource(f.User)))
	}
	w.If(f.ID != "", "g.id = ?", f.ID)
	w.If(f.Suggests, "g.suggests = 1")
	w.If(f.Type == rlhf.Suggestion, "g.type = 'suggestion'") // for its index
	w.If(f.Latest, "g.last = 1")
	p.Feedback, p.Next, err = sqlite.ReadPage(ctx, s.store, "listing feedback", rated+w.String()+" ORDER BY g.pos DESC", w.Args(),
		f.Limit, scanRated)
	return p, err
}
