package s3blobs_test

import (
	"errors"
	"flag"
	"fmt"
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
