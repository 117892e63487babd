package stat

import (
	"fmt"
	"math"
)

// Smoothing is Holt's and Winters' exponential smoothing with a damped trend and an
// additive season, as the state space model ETS(A,Ad,A) (Hyndman, Koehler, Ord and Snyder
// 2008): what a value differs from its prediction by is the error, and moves the level by
// Alpha, the slope by Beta and the season by Gamma times itself.
type Smoothing struct {
	Alpha, Beta, Gamma float64
	Phi                float64 // what is left of the slope from one value to the next
	// Level and Slope are those before the first value, Season the additions of the
	// period before it, oldest first; none without a season.
	Level, Slope float64
	Season       []float64
}

// Forecast is what is expected of values, and with which errors.
type Forecast struct {
	// Fitted are the predictions of the values that were there, each from those before.
	Fitted []float64
	// Errors is the sum of the squares of what the values differ from Fitted by.
	Errors float64
	// Mean are the values to come. Each is between Low and High with the chance that was
	// asked for, if the errors are normal and as they were.
	Mean, Low, High []float64
}

// Forecast predicts the next values. NaN is a missing value. fitted says how many of the
// parameters were fitted to the values: the more, the less their errors say. The variance
// of an error to come is Akaike's final prediction error (1969), which counts that.
func (s *Smoothing) Forecast(values []float64, steps int, chance float64, fitted int) Forecast {
	f := Forecast{Fitted: make([]float64, len(values))}
	state, n := s.start(), 0
	for i, v := range values {
		f.Fitted[i] = state.next()
		e := v - f.Fitted[i]
		if math.IsNaN(v) {
			e = 0
		} else {
			n++
		}
		f.Errors += e * e
		state.advance(e)
	}
	size, free := float64(max(1, n)), float64(max(1, n-fitted))
	z := normalQuantile((1+chance)/2) * math.Sqrt(f.Errors/size*(size+float64(fitted))/free)
	wide, reach := 1.0, 0.0 // the variance of the error, and of the slope's part in it
	for h := range steps {
		mean := state.next()
		away := z * math.Sqrt(wide)
		f.Mean, f.Low, f.High = append(f.Mean, mean), append(f.Low, mean-away), append(f.High, mean+away)
		state.advance(0)
		reach = s.Phi * (1 + reach)
		c := s.Alpha + s.Beta*reach
		if m := len(s.Season); m > 0 && (h+1)%m == 0 {
			c += s.Gamma
		}
		wide += c * c
	}
	return f
}

// smoothed is where a Smoothing is in a series.
type smoothed struct {
	*Smoothing
	level, slope float64
	season       []float64 // a ring
	at           int       // of the value to come
}

func (s *Smoothing) start() *smoothed {
	return &smoothed{Smoothing: s, level: s.Level, slope: s.Slope, season: append([]float64{}, s.Season...)}
}

// next is the prediction of the value to come.
func (s *smoothed) next() float64 {
	v := s.level + s.Phi*s.slope
	if len(s.season) > 0 {
		v += s.season[s.at]
	}
	return v
}

// advance goes on to the next value after an error.
func (s *smoothed) advance(e float64) {
	s.level += s.Phi*s.slope + s.Alpha*e
	s.slope = s.Phi*s.slope + s.Beta*e
	if len(s.season) > 0 {
		s.season[s.at] += s.Gamma * e
		s.at = (s.at + 1) % len(s.season)
	}
}

// The damping of a slope that is fitted: less is a level, more is no damping.
const leastPhi, mostPhi = 0.8, 0.98

