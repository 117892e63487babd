package httpapi

import (
	"math"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/words"
	"github.com/pastime-go/pastime/lora"
)

// TrainRequest is the body of POST /hobby/lora/train. What is absent comes from the
// recipe of the base model, which the job then shows.
type TrainRequest struct {
	DaysBack     *int     `json:"days_back,omitempty" minimum:"1" maximum:"36500" doc:"of practice whose answers are learned from; default 30"`
	MinQuality   *float64 `json:"min_quality,omitempty" minimum:"0" maximum:"1" doc:"least quality of a learned insight; default 0.6"`
	ModelName    string   `json:"model_name,omitempty" maxLength:"256" doc:"the base model; another one than this program's is refused"`
	Kind         string   `json:"hobby_type,omitempty" maxLength:"64" pattern:"^([A-Za-z][A-Za-z0-9_]*)?$" doc:"default: trained longest ago"`
	Epochs       int      `json:"num_epochs,omitempty" minimum:"1" maximum:"1000"`
	LearningRate float64  `json:"learning_rate,omitempty" exclusiveMinimum:"0" maximum:"10"`
	Rank         int      `json:"rank,omitempty" minimum:"1" maximum:"256"`
	Alpha        float64  `json:"alpha,omitempty" exclusiveMinimum:"0" maximum:"1000000"`
	BatchSize    int      `json:"batch_size,omitempty" minimum:"1" maximum:"1000000"`
	MaxLength    int      `json:"max_seq_length,omitempty" minimum:"1" maximum:"10000000"`
	Seed         uint64   `json:"seed,omitempty"`
	Whole        bool     `json:"whole,omitempty" doc:"train nothing: try the newest champion of a kind for the agent as a whole"`
}

// TrainStarted is the answer of POST /hobby/lora/train.
type TrainStarted struct {
	Status string      `json:"status" enum:"started"`
	Job    LoraJob     `json:"job"`
	Data   LoraDataset `json:"data_stats" doc:"what practice has so far; each round of the job draws more"`
}

// LoraJob is a training with all that belongs to it.
type LoraJob struct {
	ID          string        `json:"job_id"`
	Status      string        `json:"status" enum:"pending,preparing_data,training,evaluating,completed,failed,cancelled"`
	Stage       string        `json:"stage" doc:"what it is at, more exactly than status"`
	Round       int           `json:"round" doc:"rounds of sampling that are done"`
	Kind        string        `json:"hobby_type"`
	BaseModel   *string       `json:"base_model"`
	BaseHash    *string       `json:"base_hash"`
	Examples    *int          `json:"num_examples" doc:"of all rounds; null before any was sampled"`
	Progress    *LoraProgress `json:"progress" doc:"of the training that runs in this process; else null"`
	Trial       *Comparison   `json:"trial" doc:"the trial that runs in this process; else null"`
	CreatedAt   time.Time     `json:"created_at"`
	StartedAt   *time.Time    `json:"started_at"`
	CompletedAt *time.Time    `json:"completed_at"`
	Error       *string       `json:"error"`
	Dataset     LoraDataset   `json:"dataset"`
	Levels      []LoraLevel   `json:"levels" nullable:"false" doc:"that it chose to practise, and what became of them"`
	Recipe      *lora.Recipe  `json:"recipe" doc:"the values in use; null before the job began"`
	AdapterID   *string       `json:"adapter_id"`
	Verdict     *string       `json:"verdict" enum:"promote,rollback,futile,inconclusive"`
	Reason      *string       `json:"reason" doc:"why it ended so"`
	Deployed    bool          `json:"deployed" doc:"its adapter was promoted and served"`
}

// LoraProgress is how far a training is.
type LoraProgress struct {
	Step            int      `json:"step"`
	Total           int      `json:"total_steps"`
	Loss            float64  `json:"loss" doc:"of this step, in nats for each token"`
	ValidationLoss  *float64 `json:"validation_loss"`
	TokensPerSecond float64  `json:"tokens_per_second"`
	ETA             float64  `json:"eta_seconds"`
}

