package hobby

import (
	"context"
	"encoding/json"
	"time"
)

// Job is long work in named stages, such as a training or the archiving of a month.
// Its state is kept after each stage, so that another process goes on where a dead one
// was. A stage that was not kept is done again, and must stand it.
type Job struct {
	ID string `json:"id"`
	// Line names the jobs of which one is open at a time, such as "lora".
	Line   string    `json:"line"`
	Status JobStatus `json:"status"`
	// Stage is the one that is carried out now, or is next.
	Stage string `json:"stage"`
	// Input is what was asked for, and never changes; State is what the stages
	// have made so far. Both are the line's own.
	Input json.RawMessage `json:"input,omitempty"`
	State json.RawMessage `json:"state,omitempty"`
	// Version counts what was stored of the job, from 1.
	Version int `json:"version"`
	// Tries counts how often the stage was begun without being kept.
	Tries int `json:"tries"`

	Created time.Time `json:"created"`
	// Started is when the first stage began, Ended when the job ended; zero before.
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	// Cancelled says that somebody wants the job to end.
	Cancelled bool `json:"cancelled,omitempty"`
	// Err says why the job failed.
	Err string `json:"error,omitempty"`
	// Fence guards what the holder of the job commits: it is stale once another
	// process has taken the job over. Only ClaimJob and KeepJob give it.
	Fence Fence `json:"-"`
}

// JobStatus is the state of a job.
type JobStatus string

// The states of a job. It is open until it has reached one of the last three.
const (
	JobOpen      JobStatus = "open"
	JobCompleted JobStatus = "completed"
	JobFailed    JobStatus = "failed"
	JobCancelled JobStatus = "cancelled"
)

// Ended reports whether s is a final state.
func (s JobStatus) Ended() bool { return s == JobCompleted || s == JobFailed || s == JobCancelled }

// KeptJobs is how many jobs of a line a [Journal] has at most. With one a day it is
// almost three years.
const KeptJobs = 1000

// The kinds of the events of jobs. Their body is a [JobEvent].
const (
	JobCreatedEvent  = "job.created"
	JobProgressEvent = "job.progress" // a stage begins
	JobEndedEvent    = "job.ended"
)

// JobEvent is the body of a job.* event.
type JobEvent struct {
	Line   string    `json:"line"`
	Status JobStatus `json:"status"`
	Stage  string    `json:"stage"`
	Err    string    `json:"error,omitempty"`
}

// Journal keeps jobs. A store outside this module implements it to be resumable as
// the module's own are; hobbytest.TestJournal is the contract in full. An unknown id is
// ErrNotFound. All methods are safe for concurrent use, by several processes too.
type Journal interface {
	// StartJob creates an open job of j's Line at j's Stage with j's Input and
	// State, and returns it. The id is the journal's own where it is "". While a
	// job of the line is open the error is ErrBusy, and an id that exists is
	// ErrInvalid. When the line has more than KeptJobs jobs then, the first created
	// is forgotten, as if it had never been; so no journal grows for ever.
	StartJob(ctx context.Context, j Job) (Job, error)
	// ClaimJob takes an open job for this process: it counts a try, and makes
	// every earlier claim stale. While a process that is alive has it, this one
	// too, the error is ErrHeld; ErrStale says that it has ended.
	ClaimJob(ctx context.Context, id string) (Job, error)
	// KeepJob stores the Status, Stage, State and Err of a claimed job, with an
	// event where Status or Stage have changed, and returns what is stored:
	// Cancelled may be new. When Stage or State have changed, Tries begins anew.
	// A final Status ends the claim. A claim that was lost is ErrStale.
	KeepJob(ctx context.Context, j Job) (Job, error)
	// ReleaseJob gives a claimed job back, to go on later here or elsewhere; what
	// this process began of the stage counts as no try. A claim that was lost is
	// ErrStale.
	ReleaseJob(ctx context.Context, j Job) error
	// CancelJob wants an open job to end. One that nobody alive has ends at once,
	// as JobCancelled. A job that has ended stays as it is.
	CancelJob(ctx context.Context, id string) (Job, error)
	// Job reads one job.
	Job(ctx context.Context, id string) (Job, error)
	// Jobs reads jobs, the last created first.
	Jobs(ctx context.Context, f JobFilter) (JobPage, error)
}

// JobFilter selects jobs. Zero fields select all.
type JobFilter struct {
	Line string
	// Open selects those that have not ended.
	Open bool
	// Limit is clipped to [1, 1000]; 0 means 100.
	Limit int
	// Cursor continues after a JobPage's Next; anything else is ErrInvalid.
	Cursor string
}

// JobPage is a part of a listing of jobs. Next is "" at the end.
type JobPage struct {
	Jobs []Job
	Next string
}
