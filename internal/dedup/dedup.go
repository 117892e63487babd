// Package dedup finds texts that say the same in nearly the same words.
//
// A text is made normal: lower case, words and numbers parted by single spaces. Equal
// normal texts are found by themselves. The others become sets of 5-grams of
// characters. MinHash (Broder, 1997) makes a signature of each set, and two texts are
// compared when a band of their signatures agrees (Leskovec, Rajaraman and Ullman,
// Mining of Massive Datasets, chapter 3): a pair of similarity s then is with
// probability 1-(1-s^Rows)^Bands. What is compared is joined when the true Jaccard
// similarity of the sets is high enough.
package dedup

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode"
)

const (
	// Threshold is the least Jaccard similarity of texts that are the same.
	Threshold = 0.7
	// Bands and Rows divide the signatures. A pair at the threshold is found with a
	// probability of 0.975, and one at 0.8 with 0.9996.
	Bands, Rows = 20, 5
	// gram is the length of the n-grams in characters.
	gram = 5
	// most bounds how many texts of a bucket one text is compared with in vain, so that
	// texts of one pattern do not take quadratic time.
	most = 128
)

// Normal is the text by which two are equal.
func Normal(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		default:
			gap = true
		}
	}
	return b.String()
}

// Keep returns, for each text, the index of the best text of its group: of the texts
// that are the same, directly or over others, the one of the highest quality, and of
// equal ones the first. A text that is kept has its own index.
func Keep(ctx context.Context, texts []string, quality []float64) ([]int, error) {
	g := newGroups(len(texts), quality)
	sets := make([][]uint32, len(texts))
	first := make(map[string]int, len(texts))
	var distinct []int32
	for i, t := range texts {
		n := Normal(t)
		if at, had := first[n]; had {
			g.join(at, i)
			continue
		}
		first[n] = i
		distinct = append(distinct, int32(i))
	}
	keys := signatures(distinct, texts, sets)
	clear(first)
	for b := range Bands {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		for bucket := range buckets(distinct, keys, b) {
			g.compare(bucket, sets)
		}
	}
	keep := make([]int, len(texts))
	for i := range keep {
		keep[i] = int(g.best[g.root(i)])
	}
	return keep, nil
}

// set is the sorted set of a normal text's n-grams. A short text is one.
func set(normal string) []uint32 {
	runes := []rune(normal)
	s := make([]uint32, 0, max(1, len(runes)-gram+1))
	for at := 0; at == 0 || at+gram <= len(runes); at++ {
		h := uint64(14695981039346656037)
		for _, r := range runes[at:min(at+gram, len(runes))] {
			h = (h ^ uint64(r)) * 0x9e3779b97f4a7c15
			h ^= h >> 29
		}
		s = append(s, uint32(mix(h)>>32))
	}
	slices.Sort(s)
	return slices.Clip(slices.Compact(s))
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// jaccard is the similarity of two sorted sets: the size of what they share by that of
// what they have together.
func jaccard(a, b []uint32) float64 {
	shared, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			shared++
			i++
			j++
		}
	}
	return float64(shared) / float64(len(a)+len(b)-shared)
}

// multipliers are those of the hash functions: odd numbers, and what is added.
var multipliers = func() (m [Bands * Rows][2]uint64) {
	for i := range m {
		m[i] = [2]uint64{mix(uint64(2*i+1)*0x9e3779b97f4a7c15) | 1, mix(uint64(2*i+2) * 0x9e3779b97f4a7c15)}
	}
	return m
}()

// bands are the hashes of the bands of a set's signature.
func bands(s []uint32) (keys [Bands]uint64) {
	var least [Bands * Rows]uint32
	for i := range least {
		a, b, low := multipliers[i][0], multipliers[i][1], ^uint32(0)
		for _, x := range s {
			low = min(low, uint32((a*uint64(x)+b)>>32))
		}
		least[i] = low
	}
	for b := range keys {
		h := uint64(b + 1)
		for _, v := range least[b*Rows : (b+1)*Rows] {
			h = mix(h*0x9e3779b97f4a7c15 + uint64(v))
		}
		keys[b] = h
	}
	return keys
}

// signatures makes the sets of texts, and the hashes of their bands, on all processors.
func signatures(distinct []int32, texts []string, sets [][]uint32) [][Bands]uint64 {
	keys := make([][Bands]uint64, len(distinct))
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		all.Go(func() {
			for i := w; i < len(distinct); i += workers {
				at := distinct[i]
				sets[at] = set(Normal(texts[at]))
				keys[i] = bands(sets[at])
			}
		})
	}
	all.Wait()
	return keys
}

// buckets yields the texts of which a band agrees, two at least, in their order.
func buckets(distinct []int32, keys [][Bands]uint64, band int) func(func([]int32) bool) {
	type entry struct {
		key uint64
		at  int32
	}
	list := make([]entry, len(distinct))
	for i, at := range distinct {
		list[i] = entry{keys[i][band], at}
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.at, b.at)) })
	return func(yield func([]int32) bool) {
		var bucket []int32
		for i := 0; i < len(list); {
			bucket = bucket[:0]
			key := list[i].key
			for ; i < len(list) && list[i].key == key; i++ {
				bucket = append(bucket, list[i].at)
			}
			if len(bucket) > 1 && !yield(bucket) {
				return
			}
		}
	}
}

// groups are disjoint sets of texts, each with its best (union by size; Tarjan, 1975).
type groups struct {
	parent, size, best []int32
	quality            []float64
}

func newGroups(n int, quality []float64) *groups {
	g := &groups{make([]int32, n), make([]int32, n), make([]int32, n), quality}
	for i := range g.parent {
		g.parent[i], g.size[i], g.best[i] = int32(i), 1, int32(i)
	}
	return g
}

func (g *groups) root(i int) int {
	for int(g.parent[i]) != i {
		g.parent[i] = g.parent[g.parent[i]]
		i = int(g.parent[i])
	}
	return i
}

func (g *groups) join(i, j int) {
	a, b := g.root(i), g.root(j)
	if a == b {
		return
	}
	if g.size[a] < g.size[b] {
		a, b = b, a
	}
	g.parent[b] = int32(a)
	g.size[a] += g.size[b]
	p, q := g.best[a], g.best[b]
	if cmp.Or(cmp.Compare(g.quality[q], g.quality[p]), cmp.Compare(p, q)) > 0 {
		g.best[a] = q
	}
}

// compare joins the texts of a bucket that are the same.
func (g *groups) compare(bucket []int32, sets [][]uint32) {
	for i := 1; i < len(bucket); i++ {
		at := int(bucket[i])
		vain := 0
		for j := i - 1; j >= 0 && vain < most; j-- {
			other := int(bucket[j])
			if g.root(at) == g.root(other) {
				continue
			}
			if jaccard(sets[at], sets[other]) >= Threshold {
				g.join(other, at)
			} else {
				vain++
			}
		}
	}
}
