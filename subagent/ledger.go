package subagent

import (
	"context"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Ledger stores assignments. A transition is a compare-and-swap on state and
// attempt: when the assignment is not in those that the transition expects,
// nothing changes and the error is ErrConflict. A transition is durable when
// its method returns, and appends an event to the store's log. An unknown id is
// hobby.ErrNotFound. Implementations are safe for concurrent use, by several
// processes too; subagenttest.TestLedger is the contract in full.
type Ledger interface {
	// Create inserts an assignment, pending or running, at its attempt. An id
	// that exists is ErrConflict.
	Create(ctx context.Context, a Assignment) error
	// Start moves it from pending to running, within the attempt.
	Start(ctx context.Context, id string, attempt int64, at time.Time) (Assignment, error)
	// Retry ends the current attempt of a pending or running assignment without
	// a result, and begins the next with the agent and times that next gives.
	// The old attempt goes to Past, unless it has no Executor, which means that
	// nobody had it.
	Retry(ctx context.Context, id string, attempt int64, next Next) (Assignment, error)
	// End moves it from running to completed or failed, or from pending to
	// failed. It commits e.Session, when there is one, in the same transaction.
	End(ctx context.Context, id string, attempt int64, e End) (Assignment, error)

	// Assignment reads one.
	Assignment(ctx context.Context, id string) (Assignment, error)
	// Assignments reads assignments, newest first.
	Assignments(ctx context.Context, f Filter) (Page, error)
	// Totals counts what ended, by agent; "" is what ran here because no
	// agent could. Pruning does not change them.
	Totals(ctx context.Context) (map[string]Totals, error)
	// Prune deletes assignments that reached a final state before a time, and
	// returns how many.
	Prune(ctx context.Context, before time.Time) (int, error)

	// Agents reads the registered agents; PutAgent adds or replaces one,
	// DropAgent removes it.
	Agents(ctx context.Context) ([]Registration, error)
	PutAgent(ctx context.Context, r Registration) error
	DropAgent(ctx context.Context, id string) error

	// The verified answers and the insights, as hobby.Store has them.
	hobby.TallyReader
	hobby.InsightReader
}

// Next is the attempt that follows one that was lost.
type Next struct {
	Agent, Executor string
	At, Deadline    time.Time
	// Err says why the attempt before ended.
	Err string
	// Blame counts the lost attempt against its agent.
	Blame bool
	// Yielded marks the attempt before as one that gave the machine back.
	Yielded bool
}

// End is the end of an assignment.
type End struct {
	Status  Status // Completed or Failed
	At      time.Time
	Outcome *Outcome
	Err     string
	// Session, when set, is the activity that the result is recorded as.
	Session *hobby.Session
}

// Registration is a registered agent.
type Registration struct {
	Agent
	// Executor names the transport that reaches it, or is [Local].
	Executor   string    `json:"executor"`
	Registered time.Time `json:"registered"`
}

// Filter selects assignments. Zero fields select all.
type Filter struct {
	Status Status
	Agent  string
	// Open selects what has not reached a final state.
	Open bool
	// Limit is clipped to [1, 1000]; 0 means 100.
	Limit int
	// Cursor continues after a Page's Next; anything else is
	// hobby.ErrInvalid.
	Cursor string
}

// Page is a part of a listing. Next is "" at the end.
type Page struct {
	Assignments []Assignment
	Next        string
}

// Totals counts the assignments that ended, by the agent that had them then,
// and the attempts that were lost by an agent's fault and made again.
type Totals struct {
	Completed, Failed, Lost int64
}

// The kinds of the events that a Ledger appends; the body is the Assignment
// after the transition. The event's version counts the transitions.
const (
	EventCreated = "assignment.created"
	EventStarted = "assignment.started"
	EventRetried = "assignment.retried"
	EventEnded   = "assignment.finished"
)
