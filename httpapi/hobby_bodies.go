package httpapi

import (
	"cmp"
	"strconv"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/words"
)

// The bodies of the practice routes. Field names are the contract's.

// Activity is an activity as JSON.
type Activity struct {
	ID                 string             `json:"activity_id"`
	Kind               string             `json:"hobby_type" example:"SKILL_PRACTICE"`
	Status             string             `json:"status" enum:"running,completed,failed,interrupted"`
	StartedAt          time.Time          `json:"started_at"`
	CompletedAt        *time.Time         `json:"completed_at" doc:"null while it runs"`
	DurationSeconds    float64            `json:"duration_seconds"`
	Success            bool               `json:"success" doc:"completed, and half the answers passed or, without any, an insight was found"`
	Description        string             `json:"description"`
	Goal               string             `json:"goal"`
	Approach           string             `json:"approach"`
	InsightsGained     []string           `json:"insights_gained" nullable:"false"`
	InsightsCount      int                `json:"insights_count"`
	SkillsImproved     []string           `json:"skills_improved" nullable:"false" doc:"families with a rise that is about 99.9 % certain"`
	PerformanceMetrics map[string]float64 `json:"performance_metrics"`
	DifficultyLevel    int                `json:"difficulty_level" doc:"from 1; 0 for a kind without levels"`
	EngagementScore    *float64           `json:"engagement_score" doc:"share of the time that produced verified items; null while it runs"`
	ImprovementDelta   *float64           `json:"improvement_delta" doc:"against earlier answers; null without, or for known weights"`
	ImprovementLow     *float64           `json:"improvement_low" doc:"lower end of its 95 % interval"`
	ImprovementShown   bool               `json:"improvement_shown" doc:"a rise or a fall is about 99.9 % certain"`
	ImprovementHigh    *float64           `json:"improvement_high" doc:"upper end of its 95 % interval"`
	Family             string             `json:"family"`
	Topic              string             `json:"topic"`
	Policy             string             `json:"policy"`
	Propensity         float64            `json:"propensity"`
	Items              int                `json:"items"`
	Passes             int                `json:"passes"`
	Cut                int                `json:"cut" doc:"answers that were cut before they ended"`
	TokensIn           int64              `json:"tokens_in"`
	TokensOut          int64              `json:"tokens_out"`
	CPUSeconds         float64            `json:"cpu_seconds"`
	CostUSD            float64            `json:"cost_usd"`
	Model              *string            `json:"model"`
	ModelKey           *string            `json:"model_key" doc:"what its verified answers are counted under"`
	AdapterID          *string            `json:"adapter_id" doc:"the adapter that it practised with; null for the base"`
	Error              *string            `json:"error"`
}

func activity(a *hobby.Activity, insights []hobby.Insight, now time.Time) Activity {
	d := Activity{
		ID: a.ID, Kind: a.Plan.Kind.Upper(), Status: string(a.Status), StartedAt: a.Started.UTC(),
		DurationSeconds: a.Duration(now).Seconds(), Success: a.Success(),
		Description: a.Description, Goal: a.Goal, Approach: a.Approach,
		InsightsGained: []string{}, InsightsCount: a.Insights, SkillsImproved: a.Improved, PerformanceMetrics: a.Metrics,
		DifficultyLevel: a.Plan.Level, Family: a.Plan.Family, Topic: a.Plan.Topic,
		Policy: a.Plan.Policy, Propensity: a.Plan.Propensity, Items: a.Items, Passes: a.Passes, Cut: a.Cut,
		TokensIn: a.Cost.TokensIn, TokensOut: a.Cost.TokensOut, CPUSeconds: a.Cost.CPU.Seconds(), CostUSD: float64(a.Cost.MicroUSD) / 1e6,
		Model: optional(a.Model), ModelKey: optional(a.ModelKey), AdapterID: optional(a.Adapter), Error: optional(words.Plain(a.Err)),
	}
	d.ImprovementDelta, d.ImprovementLow, d.ImprovementHigh = change(a.Delta)
	d.ImprovementShown = a.Delta != nil && a.Delta.Certain()
	for _, i := range insights {
		d.InsightsGained = append(d.InsightsGained, i.Text)
	}
	if d.SkillsImproved == nil {
		d.SkillsImproved = []string{}
	}
	if d.PerformanceMetrics == nil {
		d.PerformanceMetrics = map[string]float64{}
	}
	if a.Status.Ended() {
		d.CompletedAt = moment(a.Ended)
		if took := a.Ended.Sub(a.Started); took > 0 {
			e := min(1, float64(a.Engaged)/float64(took))
			d.EngagementScore = &e
		}
	}
	return d
}

