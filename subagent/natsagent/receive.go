package natsagent

import (
	"context"
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
	// again is the delay before a report that was not dealt with comes again.
	again = time.Second
	// pullTime is how long one request for messages lasts. heartbeat is how
	// often the server confirms the request. After two missing heartbeats the
	// request is made again, because the leader that had it has died.
	pullTime  = 10 * time.Second
	heartbeat = 2 * time.Second
	// liveBuffer is how many signs of life may wait; more are lost.
	liveBuffer = 4096
)

type receiver func(context.Context, subagent.Report) error

// Receive implements subagent.Transport. A lost connection is no error: it goes
// on when the connection is back.
func (t *Transport) Receive(ctx context.Context, fn func(context.Context, subagent.Report) error) error {
	t.mu.Lock()
	t.seen = map[string]time.Time{}
	t.mu.Unlock()
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return t.listen(gctx, fn) })
	g.Go(func() error { return t.collect(gctx, fn) })
	err := g.Wait()
	t.mu.Lock()
	t.seen, t.heard = nil, false
	t.mu.Unlock()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// listen takes signs of life, and notices when there are none.
func (t *Transport) listen(ctx context.Context, fn receiver) error {
	msgs := make(chan *nats.Msg, liveBuffer)
	sub, err := t.nc.ChanSubscribe(t.opts.Prefix+".live.*", msgs)
	if err != nil {
		return fmt.Errorf("natsagent: subscribing to signs of life: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	// Agents that are connected already are taken in before their next beat.
	if err := t.nc.Publish(t.opts.who(), nil); err != nil {
		return fmt.Errorf("natsagent: asking who is there: %w", err)
	}
	tick := time.NewTicker(t.opts.Beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case m := <-msgs:
			if r, err := decode(m.Subject, m.Data); err == nil && r.Result == nil {
				t.live(ctx, fn, r)
			}
		case now := <-tick.C:
			for _, id := range t.silent(now) {
				_ = fn(ctx, subagent.Report{Event: subagent.Gone, Agent: id})
			}
		}
	}
}

// live takes one sign of life. An error of fn is ignored, because the next sign
// of life says the same.
func (t *Transport) live(ctx context.Context, fn receiver, r subagent.Report) {
	t.mu.Lock()
	_, known := t.seen[r.Agent]
	switch r.Event {
	case subagent.Gone:
		delete(t.seen, r.Agent)
	case subagent.Present:
		t.seen[r.Agent] = time.Now()
	default:
		if known {
			t.seen[r.Agent] = time.Now()
		}
	}
	t.mu.Unlock()
	if r.Event != subagent.Gone || known {
		_ = fn(ctx, r)
	}
}

// silent is called each beat. It forgets the agents that have missed three, and returns
// them.
func (t *Transport) silent(now time.Time) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heard = true
	var gone []string
	for id, at := range t.seen {
		if now.Sub(at) > 3*t.opts.Beat {
			delete(t.seen, id)
			gone = append(gone, id)
		}
	}
	return gone
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

// consumer makes the coordinator's durable consumer. It remembers over a
// restart which reports were dealt with.
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
	if err != nil || r.Event != subagent.Done && r.Event != subagent.Refused {
		_ = m.Term() // it will not become readable
		return
	}
	// After a lost acknowledgement the report comes again. Its attempt has then
	// ended, so it is ignored.
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
