package cypher

import (
	"fmt"
	"math"
	"slices"
)

// sink makes rows of matches: it evaluates the columns, groups, sorts and cuts.
type sink struct {
	q           *Query
	env         *env
	after       *env // evaluates what comes after grouping
	columns     []*Expr
	sorts       []*Expr
	skip, limit int // limit is none without one
	most        int
	bytes       int // of what is kept

	out []sorted

	grouping bool
	keys     []*Expr
	aggs     []*Expr
	groups   map[string]*group
	order    []*group
}

type sorted struct {
	row, by []any
}

type group struct {
	keys []any
	accs []accumulator
}

func newSink(q *Query, pl *plan, v *env, most int) (*sink, error) {
	s := &sink{q: q, env: v, limit: none, most: most, groups: map[string]*group{}}
	outside := &env{src: v.src, params: v.params, work: v.work}
	var err error
	if q.Skip != nil {
		if s.skip, err = amount("SKIP", outside.eval(q.Skip)); err != nil {
			return nil, err
		}
	}
	if q.Limit != nil {
		if s.limit, err = amount("LIMIT", outside.eval(q.Limit)); err != nil {
			return nil, err
		}
	}
	for _, it := range q.Items {
		s.columns = append(s.columns, it.Expr)
		s.grouping = s.grouping || it.Expr.aggregates()
	}
	for _, o := range q.OrderBy {
		e := s.unalias(o.Expr, pl)
		s.sorts = append(s.sorts, e)
		s.grouping = s.grouping || e.aggregates()
	}
	if s.grouping || q.Distinct {
		return s, s.regroup()
	}
	return s, nil
}

func amount(what string, v any) (int, error) {
	const most int64 = 1 << 31
	n, ok := v.(int64)
	if !ok || n < 0 || n > most {
		return 0, invalid("%s must be a whole number from 0 to %d", what, most)
	}
	return int(min(n, math.MaxInt)), nil
}

// unalias puts the columns' expressions for their names.
func (s *sink) unalias(e *Expr, pl *plan) *Expr {
	if e.op == opVar {
		for _, it := range s.q.Items {
			if it.As && it.Name == e.Name {
				return it.Expr
			}
		}
	}
	if len(e.Args) == 0 {
		return e
	}
	c := *e
	c.Args = make([]*Expr, len(e.Args))
	for i, a := range e.Args {
		c.Args[i] = s.unalias(a, pl)
	}
	return &c
}

// regroup rewrites the columns so that they refer to the group's keys and aggregates.
// DISTINCT groups by all columns.
func (s *sink) regroup() error {
	onlyDistinct := !slices.ContainsFunc(s.columns, (*Expr).aggregates)
	s.grouping = true
	numbers := numbering{of: map[*Expr]int{}, by: map[string]int{}}
	done := map[int]*Expr{} // what is put for an expression, by its number
	for _, e := range s.columns {
		if n := numbers.number(e); !e.aggregates() && done[n] == nil {
			done[n] = &Expr{op: opVar, slot: len(s.keys)}
			s.keys = append(s.keys, e)
		}
	}
	s.after = &env{src: s.env.src, label: s.env.label, params: s.env.params, work: s.env.work}
	var wrong error
	var rewrite func(e *Expr) *Expr
	rewrite = func(e *Expr) *Expr {
		n := numbers.number(e)
		if done[n] != nil {
			return done[n]
		}
		switch e.op {
		case opAggregate:
			if onlyDistinct {
				wrong = invalid("ORDER BY %s is of rows that DISTINCT has made one", e.Name)
			}
			done[n] = &Expr{op: opVar, slot: len(s.keys) + len(s.aggs)}
			s.aggs = append(s.aggs, e)
			return done[n]
		case opVar:
			wrong = invalid("%s is neither a column nor in a function of many rows; make it a column", quote(e.Name))
		}
		c := *e
		c.Args = make([]*Expr, len(e.Args))
		for i, a := range e.Args {
			c.Args[i] = rewrite(a)
		}
		done[n] = &c
		return &c
	}
	for _, list := range [][]*Expr{s.columns, s.sorts} {
		for i := range list {
			list[i] = rewrite(list[i])
		}
	}
	return wrong
}

// numbering gives expressions that are written alike the same number. It looks at each
// once, however often columns' names repeat it.
type numbering struct {
	of map[*Expr]int
	by map[string]int
}

func (n *numbering) number(e *Expr) int {
	if i, ok := n.of[e]; ok {
		return i
	}
	args := make([]int, len(e.Args))
	for i, a := range e.Args {
		args[i] = n.number(a)
	}
	key := fmt.Sprintf("%d %q %q %t %q %d", e.op, e.Name, e.Keys, e.Distinct, literal(e.Value), args)
	i, ok := n.by[key]
	if !ok {
		i = len(n.by)
		n.by[key] = i
	}
	n.of[e] = i
	return i
}

// streams reports whether each row stands for itself, so that a part of them is right.
func (s *sink) streams() bool { return !s.grouping && len(s.sorts) == 0 }

// enough is how many rows are needed in all.
func (s *sink) enough() int {
	n := s.most + 1 // one more says that there are more
	if s.limit != none {
		n = min(n, s.limit)
	}
	return s.skip + n
}

// row takes a match.
func (s *sink) row() bool {
	if s.grouping {
		return s.group()
	}
	if s.enough() == 0 {
		return false
	}
	r, ok := s.evaluate(s.env)
	return ok && s.add(r) && (len(s.sorts) > 0 || len(s.out) < s.enough())
}

// evaluate makes a row, and counts what it keeps. It reports whether to go on.
func (s *sink) evaluate(v *env) (r sorted, ok bool) {
	r.row, ok = s.values(v, s.columns)
	if ok {
		r.by, ok = s.values(v, s.sorts)
	}
	return r, ok
}

