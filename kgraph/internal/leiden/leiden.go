// Package leiden finds communities: groups of nodes with more edges between them than
// chance would give.
package leiden

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// Options of a search. Zero values mean the defaults.
type Options struct {
	Seed uint64
	// Resolution makes communities smaller when it is above 1, its default.
	Resolution float64
	// Iterations is how often the whole is gone over, at most; 10 by default. It ends
	// earlier when nothing changes.
	Iterations int
	// From are communities of the first nodes that the search begins with, numbered from
	// 0 below the number of nodes. A node without one, or with -1, begins alone.
	From []int32
}

// Communities gives each node the number of its community, from 0 by the communities'
// first nodes, by the Leiden algorithm on modularity (Traag, Waltman and van Eck 2019).
// Edges count both ways, parallel ones add up. As in the authors' own program, a node
// of the refinement joins the best community rather than a random one. The nodes of a
// community are always connected. The same seed gives the same communities.
func Communities(ctx context.Context, g *rows.Graph, o *Options) ([]int32, error) {
	opts := Options{Resolution: 1, Iterations: 10}
	if o != nil {
		opts.Seed = o.Seed
		if o.Resolution > 0 {
			opts.Resolution = o.Resolution
		}
		if o.Iterations > 0 {
			opts.Iterations = o.Iterations
		}
		opts.From = o.From
	}
	leaf := newNet(g)
	comm := begin(g.Nodes(), opts.From)
	if leaf.total == 0 {
		split(leaf, comm)
		return comm, nil
	}
	s := &search{ctx: ctx, random: rand.New(rand.NewPCG(opts.Seed, 0x1e1de2)), resolution: opts.Resolution}
	for range opts.Iterations {
		changed, err := s.iterate(leaf, comm)
		if err != nil {
			return nil, err
		}
		if !changed {
			break
		}
	}
	split(leaf, comm)
	return comm, nil
}

// begin are the communities that a search begins with, numbered by their first nodes.
func begin(nodes int, from []int32) []int32 {
	comm := make([]int32, nodes)
	first := make([]int32, nodes) // the first node of each community of from, counted from 1
	for i := range comm {
		comm[i] = int32(i)
		if i >= len(from) || from[i] < 0 {
			continue
		}
		if c := from[i]; first[c] > 0 {
			comm[i] = first[c] - 1
		} else {
			first[c] = int32(i) + 1
		}
	}
	return comm
}

// net is an undirected graph with weights, in rows. A loop is not in the rows.
type net struct {
	start    []int32
	to       []int32
	weight   []float64
	strength []float64 // of a node: its row's weights, and twice its loop
	loop     []float64
	total    float64 // of all strengths
}

func newNet(g *rows.Graph) *net {
	b := newBuilder(g.Nodes())
	for v := range int32(g.Nodes()) {
		to, edges := g.Row(v, rows.Both)
		for i, u := range to {
			w := float64(g.Edges()[edges[i]].Weight)
			if u == v {
				w /= 2 // it is in the row twice
			}
			b.add(u, w)
		}
		b.end(v)
	}
	return b.net
}

// builder makes a net row by row.
type builder struct {
	net  *net
	sum  []float64 // by the other end
	seen []int32
}

func newBuilder(nodes int) *builder {
	return &builder{
		net: &net{start: make([]int32, 1, nodes+1), strength: make([]float64, nodes), loop: make([]float64, nodes)},
		sum: make([]float64, nodes),
	}
}

func (b *builder) add(to int32, w float64) {
	if b.sum[to] == 0 {
		b.seen = append(b.seen, to)
	}
	b.sum[to] += w
}

func (b *builder) end(v int32) {
	slices.Sort(b.seen)
	n := b.net
	for _, u := range b.seen {
		w := b.sum[u]
		b.sum[u] = 0
		if u == v {
			n.loop[v] = w
			n.strength[v] += 2 * w
			continue
		}
		n.to, n.weight = append(n.to, u), append(n.weight, w)
		n.strength[v] += w
	}
	b.seen = b.seen[:0]
	n.start = append(n.start, int32(len(n.to)))
	n.total += n.strength[v]
}

