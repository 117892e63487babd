package s3blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
)

// Bucket is archive.Blobs in a bucket. All methods are safe for concurrent use, by several
// processes too. A blob is put in one request, so it has 5 GiB at most.
type Bucket struct {
	core           minio.Core
	bucket, prefix string
}

var _ archive.Blobs = (*Bucket)(nil)

// New makes the blobs of a bucket that exists. prefix begins the names of all objects, such
// as "agent/"; "" is legal. The client's timeouts and credentials are the caller's.
func New(c *minio.Client, bucket, prefix string) *Bucket {
	return &Bucket{minio.Core{Client: c}, bucket, prefix}
}

// begin is what every method checks first.
func begin(ctx context.Context, key string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return archive.CheckKey(key)
}

// failed is an error of the server in the words of archive.Blobs.
func failed(ctx context.Context, doing, key string, err error) error {
	r := minio.ToErrorResponse(err)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case r.StatusCode == http.StatusPreconditionFailed:
		return fmt.Errorf("%w: %s", archive.ErrExists, key)
	case r.Code == "NoSuchBucket":
	case r.StatusCode == http.StatusNotFound:
		return fmt.Errorf("s3blobs: %s: %w", key, hobby.ErrNotFound)
	}
	return fmt.Errorf("s3blobs: %s %s: %w", doing, key, err)
}

// Put implements archive.Blobs.
func (b *Bucket) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := begin(ctx, key); err != nil {
		return err
	}
	opts := minio.PutObjectOptions{DisableMultipart: true, ContentType: "application/vnd.apache.parquet"}
	opts.SetMatchETagExcept("*")
	// No reader that can seek: a second try after a lost answer would find the first one's
	// object, and say that somebody else has put it.
	_, err := b.core.Client.PutObject(ctx, b.bucket, b.prefix+key, &whole{r: r, left: size}, size, opts)
	return failed(ctx, "putting", key, err)
}

// whole is a reader that fails before its last bytes when there are more or fewer than were
// said, so that the server gets no whole object.
type whole struct {
	r    io.Reader
	left int64
}

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.left -= int64(n)
	if w.left < 0 {
		return 0, fmt.Errorf("%w: s3blobs: there is more to put than was said", hobby.ErrInvalid)
	}
	if errors.Is(err, io.EOF) && w.left > 0 {
		return 0, fmt.Errorf("s3blobs: %d bytes are missing: %w", w.left, io.ErrUnexpectedEOF)
	}
	if w.left == 0 && err == nil {
		var more [1]byte
		if m, _ := io.ReadFull(w.r, more[:]); m > 0 {
			return 0, fmt.Errorf("%w: s3blobs: there is more to put than was said", hobby.ErrInvalid)
		}
	}
	return n, err
}

// ReadAt implements archive.Blobs.
func (b *Bucket) ReadAt(ctx context.Context, key string, p []byte, off int64) (n int, err error) {
	if err := begin(ctx, key); err != nil || len(p) == 0 {
		return 0, err
	}
	var opts minio.GetObjectOptions
	if err := opts.SetRange(off, off+int64(len(p))-1); err != nil {
		return 0, fmt.Errorf("%w: s3blobs: %w", hobby.ErrInvalid, err)
	}
	body, _, _, err := b.core.GetObject(ctx, b.bucket, b.prefix+key, opts)
	if minio.ToErrorResponse(err).StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return 0, io.EOF
	}
	if err != nil {
		return 0, failed(ctx, "reading", key, err)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	if n, err = io.ReadFull(body, p); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, b.ended(ctx, key, off+int64(n))
	}
	return n, failed(ctx, "reading", key, err)
}

// ended is io.EOF where an object ends, and another error where an answer was cut.
func (b *Bucket) ended(ctx context.Context, key string, at int64) error {
	blob, err := b.Stat(ctx, key)
	switch {
	case err != nil:
		return err
	case at < blob.Size:
		return fmt.Errorf("s3blobs: reading %s: the answer was cut: %w", key, io.ErrUnexpectedEOF)
	}
	return io.EOF
}

// Stat implements archive.Blobs.
func (b *Bucket) Stat(ctx context.Context, key string) (archive.Blob, error) {
	if err := begin(ctx, key); err != nil {
		return archive.Blob{}, err
	}
	o, err := b.core.StatObject(ctx, b.bucket, b.prefix+key, minio.StatObjectOptions{})
	if err != nil {
		return archive.Blob{}, failed(ctx, "looking at", key, err)
	}
	return archive.Blob{Key: key, Size: o.Size, Modified: o.LastModified}, nil
}

// List implements archive.Blobs.
func (b *Bucket) List(ctx context.Context, prefix, after string) ([]archive.Blob, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	// The iterator ends with its context, and asks for no page that is not needed.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	opts := minio.ListObjectsOptions{Prefix: b.prefix + prefix, Recursive: true, MaxKeys: 1000}
	if after != "" {
		opts.StartAfter = b.prefix + after
	}
	var all []archive.Blob
	for o := range b.core.Client.ListObjects(ctx, b.bucket, opts) {
		if o.Err != nil {
			return nil, failed(ctx, "listing", prefix, o.Err)
		}
		key := strings.TrimPrefix(o.Key, b.prefix)
		if archive.CheckKey(key) != nil || key <= after {
			continue
		}
		if all = append(all, archive.Blob{Key: key, Size: o.Size, Modified: o.LastModified}); len(all) == 1000 {
			break
		}
	}
	return all, nil
}

// Delete implements archive.Blobs.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := begin(ctx, key); err != nil {
		return err
	}
	err := failed(ctx, "deleting", key, b.core.RemoveObject(ctx, b.bucket, b.prefix+key, minio.RemoveObjectOptions{}))
	if errors.Is(err, hobby.ErrNotFound) {
		return nil
	}
	return err
}
