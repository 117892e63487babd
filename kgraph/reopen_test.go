package kgraph_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

// watched is a store's log that counts snapshots, and knows after which revisions it was
// read. Its snapshot is that of another store, if there is one.
type watched struct {
	kgraph.Store
	other kgraph.Store
	after []int64
	saved int
}

func (w *watched) Changes(ctx context.Context, after int64, limit int) ([]kgraph.Change, error) {
	w.after = append(w.after, after)
	return w.Store.Changes(ctx, after, limit)
}

func (w *watched) WriteSnapshot(ctx context.Context, rev int64, write func(io.Writer) error) error {
	w.saved++
	return w.Store.WriteSnapshot(ctx, rev, write)
}

func (w *watched) ReadSnapshot(ctx context.Context, read func(io.Reader) error) error {
	if w.other != nil {
		return w.other.ReadSnapshot(ctx, read)
	}
	return w.Store.ReadSnapshot(ctx, read)
}

// graphAnew opens a graph over a store's log as a fresh process does: its hash, after which
// revisions the log was read, and what was warned of.
func graphAnew(t *testing.T, s *sqlite.Store, other kgraph.Store) (g *kgraph.Graph, w *watched, hash, warned string) {
	t.Helper()
	var log bytes.Buffer
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	w = &watched{Store: l, other: other}
	g, err = kgraph.New(w, s, &kgraph.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if hash, err = g.Hash(t.Context()); err != nil {
		t.Fatal(err)
	}
	return g, w, hash, log.String()
}

// TestReopen has a graph open from its snapshot and what the log has behind it, and from the
// log alone where the snapshot is damaged, until another one is saved.
func TestReopen(t *testing.T) {
	g, s := open(t, ":memory:", nil)
	defer s.Close()
	l, err := graphs.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	web := says("Rome", "part of", "Italy")
	web.Confidence = .5
	if err := g.Add(t.Context(), kgraph.Origin{ID: "1", Recorded: day, Source: "web", Taint: hobby.Untrusted}, web); err != nil {
		t.Fatal(err)
	}
	add(t, g, "2", day, says("Ana", "likes", "Rome"))
	save := func(g *kgraph.Graph) {
		t.Helper()
		if _, err := g.Rev(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := kgraph.SaveNew(t.Context(), g); err != nil {
			t.Fatal(err)
		}
	}
	save(g)
	add(t, g, "3", day, says("Italy", "part of", "Europe"))
	yes := kgraph.Change{Op: kgraph.Decided, Origin: kgraph.Origin{ID: "1", Accepted: true}, Version: 1}
	if _, err := l.Append(t.Context(), 0, []kgraph.Change{yes}); err != nil {
		t.Fatal(err)
	}
	want, err := g.Hash(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	_, w, hash, warned := graphAnew(t, s, nil)
	same(t, "from the snapshot: the log is read after", w.after, []int64{2})
	same(t, "from the snapshot", []string{hash, warned}, []string{want, ""})

	const part = "FROM pastime_graphs_snapshot_parts"
	raw, err := sqlite.Read(t.Context(), s, "reading a snapshot", "SELECT body "+part, nil, sqlite.ScanValue[[]byte])
	if err != nil || len(raw) != 1 {
		t.Fatalf("%d parts, %v", len(raw), err)
	}
	raw[0][len(raw[0])/2] ^= 1
	err = s.Write(t.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE pastime_graphs_snapshot_parts SET body = ?", raw[0])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	g, w, hash, warned = graphAnew(t, s, nil)
	same(t, "from a damaged one: the log is read after", w.after, []int64{0})
	same(t, "from a damaged one", hash, want)
	if !strings.Contains(warned, "cannot be used") || !strings.Contains(warned, "a hash is wrong") {
		t.Errorf("of the damage it is told %q", warned)
	}
	save(g)
	same(t, "snapshots that were written instead", w.saved, 1)
	g, w, hash, warned = graphAnew(t, s, nil)
	same(t, "from the next one: the log is read after", w.after, []int64(nil))
	same(t, "from the next one", []string{hash, warned}, []string{want, ""})
	save(g)
	same(t, "snapshots where nothing is new", w.saved, 0)
}

// TestReopenOlderLog has a snapshot that is newer than the log be left alone.
func TestReopenOlderLog(t *testing.T) {
	g, s := open(t, ":memory:", nil)
	defer s.Close()
	add(t, g, "1", day, says("Rome", "part of", "Italy"))
	want, err := g.Hash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	later, ahead := open(t, ":memory:", nil)
	defer ahead.Close()
	add(t, later, "1", day, says("Rome", "part of", "Italy"))
	add(t, later, "2", day, says("Ana", "likes", "Rome"))
	if _, err := later.Rev(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := kgraph.SaveNew(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	newer, err := graphs.New(t.Context(), ahead)
	if err != nil {
		t.Fatal(err)
	}
	_, w, hash, warned := graphAnew(t, s, newer)
	same(t, "the log is read after", w.after, []int64{0})
	same(t, "the hash", hash, want)
	if !strings.Contains(warned, "its snapshot is newer") {
		t.Errorf("of the snapshot it is told %q", warned)
	}
}
