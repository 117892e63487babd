package hobbytest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Audit reads a whole store, of which nothing was pruned or forgotten, and
// adds everything up again: the tallies must be the sums of the items, the
// counts the sums of the activities, and the event log must tell of every
// version of every activity once, densely and in the order of its clock. It
// returns the activities, oldest first, and everything that does not add up,
// joined. The store must not change meanwhile.
func Audit(ctx context.Context, s hobby.Store) ([]hobby.Activity, error) {
	a := auditor{tallies: map[hobby.Tally]hobby.Tally{}, counts: map[countKey]*hobby.Count{}, versions: map[string]int{},
		decided: map[string]hobby.Acceptance{}}
	activities, err := All(ctx, s, hobby.Filter{})
	if err != nil {
		return nil, err
	}
	for _, listed := range activities {
		sess, err := s.Activity(ctx, listed.ID)
		if err != nil {
			return nil, err
		}
		a.activity(&sess)
	}
	for _, check := range []func(context.Context, hobby.Store) error{a.checkTallies, a.checkCounts, a.checkEvents} {
		if err := check(ctx, s); err != nil {
			return nil, err
		}
	}
	return activities, errors.Join(a.wrong...)
}

// All reads every page of a listing and returns it oldest first.
func All(ctx context.Context, s hobby.Store, f hobby.Filter) ([]hobby.Activity, error) {
	f.Limit = 1000
	var all []hobby.Activity
	for {
		p, err := s.List(ctx, f)
		if err != nil {
			return nil, err
		}
		all = append(all, p.Activities...)
		if f.Cursor = p.Next; f.Cursor == "" {
			slices.Reverse(all)
			return all, nil
		}
	}
}

// AllEvents reads the whole event log.
func AllEvents(ctx context.Context, s hobby.Store) ([]hobby.Event, error) {
	var all []hobby.Event
	for {
		events, err := s.Events(ctx, hobby.Cursor(len(all)), 1000)
		if err != nil || len(events) == 0 {
			return all, err
		}
		all = append(all, events...)
	}
}

type auditor struct {
	tallies  map[hobby.Tally]hobby.Tally // by the tally without its sums
	counts   map[countKey]*hobby.Count
	versions map[string]int              // of the stored activities
	decided  map[string]hobby.Acceptance // the decisions on stored insights
	wrong    []error
}

func (a *auditor) errorf(format string, args ...any) {
	if len(a.wrong) < 20 {
		a.wrong = append(a.wrong, fmt.Errorf(format, args...))
	}
}

// activity adds one session to the sums.
func (a *auditor) activity(s *hobby.Session) {
	act := &s.Activity
	a.versions[act.ID] = act.Version
	for _, in := range s.Insights {
		if in.Acceptance != nil && in.Acceptance.By != hobby.ByRule {
			a.decided[in.ID] = *in.Acceptance
		}
	}
	passes, cut := 0, 0
	for i := range s.Items {
		it := &s.Items[i]
		if it.Activity != act.ID {
			a.errorf("item %s of activity %s names activity %s", it.ID, act.ID, it.Activity)
		}
		if it.Passed() {
			passes++
		}
		if it.Cut() {
			cut++
		}
		a.addItem(act, it)
	}
	if act.Items != len(s.Items) || act.Passes != passes || act.Cut != cut || act.Insights != len(s.Insights) {
		a.errorf("activity %s says %d items, %d passes, %d cut, %d insights and has %d, %d, %d, %d",
			act.ID, act.Items, act.Passes, act.Cut, act.Insights, len(s.Items), passes, cut, len(s.Insights))
	}
	a.addActivity(act)
}

func (a *auditor) addItem(act *hobby.Activity, it *hobby.Item) {
	if !it.Counted() {
		return
	}
	key := hobby.Tally{
		Agent: act.Agent, Node: act.Node, ModelKey: it.ModelKey, Kind: act.Plan.Kind,
		Family: it.Family, Version: max(1, it.Version), Level: it.Level, Split: it.Split, Day: hobby.Day(it.At),
	}
	t := a.tallies[key]
	t.Tries++
	if it.Passed() {
		t.Passes++
	}
	t.Millis += it.Latency.Milliseconds()
	a.tallies[key] = t
}

type countKey struct {
	bucket hobby.Bucket
	kind   hobby.Kind
	at     time.Time
}

