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

var errNoRestorer = fmt.Errorf("%w: archive: this store takes no sessions back", hobby.ErrInvalid)

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
		return "", errNoRestorer
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
		addSources(sources, sess)
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
	if err := a.forgetAgain(ctx, to, sources); err != nil {
		return err
	}
	return a.catalogue.Swap(ctx, nil, idsOf(segs), &f)
}

func addSources(byHash map[string]string, s *hobby.Session) {
	for _, i := range s.Items {
		byHash[hobby.SourceHash(i.Source)] = i.Source
	}
	for _, i := range s.Insights {
		byHash[hobby.SourceHash(i.Source)] = i.Source
	}
}

// forgetAgain forgets those sources, by hash, that may have been forgotten since the files
// were read. What is forgotten from here on is in the store, and deleted there.
func (a *Archiver) forgetAgain(ctx context.Context, to Restorer, sources map[string]string) error {
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
	return nil
}

// Return implements hobby.Returner. The store's copy of the session counts from then on, and
// the next archiving moves it again.
func (a *Archiver) Return(ctx context.Context, insight string) error {
	to, ok := a.source.(Restorer)
	if !ok {
		return errNoRestorer
	}
	stored := map[string]string{} // the sources of what was stored, by hash
	return a.steady(ctx, func(segs []Segment) error {
		forgotten, err := a.forgotten(ctx)
		if err != nil {
			return err
		}
		sess, err := a.told(ctx, segs, insight)
		if err != nil {
			return err
		}
		without(&sess, forgotten)
		now := map[string]string{}
		addSources(now, &sess)
		for h, source := range stored {
			if now[h] == "" && source != "" { // it was taken out of the files meanwhile
				if _, err := to.Forget(ctx, source); err != nil {
					return err
				}
			}
		}
		if !slices.ContainsFunc(sess.Insights, func(i hobby.Insight) bool { return i.ID == insight }) {
			return hobby.ErrNotFound
		}
		if _, err := to.Restore(ctx, []hobby.Session{sess}, nil); err != nil {
			return err
		}
		maps.Copy(stored, now)
		return a.forgetAgain(ctx, to, stored)
	})
}

// told reads the session that has an insight; hobby.ErrNotFound.
func (a *Archiver) told(ctx context.Context, segs []Segment, insight string) (s hobby.Session, err error) {
	for _, seg := range byRun(segs) {
		if has, err := a.mayHave(ctx, &seg, insight); err != nil {
			return s, err
		} else if !has {
			continue
		}
		rows, err := lookup[insightRow](ctx, a.blobs, &seg, insights, insight)
		if err != nil {
			return s, err
		}
		for i := range rows {
			if rows[i].ID == insight {
				s, _, err := a.find(ctx, &seg, rows[i].Activity)
				return s, err
			}
		}
	}
	return s, hobby.ErrNotFound
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
