package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/words"
	"github.com/pastime-go/pastime/subagent"
)

// RegisterRequest is the body of POST /hobby/subagents/register.
type RegisterRequest struct {
	ID            string         `json:"subagent_id" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9._-]+$" example:"rc2-coding"`
	Capabilities  []Capability   `json:"capabilities" minItems:"1" maxItems:"64" nullable:"false" doc:"kinds, or * for every kind"`
	Metadata      map[string]any `json:"metadata,omitempty" nullable:"true" doc:"the agent's own; at most 4 KiB, nested 8 deep"`
	Endpoint      string         `json:"endpoint,omitempty" nullable:"true" maxLength:"2048" doc:"absent: it connects, or is here"`
	MaxConcurrent int            `json:"max_concurrent,omitempty" nullable:"true" minimum:"1" maximum:"100" doc:"absent: the host's"`
}

// Capability is a kind, in any letter case, or "*".
type Capability string

// Schema implements [huma.SchemaProvider].
func (Capability) Schema(huma.Registry) *huma.Schema {
	most := 64
	return &huma.Schema{Type: huma.TypeString, MaxLength: &most, Pattern: `^(\*|[A-Za-z][A-Za-z0-9_]*)$`, Examples: []any{"SKILL_PRACTICE"}}
}

func kindsOf(cs []Capability) []string {
	kinds := make([]string, len(cs))
	for i, c := range cs {
		kinds[i] = string(c)
	}
	return kinds
}

// Subagent describes a registered agent.
type Subagent struct {
	ID            string         `json:"subagent_id"`
	Capabilities  []string       `json:"capabilities" nullable:"false"`
	Metadata      map[string]any `json:"metadata"`
	Endpoint      *string        `json:"endpoint"`
	MaxConcurrent int            `json:"max_concurrent"`
	Executor      string         `json:"executor" doc:"what reaches it: local for this process, or a transport's name"`
	RegisteredAt  time.Time      `json:"registered_at"`
}

func subagentOf(r *subagent.Registration) Subagent {
	d := Subagent{
		ID: r.ID, Capabilities: []string{}, Metadata: r.Metadata, Endpoint: optional(r.Endpoint), MaxConcurrent: r.MaxConcurrent,
		Executor: r.Executor, RegisteredAt: r.Registered.UTC(),
	}
	for _, c := range r.Capabilities {
		d.Capabilities = append(d.Capabilities, strings.ToUpper(c))
	}
	if d.Metadata == nil {
		d.Metadata = map[string]any{}
	}
	return d
}

// Registered is the answer of POST /hobby/subagents/register.
type Registered struct {
	Status  string `json:"status" enum:"registered"`
	Message string `json:"message"`
	Subagent
}

// Unregistered is the answer of DELETE /hobby/subagents/{subagent_id}.
type Unregistered struct {
	Status  string `json:"status" enum:"unregistered"`
	ID      string `json:"subagent_id"`
	Message string `json:"message"`
}

// SubagentStats is the answer of GET /hobby/subagents/stats.
type SubagentStats struct {
	Registered int           `json:"total_registered"`
	Active     int           `json:"total_active_assignments"`
	Waiting    int           `json:"total_waiting_assignments" doc:"those of the active ones that no agent has now"`
	Completed  int64         `json:"total_completed_assignments"`
	Failed     int64         `json:"total_failed_assignments"`
	Retries    int64         `json:"retries" doc:"attempts that were lost and made again, since the process started"`
	Fallbacks  int64         `json:"fallbacks" doc:"assignments that ran here because no agent could, since the process started"`
	Refused    int64         `json:"refused_answers" doc:"answers that were not accepted, since the process started"`
	Late       int64         `json:"late_reports" doc:"reports that came too late to matter, since the process started"`
	Queue      TimeHistogram `json:"queue_time" doc:"from an assignment's making until it ran, since the process started"`
	Run        TimeHistogram `json:"run_time" doc:"from there to its end, since the process started"`

	Subagents []SubagentLoad `json:"subagents" nullable:"false" doc:"by id"`
}

// SubagentLoad is what one agent is doing and has done.
type SubagentLoad struct {
	Subagent
	LastSeen     time.Time  `json:"last_seen"`
	Connected    bool       `json:"connected" doc:"false for an agent that connects by itself and has not"`
	RestingUntil *time.Time `json:"resting_until" doc:"it failed, and is given nothing until then"`
	Active       int        `json:"active_assignments"`
	Completed    int64      `json:"completed_assignments"`
	Failed       int64      `json:"failed_assignments"`
	Lost         int64      `json:"lost_attempts" doc:"attempts that came to nothing by its fault and were made again elsewhere"`
}

