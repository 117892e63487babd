package reward

import "math"

// Meanings is how many numbers an item's Meaning has.
const Meanings = 32

// Project shortens an embedder's vector to [Meanings] numbers, by a random projection with
// signs alone (Achlioptas 2003). The signs are always the same, so vectors of one embedder
// stay comparable: distances are kept, give or take a part of some sixth. The result is of
// the vector at length 1; nil of one that has no length or is not finite.
func Project(vector []float32) []float32 {
	sum := 0.0
	for _, x := range vector {
		sum += float64(x) * float64(x)
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return nil
	}
	var short [Meanings]float64
	for i, x := range vector {
		signs := splitMix(uint64(i))
		for j := range short {
			if signs>>j&1 == 1 {
				short[j] += float64(x)
			} else {
				short[j] -= float64(x)
			}
		}
	}
	out, scale := make([]float32, Meanings), 1/math.Sqrt(sum*Meanings)
	for j, x := range short {
		out[j] = float32(x * scale)
	}
	return out
}

// splitMix is the number at i of SplitMix64 (Steele, Lea and Flood 2014).
func splitMix(i uint64) uint64 {
	x := (i + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// centerOf is the mean of the items' meanings, which embedders have far from zero; nil
// without an embedder.
func centerOf(items []Item, embedder string) []float64 {
	if embedder == "" {
		return nil
	}
	center, n := make([]float64, Meanings), 0.0
	for i := range items {
		if len(items[i].Meaning) != Meanings {
			continue
		}
		n++
		for j, x := range items[i].Meaning {
			center[j] += float64(x)
		}
	}
	for j := range center {
		center[j] /= max(n, 1)
	}
	return center
}

// meant adds an item's meaning, as its distance from the center: where it is not known it
// counts as the mean.
func (c *columns) meant(v *vec, i *Item) {
	if len(c.center) == 0 || len(i.Meaning) != Meanings {
		return
	}
	for j, x := range i.Meaning {
		v.add(firstMeaning+j, float64(x)-c.center[j])
	}
}

// unmeant is the variance of a meaning that is not known.
func (m *Model) unmeant(i *Item) float64 {
	if len(m.cols.center) == 0 || i.Text == "" || len(i.Meaning) == Meanings {
		return 0
	}
	away := 1.0 // the squared length of a meaning, less that of the center
	for _, x := range m.cols.center {
		away -= x * x
	}
	return max(away, 0) * m.spread.Group[ofMeaning]
}

// groups is how many groups of features there are.
func (c *columns) groups() int {
	if len(c.center) == 0 {
		return int(ofMeaning)
	}
	return int(groups)
}
