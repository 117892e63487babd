package subagent

import (
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Status is the state of an assignment.
type Status string

// The states. An assignment starts pending, runs, and ends in one of the last
// two. A lost attempt puts it back to pending, with a higher attempt number.
const (
	Pending   Status = "pending"
	Running   Status = "running"
	Completed Status = "completed"
	Failed    Status = "failed"
)

// Final reports whether s is a final state.
func (s Status) Final() bool { return s == Completed || s == Failed }

// Local is the Executor of what ran in the coordinator's own process.
const Local = "local"

// Assignment is a piece of practice that was given to an agent.
type Assignment struct {
	// ID is also the id of the activity that a result is recorded as.
	ID string `json:"id"`
	// Plan is what to practise. Plan.Budget.Time is the duration that was
	// asked for.
	Plan   hobby.Plan `json:"plan"`
	Status Status     `json:"status"`
	// Attempt is the number of the current attempt, from 1. A report about an
	// earlier attempt is ignored.
	Attempt int64 `json:"attempt"`
	// Agent has the assignment now, or had it last. It is "" when the
	// assignment runs in this process because no agent could take it. Executor
	// names the transport, or [Local].
	Agent    string `json:"agent,omitempty"`
	Executor string `json:"executor"`
	// Session says that a running session of this process waits for the
	// result and records it itself.
	Session bool `json:"session,omitempty"`

	Assigned time.Time `json:"assigned"`
	// Started is when the current attempt began to run, Ended when the
	// assignment reached its final state; zero before.
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	// Deadline ends the current attempt.
	Deadline time.Time `json:"deadline"`

	// Outcome is what was accepted of the result; nil unless completed, or
	// failed with something accepted.
	Outcome *Outcome `json:"outcome,omitempty"`
	// Err says why the assignment failed, or an attempt was lost.
	Err string `json:"error,omitempty"`
	// Past are the attempts that ended without a result, oldest first.
	Past []Attempt `json:"past,omitempty"`
}

// Attempt is one attempt that ended without an accepted result.
type Attempt struct {
	Attempt  int64     `json:"attempt"`
	Agent    string    `json:"agent,omitempty"`
	Executor string    `json:"executor"`
	Started  time.Time `json:"started,omitzero"`
	Ended    time.Time `json:"ended"`
	Err      string    `json:"error"`
	// Yielded says that it gave this machine back to whoever needed it. That is
	// nobody's failure, and counts as no attempt.
	Yielded bool `json:"yielded,omitempty"`
}

// Outcome is what was accepted of a result.
type Outcome struct {
	Insights []string `json:"insights,omitempty"`
	// Items and Passes count the verified answers, Refused the answers that
	// were not accepted; Reasons says why, without repetitions.
	Items   int      `json:"items"`
	Passes  int      `json:"passes"`
	Refused int      `json:"refused,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
	// Gain compares the verified answers with the earlier ones of the model that
	// gave them: nil without any, and of a model that cannot change (see
	// [hobby.Frozen]).
	Gain     *hobby.Change `json:"change,omitempty"`
	Executor string        `json:"executor"`
	Model    string        `json:"model,omitempty"`
	ModelKey string        `json:"model_key,omitempty"`
}

// Order asks an agent for one attempt at an assignment. It is JSON on every
// transport.
type Order struct {
	Assignment string `json:"assignment"`
	Attempt    int64  `json:"attempt"`
	// Agent is whom the order is for.
	Agent string `json:"agent"`
	// Plan is what to practise, without the record of how it was chosen. Its
	// seed decides the tasks.
	Plan hobby.Plan `json:"plan"`
	// Timeout is how long the attempt may take, in nanoseconds. Lease is how
	// long the agent may be silent. The agent gives a sign of life every third
	// of Lease.
	Timeout time.Duration `json:"timeout"`
	Lease   time.Duration `json:"lease"`
}

// Result is what an agent did. What it claims is checked by the coordinator.
type Result struct {
	// Err says why practice was not possible; "" when it was.
	Err string `json:"error,omitempty"`
	// Started and Ended are by the agent's clock.
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`

	Model    string          `json:"model,omitempty"`
	ModelKey string          `json:"model_key,omitempty"`
	Items    []hobby.Item    `json:"items,omitempty"`
	Insights []hobby.Insight `json:"insights,omitempty"`
	Cost     hobby.Cost      `json:"cost"`
}

// Bounds of a result. A result beyond one of them is refused as a whole.
const (
	// MaxResult is the most bytes of a result as JSON.
	MaxResult = 4 << 20
	// MaxItems and MaxInsights bound its lists.
	MaxItems    = 1000
	MaxInsights = 200
)
