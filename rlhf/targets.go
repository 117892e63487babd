package rlhf

import (
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// InsightTarget is an insight as a target.
func InsightTarget(i *hobby.Insight) Target {
	return Target{
		Type: Insight, ID: i.ID, Kind: i.Kind, Topic: i.Topic, Text: clip(i.Text), Created: i.At.UTC(), Activity: i.Activity,
		Confidence: i.Confidence, Evidence: len(i.Evidence), Source: i.Source, Untrusted: !i.Trusted(),
	}
}

// ActivityTarget is an activity as a target.
func ActivityTarget(a *hobby.Activity) Target {
	t := Target{
		Type: Activity, ID: a.ID, Kind: a.Plan.Kind, Family: a.Plan.Family, Level: a.Plan.Level, Topic: a.Plan.Topic,
		Created: a.Started.UTC(), Items: a.Items, Passes: a.Passes, Activity: a.ID,
	}
	if !a.Ended.IsZero() {
		t.Duration = a.Ended.Sub(a.Started)
	}
	var parts []string
	for _, s := range []string{a.Description, a.Goal} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	t.Text = clip(strings.Join(parts, " "))
	return t
}

// clip shortens a text to MaxText bytes, at the end of a character.
func clip(text string) string {
	if len(text) <= MaxText {
		return text
	}
	return strings.ToValidUTF8(text[:MaxText], "")
}
