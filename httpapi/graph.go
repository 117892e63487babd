package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph"
)

// GraphNode is a concept of the knowledge graph.
type GraphNode struct {
	ID         string   `json:"id" doc:"the type and the name without what does not matter; the same in every store"`
	Name       string   `json:"name"`
	Aliases    []string `json:"aliases" nullable:"false" doc:"other names of it"`
	Type       string   `json:"type" doc:"such as function, package, document, term, skill, level or model"`
	Confidence float64  `json:"confidence" doc:"the highest of a fact that names it"`
	Mentions   int      `json:"mentions" doc:"facts that name it"`
}

// GraphEdge is what the facts with the same ends and relation say together.
type GraphEdge struct {
	Source     string  `json:"source"`
	Target     string  `json:"target"`
	Relation   string  `json:"relation"`
	Confidence float64 `json:"confidence" doc:"the highest of a fact"`
	Facts      int     `json:"facts"`
	Trusted    bool    `json:"trusted" doc:"a fact of it is this program's own, or was accepted"`
	Inferred   bool    `json:"inferred" doc:"it follows from other facts"`
}

// GraphPage is the answer of GET /hobby/graph.
type GraphPage struct {
	Nodes      []GraphNode `json:"nodes" nullable:"false" doc:"in the order in which they became known"`
	Edges      []GraphEdge `json:"edges" nullable:"false" doc:"those that leave the nodes; all pages together have each once"`
	TotalNodes int         `json:"total_nodes"`
	TotalEdges int         `json:"total_edges"`
	Version    int64       `json:"version" doc:"the revision that was read"`
	Next
}

// GraphFact is a fact with where it comes from.
type GraphFact struct {
	Subject    string     `json:"subject"`
	Relation   string     `json:"relation"`
	Object     string     `json:"object"`
	Source     string     `json:"source" doc:"the id of the subject's concept"`
	Target     string     `json:"target" doc:"the id of the object's concept"`
	Confidence float64    `json:"confidence"`
	From       time.Time  `json:"valid_from" doc:"when it began to hold, or was seen first"`
	Ends       *time.Time `json:"valid_until" doc:"when it stopped to hold; null while it holds"`
	Recorded   time.Time  `json:"recorded_at"`
	Rev        int64      `json:"rev"`
	Insight    string     `json:"insight_id" doc:"or what the host calls it"`
	Activity   *string    `json:"activity_id"`
	Origin     *string    `json:"origin" doc:"where the text came from; null when this program computed it"`
	File       *string    `json:"file" doc:"a place that it rests on"`
	Line       int        `json:"line,omitempty"`
	Tainted    bool       `json:"tainted" doc:"it is of a text that is not trusted"`
	Accepted   bool       `json:"accepted" doc:"the text may be used nevertheless"`
	Extracted  bool       `json:"extracted" doc:"it was read from a sentence"`
	Sentence   string     `json:"sentence,omitempty" doc:"that sentence, where the answer has its insight"`
	Inferred   bool       `json:"inferred" doc:"it follows from other facts"`
}

// GraphInsight is an insight that names a concept.
type GraphInsight struct {
	ID       string  `json:"id"`
	Text     *string `json:"text" doc:"null when its text is gone"`
	Activity *string `json:"activity_id"`
}

// GraphSimilar is a concept that is like another.
type GraphSimilar struct {
	Concept GraphNode          `json:"concept"`
	Score   float64            `json:"score"`
	Parts   []GraphSimilarPart `json:"parts" nullable:"false" doc:"what the score is the sum of"`
}

// GraphSimilarPart is what one ranking adds to a score.
type GraphSimilarPart struct {
	Name  string  `json:"name" doc:"of the ranking: shared neighbours, a walk near, names, texts, meaning; exact words, pairs of words, words"`
	Rank  int     `json:"rank"`
	Value float64 `json:"value"`
	Share float64 `json:"share"`
}

