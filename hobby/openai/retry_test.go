package openai_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
)

// transport answers requests in memory.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return t(r)
}

const list = `{"data":[{"id":"m","owned_by":"vllm"}]}`

func reply(status int, media, body string, header ...string) *http.Response {
	r := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {media}}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// over returns a model whose chat requests are answered by chat.
func over(t *testing.T, o openai.Options, chat transport) *openai.Model {
	t.Helper()
	o.HTTPClient = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/models") {
			return reply(200, "application/json", list), nil
		}
		return chat(r)
	})}
	m, err := openai.New("http://server/v1", "m", &o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func hello() hobby.Request {
	return hobby.Request{Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Hi"}}}
}

const good = `{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}`

func TestRetries(t *testing.T) {
	reset := &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	busy := func(header ...string) func() (*http.Response, error) {
		return func() (*http.Response, error) {
			return reply(429, "application/json", `{"error":{"message":"slow down"}}`, header...), nil
		}
	}
	status := func(code int) func() (*http.Response, error) {
		return func() (*http.Response, error) { return reply(code, "application/json", `{}`), nil }
	}
	broken := func(err error) func() (*http.Response, error) {
		return func() (*http.Response, error) { return nil, err }
	}
	partial := func() (*http.Response, error) {
		return reply(200, "application/json", `{"choices":[{"mess`), nil
	}
	for _, c := range []struct {
		name     string
		retries  int
		first    func() (*http.Response, error)
		failures int // how often first answers before all is well
		requests int // how many must be made
		ok       bool
		min, max time.Duration // how long it must take
	}{
		{"too many requests", 0, busy(), 1, 2, true, 250 * time.Millisecond, 500 * time.Millisecond},
		{"twice", 0, busy(), 2, 3, true, 750 * time.Millisecond, 1500 * time.Millisecond},
		{"for ever", 0, busy(), 100, 3, false, 750 * time.Millisecond, 1500 * time.Millisecond},
		{"six waits", 6, status(503), 100, 7, false, 11750 * time.Millisecond, 23500 * time.Millisecond},
		{"none wanted", -1, busy(), 100, 1, false, 0, 0},
		{"as the server asks", 0, busy("Retry-After", "20"), 1, 2, true, 20 * time.Second, 20 * time.Second},
		{"at a date", 0, busy("Retry-After", "Sat, 01 Jan 2000 00:01:00 GMT"), 1, 2, true, time.Minute, time.Minute},
		{"a date that is over", 0, busy("Retry-After", "Fri, 01 Jan 1999 00:01:00 GMT"), 1, 2, true, 250 * time.Millisecond,
			500 * time.Millisecond},
		{"nonsense", 0, busy("Retry-After", "NaN"), 1, 2, true, 250 * time.Millisecond, 500 * time.Millisecond},
		{"longer than anybody waits", 0, busy("Retry-After", "1e300"), 1, 1, false, 0, 0},
		{"bad gateway", 0, status(502), 1, 2, true, 250 * time.Millisecond, 500 * time.Millisecond},
		{"not implemented", 0, status(501), 1, 1, false, 0, 0},
		{"bad request", 0, status(400), 1, 1, false, 0, 0},
		{"unauthorized", 0, status(401), 1, 1, false, 0, 0},
		{"connection reset", 0, broken(reset), 1, 2, true, 250 * time.Millisecond, 500 * time.Millisecond},
		{"connection closed", 0, broken(io.EOF), 1, 2, true, 250 * time.Millisecond, 500 * time.Millisecond},
		{"connection refused", 0, broken(refused), 1, 1, false, 0, 0},
		{"half an answer", 0, partial, 1, 1, false, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				m := over(t, openai.Options{MaxRetries: c.retries}, func(*http.Request) (*http.Response, error) {
					if requests++; requests <= c.failures {
						return c.first()
					}
					return reply(200, "application/json", good), nil
				})
				start := time.Now()
				r, err := m.Generate(t.Context(), hello())
				if took := time.Since(start); took < c.min || took > c.max {
					t.Errorf("took %v, want %v to %v", took, c.min, c.max)
				}
				if requests != c.requests {
					t.Errorf("made %d requests, want %d", requests, c.requests)
				}
				var e *openai.Error
				switch {
				case c.ok && (err != nil || r.Message.Content != "Hello"):
					t.Errorf("got %q, %v", r.Message.Content, err)
				case !c.ok && (!errors.As(err, &e) || e.Attempts != c.requests):
					t.Errorf("got the error %#v, want an *Error after %d attempts", err, c.requests)
				}
			})
		})
	}
}

