package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
)

// Accept implements hobby.Store.
func (s *Store) Accept(ctx context.Context, insight string, a hobby.Acceptance) (stored hobby.Acceptance, err error) {
	if err := a.Validate(); err != nil {
		return hobby.Acceptance{}, fmt.Errorf("sqlite: accepting insight %.64q: %w", insight, err)
	}
	err = s.Write(ctx, func(tx *Tx) (err error) {
		stored, err = tx.accept(insight, a)
		return err
	})
	if err != nil {
		return hobby.Acceptance{}, fmt.Errorf("sqlite: accepting insight %.64q: %w", insight, err)
	}
	return stored, nil
}

func (tx *Tx) accept(id string, a hobby.Acceptance) (hobby.Acceptance, error) {
	var body []byte
	err := tx.QueryRow("SELECT body FROM pastime_hobby_insights WHERE id = ?", []any{id}, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return a, hobby.ErrNotFound
	case err != nil:
		return a, err
	}
	var i hobby.Insight
	if err := decode(body, &i); err != nil {
		return a, err
	}
	if i.Taint == hobby.Trusted {
		return a, fmt.Errorf("%w: its text is this program's own", hobby.ErrInvalid)
	}
	a.At, a.Version = a.At.UTC(), 1
	if was := i.Acceptance; was != nil {
		if was.Accepted == a.Accepted && was.By == a.By {
			return *was, nil
		}
		a.Version = max(1, was.Version) + 1
	}
	i.Acceptance = &a
	if body, err = json.Marshal(i); err != nil {
		return a, fmt.Errorf("marshalling the insight: %w", err)
	}
	if _, err := tx.Exec("UPDATE pastime_hobby_insights SET body = ? WHERE id = ?", body, id); err != nil {
		return a, err
	}
	kind := hobby.InsightRefused
	if a.Accepted {
		kind = hobby.InsightAccepted
	}
	pos, err := tx.Append(kind, id, a.Version, a)
	if err != nil {
		return a, err
	}
	// Who read the session before the decision must not prune it; see PruneBefore.
	_, err = tx.Exec("UPDATE pastime_hobby_activities SET event = ? WHERE id = ?", pos, i.Activity)
	return a, err
}
