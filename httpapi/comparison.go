package httpapi

import (
	"context"
	"errors"
	"time"

	"github.com/pastime-go/pastime/compare"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/words"
)

// ComparisonRequest is the body of POST /hobby/comparisons.
type ComparisonRequest struct {
	First  string `json:"first" minLength:"1" maxLength:"256" doc:"one of models of GET /hobby/settings"`
	Second string `json:"second" minLength:"1" maxLength:"256" doc:"another one"`
	Kind   string `json:"hobby_type" maxLength:"64" pattern:"^[A-Za-z][A-Za-z0-9_]*$" doc:"whose held-out tasks are asked"`
	Tasks  int    `json:"tasks,omitempty" minimum:"1" maximum:"2000" default:"100" doc:"about how many: as many of each level of each family"`
}

// ModelComparison is how far two models are with the same tasks, and what came of it.
type ModelComparison struct {
	ID         string     `json:"job_id"`
	Status     string     `json:"status" enum:"running,completed,failed,cancelled"`
	Kind       string     `json:"hobby_type"`
	First      string     `json:"first"`
	Second     string     `json:"second"`
	Asked      int        `json:"asked" doc:"tasks that the models have had, together"`
	Of         *int       `json:"of" doc:"that they are to have, together; null before they are drawn"`
	Pairs      *int       `json:"pairs" doc:"tasks that both have answered; null, as all below, before the end"`
	Wins       *int       `json:"wins" doc:"tasks that the first alone passed"`
	Losses     *int       `json:"losses" doc:"tasks that the second alone passed"`
	FirstRate  *float64   `json:"first_rate" doc:"the share that the first passed"`
	SecondRate *float64   `json:"second_rate"`
	Difference *float64   `json:"difference" doc:"first_rate less second_rate"`
	Low        *float64   `json:"difference_low" doc:"of its interval, of at least 95 %"`
	High       *float64   `json:"difference_high"`
	CreatedAt  time.Time  `json:"created_at"`
	EndedAt    *time.Time `json:"ended_at"`
	Error      *string    `json:"error"`
}

// ModelComparisons is the answer of GET /hobby/comparisons.
type ModelComparisons struct {
	Comparisons []ModelComparison `json:"comparisons" nullable:"false" doc:"newest first"`
	Kinds       []string          `json:"hobby_types" nullable:"false" doc:"whose tasks can be asked"`
}

func modelComparison(r *compare.Run) ModelComparison {
	s := &r.State
	c := ModelComparison{
		ID: r.Job.ID, Status: jobStatus(&r.Job), Kind: r.Request.Kind.Upper(), First: r.Request.First, Second: r.Request.Second,
		Asked: len(s.First.Passed) + len(s.Second.Passed), Of: shown(2*s.Of, true), CreatedAt: r.Job.Created.UTC(), EndedAt: moment(r.Job.Ended),
		Error: optional(words.Plain(r.Job.Err)),
	}
	if v, complete := s.Result(); complete {
		c.Pairs, c.Wins, c.Losses, c.FirstRate, c.SecondRate = &v.Pairs, &v.Wins, &v.Losses, &v.First, &v.Second
		c.Difference, c.Low, c.High = &v.Difference, &v.Low, &v.High
	}
	return c
}

type comparing struct{ c *compare.Comparer }

// Compare is the part with which people compare two models. c may be nil.
func Compare(c *compare.Comparer) Part {
	h := comparing{c}
	p := Part{
		Name: "compare", Tag: "Models",
		Routes: []Route{
			{Method: "GET", Path: "/comparisons", ID: "listComparisons", Summary: "Comparisons of two models, and how far they are",
				Serve: JSON(h.list)},
			{Method: "POST", Path: "/comparisons", ID: "compareModels", Summary: "Put the same held-out tasks to two models", Status: 202,
				Errors: []int{409}, Serve: JSON(h.start)},
			{Method: "POST", Path: "/comparisons/{job_id}/cancel", ID: "cancelComparison", Summary: "End a comparison",
				Errors: []int{404}, Serve: JSON(h.cancel)},
		},
	}
	if c == nil {
		p.Lacks = "this program offers no models to compare"
	}
	return p
}

func (h comparing) list(ctx context.Context, _ *struct{}) (*Body[ModelComparisons], error) {
	all, err := h.c.Runs(ctx, 20)
	if err != nil {
		return nil, err
	}
	kinds := each(h.c.Kinds(), func(k *hobby.Kind) string { return k.Upper() })
	return &Body[ModelComparisons]{ModelComparisons{each(all, modelComparison), kinds}}, nil
}

func (h comparing) start(ctx context.Context, in *struct{ Body ComparisonRequest }) (*Body[ModelComparison], error) {
	b := &in.Body
	kind, err := parseKind("body.hobby_type", b.Kind)
	if err != nil {
		return nil, err
	}
	r, err := h.c.Start(ctx, compare.Request{First: b.First, Second: b.Second, Kind: kind, Tasks: b.Tasks})
	switch {
	case errors.Is(err, hobby.ErrBusy):
		return nil, Conflict("a comparison runs already")
	case err != nil:
		return nil, err
	}
	return &Body[ModelComparison]{modelComparison(&r)}, nil
}

func (h comparing) cancel(ctx context.Context, in *struct {
	ID string `path:"job_id" maxLength:"128"`
}) (*Body[ModelComparison], error) {
	r, err := h.c.Cancel(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &Body[ModelComparison]{modelComparison(&r)}, nil
}
