package cypher

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// Engine answers queries about one graph. Its methods may be called at the same time.
type Engine struct {
	src       Source
	g         *rows.Graph
	label     []int32          // of each node, a position in labels
	labels    map[string]int32 // by their folded names
	labelled  [][]int32        // nodes
	relations map[string][]int32
	uses      []int // of each relation, edges
}

// NewEngine counts labels and relations, by which queries are planned.
func NewEngine(src Source) *Engine {
	e := &Engine{src: src, g: src.Graph(), labels: map[string]int32{}, relations: map[string][]int32{}}
	e.label = make([]int32, e.g.Nodes())
	ids := map[string]int32{} // as they are written, to fold each once
	for n := range e.label {
		name := src.Label(int32(n))
		id, ok := ids[name]
		if !ok {
			if id, ok = e.labels[fold(name)]; !ok {
				id = int32(len(e.labelled))
				e.labels[fold(name)] = id
				e.labelled = append(e.labelled, nil)
			}
			ids[name] = id
		}
		e.label[n] = id
		e.labelled[id] = append(e.labelled[id], int32(n))
	}
	for i := range e.g.Edges() {
		r := int(e.g.Edges()[i].Relation)
		for len(e.uses) <= r {
			e.uses = append(e.uses, 0)
		}
		e.uses[r]++
	}
	for r, n := range e.uses {
		if n > 0 {
			name := fold(src.Relation(int32(r)))
			e.relations[name] = append(e.relations[name], int32(r))
		}
	}
	return e
}

// Options bound a query. Zero values mean the defaults.
type Options struct {
	Params map[string]any
	// Rows is the most rows of an answer; 1,000 by default.
	Rows int
	// Steps is how many edges and nodes are looked at; 5,000,000 by default.
	Steps int
	// Timeout is 5 s by default.
	Timeout time.Duration
}

// Result is an answer.
type Result struct {
	Columns []string
	Rows    [][]any
	// Scanned is how many nodes and edges were looked at.
	Scanned int
	// Truncated says that there may be more rows.
	Truncated bool
}

// Errors of a query that is too much. What a part of the rows would make wrong, an
// aggregate or an order, is then not answered at all.
var (
	ErrTooWide = errors.New("kgraph: the query looks at too much; narrow its patterns, or ask for rows without an order")
	ErrTooSlow = errors.New("kgraph: the query takes too long; narrow its patterns")
	ErrTooBig  = errors.New("kgraph: the query's answer is too large; ask for less")
)

// InvalidError is of a query that is in the language and makes no sense: a parameter is
// missing, or a column is neither of a group nor of its rows.
type InvalidError struct{ Problem string }

func (e *InvalidError) Error() string { return "kgraph: " + e.Problem }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Sprintf(format, args...)} }

// Query answers a query. The error of one that is not in the language is a
// [*SyntaxError].
func (e *Engine) Query(ctx context.Context, query string, o *Options) (*Result, error) {
	q, err := Parse(query)
	if err != nil {
		return nil, err
	}
	opts := Options{}
	if o != nil {
		opts = *o
	}
	if opts.Rows <= 0 {
		opts.Rows = 1000
	}
	if opts.Steps <= 0 {
		opts.Steps = 5_000_000
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 5 * time.Second
	}
	params := map[string]any{}
	for k, v := range opts.Params {
		var ok bool
		if params[k], ok = normal(v, 0); !ok {
			return nil, invalid("the parameter $%s is no value that a query can compare", k)
		}
	}
	if err := given(q, params); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, opts.Timeout, ErrTooSlow)
	defer cancel()
	return e.answer(ctx, q, params, &opts)
}

func given(q *Query, params map[string]any) (err error) {
	q.walk(func(x *Expr) bool {
		if x.op == opParam {
			if _, ok := params[x.Name]; !ok {
				err = invalid("the parameter $%s is not given", x.Name)
			}
		}
		return err == nil
	})
	return err
}

// walk calls do for every expression of the query.
func (q *Query) walk(do func(*Expr) bool) {
	for _, m := range q.Matches {
		for _, p := range m.Patterns {
			for _, n := range p.Nodes {
				n.Props.walk(do)
			}
			for _, r := range p.Rels {
				r.Props.walk(do)
			}
		}
		m.Where.walk(do)
	}
	for _, it := range q.Items {
		it.Expr.walk(do)
	}
	for _, s := range q.OrderBy {
		s.Expr.walk(do)
	}
	q.Skip.walk(do)
	q.Limit.walk(do)
}

func (e *Engine) answer(ctx context.Context, q *Query, params map[string]any, o *Options) (*Result, error) {
	pl, err := e.plan(q)
	if err != nil {
		return nil, err
	}
	if q.Explain {
		r := &Result{Columns: []string{"plan"}}
		for i := range pl.steps {
			r.Rows = append(r.Rows, []any{pl.describe(i)})
		}
		return r, nil
	}
	v := &env{src: e.src, label: e.label, params: params, bound: make([]binding, pl.slots), left: o.Steps, work: &work{ctx: ctx}}
	s, err := newSink(q, pl, v, o.Rows)
	if err != nil {
		return nil, err
	}
	m := &matcher{e: e, plan: pl, env: v, used: make([]map[int32]struct{}, len(q.Matches)), row: s.row}
	for i := range m.used {
		m.used[i] = map[int32]struct{}{}
	}
	m.step(0)
	err = v.work.err
	partial := (errors.Is(err, ErrTooWide) || errors.Is(err, ErrTooSlow)) && s.streams()
	if err != nil && !partial {
		return nil, err
	}
	r, err := s.result()
	if err != nil {
		return nil, err
	}
	r.Truncated = r.Truncated || partial
	r.Scanned = o.Steps - v.left
	for _, it := range q.Items {
		r.Columns = append(r.Columns, it.Name)
	}
	return r, nil
}

// relationIDs are the relations that some words mean; nil when there are no words.
func (e *Engine) relationIDs(types []string) []int32 {
	if len(types) == 0 {
		return nil
	}
	ids := []int32{}
	for _, t := range types {
		ids = append(ids, e.relations[fold(t)]...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func words(all []string) string {
	if len(all) == 0 {
		return ""
	}
	quoted := make([]string, len(all))
	for i, w := range all {
		quoted[i] = quote(w)
	}
	return ":" + strings.Join(quoted, "|")
}
