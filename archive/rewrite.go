package archive

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/job"
)

// rewrite puts the sessions of all segments of one month and node into a new segment, each
// as change leaves it. The new one takes their place in one step; the old files are swept
// away later. All segments: the new one has the greatest Run, and must not have an old
// copy of what a segment beside it has too.
func (a *Archiver) rewrite(ctx context.Context, s *job.Step[Report], old []Segment, change func(*hobby.Session)) (err error) {
	f := s.Job().Fence
	run, err := a.catalogue.Reserve(ctx, &f)
	if err != nil {
		return err
	}
	w, err := a.newWriter(old[0].Node, old[0].Month, run, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.remove()) }()
	err = a.together(ctx, old, func(sess *hobby.Session) error {
		change(sess)
		return w.add(sess, 0)
	})
	if err != nil {
		return err
	}
	seg, err := w.put(ctx, a.blobs)
	if err != nil {
		return err
	}
	if err := a.verify(ctx, &seg); err != nil {
		return err
	}
	seg.Pruned = true // the old ones are; see resume
	return a.catalogue.Swap(ctx, []Segment{seg}, idsOf(old), &f)
}

// together hands over the sessions of segments by start and id. Of those that are in
// several segments, the one of the greatest Run counts.
func (a *Archiver) together(ctx context.Context, segs []Segment, yield func(*hobby.Session) error) error {
	if len(segs) == 1 {
		for sess, err := range sessions(ctx, a.blobs, &segs[0]) {
			if err == nil {
				err = yield(&sess)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	var all []*stream
	defer func() {
		for _, st := range all {
			st.stop()
		}
	}()
	for i := range segs {
		st := newStream(ctx, a.blobs, &segs[i])
		all = append(all, st)
	}
	for {
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
		if !found {
			return nil
		}
		for _, sess := range atOnce(all, first) {
			if err := yield(&sess); err != nil {
				return err
			}
		}
	}
}

// atOnce takes the sessions of one start off the streams, each once, by id.
func atOnce(all []*stream, started time.Time) []hobby.Session {
	newest, run := map[string]hobby.Session{}, map[string]int64{}
	for _, st := range all {
		for st.ok && st.sess.Activity.Started.Equal(started) {
			if id := st.sess.Activity.ID; st.run > run[id] {
				newest[id], run[id] = st.sess, st.run
			}
			st.advance()
		}
	}
	var sessions []hobby.Session
	for _, id := range slices.Sorted(maps.Keys(newest)) {
		sessions = append(sessions, newest[id])
	}
	return sessions
}

// stream reads the sessions of a segment one after the other.
type stream struct {
	sess hobby.Session
	ok   bool
	err  error
	run  int64
	next func() (hobby.Session, error, bool)
	stop func()
}

func (s *stream) advance() {
	s.sess, s.err, s.ok = s.next()
	s.ok = s.ok && s.err == nil
}

func newStream(ctx context.Context, b Blobs, seg *Segment) *stream {
	st := &stream{run: seg.Run}
	st.next, st.stop = iter.Pull2(sessions(ctx, b, seg))
	st.advance()
	return st
}
