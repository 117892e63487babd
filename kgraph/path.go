package kgraph

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/internal/paths"
)

// PathOptions say which paths count. Nil and the zero value are legal.
type PathOptions struct {
	At
	// K is how many paths are looked for: 1, the default, is a shortest one. More are
	// the most certain ones: those with the highest product of the confidences.
	// At most 100.
	K int
	// MaxLength is the most relations of a path; 100 when it is 0.
	MaxLength int
	// Trusted leaves out what only untrusted texts say.
	Trusted bool
}

// Path leads from one concept to another. Edges lie between Nodes, and may point either
// way.
type Path struct {
	Nodes []Node
	Edges []Edge
	// Score is the product of the edges' confidences.
	Score float64
	// Explanation says the path as a sentence.
	Explanation string
}

// Paths finds ways between two concepts, which are found as [Graph.Concept] finds them.
// There may be none. ErrNotFound names the concept that there is not.
func (g *Graph) Paths(ctx context.Context, from, to string, o *PathOptions) ([]Path, error) {
	var opts PathOptions
	if o != nil {
		opts = *o
	}
	k := cmp.Or(opts.K, 1)
	if k < 0 || k > 100 || opts.MaxLength < 0 {
		return nil, fmt.Errorf("kgraph: %w: PathOptions has K %d and MaxLength %d", hobby.ErrInvalid, opts.K, opts.MaxLength)
	}
	v, done, err := g.look(ctx, opts.At)
	if err != nil {
		return nil, err
	}
	done() // a long search does not hold up what is added
	var ends [2][]int32
	for i, name := range []string{from, to} {
		if ends[i] = g.find(v, name); len(ends[i]) == 0 {
			return nil, fmt.Errorf("%w: %.200q", ErrNotFound, name)
		}
	}
	limits := &paths.Options{MaxLength: cmp.Or(opts.MaxLength, longestPath)}
	if opts.Trusted {
		limits.Allow = func(edge int32) bool { return v.edges.at(edge).trusted }
	}
	var found []paths.Path
	if k == 1 {
		p, ok, err := v.finder.Shortest(ctx, ends[0][0], ends[1][0], limits)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, p)
		}
	} else {
		best, err := v.best(ctx, ends[0][0], ends[1][0], k, limits, opts.MaxLength == 0)
		if err != nil {
			return nil, err
		}
		for i := range best {
			found = append(found, best[i].Path)
		}
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	var all []Path
	for i := range found {
		all = append(all, v.path(&found[i]))
	}
	return all, nil
}

// longestPath is the most relations of a path when nobody asks for another limit.
const longestPath = 100

// best finds the surest paths. When the limit is the default one, it is applied only if a
// path exceeds it, because a search with a limit takes longer.
func (v *view) best(ctx context.Context, from, to int32, k int, o *paths.Options, byDefault bool) ([]paths.Ranked, error) {
	if byDefault {
		free := *o
		free.MaxLength = 0
		best, err := v.finder.Best(ctx, from, to, k, &free)
		if err != nil || !slices.ContainsFunc(best, func(p paths.Ranked) bool { return len(p.Edges) > o.MaxLength }) {
			return best, err
		}
	}
	return v.finder.Best(ctx, from, to, k, o)
}

func (v *view) path(p *paths.Path) Path {
	out := Path{Score: 1}
	for _, n := range p.Nodes {
		out.Nodes = append(out.Nodes, v.node(n))
	}
	cost := 0.0
	var steps []string
	for i, n := range p.Edges {
		e := v.edge(n)
		out.Edges = append(out.Edges, e)
		cost -= math.Log(e.Confidence)
		a, b := out.Nodes[i].Name, out.Nodes[i+1].Name
		if v.edges.at(n).From != p.Nodes[i] {
			a, b = b, a
		}
		steps = append(steps, fmt.Sprintf("%s %s %s", a, e.Relation, b))
	}
	out.Score = math.Exp(-cost)
	out.Explanation = strings.Join(steps, "; ")
	return out
}
