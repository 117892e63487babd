package hobby

import (
	"time"

	"github.com/pastime-go/pastime/internal/saturate"
)

// Status is the state of an activity.
type Status string

// The states. An activity starts running and ends in one of the others.
const (
	Running     Status = "running"
	Completed   Status = "completed"
	Failed      Status = "failed"
	Interrupted Status = "interrupted"
)

// Ended reports whether s is a final state.
func (s Status) Ended() bool { return s == Completed || s == Failed || s == Interrupted }

// Activity is one practice session, without its items.
type Activity struct {
	ID string `json:"id"`
	// Version counts the commits of this activity, from 1.
	Version int    `json:"version"`
	Agent   string `json:"agent"`
	Node    string `json:"node"`
	Plan    Plan   `json:"plan"`
	Status  Status `json:"status"`

	Started time.Time `json:"started"`
	// Ended is zero while the activity runs.
	Ended time.Time `json:"ended,omitzero"`

	// Description, Goal and Approach say in a sentence each what was done.
	Description string `json:"description,omitempty"`
	Goal        string `json:"goal,omitempty"`
	Approach    string `json:"approach,omitempty"`

	// Items, Passes, Insights and Cut count what was committed so far.
	Items    int `json:"items"`
	Passes   int `json:"passes"`
	Insights int `json:"insights"`
	// Cut counts the items whose answers were cut before they ended.
	Cut int `json:"cut,omitempty"`
	// Engaged is the part of the session's time that produced verified items.
	Engaged time.Duration `json:"engaged"`
	Cost    Cost          `json:"cost"`

	// Model is the name of the model that practised; "" when none did.
	Model    string `json:"model,omitempty"`
	ModelKey string `json:"model_key,omitempty"`
	// Adapter is the name of the adapter that it practised with; "" is the base.
	Adapter string `json:"adapter,omitempty"`

	// Delta compares this activity's answers with the earlier ones of the same
	// model at the same levels: nil where there are none, and of a model that
	// cannot change (see [Frozen]). Improved names the families in which they show a
	// rise with a certainty of about 99.9 %: higher than that of Delta's interval,
	// because a host has many sessions a day.
	Delta    *Change            `json:"change,omitempty"`
	Improved []string           `json:"improved,omitempty"`
	Metrics  map[string]float64 `json:"metrics,omitempty"`

	// Origin says who practised when it was not this process.
	Origin *Origin `json:"origin,omitempty"`
	// Err says why the activity failed or was interrupted.
	Err string `json:"error,omitempty"`
}

// Duration is how long the activity ran, or has run by now.
func (a *Activity) Duration(now time.Time) time.Duration {
	end := a.Ended
	if end.IsZero() {
		end = now
	}
	return max(0, end.Sub(a.Started))
}

// Success reports whether the activity completed and showed something: at
// least half of its answers passed or, where nothing was asked, it found an
// insight.
func (a *Activity) Success() bool {
	switch {
	case a.Status != Completed:
		return false
	case a.Items > 0:
		return 2*a.Passes >= a.Items
	default:
		return a.Insights > 0
	}
}

// Origin says where an activity was practised when a sub-agent did it.
type Origin struct {
	Agent      string `json:"agent"`
	Executor   string `json:"executor"`
	Assignment string `json:"assignment"`
	Attempt    int64  `json:"attempt"`
}

// Cost is what a session used.
type Cost struct {
	TokensIn  int64 `json:"tokens_in"`
	TokensOut int64 `json:"tokens_out"`
	// CPU is the processor time of the whole process during the session; work
	// that a server did for it is not in it.
	CPU time.Duration `json:"cpu"`
	// MicroUSD is millionths of a US dollar.
	MicroUSD int64 `json:"micro_usd"`
}

// Add returns the sum of two costs. A sum that overflows becomes the nearest
// number that fits.
func (c Cost) Add(d Cost) Cost {
	return Cost{
		saturate.Add(c.TokensIn, d.TokensIn), saturate.Add(c.TokensOut, d.TokensOut),
		saturate.Add(c.CPU, d.CPU), saturate.Add(c.MicroUSD, d.MicroUSD),
	}
}

// Tokens is the number of tokens in and out together.
func (c Cost) Tokens() int64 { return saturate.Add(c.TokensIn, c.TokensOut) }

// Budget bounds one session, or all sessions of a UTC day. Zero fields are
// unbounded.
type Budget struct {
	Time     time.Duration `json:"time,omitempty"`
	Items    int           `json:"items,omitempty"`
	Tokens   int64         `json:"tokens,omitempty"`
	CPU      time.Duration `json:"cpu,omitempty"`
	MicroUSD int64         `json:"micro_usd,omitempty"`
}

// Session is an activity with what it verified: what [Store.Commit] writes
// and [Store.Activity] reads.
type Session struct {
	Activity Activity
	Items    []Item
	Insights []Insight
}
