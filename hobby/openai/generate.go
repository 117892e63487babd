package openai

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Generate answers r. With r.OnDelta the answer is streamed. Token counts are the
// server's. They are 0 when it reports none (llama-cpp-python reports none for
// streams). A seed is folded into 31 bits, which every server takes. Seeds below
// 2^31 are sent as they are. Settings that the server would not honour are
// refused with hobby.ErrInvalid.
//
// A model that reasons gets Options.ReasoningTokens beyond Sampling.MaxTokens.
// Where a model is found to reason only because its answer was cut while it
// reasoned, it is asked again with that room. The response then counts the tokens
// of both attempts.
func (m *Model) Generate(ctx context.Context, r hobby.Request) (hobby.Response, error) {
	f, err := m.facts(ctx, anyAge)
	if err != nil {
		return hobby.Response{}, err
	}
	cramped := m.reasoning > 0 && r.Sampling.MaxTokens > 0 && m.room(f) == 0
	resp, err := m.generate(ctx, f, r)
	if err != nil {
		return resp, err
	}
	thought, _, ended := hobby.CutReasoning(resp.Message.Content)
	if thought != "" || resp.Message.Reasoning != "" {
		m.reasoned.Store(true)
	}
	said := resp.Message.Content != ""
	if cramped && resp.Finish == hobby.FinishLength && m.room(f) > 0 && (!ended || !said) && (r.OnDelta == nil || !said) {
		first := resp
		if resp, err = m.generate(ctx, f, r); err == nil {
			resp.TokensIn, resp.TokensOut, resp.MicroUSD = resp.TokensIn+first.TokensIn, resp.TokensOut+first.TokensOut, resp.MicroUSD+first.MicroUSD
		}
	}
	return resp, err
}

// room returns the number of tokens that the model may reason for, beyond its
// answer's.
func (m *Model) room(f *facts) int {
	if !f.reasons && !m.reasoned.Load() {
		return 0
	}
	if f.context > 0 {
		return min(m.reasoning, f.context/2) // the prompt and the answer need the rest
	}
	return m.reasoning
}

// generate is Generate once.
func (m *Model) generate(ctx context.Context, f *facts, r hobby.Request) (hobby.Response, error) {
	body, err := m.body(f, r)
	if errors.Is(err, errNotLoaded) { // it may have been loaded since
		if f, err = m.facts(ctx, 0); err == nil {
			body, err = m.body(f, r)
		}
	}
	if err != nil {
		return hobby.Response{}, err
	}
	c, err := m.post("generating with "+f.name, m.base+"/chat/completions", body)
	if err != nil {
		return hobby.Response{}, fmt.Errorf("openai: writing the request: %w", err)
	}
	var a *answer
	err = m.retry(ctx, c, func() error {
		a = &answer{onDelta: r.OnDelta, stops: m.stops.Load(), mostIn: len(c.body) + template, mostOut: m.most(f, body)}
		err := m.exchange(ctx, c, func(resp *http.Response) error { return a.read(ctx, c, resp) })
		var e *Error
		if a.told && errors.As(err, &e) {
			e.again = false // the caller has seen text that another attempt may contradict
		}
		return err
	})
	if err != nil {
		return hobby.Response{}, m.stillLoaded(ctx, r.Adapter, m.whichModels(ctx, err))
	}
	if a.pieces && a.reason != "" && a.Finish == hobby.FinishStop {
		m.stops.Store(true)
	}
	return a.response(m, r.LogProbs), nil
}

// template is the number of tokens that a server may put around the messages. A
// prompt has at most this many more than its request has bytes.
const template = 8192

// most returns the number of tokens that the answer to a request can have. A
// server that does not count reasoning as part of the answer may still report it.
func (m *Model) most(f *facts, body map[string]any) int {
	for _, field := range []string{"max_tokens", "max_completion_tokens"} {
		if n, ok := body[field].(int); ok {
			return n + m.reasoning
		}
	}
	if f.context > 0 {
		return f.context
	}
	return mostTokens
}