// LoraDataset is what was learned, of all rounds together.
type LoraDataset struct {
	Candidates *int           `json:"candidates" doc:"answers that were looked at"`
	Train      *int           `json:"train"`
	Eval       *int           `json:"eval"`
	Dropped    map[string]int `json:"dropped_by_rule"`
	Digest     *string        `json:"digest" doc:"of the last round"`
}

// LoraLevel is a level that a job practised.
type LoraLevel struct {
	Family  string  `json:"family"`
	Level   int     `json:"level"`
	Base    float64 `json:"base" doc:"share of right answers to practice tasks, of the base"`
	Now     float64 `json:"now" doc:"the same of what is trained"`
	Dropped bool    `json:"dropped" doc:"a round did not move it"`
}

func loraJob(r *lora.Run) LoraJob {
	j, s := &r.Job, &r.State
	d := LoraJob{
		ID: j.ID, Status: loraStatus(r), Stage: j.Stage, Round: len(s.Rounds), Kind: r.Request.Kind.Upper(),
		BaseModel: optional(s.BaseModel), BaseHash: optional(s.Base), CreatedAt: j.Created.UTC(), StartedAt: moment(j.Started),
		CompletedAt: moment(j.Ended), Error: optional(words.Plain(j.Err)), Dataset: loraDataset(s), Levels: []LoraLevel{},
		AdapterID: optional(s.Version), Verdict: optional(string(s.Verdict)), Reason: optional(s.Reason), Deployed: s.Deployed,
	}
	if s.Base != "" {
		d.Recipe = &s.Recipe
	}
	d.Examples = d.Dataset.Train
	for _, l := range s.Levels {
		if l.Chosen {
			d.Levels = append(d.Levels, LoraLevel{l.Family, l.Level.Level, l.Base, l.Now, l.Dropped})
		}
	}
	if p := r.Progress.Step; p != nil && !j.Status.Ended() {
		d.Progress = &LoraProgress{p.Step, p.Total, p.Loss, p.Validation, p.TokensPerSecond, p.Left.Seconds()}
	}
	if t := r.Progress.Trial; t != nil && !j.Status.Ended() {
		c := comparison(t, nil)
		d.Trial = &c
	}
	return d
}

// loraStatus has the specification's word for what a job is at.
func loraStatus(r *lora.Run) string {
	j := &r.Job
	switch {
	case j.Status.Ended():
		return string(j.Status)
	case j.Started.IsZero(), r.Waits():
		return "pending"
	}
	switch j.Stage {
	case lora.StageChoose, lora.StageSample:
		return "preparing_data"
	case lora.StageTrain, lora.StageMeasure:
		return "training"
	}
	return "evaluating"
}

func loraDataset(s *lora.State) LoraDataset {
	if len(s.Rounds) == 0 {
		return LoraDataset{Dropped: map[string]int{}}
	}
	all := make([]*lora.Funnel, len(s.Rounds))
	for i := range s.Rounds {
		all[i] = &s.Rounds[i].Funnel
	}
	return funnels(s.Rounds[len(s.Rounds)-1].Digest, all...)
}

// practised is what practice has to learn from.
func practised(s *lora.Selection) LoraDataset { return funnels(s.Digest, &s.Funnel) }

// funnels adds up what became of the answers of data sets, of which the last one has the
// digest.
func funnels(digest string, all ...*lora.Funnel) LoraDataset {
	d := LoraDataset{Dropped: map[string]int{}}
	var in, train, eval int
	for _, f := range all {
		for _, n := range f.In {
			in += n
		}
		train, eval = train+f.Train, eval+f.Validation
		for rule, n := range f.Dropped() {
			d.Dropped[string(rule)] += n
		}
	}
	d.Candidates, d.Train, d.Eval, d.Digest = &in, &train, &eval, optional(digest)
	return d
}

