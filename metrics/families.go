package metrics

import (
	"github.com/pastime-go/pastime/hobby"
)

// family is a family of the practice itself.
type family struct {
	hobby.Metric
	values func(s *snapshot, emit func(v float64, labels ...string))
}

// families has the specification's names first, then the names in base units.
// Nothing writes to it.
var families = []family{
	perKind("hobby_proficiency", "Chance to pass a task of this type, as the mean of its posterior.", mean),
	ofCount("hobby_time_invested_minutes", "Time practised.", func(c *hobby.Count) float64 { return c.Time.Minutes() }),
	perKind("hobby_success_rate", "Share of all verified answers that passed.", (*hobby.KindProgress).SuccessRate),
	single("hobby_system_enabled", "Whether automatic practice is switched on.", func(s *snapshot) float64 { return one(s.system.Enabled) }),
	single("hobby_system_running", "Whether practice starts when the user is away.",
		func(s *snapshot) float64 { return one(s.system.Running) }),
	single("hobby_system_is_idle", "Whether the user is away.", func(s *snapshot) float64 { return one(s.system.Idle) }),
	counter(single("hobby_activities_total", "Activities begun.", func(s *snapshot) float64 { return float64(s.progress.Total) })),
	ofCount("hobby_activities_completed", "Activities completed.", func(c *hobby.Count) float64 { return float64(c.Completed) }),
	counter(ofCount("hobby_insights_total", "Insights found.", func(c *hobby.Count) float64 { return float64(c.Insights) })),
	single("hobby_current_activity_active", "Whether an activity runs.", func(s *snapshot) float64 { return one(s.system.Current != nil) }),
	current("hobby_current_activity_duration_seconds", "How long the running activity has run."),

	perKind("pastime_proficiency_ratio", "Chance to pass a task of this type, as the mean of its posterior.", mean),
	perKind("pastime_proficiency_low_ratio", "Lower end of the proficiency's 95 % interval.", func(k *hobby.KindProgress) *float64 {
		_, low, _ := interval(k.Proficiency.Estimate)
		return low
	}),
	perKind("pastime_proficiency_high_ratio", "Upper end of the proficiency's 95 % interval.", func(k *hobby.KindProgress) *float64 {
		_, _, high := interval(k.Proficiency.Estimate)
		return high
	}),
	overall("pastime_overall_proficiency_ratio", "Mean proficiency of the types that were measured.",
		func(e hobby.Estimate) float64 { return e.Mean }),
	overall("pastime_overall_proficiency_low_ratio", "Lower end of the overall proficiency's 95 % interval.",
		func(e hobby.Estimate) float64 { return e.Low }),
	overall("pastime_overall_proficiency_high_ratio", "Upper end of the overall proficiency's 95 % interval.",
		func(e hobby.Estimate) float64 { return e.High }),
	perKind("pastime_improvement_ratio_per_second", "Proficiency gained per second of practice.",
		perSecond(func(c *hobby.Change) float64 { return c.Mean })),
	perKind("pastime_improvement_low_ratio_per_second", "Lower end of the improvement's 95 % interval.",
		perSecond(func(c *hobby.Change) float64 { return c.Low })),
	perKind("pastime_improvement_high_ratio_per_second", "Upper end of the improvement's 95 % interval.",
		perSecond(func(c *hobby.Change) float64 { return c.High })),
	perKind("pastime_success_ratio", "Share of all verified answers that passed.", (*hobby.KindProgress).SuccessRate),
	perKind("pastime_engagement_ratio", "Share of the practice time that produced verified answers.", (*hobby.KindProgress).Engagement),
	counter(ofCount("pastime_activities_started_total", "Activities begun.", func(c *hobby.Count) float64 { return float64(c.Started) })),
	counter(byLabel("pastime_activities_ended_total", "Activities ended, by how.", "status", func(c *hobby.Count, emit func(string, float64)) {
		emit(string(hobby.Completed), float64(c.Completed))
		emit(string(hobby.Failed), float64(c.Failed))
		emit(string(hobby.Interrupted), float64(c.Interrupted))
	})),
	counter(byLabel("pastime_items_total", "Verified answers, by verdict.", "verdict", func(c *hobby.Count, emit func(string, float64)) {
		emit("passed", float64(c.Passes))
		emit("failed", float64(c.Items-c.Passes))
	})),
	counter(ofCount("pastime_cut_answers_total", "Verified answers that were cut before they ended.",
		func(c *hobby.Count) float64 { return float64(c.Cut) })),
	counter(ofCount("pastime_insights_total", "Insights found.", func(c *hobby.Count) float64 { return float64(c.Insights) })),
	counter(ofCount("pastime_practice_seconds_total", "Time practised.", func(c *hobby.Count) float64 { return c.Time.Seconds() })),
	counter(ofCount("pastime_engaged_seconds_total", "Part of the time practised that produced verified answers.",
		func(c *hobby.Count) float64 { return c.Engaged.Seconds() })),
	counter(byLabel("pastime_tokens_total", "Tokens that practice used.", "direction", func(c *hobby.Count, emit func(string, float64)) {
		emit("in", float64(c.Cost.TokensIn))
		emit("out", float64(c.Cost.TokensOut))
	})),
	counter(ofCount("pastime_cpu_seconds_total", "Processor time that practice used.",
		func(c *hobby.Count) float64 { return c.Cost.CPU.Seconds() })),
	counter(ofCount("pastime_cost_usd_total", "US dollars that practice cost.",
		func(c *hobby.Count) float64 { return float64(c.Cost.MicroUSD) / 1e6 })),
	perKind("pastime_degraded", "Whether sessions of this type keep yielding nothing, so that it rests.",
		func(k *hobby.KindProgress) *float64 { return ptr(one(k.Degraded)) }),
	perKind("pastime_last_activity_timestamp_seconds", "When the newest activity began, in Unix time.", func(k *hobby.KindProgress) *float64 {
		if k.Count.Started == 0 {
			return nil
		}
		return ptr(float64(k.Count.Last.UnixMilli()) / 1e3)
	}),

	single("pastime_enabled", "Whether automatic practice is switched on.", func(s *snapshot) float64 { return one(s.system.Enabled) }),
	single("pastime_running", "Whether practice starts when the user is away.", func(s *snapshot) float64 { return one(s.system.Running) }),
	single("pastime_user_idle", "Whether the user is away.", func(s *snapshot) float64 { return one(s.system.Idle) }),
	single("pastime_activity_running", "Whether an activity runs.", func(s *snapshot) float64 { return one(s.system.Current != nil) }),
	current("pastime_current_activity_seconds", "How long the running activity has run."),
	counter(single("pastime_dropped_events_total", "Events that slow subscribers missed.",
		func(s *snapshot) float64 { return float64(s.system.Dropped) })),
	labelled("pastime_resting", "1 with the reason for which no session starts by itself; absent when one may.", []string{"reason"},
		func(s *snapshot, emit func(float64, ...string)) {
			if s.system.Resting != "" {
				emit(1, s.system.Resting)
			}
		}),
	labelled("pastime_model_info", "1 with the model that practises; absent before it was asked.", []string{"model", "key"},
		func(s *snapshot, emit func(float64, ...string)) {
			if m := s.system.Model; m.Key != "" {
				emit(1, m.Name, m.Key)
			}
		}),
	labelled("pastime_budget_used_ratio", "Share of today's budget that is used, of each resource that is bounded.",
		[]string{"resource"}, budget),
}