func (n *net) nodes() int { return len(n.strength) }

// search is a run of the algorithm.
type search struct {
	ctx        context.Context
	random     *rand.Rand
	resolution float64
}

// iterate moves nodes, refines, and does the same with the refined communities as nodes,
// until nothing is left to join. It changes comm, and reports whether it did.
func (s *search) iterate(leaf *net, comm []int32) (changed bool, err error) {
	n, of := leaf, slices.Clone(comm) // of: the community of each node of n
	part := make([]int32, len(comm))  // the node of n that each leaf is in
	for i := range part {
		part[i] = int32(i)
	}
	for {
		if err := context.Cause(s.ctx); err != nil {
			return false, err
		}
		moved := s.move(n, of)
		changed = changed || moved
		for i := range comm {
			comm[i] = of[part[i]]
		}
		count := number(of)
		if int(count) == n.nodes() {
			break
		}
		fine := s.refine(n, of, count)
		coarse := number(fine)
		if int(coarse) == n.nodes() {
			if !moved {
				break
			}
			// Nothing to join below the communities: they are what is joined next.
			copy(fine, of)
			coarse = count
		}
		of, n = lift(n, fine, of, coarse)
		for i := range part {
			part[i] = fine[part[i]]
		}
	}
	number(comm)
	return changed, nil
}

// number numbers communities from 0 by their first nodes, and returns how many there
// are.
func number(of []int32) int32 {
	next := make([]int32, len(of))
	count := int32(0)
	for i, c := range of {
		if next[c] == 0 {
			count++
			next[c] = count
		}
		of[i] = next[c] - 1
	}
	return count
}

// lift makes a net whose nodes are the communities fine of n. Each keeps the community
// that its nodes have in of.
func lift(n *net, fine, of []int32, count int32) ([]int32, *net) {
	members := make([][]int32, count)
	for v, c := range fine {
		members[c] = append(members[c], int32(v))
	}
	b := newBuilder(int(count))
	up := make([]int32, count)
	for c, nodes := range members {
		up[c] = of[nodes[0]]
		for _, v := range nodes {
			if n.loop[v] > 0 {
				b.add(int32(c), n.loop[v])
			}
			for i := n.start[v]; i < n.start[v+1]; i++ {
				u, w := fine[n.to[i]], n.weight[i]
				if u == int32(c) {
					w /= 2 // it is seen from both ends
				}
				b.add(u, w)
			}
		}
		b.end(int32(c))
	}
	number(up)
	return up, b.net
}

// tiny is a gain that is none but for rounding, as a share of the weights.
const tiny = 1e-12

// move moves nodes to the community where they gain most, until none gains. A node is
// looked at again when a neighbour moved away from it.
func (s *search) move(n *net, of []int32) (changed bool) {
	nodes := n.nodes()
	sum, size := make([]float64, nodes), make([]int32, nodes)
	for v, c := range of {
		sum[c] += n.strength[v]
		size[c]++
	}
	var empty []int32
	for c := nodes - 1; c >= 0; c-- {
		if size[c] == 0 {
			empty = append(empty, int32(c))
		}
	}
	queue := make([]int32, nodes)
	for i, v := range s.random.Perm(nodes) {
		queue[i] = int32(v)
	}
	queued := slices.Repeat([]bool{true}, nodes)
	near, seen := make([]float64, nodes), []int32{}
	for looked := 0; len(queue) > 0; looked++ {
		if looked%4096 == 0 && s.ctx.Err() != nil {
			return changed
		}
		v := queue[0]
		queue = queue[1:]
		queued[v] = false
		old := of[v]
		for i := n.start[v]; i < n.start[v+1]; i++ {
			c := of[n.to[i]]
			if near[c] == 0 {
				seen = append(seen, c)
			}
			near[c] += n.weight[i]
		}
		sum[old] -= n.strength[v]
		share := s.resolution * n.strength[v] / n.total
		best, gain := old, near[old]-share*sum[old]
		for _, c := range seen {
			if g := near[c] - share*sum[c]; g > gain+tiny*n.total {
				best, gain = c, g
			}
			near[c] = 0
		}
		near[old] = 0
		seen = seen[:0]
		if gain < -tiny*n.total && size[old] > 1 { // better alone
			best = empty[len(empty)-1]
			empty = empty[:len(empty)-1]
		}
		sum[best] += n.strength[v]
		if best == old {
			continue
		}
		changed = true
		size[old]--
		size[best]++
		if size[old] == 0 {
			empty = append(empty, old)
		}
		of[v] = best
		for i := n.start[v]; i < n.start[v+1]; i++ {
			if u := n.to[i]; of[u] != best && !queued[u] {
				queued[u] = true
				queue = append(queue, u)
			}
		}
	}
	return changed
}

