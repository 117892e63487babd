package kgraph

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/kgraph/internal/paths"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// view is what holds at a point: the facts with the same ends and relation as one edge.
// It does not change once it is shared, and its nodes are those of its index. The view of
// a later revision shares with it all that is the same in both.
type view struct {
	x      *index
	lens   lens // rev is the index's when it was made
	newest bool // the newest revision was asked for
	until  int64
	made   time.Time
	took   time.Duration

	spots blocks[spot] // of each node
	edges blocks[edge]

	nodes, live, holding int // nodes that are mentioned, edges and facts that hold
	double               int // subjects with several objects by one functional relation
	facts, verdicts      int // of the index, those that were looked at

	graph  func() *rows.Graph // with the edges that hold only, numbered anew
	finder *paths.Finder
}

// spot is what lies around a node.
type spot struct {
	// next and edge are the other ends and the edges: first those that leave, by relation
	// and end, then those that arrive, by where they come from and relation.
	next, edge []int32
	out        int32 // those that leave
	mentions   int32 // facts that name the node
	most       float32
}

// edge is what some facts say together; Weight is their highest confidence. One without
// facts does not hold any more and is in no row.
type edge struct {
	rows.Edge
	facts   int32
	told    int32 // those that their origin has not stated before
	trusted bool  // one of the facts may fire a rule
}

func compareEdges(a, b *edge) int {
	return cmp.Or(cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.To, b.To))
}

var _ rows.Adjacency = (*view)(nil)

// Nodes implements rows.Adjacency.
func (v *view) Nodes() int { return int(v.spots.len()) }

// Edge implements rows.Adjacency.
func (v *view) Edge(e int32) *rows.Edge { return &v.edges.at(e).Edge }

// Row implements rows.Adjacency.
func (v *view) Row(n int32, d rows.Direction) (nodes, edges []int32) {
	p := v.spots.at(n)
	switch d {
	case rows.Out:
		return p.next[:p.out:p.out], p.edge[:p.out:p.out]
	case rows.In:
		return p.next[p.out:], p.edge[p.out:]
	}
	return p.next, p.edge
}

// Degree implements rows.Adjacency.
func (v *view) Degree(n int32, d rows.Direction) int {
	nodes, _ := v.Row(n, d)
	return len(nodes)
}

// leaving are the edges that leave a node.
func (v *view) leaving(n int32) []int32 {
	p := v.spots.at(n)
	return p.edge[:p.out]
}

// has reports whether a node is named by a fact of the view.
func (v *view) has(node int32) bool { return node < v.spots.len() && v.spots.at(node).mentions > 0 }

// mentions is how many facts name a node.
func (v *view) mentions(node int32) int32 { return v.spots.at(node).mentions }

// contains reports whether the view has an edge with the same ends and relation.
func (v *view) contains(e *edge) bool {
	if e.From >= v.spots.len() {
		return false
	}
	_, ok := slices.BinarySearchFunc(v.leaving(e.From), e, func(n int32, e *edge) int { return compareEdges(v.edges.at(n), e) })
	return ok
}

// atOnce is how many nodes are looked at while the index is held still.
const atOnce = 1024

