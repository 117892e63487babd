package httpapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"

	"golang.org/x/time/rate"
)

const (
	cookieName = "pastime"
	loginPath  = "/hobby/login"
	logoutPath = "/hobby/logout"
	// sessionHeader is on every answer to a browser that is logged in; package
	// ui reads it.
	sessionHeader = "Pastime-Session"
)

//go:embed login.html login.css
var loginFiles embed.FS

var loginPage = template.Must(template.ParseFS(loginFiles, "login.html"))

// Bearer is a middleware for [Options.Middleware] that lets in only those who
// know a token. Programs send it as "Authorization: Bearer TOKEN". A browser
// is sent to a page that asks for it once, and gets a cookie for twelve hours:
// a random text that this process knows, so the session ends with the process, by
// logging out, or when a thousand browsers have logged in since. What a browser has
// asked for ends with its session: no event stream outlives it. GET /hobby/healthz
// stays open.
//
// One client address may guess wrong ten times, and then once a second. A wrong
// token that is sent again is no new guess, as when a program was left with an old
// one. A token of 16 bytes or more is let in also while its address guesses; a
// shorter one, which could be guessed, has to wait. Browsers that are logged in stay
// so. Pages of another origin can neither log in nor out. An empty token panics: it
// would let everybody in.
//
// Redirects and the cookie's path are relative, so a proxy may serve the routes
// below a path of its own. The cookie is for TLS only where the request came by TLS,
// or a proxy says so in X-Forwarded-Proto.
func Bearer(token string) func(http.Handler) http.Handler {
	if token == "" {
		panic("httpapi: Bearer needs a token")
	}
	b := &bearer{
		token: sha256.Sum256([]byte(token)), long: len(token) >= longToken,
		guessers: clients[guesser]{make: func() *guesser { return &guesser{limit: rate.NewLimiter(1, 10)} }},
	}
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(foreign))
	return func(next http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc(loginPath, allow("GET, HEAD, POST"))
		mux.HandleFunc(logoutPath, allow("POST"))
		mux.HandleFunc("GET "+loginPath, b.page)
		mux.Handle("POST "+loginPath, origin.Handler(http.HandlerFunc(b.login)))
		mux.Handle("POST "+logoutPath, origin.Handler(http.HandlerFunc(b.logout)))
		mux.HandleFunc("GET "+loginPath+".css", func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, loginFiles, "login.css")
		})
		mux.Handle("GET /hobby/healthz", next)
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			in, s := b.allowed(w, r)
			if s != nil {
				ctx, done := s.within(r.Context())
				defer done()
				r = r.WithContext(ctx)
			}
			if in {
				next.ServeHTTP(w, logIn(r))
			}
		})
		return mux
	}
}

// longToken is the length in bytes of a token that cannot be guessed at any rate
// at which a server answers.
const longToken = 16

type bearer struct {
	token    [sha256.Size]byte
	long     bool
	sessions sessions
	guessers clients[guesser]
}

// guesser is a client address that sent tokens.
type guesser struct {
	limit *rate.Limiter

	mu    sync.Mutex
	wrong [8][sha256.Size]byte // its last wrong tokens, hashed, in a ring
	next  int
}

// guess tells whether the address may guess this wrong token.
func (g *guesser) guess(sum [sha256.Size]byte) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if slices.Contains(g.wrong[:], sum) {
		return true
	}
	if !g.limit.Allow() {
		return false
	}
	g.wrong[g.next] = sum
	g.next = (g.next + 1) % len(g.wrong)
	return true
}

// The verdicts on a guess.
type verdict int

const (
	wrong verdict = iota
	right
	tooMany
)

// judge compares a guess with the token, in constant time.
func (b *bearer) judge(r *http.Request, guess string) verdict {
	g := b.guessers.of(address(r))
	sum := sha256.Sum256([]byte(guess))
	switch {
	case hmac.Equal(sum[:], b.token[:]):
		if b.long || g.limit.Tokens() >= 1 {
			return right
		}
	case g.guess(sum):
		return wrong
	}
	return tooMany
}

// allowed answers a request that has neither the token nor a session. It returns the
// session of one that has.
func (b *bearer) allowed(w http.ResponseWriter, r *http.Request) (in bool, s *session) {
	if c, err := r.Cookie(cookieName); err == nil {
		if s := b.sessions.of(c.Value); s != nil {
			// The page offers to log out when there is a session to end.
			w.Header().Set(sessionHeader, "cookie")
			return true, s
		}
	}
	if scheme, guess, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		switch b.judge(r, guess) {
		case right:
			return true, nil
		case tooMany:
			w.Header().Set("Retry-After", "1")
			problem(w, http.StatusTooManyRequests, "too many wrong tokens; wait a moment")
			return false, nil
		}
	}
	if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
		to := loginPath
		if !strings.HasPrefix(r.URL.Path, "/hobby/") { // the cookie is not sent there
			to = "/hobby/"
		}
		redirect(w, r, to)
		return false, nil
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="pastime"`)
	problem(w, http.StatusUnauthorized, "this server wants its token, as Authorization: Bearer TOKEN")
	return false, nil
}

func (b *bearer) page(w http.ResponseWriter, _ *http.Request) { b.show(w, http.StatusOK, "") }

func (b *bearer) show(w http.ResponseWriter, status int, wrong string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = loginPage.Execute(w, wrong) // the client may be gone
}

func (b *bearer) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<14)
	if err := r.ParseForm(); err != nil {
		b.show(w, http.StatusBadRequest, "That could not be read.")
		return
	}
	switch b.judge(r, r.PostForm.Get("token")) {
	case wrong:
		b.show(w, http.StatusUnauthorized, "That is not the token.")
		return
	case tooMany:
		w.Header().Set("Retry-After", "1")
		b.show(w, http.StatusTooManyRequests, "Too many wrong tokens; wait a moment.")
		return
	}
	http.SetCookie(w, cookie(r, b.sessions.begin(), int(sessionTime.Seconds())))
	redirect(w, r, "/hobby/")
}

// logout ends the browser's session and deletes its cookie.
func (b *bearer) logout(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		b.sessions.end(c.Value)
	}
	http.SetCookie(w, cookie(r, "", -1))
	redirect(w, r, loginPath)
}

// cookie has no path: a browser then takes the folder of the address that it
// asked, which is /hobby with what a proxy has in front of it.
func cookie(r *http.Request, value string, seconds int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https"),
	}
}

// redirect sends a browser to a path of this server, relative to where it is.
func redirect(w http.ResponseWriter, r *http.Request, path string) {
	up := max(0, strings.Count(r.URL.EscapedPath(), "/")-1)
	w.Header().Set("Location", strings.Repeat("../", up)+strings.TrimPrefix(path, "/"))
	w.WriteHeader(http.StatusSeeOther)
}

// allow answers requests with a method that a path does not have.
func allow(methods string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", methods)
		problem(w, http.StatusMethodNotAllowed, fmt.Sprintf("%s is not a method of %s; it has %s", clip(r.Method), clip(r.URL.Path), methods))
	}
}
