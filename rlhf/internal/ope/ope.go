// Package ope judges a policy by the record of another one (off-policy evaluation).
package ope

import (
	"math"
)

// Row is one decision and what came of it.
type Row struct {
	// Action is the index of what was chosen, with probability Logged in (0, 1].
	Action int
	Logged float64
	Reward float64
	// Target and Base are the probabilities that two policies give to the actions.
	Target, Base []float64
	// Model is what a model expects of each action that has not seen this row.
	Model []float64
}

// Estimate is a number with its standard error.
type Estimate struct{ Value, Error float64 }

// Interval holds the number with the given chance, such as 0.95, where the rows are many
// enough for a normal distribution.
func (e Estimate) Interval(chance float64) (low, high float64) {
	away := math.Sqrt2 * math.Erfinv(chance) * e.Error
	return e.Value - away, e.Value + away
}

// Sequence holds the number at all looks at growing records with the given chance, such as
// 0.95: an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
// 2024, theorem 2.2). n is the number of rows at this look. It is some 40 % wider than an
// Interval, and tightest at tight rows. The theorem is of one policy that all looks are at.
func (e Estimate) Sequence(chance float64, n int) (low, high float64) {
	const tight = 300
	alpha := 1 - chance
	// The mixture's variance times the rows, as their section 2.3 chooses it.
	mixed := (-2*math.Log(alpha) + math.Log1p(-2*math.Log(alpha))) * float64(n) / tight
	away := math.Sqrt(2*(mixed+1)/mixed*math.Log(math.Sqrt(mixed+1)/alpha)) * e.Error
	return e.Value - away, e.Value + away
}

// weight is the importance of a row for a policy.
func weight(r *Row, policy []float64) float64 { return policy[r.Action] / r.Logged }

// Effective is the effective size of a sample with the target's weights (Kish 1965).
func Effective(rows []Row) float64 {
	var sum, squares float64
	for i := range rows {
		w := weight(&rows[i], rows[i].Target)
		sum += w
		squares += w * w
	}
	if squares == 0 {
		return 0
	}
	return sum * sum / squares
}

// SNIPS is the self-normalised inverse propensity estimate of what the target is worth
// (Swaminathan and Joachims 2015), with the standard error of a ratio.
func SNIPS(rows []Row) Estimate {
	v, influence := snips(rows, func(r *Row) []float64 { return r.Target })
	return Estimate{v, spread(influence)}
}

// SNIPSLift is the difference of what the target and the base are worth.
func SNIPSLift(rows []Row) Estimate {
	a, of := snips(rows, func(r *Row) []float64 { return r.Target })
	b, less := snips(rows, func(r *Row) []float64 { return r.Base })
	for i := range of {
		of[i] -= less[i]
	}
	return Estimate{a - b, spread(of)}
}

// snips is the estimate, and how much each row moves it.
func snips(rows []Row, policy func(*Row) []float64) (v float64, influence []float64) {
	var sum, all float64
	for i := range rows {
		w := weight(&rows[i], policy(&rows[i]))
		sum += w * rows[i].Reward
		all += w
	}
	influence = make([]float64, len(rows))
	if all == 0 {
		return math.NaN(), influence
	}
	v = sum / all
	for i := range rows {
		influence[i] = weight(&rows[i], policy(&rows[i])) * (rows[i].Reward - v) * float64(len(rows)) / all
	}
	return v, influence
}

// DR is the doubly robust estimate of what the target is worth (Dudik, Langford and Li
// 2011). It is right when the model or the propensities are. It is cross-fitted where
// Model has not seen the row (Chernozhukov et al. 2018).
func DR(rows []Row) Estimate {
	return meanOf(rows, func(r *Row) float64 { return direct(r, r.Target) })
}

// DRBase is the same for the base.
func DRBase(rows []Row) Estimate {
	return meanOf(rows, func(r *Row) float64 { return direct(r, r.Base) })
}

// DRLift is the difference of what the target and the base are worth, row by row, which
// is known better than each of them.
func DRLift(rows []Row) Estimate {
	return meanOf(rows, func(r *Row) float64 { return direct(r, r.Target) - direct(r, r.Base) })
}

// direct is a row's part of the doubly robust estimate.
func direct(r *Row, policy []float64) float64 {
	v := weight(r, policy) * (r.Reward - r.Model[r.Action])
	for a, p := range policy {
		v += p * r.Model[a]
	}
	return v
}

func meanOf(rows []Row, of func(*Row) float64) Estimate {
	if len(rows) == 0 {
		return Estimate{math.NaN(), math.Inf(1)}
	}
	parts, v := make([]float64, len(rows)), 0.0
	for i := range rows {
		parts[i] = of(&rows[i])
		v += parts[i]
	}
	v /= float64(len(rows))
	for i := range parts {
		parts[i] -= v
	}
	return Estimate{v, spread(parts)}
}

// spread is the standard error of the mean of rows that deviate so.
func spread(deviation []float64) float64 {
	n := float64(len(deviation))
	if n < 2 {
		return math.Inf(1)
	}
	sum := 0.0
	for _, d := range deviation {
		sum += d * d
	}
	return math.Sqrt(sum / (n * (n - 1)))
}
