package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/pastime-go/pastime/hobby"
)

var (
	// ErrUnreachable says that no connection to the server could be made.
	ErrUnreachable = errors.New("openai: cannot reach the server")
	// ErrTooLarge says that an answer was longer than
	// Options.MaxResponseBytes.
	ErrTooLarge = errors.New("openai: answer too large")

	// errTimeout is the cause of a context that Options.Timeout ended.
	errTimeout = errors.New("openai: time-out")
)

// Error is what went wrong between this package and a server. It holds no
// credentials.
type Error struct {
	// Op is what was being done: "generating", "listing models", ...
	Op string
	// URL is the address that was asked.
	URL string
	// Status is the HTTP status of the server's refusal. It is 0 when there was
	// no answer, or when the answer itself is wrong.
	Status int
	// Code is the server's own code for its refusal, such as
	// "context_length_exceeded". It is often "".
	Code string
	// Message is what the server said, or what is wrong with its answer.
	Message string
	// Attempts is how many requests were made.
	Attempts int
	// Err is the underlying error: [ErrUnreachable], [ErrTooLarge],
	// hobby.ErrTooLong, io.ErrUnexpectedEOF for an answer that broke off,
	// os.ErrDeadlineExceeded when Options.Timeout was over, a *json.SyntaxError
	// and so on; nil for any other refusal.
	Err error

	again bool          // another attempt may help
	after time.Duration // the earliest time of another attempt that the server allows
}

// Error says what was being done, where, and with what result.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "openai: %s at %s: ", e.Op, e.URL)
	if e.Status != 0 {
		fmt.Fprintf(&b, "%d %s", e.Status, http.StatusText(e.Status))
		if e.Code != "" {
			fmt.Fprintf(&b, " (%s)", e.Code)
		}
		if e.Message != "" {
			b.WriteString(": ")
		}
	}
	b.WriteString(e.Message)
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", e.Attempts)
	}
	return b.String()
}

// answered reports whether the server gave any answer.
func (e *Error) answered() bool {
	return !errors.Is(e.Err, ErrUnreachable) && !errors.Is(e.Err, os.ErrDeadlineExceeded)
}

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// failure turns what stopped an exchange into an *Error, or into the cause of
// the caller's context when that has ended.
func (m *Model) failure(ctx context.Context, c call, err error) error {
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errTimeout) {
		return c.ended(ctx)
	}
	var already *Error
	if errors.As(err, &already) {
		return m.redacted(already)
	}
	e := &Error{Op: c.op, URL: c.url, Err: err}
	var op *net.OpError
	switch {
	case ctx.Err() != nil:
		e.Message, e.Err = fmt.Sprintf("no complete answer within %v (Options.Timeout)", m.timeout), os.ErrDeadlineExceeded
	case errors.Is(err, ErrTooLarge):
		e.Message = fmt.Sprintf("the answer is longer than %d bytes (Options.MaxResponseBytes)", m.maxBytes)
	case errors.As(err, &op) && op.Op == "dial":
		e.Message = fmt.Sprintf("cannot reach %s: %v; is it running?", m.root, op.Err)
		e.Err = fmt.Errorf("%w (%w): %w", ErrUnreachable, hobby.ErrUnreachable, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Message, e.Err, e.again = "the answer broke off", io.ErrUnexpectedEOF, true
	case lost(err):
		e.Message, e.again = fmt.Sprintf("the connection was lost: %v", cleanse(err.Error())), true
	default:
		e.Message = cleanse(err.Error())
	}
	return m.redacted(e)
}

// lost reports whether err ended an established connection.
func lost(err error) bool {
	var op *net.OpError
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &op) && (op.Op == "read" || op.Op == "write")
}

// ended returns the error for a caller's context that has ended.
func (c call) ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("openai: %s at %s: %w", c.op, c.url, cause)
	}
	return fmt.Errorf("openai: %s at %s: %w (%w)", c.op, c.url, cause, ctx.Err())
}

