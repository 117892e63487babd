package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/httpapi"
)

// TestThePageHasItsPlace mounts a page, and looks at everything around it.
func TestThePageHasItsPlace(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the page at ", r.URL.Path) })
	ask := func(h http.Handler, method, url string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, url, http.NoBody))
		return w
	}
	with := httpapi.New(httpapi.Parts{UI: page}, nil)
	for _, url := range []string{"/hobby/", "/hobby/ui/x.js"} {
		if w := ask(with, "GET", url); w.Code != 200 || w.Body.String() != "the page at "+url {
			t.Errorf("GET %s: %d %s", url, w.Code, w.Body)
		}
	}
	for _, url := range []string{"/hobby/nothing", "/hobby/ui", "/hobby/index.html", "/hobby/status/x"} {
		if w := ask(with, "GET", url); w.Code != 404 || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("GET %s: %d %v, want a problem body", url, w.Code, w.Header())
		}
	}
	if w := ask(with, "POST", "/hobby/"); w.Code != 405 || !strings.HasPrefix(w.Header().Get("Allow"), "GET") {
		t.Errorf("POST /hobby/: %d %v", w.Code, w.Header())
	}
	if w := ask(httpapi.New(httpapi.Parts{}, nil), "GET", "/hobby/"); w.Code != 404 {
		t.Errorf("without a page GET /hobby/ answers %d", w.Code)
	}
}

// TestConfigTellsTheRoutes lets a client know what this host has.
func TestConfigTellsTheRoutes(t *testing.T) {
	w := httptest.NewRecorder()
	newWorld(t, nil, nil).ServeHTTP(w, httptest.NewRequest("GET", "/hobby/config", http.NoBody))
	var c struct{ Routes []string }
	if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil || !slices.Contains(c.Routes, "/hobby/activities/{activity_id}") || slices.Contains(c.Routes, "/hobby/nothing") {
		t.Errorf("%v in %s", err, w.Body)
	}
}
