package main

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
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