// TimeHistogram is a histogram of lengths of time.
type TimeHistogram struct {
	Count        int64     `json:"count"`
	SumSeconds   float64   `json:"sum_seconds"`
	BoundSeconds []float64 `json:"bound_seconds" nullable:"false"`
	Counts       []int64   `json:"counts" nullable:"false" doc:"by bound, those that are longer than the bound before; the last has none"`
}

func times(h *subagent.Histogram) TimeHistogram {
	d := TimeHistogram{Count: h.Count(), SumSeconds: h.Sum.Seconds(), BoundSeconds: []float64{}, Counts: h.Counts}
	for _, b := range h.Bounds {
		d.BoundSeconds = append(d.BoundSeconds, b.Seconds())
	}
	return d
}

// AssignRequest is the body of POST /hobby/assign-to-subagent.
type AssignRequest struct {
	ID       string  `json:"subagent_id" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9._-]+$" example:"rc2-coding"`
	Kind     string  `json:"hobby_type" minLength:"1" maxLength:"64" pattern:"^[A-Za-z][A-Za-z0-9_]*$" example:"SKILL_PRACTICE"`
	Duration float64 `json:"duration_minutes,omitempty" default:"10" exclusiveMinimum:"0" maximum:"60"`
}

// Assignment is an assignment as JSON.
type Assignment struct {
	ID              string              `json:"assignment_id"`
	SubagentID      *string             `json:"subagent_id" doc:"null while no agent has it, and when it ran here because none could"`
	Kind            string              `json:"hobby_type" example:"SKILL_PRACTICE"`
	Family          string              `json:"family"`
	Level           int                 `json:"difficulty_level"`
	DurationMinutes float64             `json:"duration_minutes"`
	Status          string              `json:"status" enum:"pending,running,completed,failed"`
	Attempt         int64               `json:"attempt"`
	Executor        *string             `json:"executor" doc:"what reaches the agent: local for this process, or a transport's name"`
	AssignedAt      time.Time           `json:"assigned_at"`
	StartedAt       *time.Time          `json:"started_at"`
	CompletedAt     *time.Time          `json:"completed_at"`
	Deadline        time.Time           `json:"deadline" doc:"when this attempt is given up"`
	Result          *AssignmentResult   `json:"result"`
	Error           *string             `json:"error"`
	Attempts        []AssignmentAttempt `json:"attempts" nullable:"false" doc:"the attempts before this one, oldest first"`
}

// AssignmentResult is what was accepted of an assignment's result.
type AssignmentResult struct {
	Insights        []string `json:"insights" nullable:"false"`
	ProficiencyGain *float64 `json:"proficiency_gain" doc:"against earlier answers at the same levels; null without any and for known weights"`
	GainLow         *float64 `json:"proficiency_gain_low" doc:"lower end of its 95 % interval"`
	GainShown       bool     `json:"proficiency_gain_shown" doc:"a rise or a fall is about 99.9 % certain"`
	GainHigh        *float64 `json:"proficiency_gain_high" doc:"upper end of its 95 % interval"`
	Items           int      `json:"items" doc:"verified answers"`
	Passes          int      `json:"passes"`
	Refused         int      `json:"refused" doc:"answers that were not accepted"`
	Reasons         []string `json:"refused_because" nullable:"false"`
	Executor        string   `json:"executor"`
	Model           *string  `json:"model"`
	ActivityID      *string  `json:"activity_id"`
}

// AssignmentAttempt is an attempt that came to nothing.
type AssignmentAttempt struct {
	Attempt    int64      `json:"attempt"`
	SubagentID *string    `json:"subagent_id"`
	Executor   string     `json:"executor"`
	StartedAt  *time.Time `json:"started_at"`
	EndedAt    time.Time  `json:"ended_at"`
	Error      string     `json:"error"`
}

func assignment(a *subagent.Assignment) Assignment {
	d := Assignment{
		ID: a.ID, SubagentID: optional(a.Agent), Kind: a.Plan.Kind.Upper(), Family: a.Plan.Family, Level: a.Plan.Level,
		DurationMinutes: a.Plan.Budget.Time.Minutes(), Status: string(a.Status), Attempt: a.Attempt, Executor: optional(a.Executor),
		AssignedAt: a.Assigned.UTC(), StartedAt: moment(a.Started), CompletedAt: moment(a.Ended), Deadline: a.Deadline.UTC(),
		Error: optional(words.Plain(a.Err)), Attempts: []AssignmentAttempt{},
	}
	if o := a.Outcome; o != nil {
		d.Result = &AssignmentResult{
			Insights: append([]string{}, o.Insights...), Items: o.Items, Passes: o.Passes, Refused: o.Refused,
			Reasons: append([]string{}, o.Reasons...), Executor: o.Executor, Model: optional(o.Model),
		}
		d.Result.ProficiencyGain, d.Result.GainLow, d.Result.GainHigh = change(o.Gain)
		d.Result.GainShown = o.Gain != nil && o.Gain.Certain()
		if !a.Session { // else a session of its own has it
			d.Result.ActivityID = &d.ID
		}
	}
	for _, p := range a.Past {
		d.Attempts = append(d.Attempts, AssignmentAttempt{p.Attempt, optional(p.Agent), p.Executor, moment(p.Started), p.Ended.UTC(),
			words.Plain(p.Err)})
	}
	return d
}

