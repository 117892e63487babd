package hobby

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/internal/saturate"
)

// Curve is proficiency over time.
type Curve struct {
	// Points are by day, oldest first.
	Points []CurvePoint
	// Changes are the days on which another model than before answered most.
	Changes []ModelChange
}

// CurvePoint is the proficiency as it was known at the end of a UTC day, of the model that
// had answered last. Estimate is that of all levels: a level that opens later does not lower it.
type CurvePoint struct {
	At       time.Time
	ModelKey string
	Estimate Estimate
}

// ModelChange is the day on which a model answered most, after another one.
type ModelChange struct {
	At       time.Time
	From, To string // keys
}

// curvePoints is how many points a curve has, at most.
const curvePoints = 30

// NewCurve measures a hobby over time from tallies, or one family of it where family is not
// "". It measures on some 30 days, the last one being that of the newest answer.
func NewCurve(ctx context.Context, tallies []Tally, h *Hobby, family string) (Curve, error) {
	return newCurve(ctx, tallies, h, family, func(known []Tally, day int) *KindProficiency { return measureOne(known, h, day) })
}

func measureOne(known []Tally, h *Hobby, day int) *KindProficiency {
	p := Measure(known, []Hobby{*h}, nil, dayTime(day))
	return &p.Kinds[0]
}

// newCurve measures with measure, from the tallies up to a day.
func newCurve(ctx context.Context, tallies []Tally, h *Hobby, family string,
	measure func(known []Tally, day int) *KindProficiency) (c Curve, err error) {
	kind := slices.DeleteFunc(slices.Clone(tallies), func(t Tally) bool { return t.Kind != h.Kind })
	slices.SortStableFunc(kind, func(a, b Tally) int { return cmp.Compare(a.Day, b.Day) })
	own := kind
	if family != "" {
		own = slices.DeleteFunc(slices.Clone(kind), func(t Tally) bool { return t.Family != family })
	}
	if len(own) == 0 {
		return c, nil
	}
	c.Changes = modelChanges(own)
	first, last := own[0].Day, own[len(own)-1].Day
	step := (last-first)/curvePoints + 1
	for day := last - (last-first)/step*step; day <= last; day += step {
		if ctx.Err() != nil {
			return c, context.Cause(ctx)
		}
		n, _ := slices.BinarySearchFunc(kind, day+1, func(t Tally, day int) int { return cmp.Compare(t.Day, day) })
		k := measure(kind[:n], day)
		if e, ok := estimateOf(k, family); ok && e.Measured() {
			c.Points = append(c.Points, CurvePoint{dayTime(day), k.ModelKey, e})
		}
	}
	return c, nil
}

// estimateOf is the estimate of a family, or of the kind for "".
func estimateOf(k *KindProficiency, family string) (Estimate, bool) {
	if family == "" {
		return k.Estimate, true
	}
	i := slices.IndexFunc(k.Families, func(f FamilyProficiency) bool { return f.Family == family })
	if i < 0 {
		return Estimate{}, false
	}
	return k.Families[i].Estimate, true
}

func dayTime(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// modelChanges are the days on which another model than before answered most, of sorted tallies.
func modelChanges(tallies []Tally) (all []ModelChange) {
	was := ""
	for i := 0; i < len(tallies); {
		day, tries := tallies[i].Day, map[string]int64{}
		for ; i < len(tallies) && tallies[i].Day == day; i++ {
			if t := tallies[i]; t.ModelKey != "" { // answers without a model are no model's
				tries[t.ModelKey] += t.Tries
			}
		}
		now, most := "", int64(0)
		for key, n := range tries {
			if n > most || n == most && key < now {
				now, most = key, n
			}
		}
		if now != "" && was != "" && now != was {
			all = append(all, ModelChange{dayTime(day), was, now})
		}
		was = cmp.Or(now, was)
	}
	return all
}

// Curve is the proficiency of this agent in a kind over time, or in one family of it where
// family is not "". It is ErrNotFound for a kind or a family that is not practised here.
func (m *Manager) Curve(ctx context.Context, kind Kind, family string) (Curve, error) {
	i := slices.IndexFunc(m.hobbies, func(h Hobby) bool { return h.Kind == kind })
	if i < 0 || family != "" && !slices.ContainsFunc(m.hobbies[i].Families, func(f Family) bool { return f.Name == family }) {
		return Curve{}, fmt.Errorf("hobby: the curve of %s %.64q: %w", kind, family, ErrNotFound)
	}
	tallies, _, err := m.store.Tallies(ctx, TallyFilter{Agent: m.opts.Agent})
	if err != nil {
		return Curve{}, fmt.Errorf("hobby: reading tallies: %w", err)
	}
	h := &m.hobbies[i]
	return newCurve(ctx, tallies, h, family, func(known []Tally, day int) *KindProficiency { return m.curves.measure(known, h, day) })
}

// curveMemo has what was measured of past days, because new answers change the last one alone.
// The curves of a kind and of its families share it.
type curveMemo struct {
	mu   sync.Mutex
	days map[curveDay]*KindProficiency
}

// curveDay is what a measurement was made from. Sums of tallies only grow, so these tell
// whether there are more answers.
type curveDay struct {
	kind          Kind
	day, tallies  int
	tries, passes int64
}

// memoized is how many measurements are kept.
const memoized = 2000

func (c *curveMemo) measure(known []Tally, h *Hobby, day int) *KindProficiency {
	at := curveDay{kind: h.Kind, day: day, tallies: len(known)}
	for _, t := range known {
		at.tries = saturate.Add(at.tries, t.Tries)
		at.passes = saturate.Add(at.passes, t.Passes)
	}
	c.mu.Lock()
	k := c.days[at]
	c.mu.Unlock()
	if k != nil {
		return k
	}
	k = measureOne(known, h, day)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.days) >= memoized || c.days == nil {
		c.days = map[curveDay]*KindProficiency{}
	}
	c.days[at] = k
	return k
}
