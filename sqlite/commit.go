package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// Commit implements hobby.Store.
func (s *Store) Commit(ctx context.Context, sess hobby.Session, f *hobby.Fence) (hobby.Activity, error) {
	var stored hobby.Activity
	enc, err := encode(&sess) // before it gets to the writer
	if err == nil {
		err = s.Write(ctx, func(tx *Tx) (err error) {
			stored, err = tx.commit(enc, f)
			return err
		})
	}
	if err != nil {
		return hobby.Activity{}, fmt.Errorf("sqlite: committing activity %.64q: %w", sess.Activity.ID, err)
	}
	return stored, nil
}

// Commit is [Store.Commit] as a part of a larger transaction.
func (tx *Tx) Commit(sess hobby.Session, f *hobby.Fence) (hobby.Activity, error) {
	enc, err := encode(&sess)
	if err != nil {
		return hobby.Activity{}, err
	}
	return tx.commit(enc, f)
}

// encoded is a valid session with what its rows hold as JSON.
type encoded struct {
	hobby.Session
	items, insights [][]byte
}

func encode(sess *hobby.Session) (*encoded, error) {
	if err := sess.Validate(); err != nil {
		return nil, err
	}
	enc := &encoded{Session: *sess}
	enc.Items, enc.Insights = slices.Clone(sess.Items), slices.Clone(sess.Insights) // the caller's own stay as they are
	for i := range enc.Items {
		it := &enc.Items[i]
		it.Activity = sess.Activity.ID
		body, err := json.Marshal(it)
		if err != nil {
			return nil, fmt.Errorf("marshalling item %s: %w", it.ID, err)
		}
		enc.items = append(enc.items, body)
	}
	for i := range enc.Insights {
		in := &enc.Insights[i]
		in.Activity = sess.Activity.ID
		body, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("marshalling insight %s: %w", in.ID, err)
		}
		enc.insights = append(enc.insights, body)
	}
	return enc, nil
}

func (tx *Tx) commit(sess *encoded, f *hobby.Fence) (hobby.Activity, error) {
	if err := tx.CheckFence(f); err != nil {
		return hobby.Activity{}, err
	}
	was, found, err := tx.activity(sess.Activity.ID)
	if err != nil {
		return hobby.Activity{}, err
	}
	switch {
	case found && (was.Status.Ended() || was.Version > sess.Activity.Version):
		return was, nil
	case was.Version != sess.Activity.Version:
		return hobby.Activity{}, fmt.Errorf("%w: Activity.Version is %d, the store is at %d",
			hobby.ErrInvalid, sess.Activity.Version, was.Version)
	case found && !same(&was, &sess.Activity):
		return hobby.Activity{}, fmt.Errorf("%w: Activity.Agent, Plan.Kind or Started is not what the first commit stored", hobby.ErrInvalid)
	}
	pos, err := tx.next()
	if err != nil {
		return hobby.Activity{}, err
	}
	a := sess.Activity
	a.Node = tx.s.node
	sums, tallies, err := tx.addItems(&a, sess, pos)
	if err != nil {
		return hobby.Activity{}, err
	}
	insights, err := tx.addInsights(&a, sess)
	if err != nil {
		return hobby.Activity{}, err
	}
	a.Version++
	a.Items, a.Passes, a.Cut, a.Insights = was.Items+sums.items, was.Passes+sums.passes, was.Cut+sums.cut, was.Insights+len(insights)
	tx.count(&was, &a)
	told := hobby.ActivityEvent{Activity: a, Insights: insights, Tallies: tallies}
	if pos, err = tx.Append(eventKind(&a), a.ID, a.Version, told); err != nil {
		return hobby.Activity{}, err
	}
	if err := tx.put(&a, pos); err != nil {
		return hobby.Activity{}, err
	}
	return a, tx.noteSources(insights, pos)
}

// same reports whether two commits are of one activity.
func same(a, b *hobby.Activity) bool {
	return a.Agent == b.Agent && a.Plan.Kind == b.Plan.Kind && a.Started.Equal(b.Started)
}

// noteSources remembers that the event at pos holds insights, so that Forget
// finds their texts when the insights themselves are pruned.
func (tx *Tx) noteSources(insights []hobby.Insight, pos hobby.Cursor) error {
	for _, i := range insights {
		if i.Source == "" {
			continue
		}
		const note = "INSERT INTO pastime_hobby_sources (source, event) VALUES (?, ?) ON CONFLICT DO NOTHING"
		if _, err := tx.Exec(note, i.Source, pos); err != nil {
			return err
		}
	}
	return nil
}

func eventKind(a *hobby.Activity) string {
	switch {
	case a.Status.Ended():
		return hobby.ActivityFinished
	case a.Version == 1:
		return hobby.ActivityStarted
	default:
		return hobby.ActivityProgress
	}
}

