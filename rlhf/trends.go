package rlhf

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/stat"
)

// Bucket is the width of the points of a series.
type Bucket string

// The buckets. Weeks start on Monday; all are of UTC.
const (
	Daily   Bucket = "day"
	Weekly  Bucket = "week"
	Monthly Bucket = "month"
)

// TrendFilter selects ratings. The zero value is all of them, by day.
type TrendFilter struct {
	Bucket Bucket
	Kind   hobby.Kind
}

// Point is the mean rating of a bucket, in stars. Low and High are the ends of its 95 %
// interval, NaN where there is one rating, or all are equal: these do not say how far others
// would be from them.
type Point struct {
	At              time.Time
	Mean, Low, High float64
	Count           int
}

// Trend says whether ratings rise or fall, by the means of the buckets (Mann and Kendall;
// the slope is Theil and Sen's). Each rater is compared with nobody else, so that other raters
// are no trend; those without a name are one. Of many raters those count who rated in most
// buckets. P is that of one look. A direction is claimed where P is below 0.002, since people
// look often. Without there being one it was claimed in 2.5 to 4 % of simulated series of 90 days, looked at each
// third day. Looking each day finds more; how many was not measured.
type Trend struct {
	SlopePerDay, P float64
	// Direction is "rising", "falling" or "none".
	Direction string
}

// ChangePoint is a time from which ratings were others than before, within Low and High
// with a chance of 95 %. Before and After are mean ratings as if the same people had rated:
// each rating counts by how far it is from its rater's mean. A change is claimed by the same P as a trend is; without
// there being one, in 0.5 to 5.5 % of such series.
type ChangePoint struct {
	At, Low, High time.Time
	Before, After float64
}

// claimed is the p-value at which a trend or a change is claimed.
const claimed = 0.002

// Trends are how ratings went.
type Trends struct {
	Series []Point
	// Trend is nil where there are too few buckets to tell.
	Trend   *Trend
	Changes []ChangePoint
	// Mood says who answers, as of the last fit of the model.
	Mood Mood
	// Policy is the last check of the policy, and Follows what is so since.
	Policy  OffPolicy
	Follows bool
}

// maxBuckets bounds a series: the newest ones.
const maxBuckets = 1000

// Trends says how the ratings of what was practised went. An edit replaces what it edits.
// A rating of the future was stamped by a wrong clock, and is in no bucket.
func (p *Pipeline) Trends(ctx context.Context, f TrendFilter) (Trends, error) {
	if f.Bucket == "" {
		f.Bucket = Daily
	}
	if f.Bucket != Daily && f.Bucket != Weekly && f.Bucket != Monthly {
		return Trends{}, fmt.Errorf("rlhf: %w: the bucket is %.16q, must be day, week or month", hobby.ErrInvalid, string(f.Bucket))
	}
	info, err := p.Model(ctx)
	if err != nil {
		return Trends{}, err
	}
	rows, err := p.ledger.read(ctx, p.store)
	if err != nil {
		return Trends{}, err
	}
	now := time.Now()
	t := trendsOf(slices.DeleteFunc(rows, func(g given) bool { return g.at.After(now) }), f)
	t.Mood, t.Policy, t.Follows = info.Mood, info.Check, info.Follows
	return t, nil
}

// given is a rating without its words.
type given struct {
	at    time.Time
	kind  hobby.Kind
	who   int  // the number of the rater; 0 for those without a name
	stars int  // 0 for one that was replaced
	flag  int8 // 1 for helpful, -1 for not, 0 for neither
}

// ledger keeps the ratings that were read, so that the next reader reads only the new
// ones.
type ledger struct {
	mu                 sync.Mutex
	through, forgotten int64
	rows               []given
	last               map[word]int
	raters             map[string]int
}

// read returns all.
func (l *ledger) read(ctx context.Context, s Store) ([]given, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if more, err := l.follow(ctx, s); err != nil || !more {
			return slices.Clone(l.rows), err
		}
	}
}

// latest is what people have said lately, as the numbers of those who said so. Stars is a sum.
type latest struct{ starred, stars, flagged, helpful int }

// lately sums up the last words since a time. It reads at most 50,000 a call, so that a long
// past, which is read once, holds nobody up; until that is read it says false.
func (l *ledger) lately(ctx context.Context, s Store, since time.Time) (o latest, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range 5 {
		more, err := l.follow(ctx, s)
		if err != nil {
			return o, false, err
		}
		if more {
			continue
		}
		for i := len(l.rows) - 1; i >= 0 && !l.rows[i].at.Before(since); i-- {
			r := &l.rows[i]
			if r.stars > 0 {
				o.starred++
				o.stars += r.stars
			}
			if r.flag != 0 {
				o.flagged++
			}
			if r.flag > 0 {
				o.helpful++
			}
		}
		return o, true, nil
	}
	return o, false, nil
}

