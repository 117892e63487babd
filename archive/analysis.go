package archive

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/stat"
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
	// History is the proficiency over time, oldest first, Models those that answered,
	// by their first answer, and Changes the days on which another one answered most.
	History []Point
	Models  []Model
	Changes []ModelChange
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

// Point is a proficiency as it was known at the end of a day, of the model that had
// answered last.
type Point struct {
	At       time.Time
	ModelKey string
	Estimate hobby.Estimate
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

// ModelChange is the day on which a model answered most, after another one.
type ModelChange struct {
	At       time.Time
	From, To string // keys
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
	points   = 30                  // of a history, at most
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
	tallies, _, err := a.source.Tallies(ctx, hobby.TallyFilter{})
	if err != nil {
		return nil, err
	}
	tallies = slices.DeleteFunc(tallies, func(t hobby.Tally) bool {
		at := dayTime(t.Day)
		return kind != "" && t.Kind != kind || !since.IsZero() && at.Before(since) || !until.IsZero() && !at.Before(until)
	})
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
	byKind := map[hobby.Kind]*past{}
	for _, t := range tallies {
		of(byKind, t.Kind).tallies = append(of(byKind, t.Kind).tallies, t)
	}
	for _, c := range daily {
		if kind == "" || c.Kind == kind {
			of(byKind, c.Kind).daily = append(of(byKind, c.Kind).daily, c)
		}
	}
	for _, c := range hourly {
		if kind == "" || c.Kind == kind {
			of(byKind, c.Kind).hourly = append(of(byKind, c.Kind).hourly, c)
		}
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
	adjustSeasons(all)
	for i := range all {
		an, p := &all[i], byKind[all[i].Kind]
		if what != SeasonPart {
			p.trend(an)
			p.forecast(an)
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
	adjustTrends(all)
	return all, nil
}

func dayTime(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// past is what there is of a kind.
type past struct {
	tallies       []hobby.Tally
	daily, hourly []hobby.Count
}

func of(all map[hobby.Kind]*past, k hobby.Kind) *past {
	if all[k] == nil {
		all[k] = &past{}
	}
	return all[k]
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

// adjustSeasons decides which seasons there are, for all kinds and periods at once.
func adjustSeasons(all []Analysis) {
	var ps []float64
	var tested []*Season
	for i := range all {
		for j := range all[i].Seasons {
			if s := &all[i].Seasons[j]; s.Lacking == "" {
				ps, tested = append(ps, s.P), append(tested, s)
			}
		}
	}
	for i, p := range stat.Holm(ps) {
		tested[i].P, tested[i].Found = p, p <= sure
	}
}

// adjustTrends decides which trends there are, for all kinds at once.
func adjustTrends(all []Analysis) {
	var ps []float64
	var tested []*Trend
	for i := range all {
		if t := all[i].Trend; t != nil {
			ps, tested = append(ps, t.P), append(tested, t)
		}
	}
	for i, p := range stat.Holm(ps) {
		tested[i].P, tested[i].Found = p, p <= sure
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

// history measures proficiency over time, and each model.
func (a *Archiver) history(ctx context.Context, an *Analysis, tallies []hobby.Tally) error {
	if len(tallies) == 0 {
		return nil
	}
	h := hobby.Hobby{Kind: an.Kind}
	if i := slices.IndexFunc(a.opts.Hobbies, func(h hobby.Hobby) bool { return h.Kind == an.Kind }); i >= 0 {
		h = a.opts.Hobbies[i]
	} else {
		tallies = slices.Clone(tallies) // families that nobody lists count as one
		for i := range tallies {
			tallies[i].Family, tallies[i].Level, tallies[i].Version = "", 1, 1
		}
	}
	slices.SortStableFunc(tallies, func(a, b hobby.Tally) int { return cmp.Compare(a.Day, b.Day) })
	first, last := tallies[0].Day, tallies[len(tallies)-1].Day
	step := (last-first)/points + 1
	for day := last - (last-first)/step*step; day <= last; day += step {
		known := tallies[:upTo(tallies, day)]
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p := hobby.Measure(known, []hobby.Hobby{h}, nil, dayTime(day))
		if k := p.Kind(an.Kind); k != nil && k.Estimate.Measured() {
			an.History = append(an.History, Point{dayTime(day), k.ModelKey, k.Estimate})
		}
	}
	an.Changes = changes(tallies)
	return a.models(ctx, an, h, tallies)
}

// upTo is how many of sorted tallies are of a day or earlier.
func upTo(tallies []hobby.Tally, day int) int {
	n, _ := slices.BinarySearchFunc(tallies, day+1, func(t hobby.Tally, day int) int { return cmp.Compare(t.Day, day) })
	return n
}

// changes are the days on which another model than before answered most, of sorted tallies.
func changes(tallies []hobby.Tally) (all []ModelChange) {
	was := ""
	for i := 0; i < len(tallies); {
		day, tries := tallies[i].Day, map[string]int64{}
		for ; i < len(tallies) && tallies[i].Day == day; i++ {
			if t := tallies[i]; t.ModelKey != "" { // answers without a model are no model's
				tries[t.ModelKey] += t.Tries
			}
		}
		now, most := "", int64(0)
		for key, n := range tries {
			if n > most || n == most && key < now {
				now, most = key, n
			}
		}
		if now != "" && was != "" && now != was {
			all = append(all, ModelChange{dayTime(day), was, now})
		}
		was = cmp.Or(now, was)
	}
	return all
}

// models says what each model has done, of sorted tallies.
func (a *Archiver) models(ctx context.Context, an *Analysis, h hobby.Hobby, tallies []hobby.Tally) error {
	at := map[string]int{}
	for _, t := range tallies {
		i, ok := at[t.ModelKey]
		if !ok {
			i = len(an.Models)
			at[t.ModelKey], an.Models = i, append(an.Models, Model{Key: t.ModelKey, First: dayTime(t.Day)})
		}
		m := &an.Models[i]
		m.Last = dayTime(t.Day)
		m.Items += t.Tries
		m.Passes += t.Passes
	}
	for i := range an.Models {
		m := &an.Models[i]
		own := slices.DeleteFunc(slices.Clone(tallies), func(t hobby.Tally) bool { return t.ModelKey != m.Key })
		p := hobby.Measure(own, []hobby.Hobby{h}, map[hobby.Kind]string{h.Kind: m.Key}, m.Last)
		if k := p.Kind(h.Kind); k != nil {
			m.Estimate = k.Estimate
		}
		if m.Key == "" {
			continue
		}
		page, err := a.Items(ctx, hobby.ItemFilter{Kind: h.Kind, ModelKeys: []string{m.Key}, Until: m.Last.AddDate(0, 0, 1), Limit: 1})
		if err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
		for _, item := range page.Items {
			m.Name, m.Adapter = item.Model, item.Adapter
		}
	}
	return nil
}