// Distributed is the answer of POST /hobby/distribute.
type Distributed struct {
	Status      string       `json:"status" enum:"distributed"`
	Assignments []Assignment `json:"assignments" nullable:"false"`
	Count       int          `json:"count"`
	Message     string       `json:"message"`
}

// Assignments is the answer of GET /hobby/assignments.
type Assignments struct {
	Assignments []Assignment `json:"assignments" nullable:"false" doc:"newest first"`
	Count       int          `json:"count"`
	Filter      *string      `json:"filter" doc:"the status that was asked for"`
	Next
}

// AssignmentEvent is the data of the assignment.* events.
type AssignmentEvent struct {
	Assignment Assignment `json:"assignment"`
}

// SubagentsConfig is what GET /hobby/config says of sub-agents.
type SubagentsConfig struct {
	MaxConcurrent     int      `json:"subagent_max_concurrent" doc:"assignments at a time of an agent that does not say it itself"`
	TimeoutMinutes    float64  `json:"subagent_timeout_minutes"`
	Distribute        bool     `json:"auto_distribute_enabled"`
	DistributeMinutes *float64 `json:"auto_distribute_interval_minutes,omitempty" doc:"absent when distribution is not automatic"`
}

// delegating serves the sub-agents of a coordinator.
type delegating struct{ c *subagent.Coordinator }

// Subagents is the part that gives practice to other agents. c may be nil.
func Subagents(c *subagent.Coordinator) Part {
	d := delegating{c}
	p := Part{
		Name: "subagents", Tag: "Sub-agents",
		Events: Show(func(_ *hobby.Event, a *subagent.Assignment) AssignmentEvent { return AssignmentEvent{assignment(a)} },
			subagent.EventCreated, subagent.EventStarted, subagent.EventRetried, subagent.EventEnded),
		Config: Fields(d.config),
		Errors: []Problem{
			{subagent.ErrUnknownAgent, http.StatusNotFound, "no agent of this name is registered"},
			{subagent.ErrFull, http.StatusConflict, "the agent has no free place"},
			{subagent.ErrUnreachable, http.StatusConflict, "the agent cannot be reached"},
			{subagent.ErrIncapable, http.StatusUnprocessableEntity, "the agent lacks the capability"},
			{subagent.ErrTooMany, http.StatusTooManyRequests, "there are too many agents"},
		},
		Routes: []Route{
			{Method: "POST", Path: "/subagents/register", ID: "registerSubagent",
				Summary: "Register an agent that takes assignments, or replace it", Serve: JSON(d.register)},
			{Method: "DELETE", Path: "/subagents/{subagent_id}", ID: "unregisterSubagent", Errors: []int{404}, Serve: JSON(d.unregister),
				Summary: "Unregister an agent; its work is given to another or done here"},
			{Method: "GET", Path: "/subagents/stats", ID: "getSubagentStats", Summary: "The agents, their load, and what they have done",
				Serve: JSON(d.stats)},
			{Method: "POST", Path: "/assign-to-subagent", ID: "assignToSubagent", Errors: []int{404, 409}, Serve: JSON(d.assign),
				Summary: "Give an agent practice of a kind"},
			{Method: "POST", Path: "/distribute", ID: "distribute", Summary: "Give the weakest kinds to the agents that are free",
				Serve: JSON(d.distribute)},
			{Method: "GET", Path: "/assignments", ID: "listAssignments", Summary: "The newest assignments, newest first",
				Serve: JSON(d.assignments)},
			{Method: "GET", Path: "/assignments/{assignment_id}", ID: "getAssignment", Errors: []int{404}, Serve: JSON(d.assignment),
				Summary: "One assignment, with its attempts and its result"},
		},
	}
	if c == nil {
		p.Lacks = "this program has no sub-agents"
	}
	return p
}

