package archive

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Analysis is what the past says of a kind. What there is not enough data for is nil or
// empty, and Lacking says why.
type Analysis struct {
	Kind hobby.Kind
	// Items and Passes count the verified answers of the time that was analysed.
	Items, Passes int64
	Trend         *Trend
	Seasons       []Season
	Forecast      []Expected
	// Curve is the proficiency over time, and Models are those that answered, by their
	// first answer.
	Curve  hobby.Curve
	Models []Model
	// Lacking has a reason for "trend", "season" and "forecast" where they are not there.
	Lacking map[string]string
}

// Trend says whether more answers pass than before, at the same levels: answers are
// compared with those of the same family, its version and level only, so that harder tasks
// are no trend. Of a model with an adapter only held-out answers count.
type Trend struct {
	// Found says that there is a trend. The chance that one or more kinds of an analysis
	// have a trend that is none is at most 5 %, where the days' results are independent.
	Found bool
	// P is the p-value, adjusted for the kinds that were analysed together.
	P float64
	// PerWeek is the change of the share that passes in seven days, such as 0.01, Low and
	// High its interval of 95 %.
	PerWeek, Low, High float64
	// Values counts the shares that were compared, Levels the levels that they are of,
	// and Days is how many days each is of.
	Values, Levels, Days int
}

// Season says whether the share of answers that pass differs within a period.
type Season struct {
	// Period is "hour_of_day", "day_of_week" or "month_of_year", in UTC.
	Period string
	// Found says that it differs, at 5 % for all periods and kinds of an analysis; P is
	// the p-value, adjusted for them. Lacking is a reason where there is not enough data.
	Found   bool
	P       float64
	Lacking string
	// Means are the mean shares by the hour from 0, the day from Monday or the month from
	// January; not a number where there is none.
	Means []float64
	// Strength is how much of what differs from day to day the week is, in [0, 1]; not a
	// number for other periods.
	Strength float64
}

// Expected is what share is expected to pass on a day to come, between Low and High with a
// chance of 95 % if it goes on as it did. The interval does not know that the parameters
// were estimated, but for their number.
type Expected struct {
	At              time.Time
	Mean, Low, High float64
}

// Model is what a model has done. Name and Adapter are "" where no answer of it is left
// that says them.
type Model struct {
	Key, Name, Adapter string
	First, Last        time.Time // days
	// Estimate is its proficiency on the last day. Items and Passes count all of its
	// answers, also those that a model with an adapter was trained on.
	Estimate      hobby.Estimate
	Items, Passes int64
}

// Part is a part of an analysis.
type Part string

// The parts. Summary has the other two, the history and the models.
const (
	TrendPart  Part = "trend"
	SeasonPart Part = "season"
	Summary    Part = "summary"
)

const (
	sure     = 0.05                // the chance of an alarm that is none
	chance   = 1 - sure            // of intervals
	buckets  = 182                 // of a trend, at most
	ahead    = 14                  // days of a forecast
	hoursOf  = 90 * 24 * time.Hour // whose hours of the day are compared
	seasonal = 7                   // days
)

// Analyse says what the tallies and counts of some kinds say. They stay in the store for
// ever, so archiving does not change the answer. kind "" selects all kinds; since and until
// bound the days, and zero is no bound.
func (a *Archiver) Analyse(ctx context.Context, kind hobby.Kind, what Part, since, until time.Time) ([]Analysis, error) {
	if what != TrendPart && what != SeasonPart && what != Summary {
		return nil, errors.Join(hobby.ErrInvalid, errors.New("archive: the part of an analysis is "+string(what)))
	}
	byKind, err := a.past(ctx, kind, since, until)
	if err != nil {
		return nil, err
	}
	var all []Analysis
	for _, k := range slices.Sorted(maps.Keys(byKind)) {
		p := byKind[k]
		an := Analysis{Kind: k, Lacking: map[string]string{}}
		for _, t := range p.tallies {
			an.Items += t.Tries
			an.Passes += t.Passes
		}
		p.seasons(&an)
		all = append(all, an)
	}
	var tests []test
	for i := range all {
		for j := range all[i].Seasons {
			if s := &all[i].Seasons[j]; s.Lacking == "" {
				tests = append(tests, test{&s.P, &s.Found})
			}
		}
	}
	adjust(tests)
	tests = nil
	for i := range all {
		an, p := &all[i], byKind[all[i].Kind]
		if what != SeasonPart {
			p.trend(an)
			p.forecast(an)
			if an.Trend != nil {
				tests = append(tests, test{&an.Trend.P, &an.Trend.Found})
			}
		}
		if what == Summary {
			if err := a.history(ctx, an, p.tallies); err != nil {
				return nil, err
			}
		}
		if what == TrendPart {
			an.Seasons = nil
			delete(an.Lacking, "season")
		}
	}
	adjust(tests)
	return all, nil
}