// single is a gauge with one value.
func single(name, help string, v func(*snapshot) float64) family {
	return family{hobby.Metric{Name: name, Help: help}, func(s *snapshot, emit func(float64, ...string)) { emit(v(s)) }}
}

// labelled is a gauge with the labels that it emits itself.
func labelled(name, help string, labels []string, values func(s *snapshot, emit func(float64, ...string))) family {
	return family{hobby.Metric{Name: name, Help: help, Labels: labels}, values}
}

// mean is the estimate of a kind's proficiency, nil until it was measured.
func mean(k *hobby.KindProgress) *float64 {
	mean, _, _ := interval(k.Proficiency.Estimate)
	return mean
}

// perSecond makes a figure per second of a kind's improvement, which is per
// hour.
func perSecond(of func(*hobby.Change) float64) func(*hobby.KindProgress) *float64 {
	return func(k *hobby.KindProgress) *float64 {
		if k.ImprovementRate == nil {
			return nil
		}
		return ptr(of(k.ImprovementRate) / 3600)
	}
}

// perKind is a gauge with a value for each kind that has one.
func perKind(name, help string, v func(*hobby.KindProgress) *float64) family {
	return family{hobby.Metric{Name: name, Help: help, Labels: []string{"type"}}, func(s *snapshot, emit func(float64, ...string)) {
		for i := range s.progress.Kinds {
			k := &s.progress.Kinds[i]
			if v := v(k); v != nil {
				emit(*v, string(k.Kind))
			}
		}
	}}
}

