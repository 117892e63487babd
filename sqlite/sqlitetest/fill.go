package sqlitetest

import (
	"context"
	"fmt"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// Fill commits a history of ended activities to an empty store, oldest first:
// each with verified answers, every eighth with an insight, and with their
// events, tallies and counts. Up to ten thousand go through the same code as
// practice; of a longer history only the first day does, and SQL copies it to
// the others. The same History gives the same sessions.
func Fill(ctx context.Context, s *sqlite.Store, h History) error {
	h = h.withDefaults()
	head, err := s.Head(ctx)
	if err == nil && head > 0 {
		return fmt.Errorf("%w: sqlitetest: Fill needs an empty store, this one has %d events", hobby.ErrInvalid, head)
	}
	if err == nil {
		err = fill(ctx, s, h)
	}
	if err != nil {
		return fmt.Errorf("sqlitetest: filling the store: %w", err)
	}
	return nil
}

func fill(ctx context.Context, s *sqlite.Store, h History) error {
	perDay, rest := h.Activities/h.Days, h.Activities%h.Days
	if h.Activities <= 10_000 {
		for day := range h.Days {
			n := perDay
			if day < rest {
				n++
			}
			if err := commitDay(ctx, s, h, day, n); err != nil {
				return err
			}
		}
		return nil
	}
	if err := commitDay(ctx, s, h, 0, perDay); err != nil {
		return err
	}
	if err := copyDays(ctx, s, h); err != nil {
		return err
	}
	// The sessions that are left over make one more day, at the history's end.
	return commitDay(ctx, s, h, h.Days, rest)
}

// commitDay commits n sessions of a day in one transaction.
func commitDay(ctx context.Context, s *sqlite.Store, h History, day, n int) error {
	return s.Write(ctx, func(tx *sqlite.Tx) error {
		for i := range n {
			if _, err := tx.Commit(h.session(day, i, n), nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// copyDays makes the other days of the history from the first.
func copyDays(ctx context.Context, s *sqlite.Store, h History) error {
	events, err := s.Head(ctx)
	if err != nil {
		return err
	}
	for day := 1; day < h.Days; day++ {
		if err := s.Write(ctx, func(tx *sqlite.Tx) error { return copyDay(tx, h, day, int64(events)) }); err != nil {
			return err
		}
	}
	return s.Write(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE pastime_hobby_counts SET started = started * :days, completed = completed * :days, failed = failed * :days,
			interrupted = interrupted * :days, items = items * :days, passes = passes * :days, insights = insights * :days, cut = cut * :days,
			time = time * :days, engaged = engaged * :days, tokens_in = tokens_in * :days, tokens_out = tokens_out * :days,
			cpu = cpu * :days, micro_usd = micro_usd * :days, last = last + (:days - 1) * 86400000000000
			WHERE width = 0`, named{"days": h.Days}.args()...)
		return err
	})
}

// copyDay copies what the first day wrote, a number of days later. The first
// day's dates and ids are replaced in the stored JSON wherever they stand.
func copyDay(tx *sqlite.Tx, h History, day int, events int64) error {
	const date = "2006-01-02T"
	args := named{
		"days": day, "events": int64(day) * events, "nanos": int64(day) * int64(24*time.Hour),
		"prefix0": prefix(0), "prefix": prefix(day), "last": prefix(0) + "g",
		"date0": h.day(0).Format(date), "date": h.day(day).Format(date),
		"day0": fmt.Sprintf(`"day":%d,`, hobby.Day(h.day(0))), "day": fmt.Sprintf(`"day":%d,`, hobby.Day(h.day(day))),
		"number0": hobby.Day(h.day(0)), "hour0": hobby.Day(h.day(0)) * 24,
	}.args()
	const body = `CAST(replace(replace(replace(CAST(body AS TEXT), :prefix0, :prefix), :date0, :date), :day0, :day) AS BLOB)`
	const (
		newID       = `replace(id, :prefix0, :prefix)`
		newActivity = `replace(activity, :prefix0, :prefix)`
		ofDay0      = `id >= :prefix0 AND id < :last`
	)
	for _, query := range []string{
		`INSERT INTO pastime_hobby_activities (id, version, agent, node, kind, status, started, ended, holder, event, clock, body)
			SELECT ` + newID + `, version, agent, node, kind, status, started + :nanos, ended + :nanos, holder, event + :events, clock, ` + body + `
			FROM pastime_hobby_activities WHERE ` + ofDay0 + ` ORDER BY id`,
		`INSERT INTO pastime_hobby_items (id, activity, source, grp, at, body)
			SELECT ` + newID + `, ` + newActivity + `, source, grp, at + :nanos, ` + body + `
			FROM pastime_hobby_items WHERE ` + ofDay0 + ` ORDER BY id`,
		`INSERT INTO pastime_hobby_insights (id, activity, kind, source, body)
			SELECT ` + newID + `, ` + newActivity + `, kind, source, ` + body + ` FROM pastime_hobby_insights WHERE ` + ofDay0 + ` ORDER BY id`,
		`INSERT INTO pastime_hobby_events (pos, node, seq, clock, kind, id, version, body)
			SELECT pos + :events, node, seq + :events, (SELECT clock FROM pastime_hobby_node) + pos, kind, ` + newID + `, version, ` + body + `
			FROM pastime_hobby_events WHERE pos <= :events / :days ORDER BY pos`,
		`UPDATE pastime_hobby_node SET seq = seq + :events / :days, clock = clock + :events / :days`,
		`INSERT INTO pastime_hobby_tallies (series, day, tries, passes, millis, pos)
			SELECT series, day + :days, tries, passes, millis, pos + :events
			FROM pastime_hobby_tallies WHERE day = :number0`,
		`INSERT INTO pastime_hobby_counts (width, hour, kind, node, started, completed, failed, interrupted,
				items, passes, insights, cut, time, engaged, tokens_in, tokens_out, cpu, micro_usd, last)
			SELECT width, hour + 24 * :days, kind, node, started, completed, failed, interrupted,
				items, passes, insights, cut, time, engaged, tokens_in, tokens_out, cpu, micro_usd, last + :nanos
			FROM pastime_hobby_counts WHERE width > 0 AND hour >= :hour0 AND hour < :hour0 + 24`,
	} {
		if _, err := tx.Exec(query, args...); err != nil {
			return err
		}
	}
	return nil
}
