package main

import (
	"context"
	"math"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/loratest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/adapters"
)

// training stores an adapter with its trial, which has promoted it, and who promoted it.
// All texts of people and models are hostile.
func training(ctx context.Context, store *sqlite.Store) error {
	_, err := promote(ctx, store)
	return err
}

// promote is training; it returns the adapter's id.
func promote(ctx context.Context, store *sqlite.Store) (id string, err error) {
	registry, err := adapters.New(ctx, store)
	if err != nil {
		return "", err
	}
	v, err := registry.PutVersion(ctx, loratest.Version(hobby.SkillPractice, 1, ""), lora.Lineage{}, nil)
	if err != nil {
		return "", err
	}
	trial, pairs := loratest.Trial("trial", v.ID, "", 40)
	for i := range pairs {
		pairs[i].LogE = float64(i) * math.Ln2 / 4
	}
	trial.Kind, trial.LogE, trial.PValue, trial.Verdict, trial.Why = hobby.SkillPractice, 9.75*math.Ln2, 0.001, lora.Promote, script+rtl
	trial.Ended = trial.Started.Add(time.Hour)
	trial.Difference = &hobby.Change{Mean: 1, Low: 0.9, High: 1}
	trial.Guardrails = []lora.Guardrail{
		{Name: script, Pairs: 9, Difference: &hobby.Change{Low: -0.01, High: 0.01}, Margin: 0.03, Passed: true},
		{Name: "known levels", Margin: 0.03, Why: rtl},
	}
	if err := registry.PutTrial(ctx, trial, pairs, nil, nil); err != nil {
		return "", err
	}
	return v.ID, registry.Point(ctx, lora.Promotion(v.Kind, nil, v.ID, script, rtl+script), nil)
}
