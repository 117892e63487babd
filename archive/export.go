package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	var damage error
	segs = slices.DeleteFunc(segs, func(s Segment) bool { return !startsIn([]Segment{s}, since, until) })
	segs = slices.DeleteFunc(segs, func(s Segment) bool {
		for _, f := range s.Files {
			err := checkHash(ctx, a.blobs, f)
			if damage = errors.Join(damage, err); err != nil {
				return true
			}
		}
		return false
	})
	if damage != nil && !errors.Is(damage, ErrDamaged) {
		return 0, damage
	}
	forgotten, err := a.forgotten(ctx)
	if err != nil {
		return 0, err
	}
	enc := json.NewEncoder(w)
	err = a.inOrder(ctx, segs, since, until, func(s *hobby.Session) error {
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

// inOrder hands the ended sessions of segments and of the store over, by start and id. A
// segment is opened when it is its turn.
func (a *Archiver) inOrder(ctx context.Context, segs []Segment, since, until time.Time, yield func(*hobby.Session) error) error {
	all := []*stream{a.liveStream(ctx, since, until)}
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
