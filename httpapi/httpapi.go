package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/metrics"
	"github.com/pastime-go/pastime/subagent"
)

// version is that of the HTTP API.
const version = "0.1.0"

// Parts are what the routes serve. A nil part's routes do not exist.
type Parts struct {
	Hobby *hobby.Manager
	// Metrics serves metrics, a summary and the data of charts.
	Metrics *metrics.Collector
	// Subagents serves the fleet.
	Subagents *subagent.Coordinator
	// UI serves the page at /hobby/ and what lies below /hobby/ui/; see
	// package ui.
	UI http.Handler
}

// Options configures the handler. Nil and the zero value are legal.
type Options struct {
	// Middleware wraps every route below /hobby, the first outermost: a
	// host's own authentication, for example.
	Middleware []func(http.Handler) http.Handler
	// Hosts are the names in a Host header that are answered, without ports.
	// Default nil: all, but without Middleware a request that came in at a
	// loopback address must call it localhost, 127.0.0.1 or ::1, because a page
	// of anybody's can point a name of its own there.
	Hosts []string
	// Origins are origins, such as "https://dash.example", whose pages may
	// write. Default only the handler's own.
	Origins []string
	// Rate is how many requests a second one client address may make, with
	// bursts of twice as many. Behind a proxy all clients have its address.
	// Default 100; negative means no limit.
	Rate float64
	// Timeout bounds a request that is not an event stream. Default 30 s.
	Timeout time.Duration
	// Streams bounds the event streams that are open at a time. Default 64.
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
	if d.Streams <= 0 {
		d.Streams = 64
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

// server is what the groups of routes share.
type server struct {
	parts Parts
	opts  Options
	mux   *http.ServeMux
	api   huma.API
}

// New makes the handler of all routes below /hobby. It panics when an origin
// in o is not one, which is a mistake in the program.
func New(parts Parts, o *Options) http.Handler {
	s := &server{parts: parts, opts: o.withDefaults(), mux: http.NewServeMux()}
	s.api = humago.New(s.mux, config())
	if parts.Hobby != nil {
		s.base()
		s.activities()
		s.events()
	}
	if parts.Metrics != nil {
		s.metrics()
	}
	if parts.Subagents != nil {
		s.subagents()
	}
	if parts.UI != nil {
		s.mux.Handle("GET /hobby/{$}", parts.UI)
		s.mux.Handle("GET /hobby/ui/", parts.UI)
		s.mux.HandleFunc("GET /hobby/ui", s.unknown) // no redirect to a folder
	}
	s.openAPI()
	s.mux.HandleFunc("/hobby/", s.unknown)
	return s.wrap(s.mux)
}

// config is huma's, without its links to schemas and its page, which loads
// from elsewhere.
func config() huma.Config {
	c := huma.DefaultConfig("Pastime", version)
	c.Info.Description = "What an agent practises in its idle time, and what was measured. What has not been measured is null."
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil
	c.RejectUnknownQueryParameters = true
	return c
}

// Server is an http.Server for h that slow clients cannot hold up. It has no
// WriteTimeout, because event streams last.
func Server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 16,
	}
}

// operation describes a route. errors are the statuses that it may answer
// beside those of every route.
func operation(method, path, id, summary, tag string, errors ...int) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: "/hobby" + path, Summary: summary, Tags: []string{tag},
		MaxBodyBytes: maxBody, Errors: append(slices.Clone(always), errors...),
		SkipValidateParams: false,
	}
}

// always are the errors that any route may answer.
var always = []int{http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable}

// unknown answers what no route does: 405 when another method would do.
func (s *server) unknown(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodPut, http.MethodPatch} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := s.mux.Handler(other); pattern != "/hobby/" && m != r.Method {
			allow = append(allow, m)
		}
	}
	if len(allow) > 0 {
		w.Header().Set("Allow", strings.Join(allow, ", "))
		problem(w, http.StatusMethodNotAllowed, fmt.Sprintf("%s is not a method of %s; it has %s", clip(r.Method), clip(r.URL.Path), strings.Join(allow, ", ")))
		return
	}
	problem(w, http.StatusNotFound, fmt.Sprintf("there is nothing at %s", clip(r.URL.Path)))
}

// clip shortens a client's text for a message.
func clip(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "") + "…"
	}
	return s
}