// optional is nil for what is not there.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// moment is a time as JSON, null when it has not come.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Item is a verified answer as JSON.
type Item struct {
	ID             string        `json:"item_id"`
	Family         string        `json:"family"`
	Level          int           `json:"level"`
	Seed           string        `json:"seed" doc:"decimal; it may not fit a double"`
	Split          string        `json:"split" enum:"practice,held_out"`
	Version        int           `json:"version" doc:"of the family; it, the family, the level and the seed make the task again"`
	Messages       []ItemMessage `json:"messages" nullable:"false"`
	Answer         string        `json:"answer"`
	Finish         string        `json:"finish" enum:",stop,length,tool_calls,content_filter" doc:"why it ended, length when it was cut"`
	Reference      string        `json:"reference"`
	Score          float64       `json:"score" minimum:"0" maximum:"1"`
	Passed         bool          `json:"passed"`
	Verifier       string        `json:"verifier"`
	Note           string        `json:"note" doc:"what is wrong with an answer that did not pass"`
	At             time.Time     `json:"at"`
	LatencySeconds float64       `json:"latency_seconds"`
	TokensIn       int           `json:"tokens_in"`
	TokensOut      int           `json:"tokens_out"`
	ModelKey       string        `json:"model_key"`
	AdapterID      *string       `json:"adapter_id" doc:"the adapter that answered; null for the base"`
	Temperature    float64       `json:"temperature" doc:"of the draw; 0 is greedy"`
	DrawSeed       string        `json:"draw_seed" doc:"that the answer was drawn with, decimal"`
	Sample         int           `json:"sample" doc:"numbers answers that were drawn to one task together, which are in no tally; else 0"`
	Source         string        `json:"source"`
}

// ItemMessage is a turn of the conversation that an item was asked in.
type ItemMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

func item(i *hobby.Item) Item {
	d := Item{
		ID: i.ID, Family: i.Family, Level: i.Level, Seed: strconv.FormatUint(i.Seed, 10), Split: string(i.Split), Version: max(1, i.Version),
		Messages: []ItemMessage{}, Answer: i.Answer, Finish: string(i.Finish), Reference: i.Reference,
		Score: i.Score, Passed: i.Passed(), Verifier: i.Verifier, Note: i.Note,
		At: i.At.UTC(), LatencySeconds: i.Latency.Seconds(), TokensIn: i.TokensIn, TokensOut: i.TokensOut, ModelKey: i.ModelKey, Source: i.Source,
		AdapterID: optional(i.Adapter), Temperature: i.Sampling.Temperature, Sample: i.Sample,
		DrawSeed: strconv.FormatUint(cmp.Or(i.DrawSeed, i.Seed), 10),
	}
	for _, m := range i.Messages {
		d.Messages = append(d.Messages, ItemMessage{string(m.Role), m.Content})
	}
	return d
}

// Insight is an insight as JSON.
type Insight struct {
	ID         string          `json:"id"`
	Timestamp  time.Time       `json:"timestamp"`
	Kind       string          `json:"hobby_type" example:"CODE_ANALYSIS"`
	Text       string          `json:"insight"`
	Topic      string          `json:"topic"`
	Confidence float64         `json:"confidence"`
	ActivityID string          `json:"activity_id"`
	Sources    []InsightSource `json:"sources" nullable:"false"`
	Tainted    bool            `json:"tainted" doc:"the text comes from a source that is not trusted"`
	Fact       bool            `json:"fact" doc:"it says no more than what the knowledge graph has of it, such as a score"`
	Accepted   *bool           `json:"accepted" doc:"whether a tainted text may be used all the same; null when nobody decided"`
}

// InsightSource is a piece of evidence as JSON.
type InsightSource struct {
	Kind    string `json:"kind" enum:"item,file,rows,url"`
	Ref     string `json:"ref"`
	Line    int    `json:"line,omitempty"`
	EndLine int    `json:"end_line,omitempty"`
}

