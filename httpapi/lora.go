package httpapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
)

// Training is what serves the routes of trainings and adapters.
type Training struct {
	Pipeline *lora.Pipeline
	Store    lora.Store
	// Model is what is trained.
	Model hobby.Model
	// Schedule says when trainings begin by themselves; nil for never.
	Schedule hobby.Schedule
}

// LoRA is the part that trains adapters and says what serves. t may be nil.
func LoRA(t *Training) Part {
	p := Part{
		Name: "lora", Tag: "Training",
		Events: append(append(
			Show(adapterEvent, lora.VersionStoredEvent, lora.VersionForgottenEvent, lora.VersionCollectedEvent),
			Show(func(_ *hobby.Event, f *lora.Flip) FlipEvent { return FlipEvent{flip(f)} }, lora.FlippedEvent)...),
			Show(func(_ *hobby.Event, t *lora.Trial) TrialEvent { return TrialEvent{comparison(t, nil)} },
				lora.TrialProgressEvent, lora.TrialEndedEvent)...),
		Config: Fields(func() TrainingConfig { return TrainingConfig{t.Schedule != nil} }),
		Errors: []Problem{
			{lora.ErrNoTrainer, http.StatusServiceUnavailable, "there is no trainer"},
			{lora.ErrVerdict, http.StatusConflict, "no trial has promoted the adapter"},
			{lora.ErrInert, http.StatusConflict, "the adapter does nothing"},
			{lora.ErrBase, http.StatusConflict, "the adapter is for another base model"},
			{lora.ErrDamaged, http.StatusConflict, "the adapter is damaged"},
			{lora.ErrForgotten, http.StatusConflict, "the adapter learned from what is forgotten"},
			{lora.ErrCollected, http.StatusConflict, "the adapter's files are gone"},
			{lora.ErrConflict, http.StatusConflict, "somebody else has changed it meanwhile"},
			{lora.ErrConfig, http.StatusUnprocessableEntity, "the training cannot be configured so"},
		},
		Routes: []Route{
			{Method: "POST", Path: "/lora/train", ID: "train", Status: http.StatusAccepted, Errors: []int{409}, Serve: JSON(t.train),
				Summary: "Practise, train an adapter, try it, and promote it if it is better"},
			{Method: "GET", Path: "/lora/status", ID: "getTraining", Errors: []int{404}, Serve: JSON(t.status),
				Summary: "The current training, or a named one, and the last ones"},
			{Method: "POST", Path: "/lora/cancel", ID: "cancelTraining", Errors: []int{404, 409}, Serve: JSON(t.cancel),
				Summary: "Cancel the training that runs"},
			{Method: "GET", Path: "/lora/adapters", ID: "listAdapters", Serve: JSON(t.adapters),
				Summary: "The adapters, and what each kind is served by"},
			{Method: "GET", Path: "/lora/history", ID: "getAdapterHistory", Serve: JSON(t.history),
				Summary: "What served when, and who decided it"},
			{Method: "POST", Path: "/lora/apply", ID: "applyAdapter", Errors: []int{404, 409}, Serve: JSON(t.apply),
				Summary: "Have an adapter serve, or the base"},
			{Method: "GET", Path: "/lora/compare", ID: "compareAdapters", Errors: []int{404}, Serve: JSON(t.compare),
				Summary: "The newest trial of two adapters on held-out tasks"},
		},
	}
	if t == nil {
		p.Lacks = "this program has no trainer"
	}
	return p
}

func (t *Training) train(ctx context.Context, in *struct {
	Body *TrainRequest `required:"false"`
}) (*Body[TrainStarted], error) {
	b := cmp.Or(in.Body, &TrainRequest{})
	if b.Whole {
		return t.tryWhole(ctx, *b)
	}
	r := lora.Request{Seed: b.Seed}
	if b.DaysBack != nil {
		r.DaysBack = *b.DaysBack
	}
	if b.MinQuality != nil {
		if r.MinQuality = *b.MinQuality; r.MinQuality == 0 {
			r.MinQuality = -1 // all
		}
	}
	r.Recipe.Config = lora.Config{
		Epochs: b.Epochs, LearningRate: b.LearningRate, Rank: b.Rank, Alpha: b.Alpha, BatchSize: b.BatchSize, MaxLength: b.MaxLength,
	}
	if b.Kind != "" {
		var err error
		if r.Kind, err = parseKind("body.hobby_type", b.Kind); err != nil {
			return nil, err
		}
	}
	if b.ModelName != "" && t.Model != nil {
		info, err := t.Model.Info(ctx)
		if err != nil {
			return nil, err
		}
		if info.Name != b.ModelName {
			return nil, Invalid("body.model_name", "this program trains "+info.Name, b.ModelName)
		}
	}
	data, err := t.Pipeline.Dataset(ctx, r)
	if err != nil {
		return nil, notStarted(&r, err)
	}
	return t.start(ctx, r, practised(&data))
}

