package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/ui"
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
	if r := expect("a page", do("GET", "/hobby/docs", nil, "Accept", "text/html"), 303); r.Header.Get("Location") != "../hobby/login" {
		t.Errorf("sent to %q", r.Header.Get("Location"))
	}
	expect("wrong login", do("POST", "/hobby/login", url.Values{"token": {"guess"}}), 401)
	expect("login from another origin", do("POST", "/hobby/stop", nil, "Authorization", "Bearer open sesame", "Sec-Fetch-Site",
		"cross-site"), 403)
	r := expect("login", do("POST", "/hobby/login", url.Values{"token": {"open sesame"}}), 303)
	cookies := r.Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode ||
		strings.Contains(cookies[0].Value, "sesame") {
		t.Fatalf("cookies %v", cookies)
	}
	session := cookies[0].Name + "=" + cookies[0].Value
	expect("with the cookie", do("GET", "/hobby/status", nil, "Cookie", session), 200)
	forged := cookies[0].Name + "=9" + cookies[0].Value
	expect("with a forged cookie", do("GET", "/hobby/status", nil, "Cookie", forged), 401)
	stream := expect("events with the cookie", do("GET", "/hobby/events", nil, "Cookie", session), 200)
	defer stream.Body.Close() // before the server's Close, which waits for it
	events := bufio.NewScanner(stream.Body)
	if !events.Scan() || events.Text() != "retry: 2000" {
		t.Fatalf("the stream begins with %q", events.Text())
	}
	if _, err := w.manager.RunOnce(t.Context(), "broken"); err != nil {
		t.Fatal(err)
	}
	for events.Scan() && events.Text() != "event: activity.started" {
	}
	if events.Text() != "event: activity.started" {
		t.Errorf("the stream with the cookie ended without the session: %v", events.Err())
	}
	expect("log-out", do("POST", "/hobby/logout", nil, "Cookie", session), 303)
	for events.Scan() {
	}
	if err := events.Err(); err != nil {
		t.Errorf("after the log-out the stream ended with %v", err)
	}
}

// guarded is a handler behind the token "open sesame" that answers "in".
func guarded() http.Handler {
	return httpapi.Bearer("open sesame")(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "in") }))
}

// ask sends a request of a client and returns the status.
func ask(h http.Handler, from, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr = from
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return send(h, r)
}

func send(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// login logs in and returns the cookie, nil when it was refused.
func login(h http.Handler, from, token string, header ...string) (int, *http.Cookie) {
	r := httptest.NewRequest("POST", "http://agent.example/hobby/login", strings.NewReader(url.Values{"token": {token}}.Encode()))
	r.RemoteAddr = from
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := send(h, r)
	for _, c := range w.Result().Cookies() {
		return w.Code, c
	}
	return w.Code, nil
}

const client = "192.0.2.1:1000"

func TestWaysToSendTheToken(t *testing.T) {
	for header, want := range map[string]int{
		"Bearer open sesame": 200, "bearer open sesame": 200, "BEARER open sesame": 200,
		"Bearer  open sesame": 401, "Bearer open sesame ": 401, "Bearer": 401, "Bearer ": 401, "": 401,
		"Basic open sesame": 401, "open sesame": 401, "Bearer OPEN SESAME": 401, "Bearer open sesam": 401, "Bearer open sesamee": 401,
	} {
		if got := ask(guarded(), client, "GET", "/hobby/status", "Authorization", header).Code; got != want {
			t.Errorf("Authorization: %q: %d, want %d", header, got, want)
		}
	}
	for _, path := range []string{"/hobby/status?token=open+sesame", "/hobby/status?access_token=open+sesame", "/", "/hobby/",
		"/hobby/healthz/", "/hobby/healthz/../status", "/hobby/events"} {
		if w := ask(guarded(), client, "GET", path); strings.Contains(w.Body.String(), "in") && w.Code == 200 {
			t.Errorf("%s is open", path)
		}
	}
	for _, method := range []string{"POST", "DELETE", "OPTIONS", "CONNECT"} {
		if w := ask(guarded(), client, method, "/hobby/healthz"); w.Code == 200 {
			t.Errorf("%s /hobby/healthz is open", method)
		}
	}
}

// TestGuesses shows that an address which guesses is locked out for a while,
// the token included, and that others and sessions are not.
func TestGuesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := guarded()
		status, cookie := login(h, client, "open sesame")
		if status != 303 || cookie == nil {
			t.Fatalf("login: %d", status)
		}
		for i := range 10 {
			if got := ask(h, client, "GET", "/hobby/status", "Authorization", fmt.Sprint("Bearer guess", i)).Code; got != 401 {
				t.Fatalf("guess %d: %d", i+1, got)
			}
		}
		token := []string{"Authorization", "Bearer open sesame"}
		w := ask(h, "192.0.2.1:2000", "GET", "/hobby/status", token...)
		if w.Code != 429 || w.Header().Get("Retry-After") == "" || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("after ten guesses: %d %v", w.Code, w.Header())
		}
		if status, _ := login(h, client, "open sesame"); status != 429 {
			t.Errorf("login after ten guesses: %d", status)
		}
		if got := ask(h, client, "GET", "/hobby/status", "Cookie", cookie.Name+"="+cookie.Value).Code; got != 200 {
			t.Errorf("who is logged in, while somebody guesses there: %d", got)
		}
		if got := ask(h, "192.0.2.2:1000", "GET", "/hobby/status", token...).Code; got != 200 {
			t.Errorf("another address: %d", got)
		}
		time.Sleep(time.Second)
		if got := ask(h, client, "GET", "/hobby/status", token...).Code; got != 200 {
			t.Errorf("the token a second later: %d", got)
		}
		// A client has a whole network of IPv6 addresses.
		for i := range 10 {
			ask(h, fmt.Sprintf("[2001:db8::%d]:1", i), "GET", "/hobby/status", "Authorization", fmt.Sprint("Bearer guess", i))
		}
		if got := ask(h, "[2001:db8::ffff]:1", "GET", "/hobby/status", token...).Code; got != 429 {
			t.Errorf("another address of the network that guesses: %d", got)
		}
		if got := ask(h, "[2001:db8:0:1::1]:1", "GET", "/hobby/status", token...).Code; got != 200 {
			t.Errorf("another network: %d", got)
		}
	})
}