func insight(i *hobby.Insight) Insight {
	d := Insight{
		ID: i.ID, Timestamp: i.At.UTC(), Kind: i.Kind.Upper(), Text: i.Text, Topic: i.Topic, Confidence: i.Confidence,
		ActivityID: i.Activity, Sources: []InsightSource{}, Tainted: i.Taint != hobby.Trusted, Fact: i.Fact(),
	}
	if a := i.Acceptance; a != nil {
		d.Accepted = &a.Accepted
	}
	for _, e := range i.Evidence {
		d.Sources = append(d.Sources, InsightSource{string(e.Kind), e.Ref, e.Line, e.EndLine})
	}
	return d
}

// KindProgress is what practice of a kind has achieved.
type KindProgress struct {
	Proficiency         *float64         `json:"proficiency" doc:"chance to pass, of all levels of measured families; null when unmeasured"`
	ProficiencyLow      *float64         `json:"proficiency_low" doc:"lower end of the 95 % interval"`
	ProficiencyHigh     *float64         `json:"proficiency_high" doc:"upper end of the 95 % interval"`
	Practised           *float64         `json:"practised_proficiency" doc:"of the levels that were practised; the rest is extrapolated"`
	PractisedLow        *float64         `json:"practised_proficiency_low"`
	PractisedHigh       *float64         `json:"practised_proficiency_high"`
	Items               int64            `json:"items" doc:"verified answers of what serves; with an adapter, to held-out tasks"`
	PractisedItems      int64            `json:"practised_items" doc:"the same with answers to practice tasks, which adapters learn from"`
	Model               *string          `json:"model" doc:"what serves the kind from its next session on; null without a model"`
	ModelKey            *string          `json:"model_key"`
	AdapterID           *string          `json:"adapter_id" doc:"the adapter that serves it; null for the base"`
	TimeInvestedHours   float64          `json:"time_invested_hours"`
	ActivitiesCompleted int64            `json:"activities_completed"`
	ActivitiesFailed    int64            `json:"activities_failed"`
	SuccessRate         *float64         `json:"success_rate" doc:"share of all verified answers that passed; null without any"`
	ImprovementRate     *float64         `json:"improvement_rate" doc:"proficiency per hour; null below an hour and for known weights"`
	ImprovementLow      *float64         `json:"improvement_rate_low" doc:"lower end of its 95 % interval"`
	ImprovementHigh     *float64         `json:"improvement_rate_high" doc:"upper end of its 95 % interval"`
	ImprovementShown    bool             `json:"improvement_rate_shown" doc:"a rise or a fall is about 99.9 % certain: one may look each day"`
	InsightsGained      int64            `json:"insights_gained"`
	LastActivity        *time.Time       `json:"last_activity"`
	LastVerified        *string          `json:"last_verified" doc:"UTC day of the newest verified answer"`
	Degraded            bool             `json:"degraded" doc:"its sessions keep yielding nothing, so it rests"`
	Rests               *string          `json:"rests" doc:"why it is not chosen now, such as that it yields nothing; null when it may be"`
	Families            []FamilyProgress `json:"families" nullable:"false"`
}

// FamilyProgress is the proficiency in a family of tasks.
type FamilyProgress struct {
	Family          string   `json:"family"`
	Version         int      `json:"version" doc:"counts up when the family's tasks or verdicts change"`
	OlderItems      int64    `json:"older_items" doc:"answers to other versions of the family, which count no more: it is measured anew"`
	Level           int      `json:"level" doc:"the highest open level"`
	Levels          int      `json:"levels"`
	Proficiency     *float64 `json:"proficiency"`
	ProficiencyLow  *float64 `json:"proficiency_low"`
	ProficiencyHigh *float64 `json:"proficiency_high"`
	Practised       *float64 `json:"practised_proficiency" doc:"of the levels that were practised; the rest of proficiency is extrapolated"`
	PractisedLow    *float64 `json:"practised_proficiency_low"`
	PractisedHigh   *float64 `json:"practised_proficiency_high"`
	LevelsPractised int      `json:"levels_practised"`
	Items           int64    `json:"items"`
	Passes          int64    `json:"passes"`
}

