package hobby

import (
	"slices"

	"github.com/pastime-go/pastime/internal/irt"
)

// Change is by how much the chance to pass differs between two sets of answers
// to tasks of the same families and levels, none of which is in both.
type Change struct {
	// Mean and the ends of the central 95 % credible interval, in [-1, 1].
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Shown reports whether the answers show a change: the interval excludes zero.
func (c Change) Shown() bool { return c.Low > 0 || c.High < 0 }

// Certain reports whether a rise or a fall is about 99.9 % certain: what may be said of
// one session among many.
func (c Change) Certain() bool {
	return c.Mean > claimed*(c.Mean-c.Low) || -c.Mean > claimed*(c.High-c.Mean)
}

// per is the change for each of n units.
func (c Change) per(n float64) Change { return Change{c.Mean / n, c.Low / n, c.High / n} }

// claimed is how far, in halves of its 95 % interval, a rise must be above zero, or a fall
// below it, to be called one. A host has many sessions a day, and each may claim: at 95 %
// a host of 48 sessions a day would say better or worse on many days on which nothing
// changed. With a normal posterior this is a certainty of 99.9 %; see
// TestTheGainIsUnbiased for what comes of it.
const claimed = 1.58

// changeOf compares answers at the levels that were practised before and after:
// the mean over the families and over their levels, nil where there are none,
// and the families that the answers show to have risen. most bounds how many of
// the newest answers before count at a level, of whole days; 0 does not.
func changeOf(h *Hobby, before, after answers, most int64) (*Change, []string) {
	families := familiesOf(h)
	var pairs []irt.Pair
	var risen []string
	n := 0
	for i := range families {
		f := &families[i]
		was, is := atLevels(f, before[f.Name], most), atLevels(f, after[f.Name], 0)
		var own []irt.Pair
		for l := range was {
			if was[l].Tries > 0 && is[l].Tries > 0 {
				own = append(own, irt.Pair{Before: was[l], After: is[l]})
			}
		}
		if len(own) == 0 {
			continue
		}
		n++
		for j := range own {
			own[j].Weight = 1 / float64(len(own))
		}
		if d := irt.Difference(own); f.Name != "" && d.Mean > 0 && (Change{d.Mean, d.Low, d.High}).Certain() {
			risen = append(risen, f.Name)
		}
		pairs = append(pairs, own...)
	}
	if n == 0 {
		return nil, nil
	}
	for i := range pairs {
		pairs[i].Weight /= float64(n)
	}
	d := irt.Difference(pairs)
	return &Change{d.Mean, d.Low, d.High}, risen
}

// atLevels are a family's answers by level: the newest days', until there are
// most of them, or all where most is 0. counts are in the order of days.
func atLevels(f *Family, counts []dayCount, most int64) []irt.Counts {
	sums := make([]irt.Counts, levels(f))
	full := make([]int, len(sums)) // the day at which a level had enough
	for _, c := range slices.Backward(counts) {
		l := levelOf(f, c.level)
		s := &sums[l]
		if most > 0 && s.Tries >= most && c.day != full[l] {
			continue
		}
		s.Tries, s.Passes = add(s.Tries, c.tries), add(s.Passes, c.passes)
		full[l] = c.day
	}
	return sums
}

// less are these answers without others, which are among them.
func (a answers) less(others answers) answers {
	rest := answers{}
	for name, counts := range a {
		gone := map[dayLevel]dayCount{}
		for _, c := range others[name] {
			gone[c.dayLevel] = c
		}
		for _, c := range counts {
			g := gone[c.dayLevel]
			c.tries, c.passes, c.millis = c.tries-g.tries, c.passes-g.passes, c.millis-g.millis
			if c.valid() {
				rest[name] = append(rest[name], c)
			}
		}
	}
	return rest
}

// answered are the answers of one session, of the model that gave the first.
func answered(h *Hobby, items []Item) (own answers, modelKey string) {
	if len(items) == 0 {
		return nil, ""
	}
	modelKey = items[0].ModelKey
	b := newBook()
	for _, t := range tallied(h.Kind, items) {
		b.add(t)
	}
	return b.answers(h, modelKey, everything), modelKey
}
