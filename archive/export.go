package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Export writes sessions, live and archived, to w: each as a line of JSON, oldest first and
// once. kind "" selects all; since and until bound the starts, and zero is no bound.
// progress, unless nil, is told how many sessions were written. The error is hobby.ErrBusy
// when the archive has changed meanwhile: what was written may then lack something. An
// ErrDamaged says which months are missing; the others were written.
func (a *Archiver) Export(ctx context.Context, w io.Writer, kind hobby.Kind, since, until time.Time,
	progress func(n int64)) (n int64, err error) {
	segs, change, err := a.catalogue.Segments(ctx)
	if err != nil {
		return 0, err
	}
	segs = slices.DeleteFunc(segs, func(s Segment) bool { return !startsIn([]Segment{s}, since, until) })
	segs, damage := a.whole(ctx, segs)
	if damage != nil && !errors.Is(damage, ErrDamaged) {
		return 0, damage
	}
	forgotten, err := a.forgotten(ctx)
	if err != nil {
		return 0, err
	}
	enc := json.NewEncoder(w)
	live := a.liveStream(ctx, since, until)
	err = a.inOrder(ctx, []*stream{live}, segs, since, until, func(s *hobby.Session) error {
		if kind != "" && s.Activity.Plan.Kind != kind {
			return nil
		}
		without(s, forgotten)
		if n++; progress != nil {
			progress(n)
		}
		return enc.Encode(s)
	})
	if err == nil {
		var now int64
		if now, err = a.catalogue.Change(ctx); err == nil && now != change {
			err = fmt.Errorf("archive: %w: it has changed during the export", hobby.ErrBusy)
		}
	}
	return n, errors.Join(err, damage)
}

// whole are the segments of which no file is damaged. The error says what is wrong with the
// others; one that is no ErrDamaged ends the looking.
func (a *Archiver) whole(ctx context.Context, segs []Segment) (good []Segment, damage error) {
	for _, s := range segs {
		var broken error
		for _, f := range s.Files {
			if broken = checkHash(ctx, a.blobs, f); broken != nil {
				break
			}
		}
		if broken == nil {
			good = append(good, s)
		} else if damage = errors.Join(damage, broken); !errors.Is(broken, ErrDamaged) {
			return nil, broken
		}
	}
	return good, damage
}

// ArchivedInsights reads the insights of all sessions that are in files, those of the oldest
// session first, in one pass over the files. What is in damaged files is left out, and an
// ErrDamaged at the end names them. The error is ErrBusy when the archive has changed meanwhile.
func (a *Archiver) ArchivedInsights(ctx context.Context) iter.Seq2[hobby.Insight, error] {
	return func(yield func(hobby.Insight, error) bool) {
		if err := a.archivedInsights(ctx, yield); err != nil && !errors.Is(err, errStopped) {
			yield(hobby.Insight{}, err)
		}
	}
}

// errStopped says that the reader wants no more.
var errStopped = errors.New("archive: stopped")

func (a *Archiver) archivedInsights(ctx context.Context, yield func(hobby.Insight, error) bool) error {
	segs, change, err := a.catalogue.Segments(ctx)
	if err != nil {
		return err
	}
	segs, damage := a.whole(ctx, segs)
	if damage != nil && !errors.Is(damage, ErrDamaged) {
		return damage
	}
	forgotten, err := a.forgotten(ctx)
	if err != nil {
		return err
	}
	err = a.inOrder(ctx, nil, segs, time.Time{}, time.Time{}, func(s *hobby.Session) error {
		for _, in := range s.Insights {
			if !forgotten(in.Source) && !yield(in, nil) {
				return errStopped
			}
		}
		return nil
	})
	if errors.Is(err, ErrDamaged) { // found only now: what follows was not read, so this is no end
		err = fmt.Errorf("archive: reading insights: %v", err)
	}
	if err != nil {
		return err
	}
	now, err := a.catalogue.Change(ctx)
	if err == nil && now != change {
		err = fmt.Errorf("archive: %w: it has changed while it was read", hobby.ErrBusy)
	}
	if err != nil {
		return err
	}
	return damage
}

// inOrder hands the ended sessions of streams and of segments over, by start and id. A
// segment is opened when it is its turn.
func (a *Archiver) inOrder(ctx context.Context, all []*stream, segs []Segment, since, until time.Time,
	yield func(*hobby.Session) error) error {
	defer func() {
		for _, st := range all {
			st.stop()
		}
	}()
	for { // segs are by From
		var first time.Time
		found := false
		for _, st := range all {
			if st.err != nil {
				return st.err
			}
			if at := st.sess.Activity.Started; st.ok && (!found || at.Before(first)) {
				first, found = at, true
			}
		}
		if len(segs) > 0 && (!found || !segs[0].From.After(first)) {
			all, segs = append(all, newStream(ctx, a.blobs, &segs[0])), segs[1:]
			continue
		}
		if !found {
			return nil
		}
		for _, sess := range atOnce(all, first) {
			if first.Before(since) || !until.IsZero() && !first.Before(until) {
				continue
			}
			if err := yield(&sess); err != nil {
				return err
			}
		}
		all = slices.DeleteFunc(all, func(st *stream) bool {
			if !st.ok && st.err == nil {
				st.stop()
				return true
			}
			return false
		})
	}
}

// liveStream reads the ended sessions of the store, oldest first.
func (a *Archiver) liveStream(ctx context.Context, since, until time.Time) *stream {
	var page []hobby.Session
	cursor, more := "", true
	st := &stream{run: math.MaxInt64, stop: func() {}}
	st.next = func() (hobby.Session, error, bool) {
		for {
			for len(page) > 0 {
				s := page[0]
				if page = page[1:]; s.Activity.Status.Ended() {
					return s, nil, true
				}
			}
			if !more {
				return hobby.Session{}, nil, false
			}
			next, err := a.source.Sessions(ctx, hobby.Filter{Since: since, Until: until, Limit: 200, Cursor: cursor})
			if err != nil {
				return hobby.Session{}, err, false
			}
			page, cursor = next.Sessions, next.Next
			more = cursor != ""
		}
	}
	st.advance()
	return st
}
