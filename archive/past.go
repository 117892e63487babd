package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var _ interface {
	hobby.Past
	hobby.Returner
	hobby.Consumer
} = (*Archiver)(nil)

// filter reads a segment's Bloom filter once.
func (a *Archiver) filter(ctx context.Context, s *Segment) (f bloom, err error) {
	a.mu.Lock()
	f, known := a.filters[s.ID]
	a.mu.Unlock()
	file, ok := s.file(filters)
	if known || !ok {
		return f, nil
	}
	defer damaged(ctx, file.Key, &err)
	f = make(bloom, file.Size)
	if _, err := io.ReadFull(io.NewSectionReader(newBlocks(ctx, a.blobs, file), 0, file.Size), f); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.filters[s.ID] = f
	return f, nil
}

// mayHave reports whether a segment may have one of some names. One whose filter is damaged
// may: its other files still answer.
func (a *Archiver) mayHave(ctx context.Context, s *Segment, names ...string) (bool, error) {
	f, err := a.filter(ctx, s)
	if errors.Is(err, ErrDamaged) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(names, f.may), nil
}

// dropFilters forgets the filters of segments that are gone, once there are more filters than
// segments.
func (a *Archiver) dropFilters(all []Segment) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.filters) <= len(all) {
		return
	}
	maps.DeleteFunc(a.filters, func(id string, _ bloom) bool {
		return !slices.ContainsFunc(all, func(s Segment) bool { return s.ID == id })
	})
}

// steady calls read, and again while the catalogue changes meanwhile: what moves from the
// store into files, or from one file into another, is found in one of the two.
func (a *Archiver) steady(ctx context.Context, read func([]Segment) error) error {
	for try := 0; ; try++ {
		all, change, err := a.catalogue.Segments(ctx)
		if err != nil {
			return err
		}
		a.dropFilters(all)
		err = read(all)
		now, changed := a.catalogue.Change(ctx)
		switch {
		case changed != nil || now == change:
			return errors.Join(err, changed)
		case try == 10:
			return errors.Join(err, fmt.Errorf("archive: %w: its catalogue changes faster than it is read", hobby.ErrBusy))
		}
	}
}

// forgotten tells which sources are to be forgotten. What came from one is in a file until
// the next job, and in no answer.
func (a *Archiver) forgotten(ctx context.Context) (func(source string) bool, error) {
	hashes, err := a.catalogue.Forgets(ctx)
	return func(source string) bool {
		return len(hashes) > 0 && source != "" && slices.Contains(hashes, hobby.SourceHash(source))
	}, err
}

// without takes out of s what came from a source that is forgotten, and counts it.
func without(s *hobby.Session, forgotten func(source string) bool) (n int64) {
	before := len(s.Items) + len(s.Insights)
	s.Items = slices.DeleteFunc(s.Items, func(i hobby.Item) bool { return forgotten(i.Source) })
	s.Insights = slices.DeleteFunc(s.Insights, func(i hobby.Insight) bool { return forgotten(i.Source) })
	return int64(before - len(s.Items) - len(s.Insights))
}

// Session implements hobby.Past: a session that is live or archived.
func (a *Archiver) Session(ctx context.Context, id string) (s hobby.Session, err error) {
	err = a.steady(ctx, func(all []Segment) (err error) {
		if s, err = a.source.Activity(ctx, id); !errors.Is(err, hobby.ErrNotFound) {
			return err
		}
		var broken error
		for _, seg := range byRun(all) {
			if has, err := a.mayHave(ctx, &seg, id); err != nil || !has {
				broken = errors.Join(broken, err)
				continue
			}
			found, ok, err := a.find(ctx, &seg, id)
			if ok && err == nil {
				forgotten, err := a.forgotten(ctx)
				without(&found, forgotten)
				s = found
				return err
			}
			broken = errors.Join(broken, err)
		}
		if broken != nil {
			return broken
		}
		return err
	})
	if err != nil {
		return hobby.Session{}, err
	}
	return s, nil
}

// byRun is the segments with the newest first.
func byRun(all []Segment) []Segment {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Segment) int { return int(b.Run - a.Run) })
	return all
}

