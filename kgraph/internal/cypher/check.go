package cypher

import (
	"slices"
	"strconv"
)

// check finds what the grammar does not: names that are not known, or twice.
func (p *parser) check(q *Query) {
	kinds := map[string]bindingKind{}
	for i := range q.Matches {
		m := &q.Matches[i]
		for j := range m.Patterns {
			p.declare(kinds, &m.Patterns[j])
		}
		for j := range m.Patterns {
			p.properties(kinds, &m.Patterns[j])
		}
		p.plain(m.Where, kinds, "WHERE")
	}
	seen := map[string]bool{}
	aliases := map[string]bindingKind{}
	ofMany := map[string]bool{} // aliases of aggregates
	for _, it := range q.Items {
		p.known(it.Expr, kinds)
		p.nested(it.Expr, nil)
		if seen[it.Name] {
			p.wrong(it.Expr.at, "columns with different names", strconv.Quote(it.Name)+" twice")
		}
		seen[it.Name] = true
		if it.As {
			aliases[it.Name] = free
			ofMany[it.Name] = it.Expr.aggregates()
		}
	}
	for k, v := range kinds {
		aliases[k] = v
	}
	for _, s := range q.OrderBy {
		p.known(s.Expr, aliases)
		p.nested(s.Expr, ofMany)
	}
	p.plain(q.Skip, nil, "SKIP")
	p.plain(q.Limit, nil, "LIMIT")
}

func (p *parser) wrong(at int, expected, found string) {
	panic(failure{p.lexer.fail(at, expected, found)})
}

func (p *parser) declare(kinds map[string]bindingKind, pattern *Pattern) {
	add := func(name string, k bindingKind, at int) {
		if name == "" {
			return
		}
		if old, ok := kinds[name]; ok && (old != k || k != aNode) {
			p.wrong(at, "a name that is not taken", quote(name)+", which is one of something else")
		}
		kinds[name] = k
	}
	for _, n := range pattern.Nodes {
		add(n.Var, aNode, n.at)
	}
	for _, r := range pattern.Rels {
		if r.Variable {
			add(r.Var, someRels, r.at)
		} else {
			add(r.Var, aRel, r.at)
		}
		if r.Min > r.Max {
			p.wrong(r.at, "a shortest length not above the longest", strconv.Itoa(r.Min)+" and "+strconv.Itoa(r.Max))
		}
	}
	add(pattern.Path, aPath, pattern.at)
}

func (p *parser) properties(kinds map[string]bindingKind, pattern *Pattern) {
	for _, n := range pattern.Nodes {
		p.plain(n.Props, kinds, "properties")
	}
	for _, r := range pattern.Rels {
		if r.Variable {
			p.plain(r.Props, nil, "properties of a variable length")
		} else {
			p.plain(r.Props, kinds, "properties")
		}
	}
}

// plain refuses variables that are not known, and aggregates.
func (p *parser) plain(e *Expr, kinds map[string]bindingKind, where string) {
	p.known(e, kinds)
	e.walk(func(x *Expr) bool {
		if x.op == opAggregate {
			p.wrong(x.at, "no function of many rows in "+where, x.Name)
		}
		return true
	})
}

func (p *parser) known(e *Expr, kinds map[string]bindingKind) {
	e.walk(func(x *Expr) bool {
		if x.op != opVar {
			return true
		}
		if _, ok := kinds[x.Name]; !ok {
			var names []string
			for k := range kinds {
				names = append(names, quote(k))
			}
			slices.Sort(names)
			expected := "a value without variables"
			if len(names) > 0 {
				expected = "a variable of the patterns"
			}
			p.wrong(x.at, expected, quote(x.Name))
		}
		return true
	})
}

// nested refuses aggregates of aggregates, which may be columns' names.
func (p *parser) nested(e *Expr, ofMany map[string]bool) {
	e.walk(func(x *Expr) bool {
		if x.op != opAggregate {
			return true
		}
		for _, a := range x.Args {
			a.walk(func(y *Expr) bool {
				if y.op == opAggregate || y.op == opVar && ofMany[y.Name] {
					p.wrong(y.at, "no function of many rows in another one", y.Name)
				}
				return true
			})
		}
		return false
	})
}
