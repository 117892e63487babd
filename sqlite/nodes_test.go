package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
)

// TestAnotherNode has an activity of another node in the store, as sync will bring
// them: its counts are told apart and added up, and what runs there is not this
// node's to recover.
func TestAnotherNode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	s := open(t, path, nil)
	mine, theirs := session(1), session(2)
	for _, sess := range []*hobby.Session{&mine, &theirs} {
		sess.Activity.Status, sess.Activity.Ended = hobby.Running, time.Time{}
		commit(t, s, *sess)
	}
	node := s.Node()
	closeStore(t, s)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"UPDATE pastime_hobby_activities SET node = 'other' WHERE id = 'activity-2'",
		"UPDATE pastime_hobby_counts SET started = 1, items = 1, passes = 1",
		`INSERT INTO pastime_hobby_counts SELECT width, hour, kind, 'other', 5, 0, 0, 0, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, last
			FROM pastime_hobby_counts`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, nil)
	defer closeStore(t, s)
	for _, b := range []hobby.Bucket{hobby.Total, hobby.Hourly, hobby.Daily} {
		got := map[string]int64{}
		for _, n := range []string{"", node, "other"} {
			counts, err := s.Counts(t.Context(), hobby.CountFilter{Bucket: b, Node: n})
			if err != nil || len(counts) != 1 {
				t.Fatalf("%s counts of %q: %+v, %v", b, n, counts, err)
			}
			got[n] = counts[0].Items
		}
		if diff := cmp.Diff(map[string]int64{"": 8, node: 1, "other": 7}, got); diff != "" {
			t.Errorf("items by node (-want +got):\n%s", diff)
		}
	}
	lost, err := s.Recover(t.Context(), time.Now())
	if err != nil || len(lost) != 1 || lost[0].ID != "activity-1" {
		t.Errorf("recovered %+v, %v; want this node's alone", lost, err)
	}
}
