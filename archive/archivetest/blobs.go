package archivetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
)

// TestBlobs tests that what open returns is archive.Blobs. Each call of open gives an
// empty storage. It also catches a server that says it has a key only once and does not.
func TestBlobs(t *testing.T, open func(t *testing.T) archive.Blobs) {
	for name, test := range map[string]func(*testing.T, archive.Blobs){
		"reads": blobsRead, "absent": blobsAbsent, "once": blobsOnce, "race": blobsRace, "whole": blobsWhole, "list": blobsList,
		"keys": blobsKeys, "ended": blobsEnded,
		"probe": func(t *testing.T, b archive.Blobs) {
			if err := archive.Probe(t.Context(), b); err != nil {
				t.Error(err)
			}
			if all := keys(t, b, ""); len(all) > 0 {
				t.Errorf("the probe has left %q", all)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func put(t *testing.T, b archive.Blobs, key, content string) {
	t.Helper()
	if err := b.Put(t.Context(), key, bytes.NewReader([]byte(content)), int64(len(content))); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, b archive.Blobs, key string) string {
	t.Helper()
	blob, err := b.Stat(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, blob.Size)
	if n, err := b.ReadAt(t.Context(), key, p, 0); n != len(p) || err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("reading %s, of %d bytes: %d, %v", key, blob.Size, n, err)
	}
	return string(p)
}

func keys(t *testing.T, b archive.Blobs, prefix string) (all []string) {
	t.Helper()
	for after := ""; ; {
		page, err := b.List(t.Context(), prefix, after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		for _, blob := range page {
			all = append(all, blob.Key)
		}
		after = all[len(all)-1]
	}
}

func blobsRead(t *testing.T, b archive.Blobs) {
	content := string(bytes.Repeat([]byte("0123456789"), 30_000))
	put(t, b, "v1/a=1/b.bin", content)
	put(t, b, "v1/empty", "")
	if got := get(t, b, "v1/empty"); got != "" {
		t.Errorf("the empty blob reads as %q", got)
	}
	for _, r := range []struct{ off, n, want int64 }{
		{0, 10, 10}, {1, 1, 1}, {12345, 100_000, 100_000}, {299_990, 10, 10}, {299_990, 20, 10}, {300_000, 5, 0}, {400_000, 5, 0}, {5, 0, 0},
	} {
		p := make([]byte, r.n)
		n, err := b.ReadAt(t.Context(), "v1/a=1/b.bin", p, r.off)
		if int64(n) != r.want || (r.want < r.n) != errors.Is(err, io.EOF) && r.off+r.n != int64(len(content)) {
			t.Errorf("reading %d bytes at %d: %d, %v; want %d", r.n, r.off, n, err, r.want)
		}
		if r.want > 0 && string(p[:n]) != content[r.off:r.off+int64(n)] {
			t.Errorf("reading %d bytes at %d: other bytes than were put", r.n, r.off)
		}
	}
}

func blobsAbsent(t *testing.T, b archive.Blobs) {
	put(t, b, "a/b", "x")
	for _, key := range []string{"nothing", "a", "a/b/c", "a/c"} {
		if _, err := b.Stat(t.Context(), key); !errors.Is(err, hobby.ErrNotFound) {
			t.Errorf("Stat of %s, which is not there: %v", key, err)
		}
		n, err := b.ReadAt(t.Context(), key, make([]byte, 1), 0)
		if n != 0 || err == nil || key != "a" && key != "a/b/c" && !errors.Is(err, hobby.ErrNotFound) {
			t.Errorf("ReadAt of %s, which is not there: %d, %v", key, n, err)
		}
	}
	if err := b.Delete(t.Context(), "nothing"); err != nil {
		t.Errorf("Delete of what is not there: %v", err)
	}
	if err := b.Delete(t.Context(), "a/b"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Stat(t.Context(), "a/b"); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("Stat of what was deleted: %v", err)
	}
	put(t, b, "a/b", "y")
	if got := get(t, b, "a/b"); got != "y" {
		t.Errorf("put again after it was deleted, it reads as %q", got)
	}
}

func blobsOnce(t *testing.T, b archive.Blobs) {
	put(t, b, "k", "first")
	for _, second := range []string{"second", "first", ""} {
		if err := b.Put(t.Context(), "k", bytes.NewReader([]byte(second)), int64(len(second))); !errors.Is(err, archive.ErrExists) {
			t.Errorf("Put of %q under a key that is taken: %v, want ErrExists", second, err)
		}
		if got := get(t, b, "k"); got != "first" {
			t.Fatalf("after a second Put it reads as %q", got)
		}
	}
}

// blobsRace has eight writers of the same key: one wins, and its bytes are there.
func blobsRace(t *testing.T, b archive.Blobs) {
	for round := range 5 {
		key := fmt.Sprintf("race/%d", round)
		var mu sync.Mutex
		var won []string
		var wg sync.WaitGroup
		for i := range 8 {
			content := bytes.Repeat([]byte{byte('a' + i)}, 20_000+i)
			wg.Go(func() {
				err := b.Put(t.Context(), key, bytes.NewReader(content), int64(len(content)))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won = append(won, string(content))
				} else if !errors.Is(err, archive.ErrExists) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of 8 writers of one key were told that they have it", len(won))
		}
		if get(t, b, key) != won[0] {
			t.Fatal("the key has other bytes than the writer that was told so")
		}
	}
}

// blobsWhole breaks off a Put: nothing is there.
func blobsWhole(t *testing.T, b archive.Blobs) {
	broken := errors.New("broken")
	for name, r := range map[string]io.Reader{
		"short":  bytes.NewReader(make([]byte, 99)),
		"long":   bytes.NewReader(make([]byte, 101)),
		"broken": io.MultiReader(bytes.NewReader(make([]byte, 50)), failing{broken}),
	} {
		if err := b.Put(t.Context(), name, r, 100); err == nil {
			t.Errorf("Put of a reader that is %s: no error", name)
		}
		if _, err := b.Stat(t.Context(), name); !errors.Is(err, hobby.ErrNotFound) {
			t.Errorf("after a Put that failed: %v, want that nothing is there", err)
		}
	}
	if all := keys(t, b, ""); len(all) > 0 {
		t.Errorf("after Puts that failed there are %q", all)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func blobsList(t *testing.T, b archive.Blobs) {
	want := []string{"a-b/x", "a/1", "a/2/deep", "a/3", "b", "c=1/d.e_f"}
	for _, key := range slices.Backward(want) {
		put(t, b, key, key)
	}
	if diff := cmp.Diff(want, keys(t, b, "")); diff != "" {
		t.Errorf("all keys (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a/1", "a/2/deep", "a/3"}, keys(t, b, "a/")); diff != "" {
		t.Errorf("keys below a/ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a-b/x", "a/1", "a/2/deep", "a/3"}, keys(t, b, "a")); diff != "" {
		t.Errorf("keys that begin with a (-want +got):\n%s", diff)
	}
	page, err := b.List(t.Context(), "a/", "a/1")
	if err != nil {
		t.Fatal(err)
	}
	if len(page) != 2 || page[0].Key != "a/2/deep" || page[0].Size != 8 || page[0].Modified.IsZero() {
		t.Errorf("after a/1: %+v", page)
	}
}

func blobsKeys(t *testing.T, b archive.Blobs) {
	for _, key := range []string{"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", ".a", "a/.b", "-a", `a\b`,
		"a b", "ä", "a\x00b", string(bytes.Repeat([]byte("a"), 513))} {
		if err := b.Put(t.Context(), key, bytes.NewReader(nil), 0); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("Put of %.20q: %v, want ErrInvalid", key, err)
		}
		if _, err := b.ReadAt(t.Context(), key, make([]byte, 1), 0); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("ReadAt of %.20q: %v, want ErrInvalid", key, err)
		}
		if err := b.Delete(t.Context(), key); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("Delete of %.20q: %v, want ErrInvalid", key, err)
		}
	}
}

// blobsEnded calls everything with a context that has ended.
func blobsEnded(t *testing.T, b archive.Blobs) {
	put(t, b, "k", "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, read := b.ReadAt(ctx, "k", make([]byte, 1), 0)
	_, stat := b.Stat(ctx, "k")
	_, list := b.List(ctx, "", "")
	for i, err := range []error{read, stat, list, b.Put(ctx, "l", bytes.NewReader([]byte("x")), 1), b.Delete(ctx, "k")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("call %d with a context that has ended: %v", i, err)
		}
	}
	if diff := cmp.Diff([]string{"k"}, keys(t, b, "")); diff != "" {
		t.Errorf("they have changed what is there (-want +got):\n%s", diff)
	}
}