// GraphConcept is the answer of GET /hobby/graph/concepts/{concept}.
type GraphConcept struct {
	Concept   GraphNode       `json:"concept"`
	Relations []GraphFact     `json:"relations" nullable:"false" doc:"the facts that name it, the newest first"`
	Total     int             `json:"total_relations"`
	Similar   []GraphSimilar  `json:"similar" nullable:"false"`
	Community *GraphCommunity `json:"community"`
	Insights  []GraphInsight  `json:"insights" nullable:"false" doc:"those that the relations come from, the newest 20"`
	Also      []GraphNode     `json:"also" nullable:"false" doc:"other concepts that the name may mean"`
	Version   int64           `json:"version"`
}

// GraphPath is a way from one concept to another.
type GraphPath struct {
	Concepts    []GraphNode `json:"concepts" nullable:"false"`
	Relations   []GraphEdge `json:"relations" nullable:"false" doc:"those between the concepts; an edge may point either way"`
	Score       float64     `json:"score" doc:"the product of the confidences"`
	Explanation string      `json:"explanation"`
}

// GraphPaths is the answer of GET /hobby/graph/path.
type GraphPaths struct {
	Paths []GraphPath `json:"paths" nullable:"false" doc:"the shortest, or with k above 1 the surest ones; none when there is no way"`
}

// GraphDiff is the answer of GET /hobby/graph/diff.
type GraphDiff struct {
	From    int64       `json:"from"`
	To      int64       `json:"to"`
	Added   []GraphEdge `json:"added" nullable:"false"`
	Removed []GraphEdge `json:"removed" nullable:"false" doc:"what no longer holds; what was forgotten is not here"`
	NAdded  int         `json:"total_added"`
	NRemove int         `json:"total_removed"`
}

// GraphMap is the answer of GET /hobby/graph/visualize.
type GraphMap struct {
	Nodes       []GraphPlace     `json:"nodes" nullable:"false"`
	Edges       []GraphLine      `json:"edges" nullable:"false"`
	Communities []GraphCommunity `json:"communities" nullable:"false" doc:"the largest ones of the whole graph"`
	TotalNodes  int              `json:"total_nodes"`
	TotalGroups int              `json:"total_communities"`
	Between     int              `json:"total_edges" doc:"between the nodes; edges has at most five times max_nodes"`
	Since       *time.Time       `json:"since" doc:"when the first fact was recorded or began to hold; null without facts"`
	Version     int64            `json:"version"`
}

// GraphPlace is a concept on a map.
type GraphPlace struct {
	ID        string  `json:"id"`
	Label     string  `json:"label"`
	Type      string  `json:"type"`
	X         float64 `json:"x" doc:"from -1 to 1"`
	Y         float64 `json:"y" doc:"from -1 to 1"`
	Size      int     `json:"size" doc:"facts that name it"`
	Community string  `json:"community"`
}

// GraphLine is an edge on a map.
type GraphLine struct {
	Source   string  `json:"source"`
	Target   string  `json:"target"`
	Relation string  `json:"relation"`
	Weight   float64 `json:"weight"`
	Trusted  bool    `json:"trusted"`
	Inferred bool    `json:"inferred"`
}

// GraphCommunity is a group of concepts with more relations among them than to others.
type GraphCommunity struct {
	ID    string `json:"id" doc:"of a concept that it had first; it stays once the graph has twice as many facts, until a source is forgotten"`
	Label string `json:"label"`
	Size  int    `json:"size"`
}

// GraphFound is the answer of GET /hobby/graph/search.
type GraphFound struct {
	Nodes []GraphNode `json:"nodes" nullable:"false" doc:"the best first"`
}

// knowing serves a graph.
type knowing struct {
	g    *kgraph.Graph
	past hobby.Past
}

