package feedback_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/rlhf/rlhftest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/feedback"
)

// insertAsVersion2 stores feedback as version 2 of the schema did.
func insertAsVersion2(t *testing.T, db *sql.DB, id string, f rlhf.Feedback, at time.Time) {
	t.Helper()
	f.ID, f.Version, f.At = id, 1, at
	body, err := json.Marshal(f)
	if err == nil {
		_, err = db.Exec(`INSERT INTO pastime_feedback_given (id, type, target, rater, source, exposure, day, last, judges, suggests, body)
			VALUES (?, ?, ?, ?, ?, '', ?, 1, 1, 0, ?)`, id, f.Type, f.Target, f.Rater, f.Source, at.Unix()/86400, body)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestSpeakersOfEarlierVersions fills a store of version 2 with feedback of nobody, of a name and of names that are
// claimed at an address, and brings it up to date. What is stored later by a process of version 2 is mended when
// feedback is opened again. Each row's speaker is Feedback.Speaker, and their quota of the day is used up.
func TestSpeakersOfEarlierVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.db")
	s, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	two := fstest.MapFS{}
	for _, name := range []string{"00001_start.sql", "00002_suggestions.sql"} {
		raw, err := os.ReadFile(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		two[name] = &fstest.MapFile{Data: raw}
	}
	if err := s.Migrate(t.Context(), "feedback", two); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Now().UTC()
	claimed := func(user, target string) rlhf.Feedback {
		f := rlhftest.By(user, target, 2)
		f.Voice = "anonymous:address"
		return f
	}
	early := map[string]rlhf.Feedback{
		"a": rlhftest.Without("visitor", "i1", 4), "b": rlhftest.By("ana", "i1", 5), "c": claimed("bo", "i1"), "d": claimed("cy", "i2"),
	}
	for id, f := range early {
		insertAsVersion2(t, db, id, f, now)
	}
	speakers := func() map[string]string {
		all := map[string]string{}
		rows, err := db.Query("SELECT id, speaker FROM pastime_feedback_given")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id, speaker string
			if err := rows.Scan(&id, &speaker); err != nil {
				t.Fatal(err)
			}
			all[id] = speaker
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	check := func(want map[string]rlhf.Feedback) *feedback.Store {
		t.Helper()
		store, err := feedback.New(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		whose := map[string]string{}
		for id, f := range want {
			whose[id] = f.Speaker()
		}
		if diff := cmp.Diff(whose, speakers()); diff != "" {
			t.Errorf("speakers (-want +got):\n%s", diff)
		}
		return store
	}
	check(early)
	late := claimed("dee", "i3")
	insertAsVersion2(t, db, "e", late, now)
	early["e"] = late
	store := check(early)
	if time.Now().UTC().YearDay() != now.YearDay() {
		t.Skip("a day ended meanwhile, and with it its quota")
	}
	for _, c := range []struct {
		f    rlhf.Feedback
		said int
	}{
		{rlhftest.Without("visitor", "i9", 1), 1}, {rlhftest.By("ana", "i9", 1), 1}, {claimed("eve", "i9"), 3},
		{rlhftest.Without("address", "i9", 1), 4}, // what eve said then is one more
	} {
		if _, err := store.Put(t.Context(), c.f, rlhftest.About(&c.f), c.said); !errors.Is(err, rlhf.ErrTooMany) {
			t.Errorf("%s has said %d: %v, want ErrTooMany", c.f.Speaker(), c.said, err)
		}
		if _, err := store.Put(t.Context(), c.f, rlhftest.About(&c.f), c.said+1); err != nil {
			t.Errorf("%s has said %d of %d: %v", c.f.Speaker(), c.said, c.said+1, err)
		}
	}
}
