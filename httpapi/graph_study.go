package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
)

// GraphProof is the answer of GET /hobby/graph/why.
type GraphProof struct {
	Relation GraphEdge    `json:"relation"`
	Rule     string       `json:"rule" enum:"stated,symmetric,inverse,transitive"`
	From     []GraphProof `json:"from" nullable:"false" doc:"what it follows from; nothing where it is stated, and after 1,000 premises"`
}

func graphProof(p *kgraph.Proof) GraphProof {
	return GraphProof{graphEdge(&p.Edge), p.Rule, each(p.From, graphProof)}
}

func (h knowing) why(ctx context.Context, in *struct {
	Viewpoint
	From     string `query:"from" required:"true" minLength:"1" maxLength:"2048" doc:"the id or a name of a concept"`
	Relation string `query:"relation" required:"true" minLength:"1" maxLength:"200"`
	To       string `query:"to" required:"true" minLength:"1" maxLength:"2048" doc:"the id or a name of a concept"`
}) (*Body[GraphProof], error) {
	p, err := h.g.Why(ctx, in.From, hobby.Relation(in.Relation), in.To, in.at())
	if err != nil {
		return nil, err
	}
	return &Body[GraphProof]{graphProof(&p)}, nil
}

// GraphGap is something that the graph knows badly.
type GraphGap struct {
	Kind    string    `json:"kind" enum:"contradictory,poor,stale,duplicate"`
	Concept GraphNode `json:"concept"`
	Why     string    `json:"why"`
	Score   float64   `json:"score" doc:"higher the more it matters, among those of its kind"`
}

// GraphGaps is the answer of GET /hobby/graph/gaps.
type GraphGaps struct {
	Gaps []GraphGap `json:"gaps" nullable:"false" doc:"of each kind, those that matter most first"`
}

func (h knowing) gaps(ctx context.Context, in *struct {
	Viewpoint
	Limit int `query:"limit" minimum:"1" maximum:"100" default:"10" doc:"the most of each kind"`
}) (*Body[GraphGaps], error) {
	all, err := h.g.Gaps(ctx, in.at(), in.Limit)
	if err != nil {
		return nil, err
	}
	return &Body[GraphGaps]{GraphGaps{each(all, func(g *kgraph.Gap) GraphGap {
		return GraphGap{string(g.Kind), graphNode(&g.Node), g.Why, g.Score}
	})}}, nil
}

// GraphLesson is a concept of a learning path.
type GraphLesson struct {
	Concept GraphNode   `json:"concept"`
	Needs   []GraphNode `json:"needs" nullable:"false" doc:"what must be known before, at most 100; earlier lessons or what is known"`
}

// GraphLessons is the answer of GET /hobby/graph/learn.
type GraphLessons struct {
	Lessons []GraphLesson `json:"lessons" nullable:"false" doc:"in the order in which to learn them; the last is the target"`
	Total   int           `json:"total" doc:"of all lessons; the first 1,000 are told"`
}

// mostLessons and mostNeeds are how many lessons are told, and how many needs of each.
const mostLessons, mostNeeds = 1000, 100

func (h knowing) learn(ctx context.Context, in *struct {
	Viewpoint
	Target string   `query:"target" required:"true" minLength:"1" maxLength:"2048" doc:"the id or a name of a concept"`
	Known  []string `query:"known,explode" maxItems:"100" doc:"concepts that are known already"`
}) (*Body[GraphLessons], error) {
	all, err := h.g.Learn(ctx, in.Target, in.Known, in.at())
	var cycle *kgraph.CycleError
	if errors.As(err, &cycle) {
		return nil, huma.Error409Conflict(cycle.Error())
	}
	if err != nil {
		return nil, err
	}
	return &Body[GraphLessons]{GraphLessons{each(all[:min(len(all), mostLessons)], func(l *kgraph.Lesson) GraphLesson {
		return GraphLesson{graphNode(&l.Node), each(l.Needs[:min(len(l.Needs), mostNeeds)], graphNode)}
	}), len(all)}}, nil
}

// exports are the formats, with their media types and the ends of their files.
var exports = map[kgraph.Format][2]string{
	kgraph.GraphML:  {"application/graphml+xml", "graphml"},
	kgraph.NodeLink: {"application/json", "json"},
	kgraph.Cypher:   {"text/plain", "cypher"},
}

func exported() (all []string) {
	for _, e := range exports {
		all = append(all, e[0])
	}
	slices.Sort(all)
	return all
}

// export sends the graph as it is written. An error before the first byte is answered;
// a later one breaks the connection off, so that nobody takes a part for the whole.
func (h knowing) export(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f := kgraph.Format(q.Get("format"))
	if f == "" {
		f = kgraph.GraphML
	}
	kind, ok := exports[f]
	at, err := viewpoint(q)
	if !ok {
		err = fmt.Errorf("format must be graphml, node-link or cypher")
	}
	if err != nil {
		problem(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	w.Header().Set("Content-Type", kind[0]+"; charset=utf-8")
	w.Header().Set("Content-Disposition", "attachment; filename=knowledge."+kind[1])
	out := &begun{ResponseWriter: w}
	err = h.g.Export(r.Context(), at, f, out)
	switch {
	case err != nil && out.sent:
		panic(http.ErrAbortHandler)
	case err != nil:
		w.Header().Del("Content-Disposition")
		problem(w, http.StatusInternalServerError, "the graph cannot be read")
	}
}

// begun notes whether something was sent.
type begun struct {
	http.ResponseWriter
	sent bool
}

func (b *begun) Write(p []byte) (int, error) {
	b.sent = true
	return b.ResponseWriter.Write(p)
}

func viewpoint(q url.Values) (at kgraph.At, err error) {
	if s := q.Get("rev"); s != "" {
		if at.Rev, err = strconv.ParseInt(s, 10, 64); err != nil || at.Rev < 0 {
			return at, errors.New("rev must be a revision")
		}
	}
	for name, t := range map[string]*time.Time{"as_of": &at.AsOf, "valid_at": &at.Valid} {
		if s := q.Get(name); s != "" {
			if *t, err = time.Parse(time.RFC3339, s); err != nil {
				return at, fmt.Errorf("%s must be a time as in RFC 3339", name)
			}
		}
	}
	return at, nil
}