func (a *auditor) addActivity(act *hobby.Activity) {
	for bucket, at := range map[hobby.Bucket]time.Time{
		hobby.Total: {}, hobby.Hourly: act.Started.UTC().Truncate(time.Hour), hobby.Daily: act.Started.UTC().Truncate(24 * time.Hour),
	} {
		key := countKey{bucket, act.Plan.Kind, at}
		c := a.counts[key]
		if c == nil {
			c = &hobby.Count{Kind: key.kind, At: at}
			a.counts[key] = c
		}
		c.Started++
		switch act.Status {
		case hobby.Completed:
			c.Completed++
		case hobby.Failed:
			c.Failed++
		case hobby.Interrupted:
			c.Interrupted++
		}
		c.Items, c.Passes, c.Insights = c.Items+int64(act.Items), c.Passes+int64(act.Passes), c.Insights+int64(act.Insights)
		c.Cut += int64(act.Cut)
		if act.Status.Ended() {
			c.Time += act.Ended.Sub(act.Started)
			c.Engaged += act.Engaged
		}
		c.Cost = c.Cost.Add(act.Cost)
		if act.Started.After(c.Last) {
			c.Last = act.Started
		}
	}
}

func (a *auditor) checkTallies(ctx context.Context, s hobby.Store) error {
	stored, _, err := s.Tallies(ctx, hobby.TallyFilter{})
	if err != nil {
		return err
	}
	for _, t := range stored {
		key := t
		key.Tries, key.Passes, key.Millis = 0, 0, 0
		want := a.tallies[key]
		if t.Tries != want.Tries || t.Passes != want.Passes || t.Millis != want.Millis {
			a.errorf("tally %+v, but the items add up to %d tries, %d passes, %d ms", t, want.Tries, want.Passes, want.Millis)
		}
		delete(a.tallies, key)
	}
	for key, t := range a.tallies {
		a.errorf("no tally for %d items of %+v", t.Tries, key)
	}
	return nil
}

func (a *auditor) checkCounts(ctx context.Context, s hobby.Store) error {
	for _, bucket := range []hobby.Bucket{hobby.Total, hobby.Hourly, hobby.Daily} {
		stored, err := s.Counts(ctx, hobby.CountFilter{Bucket: bucket})
		if err != nil {
			return err
		}
		for _, c := range stored {
			key := countKey{bucket, c.Kind, c.At}
			want := a.counts[key]
			if want == nil {
				a.errorf("count %+v, but no activity", c)
				continue
			}
			if want.Last = want.Last.UTC(); c != *want {
				a.errorf("count %+v, but the activities add up to %+v", c, *want)
			}
			delete(a.counts, key)
		}
	}
	for _, c := range a.counts {
		a.errorf("no count for %+v", *c)
	}
	return nil
}

func (a *auditor) checkEvents(ctx context.Context, s hobby.Store) error {
	events, err := AllEvents(ctx, s)
	if err != nil {
		return err
	}
	told, last := map[string]int{}, map[string]hobby.Acceptance{}
	for i, e := range events {
		if e.Pos != hobby.Cursor(i+1) || e.Node != s.Node() || e.Seq != uint64(i+1) {
			a.errorf("event %d is at %d and number %d of node %s", i+1, e.Pos, e.Seq, e.Node)
		}
		if i > 0 && e.Clock <= events[i-1].Clock {
			a.errorf("event %d has clock %d after %d", e.Pos, e.Clock, events[i-1].Clock)
		}
		switch e.Kind {
		case hobby.ActivityStarted, hobby.ActivityProgress, hobby.ActivityFinished:
			a.told(&e, told)
		case hobby.InsightAccepted, hobby.InsightRefused:
			a.decision(&e, last)
		}
	}
	for id, is := range a.decided {
		if last[id] != is {
			a.errorf("the decision on insight %s is %+v, the log tells of %+v", id, is, last[id])
		}
	}
	for id, version := range a.versions {
		if told[id] != version {
			a.errorf("activity %s is at version %d, the log tells of %d", id, version, told[id])
		}
	}
	return nil
}

// decision checks that an event is the next decision on its insight.
func (a *auditor) decision(e *hobby.Event, last map[string]hobby.Acceptance) {
	var now hobby.Acceptance
	if err := json.Unmarshal(e.Body, &now); err != nil {
		a.errorf("event %d: %v", e.Pos, err)
	}
	was, accepted := last[e.ID].Version, e.Kind == hobby.InsightAccepted
	if now.Version != was+1 && was > 0 || now.Version != e.Version || now.Accepted != accepted {
		a.errorf("event %d, %s version %d, tells of %+v after version %d", e.Pos, e.Kind, e.Version, now, was)
	}
	last[e.ID] = now
}

// told checks that an event is the next version of its activity.
func (a *auditor) told(e *hobby.Event, told map[string]int) {
	body, err := e.Activity()
	if err != nil {
		a.errorf("event %d: %v", e.Pos, err)
	}
	if e.Version != told[e.ID]+1 || body.Activity.ID != e.ID || body.Activity.Version != e.Version {
		a.errorf("event %d tells of version %d of %s after %d (as it is read: %s, version %d)",
			e.Pos, e.Version, e.ID, told[e.ID], body.Activity.ID, body.Activity.Version)
	}
	told[e.ID] = e.Version
}
