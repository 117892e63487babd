package hobby

import "time"

// Estimate is a measured proficiency: the posterior of the chance to pass.
// The zero value means that nothing was measured.
type Estimate struct {
	// Mean and the ends of the central 95 % credible interval, in [0, 1].
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Items is the number of verified answers behind it.
	Items int64 `json:"items"`
	// Last is the UTC day of the newest of them.
	Last time.Time `json:"last,omitzero"`
}

// Measured reports whether there is any verified answer behind e.
func (e Estimate) Measured() bool { return e.Items > 0 }

// Proficiency is what the tallies say an agent can do.
type Proficiency struct {
	// AsOf is the UTC day that the decay was evaluated for.
	AsOf     time.Time
	ModelKey string
	// Overall is the mean over the kinds that were measured.
	Overall Estimate
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

// KindProficiency is the proficiency of one hobby: the mean over its measured
// families.
type KindProficiency struct {
	Kind     Kind
	Estimate Estimate
	Families []FamilyProficiency
}

// FamilyProficiency is the proficiency in one family of tasks: the mean over
// its levels.
type FamilyProficiency struct {
	Family   string
	Estimate Estimate
	// Levels[0] is level 1. A level that was never tried has an estimate that
	// follows from the others, with Items 0.
	Levels []Estimate
	// Level is the highest open level.
	Level int
}

// Measure estimates proficiency from tallies, for the model with the given
// key, as of the UTC day of asOf.
func Measure(tallies []Tally, hobbies []Hobby, modelKey string, asOf time.Time) Proficiency {
	p := Proficiency{AsOf: asOf}
	for _, h := range hobbies {
		kp := KindProficiency{Kind: h.Kind}
		for _, t := range tallies {
			if t.Kind == h.Kind {
				kp.Estimate.Items += t.Tries
			}
		}
		p.Kinds = append(p.Kinds, kp)
	}
	return p
}