// redacted removes credentials from e. An underlying error that repeats one is
// dropped.
func (m *Model) redacted(e *Error) *Error {
	e.Message, e.Code = m.redact(e.Message), m.redact(e.Code)
	if e.Err != nil && m.redact(e.Err.Error()) != e.Err.Error() {
		e.Err = errors.New(m.redact(e.Err.Error()))
	}
	return e
}

// tooLong are the codes with which servers refuse a prompt that does not fit:
// OpenAI's and vLLM's, and llama-server's.
var tooLong = []string{"context_length_exceeded", "exceed_context_size_error"}

// refusal reads an answer whose status is not 200.
func (m *Model) refusal(ctx context.Context, c call, resp *http.Response) error {
	const most = 64 << 10
	text, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil && len(text) == 0 {
		return m.failure(ctx, c, err)
	}
	e := &Error{Op: c.op, URL: c.url, Status: resp.StatusCode}
	e.Code, e.Message = explanation(text)
	switch {
	case slices.Contains(tooLong, e.Code):
		e.Err = hobby.ErrTooLong
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		if to, err := resp.Location(); err == nil {
			e.Message = fmt.Sprintf("the server redirects to %s://%s, and redirects are not followed", to.Scheme, to.Host)
		}
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500:
		e.again = resp.StatusCode != http.StatusNotImplemented
		e.after = retryAfter(resp.Header.Get("Retry-After"))
	case resp.StatusCode == http.StatusNotFound && m.base == m.root:
		e.Message = strings.TrimPrefix(e.Message+"; the base URL usually ends in /v1", "; ")
	}
	return m.redacted(e)
}

// explanation finds the code and the message in the body of a refusal. Servers
// use these shapes: {"error":{"message","code"|"type"}}, {"error":"text"},
// {"choices":[{"error":...}]}, the same within a message or delta, {"message","code"}, {"detail":...}, or no JSON at
// all.
func explanation(body []byte) (code, message string) {
	type fields struct {
		Message json.RawMessage
		Code    json.RawMessage
		Type    json.RawMessage
		Error   json.RawMessage
		Detail  json.RawMessage
		Choices []struct {
			Error          json.RawMessage
			Message, Delta struct{ Error json.RawMessage }
		}
	}
	var outer fields
	if json.Unmarshal(body, &outer) != nil {
		return "", excerpt(body)
	}
	for _, c := range outer.Choices {
		for _, e := range []json.RawMessage{c.Error, c.Message.Error, c.Delta.Error} {
			if !present(outer.Error) && present(e) {
				outer.Error = e
			}
		}
	}
	inner := outer
	if present(outer.Error) {
		inner = fields{Message: outer.Error}
		_ = json.Unmarshal(outer.Error, &inner) // a plain string stays the message
	}
	for _, m := range []json.RawMessage{inner.Message, inner.Detail, outer.Detail, body} {
		if message = plain(m); message != "" {
			break
		}
	}
	if code = plain(inner.Code); code == "" || isNumber(code) { // a number repeats the status
		code = plain(inner.Type)
	}
	return code, message
}

// plain returns a JSON string's text, and any other value as it is written.
func plain(raw json.RawMessage) string {
	var s string
	if raw == nil || json.Unmarshal(raw, &s) == nil {
		return cleanse(s)
	}
	return excerpt(raw)
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// malformed returns the error for an answer that cannot be understood.
func malformed(c call, body []byte, err error) *Error {
	e := &Error{Op: c.op, URL: c.url, Err: err}
	head := strings.ToLower(strings.TrimSpace(string(body[:min(len(body), 64)])))
	switch {
	case head == "":
		e.Message = "the answer is empty instead of JSON"
	case strings.HasPrefix(head, "<"):
		e.Message = fmt.Sprintf("the answer is HTML instead of JSON, so this is not the API (does the base URL end in /v1?): %s", excerpt(body))
	default:
		e.Message = fmt.Sprintf("the answer is not the expected JSON (%v): %s", err, excerpt(body))
	}
	return e
}

// excerpt returns the beginning of body on one line.
func excerpt(body []byte) string {
	const most = 200
	s := cleanse(string(body[:min(len(body), 4*most)]))
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

// cleanse puts s on one line without control characters.
func cleanse(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.Join(strings.Fields(s), " ")
}