// read takes an answer. Its first bytes show whether it is streamed, because not
// all servers say so in its type, and some send a whole answer as a stream.
func (a *answer) read(ctx context.Context, c call, resp *http.Response) error {
	body := bufio.NewReader(resp.Body)
	if head, _ := body.Peek(len(bom)); string(head) == bom {
		_, _ = body.Discard(len(bom))
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	var err error
	switch {
	case firstByte(body) != '{' && (media == "text/event-stream" || isStream(body)):
		stop := a.hurry(resp.Body)
		err = a.stream(ctx, c, body)
		stop()
	default:
		err = a.whole(ctx, c, body)
	}
	if err != nil {
		return err
	}
	return a.end(c)
}

// bom is the byte order mark that some programs write in front of UTF-8.
const bom = "\ufeff"

// firstByte skips white space and returns the next byte without reading it, or 0
// at the end.
func firstByte(r *bufio.Reader) byte {
	for {
		b, err := r.ReadByte()
		switch {
		case err != nil:
			return 0
		case b == ' ' || b == '\n' || b == '\r' || b == '\t':
			continue
		}
		_ = r.UnreadByte()
		return b
	}
}

// isStream reports whether server-sent events follow.
func isStream(r *bufio.Reader) bool {
	for _, field := range []string{":", "id:", "data:", "event:", "error:", "retry:"} {
		if head, _ := r.Peek(len(field)); string(head) == field {
			return true
		}
	}
	return false
}

// whole takes an answer that is one JSON value. Events may follow it, such as
// [DONE].
func (a *answer) whole(ctx context.Context, c call, r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	value, rest := body, []byte(nil)
	if at := bytes.Index(body, []byte("\ndata:")); at >= 0 && json.Valid(body[:at]) {
		value, rest = body[:at], body[at+1:]
	}
	if err := a.absorb(c, value); err != nil {
		return err
	}
	end, _ := finish(a.reason) // what was cut or withheld may have no message
	if (a.reason == "" || !a.heard && (end == hobby.FinishStop || end == hobby.FinishTool)) && a.silent() {
		return malformed(c, body, errors.New("no answer in it"))
	}
	return a.events(ctx, c, bytes.NewReader(rest), new(bool))
}

// stream takes server-sent events until the answer is complete. A stream that
// ends before a finish reason or [DONE] has broken off.
func (a *answer) stream(ctx context.Context, c call, r io.Reader) error {
	done := false
	err := a.events(ctx, c, r, &done)
	var told *Error
	switch {
	case a.reason != "" && ctx.Err() == nil && !errors.As(err, &told):
		return nil // even if the connection has failed since
	case err == nil && !done:
		return io.ErrUnexpectedEOF
	}
	a.done = done
	return err
}

// lastWait is the longest wait for the rest of a stream once the answer has
// ended: its usage and [DONE]. Some servers keep the connection open after them.
const lastWait = 2 * time.Second

// hurry closes the body of a stream a while after the answer has ended.
func (a *answer) hurry(body io.Closer) (stop func()) {
	var timer *time.Timer
	a.onEnd = func() {
		if timer == nil {
			timer = time.AfterFunc(lastWait, func() { _ = body.Close() })
		}
	}
	return func() {
		if timer != nil {
			timer.Stop()
		}
	}
}

// events takes server-sent events until the stream ends or says [DONE]. After the
// end of ctx it takes no event, even if one has arrived already.
func (a *answer) events(ctx context.Context, c call, r io.Reader, done *bool) error {
	return events(r, func(name string, data []byte) error {
		data = bytes.TrimSpace(data)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case string(data) == "[DONE]":
			*done = true
			return io.EOF
		case name == "error":
			return gaveUp(c, data)
		case len(data) == 0:
			return nil
		}
		return a.absorb(c, data)
	})
}

// absorb takes the JSON of a completion or a chunk.
func (a *answer) absorb(c call, raw []byte) error {
	var part completion
	err := json.Unmarshal(raw, &part)
	if err == nil && part.ollama() {
		return &Error{Op: c.op, URL: c.url, Message: "the server answers in Ollama's own API; that of OpenAI is at the address that ends in /v1"}
	}
	if err == nil && part.failed() {
		return gaveUp(c, raw)
	}
	if err == nil {
		err = a.add(part)
	}
	if err != nil {
		return malformed(c, raw, err)
	}
	return nil
}

// gaveUp returns the error for a failure that the server reports instead of the
// rest of an answer.
func gaveUp(c call, raw []byte) *Error {
	code, message := explanation(raw)
	return &Error{Op: c.op, URL: c.url, Code: code, Message: "the server gave up: " + message}
}
