package main

import (
	"encoding/json"
	"io"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/internal/race"
)

// TestTheEventLogIsNotTheStorage practises with all that the server has by default:
// the model, the task families, this code. What the event log keeps of a session is
// small beside what the session itself keeps. The findings of code, documents and papers are
// counted apart: each is told once, so the first sessions tell many of them.
func TestTheEventLogIsNotTheStorage(t *testing.T) {
	const most, told = 2000, 48_000 // bytes a session, and of all findings
	sessions := 12
	if race.Enabled { // a race shows in a few; a slow session tells of more progress
		sessions = 3
	}
	c, err := parse([]string{"-data", t.TempDir(), "-idle", "24h", "-code", "../../hobby/redact", "-docs", "../../docs"}, env(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	kit, err := c.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		for _, err := range []error{kit.Close(), c.close()} {
			if err != nil {
				t.Error(err)
			}
		}
	}()
	for range sessions {
		if _, err := kit.Hobby.RunOnce(t.Context(), hobby.Kind("")); err != nil {
			t.Fatal(err)
		}
	}
	events, err := hobbytest.AllEvents(t.Context(), kit.Store)
	if err != nil {
		t.Fatal(err)
	}
	bytes, findings, progress := 0, 0, 0
	for _, e := range events {
		var body struct{ Insights json.RawMessage }
		if err := json.Unmarshal(e.Body, &body); err != nil {
			t.Fatal(err)
		}
		bytes += len(e.Body) - len(body.Insights)
		findings += len(body.Insights)
		if e.Kind == hobby.ActivityProgress {
			progress++
		}
	}
	t.Logf("%d bytes of events a session, %d of findings, %d of progress", bytes/sessions, findings/sessions, progress)
	// A session that takes seconds, as on a busy machine, tells of its progress more than once.
	if bytes > most*sessions+1000*max(0, progress-sessions) {
		t.Errorf("%d bytes of events a session, want at most %d", bytes/sessions, most)
	}
	if findings > told {
		t.Errorf("%d bytes of findings, want at most %d", findings, told)
	}
}
