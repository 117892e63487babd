package s3blobs_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/archive/archivetest"
	"github.com/pastime-go/pastime/archive/s3blobs"
)

var (
	server = flag.String("s3", "", "host:port of a server whose credentials are S3_USER and S3_PASSWORD; .ci/peers s3 has one")
	lying  = flag.String("s3-lies", "", "host:port of a server that ignores If-None-Match")
)

var n atomic.Int64

// bucket makes an empty bucket.
func bucket(t *testing.T, at string) archive.Blobs {
	t.Helper()
	c, err := minio.New(at, &minio.Options{Creds: credentials.NewStaticV4(os.Getenv("S3_USER"), os.Getenv("S3_PASSWORD"), "")})
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test-%d-%d", time.Now().UnixNano(), n.Add(1))
	if err := c.MakeBucket(t.Context(), name, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return s3blobs.New(c, name, "agent/")
}

func TestBlobs(t *testing.T) {
	if *server == "" {
		t.Skip(".ci/peers s3 runs it against a server")
	}
	archivetest.TestBlobs(t, func(t *testing.T) archive.Blobs { return bucket(t, *server) })
}

// TestALyingServer has a server that accepts the condition and overwrites.
func TestALyingServer(t *testing.T) {
	if *lying == "" {
		t.Skip(".ci/peers s3 runs it against a server")
	}
	if err := archive.Probe(t.Context(), bucket(t, *lying)); !errors.Is(err, archive.ErrLies) {
		t.Errorf("probing: %v, want ErrLies", err)
	}
}

// TestAMisbehavingServer has servers that cut an answer, send more than was asked for, and
// never answer: no byte is taken for one that was not read, and the caller's time holds.
func TestAMisbehavingServer(t *testing.T) {
	never := errors.New("the time is over")
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		n     int
		err   error
	}{
		"cuts": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead {
				w.Header().Set("Content-Length", "10")
				return
			}
			fmt.Fprint(w, "01234")
		}, 5, io.ErrUnexpectedEOF},
		"sends too much": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusPartialContent)
			for range 1 << 10 {
				fmt.Fprint(w, strings.Repeat("0123456789", 100))
			}
		}, 10, nil},
		"never answers": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0, never},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
				c.serve(w, r)
			}))
			defer server.Close()
			ctx := t.Context()
			if errors.Is(c.err, never) {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeoutCause(ctx, 50*time.Millisecond, never)
				defer cancel()
			}
			client, err := minio.New(strings.TrimPrefix(server.URL, "http://"), &minio.Options{
				Creds: credentials.NewStaticV4("u", "p", ""), MaxRetries: 1, Region: "us-east-1",
			})
			if err != nil {
				t.Fatal(err)
			}
			p := make([]byte, 10)
			n, err := s3blobs.New(client, "bucket", "").ReadAt(ctx, "k", p, 0)
			if n != c.n || !errors.Is(err, c.err) || string(p[:n]) != "0123456789"[:n] {
				t.Errorf("read %q, %v; want %d bytes, %v", p[:n], err, c.n, c.err)
			}
		})
	}
}

// TestAServerThatIsGone fails with an error that says what was being done.
func TestAServerThatIsGone(t *testing.T) {
	c, err := minio.New("127.0.0.1:1", &minio.Options{Creds: credentials.NewStaticV4("u", "p", ""), MaxRetries: 1, Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	b := s3blobs.New(c, "bucket", "")
	for name, call := range map[string]func() error{
		"putting":    func() error { return b.Put(t.Context(), "k", strings.NewReader("x"), 1) },
		"reading":    func() error { _, err := b.ReadAt(t.Context(), "k", make([]byte, 1), 0); return err },
		"looking at": func() error { _, err := b.Stat(t.Context(), "k"); return err },
		"listing":    func() error { _, err := b.List(t.Context(), "k", ""); return err },
		"deleting":   func() error { return b.Delete(t.Context(), "k") },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), name+" k") || errors.Is(err, archive.ErrExists) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
