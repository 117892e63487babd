package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/pastime-go/pastime/hobby"
)

// Generate answers r. With r.OnDelta the answer is streamed. Token counts are
// the server's; they are 0 when it reports none (llama-cpp-python does not for
// streams). A seed is folded into 31 bits, which every server takes; seeds
// below 2^31 are sent as they are. Settings that the server would not honour
// are refused with hobby.ErrInvalid.
func (m *Model) Generate(ctx context.Context, r hobby.Request) (hobby.Response, error) {
	f, err := m.facts(ctx, anyAge)
	if err != nil {
		return hobby.Response{}, err
	}
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
		a = &answer{onDelta: r.OnDelta}
		err := m.exchange(ctx, c, func(resp *http.Response) error { return a.read(ctx, c, resp) })
		var e *Error
		if a.told && errors.As(err, &e) {
			e.again = false // the caller has seen text that another attempt may contradict
		}
		return err
	})
	if err != nil {
		return hobby.Response{}, m.whichModels(ctx, err)
	}
	return a.response(m, r.LogProbs), nil
}

// read takes in an answer, streamed or whole.
func (a *answer) read(ctx context.Context, c call, resp *http.Response) error {
	if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); media == "text/event-stream" {
		return a.stream(ctx, c, resp.Body)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if err := a.absorb(c, body); err != nil {
		return err
	}
	if a.empty() {
		return malformed(c, body, errors.New("no answer in it"))
	}
	return nil
}

// stream takes in server-sent events until the answer is complete. One that
// stops before a finish reason or [DONE] has broken off. What has come when ctx
// ends and was not read yet is not told any more.
func (a *answer) stream(ctx context.Context, c call, r io.Reader) error {
	done := false
	err := events(r, func(name string, data []byte) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case string(bytes.TrimSpace(data)) == "[DONE]":
			done = true
			return io.EOF
		case name == "error":
			code, message := explanation(data)
			return &Error{Op: c.op, URL: c.url, Code: code, Message: "the server gave up: " + message}
		}
		return a.absorb(c, data)
	})
	if err == nil && !done && !a.ended {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// absorb takes in the JSON of a completion or a chunk.
func (a *answer) absorb(c call, raw []byte) error {
	var part completion
	err := json.Unmarshal(raw, &part)
	if err == nil && len(part.Error) > 0 && string(part.Error) != "null" {
		code, message := explanation(raw)
		return &Error{Op: c.op, URL: c.url, Code: code, Message: "the server gave up: " + message}
	}
	if err == nil {
		err = a.add(part)
	}
	if err != nil {
		return malformed(c, raw, err)
	}
	return nil
}
