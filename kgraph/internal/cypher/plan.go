package cypher

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// plan is the order in which patterns are matched and conditions looked at.
type plan struct {
	steps []step
	slots int
	names []string // of slots
}

type stepKind uint8

const (
	scan   stepKind = iota // bind a node
	expand                 // bind a relationship, and the node at its other end
	filter                 // go on where an expression is true
	path                   // bind a path
)

// step is a step of a plan.
type step struct {
	kind   stepKind
	clause int
	node   int   // the slot that scan binds, and from which expand goes
	nodes  []int // of a path
	rels   []int // of a path
	expr   *Expr // of filter
	// A scan takes the nodes with a name, or with a label, or all.
	named *Expr // the name, or a list of names
	label int32 // none without one
	// An expand.
	rel, to   int
	bound     bool // the other end is bound already
	reverse   bool // from the pattern's right to its left
	direction rows.Direction
	relations []int32 // nil for all
	pattern   *RelPattern
}

const none = -1

// planner makes a plan. It is greedy: it follows the relationship that leads to the
// fewest matches from what is bound, or begins at the node with the fewest.
type planner struct {
	e      *Engine
	plan   *plan
	slot   map[string]int
	bound  map[int]bool
	clause int
	// What is left to do in the clause.
	nodes []int
	rels  []openRel
	paths []step
	conds []*Expr
}

type openRel struct {
	left, rel, right int
	pattern          *RelPattern
}

func (e *Engine) plan(q *Query) (*plan, error) {
	p := &planner{e: e, plan: &plan{}, slot: map[string]int{}, bound: map[int]bool{}}
	for i := range q.Matches {
		p.clause = i
		p.open(&q.Matches[i])
		p.order()
	}
	resolve := func(x *Expr) bool {
		switch x.op {
		case opVar:
			x.slot = p.slot[x.Name] // a column's alias has none, and is replaced
		case opLabel:
			x.label = e.labelID(x.Name)
		}
		return true
	}
	q.walk(resolve)
	for i := range p.plan.steps {
		p.plan.steps[i].expr.walk(resolve)
		p.plan.steps[i].named.walk(resolve)
	}
	p.plan.slots = len(p.plan.names)
	return p.plan, nil
}

func (e *Engine) labelID(name string) int32 {
	if id, ok := e.labels[fold(name)]; ok {
		return id
	}
	return none
}

// variable is the slot of a variable; one without a name is a new one.
func (p *planner) variable(name string) int {
	if s, ok := p.slot[name]; ok && name != "" {
		return s
	}
	s := len(p.plan.names)
	if name == "" {
		name = fmt.Sprintf(" %d", s) // no query can name it
	}
	p.plan.names = append(p.plan.names, name)
	p.slot[name] = s
	return s
}

// open lists what a clause has to bind, and its conditions: those of WHERE, labels, and
// properties.
func (p *planner) open(m *Match) {
	p.nodes, p.rels, p.paths, p.conds = nil, nil, nil, nil
	for i := range m.Patterns {
		pattern := &m.Patterns[i]
		walk := step{kind: path, clause: p.clause}
		for j := range pattern.Nodes {
			n := &pattern.Nodes[j]
			s := p.variable(n.Var)
			p.nodes = append(p.nodes, s)
			walk.nodes = append(walk.nodes, s)
			p.condition(s, n.Props)
			var any *Expr
			for _, l := range n.Labels {
				has := &Expr{op: opLabel, Name: l, Args: []*Expr{p.ref(s)}}
				if any != nil {
					has = &Expr{op: opBinary, Name: "OR", Args: []*Expr{any, has}}
				}
				any = has
			}
			if any != nil {
				p.conds = append(p.conds, any)
			}
		}
		for j := range pattern.Rels {
			r := &pattern.Rels[j]
			s := p.variable(r.Var)
			walk.rels = append(walk.rels, s)
			p.rels = append(p.rels, openRel{walk.nodes[j], s, walk.nodes[j+1], r})
			if !r.Variable {
				p.condition(s, r.Props)
			}
		}
		if pattern.Path != "" {
			walk.to = p.variable(pattern.Path)
			p.paths = append(p.paths, walk)
		}
	}
	p.split(m.Where)
}

func (p *planner) ref(slot int) *Expr { return &Expr{op: opVar, Name: p.plan.names[slot]} }

// condition takes the properties of a pattern apart.
func (p *planner) condition(slot int, props *Expr) {
	if props == nil {
		return
	}
	for i, k := range props.Keys {
		has := &Expr{op: opProp, Name: k, Args: []*Expr{p.ref(slot)}}
		p.conds = append(p.conds, &Expr{op: opCompare, Keys: []string{"="}, Args: []*Expr{has, props.Args[i]}})
	}
}

// split takes a condition apart where it is a conjunction.
func (p *planner) split(e *Expr) {
	switch {
	case e == nil:
	case e.op == opBinary && e.Name == "AND":
		p.split(e.Args[0])
		p.split(e.Args[1])
	default:
		p.conds = append(p.conds, e)
	}
}

func (p *planner) ready(e *Expr) (yes bool) {
	yes = true
	e.walk(func(x *Expr) bool {
		yes = yes && (x.op != opVar || p.bound[p.slot[x.Name]])
		return yes
	})
	return yes
}

