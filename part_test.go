package pastime_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/sqlite"
)

// A throwaway part: what a part of the library is made of, in as few lines as
// there can be. It keeps a note of every activity that ended, and those that
// people write.

// The store, as it would be under sqlite/notes.

var notesSchema = fstest.MapFS{"00001_start.sql": {Data: []byte(`-- +goose Up
CREATE TABLE pastime_notes_note (pos INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
`)}}

type note struct {
	Text   string `json:"text"`
	Author string `json:"author"`
}

type notes struct{ store *sqlite.Store }

func (n notes) put(tx *sqlite.Tx, v note) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("INSERT INTO pastime_notes_note (body) VALUES (?)", body); err != nil {
		return err
	}
	_, err = tx.Append("note.taken", "n", 1, v)
	return err
}

func (n notes) add(ctx context.Context, v note) error {
	return n.store.Write(ctx, func(tx *sqlite.Tx) error { return n.put(tx, v) })
}

func (n notes) page(ctx context.Context, cursor string, limit int) ([]note, string, error) {
	var w sqlite.Where
	if err := w.After(cursor, "pos"); err != nil {
		return nil, "", err
	}
	const query = "SELECT pos, body FROM pastime_notes_note"
	return sqlite.ReadPage(ctx, n.store, "listing notes", query+w.String()+" ORDER BY pos DESC", w.Args(), limit, sqlite.ScanPosJSON[note])
}

// Name and Consume make notes a hobby.Consumer.
func (notes) Name() string { return "notes" }

func (n notes) Consume(ctx context.Context, events []hobby.Event) error {
	return n.store.Write(ctx, func(tx *sqlite.Tx) error {
		handled, err := tx.SetConsumed(n.Name(), events[len(events)-1].Pos)
		for _, e := range events {
			if err == nil && e.Pos > handled && e.Kind == hobby.ActivityFinished {
				err = n.put(tx, note{Text: "an activity ended", Author: "log"})
			}
		}
		return err
	})
}

// Metrics and Observe make it a hobby.Observable.
func (notes) Metrics() []hobby.Metric {
	return []hobby.Metric{{Name: "pastime_notes_total", Help: "Notes ever taken.", Counter: true}}
}

func (n notes) Observe(ctx context.Context, emit hobby.Emit) error {
	total, err := sqlite.ReadOne(ctx, n.store, "counting notes", "SELECT count(*) FROM pastime_notes_note", nil,
		func(rows *sql.Rows) (v int, err error) {
			return v, rows.Scan(&v)
		})
	if err == nil {
		emit("pastime_notes_total", float64(total))
	}
	return err
}

// The edge in httpapi.

type noteBody struct {
	Text string `json:"text" minLength:"1"`
}

type noteList struct {
	Notes []note `json:"notes"`
	httpapi.Next
}

var errRude = errors.New("notes: rude word")

func (n notes) take(ctx context.Context, in *struct{ Body noteBody }) (*httpapi.Body[note], error) {
	v := note{in.Body.Text, "you"}
	if v.Text == "rude" {
		return nil, fmt.Errorf("taking a note: %w: %q", errRude, v.Text)
	}
	return &httpapi.Body[note]{Body: v}, n.add(ctx, v)
}

func (n notes) list(ctx context.Context, in *struct{ httpapi.Paging }) (*httpapi.Body[noteList], error) {
	page, next, err := n.page(ctx, in.Cursor, 10)
	if err != nil {
		return nil, err
	}
	d := noteList{Notes: page}
	if next != "" {
		d.NextCursor = &next
	}
	return &httpapi.Body[noteList]{Body: d}, nil
}

func (n notes) routes() httpapi.Part {
	type settings struct {
		Limit int `json:"notes_limit"`
	}
	type shown struct {
		Text string `json:"text"`
	}
	return httpapi.Part{
		Name: "notes", Tag: "Notes",
		Routes: []httpapi.Route{
			{Method: "POST", Path: "/notes", ID: "takeNote", Summary: "Take a note", Serve: httpapi.JSON(n.take)},
			{Method: "GET", Path: "/notes", ID: "listNotes", Summary: "The newest notes", Serve: httpapi.JSON(n.list)},
		},
		Events: httpapi.Show(func(_ *hobby.Event, v *note) shown { return shown{v.Text} }, "note.taken"),
		Config: httpapi.Fields(func() settings { return settings{10} }),
		Errors: []httpapi.Problem{{Err: errRude, Status: 422, Text: "that is rude"}},
	}
}

// The edge in the root.

func notesPart(ctx context.Context, k *pastime.Kit) (pastime.Part, error) {
	n := notes{k.Store}
	if err := k.Store.Migrate(ctx, "notes", notesSchema); err != nil {
		return pastime.Part{}, err
	}
	return pastime.Part{
		Name: "notes", Observes: n, Consumers: []hobby.Consumer{n}, Serves: []httpapi.Part{n.routes()},
		Slots: []hobby.Slot{{Name: "notes/hourly", Schedule: hobby.Every(time.Hour), Run: func(ctx context.Context, _ hobby.SlotRun) error {
			return n.add(ctx, note{"an hour went by", "clock"})
		}}},
	}, nil
}

