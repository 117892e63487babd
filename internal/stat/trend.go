package stat

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrTooFew says that there is not enough data for an answer.
var ErrTooFew = errors.New("not enough data")

// MinTrend is the fewest values of which [MannKendall] says anything. With fewer, the
// normal distribution is no approximation of its score's.
const MinTrend = 8

// maxSeries bounds the values of a series, because slopes are taken of every pair.
const maxSeries = 5000

// Trend says whether values rise or fall with time, and how fast.
type Trend struct {
	// N counts the values that are not missing, Pairs those pairs of them that were
	// compared.
	N     int
	Pairs int
	// S is Kendall's score: the pairs that rise less those that fall. Variance is its
	// variance without a trend. Tau is S for each pair, from -1 to 1.
	S        int
	Variance float64
	Tau      float64
	// Z is the score in standard deviations, P its two-sided p-value.
	Z float64
	P float64
	// Slope is the Theil-Sen estimate of the change from one value to the next. It is
	// between Low and High with the chance that was asked for.
	Slope float64
	Low   float64
	High  float64
}

// MannKendall looks for a trend in values at equal distances of time (Mann 1945, Kendall
// 1975, with their correction for ties). NaN is a missing value. Where period is more than
// 1, only values a multiple of it apart are compared, so that a season is no trend (Hirsch,
// Slack and Smith 1982). The slope is the median of the slopes of the pairs (Theil 1950),
// its interval Sen's (1968) with the given chance, such as 0.95.
//
// The p-value holds for values that are independent of each other. It is too small where
// each one follows the last, as an average over several days does: give it what was seen
// on each day instead. The error is ErrTooFew when there are too few values. The cost
// grows with the square of their number.
func MannKendall(values []float64, period int, chance float64) (Trend, error) {
	return StratifiedMannKendall([][]float64{values}, period, chance)
}

// StratifiedMannKendall is [MannKendall] of several series of the same time, such as the
// answers of each level: only values of the same one are compared, so that what differs
// between them is no trend (Helsel and Frans 2006). The series must be independent of each
// other.
func StratifiedMannKendall(series [][]float64, period int, chance float64) (Trend, error) {
	period = max(period, 1)
	var t Trend
	var slopes []float64
	for _, values := range series {
		if len(values) > maxSeries {
			return t, fmt.Errorf("a trend is looked for in %d values at most, not in %d", maxSeries, len(values))
		}
		for first := range min(period, len(values)) {
			slopes = t.compare(values, first, period, slopes)
		}
	}
	if t.N >= MinTrend && len(slopes) == 0 {
		return t, fmt.Errorf("%w: a trend needs values of the same sort at different times", ErrTooFew)
	}
	if t.N < MinTrend {
		return t, fmt.Errorf("%w: a trend needs %d values, and there are %d", ErrTooFew, MinTrend, t.N)
	}
	t.Pairs = len(slopes)
	t.Tau = float64(t.S) / float64(t.Pairs)
	t.P = 1
	if t.S != 0 { // with the correction for continuity
		t.Z = float64(t.S-sign(float64(t.S))) / math.Sqrt(t.Variance)
		t.P = math.Erfc(math.Abs(t.Z) / math.Sqrt2)
	}
	slices.Sort(slopes)
	t.Slope = median(slopes)
	t.Low, t.High = senInterval(slopes, math.Sqrt(t.Variance), chance)
	return t, nil
}

// compare adds the pairs of every period-th value, from the first on, and their slopes.
func (t *Trend) compare(values []float64, first, period int, slopes []float64) []float64 {
	var seen []float64
	for i := first; i < len(values); i += period {
		if math.IsNaN(values[i]) {
			continue
		}
		seen = append(seen, values[i])
		for j := first; j < i; j += period {
			if !math.IsNaN(values[j]) {
				t.S += sign(values[i] - values[j])
				slopes = append(slopes, (values[i]-values[j])/float64(i-j))
			}
		}
	}
	t.N += len(seen)
	t.Variance += scoreVariance(seen)
	return slopes
}

// Rises and Falls tell which trend there is, with a chance of at most alpha that one is
// seen where there is none.
func (t *Trend) Rises(alpha float64) bool { return t.P <= alpha && t.S > 0 }
func (t *Trend) Falls(alpha float64) bool { return t.P <= alpha && t.S < 0 }

// scoreVariance is the variance of Kendall's score of values without a trend.
func scoreVariance(values []float64) float64 {
	of := func(n int) float64 { return float64(n) * float64(n-1) * float64(2*n+5) }
	sum := of(len(values))
	for _, n := range ties(values) {
		sum -= of(n)
	}
	return sum / 18
}

// ties are the sizes of the groups of equal values.
func ties(values []float64) (sizes []int) {
	sorted := slices.Sorted(slices.Values(values))
	for i, n := 0, 0; i < len(sorted); i += n {
		for n = 1; i+n < len(sorted) && sorted[i+n] == sorted[i]; n++ {
		}
		sizes = append(sizes, n)
	}
	return sizes
}

// senInterval is the interval of the median of sorted slopes of a score of such a
// standard deviation.
func senInterval(slopes []float64, deviation, chance float64) (low, high float64) {
	n, away := float64(len(slopes)), normalQuantile((1+chance)/2)*deviation
	// Rounded as SciPy does.
	from := int(math.RoundToEven((n-away)/2)) - 1
	to := int(math.RoundToEven((n + away) / 2))
	return slopes[max(from, 0)], slopes[min(to, len(slopes)-1)]
}

// median is that of sorted values.
func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// normalQuantile is the value below which a standard normal one is with chance p.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
