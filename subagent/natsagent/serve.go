package natsagent

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime/subagent"
)

// flushTime bounds how long an agent that ends waits until its last message is
// sent.
const flushTime = 5 * time.Second

// Serve carries out the orders for a worker's agent until ctx ends. Running
// orders are then cancelled, and the coordinator gives them to other agents.
// The agent registers itself, and waits for a coordinator that is not there
// yet. It returns nil when ctx ended, and an error when the connection is
// closed, as it is once the server has refused the agent's credentials.
func Serve(ctx context.Context, nc *nats.Conn, w *subagent.Worker, o *Options) error {
	opts, err := o.withDefaults()
	if err != nil {
		return err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("natsagent: using JetStream: %w", err)
	}
	s := &server{nc: nc, js: js, worker: w, agent: w.Agent(), opts: opts}
	for ctx.Err() == nil {
		if err := s.serve(ctx); err != nil && ctx.Err() == nil {
			if nc.IsClosed() {
				return fmt.Errorf("natsagent: agent %s: %w", s.agent.ID, err)
			}
			// The streams are not there yet, or the server lost them.
			pause(ctx, time.Second)
		}
	}
	return nil
}

// server is an agent's side.
type server struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	worker *subagent.Worker
	agent  subagent.Agent
	opts   Options
}

// serve is Serve from finding the streams to losing them.
func (s *server) serve(ctx context.Context) error {
	consumer, err := s.find(ctx)
	if err != nil {
		return err
	}
	asked := make(chan *nats.Msg, 1) // one answer serves several questions
	who, err := s.nc.ChanSubscribe(s.opts.who(), asked)
	if err != nil {
		return fmt.Errorf("natsagent: subscribing to who is there: %w", err)
	}
	defer func() { _ = who.Unsubscribe() }()
	sub, err := s.nc.Subscribe(s.opts.cancel(s.agent.ID), func(m *nats.Msg) {
		var c cancellation
		if json.Unmarshal(m.Data, &c) == nil {
			s.worker.Cancel(c.Assignment, c.Attempt)
		}
	})
	if err != nil {
		return fmt.Errorf("natsagent: subscribing to cancellations: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.beat(gctx, asked) })
	for range s.agent.MaxConcurrent {
		g.Go(func() error { return s.place(gctx, consumer) })
	}
	return g.Wait()
}

// find makes the agent's consumer of the stream of orders, which the
// coordinator has made.
func (s *server) find(ctx context.Context) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	c, err := s.js.CreateOrUpdateConsumer(ctx, s.opts.orders(), jetstream.ConsumerConfig{
		Durable: token(s.agent.ID), FilterSubject: s.opts.order(s.agent.ID, ">"), AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: s.opts.AckWait, MaxAckPending: s.agent.MaxConcurrent, InactiveThreshold: 2 * orderAge,
	})
	if err != nil {
		return nil, fmt.Errorf("natsagent: making the consumer of %s: %w", s.opts.orders(), err)
	}
	return c, nil
}

// beat reports the agent present at every beat and when it is asked, and gone
// at the end.
func (s *server) beat(ctx context.Context, asked <-chan *nats.Msg) error {
	say := func(r subagent.Report) error {
		data, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("natsagent: describing agent %s: %w", s.agent.ID, err)
		}
		// A beat that is lost is followed by the next.
		_ = s.nc.Publish(s.opts.live(s.agent.ID), data)
		return nil
	}
	tick := time.NewTicker(s.opts.Beat)
	defer tick.Stop()
	for {
		if err := say(subagent.Report{Event: subagent.Present, Self: &s.agent}); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-asked:
		case <-ctx.Done():
			if err := say(subagent.Report{Event: subagent.Gone}); err != nil {
				return err
			}
			_ = s.nc.FlushTimeout(flushTime) // otherwise three missing beats say the same
			return context.Cause(ctx)
		}
	}
}

// place carries out orders one after the other.
func (s *server) place(ctx context.Context, c jetstream.Consumer) error {
	for ctx.Err() == nil {
		m, err := next(ctx, c)
		if err != nil {
			return err
		}
		if m != nil {
			s.carryOut(ctx, m)
		}
	}
	return context.Cause(ctx)
}

// carryOut carries out one order and acknowledges it.
func (s *server) carryOut(ctx context.Context, m jetstream.Msg) {
	var o subagent.Order
	if err := json.Unmarshal(m.Data(), &o); err != nil {
		_ = m.Term() // it will not become readable
		return
	}
	if meta, err := m.Metadata(); err == nil && o.Timeout > 0 && time.Since(meta.Timestamp) > o.Timeout {
		_ = m.Term() // nobody waits for it any more
		return
	}
	// The order's signs of life may be further apart than AckWait.
	working, done := context.WithCancel(ctx)
	defer done()
	go func() {
		tick := time.NewTicker(s.opts.AckWait / 3)
		defer tick.Stop()
		for {
			select {
			case <-working.Done():
				return
			case <-tick.C:
				_ = m.InProgress() // one lost sign does no harm
			}
		}
	}()
	s.worker.Do(ctx, o, func(r subagent.Report) { s.tell(ctx, r) })
	// A lost acknowledgement makes the order come again; its attempt is over.
	_ = m.Ack()
}

// tell sends a report. A Done or Refused is sent until the stream has it or the
// agent ends.
func (s *server) tell(ctx context.Context, r subagent.Report) {
	data, err := json.Marshal(r)
	if limit := s.nc.MaxPayload() - 1024; err == nil && r.Result != nil && int64(len(data)) > limit {
		err = fmt.Errorf("the result has %d bytes, the server takes %d", len(data), limit)
	}
	if err != nil {
		r.Result = &subagent.Result{Err: "natsagent: " + err.Error(), Started: r.Result.Started, Ended: r.Result.Ended}
		data, _ = json.Marshal(r) // strings and times can always be written
	}
	if r.Event != subagent.Done && r.Event != subagent.Refused {
		_ = s.nc.Publish(s.opts.live(s.agent.ID), data) // the next one says it again
		return
	}
	id := jetstream.WithMsgID(fmt.Sprintf("%s/%d/%s", r.Assignment, r.Attempt, r.Event))
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryTime)
		_, err := s.js.Publish(try, s.opts.report(s.agent.ID), data, id)
		cancel()
		if err == nil || ctx.Err() != nil || s.nc.IsClosed() {
			return
		}
		pause(ctx, wait)
	}
}
