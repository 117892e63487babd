package constrain

import (
	"cmp"
	"slices"
)

// dfa reads the texts of a regular language. n is its state, and state 0 the
// start. Literals, and strings with a pattern, are read by a dfa.
type dfa struct {
	edges  [][]edge // sorted by byte
	accept []bool
	// dist is the fewest bytes from a state to an accepting one.
	dist []int
}

type edge struct {
	b  byte
	to int32
}

func newDFA() *dfa { return &dfa{edges: make([][]edge, 1), accept: make([]bool, 1)} }

// state adds a state.
func (d *dfa) state(accept bool) int32 {
	d.edges = append(d.edges, nil)
	d.accept = append(d.accept, accept)
	return int32(len(d.edges) - 1)
}

// literal adds one text, as a path of a trie.
func (d *dfa) literal(text string) {
	at := int32(0)
	for i := range len(text) {
		next := d.next(at, text[i])
		if next < 0 {
			next = d.state(false)
			d.edges[at] = append(d.edges[at], edge{text[i], next})
			slices.SortFunc(d.edges[at], func(a, b edge) int { return cmp.Compare(a.b, b.b) })
		}
		at = next
	}
	d.accept[at] = true
}

// next returns the state after byte b in state n, or -1.
func (d *dfa) next(n int32, b byte) int32 {
	i, ok := slices.BinarySearchFunc(d.edges[n], b, func(e edge, b byte) int { return cmp.Compare(e.b, b) })
	if !ok {
		return -1
	}
	return d.edges[n][i].to
}

// measure computes dist over the bytes that can be written one by one, by
// breadth-first search from the accepting states.
func (d *dfa) measure(can *[256]bool) *dfa {
	d.dist = make([]int, len(d.edges))
	from := make([][]int32, len(d.edges))
	var queue []int32
	for n, edges := range d.edges {
		d.dist[n] = never
		if d.accept[n] {
			d.dist[n] = 0
			queue = append(queue, int32(n))
		}
		for _, e := range edges {
			if can[e.b] {
				from[e.to] = append(from[e.to], int32(n))
			}
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, p := range from[n] {
			if d.dist[p] == never {
				d.dist[p] = d.dist[n] + 1
				queue = append(queue, p)
			}
		}
	}
	return d
}

func (d *dfa) start() local { return local{} }

func (d *dfa) step(s local, b byte, m moves) {
	switch next := d.next(s.n, b); {
	case next < 0:
	case d.accept[next] && len(d.edges[next]) == 0:
		m.to(local{phase: closed})
	default:
		m.to(local{n: next})
	}
}

func (d *dfa) need(s local) int {
	if s.phase == closed {
		return 0
	}
	return d.dist[s.n]
}

func (d *dfa) final(s local) bool { return s.phase == closed || d.accept[s.n] }
