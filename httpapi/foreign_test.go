package httpapi_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/sqlite"
)

// required are the parameters that GET routes cannot do without.
var required = map[string]string{
	"/hobby/graph/recall": "?q=x", "/hobby/graph/search": "?q=x", "/hobby/graph/path": "?from=x&to=y", "/hobby/graph/learn": "?target=x",
	"/hobby/graph/why": "?from=x&to=y&relation=uses", "/hobby/curve": "?hobby_type=waiting", "/hobby/lora/compare": "?candidate=x",
}

// TestNoPageElsewhereChangesAnything has a page of another origin ask for all that can
// be asked for with GET, as the image of any page can. A browser lets it read nothing
// of what is answered. Nothing may be stored by that either.
func TestNoPageElsewhereChangesAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := rated(t, nil)
		changes := func() (n int64) {
			synctest.Wait()
			if err := w.store.Write(t.Context(), func(tx *sqlite.Tx) error {
				return tx.QueryRow("SELECT total_changes()", nil, &n)
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		asked := 0
		for path, ops := range describe(t, w).Paths {
			if ops["get"] == nil || path == "/hobby/events" { // a stream does not end
				continue
			}
			at := target(path, ops["get"], "hobby_type", "waiting") // where it is in the path
			at, _, _ = strings.Cut(at, "?")
			at += required[path]
			for _, site := range []string{"cross-site", "same-site"} {
				before := changes()
				status, _, body := w.do("GET", at, "", "Sec-Fetch-Site", site)
				if asked++; status == 422 {
					t.Errorf("GET %s was not asked right: %s", at, body)
				}
				if n := changes() - before; n != 0 {
					t.Errorf("GET %s by a page that is %s: %d, and %d rows have changed", at, site, status, n)
				}
			}
		}
		if asked < 60 {
			t.Errorf("only %d requests were made", asked)
		}
	})
}

// TestWhoIsShownWhatToRate asks for what to rate, which notes that it was shown, as
// programs and pages do.
func TestWhoIsShownWhatToRate(t *testing.T) {
	const path = "http://localhost:8800/hobby/feedback/pending"
	w := rated(t, &httpapi.Options{Rate: -1, Origins: []string{"https://dash.example"}})
	for _, c := range []struct {
		who    string
		method string
		header []string
		want   int
	}{
		{"a program", "GET", nil, 200},
		{"the page", "GET", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"who types the address", "GET", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"}, 200},
		{"an image of a page", "GET", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, 403},
		{"an image of a page, by its head", "HEAD", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a link of a page", "GET", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 403},
		{"a page at another port", "GET", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"a page, as it says itself", "GET", []string{"Origin", "https://evil.example"}, 403},
		{"a page that the host trusts", "GET", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://dash.example"}, 200},
	} {
		status, header, body := w.do(c.method, path, "", c.header...)
		if status != c.want {
			t.Errorf("%s: %d %s, want %d", c.who, status, body, c.want)
		}
		if status != 200 {
			checkProblem(t, c.who, status, header, body)
		}
	}
}
