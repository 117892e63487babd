package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/httpapi"
)

func TestBearer(t *testing.T) {
	w := newWorld(t, nil, &httpapi.Options{Rate: -1, Middleware: []func(http.Handler) http.Handler{httpapi.Bearer("open sesame")}})
	srv := httptest.NewServer(w)
	defer srv.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	do := func(method, path string, form url.Values, header ...string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if form != nil {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	expect := func(what string, got *http.Response, want int) *http.Response {
		t.Helper()
		if got.StatusCode != want {
			t.Errorf("%s: %d, want %d", what, got.StatusCode, want)
		}
		return got
	}
	if r := expect("no token", do("GET", "/hobby/status", nil), 401); !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Bearer") {
		t.Error("401 without WWW-Authenticate")
	}
	expect("health", do("GET", "/hobby/healthz", nil), 200)
	expect("wrong token", do("GET", "/hobby/status", nil, "Authorization", "Bearer open"), 401)
	expect("the token", do("GET", "/hobby/status", nil, "Authorization", "Bearer open sesame"), 200)
	if r := expect("a page", do("GET", "/hobby/docs", nil, "Accept", "text/html"), 303); r.Header.Get("Location") != "/hobby/login" {
		t.Errorf("sent to %q", r.Header.Get("Location"))
	}
	expect("wrong login", do("POST", "/hobby/login", url.Values{"token": {"guess"}}), 401)
	expect("login from another origin", do("POST", "/hobby/stop", nil, "Authorization", "Bearer open sesame", "Sec-Fetch-Site", "cross-site"), 403)
	r := expect("login", do("POST", "/hobby/login", url.Values{"token": {"open sesame"}}), 303)
	cookies := r.Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || strings.Contains(cookies[0].Value, "sesame") {
		t.Fatalf("cookies %v", cookies)
	}
	session := cookies[0].Name + "=" + cookies[0].Value
	expect("with the cookie", do("GET", "/hobby/status", nil, "Cookie", session), 200)
	forged := cookies[0].Name + "=9" + cookies[0].Value
	expect("with a forged cookie", do("GET", "/hobby/status", nil, "Cookie", forged), 401)
	resp := expect("events with the cookie", do("GET", "/hobby/events", nil, "Cookie", session), 200)
	_ = resp.Body.Close()
	tooMany := false
	for range 20 {
		tooMany = tooMany || do("GET", "/hobby/status", nil, "Authorization", "Bearer guess").StatusCode == 429
	}
	if !tooMany {
		t.Error("twenty guesses at once were all looked at")
	}
	expect("the token, while others guess", do("GET", "/hobby/status", nil, "Authorization", "Bearer open sesame"), 200)
}
