package kgraph_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

var big = flag.Int("big", 0, "measure a graph of so many concepts, with five times as many relations")

// TestBig measures a graph after Barabási and Albert: how long it takes to open from the
// store, its memory, and how long adding and looking take.
func TestBig(t *testing.T) {
	if *big == 0 {
		t.Skip("without -big")
	}
	path := filepath.Join(t.TempDir(), "agent.db")
	g, s := open(t, path, nil)
	defer s.Close()
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	ends := []int{0}
	var changes []kgraph.Change
	c := kgraph.Change{Op: kgraph.Stated}
	begun := time.Now()
	for n := 1; n < *big; n++ {
		for range 5 {
			to := ends[r.IntN(len(ends))]
			ends = append(ends, to)
			c.Statements = append(c.Statements, says(fmt.Sprint("concept ", n), "near", fmt.Sprint("concept ", to)))
		}
		ends = append(ends, n, n, n, n, n)
		if n%20 == 0 || n == *big-1 {
			c.Origin = kgraph.Origin{ID: fmt.Sprint(n), Recorded: day}
			changes = append(changes, c)
			c.Statements = nil
		}
		if len(changes) == 500 || n == *big-1 {
			if _, err := l.Append(t.Context(), 0, changes); err != nil {
				t.Fatal(err)
			}
			changes = changes[:0]
		}
	}
	t.Logf("%d concepts and %d facts stored in %v", *big, 5*(*big-1), time.Since(begun))
	changes, ends = nil, nil
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begun = time.Now()
	spent := proc.CPUTime()
	if _, err := g.Rev(t.Context()); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begun)
	spent = proc.CPUTime() - spent
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("opened from rows in %v, %v of processor time, %d MB", took, spent, (after.HeapAlloc-before.HeapAlloc)>>20)
	ctx, stop := context.WithCancel(t.Context())
	tended := make(chan error, 1)
	begun = time.Now()
	go func() { tended <- g.Run(ctx) }()
	for {
		changed := l.Changed()
		if l.ReadSnapshot(ctx, func(io.Reader) error { return nil }) == nil {
			break
		}
		<-changed
	}
	stop()
	if err := <-tended; err != nil {
		t.Fatal(err)
	}
	t.Logf("a snapshot in %v", time.Since(begun))
	again, err := kgraph.New(l, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := g.Hash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g = nil
	runtime.GC()
	spent = proc.CPUTime()
	begun = time.Now()
	if _, err := again.Rev(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("opened from the snapshot in %v, %v of processor time", time.Since(begun), proc.CPUTime()-spent)
	g = again
	if got, err := g.Hash(t.Context()); err != nil || got != want {
		t.Fatalf("from the snapshot the hash is %s, %v; from rows it is %s", got, err, want)
	}
	measure := func(what string, times int, f func(i int)) {
		t.Helper()
		all := make([]time.Duration, times)
		spent := proc.CPUTime()
		for i := range all {
			begun := time.Now()
			f(i)
			all[i] = time.Since(begun)
		}
		spent = (proc.CPUTime() - spent) / time.Duration(times)
		slices.Sort(all)
		t.Logf("%s: p50 %v, p99 %v, most %v; %v of processor time", what, all[times/2], all[times*99/100], all[times-1], spent)
	}
	measure("adding a fact and bringing the index up to date", 2000, func(i int) {
		add(t, g, fmt.Sprint("more ", i), day, says(fmt.Sprint("new ", i), "near", fmt.Sprint("concept ", r.IntN(*big))))
		if _, err := g.Rev(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	name := func() string { return fmt.Sprint("concept ", r.IntN(*big)) }
	measure("the first look, which makes the view", 1, func(int) {
		if _, err := g.Paths(t.Context(), name(), name(), nil); err != nil {
			t.Fatal(err)
		}
	})
	measure("a shortest path", 2000, func(int) {
		if _, err := g.Paths(t.Context(), name(), name(), nil); err != nil {
			t.Fatal(err)
		}
	})
	server := httptest.NewServer(httpapi.New([]httpapi.Part{httpapi.Graph(g, nil)}, &httpapi.Options{Rate: -1}))
	defer server.Close()
	measure("a shortest path over HTTP", 2000, func(int) {
		r, err := server.Client().Get(server.URL + "/hobby/graph/path?" + url.Values{"from": {name()}, "to": {name()}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if _, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != 200 {
			t.Fatalf("status %d, %v", r.StatusCode, err)
		}
	})
	measure("the communities, and a concept", 1, func(int) {
		if _, err := g.Concept(t.Context(), name(), kgraph.At{}, 10); err != nil {
			t.Fatal(err)
		}
	})
	measure("a concept", 500, func(int) {
		if _, err := g.Concept(t.Context(), name(), kgraph.At{}, 10); err != nil {
			t.Fatal(err)
		}
	})
	measure("a map of 300", 3, func(int) {
		if _, err := g.Map(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	})
}
