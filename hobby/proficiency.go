package hobby

import "time"

// Estimate is a measured proficiency: the posterior of the chance to pass.
// The zero value means that nothing was measured.
type Estimate struct {
	// Mean and the ends of the central 95 % credible interval, in [0, 1].
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Items is the number of verified answers behind it, Passes how many of
	// them passed.
	Items  int64 `json:"items"`
	Passes int64 `json:"passes"`
	// Last is the UTC day of the newest of them.
	Last time.Time `json:"last,omitzero"`
}

// Measured reports whether there is any verified answer behind e.
func (e Estimate) Measured() bool { return e.Items > 0 }

// Proficiency is what the tallies say an agent can do.
type Proficiency struct {
	// AsOf is the start of the UTC day that forgetting was evaluated for.
	AsOf time.Time
	// Overall is the mean over the kinds that were measured, and Practised that
	// of their levels that were practised.
	Overall, Practised Estimate
	// Kinds are in the order of the hobbies; every hobby has its entry.
	Kinds []KindProficiency
}

// Kind returns the entry of k; nil when no such hobby was given to Measure.
func (p *Proficiency) Kind(k Kind) *KindProficiency {
	for i := range p.Kinds {
		if p.Kinds[i].Kind == k {
			return &p.Kinds[i]
		}
	}
	return nil
}

// KindProficiency is the proficiency of one hobby.
type KindProficiency struct {
	Kind Kind
	// ModelKey is the model that was measured; "" for answers that none gave.
	ModelKey string
	// Practised is the chance to pass a task of a level that was practised, each
	// family and then each of its practised levels being equally likely.
	Practised Estimate
	// Estimate is the same of all levels of the measured families: what follows
	// from the practised levels for the others is extrapolated.
	Estimate Estimate
	// Share in [0, 1] is the model's part of the time that answers of this kind
	// took, or of their number where that is not known.
	Share float64
	// Families are in the hobby's order; a hobby without families has none.
	Families []FamilyProficiency
	// Gain compares the second half of the answers with the first, at the levels
	// of which both have some: nil until both halves have enough, and of a model that
	// cannot change (see [Frozen]).
	Gain *Change
}

// FamilyProficiency is the proficiency in one family of tasks.
type FamilyProficiency struct {
	Family string
	// Version is the family's, from 1, and Older is how many answers the model
	// gave to other versions of it. They do not count: the family was mended since
	// and is measured anew.
	Version int
	Older   int64
	// Practised is the chance to pass a task of a level that was practised, each
	// being equally likely, and Estimate of any level: extrapolated where the
	// level was not.
	Practised, Estimate Estimate
	// Levels[0] is level 1. In a family that was measured, a level that was
	// never tried has an estimate that follows from the others, with Items 0.
	Levels []Estimate
	// Level is the highest open level: the chance to pass is above 0.8 with a
	// certainty of 95 % on every level below it.
	Level int
	// Open says that the families it requires are known: the chance to pass
	// their first level is above 0.8 with certainty.
	Open bool
}

const (
	// levelUp is the chance to pass that a level must have before the next
	// one opens, and levelSure the certainty that it takes.
	levelUp   = 0.8
	levelSure = 0.95
	// gainItems is how many answers each half needs for a Gain.
	gainItems = 20
)
