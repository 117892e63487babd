package httpapi

import (
	"math"
	"time"

	"github.com/pastime-go/pastime/archive"
)

// ArchiveAnalysis is what the past says of a kind. What there is not enough data for is
// null or empty, and lacking says why.
type ArchiveAnalysis struct {
	Kind     string            `json:"hobby_type"`
	Items    int64             `json:"items" doc:"verified answers in this time"`
	Passes   int64             `json:"passes"`
	Trend    *ArchiveTrend     `json:"trend" doc:"null without enough data"`
	Seasons  []ArchiveSeason   `json:"seasons" nullable:"false"`
	Forecast []ArchiveExpected `json:"forecast" nullable:"false" doc:"of the days after the last one; not of kinds with too little data"`
	History  []CurvePoint      `json:"history" nullable:"false" doc:"proficiency as it was known on a day, oldest first"`
	Models   []ArchiveModel    `json:"models" nullable:"false" doc:"by their first answer"`
	Changes  []ModelChange     `json:"model_changes" nullable:"false" doc:"days on which another model answered most"`
	Lacking  map[string]string `json:"lacking" doc:"why there is no trend, season or forecast"`
}

// ArchiveTrend says whether more answers pass than before, at the same levels.
type ArchiveTrend struct {
	Direction string  `json:"direction" enum:"rising,falling,none" doc:"none where it may be chance"`
	P         float64 `json:"p" doc:"seasonal Mann-Kendall, adjusted for the kinds in this answer"`
	PerWeek   float64 `json:"per_week" doc:"change of the share that passes (Theil-Sen)"`
	Low       float64 `json:"per_week_low" doc:"of an interval of 95 %"`
	High      float64 `json:"per_week_high"`
	Values    int     `json:"values" doc:"shares that were compared, within a level only"`
	Levels    int     `json:"levels"`
	Days      int     `json:"days_per_value"`
}

// ArchiveSeason says whether the share that passes differs within a period.
type ArchiveSeason struct {
	Period   string     `json:"period" enum:"hour_of_day,day_of_week,month_of_year" doc:"UTC"`
	Found    *bool      `json:"found" doc:"null without enough data"`
	P        *float64   `json:"p" doc:"Kruskal-Wallis, adjusted for the periods and kinds in this answer"`
	Means    []*float64 `json:"means" nullable:"false" doc:"from hour 0, Monday or January; null where there is none"`
	Strength *float64   `json:"strength" doc:"of the week's season, from 0 to 1; null of others"`
	Lacking  *string    `json:"lacking"`
}

// ArchiveExpected is what share is expected to pass on a day.
type ArchiveExpected struct {
	At   time.Time `json:"at"`
	Mean float64   `json:"mean"`
	Low  float64   `json:"low" doc:"of an interval of 95 %"`
	High float64   `json:"high"`
}

// ArchiveModel is what a model has done.
type ArchiveModel struct {
	Key         string    `json:"model_key"`
	Name        *string   `json:"model" doc:"null where no answer is left that says it"`
	Adapter     *string   `json:"adapter_id"`
	First       time.Time `json:"first_day"`
	Last        time.Time `json:"last_day"`
	Items       int64     `json:"items"`
	Passes      int64     `json:"passes"`
	Proficiency *float64  `json:"proficiency" doc:"on the last day"`
	Low         *float64  `json:"proficiency_low"`
	High        *float64  `json:"proficiency_high"`
}

func archiveAnalysis(a *archive.Analysis) ArchiveAnalysis {
	b := ArchiveAnalysis{
		Kind: a.Kind.Upper(), Items: a.Items, Passes: a.Passes, Lacking: a.Lacking, Seasons: each(a.Seasons, archiveSeason),
		Forecast: each(a.Forecast, func(e *archive.Expected) ArchiveExpected { return ArchiveExpected{e.At, e.Mean, e.Low, e.High} }),
		History:  each(a.Curve.Points, curvePoint), Changes: each(a.Curve.Changes, modelChange),
		Models: each(a.Models, archiveModel),
	}
	if t := a.Trend; t != nil {
		b.Trend = &ArchiveTrend{"none", t.P, t.PerWeek, t.Low, t.High, t.Values, t.Levels, t.Days}
		switch {
		case t.Found && t.PerWeek > 0:
			b.Trend.Direction = "rising"
		case t.Found && t.PerWeek < 0:
			b.Trend.Direction = "falling"
		}
	}
	return b
}

func archiveSeason(s *archive.Season) ArchiveSeason {
	b := ArchiveSeason{
		Period: s.Period, Strength: number(s.Strength), Lacking: optional(s.Lacking),
		Means: each(s.Means, func(m *float64) *float64 { return number(*m) }),
	}
	if s.Lacking == "" {
		b.Found, b.P = &s.Found, &s.P
	}
	return b
}

func archiveModel(m *archive.Model) ArchiveModel {
	b := ArchiveModel{
		Key: m.Key, Name: optional(m.Name), Adapter: optional(m.Adapter), First: m.First, Last: m.Last, Items: m.Items, Passes: m.Passes,
	}
	b.Proficiency, b.Low, b.High = interval(m.Estimate)
	return b
}

// number is x, nil where it is not a number.
func number(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}
