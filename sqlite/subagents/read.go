package subagents

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/subagent"
)

// Assignment implements subagent.Ledger.
func (l *Ledger) Assignment(ctx context.Context, id string) (subagent.Assignment, error) {
	return sqlite.ReadOne(ctx, l.store, fmt.Sprintf("reading assignment %.64q", id),
		"SELECT body FROM pastime_subagents_assignments WHERE id = ?", []any{id}, sqlite.ScanJSON[subagent.Assignment])
}

// Assignments implements subagent.Ledger.
func (l *Ledger) Assignments(ctx context.Context, f subagent.Filter) (p subagent.Page, err error) {
	var w sqlite.Where
	if err := w.After(f.Cursor, "pos"); err != nil {
		return p, err
	}
	w.If(f.Status != "", "status = ?", f.Status)
	w.If(f.Agent != "", "agent = ?", f.Agent)
	w.If(f.Open, "ended = 0")
	text := "SELECT pos, body FROM pastime_subagents_assignments" + w.String() + " ORDER BY pos DESC"
	p.Assignments, p.Next, err = sqlite.ReadPage(ctx, l.store, "listing assignments", text, w.Args(), f.Limit,
		sqlite.ScanPosJSON[subagent.Assignment])
	return p, err
}

// Totals implements subagent.Ledger.
func (l *Ledger) Totals(ctx context.Context) (map[string]subagent.Totals, error) {
	all := map[string]subagent.Totals{}
	_, err := sqlite.Read(ctx, l.store, "reading the totals of sub-agents",
		"SELECT agent, completed, failed, lost FROM pastime_subagents_totals", nil,
		func(r *sql.Rows) (t subagent.Totals, err error) {
			var agent string
			err = r.Scan(&agent, &t.Completed, &t.Failed, &t.Lost)
			all[agent] = t
			return t, err
		})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Prune implements subagent.Ledger.
func (l *Ledger) Prune(ctx context.Context, before time.Time) (n int, err error) {
	err = l.write(ctx, "pruning assignments", func(tx *sqlite.Tx) error {
		r, err := tx.Exec("DELETE FROM pastime_subagents_assignments WHERE ended <> 0 AND ended < ?", before.UnixNano())
		if err != nil {
			return err
		}
		gone, err := r.RowsAffected()
		n = int(gone)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Agents implements subagent.Ledger.
func (l *Ledger) Agents(ctx context.Context) ([]subagent.Registration, error) {
	return sqlite.Read(ctx, l.store, "reading the sub-agents",
		"SELECT body FROM pastime_subagents_agents ORDER BY id", nil, sqlite.ScanJSON[subagent.Registration])
}

// PutAgent implements subagent.Ledger.
func (l *Ledger) PutAgent(ctx context.Context, r subagent.Registration) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("subagents: marshalling agent %s: %w", r.ID, err)
	}
	return l.write(ctx, "storing agent "+r.ID, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`INSERT INTO pastime_subagents_agents (id, body) VALUES (?, ?)
			ON CONFLICT (id) DO UPDATE SET body = excluded.body`, r.ID, body)
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