// Progress is what practice has achieved.
type Progress struct {
	TotalActivities        int64                   `json:"total_activities"`
	Hobbies                map[string]KindProgress `json:"hobbies" doc:"by upper-case name; every registered kind"`
	OverallProficiency     *float64                `json:"overall_proficiency"`
	OverallProficiencyLow  *float64                `json:"overall_proficiency_low"`
	OverallProficiencyHigh *float64                `json:"overall_proficiency_high"`
	OverallPractised       *float64                `json:"overall_practised_proficiency" doc:"of the levels that were practised"`
	OverallPractisedLow    *float64                `json:"overall_practised_proficiency_low"`
	OverallPractisedHigh   *float64                `json:"overall_practised_proficiency_high"`
	OverallEngagement      *float64                `json:"overall_engagement"`
	CurrentActivity        *Activity               `json:"current_activity"`
	IsIdle                 bool                    `json:"is_idle"`
	AsOf                   time.Time               `json:"as_of"`
}

func progress(p *hobby.Progress, sys *hobby.ManagerStatus) Progress {
	d := Progress{
		TotalActivities: p.Total, Hobbies: map[string]KindProgress{}, OverallEngagement: p.Engagement,
		IsIdle: sys.Idle, AsOf: p.AsOf.UTC(), CurrentActivity: current(sys),
	}
	d.OverallProficiency, d.OverallProficiencyLow, d.OverallProficiencyHigh = interval(p.Overall)
	d.OverallPractised, d.OverallPractisedLow, d.OverallPractisedHigh = interval(p.Practised)
	for i := range p.Kinds {
		d.Hobbies[p.Kinds[i].Kind.Upper()] = kindProgress(&p.Kinds[i])
	}
	return d
}

func kindProgress(k *hobby.KindProgress) KindProgress {
	d := KindProgress{
		Items: k.Proficiency.Estimate.Items, PractisedItems: k.Proficiency.All().Estimate.Items,
		Model: optional(k.Serving.Info.Name), ModelKey: optional(k.Serving.Info.Key), AdapterID: optional(k.Serving.Adapter),
		TimeInvestedHours: k.Count.Time.Hours(), ActivitiesCompleted: k.Count.Completed,
		ActivitiesFailed: k.Count.Failed, SuccessRate: k.SuccessRate(),
		InsightsGained: k.Count.Insights, Degraded: k.Degraded, Rests: optional(words.Plain(k.Rests)), Families: []FamilyProgress{},
	}
	d.Proficiency, d.ProficiencyLow, d.ProficiencyHigh = interval(k.Proficiency.Estimate)
	d.Practised, d.PractisedLow, d.PractisedHigh = interval(k.Proficiency.Practised)
	d.ImprovementRate, d.ImprovementLow, d.ImprovementHigh = change(k.ImprovementRate)
	d.ImprovementShown = k.ImprovementRate != nil && k.ImprovementRate.Certain()
	if k.Count.Started > 0 {
		d.LastActivity = moment(k.Count.Last)
	}
	if e := k.Proficiency.Estimate; e.Measured() {
		day := e.Last.Format(time.DateOnly)
		d.LastVerified = &day
	}
	for _, f := range k.Proficiency.Families {
		d.Families = append(d.Families, familyProgress(&f))
	}
	return d
}

func familyProgress(f *hobby.FamilyProficiency) FamilyProgress {
	d := FamilyProgress{
		Family: f.Family, Version: f.Version, OlderItems: f.Older, Level: f.Level, Levels: len(f.Levels),
		Items: f.Estimate.Items, Passes: f.Estimate.Passes,
	}
	d.Proficiency, d.ProficiencyLow, d.ProficiencyHigh = interval(f.Estimate)
	d.Practised, d.PractisedLow, d.PractisedHigh = interval(f.Practised)
	for _, l := range f.Levels {
		if l.Measured() {
			d.LevelsPractised++
		}
	}
	return d
}

// interval is an estimate's mean and interval, null when nothing was measured.
func interval(e hobby.Estimate) (mean, low, high *float64) {
	if !e.Measured() {
		return nil, nil, nil
	}
	return &e.Mean, &e.Low, &e.High
}

// change is a change's mean and interval, null when there is nothing to compare.
func change(c *hobby.Change) (mean, low, high *float64) {
	if c == nil {
		return nil, nil, nil
	}
	return &c.Mean, &c.Low, &c.High
}

// current is the activity that runs.
func current(sys *hobby.ManagerStatus) *Activity {
	if sys.Current == nil {
		return nil
	}
	a := activity(sys.Current, nil, time.Now())
	return &a
}