// follow reads some of what is new, and says whether there may be more. The caller holds mu.
func (l *ledger) follow(ctx context.Context, s Store) (more bool, err error) {
	forgotten, err := s.Forgotten(ctx)
	if err != nil {
		return false, fmt.Errorf("rlhf: reading what was forgotten: %w", err)
	}
	if forgotten != l.forgotten || l.last == nil {
		l.through, l.forgotten, l.rows, l.last, l.raters = 0, forgotten, nil, map[word]int{}, map[string]int{}
	}
	const most = 10_000
	batch, err := s.Ratings(ctx, l.through, most)
	if err != nil {
		return false, fmt.Errorf("rlhf: reading feedback: %w", err)
	}
	for i := range batch {
		r := &batch[i]
		l.through = r.Pos
		o, ok := observation(r, nil)
		if !ok {
			continue // a comment leaves the rating
		}
		w := wordOf(r)
		if at, ok := l.last[w]; ok {
			l.rows[at].stars, l.rows[at].flag = 0, 0
		}
		l.last[w] = len(l.rows)
		l.rows = append(l.rows, given{r.At, r.About.Kind, l.who(r.Rater), r.Rating, wordIn(&o).helpful})
	}
	return len(batch) == most, nil
}

// who is the number of a rater.
func (l *ledger) who(rater string) int {
	if strings.HasPrefix(rater, anonymous) {
		return 0
	}
	n, known := l.raters[rater]
	if !known {
		n = len(l.raters) + 1
		l.raters[rater] = n
	}
	return n
}

// start is that of the bucket of a time.
func (b Bucket) start(t time.Time) time.Time {
	t = t.UTC().Truncate(24 * time.Hour)
	switch b {
	case Weekly:
		return t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
	case Monthly:
		return t.AddDate(0, 0, 1-t.Day())
	}
	return t
}

func (b Bucket) next(t time.Time) time.Time {
	switch b {
	case Weekly:
		return t.AddDate(0, 0, 7)
	case Monthly:
		return t.AddDate(0, 1, 0)
	}
	return t.AddDate(0, 0, 1)
}

// trendsOf makes the series of ratings, and looks for a trend and for changes in it.
func trendsOf(rows []given, f TrendFilter) (t Trends) {
	of := map[time.Time][]given{}
	var first, last time.Time
	for _, r := range rows {
		if r.stars == 0 || f.Kind != "" && r.kind != f.Kind {
			continue
		}
		at := f.Bucket.start(r.at)
		of[at] = append(of[at], r)
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	if len(of) == 0 {
		return t
	}
	var times []time.Time
	for at := first; !at.After(last); at = f.Bucket.next(at) {
		times = append(times, at)
		if len(times) > 2*maxBuckets {
			times = slices.Clone(times[maxBuckets:])
		}
	}
	times = times[max(0, len(times)-maxBuckets):]
	said := sayings{}
	for i, at := range times {
		if given := of[at]; len(given) > 0 {
			t.Series = append(t.Series, point(at, given))
			said.add(i, given)
		}
	}
	t.Trend = trendOf(said.byRater(len(times)), times)
	for _, c := range stat.Changes(said.means(len(times)), claimed, 1) {
		t.Changes = append(t.Changes, ChangePoint{times[c.At], times[c.Low], times[c.High], c.Before, c.After})
	}
	return t
}

// point is the mean of ratings with the interval of a normal distribution, widened for
// small numbers.
func point(at time.Time, given []given) Point {
	p := Point{At: at, Count: len(given), Low: math.NaN(), High: math.NaN()}
	n := float64(len(given))
	for _, g := range given {
		p.Mean += float64(g.stars) / n
	}
	ss := 0.0
	for _, g := range given {
		ss += (float64(g.stars) - p.Mean) * (float64(g.stars) - p.Mean)
	}
	if ss > 1e-9 {
		away := studentT(n-1) * math.Sqrt(ss/(n-1)/n)
		p.Low, p.High = max(p.Mean-away, MinRating), min(p.Mean+away, MaxRating)
	}
	return p
}

// studentT is the 97.5 % quantile of Student's distribution, by the expansion of Cornish
// and Fisher (Abramowitz and Stegun 26.7.5); exact for one and two degrees of freedom.
func studentT(df float64) float64 {
	switch df {
	case 1:
		return 12.706204736
	case 2:
		return 4.302652730
	}
	const z = 1.959963985
	return z + (z*z*z+z)/(4*df) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*df*df) +
		(3*math.Pow(z, 7)+19*math.Pow(z, 5)+17*z*z*z-15*z)/(384*df*df*df)
}

func trendOf(means [][]float64, times []time.Time) *Trend {
	k, err := stat.StratifiedMannKendall(means, 1, 0.95)
	if err != nil {
		return nil
	}
	width := times[len(times)-1].Sub(times[0]).Hours() / 24 / float64(max(len(times)-1, 1))
	t := &Trend{SlopePerDay: k.Slope / width, P: k.P, Direction: "none"}
	switch {
	case k.Rises(claimed):
		t.Direction = "rising"
	case k.Falls(claimed):
		t.Direction = "falling"
	}
	return t
}
