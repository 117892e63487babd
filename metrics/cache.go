package metrics

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// cache keeps the last reading of something that may be slow or fail.
type cache[T any] struct {
	read    func(ctx context.Context) (T, error)
	fresh   time.Duration // how long a reading is served
	timeout time.Duration // of one reading
	failed  func(error)

	flight singleflight.Group

	mu     sync.Mutex
	last   T
	valid  bool      // last is a reading
	at     time.Time // when last was read
	tried  time.Time // when the last reading ended, well or not
	took   time.Duration
	errors uint64
}

// get returns a reading that is fresh or, when there is none to be had, the
// last one. It fails only while nothing was ever read.
func (c *cache[T]) get(ctx context.Context) (T, error) {
	c.mu.Lock()
	if c.valid && time.Since(c.tried) < c.fresh {
		defer c.mu.Unlock()
		return c.last, nil
	}
	c.mu.Unlock()
	// One reading serves all who wait, so it does not end with the first.
	flight := c.flight.DoChan("", func() (any, error) { return nil, c.refresh(context.WithoutCancel(ctx)) })
	var err error
	select {
	case r := <-flight:
		err = r.Err
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.valid {
		err = nil
	}
	return c.last, err
}

func (c *cache[T]) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	begin := time.Now()
	v, err := c.guarded(ctx)
	if err != nil {
		c.failed(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried = time.Now()
	if err != nil {
		c.errors++
		return err
	}
	c.last, c.valid, c.at, c.took = v, true, begin, c.tried.Sub(begin)
	return nil
}

// guarded reads; a panic, which may be a host's, becomes an error.
func (c *cache[T]) guarded(ctx context.Context) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("metrics: panic: %v", r)
		}
	}()
	return c.read(ctx)
}

// state is how the readings went.
type state struct {
	valid     bool
	age, took time.Duration
	errors    uint64
}

func (c *cache[T]) state() state {
	c.mu.Lock()
	defer c.mu.Unlock()
	return state{valid: c.valid, age: time.Since(c.at), took: c.took, errors: c.errors}
}
