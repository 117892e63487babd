package stat

import (
	"fmt"
	"math"
	"slices"
)

// Decomposition is a series as a sum of three: Trend + Season + Rest. Where a value is
// missing its Rest is NaN, and the others are not.
type Decomposition struct{ Trend, Season, Rest []float64 }

// Strength is how much of what is not trend the season is, from 0 to 1 (Wang, Smith and
// Hyndman 2006).
func (d *Decomposition) Strength() float64 {
	var rest, both []float64
	for i, r := range d.Rest {
		if !math.IsNaN(r) {
			rest, both = append(rest, r), append(both, r+d.Season[i])
		}
	}
	all := variance(both)
	if all == 0 {
		return 0
	}
	return max(0, 1-variance(rest)/all)
}

func variance(values []float64) (v float64) {
	var mean float64
	for _, x := range values {
		mean += x / float64(len(values))
	}
	for _, x := range values {
		v += (x - mean) * (x - mean) / float64(len(values))
	}
	return v
}

// Windows are the smoothers' lengths, odd numbers of values, and the rounds of [STL].
type Windows struct {
	// Season counts periods: 7 or more, or 0 for a season that stays the same.
	Season int
	// Trend and LowPass count values. 0 is what the authors recommend.
	Trend, LowPass int
	// Inner is how often season and trend are found anew, default 2; Outer how often
	// what lies far out is given less weight, default 0.
	Inner, Outer int
}

// STL divides values at equal distances of time into trend, season of the given period and
// rest (Cleveland, Cleveland, McRae and Terpenning 1990, with smoothers of degree 1, and of
// degree 0 for a season that stays the same). NaN is a missing value: it has no weight. The
// error is ErrTooFew without two whole periods, or where so many are missing that a window
// has none.
func STL(values []float64, period int, w Windows) (Decomposition, error) {
	n := len(values)
	if period < 2 || n < 2*period {
		return Decomposition{}, fmt.Errorf("%w: a season needs two whole periods, each of two values or more", ErrTooFew)
	}
	s := &stl{n: n, period: period, windows: w, degree: 1, y: make([]float64, n), weights: make([]float64, n)}
	s.complete()
	for i, v := range values {
		if math.IsNaN(v) {
			s.gaps = true
		} else {
			s.y[i], s.weights[i] = v, 1
		}
	}
	d := Decomposition{Trend: make([]float64, n), Season: make([]float64, n), Rest: make([]float64, n)}
	for round := 0; ; round++ {
		for range s.windows.Inner {
			s.pass(&d)
		}
		if s.lacking {
			return Decomposition{}, fmt.Errorf("%w: too many values are missing beside each other", ErrTooFew)
		}
		for i, v := range values {
			d.Rest[i] = v - d.Season[i] - d.Trend[i]
		}
		if round == s.windows.Outer {
			return d, nil
		}
		s.reweigh(d.Rest)
	}
}

type stl struct {
	n, period int
	windows   Windows
	degree    int       // of the season's smoother
	y         []float64 // 0 where a value is missing
	weights   []float64 // 0 there
	gaps      bool      // a value is missing
	lacking   bool      // so many are that a window has none
}

// complete sets what windows leave open.
func (s *stl) complete() {
	w := &s.windows
	season := w.Season
	if season == 0 {
		season, s.degree = 10*s.n+1, 0
	}
	w.Season = season
	if w.Trend == 0 {
		w.Trend = int(math.Ceil(1.5*float64(s.period)/(1-1.5/float64(season)))) | 1
	}
	if w.LowPass == 0 {
		w.LowPass = (s.period + 1) | 1
	}
	if w.Inner == 0 {
		w.Inner = 2
	}
}

// pass is one round of the inner loop.
func (s *stl) pass(d *Decomposition) {
	// The values of each day of the period, smoothed, and one more at both ends.
	cycle := make([]float64, s.n+2*s.period)
	for first := range s.period {
		var sub, weights []float64
		for i := first; i < s.n; i += s.period {
			sub, weights = append(sub, s.y[i]-d.Trend[i]), append(weights, s.weights[i])
		}
		for i := -1; i <= len(sub); i++ {
			cycle[first+(i+1)*s.period] = s.loess(sub, weights, s.windows.Season, s.degree, i)
		}
	}
	low := average(average(average(cycle, s.period), s.period), 3)
	even := slices.Repeat([]float64{1}, len(low))
	for i := range s.n {
		d.Season[i] = cycle[s.period+i] - s.loess(low, even, s.windows.LowPass, 1, i)
	}
	rest := make([]float64, s.n)
	for i := range rest {
		rest[i] = s.y[i] - d.Season[i]
	}
	for i := range s.n {
		d.Trend[i] = s.loess(rest, s.weights, s.windows.Trend, 1, i)
	}
}

// loess is the smoothed value of y at the index x, which may be just outside, by a local
// regression on the length values next to it.
func (s *stl) loess(y, weights []float64, length, degree, x int) float64 {
	n := len(y)
	size := min(length, n)
	left := min(max(x-length/2, 0), n-size)
	right := left + size - 1
	h := float64(max(x-left, right-x))
	if length > n {
		h += float64((length - n) / 2)
	}
	w := make([]float64, size)
	var sum float64
	for i := range w {
		if r := math.Abs(float64(left + i - x)); r <= 0.001*h {
			w[i] = weights[left+i]
		} else if r <= 0.999*h {
			w[i] = weights[left+i] * cube(1-cube(r/h))
		}
		sum += w[i]
	}
	if sum <= 0 { // all are missing, or far out
		s.lacking = s.lacking || s.gaps
		return y[min(max(x, 0), n-1)]
	}
	var centre, spread float64
	for i := range w {
		w[i] /= sum
		centre += w[i] * float64(left+i)
	}
	for i := range w {
		spread += w[i] * (float64(left+i) - centre) * (float64(left+i) - centre)
	}
	var smooth float64
	for i := range w {
		if degree > 0 && h > 0 && math.Sqrt(spread) > 0.001*float64(n-1) {
			w[i] *= 1 + (float64(x)-centre)*(float64(left+i)-centre)/spread
		}
		smooth += w[i] * y[left+i]
	}
	return smooth
}

// reweigh gives values whose rest is large less weight.
func (s *stl) reweigh(rest []float64) {
	var sizes []float64
	for _, r := range rest {
		if !math.IsNaN(r) {
			sizes = append(sizes, math.Abs(r))
		}
	}
	slices.Sort(sizes)
	far := 6 * median(sizes)
	for i, r := range rest {
		switch r = math.Abs(r); {
		case math.IsNaN(r):
		case far == 0 || r <= 0.001*far:
			s.weights[i] = 1
		case r <= 0.999*far:
			s.weights[i] = (1 - r/far*(r/far)) * (1 - r/far*(r/far))
		default:
			s.weights[i] = 0
		}
	}
}

func cube(x float64) float64 { return x * x * x }

// average is the moving average of so many values, shorter by one less.
func average(values []float64, length int) []float64 {
	means := make([]float64, len(values)-length+1)
	var sum float64
	for i, v := range values {
		if sum += v; i >= length {
			sum -= values[i-length]
		}
		if i >= length-1 {
			means[i-length+1] = sum / float64(length)
		}
	}
	return means
}
