package hobby

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Event is one entry of the event log, appended in the transaction of what it
// tells. The log is not the storage: an event says what changed, and is dropped
// some time after every consumer has it; see [Log].
type Event struct {
	// Pos is the position in this store's log.
	Pos Cursor `json:"pos"`
	// Node made the event. Seq counts the events of that node, from 1 without
	// gaps.
	Node  string `json:"node"`
	Seq   uint64 `json:"seq"`
	Clock HLC    `json:"clock"`
	// Kind is "domain.verb".
	Kind string `json:"kind"`
	// ID and Version name what the event is about.
	ID      string          `json:"id"`
	Version int             `json:"version"`
	Body    json.RawMessage `json:"body"`
}

// The kinds of the events that Commit and Recover append. Their body is an
// [ActivityEvent].
const (
	ActivityStarted  = "activity.started"
	ActivityProgress = "activity.progress"
	ActivityFinished = "activity.finished"
)

// SourceForgotten is the kind of the event that Forget appends. Its ID is the
// source's [SourceHash], and its body is empty. Who keeps things made of sources, also in
// files, forgets what has this hash.
const SourceForgotten = "source.forgotten"

// SourceHash names a source without telling it: the SHA-256 of its text, in
// hexadecimal digits.
func SourceHash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])
}

// ActivityEvent is what an activity.* event tells: how far the activity is now,
// the insights that this commit added, and the tallies that it changed, with
// their new values. [Event.Activity] reads it.
//
// The plan's candidates, context, budget and seed are in the stored activity
// alone. The goal, the approach, the policy and the propensity are in the first
// event of an activity alone. The rest of the Activity is whole in each. The claims
// of the insights are in the stored insights alone.
type ActivityEvent struct {
	Activity Activity  `json:"activity"`
	Insights []Insight `json:"insights,omitempty"`
	Tallies  []Tally   `json:"tallies,omitempty"`
}

// Activity reads the body of an activity.* event.
func (e *Event) Activity() (ActivityEvent, error) {
	var body ActivityEvent
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return ActivityEvent{}, fmt.Errorf("hobby: decoding event %d, %s: %w", e.Pos, e.Kind, err)
	}
	body.Complete(e)
	return body, nil
}

// Complete adds what e itself says to its decoded body.
func (b *ActivityEvent) Complete(e *Event) {
	b.Activity.ID, b.Activity.Version, b.Activity.Node = e.ID, e.Version, e.Node
	for i := range b.Insights {
		b.Insights[i].Activity = e.ID
	}
	for i := range b.Tallies {
		t := &b.Tallies[i]
		t.Agent, t.Node, t.Kind = b.Activity.Agent, e.Node, b.Activity.Plan.Kind
	}
}

// MarshalJSON leaves out what the event itself says, what its reader finds in the
// store, and what has not changed since the activity's first event. There are
// several events for each session, so they decide how fast a store grows.
func (b ActivityEvent) MarshalJSON() ([]byte, error) {
	a := &b.Activity
	t := told{
		Activity: toldActivity{
			Agent: a.Agent, Plan: toldPlan{Kind: a.Plan.Kind, Family: a.Plan.Family, Topic: a.Plan.Topic, Level: a.Plan.Level},
			Status: a.Status, Started: a.Started, Ended: a.Ended, Description: a.Description,
			Items: a.Items, Passes: a.Passes, Insights: a.Insights, Cut: a.Cut, Engaged: a.Engaged, Cost: toldCost(a.Cost),
			Model: a.Model, ModelKey: a.ModelKey, Adapter: a.Adapter, Delta: a.Delta, Improved: a.Improved, Metrics: a.Metrics,
			Origin: a.Origin, Err: a.Err,
		},
	}
	if a.Version <= 1 {
		t.Activity.Goal, t.Activity.Approach = a.Goal, a.Approach
		t.Activity.Plan.Policy, t.Activity.Plan.Propensity = a.Plan.Policy, a.Plan.Propensity
	}
	for _, i := range b.Insights {
		t.Insights = append(t.Insights, toldInsight{Insight: i})
	}
	for _, y := range b.Tallies {
		t.Tallies = append(t.Tallies, toldTally{Tally: y})
	}
	return json.Marshal(t)
}

// told is an ActivityEvent as it is stored. Its names are those of the types that
// it is read as.
type told struct {
	Activity toldActivity  `json:"activity"`
	Insights []toldInsight `json:"insights,omitempty"`
	Tallies  []toldTally   `json:"tallies,omitempty"`
}

type toldActivity struct {
	Agent       string             `json:"agent,omitempty"`
	Plan        toldPlan           `json:"plan"`
	Status      Status             `json:"status"`
	Started     time.Time          `json:"started"`
	Ended       time.Time          `json:"ended,omitzero"`
	Description string             `json:"description,omitempty"`
	Goal        string             `json:"goal,omitempty"`
	Approach    string             `json:"approach,omitempty"`
	Items       int                `json:"items,omitempty"`
	Passes      int                `json:"passes,omitempty"`
	Insights    int                `json:"insights,omitempty"`
	Cut         int                `json:"cut,omitempty"`
	Engaged     time.Duration      `json:"engaged,omitempty"`
	Cost        toldCost           `json:"cost,omitzero"`
	Model       string             `json:"model,omitempty"`
	ModelKey    string             `json:"model_key,omitempty"`
	Adapter     string             `json:"adapter,omitempty"`
	Delta       *Change            `json:"change,omitempty"`
	Improved    []string           `json:"improved,omitempty"`
	Metrics     map[string]float64 `json:"metrics,omitempty"`
	Origin      *Origin            `json:"origin,omitempty"`
	Err         string             `json:"error,omitempty"`
}

type toldPlan struct {
	Kind       Kind    `json:"kind"`
	Family     string  `json:"family,omitempty"`
	Topic      string  `json:"topic,omitempty"`
	Level      int     `json:"level,omitempty"`
	Policy     string  `json:"policy,omitempty"`
	Propensity float64 `json:"propensity,omitempty"`
}

type toldCost struct {
	TokensIn  int64         `json:"tokens_in,omitempty"`
	TokensOut int64         `json:"tokens_out,omitempty"`
	CPU       time.Duration `json:"cpu,omitempty"`
	MicroUSD  int64         `json:"micro_usd,omitempty"`
}

// toldTally is a tally without what the event and its activity have.
type toldTally struct {
	Tally
	Agent string `json:"agent,omitempty"`
	Node  string `json:"node,omitempty"`
	Kind  Kind   `json:"kind,omitempty"`
}

// toldInsight is an insight without the activity's id, which the event has, and
// without its claims, which are many and in the store.
type toldInsight struct {
	Insight
	Activity string  `json:"activity,omitempty"`
	Claims   []Claim `json:"claims,omitempty"`
}
