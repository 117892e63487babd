package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
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
	with := httpapi.New(nil, &httpapi.Options{UI: page})
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
	if w := ask(httpapi.New(nil, nil), "GET", "/hobby/"); w.Code != 404 {
		t.Errorf("without a page GET /hobby/ answers %d", w.Code)
	}
}

// TestPlacesAreAddresses checks that the page is told where people look at files, and that what is no
// address with a path is a mistake of the program.
func TestPlacesAreAddresses(t *testing.T) {
	const place = "vscode://file/home/me/{path}:{line}"
	h := httpapi.New(nil, &httpapi.Options{Places: map[hobby.Kind]string{hobby.CodeAnalysis: place}})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/hobby/config", http.NoBody))
	var c httpapi.PartsConfig
	if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil || w.Code != 200 {
		t.Fatalf("the configuration: %d %s %v", w.Code, w.Body, err)
	}
	if d := cmp.Diff(map[string]string{"CODE_ANALYSIS": place}, c.Places); d != "" {
		t.Errorf("places (-want +got):\n%s", d)
	}
	for _, bad := range []string{"", "{path}", "https://host/", "javascript:{path}", "https://host:x/{path}"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is taken for an address", bad)
				}
			}()
			httpapi.New(nil, &httpapi.Options{Places: map[hobby.Kind]string{hobby.CodeAnalysis: bad}})
		}()
	}
}

// TestASessionIsTold lets the page offer to log out, and only where that does
// something.
func TestASessionIsTold(t *testing.T) {
	h := httpapi.New(nil, &httpapi.Options{Middleware: []func(http.Handler) http.Handler{httpapi.Bearer("sesame")}})
	login := httptest.NewRequest("POST", "/hobby/login", strings.NewReader("token=sesame"))
	login.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, login)
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("logging in: %d with %d cookies", w.Code, len(cookies))
	}
	browser := httptest.NewRequest("GET", "/hobby/openapi.json", http.NoBody)
	browser.AddCookie(cookies[0])
	program := httptest.NewRequest("GET", "/hobby/openapi.json", http.NoBody)
	program.Header.Set("Authorization", "Bearer sesame")
	for r, want := range map[*http.Request]string{browser: "cookie", program: ""} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Pastime-Session"); w.Code != 200 || got != want {
			t.Errorf("%v: %d, Pastime-Session %q, want %q", r.Header, w.Code, got, want)
		}
	}
}