// Graph is the part that serves what the agent knows. past has the texts of insights and
// may be nil. g may be nil.
func Graph(g *kgraph.Graph, past hobby.Past) Part {
	h := knowing{g, past}
	p := Part{
		Name: "graph", Tag: "Knowledge graph",
		Errors: []Problem{
			{kgraph.ErrNotFound, http.StatusNotFound, "there is no such concept"},
			{kgraph.ErrTooWide, http.StatusUnprocessableEntity, "the query looks at too much; narrow it, or ask for rows without an order"},
			{kgraph.ErrTooSlow, http.StatusUnprocessableEntity, "the query takes too long; narrow its patterns"},
			{kgraph.ErrTooBig, http.StatusUnprocessableEntity, "the query's answer is too large; ask for less"},
		},
		Routes: []Route{
			{Method: "GET", Path: "/graph", ID: "getGraph", Summary: "The knowledge graph, in pages", Serve: JSON(h.page)},
			{Method: "GET", Path: "/graph/concepts/{concept}", ID: "getConcept", Errors: []int{404}, Serve: JSON(h.concept),
				Summary: "What is known of a concept, by its id or a name in any case"},
			{Method: "GET", Path: "/graph/path", ID: "findPath", Errors: []int{404}, Serve: JSON(h.path),
				Summary: "Ways from one concept to another"},
			{Method: "POST", Path: "/graph/query", ID: "queryGraph", Errors: []int{400}, Serve: JSON(h.query),
				Summary: "What a pattern matches, in a subset of openCypher that only reads"},
			{Method: "GET", Path: "/graph/recall", ID: "recall", Serve: JSON(h.recall),
				Summary: "What the agent should read before it answers a question"},
			{Method: "GET", Path: "/graph/why", ID: "proveRelation", Errors: []int{404}, Serve: JSON(h.why),
				Summary: "Why one concept is related to another: what states it, or what it follows from"},
			{Method: "GET", Path: "/graph/gaps", ID: "listGaps", Serve: JSON(h.gaps),
				Summary: "What the graph knows badly, as what to study next"},
			{Method: "GET", Path: "/graph/learn", ID: "planLearning", Errors: []int{404, 409}, Serve: JSON(h.learn),
				Summary: "What to learn up to a concept, each after what it needs"},
			{Method: "GET", Path: "/graph/export", ID: "exportGraph", Errors: []int{422}, Serve: Plain(h.export, exported()...),
				Summary: "The graph as a file: format is graphml (the default), node-link or cypher; as_of, valid_at and rev as elsewhere"},
			{Method: "GET", Path: "/graph/diff", ID: "compareGraph", Serve: JSON(h.diff),
				Summary: "What changed from one revision of the graph to another"},
			{Method: "GET", Path: "/graph/search", ID: "searchGraph", Serve: JSON(h.search), Summary: "Concepts by a part of their name"},
			{Method: "GET", Path: "/graph/visualize", ID: "drawGraph", Errors: []int{404}, Serve: JSON(h.draw),
				Summary: "A part of the graph with a place for each concept"},
		},
	}
	if g == nil {
		p.Lacks = "this program has no knowledge graph"
	}
	return p
}

// Viewpoint is the point of view of a request.
type Viewpoint struct {
	AsOf  time.Time `query:"as_of" doc:"only what was recorded until then"`
	Valid time.Time `query:"valid_at" doc:"what held then; default now"`
	Rev   int64     `query:"rev" minimum:"0" doc:"the graph as it was at a revision; default the newest"`
}

func (v Viewpoint) at() kgraph.At { return kgraph.At{Rev: v.Rev, AsOf: v.AsOf, Valid: v.Valid} }

func graphNode(n *kgraph.Node) GraphNode {
	return GraphNode{n.ID, n.Name, append([]string{}, n.Aliases...), string(n.Sort), n.Confidence, n.Mentions}
}

func graphEdge(e *kgraph.Edge) GraphEdge {
	return GraphEdge{e.Source, e.Target, string(e.Relation), e.Confidence, e.Facts, e.Trusted, e.Inferred}
}

