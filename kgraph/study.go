package kgraph

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/kgraph/internal/rank"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// GapKind says what is wrong with what is known of a concept.
type GapKind string

// The kinds of gaps.
const (
	// Contradictory: a functional relation has several objects at once, because none of
	// the facts is later, or because the later one is not trusted.
	Contradictory GapKind = "contradictory"
	// Poor: facts name the concept often and relate it to one other only.
	Poor GapKind = "poor"
	// Stale: nothing new is known of a central concept for a month.
	Stale GapKind = "stale"
	// Duplicate: the concept is probably the same as one that is named more often: without
	// spaces, with what stands before "of" behind it, or with a letter misspelt, it has the
	// same name. They stay two, since some names that near are of different things; a fact
	// of a relation that is an Alias says that they are the same. It is no topic to study.
	Duplicate GapKind = "duplicate"
)

// Gap is something to study next.
type Gap struct {
	Kind GapKind
	Node
	// Why says what is wrong, as a sentence.
	Why string
	// Score is higher the more it matters; it compares gaps of one kind only.
	Score float64
}

// staleAfter is when what is known of a concept is stale.
const staleAfter = 30 * 24 * time.Hour

// Gaps lists what the graph knows badly: at most limit of each kind, 10 when it is 0,
// those that matter most first.
func (g *Graph) Gaps(ctx context.Context, at At, limit int) ([]Gap, error) {
	v, done, err := g.look(ctx, at)
	if err != nil {
		return nil, err
	}
	done()
	n := g.net(v)
	a, err := g.assess(ctx, v, n, at)
	if err != nil {
		return nil, err
	}
	return a.gaps(n, cmp.Or(max(limit, 0), 10)), nil
}

// assessment is how badly each concept is known.
type assessment struct {
	scores map[GapKind]map[int32]float64
	newest []int64 // of each node, when its newest fact was recorded
	twin   map[int32]int32
	stale  int
}

// assess looks at all that holds. The caller does not hold the index.
func (g *Graph) assess(ctx context.Context, v *view, n *net, at At) (*assessment, error) {
	x := v.x
	a := &assessment{newest: make([]int64, len(n.nodes))}
	for first := 0; first < v.facts; first += factsAtOnce {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g.held(func() {
			for f := first; f < min(v.facts, first+factsAtOnce); f++ {
				if !x.holds(int32(f), &v.lens) {
					continue
				}
				from, to := x.ends(&x.facts[f])
				for _, end := range []int32{from, to} {
					if i, ok := n.at[end]; ok {
						a.newest[i] = max(a.newest[i], x.origins[x.facts[f].origin].recorded)
					}
				}
			}
		})
	}
	a.scores = map[GapKind]map[int32]float64{Contradictory: n.contradictions(), Poor: {}, Stale: {}, Duplicate: {}}
	a.twin = map[int32]int32{}
	for _, p := range n.doubles().pairs {
		if _, ok := a.twin[p[1]]; !ok {
			a.twin[p[1]], a.scores[Duplicate][p[1]] = p[0], float64(n.nodes[p[0]].Mentions+n.nodes[p[1]].Mentions)
		}
	}
	central, err := n.central(ctx)
	if err != nil {
		return nil, err
	}
	now := at.lens(time.Now()).valid
	for i := range int32(len(n.nodes)) {
		if others := n.neighbours(i); len(others) == 1 && n.nodes[i].Mentions > 1 {
			a.scores[Poor][i] = float64(n.nodes[i].Mentions)
		}
		if age := time.Duration(now - a.newest[i]); age > staleAfter {
			a.scores[Stale][i] = central[i] * age.Hours()
			a.stale++
		}
	}
	return a, nil
}

// factsAtOnce is how many facts are looked at while the index is held still.
const factsAtOnce = 10_000

// neighbours are the other nodes that a node is related to.
func (n *net) neighbours(node int32) []int32 { return rank.Neighbours(n.stated, node) }

// gaps are the worst of each kind.
func (a *assessment) gaps(n *net, limit int) (all []Gap) {
	for _, kind := range []GapKind{Contradictory, Poor, Stale, Duplicate} {
		for _, s := range rank.Best(a.scores[kind], limit) {
			gap := Gap{Kind: kind, Node: n.nodes[s.ID], Score: s.Score}
			switch kind {
			case Contradictory:
				gap.Why = n.conflict(s.ID)
			case Poor:
				gap.Why = fmt.Sprintf("%d facts name %s, and relate it to %s only", gap.Mentions, gap.Name, n.nodes[n.neighbours(s.ID)[0]].Name)
			case Duplicate:
				gap.Why = fmt.Sprintf("%s is probably the same as %s", gap.Name, n.nodes[a.twin[s.ID]].Name)
			case Stale:
				gap.Why = fmt.Sprintf("nothing new is known of %s since %s", gap.Name, moment(a.newest[s.ID]).Format(time.DateOnly))
			}
			all = append(all, gap)
		}
	}
	return all
}

