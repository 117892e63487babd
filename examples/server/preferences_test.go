package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/feedback"
)

// TestPreferencesAreWritten has two people prefer one answer, and reads what the command
// writes in each format.
func TestPreferencesAreWritten(t *testing.T) {
	data := t.TempDir()
	command := func(want int, args ...string) string {
		t.Helper()
		var b bytes.Buffer
		err := run(t.Context(), append([]string{"preferences", "-json", "-data", data}, args...), env(), &b, io.Discard)
		got := 0
		if err != nil {
			got = status(err)
		}
		if got != want {
			t.Errorf("server preferences %v: exit status %d, want %d: %v", args, got, want, err)
		}
		return b.String()
	}
	out := filepath.Join(data, "out")
	command(2)
	command(2, "-out", out, "-format", "csv")
	command(1, "-out", out) // there is no store
	rate(t, filepath.Join(data, "agent.db"))
	for format, n := range map[rlhf.Format]string{"preference": "1", "kto": "2", "alpaca": "1", "argilla": "2"} {
		name := out + string(format)
		said := command(0, "-out", name, "-format", string(format))
		if !strings.HasPrefix(said, `{"exported":`+n+",") {
			t.Errorf("%s: it says %s, want %s records", format, said, n)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := rlhf.Import(bytes.NewReader(b), format)
		if err != nil {
			t.Errorf("%s: %v in %s", format, err, b)
		}
		for _, p := range d.Pairs {
			if p.Question != "What is 2 + 2?" || p.Chosen != "4" || p.Rejected != "5" {
				t.Errorf("%s: the pair is %+v", format, p)
			}
		}
	}
	command(1, "-out", out+"kto", "-format", "kto") // never over another file
}

// rate makes a store with two answers to a question and what two people say of them.
func rate(t *testing.T, path string) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s, err := feedback.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for id, text := range map[string]string{"a": "4", "b": "5"} {
		about := rlhf.Target{Type: rlhf.Insight, ID: id, Kind: hobby.SkillPractice, Text: text, Question: "What is 2 + 2?"}
		for _, who := range []string{"ana", "bo"} {
			f := rlhf.Feedback{Type: rlhf.Insight, Target: id, User: who, Rater: rlhf.UserSource(who), Rating: map[string]int{"a": 5, "b": 1}[id]}
			if _, err := s.Put(t.Context(), f, about, 100); err != nil {
				t.Fatal(err)
			}
		}
	}
}
