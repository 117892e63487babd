package hobby

import (
	"math"
	"slices"
	"time"

	"github.com/pastime-go/pastime/internal/irt"
)

// Measure estimates proficiency from tallies, as of the UTC day of asOf. It is
// a function of the tallies' sums alone: their order does not matter.
//
// Per kind it fits an item-response model in which the families' abilities and
// the levels' difficulties are estimated together, over each family's guessing
// floor (Rasch 1960, Birnbaum 1968; package irt says how). A model that is named
// by the digest of its weights does not change (see [Frozen]). Any other may
// change: the more the days' results differ, the less old answers count. The
// intervals become wider while there are no new answers.
//
// keys has the key of the model that serves each kind. Only the answers of that model
// count, so a new model starts with nothing. A hobby that needs no model is measured
// by the answers without a model where this model gave none. A kind without a key is
// measured for the model that answered last.
//
// Practice and held-out tasks count alike for a base: both are new to the model when
// they are asked. An adapter was trained on practice tasks. Under its key (see
// [Adapted]) only held-out ones count; [KindProficiency.Known] has all.
//
// Families that no hobby lists are left out. A level above a family's highest counts
// as the highest, and a day in the future as today.
func Measure(tallies []Tally, hobbies []Hobby, keys map[Kind]string, asOf time.Time) Proficiency {
	b := newBook()
	for _, t := range tallies {
		b.add(t)
	}
	return b.measure(hobbies, keys, Day(asOf))
}

// meanOf is the mean of independent estimates.
func meanOf(es []Estimate) (m Estimate) {
	all := make([]irt.Interval, len(es))
	for i, e := range es {
		all[i] = irt.Interval{Mean: e.Mean, Low: e.Low, High: e.High}
		m.count(e.Items, e.Passes, e.Last)
	}
	m.set(irt.MeanOf(all))
	return m
}

// measureKind measures one hobby from the answers of one model.
func measureKind(h *Hobby, own answers, o *irt.Options, today int) KindProficiency {
	k := KindProficiency{Kind: h.Kind}
	families := familiesOf(h)
	all := make([]FamilyProficiency, len(families))
	evidence := make([]irt.Family, len(families))
	for i := range families {
		f := &families[i]
		counts := own[f.Name]
		all[i] = count(f, counts, today)
		e := all[i].Estimate
		k.Estimate.count(e.Items, e.Passes, e.Last)
		evidence[i] = cells(f, counts, today)
	}
	if k.Estimate.Measured() {
		k.estimate(irt.Fit(evidence, today, o), all)
	}
	if len(h.Families) > 0 {
		k.Families = all
	}
	for i := range k.Families {
		k.Families[i].Open = mastered(all, families[i].Requires)
	}
	return k
}

// estimate fills in the estimates of the measured families.
func (k *KindProficiency) estimate(p *irt.Posterior, all []FamilyProficiency) {
	measured := func(f, _ int) bool { return all[f].Estimate.Measured() }
	practised := func(f, l int) bool { return all[f].Levels[l].Measured() }
	k.Practised = k.Estimate
	k.Estimate.set(p.Mean(measured))
	k.Practised.set(p.Mean(practised))
	for i := range all {
		f := &all[i]
		if !f.Estimate.Measured() {
			continue
		}
		f.Practised = f.Estimate
		f.Estimate.set(p.Family(i))
		f.Practised.set(p.Mean(func(g, l int) bool { return g == i && practised(g, l) }))
		sure := true
		for l := range f.Levels {
			f.Levels[l].set(p.Level(i, l))
			if sure = sure && p.Above(i, l, levelUp) >= levelSure; sure {
				f.Level = min(l+2, len(f.Levels))
			}
		}
	}
}

// mastered reports whether the first level of every named family is mastered: the
// chance to pass it is above levelUp with the certainty levelSure.
func mastered(families []FamilyProficiency, names []string) bool {
	for _, f := range families {
		if slices.Contains(names, f.Family) && f.Level < 2 && (len(f.Levels) > 1 || f.Levels[0].Low <= levelUp) {
			return false
		}
	}
	return true
}

// familiesOf returns the hobby's families, or one without a name where it has
// none.
func familiesOf(h *Hobby) []Family {
	if len(h.Families) == 0 {
		return []Family{{Levels: 1}}
	}
	return h.Families
}

func levels(f *Family) int { return min(max(1, f.Levels), irt.MaxLevels) }

// levelOf is the index of a level in its family.
func levelOf(f *Family, level int) int { return min(max(1, level), levels(f)) - 1 }

// count returns what was tried in a family, without estimates.
func count(f *Family, counts []dayCount, today int) FamilyProficiency {
	p := FamilyProficiency{Family: f.Name, Version: max(1, f.Version), Level: 1, Levels: make([]Estimate, levels(f))}
	for _, c := range counts {
		last := time.Unix(int64(min(c.day, today))*86400, 0).UTC()
		p.Levels[levelOf(f, c.level)].count(c.tries, c.passes, last)
		p.Estimate.count(c.tries, c.passes, last)
	}
	return p
}

// cells returns what was tried in a family, for the estimator.
func cells(f *Family, counts []dayCount, today int) irt.Family {
	e := irt.Family{Levels: levels(f), Guess: f.Guess, LevelGuess: f.LevelGuess, Cells: make([]irt.Cell, len(counts))}
	for i, c := range counts {
		e.Cells[i] = irt.Cell{Level: levelOf(f, c.level), Day: min(c.day, today), Tries: c.tries, Passes: c.passes}
	}
	return e
}

// count adds verified answers to an estimate.
func (e *Estimate) count(items, passes int64, last time.Time) {
	e.Items, e.Passes = add(e.Items, items), add(e.Passes, passes)
	if last.After(e.Last) {
		e.Last = last
	}
}

func (e *Estimate) set(i irt.Interval) { e.Mean, e.Low, e.High = i.Mean, i.Low, i.High }

// add is a+b, without overflow.
func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
