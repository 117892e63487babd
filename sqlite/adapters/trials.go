package adapters

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/sqlite"
)

// PutTrial implements lora.Store.
func (r *Registry) PutTrial(ctx context.Context, t lora.Trial, pairs []lora.Pair, answers []hobby.Session, f *hobby.Fence) error {
	if err := t.Validate(); err != nil {
		return fmt.Errorf("adapters: %w", err)
	}
	body, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("adapters: %w: marshalling trial %.64q: %w", hobby.ErrInvalid, t.ID, err)
	}
	return r.write(ctx, fmt.Sprintf("storing trial %.64q", t.ID), func(tx *sqlite.Tx) error {
		if err := tx.CheckFence(f); err != nil {
			return err
		}
		n, err := began(tx, &t)
		if err != nil {
			return err
		}
		if err := addPairs(tx, &t, pairs); err != nil {
			return err
		}
		for _, s := range answers {
			if _, err := tx.Commit(s, nil); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`INSERT INTO pastime_adapters_trials (id, kind, candidate, baseline, job, watch, open, changes, body)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET open = excluded.open, changes = excluded.changes, body = excluded.body`,
			t.ID, t.Kind, t.Candidate, t.Baseline, t.Job, t.Watch, t.Verdict == "", n+1, body); err != nil {
			return err
		}
		kind := lora.TrialProgressEvent
		if t.Verdict != "" {
			kind = lora.TrialEndedEvent
		}
		if t.Verdict != "" && (!t.Watch || t.Verdict == lora.Rollback) {
			if _, err := tx.Exec("UPDATE pastime_adapters_versions SET verdict = ? WHERE id = ?", t.Verdict, t.Candidate); err != nil {
				return err
			}
		}
		_, err = tx.Append(kind, t.ID, n+1, t)
		return err
	})
}

// began returns how often a trial was stored, unless it is closed or is about others.
// The candidate and the baseline of a new one are known.
func began(tx *sqlite.Tx, t *lora.Trial) (n int, err error) {
	var body []byte
	err = tx.QueryRow("SELECT changes, body FROM pastime_adapters_trials WHERE id = ?", []any{t.ID}, &n, &body)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := find(tx, t.Candidate); err != nil {
			return 0, err
		}
		if t.Baseline != "" {
			_, err := find(tx, t.Baseline)
			return 0, err
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var was lora.Trial
	if err := json.Unmarshal(body, &was); err != nil {
		return 0, fmt.Errorf("decoding what is stored: %w", err)
	}
	switch {
	case was.Verdict != "":
		return 0, fmt.Errorf("%w: it is closed, and its verdict is %s", lora.ErrConflict, was.Verdict)
	case was.Kind != t.Kind || was.Candidate != t.Candidate || was.Baseline != t.Baseline || was.Job != t.Job || was.Watch != t.Watch:
		return 0, fmt.Errorf("%w: its kind, candidate, baseline and job, and whether it is a watch, never change", lora.ErrConflict)
	case t.Pairs < was.Pairs:
		return 0, fmt.Errorf("%w: it has %d pairs already", lora.ErrConflict, was.Pairs)
	}
	return n, nil
}

func addPairs(tx *sqlite.Tx, t *lora.Trial, pairs []lora.Pair) error {
	for _, p := range pairs {
		if p.N < 0 || p.N >= t.Pairs {
			return fmt.Errorf("%w: Pair.N is %d, and Trial.Pairs %d", hobby.ErrInvalid, p.N, t.Pairs)
		}
		body, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("%w: marshalling pair %d: %w", hobby.ErrInvalid, p.N, err)
		}
		if _, err := tx.Exec("INSERT INTO pastime_adapters_pairs (trial, n, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			t.ID, p.N, body); err != nil {
			return err
		}
		var was []byte
		if err := tx.QueryRow("SELECT body FROM pastime_adapters_pairs WHERE trial = ? AND n = ?", []any{t.ID, p.N}, &was); err != nil {
			return err
		}
		if !bytes.Equal(was, body) {
			return fmt.Errorf("%w: pair %d is stored with other contents", lora.ErrConflict, p.N)
		}
	}
	var stored int
	if err := tx.QueryRow("SELECT count(*) FROM pastime_adapters_pairs WHERE trial = ?", []any{t.ID}, &stored); err != nil {
		return err
	}
	if stored != t.Pairs {
		return fmt.Errorf("%w: Trial.Pairs is %d, and %d are stored", hobby.ErrInvalid, t.Pairs, stored)
	}
	return nil
}

// Trials implements lora.Store.
func (r *Registry) Trials(ctx context.Context, f lora.TrialFilter) (p lora.TrialPage, err error) {
	var w sqlite.Where
	if err := w.After(f.Cursor, "pos"); err != nil {
		return p, err
	}
	w.If(f.ID != "", "id = ?", f.ID)
	w.If(f.Kind != "", "kind = ?", f.Kind)
	w.If(f.Candidate != "", "candidate = ?", f.Candidate)
	w.If(f.Job != "", "job = ?", f.Job)
	if f.Baseline != nil {
		w.And("baseline = ?", *f.Baseline)
	}
	if f.Watch != nil {
		w.And("watch = ?", *f.Watch)
	}
	p.Trials, p.Next, err = sqlite.ReadPage(ctx, r.store, "listing trials",
		"SELECT pos, body FROM pastime_adapters_trials"+w.String()+" ORDER BY pos DESC", w.Args(), f.Limit, sqlite.ScanPosJSON[lora.Trial])
	return p, err
}

// Pairs implements lora.Store.
func (r *Registry) Pairs(ctx context.Context, trial string, from, limit int) ([]lora.Pair, error) {
	if limit == 0 {
		limit = 100
	}
	return sqlite.Read(ctx, r.store, fmt.Sprintf("reading the pairs of trial %.64q", trial),
		"SELECT body FROM pastime_adapters_pairs WHERE trial = ? AND n >= ? ORDER BY n LIMIT ?",
		[]any{trial, from, min(max(limit, 1), 1000)}, sqlite.ScanJSON[lora.Pair])
}