// refine finds communities within those of of, which are well connected: it begins with
// each node alone, and merges what lies in the same community of of.
func (s *search) refine(n *net, of []int32, count int32) []int32 {
	nodes := n.nodes()
	fine := make([]int32, nodes)
	whole := make([]float64, count) // the strengths of a community of of
	sum := make([]float64, nodes)   // the strengths of a refined one
	out := make([]float64, nodes)   // the weights from it to the rest of its community
	alone := make([]bool, nodes)    // it is one node
	near := make([]float64, nodes)
	var seen []int32
	for v := range nodes {
		fine[v], sum[v], alone[v] = int32(v), n.strength[v], true
		whole[of[v]] += n.strength[v]
		for i := n.start[v]; i < n.start[v+1]; i++ {
			if of[n.to[i]] == of[v] {
				out[v] += n.weight[i]
			}
		}
	}
	connected := func(c, within int32) bool {
		return out[c] >= s.resolution*sum[c]*(whole[within]-sum[c])/n.total-tiny*n.total
	}
	for _, p := range s.random.Perm(nodes) {
		v := int32(p)
		if !alone[fine[v]] || !connected(fine[v], of[v]) {
			continue
		}
		for i := n.start[v]; i < n.start[v+1]; i++ {
			u := n.to[i]
			if of[u] != of[v] {
				continue
			}
			c := fine[u]
			if near[c] == 0 {
				seen = append(seen, c)
			}
			near[c] += n.weight[i]
		}
		best, gain := fine[v], 0.0
		for _, c := range seen {
			if g := near[c] - s.resolution*n.strength[v]*sum[c]/n.total; g > gain+tiny*n.total && connected(c, of[v]) {
				best, gain = c, g
			}
		}
		if old := fine[v]; best != old {
			sum[best] += n.strength[v]
			out[best] += out[old] - 2*near[best]
			sum[old], out[old] = 0, 0
			alone[best], fine[v] = false, best
		}
		for _, c := range seen {
			near[c] = 0
		}
		seen = seen[:0]
	}
	return fine
}

// split makes the connected parts of each community communities of their own. Modularity
// does not get lower by that.
func split(n *net, of []int32) {
	part := slices.Repeat([]int32{-1}, len(of))
	next := int32(0)
	var stack []int32
	for v := range int32(len(of)) {
		if part[v] >= 0 {
			continue
		}
		part[v] = next
		for stack = append(stack, v); len(stack) > 0; {
			u := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for i := n.start[u]; i < n.start[u+1]; i++ {
				if w := n.to[i]; part[w] < 0 && of[w] == of[u] {
					part[w] = next
					stack = append(stack, w)
				}
			}
		}
		next++
	}
	copy(of, part)
}

// Modularity is the share of the weights inside communities, less what chance would put
// there (Newman and Girvan 2004). It is 0 for a graph without edges.
func Modularity(g *rows.Graph, of []int32, resolution float64) float64 {
	inside, strength, total := 0.0, make([]float64, len(of)+1), 0.0
	for i := range g.Edges() {
		e := &g.Edges()[i]
		w := float64(e.Weight)
		total += w
		strength[of[e.From]] += w
		strength[of[e.To]] += w
		if of[e.From] == of[e.To] {
			inside += w
		}
	}
	if total == 0 {
		return 0
	}
	q := inside / total
	for _, s := range strength {
		q -= resolution * (s / (2 * total)) * (s / (2 * total))
	}
	return q
}
