package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Commit implements hobby.Store.
func (s *Store) Commit(ctx context.Context, sess hobby.Session, f *hobby.Fence) (hobby.Activity, error) {
	var stored hobby.Activity
	err := sess.Validate() // before it gets to the writer
	if err == nil {
		err = s.Write(ctx, func(tx *Tx) (err error) {
			stored, err = tx.commit(&sess, f)
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
	if err := sess.Validate(); err != nil {
		return hobby.Activity{}, err
	}
	return tx.commit(&sess, f)
}

func (tx *Tx) commit(sess *hobby.Session, f *hobby.Fence) (hobby.Activity, error) {
	if err := tx.CheckFence(f); err != nil {
		return hobby.Activity{}, err
	}
	was, known, err := tx.activity(sess.Activity.ID)
	if err != nil {
		return hobby.Activity{}, err
	}
	switch {
	case known && (was.Status.Ended() || was.Version > sess.Activity.Version):
		return was, nil
	case was.Version != sess.Activity.Version:
		return hobby.Activity{}, fmt.Errorf("%w: Activity.Version is %d, the store is at %d", hobby.ErrInvalid, sess.Activity.Version, was.Version)
	case known && (was.Agent != sess.Activity.Agent || was.Plan.Kind != sess.Activity.Plan.Kind || !was.Started.Equal(sess.Activity.Started)):
		return hobby.Activity{}, fmt.Errorf("%w: Activity.Agent, Plan.Kind or Started is not what the first commit stored", hobby.ErrInvalid)
	}
	pos, err := tx.next()
	if err != nil {
		return hobby.Activity{}, err
	}
	a := sess.Activity
	items, passes, tallies, err := tx.addItems(&a, sess.Items, pos)
	if err != nil {
		return hobby.Activity{}, err
	}
	insights, err := tx.addInsights(&a, sess.Insights)
	if err != nil {
		return hobby.Activity{}, err
	}
	a.Version++
	a.Node = tx.s.node
	a.Items, a.Passes, a.Insights = was.Items+items, was.Passes+passes, was.Insights+len(insights)
	if err := tx.put(&a); err != nil {
		return hobby.Activity{}, err
	}
	if err := tx.count(&was, &a); err != nil {
		return hobby.Activity{}, err
	}
	if pos, err = tx.Append(eventKind(&a), a.ID, a.Version, hobby.ActivityEvent{Activity: a, Insights: insights, Tallies: tallies}); err != nil {
		return hobby.Activity{}, err
	}
	return a, tx.noteSources(insights, pos)
}

// noteSources remembers that the event at pos holds insights, so that Forget
// finds their texts when the insights themselves are pruned.
func (tx *Tx) noteSources(insights []hobby.Insight, pos hobby.Cursor) error {
	for _, i := range insights {
		if i.Source == "" {
			continue
		}
		if _, err := tx.Exec("INSERT INTO pastime_hobby_sources (source, event) VALUES (?, ?) ON CONFLICT DO NOTHING", i.Source, pos); err != nil {
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
func (tx *Tx) activity(id string) (a hobby.Activity, known bool, err error) {
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

func (tx *Tx) put(a *hobby.Activity) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("marshalling the activity: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO pastime_hobby_activities (id, version, agent, kind, status, started, ended, holder, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status, ended = excluded.ended, body = excluded.body`,
		a.ID, a.Version, a.Agent, a.Plan.Kind, a.Status, nanos(a.Started), nanos(a.Ended), tx.s.holder.id, body)
	return err
}

// addItems stores the items that are new and adds them to the tallies. It
// returns how many there were, how many passed, and the tallies as they are
// now.
func (tx *Tx) addItems(a *hobby.Activity, items []hobby.Item, pos hobby.Cursor) (added, passed int, changed []hobby.Tally, err error) {
	sums := map[hobby.Tally]hobby.Tally{} // the key has no sums
	for _, i := range items {
		i.Activity = a.ID
		body, err := json.Marshal(i)
		if err != nil {
			return 0, 0, nil, fmt.Errorf("marshalling item %s: %w", i.ID, err)
		}
		r, err := tx.Exec("INSERT INTO pastime_hobby_items (id, activity, source, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", i.ID, a.ID, i.Source, body)
		if err != nil {
			return 0, 0, nil, err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			continue
		}
		key := hobby.Tally{
			Agent: a.Agent, Node: tx.s.node, ModelKey: i.ModelKey, Kind: a.Plan.Kind,
			Family: i.Family, Level: i.Level, Split: i.Split, Day: hobby.Day(i.At),
		}
		t := sums[key]
		t.Tries++
		t.Millis += i.Latency.Milliseconds()
		added++
		if i.Passed() {
			t.Passes++
			passed++
		}
		sums[key] = t
	}
	for key, sum := range sums {
		key.Tries, key.Passes, key.Millis = sum.Tries, sum.Passes, sum.Millis
		if err := tx.addTally(&key, pos); err != nil {
			return 0, 0, nil, err
		}
		changed = append(changed, key)
	}
	slices.SortFunc(changed, func(a, b hobby.Tally) int {
		return cmp.Or(cmp.Compare(a.ModelKey, b.ModelKey), cmp.Compare(a.Family, b.Family), cmp.Compare(a.Level, b.Level), cmp.Compare(a.Split, b.Split), cmp.Compare(a.Day, b.Day))
	})
	return added, passed, changed, nil
}

// addTally adds t's sums to what is stored and sets them to the result.
func (tx *Tx) addTally(t *hobby.Tally, pos hobby.Cursor) error {
	err := tx.QueryRow(`INSERT INTO pastime_hobby_tallies (agent, node, model_key, kind, family, level, split, day, tries, passes, millis, pos)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET tries = tries + excluded.tries, passes = passes + excluded.passes, millis = millis + excluded.millis, pos = excluded.pos
		RETURNING tries, passes, millis`,
		[]any{t.Agent, t.Node, t.ModelKey, t.Kind, t.Family, t.Level, t.Split, t.Day, t.Tries, t.Passes, t.Millis, pos},
		&t.Tries, &t.Passes, &t.Millis)
	if err != nil {
		return fmt.Errorf("adding to a tally: %w", err)
	}
	return nil
}

// addInsights stores the insights that are new and returns them.
func (tx *Tx) addInsights(a *hobby.Activity, insights []hobby.Insight) ([]hobby.Insight, error) {
	var added []hobby.Insight
	for _, i := range insights {
		i.Activity = a.ID
		body, err := json.Marshal(i)
		if err != nil {
			return nil, fmt.Errorf("marshalling insight %s: %w", i.ID, err)
		}
		r, err := tx.Exec("INSERT INTO pastime_hobby_insights (id, activity, kind, source, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", i.ID, a.ID, i.Kind, i.Source, body)
		if err != nil {
			return nil, err
		}
		if n, err := r.RowsAffected(); err == nil && n > 0 {
			added = append(added, i)
		}
	}
	return added, nil
}

// widths are the widths in hours of the buckets that are counted; the one of
// width 0 is all time.
var widths = map[hobby.Bucket]int64{hobby.Hourly: 1, hobby.Daily: 24, hobby.Total: 0}

// count adds what changed from was to a to the counts of its hour, of its day
// and of all time.
func (tx *Tx) count(was, a *hobby.Activity) error {
	one := func(yes bool) int64 {
		if yes {
			return 1
		}
		return 0
	}
	var took, engaged time.Duration
	if a.Status.Ended() {
		took, engaged = a.Duration(a.Ended), a.Engaged
	}
	for _, width := range widths {
		hour := int64(0)
		if width > 0 {
			hour = floorDiv(a.Started.Unix(), width*3600) * width
		}
		if _, err := tx.Exec(`INSERT INTO pastime_hobby_counts (width, hour, kind, started, completed, failed, interrupted, items, passes, insights, time, engaged, tokens_in, tokens_out, cpu, micro_usd, last)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET started = started + excluded.started, completed = completed + excluded.completed,
				failed = failed + excluded.failed, interrupted = interrupted + excluded.interrupted,
				items = items + excluded.items, passes = passes + excluded.passes, insights = insights + excluded.insights,
				time = time + excluded.time, engaged = engaged + excluded.engaged,
				tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + excluded.tokens_out,
				cpu = cpu + excluded.cpu, micro_usd = micro_usd + excluded.micro_usd, last = max(last, excluded.last)`,
			width, hour, a.Plan.Kind, one(was.Version == 0), one(a.Status == hobby.Completed), one(a.Status == hobby.Failed), one(a.Status == hobby.Interrupted),
			a.Items-was.Items, a.Passes-was.Passes, a.Insights-was.Insights, took, engaged,
			a.Cost.TokensIn-was.Cost.TokensIn, a.Cost.TokensOut-was.Cost.TokensOut, a.Cost.CPU-was.Cost.CPU, a.Cost.MicroUSD-was.Cost.MicroUSD,
			nanos(a.Started)); err != nil {
			return err
		}
	}
	return nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
