package archive

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/stat"
)

func dayTime(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// past is what there is of a kind.
type past struct {
	tallies       []hobby.Tally
	daily, hourly []hobby.Count
}

// past reads what there is of each kind.
func (a *Archiver) past(ctx context.Context, kind hobby.Kind, since, until time.Time) (map[hobby.Kind]*past, error) {
	tallies, _, err := a.source.Tallies(ctx, hobby.TallyFilter{})
	if err != nil {
		return nil, err
	}
	daily, err := a.source.Counts(ctx, hobby.CountFilter{Bucket: hobby.Daily, Since: since, Until: until})
	if err != nil {
		return nil, err
	}
	from := time.Now().Add(-hoursOf)
	if !until.IsZero() && until.Before(time.Now()) {
		from = until.Add(-hoursOf)
	}
	if since.After(from) {
		from = since
	}
	hourly, err := a.source.Counts(ctx, hobby.CountFilter{Bucket: hobby.Hourly, Since: from, Until: until})
	if err != nil {
		return nil, err
	}
	all := map[hobby.Kind]*past{}
	of := func(k hobby.Kind) *past {
		if all[k] == nil {
			all[k] = &past{}
		}
		return all[k]
	}
	for _, t := range tallies {
		if at := dayTime(t.Day); !at.Before(since) && (until.IsZero() || at.Before(until)) {
			of(t.Kind).tallies = append(of(t.Kind).tallies, t)
		}
	}
	for _, c := range daily {
		of(c.Kind).daily = append(of(c.Kind).daily, c)
	}
	for _, c := range hourly {
		of(c.Kind).hourly = append(of(c.Kind).hourly, c)
	}
	maps.DeleteFunc(all, func(k hobby.Kind, _ *past) bool { return kind != "" && k != kind })
	return all, nil
}

// share is the part that passed; not a number of nothing.
func share(passes, items int64) float64 {
	if items == 0 {
		return math.NaN()
	}
	return float64(passes) / float64(items)
}

// trend looks for a trend in the shares of each level.
func (p *past) trend(an *Analysis) {
	type level struct {
		family         string
		version, level int
	}
	first, last := math.MaxInt, math.MinInt
	counted := slices.DeleteFunc(slices.Clone(p.tallies), func(t hobby.Tally) bool {
		return hobby.Adapted(t.ModelKey) && t.Split != hobby.HeldOut || t.Tries == 0
	})
	for _, t := range counted {
		first, last = min(first, t.Day), max(last, t.Day)
	}
	if len(counted) == 0 {
		an.Lacking["trend"] = "not enough data: there are no verified answers"
		return
	}
	width := (last-first)/buckets + 1
	n := (last-first)/width + 1
	tries, passes := map[level][]int64{}, map[level][]int64{}
	for _, t := range counted {
		l := level{t.Family, t.Version, t.Level}
		if tries[l] == nil {
			tries[l], passes[l] = make([]int64, n), make([]int64, n)
		}
		tries[l][(t.Day-first)/width] += t.Tries
		passes[l][(t.Day-first)/width] += t.Passes
	}
	var series [][]float64
	for l := range tries {
		values := make([]float64, n)
		for i := range values {
			values[i] = share(passes[l][i], tries[l][i])
		}
		series = append(series, values)
	}
	period := 1
	if width == 1 && an.found("day_of_week") {
		period = seasonal
	}
	t, err := stat.StratifiedMannKendall(series, period, chance)
	if err != nil {
		an.Lacking["trend"] = err.Error()
		return
	}
	week := seasonal / float64(width)
	an.Trend = &Trend{P: t.P, PerWeek: t.Slope * week, Low: t.Low * week, High: t.High * week, Values: t.N, Levels: len(series), Days: width}
}

func (an *Analysis) found(period string) bool {
	return slices.ContainsFunc(an.Seasons, func(s Season) bool { return s.Period == period && s.Found })
}

// seasons tests three periods. Their p-values are not adjusted yet.
func (p *past) seasons(an *Analysis) {
	an.Seasons = []Season{
		seasonOf("hour_of_day", p.hourly, 24, 14*24*time.Hour, "two weeks", func(t time.Time) int { return t.Hour() }),
		seasonOf("day_of_week", p.daily, 7, 28*24*time.Hour, "four weeks", func(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }),
		seasonOf("month_of_year", monthly(p.daily), 12, 23*28*24*time.Hour, "two years", func(t time.Time) int { return int(t.Month()) - 1 }),
	}
	if week := &an.Seasons[1]; week.Lacking == "" {
		if d, err := stat.STL(p.rates(), seasonal, stat.Windows{Outer: 1}); err == nil {
			week.Strength = d.Strength()
		}
	}
	lacking := 0
	for _, s := range an.Seasons {
		if s.Lacking != "" {
			lacking++
		}
	}
	if lacking == len(an.Seasons) {
		an.Lacking["season"] = an.Seasons[0].Lacking
	}
}

// seasonOf tests whether the shares differ between the buckets of a period.
func seasonOf(period string, counts []hobby.Count, n int, least time.Duration, words string, bucket func(time.Time) int) Season {
	s := Season{Period: period, P: 1, Strength: math.NaN(), Means: make([]float64, n)}
	groups := make([][]float64, n)
	var first, last time.Time
	for _, c := range counts {
		if c.Items == 0 {
			continue
		}
		at := c.At.UTC()
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
		groups[bucket(at)] = append(groups[bucket(at)], share(c.Passes, c.Items))
	}
	for i, g := range groups {
		s.Means[i] = math.NaN()
		if len(g) > 0 {
			s.Means[i] = 0
			for _, v := range g {
				s.Means[i] += v / float64(len(g))
			}
		}
	}
	_, pv, err := stat.KruskalWallis(groups...)
	switch {
	case last.Sub(first) < least-24*time.Hour:
		s.Lacking = "not enough data: it needs " + words
	case err != nil:
		s.Lacking = "not enough data: it needs two answers at each of two times of the period"
	default:
		s.P = pv
	}
	return s
}

// monthly adds days up to months.
func monthly(daily []hobby.Count) []hobby.Count {
	sums := map[time.Time]hobby.Count{}
	for _, c := range daily {
		at := Month.start(c.At)
		c.At = at
		if was, ok := sums[at]; ok {
			c = was.Add(c)
		}
		sums[at] = c
	}
	return slices.Collect(maps.Values(sums))
}

// test is the result of a statistical test.
type test struct {
	p     *float64
	found *bool
}

// adjust decides what was found, for tests that are made together (Holm): the chance of
// one or more that find what is not there is at most 5 %.
func adjust(tests []test) {
	ps := make([]float64, len(tests))
	for i, t := range tests {
		ps[i] = *t.p
	}
	for i, p := range stat.Holm(ps) {
		*tests[i].p, *tests[i].found = p, p <= sure
	}
}

// rates are the shares of each day of the last year, from the first with answers on.
func (p *past) rates() []float64 {
	first, last := math.MaxInt, math.MinInt
	for _, c := range p.daily {
		if c.Items > 0 {
			first, last = min(first, hobby.Day(c.At)), max(last, hobby.Day(c.At))
		}
	}
	if last < first {
		return nil
	}
	first = max(first, last-364)
	rates := make([]float64, last-first+1)
	for i := range rates {
		rates[i] = math.NaN()
	}
	for _, c := range p.daily {
		if d := hobby.Day(c.At); c.Items > 0 && d >= first {
			rates[d-first] = share(c.Passes, c.Items)
		}
	}
	return rates
}

// forecast predicts the shares of the days after the last one.
func (p *past) forecast(an *Analysis) {
	rates, period := p.rates(), 1
	if an.found("day_of_week") {
		period = seasonal
	}
	s, fitted, err := stat.HoltWinters(rates, period)
	if err != nil {
		an.Lacking["forecast"] = err.Error()
		return
	}
	last := math.MinInt
	for _, c := range p.daily {
		if c.Items > 0 {
			last = max(last, hobby.Day(c.At))
		}
	}
	f := s.Forecast(rates, ahead, chance, fitted)
	within := func(x float64) float64 { return min(max(x, 0), 1) }
	for i := range f.Mean {
		an.Forecast = append(an.Forecast, Expected{dayTime(last + 1 + i), within(f.Mean[i]), within(f.Low[i]), within(f.High[i])})
	}
}
