package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Insights implements hobby.Store.
func (s *Store) Insights(ctx context.Context, f hobby.InsightFilter) (p hobby.InsightPage, err error) {
	var w Where
	if err := w.After(f.Cursor, "pos"); err != nil {
		return p, err
	}
	w.If(f.ID != "", "id = ?", f.ID)
	w.If(f.Kind != "", "kind = ?", f.Kind)
	w.If(f.Activity != "", "activity = ?", f.Activity)
	text := "SELECT pos, body FROM pastime_hobby_insights" + w.String() + " ORDER BY pos DESC"
	p.Insights, p.Next, err = ReadPage(ctx, s, "reading insights", text, w.Args(), f.Limit, ScanPosJSON[hobby.Insight])
	return p, err
}

// Tallies implements hobby.Store.
func (s *Store) Tallies(ctx context.Context, f hobby.TallyFilter) ([]hobby.Tally, hobby.Cursor, error) {
	// The head is read first: what changes meanwhile is read again next time.
	head, err := s.Head(ctx)
	if err != nil || head <= f.Since {
		return nil, f.Since, err
	}
	var of, w Where
	const ofAgent = "series IN (SELECT id FROM pastime_hobby_series WHERE agent = ?)"
	if f.Since > 0 { // "+": what has changed is less than what is an agent's
		w.And("pos > ?", f.Since)
		w.If(f.Agent != "", "+"+ofAgent, f.Agent)
		of.If(f.Agent != "", "+agent = ?", f.Agent)
		of.And("id IN (SELECT series FROM pastime_hobby_tallies WHERE pos > ?)", f.Since)
	} else {
		w.If(f.Agent != "", ofAgent, f.Agent)
		of.If(f.Agent != "", "agent = ?", f.Agent)
	}
	const doing = "reading tallies"
	type row struct {
		series int64
		hobby.Tally
	}
	rows, err := Read(ctx, s, doing, "SELECT series, day, "+tallies.selected()+" FROM "+tallies.name+w.String(), w.Args(),
		func(r *sql.Rows) (t row, err error) {
			err = r.Scan(&t.series, &t.Day, &t.Tries, &t.Passes, &t.Millis)
			return t, err
		})
	if err != nil {
		return nil, f.Since, err
	}
	// The series are read last: none that a tally has is missing, because none is ever deleted.
	series := map[int64]hobby.Tally{}
	_, err = Read(ctx, s, doing,
		"SELECT id, agent, node, model_key, kind, family, version, level, split FROM pastime_hobby_series"+of.String(),
		of.Args(), func(r *sql.Rows) (none struct{}, err error) {
			var id int64
			var t hobby.Tally
			err = r.Scan(&id, &t.Agent, &t.Node, &t.ModelKey, &t.Kind, &t.Family, &t.Version, &t.Level, &t.Split)
			series[id] = t
			return none, err
		})
	if err != nil {
		return nil, f.Since, err
	}
	var all []hobby.Tally
	for _, r := range rows {
		t, ok := series[r.series]
		if !ok {
			return nil, f.Since, fmt.Errorf("sqlite: %s: the store is damaged: a tally of day %d names series %d, which is not there",
				doing, r.Day, r.series)
		}
		t.Day, t.Tries, t.Passes, t.Millis = r.Day, r.Tries, r.Passes, r.Millis
		all = append(all, t)
	}
	return all, head, nil
}

// Counts implements hobby.Store.
func (s *Store) Counts(ctx context.Context, f hobby.CountFilter) ([]hobby.Count, error) {
	bucket := f.Bucket
	if bucket == "" {
		bucket = hobby.Total
	}
	width, ok := widths[bucket]
	if !ok {
		return nil, fmt.Errorf("%w: CountFilter.Bucket is %q", hobby.ErrInvalid, f.Bucket)
	}
	var w Where
	w.And("width = ?", width)
	if width > 0 {
		w.If(!f.Since.IsZero(), "hour >= ?", bucketFrom(f.Since, width))
		w.If(!f.Until.IsZero(), "hour < ?", bucketFrom(f.Until, width))
	}
	w.If(f.Node != "", "node = ?", f.Node)
	text := "SELECT hour, kind, " + counts.selected() + ", last FROM " + counts.name + w.String() + " ORDER BY hour, kind"
	rows, err := Read(ctx, s, "reading counts", text, w.Args(), func(r *sql.Rows) (c hobby.Count, err error) {
		var hour, last int64
		err = r.Scan(&hour, &c.Kind, &c.Started, &c.Completed, &c.Failed, &c.Interrupted, &c.Items, &c.Passes, &c.Insights, &c.Cut,
			&c.Time, &c.Engaged, &c.Cost.TokensIn, &c.Cost.TokensOut, &c.Cost.CPU, &c.Cost.MicroUSD, &last)
		if width > 0 {
			c.At = time.Unix(hour*3600, 0).UTC()
		}
		c.Last = time.Unix(0, last).UTC()
		return c, err
	})
	return byNode(rows), err
}

// byNode adds up the counts that differ in the node alone, which follow each other.
func byNode(rows []hobby.Count) []hobby.Count {
	sums := rows[:0]
	for _, c := range rows {
		if n := len(sums); n > 0 && sums[n-1].Kind == c.Kind && sums[n-1].At.Equal(c.At) {
			sums[n-1] = sums[n-1].Add(c)
			continue
		}
		sums = append(sums, c)
	}
	return sums
}

// bucketFrom is the first hour of the first bucket that starts at t or later.
func bucketFrom(t time.Time, width int64) int64 {
	hours := width * 3600
	return floorDiv(t.Add(time.Duration(hours)*time.Second-1).Unix(), hours) * width
}
