package metrics

import (
	"context"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// The formats of the timelines' labels.
const (
	hourLayout = "2006-01-02 15:04"
	dayLayout  = "2006-01-02"
)

// Chart is data for one chart: labels and as many values. A value that was
// not measured is nil.
type Chart struct {
	Labels []string   `json:"labels" nullable:"false"`
	Values []*float64 `json:"values" nullable:"false"`
}

// Radar is a Chart with the ends of each value's 95 % interval.
type Radar struct {
	Labels []string   `json:"labels" nullable:"false"`
	Values []*float64 `json:"values" nullable:"false"`
	Low    []*float64 `json:"low" nullable:"false" doc:"lower ends of the 95 % intervals"`
	High   []*float64 `json:"high" nullable:"false" doc:"upper ends of the 95 % intervals"`
}

// Lines is data for a chart of several lines, by kind, each with as many
// values as there are labels. A value that was not measured is nil.
type Lines struct {
	Labels []string              `json:"labels" nullable:"false"`
	Series map[string][]*float64 `json:"series" doc:"by lower-case kind; every registered one"`
}

// Dashboard is data that is ready for charts. Kinds are in the order of the
// hobbies, buckets of time are UTC and oldest first.
type Dashboard struct {
	// Proficiency is the proficiency of each kind, in [0, 1].
	Proficiency Radar `json:"proficiency_radar"`
	// TimeInvested is the practice time of each kind in hours.
	TimeInvested Chart `json:"time_invested_bars" doc:"hours"`
	// Timeline is how many activities began in each of the last 24 hours.
	Timeline Chart `json:"activity_timeline" doc:"activities begun in each of the last 24 hours"`
	// ByType is how many activities of each kind were ever begun.
	ByType Chart `json:"activities_by_type" doc:"activities ever begun"`
	// SuccessRate is, for each of the last 30 days, the share of verified
	// answers that passed.
	SuccessRate Lines `json:"success_rate_trend" doc:"share of each day's verified answers that passed, over the last 30 days"`
	Stats       Stats `json:"current_stats"`
}

// Stats are the numbers beside the charts.
type Stats struct {
	TotalActivities int64 `json:"total_activities"`
	// ActiveHobbies is how many kinds were ever practised.
	ActiveHobbies      int       `json:"active_hobbies" doc:"kinds that were ever practised"`
	OverallEngagement  *float64  `json:"overall_engagement" doc:"share of practice time that produced verified items"`
	OverallProficiency *float64  `json:"overall_proficiency"`
	IsLearning         bool      `json:"is_learning" doc:"an activity runs"`
	At                 time.Time `json:"timestamp" doc:"when this was read"`
}

// Dashboard returns data for charts. It fails only while nothing was ever
// read.
func (c *Collector) Dashboard(ctx context.Context) (Dashboard, error) {
	s, err := c.practice.get(ctx)
	if err != nil {
		return Dashboard{}, err
	}
	kinds := s.progress.Kinds
	d := Dashboard{
		Timeline:    Chart{Labels: s.hours.labels(hourLayout), Values: make([]*float64, Hours)},
		SuccessRate: Lines{Labels: s.days.labels(dayLayout), Series: map[string][]*float64{}},
		Stats: Stats{
			TotalActivities: s.progress.Total, OverallEngagement: s.progress.Engagement,
			IsLearning: s.system.Current != nil, At: s.at,
		},
	}
	for i := range d.Timeline.Values {
		d.Timeline.Values[i] = ptr(float64(s.hours.started(i)))
	}
	labels := make([]string, len(kinds))
	for i := range kinds {
		k := &kinds[i]
		labels[i] = string(k.Kind)
		mean, low, high := interval(k.Proficiency.Estimate)
		d.Proficiency.Values = append(d.Proficiency.Values, mean)
		d.Proficiency.Low = append(d.Proficiency.Low, low)
		d.Proficiency.High = append(d.Proficiency.High, high)
		d.TimeInvested.Values = append(d.TimeInvested.Values, ptr(k.Count.Time.Hours()))
		d.ByType.Values = append(d.ByType.Values, ptr(float64(k.Count.Started)))
		if k.Count.Started > 0 {
			d.Stats.ActiveHobbies++
		}
		line := make([]*float64, Days)
		for day, counts := range s.days.kinds {
			if n := counts[k.Kind]; n.Items > 0 {
				line[day] = ptr(float64(n.Passes) / float64(n.Items))
			}
		}
		d.SuccessRate.Series[labels[i]] = line
	}
	d.Proficiency.Labels, d.TimeInvested.Labels, d.ByType.Labels = labels, labels, labels
	d.Stats.OverallProficiency, _, _ = interval(s.progress.Overall)
	return d, nil
}

func ptr(v float64) *float64 { return &v }

// interval is an estimate's mean and interval, nil when nothing was measured.
func interval(e hobby.Estimate) (mean, low, high *float64) {
	if !e.Measured() {
		return nil, nil, nil
	}
	return &e.Mean, &e.Low, &e.High
}
