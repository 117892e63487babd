package openai_test

import (
	"compress/gzip"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/sqlite"
)

var evil = flag.Duration("evil", 0, "how long TestEvilServers practises with servers that mean harm; by default for three requests a way")

// forever writes a head and then a piece again and again, until nobody reads.
func forever(w http.ResponseWriter, media, head, piece string) {
	w.Header().Set("Content-Type", media)
	_, err := io.WriteString(w, head)
	for piece = strings.Repeat(piece, 1+4096/len(piece)); err == nil; {
		_, err = io.WriteString(w, piece)
	}
}

// says answers with a text as JSON, whatever it is.
func says(text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, text)
	}
}

// answered is an answer whose message and usage are as given.
func answered(message, usage string) string {
	return `{"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant",` + message + `}}],"usage":` + usage + `}`
}

// evils are the ways in which a server harms its client.
var evils = []func(http.ResponseWriter, *http.Request){
	func(w http.ResponseWriter, _ *http.Request) {
		forever(w, "application/json", `{"choices":[{"message":{"content":"`, "x")
	},
	func(w http.ResponseWriter, _ *http.Request) { forever(w, "application/json", `{"choices":`, "[") },
	func(w http.ResponseWriter, _ *http.Request) {
		forever(w, "application/json", `{"choices":[{"message":{"tool_calls":[{}`, ",{}")
	},
	func(w http.ResponseWriter, _ *http.Request) {
		forever(w, "application/json", `{"data":[{}`, `,{"id":"m"}`)
	},
	func(w http.ResponseWriter, _ *http.Request) { forever(w, "text/event-stream", "data: ", "x") },
	func(w http.ResponseWriter, _ *http.Request) { forever(w, "text/event-stream", "", ":\n\n") },
	func(w http.ResponseWriter, _ *http.Request) {
		forever(w, "text/event-stream", "", `data: {"choices":[{"index":0,"delta":{"content":"7"}}]}`+"\n\n")
	},
	func(w http.ResponseWriter, _ *http.Request) {
		forever(w, "text/event-stream", "", `data: {"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"a"}}]}}]}`+"\n\n")
	},
	func(w http.ResponseWriter, _ *http.Request) { // a gigabyte of spaces in a megabyte
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		spaces, err := strings.Repeat(" ", 1<<16), error(nil)
		for n := 0; n < 1<<14 && err == nil; n++ {
			_, err = io.WriteString(z, spaces)
		}
	},
	func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 2<<20)) },
	func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "999999999999")
		w.WriteHeader(http.StatusTooManyRequests)
	},
	func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
	},
	func(w http.ResponseWriter, r *http.Request) { // nothing, until the client goes
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	},
	func(w http.ResponseWriter, _ *http.Request) { // an answer that is cut off
		w.Header().Set("Content-Length", "1000000")
		_, _ = io.WriteString(w, answered(`"content":"1"`, "{}"))
	},
	func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	says(answered(`"content":"1"`, `{"prompt_tokens":1000000000000000000,"completion_tokens":1000000000000000000}`)),
	says(answered(`"content":"1"`, `{"prompt_tokens":-5,"completion_tokens":1e308}`)),
	says(answered(`"content":"`+strings.Repeat("1 ", 1<<20)+`"`, "{}")),
	says(answered(`"content":"`+"\xff\x00\\ud800"+`"`, "{}")),
	says(answered(`"content":"<think>`+strings.Repeat("x", 1<<20)+`"`, "{}")),
	says(answered(`"content":"1","reasoning_content":"`+strings.Repeat("x", 1<<20)+`"`, "{}")),
	says(`{"error":{"message":"` + strings.Repeat("x", 1<<20) + `"}}`), says(`null`), says(`[]`), says(`"m"`), says(``), says(`<html>`),
	says(strings.Repeat(`{"data":`, 1<<20)), says(`{"data":[{"id":"` + strings.Repeat("m", 1<<20) + `"}]}`),
}

// TestEvilServers practises with a server that harms its client in every way in turn.
// No session may take long or much memory, and none may end the program. Then the
// store opens, and practice with an honest server goes on.
//
//	go test ./hobby/openai -run TestEvilServers -evil 1m -v
func TestEvilServers(t *testing.T) {
	var asked atomic.Int64
	var honest atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(asked.Add(1))
		switch known := n%3 != 0 || honest.Load(); { // a session begins with such a question
		case r.Method == http.MethodGet && known && strings.HasSuffix(r.URL.Path, "/models"):
			_, _ = io.WriteString(w, list)
		case r.Method == http.MethodGet && known:
			http.NotFound(w, r)
		case honest.Load():
			says(answered(`"content":"1"`, `{"prompt_tokens":9,"completion_tokens":1}`))(w, r)
		default:
			evils[n%len(evils)](w, r)
		}
	}))
	defer srv.Close()
	opts := &openai.Options{Timeout: 200 * time.Millisecond, MaxRetries: -1, MaxResponseBytes: 1 << 20}
	if *evil > 0 {
		opts = &openai.Options{Timeout: 2 * time.Second}
	}
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "agent.db")
	practise := func(end func() bool) (completed, sessions, items int) {
		m, err := openai.New(srv.URL+"/v1", "m", opts)
		if err != nil {
			t.Fatal(err)
		}
		store, err := sqlite.Open(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		mgr, err := hobby.New(store, []hobby.Hobby{practice.Skills(m, suite, nil)}, &hobby.Options{Model: m, MaxDuration: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		for !end() {
			s, err := mgr.RunOnce(t.Context(), hobby.SkillPractice)
			sessions++
			if err == nil && s.Activity.Status == hobby.Completed {
				completed++
				items += s.Activity.Items
			}
		}
		p, err := mgr.Progress(t.Context())
		if err != nil {
			t.Fatalf("the progress after %d sessions: %v", sessions, err)
		}
		if used := p.Kind(hobby.SkillPractice).Count.Cost.Tokens(); used < 0 {
			t.Errorf("%d tokens were used", used)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		return completed, sessions, items
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	// Garbage is collected in time on a busy machine, too: what is beyond this is needed.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(before.Sys) + 128<<20))
	since := time.Now()
	_, sessions, _ := practise(func() bool {
		if *evil > 0 {
			return time.Since(since) > *evil
		}
		return asked.Load() > int64(3*len(evils))
	})
	runtime.ReadMemStats(&after)
	// HeapSys is the largest that the heap was.
	grown := int64(after.HeapSys) - int64(before.HeapSys)
	t.Logf("%d requests in %d sessions, %v; the heap grew by %d MiB", asked.Load(), sessions, time.Since(since), grown>>20)
	most := int64(256 << 20)
	if race.Enabled { // which makes values larger, and garbage is collected late
		most *= 4
	}
	if grown > most {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	honest.Store(true)
	left := 2
	completed, _, items := practise(func() bool { left--; return left < 0 })
	if completed != 2 || items == 0 {
		t.Errorf("with an honest server %d of 2 sessions were completed, with %d answers", completed, items)
	}
}
