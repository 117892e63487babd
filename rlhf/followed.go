package rlhf

import (
	"math"
	"time"

	"github.com/pastime-go/pastime/rlhf/internal/ope"
)

// following says whether the policy is followed.
type following struct {
	now   bool
	since time.Time // when now became what it is; zero for never
	known time.Time // from when on all decisions were read; zero for all
}

// month is how long after another bet on harm begins.
const month = 30 * 24 * time.Hour

// worse judges the policy by what it chose since it is followed, at each choice by the model of that time. Back is
// said of one that is at no choice worse than the inner policy with a chance of at most 1 - PolicyOptions.Chance
// each time that it is followed, however often it is checked, if what was chosen does not decide whether it is
// rated: see [ope.Worse]. The numbers are of the months whose decisions say it most clearly.
func (f *following) worse(ds []decision, o *PolicyOptions) OffPolicy {
	var js []judged
	var begins []int
	since := f.since
	for i := range ds {
		d := &ds[i]
		if !steered(d.plan) {
			continue
		}
		if since.IsZero() { // an earlier version did not say
			since = d.at
		}
		for n := int(d.at.Sub(since) / month); len(begins) <= n; {
			begin := len(js)
			if since.Add(time.Duration(len(begins)) * month).Before(f.known) {
				begin = -1
			}
			begins = append(begins, begin)
		}
		row := ope.Row{Action: action(d.plan), Logged: d.plan.Propensity, Reward: d.stars, Base: baseOf(d.plan)}
		for _, c := range d.plan.Candidates {
			row.Target, row.Model = append(row.Target, c.Probability), append(row.Model, c.Score)
		}
		js = append(js, judged{d, row})
	}
	rows := make([]ope.Row, len(js))
	for i := range js {
		rows[i] = js[i].row
	}
	logE, from := ope.Worse(rows, begins, MinRating, MaxRating)
	r := offPolicy(js[from:], o)
	if r.Verdict == Back && logE < -math.Log(1-o.Chance) {
		r.Verdict = Wait
	}
	return r
}
