package sample

import "slices"

// likeliest returns the likeliest candidates, in order, until enough is true of
// their number and total score. It takes them from a heap, which is faster than
// sorting all. The result is a part of cand, which is reordered.
func likeliest(cand []candidate, enough func(n int, total float64) bool) []candidate {
	h := heap(cand)
	h.build()
	total := 0.0
	for len(h) > 0 {
		c := h.pop()
		cand[len(h)] = c // the place that the heap no longer uses
		if total += c.score; enough(len(cand)-len(h), total) {
			break
		}
	}
	best := cand[len(h):]
	slices.Reverse(best)
	return best
}

// heap has the likeliest candidate on top; of equals the one with the lowest id.
type heap []candidate

func (h heap) before(i, j int) bool {
	if h[i].score != h[j].score {
		return h[i].score > h[j].score
	}
	return h[i].id < h[j].id
}

func (h heap) build() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

func (h heap) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && h.before(c+1, c) {
			c++
		}
		if !h.before(c, i) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

func (h *heap) pop() candidate {
	old := *h
	top := old[0]
	last := len(old) - 1
	old[0] = old[last]
	*h = old[:last]
	h.down(0)
	return top
}
