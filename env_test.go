package pastime_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime"
)

func getenv(name, value string) func(string) string {
	return func(n string) string {
		if n == name {
			return value
		}
		return ""
	}
}

// variables says what each variable sets, with its default, a value and what
// that means, and values that are refused.
var variables = []struct {
	name  string
	field func(o *pastime.Options) any
	def   any
	value string
	want  any
	bad   []string
}{
	{"AUTONOMOUS_HOBBY_ENABLED", func(o *pastime.Options) any { return o.Hobby.Disabled }, false, "false", true, []string{"yes", "2"}},
	{"HOBBY_INTERVAL_MINUTES", func(o *pastime.Options) any { return o.Hobby.Interval }, 15 * time.Minute, "0.5", 30 * time.Second,
		[]string{"0", "-1", "NaN", "Inf", "15m", "1e9"}},
	{"HOBBY_IDLE_THRESHOLD_MINUTES", func(o *pastime.Options) any { return o.Hobby.IdleThreshold }, 5 * time.Minute, "7", 7 * time.Minute,
		[]string{"0", "x"}},
	{"HOBBY_MAX_DURATION_MINUTES", func(o *pastime.Options) any { return o.Hobby.MaxDuration }, 10 * time.Minute, "60", time.Hour,
		[]string{"0", "-5"}},
	{"HOBBY_FOCUS_WEAKNESSES", func(o *pastime.Options) any { return o.Hobby.Knobs.FocusOnWeaknesses }, true, "0", false, []string{"maybe"}},
	{"HOBBY_VARIETY_FACTOR", func(o *pastime.Options) any { return o.Hobby.Knobs.Variety }, 0.3, "0", 0.0, []string{"1.01", "-0.1", "NaN"}},
	{"HOBBY_INTENSITY_LEVEL", func(o *pastime.Options) any { return o.Hobby.Knobs.Intensity }, 0.5, "1", 1.0, []string{"1.01", "high"}},
	{"HOBBY_METRICS_CACHE_SECONDS", func(o *pastime.Options) any { return o.Metrics.Cache }, 10 * time.Second, "2.5",
		2500 * time.Millisecond, []string{"-1", "10s"}},
	{"HOBBY_METRICS_CACHE_SECONDS", func(o *pastime.Options) any { return o.Metrics.Cache }, 10 * time.Second, "0", time.Duration(-1), nil},
	{"HOBBY_METRICS_SCRAPE_INTERVAL", func(o *pastime.Options) any { return o.Metrics.ScrapeInterval }, 30 * time.Second, "1m30s",
		90 * time.Second, []string{"30", "0s", "25h"}},
	{"HOBBY_SUBAGENT_MAX_CONCURRENT", func(o *pastime.Options) any { return o.Subagent.MaxConcurrent }, 5, "100", 100,
		[]string{"0", "101", "2.5"}},
	{"HOBBY_SUBAGENT_TIMEOUT_MINUTES", func(o *pastime.Options) any { return o.Subagent.Timeout }, 15 * time.Minute, "1", time.Minute,
		[]string{"0"}},
	{"HOBBY_AUTO_DISTRIBUTE_ENABLED", func(o *pastime.Options) any { return o.Subagent.DistributeEvery }, time.Hour, "false",
		time.Duration(-1), []string{"on"}},
	{"HOBBY_AUTO_DISTRIBUTE_INTERVAL_MINUTES", func(o *pastime.Options) any { return o.Subagent.DistributeEvery }, time.Hour, "90",
		90 * time.Minute, []string{"0", "hourly"}},
	{"HOBBY_ARCHIVE_ENABLED", func(o *pastime.Options) any { return o.Archive.Every }, time.Duration(0), "false", time.Duration(-1),
		[]string{"never"}},
	{"HOBBY_ARCHIVE_AFTER_DAYS", func(o *pastime.Options) any { return o.Archive.After }, 30 * 24 * time.Hour, "1.5", 36 * time.Hour,
		[]string{"0", "-1", "99999"}},
	{"HOBBY_LORA_ENABLED", func(o *pastime.Options) any { return o.LoRA.Schedule != nil }, true, "false", false, []string{"nightly"}},
	{"HOBBY_LORA_SCHEDULE", func(o *pastime.Options) any {
		return o.LoRA.Schedule.Next(time.Date(2026, 2, 7, 12, 0, 0, 0, time.Local)).Format("02 15:04")
	}, "08 03:00", "30 22 * * *", "07 22:30", []string{"nightly", "0 25 * * *", "* * *", "TZ=UTC", "0 3 31 2 *"}},
	{"HOBBY_REDACT", func(o *pastime.Options) any { return o.Hobby.Redact != nil }, false, "false", true, []string{"no"}},
}

func TestOptionsFromEnv(t *testing.T) {
	for _, v := range variables {
		for value, want := range map[string]any{"": v.def, v.value: v.want} {
			o, err := pastime.OptionsFromEnv(getenv(v.name, value))
			if err != nil {
				t.Errorf("%s=%s: %v", v.name, value, err)
			} else if got := v.field(o); got != want {
				t.Errorf("%s=%s: %v, want %v", v.name, value, got, want)
			}
		}
		for _, value := range v.bad {
			if _, err := pastime.OptionsFromEnv(getenv(v.name, value)); err == nil || !strings.Contains(err.Error(), v.name) ||
				!strings.Contains(err.Error(), value) {
				t.Errorf("%s=%s: %v, want an error that names both", v.name, value, err)
			}
		}
	}
	asked := map[string]bool{}
	if _, err := pastime.OptionsFromEnv(func(name string) string { asked[name] = true; return "" }); err != nil {
		t.Fatal(err)
	}
	for _, v := range variables {
		delete(asked, v.name)
	}
	if len(asked) > 0 {
		t.Errorf("nothing here says what %v set", asked)
	}
}