// find reads a session of a segment.
func (a *Archiver) find(ctx context.Context, seg *Segment, id string) (s hobby.Session, ok bool, err error) {
	rows, err := lookup[activityRow](ctx, a.blobs, seg, activities, id)
	if err != nil || len(rows) == 0 {
		return s, false, err
	}
	if s.Activity, err = rows[0].unpack(); err != nil {
		return s, false, err
	}
	of, err := startedAt[itemRow](ctx, a.blobs, seg, items, rows[0].Started)
	if err != nil {
		return s, false, err
	}
	for i := range of {
		if of[i].Activity == id {
			it, err := of[i].unpack()
			if err != nil {
				return s, false, err
			}
			s.Items = append(s.Items, it)
		}
	}
	told, err := startedAt[insightRow](ctx, a.blobs, seg, insights, rows[0].Started)
	if err != nil {
		return s, false, err
	}
	for i := range told {
		if told[i].Activity == id {
			in, err := told[i].unpack()
			if err != nil {
				return s, false, err
			}
			s.Insights = append(s.Insights, in)
		}
	}
	return s, true, nil
}

// lookup reads the rows of a table that have one of some ids, and some of those between them,
// by the pages whose range of ids has it.
func lookup[R any](ctx context.Context, b Blobs, seg *Segment, table string, ids ...string) ([]R, error) {
	return pages[R](ctx, b, seg, table, "id", ofText,
		func(low, high string) bool {
			return slices.ContainsFunc(ids, func(id string) bool { return low <= id && id <= high })
		},
		func(id string) bool { return slices.Contains(ids, id) })
}

// startedAt reads the rows of a table whose activities have started at a time, and some of
// those between them.
func startedAt[R any](ctx context.Context, b Blobs, seg *Segment, table string, at int64) ([]R, error) {
	return pages[R](ctx, b, seg, table, "started", ofTime, func(low, high int64) bool { return low <= at && at <= high },
		func(v int64) bool { return v == at })
}

// Insights implements hobby.Past: the insights with these ids that are live or archived,
// in the order of ids. Those that are nowhere are left out.
func (a *Archiver) Insights(ctx context.Context, ids []string) (all []hobby.Insight, err error) {
	err = a.steady(ctx, func(segs []Segment) error {
		found := map[string]hobby.Insight{}
		var left []string
		for _, id := range ids {
			page, err := a.source.Insights(ctx, hobby.InsightFilter{ID: id, Limit: 1})
			if err != nil {
				return err
			}
			if len(page.Insights) > 0 {
				found[id] = page.Insights[0]
			} else {
				left = append(left, id)
			}
		}
		for _, seg := range byRun(segs) {
			if len(left) == 0 {
				break
			}
			if has, err := a.mayHave(ctx, &seg, left...); err != nil || !has {
				if err != nil {
					return err
				}
				continue
			}
			rows, err := lookup[insightRow](ctx, a.blobs, &seg, insights, left...)
			if err != nil {
				return err
			}
			for i := range rows {
				if !slices.Contains(left, rows[i].ID) {
					continue
				}
				if found[rows[i].ID], err = rows[i].unpack(); err != nil {
					return err
				}
			}
			left = slices.DeleteFunc(left, func(id string) bool { _, ok := found[id]; return ok })
		}
		forgotten, err := a.forgotten(ctx)
		if err != nil {
			return err
		}
		all = nil
		for _, id := range ids {
			if i, ok := found[id]; ok && !forgotten(i.Source) {
				all = append(all, i)
			}
		}
		return nil
	})
	return all, err
}

// Items implements hobby.Past: verified answers that are live or archived, newest first
// by At, and by id where that is the same.
func (a *Archiver) Items(ctx context.Context, f hobby.ItemFilter) (p hobby.ItemPage, err error) {
	after, until, err := from(f.Cursor, f.Until)
	if err != nil {
		return p, err
	}
	f.Until = until
	limit := clip(f.Limit)
	f.Cursor, f.Limit = "", min(limit+1, 1000)
	low, high := bounds(f.Since, f.Until)
	err = a.steady(ctx, func(segs []Segment) error {
		p = hobby.ItemPage{}
		forgotten, err := a.forgotten(ctx)
		if err != nil {
			return err
		}
		sources := []entry[hobby.Item]{a.liveItems(ctx, f, high)}
		for _, seg := range segs {
			more, err := archived(ctx, a.blobs, &seg, items, "at", low, high, func(r *itemRow) (place, hobby.Item, bool, error) {
				if r.At < low || r.At > high || !r.selected(&f) || forgotten(r.Source) {
					return place{}, hobby.Item{}, false, nil
				}
				i, err := r.unpack()
				return place{r.At, r.ID}, i, err == nil && (!f.Untainted || i.Trusted()), err
			})
			if err != nil {
				return err
			}
			sources = append(sources, more...)
		}
		var last place
		return merge(sources, func(at place, i hobby.Item) bool {
			if at.compare(after) <= 0 {
				return true
			}
			if len(p.Items) == limit {
				p.Next = last.String()
				return false
			}
			p.Items, last = append(p.Items, i), at
			return true
		}, func(err error) error { return err })
	})
	if err != nil {
		return hobby.ItemPage{}, err
	}
	return p, nil
}

