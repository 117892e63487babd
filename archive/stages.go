package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/job"
	"github.com/pastime-go/pastime/internal/scratch"
)

// tidy removes what a crash has left: the files that are in no catalogue, and temporary ones.
func (a *Archiver) tidy(ctx context.Context, s *job.Step[Report]) (string, error) {
	var r Request
	if err := s.Input(&r); err != nil {
		return "", err
	}
	if err := a.probe(ctx); err != nil {
		return "", err
	}
	scratch.Sweep(a.opts.Dir, tempPrefix)
	f := s.Job().Fence
	if err := a.sweep(ctx, &f); err != nil {
		return "", err
	}
	if r.ForgetOnly || r.Restore {
		return "forget", a.resume(ctx, s)
	}
	return "archive", nil
}

// resume prunes what is in the catalogue since before a crash.
func (a *Archiver) resume(ctx context.Context, s *job.Step[Report]) error {
	all, _, err := a.catalogue.Segments(ctx)
	if err != nil {
		return err
	}
	for _, seg := range all {
		if !seg.Pruned {
			if err := a.prune(ctx, s, []Segment{seg}); err != nil {
				return err
			}
		}
	}
	return nil
}

// probe looks once whether the storage can be relied on.
func (a *Archiver) probe(ctx context.Context) error {
	a.mu.Lock()
	probed := a.probed
	a.mu.Unlock()
	if probed {
		return nil
	}
	if err := Probe(ctx, a.blobs); err != nil { // answers go on meanwhile
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.probed = true
	return nil
}

// sweep removes this node's files that are in no catalogue. Those of later numbers may be
// of a process that has taken this job over, and stay.
func (a *Archiver) sweep(ctx context.Context, f *hobby.Fence) error {
	mine, err := a.catalogue.Reserve(ctx, f)
	if err != nil {
		return err
	}
	all, _, err := a.catalogue.Segments(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, seg := range all {
		for _, file := range seg.Files {
			known[file.Key] = true
		}
	}
	for after := ""; ; {
		page, err := a.blobs.List(ctx, prefix, after)
		if err != nil {
			return fmt.Errorf("archive: looking for files that are in no catalogue: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		for _, blob := range page {
			after = blob.Key
			owner, run, ok := parseKey(blob.Key)
			if !ok || owner != a.source.Node() || run >= mine || known[blob.Key] {
				continue
			}
			if err := a.blobs.Delete(ctx, blob.Key); err != nil {
				return err
			}
		}
	}
}

// archive moves one month after the other, oldest first.
func (a *Archiver) archive(ctx context.Context, s *job.Step[Report]) (string, error) {
	var r Request
	if err := s.Input(&r); err != nil {
		return "", err
	}
	if err := a.resume(ctx, s); err != nil {
		return "", err
	}
	for {
		until, more, err := a.until(ctx, time.Time{}, r.Before)
		if err != nil || !more {
			return "forget", err
		}
		gone, err := a.month(ctx, s, until)
		if err != nil {
			return "", err
		}
		if err := s.Keep(ctx); err != nil {
			return "", err
		}
		if gone == 0 {
			return "forget", nil // what is left changes just now; the next run has it
		}
	}
}

var ended = []hobby.Status{hobby.Completed, hobby.Failed, hobby.Interrupted}

// until is the end of the first month from a time on that has something older than before,
// and at most before.
func (a *Archiver) until(ctx context.Context, from, before time.Time) (until time.Time, more bool, err error) {
	for _, status := range ended {
		page, err := a.source.Sessions(ctx, hobby.Filter{Status: status, Since: from, Until: before, Limit: 1})
		if err != nil {
			return until, false, err
		}
		for _, sess := range page.Sessions {
			if end := nextMonth(sess.Activity.Started); !more || end.Before(until) {
				until, more = end, true
			}
		}
	}
	if until.After(before) {
		until = before
	}
	return until, more, nil
}

func nextMonth(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}

// month archives all ended sessions that started before a time: it writes, reads back,
// catalogues and prunes. It returns how many activities it pruned.
func (a *Archiver) month(ctx context.Context, s *job.Step[Report], until time.Time) (gone int64, err error) {
	f := s.Job().Fence
	// What was committed later may differ from what is read here, and is not pruned.
	at, err := a.source.Head(ctx)
	if err != nil {
		return 0, err
	}
	run, err := a.catalogue.Reserve(ctx, &f)
	if err != nil {
		return 0, err
	}
	writers, err := a.write(ctx, time.Time{}, until, run)
	defer func() { err = errors.Join(err, remove(writers)) }()
	if err != nil {
		return 0, err
	}
	var added []Segment
	for _, w := range writers {
		seg, err := w.put(ctx, a.blobs)
		if err != nil {
			return 0, err
		}
		if err := a.verify(ctx, &seg); err != nil {
			return 0, err
		}
		seg.Until, seg.At = until.UTC(), at
		added = append(added, seg)
	}
	if err := a.catalogue.Swap(ctx, added, nil, &f); err != nil {
		return 0, err
	}
	for _, seg := range added {
		s.State.Archived += seg.Activities
		s.State.Items += seg.Items
		s.State.Insights += seg.Insights
		s.State.Before += seg.Original
		s.State.After += seg.Bytes()
		for _, file := range seg.Files {
			s.State.Files = append(s.State.Files, file.Key)
		}
	}
	before := s.State.Pruned
	err = a.prune(ctx, s, added)
	return s.State.Pruned - before, err
}

// prune deletes of the store what is in segments of one until and at.
func (a *Archiver) prune(ctx context.Context, s *job.Step[Report], segs []Segment) error {
	if len(segs) == 0 {
		return nil
	}
	f := s.Job().Fence
	n, err := a.source.PruneBefore(ctx, segs[0].Until, segs[0].At, &f)
	s.State.Pruned += int64(n)
	if err != nil {
		return err
	}
	for _, seg := range segs {
		if err := a.catalogue.Pruned(ctx, seg.ID, &f); err != nil {
			return err
		}
	}
	return nil
}

// write writes the ended sessions that started in a time to temporary files.
func (a *Archiver) write(ctx context.Context, from, until time.Time, run int64) (all []*segmentWriter, err error) {
	type place struct{ month, node string }
	writers := map[place]*segmentWriter{}
	for cursor := ""; ; {
		page, err := a.source.Sessions(ctx, hobby.Filter{Since: from, Until: until, Limit: 500, Cursor: cursor})
		if err != nil {
			return all, err
		}
		for i := range page.Sessions {
			sess := &page.Sessions[i]
			if !sess.Activity.Status.Ended() {
				continue
			}
			at := place{sess.Activity.Started.UTC().Format("2006-01"), sess.Activity.Node}
			w := writers[at]
			if w == nil {
				if w, err = a.newWriter(at.node, at.month, run, len(all)); err != nil {
					return all, err
				}
				writers[at], all = w, append(all, w)
			}
			size := int64(0)
			if i < len(page.Sizes) {
				size = page.Sizes[i]
			}
			if err := w.add(sess, size); err != nil {
				return all, err
			}
		}
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}

func remove(writers []*segmentWriter) error {
	var errs []error
	for _, w := range writers {
		errs = append(errs, w.remove())
	}
	return errors.Join(errs...)
}

// verify reads a segment back from the storage and compares it with what was written:
// the bytes of its files, and the values of their columns.
func (a *Archiver) verify(ctx context.Context, s *Segment) error {
	for _, f := range s.Files {
		if err := checkHash(ctx, a.blobs, f); err != nil {
			return err
		}
	}
	as, err := readDigests[activityRow](ctx, a.blobs, s, activities)
	if err != nil {
		return err
	}
	is, err := readDigests[itemRow](ctx, a.blobs, s, items)
	if err != nil {
		return err
	}
	ins, err := readDigests[insightRow](ctx, a.blobs, s, insights)
	if err != nil {
		return err
	}
	if s.Digest != digestOf(as, is, ins) && !ofSessions(s) {
		return damagedSegment(s, "it has other rows than were written")
	}
	return nil
}

// forget takes what came from forgotten sources out of the files.
func (a *Archiver) forget(ctx context.Context, s *job.Step[Report]) (string, error) {
	if err := a.resume(ctx, s); err != nil {
		return "", err
	}
	var r Request
	if err := s.Input(&r); err != nil {
		return "", err
	}
	next := "retire"
	if r.Restore {
		next = "restore"
	}
	hashes, err := a.catalogue.Forgets(ctx)
	if err != nil || len(hashes) == 0 {
		return next, err
	}
	places, err := a.places(ctx)
	if err != nil {
		return "", err
	}
	whole := true
	for _, segs := range places {
		forgotten, err := a.forgetIn(ctx, s, segs, hashes)
		if err == nil {
			s.State.Forgotten += forgotten
		} else if err := s.State.damaged(err); err != nil {
			return "", err
		} else {
			whole = false
		}
	}
	f := s.Job().Fence
	if err := a.sweep(ctx, &f); err != nil || !whole { // only then it is gone
		return next, err
	}
	for _, hash := range hashes {
		if err := a.catalogue.Forgot(ctx, hash, &f); err != nil {
			return "", err
		}
	}
	return next, nil
}

// forgetIn takes what came from sources with these hashes out of the segments of a month and
// node. It returns how many items and insights that were.
func (a *Archiver) forgetIn(ctx context.Context, s *job.Step[Report], segs []Segment, hashes []string) (n int64, err error) {
	has := false
	for _, seg := range segs {
		may, err := a.mayHave(ctx, &seg, hashes...)
		if err != nil {
			return 0, err
		}
		has = has || may
	}
	if !has {
		return 0, nil
	}
	forgotten := func(source string) bool { return source != "" && slices.Contains(hashes, hobby.SourceHash(source)) }
	err = a.rewrite(ctx, s, segs, func(sess *hobby.Session) { n += without(sess, forgotten) })
	return n, err
}

// places are the segments of each month and node.
func (a *Archiver) places(ctx context.Context) (map[string][]Segment, error) {
	all, _, err := a.catalogue.Segments(ctx)
	if err != nil {
		return nil, err
	}
	places := map[string][]Segment{}
	for _, seg := range all {
		at := seg.Month + " " + seg.Node
		places[at] = append(places[at], seg)
	}
	return places, nil
}

// most is how many segments of a month and node may be there before they are put
// together.
const most = 8

// compact puts the segments of a month and node together: at once where a later month is
// archived too.
func (a *Archiver) compact(ctx context.Context, s *job.Step[Report]) (string, error) {
	places, err := a.places(ctx)
	if err != nil {
		return "", err
	}
	newest := ""
	for _, segs := range places {
		newest = max(newest, segs[0].Month)
	}
	for _, segs := range places {
		if len(segs) < 2 || segs[0].Month == newest && len(segs) < most {
			continue
		}
		err := a.rewrite(ctx, s, segs, func(*hobby.Session) {})
		if err != nil {
			if err := s.State.damaged(err); err != nil {
				return "", err
			}
			continue
		}
		s.State.Compacted += int64(len(segs))
		if err := s.Keep(ctx); err != nil {
			return "", err
		}
	}
	f := s.Job().Fence
	return "shrink", a.sweep(ctx, &f)
}

// shrink gives the room of what was pruned back.
func (a *Archiver) shrink(ctx context.Context, _ *job.Step[Report]) (string, error) {
	if s, ok := a.source.(interface {
		Shrink(ctx context.Context) (int64, error)
	}); ok {
		_, err := s.Shrink(ctx)
		return "", err
	}
	return "", nil
}
