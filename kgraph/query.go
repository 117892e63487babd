package kgraph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/internal/cypher"
	"github.com/pastime-go/pastime/kgraph/internal/rows"
)

// QueryOptions bound a query. Nil and zero values mean the defaults.
type QueryOptions struct {
	At
	// Limit is the most rows, at most 10,000; 1,000 when it is 0.
	Limit int
	// Steps is how many nodes and edges are looked at; 5,000,000 when it is 0.
	Steps int
	// Timeout is 5 s when it is 0.
	Timeout time.Duration
}

// Rows are the answer to a query.
type Rows struct {
	Columns []string
	// Rows have a value for each column: nil, bool, int64, float64, string, []any,
	// map[string]any, [Node], [Edge] or [Walk].
	Rows [][]any
	// Scanned is how many nodes and edges were looked at.
	Scanned int
	Elapsed time.Duration
	// Truncated says that there may be more rows.
	Truncated bool
	Rev       int64
}

// Walk is a path of a pattern. It has one node more than edges.
type Walk struct {
	Nodes []Node
	Edges []Edge
}

// QuerySyntaxError says where a query is wrong, and what was expected there.
type QuerySyntaxError = cypher.SyntaxError

// Errors of a query that is too much. A query for rows that stand for themselves is
// then answered in part; one with an aggregate or an order is not.
var (
	ErrTooWide = cypher.ErrTooWide
	ErrTooSlow = cypher.ErrTooSlow
	ErrTooBig  = cypher.ErrTooBig
)

// Query answers a query in a subset of openCypher: EXPLAIN, MATCH with variable length,
// WHERE, RETURN with aggregates and DISTINCT, ORDER BY, SKIP, LIMIT, and parameters. It
// only reads. Its text has at most 16 KiB, its patterns at most 64 nodes and 32
// relationships. A label is a [Sort], a relationship's type a relation; both in any letter
// case, and with an underscore for a space.
//
// A node has the properties id, name, aliases, type, confidence and mentions. An edge
// has confidence, facts, trusted and inferred. Edges that follow by the laws of their
// relations are among the others.
//
// The error of a query that is not in the language is a [*QuerySyntaxError]. What makes
// no sense, such as a parameter that is missing, is hobby.ErrInvalid.
func (g *Graph) Query(ctx context.Context, text string, params map[string]any, o *QueryOptions) (*Rows, error) {
	var opts QueryOptions
	if o != nil {
		opts = *o
	}
	if opts.Limit < 0 || opts.Limit > 10_000 || opts.Steps < 0 || opts.Timeout < 0 {
		return nil, fmt.Errorf("kgraph: %w: QueryOptions has Limit %d, Steps %d and Timeout %v", hobby.ErrInvalid, opts.Limit, opts.Steps,
			opts.Timeout)
	}
	begun := time.Now()
	if _, err := cypher.Parse(text); err != nil {
		return nil, err
	}
	n, err := g.searched(ctx, opts.At)
	if err != nil {
		return nil, err
	}
	e, err := n.engine.of(ctx, func() (*engine, error) {
		k, err := n.known(ctx)
		if err != nil {
			return nil, err
		}
		return &engine{cypher.NewEngine(k), k}, nil
	})
	if err != nil {
		return nil, err
	}
	r, err := e.Query(ctx, text, &cypher.Options{Params: params, Rows: opts.Limit, Steps: opts.Steps, Timeout: opts.Timeout})
	var invalid *cypher.InvalidError
	if errors.As(err, &invalid) {
		return nil, fmt.Errorf("kgraph: %w: %s", hobby.ErrInvalid, invalid.Problem)
	}
	if err != nil {
		return nil, err
	}
	for _, row := range r.Rows {
		for i := range row {
			row[i] = e.shown(row[i])
		}
	}
	return &Rows{Columns: r.Columns, Rows: r.Rows, Scanned: r.Scanned, Elapsed: time.Since(begun), Truncated: r.Truncated, Rev: n.rev}, nil
}

// shown puts nodes, edges and paths for their numbers.
func (k *known) shown(v any) any {
	switch v := v.(type) {
	case cypher.Node:
		return k.net.nodes[v]
	case cypher.Rel:
		return k.edge(int32(v))
	case cypher.Path:
		var w Walk
		for _, node := range v.Nodes {
			w.Nodes = append(w.Nodes, k.net.nodes[node])
		}
		for _, e := range v.Rels {
			w.Edges = append(w.Edges, k.edge(e))
		}
		return w
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = k.shown(v[i])
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for name := range v {
			m[name] = k.shown(v[name])
		}
		return m
	}
	return v
}

// engine answers queries of what is known.
type engine struct {
	*cypher.Engine
	*known
}

// The methods of cypher.Source.
var _ cypher.Source = (*known)(nil)

var (
	nodeKeys = []string{"aliases", "confidence", "id", "mentions", "name", "type"}
	edgeKeys = []string{"confidence", "facts", "inferred", "trusted"}
)

func (k *known) Graph() *rows.Graph        { return k.graph }
func (k *known) Named(name string) []int32 { return k.net.byName[name] }
func (k *known) Label(i int32) string      { return string(k.net.nodes[i].Sort) }
func (k *known) Relation(r int32) string   { return string(k.net.laws[r].Name) }
func (k *known) NodeKeys(int32) []string   { return slices.Clone(nodeKeys) }
func (k *known) EdgeKeys(int32) []string   { return slices.Clone(edgeKeys) }

func (k *known) Node(i int32, key string) any {
	c := &k.net.nodes[i]
	switch key {
	case "aliases":
		list := []any{}
		for _, a := range c.Aliases {
			list = append(list, a)
		}
		return list
	case "confidence":
		return c.Confidence
	case "id":
		return c.ID
	case "mentions":
		return int64(c.Mentions)
	case "name":
		return c.Name
	case "type":
		return string(c.Sort)
	}
	return nil
}

func (k *known) Edge(i int32, key string) any {
	n := k.net
	stated := int(i) < len(n.facts)
	switch key {
	case "confidence":
		return float64(k.graph.Edges()[i].Weight)
	case "facts":
		if stated {
			return int64(n.facts[i])
		}
		return int64(0)
	case "inferred":
		return !stated
	case "trusted":
		return !stated || n.trusted[i]
	}
	return nil
}
