package httpapi

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/pastime-go/pastime/hobby"
)

// version is that of the HTTP API.
const version = "0.1.0"

// Options configures the handler. Nil and the zero value are legal.
type Options struct {
	// UI serves the page at /hobby/ and what lies below /hobby/ui/; see
	// package ui. Who asks for / is sent there. Default none.
	UI http.Handler
	// Middleware wraps every route below /hobby, the first outermost: a
	// host's own authentication, for example.
	Middleware []func(http.Handler) http.Handler
	// Hosts are the names in a Host header that are answered, without ports; [AnyHost] is
	// all. Default nil: all, but a request that came in at a loopback address must name
	// localhost, 127.0.0.1 or ::1, because any page can point a name of its own at that
	// address (DNS rebinding). A proxy on this machine mostly asks by another name: give
	// that one, or AnyHost where Middleware lets in only who may.
	Hosts []string
	// Origins are origins, such as "https://dash.example", whose pages may
	// write. Default only the handler's own.
	Origins []string
	// Reviewer says who makes a request, "" for nobody with a name, and whether they may
	// accept a text from outside as this program's own. Where it names a user, that is
	// whom feedback is of, whatever the request says. Default LoggedIn.
	Reviewer func(r *http.Request) (user string, may bool)
	// Proxies are those whose X-Forwarded-For is believed. Default none: a client's
	// address is that of its connection.
	Proxies []netip.Prefix
	// Places are the addresses at which people look at what a kind reads, with {path} and {line} for a
	// file's path and line, such as "https://github.com/owner/name/blob/main/{path}#L{line}". Default
	// none: the page then names the place of an insight without a link.
	Places map[hobby.Kind]string
	// Rate is how many requests a second one client address may make, with
	// bursts of twice as many. Behind a proxy that is not among Proxies all clients
	// have its address.
	// Default 100; negative means no limit.
	Rate float64
	// Timeout bounds a request that is not an event stream. Default 30 s.
	Timeout time.Duration
	// Streams bounds the event streams that are open at a time. Where all are
	// open, an address that asks for one takes the oldest of the address that has
	// most, if that has at least two more. Default 64.
	Streams int
	// Logger takes panics and failures of the store. Default nil: silent.
	Logger *slog.Logger
}

func (o *Options) withDefaults() Options {
	var d Options
	if o != nil {
		d = *o
	}
	if d.Rate == 0 {
		d.Rate = 100
	}
	if d.Timeout <= 0 {
		d.Timeout = 30 * time.Second
	}
	if d.Reviewer == nil {
		d.Reviewer = LoggedIn
	}
	if d.Streams <= 0 {
		d.Streams = 64
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

// server is what the routes share.
type server struct {
	parts    []Part
	opts     Options
	mux      *http.ServeMux
	api      huma.API
	events   map[string]Event // by kind
	storing  map[string]bool  // the patterns of GET routes that store something
	problems []Problem
}

// New makes the handler of all routes below /hobby. The routes of this library's
// parts exist also when they are not among parts; they then answer 503. It
// panics on mistakes in the program: an origin in o that is not one, a place without an
// address, and parts that claim the same name, path, kind of event or field.
func New(parts []Part, o *Options) http.Handler {
	s := &server{
		parts: complete(parts), opts: o.withDefaults(), mux: http.NewServeMux(),
		events: map[string]Event{}, storing: map[string]bool{},
	}
	s.api = humago.New(s.mux, config())
	for kind, place := range s.opts.Places {
		u, err := url.Parse(place)
		if err != nil || !strings.Contains(place, "{path}") || slices.Contains([]string{"", "javascript", "data"}, u.Scheme) {
			panic(fmt.Sprintf("httpapi: the place %q of %s is no address with {path}", place, kind))
		}
	}
	names := map[string]bool{}
	for _, p := range s.parts {
		if p.Name == "" || names[p.Name] {
			panic(fmt.Sprintf("httpapi: the name %q of a part is empty or taken", p.Name))
		}
		names[p.Name] = true
		for _, e := range p.Events {
			if _, taken := s.events[e.Kind]; taken {
				panic(fmt.Sprintf("httpapi: two parts show events of kind %q", e.Kind))
			}
			s.events[e.Kind] = e
		}
		s.problems = append(s.problems, p.Errors...)
	}
	s.problems = append(s.problems, common...)
	for _, p := range append([]Part{{Tag: "System", Routes: []Route{
		{Method: "GET", Path: "/config", ID: "getConfig", Summary: "The configuration in force, and which parts there are",
			Serve: configuration()},
	}}}, s.parts...) {
		for _, r := range p.Routes {
			s.storing[r.Method+" /hobby"+r.Path] = r.Stores
			r.Serve.add(s, r.operation(p.Tag), p.Lacks)
		}
	}
	if s.opts.UI != nil {
		s.mux.Handle("GET /hobby/{$}", s.opts.UI)
		s.mux.Handle("GET /hobby/ui/", s.opts.UI)
		s.mux.HandleFunc("/hobby/ui", s.unknown) // no redirect to a folder
		s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { redirect(w, r, "/hobby/") })
	}
	s.openAPI()
	s.mux.HandleFunc("/hobby/", s.unknown)
	s.mux.HandleFunc("/hobby", s.unknown)
	s.mux.HandleFunc("GET /hobby", func(w http.ResponseWriter, r *http.Request) { redirect(w, r, "/hobby/") })
	return s.wrap(compressed(s.mux))
}

// Server is an http.Server for h that slow clients cannot hold up. It has no
// WriteTimeout, because event streams last.
func Server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 16,
	}
}

// operation describes the route.
func (r *Route) operation(tag string) huma.Operation {
	return huma.Operation{
		OperationID: r.ID, Method: r.Method, Path: "/hobby" + r.Path, Summary: r.Summary, Tags: []string{cmp.Or(r.Tag, tag)},
		MaxBodyBytes: maxBody, DefaultStatus: r.Status, Errors: append(slices.Clone(always), r.Errors...),
	}
}

// always are the errors that any route may answer.
var always = []int{http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable}

// unknown answers requests that no route serves: 405 when the path has a route
// with another method, else 404.
func (s *server) unknown(w http.ResponseWriter, r *http.Request) {
	var methods []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete, http.MethodPut, http.MethodPatch} {
		other := r.Clone(r.Context())
		other.Method = m
		// The patterns of routes begin with a method.
		if _, pattern := s.mux.Handler(other); strings.Contains(pattern, " ") {
			methods = append(methods, m)
		}
	}
	if len(methods) > 0 {
		allow(strings.Join(methods, ", "))(w, r)
		return
	}
	problem(w, http.StatusNotFound, fmt.Sprintf("there is nothing at %s", clip(r.URL.Path)))
}

// clip shortens a client's text for a message.
func clip(s string) string { return shorten(s, 100) }

// shorten cuts a text after so many bytes, and says so.
func shorten(s string, most int) string {
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
