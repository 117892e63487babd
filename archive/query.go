package archive

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Filter selects activities, live and archived. Zero fields select all.
type Filter struct {
	Kind   hobby.Kind
	Status hobby.Status
	// Since and Until bound the start: Since <= start < Until.
	Since, Until time.Time
	// Text is in the description, the goal, the approach, the topic, the family or the
	// error, in any letter case.
	Text string
	// Archived selects what is in files only.
	Archived bool
	// Limit is clipped to [1, 1000]; 0 means 100.
	Limit int
	// Cursor continues after a Page's Next; anything else is hobby.ErrInvalid.
	Cursor string
}

// Page is a part of a listing, newest start first, and by id where that is the same. Next
// is "" at the end.
type Page struct {
	Activities []hobby.Activity
	Next       string
	// Damaged says for each file that could not be read what is wrong with it. Its rows
	// are not in the listing.
	Damaged []error
}

// Query lists activities. It reads no more pages of the files than it needs.
func (a *Archiver) Query(ctx context.Context, f Filter) (p Page, err error) {
	after, until, err := from(f.Cursor, f.Until)
	if err != nil {
		return p, err
	}
	f.Until = until
	limit := clip(f.Limit)
	low, high := bounds(f.Since, f.Until)
	live := hobby.Filter{Kind: f.Kind, Status: f.Status, Since: f.Since, Until: f.Until, Limit: min(limit+1, 1000)}
	err = a.steady(ctx, func(segs []Segment) error {
		p = Page{}
		fail := func(err error) error {
			if !errors.Is(err, ErrDamaged) {
				return err
			}
			p.Damaged = append(p.Damaged, err)
			return nil
		}
		var sources []entry[hobby.Activity]
		if !f.Archived {
			sources = append(sources, a.liveActivities(ctx, live, f.Text, high))
		}
		for _, seg := range segs {
			if nanosOf(seg.To) < low || nanosOf(seg.From) > high {
				continue
			}
			more, err := archived(ctx, a.blobs, &seg, activities, "started", low, high, func(r *activityRow) (place, hobby.Activity, bool, error) {
				if r.Started < low || r.Started > high || f.Kind != "" && r.Kind != string(f.Kind) ||
					f.Status != "" && r.Status != string(f.Status) {
					return place{}, hobby.Activity{}, false, nil
				}
				at, err := r.unpack()
				return place{r.Started, r.ID}, at, err == nil && mentions(&at, f.Text), err
			})
			if err != nil {
				if err := fail(err); err != nil {
					return err
				}
			}
			sources = append(sources, more...)
		}
		var last place
		return merge(sources, func(at place, v hobby.Activity) bool {
			if at.compare(after) <= 0 {
				return true
			}
			if len(p.Activities) == limit {
				p.Next = last.String()
				return false
			}
			p.Activities, last = append(p.Activities, v), at
			return true
		}, fail)
	})
	if err != nil {
		return Page{}, err
	}
	return p, nil
}

func (a *Archiver) liveActivities(ctx context.Context, f hobby.Filter, text string, high int64) entry[hobby.Activity] {
	return entry[hobby.Activity]{place: place{at: high}, load: func() ([]entry[hobby.Activity], error) {
		page, err := a.source.List(ctx, f)
		if err != nil {
			return nil, err
		}
		var all []entry[hobby.Activity]
		lowest := high
		for _, v := range page.Activities {
			if lowest = nanosOf(v.Started); mentions(&v, text) {
				all = append(all, entry[hobby.Activity]{place: place{lowest, v.ID}, rank: liveRank, v: v})
			}
		}
		if f.Cursor = page.Next; f.Cursor != "" {
			all = append(all, a.liveActivities(ctx, f, text, lowest))
		}
		return all, nil
	}}
}

// mentions reports whether a text of a has another one in it.
func mentions(a *hobby.Activity, text string) bool {
	if text == "" {
		return true
	}
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{a.Description, a.Goal, a.Approach, a.Plan.Topic, a.Plan.Family, a.Err},
		func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}

