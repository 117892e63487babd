package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
)

// Restore stores ended sessions as they are, each unless there is one of its id, in one
// transaction. It changes no sum and tells no event: both were done when the sessions were
// committed, here or elsewhere. It returns how many were stored; hobby.ErrStale when f is.
func (s *Store) Restore(ctx context.Context, sessions []hobby.Session, f *hobby.Fence) (n int, err error) {
	all := make([]*encoded, len(sessions))
	for i := range sessions {
		a := &sessions[i].Activity
		if !a.Status.Ended() {
			return 0, fmt.Errorf("%w: sqlite: restoring activity %.64q: its status is %q", hobby.ErrInvalid, a.ID, a.Status)
		}
		if all[i], err = encode(&sessions[i]); err != nil {
			return 0, fmt.Errorf("sqlite: restoring activity %.64q: %w", a.ID, err)
		}
	}
	err = s.Write(ctx, func(tx *Tx) error {
		n = 0
		if err := tx.CheckFence(f); err != nil {
			return err
		}
		for _, sess := range all {
			ok, err := tx.restore(sess)
			if err != nil {
				return fmt.Errorf("activity %.64q: %w", sess.Activity.ID, err)
			}
			if ok {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: restoring sessions: %w", err)
	}
	return n, nil
}

func (tx *Tx) restore(sess *encoded) (bool, error) {
	a := &sess.Activity
	if _, found, err := tx.activity(a.ID); err != nil || found {
		return false, err
	}
	body, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("marshalling it: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO pastime_hobby_activities (id, version, agent, node, kind, status, started, ended, holder, event, clock, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT COALESCE(MAX(pos), 0) FROM pastime_hobby_events), ?, ?)`,
		a.ID, a.Version, a.Agent, a.Node, a.Plan.Kind, a.Status, nanos(a.Started), nanos(a.Ended), tx.s.holder.id, int64(tx.log.clock), body)
	if err != nil {
		return false, err
	}
	groups := map[group]int64{}
	for n := range sess.Items {
		i := &sess.Items[n]
		g, err := tx.group(groups, a, i)
		if err != nil {
			return false, err
		}
		_, err = tx.Exec("INSERT INTO pastime_hobby_items (id, activity, source, grp, at, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			i.ID, a.ID, i.Source, g, nanos(i.At), sess.items[n])
		if err != nil {
			return false, err
		}
	}
	_, err = tx.addInsights(a, sess)
	return true, err
}
