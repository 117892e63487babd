package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/words"
)

// problem answers with an RFC 9457 body.
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The client may be gone, and there is nobody else to tell.
	_ = json.NewEncoder(w).Encode(huma.ErrorModel{Title: http.StatusText(status), Status: status, Detail: detail})
}

const (
	// maxDetails bounds the faults of a request that are listed, and the others the
	// bytes of what is said of one.
	maxDetails = 20
	maxMessage = 500
	maxValue   = 200
)

// short is a huma.Transformer that bounds what an error says of a request, so that
// a long request does not get a long answer. It says what would have been right where
// huma says only what is wrong.
func short(ctx huma.Context, _ string, body any) (any, error) {
	e, ok := body.(*huma.ErrorModel)
	if !ok {
		return body, nil
	}
	if e.Status == http.StatusUnsupportedMediaType {
		e.Detail = "the body must be JSON and be sent with the header Content-Type: application/json"
	}
	e.Errors = e.Errors[:min(len(e.Errors), maxDetails)]
	u := ctx.URL()
	for _, d := range e.Errors {
		// huma leaves out the value of an unknown parameter.
		if name, ok := strings.CutPrefix(d.Location, "query."); ok && d.Value == "" {
			d.Value = u.Query().Get(name)
			if d.Message == "unknown query parameter" {
				d.Message += knownParameters(ctx.Operation())
			}
		}
		d.Location, d.Message = clip(d.Location), shorten(d.Message, maxMessage)
		if raw, err := json.Marshal(d.Value); err != nil || len(raw) > maxValue {
			d.Value = nil
		}
	}
	return e, nil
}

// knownParameters says which parameters the query of an operation may have.
func knownParameters(op *huma.Operation) string {
	var names []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return "; there are none here"
	}
	return "; there are " + strings.Join(names, ", ")
}

// Invalid is the error of a handler for a value of the request that cannot be:
// 422. location is such as "body.hobby_type" or "query.cursor".
func Invalid(location, message string, value any) error {
	return huma.Error422UnprocessableEntity("validation failed", &huma.ErrorDetail{Location: location, Message: message, Value: value})
}

// Unknown is the error of a handler for an id that nothing has: 404. what is
// such as "session".
func Unknown(what, id string) error {
	return huma.Error404NotFound("there is no " + what + " " + clip(id))
}

// Conflict is the error of a handler for what cannot be done now: 409.
func Conflict(why string) error { return huma.Error409Conflict(why) }

// common are the problems of the errors that every part may meet.
var common = []Problem{
	{hobby.ErrNotFound, http.StatusNotFound, "there is nothing with this id"},
	{hobby.ErrInvalid, http.StatusUnprocessableEntity, ""},
	{hobby.ErrUnknownKind, http.StatusUnprocessableEntity, "no hobby of this program is of this kind"},
	{hobby.ErrBusy, http.StatusConflict, "a session is running"},
	{hobby.ErrNothing, http.StatusConflict, "there is nothing to practise now"},
	{hobby.ErrBudget, http.StatusConflict, "the budget is used up"},
	{hobby.ErrStale, http.StatusConflict, "somebody else has done it meanwhile"},
	{hobby.ErrNotRunning, http.StatusServiceUnavailable, "the program does not run the practice loop"},
	{hobby.ErrNoModel, http.StatusServiceUnavailable, "there is no model"},
	{hobby.ErrUnreachable, http.StatusServiceUnavailable, "the model cannot be reached"},
	{hobby.ErrStorage, http.StatusServiceUnavailable, "the store cannot be written"},
	{hobby.ErrClosed, http.StatusServiceUnavailable, "the store is closed"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "it took too long"},
	{context.Canceled, http.StatusServiceUnavailable, "the request was given up"},
}

// fail answers an error of a handler. An error without an answer of its own is
// logged, and its text is not sent.
func (s *server) fail(err error) huma.StatusError {
	var answered huma.StatusError
	if errors.As(err, &answered) {
		return answered
	}
	for _, p := range s.problems {
		if errors.Is(err, p.Err) {
			return huma.NewError(p.Status, p.words(err))
		}
	}
	s.opts.Logger.Error("answering a request", "error", err)
	return huma.NewError(http.StatusInternalServerError, "something failed here; the server's log says what")
}

// words are err in words for people: the text of p, and what err says after
// the words of p.Err.
func (p *Problem) words(err error) string {
	_, rest, _ := strings.Cut(err.Error(), p.Err.Error())
	rest, _, _ = strings.Cut(rest, "\n") // errors that were joined have a line each
	rest = words.Plain(jsonField(rest))
	if p.Text == "" {
		return strings.TrimLeft(rest, ":, ")
	}
	return p.Text + rest
}

// field is the name of a field in Go at the head of an error's details, such as
// Agent.MaxConcurrent.
var field = regexp.MustCompile(`^: [A-Z][a-zA-Z]*\.([A-Z][a-zA-Z]*)\b`)

// jsonField has the name in JSON of a field for the one in Go.
func jsonField(details string) string {
	m := field.FindStringSubmatch(details)
	if m == nil {
		return details
	}
	var b strings.Builder
	for i, r := range m[1] {
		if i > 0 && unicode.IsUpper(r) && !unicode.IsUpper(rune(m[1][i-1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return ": " + b.String() + details[len(m[0]):]
}