// rivals are the edges of a node whose functional relation has several objects.
func (n *net) rivals(node int32) (all []int32) {
	objects := map[int32]map[int32]bool{}
	to, edges := n.stated.Row(node, rows.Out)
	for i, e := range edges {
		if r := n.stated.Edges()[e].Relation; n.laws[r].Functional {
			if objects[r] == nil {
				objects[r] = map[int32]bool{}
			}
			objects[r][to[i]] = true
		}
	}
	for _, e := range edges {
		if len(objects[n.stated.Edges()[e].Relation]) > 1 {
			all = append(all, e)
		}
	}
	return all
}

func (n *net) contradictions() map[int32]float64 {
	all := map[int32]float64{}
	for i := range int32(len(n.nodes)) {
		if rivals := n.rivals(i); len(rivals) > 0 {
			all[i] = float64(len(rivals))
		}
	}
	return all
}

// conflict says which objects a node's functional relation has.
func (n *net) conflict(node int32) string {
	edges := n.rivals(node)
	relation := n.stated.Edges()[edges[0]].Relation
	var names []string
	for _, e := range edges {
		if f := &n.stated.Edges()[e]; f.Relation == relation {
			names = append(names, n.nodes[f.To].Name)
		}
	}
	slices.Sort(names)
	return fmt.Sprintf("%s %s %s", n.nodes[node].Name, n.laws[relation].Name, listed(names, ", and "))
}

// listed are names in a sentence, the first 20 and how many more there are.
func listed(names []string, separator string) string {
	const most = 20
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], separator), more)
	}
	return strings.Join(names, separator)
}

// Lesson is a concept of a learning path.
type Lesson struct {
	Node
	// Needs are what must be known before: earlier lessons.
	Needs []Node
}

// CycleError is of concepts that are prerequisites of each other.
type CycleError struct{ Names []string }

func (e *CycleError) Error() string {
	return "kgraph: each of these must be known before the next, and the last before the first: " + listed(e.Names, ", ")
}

// Learn lists what to learn, in an order in which everything is known before it is
// needed, up to a target. What is known already, and what only that needs, is left out.
// Concepts are found as [Graph.Concept] finds them. The relations between them are those
// that are declared as a [Relation.Prerequisite], as trusted facts say. A [*CycleError]
// names concepts that need each other. ErrNotFound.
func (g *Graph) Learn(ctx context.Context, target string, known []string, at At) ([]Lesson, error) {
	n, goal, err := g.named(ctx, target, at)
	if err != nil {
		return nil, err
	}
	state := map[int32]int{} // 1 is being looked at, 2 is done
	for _, name := range known {
		m, node, err := g.named(ctx, name, at)
		if err != nil {
			return nil, err
		}
		if i, ok := n.byID[m.nodes[node].ID]; ok {
			state[i] = 2
		}
	}
	// A stack of its own: a chain may be as long as the graph.
	type place struct {
		node  int32
		needs []int32
		next  int
	}
	var all []Lesson
	var stack []place
	enter := func(node int32) {
		state[node] = 1
		stack = append(stack, place{node: node, needs: n.needs(node)})
	}
	if state[goal] == 0 {
		enter(goal)
	}
	for len(stack) > 0 {
		p := &stack[len(stack)-1]
		if p.next < len(p.needs) {
			need := p.needs[p.next]
			p.next++
			switch state[need] {
			case 0:
				enter(need)
			case 1:
				e := &CycleError{}
				first := slices.IndexFunc(stack, func(p place) bool { return p.node == need })
				for _, q := range slices.Backward(stack[first:]) {
					e.Names = append(e.Names, n.nodes[q.node].Name)
				}
				return nil, e
			}
			continue
		}
		l := Lesson{Node: n.nodes[p.node]}
		for _, need := range p.needs {
			l.Needs = append(l.Needs, n.nodes[need])
		}
		all = append(all, l)
		state[p.node] = 2
		stack = stack[:len(stack)-1]
	}
	return all, nil
}

// needs are the prerequisites of a node, by name.
func (n *net) needs(node int32) (all []int32) {
	to, edges := n.stated.Row(node, rows.Out)
	for i, e := range edges {
		if n.trusted[e] && n.laws[n.stated.Edges()[e].Relation].Prerequisite && to[i] != node {
			all = append(all, to[i])
		}
	}
	slices.SortFunc(all, func(a, b int32) int { return cmp.Compare(n.nodes[a].Name, n.nodes[b].Name) })
	return slices.Compact(all)
}