// LoraStatus is the answer of GET /hobby/lora/status: the fields of the current or
// the named job, which are absent before the first, and the last ones.
type LoraStatus struct {
	*LoraJob
	Jobs []LoraJob `json:"jobs" nullable:"false" doc:"the last ones, newest first"`
	// Kinds is empty where nothing can be trained.
	Kinds           []string   `json:"trainable" nullable:"false" doc:"the kinds that can be trained"`
	NextScheduledAt *time.Time `json:"next_scheduled_at" doc:"null where nothing is scheduled"`
	Tried           bool       `json:"tried" doc:"there is a trial to compare"`
	Watched         bool       `json:"watched" doc:"there is a watch over what serves to compare"`
}

// LoraCancelled is the answer of POST /hobby/lora/cancel.
type LoraCancelled struct {
	Status string  `json:"status" enum:"cancelling,cancelled"`
	Job    LoraJob `json:"job"`
}

// Adapter is a version of an adapter.
type Adapter struct {
	ID        string             `json:"adapter_id"`
	Name      string             `json:"name"`
	Version   int                `json:"version" doc:"counts the adapters of the kind"`
	Kind      string             `json:"hobby_type"`
	BaseModel *string            `json:"base_model"`
	BaseHash  string             `json:"base_hash"`
	Rank      int                `json:"rank"`
	Alpha     float64            `json:"alpha"`
	Path      *string            `json:"path" doc:"null once its files were given up"`
	SHA256    string             `json:"sha256" doc:"of the weights"`
	Data      string             `json:"data_digest"`
	Status    string             `json:"status" enum:"candidate,champion,previous,rejected,archived"`
	JobID     *string            `json:"job_id"`
	ParentID  *string            `json:"parent_id"`
	CreatedAt time.Time          `json:"created_at"`
	Metrics   map[string]float64 `json:"metrics"`
	Verdict   *string            `json:"verdict" enum:"promote,rollback,futile,inconclusive"`
	Forgotten *time.Time         `json:"forgotten_at" doc:"when something that it learned from was forgotten"`
}

func adapter(v *lora.Version) Adapter {
	c := v.Config.WithDefaults()
	d := Adapter{
		ID: v.ID, Name: v.Name(), Version: v.Number, Kind: v.Kind.Upper(), BaseModel: optional(v.BaseModel), BaseHash: v.Base,
		Rank: c.Rank, Alpha: c.Alpha, SHA256: v.Artifact.Digest, Data: v.Data, Status: string(v.Status), JobID: optional(v.Job),
		ParentID: optional(v.Parent), CreatedAt: v.Created.UTC(), Metrics: v.Metrics, Verdict: optional(string(v.Verdict)),
		Forgotten: moment(v.Forgotten),
	}
	if v.Collected.IsZero() {
		d.Path = optional(v.Artifact.Dir)
	}
	if d.Metrics == nil {
		d.Metrics = map[string]float64{}
	}
	return d
}

// Adapters is the answer of GET /hobby/lora/adapters.
type Adapters struct {
	Adapters []Adapter                     `json:"adapters" nullable:"false" doc:"newest first"`
	Aliases  map[string]map[string]*string `json:"aliases" doc:"by kind, \"\" being the agent as a whole; null is the base"`
	Next
}

// AdapterFlip is a move of an alias.
type AdapterFlip struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"hobby_type" doc:"empty for the agent as a whole"`
	Alias  string    `json:"alias" enum:"champion,candidate,previous"`
	From   *string   `json:"from" doc:"null is the base"`
	To     *string   `json:"to" doc:"null is the base"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

func flip(f *lora.Flip) AdapterFlip {
	return AdapterFlip{f.At.UTC(), f.Kind.Upper(), string(f.Alias), optional(f.From), optional(f.To), f.By, words.Plain(f.Why)}
}

