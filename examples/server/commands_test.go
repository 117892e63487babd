package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/sqlite"
)

// TestVacuum runs the command beside a server that has the data open.
func TestVacuum(t *testing.T) {
	data := t.TempDir()
	_, out, _ := start(t, "-data", data, "-code", ".")
	out.wait(t, `Code analysis: [^\n]*completed`)
	command := func(args ...string) (string, error) {
		var b bytes.Buffer
		err := run(t.Context(), append([]string{"vacuum"}, args...), env(), &b, io.Discard)
		return b.String(), err
	}
	told, err := command("-data", data, "-json")
	var v sqlite.Vacuumed
	if err != nil || json.Unmarshal([]byte(told), &v) != nil || v.After == 0 || v.Converted {
		t.Errorf("-json: %q, %v; want the size of a file that needed no conversion", told, err)
	}
	if told, err = command("-data", data); err != nil || !strings.Contains(told, "100 %") || !strings.Contains(told, "MB now") {
		t.Errorf("%q, %v", told, err)
	}
	out.wait(t, `Code analysis: [^\n]*completed`)
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"-data", filepath.Join(data, "none")}, 1}, {[]string{"-colour"}, 2}, {[]string{"it"}, 2},
	} {
		if _, err := command(c.args...); err == nil || status(err) != c.want {
			t.Errorf("vacuum %v: %v, want exit status %d", c.args, err, c.want)
		}
	}
}

// TestWordsForPeople starts the program wrongly in many ways: what it says is for people,
// without the names of packages and of the system's functions.
func TestWordsForPeople(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, args := range [][]string{
		{"-interval", "x"}, {"-nope"}, {"-idle", "0s"}, {"-log", "loud"}, {"-addr", "1.2.3"}, {"-addr", ":99999999"}, {"-hosts"}, {"x"},
		{"-model", none}, {"-model", "openai:x"}, {"-model", "openai:ftp://x#y"},
		{"-code", none}, {"-code", os.Args[0]}, {"-docs", none}, {"-papers", none}, {"-interactions", none},
		{"-data", os.Args[0]}, {"-subagents", "http://x"}, {"-grafana", filepath.Join(os.Args[0], "x")}, {"vacuum", "-data", none},
		{"archive", "-data", none}, {"verify", "-data", none}, {"vacuum", "-x"}, {"verify", "x"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
			cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), serverEnv+"=1")
			var said strings.Builder
			cmd.Stderr = &said
			err := cmd.Run()
			text := said.String()
			if made, err := os.ReadDir(cmd.Dir); args[0] == "verify" && (err != nil || len(made) > 0) {
				t.Errorf("it has made %v, %v", made, err)
			}
			if code := cmd.ProcessState.ExitCode(); code != 1 && code != 2 || !strings.HasPrefix(text, "server: ") {
				t.Fatalf("%v: %s", err, text)
			}
			odd := regexp.MustCompile(`\b(?:[lf]?stat|open|mkdir) /|` +
				`\b(?:pastime|sqlite|hobby|gocode|reading|llama|checkpoint|openai|slog|archive|strconv|flag): |%!|0x|goroutine`)
			if found := odd.FindString(text); found != "" || strings.Count(text, "\n") > 2 {
				t.Errorf("%q in: %s", found, text)
			}
		})
	}
}

// TestPlace gives a file its name where there are hard links and where there are none: it is
// there whole, and replaces no other file.
func TestPlace(t *testing.T) {
	for name, link := range map[string]func(string, string) error{
		"links": os.Link,
		"no links": func(from, to string) error {
			return &os.LinkError{Op: "link", Old: from, New: to, Err: errors.ErrUnsupported}
		},
	} {
		dir := t.TempDir()
		from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
		if err := os.WriteFile(from, []byte("whole"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := place(from, to, link); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_ = os.Remove(from) // a link to the same file, or gone
		if err := os.WriteFile(from, []byte("another"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := place(from, to, link); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: onto a file: %v", name, err)
		}
		if got, err := os.ReadFile(to); err != nil || string(got) != "whole" {
			t.Errorf("%s: it has %q, %v", name, got, err)
		}
		if err := place(filepath.Join(dir, "nowhere"), filepath.Join(dir, "new"), link); err == nil {
			t.Errorf("%s: no file was placed", name)
		}
		if _, err := os.Stat(filepath.Join(dir, "new")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the name of a file that could not be placed is taken: %v", name, err)
		}
	}
}
