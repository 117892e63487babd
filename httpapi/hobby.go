package httpapi

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/benchmark"
	"github.com/pastime-go/pastime/internal/words"
)

// SystemStatus is the answer of GET /hobby/status.
type SystemStatus struct {
	Enabled          bool       `json:"enabled"`
	Running          bool       `json:"running" doc:"practice starts by itself when the user is away"`
	IsIdle           bool       `json:"is_idle" doc:"the user has been away for the idle threshold"`
	LastInteraction  time.Time  `json:"last_interaction"`
	Resting          *string    `json:"resting" doc:"why no session would start now; null when one would"`
	NextSession      *time.Time `json:"next_session" doc:"when the next one is due if the user stays away"`
	ModelRetry       *time.Time `json:"model_retry_at" doc:"the model does not answer: when it is tried again; else null"`
	StoreError       *string    `json:"store_error" doc:"why the store cannot keep what is written; null when it can"`
	Model            *string    `json:"model" doc:"the name that the model last told of itself"`
	ModelKey         *string    `json:"model_key" doc:"what its verified answers are counted under"`
	CurrentActivity  *Activity  `json:"current_activity"`
	Budget           Budget     `json:"budget"`
	Progress         Progress   `json:"progress"`
	RecentActivities []Activity `json:"recent_activities" nullable:"false" doc:"newest last"`
	Slots            []Slot     `json:"slots" nullable:"false" doc:"the work on schedules, by name"`
}

// Slot is what is known of work on a schedule.
type Slot struct {
	Name    string     `json:"name"`
	Settled time.Time  `json:"settled_at" doc:"when the newest run that has ended was due, or the schedule began"`
	Error   *string    `json:"error" doc:"why the last run that ended has failed; null when it did not"`
	Due     *time.Time `json:"due_at" doc:"the run that goes on, or is to be tried again; else null"`
	Tries   int        `json:"tries" doc:"how often that run was begun"`
}

func slot(s *hobby.SlotState) Slot {
	return Slot{s.Name, s.Settled.UTC(), optional(words.Plain(s.Err)), moment(s.Due), s.Tries}
}

// Budget is what may be used on a UTC day, and what was.
type Budget struct {
	Limit Spending `json:"limit" doc:"null fields are unbounded"`
	Used  Spending `json:"used"`
}

// Spending is an amount of everything that practice uses.
type Spending struct {
	TimeSeconds *float64 `json:"time_seconds"`
	Items       *int     `json:"items"`
	Tokens      *int64   `json:"tokens"`
	CPUSeconds  *float64 `json:"cpu_seconds"`
	USD         *float64 `json:"usd"`
}

// spending shows a budget; with unbounded, zero fields are null.
func spending(b hobby.Budget, unbounded bool) Spending {
	t, cpu, usd := b.Time.Seconds(), b.CPU.Seconds(), float64(b.MicroUSD)/1e6
	return Spending{
		TimeSeconds: shown(t, unbounded), Items: shown(b.Items, unbounded), Tokens: shown(b.Tokens, unbounded),
		CPUSeconds: shown(cpu, unbounded), USD: shown(usd, unbounded),
	}
}

func shown[T int | int64 | float64](v T, zeroIsNull bool) *T {
	if v == 0 && zeroIsNull {
		return nil
	}
	return &v
}

// HobbyConfig is what GET /hobby/config says of practice.
type HobbyConfig struct {
	Agent                   string          `json:"agent"`
	Enabled                 bool            `json:"enabled"`
	IntervalMinutes         float64         `json:"interval_minutes"`
	IdleThresholdMinutes    float64         `json:"idle_threshold_minutes"`
	MaxHobbyDurationMinutes float64         `json:"max_hobby_duration_minutes"`
	HobbiesEnabled          map[string]bool `json:"hobbies_enabled"`
	FocusOnWeaknesses       bool            `json:"focus_on_weaknesses"`
	VarietyFactor           float64         `json:"variety_factor"`
	IntensityLevel          float64         `json:"intensity_level"`
	DailyBudget             Spending        `json:"daily_budget"`
}

// HobbyType describes a registered kind.
type HobbyType struct {
	Name        string `json:"name" example:"SKILL_PRACTICE"`
	Description string `json:"description"`
	Enabled     bool   `json:"enabled"`
	NeedsModel  bool   `json:"needs_model"`
}

// HobbyTypes is the answer of GET /hobby/hobby-types.
type HobbyTypes struct {
	HobbyTypes []HobbyType `json:"hobby_types" nullable:"false"`
}

// Done says that a control did what it should.
type Done struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

// Stopped is the answer of POST /hobby/stop.
type Stopped struct {
	Status  string   `json:"status"`
	Message string   `json:"message"`
	Ended   []string `json:"ended" nullable:"false" doc:"what worked in this process and was ended: the session, assignments"`
}

// RunRequest is the body of POST /hobby/run.
type RunRequest struct {
	Kind string `json:"hobby_type,omitempty" maxLength:"64" pattern:"^[A-Za-z][A-Za-z0-9_]*$" nullable:"true" doc:"absent: any"`
}

