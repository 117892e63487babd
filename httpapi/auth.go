package httpapi

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	cookieName = "pastime"
	// sessionTime is how long a browser stays logged in.
	sessionTime = 12 * time.Hour
	loginPath   = "/hobby/login"
	logoutPath  = "/hobby/logout"
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
// the cookie is signed with a key of this process, so it ends with the process
// and never holds the token. GET /hobby/healthz stays open.
//
// One client address may guess wrong ten times, and then once a second. Until it
// may guess again, the right token is refused from there too; browsers that are
// logged in stay so. Pages of another origin can neither log in nor out. An
// empty token panics: it would let everybody in.
func Bearer(token string) func(http.Handler) http.Handler {
	if token == "" {
		panic("httpapi: Bearer needs a token")
	}
	b := &bearer{token: sha256.Sum256([]byte(token)), guesses: clients{rate: 1, burst: 10}}
	// crypto/rand.Read never fails.
	_, _ = rand.Read(b.key[:])
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(foreign))
	return func(next http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET "+loginPath, b.page)
		mux.Handle("POST "+loginPath, origin.Handler(http.HandlerFunc(b.login)))
		mux.Handle("POST "+logoutPath, origin.Handler(http.HandlerFunc(b.logout)))
		mux.HandleFunc("GET "+loginPath+".css", func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, loginFiles, "login.css")
		})
		mux.Handle("GET /hobby/healthz", next)
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			if b.allowed(w, r) {
				next.ServeHTTP(w, r)
			}
		})
		return mux
	}
}

type bearer struct {
	token   [sha256.Size]byte
	key     [32]byte
	guesses clients
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
	l := b.guesses.limiter(address(r))
	sum := sha256.Sum256([]byte(guess))
	switch {
	case l.Tokens() < 1:
		return tooMany
	case hmac.Equal(sum[:], b.token[:]):
		return right
	case l.Allow():
		return wrong
	default:
		return tooMany
	}
}

// allowed answers a request that has neither the token nor a session.
func (b *bearer) allowed(w http.ResponseWriter, r *http.Request) bool {
	if c, err := r.Cookie(cookieName); err == nil && b.valid(c.Value, time.Now()) {
		// The page offers to log out when there is a session to end.
		w.Header().Set(sessionHeader, "cookie")
		return true
	}
	if scheme, guess, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		switch b.judge(r, guess) {
		case right:
			return true
		case tooMany:
			w.Header().Set("Retry-After", "1")
			problem(w, http.StatusTooManyRequests, "too many wrong tokens; wait a moment")
			return false
		}
	}
	if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, loginPath, http.StatusSeeOther)
		return false
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="pastime"`)
	problem(w, http.StatusUnauthorized, "this server wants its token, as Authorization: Bearer TOKEN")
	return false
}

// session is a cookie's value: the time at which it ends, and a signature.
func (b *bearer) session(end time.Time) string {
	at := strconv.FormatInt(end.Unix(), 10)
	mac := hmac.New(sha256.New, b.key[:])
	mac.Write([]byte(at))
	return at + "." + hex.EncodeToString(mac.Sum(nil))
}

func (b *bearer) valid(value string, now time.Time) bool {
	at, _, _ := strings.Cut(value, ".")
	end, err := strconv.ParseInt(at, 10, 64)
	return err == nil && now.Before(time.Unix(end, 0)) && hmac.Equal([]byte(value), []byte(b.session(time.Unix(end, 0))))
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
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: b.session(time.Now().Add(sessionTime)), Path: "/hobby/", MaxAge: int(sessionTime.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
	http.Redirect(w, r, "/hobby/", http.StatusSeeOther)
}

// logout deletes the browser's cookie. A copy of the cookie is valid until it
// expires.
func (b *bearer) logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: "/hobby/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil})
	http.Redirect(w, r, loginPath, http.StatusSeeOther)
}