// TestAPartOfAHost gives a kit a part that the library does not know: its routes
// are served and described, its event is streamed, its metric is scraped, its
// slot and its consumer run.
func TestAPartOfAHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kit, err := pastime.Open(t.Context(), ":memory:", nil, &pastime.Options{
			Parts: []pastime.Maker{notesPart}, Hobbies: []hobby.Hobby{stargazing}, Hobby: hobby.Options{Disabled: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- kit.Run(ctx) }()
		do := func(method, path, body string) (int, string) {
			r := httptest.NewRequestWithContext(ctx, method, "/hobby"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			kit.Handler().ServeHTTP(w, r)
			return w.Code, w.Body.String()
		}
		if status, body := do("POST", "/notes", `{"text":"hello"}`); status != 200 {
			t.Errorf("taking a note: %d %s", status, body)
		}
		if status, body := do("POST", "/notes", `{"text":"rude"}`); status != 422 || !strings.Contains(body, `that is rude: \"rude\"`) {
			t.Errorf("an error of the part: %d %s", status, body)
		}
		if status, body := do("POST", "/run", `{"hobby_type":"STARGAZING"}`); status != 202 {
			t.Errorf("practising: %d %s", status, body)
		}
		time.Sleep(90 * time.Minute)
		synctest.Wait()
		var list noteList
		_, body := do("GET", "/notes", "")
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Error(err, body)
		}
		want := []note{{"an hour went by", "clock"}, {"an activity ended", "log"}, {"hello", "you"}}
		if d := cmp.Diff(want, list.Notes); d != "" {
			t.Errorf("the notes (-want +got):\n%s", d)
		}
		for path, part := range map[string]string{
			"/openapi.json":       `"/hobby/notes":{`,
			"/metrics/prometheus": "pastime_notes_total 3\n",
			"/config":             `"notes":{"configured":true,"reason":null}`,
		} {
			if _, body := do("GET", path, ""); !strings.Contains(body, part) {
				t.Errorf("GET %s has no %s:\n%s", path, part, body)
			}
		}
		events := make(chan string, 1)
		go func() {
			_, body := do("GET", "/events?last_event_id=0", "")
			events <- body
		}()
		synctest.Wait()
		cancel() // ends the stream, too
		said := <-events
		if !strings.Contains(said, "event: note.taken\ndata: {\"text\":\"hello\"}\n") || strings.Contains(said, `"author"`) {
			t.Errorf("the stream shows other than what may be shown of a note:\n%s", said)
		}
		if err := errors.Join(<-done, kit.Close()); err != nil {
			t.Error(err)
		}
	})
}

var stargazing = hobby.Hobby{Kind: "stargazing", Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
	return out.Insight(hobby.Insight{Text: "seen", Confidence: 1})
})}

// TestFoldersOfParts makes folders beside a store in a file, in memory, and
// where the host says.
func TestFoldersOfParts(t *testing.T) {
	home := t.TempDir()
	for path, want := range map[string]string{filepath.Join(home, "agent.db"): filepath.Join(home, "agent.db.d"), ":memory:": ""} {
		kit, err := pastime.Open(t.Context(), path, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(want); want != "" && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there before a part needs it: %v", want, err)
		}
		dir, err := kit.Dir("adapters")
		if err != nil {
			t.Fatal(err)
		}
		if want != "" && dir != filepath.Join(want, "adapters") {
			t.Errorf("the adapters of %s are in %s", path, dir)
		}
		for _, made := range []string{dir, filepath.Dir(dir)} {
			if info, err := os.Stat(made); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %v, %v; must be for its owner only", made, info, err)
			}
		}
		other, err := kit.Dir("archive")
		if err != nil || filepath.Dir(other) != filepath.Dir(dir) {
			t.Errorf("two folders: %s and %s, %v", dir, other, err)
		}
		for _, bad := range []string{"", ".", "..", "../x", "/etc"} {
			if dir, err := kit.Dir(bad); !errors.Is(err, hobby.ErrInvalid) {
				t.Errorf("the folder %q is %s, %v", bad, dir, err)
			}
		}
		if err := kit.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(dir); (err == nil) != (want != "") {
			t.Errorf("%s after Close: %v", dir, err)
		}
	}
	elsewhere := filepath.Join(home, "elsewhere")
	kit, err := pastime.Open(t.Context(), ":memory:", nil, &pastime.Options{Dir: elsewhere})
	if err != nil {
		t.Fatal(err)
	}
	if dir, err := kit.Dir("graph"); err != nil || dir != filepath.Join(elsewhere, "graph") {
		t.Errorf("%s, %v", dir, err)
	}
	if err := kit.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(elsewhere); err != nil {
		t.Errorf("the host's folder after Close: %v", err)
	}
}
