package leiden

import (
	"cmp"
	"slices"
)

// Likeness is the Jaccard index from which on a community is taken for an earlier one:
// the share of the nodes of both that are in both.
const Likeness = .3

// Stable gives each community of now an id. A community that is most like one of before
// keeps its id; each id is kept by one. before has each node's earlier id, or -1, and may
// have fewer nodes than now. New ids count on from next; the next free one is returned.
func Stable(before []int64, now []int32, next int64) (ids []int64, free int64) {
	type pair struct {
		old int64
		now int32
	}
	both, olds := map[pair]int{}, map[int64]int{}
	count := 0
	for _, c := range now {
		count = max(count, int(c)+1)
	}
	sizes := make([]int, count)
	for v, c := range now {
		sizes[c]++
		if v < len(before) && before[v] >= 0 {
			both[pair{before[v], c}]++
		}
	}
	for _, id := range before {
		olds[id]++
		next = max(next, id+1)
	}
	type match struct {
		pair
		like float64
	}
	var all []match
	for p, n := range both {
		if like := float64(n) / float64(olds[p.old]+sizes[p.now]-n); like >= Likeness {
			all = append(all, match{p, like})
		}
	}
	slices.SortFunc(all, func(a, b match) int {
		return cmp.Or(cmp.Compare(b.like, a.like), cmp.Compare(a.old, b.old), cmp.Compare(a.now, b.now))
	})
	ids = slices.Repeat([]int64{-1}, count)
	taken := map[int64]bool{}
	for _, m := range all {
		if ids[m.now] < 0 && !taken[m.old] {
			ids[m.now], taken[m.old] = m.old, true
		}
	}
	for i := range ids {
		if ids[i] < 0 {
			ids[i] = next
			next++
		}
	}
	return ids, next
}
