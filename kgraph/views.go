package kgraph

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// views are those that were made last.
type views struct {
	mu  sync.Mutex
	now *view           // of the newest revision, as it holds now
	due map[int32]int64 // of now: subjects of which something else holds later, and when
	all []*view         // of other points; the newest last
}

const (
	keptViews = 3
	// slow is how long making something may take before it is used for longer than it is
	// true: ten times as long as that.
	slow = 200 * time.Millisecond
	// backward is how far the clock may go back before what holds is found anew.
	backward = int64(time.Minute)
)

// look brings the index up to date, and holds it still until done is called. v is what
// holds at a point.
func (g *Graph) look(ctx context.Context, at At) (v *view, done func(), err error) {
	if err := g.catchUp(ctx); err != nil {
		return nil, nil, fmt.Errorf("kgraph: reading the log: %w", err)
	}
	v = g.view(at, time.Now())
	g.mu.RLock()
	return v, g.mu.RUnlock, nil
}

// held calls a function while the index is held still.
func (g *Graph) held(f func()) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	f()
}

// view returns what holds at a point. The caller does not hold the index.
func (g *Graph) view(a At, now time.Time) *view {
	s := &g.views
	s.mu.Lock()
	defer s.mu.Unlock()
	l := a.lens(now)
	var x *index
	g.held(func() { x, l.rev = g.x, min(l.rev, g.x.rev) })
	if a.Rev == 0 && a.AsOf.IsZero() && a.Valid.IsZero() {
		return s.newest(x, l, g.held)
	}
	for i, v := range s.all {
		old := a.Rev == 0 && v.newest && v.took > slow && now.Sub(v.made) < 10*v.took
		same := v.x == x && v.lens.asOf == l.asOf && (v.lens.rev == l.rev || old)
		if same && v.lens.valid <= l.valid && l.valid < v.until {
			s.all = append(slices.Delete(s.all, i, i+1), v)
			return v
		}
	}
	begun := time.Now() // now was before the wait for others' views
	v := newView(x, l, g.held, nil)
	v.newest = a.Rev == 0
	v.made, v.took = begun, time.Since(begun)
	s.all = slices.DeleteFunc(s.all, func(old *view) bool { return old.x != x })
	s.all = append(s.all[max(0, len(s.all)-keptViews+1):], v)
	return v
}

// newest returns what holds now: the view from before, with what changed since.
func (s *views) newest(x *index, l lens, held func(func())) *view {
	var v *view
	if s.now != nil && s.now.x == x && l.valid > s.now.lens.valid-backward {
		held(func() { v = s.now.advance(l.valid, s.due) })
	}
	if v == nil {
		s.due = map[int32]int64{}
		v = newView(x, l, held, s.due)
		v.newest = true
	}
	s.now = v
	return v
}

// advance returns what holds at a later time and at the index's revision; nil when so much
// changed that it is better found anew. The caller holds the index still.
func (v *view) advance(valid int64, due map[int32]int64) *view {
	x := v.x
	touched := map[int32]bool{}
	for n := v.facts; n < len(x.facts); n++ {
		from, _ := x.ends(&x.facts[n])
		touched[from] = true
	}
	for _, at := range x.verdicts[v.verdicts:] {
		o := &x.origins[at]
		for i := range o.facts {
			from, _ := x.ends(&x.facts[o.first+i])
			touched[from] = true
		}
	}
	expired := valid >= v.until
	for s, t := range due {
		if !expired {
			break
		}
		if t <= valid {
			touched[s] = true
		}
	}
	if len(touched) == 0 && x.rev == v.lens.rev && !expired {
		return v
	}
	if len(touched) > 1000+len(x.nodes)/8 || int(v.edges.len()) > 1000+2*v.live {
		return nil
	}
	f := v.fork()
	f.lens.rev, f.lens.valid = x.rev, max(valid, v.lens.valid)
	f.facts, f.verdicts = len(x.facts), len(x.verdicts)
	for _, s := range slices.Sorted(maps.Keys(touched)) {
		next := f.restate(s)
		f.until = min(f.until, next)
		if due[s] = next; next == forever {
			delete(due, s)
		}
	}
	if expired {
		f.until = forever
		for _, t := range due {
			f.until = min(f.until, t)
		}
	}
	return f
}

// kept is what was made of the last views: what takes long in a large graph, and there
// serves for ten times as long as that took, although it lacks what is newer.
type kept[T any] struct {
	mu  mutex
	all []made[T] // the newest last
}

type made[T any] struct {
	v     *view
	begun time.Time
	took  time.Duration
	it    T
}

// of returns what make makes of a view, or what it made of the view or of one that is
// good enough. The caller does not hold the index, since this may take long.
func (k *kept[T]) of(ctx context.Context, v *view, make func() (T, error)) (T, error) {
	if err := k.mu.lock(ctx); err != nil {
		var none T
		return none, err
	}
	defer k.mu.unlock()
	begun := time.Now()
	for _, m := range slices.Backward(k.all) {
		if m.v == v || m.serves(v, begun) {
			return m.it, nil
		}
	}
	it, err := make()
	if err == nil {
		k.all = append(k.all[max(0, len(k.all)-keptViews+1):], made[T]{v, begun, time.Since(begun), it})
	}
	return it, err
}

// serves reports whether m is good enough for a later view of the same.
func (m *made[T]) serves(v *view, now time.Time) bool {
	same := m.v.x == v.x && m.v.newest && v.newest && m.v.lens.asOf == v.lens.asOf && m.v.lens.valid <= v.lens.valid
	return same && v.lens.valid < m.v.until && m.took > slow && now.Sub(m.begun) < 10*m.took
}

// once is what is made once for all who ask: by the first, and when that one stops waiting
// by the next.
type once[T any] struct {
	mu   mutex
	made bool
	it   T
}

func (o *once[T]) of(ctx context.Context, make func() (T, error)) (T, error) {
	if err := o.mu.lock(ctx); err != nil {
		var none T
		return none, err
	}
	defer o.mu.unlock()
	if o.made {
		return o.it, nil
	}
	it, err := make()
	if err == nil {
		o.it, o.made = it, true
	}
	return it, err
}

// mutex is a sync.Mutex whose lock can be given up.
type mutex chan struct{}

func newMutex() mutex { return make(mutex, 1) }

func (m mutex) lock(ctx context.Context) error {
	select {
	case m <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("kgraph: waiting for what another one makes: %w", context.Cause(ctx))
	}
}

func (m mutex) unlock() { <-m }