func (s *sink) values(v *env, all []*Expr) ([]any, bool) {
	values := make([]any, len(all))
	for i, e := range all {
		values[i] = v.eval(e)
		if !s.keep(weigh(values[i], maxBytes)) {
			return nil, false
		}
	}
	return values, true
}

// add keeps a row. With an order, it keeps those that come first.
func (s *sink) add(r sorted) bool {
	if !s.keep(96) {
		return false
	}
	s.out = append(s.out, r)
	if n := s.enough(); len(s.sorts) > 0 && len(s.out) >= 2*n+1000 {
		s.sort()
		clear(s.out[n:])
		s.out = s.out[:n]
		s.bytes = 0
		for i := range s.out {
			s.bytes += weigh(s.out[i].row, maxBytes) + weigh(s.out[i].by, maxBytes)
		}
	}
	return true
}

// keep counts bytes that are kept, and reports whether to go on.
func (s *sink) keep(bytes int) bool {
	s.bytes += bytes
	if s.bytes > maxBytes && s.env.work.err == nil {
		s.env.work.err = ErrTooBig
	}
	return s.env.work.err == nil
}

func (s *sink) sort() {
	slices.SortStableFunc(s.out, func(a, b sorted) int {
		for i := range a.by {
			if c := compare(a.by[i], b.by[i]); c != 0 {
				if s.q.OrderBy[i].Desc {
					return -c
				}
				return c
			}
		}
		return 0
	})
}

func (s *sink) group() bool {
	keys := s.env.list(s.keys)
	if s.env.work.err != nil {
		return false
	}
	var id []byte
	for _, k := range keys {
		id = appendKey(id, k)
	}
	g := s.groups[string(id)]
	if g == nil {
		g = s.newGroup(keys)
		s.groups[string(id)] = g
		if !s.keep(len(id) + 100*len(g.accs) + weigh(keys, maxBytes)) {
			return false
		}
	}
	for i, e := range s.aggs {
		if e.Args[0].op == opStar {
			g.accs[i].count++
			continue
		}
		v := s.env.carry(s.env.eval(e.Args[0]))
		if s.env.work.err != nil || !s.keep(g.accs[i].add(v)) {
			return false
		}
	}
	// Without an order, DISTINCT is done as soon as there are enough rows.
	return len(s.aggs) > 0 || len(s.sorts) > 0 || len(s.order) < s.enough()
}

func (s *sink) newGroup(keys []any) *group {
	g := &group{keys: keys, accs: make([]accumulator, len(s.aggs))}
	for i, e := range s.aggs {
		g.accs[i].name = e.Name
		if e.Distinct {
			g.accs[i].seen = map[string]struct{}{}
		}
	}
	s.order = append(s.order, g)
	return g
}

// result is the answer. Aggregates without a key have a row, also without a match.
func (s *sink) result() (*Result, error) {
	if s.grouping {
		if len(s.keys) == 0 && len(s.order) == 0 {
			s.newGroup(nil)
		}
		for _, g := range s.order {
			s.after.slots = slices.Clone(g.keys)
			for i := range g.accs {
				s.after.slots = append(s.after.slots, g.accs[i].value())
			}
			if r, ok := s.evaluate(s.after); !ok || !s.add(r) {
				return nil, s.env.work.err
			}
		}
	}
	if len(s.sorts) > 0 {
		s.sort()
	}
	r := &Result{Rows: [][]any{}}
	for i := s.skip; i < len(s.out) && (s.limit == none || len(r.Rows) < s.limit); i++ {
		if len(r.Rows) == s.most {
			r.Truncated = true
			break
		}
		r.Rows = append(r.Rows, s.out[i].row)
	}
	return r, nil
}

// accumulator is an aggregate's state. Nulls do not count.
type accumulator struct {
	name  string
	seen  map[string]struct{} // of DISTINCT
	count int64
	whole int64 // the sum while it is whole
	real  float64
	float bool
	best  any
	list  []any
	over  bool // the sum does not fit
}

// add returns the bytes that it keeps.
func (a *accumulator) add(v any) int {
	if v == nil {
		return 0
	}
	kept := 0
	if a.seen != nil {
		k := string(appendKey(nil, v))
		if _, ok := a.seen[k]; ok {
			return 0
		}
		a.seen[k] = struct{}{}
		kept += 48 + len(k)
	}
	switch a.name {
	case "sum", "avg":
		f, ok := real(v)
		if !ok {
			return kept
		}
		a.real += f
		if n, ok := v.(int64); ok && !a.over {
			sum := whole("+", a.whole, n)
			a.whole, ok = sum.(int64)
			a.over = !ok
		} else {
			a.float = true
		}
	case "min":
		if a.count == 0 || compare(v, a.best) < 0 {
			kept += a.replace(v)
		}
	case "max":
		if a.count == 0 || compare(v, a.best) > 0 {
			kept += a.replace(v)
		}
	case "collect":
		a.list = append(a.list, v)
		kept += 16 + weigh(v, maxBytes)
	}
	a.count++
	return kept
}

// replace returns how many bytes more it keeps.
func (a *accumulator) replace(best any) int {
	more := weigh(best, maxBytes) - weigh(a.best, maxBytes)
	a.best = best
	return more
}

func (a *accumulator) value() any {
	switch a.name {
	case "count":
		return a.count
	case "sum":
		if a.over {
			return nil
		}
		if !a.float {
			return a.whole
		}
		return finite(a.real)
	case "avg":
		if a.count == 0 {
			return nil
		}
		return finite(a.real / float64(a.count))
	case "collect":
		if a.list == nil {
			return []any{}
		}
		return a.list
	}
	return a.best
}
