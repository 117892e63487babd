// Package infer finds what follows from facts by the laws of their relations, each with
// its proof.
package infer

import (
	"cmp"
	"container/heap"
	"context"
	"slices"
)

// Fact says that a node is related to another.
type Fact struct{ From, Relation, To int32 }

// Stated is a fact that is known. Its cost is minus the logarithm of its confidence, in
// the unit of rows.Edge.
type Stated struct {
	Fact
	Cost int64
}

// Law says what follows from the facts of a relation.
type Law struct {
	Relation              int32
	Symmetric, Transitive bool
	// Inverse is the relation that each fact makes in the other direction, and the
	// other way round; -1 is none.
	Inverse int32
}

// Rule is what a fact follows by.
type Rule uint8

// The rules.
const (
	Known Rule = iota // it is stated
	BySymmetry
	ByInverse
	ByTransitivity
)

// Derived is a fact with its surest proof. Its cost is the sum of its premises', so its
// confidence is their product; of several proofs the surest counts, and of equals the
// one with fewer steps.
type Derived struct {
	Fact
	Cost  int64
	Steps int32 // rules in the proof, each as often as it is used
	// Stated says that the fact is also known by itself, perhaps less surely.
	Stated   bool
	Rule     Rule
	Premises []int32 // positions in Closure.Facts
}

// Closure is all that is known or follows. Each fact comes after its premises.
type Closure struct {
	Facts []Derived
	// Cut says that more follows than was asked for, or than could wait to be looked
	// at. What is there is the surest.
	Cut bool
	at  map[Fact]int32
}

// At is the position of a fact, or -1.
func (c *Closure) At(f Fact) int32 {
	if i, ok := c.at[f]; ok {
		return i
	}
	return -1
}

// Close derives what follows from facts, at most limit facts that are not stated. It
// takes the facts from the surest on, as Dijkstra's search takes nodes, and joins each
// with those before (Knuth 1977; Nederhof 2003), so each fact is derived once and by its
// surest proof. What relates a node to itself is not derived: nothing else would follow
// from it. Facts of relations without a law are left out.
//
// A node between many that a transitive relation arrives from and leads to joins each of
// them with each other. When more joins wait than limit could need, by far, the rest of
// what is stated is taken as it is.
func Close(ctx context.Context, facts []Stated, laws []Law, limit int) (*Closure, error) {
	c := &closing{laws: map[int32]*Law{}, closure: &Closure{at: map[Fact]int32{}}, stated: map[Fact]bool{}}
	c.from, c.to, c.waiting = map[end][]int32{}, map[end][]int32{}, map[Fact]Derived{}
	for _, l := range laws {
		c.law(l.Relation).merge(l)
		if l.Inverse >= 0 {
			c.law(l.Inverse).merge(Law{Relation: l.Inverse, Inverse: l.Relation})
		}
	}
	for _, f := range facts {
		if c.laws[f.Relation] != nil {
			c.stated[f.Fact] = true
			c.queue = append(c.queue, Derived{Fact: f.Fact, Cost: f.Cost})
		}
	}
	heap.Init(&c.queue)
	c.left = limit
	most := len(facts) + 1<<16 + 20*limit
	for i := 0; len(c.queue) > 0; i++ {
		if len(c.queue) > most && !c.full {
			c.closure.Cut, c.full = true, true
			c.queue = slices.DeleteFunc(c.queue, func(d Derived) bool { return !c.stated[d.Fact] })
			heap.Init(&c.queue)
			continue
		}
		if i%1024 == 0 {
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
		}
		f := heap.Pop(&c.queue).(Derived)
		if _, ok := c.closure.at[f.Fact]; ok {
			continue // by a surer proof
		}
		if f.Stated = c.stated[f.Fact]; !f.Stated {
			if c.left == 0 {
				c.closure.Cut = true
				continue
			}
			c.left--
		}
		c.take(f)
	}
	return c.closure, nil
}

type end struct{ node, relation int32 }

type closing struct {
	laws     map[int32]*Law
	stated   map[Fact]bool
	closure  *Closure
	from, to map[end][]int32 // facts that leave a node, and that arrive there
	queue    queue
	waiting  map[Fact]Derived // of what was joined and waits, the surest
	left     int              // how many more may be derived
	full     bool             // nothing more is joined
}

func (c *closing) law(relation int32) *Law {
	if c.laws[relation] == nil {
		c.laws[relation] = &Law{Relation: relation, Inverse: -1}
	}
	return c.laws[relation]
}

func (l *Law) merge(m Law) {
	l.Symmetric, l.Transitive = l.Symmetric || m.Symmetric, l.Transitive || m.Transitive
	if m.Inverse >= 0 {
		l.Inverse = m.Inverse
	}
}

// take adds a fact to the closure, and what follows from it and those before to the
// queue.
func (c *closing) take(f Derived) {
	delete(c.waiting, f.Fact)
	n := int32(len(c.closure.Facts))
	c.closure.Facts = append(c.closure.Facts, f)
	c.closure.at[f.Fact] = n
	l := c.laws[f.Relation]
	if l.Symmetric {
		c.put(Fact{f.To, f.Relation, f.From}, BySymmetry, n)
	}
	if l.Inverse >= 0 {
		c.put(Fact{f.To, l.Inverse, f.From}, ByInverse, n)
	}
	if !l.Transitive {
		return
	}
	// A way is its first step and the rest, so what follows by transitivity is no first step.
	a, b := end{f.From, f.Relation}, end{f.To, f.Relation}
	if f.Rule != ByTransitivity {
		for _, m := range c.from[b] {
			c.put(Fact{f.From, f.Relation, c.closure.Facts[m].To}, ByTransitivity, n, m)
		}
		c.to[b] = append(c.to[b], n)
	}
	for _, m := range c.to[a] {
		c.put(Fact{c.closure.Facts[m].From, f.Relation, f.To}, ByTransitivity, m, n)
	}
	c.from[a] = append(c.from[a], n)
}

func (c *closing) put(f Fact, by Rule, premises ...int32) {
	if _, ok := c.closure.at[f]; ok || c.full || f.From == f.To {
		return
	}
	if c.left == 0 && !c.stated[f] {
		c.closure.Cut = true
		return
	}
	d := Derived{Fact: f, Rule: by, Steps: 1, Premises: premises}
	for _, p := range premises {
		d.Cost += c.closure.Facts[p].Cost
		d.Steps += c.closure.Facts[p].Steps
	}
	if w, ok := c.waiting[f]; ok && !surer(&d, &w) {
		return
	}
	// A copy, so that the premises of all others need no memory.
	kept := Derived{Fact: f, Rule: by, Cost: d.Cost, Steps: d.Steps, Premises: slices.Clone(premises)}
	c.waiting[f] = kept
	heap.Push(&c.queue, kept)
}

// queue has the surest fact first; the order of equals is always the same.
type queue []Derived

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(Derived)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

func (q queue) Less(i, j int) bool { return surer(&q[i], &q[j]) }

func surer(a, b *Derived) bool {
	c := cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Steps, b.Steps), cmp.Compare(a.From, b.From),
		cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.To, b.To), cmp.Compare(a.Rule, b.Rule))
	if c != 0 || len(a.Premises) == 0 {
		return c < 0
	}
	return a.Premises[0] < b.Premises[0]
}
