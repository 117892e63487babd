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
	kv   jetstream.KeyValue
	opts Options

	mu      sync.Mutex
	present map[string]bool // as the watch of Receive tells; nil without one
	closed  bool
}

var _ subagent.Transport = (*Transport)(nil)

// setupTime bounds how long New waits for the server, tryTime for one answer.
const (
	setupTime = 30 * time.Second
	tryTime   = 3 * time.Second
)

// New makes the streams and the bucket, unless they are there, and the
// transport over them. The connection stays the caller's to close, after Close.
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
		// A cluster that has just come up elects its leader first, and does not
		// answer what it is asked before.
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

// setUp makes what is not there yet.
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
	kv, err := t.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: t.opts.bucket(), Description: "who is there", TTL: 3 * t.opts.Beat, LimitMarkerTTL: time.Minute, Replicas: t.opts.Replicas, MaxValueSize: 1 << 16,
	})
	if err != nil {
		return fmt.Errorf("natsagent: making the bucket %s: %w", t.opts.bucket(), err)
	}
	t.kv = kv
	return nil
}

// Name implements subagent.Transport.
func (t *Transport) Name() string { return "nats" }

// lookTime bounds a look at who is there.
const lookTime = 3 * time.Second

// Reaches implements subagent.Transport: the agent has connected.
func (t *Transport) Reaches(a subagent.Agent) (bool, error) {
	if a.Endpoint != "" {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	ok, err := t.here(ctx, a.ID)
	if err != nil {
		// Who cannot be looked up is not connected as far as anybody knows.
		return false, nil
	}
	return ok, nil
}

// here reports whether an agent is there.
func (t *Transport) here(ctx context.Context, id string) (bool, error) {
	t.mu.Lock()
	closed, watched, ok := t.closed, t.present != nil, t.present[id]
	t.mu.Unlock()
	switch {
	case closed:
		return false, fmt.Errorf("%w: the transport is closed", subagent.ErrUnreachable)
	case watched:
		return ok, nil
	}
	_, err := t.kv.Get(ctx, token(id))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Send implements subagent.Transport: nil says that the stream has the order.
func (t *Transport) Send(ctx context.Context, to subagent.Agent, o subagent.Order) error {
	ok, err := t.here(ctx, to.ID)
	if err == nil && !ok {
		err = errors.New("it is not connected")
	}
	if err != nil {
		return fmt.Errorf("%w: %q: %w", subagent.ErrUnreachable, to.ID, err)
	}
	data, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("natsagent: writing an order: %w", err)
	}
	// The window of message ids only spares work: an agent that gets an order
	// twice drops one.
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

// Close implements subagent.Transport. Streams and bucket stay.
func (t *Transport) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	return nil
}

// decode reads a report about an attempt; the agent is the subject's.
func decode(subject string, data []byte) (subagent.Report, error) {
	var r subagent.Report
	if len(data) > most {
		return r, fmt.Errorf("natsagent: a report of %d bytes, at most %d are read", len(data), most)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("natsagent: reading a report of %.128q: %w", sender(subject), err)
	}
	switch r.Event {
	case subagent.Started, subagent.Alive, subagent.Done, subagent.Refused:
	default:
		return r, fmt.Errorf("natsagent: a report of %.128q about %.64q", sender(subject), r.Event)
	}
	r.Agent, r.Self = sender(subject), nil
	return r, nil
}
