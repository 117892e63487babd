package hobby

import "time"

// Estimate is a measured proficiency: the posterior of the chance to pass.
// The zero value means that nothing was measured.
type Estimate struct {
	// Mean and the ends of the central 95 % credible interval, in [0, 1].
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Items is the number of verified answers, and Passes how many of them
	// passed.
	Items  int64 `json:"items"`
	Passes int64 `json:"passes"`
	// Last is the UTC day of the newest answer.
	Last time.Time `json:"last,omitzero"`
}

// Measured reports whether there is any verified answer behind e.
func (e Estimate) Measured() bool { return e.Items > 0 }

// Proficiency is what an agent can do, estimated from its tallies.
type Proficiency struct {
	// AsOf is the start of the UTC day that the estimates are for.
	AsOf time.Time
	// Overall is the mean over the measured kinds, and Practised the mean over
	// their practised levels.
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
	// ModelKey is the key of the measured model; "" for answers without a model.
	ModelKey string
	// Practised is the chance to pass a task of a practised level. Each family is
	// equally likely, and so is each of its practised levels.
	Practised Estimate
	// Estimate is the same over all levels of the measured families. Levels that
	// were not practised are extrapolated from those that were.
	Estimate Estimate
	// Share in [0, 1] is the model's part of the time that answers of this kind
	// took, or of their number where no times are known.
	Share float64
	// Families are in the hobby's order; a hobby without families has none.
	Families []FamilyProficiency
	// Gain compares the answers of the second half with those of the first half that
	// no policy has seen, at the same levels. It is nil until either side has 20
	// answers, which takes some days, and for a model that cannot change (see [Frozen]).
	// The unseen answers are of later days than the first half is on average. The interval,
	// of 95 %, reaches to the gain of an even change, so Mean is not in its middle.
	Gain *Change
	// Practice is the same of practice and held-out answers together; nil where it
	// does not differ, which is so but for a model with an adapter.
	Practice *KindProficiency
	// Seen is what a policy sees of a model that can change: all answers but those
	// of every third day at a level, from the level's second day on. What a policy
	// never saw cannot have decided what was practised, so Gain is fair. It is nil
	// where nothing is withheld.
	Seen *KindProficiency
}

// All is the estimate from all answers, those to practice tasks included. These prove
// nothing of a model with an adapter, which was trained on them.
func (k *KindProficiency) All() *KindProficiency {
	if k.Practice != nil {
		return k.Practice
	}
	return k
}

// Known is what a policy goes by: All, or what it sees of that.
func (k *KindProficiency) Known() *KindProficiency {
	if k.Seen != nil {
		return k.Seen
	}
	return k.All()
}

// FamilyProficiency is the proficiency in one family of tasks.
type FamilyProficiency struct {
	Family string
	// Version is the family's current version, from 1. Older is how many answers
	// the model gave to other versions. They do not count, because the family was
	// changed after them.
	Version int
	Older   int64
	// Practised is the chance to pass a task of a practised level, each being
	// equally likely. Estimate is the chance over all levels. Levels that were
	// not practised are extrapolated.
	Practised, Estimate Estimate
	// Levels[0] is level 1. In a measured family, a level that was never tried
	// has an estimate that follows from the other levels, with Items 0.
	Levels []Estimate
	// Level is the highest open level. On every level below it the chance to pass
	// is above 0.8 with a certainty of 95 %.
	Level int
	// Open says that the required families are mastered: the chance to pass their
	// first level is above 0.8 with a certainty of 95 %.
	Open bool
}

const (
	// levelUp is the chance to pass a level that is needed before the next level
	// opens, and levelSure the certainty of it.
	levelUp   = 0.8
	levelSure = 0.95
	// gainItems is the number of answers that each side needs for a Gain.
	gainItems = 20
)
