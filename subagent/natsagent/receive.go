package natsagent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime/subagent"
)

const (
	// handling is how many reports are with the coordinator at a time.
	handling = 16
	// again is after how long a report that was not dealt with comes again.
	again = time.Second
	// pullTime is how long one request for messages lasts, heartbeat how often
	// the server says that it still knows of it: a request that its leader took
	// to the grave is made again after two of them.
	pullTime  = 10 * time.Second
	heartbeat = 2 * time.Second
	// liveBuffer is how many signs of life may wait; more are lost.
	liveBuffer = 4096
)

type receiver func(context.Context, subagent.Report) error

// Receive implements subagent.Transport. A lost connection is no error: it goes
// on when the connection is back.
func (t *Transport) Receive(ctx context.Context, fn func(context.Context, subagent.Report) error) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return t.watch(gctx, fn) })
	g.Go(func() error { return t.listen(gctx, fn) })
	g.Go(func() error { return t.collect(gctx, fn) })
	err := g.Wait()
	t.mu.Lock()
	t.present = nil
	t.mu.Unlock()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// watch follows who is there.
func (t *Transport) watch(ctx context.Context, fn receiver) error {
	w, err := t.kv.WatchAll(ctx)
	if err != nil {
		return fmt.Errorf("natsagent: watching who is there: %w", err)
	}
	defer func() { _ = w.Stop() }() // the subscription is gone with the connection
	known := map[string]bool{}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case e, ok := <-w.Updates():
			switch {
			case !ok:
				return errors.New("natsagent: the watch of who is there ended")
			case e == nil: // all that were there have been told
				t.mu.Lock()
				t.present = known
				t.mu.Unlock()
			default:
				t.entry(ctx, fn, known, e)
			}
		}
	}
}

// entry takes a change of the bucket. known is guarded by t.mu once it is
// t.present.
func (t *Transport) entry(ctx context.Context, fn receiver, known map[string]bool, e jetstream.KeyValueEntry) {
	id := agentOf(e.Key())
	var self subagent.Agent
	here := e.Operation() == jetstream.KeyValuePut && json.Unmarshal(e.Value(), &self) == nil && self.ID == id && self.Endpoint == ""
	t.mu.Lock()
	was := known[id]
	if here {
		known[id] = true
	} else {
		delete(known, id)
	}
	t.mu.Unlock()
	// An error is the coordinator's; presence is told again at the next beat.
	switch {
	case here:
		_ = fn(ctx, subagent.Report{Event: subagent.Present, Agent: id, Self: &self})
	case was:
		_ = fn(ctx, subagent.Report{Event: subagent.Gone, Agent: id})
	}
}

// listen takes signs of life.
func (t *Transport) listen(ctx context.Context, fn receiver) error {
	msgs := make(chan *nats.Msg, liveBuffer)
	sub, err := t.nc.ChanSubscribe(t.opts.Prefix+".live.*", msgs)
	if err != nil {
		return fmt.Errorf("natsagent: subscribing to signs of life: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case m := <-msgs:
			if r, err := decode(m.Subject, m.Data); err == nil && (r.Event == subagent.Started || r.Event == subagent.Alive) {
				_ = fn(ctx, r) // the next sign says it again
			}
		}
	}
}

// collect takes what agents have done, several reports at a time.
func (t *Transport) collect(ctx context.Context, fn receiver) error {
	consumer, err := t.consumer(ctx)
	if err != nil {
		return err
	}
	var g errgroup.Group
	for range handling {
		g.Go(func() error {
			for ctx.Err() == nil {
				m, err := next(ctx, consumer)
				if err != nil {
					return err
				}
				if m != nil {
					t.handle(ctx, fn, m)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil && ctx.Err() == nil {
		return err
	}
	return context.Cause(ctx)
}

// consumer is the coordinator's, which remembers over a restart what was dealt
// with.
func (t *Transport) consumer(ctx context.Context) (jetstream.Consumer, error) {
	wait, cancel := context.WithTimeout(ctx, setupTime)
	defer cancel()
	c, err := t.js.CreateOrUpdateConsumer(wait, t.opts.reports(), jetstream.ConsumerConfig{
		Durable: "coordinator", AckPolicy: jetstream.AckExplicitPolicy, AckWait: t.opts.AckWait, MaxAckPending: 4 * handling,
	})
	if err != nil {
		return nil, fmt.Errorf("natsagent: making the consumer of %s: %w", t.opts.reports(), err)
	}
	return c, nil
}

// handle deals with one report.
func (t *Transport) handle(ctx context.Context, fn receiver, m jetstream.Msg) {
	r, err := decode(m.Subject(), m.Data())
	if err != nil || r.Event == subagent.Started || r.Event == subagent.Alive {
		_ = m.Term() // it will not become readable
		return
	}
	// Acknowledgements that get lost mean that the report comes again, and is
	// then one of an attempt that has ended.
	if err := fn(ctx, r); err != nil {
		_ = m.NakWithDelay(again)
		return
	}
	_ = m.Ack()
}

// next waits for a message; nil when there was none for a while. An error says
// that the consumer is of no use any more.
func next(ctx context.Context, c jetstream.Consumer) (jetstream.Msg, error) {
	pull, cancel := context.WithTimeout(ctx, pullTime)
	defer cancel()
	m, err := c.Next(jetstream.FetchContext(pull), jetstream.FetchHeartbeat(heartbeat))
	switch {
	case err == nil:
		return m, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, jetstream.ErrConsumerDeleted), errors.Is(err, jetstream.ErrConsumerNotFound), errors.Is(err, nats.ErrConnectionClosed):
		return nil, fmt.Errorf("natsagent: waiting for messages: %w", err)
	case errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return nil, nil
	}
	// The server is away or changes its leader.
	pause(ctx, 200*time.Millisecond)
	return nil, nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