// selected is what of an ItemFilter the columns tell.
func (r *itemRow) selected(f *hobby.ItemFilter) bool {
	return (f.Kind == "" || r.Kind == string(f.Kind)) && (f.Family == "" || r.Family == f.Family) &&
		(f.Split == "" || r.Split == string(f.Split)) && (!f.Passed || r.Passed) && (!f.Missed || !r.Passed) &&
		(len(f.ModelKeys) == 0 || slices.Contains(f.ModelKeys, r.ModelKey))
}

// liveRank is greater than every Run.
const liveRank = math.MaxInt64

// liveItems are the items of the store, page by page.
func (a *Archiver) liveItems(ctx context.Context, f hobby.ItemFilter, high int64) entry[hobby.Item] {
	return entry[hobby.Item]{place: place{at: high}, load: func() ([]entry[hobby.Item], error) {
		page, err := a.source.Items(ctx, f)
		if err != nil {
			return nil, err
		}
		var all []entry[hobby.Item]
		for _, i := range page.Items {
			all = append(all, entry[hobby.Item]{place: place{nanosOf(i.At), i.ID}, rank: liveRank, v: i})
		}
		if f.Cursor = page.Next; f.Cursor != "" {
			all = append(all, a.liveItems(ctx, f, all[len(all)-1].at))
		}
		return all, nil
	}}
}

// nanosOf is a time as the columns have it.
func nanosOf(t time.Time) int64 {
	var p packer
	return p.nanos(t)
}

// bounds are the nanoseconds of since <= t < until.
func bounds(since, until time.Time) (low, high int64) {
	low, high = math.MinInt64, math.MaxInt64
	if !since.IsZero() {
		low = nanosOf(since)
	}
	if !until.IsZero() {
		high = nanosOf(until) - 1
	}
	return low, high
}

func clip(limit int) int {
	if limit == 0 {
		return 100
	}
	return min(max(1, limit), 1000)
}

// archived are the pages of a table as sources. row says of a row where it stands, what
// it is, and whether it is selected.
func archived[R, V any](ctx context.Context, b Blobs, seg *Segment, table, column string, low, high int64,
	row func(*R) (place, V, bool, error)) (sources []entry[V], err error) {
	r, all, err := openSpans(ctx, b, seg, table, column, ofTime)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.high < low || s.low > high {
			continue
		}
		sources = append(sources, entry[V]{place: place{at: s.high}, load: func() ([]entry[V], error) {
			parts, err := narrowed(ctx, r, column, s, ofTime, func(v int64) bool { return low <= v && v <= high })
			if err != nil {
				return nil, err
			}
			var of []entry[V]
			for _, s := range parts {
				of = append(of, entry[V]{place: place{at: s.high}, load: func() ([]entry[V], error) { return loaded(ctx, r, s, seg.Run, row) }})
			}
			return of, nil
		}})
	}
	return sources, nil
}

// loaded reads the rows of a span that row selects.
func loaded[R, V any](ctx context.Context, r *reader, s span[int64], rank int64, row func(*R) (place, V, bool, error)) (
	rows []entry[V], err error) {
	batch, err := readSpan[R](ctx, r, s)
	if err != nil {
		return nil, err
	}
	for i := range batch {
		at, v, selected, err := row(&batch[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.file.Key, err)
		}
		if selected {
			rows = append(rows, entry[V]{place: at, rank: rank, v: v})
		}
	}
	return rows, nil
}

// pages reads the rows of a table that have a value of a column which keep selects. It reads
// the column in those pages only whose bounds are of interest.
func pages[R any, V cmp.Ordered](ctx context.Context, b Blobs, seg *Segment, table, column string, value func(parquetValue) V,
	interesting func(low, high V) bool, keep func(V) bool) (found []R, err error) {
	r, all, err := openSpans(ctx, b, seg, table, column, value)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if !interesting(s.low, s.high) {
			continue
		}
		parts, err := narrowed(ctx, r, column, s, value, keep)
		if err != nil {
			return nil, err
		}
		for _, s := range parts {
			batch, err := readSpan[R](ctx, r, s)
			if err != nil {
				return nil, err
			}
			found = append(found, batch...)
		}
	}
	return found, nil
}
