package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
		if want == 1 { // a process has ended with a job open
			err := withArchive(t.Context(), data, func(a *archive.Archiver) error {
				_, err := a.Start(t.Context(), archive.Request{Before: time.Now().AddDate(-1, 0, 0)})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
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
	out := filepath.Join(data, "all.jsonl")
	if got, want := run("export", "-out", out), fmt.Sprintf(`{"exported":60,"file":%q}`+"\n", out); got != want {
		t.Errorf("server export: %s, want %s", got, want)
	}
	lines, err := os.ReadFile(out)
	if err != nil || bytes.Count(lines, []byte("\n")) != 60 {
		t.Errorf("the export has %d lines, %v", bytes.Count(lines, []byte("\n")), err)
	}
	c, _ := find([]string{"archive"})
	var said bytes.Buffer
	if err := c.carryOut(t.Context(), []string{"-data", data, "-older-than-days", "20"}, &said, io.Discard); err != nil ||
		!strings.Contains(said.String(), "[##############################] 100 % of 10 activities") {
		t.Errorf("server archive: %v, %q", err, said.String())
	}
	said.Reset()
	c, _ = find([]string{"export"})
	err = c.carryOut(t.Context(), []string{"-data", data, "-out", out}, &said, io.Discard)
	if !errors.Is(err, fs.ErrExist) || said.Len() > 0 {
		t.Errorf("exporting over a file: %v, %q", err, said.String())
	}
	if err := c.carryOut(t.Context(), []string{"-data", data, "-out", out + ".2"}, &said, io.Discard); err != nil {
		t.Error(err)
	}
	if !strings.Contains(said.String(), "[##############################] 100 %") {
		t.Errorf("progress: %q", said.String())
	}
	for _, args := range [][]string{{}, {"-out", "x", "-since", "March"}} {
		if err := c.carryOut(t.Context(), append([]string{"-data", data}, args...), io.Discard, io.Discard); !errors.As(err, &usage{}) {
			t.Errorf("server export %v: %v", args, err)
		}
	}
	var r archive.Report
	if err := json.Unmarshal([]byte(run("restore")), &r); err != nil || r.Restored < 25 {
		t.Errorf("server restore: %+v, %v", r, err)
	}
	left, err := filepath.Glob(filepath.Join(data, ".export*"))
	if err != nil || len(left) > 0 {
		t.Errorf("the exports have left %q, %v", left, err)
	}
}