// Stats says what is archived.
type Stats struct {
	Files      int
	Segments   int
	Activities int64
	Items      int64
	Insights   int64
	// Bytes is the size of the files, Original that of what is in them as lines of JSON.
	Bytes, Original int64
	// Oldest and Newest are starts; zero when nothing is archived.
	Oldest, Newest time.Time
	Kinds          map[hobby.Kind]int64
	Nodes          []string
	// Forgets counts the sources that are still to be forgotten.
	Forgets int
}

// Stats adds up the catalogue. Its cost grows with the number of months, not with that of
// activities. An activity that was archived twice, because it changed meanwhile, counts
// twice until its segments are put together.
func (a *Archiver) Stats(ctx context.Context) (st Stats, err error) {
	all, _, err := a.catalogue.Segments(ctx)
	if err != nil {
		return st, err
	}
	forgets, err := a.catalogue.Forgets(ctx)
	if err != nil {
		return st, err
	}
	st.Segments, st.Forgets, st.Kinds = len(all), len(forgets), map[hobby.Kind]int64{}
	for _, s := range all {
		st.Files += len(s.Files)
		st.Activities += s.Activities
		st.Items += s.Items
		st.Insights += s.Insights
		st.Bytes += s.Bytes()
		st.Original += s.Original
		if st.Oldest.IsZero() || s.From.Before(st.Oldest) {
			st.Oldest = s.From
		}
		if s.To.After(st.Newest) {
			st.Newest = s.To
		}
		for k, n := range s.Kinds {
			st.Kinds[k] += n
		}
		if !slices.Contains(st.Nodes, s.Node) {
			st.Nodes = append(st.Nodes, s.Node)
		}
	}
	slices.Sort(st.Nodes)
	return st, nil
}

// Verify reads all files and compares them with what was written. It returns what is
// wrong, an ErrDamaged for each segment; nil when nothing is.
func (a *Archiver) Verify(ctx context.Context, progress func(done, all int)) (damage []error, err error) {
	err = a.steady(ctx, func(all []Segment) error {
		damage = nil
		for i, s := range all {
			err := a.verify(ctx, &s)
			if err == nil {
				err = a.verifyFilter(ctx, &s)
			}
			if err != nil && !errors.Is(err, ErrDamaged) {
				return err
			}
			if err != nil {
				damage = append(damage, err)
			}
			if progress != nil {
				progress(i+1, len(all))
			}
		}
		return nil
	})
	return damage, err
}

// verifyFilter looks whether all that is in a segment is found: by the filter of ids and
// sources, by the counts and the range of the catalogue, and by the bounds of the pages.
func (a *Archiver) verifyFilter(ctx context.Context, s *Segment) error {
	f, err := a.filter(ctx, s)
	if err != nil {
		return err
	}
	bad := func(what string) error { return damagedSegment(s, what) }
	var activities, its, ins int64
	for sess, err := range sessions(ctx, a.blobs, s) {
		if err != nil {
			return err
		}
		activities++
		its += int64(len(sess.Items))
		ins += int64(len(sess.Insights))
		at := &sess.Activity
		if at.Started.Before(s.From) || at.Started.After(s.To) {
			return bad("an activity is outside its range")
		}
		names := []string{at.ID}
		for _, i := range sess.Items {
			if i.Source != "" {
				names = append(names, hobby.SourceHash(i.Source))
			}
		}
		for _, i := range sess.Insights {
			if names = append(names, i.ID); i.Source != "" {
				names = append(names, hobby.SourceHash(i.Source))
			}
		}
		for _, name := range names {
			if !f.may(name) {
				return bad("its filter lacks " + name)
			}
		}
	}
	if activities != s.Activities || its != s.Items || ins != s.Insights {
		return bad("its counts are not those of its rows")
	}
	return a.verifyPages(ctx, s)
}
