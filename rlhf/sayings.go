package rlhf

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// sayings are ratings by rater and bucket. People differ in what they give on average, and come
// and go: a series of means over all of them moves with who rates.
type sayings map[int]map[int]sum

// sum is that of stars, and how many ratings gave them.
type sum struct{ stars, n float64 }

func (s sayings) add(bucket int, given []given) {
	for _, g := range given {
		if s[g.who] == nil {
			s[g.who] = map[int]sum{}
		}
		was := s[g.who][bucket]
		s[g.who][bucket] = sum{was.stars + float64(g.stars), was.n + 1}
	}
}

// mostRaters and mostPairs bound what a trend is looked for in.
const mostRaters, mostPairs = 50, 500_000

// byRater has a series of means for each of those who rated in most buckets.
func (s sayings) byRater(buckets int) (all [][]float64) {
	order := slices.SortedFunc(maps.Keys(s), func(a, b int) int {
		return cmp.Or(cmp.Compare(len(s[b]), len(s[a])), cmp.Compare(a, b))
	})
	pairs := 0
	for _, who := range order[:min(len(order), mostRaters)] {
		if pairs += len(s[who]) * len(s[who]) / 2; pairs > mostPairs && len(all) > 0 {
			break
		}
		means := unknowns(buckets)
		for i, of := range s[who] {
			means[i] = of.stars / of.n
		}
		all = append(all, means)
	}
	return all
}

// means are what the buckets' means would be if the same people had always rated: that of all
// ratings, and how far those of a bucket are from their raters' means.
func (s sayings) means(buckets int) []float64 {
	var all sum
	own := map[int]float64{}
	for who, of := range s {
		var o sum
		for _, b := range of {
			o = sum{o.stars + b.stars, o.n + b.n}
		}
		own[who] = o.stars / o.n
		all = sum{all.stars + o.stars, all.n + o.n}
	}
	sums := make([]sum, buckets)
	for _, who := range slices.Sorted(maps.Keys(s)) { // the same order, so that sums are the same
		for i, b := range s[who] {
			sums[i] = sum{sums[i].stars + b.stars - own[who]*b.n, sums[i].n + b.n}
		}
	}
	means := unknowns(buckets)
	for i, b := range sums {
		if b.n > 0 {
			means[i] = all.stars/all.n + b.stars/b.n
		}
	}
	return means
}

// unknowns are n numbers that are not known.
func unknowns(n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = math.NaN()
	}
	return all
}
