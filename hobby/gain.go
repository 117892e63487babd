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
// interval is normal, with the variances of Agresti and Caffo (2000). It is nil where
// either side has too few answers.
func gain(h *Hobby, own answers) *Change {
	cut := own.half()
	_, hidden := own.shared()
	before, _ := hidden.divided(cut)
	_, after := own.divided(cut)
	var tries, earlier, mean, squares float64
	families := familiesOf(h)
	for i := range families {
		f := &families[i]
		was, is := atLevels(f, before[f.Name], 0), atLevels(f, after[f.Name], 0)
		for l := range was {
			n, m := float64(was[l].Tries), float64(is[l].Tries)
			if n == 0 || m == 0 {
				continue
			}
			mean += float64(is[l].Passes) - m*float64(was[l].Passes)/n
			squares += m * m * (variance(was[l].Passes, n) + variance(is[l].Passes, m))
			tries, earlier = tries+m, earlier+n
		}
	}
	if tries < gainItems || earlier < gainItems {
		return nil
	}
	mean /= tries
	reach := 1.96 * math.Sqrt(squares) / tries
	return &Change{mean, max(-1, mean-reach), min(1, mean+reach)}
}

// variance is that of the rate of k passes in n answers, as if one more had passed
// and one more had failed.
func variance(k int64, n float64) float64 {
	p := (float64(k) + 1) / (n + 2)
	return p * (1 - p) / n
}