// activity reads an activity; the zero one when there is none.
func (tx *Tx) activity(id string) (a hobby.Activity, found bool, err error) {
	var body []byte
	err = tx.QueryRow("SELECT body FROM pastime_hobby_activities WHERE id = ?", []any{id}, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return a, false, nil
	case err != nil:
		return a, false, fmt.Errorf("reading the activity: %w", err)
	}
	err = decode(body, &a)
	return a, true, err
}

// put stores an activity as its newest event, at pos, tells of it.
func (tx *Tx) put(a *hobby.Activity, pos hobby.Cursor) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("marshalling the activity: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO pastime_hobby_activities (id, version, agent, node, kind, status, started, ended, holder, event, clock, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status, ended = excluded.ended,
			event = excluded.event, clock = excluded.clock, body = excluded.body`,
		a.ID, a.Version, a.Agent, a.Node, a.Plan.Kind, a.Status, nanos(a.Started), nanos(a.Ended), tx.s.holder.id,
		pos, int64(tx.log.clock), body)
	return err
}

// added are the sums of the items that a commit stored.
type added struct{ items, passes, cut int }

// addItems stores the items that are new and adds them to the tallies. It
// returns their sums and the tallies as they are now.
func (tx *Tx) addItems(a *hobby.Activity, sess *encoded, pos hobby.Cursor) (sum added, changed []hobby.Tally, err error) {
	byKey, groups := map[hobby.Tally]hobby.Tally{}, map[group]int64{}
	for n := range sess.Items {
		i := &sess.Items[n]
		g, err := tx.group(groups, a, i)
		if err != nil {
			return added{}, nil, err
		}
		r, err := tx.Exec("INSERT INTO pastime_hobby_items (id, activity, source, grp, at, body) VALUES (?, ?, ?, ?, ?, ?) "+
			"ON CONFLICT DO NOTHING",
			i.ID, a.ID, i.Source, g, nanos(i.At), sess.items[n])
		if err != nil {
			return added{}, nil, err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			continue
		}
		if i.Counted() {
			t := hobby.TallyOf(a, i)
			byKey[t.Key()] = t.Add(byKey[t.Key()])
		}
		sum.items++
		if i.Passed() {
			sum.passes++
		}
		if i.Cut() {
			sum.cut++
		}
	}
	for _, t := range byKey {
		if err := tx.addTally(&t, pos); err != nil {
			return added{}, nil, err
		}
		changed = append(changed, t)
	}
	slices.SortFunc(changed, func(a, b hobby.Tally) int {
		return cmp.Or(cmp.Compare(a.ModelKey, b.ModelKey), cmp.Compare(a.Family, b.Family), cmp.Compare(a.Version, b.Version),
			cmp.Compare(a.Level, b.Level), cmp.Compare(a.Split, b.Split), cmp.Compare(a.Day, b.Day))
	})
	return sum, changed, nil
}

// addTally adds t's sums to what is stored and sets them to the result.
func (tx *Tx) addTally(t *hobby.Tally, pos hobby.Cursor) error {
	series, err := tx.series(t)
	if err == nil {
		err = tx.QueryRow(addTally, []any{series, t.Day, t.Tries, t.Passes, t.Millis, pos}, &t.Tries, &t.Passes, &t.Millis)
	}
	if err != nil {
		return fmt.Errorf("adding to a tally: %w", err)
	}
	return nil
}

// series finds what t counts, or makes it.
func (tx *Tx) series(t *hobby.Tally) (id int64, err error) {
	of := []any{t.Agent, t.Node, t.ModelKey, t.Kind, t.Family, t.Version, t.Level, t.Split}
	err = tx.QueryRow(`SELECT id FROM pastime_hobby_series WHERE agent = ? AND node = ? AND model_key = ? AND kind = ? AND family = ?
		AND version = ? AND level = ? AND split = ?`, of, &id)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRow(`INSERT INTO pastime_hobby_series (agent, node, model_key, kind, family, version, level, split)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, of, &id)
	}
	return id, err
}

// addInsights stores the insights that are new and returns them.
func (tx *Tx) addInsights(a *hobby.Activity, sess *encoded) ([]hobby.Insight, error) {
	var added []hobby.Insight
	for n, i := range sess.Insights {
		r, err := tx.Exec("INSERT INTO pastime_hobby_insights (id, activity, kind, source, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			i.ID, a.ID, i.Kind, i.Source, sess.insights[n])
		if err != nil {
			return nil, err
		}
		if n, err := r.RowsAffected(); err == nil && n > 0 {
			added = append(added, i)
		}
	}
	return added, nil
}
