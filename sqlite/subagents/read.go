package subagents

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/subagent"
)

// Assignment implements subagent.Ledger.
func (l *Ledger) Assignment(ctx context.Context, id string) (a subagent.Assignment, err error) {
	var body []byte
	err = l.store.Reader().QueryRowContext(ctx, "SELECT body FROM pastime_subagents_assignments WHERE id = ?", id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		err = hobby.ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	if err != nil {
		return a, fmt.Errorf("subagents: reading assignment %.64q: %w", id, err)
	}
	return a, nil
}

// Assignments implements subagent.Ledger.
func (l *Ledger) Assignments(ctx context.Context, f subagent.Filter) (subagent.Page, error) {
	text, args := "SELECT pos, body FROM pastime_subagents_assignments WHERE 1 = 1", []any{}
	if f.Status != "" {
		text, args = text+" AND status = ?", append(args, f.Status)
	}
	if f.Agent != "" {
		text, args = text+" AND agent = ?", append(args, f.Agent)
	}
	if f.Open {
		text += " AND ended = 0"
	}
	if f.Cursor != "" {
		pos, err := strconv.ParseInt(f.Cursor, 10, 64)
		if err != nil || pos < 1 {
			return subagent.Page{}, fmt.Errorf("subagents: %w: the cursor %.64q is not one that a listing gave", hobby.ErrInvalid, f.Cursor)
		}
		text, args = text+" AND pos < ?", append(args, pos)
	}
	limit := f.Limit
	if limit == 0 {
		limit = 100
	}
	limit = min(max(1, limit), 1000)
	rows, err := l.store.Reader().QueryContext(ctx, text+" ORDER BY pos DESC LIMIT ?", append(args, limit+1)...)
	if err != nil {
		return subagent.Page{}, fmt.Errorf("subagents: listing assignments: %w", err)
	}
	var page subagent.Page
	var last int64
	err = each(rows, func() error {
		var pos int64
		var body []byte
		var a subagent.Assignment
		if err := rows.Scan(&pos, &body); err != nil {
			return err
		}
		if len(page.Assignments) == limit {
			page.Next = strconv.FormatInt(last, 10)
			return nil
		}
		last = pos
		if err := json.Unmarshal(body, &a); err != nil {
			return err
		}
		page.Assignments = append(page.Assignments, a)
		return nil
	})
	if err != nil {
		return subagent.Page{}, fmt.Errorf("subagents: listing assignments: %w", err)
	}
	return page, nil
}

// Totals implements subagent.Ledger.
func (l *Ledger) Totals(ctx context.Context) (map[string]subagent.Totals, error) {
	rows, err := l.store.Reader().QueryContext(ctx, "SELECT agent, completed, failed, lost FROM pastime_subagents_totals")
	if err != nil {
		return nil, fmt.Errorf("subagents: reading totals: %w", err)
	}
	all := map[string]subagent.Totals{}
	err = each(rows, func() error {
		var agent string
		var t subagent.Totals
		if err := rows.Scan(&agent, &t.Completed, &t.Failed, &t.Lost); err != nil {
			return err
		}
		all[agent] = t
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("subagents: reading totals: %w", err)
	}
	return all, nil
}

// Prune implements subagent.Ledger.
func (l *Ledger) Prune(ctx context.Context, before time.Time) (n int, err error) {
	err = l.store.Write(ctx, func(tx *sqlite.Tx) error {
		r, err := tx.Exec("DELETE FROM pastime_subagents_assignments WHERE ended <> 0 AND ended < ?", before.UnixNano())
		if err != nil {
			return err
		}
		gone, err := r.RowsAffected()
		n = int(gone)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("subagents: pruning: %w", err)
	}
	return n, nil
}

// Agents implements subagent.Ledger.
func (l *Ledger) Agents(ctx context.Context) ([]subagent.Registration, error) {
	rows, err := l.store.Reader().QueryContext(ctx, "SELECT body FROM pastime_subagents_agents ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("subagents: reading agents: %w", err)
	}
	var all []subagent.Registration
	err = each(rows, func() error {
		var body []byte
		var r subagent.Registration
		if err := rows.Scan(&body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &r); err != nil {
			return err
		}
		all = append(all, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("subagents: reading agents: %w", err)
	}
	return all, nil
}

// PutAgent implements subagent.Ledger.
func (l *Ledger) PutAgent(ctx context.Context, r subagent.Registration) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("subagents: marshalling agent %s: %w", r.ID, err)
	}
	return l.write(ctx, "storing agent "+r.ID, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT INTO pastime_subagents_agents (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body", r.ID, body)
		return err
	})
}

// DropAgent implements subagent.Ledger.
func (l *Ledger) DropAgent(ctx context.Context, id string) error {
	return l.write(ctx, "removing agent "+id, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("DELETE FROM pastime_subagents_agents WHERE id = ?", id)
		return err
	})
}

func (l *Ledger) write(ctx context.Context, doing string, fn func(*sqlite.Tx) error) error {
	if err := l.store.Write(ctx, fn); err != nil {
		return fmt.Errorf("subagents: %s: %w", doing, err)
	}
	return nil
}

// each calls fn for every row and closes them.
func each(rows *sql.Rows, fn func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := fn(); err != nil {
			return err
		}
	}
	return rows.Err()
}
