package httpapi

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/hobby"
)

func formatSeed(s uint64) string { return strconv.FormatUint(s, 10) }

// Status is the answer of GET /hobby/status.
type Status struct {
	Enabled          bool       `json:"enabled"`
	Running          bool       `json:"running" doc:"practice starts of its own accord when the user is away"`
	IsIdle           bool       `json:"is_idle" doc:"the user has been away for the idle threshold"`
	LastInteraction  time.Time  `json:"last_interaction"`
	Resting          *string    `json:"resting" doc:"why no session would start now; null when one would"`
	NextSession      *time.Time `json:"next_session" doc:"when the next one is due if the user stays away"`
	Model            *string    `json:"model" doc:"the name that the model last told of itself"`
	ModelKey         *string    `json:"model_key" doc:"what its verified answers are counted under"`
	CurrentActivity  *Activity  `json:"current_activity"`
	Budget           Budget     `json:"budget"`
	Progress         Progress   `json:"progress"`
	RecentActivities []Activity `json:"recent_activities" nullable:"false" doc:"newest last"`
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

// Config is the answer of GET /hobby/config.
type Config struct {
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
	MetricsCacheSeconds     *float64        `json:"metrics_cache_seconds,omitempty" doc:"how long a reading of the metrics is served; 0 when each request reads"`
	MetricsScrapeInterval   *string         `json:"metrics_scrape_interval,omitempty" example:"30s" doc:"how often a scraper should come"`
	SubagentMaxConcurrent   *int            `json:"subagent_max_concurrent,omitempty" doc:"assignments at a time of an agent that does not say it itself"`
	SubagentTimeoutMinutes  *float64        `json:"subagent_timeout_minutes,omitempty"`
	AutoDistribute          *bool           `json:"auto_distribute_enabled,omitempty"`
	AutoDistributeMinutes   *float64        `json:"auto_distribute_interval_minutes,omitempty" doc:"absent when distribution is not automatic"`
	Routes                  []string        `json:"routes" nullable:"false" doc:"the paths that this host serves; a part that is not configured has none"`
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

// body is a response with a body and nothing else.
type body[T any] struct{ Body T }

// RunRequest is the body of POST /hobby/run.
type RunRequest struct {
	Kind string `json:"hobby_type,omitempty" maxLength:"64" pattern:"^[A-Za-z][A-Za-z0-9_]*$" nullable:"true" example:"SKILL_PRACTICE" doc:"any letter case; left out, the policy chooses"`
}

const recent = 10 // activities in the status

func (s *server) base() {
	const tag = "System"
	huma.Register(s.api, operation(http.MethodGet, "/status", "getStatus", "What the agent is doing", tag), s.getStatus)
	huma.Register(s.api, operation(http.MethodGet, "/progress", "getProgress", "What practice has achieved", tag), s.getProgress)
	huma.Register(s.api, operation(http.MethodGet, "/config", "getConfig", "The configuration in force", tag), s.getConfig)
	huma.Register(s.api, operation(http.MethodGet, "/hobby-types", "listHobbyTypes", "The registered kinds of hobby", tag), s.listHobbyTypes)
	huma.Register(s.api, operation(http.MethodPost, "/start", "start", "Practise of its own accord", tag), s.start)
	huma.Register(s.api, operation(http.MethodPost, "/stop", "stop", "Stop practising; answered once the running session is stored", tag), s.stop)
	huma.Register(s.api, operation(http.MethodPost, "/interaction", "interaction", "The user is here: practice yields", tag), s.interaction)
	run := operation(http.MethodPost, "/run", "run", "Practise once, now", tag, http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	run.DefaultStatus = http.StatusAccepted
	huma.Register(s.api, run, s.run)
	health := operation(http.MethodGet, "/healthz", "healthz", "Whether the store answers", tag)
	huma.Register(s.api, health, s.healthz)
}

func (s *server) getStatus(ctx context.Context, _ *struct{}) (*body[Status], error) {
	m := s.parts.Hobby
	sys, err := m.Status(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	p, err := m.Progress(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	last, err := s.list(ctx, hobby.Filter{Limit: recent})
	if err != nil {
		return nil, s.fail(err)
	}
	d := Status{
		Enabled: sys.Enabled, Running: sys.Running, IsIdle: sys.Idle, LastInteraction: sys.LastTouch.UTC(), Resting: optional(sys.Resting),
		Model: optional(sys.Model.Name), ModelKey: optional(sys.Model.Key), CurrentActivity: current(&sys), Progress: progress(&p, &sys),
		Budget: Budget{spending(sys.Daily, true), spending(sys.Used, false)}, RecentActivities: last.newestLast(),
	}
	if !sys.Next.IsZero() {
		next := sys.Next.UTC()
		d.NextSession = &next
	}
	return &body[Status]{d}, nil
}

func (s *server) getProgress(ctx context.Context, _ *struct{}) (*body[Progress], error) {
	sys, err := s.parts.Hobby.Status(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	p, err := s.parts.Hobby.Progress(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	return &body[Progress]{progress(&p, &sys)}, nil
}

func (s *server) getConfig(context.Context, *struct{}) (*body[Config], error) {
	c := s.parts.Hobby.Settings()
	d := Config{
		Agent: c.Agent, Enabled: c.Enabled,
		IntervalMinutes: c.Interval.Minutes(), IdleThresholdMinutes: c.IdleThreshold.Minutes(), MaxHobbyDurationMinutes: c.MaxDuration.Minutes(),
		HobbiesEnabled: map[string]bool{}, FocusOnWeaknesses: c.Knobs.FocusOnWeaknesses,
		VarietyFactor: c.Knobs.Variety, IntensityLevel: c.Knobs.Intensity, DailyBudget: spending(c.Daily, true),
		Routes: slices.Sorted(maps.Keys(s.api.OpenAPI().Paths)),
	}
	if m := s.parts.Metrics; m != nil {
		o := m.Settings()
		cache, every := max(0, o.Cache.Seconds()), o.ScrapeInterval.String()
		d.MetricsCacheSeconds, d.MetricsScrapeInterval = &cache, &every
	}
	if s.parts.Subagents != nil {
		f := s.parts.Subagents.Settings()
		timeout, automatic := f.Timeout.Minutes(), f.DistributeEvery > 0
		d.SubagentMaxConcurrent, d.SubagentTimeoutMinutes, d.AutoDistribute = &f.MaxConcurrent, &timeout, &automatic
		if every := f.DistributeEvery.Minutes(); automatic {
			d.AutoDistributeMinutes = &every
		}
	}
	for _, k := range c.Kinds {
		d.HobbiesEnabled[k.Kind.Upper()] = k.Enabled
	}
	return &body[Config]{d}, nil
}

func (s *server) listHobbyTypes(context.Context, *struct{}) (*body[HobbyTypes], error) {
	d := HobbyTypes{[]HobbyType{}}
	for _, k := range s.parts.Hobby.Settings().Kinds {
		d.HobbyTypes = append(d.HobbyTypes, HobbyType{k.Kind.Upper(), k.Description, k.Enabled, k.NeedsModel})
	}
	return &body[HobbyTypes]{d}, nil
}

func (s *server) start(context.Context, *struct{}) (*body[Done], error) {
	s.parts.Hobby.Resume()
	return &body[Done]{Done{"started", "practice begins when the user is away"}}, nil
}

func (s *server) stop(ctx context.Context, _ *struct{}) (*body[Done], error) {
	if err := s.parts.Hobby.Pause(ctx); err != nil {
		return nil, s.fail(err)
	}
	return &body[Done]{Done{"stopped", "no session runs, and none starts until POST /hobby/start"}}, nil
}

func (s *server) interaction(context.Context, *struct{}) (*body[Done], error) {
	s.parts.Hobby.Touch()
	return &body[Done]{Done{"noted", "practice yields to the user"}}, nil
}

func (s *server) run(ctx context.Context, in *struct {
	Body *RunRequest `required:"false"`
}) (*body[Activity], error) {
	var kind hobby.Kind
	if in.Body != nil && in.Body.Kind != "" {
		var err error
		if kind, err = hobby.ParseKind(in.Body.Kind); err == nil && !slices.ContainsFunc(s.parts.Hobby.Settings().Kinds, func(k hobby.KindSetting) bool { return k.Kind == kind }) {
			err = hobby.ErrUnknownKind
		}
		if err != nil {
			return nil, huma.Error422UnprocessableEntity("validation failed", &huma.ErrorDetail{Location: "body.hobby_type", Message: err.Error(), Value: clip(in.Body.Kind)})
		}
	}
	a, err := s.parts.Hobby.Request(ctx, kind)
	if err != nil {
		return nil, s.fail(err)
	}
	return &body[Activity]{activity(&a, nil, time.Now())}, nil
}

// Health is the answer of GET /hobby/healthz.
type Health struct {
	Status string `json:"status" enum:"ok"`
	Node   string `json:"node"`
}

func (s *server) healthz(ctx context.Context, _ *struct{}) (*body[Health], error) {
	store := s.parts.Hobby.Store()
	if _, err := store.Head(ctx); err != nil {
		return nil, s.fail(err)
	}
	return &body[Health]{Health{"ok", store.Node()}}, nil
}