// TestAnOldTokenLocksNobodyOut has a program that was left with an old token beside
// one with the right token, at the same address.
func TestAnOldTokenLocksNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := guarded()
		for i := range 40 {
			time.Sleep(500 * time.Millisecond)
			if got := ask(h, client, "GET", "/hobby/status", "Authorization", "Bearer old").Code; got != 401 {
				t.Fatalf("the old token for the %dth time: %d, want 401", i+1, got)
			}
			if got := ask(h, client, "GET", "/hobby/status", "Authorization", "Bearer open sesame").Code; got != 200 {
				t.Fatalf("the right token after %d old ones: %d", i+1, got)
			}
		}
	})
}

// TestALongTokenIsNeverLockedOut guesses from an address; the right token is let
// in from there when nobody could guess it.
func TestALongTokenIsNeverLockedOut(t *testing.T) {
	h := httpapi.Bearer("open sesame, open")(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "in") }))
	codes := map[int]int{}
	for i := range 50 {
		codes[ask(h, client, "GET", "/hobby/status", "Authorization", fmt.Sprint("Bearer guess", i)).Code]++
		if got := ask(h, client, "GET", "/hobby/status", "Authorization", "Bearer open sesame, open").Code; got != 200 {
			t.Fatalf("the token after %d guesses: %d", i+1, got)
		}
	}
	if codes[429] < 35 || codes[401]+codes[429] != 50 {
		t.Errorf("answers to 50 guesses: %v", codes)
	}
}

// TestBehindAProxyWithAPathOfItsOwn logs in and out through a proxy that strips a
// path, speaks TLS outside, and has a browser's cookie jar before it.
func TestBehindAProxyWithAPathOfItsOwn(t *testing.T) {
	w := newWorld(t, nil, &httpapi.Options{Rate: -1, UI: ui.Handler(nil),
		Middleware: []func(http.Handler) http.Handler{httpapi.Bearer("open sesame")}})
	proxy := httptest.NewTLSServer(http.StripPrefix("/agents/bob", http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		r.TLS = nil
		r.Header.Set("X-Forwarded-Proto", "https")
		w.ServeHTTP(out, r)
	})))
	defer proxy.Close()
	browser := proxy.Client()
	browser.Jar, _ = cookiejar.New(nil)
	visit := func(method, path string, form url.Values) (landed string, status int) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, proxy.URL+"/agents/bob"+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html")
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		resp, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.Request.URL.Path, resp.StatusCode
	}
	const home, login = "/agents/bob/hobby/", "/agents/bob/hobby/login"
	steps := []struct {
		method, path string
		form         url.Values
		landed       string
		status       int
	}{
		{"GET", "/", nil, login, 200},
		{"GET", "/hobby", nil, login, 200},
		{"GET", "/hobby/docs", nil, login, 200},
		{"GET", "/hobby/activities/x", nil, login, 200},
		{"POST", "/hobby/login", url.Values{"token": {"open sesame"}}, home, 200},
		{"GET", "/", nil, home, 200},
		{"GET", "/hobby", nil, home, 200},
		{"GET", "/hobby/docs", nil, "/agents/bob/hobby/docs", 200},
		{"GET", "/hobby/docs/page.js", nil, "/agents/bob/hobby/docs/page.js", 200},
		{"POST", "/hobby/logout", nil, login, 200},
		{"GET", "/hobby/", nil, login, 200},
	}
	for _, s := range steps {
		if landed, status := visit(s.method, s.path, s.form); landed != s.landed || status != s.status {
			t.Errorf("%s %s: %d at %s, want %d at %s", s.method, s.path, status, landed, s.status, s.landed)
		}
	}
	w2 := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/hobby/login", strings.NewReader("token=open+sesame"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-Proto", "https")
	w.ServeHTTP(w2, r)
	if c := w2.Result().Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("the cookie behind a proxy with TLS: %v", c)
	}
}

