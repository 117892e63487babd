package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/hobby"
)

const (
	eventsPath = "/hobby/events"
	// heartbeat is the longest silence on a stream, eventsBatch how many
	// events are read at a time, and writeTime how long a client may take for
	// them.
	heartbeat   = 15 * time.Second
	eventsBatch = 100
	writeTime   = 10 * time.Second
	// pollEvents is how often a stream looks for what other processes did.
	pollEvents = 2 * time.Second
	// trimmed is the event that stands for those that were dropped.
	trimmed = "log.trimmed"
)

// follower streams the event log of a manager's store.
type follower struct {
	s *server
	m *hobby.Manager
}

// events streams the event log of m's store.
func events(m *hobby.Manager) Handler {
	return Handler{func(s *server, op huma.Operation, lacks string) {
		f := follower{s, m}
		op.Description = "The event's name is its kind, such as activity.finished; its id resumes the stream when it is given back " +
			"as the header Last-Event-ID, or as the parameter last_event_id. Without either the stream begins now. " +
			"Old events are dropped in time: when that happened to some after the id, the stream begins with " + trimmed +
			", and what the client shows must be loaded anew."
		id := &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9]{1,18}$"}
		op.Parameters = []*huma.Param{
			{Name: "Last-Event-ID", In: "header", Description: "the last event that was seen", Schema: id},
			{Name: "last_event_id", In: "query", Description: "the same, for clients that cannot set headers", Schema: id},
		}
		data := map[string]*huma.Schema{}
		for kind, e := range s.events {
			data[kind] = huma.SchemaFromType(s.api.OpenAPI().Components.Schemas, e.data)
		}
		op.Responses = map[string]*huma.Response{"200": {
			Description: "a stream of events; x-data has what the data of each kind is; of other kinds it is an object with the id, the kind and " +
				"the version",
			Content: map[string]*huma.MediaType{"text/event-stream": {
				Schema: &huma.Schema{Type: huma.TypeString, Extensions: map[string]any{"x-data": data}},
			}},
		}}
		s.plain(op, lacks, f.serve())
	}}
}

// serve answers with a stream, unless there are too many already.
func (f follower) serve() http.HandlerFunc {
	open := streams{most: f.s.opts.Streams}
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, done := open.take(r.Context(), address(r))
		if done == nil {
			problem(w, http.StatusServiceUnavailable, fmt.Sprintf("%d event streams are open, which is all there may be", f.s.opts.Streams))
			return
		}
		defer done()
		r = r.WithContext(ctx)
		after, err := f.resume(r)
		if err != nil {
			answer := f.s.fail(err)
			problem(w, answer.GetStatus(), answer.Error())
			return
		}
		f.stream(w, r, after)
	}
}

// resume is the position after which the stream begins: now for an id that was
// not given out yet, which is possible after a restore from a backup.
func (f follower) resume(r *http.Request) (hobby.Cursor, error) {
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("last_event_id")
	}
	head, err := f.m.Store().Head(r.Context())
	if err != nil {
		return 0, err
	}
	if last == "" {
		return head, nil
	}
	n, err := strconv.ParseUint(last, 10, 63)
	if err != nil || len(last) > 18 { // as the description says
		return 0, huma.Error400BadRequest(fmt.Sprintf("Last-Event-ID is %q, must be the id of an event", clip(last)))
	}
	return min(hobby.Cursor(n), head), nil
}

// stream sends the events after a position until the client goes, is too
// slow, or practice ends.
func (f follower) stream(w http.ResponseWriter, r *http.Request, after hobby.Cursor) {
	ended := f.m.Done()
	out := http.NewResponseController(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store, no-transform") // a proxy that compresses would hold events back
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Accel-Buffering", "no")
	send := func(text string) bool {
		// A writer that knows no deadlines, as in tests, has none.
		_ = out.SetWriteDeadline(time.Now().Add(writeTime))
		if _, err := w.Write([]byte(text)); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	if !send("retry: 2000\n\n") {
		return
	}
	quiet, poll := time.NewTicker(heartbeat), time.NewTicker(pollEvents)
	defer quiet.Stop()
	defer poll.Stop()
	store := f.m.Store()
	for {
		changed := store.Changed()
		text, last, err := f.next(r.Context(), after)
		if err != nil {
			return
		}
		if last > after {
			if !send(text) {
				return
			}
			after = last
			continue
		}
		select {
		case <-r.Context().Done():
			return
		case <-ended:
			return
		case <-changed:
		case <-poll.C:
		case <-quiet.C:
			if !send(": still here\n\n") {
				return
			}
		}
	}
}

// next writes out the events after a position, and tells the last of them.
func (f follower) next(ctx context.Context, after hobby.Cursor) (string, hobby.Cursor, error) {
	all, err := f.m.Store().Events(ctx, after, eventsBatch)
	if errors.Is(err, hobby.ErrTrimmed) {
		floor, err := f.m.Store().Floor(ctx)
		return fmt.Sprintf("id: %d\nevent: %s\ndata: {\"floor\":%[1]d}\n\n", floor, trimmed), floor, err
	}
	if err != nil {
		return "", after, err
	}
	var b strings.Builder
	for i := range all {
		e := &all[i]
		// JSON has no line breaks, so the data is one line.
		fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: %s\n\n", e.Pos, e.Kind, f.s.shown(e))
		after = e.Pos
	}
	return b.String(), after, nil
}

// Withheld is the data of an event whose body is not shown.
type Withheld struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Version int    `json:"version"`
}

// shown is what clients see of an event: what its kind shows. It is the id, kind
// and version alone when no part shows the kind, or when the body cannot be
// decoded.
func (s *server) shown(e *hobby.Event) []byte {
	if kind, ok := s.events[e.Kind]; ok {
		v, err := kind.show(e)
		if err == nil {
			var raw []byte
			if raw, err = json.Marshal(v); err == nil {
				return raw
			}
		}
		s.opts.Logger.Warn("showing an event", "kind", e.Kind, "position", e.Pos, "error", err)
	}
	raw, _ := json.Marshal(Withheld{e.ID, e.Kind, e.Version}) // strings and a number always can be
	return raw
}