// AdapterHistory is the answer of GET /hobby/lora/history.
type AdapterHistory struct {
	Flips []AdapterFlip `json:"flips" nullable:"false" doc:"newest first"`
	Next
}

// ApplyRequest is the body of POST /hobby/lora/apply.
type ApplyRequest struct {
	ID    string  `json:"adapter_id" minLength:"1" maxLength:"128" doc:"\"base\" for the model without an adapter"`
	Kind  *string `json:"hobby_type,omitempty" maxLength:"64" pattern:"^([A-Za-z][A-Za-z0-9_]*)?$" doc:"default: the adapter's; empty: all"`
	Force bool    `json:"force,omitempty" doc:"whatever its verdict; its base and that it acts are checked all the same"`
}

// Applied is the answer of POST /hobby/lora/apply.
type Applied struct {
	Status  string      `json:"status" enum:"applied"`
	Kind    string      `json:"hobby_type"`
	Adapter *string     `json:"adapter_id" doc:"what serves now; null is the base"`
	Was     *string     `json:"previous_id" doc:"what served before; null is the base"`
	At      time.Time   `json:"at"`
	Proof   *lora.Proof `json:"proof" doc:"that it acts where it is served; null for the base"`
}

// Comparison is a trial of a candidate against a baseline.
type Comparison struct {
	ID             string            `json:"trial_id"`
	Kind           string            `json:"hobby_type"`
	Candidate      string            `json:"candidate"`
	Baseline       *string           `json:"baseline" doc:"null is the base"`
	JobID          *string           `json:"job_id"`
	Activities     []string          `json:"activity_ids" nullable:"false" doc:"the sessions with its answers; of a watch, its last exam's"`
	Watch          bool              `json:"watch" doc:"it follows what serves: e_value and p_value are then against: it is not worse"`
	StartedAt      time.Time         `json:"started_at"`
	CompletedAt    *time.Time        `json:"completed_at"`
	Pairs          int               `json:"pairs"`
	Wins           int               `json:"wins"`
	Losses         int               `json:"losses"`
	Ties           int               `json:"ties"`
	Discordant     int               `json:"discordant" doc:"the pairs that decide: wins and losses"`
	BaselineScore  *float64          `json:"baseline_score"`
	CandidateScore *float64          `json:"candidate_score"`
	Difference     *float64          `json:"difference"`
	Low            *float64          `json:"ci_low" doc:"lower end of its 95 % interval"`
	High           *float64          `json:"ci_high"`
	EValue         float64           `json:"e_value" doc:"now, against: the candidate is not better; at most 1e300"`
	PValue         float64           `json:"p_value" doc:"min(1, 1/E) of the largest E; valid at any time"`
	Alpha          float64           `json:"alpha" doc:"accepted chance of a wrong verdict; a watch has as much again for single levels"`
	Verdict        *string           `json:"verdict" enum:"promote,rollback,futile,inconclusive" doc:"null while it runs"`
	Reason         *string           `json:"reason"`
	Families       []ComparisonLevel `json:"by_family" nullable:"false"`
	Guardrails     []ComparisonGuard `json:"guardrails" nullable:"false"`
	Path           []float64         `json:"log_e_path" nullable:"false" doc:"natural logarithm of the e-value, after up to 1000 of the pairs"`
}

// ComparisonLevel is a trial's pairs of one level of a family.
type ComparisonLevel struct {
	Family         string  `json:"family"`
	Level          int     `json:"level"`
	Pairs          int     `json:"pairs"`
	Wins           int     `json:"wins"`
	Losses         int     `json:"losses"`
	BaselineScore  float64 `json:"baseline_score"`
	CandidateScore float64 `json:"candidate_score"`
	Difference     float64 `json:"difference"`
	Low            float64 `json:"ci_low"`
	High           float64 `json:"ci_high"`
}

