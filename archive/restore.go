package archive

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/job"
)

// Restorer is a [Source] that takes sessions back; package sqlite has one.
type Restorer interface {
	// Restore stores ended sessions as they are, each unless there is one of its id, in
	// one transaction: no sum changes and no event is told, because both were done when
	// they were committed. It returns how many were stored; hobby.ErrStale when f is.
	Restore(ctx context.Context, sessions []hobby.Session, f *hobby.Fence) (int, error)
	// Forget deletes what came from a source.
	Forget(ctx context.Context, source string) (int, error)
}

// restoreBatch is how many sessions are restored in one transaction.
const restoreBatch = 200

// restore moves the months of a time back into the store. A month leaves the catalogue only
// when all of it is in the store; until then the store's copy counts.
func (a *Archiver) restore(ctx context.Context, s *job.Step[Report]) (string, error) {
	var r Request
	if err := s.Input(&r); err != nil {
		return "", err
	}
	to, ok := a.source.(Restorer)
	if !ok {
		return "", fmt.Errorf("%w: archive: this store takes no sessions back", hobby.ErrInvalid)
	}
	places, err := a.places(ctx)
	if err != nil {
		return "", err
	}
	for _, at := range slices.Sorted(maps.Keys(places)) {
		if !startsIn(places[at], r.Since, r.Until) {
			continue
		}
		if err := s.State.damaged(a.restoreMonth(ctx, s, to, places[at])); err != nil {
			return "", err
		}
	}
	f := s.Job().Fence
	return "", a.sweep(ctx, &f)
}

// startsIn tells whether segments have something that started in a time.
func startsIn(segs []Segment, since, until time.Time) bool {
	return slices.ContainsFunc(segs, func(s Segment) bool {
		return !s.To.Before(since) && (until.IsZero() || s.From.Before(until))
	})
}

func (a *Archiver) restoreMonth(ctx context.Context, s *job.Step[Report], to Restorer, segs []Segment) error {
	f := s.Job().Fence
	sources := map[string]string{} // by hash
	var batch []hobby.Session
	flush := func() error {
		n, err := to.Restore(ctx, batch, &f)
		if err != nil {
			return err
		}
		s.State.Restored += int64(n)
		batch = batch[:0]
		return s.Keep(ctx)
	}
	err := a.together(ctx, segs, func(sess *hobby.Session) error {
		for _, i := range sess.Items {
			sources[hobby.SourceHash(i.Source)] = i.Source
		}
		for _, i := range sess.Insights {
			sources[hobby.SourceHash(i.Source)] = i.Source
		}
		if batch = append(batch, *sess); len(batch) < restoreBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	// A source may have been forgotten since the files were read. What is forgotten from
	// here on is in the store, and deleted there.
	hashes, err := a.catalogue.Forgets(ctx)
	if err != nil {
		return err
	}
	for _, h := range hashes {
		if source := sources[h]; source != "" {
			if _, err := to.Forget(ctx, source); err != nil {
				return err
			}
		}
	}
	return a.catalogue.Swap(ctx, nil, idsOf(segs), &f)
}

func idsOf(segs []Segment) (ids []string) {
	for _, s := range segs {
		ids = append(ids, s.ID)
	}
	return ids
}

// retire removes the months that are older than Options.Keep.
func (a *Archiver) retire(ctx context.Context, s *job.Step[Report]) (string, error) {
	if a.opts.Keep == 0 {
		return "compact", nil
	}
	places, err := a.places(ctx)
	if err != nil {
		return "", err
	}
	f := s.Job().Fence
	oldest := time.Now().Add(-a.opts.Keep)
	for _, segs := range places {
		if startsIn(segs, oldest, time.Time{}) {
			continue
		}
		if err := a.catalogue.Swap(ctx, nil, idsOf(segs), &f); err != nil {
			return "", err
		}
		for _, seg := range segs {
			s.State.Retired += seg.Activities
		}
	}
	return "compact", a.sweep(ctx, &f)
}
