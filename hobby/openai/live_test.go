package openai_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
)

// pipeServer runs a real net/http server and client over in-memory pipes, so
// that both live inside a synctest bubble: time stands still, and the bubble
// fails a test that leaves a goroutine behind.
func pipeServer(t *testing.T, h http.HandlerFunc) *http.Client {
	t.Helper()
	l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: h}
	go func() { _ = srv.Serve(l) }()
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		here, there := net.Pipe()
		select {
		case l.conns <- there:
			return here, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		_ = srv.Close()
	})
	return &http.Client{Transport: tr}
}

type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// slow is a server that streams a word a second, for ever.
func slow(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		_, _ = io.WriteString(w, list)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "text/event-stream")
	for i := 0; ; i++ {
		select {
		case <-r.Context().Done():
			return
		case <-time.After(time.Second):
		}
		fmt.Fprintf(w, "data: {\"choices\":[{\"delta\":{\"content\":\"%d \"}}]}\n\n", i)
		w.(http.Flusher).Flush()
	}
}

// TestCancelled: an answer ends the moment its context does, whatever the
// server is doing, and leaves nothing behind.
func TestCancelled(t *testing.T) {
	back := errors.New("the user is back")
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
	}{
		{"in mid-stream", slow},
		{"before any answer", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}},
		{"between two bytes", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, `{"choi`)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, err := openai.New("http://server/v1", "", &openai.Options{HTTPClient: pipeServer(t, c.handler), Dialect: openai.VLLM})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(3500*time.Millisecond, func() { cancel(back) })
				start, r, heard := time.Now(), hello(), ""
				r.OnDelta = func(s string) { heard += s }
				_, err = m.Generate(ctx, r)
				if !errors.Is(err, back) || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want the context's cause", err)
				}
				if took := time.Since(start); took != 3500*time.Millisecond {
					t.Errorf("returned after %v", took)
				}
				if c.name == "in mid-stream" && heard != "0 1 2 " {
					t.Errorf("heard %q", heard)
				}
			})
		})
	}
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := openai.New("http://server/v1", "m", &openai.Options{HTTPClient: pipeServer(t, slow), Timeout: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		start, r := time.Now(), hello()
		r.OnDelta = func(string) {}
		_, err = m.Generate(t.Context(), r)
		if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(fmt.Sprint(err), "no complete answer within 5s") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("returned after %v", took)
		}
	})
}

// TestInfoIsAskedOnce: callers at the same time share one question, and a
// minute of calls shares its answer.
func TestInfoIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		client := pipeServer(t, func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			<-time.After(2 * time.Second) // the bubble's time: all callers are waiting
			_, _ = io.WriteString(w, list)
		})
		m, err := openai.New("http://server/v1", "", &openai.Options{HTTPClient: client})
		if err != nil {
			t.Fatal(err)
		}
		info := func() {
			if i, err := m.Info(t.Context()); err != nil || i.Name != "m" || !i.Weak || i.Key == "" {
				t.Errorf("got %+v, %v", i, err)
			}
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(info)
		}
		// One caller that gives up does not take the answer from the others.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := m.Info(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		wg.Wait()
		if n := asked.Load(); n > 2 { // the one that gave up may have asked first
			t.Errorf("10 callers asked %d times", n)
		}
		before := asked.Load()
		<-time.After(59 * time.Second)
		info()
		if n := asked.Load() - before; n != 0 {
			t.Errorf("asked %d times within a minute", n)
		}
		<-time.After(2 * time.Second)
		info()
		if n := asked.Load() - before; n != 1 {
			t.Errorf("asked %d times after a minute, want 1", n)
		}
	})
}

func TestKeys(t *testing.T) {
	key := func(base, models, tags string) hobby.ModelInfo {
		t.Helper()
		client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			switch r.URL.Path {
			case "/v1/models":
				return reply(200, "application/json", models), nil
			case "/api/tags":
				return reply(200, "application/json", tags), nil
			}
			return reply(404, "text/plain", "no"), nil
		})}
		m, err := openai.New(base, "", &openai.Options{HTTPClient: client})
		if err != nil {
			t.Fatal(err)
		}
		info, err := m.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	ollama := func(digest string) string { return `{"models":[{"name":"m","digest":"` + digest + `"}]}` }
	const library = `{"data":[{"id":"m","owned_by":"library"}]}`
	a := key("http://host:1/v1", library, ollama("aa"))
	if a.Weak || len(a.Key) != 32 {
		t.Errorf("a digest gives %+v", a)
	}
	if b := key("http://HOST:1/v1/", library, ollama("aa")); a != b {
		t.Errorf("the same model has the keys %s and %s", a.Key, b.Key)
	}
	for what, b := range map[string]hobby.ModelInfo{
		"digest": key("http://host:1/v1", library, ollama("bb")),
		"port":   key("http://host:2/v1", library, ollama("aa")),
		"scheme": key("https://host:1/v1", library, ollama("aa")),
		"name":   key("http://host:1/v1", `{"data":[{"id":"n","owned_by":"library"}]}`, ollama("aa")),
	} {
		if a.Key == b.Key {
			t.Errorf("another %s has the same key", what)
		}
	}
	if w := key("http://host:1/v1", list, ""); !w.Weak {
		t.Errorf("a model without a digest gives %+v", w)
	}
}
