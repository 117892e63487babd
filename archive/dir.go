package archive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// Dir keeps blobs as files in a folder, which it never leaves. It is [Blobs] for one
// machine. The folder's file system must have hard links: they put a file under a name
// only where there is none, in one step.
type Dir struct{ root *os.Root }

var _ Blobs = (*Dir)(nil)

// mostListed is how many blobs a List returns at most.
const mostListed = 1000

// unfinished begins the names of files that are being written. No key has it.
const unfinished = ".unfinished-"

// OpenDir opens a folder that exists. It removes what a process that died a day ago or
// longer has left unfinished.
func OpenDir(dir string) (*Dir, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("archive: opening the folder: %w", err)
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("archive: opening the folder: %w", err), root.Close())
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), unfinished) && time.Since(info.ModTime()) > 24*time.Hour {
			_ = root.Remove(e.Name()) // it is tried again the next time
		}
	}
	return &Dir{root}, nil
}

// Close frees the folder.
func (d *Dir) Close() error { return d.root.Close() }

// Put implements Blobs.
func (d *Dir) Put(ctx context.Context, key string, r io.Reader, size int64) (err error) {
	if err := begin(ctx, key); err != nil {
		return err
	}
	if _, err := d.root.Stat(key); err == nil {
		return fmt.Errorf("%w: %s", ErrExists, key)
	}
	temp := unfinished + rand.Text()
	defer func() {
		if err != nil {
			err = fmt.Errorf("archive: putting %s: %w", key, err)
		}
	}()
	defer func() { err = errors.Join(err, gone(d.root.Remove(temp))) }()
	if err := d.write(ctx, temp, Exactly(r, size)); err != nil {
		return err
	}
	if err := d.root.MkdirAll(path.Dir(key), 0o700); err != nil {
		return err
	}
	if err := d.root.Link(temp, key); errors.Is(err, fs.ErrExist) {
		return ErrExists
	} else if err != nil {
		return err
	}
	for dir := path.Dir(key); ; dir = path.Dir(dir) {
		if err := d.sync(dir); err != nil {
			return err
		}
		if dir == "." {
			return nil
		}
	}
}

// write writes and syncs a new file.
func (d *Dir) write(ctx context.Context, name string, r io.Reader) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, patient{ctx, r})
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// sync makes the names in a folder last.
func (d *Dir) sync(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	for _, cannot := range []error{errors.ErrUnsupported, fs.ErrPermission, fs.ErrInvalid} {
		if errors.Is(err, cannot) {
			err = nil // a system whose folders cannot be synced does without
		}
	}
	return errors.Join(err, f.Close())
}

// ReadAt implements Blobs.
func (d *Dir) ReadAt(ctx context.Context, key string, p []byte, off int64) (n int, err error) {
	if err := begin(ctx, key); err != nil {
		return 0, err
	}
	f, err := d.root.Open(key)
	if err != nil {
		return 0, missing(key, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	n, err = f.ReadAt(p, off)
	return n, plainEOF(err)
}

// plainEOF is io.EOF itself where err is one.
func plainEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return err
}

// Stat implements Blobs.
func (d *Dir) Stat(ctx context.Context, key string) (Blob, error) {
	if err := begin(ctx, key); err != nil {
		return Blob{}, err
	}
	info, err := d.root.Stat(key)
	switch {
	case err != nil:
		return Blob{}, missing(key, err)
	case !info.Mode().IsRegular():
		return Blob{}, missing(key, fs.ErrNotExist)
	}
	return Blob{key, info.Size(), info.ModTime()}, nil
}

// List implements Blobs.
func (d *Dir) List(ctx context.Context, prefix, after string) ([]Blob, error) {
	all, err := list(ctx, d.root.FS(), ".", prefix, after, nil)
	if err != nil {
		return nil, fmt.Errorf("archive: listing %q: %w", prefix, err)
	}
	return all, nil
}

// list adds to all the files in a folder, by key, until there are mostListed. It looks only into
// folders that may have one of them.
func list(ctx context.Context, files fs.FS, dir, prefix, after string, all []Blob) ([]Blob, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return all, gone(err)
	}
	key := func(e fs.DirEntry) string {
		if e.IsDir() {
			return path.Join(dir, e.Name()) + "/" // all keys in it begin so
		}
		return path.Join(dir, e.Name())
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(key(a), key(b)) })
	for _, e := range entries {
		name := key(e)
		switch {
		case len(all) == mostListed:
			return all, nil
		case e.IsDir() && (strings.HasPrefix(name, prefix) || strings.HasPrefix(prefix, name)) &&
			(name > after || strings.HasPrefix(after, name)):
			if all, err = list(ctx, files, path.Join(dir, e.Name()), prefix, after, all); err != nil {
				return nil, err
			}
		case e.Type().IsRegular() && CheckKey(name) == nil && strings.HasPrefix(name, prefix) && name > after:
			info, err := e.Info()
			if err == nil {
				all = append(all, Blob{name, info.Size(), info.ModTime()})
			} else if gone(err) != nil { // else it was deleted meanwhile
				return nil, err
			}
		}
	}
	return all, nil
}

// Delete implements Blobs.
func (d *Dir) Delete(ctx context.Context, key string) error {
	if err := begin(ctx, key); err != nil {
		return err
	}
	if err := gone(d.root.Remove(key)); err != nil {
		return fmt.Errorf("archive: deleting %s: %w", key, err)
	}
	return nil
}

// begin is what every method checks first.
func begin(ctx context.Context, key string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return CheckKey(key)
}

// gone is err, but nil where what was to be removed is not there.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// patient is a reader that ends with its context.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, context.Cause(p.ctx)
	}
	return p.r.Read(b)
}
