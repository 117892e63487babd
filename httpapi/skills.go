package httpapi

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Curve is the answer of GET /hobby/curve: proficiency over time.
type Curve struct {
	Kind    string            `json:"hobby_type"`
	Family  *string           `json:"family" doc:"null for the whole kind"`
	History []CurvePoint      `json:"history" nullable:"false" doc:"proficiency as it was known on a day, oldest first"`
	Changes []ModelChange     `json:"model_changes" nullable:"false" doc:"days on which another model answered most"`
	Models  map[string]string `json:"models" doc:"names by model_key, as far as an answer is left that says it"`
	Fixed   bool              `json:"fixed" doc:"the last model is known by its weights and cannot change: only what is known of it does"`
}

// CurvePoint is the proficiency as it was known at the end of a day.
type CurvePoint struct {
	At          time.Time `json:"at"`
	ModelKey    string    `json:"model_key" doc:"of the model that had answered last; empty for answers without a model"`
	Proficiency float64   `json:"proficiency" doc:"of all levels, also those not practised yet"`
	Low         float64   `json:"proficiency_low"`
	High        float64   `json:"proficiency_high"`
	Items       int64     `json:"items"`
}

// ModelChange is the day on which a model answered most, after another one.
type ModelChange struct {
	At   time.Time `json:"at"`
	From string    `json:"from" doc:"model_key"`
	To   string    `json:"to"`
}

func curvePoint(p *hobby.CurvePoint) CurvePoint {
	return CurvePoint{p.At, p.ModelKey, p.Estimate.Mean, p.Estimate.Low, p.Estimate.High, p.Estimate.Items}
}

func modelChange(c *hobby.ModelChange) ModelChange { return ModelChange{c.At, c.From, c.To} }

// curve answers with the proficiency in a kind or a family over time.
func (h practising) curve(ctx context.Context, in *struct {
	Kind   string `query:"hobby_type" required:"true" maxLength:"64" pattern:"^[A-Za-z][A-Za-z0-9_]*$" doc:"in any letter case"`
	Family string `query:"family" maxLength:"256" doc:"of this family alone"`
}) (*Body[Curve], error) {
	kind, err := h.listed(KindQuery{in.Kind})
	if err != nil {
		return nil, err
	}
	c, err := h.m.Curve(ctx, kind, in.Family)
	switch {
	case errors.Is(err, hobby.ErrNotFound):
		return nil, Unknown("family", in.Family)
	case err != nil:
		return nil, err
	}
	d := Curve{
		Kind: kind.Upper(), Family: optional(in.Family), History: each(c.Points, curvePoint), Changes: each(c.Changes, modelChange),
		Models: map[string]string{},
	}
	for _, p := range c.Points {
		d.Models[p.ModelKey] = ""
		d.Fixed = hobby.Frozen(p.ModelKey)
	}
	for _, m := range c.Changes {
		d.Models[m.From], d.Models[m.To] = "", ""
	}
	delete(d.Models, "")
	if err := h.names.fill(ctx, h.m.Past(), kind, d.Models); err != nil {
		return nil, err
	}
	return &Body[Curve]{d}, nil
}

// modelNames has the names of models by their keys, which stay the same.
type modelNames struct {
	mu sync.Mutex
	of map[string]string
}

const (
	namedModels  = 1000 // names that are kept
	namesAtATime = 8    // that are looked up for one request; the next one finds others
)

// fill says the names of models that answered a kind, as far as they are known or soon found.
func (n *modelNames) fill(ctx context.Context, past hobby.Past, kind hobby.Kind, models map[string]string) error {
	looked := 0
	for _, key := range slices.Sorted(maps.Keys(models)) {
		n.mu.Lock()
		name, known := n.of[key]
		n.mu.Unlock()
		if models[key] = name; known || looked == namesAtATime {
			continue
		}
		looked++
		page, err := past.Items(ctx, hobby.ItemFilter{Kind: kind, ModelKeys: []string{key}, Limit: 1})
		if err != nil {
			return err
		}
		for _, i := range page.Items {
			models[key] = i.Model
		}
		n.mu.Lock()
		if n.of == nil || len(n.of) >= namedModels {
			n.of = map[string]string{}
		}
		n.of[key] = models[key]
		n.mu.Unlock()
	}
	return nil
}

// Skill is the answer of GET /hobby/skills/{hobby_type}/{family}.
type Skill struct {
	Kind string `json:"hobby_type"`
	FamilyProgress
	PerLevel []SkillLevel `json:"per_level" nullable:"false" doc:"from level 1"`
	Requires []string     `json:"requires" nullable:"false" doc:"families that must be known first"`
}

// SkillLevel is the proficiency at a level.
type SkillLevel struct {
	Level       int      `json:"level"`
	Open        bool     `json:"open" doc:"it may be practised: the levels below it are mastered"`
	Proficiency *float64 `json:"proficiency" doc:"the chance that a new task passes; of a level without answers it follows from the others"`
	Low         *float64 `json:"proficiency_low"`
	High        *float64 `json:"proficiency_high"`
	Items       int64    `json:"items"`
	Passes      int64    `json:"passes"`
	Chance      float64  `json:"chance" doc:"what passes without skill"`
}