// newView makes a view from nothing. held calls a function while the index is held
// still; what is added between two calls has later revisions, and the view does not see
// it. due gets the subjects of which something else holds later, and when.
func newView(x *index, l lens, held func(func()), due map[int32]int64) *view {
	v := &view{x: x, lens: l, until: math.MaxInt64}
	var n int
	held(func() {
		v.lens.rev = min(l.rev, x.rev)
		n, v.facts, v.verdicts = len(x.nodes), len(x.facts), len(x.verdicts)
	})
	spots := make([]spot, n)
	var flat []rows.Edge
	var all []edge
	for from := 0; from < n; from += atOnce {
		held(func() {
			for s := from; s < min(n, from+atOnce); s++ {
				edges, next := v.stated(int32(s))
				if all = append(all, edges...); next < math.MaxInt64 && due != nil {
					due[int32(s)] = next
				}
				v.until = min(v.until, next)
			}
		})
	}
	for i := range all {
		e := &all[i]
		flat = append(flat, e.Edge)
		v.holding += int(e.facts)
		ends := []int32{e.From, e.To}
		if e.From == e.To {
			ends = ends[:1]
		}
		for _, node := range ends {
			spots[node].mentions += e.facts
			spots[node].most = max(spots[node].most, e.Weight)
		}
	}
	g, err := rows.New(n, flat)
	if err != nil {
		panic(err) // what is stored was checked
	}
	v.live, v.graph = len(all), func() *rows.Graph { return g }
	for i := range spots {
		p := &spots[i]
		p.next, p.edge = g.Row(int32(i), rows.Both)
		p.out = int32(g.Degree(int32(i), rows.Out))
		if p.mentions > 0 {
			v.nodes++
		}
	}
	v.spots, v.edges = blocksOf(spots), blocksOf(all)
	held(func() {
		for i := range int32(n) {
			v.double += v.conflicts(i)
		}
	})
	v.finder = paths.NewFinder(v)
	return v
}

// weight is the confidence as that of an edge, which is not 0.
func (f *fact) weight() float32 { return max(float32(f.confidence), math.SmallestNonzeroFloat32) }

// stated are the edges that leave a node, in order, and when the next of its facts begins
// or ends to hold.
func (v *view) stated(s int32) (all []edge, next int64) {
	x, next := v.x, int64(math.MaxInt64)
	type end struct{ relation, node, fact int32 }
	var ends []end
	for n := range x.out(s) {
		f := &x.facts[n]
		if !x.known(f, &v.lens) {
			continue
		}
		if f.from > v.lens.valid {
			next = min(next, f.from)
			continue
		}
		stops := x.end(n, &v.lens)
		if stops <= v.lens.valid {
			continue
		}
		next = min(next, stops)
		ends = append(ends, end{f.relation, x.forms[f.object].node, n})
	}
	slices.SortFunc(ends, func(a, b end) int {
		return cmp.Or(cmp.Compare(a.relation, b.relation), cmp.Compare(a.node, b.node), cmp.Compare(a.fact, b.fact))
	})
	for i, e := range ends {
		f := &x.facts[e.fact]
		if i == 0 || ends[i-1].relation != e.relation || ends[i-1].node != e.node {
			all = append(all, edge{Edge: rows.Edge{From: s, To: e.node, Relation: e.relation}})
		}
		last := &all[len(all)-1]
		last.Weight = max(last.Weight, f.weight())
		last.facts++
		if last.facts == 1 || x.facts[ends[i-1].fact].origin != f.origin { // an origin's facts lie side by side
			last.told++
		}
		last.trusted = last.trusted || x.trusted(f, &v.lens)
	}
	return all, next
}

// conflicts is by how many functional relations a node has several objects.
func (v *view) conflicts(n int32) (count int) {
	edges := v.leaving(n)
	for i := 1; i < len(edges); i++ {
		r := v.edges.at(edges[i]).Relation
		again := r == v.edges.at(edges[i-1]).Relation
		// The third object is of the same contradiction as the second.
		if again && v.x.rules.all[r].Functional && (i == 1 || v.edges.at(edges[i-2]).Relation != r) {
			count++
		}
	}
	return count
}

// fork is a view that may be changed, and shares with v what is not.
func (v *view) fork() *view {
	f := *v
	f.spots, f.edges = v.spots.fork(), v.edges.fork()
	for int(f.spots.len()) < len(v.x.nodes) {
		f.spots.push(spot{})
	}
	f.graph = sync.OnceValue(f.pack)
	f.finder = v.finder.Over(&f)
	return &f
}

// pack makes a graph of the edges that hold.
func (v *view) pack() *rows.Graph {
	flat := make([]rows.Edge, 0, v.live)
	for n := range v.spots.len() {
		for _, e := range v.leaving(n) {
			flat = append(flat, v.edges.at(e).Edge)
		}
	}
	g, err := rows.New(v.Nodes(), flat)
	if err != nil {
		panic(err) // what is stored was checked
	}
	return g
}