// TestTheCookie holds what keeps a session with its browser.
func TestTheCookie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := guarded()
		_, c := login(h, client, "open sesame")
		if c == nil {
			t.Fatal("there is no cookie")
		}
		want := &http.Cookie{
			Name: c.Name, Value: c.Value, Raw: c.Raw,
			HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 12 * 60 * 60,
		}
		if d := cmp.Diff(want, c); d != "" {
			t.Fatalf("the cookie (-want +got):\n%s", d)
		}
		with := func(h http.Handler, value string) int {
			return ask(h, client, "GET", "/hobby/status", "Cookie", c.Name+"="+value).Code
		}
		if got := with(h, c.Value); got != 200 {
			t.Errorf("with the cookie: %d", got)
		}
		if got := with(guarded(), c.Value); got != 401 {
			t.Errorf("another process takes the cookie: %d", got)
		}
		for i := range c.Value {
			changed := []byte(c.Value)
			changed[i] ^= 1
			if got := with(h, string(changed)); got == 200 {
				t.Errorf("with byte %d changed: %d", i, got)
			}
		}
		time.Sleep(12*time.Hour - time.Second)
		if got := with(h, c.Value); got != 200 {
			t.Errorf("after almost twelve hours: %d", got)
		}
		time.Sleep(time.Second)
		if got := with(h, c.Value); got != 401 {
			t.Errorf("after twelve hours: %d", got)
		}
	})
}

// TestWhatASessionAskedForEndsWithIt has two browsers ask for what does not end. One logs
// out, and the other's twelve hours go by.
func TestWhatASessionAskedForEndsWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := httpapi.Bearer("open sesame")(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		begun := time.Now()
		waits := func() (cookie string, waited *time.Duration) {
			_, c := login(h, client, "open sesame")
			cookie, waited = c.Name+"="+c.Value, new(time.Duration)
			go func() {
				ask(h, client, "GET", "/hobby/events", "Cookie", cookie)
				*waited = time.Since(begun)
			}()
			return cookie, waited
		}
		out, one := waits()
		_, two := waits()
		time.Sleep(time.Minute)
		ask(h, client, "POST", "/hobby/logout", "Cookie", out)
		ask(h, client, "POST", "/hobby/logout", "Cookie", out) // there is none any more
		time.Sleep(13 * time.Hour)
		synctest.Wait()
		if d := cmp.Diff([]time.Duration{time.Minute, 12 * time.Hour}, []time.Duration{*one, *two}); d != "" {
			t.Errorf("how long each was answered (-want +got):\n%s", d)
		}
		if got := ask(h, client, "GET", "/hobby/status", "Cookie", out).Code; got != 401 {
			t.Errorf("with a copy of the cookie that has logged out: %d", got)
		}
	})
}

// TestSessionsAreBounded logs in more often than there may be sessions, all at one time of the clock.
func TestSessionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := guarded()
		var cookies []string
		for range 1002 {
			_, c := login(h, client, "open sesame")
			cookies = append(cookies, c.Name+"="+c.Value)
		}
		for i, want := range map[int]int{0: 401, 1: 401, 2: 200, 1001: 200} {
			if got := ask(h, client, "GET", "/hobby/status", "Cookie", cookies[i]).Code; got != want {
				t.Errorf("the session of login %d of %d: %d, want %d", i+1, len(cookies), got, want)
			}
		}
	})
}

