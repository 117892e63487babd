package kgraph

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// Node is a concept: what the names of one thing have in common.
type Node struct {
	// ID is the sort and the name without what does not matter, such as
	// "term:event log". It is the same in every store.
	ID string
	// Name is the way to write it that most facts use.
	Name string
	// Aliases are the other ways, and the names of which a fact says that they are of
	// the same thing; at most 50.
	Aliases []string
	Sort    Sort
	// Confidence is the highest of a fact that names it, and Mentions how many do.
	Confidence float64
	Mentions   int
}

// Edge is what the facts with the same ends and relation say together.
type Edge struct {
	Source, Target string // ids
	Relation       hobby.Relation
	// Confidence is the highest of a fact, and Facts is how many there are. What an origin
	// states twice counts once.
	Confidence float64
	Facts      int
	// Trusted says that one of the facts may fire a rule.
	Trusted bool
	// Inferred says that it follows from others.
	Inferred bool
}

// Concept is a node with what is known of it.
type Concept struct {
	Node
	// Facts are those that name it, newest first, at most as many as were asked for;
	// Total is how many there are.
	Facts []Fact
	Total int
	// Ends are the nodes of each fact's subject and object.
	Ends [][2]Node
	// Community is the one that it is in. It is zero for what came after communities were
	// found, which is not done at each change of a large graph.
	Community Community
	// Also are other concepts that the name may mean, at most 9, and then those that are
	// probably the same (see [Duplicate]).
	Also []Node
	// Rev is the revision of the graph that was read.
	Rev int64
}

// Concept finds a concept by its id or by a name of it, in any case; the name of a
// function or of a file may be without the path. A name that no concept has finds one
// with a name that is probably meant (see [Duplicate]). Of several, the one with most facts
// is taken. limit is the most facts, 100 when it is 0. ErrNotFound.
func (g *Graph) Concept(ctx context.Context, name string, at At, limit int) (Concept, error) {
	v, done, err := g.look(ctx, at)
	if err != nil {
		return Concept{}, err
	}
	done()
	groups, err := g.clusters(ctx, v)
	if err != nil {
		return Concept{}, err
	}
	found := g.find(v, name)
	if len(found) == 0 {
		return Concept{}, fmt.Errorf("%w: %.200q", ErrNotFound, name)
	}
	found = append(found, g.alike(v, found)...)
	g.mu.RLock()
	defer g.mu.RUnlock()
	x := v.x
	c := Concept{Node: v.node(found[0]), Rev: v.lens.rev}
	own := c.Aliases // sorted, as those that follow
	for _, alias := range v.aliases(found[0]) {
		if _, ok := slices.BinarySearch(own, alias); !ok && len(c.Aliases) < maxAliases {
			c.Aliases = append(c.Aliases, alias)
		}
	}
	c.Community = groups.community(groups.at(found[0]))
	for _, other := range found[1:] {
		c.Also = append(c.Also, v.node(other))
	}
	var all []int32
	for n := range v.around(found[0]) {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b int32) int { return cmp.Or(cmp.Compare(x.facts[b].from, x.facts[a].from), cmp.Compare(b, a)) })
	c.Total = len(all)
	for _, n := range all[:min(len(all), cmp.Or(max(limit, 0), 100))] {
		from, to := x.ends(&x.facts[n])
		c.Facts = append(c.Facts, x.fact(n, &v.lens))
		c.Ends = append(c.Ends, [2]Node{v.node(from), v.node(to)})
	}
	return c, nil
}

// around yields the facts of a node that hold, each once.
func (v *view) around(node int32) func(yield func(int32) bool) {
	return func(yield func(int32) bool) {
		for n := range v.x.out(node) {
			if v.x.holds(n, &v.lens) && !yield(n) {
				return
			}
		}
		for n := range v.x.in(node) {
			if from, _ := v.x.ends(&v.x.facts[n]); from != node && v.x.holds(n, &v.lens) && !yield(n) {
				return
			}
		}
	}
}

