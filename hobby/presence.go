package hobby

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// DefaultIdle is how long a user must be away before practice begins, unless
// the host says otherwise.
const DefaultIdle = 5 * time.Minute

// Presence tells whether the user is here or away. Everything that works while
// the user is away shares one: the manager, the sub-agents of this process, a
// training, a slot that works for long. The host calls Touch wherever the user does
// something.
//
// It has no goroutine of its own. All methods are safe for concurrent use.
type Presence struct {
	mu      sync.Mutex
	idle    time.Duration
	touched time.Time
	// changed is closed at the next change. It is nil while nobody asked for it,
	// and timer runs only while somebody did and the user is here.
	changed  chan struct{}
	away     bool // when changed was made
	timer    *time.Timer
	yielding map[*yielding]struct{}
	resumed  chan struct{} // closed by Resume; nil while nobody has paused
}

// yielding is work that ends when the user comes back.
type yielding struct {
	end    context.CancelCauseFunc
	what   string        // what works, for people
	pauses bool          // Pause ends it too
	done   chan struct{} // closed when it has ended
}

// NewPresence makes a presence whose user is here now, and away once idle has
// passed since the last Touch. An idle of 0 is DefaultIdle. A nanosecond means
// that nothing waits for the user to be away.
func NewPresence(idle time.Duration) *Presence {
	if idle == 0 {
		idle = DefaultIdle
	}
	return &Presence{idle: idle, touched: time.Now()}
}

// Idle is how long after the last Touch the user counts as away.
func (p *Presence) Idle() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.idle
}

// SetIdle changes how long after the last Touch the user counts as away, from now on. An
// idle of 0 is DefaultIdle.
func (p *Presence) SetIdle(idle time.Duration) {
	if idle == 0 {
		idle = DefaultIdle
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.notice(now) // what had changed before
	p.idle = idle
	p.notice(now)
	p.arm(now)
}

// Touch says that the user is here.
func (p *Presence) Touch() {
	p.mu.Lock()
	now := time.Now()
	p.notice(now) // that the user had gone away
	p.touched = now
	p.notice(now) // that the user is back
	all := slices.Collect(maps.Keys(p.yielding))
	p.mu.Unlock()
	for _, y := range all {
		y.end(ErrUserReturned)
	}
}

// Pause keeps everything from working until Resume: work under Yield ends with
// the cause ErrPaused, and Wait waits. Pause returns once that work has ended,
// or when ctx ends; the pause holds either way. ended names, in order, the work
// that it ended.
func (p *Presence) Pause(ctx context.Context) (ended []string, err error) {
	p.mu.Lock()
	if p.resumed == nil {
		p.resumed = make(chan struct{})
	}
	all := slices.Collect(maps.Keys(p.yielding))
	p.mu.Unlock()
	all = slices.DeleteFunc(all, func(y *yielding) bool { return !y.pauses })
	for _, y := range all {
		y.end(ErrPaused)
		ended = append(ended, y.what)
	}
	slices.Sort(ended)
	for _, y := range all {
		select {
		case <-y.done:
		case <-ctx.Done():
			return ended, fmt.Errorf("hobby: waiting for what runs to end: %w", context.Cause(ctx))
		}
	}
	return ended, nil
}

// Resume undoes Pause.
func (p *Presence) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.resumed != nil {
		close(p.resumed)
		p.resumed = nil
	}
}

// LastTouch is when the user was last seen: when Touch was last called, or the
// presence made.
func (p *Presence) LastTouch() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.touched
}

// Away reports whether the user is away.
func (p *Presence) Away() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.awayAt(time.Now())
}

// Free reports whether the machine is free for work: the user is away, and nobody
// has paused.
func (p *Presence) Free() bool { return p.busy() == nil }

// Changed returns a channel that is closed at the next change: when the user
// goes away or comes back.
func (p *Presence) Changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.change(time.Now())
}

// Wait waits until the machine is free and returns nil. When ctx ends before
// that, it returns the cause of ctx.
func (p *Presence) Wait(ctx context.Context) error {
	for {
		busy := p.busy()
		if busy == nil {
			return nil
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// busy returns a channel that is closed when the pause ends or, without one,
// when the user goes away. It is nil when the machine is free.
func (p *Presence) busy() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	switch {
	case p.resumed != nil:
		return p.resumed
	case p.awayAt(now):
		return nil
	}
	return p.change(now)
}

// UntilTouch returns a copy of ctx that ends with the cause ErrUserReturned at
// the next Touch, for work that yields to the user at once. The caller calls
// stop when the work is done.
func (p *Presence) UntilTouch(ctx context.Context) (_ context.Context, stop context.CancelFunc) {
	return p.yield(ctx, "", false)
}

// Yield is UntilTouch for work that also ends at the next Pause, with the cause
// ErrPaused. Pause waits until stop is called, and tells people what it has ended
// in the words of what.
func (p *Presence) Yield(ctx context.Context, what string) (_ context.Context, stop context.CancelFunc) {
	return p.yield(ctx, what, true)
}

func (p *Presence) yield(ctx context.Context, what string, pauses bool) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	y := &yielding{cancel, what, pauses, make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.yielding == nil {
		p.yielding = map[*yielding]struct{}{}
	}
	p.yielding[y] = struct{}{}
	return ctx, sync.OnceFunc(func() {
		p.mu.Lock()
		delete(p.yielding, y)
		p.mu.Unlock()
		cancel(nil)
		close(y.done)
	})
}

// awayAt reports whether the user is away at now. The caller holds p.mu.
func (p *Presence) awayAt(now time.Time) bool { return now.Sub(p.touched) >= p.idle }

// change is Changed at now. The caller holds p.mu.
func (p *Presence) change(now time.Time) <-chan struct{} {
	p.notice(now)
	if p.changed == nil {
		p.changed, p.away = make(chan struct{}), p.awayAt(now)
		p.arm(now)
	}
	return p.changed
}

// notice closes changed when the user went away or came back since it was made.
// The caller holds p.mu.
func (p *Presence) notice(now time.Time) {
	if p.changed != nil && p.away != p.awayAt(now) {
		close(p.changed)
		p.changed = nil
	}
}

// arm sets the timer to the moment at which a user who is here may count as
// away. The caller holds p.mu.
func (p *Presence) arm(now time.Time) {
	if p.changed == nil || p.away {
		return
	}
	left := p.touched.Add(p.idle).Sub(now)
	if p.timer != nil {
		p.timer.Reset(left)
		return
	}
	p.timer = time.AfterFunc(left, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		now := time.Now()
		p.notice(now)
		p.arm(now) // the user was seen meanwhile
	})
}
