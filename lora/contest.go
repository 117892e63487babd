package lora

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/pastime-go/pastime/internal/stat"
)

// TrialOptions configures trials. Zero fields have defaults.
type TrialOptions struct {
	// Alpha bounds the chance that the interval of a trial's difference does not hold it,
	// at any time. What is promoted has an interval above zero, so a trial promotes wrongly
	// with a chance of at most Alpha/2. Default 0.05.
	Alpha float64
	// Effect is the least share of wins among the pairs that differ that is of
	// interest, above 0.5. Default 0.6.
	Effect float64
	// MostPairs is the largest number of tasks that both answer. Default 2,000.
	MostPairs int
	// Nights is how many earlier trials of the kind the evidence is weighed with.
	// Default 30; a negative number means none.
	Nights int
	// Margin is the largest loss, as a share of all answers, that is accepted over
	// all levels together that were not practised. Default 0.02.
	Margin float64
	// GuardTasks is how many held-out tasks of those levels are asked together at least,
	// and GuardLevel how many of each, where there are as many; up to twice as many judge a
	// level by itself. Defaults: what [Recipe] says, and 100.
	// At 100 tasks of one of 30 levels ten answers lost, and none won, are found: a
	// level that has truly lost 12 points passes in about one of four trials. At 200
	// tasks one that has lost 6 points does, and one that has lost 10 in one of 300. One that
	// has lost 12 points and won 2 on other tasks passes in one of six. Of a level that the
	// base answers to 5 % only, all may be lost in nearly one of two.
	GuardTasks, GuardLevel int
	// Watch is how long a champion is watched, from the first time on that a program runs
	// after its promotion. In that time it sits 12 exams of WatchTasks held-out tasks each,
	// as does what it replaced, and is rolled back if it is shown to be worse. An exam that
	// was due while no program ran is sat afterwards. Defaults 72 h and 60; a negative Watch
	// means none.
	Watch      time.Duration
	WatchTasks int
	// Cooldown is how long after that no run of the schedule makes another champion of
	// the kind. Default 48 h; a negative one means none.
	Cooldown time.Duration
}

func (o TrialOptions) withDefaults() TrialOptions {
	set(&o.Alpha, 0.05)
	set(&o.Effect, 0.6)
	set(&o.MostPairs, 2000)
	set(&o.Nights, 30)
	set(&o.Margin, 0.02)
	set(&o.GuardLevel, 100)
	set(&o.WatchTasks, 60)
	o.Watch, o.Cooldown = cmp.Or(o.Watch, 72*time.Hour), cmp.Or(o.Cooldown, 48*time.Hour)
	return o
}

// validate reports the first field that makes no sense, as an ErrConfig.
func (o *TrialOptions) validate() error {
	for _, f := range []struct {
		name        string
		v           float64
		least, most float64
	}{
		{"Alpha", o.Alpha, 1e-9, 0.5}, {"Effect", o.Effect, 0.501, 0.999}, {"MostPairs", float64(o.MostPairs), 1, 50_000},
		{"Nights", float64(o.Nights), -math.MaxInt32, 250}, {"Margin", o.Margin, 0, 1},
		{"GuardTasks", float64(o.GuardTasks), 0, 50_000}, {"GuardLevel", float64(o.GuardLevel), 1, 50_000},
		{"WatchTasks", float64(o.WatchTasks), 1, 4000},
	} {
		if !(f.v >= f.least && f.v <= f.most) {
			return fmt.Errorf("%w: TrialOptions.%s is %v; it lies between %v and %v", ErrConfig, f.name, f.v, f.least, f.most)
		}
	}
	return nil
}

// contest decides between a candidate and a baseline by pairs. It may be asked after
// each of them.
type contest struct {
	TrialOptions
	past []float64 // logarithms of the e-values of earlier nights
	tally
	logE, most float64 // the logarithm of the e-value, and the largest so far
}

// add counts a task that both answered, and returns the logarithm of the e-value.
func (c *contest) add(candidate, baseline float64) float64 {
	before := c.sign
	c.tally.add(candidate, baseline)
	if c.sign != before {
		c.logE = c.sign.LogE()
		c.most = max(c.most, c.logE)
	}
	return c.logE
}

// level is that of one side: half of Alpha, as of an interval with two ends.
func (o *TrialOptions) level() float64 { return o.Alpha / 2 }

// better reports whether the e-value is large enough to promote: by e-BH with those of
// the nights before, so that the share of wrong promotions of all nights is at most
// Alpha/2 on average (Wang and Ramdas 2022). The interval that report shows is then above
// zero.
func (c *contest) better() bool {
	return stat.EBH(append([]float64{c.logE}, c.past...), c.level())[0]
}

// verdict says how the contest ends now, and why; "" is that it goes on.
func (c *contest) verdict() (Verdict, string) {
	sure, worse := -math.Log(c.level()), c.sign.Opposite()
	switch {
	case c.better():
		return Promote, "it answers more held-out tasks right"
	case worse.LogE() >= sure:
		return Rollback, "it answers fewer held-out tasks right"
	case worse.LogEAbove(1-c.Effect) >= sure:
		return Futile, "it is not better by as much as is of interest"
	case c.pairs >= c.MostPairs:
		return Inconclusive, "the largest number of tasks did not decide"
	}
	return "", ""
}

// report fills in what the pairs say so far.
func (c *contest) report(t *Trial) {
	t.Pairs, t.Wins, t.Losses = c.pairs, c.sign.Wins, c.sign.Losses
	t.Ties, t.Most, t.Alpha = c.ties(), c.MostPairs, c.level()
	t.LogE, t.PValue = c.logE, min(1, math.Exp(-c.most))
	if c.pairs == 0 {
		return
	}
	n := float64(c.pairs)
	t.CandidateScore, t.BaselineScore = c.candidate/n, c.baseline/n
	d := c.difference(c.Alpha)
	t.Difference = &d
}