// HoltWinters fits a Smoothing to values at equal distances of time: it makes the sum of
// the squares of its errors the least. NaN is a missing value; period is 1 or less without a
// season. It returns how many parameters were fitted, for [Smoothing.Forecast]. The error
// is ErrTooFew without two whole periods, or two values for each parameter.
func HoltWinters(values []float64, period int) (Smoothing, int, error) {
	season := 0
	if period > 1 {
		season = period
	}
	fitted := 3 + 2 + season // alpha, beta, phi; level and slope; gamma and a season that adds up to 0
	n := 0
	for _, v := range values {
		if !math.IsNaN(v) {
			n++
		}
	}
	if n < 2*fitted || len(values) < 2*period {
		return Smoothing{}, 0, fmt.Errorf("%w: a forecast needs %d values of two periods or more, and there are %d", ErrTooFew, 2*fitted, n)
	}
	fit := func(x []float64) (Smoothing, float64) {
		s := Smoothing{Alpha: logistic(x[0]), Phi: leastPhi + (mostPhi-leastPhi)*logistic(x[2])}
		s.Beta = s.Alpha * logistic(x[1])
		if season > 0 {
			s.Gamma = (1 - s.Alpha) * logistic(x[3])
		}
		return s, s.begin(values, season)
	}
	var best []float64
	least := math.Inf(1)
	for _, alpha := range []float64{-2, 0, 2} {
		for _, gamma := range []float64{-3, 0} {
			start := []float64{alpha, -2, 1, gamma}
			if season == 0 {
				start = start[:3]
			}
			x, errors := descend(start, func(x []float64) float64 { _, e := fit(x); return e })
			if errors < least {
				best, least = x, errors
			}
			if season == 0 {
				break
			}
		}
	}
	s, _ := fit(best)
	return s, fitted, nil
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// begin sets the level, the slope and the season before the first value so that the sum
// of the squared errors is the least, and returns it. The errors are a linear function of
// these, so it is a regression.
func (s *Smoothing) begin(values []float64, season int) float64 {
	unknown := 2 + max(0, season-1)
	// The errors of the values when all begins with zeros, and of zeros when one of the
	// unknown begins with 1. The last of the season is what makes its sum zero.
	run := func(k int) []float64 {
		b := Smoothing{Alpha: s.Alpha, Beta: s.Beta, Gamma: s.Gamma, Phi: s.Phi, Season: make([]float64, season)}
		switch {
		case k == 0:
			b.Level = 1
		case k == 1:
			b.Slope = 1
		case k > 1:
			b.Season[k-2], b.Season[season-1] = 1, -1
		}
		state, errors := b.start(), make([]float64, len(values))
		for i, v := range values {
			if !math.IsNaN(v) {
				if k >= 0 {
					v = 0
				}
				errors[i] = v - state.next()
			}
			state.advance(errors[i])
		}
		return errors
	}
	given, moved := run(-1), make([][]float64, unknown)
	for k := range moved {
		moved[k] = run(k)
	}
	x := leastSquares(moved, given)
	s.Level, s.Slope, s.Season = x[0], x[1], make([]float64, season)
	for k := 2; k < unknown; k++ {
		s.Season[k-2] = x[k]
		s.Season[season-1] -= x[k]
	}
	var sum float64
	for i, e := range given {
		for k := range moved {
			e += x[k] * moved[k][i]
		}
		sum += e * e
	}
	return sum
}

// leastSquares finds x for which the sum of the squares of given + sum of x columns is the
// least, by the normal equations and Cholesky's decomposition. What the columns do not
// determine stays small.
func leastSquares(columns [][]float64, given []float64) []float64 {
	n := len(columns)
	a, x := make([][]float64, n), make([]float64, n)
	var trace float64
	for i := range columns {
		a[i] = make([]float64, n)
		for j := range i + 1 {
			a[i][j] = dot(columns[i], columns[j])
		}
		trace += a[i][i]
		x[i] = -dot(columns[i], given)
	}
	for i := range n {
		a[i][i] += 1e-12 * trace
		for j := range i + 1 {
			sum := a[i][j] - dot(a[i][:j], a[j][:j])
			if i == j {
				a[i][i] = math.Sqrt(max(sum, 1e-12*trace))
			} else {
				a[i][j] = sum / a[j][j]
			}
		}
		x[i] = (x[i] - dot(a[i][:i], x[:i])) / a[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			x[i] -= a[j][i] * x[j]
		}
		x[i] /= a[i][i]
	}
	return x
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
