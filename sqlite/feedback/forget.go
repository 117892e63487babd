package feedback

import (
	"context"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// Name implements hobby.Consumer.
func (*Store) Name() string { return "feedback" }

// Consume implements hobby.Consumer: it forgets what programs forget that have no
// feedback.
func (s *Store) Consume(ctx context.Context, events []hobby.Event) error {
	for _, e := range events {
		if e.Kind != hobby.SourceForgotten {
			continue
		}
		if _, err := s.Forget(ctx, e.ID); err != nil {
			return err
		}
	}
	return nil
}

// Forget implements rlhf.Store.
func (s *Store) Forget(ctx context.Context, sourceHash string) (n int, err error) {
	err = s.write(ctx, "forgetting", func(tx *sqlite.Tx) (err error) {
		n, err = forget(tx, sourceHash)
		return err
	})
	return n, err
}

// forget deletes what is of a user, or about targets that are made of a source. It then
// counts anew, which is slow, and seldom.
func forget(tx *sqlite.Tx, hash string) (n int, err error) {
	const about = " WHERE (type, target) IN (SELECT type, target FROM pastime_feedback_targets WHERE source = ?)"
	for _, del := range []string{
		"DELETE FROM pastime_feedback_given WHERE source = ?",
		"DELETE FROM pastime_feedback_exposures WHERE source = ?",
		"DELETE FROM pastime_feedback_given" + about,
		"DELETE FROM pastime_feedback_exposures" + about,
		"DELETE FROM pastime_feedback_targets WHERE source = ?",
		// What was decided on a suggestion goes with it.
		`DELETE FROM pastime_feedback_given WHERE type = 'suggestion' AND target NOT IN (SELECT id FROM pastime_feedback_given)`,
		`DELETE FROM pastime_feedback_exposures WHERE type = 'suggestion' AND target NOT IN (SELECT id FROM pastime_feedback_given)`,
	} {
		args := []any{hash}
		if !strings.Contains(del, "?") {
			args = nil
		}
		r, err := tx.Exec(del, args...)
		if err != nil {
			return 0, err
		}
		gone, err := r.RowsAffected()
		if err != nil {
			return 0, err
		}
		n += int(gone)
	}
	if err := add(tx, "forgets", 1); err != nil || n == 0 {
		return 0, err
	}
	for _, recount := range []string{
		`DELETE FROM pastime_feedback_targets WHERE NOT EXISTS (SELECT 1 FROM pastime_feedback_given g
			WHERE g.type = pastime_feedback_targets.type AND g.target = pastime_feedback_targets.target)`,
		`UPDATE pastime_feedback_targets SET raters = (SELECT count(DISTINCT rater) FROM pastime_feedback_given g
			WHERE g.type = pastime_feedback_targets.type AND g.target = pastime_feedback_targets.target AND last = 1 AND judges = 1)`,
		"DELETE FROM pastime_feedback_raters",
		`INSERT INTO pastime_feedback_raters (rater, judged) SELECT rater, count(DISTINCT type || ':' || target)
			FROM pastime_feedback_given WHERE last = 1 AND judges = 1 GROUP BY rater`,
		"DELETE FROM pastime_feedback_counts WHERE name NOT IN ('forgotten', 'forgets')",
		"INSERT INTO pastime_feedback_counts (name, n) SELECT 'given:' || type, count(*) FROM pastime_feedback_given GROUP BY type",
		`INSERT INTO pastime_feedback_counts (name, n) SELECT 'ratings', coalesce(sum(judged), 0) FROM pastime_feedback_raters
			UNION ALL SELECT 'raters', count(*) FROM pastime_feedback_raters
			UNION ALL SELECT 'targets', count(*) FROM pastime_feedback_targets WHERE raters > 0
			UNION ALL SELECT 'exposures', count(*) FROM pastime_feedback_exposures
			UNION ALL SELECT 'answered', count(*) FROM pastime_feedback_exposures WHERE answered = 1`,
		"DELETE FROM pastime_feedback_models", // each was fitted to what is forgotten now
	} {
		if _, err := tx.Exec(recount); err != nil {
			return 0, err
		}
	}
	return n, add(tx, "forgotten", 1)
}