// tryWhole begins a run that trains nothing.
func (t *Training) tryWhole(ctx context.Context, b TrainRequest) (*Body[TrainStarted], error) {
	r := lora.Request{Seed: b.Seed, Whole: true}
	if b.Seed, b.Whole = 0, false; b != (TrainRequest{}) {
		return nil, Invalid("body.whole", "nothing is trained for the agent as a whole: of the other fields only seed may be given", true)
	}
	return t.start(ctx, r, LoraDataset{Dropped: map[string]int{}})
}

func (t *Training) start(ctx context.Context, r lora.Request, data LoraDataset) (*Body[TrainStarted], error) {
	run, err := t.Pipeline.Start(ctx, r)
	if err != nil {
		return nil, notStarted(&r, err)
	}
	return &Body[TrainStarted]{TrainStarted{"started", loraJob(&run), data}}, nil
}

// notStarted says why a training has not begun.
func notStarted(r *lora.Request, err error) error {
	switch {
	case errors.Is(err, hobby.ErrBusy):
		return Conflict("a training runs already")
	case errors.Is(err, hobby.ErrUnknownKind) && r.Kind == "":
		return Conflict("no kind of this program can be trained")
	}
	return err
}

func (t *Training) status(ctx context.Context, in *struct {
	Job string `query:"job_id" maxLength:"128" doc:"default: the newest"`
}) (*Body[LoraStatus], error) {
	out := LoraStatus{Jobs: []LoraJob{}, Kinds: []string{}}
	for _, k := range t.Pipeline.Kinds(ctx) {
		out.Kinds = append(out.Kinds, k.Upper())
	}
	if t.Schedule != nil {
		out.NextScheduledAt = moment(t.Schedule.Next(time.Now()).UTC())
	}
	for watch, there := range map[bool]*bool{false: &out.Tried, true: &out.Watched} {
		page, err := t.Store.Trials(ctx, lora.TrialFilter{Watch: &watch, Limit: 1})
		if err != nil {
			return nil, err
		}
		*there = len(page.Trials) > 0
	}
	page, err := t.Store.Jobs(ctx, hobby.JobFilter{Line: lora.Line, Limit: 30})
	if err != nil {
		return nil, err
	}
	for _, j := range page.Jobs {
		r, err := t.Pipeline.Status(ctx, j.ID)
		if err != nil {
			return nil, err
		}
		out.Jobs = append(out.Jobs, loraJob(&r))
	}
	switch {
	case in.Job != "":
		r, err := t.job(ctx, in.Job)
		if err != nil {
			return nil, err
		}
		out.LoraJob = &r
	case len(out.Jobs) > 0:
		out.LoraJob = &out.Jobs[0]
	}
	return &Body[LoraStatus]{out}, nil
}

// job reads a training; a job of another line is none.
func (t *Training) job(ctx context.Context, id string) (LoraJob, error) {
	j, err := t.Store.Job(ctx, id)
	if errors.Is(err, hobby.ErrNotFound) || err == nil && j.Line != lora.Line {
		return LoraJob{}, Unknown("training", id)
	}
	if err != nil {
		return LoraJob{}, err
	}
	r, err := t.Pipeline.Status(ctx, id)
	return loraJob(&r), err
}