func (h knowing) page(ctx context.Context, in *struct {
	Viewpoint
	Kind  string `query:"kind" maxLength:"64" doc:"only concepts of this type"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"the most nodes"`
	Paging
}) (*Body[GraphPage], error) {
	p, err := h.g.Page(ctx, kgraph.Filter{At: in.at(), Sort: kgraph.Sort(in.Kind), Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	nodes, edges := each(p.Nodes, graphNode), each(p.Edges, graphEdge)
	return &Body[GraphPage]{GraphPage{nodes, edges, p.TotalNodes, p.TotalEdges, p.Rev, next(p.Next)}}, nil
}

// similarTo is how many similar concepts are told.
const similarTo = 10

func (h knowing) concept(ctx context.Context, in *struct {
	Viewpoint
	Concept string `path:"concept" maxLength:"2048"`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"the most relations"`
}) (*Body[GraphConcept], error) {
	c, err := h.g.Concept(ctx, in.Concept, in.at(), in.Limit)
	if err != nil {
		return nil, err
	}
	out := GraphConcept{
		Concept: graphNode(&c.Node), Relations: []GraphFact{}, Total: c.Total, Similar: []GraphSimilar{},
		Also: each(c.Also, graphNode), Version: c.Rev,
	}
	if c.Community.ID != "" {
		group := graphCommunity(&c.Community)
		out.Community = &group
	}
	for i := range c.Facts {
		out.Relations = append(out.Relations, graphFact(&c.Facts[i], &c.Ends[i]))
	}
	similar, err := h.g.Similar(ctx, c.ID, in.at(), similarTo)
	if err != nil {
		return nil, err
	}
	for i := range similar {
		s := GraphSimilar{Concept: graphNode(&similar[i].Node), Score: similar[i].Score, Parts: []GraphSimilarPart{}}
		for _, p := range similar[i].Parts {
			s.Parts = append(s.Parts, GraphSimilarPart(p))
		}
		out.Similar = append(out.Similar, s)
	}
	if out.Insights, err = h.insights(ctx, c.Facts); err != nil {
		return nil, err
	}
	for i := range out.Relations {
		f := &out.Relations[i]
		at := slices.IndexFunc(out.Insights, func(in GraphInsight) bool { return in.ID == f.Insight && in.Text != nil })
		if f.Extracted && at >= 0 {
			f.Sentence = c.Facts[i].Sentence.Of(*out.Insights[at].Text)
		}
	}
	return &Body[GraphConcept]{out}, nil
}

func graphFact(f *kgraph.Fact, ends *[2]kgraph.Node) GraphFact {
	return GraphFact{
		Subject: f.Subject, Relation: string(f.Relation), Object: f.Object, Source: ends[0].ID, Target: ends[1].ID, Confidence: f.Confidence,
		From: f.From, Ends: moment(f.Ends), Recorded: f.Recorded, Rev: f.Rev, Insight: f.ID, Activity: optional(f.Activity),
		Origin: optional(f.Source), File: optional(f.File), Line: f.Line, Tainted: f.Taint != hobby.Trusted, Accepted: f.Accepted,
		Extracted: f.Extracted,
	}
}

// mostInsights is how many insights of a concept are told.
const mostInsights = 20

// insights are the newest that facts come from, each once: first those that people are
// expected to like, and last those whose text is gone.
func (h knowing) insights(ctx context.Context, facts []kgraph.Fact) ([]GraphInsight, error) {
	all, ids := []GraphInsight{}, []string{}
	at := map[string]int{}
	for i := range facts {
		f := &facts[i]
		if _, ok := at[f.ID]; ok || f.Activity == "" || len(all) == mostInsights {
			continue
		}
		at[f.ID], ids = len(all), append(ids, f.ID)
		all = append(all, GraphInsight{ID: f.ID, Activity: &f.Activity})
	}
	if h.past == nil {
		return all, nil
	}
	texts, err := h.past.Insights(ctx, ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(texts, func(a, b hobby.Insight) int { return cmp.Compare(at[a.ID], at[b.ID]) })
	h.g.BestFirst(ctx, texts)
	place := map[string]int{}
	for i := range texts {
		all[at[texts[i].ID]].Text = &texts[i].Text
		place[texts[i].ID] = i - len(texts)
	}
	slices.SortStableFunc(all, func(a, b GraphInsight) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	return all, nil
}

func (h knowing) path(ctx context.Context, in *struct {
	Viewpoint
	From    string `query:"from" required:"true" minLength:"1" maxLength:"2048" doc:"the id or a name of a concept"`
	To      string `query:"to" required:"true" minLength:"1" maxLength:"2048" doc:"the id or a name of a concept"`
	K       int    `query:"k" minimum:"1" maximum:"100" default:"1" doc:"1 for a shortest; more for the surest ones"`
	Most    int    `query:"max_length" minimum:"0" maximum:"100" doc:"the most relations; 0 is 100"`
	Trusted bool   `query:"trusted" doc:"not over what only untrusted texts say"`
}) (*Body[GraphPaths], error) {
	found, err := h.g.Paths(ctx, in.From, in.To, &kgraph.PathOptions{At: in.at(), K: in.K, MaxLength: in.Most, Trusted: in.Trusted})
	if err != nil {
		return nil, err
	}
	return &Body[GraphPaths]{GraphPaths{each(found, func(p *kgraph.Path) GraphPath {
		return GraphPath{each(p.Nodes, graphNode), each(p.Edges, graphEdge), p.Score, p.Explanation}
	})}}, nil
}

func (h knowing) diff(ctx context.Context, in *struct {
	From  int64 `query:"from" minimum:"0" doc:"a revision; 0 is the empty graph"`
	To    int64 `query:"to" minimum:"0" doc:"a revision; default the newest"`
	Limit int   `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"the most edges of each list"`
}) (*Body[GraphDiff], error) {
	d, err := h.g.Diff(ctx, in.From, in.To, in.Limit)
	if err != nil {
		return nil, err
	}
	return &Body[GraphDiff]{GraphDiff{d.From, d.To, each(d.Added, graphEdge), each(d.Removed, graphEdge), d.AddedTotal, d.RemovedTotal}}, nil
}

func (h knowing) search(ctx context.Context, in *struct {
	Viewpoint
	Text  string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"a part of a name, in any case"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}) (*Body[GraphFound], error) {
	found, err := h.g.Search(ctx, strings.TrimSpace(in.Text), in.at(), in.Limit)
	if err != nil {
		return nil, err
	}
	return &Body[GraphFound]{GraphFound{each(found, graphNode)}}, nil
}

func (h knowing) draw(ctx context.Context, in *struct {
	Viewpoint
	Center    string `query:"center" maxLength:"2048" doc:"the id or a name of a concept; default what is mentioned most"`
	Depth     int    `query:"depth" minimum:"1" maximum:"10" default:"1" doc:"how many relations from the center"`
	Community string `query:"community" maxLength:"2048" doc:"the id of a community to draw instead"`
	Most      int    `query:"max_nodes" minimum:"1" maximum:"2000" default:"300"`
}) (*Body[GraphMap], error) {
	m, err := h.g.Map(ctx, &kgraph.MapOptions{
		At: in.at(), Center: in.Center, Depth: in.Depth, Community: in.Community, Most: in.Most,
	})
	if err != nil {
		return nil, err
	}
	out := GraphMap{
		Nodes: each(m.Nodes, func(n *kgraph.Placed) GraphPlace {
			return GraphPlace{n.ID, n.Name, string(n.Sort), n.X, n.Y, n.Mentions, n.Community}
		}),
		Edges: each(m.Edges, func(l *kgraph.Line) GraphLine {
			return GraphLine{l.Source, l.Target, string(l.Relation), l.Confidence, l.Trusted, l.Inferred}
		}),
		Communities: each(m.Communities, graphCommunity), TotalNodes: m.TotalNodes, TotalGroups: m.TotalCommunities, Version: m.Rev,
		Between: m.TotalEdges, Since: moment(m.Since),
	}
	return &Body[GraphMap]{out}, nil
}

func graphCommunity(c *kgraph.Community) GraphCommunity { return GraphCommunity{c.ID, c.Name, c.Size} }
