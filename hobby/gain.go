package hobby

import (
	"hash/fnv"
	"maps"
	"math"
	"slices"
)

// A policy practises again what went well, or what went badly. So of what it chose
// to repeat, the earlier answers were lucky or unlucky: without any change the later
// ones differ from them. No estimate from those answers alone can tell this from a
// change. Therefore a policy never sees some days' answers. What it chose does not
// depend on them, and they are what later answers are compared with.

// withheldEvery is the number of days of which a policy does not see one, level by
// level.
const withheldEvery = 3

// withheld reports whether a policy does not see the answers of a day to a level.
// The first day on which a level was practised is always seen.
func withheld(family string, c dayLevel, first int) bool {
	h := fnv.New32a()
	h.Write([]byte(family))
	return c.day > first && (uint64(h.Sum32())+uint64(c.level)+uint64(c.day))%withheldEvery == 0
}

// shared returns the answers that a policy sees and those that it does not.
func (a answers) shared() (seen, hidden answers) {
	seen, hidden = answers{}, answers{}
	for name, counts := range a {
		first := map[int]int{} // day by level
		for _, c := range counts {
			if _, known := first[c.level]; !known {
				first[c.level] = c.day
			}
			if withheld(name, c.dayLevel, first[c.level]) {
				hidden[name] = append(hidden[name], c)
			} else {
				seen[name] = append(seen[name], c)
			}
		}
	}
	return seen, hidden
}

// half returns the day that divides the answers into halves: the last of the first
// half.
func (a answers) half() (day int) {
	perDay, total := map[int]int64{}, int64(0)
	for _, counts := range a {
		for _, c := range counts {
			perDay[c.day] = add(perDay[c.day], c.tries)
			total = add(total, c.tries)
		}
	}
	first := int64(0)
	for _, day = range slices.Sorted(maps.Keys(perDay)) {
		if first = add(first, perDay[day]); first >= total-first {
			break
		}
	}
	return day
}

// gain is by how much the answers of the second half pass more often than the
// withheld ones of the first half at the same levels. A level counts by its answers
// in the second half. The mean is unbiased, whatever policy chose, because it does
// not shrink towards a prior and neither side was selected by its results. The
// interval is normal, with the variances of Agresti and Caffo (2000). It reaches to what
// the gain is where a level changed evenly from day to day, since the withheld days are
// some of the first half only: mostly later ones. It is nil where either side has too
// few answers.
func gain(h *Hobby, own answers) *Change {
	cut := own.half()
	_, hidden := own.shared()
	first, after := own.divided(cut)
	before, _ := hidden.divided(cut)
	var tries, earlier, mean, even, squares float64
	families := familiesOf(h)
	for i := range families {
		f := &families[i]
		all, was, is := sidesOf(f, first[f.Name]), sidesOf(f, before[f.Name]), sidesOf(f, after[f.Name])
		for l := range was {
			n, m := was[l].tries, is[l].tries
			if n == 0 || m == 0 {
				continue
			}
			change := is[l].passes - m*was[l].passes/n
			mean += change
			even += change * (is[l].day() - all[l].day()) / (is[l].day() - was[l].day())
			squares += m * m * (variance(was[l].passes, n) + variance(is[l].passes, m))
			tries, earlier = tries+m, earlier+n
		}
	}
	if tries < gainItems || earlier < gainItems {
		return nil
	}
	mean, even = mean/tries, even/tries
	reach := 1.96 * math.Sqrt(squares) / tries
	return &Change{mean, max(-1, min(mean, even)-reach), min(1, max(mean, even)+reach)}
}

// side are answers to a level: how many, how many passed, and the sum of their days.
type side struct{ tries, passes, days float64 }

func (s side) day() float64 { return s.days / s.tries }

// sidesOf are a family's answers by level.
func sidesOf(f *Family, counts []dayCount) []side {
	all := make([]side, levels(f))
	for _, c := range counts {
		s := &all[levelOf(f, c.level)]
		s.tries, s.passes, s.days = s.tries+float64(c.tries), s.passes+float64(c.passes), s.days+float64(c.day)*float64(c.tries)
	}
	return all
}

// variance is that of the rate of k passes in n answers, as if one more had passed
// and one more had failed.
func variance(k, n float64) float64 {
	p := (k + 1) / (n + 2)
	return p * (1 - p) / n
}
