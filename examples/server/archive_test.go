package main

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/sqlitetest"
)

// TestArchiveCommands archives a data directory and verifies its files.
func TestArchiveCommands(t *testing.T) {
	data := t.TempDir()
	s, err := sqlite.Open(t.Context(), filepath.Join(data, "agent.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlitetest.Fill(t.Context(), s, sqlitetest.History{Activities: 60, Days: 60}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		t.Helper()
		c, ok := find([]string{name})
		if !ok {
			t.Fatalf("there is no command %s", name)
		}
		var out bytes.Buffer
		if err := c.carryOut(t.Context(), append([]string{"-json", "-data", data}, args...), &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for _, want := range []int64{0, 1, 2} { // a dry run, a run, a run with nothing to do
		args := map[int64][]string{0: {"-dry-run"}, 1: {"-older-than-days", "30"}, 2: {}}[want]
		var r archive.Report
		if err := json.Unmarshal([]byte(run("archive", args...)), &r); err != nil {
			t.Fatal(err)
		}
		if (r.Archived > 25) != (want < 2) || (r.Pruned > 0) != (want == 1) {
			t.Errorf("server archive %v: %+v", args, r)
		}
	}
	if got := run("verify"); got != `{"damaged":0}`+"\n" {
		t.Errorf("server verify: %s", got)
	}
}