func TestTheCookieIsSecureOverTLS(t *testing.T) {
	srv := httptest.NewTLSServer(guarded())
	defer srv.Close()
	client := srv.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.PostForm(srv.URL+"/hobby/login", url.Values{"token": {"open sesame"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if c := resp.Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("cookies %v", c)
	}
}

// TestPagesOfAnotherOrigin can neither log in, nor log out, nor write.
func TestPagesOfAnotherOrigin(t *testing.T) {
	h := guarded()
	foreign := [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://evil.example"},
		{"Origin", "null"}}
	for _, header := range foreign {
		if status, c := login(h, client, "open sesame", header...); status != 403 || c != nil {
			t.Errorf("login with %v: %d", header, status)
		}
		w := ask(h, client, "POST", "http://agent.example/hobby/logout", header...)
		if w.Code != 403 || len(w.Result().Cookies()) > 0 {
			t.Errorf("logout with %v: %d", header, w.Code)
		}
	}
	for _, header := range [][]string{{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", "http://agent.example"}, nil} {
		if status, c := login(h, client, "open sesame", header...); status != 303 || c == nil {
			t.Errorf("login with %v: %d", header, status)
		}
		if w := ask(h, client, "POST", "http://agent.example/hobby/logout", header...); w.Code != 303 || w.Result().Cookies()[0].MaxAge != -1 {
			t.Errorf("logout with %v: %d", header, w.Code)
		}
	}

	w := newWorld(t, nil, &httpapi.Options{Rate: -1, Origins: []string{"https://dash.example"},
		Middleware: []func(http.Handler) http.Handler{httpapi.Bearer("open sesame")}})
	_, c := login(w, client, "open sesame")
	for _, credential := range [][]string{{"Authorization", "Bearer open sesame"}, {"Cookie", c.Name + "=" + c.Value}} {
		for _, path := range []string{"/hobby/stop", "/hobby/start", "/hobby/interaction", "/hobby/run"} {
			for _, header := range foreign {
				if got := ask(w, client, "POST", "http://agent.example"+path, append(header, credential...)...).Code; got != 403 {
					t.Errorf("POST %s with %v and %s: %d, want 403", path, header, credential[0], got)
				}
			}
		}
		for _, origin := range []string{"http://agent.example", "https://dash.example"} {
			if got := ask(w, client, "POST", "http://agent.example/hobby/interaction",
				append([]string{"Origin", origin}, credential...)...).Code; got != 200 {
				t.Errorf("POST from %s with %s: %d, want 200", origin, credential[0], got)
			}
		}
	}
}

// TestAHostsOwnAuthenticationSeesEveryRoute asks for each path of the
// description and for those that are not in it.
func TestAHostsOwnAuthenticationSeesEveryRoute(t *testing.T) {
	type user struct{}
	var seen []string
	own := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen = append(seen, r.URL.Path)
			if r.Header.Get("X-User") != "ann" {
				http.Error(w, "who are you?", http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), user{}, "ann")))
		})
	}
	inner := func(next http.Handler) http.Handler { // the second is inside of the first
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Context().Value(user{}) != "ann" {
				t.Errorf("%s reached the inner middleware first", r.URL.Path)
			}
			next.ServeHTTP(w, r)
		})
	}
	w := newWorld(t, nil, &httpapi.Options{Rate: -1, Middleware: []func(http.Handler) http.Handler{own, inner}})
	var api struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(ask(w, client, "GET", "/hobby/openapi.json", "X-User", "ann").Body.Bytes(), &api); err != nil ||
		len(api.Paths) < 10 {
		t.Fatalf("the description: %v, %d paths", err, len(api.Paths))
	}
	targets := map[string]string{"/hobby/": "GET", "/hobby/docs": "GET", "/hobby/docs/page.js": "GET", "/hobby/openapi.yaml": "GET",
		"/hobby/nothing": "GET", "/hobby/ui/app.js": "GET"}
	for path, methods := range api.Paths {
		for method := range methods {
			targets[strings.NewReplacer("{", "", "}", "").Replace(path)] = strings.ToUpper(method)
		}
	}
	for path, method := range targets {
		seen = nil
		if got := ask(w, client, method, path); got.Code != 401 || len(seen) != 1 {
			t.Errorf("%s %s without a user: %d", method, path, got.Code)
		}
	}
}

// FuzzNobodyGetsIn tries anything as a credential.
func FuzzNobodyGetsIn(f *testing.F) {
	h := guarded()
	_, c := login(h, client, "open sesame")
	for _, seed := range []string{"", "Bearer", "Bearer open", c.Value[:len(c.Value)-1], "." + c.Value, c.Value + ".",
		"99999999999999999999.00", "-1.", strings.Repeat("9", 1000)} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, authorization, cookie string) {
		if strings.HasSuffix(authorization, "open sesame") || strings.Contains(cookie, c.Value) {
			t.Skip()
		}
		r := httptest.NewRequest("GET", "/hobby/status", nil)
		r.RemoteAddr = client
		r.Header["Authorization"] = []string{authorization}
		r.Header["Cookie"] = []string{c.Name + "=" + cookie}
		if w := send(h, r); w.Code != 401 && w.Code != 429 {
			t.Errorf("%q and %q: %d", authorization, cookie, w.Code)
		}
	})
}