// ComparisonGuard is something that must not get worse.
type ComparisonGuard struct {
	Name           string   `json:"name"`
	Pairs          int      `json:"pairs"`
	BaselineScore  *float64 `json:"baseline_score"`
	CandidateScore *float64 `json:"candidate_score"`
	Difference     *float64 `json:"difference" doc:"null where nothing was measured, which is no pass"`
	Low            *float64 `json:"ci_low" doc:"of all levels 90 %, and not below -margin; of a level exact, corrected for their number"`
	High           *float64 `json:"ci_high"`
	Margin         float64  `json:"margin" doc:"by how much it may be worse; 0 for a level, which must not be shown to be"`
	Passed         bool     `json:"passed" doc:"of a level unless its interval is below zero"`
	Reason         *string  `json:"reason"`
}

func comparison(t *lora.Trial, path []float64) Comparison {
	d := Comparison{
		ID: t.ID, Kind: t.Kind.Upper(), Candidate: t.Candidate, Baseline: optional(t.Baseline), JobID: optional(t.Job),
		Activities: append([]string{}, t.Activities...), Watch: t.Watch, StartedAt: t.Started.UTC(), CompletedAt: moment(t.Ended),
		Pairs: t.Pairs, Wins: t.Wins, Losses: t.Losses, Ties: t.Ties, Discordant: t.Discordant(),
		EValue: min(math.Exp(t.LogE), 1e300), PValue: t.PValue, Alpha: t.Alpha, Verdict: optional(string(t.Verdict)),
		Reason: optional(words.Plain(t.Why)), Families: []ComparisonLevel{}, Guardrails: []ComparisonGuard{}, Path: append([]float64{}, path...),
	}
	if t.Pairs > 0 {
		d.BaselineScore, d.CandidateScore = &t.BaselineScore, &t.CandidateScore
	}
	d.Difference, d.Low, d.High = change(t.Difference)
	for _, l := range t.Levels {
		d.Families = append(d.Families, ComparisonLevel{l.Family, l.Level.Level, l.Pairs, l.Wins, l.Losses, l.BaselineScore, l.CandidateScore,
			l.Difference.Mean, l.Difference.Low, l.Difference.High})
	}
	for i := range t.Guardrails {
		g := &t.Guardrails[i]
		guard := ComparisonGuard{Name: g.Name, Pairs: g.Pairs, Margin: g.Margin, Passed: g.Passed, Reason: optional(words.Plain(g.Why))}
		if g.Difference != nil {
			guard.BaselineScore, guard.CandidateScore = &g.BaselineScore, &g.CandidateScore
		}
		guard.Difference, guard.Low, guard.High = change(g.Difference)
		d.Guardrails = append(d.Guardrails, guard)
	}
	return d
}

// TrainingConfig is what GET /hobby/config says of trainings.
type TrainingConfig struct {
	Enabled bool `json:"lora_enabled" doc:"trainings begin by themselves"`
}

// AdapterEvent is the data of the events of adapters but for flips.
type AdapterEvent struct {
	Adapter Adapter             `json:"adapter"`
	Aliases map[string][]string `json:"aliases,omitempty" doc:"by kind, what a forgotten adapter is called"`
}

func adapterEvent(_ *hobby.Event, e *lora.VersionEvent) AdapterEvent {
	d := AdapterEvent{Adapter: adapter(&e.Version)}
	for k, names := range e.Aliases {
		if d.Aliases == nil {
			d.Aliases = map[string][]string{}
		}
		for _, n := range names {
			d.Aliases[strings.ToUpper(string(k))] = append(d.Aliases[strings.ToUpper(string(k))], string(n))
		}
	}
	return d
}

// FlipEvent is the data of the adapter.flipped events.
type FlipEvent struct {
	Flip AdapterFlip `json:"flip"`
}

// TrialEvent is the data of the trial.* events.
type TrialEvent struct {
	Trial Comparison `json:"trial"`
}
