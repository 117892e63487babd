package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/benchmark"
	"github.com/pastime-go/pastime/sqlite"
)

// sent is an event as a client of the stream gets it.
type sent struct {
	ID, Kind string
	Data     string
}

// stream reads n events of the stream that begins after the event last, or now
// when last is "".
func stream(t *testing.T, h http.Handler, last string, n int) []sent {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", srv.URL+"/hobby/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if ct := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || ct != "text/event-stream" {
		t.Fatalf("%d %s", resp.StatusCode, ct)
	}
	// A proxy that compresses or stores would hold events back.
	if c := resp.Header.Get("Cache-Control"); c != "no-store, no-transform" {
		t.Errorf("the stream's Cache-Control is %q", c)
	}
	var all []sent
	var e sent
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for len(all) < n && lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			e.ID = value
		case "event":
			e.Kind = value
		case "data":
			e.Data = value
			all = append(all, e)
		}
	}
	return all
}

func kinds(all []sent) []string {
	var names []string
	for _, e := range all {
		names = append(names, e.Kind)
	}
	return names
}

// TestWhatAnEventMayShow appends events that no part knows, and events of known
// kinds whose bodies are not what they should be: only the id, the kind and the
// version of such an event go out.
func TestWhatAnEventMayShow(t *testing.T) {
	w := newWorld(t, nil, nil)
	bodies := []struct {
		kind string
		body any
	}{
		{"taste.told", map[string]string{"user_id": "ada", "comment": "a secret"}},
		{"activity.shared", map[string]any{"activity": hobby.Activity{Goal: "a secret"}}},
		{hobby.ActivityFinished, "a secret"},
		{"assignment.invented", map[string]string{"ID": "a secret"}},
		{"assignment.created", []string{"a secret"}},
	}
	var want []sent
	for _, b := range bodies {
		if err := w.store.Write(t.Context(), func(tx *sqlite.Tx) error {
			_, err := tx.Append(b.kind, "x1", 7, b.body)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(map[string]any{"id": "x1", "kind": b.kind, "version": 7})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, sent{Kind: b.kind, Data: string(data)})
	}
	got := stream(t, w, "0", len(want))
	for i := range got {
		got[i].ID = ""
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("events that nobody knows (-want +got):\n%s", d)
	}
}

// TestARegressionIsAnEvent has the numbers of a benchmark that became worse.
func TestARegressionIsAnEvent(t *testing.T) {
	w := newWorld(t, nil, nil)
	r := benchmark.Regression{
		Day: time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC), Model: "k1", Before: "k2", Paired: true, Passes: 1, Tries: 9, BeforePasses: 8,
		BeforeTries: 9, P: 0.0005, Difference: -0.75, Low: -1, High: -0.25,
	}
	if err := w.store.Write(t.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Append(benchmark.RegressedEvent, "2026-11-27 k1", 1, r)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(stream(t, w, "0", 1)[0].Data), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"day": "2026-11-27", "model_key": "k1", "before_key": "k2", "paired": true, "passes": 1.0, "tries": 9.0, "before_passes": 8.0,
		"before_tries": 9.0, "p": 0.0005, "difference": -0.75, "difference_low": -1.0, "difference_high": -0.25,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the event (-want +got):\n%s", d)
	}
}

// TestResumingBelowTheFloor resumes after an event that was dropped with others: the
// client is told, and gets what is left.
func TestResumingBelowTheFloor(t *testing.T) {
	w := newWorld(t, nil, nil)
	for range 5 {
		if err := w.store.Write(t.Context(), func(tx *sqlite.Tx) error {
			_, err := tx.Append("other.noted", "x", 1, nil)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if floor, err := w.store.Trim(t.Context(), 3); err != nil || floor != 3 {
		t.Fatalf("the floor is %d, %v", floor, err)
	}
	note := `{"id":"x","kind":"other.noted","version":1}`
	rest := []sent{{"4", "other.noted", note}, {"5", "other.noted", note}}
	if d := cmp.Diff(append([]sent{{"3", "log.trimmed", `{"floor":3}`}}, rest...), stream(t, w, "1", 3)); d != "" {
		t.Errorf("after an event that was dropped (-want +got):\n%s", d)
	}
	if d := cmp.Diff(rest, stream(t, w, "3", 2)); d != "" {
		t.Errorf("after the last of those that were dropped (-want +got):\n%s", d)
	}
}