// ofCount is a gauge with a value for each kind, of what was counted of it.
func ofCount(name, help string, v func(*hobby.Count) float64) family {
	return perKind(name, help, func(k *hobby.KindProgress) *float64 { return ptr(v(&k.Count)) })
}

// byLabel is a gauge with several values for each kind, told apart by a label.
func byLabel(name, help, label string, values func(c *hobby.Count, emit func(string, float64))) family {
	return family{hobby.Metric{Name: name, Help: help, Labels: []string{"type", label}}, func(s *snapshot, emit func(float64, ...string)) {
		for i := range s.progress.Kinds {
			k := &s.progress.Kinds[i]
			values(&k.Count, func(by string, v float64) { emit(v, string(k.Kind), by) })
		}
	}}
}

// overall is a gauge of the overall proficiency, absent until it was measured.
func overall(name, help string, v func(hobby.Estimate) float64) family {
	return family{hobby.Metric{Name: name, Help: help}, func(s *snapshot, emit func(float64, ...string)) {
		if s.progress.Overall.Measured() {
			emit(v(s.progress.Overall))
		}
	}}
}

// current is a gauge of the running activity's time, absent while none runs.
func current(name, help string) family {
	return family{hobby.Metric{Name: name, Help: help, Labels: []string{"type"}}, func(s *snapshot, emit func(float64, ...string)) {
		if a := s.system.Current; a != nil {
			emit(a.Duration(s.at).Seconds(), string(a.Plan.Kind))
		}
	}}
}

// counter makes a counter of a gauge.
func counter(f family) family {
	f.Counter = true
	return f
}

func budget(s *snapshot, emit func(float64, ...string)) {
	limit, used := s.system.Daily, s.system.Used
	for _, r := range []struct {
		name        string
		limit, used float64
	}{
		{"time", limit.Time.Seconds(), used.Time.Seconds()},
		{"items", float64(limit.Items), float64(used.Items)},
		{"tokens", float64(limit.Tokens), float64(used.Tokens)},
		{"cpu", limit.CPU.Seconds(), used.CPU.Seconds()},
		{"money", float64(limit.MicroUSD), float64(used.MicroUSD)},
	} {
		if r.limit > 0 {
			emit(r.used/r.limit, r.name)
		}
	}
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// readingMetrics tell how the readings themselves go.
var readingMetrics = []hobby.Metric{
	{Name: "pastime_reading_age_seconds", Labels: []string{"part"},
		Help: "How old what is shown of a part is; absent until it was read once."},
	{Name: "pastime_reading_duration_seconds", Help: "How long the last reading of a part took.", Labels: []string{"part"}},
	{Name: "pastime_reading_errors_total", Help: "Readings of a part that failed.", Counter: true, Labels: []string{"part"}},
}

func emitState(emit hobby.Emit, part string, s state) {
	if s.valid {
		emit("pastime_reading_age_seconds", s.age.Seconds(), part)
		emit("pastime_reading_duration_seconds", s.took.Seconds(), part)
	}
	emit("pastime_reading_errors_total", float64(s.errors), part)
}
