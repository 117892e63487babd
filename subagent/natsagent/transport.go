package natsagent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/pastime-go/pastime/subagent"
)

// Transport is the coordinator's side. It is safe for concurrent use.
type Transport struct {
	nc   *nats.Conn
	js   jetstream.JetStream
	opts Options

	mu     sync.Mutex
	seen   map[string]time.Time // by agent; nil unless Receive is active
	heard  bool                 // Receive is active for a beat: seen has all that are connected
	closed bool
}

var _ subagent.Transport = (*Transport)(nil)

// setupTime bounds how long New waits for the server, tryTime for one answer.
const (
	setupTime = 30 * time.Second
	tryTime   = 3 * time.Second
)

// New makes the transport, and its streams unless they exist. The caller closes
// the connection, after Close.
func New(ctx context.Context, nc *nats.Conn, o *Options) (*Transport, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("natsagent: using JetStream: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, setupTime)
	defer cancel()
	t := &Transport{nc: nc, js: js, opts: opts}
	for {
		// A cluster that has just started does not answer before it has elected
		// its leader.
		try, cancel := context.WithTimeout(ctx, tryTime)
		err := t.setUp(try)
		cancel()
		var refused *jetstream.APIError
		if err == nil {
			return t, nil
		}
		if errors.As(err, &refused) && refused.Code < 500 {
			return nil, err
		}
		if pause(ctx, 250*time.Millisecond); ctx.Err() != nil {
			return nil, err
		}
	}
}

// setUp makes or updates the streams.
func (t *Transport) setUp(ctx context.Context) error {
	for _, s := range []jetstream.StreamConfig{
		{Name: t.opts.orders(), Subjects: []string{t.opts.Prefix + ".order.*.*"}, MaxAge: orderAge, Description: "what agents are to do"},
		{Name: t.opts.reports(), Subjects: []string{t.opts.Prefix + ".report.*"}, MaxAge: reportAge, Description: "what agents have done"},
	} {
		s.Retention, s.Replicas, s.Duplicates = jetstream.WorkQueuePolicy, t.opts.Replicas, 2*time.Minute
		if _, err := t.js.CreateOrUpdateStream(ctx, s); err != nil {
			return fmt.Errorf("natsagent: making the stream %s: %w", s.Name, err)
		}
	}
	return nil
}

// Name implements subagent.Transport.
func (t *Transport) Name() string { return "nats" }

// lookTime is how long an agent has to answer that it is there.
const lookTime = 500 * time.Millisecond

// Reaches implements subagent.Transport: the agent is connected.
func (t *Transport) Reaches(a subagent.Agent) (bool, error) {
	if a.Endpoint != "" {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	// An agent that cannot be asked counts as not connected.
	return t.here(ctx, a.ID) == nil, nil
}

// here returns nil when an agent is connected. Once Receive has been active for a beat, the
// transport knows that; until then it asks the agent.
func (t *Transport) here(ctx context.Context, id string) error {
	t.mu.Lock()
	closed, heard := t.closed, t.heard
	_, seen := t.seen[id]
	t.mu.Unlock()
	switch {
	case closed:
		return errors.New("the transport is closed")
	case seen:
		return nil
	case heard:
		return errors.New("it is not connected")
	}
	sub, err := t.nc.SubscribeSync(t.opts.live(id))
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := t.nc.Publish(t.opts.who(), nil); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	_, err = sub.NextMsgWithContext(ctx)
	return err
}

// Send implements subagent.Transport: nil says that the stream has the order.
func (t *Transport) Send(ctx context.Context, to subagent.Agent, o subagent.Order) error {
	if err := t.here(ctx, to.ID); err != nil {
		return fmt.Errorf("%w: %q: %w", subagent.ErrUnreachable, to.ID, err)
	}
	data, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("natsagent: writing an order: %w", err)
	}
	// The message id only saves work: an agent drops an order that it gets
	// twice.
	_, err = t.js.Publish(ctx, t.opts.order(to.ID, o.Plan.Kind), data, jetstream.WithMsgID(fmt.Sprintf("%s/%d", o.Assignment, o.Attempt)))
	if err != nil {
		return fmt.Errorf("%w: %q: storing the order: %w", subagent.ErrUnreachable, to.ID, err)
	}
	return nil
}

// cancellation asks an agent to end an attempt.
type cancellation struct {
	Assignment string `json:"assignment"`
	Attempt    int64  `json:"attempt"`
}

// Cancel implements subagent.Transport.
func (t *Transport) Cancel(_ context.Context, to subagent.Agent, assignment string, attempt int64) error {
	data, err := json.Marshal(cancellation{assignment, attempt})
	if err != nil {
		return fmt.Errorf("natsagent: writing a cancellation: %w", err)
	}
	if err := t.nc.Publish(t.opts.cancel(to.ID), data); err != nil {
		return fmt.Errorf("%w: %q: %w", subagent.ErrUnreachable, to.ID, err)
	}
	return nil
}

// Close implements subagent.Transport. The streams stay.
func (t *Transport) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	return nil
}

// decode reads a report. Its agent is the one that the subject names. A
// description of another agent is an error.
func decode(subject string, data []byte) (subagent.Report, error) {
	var r subagent.Report
	if len(data) > most {
		return r, fmt.Errorf("natsagent: a report of %d bytes, at most %d are read", len(data), most)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("natsagent: reading a report of %.128q: %w", sender(subject), err)
	}
	switch r.Event {
	case subagent.Started, subagent.Alive, subagent.Done, subagent.Refused, subagent.Gone:
		r.Self = nil
	case subagent.Present:
		if r.Self == nil || r.Self.ID != sender(subject) || r.Self.Endpoint != "" {
			return r, fmt.Errorf("natsagent: %.128q does not describe itself", sender(subject))
		}
	default:
		return r, fmt.Errorf("natsagent: a report of %.128q about %.64q", sender(subject), r.Event)
	}
	r.Agent = sender(subject)
	return r, nil
}