func (d delegating) config() SubagentsConfig {
	s := d.c.Settings()
	c := SubagentsConfig{MaxConcurrent: s.MaxConcurrent, TimeoutMinutes: s.Timeout.Minutes(), Distribute: s.DistributeEvery > 0}
	if every := s.DistributeEvery.Minutes(); c.Distribute {
		c.DistributeMinutes = &every
	}
	return c
}

func (d delegating) register(ctx context.Context, in *struct{ Body RegisterRequest }) (*Body[Registered], error) {
	r, err := d.c.Register(ctx, subagent.Agent{
		ID: in.Body.ID, Capabilities: kindsOf(in.Body.Capabilities), Metadata: in.Body.Metadata,
		Endpoint: in.Body.Endpoint, MaxConcurrent: in.Body.MaxConcurrent,
	})
	if err != nil {
		return nil, err
	}
	return &Body[Registered]{Registered{"registered", fmt.Sprintf("%s takes up to %d assignments at a time", r.ID, r.MaxConcurrent),
		subagentOf(&r)}}, nil
}

func (d delegating) unregister(ctx context.Context, in *struct {
	ID string `path:"subagent_id" maxLength:"128"`
}) (*Body[Unregistered], error) {
	if err := d.c.Unregister(ctx, in.ID); err != nil {
		return nil, err
	}
	return &Body[Unregistered]{Unregistered{"unregistered", in.ID, "what it was at is given to another agent, or done here"}}, nil
}

func (d delegating) stats(context.Context, *struct{}) (*Body[SubagentStats], error) {
	st := d.c.Stats()
	return &Body[SubagentStats]{SubagentStats{
		Registered: st.Registered, Active: st.Active, Waiting: st.Waiting, Completed: st.Completed, Failed: st.Failed,
		Retries: st.Retries, Fallbacks: st.Fallbacks, Refused: st.Refused, Late: st.Late,
		Queue: times(&st.Queue), Run: times(&st.Run), Subagents: each(st.Agents, load),
	}}, nil
}

func load(a *subagent.AgentStats) SubagentLoad {
	return SubagentLoad{
		Subagent: subagentOf(&a.Registration), LastSeen: a.Seen.UTC(), Connected: a.Connected, RestingUntil: moment(a.Resting),
		Active: a.Active, Completed: a.Completed, Failed: a.Failed, Lost: a.Lost,
	}
}

func (d delegating) assign(ctx context.Context, in *struct{ Body AssignRequest }) (*Body[Assignment], error) {
	kind, err := parseKind("body.hobby_type", in.Body.Kind)
	if err != nil {
		return nil, err
	}
	a, err := d.c.Assign(ctx, in.Body.ID, kind, time.Duration(in.Body.Duration*float64(time.Minute)))
	if err != nil {
		return nil, err
	}
	return &Body[Assignment]{assignment(&a)}, nil
}

func (d delegating) distribute(ctx context.Context, in *struct {
	Number int `query:"num_assignments" minimum:"1" maximum:"100" default:"3" doc:"how many assignments to make at most"`
}) (*distributed, error) {
	all, err := d.c.Distribute(ctx, in.Number)
	if err != nil && len(all) == 0 {
		return nil, err
	}
	message := fmt.Sprintf("%d assignments were given out", len(all))
	switch {
	case len(all) == 0:
		message = "no agent is free that can do what is practised here"
	case err == nil && len(all) < in.Number:
		message += "; no more agents are free"
	}
	return &distributed{Distributed{"distributed", each(all, assignment), len(all), message}}, err
}

// distributed is what was given out, also when not all could be: agents are at work on it.
type distributed struct{ Body Distributed }

func (d *distributed) stopped(why string) {
	d.Body.Message += ", and no more: " + why
}

func (d delegating) assignment(ctx context.Context, in *struct {
	ID string `path:"assignment_id" maxLength:"256"`
}) (*Body[Assignment], error) {
	a, err := d.c.Assignment(ctx, in.ID)
	switch {
	case errors.Is(err, hobby.ErrNotFound):
		return nil, Unknown("assignment", in.ID)
	case err != nil:
		return nil, err
	}
	return &Body[Assignment]{assignment(&a)}, nil
}

func (d delegating) assignments(ctx context.Context, in *struct {
	Status string `query:"status" enum:"pending,running,completed,failed" doc:"only in this state"`
	Agent  string `query:"subagent_id" maxLength:"128" pattern:"^[A-Za-z0-9._-]*$" doc:"only of this agent"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Paging
}) (*Body[Assignments], error) {
	page, err := d.c.Assignments(ctx, subagent.Filter{Status: subagent.Status(in.Status), Agent: in.Agent, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	return &Body[Assignments]{Assignments{each(page.Assignments, assignment), len(page.Assignments), optional(in.Status),
		next(page.Next)}}, nil
}
