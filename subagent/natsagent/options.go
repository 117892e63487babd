package natsagent

import (
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/subagent"
)

// Options configures both sides, which must agree on Prefix. Nil and the zero
// value are legal.
type Options struct {
	// Prefix begins all subjects and, in upper case, the names of streams: 1 to
	// 32 letters, digits, '-' and '_'. Default "pastime".
	Prefix string
	// Replicas is how many servers of a cluster keep each message, 1 to 5.
	// Default 1; 3 survives the death of one.
	Replicas int
	// Beat is how often an agent says that it is there; it is taken for gone
	// after three silent ones. Default 5 s, at least 100 ms.
	Beat time.Duration
	// AckWait is after how long of silence a message is delivered again.
	// Default 12 s, at least 300 ms.
	AckWait time.Duration
}

const (
	// orderAge and reportAge bound how long a message waits to be read.
	orderAge, reportAge = time.Hour, 24 * time.Hour
	// most bounds the bytes of a report: a result of the greatest size, with
	// every byte escaped.
	most = 6*subagent.MaxResult + 1<<20
)

func (o *Options) withDefaults() (Options, error) {
	var d Options
	if o != nil {
		d = *o
	}
	if d.Prefix == "" {
		d.Prefix = "pastime"
	}
	if d.Replicas == 0 {
		d.Replicas = 1
	}
	if d.Beat == 0 {
		d.Beat = 5 * time.Second
	}
	if d.AckWait == 0 {
		d.AckWait = 12 * time.Second
	}
	odd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-')
	}
	switch {
	case len(d.Prefix) > 32 || strings.ContainsFunc(d.Prefix, odd):
		return d, fmt.Errorf("natsagent: %w: Options.Prefix is %.64q, must have 1 to 32 letters, digits, '-' or '_'", hobby.ErrInvalid, d.Prefix)
	case d.Replicas < 1 || d.Replicas > 5:
		return d, fmt.Errorf("natsagent: %w: Options.Replicas is %d, must be 1 to 5", hobby.ErrInvalid, d.Replicas)
	case d.Beat < 100*time.Millisecond:
		return d, fmt.Errorf("natsagent: %w: Options.Beat is %v, must be at least 100ms", hobby.ErrInvalid, d.Beat)
	case d.AckWait < 300*time.Millisecond:
		return d, fmt.Errorf("natsagent: %w: Options.AckWait is %v, must be at least 300ms", hobby.ErrInvalid, d.AckWait)
	}
	return d, nil
}

// ConnectOptions are options for nats.Connect that suit both sides: they notice
// within ten seconds that a connection is dead, and reconnect for ever. name is
// an agent's id, or that of the coordinator; replies come to an inbox of that
// name.
func ConnectOptions(name string) []nats.Option {
	return []nats.Option{
		nats.Name(name), nats.CustomInboxPrefix(inbox(name)),
		nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true),
		nats.ReconnectWait(500 * time.Millisecond), nats.ReconnectJitter(250*time.Millisecond, 500*time.Millisecond),
		nats.PingInterval(3 * time.Second), nats.MaxPingsOutstanding(2), nats.Timeout(3 * time.Second),
	}
}
