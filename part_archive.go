package pastime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/sqlite/archives"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

// archiving is the part that moves old activities into files.
func archiving(ctx context.Context, k *Kit) (p Part, err error) {
	catalogue, err := archives.New(ctx, k.Store)
	if err != nil {
		return Part{}, fmt.Errorf("opening the archive's catalogue: %w", err)
	}
	journal, err := jobs.New(ctx, k.Store)
	if err != nil {
		return Part{}, fmt.Errorf("opening the jobs: %w", err)
	}
	blobs := k.opts.Blobs
	if blobs == nil {
		l := &lazyDir{path: func() (string, error) { return k.Dir("archive") }}
		blobs, p.Close = l, l.close
	}
	opts := k.opts.Archive
	opts.Poll = cmp.Or(opts.Poll, k.opts.Hobby.PollEvery)
	if opts.Logger == nil {
		opts.Logger = k.opts.Logger
	}
	if opts.Hobbies == nil {
		opts.Hobbies = k.hobbies
	}
	a, err := archive.New(catalogue, journal, k.Store, blobs, &opts)
	if err != nil {
		if p.Close != nil {
			err = errors.Join(err, p.Close())
		}
		return Part{}, fmt.Errorf("making the archive: %w", err)
	}
	k.Archive = a
	if k.opts.Hobby.Past == nil {
		k.opts.Hobby.Past = a
	}
	p.Name, p.Observes, p.Slots, p.Run = "archive", a, a.Slots(), a.Run
	p.Consumers, p.Serves = []hobby.Consumer{a}, []httpapi.Part{httpapi.Archive(a)}
	return p, nil
}

// lazyDir is a folder of blobs that is made when it is used first.
type lazyDir struct {
	path func() (string, error)
	mu   sync.Mutex
	dir  *archive.Dir
}

func (l *lazyDir) open() (*archive.Dir, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dir != nil {
		return l.dir, nil
	}
	path, err := l.path()
	if err != nil {
		return nil, err
	}
	l.dir, err = archive.OpenDir(path)
	return l.dir, err
}

func (l *lazyDir) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dir == nil {
		return nil
	}
	return l.dir.Close()
}

func (l *lazyDir) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	d, err := l.open()
	if err != nil {
		return err
	}
	return d.Put(ctx, key, r, size)
}

func (l *lazyDir) ReadAt(ctx context.Context, key string, p []byte, off int64) (int, error) {
	d, err := l.open()
	if err != nil {
		return 0, err
	}
	return d.ReadAt(ctx, key, p, off)
}

func (l *lazyDir) Stat(ctx context.Context, key string) (archive.Blob, error) {
	d, err := l.open()
	if err != nil {
		return archive.Blob{}, err
	}
	return d.Stat(ctx, key)
}

func (l *lazyDir) List(ctx context.Context, prefix, after string) ([]archive.Blob, error) {
	d, err := l.open()
	if err != nil {
		return nil, err
	}
	return d.List(ctx, prefix, after)
}

func (l *lazyDir) Delete(ctx context.Context, key string) error {
	d, err := l.open()
	if err != nil {
		return err
	}
	return d.Delete(ctx, key)
}

// archive reads the variables of the archive.
func (e *env) archive() archive.Options {
	var o archive.Options
	if !e.boolean("HOBBY_ARCHIVE_ENABLED", true) {
		o.Every = -1
	}
	o.After = e.days("HOBBY_ARCHIVE_AFTER_DAYS", 30)
	return o
}