// TestWaitsDiffer shows the jitter: two clients that fail together come back
// at different times.
func TestWaitsDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		for range 20 {
			start, requests := time.Now(), 0
			m := over(t, openai.Options{}, func(*http.Request) (*http.Response, error) {
				if requests++; requests == 1 {
					return reply(503, "", ""), nil
				}
				return reply(200, "application/json", good), nil
			})
			if _, err := m.Generate(t.Context(), hello()); err != nil {
				t.Fatal(err)
			}
			seen[time.Since(start)] = true
		}
		if len(seen) < 15 {
			t.Errorf("20 waits had %d different lengths", len(seen))
		}
	})
}

func TestRetryEndsWithContext(t *testing.T) {
	back := errors.New("the user is back")
	busy := func(*http.Request) (*http.Response, error) { return reply(503, "", "", "Retry-After", "60"), nil }
	t.Run("a wait is cut short", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(back) })
			start := time.Now()
			_, err := over(t, openai.Options{}, busy).Generate(ctx, hello())
			if !errors.Is(err, back) || !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
				t.Errorf("got %v after %v", err, time.Since(start))
			}
		})
	})
	t.Run("a wait beyond the deadline does not begin", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			start := time.Now()
			_, err := over(t, openai.Options{}, busy).Generate(ctx, hello())
			var e *openai.Error
			if !errors.As(err, &e) || e.Status != 503 || time.Since(start) != 0 {
				t.Errorf("got %v after %v", err, time.Since(start))
			}
		})
	})
}

// TestAStreamThatStaysOpen: once the finish reason has come, an answer is complete
// soon, whether or not the server says so and closes the connection.
func TestAStreamThatStaysOpen(t *testing.T) {
	for _, c := range []struct {
		name, body string
		ok         bool
		most       time.Duration
	}{
		{"after the finish reason", "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\n", true,
			2 * time.Second},
		{"after [DONE]", "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", true, 0},
		{"in the middle", "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n", false, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := over(t, openai.Options{MaxRetries: -1, Timeout: time.Minute}, func(r *http.Request) (*http.Response, error) {
					body, server := io.Pipe()
					go func() {
						_, _ = io.WriteString(server, c.body)
						<-r.Context().Done()
						server.CloseWithError(r.Context().Err())
					}()
					resp := reply(200, "text/event-stream", "")
					resp.Body = body
					return resp, nil
				})
				r, start := hello(), time.Now()
				r.OnDelta = func(string) {}
				got, err := m.Generate(t.Context(), r)
				if took := time.Since(start); took > c.most || c.ok != (err == nil) || c.ok && got.Message.Content != "Hello" {
					t.Errorf("got %q, %v after %v", got.Message.Content, err, took)
				}
			})
		})
	}
}

// TestNoRetryAfterText: once text has been delivered, another attempt could
// contradict it.
func TestNoRetryAfterText(t *testing.T) {
	for _, c := range []struct {
		name, before string
		requests     int
	}{
		{"before any text", "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n", 3},
		{"after some", "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				m := over(t, openai.Options{}, func(*http.Request) (*http.Response, error) {
					requests++
					return reply(200, "text/event-stream", c.before), nil
				})
				r := hello()
				r.OnDelta = func(string) {}
				_, err := m.Generate(t.Context(), r)
				if !errors.Is(err, io.ErrUnexpectedEOF) || requests != c.requests {
					t.Errorf("got %v after %d requests, want a truncated stream after %d", err, requests, c.requests)
				}
			})
		})
	}
}