const recent = 10 // activities in the status

// practising serves practice: the manager and its store.
type practising struct {
	m     *hobby.Manager
	names *modelNames
}

// Hobby is the part that practises: status, progress, controls, activities,
// insights, events, and what the host has configured. m may be nil.
func Hobby(m *hobby.Manager) Part {
	h := practising{m, &modelNames{}}
	p := Part{
		Name: "hobby", Tag: "System",
		Events: append(Show(activityEvent, hobby.ActivityStarted, hobby.ActivityProgress, hobby.ActivityFinished),
			Show(regression, benchmark.RegressedEvent)...),
		Config: Fields(h.config),
		Routes: []Route{
			{Method: "GET", Path: "/status", ID: "getStatus", Summary: "What the agent is doing", Serve: JSON(h.status)},
			{Method: "GET", Path: "/now", ID: "getNow", Summary: "What the running session is at: the question, and the answer as it comes",
				Serve: JSON(h.now)},
			{Method: "GET", Path: "/progress", ID: "getProgress", Summary: "What practice has achieved", Serve: JSON(h.progress)},
			{Method: "GET", Path: "/hobby-types", ID: "listHobbyTypes", Summary: "The registered kinds of hobby", Serve: JSON(h.types)},
			{Method: "POST", Path: "/start", ID: "start", Summary: "Let practice begin by itself", Serve: JSON(h.start)},
			{Method: "POST", Path: "/stop", ID: "stop", Summary: "Stop practising; answered once the running session is stored",
				Serve: JSON(h.stop)},
			{Method: "POST", Path: "/interaction", ID: "interaction", Summary: "The user is here: practice yields", Serve: JSON(h.interaction)},
			{Method: "POST", Path: "/run", ID: "run", Summary: "Practise once, now", Status: 202, Errors: []int{409}, Serve: JSON(h.run)},
			{Method: "GET", Path: "/healthz", ID: "healthz", Summary: "Whether the store answers and keeps what is written", Serve: JSON(h.health)},
			{Method: "GET", Path: "/activities", ID: "listActivities", Tag: "Activities", Summary: "The newest activities, newest last",
				Serve: JSON(h.activities)},
			{Method: "GET", Path: "/activities/{activity_id}", ID: "getActivity", Tag: "Activities", Summary: "One activity with its verified items",
				Errors: []int{404}, Serve: JSON(h.activity)},
			{Method: "GET", Path: "/items", ID: "listItems", Tag: "Activities", Summary: "Verified answers of all sessions, newest first",
				Serve: JSON(h.items)},
			{Method: "GET", Path: "/curve", ID: "getCurve", Tag: "Skills", Summary: "Proficiency over time, of a kind or of a family of tasks",
				Errors: []int{404}, Serve: JSON(h.curve)},
			{Method: "GET", Path: "/skills/{hobby_type}/{family}", ID: "getSkill", Tag: "Skills", Summary: "A family of tasks, level by level",
				Errors: []int{404}, Serve: JSON(h.skill)},
			{Method: "GET", Path: "/insights", ID: "listInsights", Tag: "Activities", Summary: "The newest insights with their evidence",
				Serve: JSON(h.insights)},
			{Method: "GET", Path: "/benchmark", ID: "listBenchmarkRuns", Tag: "Activities",
				Summary: "What each model passed of each day's benchmark", Serve: JSON(h.benchmark)},
			{Method: "GET", Path: "/insights/digest", ID: "digestInsights", Tag: "Activities",
				Summary: "The newest insights folded by what causes them, what is worth reading first", Serve: JSON(h.digest)},
			{Method: "GET", Path: "/events", ID: "events", Tag: "Activities", Summary: "Server-sent events: what happens, as it happens",
				Errors: []int{400}, Serve: events(m)},
		},
	}
	if m == nil {
		p.Lacks = "this program does not practise"
	}
	return p
}

func (h practising) status(ctx context.Context, _ *struct{}) (*Body[SystemStatus], error) {
	sys, err := h.m.Status(ctx)
	if err != nil {
		return nil, err
	}
	p, err := h.m.Progress(ctx)
	if err != nil {
		return nil, err
	}
	last, _, err := h.list(ctx, hobby.Filter{Limit: recent}, nil)
	if err != nil {
		return nil, err
	}
	slots, err := h.m.Store().Slots(ctx)
	if err != nil {
		return nil, err
	}
	return &Body[SystemStatus]{SystemStatus{
		Enabled: sys.Enabled, Running: sys.Running, IsIdle: sys.Idle, LastInteraction: sys.LastTouch.UTC(), Resting: optional(sys.Resting),
		NextSession: moment(sys.Next), ModelRetry: moment(sys.ModelRetry), Model: optional(sys.Model.Name), ModelKey: optional(sys.Model.Key),
		StoreError: trouble(sys.Storage), CurrentActivity: current(&sys), Progress: progress(&p, &sys),
		Budget: Budget{spending(sys.Daily, true), spending(sys.Used, false)}, RecentActivities: last,
		Slots: each(slots, slot),
	}}, nil
}