// restate brings what leaves a node up to date, and returns when it changes again.
func (v *view) restate(s int32) (next int64) {
	was := v.leaving(s)
	v.double -= v.conflicts(s)
	fresh, next := v.stated(s)
	var row []int32
	lost := false
	drop := func(n int32) {
		lost = v.set(n, edge{Edge: v.edges.at(n).Edge}) || lost
	}
	for _, e := range fresh {
		for len(was) > 0 && compareEdges(v.edges.at(was[0]), &e) < 0 {
			drop(was[0])
			was = was[1:]
		}
		n := none
		if len(was) > 0 && compareEdges(v.edges.at(was[0]), &e) == 0 {
			n, was = int(was[0]), was[1:]
		} else {
			n = int(v.edges.push(edge{Edge: e.Edge}))
		}
		lost = v.set(int32(n), e) || lost
		row = append(row, int32(n))
	}
	for _, n := range was {
		drop(n)
	}
	p := v.spots.edit(s)
	ends := make([]int32, len(row), len(row)+len(p.next)-int(p.out))
	for i, e := range row {
		ends[i] = v.edges.at(e).To
	}
	p.next, p.edge, p.out = append(ends, p.next[p.out:]...), append(row, p.edge[p.out:]...), int32(len(row))
	v.double += v.conflicts(s)
	if lost {
		v.weigh(s)
	}
	return next
}

// set changes what an edge says, to nothing if it has no facts any more, and all that
// depends on it but the row of its subject. It reports whether the subject must be
// weighed again once its row is right.
func (v *view) set(n int32, e edge) (lost bool) {
	was := *v.edges.at(n)
	if was == e {
		return false
	}
	*v.edges.edit(n) = e
	v.holding += int(e.facts - was.facts)
	switch {
	case was.facts == 0:
		v.live++
		v.arrive(n, &e)
	case e.facts == 0:
		v.live--
		v.leave(n, &e)
	}
	if e.To != e.From && v.mention(e.To, &was, &e) {
		v.weigh(e.To)
	}
	return v.mention(e.From, &was, &e)
}

// arriving is the position in the row of an edge's object where it is or belongs.
func (v *view) arriving(p *spot, e *edge) int {
	i, _ := slices.BinarySearchFunc(p.edge[p.out:], e, func(n int32, e *edge) int {
		o := v.edges.at(n)
		return cmp.Or(cmp.Compare(o.From, e.From), cmp.Compare(o.Relation, e.Relation))
	})
	return int(p.out) + i
}

// arrive puts an edge into the row of its object. At the end it needs no copy: views from
// before do not look that far.
func (v *view) arrive(n int32, e *edge) {
	p := v.spots.edit(e.To)
	at := v.arriving(p, e)
	if at < len(p.edge) {
		p.next, p.edge = slices.Clip(p.next), slices.Clip(p.edge)
	}
	p.next, p.edge = slices.Insert(p.next, at, e.From), slices.Insert(p.edge, at, n)
}

func (v *view) leave(n int32, e *edge) {
	p := v.spots.edit(e.To)
	at := v.arriving(p, e)
	p.next, p.edge = slices.Delete(slices.Clone(p.next), at, at+1), slices.Delete(slices.Clone(p.edge), at, at+1)
}

// mention counts what an edge says of a node, and reports whether the node must be
// weighed again, since its strongest edge became weaker.
func (v *view) mention(node int32, was, is *edge) (lost bool) {
	p := v.spots.edit(node)
	v.nodes -= int(bit(p.mentions > 0))
	p.mentions += is.facts - was.facts
	v.nodes += int(bit(p.mentions > 0))
	before, now := was.weight(), is.weight()
	p.most = max(p.most, now)
	return now < before && before == p.most
}

// weight is that of the edge while it holds.
func (e *edge) weight() float32 {
	if e.facts == 0 {
		return 0
	}
	return e.Weight
}

// weigh finds the highest confidence of a fact that names a node.
func (v *view) weigh(node int32) {
	p := v.spots.edit(node)
	p.most = 0
	for _, e := range p.edge {
		p.most = max(p.most, v.edges.at(e).weight())
	}
}
