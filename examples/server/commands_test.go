package main

import (
	"bytes"
	"encoding/json"
	"io"
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
