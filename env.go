package pastime

import (
	"fmt"
	"strconv"
	"time"
)

// OptionsFromEnv reads the environment variables of the original system,
// through getenv (os.Getenv for the real ones). A variable that is empty or
// missing leaves its default, in the second column. An error names the variable
// and what was expected of it.
//
//	AUTONOMOUS_HOBBY_ENABLED                true  practise by itself
//	HOBBY_INTERVAL_MINUTES                  15    from one session to the next
//	HOBBY_IDLE_THRESHOLD_MINUTES            5     how long the user must be away
//	HOBBY_MAX_DURATION_MINUTES              10    the longest session
//	HOBBY_FOCUS_WEAKNESSES                  true  prefer what can be learned; else what is rising
//	HOBBY_VARIETY_FACTOR                    0.3   how much is left to chance, 0 to 1
//	HOBBY_INTENSITY_LEVEL                   0.5   how hard practice is, 0 to 1
//	HOBBY_METRICS_CACHE_SECONDS             10    how long a reading of the metrics is served; 0 reads for each request
//	HOBBY_METRICS_SCRAPE_INTERVAL           30s   how often a scraper is expected
//	HOBBY_SUBAGENT_MAX_CONCURRENT           5     assignments at a time for each sub-agent, 1 to 100
//	HOBBY_SUBAGENT_TIMEOUT_MINUTES          15    how long one may take
//	HOBBY_AUTO_DISTRIBUTE_ENABLED           true  give work to sub-agents by itself
//	HOBBY_AUTO_DISTRIBUTE_INTERVAL_MINUTES  60    how often
//	HOBBY_ARCHIVE_ENABLED                   true  move old activities into files by itself
//	HOBBY_ARCHIVE_AFTER_DAYS                30    how old they are then
//	HOBBY_LORA_ENABLED                      true  train adapters by itself, where there is a trainer
//	HOBBY_LORA_SCHEDULE                0 3 * * *  when: a schedule of cron, in local time
//	HOBBY_REDACT                            true  take secrets and e-mail addresses out of what is stored
//
// Days, minutes and seconds need not be whole; days and minutes are more than 0.
func OptionsFromEnv(getenv func(string) string) (*Options, error) {
	e := &env{get: getenv}
	o := &Options{
		Hobby: e.practice(), Metrics: e.metrics(), Subagent: e.subagents(), Archive: e.archive(), LoRA: e.training(),
	}
	o.Hobby.Redact = e.redaction()
	if e.err != nil {
		return nil, e.err
	}
	return o, nil
}

// env reads variables and keeps the first error.
type env struct {
	get func(string) string
	err error
}

func (e *env) fail(name, value, want string) {
	if e.err == nil {
		e.err = fmt.Errorf("pastime: %s is %q, must be %s", name, value, want)
	}
}

func (e *env) boolean(name string, def bool) bool {
	s := e.get(name)
	if s == "" {
		return def
	}
	b, err := strconv.ParseBool(s)
	if err != nil {
		e.fail(name, s, "true or false")
	}
	return b
}

func (e *env) number(name string, def, low, high float64) float64 {
	s := e.get(name)
	if s == "" {
		return def
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= low && v <= high) {
		e.fail(name, s, fmt.Sprintf("a number from %v to %v", low, high))
	}
	return v
}

func (e *env) integer(name string, def, low, high int) int {
	s := e.get(name)
	if s == "" {
		return def
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < low || v > high {
		e.fail(name, s, fmt.Sprintf("a whole number from %d to %d", low, high))
	}
	return v
}

// minutes reads a length of time between a millisecond and a year.
func (e *env) minutes(name string, def float64) time.Duration {
	const millisecond, year = 1.0 / 60000, 366 * 24 * 60
	v := e.number(name, def, 0, year)
	if e.err == nil && v < millisecond {
		e.fail(name, e.get(name), "a positive number of minutes")
	}
	return time.Duration(v * float64(time.Minute))
}

// days reads a length of time between an hour and a century.
func (e *env) days(name string, def float64) time.Duration {
	v := e.number(name, def, 0, 36525)
	if e.err == nil && v < 1.0/24 {
		e.fail(name, e.get(name), "a number of days, an hour or more")
	}
	return time.Duration(v * 24 * float64(time.Hour))
}

// seconds reads a length of time up to a day.
func (e *env) seconds(name string, def float64) time.Duration {
	return time.Duration(e.number(name, def, 0, 24*60*60) * float64(time.Second))
}

// duration reads a length of time with its unit, such as 30s, between a second
// and a day.
func (e *env) duration(name string, def time.Duration) time.Duration {
	s := e.get(name)
	if s == "" {
		return def
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Second || d > 24*time.Hour {
		e.fail(name, s, "a length of time from 1s to 24h, such as 30s")
	}
	return d
}
