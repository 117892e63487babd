package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTalliesGetSeries runs the step of the schema that names what a tally counts by a number, over tallies that
// differ in one name each, on several days: all are as they were, and what each counts is there once.
func TestTalliesGetSeries(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "agent.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	steps, err := filepath.Glob("migrations/hobby/*.sql")
	if err != nil || len(steps) < 6 {
		t.Fatalf("the steps are %q, %v", steps, err)
	}
	up := func(steps []string) {
		t.Helper()
		for _, step := range steps {
			raw, err := os.ReadFile(step)
			if err != nil {
				t.Fatal(err)
			}
			text, _, _ := strings.Cut(string(raw), "-- +goose Down")
			if _, err := db.Exec(text); err != nil {
				t.Fatalf("%s: %v", step, err)
			}
		}
	}
	up(steps[:5])
	base := []any{"agent", "node", "key", "kind", "family", 1, 1, "practice"}
	another := []any{"b", "b", "", "b", "b", 2, 2, "heldout"}
	n := 0
	for i := -1; i < len(base); i++ {
		of := slices.Clone(base)
		if i >= 0 {
			of[i] = another[i]
		}
		for day := range 3 {
			n++
			row := append(slices.Clone(of), 20000+day, 10*n, n, 100*n, 1000-n)
			if _, err := db.Exec("INSERT INTO pastime_hobby_tallies VALUES (?"+strings.Repeat(", ?", len(row)-1)+")", row...); err != nil {
				t.Fatal(err)
			}
		}
	}
	const columns = "agent, node, model_key, kind, family, version, level, split, day, tries, passes, millis, pos"
	read := func(from string) (all []string) {
		rows, err := db.Query("SELECT " + columns + " FROM " + from + " ORDER BY pos")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			row := make([]any, 13)
			into := make([]any, len(row))
			for i := range row {
				into[i] = &row[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			all = append(all, fmt.Sprint(row...))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	was := read("pastime_hobby_tallies")
	up(steps[5:6])
	if diff := cmp.Diff(was, read("pastime_hobby_tallies t JOIN pastime_hobby_series s ON s.id = t.series")); diff != "" || len(was) != n {
		t.Errorf("%d tallies (-before +after):\n%s", len(was), diff)
	}
	var series int
	if err := db.QueryRow("SELECT count(*) FROM pastime_hobby_series").Scan(&series); err != nil || series != n/3 {
		t.Errorf("%d series, %v; want %d", series, err, n/3)
	}
}
