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
// It does not change, and its nodes are those of its index.
type view struct {
	x      *index
	lens   lens // rev is the index's when it was made, or an earlier one
	newest bool // the newest revision was asked for
	until  int64
	made   time.Time
	took   time.Duration

	edges    []rows.Edge // by From; Weight is the highest confidence of a fact
	facts    []int32     // of each edge, how many facts it is made of
	trusted  []bool      // of each edge, whether one of them may fire a rule
	start    []int32     // of each node, its first edge; one more than nodes
	mentions []int32     // of each node, how many facts name it
	most     []float32   // of each node, the highest confidence of a fact
	nodes    int         // those that are mentioned

	graph  func() *rows.Graph
	finder func() *paths.Finder

	making sync.Once
	search *net // see view.net
}

// views are those that were made last.
type views struct {
	mu  sync.Mutex
	all []*view // the newest last
}

const (
	keptViews = 3
	// slow is how long making a view may take before it is used for longer than it
	// is true: ten times as long as that.
	slow = 200 * time.Millisecond
)

// at returns what holds at a point. The caller holds the index still.
func (s *views) at(x *index, a At, now time.Time) *view {
	l := a.lens(now)
	l.rev = min(l.rev, x.rev)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, v := range s.all {
		old := a.Rev == 0 && v.newest && v.took > slow && now.Sub(v.made) < 10*v.took
		same := v.x == x && v.lens.asOf == l.asOf && (v.lens.rev == l.rev || old)
		if same && v.lens.valid <= l.valid && l.valid < v.until {
			s.all = append(slices.Delete(s.all, i, i+1), v)
			return v
		}
	}
	begun := time.Now() // now was before the wait for others' views
	v := newView(x, l)
	v.newest = a.Rev == 0
	v.made, v.took = begun, time.Since(begun)
	s.all = slices.DeleteFunc(s.all, func(old *view) bool { return old.x != x })
	s.all = append(s.all[max(0, len(s.all)-keptViews+1):], v)
	return v
}

func newView(x *index, l lens) *view {
	n := len(x.nodes)
	v := &view{x: x, lens: l, until: math.MaxInt64, start: make([]int32, n+1), mentions: make([]int32, n), most: make([]float32, n)}
	v.graph = sync.OnceValue(func() *rows.Graph {
		g, err := rows.New(n, v.edges)
		if err != nil {
			panic(err) // what is stored was checked
		}
		return g
	})
	v.finder = sync.OnceValue(func() *paths.Finder { return paths.NewFinder(v.graph()) })
	type end struct {
		relation, node, fact int32
	}
	var ends []end
	for from := range x.nodes {
		v.start[from] = int32(len(v.edges))
		ends = ends[:0]
		for n := range x.out(int32(from)) {
			if f := &x.facts[n]; v.sees(n) {
				ends = append(ends, end{f.relation, x.forms[f.object].node, n})
			}
		}
		slices.SortFunc(ends, func(a, b end) int {
			return cmp.Or(cmp.Compare(a.relation, b.relation), cmp.Compare(a.node, b.node), cmp.Compare(a.fact, b.fact))
		})
		for i, e := range ends {
			f := &x.facts[e.fact]
			if i == 0 || ends[i-1].relation != e.relation || ends[i-1].node != e.node {
				v.edges = append(v.edges, rows.Edge{From: int32(from), To: e.node, Relation: e.relation})
				v.facts, v.trusted = append(v.facts, 0), append(v.trusted, false)
			}
			last := len(v.edges) - 1
			sure := max(float32(f.confidence), math.SmallestNonzeroFloat32)
			v.edges[last].Weight = max(v.edges[last].Weight, sure)
			v.facts[last]++
			v.trusted[last] = v.trusted[last] || x.trusted(f, &l)
			v.mention(int32(from), sure)
			if e.node != int32(from) {
				v.mention(e.node, sure)
			}
		}
	}
	v.start[n] = int32(len(v.edges))
	return v
}

// sees reports whether a fact holds, and notes when that changes.
func (v *view) sees(n int32) bool {
	x, l := v.x, &v.lens
	f := &x.facts[n]
	if !x.known(f, l) {
		return false
	}
	if f.from > l.valid {
		v.until = min(v.until, f.from)
		return false
	}
	end := x.end(n, l)
	if end <= l.valid {
		return false
	}
	v.until = min(v.until, end)
	return true
}

func (v *view) mention(node int32, sure float32) {
	if v.mentions[node] == 0 {
		v.nodes++
	}
	v.mentions[node]++
	v.most[node] = max(v.most[node], sure)
}

// has reports whether a node is named by a fact of the view.
func (v *view) has(node int32) bool { return int(node) < len(v.mentions) && v.mentions[node] > 0 }

// contains reports whether the view has an edge with the same ends and relation.
func (v *view) contains(e *rows.Edge) bool {
	if int(e.From)+1 >= len(v.start) {
		return false
	}
	_, ok := slices.BinarySearchFunc(v.edges[v.start[e.From]:v.start[e.From+1]], e, func(a rows.Edge, b *rows.Edge) int {
		return cmp.Or(cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.To, b.To))
	})
	return ok
}
