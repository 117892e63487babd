package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/internal/proc"
)

// TestTalliesOfNoSeries deletes what a tally names, as a damaged file would: reading it is an error, and not fewer
// tallies. Those of an agent whose are whole are read as they were.
func TestTalliesOfNoSeries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	s := open(t, path, nil)
	defer closeStore(t, s)
	other := session(1)
	other.Activity.Agent = "other"
	commit(t, s, session(0), other)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("DELETE FROM pastime_hobby_series WHERE agent = 'other'"); err != nil {
		t.Fatal(err)
	}
	for _, since := range []hobby.Cursor{0, 1} {
		if all, at, err := s.Tallies(t.Context(), hobby.TallyFilter{Since: since}); err == nil || len(all) > 0 || at != since {
			t.Errorf("since %d: %d tallies to %d, %v; want an error", since, len(all), at, err)
		}
	}
	if all, _, err := s.Tallies(t.Context(), hobby.TallyFilter{Agent: "agent"}); err != nil || len(all) != 1 {
		t.Errorf("the other agent has %+v, %v; want its one tally", all, err)
	}
}

// BenchmarkTallies measures the part of a start that grows with the history:
// reading the tallies, and measuring from them. They are of dense practice, 14
// families of 5 levels on each day of five years.
func BenchmarkTallies(b *testing.B) {
	const days, families, levels = 5 * 365, 14, 5
	path := filepath.Join(b.TempDir(), "agent.db")
	s := open(b, path, nil)
	if _, err := hobbytest.CommitSessions(b.Context(), s, 1, 1); err != nil { // the log must not be empty
		b.Fatal(err)
	}
	s.Close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	for _, fill := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO pastime_hobby_series (agent, node, model_key, kind, family, version, level, split)
			SELECT '', 'node', 'model', 'dense', f.x, 1, l.x, 'practice' FROM n f, n l WHERE f.x < ? AND l.x BETWEEN 1 AND ?`,
			[]any{families, levels}},
		{`INSERT INTO pastime_hobby_tallies (series, day, tries, passes, millis, pos)
			SELECT id, 10000+d.x, 12, abs(random()) % 13, 1000, 1 FROM pastime_hobby_series, n d WHERE kind = 'dense' AND d.x < ?`, []any{days}},
	} {
		query := "WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x+1 FROM n WHERE x < 5000) " + fill.query
		if _, err := db.Exec(query, fill.args...); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	h := hobby.Hobby{Kind: "dense"}
	for f := range families {
		h.Families = append(h.Families, hobby.Family{Name: fmt.Sprint(f), Levels: levels})
	}
	s = open(b, path, nil)
	defer s.Close()
	each := func(name string, call func() error) {
		b.Run(name, func(b *testing.B) {
			before := proc.CPUTime()
			for b.Loop() {
				if err := call(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(proc.CPUTime()-before)/float64(b.N)/(days*families*levels), "cpu-ns/tally")
		})
	}
	each("Read", func() error {
		_, _, err := s.Tallies(b.Context(), hobby.TallyFilter{})
		return err
	})
	each("ReadAndMeasure", func() error {
		p, err := hobby.NewMeter(s, "").Measure(b.Context(), []hobby.Hobby{h}, nil, time.Unix((10000+days)*86400, 0))
		if err == nil && p.Overall.Items < 12*days*families*levels {
			err = fmt.Errorf("measured %d items", p.Overall.Items)
		}
		return err
	})
}
