package subagent

import "errors"

// The errors that callers tell apart, beside those of package hobby. They come
// wrapped; use [errors.Is].
var (
	// ErrUnknownAgent says that no agent is registered under an id.
	ErrUnknownAgent = errors.New("subagent: unknown agent")
	// ErrFull says that an agent, or every agent that could, has as many
	// assignments as it may.
	ErrFull = errors.New("subagent: no free place")
	// ErrIncapable says that an agent lacks a capability.
	ErrIncapable = errors.New("subagent: the agent lacks the capability")
	// ErrTooMany says that as many agents are registered as there may be, and
	// none of them is disconnected.
	ErrTooMany = errors.New("subagent: too many agents")
	// ErrUnreachable says that a transport cannot deliver to an agent now.
	ErrUnreachable = errors.New("subagent: the agent cannot be reached")
	// ErrConflict says that an assignment is in another state or attempt than
	// a transition expects; nothing was changed.
	ErrConflict = errors.New("subagent: the assignment has moved on")
)

// The causes with which a coordinator or a worker ends a run, and the reasons
// of failed attempts.
var (
	// ErrTimeout: the attempt ran longer than it may.
	ErrTimeout = errors.New("subagent: timed out")
	// ErrLost: the agent gave no sign of life for the length of its lease.
	ErrLost = errors.New("subagent: the agent gave no sign of life")
	// ErrCancelled: the coordinator has no use for the result any more.
	ErrCancelled = errors.New("subagent: cancelled")
	// ErrSuperseded: a later attempt at the same assignment has begun.
	ErrSuperseded = errors.New("subagent: superseded by a later attempt")
	// ErrUnregistered: the agent was unregistered while it worked.
	ErrUnregistered = errors.New("subagent: the agent was unregistered")
)
