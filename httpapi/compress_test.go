package httpapi_test

import (
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/httpapi"
)

// TestCompression asks for the same with and without: what is long is sent compressed to who takes
// that, and says the same.
func TestCompression(t *testing.T) {
	w := newWorld(t, nil, nil)
	at := regexp.MustCompile(`"20\d\d-[^"]+Z"`) // times of the answer
	for target, want := range map[string]string{"/hobby/hobby-types": "", "/hobby/docs": "", "/hobby/status": "gzip",
		"/hobby/openapi.json": "gzip", "/hobby/openapi.yaml": "gzip"} {
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

// TestTheDescriptionIsMadeOnce counts what a second request for it takes.
func TestTheDescriptionIsMadeOnce(t *testing.T) {
	w := &world{Handler: httpapi.New(nil, &httpapi.Options{Rate: -1})}
	for _, target := range []string{"/hobby/openapi.json", "/hobby/openapi.yaml"} {
		_, _, first := w.do("GET", target, "")
		took := testing.AllocsPerRun(3, func() {
			if _, _, again := w.do("GET", target, ""); again != first {
				t.Errorf("%s says something else", target)
			}
		})
		if took > 200 { // making it takes some 10,000
			t.Errorf("%s was made again: %v allocations", target, took)
		}
	}
}
