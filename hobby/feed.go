package hobby

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// batch is how many events are read at a time.
const batch = 256

// feed hands new events to the subscribers, and tells the consumers that the
// log has grown.
type feed struct {
	mu    sync.Mutex
	subs  map[*Subscription]struct{}
	grown chan struct{} // closed and replaced when the log grows
	lost  atomic.Int64
}

func newFeed() *feed {
	return &feed{subs: map[*Subscription]struct{}{}, grown: make(chan struct{})}
}

// Subscription delivers events as they are committed, and drops them when its
// buffer is full: a slow reader never holds up practice. A reader that must not
// miss an event follows the log as a [Consumer].
type Subscription struct {
	feed    *feed
	kinds   []string
	c       chan Event
	dropped atomic.Int64
}

// C delivers the events. It is closed by Close and when Run ends.
func (s *Subscription) C() <-chan Event { return s.c }

// Dropped counts the events that did not fit the buffer.
func (s *Subscription) Dropped() int64 { return s.dropped.Load() }

// Close ends the subscription. Calling it again does nothing.
func (s *Subscription) Close() {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.drop(s)
}

// drop closes s. The caller holds f.mu.
func (f *feed) drop(s *Subscription) {
	if _, ok := f.subs[s]; ok {
		delete(f.subs, s)
		close(s.c)
	}
}

// Subscribe delivers the events of the given kinds, or of all kinds, that are
// committed from now on while Run is active. The buffer holds at least one
// event.
func (m *Manager) Subscribe(buffer int, kinds ...string) *Subscription {
	s := &Subscription{feed: m.feed, kinds: kinds, c: make(chan Event, max(1, buffer))}
	m.feed.mu.Lock()
	defer m.feed.mu.Unlock()
	m.feed.subs[s] = struct{}{}
	return s
}

// publish offers events to every subscriber.
func (f *feed) publish(events []Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.subs {
		for _, e := range events {
			if len(s.kinds) > 0 && !slices.Contains(s.kinds, e.Kind) {
				continue
			}
			select {
			case s.c <- e:
			default:
				s.dropped.Add(1)
				f.lost.Add(1)
			}
		}
	}
}

// announce wakes the consumers.
func (f *feed) announce() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.grown)
	f.grown = make(chan struct{})
}

// growth returns a channel that is closed when the log grows.
func (f *feed) growth() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.grown
}

// end closes every subscription.
func (f *feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.subs {
		f.drop(s)
	}
}

// follow reads the event log as it grows. It sees this process's commits at once
// and those of others within Options.PollEvery.
func (m *Manager) follow(ctx context.Context, at Cursor) error {
	poll := time.NewTicker(m.opts.PollEvery)
	defer poll.Stop()
	retry := backoff{first: time.Second, most: time.Minute}
	for {
		changed := m.store.Changed()
		events, err := m.store.Events(ctx, at, batch)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, ErrTrimmed):
			// Somebody trims all but the newest events.
			var floor Cursor
			if floor, err = m.store.Floor(ctx); err == nil {
				at = floor
				continue
			}
		}
		if err != nil {
			m.opts.Logger.Warn("reading the event log", "error", err)
			if err := retry.wait(ctx); err != nil {
				return err
			}
			continue
		}
		retry.reset()
		if len(events) > 0 {
			at = events[len(events)-1].Pos
			m.feed.publish(events)
			m.feed.announce()
			continue
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-changed:
		case <-poll.C:
		}
	}
}

// consume brings one consumer up to date and keeps it there.
func (m *Manager) consume(ctx context.Context, c Consumer) error {
	retry := backoff{first: time.Second, most: time.Minute}
	for {
		grown := m.feed.growth()
		n, err := m.consumeBatch(ctx, c)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			m.opts.Logger.Warn("consumer", "name", c.Name(), "error", err)
			if err := retry.wait(ctx); err != nil {
				return err
			}
			continue
		}
		retry.reset()
		if n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-grown:
		}
	}
}

// consumeBatch hands the next events to c and records that it has them.
func (m *Manager) consumeBatch(ctx context.Context, c Consumer) (n int, err error) {
	at, err := m.store.Consumed(ctx, c.Name())
	if err != nil {
		return 0, fmt.Errorf("reading its position: %w", err)
	}
	events, err := m.store.Events(ctx, at, batch)
	if errors.Is(err, ErrTrimmed) {
		if at, err = m.beginAtFloor(ctx, c, at); err == nil {
			events, err = m.store.Events(ctx, at, batch)
		}
	}
	if err != nil || len(events) == 0 {
		return 0, err
	}
	if err := guard("a consumer", func() error { return c.Consume(ctx, events) }); err != nil {
		return 0, err
	}
	if err := m.store.SetConsumed(ctx, c.Name(), events[len(events)-1].Pos); err != nil {
		return 0, fmt.Errorf("recording its position: %w", err)
	}
	return len(events), nil
}

// beginAtFloor moves a consumer that is new to a store whose log was trimmed to where
// the log begins now.
func (m *Manager) beginAtFloor(ctx context.Context, c Consumer, at Cursor) (Cursor, error) {
	floor, err := m.store.Floor(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading the floor of the event log: %w", err)
	}
	m.opts.Logger.Info("a consumer begins where the event log does", "name", c.Name(), "was", at, "floor", floor)
	if err := m.store.SetConsumed(ctx, c.Name(), floor); err != nil {
		return 0, fmt.Errorf("recording its position: %w", err)
	}
	return floor, nil
}

// backoff waits longer after each failure in a row.
type backoff struct {
	first, most time.Duration
	next        time.Duration
}

func (b *backoff) reset() { b.next = 0 }

func (b *backoff) wait(ctx context.Context) error {
	b.next = min(max(b.first, 2*b.next), b.most)
	return pause(ctx, b.next)
}
