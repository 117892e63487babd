package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
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
)

// ActivityEvent is the data of the activity.* events.
type ActivityEvent struct {
	Activity Activity  `json:"activity"`
	Insights []Insight `json:"insights" nullable:"false" doc:"those that this event adds"`
}

func (s *server) events() {
	streams := make(chan struct{}, s.opts.Streams)
	s.mux.HandleFunc("GET "+eventsPath, func(w http.ResponseWriter, r *http.Request) {
		select {
		case streams <- struct{}{}:
			defer func() { <-streams }()
		default:
			problem(w, http.StatusServiceUnavailable, fmt.Sprintf("%d event streams are open, which is all there may be", s.opts.Streams))
			return
		}
		after, err := s.resume(r)
		if err != nil {
			problem(w, err.GetStatus(), err.Error())
			return
		}
		s.stream(w, r, after)
	})
	op := operation(http.MethodGet, "/events", "events", "Server-sent events: what happens, as it happens", "Activities", http.StatusBadRequest)
	op.Description = "The event's name is its kind, such as activity.finished; its id resumes the stream when it is given back as the header Last-Event-ID, or as the parameter last_event_id. Without either the stream begins now."
	op.Parameters = []*huma.Param{
		{Name: "Last-Event-ID", In: "header", Description: "the last event that was seen", Schema: &huma.Schema{Type: "string", Pattern: "^[0-9]+$"}},
		{Name: "last_event_id", In: "query", Description: "the same, for clients that cannot set headers", Schema: &huma.Schema{Type: "string", Pattern: "^[0-9]+$"}},
	}
	event := huma.SchemaFromType(s.api.OpenAPI().Components.Schemas, typeOf[ActivityEvent]())
	op.Responses = map[string]*huma.Response{"200": {
		Description: "a stream of events; the data of activity.* events is an ActivityEvent, that of assignment.* events an object with the assignment",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string", Extensions: map[string]any{"x-data": event}}}},
	}}
	s.describe(op)
}

// resume is the position after which the stream begins: now for an id that has
// not been given out, which a log restored from a backup may meet.
func (s *server) resume(r *http.Request) (hobby.Cursor, huma.StatusError) {
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("last_event_id")
	}
	head, err := s.parts.Hobby.Store().Head(r.Context())
	if err != nil {
		return 0, s.fail(err)
	}
	if last == "" {
		return head, nil
	}
	n, err := strconv.ParseInt(last, 10, 64)
	if err != nil || n < 0 {
		return 0, huma.Error400BadRequest(fmt.Sprintf("Last-Event-ID is %q, must be the id of an event", clip(last)))
	}
	return min(hobby.Cursor(n), head), nil
}

// stream sends the events after a position until the client goes, is too
// slow, or practice ends.
func (s *server) stream(w http.ResponseWriter, r *http.Request, after hobby.Cursor) {
	ended := s.parts.Hobby.Done()
	out := http.NewResponseController(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
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
	store := s.parts.Hobby.Store()
	for {
		changed := store.Changed()
		text, last, err := s.next(r.Context(), after)
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
func (s *server) next(ctx context.Context, after hobby.Cursor) (string, hobby.Cursor, error) {
	events, err := s.parts.Hobby.Store().Events(ctx, after, eventsBatch)
	if err != nil {
		return "", after, err
	}
	var b strings.Builder
	for i := range events {
		e := &events[i]
		// JSON has no line breaks, so the data is one line.
		fmt.Fprintf(&b, "id: %d\nevent: %s\ndata: %s\n\n", e.Pos, e.Kind, data(e))
		after = e.Pos
	}
	return b.String(), after, nil
}

// data is the body of an event as clients see it.
func data(e *hobby.Event) []byte {
	var v any
	if strings.HasPrefix(e.Kind, "activity.") {
		var body hobby.ActivityEvent
		if json.Unmarshal(e.Body, &body) == nil {
			d := ActivityEvent{Activity: activity(&body.Activity, body.Insights, e.Clock.Time()), Insights: []Insight{}}
			for i := range body.Insights {
				d.Insights = append(d.Insights, insight(&body.Insights[i]))
			}
			v = d
		}
	}
	if strings.HasPrefix(e.Kind, "assignment.") {
		var body subagent.Assignment
		if json.Unmarshal(e.Body, &body) == nil {
			v = AssignmentEvent{assignment(&body)}
		}
	}
	if v == nil {
		v = struct {
			ID      string          `json:"id"`
			Version int             `json:"version"`
			Body    json.RawMessage `json:"body"`
		}{e.ID, e.Version, e.Body}
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return []byte("{}")
	}
	return raw
}
