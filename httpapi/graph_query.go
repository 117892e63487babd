package httpapi

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pastime-go/pastime/kgraph"
)

// GraphQuery is the body of POST /hobby/graph/query.
type GraphQuery struct {
	Query  string         `json:"query" minLength:"1" maxLength:"16384" example:"MATCH (a)-[:calls*1..3]->(b) RETURN b.name LIMIT 10"`
	Params map[string]any `json:"params,omitempty" doc:"values for $names in the query"`
	Limit  int            `json:"limit,omitempty" minimum:"1" maximum:"10000" doc:"the most rows; default 1000"`
}

// GraphRows is the answer of POST /hobby/graph/query.
type GraphRows struct {
	Columns []string       `json:"columns" nullable:"false"`
	Rows    [][]any        `json:"rows" nullable:"false" doc:"a value for each column; a concept, a relation or a path is an object"`
	Stats   GraphRowsStats `json:"stats"`
}

// GraphRowsStats says what a query cost.
type GraphRowsStats struct {
	Scanned   int     `json:"scanned" doc:"concepts and relations that were looked at"`
	Elapsed   float64 `json:"elapsed_ms"`
	Truncated bool    `json:"truncated" doc:"there may be more rows"`
	Version   int64   `json:"version" doc:"the revision that was read"`
}

// GraphWalk is a path of a pattern.
type GraphWalk struct {
	Concepts  []GraphNode `json:"concepts"`
	Relations []GraphEdge `json:"relations"`
}

func (h knowing) query(ctx context.Context, in *struct {
	Viewpoint
	Body GraphQuery
}) (*Body[GraphRows], error) {
	params := map[string]any{}
	for k, v := range in.Body.Params {
		params[k] = numbers(v)
	}
	r, err := h.g.Query(ctx, in.Body.Query, params, &kgraph.QueryOptions{At: in.at(), Limit: in.Body.Limit})
	var syntax *kgraph.QuerySyntaxError
	if errors.As(err, &syntax) {
		return nil, huma.Error400BadRequest("the query cannot be read", &huma.ErrorDetail{Location: "body.query", Message: syntax.Error()})
	}
	if err != nil {
		return nil, err
	}
	out := GraphRows{
		Columns: r.Columns, Rows: [][]any{},
		Stats: GraphRowsStats{r.Scanned, float64(r.Elapsed.Microseconds()) / 1000, r.Truncated, r.Rev},
	}
	for _, row := range r.Rows {
		for i := range row {
			row[i] = graphValue(row[i])
		}
		out.Rows = append(out.Rows, row)
	}
	return &Body[GraphRows]{out}, nil
}

// numbers makes whole numbers of those of JSON that are whole, which has one sort of
// numbers only.
func numbers(v any) any {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}

// graphValue is a value of a query's answer as it is in JSON.
func graphValue(v any) any {
	switch v := v.(type) {
	case kgraph.Node:
		return graphNode(&v)
	case kgraph.Edge:
		return graphEdge(&v)
	case kgraph.Walk:
		return GraphWalk{each(v.Nodes, graphNode), each(v.Edges, graphEdge)}
	case []any:
		for i := range v {
			v[i] = graphValue(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = graphValue(v[k])
		}
	}
	return v
}

// GraphRecall is the answer of GET /hobby/graph/recall.
type GraphRecall struct {
	Items  []GraphRecalled `json:"items" nullable:"false" doc:"best first, without repetitions"`
	Tokens int             `json:"tokens" doc:"of all texts, estimated"`
}

// GraphRecalled is something that the agent knows.
type GraphRecalled struct {
	Text     string             `json:"text"`
	Kind     string             `json:"kind" enum:"insight,fact" doc:"a fact is one that no stored insight tells"`
	ID       string             `json:"id" doc:"of the insight, or what the host calls where the fact comes from"`
	Source   *string            `json:"source" doc:"where the text came from; null when this program computed it"`
	At       time.Time          `json:"at"`
	Taint    string             `json:"taint" doc:"empty for this program's own; another may be written for a model to obey"`
	Accepted bool               `json:"accepted" doc:"somebody decided that the tainted text may be used"`
	Tokens   int                `json:"tokens"`
	Score    float64            `json:"score"`
	Parts    []GraphSimilarPart `json:"parts" nullable:"false" doc:"what the score is the sum of"`
}

func (h knowing) recall(ctx context.Context, in *struct {
	Viewpoint
	Question  string `query:"q" required:"true" minLength:"1" maxLength:"4000" doc:"a question, or a prompt"`
	Budget    int    `query:"budget_tokens" minimum:"1" maximum:"1000000" default:"2000" doc:"the most tokens of all texts"`
	Untrusted bool   `query:"untrusted" doc:"also texts from elsewhere that nobody accepted, marked"`
}) (*Body[GraphRecall], error) {
	found, err := h.g.Recall(ctx, in.Question, in.Budget, &kgraph.RecallOptions{At: in.at(), Untrusted: in.Untrusted})
	if err != nil {
		return nil, err
	}
	out := GraphRecall{Items: []GraphRecalled{}}
	for i := range found {
		r := &found[i]
		item := GraphRecalled{
			Text: r.Text, Kind: "insight", ID: r.ID, Source: optional(r.Source), At: r.At, Taint: string(r.Taint), Accepted: r.Accepted,
			Tokens: r.Tokens, Score: r.Score, Parts: []GraphSimilarPart{},
		}
		if r.Fact {
			item.Kind = "fact"
		}
		for _, p := range r.Parts {
			item.Parts = append(item.Parts, GraphSimilarPart(p))
		}
		out.Tokens += r.Tokens
		out.Items = append(out.Items, item)
	}
	return &Body[GraphRecall]{out}, nil
}
