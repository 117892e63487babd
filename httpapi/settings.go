package httpapi

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/settings"
)

// SettingsState is the answer of GET and PUT /hobby/settings.
type SettingsState struct {
	Interval Setting[float64]         `json:"interval_minutes"`
	Idle     Setting[float64]         `json:"idle_threshold_minutes"`
	Budget   Setting[Spending]        `json:"daily_budget" doc:"of a UTC day; null fields are unbounded"`
	Kinds    Setting[map[string]bool] `json:"hobbies_enabled" doc:"by upper-case name"`
	Model    *Setting[string]         `json:"model" doc:"the name of the one that answers; null where there is no choice"`
	Models   []ModelOffer             `json:"models" nullable:"false" doc:"those to choose from, the default first"`
	Opening  *string                  `json:"model_opening" doc:"the chosen model while it is being opened; until then another one answers"`
	Trouble  *string                  `json:"model_error" doc:"why the model that was chosen could not be opened, so that the default answers"`
}

// Setting is the value in force, and where it comes from.
type Setting[T any] struct {
	Value   T       `json:"value"`
	Default T       `json:"default" doc:"what is in force when nothing was chosen"`
	From    string  `json:"from" enum:"default,chosen,fixed" doc:"fixed: it cannot be changed here"`
	By      *string `json:"fixed_by" doc:"what has fixed it, such as a flag of the program"`
}

// ModelOffer is a model to choose.
type ModelOffer struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

// SettingsRequest is the body of PUT /hobby/settings: all that is chosen. What is absent or
// null is as the host configured it.
type SettingsRequest struct {
	Interval *float64        `json:"interval_minutes,omitempty" nullable:"true" minimum:"0.016666" maximum:"527040" example:"15"`
	Idle     *float64        `json:"idle_threshold_minutes,omitempty" nullable:"true" minimum:"0.016666" maximum:"527040" example:"5"`
	Budget   *Limits         `json:"daily_budget,omitempty" doc:"absent: as the host configured it"`
	Kinds    map[string]bool `json:"hobbies_enabled,omitempty" nullable:"true" doc:"by name; others are as the host configured them"`
	Model    *string         `json:"model,omitempty" nullable:"true" maxLength:"256" doc:"one of models of GET /hobby/settings"`
}

// Limits bound what may be used on a UTC day. What is absent or null is unbounded.
type Limits struct {
	TimeSeconds *float64 `json:"time_seconds,omitempty" nullable:"true" minimum:"1" maximum:"86400"`
	Items       *int     `json:"items,omitempty" nullable:"true" minimum:"1" maximum:"1000000000"`
	Tokens      *int64   `json:"tokens,omitempty" nullable:"true" minimum:"1" maximum:"1000000000000"`
	CPUSeconds  *float64 `json:"cpu_seconds,omitempty" nullable:"true" minimum:"1" maximum:"100000000"`
	USD         *float64 `json:"usd,omitempty" nullable:"true" minimum:"0.000001" maximum:"1000000"`
}

func (l *Limits) budget() *hobby.Budget {
	if l == nil {
		return nil
	}
	b := &hobby.Budget{}
	if l.TimeSeconds != nil {
		b.Time = seconds(*l.TimeSeconds)
	}
	if l.Items != nil {
		b.Items = *l.Items
	}
	if l.Tokens != nil {
		b.Tokens = *l.Tokens
	}
	if l.CPUSeconds != nil {
		b.CPU = seconds(*l.CPUSeconds)
	}
	if l.USD != nil {
		b.MicroUSD = int64(math.Round(*l.USD * 1e6))
	}
	return b
}

func seconds(s float64) time.Duration { return time.Duration(math.Round(s*1e3)) * time.Millisecond }

func minutes(m *float64) *time.Duration {
	if m == nil {
		return nil
	}
	d := seconds(*m * 60)
	return &d
}

type tuning struct{ s *settings.Settings }

// Settings is the part with which people change settings. s may be nil.
func Settings(s *settings.Settings) Part {
	h := tuning{s}
	p := Part{
		Name: "settings", Tag: "System",
		Events: Show(func(e *hobby.Event, _ *struct{}) SettingsChanged { return SettingsChanged{e.ID} }, settings.Changed),
		Errors: []Problem{{settings.ErrFixed, http.StatusConflict, "this setting cannot be changed here"}},
		Routes: []Route{
			{Method: "GET", Path: "/settings", ID: "getSettings", Summary: "The settings that people may change, and what is in force",
				Serve: JSON(h.get)},
			{Method: "PUT", Path: "/settings", ID: "putSettings", Summary: "Change settings; in force at once, a model once it is open",
				Errors: []int{409}, Serve: JSON(h.put)},
		},
	}
	if s == nil {
		p.Lacks = "this program lets nobody change its settings"
	}
	return p
}

// SettingsChanged is the data of settings.changed.
type SettingsChanged struct {
	Agent string `json:"agent" doc:"whose settings were changed"`
}

func (h tuning) get(ctx context.Context, _ *struct{}) (*Body[SettingsState], error) {
	st := h.s.State()
	offers, err := h.s.Offers(ctx)
	if err != nil {
		return nil, err
	}
	d := SettingsState{
		Interval: set(&st.Interval, time.Duration.Minutes), Idle: set(&st.Idle, time.Duration.Minutes),
		Budget: set(&st.Budget, func(b hobby.Budget) Spending { return spending(b, true) }),
		Kinds:  set(&st.Kinds, upper),
		Models: each(offers, func(o *settings.Offer) ModelOffer { return ModelOffer{o.Name, o.About} }),
	}
	if len(offers) > 0 {
		m := set(&st.Model, func(s string) string { return s })
		d.Model = &m
	}
	d.Opening = optional(st.Opening)
	if st.Trouble != nil {
		d.Trouble = optional("the model could not be opened: " + hobby.Plain(st.Trouble))
	}
	return &Body[SettingsState]{d}, nil
}

func set[T, B any](s *settings.Setting[T], body func(T) B) Setting[B] {
	return Setting[B]{body(s.Value), body(s.Default), string(s.From), optional(s.By)}
}

func upper(kinds map[hobby.Kind]bool) map[string]bool {
	all := map[string]bool{}
	for k, on := range kinds {
		all[k.Upper()] = on
	}
	return all
}

func (h tuning) put(ctx context.Context, in *struct{ Body SettingsRequest }) (*Body[SettingsState], error) {
	b := &in.Body
	v := settings.Values{Interval: minutes(b.Interval), Idle: minutes(b.Idle), Budget: b.Budget.budget(), Model: b.Model}
	for name, on := range b.Kinds {
		k, err := parseKind("body.hobbies_enabled", name)
		if err != nil {
			return nil, err
		}
		if v.Kinds == nil {
			v.Kinds = map[hobby.Kind]bool{}
		}
		v.Kinds[k] = on
	}
	if err := h.s.Change(ctx, v); err != nil && !errors.Is(err, settings.ErrOpening) {
		return nil, err
	}
	return h.get(ctx, nil)
}
