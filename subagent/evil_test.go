package subagent_test

import (
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/subagent/subagenttest"
)

var evil = flag.Duration("evil", 0, "how long TestEvilAgents gives work to agents that mean harm; by default each is met once")

// repeats has an agent say that it began and then something else again and again, at
// most most times.
func repeats(most int, line string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		_, err := fmt.Fprintln(w, `{"event":"started"}`)
		for n := 0; n < most && err == nil; n++ {
			_, err = fmt.Fprintln(w, line)
		}
	}
}

// done has an agent say that it is done, with a result.
func done(result string) http.HandlerFunc { return repeats(1, `{"event":"done","result":`+result+`}`) }

// filled is a list that makes a result as long as it may be.
func filled(element string) string {
	return "[" + strings.Repeat(element+",", (subagent.MaxResult-100)/(len(element)+1)) + element + "]"
}

// evils are the ways in which an agent harms its host.
var evils = []http.HandlerFunc{
	endless().ServeHTTP,
	repeats(1<<20, `{"event":"started"}`), repeats(1000, `{"event":"done","result":{}}`), repeats(0, ""),
	repeats(1, `{"event":"done","reason":"`+strings.Repeat("x", subagent.MaxResult+1<<20)+`"}`),
	repeats(1000, `{"event":"present","agent":"evil","self":{"id":"evil","capabilities":["*"]}}`),
	repeats(1, `{"event":"started","self":{"id":"evil","metadata":`+strings.Repeat(`{"a":`, 1<<16)+`1`+strings.Repeat(`}`, 1<<16)+`}}`),
	repeats(1, strings.Repeat("[", 1<<20)), repeats(1, "<html>"), repeats(1, "null"), repeats(1, "\xff\x00"),
	done(`{}`), done(`null`), done(`[]`), done(`{"insights":` + filled("{}") + `}`), done(`{"items":` + filled("{}") + `}`),
	done(`{"items":[{"messages":` + filled("{}") + `}]}`), done(`{"insights":[{"evidence":` + filled("{}") + `}]}`),
	done(`{"insights":[{"text":"` + strings.Repeat("x", subagent.MaxResult/2) + `","confidence":1}]}`),
	done(`{"insights":[{"text":"x","confidence":1e308},{"text":"\ud800","confidence":-1}]}`),
	done(`{"items":[{"id":"a","score":1e308,"cost":{"tokens_in":9223372036854775807,"tokens_out":9223372036854775807}}]}`),
	done(`{"cost":{"tokens_in":9223372036854775807,"cpu":-9223372036854775808,"micro_usd":9223372036854775807}}`),
	done(`{"started":"0001-01-01T00:00:00Z","ended":"9999-12-31T23:59:59Z","model":"` + strings.Repeat("m", 1<<20) + `"}`),
	done(`{"err":"` + strings.Repeat("x", 1<<20) + `"}`),
	func(w http.ResponseWriter, _ *http.Request) { // a gigabyte of spaces in a megabyte
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		spaces, err := strings.Repeat(" ", 1<<16), error(nil)
		for n := 0; n < 1<<14 && err == nil; n++ {
			_, err = io.WriteString(z, spaces)
		}
	},
	func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 2<<20)) },
	func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
	},
	func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, strings.Repeat("x", 1<<20), http.StatusTeapot)
	},
}

// TestEvilAgents gives work to agents that harm their host in every way in turn, over
// HTTP. None may take long or much memory, or be believed. Then the store opens, what
// is in it adds up, and an honest agent's work is taken.
//
//	go test ./subagent -run TestEvilAgents -evil 1m -v
func TestEvilAgents(t *testing.T) {
	if race.Enabled {
		t.Skip("TestHostileReports and TestAgentsThatMisbehaveOverHTTP run in less time")
	}
	var asked atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client has gone
		evils[int(asked.Add(1)-1)%len(evils)](w, r)
	}))
	defer srv.Close()
	honest, err := subagent.NewWorker(subagent.Agent{ID: "honest", Capabilities: []string{"sums"}},
		subagent.Practise([]hobby.Hobby{subagenttest.Sums("sums")}, nil))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := subagent.AgentHandler(honest, secret)
	if err != nil {
		t.Fatal(err)
	}
	other := httptest.NewServer(handler)
	defer other.Close()
	path := filepath.Join(t.TempDir(), "agent.db")
	open := func(use func(c *subagent.Coordinator, s *sqlite.Store)) {
		store, err := sqlite.Open(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		tr := subagent.NewHTTP(nil)
		if err := errors.Join(tr.Allow(srv.URL, secret), tr.Allow(other.URL, secret)); err != nil {
			t.Fatal(err)
		}
		c, stop := start(t, store, []hobby.Hobby{subagenttest.Sums("sums")},
			&subagent.Options{Transports: []subagent.Transport{tr}, MaxAttempts: 1, LocalConcurrent: -1, DistributeEvery: -1, Lease: time.Second})
		use(c, store)
		stop()
		if err := errors.Join(tr.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	}
	give := func(c *subagent.Coordinator, id, endpoint string) subagent.Assignment {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Register(ctx, subagent.Agent{ID: id, Capabilities: []string{"*"}, Endpoint: endpoint}); err != nil {
			t.Fatal(err)
		}
		a, err := c.Assign(ctx, id, "sums", time.Minute)
		if err == nil {
			a, err = c.Wait(ctx, a.ID)
		}
		if err := errors.Join(err, c.Unregister(ctx, id)); err != nil {
			t.Fatalf("way %d: %v", asked.Load()%int64(len(evils)), err)
		}
		return a
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	given, since := 0, time.Now()
	open(func(c *subagent.Coordinator, _ *sqlite.Store) {
		for ; *evil > 0 && time.Since(since) < *evil || given < len(evils); given++ {
			if a := give(c, fmt.Sprint("evil-", given), srv.URL); a.Status != subagent.Failed {
				t.Errorf("way %d: the assignment is %s", given%len(evils), a.Status)
			}
		}
	})
	runtime.ReadMemStats(&after)
	// HeapSys is the largest that the heap was. The agents are in it, too.
	grown := int64(after.HeapSys) - int64(before.HeapSys)
	t.Logf("%d assignments in %v; the heap grew by %d MiB", given, time.Since(since), grown>>20)
	if grown > 256<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	open(func(c *subagent.Coordinator, s *sqlite.Store) {
		if a := give(c, "honest", other.URL); a.Status != subagent.Completed {
			t.Errorf("an honest agent's assignment is %s: %s", a.Status, a.Err)
		}
		all, err := hobbytest.Audit(t.Context(), s)
		if err != nil {
			t.Error(err)
		}
		items := 0
		for _, a := range all {
			items += a.Items
		}
		if stats := c.Stats(); items != 12 || stats.Completed != 1 {
			t.Errorf("%d answers in %d activities; %d assignments were completed", items, len(all), stats.Completed)
		}
	})
}