// order adds the clause's steps to the plan.
func (p *planner) order() {
	for {
		p.paths = slices.DeleteFunc(p.paths, func(s step) bool {
			for _, slot := range append(slices.Clone(s.nodes), s.rels...) {
				if !p.bound[slot] {
					return false
				}
			}
			p.plan.steps = append(p.plan.steps, s)
			p.bound[s.to] = true
			return true
		})
		p.conds = slices.DeleteFunc(p.conds, func(e *Expr) bool {
			if !p.ready(e) {
				return false
			}
			p.plan.steps = append(p.plan.steps, step{kind: filter, clause: p.clause, expr: e})
			return true
		})
		if !p.follow() && !p.begin() {
			return
		}
	}
}

// follow adds the relationship that leads to the fewest matches from a bound node.
func (p *planner) follow() bool {
	best, cost := none, math.Inf(1)
	for i, r := range p.rels {
		if !p.bound[r.left] && !p.bound[r.right] {
			continue
		}
		c := p.e.matches(r.pattern)
		if p.bound[r.left] && p.bound[r.right] {
			c /= 1e3
		}
		if c < cost {
			best, cost = i, c
		}
	}
	if best == none {
		return false
	}
	r := p.rels[best]
	p.rels = slices.Delete(p.rels, best, best+1)
	s := step{kind: expand, clause: p.clause, node: r.left, rel: r.rel, to: r.right, direction: r.pattern.Direction, pattern: r.pattern,
		relations: p.e.relationIDs(r.pattern.Types)}
	if !p.bound[r.left] {
		s.node, s.to, s.reverse, s.direction = r.right, r.left, true, s.direction.Reverse()
	}
	s.bound = p.bound[s.to]
	p.plan.steps = append(p.plan.steps, s)
	p.bound[s.to], p.bound[s.rel] = true, true
	return true
}

// matches estimates to how many nodes a relationship leads from one.
func (e *Engine) matches(r *RelPattern) float64 {
	n := 0
	if len(r.Types) == 0 {
		n = len(e.g.Edges())
	}
	for _, id := range e.relationIDs(r.Types) {
		n += e.uses[id]
	}
	c := float64(n) / float64(max(1, e.g.Nodes()))
	if r.Direction == rows.Both {
		c *= 2
	}
	if r.Variable {
		c = math.Pow(c+1, float64(min(r.Max, 6)))
	}
	return c
}

// begin adds a scan for the node of which there are the fewest.
func (p *planner) begin() bool {
	best, cost := step{}, math.Inf(1)
	for _, n := range p.nodes {
		if p.bound[n] {
			continue
		}
		if s, c := p.scan(n); c < cost {
			best, cost = s, c
		}
	}
	if math.IsInf(cost, 1) {
		return false
	}
	p.plan.steps = append(p.plan.steps, best)
	p.bound[best.node] = true
	return true
}

// scan is the cheapest way to find the nodes that a slot may be, with their number.
func (p *planner) scan(n int) (step, float64) {
	s, cost := step{kind: scan, clause: p.clause, node: n, label: none}, float64(p.e.g.Nodes())
	is := func(e *Expr) bool { return e.op == opVar && p.slot[e.Name] == n }
	named := func(e *Expr) bool { return e.op == opProp && e.Name == "name" && is(e.Args[0]) }
	for _, c := range p.conds {
		switch {
		case c.op == opLabel && is(c.Args[0]):
			if id := p.e.labelID(c.Name); id != none && float64(len(p.e.labelled[id])) < cost {
				s.label, s.named, cost = id, nil, float64(len(p.e.labelled[id]))
			}
		case c.op == opCompare && len(c.Keys) == 1 && c.Keys[0] == "=":
			for i := range 2 {
				if named(c.Args[i]) && p.ready(c.Args[1-i]) && cost > 1 {
					s.named, s.label, cost = c.Args[1-i], none, 1
				}
			}
		case c.op == opCompare && len(c.Keys) == 1 && c.Keys[0] == "IN" && named(c.Args[0]) && p.ready(c.Args[1]) && cost > 10:
			s.named, s.label, cost = c.Args[1], none, 10
		}
	}
	return s, cost
}

// describe says what step i does.
func (p *plan) describe(i int) string {
	s := &p.steps[i]
	name := func(slot int) string {
		if n := p.names[slot]; n[0] != ' ' {
			return quote(n)
		}
		return ""
	}
	switch s.kind {
	case scan:
		switch {
		case s.named != nil:
			return fmt.Sprintf("nodes named %s as (%s)", s.named, name(s.node))
		case s.label != none:
			return fmt.Sprintf("nodes with a label as (%s)", name(s.node))
		}
		return fmt.Sprintf("all nodes as (%s)", name(s.node))
	case expand:
		left, right := "-", "-"
		switch s.direction {
		case rows.Out:
			right = "->"
		case rows.In:
			left = "<-"
		}
		length := ""
		if s.pattern.Variable {
			length = fmt.Sprintf("*%d..", s.pattern.Min)
			if s.pattern.Max != unbounded {
				length += fmt.Sprint(s.pattern.Max)
			}
		}
		what := "expand"
		if s.bound {
			what = "connect"
		}
		return fmt.Sprintf("%s (%s)%s[%s%s%s]%s(%s)", what, name(s.node), left, name(s.rel), words(s.pattern.Types), length, right, name(s.to))
	case filter:
		return "filter " + strings.ReplaceAll(s.expr.String(), "` ", "`")
	}
	return "path " + name(s.to)
}