// skill answers with all that is known of a family.
func (h practising) skill(ctx context.Context, in *struct {
	Kind   string `path:"hobby_type" maxLength:"64" pattern:"^[A-Za-z][A-Za-z0-9_]*$"`
	Family string `path:"family" maxLength:"256"`
}) (*Body[Skill], error) {
	p, err := h.m.Progress(ctx)
	if err != nil {
		return nil, err
	}
	kind, err := hobby.ParseKind(in.Kind)
	if err != nil || p.Kind(kind) == nil {
		return nil, Unknown("kind", in.Kind)
	}
	prof := p.Kind(kind).Proficiency
	i := slices.IndexFunc(prof.Families, func(f hobby.FamilyProficiency) bool { return f.Family == in.Family })
	if i < 0 {
		return nil, Unknown("family", in.Family)
	}
	f := &prof.Families[i]
	d := Skill{Kind: kind.Upper(), FamilyProgress: familyProgress(f), Requires: []string{}}
	var described hobby.Family
	for _, k := range h.m.Settings().Kinds {
		for j := range k.Families {
			if k.Kind == kind && k.Families[j].Name == f.Family {
				described = k.Families[j]
			}
		}
	}
	d.Requires = append(d.Requires, described.Requires...)
	for l, e := range f.Levels {
		s := SkillLevel{Level: l + 1, Open: f.Open && l < f.Level, Items: e.Items, Passes: e.Passes, Chance: described.GuessAt(l + 1)}
		if f.Estimate.Measured() { // a level without answers follows from the others
			s.Proficiency, s.Low, s.High = &e.Mean, &e.Low, &e.High
		}
		d.PerLevel = append(d.PerLevel, s)
	}
	return &Body[Skill]{d}, nil
}

// Items is the answer of GET /hobby/items.
type Items struct {
	Items []FoundItem `json:"items" nullable:"false" doc:"newest first"`
	Next
}

// FoundItem is a verified answer with the session that it is of.
type FoundItem struct {
	Item
	ActivityID string `json:"activity_id"`
}

// lookedAt is how many entries of a listing a search looks through in one request. What
// it did not come to follows behind its cursor.
const lookedAt = 20_000

// items answers with verified answers of any session.
func (h practising) items(ctx context.Context, in *struct {
	KindQuery
	Family string `query:"family" maxLength:"256" doc:"only of this family"`
	Level  int    `query:"level" minimum:"1" maximum:"1000" doc:"only of this level"`
	Result string `query:"result" enum:"passed,missed" doc:"only these"`
	Model  string `query:"model_key" maxLength:"256" doc:"only of this model"`
	Query  string `query:"q" maxLength:"256" doc:"only where the task, the answer or the reference has this text, in any letter case"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Paging
}) (*Body[Items], error) {
	kind, err := h.listed(in.KindQuery)
	if err != nil {
		return nil, err
	}
	f := hobby.ItemFilter{Kind: kind, Family: in.Family, Passed: in.Result == "passed", Missed: in.Result == "missed"}
	if in.Model != "" {
		f.ModelKeys = []string{in.Model}
	}
	var wanted func(*hobby.Item) bool
	if q := strings.ToLower(in.Query); q != "" || in.Level > 0 {
		wanted = func(i *hobby.Item) bool {
			return (in.Level == 0 || i.Level == in.Level) && (has(q, i.Answer, i.Reference) ||
				slices.ContainsFunc(i.Messages, func(m hobby.Message) bool { return has(q, m.Content) }))
		}
	}
	all, next_, err := search(in.Limit, in.Cursor, wanted, func(limit int, cursor string) ([]hobby.Item, string, error) {
		f.Limit, f.Cursor = limit, cursor
		page, err := h.m.Past().Items(ctx, f)
		return page.Items, page.Next, err
	})
	if err != nil {
		return nil, err
	}
	return &Body[Items]{Items{each(all, func(i *hobby.Item) FoundItem { return FoundItem{item(i), i.Activity} }), next(next_)}}, nil
}

// has tells whether one of the texts has q, which is in lower case.
func has(q string, texts ...string) bool {
	return q == "" || slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), q) })
}

// search reads n entries of a listing that are wanted, and the cursor of what follows them.
// wanted may be nil. It gives up after lookedAt entries: there may be fewer, and a cursor.
func search[T any](n int, cursor string, wanted func(*T) bool,
	read func(limit int, cursor string) ([]T, string, error)) ([]T, string, error) {
	if wanted == nil {
		return read(n, cursor)
	}
	const page = 1000
	var found []T
	for range lookedAt / page {
		all, after, err := read(page, cursor)
		if err != nil {
			return nil, "", err
		}
		for i := range all {
			if !wanted(&all[i]) {
				continue
			}
			if found = append(found, all[i]); len(found) == n {
				if i == len(all)-1 {
					return found, after, nil
				}
				_, here, err := read(i+1, cursor) // for its cursor
				return found, here, err
			}
		}
		if cursor = after; cursor == "" {
			break
		}
	}
	return found, cursor, nil
}
