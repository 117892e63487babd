package lora

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var folderName = regexp.MustCompile(`^[0-9a-f]{32}$`)

// Collect removes the files of versions that are older than Options.Keep and that nothing
// points to or uses, and those of runs that have ended. A night does so at its end. What
// a version was stays known. It returns the versions that were given up now.
func (p *Pipeline) Collect(ctx context.Context) ([]Version, error) {
	if p.opts.Keep < 0 {
		return nil, nil
	}
	given, err := p.store.Collect(ctx, time.Now().Add(-p.opts.Keep))
	if err != nil {
		return nil, fmt.Errorf("lora: giving up old adapters: %w", err)
	}
	// What a process that died has given up and not removed goes, too.
	err = p.sweep(p.opts.Dir, func(id string) (bool, error) {
		if !folderName.MatchString(id) {
			return false, nil
		}
		v, err := p.store.Version(ctx, id)
		if err != nil || v.Collected.IsZero() {
			return false, err
		}
		if p.host != nil {
			_ = p.host.UnloadAdapter(ctx, id) // it may not be loaded
		}
		return true, nil
	})
	return given, errors.Join(err, p.sweep(filepath.Join(p.opts.Dir, "jobs"), func(id string) (bool, error) {
		j, err := p.store.Job(ctx, id)
		if errors.Is(err, hobby.ErrNotFound) { // a journal keeps the newest
			return true, nil
		}
		return err == nil && j.Status.Ended(), err
	}))
}

// sweep removes the folders of which over says that nobody needs them. One that the store
// does not know stays: its version is about to be stored.
func (p *Pipeline) sweep(dir string, over func(name string) (bool, error)) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("lora: looking for old adapters: %w", err)
	}
	var errs error
	for _, e := range entries {
		gone, err := over(e.Name())
		if errors.Is(err, hobby.ErrNotFound) {
			continue
		}
		if err == nil && gone {
			err = os.RemoveAll(filepath.Join(dir, e.Name()))
		}
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("lora: removing old files: %w", err))
		}
	}
	return errs
}

// dropForgotten has the base serve in the place of a champion that learned from what is
// forgotten, where the host wants that at once.
func (p *Pipeline) dropForgotten(ctx context.Context, now map[hobby.Kind]map[Alias]string) error {
	if !p.opts.DropForgotten {
		return nil
	}
	for k, names := range now {
		if names[Champion] == "" {
			continue
		}
		v, err := p.store.Version(ctx, names[Champion])
		if err != nil {
			return fmt.Errorf("lora: reading the champion: %w", err)
		}
		if v.Forgotten.IsZero() {
			continue
		}
		f := Flip{Kind: k, From: v.ID, By: byForget, Why: "it learned from what is forgotten"}
		if err := p.point(ctx, f, nil); err != nil {
			return err
		}
		delete(names, Champion)
	}
	return nil
}