func (t *Training) cancel(ctx context.Context, in *struct {
	Job string `query:"job_id" maxLength:"128" doc:"default: the one that runs"`
}) (*Body[LoraCancelled], error) {
	id := in.Job
	if id == "" {
		page, err := t.Store.Jobs(ctx, hobby.JobFilter{Line: lora.Line, Open: true, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(page.Jobs) == 0 {
			return nil, Conflict("no training runs")
		}
		id = page.Jobs[0].ID
	}
	was, err := t.job(ctx, id)
	if err != nil {
		return nil, err
	}
	if was.CompletedAt != nil {
		return nil, Conflict("the training has ended: it is " + was.Status)
	}
	if err := t.Pipeline.Cancel(ctx, id); err != nil {
		return nil, err
	}
	j, err := t.job(ctx, id)
	if err != nil {
		return nil, err
	}
	status := "cancelling"
	if j.Status == "cancelled" {
		status = "cancelled"
	}
	return &Body[LoraCancelled]{LoraCancelled{status, j}}, nil
}

func (t *Training) adapters(ctx context.Context, in *struct {
	Kind   string `query:"hobby_type" maxLength:"64" pattern:"^([A-Za-z][A-Za-z0-9_]*)?$" doc:"only of this kind, in any letter case"`
	Status string `query:"status" enum:"candidate,champion,previous,rejected,archived"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Paging
}) (*Body[Adapters], error) {
	f := lora.VersionFilter{Kind: hobby.Kind(strings.ToLower(in.Kind)), Status: lora.Status(in.Status), Limit: in.Limit, Cursor: in.Cursor}
	page, err := t.Store.Versions(ctx, f)
	if err != nil {
		return nil, err
	}
	now, err := t.Store.Aliases(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range append(t.Pipeline.Kinds(ctx), "") {
		if now[k] == nil {
			now[k] = map[lora.Alias]string{}
		}
	}
	aliases := map[string]map[string]*string{}
	for k, of := range now {
		names := map[string]*string{}
		for _, a := range []lora.Alias{lora.Champion, lora.Candidate, lora.Previous} {
			names[string(a)] = optional(of[a])
		}
		aliases[k.Upper()] = names
	}
	return &Body[Adapters]{Adapters{each(page.Versions, adapter), aliases, next(page.Next)}}, nil
}

func (t *Training) history(ctx context.Context, in *struct {
	Kind  string `query:"hobby_type" maxLength:"64" pattern:"^([A-Za-z][A-Za-z0-9_]*)?$" doc:"only of this kind, in any letter case"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Paging
}) (*Body[AdapterHistory], error) {
	f := lora.FlipFilter{Limit: in.Limit, Cursor: in.Cursor}
	if in.Kind != "" {
		k := hobby.Kind(strings.ToLower(in.Kind))
		f.Kind = &k
	}
	page, err := t.Store.History(ctx, f)
	if err != nil {
		return nil, err
	}
	return &Body[AdapterHistory]{AdapterHistory{each(page.Flips, flip), next(page.Next)}}, nil
}

func (t *Training) apply(ctx context.Context, in *struct{ Body ApplyRequest }) (*Body[Applied], error) {
	b := &in.Body
	var kind hobby.Kind
	switch {
	case b.Kind != nil && *b.Kind != "":
		var err error
		if kind, err = parseKind("body.hobby_type", *b.Kind); err != nil {
			return nil, err
		}
	case b.Kind == nil && b.ID == "base":
		return nil, Invalid("body.hobby_type", "say which kind the base is to serve", nil)
	}
	if b.ID != "base" {
		v, err := t.Store.Version(ctx, b.ID)
		if errors.Is(err, hobby.ErrNotFound) {
			return nil, Unknown("adapter", b.ID)
		}
		if err != nil {
			return nil, err
		}
		if b.Kind == nil {
			kind = v.Kind
		}
	}
	a, err := t.Pipeline.Apply(ctx, kind, b.ID, b.Force)
	if err != nil {
		return nil, err
	}
	return &Body[Applied]{Applied{"applied", a.Kind.Upper(), optional(a.Version), optional(a.Was), a.At.UTC(), a.Proof}}, nil
}

func (t *Training) compare(ctx context.Context, in *struct {
	Candidate string `query:"candidate" maxLength:"128" doc:"an adapter; default: of the newest trial"`
	Baseline  string `query:"baseline" maxLength:"128" doc:"an adapter, or \"base\"; default: of the newest trial"`
	Watch     bool   `query:"watch" doc:"the newest watch over what serves, in the place of a trial"`
}) (*Body[Comparison], error) {
	f := lora.TrialFilter{Candidate: in.Candidate, Watch: &in.Watch, Limit: 1}
	if in.Baseline != "" {
		baseline := in.Baseline
		if baseline == "base" {
			baseline = ""
		}
		f.Baseline = &baseline
	}
	page, err := t.Store.Trials(ctx, f)
	if err != nil {
		return nil, err
	}
	if len(page.Trials) == 0 {
		return nil, Unknown("trial", fmt.Sprintf("of %q against %q", in.Candidate, in.Baseline))
	}
	trial := &page.Trials[0]
	pairs, err := t.Store.Pairs(ctx, trial.ID, max(0, trial.Pairs-1000), 1000)
	if err != nil {
		return nil, err
	}
	path := make([]float64, 0, len(pairs))
	for _, p := range pairs {
		path = append(path, p.LogE)
	}
	return &Body[Comparison]{comparison(trial, path)}, nil
}