// Now is the answer of GET /hobby/now. Nothing of it is verified or stored.
type Now struct {
	ActivityID *string `json:"activity_id" doc:"null when no session runs"`
	What       *string `json:"what" doc:"what an analysis is at"`
	Items      int     `json:"items" doc:"verified answers so far"`
	Of         *int    `json:"of" doc:"how many the session is to have; null when that is open"`
	Question   *string `json:"question" doc:"the last one that the model was asked"`
	Answer     *string `json:"answer" doc:"what it has said so far; heard while somebody asks this every few seconds"`
	Beside     int     `json:"beside" doc:"how many other questions the model answers at the same time"`
}

func (h practising) now(context.Context, *struct{}) (*Body[Now], error) {
	d := h.m.Doing()
	return &Body[Now]{Now{
		optional(d.Activity), optional(d.What), d.Items, shown(d.Of, true), optional(d.Question), optional(d.Answer), d.Beside,
	}}, nil
}

// trouble is an error of the store in words for people.
func trouble(err error) *string {
	if err == nil {
		return nil
	}
	for _, p := range common {
		if errors.Is(err, p.Err) {
			return optional(p.words(err))
		}
	}
	return optional(words.Plain(err.Error()))
}

func (h practising) progress(ctx context.Context, _ *struct{}) (*Body[Progress], error) {
	sys, err := h.m.Status(ctx)
	if err != nil {
		return nil, err
	}
	p, err := h.m.Progress(ctx)
	if err != nil {
		return nil, err
	}
	return &Body[Progress]{progress(&p, &sys)}, nil
}

func (h practising) config() HobbyConfig {
	c := h.m.Settings()
	d := HobbyConfig{
		Agent: c.Agent, Enabled: c.Enabled,
		IntervalMinutes: c.Interval.Minutes(), IdleThresholdMinutes: c.IdleThreshold.Minutes(), MaxHobbyDurationMinutes: c.MaxDuration.Minutes(),
		HobbiesEnabled: map[string]bool{}, FocusOnWeaknesses: c.Knobs.FocusOnWeaknesses,
		VarietyFactor: c.Knobs.Variety, IntensityLevel: c.Knobs.Intensity, DailyBudget: spending(c.Daily, true),
	}
	for _, k := range c.Kinds {
		d.HobbiesEnabled[k.Kind.Upper()] = k.Enabled
	}
	return d
}

func (h practising) types(context.Context, *struct{}) (*Body[HobbyTypes], error) {
	return &Body[HobbyTypes]{HobbyTypes{each(h.m.Settings().Kinds, func(k *hobby.KindSetting) HobbyType {
		return HobbyType{k.Kind.Upper(), k.Description, k.Enabled, k.NeedsModel}
	})}}, nil
}

func (h practising) start(context.Context, *struct{}) (*Body[Done], error) {
	h.m.Resume()
	return &Body[Done]{Done{"started", "practice begins when the user is away"}}, nil
}

func (h practising) stop(ctx context.Context, _ *struct{}) (*Body[Stopped], error) {
	ended, err := h.m.Pause(ctx)
	if err != nil {
		return nil, err
	}
	what := "nothing was practised in this program"
	if len(ended) > 0 {
		what = "ended: " + strings.Join(ended, ", ")
	}
	return &Body[Stopped]{Stopped{"stopped", what + "; nothing begins by itself until POST /hobby/start", append([]string{}, ended...)}}, nil
}

func (h practising) interaction(context.Context, *struct{}) (*Body[Done], error) {
	h.m.Touch()
	return &Body[Done]{Done{"noted", "practice yields to the user"}}, nil
}

func (h practising) run(ctx context.Context, in *struct {
	Body *RunRequest `required:"false"`
}) (*Body[Activity], error) {
	var kind hobby.Kind
	if in.Body != nil {
		var err error
		if kind, err = parseKind("body.hobby_type", in.Body.Kind); err != nil {
			return nil, err
		}
	}
	if kinds := h.kinds(); kind != "" && !slices.Contains(kinds, kind.Upper()) {
		return nil, unknownKind("body.hobby_type", kind, kinds)
	}
	a, err := h.m.Request(ctx, kind)
	if err != nil {
		return nil, err
	}
	return &Body[Activity]{activity(&a, nil, time.Now())}, nil
}

// kinds are the names of the registered kinds.
func (h practising) kinds() []string {
	return each(h.m.Settings().Kinds, func(k *hobby.KindSetting) string { return k.Kind.Upper() })
}

// Health is the answer of GET /hobby/healthz.
type Health struct {
	Status string `json:"status" enum:"ok"`
	Node   string `json:"node"`
}

func (h practising) health(ctx context.Context, _ *struct{}) (*Body[Health], error) {
	store := h.m.Store()
	if err := store.Check(ctx); err != nil {
		return nil, err
	}
	if _, err := store.Head(ctx); err != nil {
		return nil, err
	}
	return &Body[Health]{Health{"ok", store.Node()}}, nil
}
