package subagent

import "context"

// Transport moves orders to agents and reports back. It may lose, delay,
// duplicate and reorder both: the coordinator's leases, attempts and ledger
// make up for it. Implementations are safe for concurrent use;
// subagenttest.TestTransport is the contract in full.
type Transport interface {
	// Name is the executor of assignments that go this way, such as "http".
	Name() string
	// Reaches reports whether this transport can deliver to a, which is
	// asking to be registered: its Endpoint is of this transport's kind, or a
	// is connected. An error, hobby.ErrInvalid, refuses the registration.
	Reaches(a Agent) (bool, error)
	// Send hands an order over and does not wait for the work. Nil says that
	// the order is on its way; it may still be lost. An error, such as
	// ErrUnreachable, says that it was not sent.
	Send(ctx context.Context, to Agent, o Order) error
	// Cancel asks the agent to end an attempt, as well as it can.
	Cancel(ctx context.Context, to Agent, assignment string, attempt int64) error
	// Receive hands every report that comes in to fn until ctx ends, then it
	// returns ctx's error; another error says that the transport is broken.
	// fn may be called from several goroutines. Its error says that the
	// report was not dealt with: a transport that can, delivers it again. Only
	// one Receive is active at a time; reports that come while none is may be
	// lost.
	Receive(ctx context.Context, fn func(context.Context, Report) error) error
	// Close ends what runs and frees what the transport holds; Receive must
	// have returned. Calling it again does nothing.
	Close() error
}

// Event says what a report is about.
type Event string

// The events. Started, Alive, Done and Refused are about an attempt; Present
// and Gone about an agent that connects by itself.
const (
	// Started: the agent has begun to work.
	Started Event = "started"
	// Alive: the agent still works at it.
	Alive Event = "alive"
	// Done: the attempt has ended; Result has the work.
	Done Event = "done"
	// Refused: the agent does not take the order; Reason says why.
	Refused Event = "refused"
	// Present: the agent has connected and describes itself in Self. It is
	// registered like one that asks for it, and may be repeated.
	Present Event = "present"
	// Gone: the agent has disconnected in good order.
	Gone Event = "gone"
)

// Report is a message from an agent.
type Report struct {
	Event Event `json:"event"`
	// Agent is the sender as the transport knows it, whatever the message says.
	Agent      string  `json:"agent"`
	Assignment string  `json:"assignment,omitempty"`
	Attempt    int64   `json:"attempt,omitempty"`
	Result     *Result `json:"result,omitempty"`
	Reason     string  `json:"reason,omitempty"`
	Self       *Agent  `json:"self,omitempty"`
	// Yielded is why work in this process gave the machine back before it was
	// done: the attempt counts for nothing, and is made again. No agent elsewhere
	// can say so.
	Yielded error `json:"-"`
}

// Handler carries out an order on an agent. It returns soon after ctx ends;
// context.Cause says why it did. An error is a result with that Err; the items
// and insights of the result are kept all the same.
type Handler func(ctx context.Context, o Order) (Result, error)