// find returns the nodes that a name may mean, the best first.
func (v *view) find(text string) []int32 {
	x := v.x
	var found []int32
	seen := map[int32]bool{}
	add := func(nodes ...int32) {
		best := len(found)
		for _, n := range nodes {
			if v.has(n) && !seen[n] {
				seen[n] = true
				found = append(found, n)
			}
		}
		slices.SortFunc(found[best:], func(a, b int32) int { return cmp.Or(cmp.Compare(v.mentions(b), v.mentions(a)), cmp.Compare(a, b)) })
	}
	if sort, key, ok := strings.Cut(text, ":"); ok {
		if s, ok := x.texts.at[sort]; ok {
			if n, ok := x.keyed(Sort(sort), name{s, key}); ok && v.has(n) {
				return []int32{n}
			}
		}
	}
	var written, meant []int32
	for _, s := range x.rules.sorts() {
		at, ok := x.texts.at[string(s)]
		if !ok {
			continue
		}
		if n, ok := x.names.at[name{at, text}]; ok {
			written = append(written, x.forms[n].node)
		}
		if n, ok := x.keyed(s, name{at, s.key(text)}); ok {
			meant = append(meant, n)
		}
	}
	add(written...)
	add(meant...)
	add(x.alike[strings.ToLower(text)]...)
	return found
}

// id is a node's id.
func (x *index) id(n int32) string {
	first := x.names.all[x.nodes[n].form]
	sort := x.texts.all[first.sort]
	return sort + ":" + Sort(sort).key(first.text)
}

// node is a node as the view shows it.
func (v *view) node(n int32) Node {
	x := v.x
	c := Node{ID: x.id(n), Sort: Sort(x.texts.all[x.names.all[x.nodes[n].form].sort])}
	if v.has(n) {
		c.Confidence, c.Mentions = float64(v.spots.at(n).most), int(v.mentions(n))
	}
	var uses int32
	for f := x.nodes[n].form; f != none; f = x.forms[f].next {
		text, u := x.names.all[f].text, x.forms[f].uses
		if c.Name == "" || u > uses || u == uses && text < c.Name {
			c.Name, uses = text, u
		}
	}
	for f := x.nodes[n].form; f != none && len(c.Aliases) < maxAliases; f = x.forms[f].next {
		if text := x.names.all[f].text; text != c.Name {
			c.Aliases = append(c.Aliases, text)
		}
	}
	slices.Sort(c.Aliases)
	return c
}

// maxAliases is how many other names of a concept are told.
const maxAliases = 50

// aliases are the names of which a fact says that they are of the same thing as n.
func (v *view) aliases(n int32) (all []string) {
	x := v.x
	for f := range v.around(n) {
		from, to := x.ends(&x.facts[f])
		if from == to || !x.rules.all[x.facts[f].relation].Alias {
			continue
		}
		if all = append(all, v.node(from+to-n).Name); len(all) == maxAliases {
			break
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Search finds concepts with a text in their name, in any case: those with the name
// first, then those that begin with it, then the others, each with most facts first. Its
// cost grows with the number of names.
func (g *Graph) Search(ctx context.Context, text string, at At, limit int) ([]Node, error) {
	v, done, err := g.look(ctx, at)
	if err != nil {
		return nil, err
	}
	defer done()
	x := v.x
	text = strings.ToLower(strings.TrimSpace(text))
	ranks := map[int32]int{}
	for i := range x.forms {
		n := x.forms[i].node
		if !v.has(n) {
			continue
		}
		if rank := match(x.names.all[i].text, text); rank > 0 {
			ranks[n] = max(ranks[n], rank)
		}
	}
	found := make([]int32, 0, len(ranks))
	for n := range ranks {
		found = append(found, n)
	}
	slices.SortFunc(found, func(a, b int32) int {
		return cmp.Or(cmp.Compare(ranks[b], ranks[a]), cmp.Compare(v.mentions(b), v.mentions(a)), cmp.Compare(a, b))
	})
	var all []Node
	for _, n := range found[:min(len(found), cmp.Or(max(limit, 0), 20))] {
		all = append(all, v.node(n))
	}
	return all, nil
}

// match says how well a name answers a search for a text in lower case; 0 is not at all.
func match(name, text string) int {
	name = strings.ToLower(name)
	switch at := strings.Index(name, text); {
	case text == "" || at < 0:
		return 0
	case name == text:
		return 4
	case at == 0:
		return 3
	case strings.ContainsRune(" /.-_(*", rune(name[at-1])):
		return 2
	}
	return 1
}
