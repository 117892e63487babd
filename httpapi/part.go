package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/pastime-go/pastime/hobby"
)

// Part is a group of routes with all that belongs to it. [Hobby], [Metrics], [Subagents]
// and [Archive] make those of this library, and a host can make its own. Names of
// parts, paths, kinds of events and fields of the configuration must differ
// between parts.
type Part struct {
	// Name is the part's in GET /hobby/config, such as "subagents".
	Name string
	// Lacks says for people why the part cannot serve, such as "this program has
	// no sub-agents". Its routes then exist and answer 503 with this text. Empty
	// for a part that serves.
	Lacks string
	// Tag heads the part's routes in the description.
	Tag    string
	Routes []Route
	// Events are the kinds of events whose bodies may be shown, each made by
	// [Show].
	Events []Event
	// Config are the part's fields in GET /hobby/config, made by [Fields]. The
	// zero value has none.
	Config Config
	// Errors say how errors of the part's package are answered. Errors of package
	// hobby and those that [Invalid] makes need no entry.
	Errors []Problem
}

// builtIn are the parts of this library, as they are in a program without them.
func builtIn() []Part {
	return []Part{
		Hobby(nil), Metrics(nil), Subagents(nil), LoRA(nil), Archive(nil), Graph(nil, nil), Feedback(nil), Settings(nil), Compare(nil),
	}
}

// complete adds the parts of this library that are not among parts.
func complete(parts []Part) []Part {
	all := slices.Clone(parts)
	for _, p := range builtIn() {
		if !slices.ContainsFunc(parts, func(given Part) bool { return given.Name == p.Name }) {
			all = append(all, p)
		}
	}
	return all
}

// Route is a route of a part.
type Route struct {
	// Method is the HTTP method, and Path what follows /hobby, such as
	// "/assignments/{assignment_id}".
	Method, Path string
	// ID and Summary describe the route. The ID is unique and stays the same:
	// programs that are generated from the description call the route by it.
	ID, Summary string
	// Tag replaces the part's.
	Tag string
	// Stores says that a GET stores something, such as what it has shown. Pages of other
	// origins may not ask for it then, as they may not write: any page can have a browser
	// ask for an address, as for an image.
	Stores bool
	// Status is the status of success. Default 200.
	Status int
	// Errors are the statuses that the route may answer beside those of every
	// route and those that follow from its parameters and body.
	Errors []int
	// Serve answers; see [JSON] and [Plain].
	Serve Handler
}

// Handler answers the requests of a route. [JSON] and [Plain] make one.
type Handler struct {
	add func(s *server, op huma.Operation, lacks string)
}

// Body is an answer with a body and nothing else.
type Body[T any] struct{ Body T }

// JSON answers with what f makes of a request. The fields of I are taken from
// the request and checked as their tags say, which are those of package huma:
// path:"name", query:"name", and a field Body for a body in JSON. O is what is
// sent, mostly a [Body]. An error of f is answered as [Part.Errors] says, and as
// 500 when they do not have it.
func JSON[I, O any](f func(context.Context, *I) (*O, error)) Handler {
	return Handler{func(s *server, op huma.Operation, lacks string) {
		if lacks != "" {
			op.Middlewares = huma.Middlewares{func(ctx huma.Context, _ func(huma.Context)) {
				_, w := humago.Unwrap(ctx)
				problem(w, http.StatusServiceUnavailable, lacks)
			}}
		}
		if takesBody(reflect.TypeFor[I]()) {
			op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
		}
		huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := f(ctx, in)
			if err == nil {
				return out, nil
			}
			failed := s.fail(err)
			if some, ok := any(out).(partial); ok && out != nil {
				some.stopped(failed.Error())
				return out, nil
			}
			return nil, failed
		})
	}}
}

// partial is an answer that a failure has cut short. What was done until then is
// answered, with why no more was.
type partial interface{ stopped(why string) }

func takesBody(in reflect.Type) bool {
	_, ok := in.FieldByName("Body")
	return ok
}

// Plain answers with h, for what is not JSON. mediaTypes are those of its
// answers.
func Plain(h http.HandlerFunc, mediaTypes ...string) Handler {
	return Handler{func(s *server, op huma.Operation, lacks string) {
		ok := &huma.Response{Description: http.StatusText(http.StatusOK), Content: map[string]*huma.MediaType{}}
		for _, t := range mediaTypes {
			ok.Content[t] = &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
		}
		op.Responses = map[string]*huma.Response{"200": ok}
		s.plain(op, lacks, h)
	}}
}

// plain serves and describes a route that huma does not serve.
func (s *server) plain(op huma.Operation, lacks string, h http.HandlerFunc) {
	s.describe(op)
	if lacks != "" {
		h = func(w http.ResponseWriter, _ *http.Request) { problem(w, http.StatusServiceUnavailable, lacks) }
	}
	s.mux.HandleFunc(op.Method+" "+op.Path, h)
}

// Event is a kind of event and what of it may be shown.
type Event struct {
	Kind string
	show func(*hobby.Event) (any, error)
	data reflect.Type
}

// Show shows events of some kinds as what f makes of them. body is the event's
// own, decoded; f leaves out what nobody but the host may see.
func Show[B, T any](f func(e *hobby.Event, body *B) T, kinds ...string) []Event {
	var all []Event
	for _, k := range kinds {
		all = append(all, Event{Kind: k, data: reflect.TypeFor[T](), show: func(e *hobby.Event) (any, error) {
			var b B
			if err := json.Unmarshal(e.Body, &b); err != nil {
				return nil, err
			}
			return f(e, &b), nil
		}})
	}
	return all
}

// Config is what a part says of itself in GET /hobby/config. [Fields] makes one.
type Config struct {
	read func() any
	body reflect.Type
}

// Fields adds the fields of the struct T to the configuration. f reads the
// values in force.
func Fields[T any](f func() T) Config {
	return Config{func() any { return f() }, reflect.TypeFor[T]()}
}

// Problem says how an error is answered, with a body of RFC 9457.
type Problem struct {
	Err    error // as errors.Is finds it
	Status int
	// Text is what people read instead of the error's own words. What an error
	// adds to those, such as the name of a field, follows it.
	Text string
}
