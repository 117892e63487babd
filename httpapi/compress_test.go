package httpapi_test

import (
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCompression asks for the same with and without: what is long is sent compressed to who takes
// that, and says the same.
func TestCompression(t *testing.T) {
	w := newWorld(t, nil, nil)
	at := regexp.MustCompile(`"20\d\d-[^"]+Z"`) // times of the answer
	for target, want := range map[string]string{"/hobby/hobby-types": "", "/hobby/docs": "", "/hobby/status": "gzip"} {
		_, _, plain := w.do("GET", target, "")
		status, header, body := w.do("GET", target, "", "Accept-Encoding", "br, gzip")
		if got := header.Get("Content-Encoding"); status != 200 || got != want {
			t.Errorf("%s: %d, Content-Encoding %q, want %q", target, status, got, want)
			continue
		}
		if want == "" {
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(at.ReplaceAllString(plain, ""), at.ReplaceAllString(string(raw), "")); diff != "" {
			t.Errorf("%s says something else (-plain +compressed):\n%s", target, diff)
		}
		if len(body) > len(plain)/2 {
			t.Errorf("%s: %d bytes instead of %d", target, len(body), len(plain))
		}
	}
}
