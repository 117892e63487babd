package kgraph

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// Format is a format that a graph is exported in.
type Format string

// The formats.
const (
	// GraphML is XML, which Gephi, yEd, networkx and igraph read.
	GraphML Format = "graphml"
	// NodeLink is JSON, which networkx' node_link_graph and D3 read.
	NodeLink Format = "node-link"
	// Cypher are statements that make the same graph in Neo4j: one for each node and
	// each edge. The queries of [Graph.Query] run there, too, but for the properties
	// of edges that Neo4j does not have and for labels in other letter cases.
	Cypher Format = "cypher"
)

// Export writes what holds, without what follows from it.
func (g *Graph) Export(ctx context.Context, at At, f Format, w io.Writer) error {
	write := map[Format]func(*net, *bufio.Writer) error{GraphML: (*net).graphML, NodeLink: (*net).nodeLink, Cypher: (*net).cypher}[f]
	if write == nil {
		return fmt.Errorf("kgraph: %w: the format %.64q is not one of graphml, node-link and cypher", hobby.ErrInvalid, f)
	}
	n, err := g.searched(ctx, at)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	if err := write(n, b); err != nil {
		return fmt.Errorf("kgraph: exporting: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("kgraph: exporting: %w", err)
	}
	return nil
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}

// decimal writes a confidence so that it is read as the same number.
func decimal(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func (n *net) graphML(w *bufio.Writer) error {
	fmt.Fprint(w, xml.Header, `<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="name" for="node" attr.name="name" attr.type="string"/>
<key id="type" for="node" attr.name="type" attr.type="string"/>
<key id="mentions" for="node" attr.name="mentions" attr.type="int"/>
<key id="relation" for="edge" attr.name="relation" attr.type="string"/>
<key id="confidence" for="edge" attr.name="confidence" attr.type="double"/>
<key id="facts" for="edge" attr.name="facts" attr.type="int"/>
<graph edgedefault="directed">
`)
	for i := range n.nodes {
		c := &n.nodes[i]
		fmt.Fprintf(w, `<node id="%s"><data key="name">%s</data><data key="type">%s</data><data key="mentions">%d</data></node>`+"\n",
			escaped(c.ID), escaped(c.Name), escaped(string(c.Sort)), c.Mentions)
	}
	for i := range n.facts {
		e := n.edge(int32(i))
		fmt.Fprintf(w, `<edge id="e%d" source="%s" target="%s"><data key="relation">%s</data><data key="confidence">%s</data>`+
			`<data key="facts">%d</data></edge>`+"\n",
			i, escaped(e.Source), escaped(e.Target), escaped(string(e.Relation)), decimal(e.Confidence), e.Facts)
	}
	_, err := fmt.Fprint(w, "</graph>\n</graphml>\n")
	return err
}

func (n *net) nodeLink(w *bufio.Writer) error {
	line := func(i int, v any) error {
		if i > 0 {
			fmt.Fprint(w, ",\n")
		}
		raw, err := json.Marshal(v)
		if err == nil {
			_, err = w.Write(raw)
		}
		return err
	}
	fmt.Fprint(w, `{"directed": true, "multigraph": true, "graph": {}, "nodes": [`)
	for i := range n.nodes {
		c := &n.nodes[i]
		if err := line(i, map[string]any{"id": c.ID, "name": c.Name, "type": c.Sort, "mentions": c.Mentions}); err != nil {
			return err
		}
	}
	fmt.Fprint(w, `], "edges": [`)
	for i := range n.facts {
		e := n.edge(int32(i))
		err := line(i, map[string]any{
			"source": e.Source, "target": e.Target, "key": i, "relation": e.Relation, "confidence": e.Confidence, "facts": e.Facts,
		})
		if err != nil {
			return err
		}
	}
	_, err := fmt.Fprint(w, "]}\n")
	return err
}

// symbol is a name in backticks. Neo4j reads escapes there, too, and \u0060 is a backtick
// that would end the name. As no escape stands for a backslash in all its versions, a
// character that looks like one (U+FF3C) takes its place.
func symbol(s string) string {
	return "`" + strings.NewReplacer("`", "``", `\`, "\uff3c").Replace(s) + "`"
}

// quoted is a string of Cypher. A \u in it would be read as an escape.
func quoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`).Replace(s) + "'"
}

func (n *net) cypher(w *bufio.Writer) error {
	for i := range n.nodes {
		c := &n.nodes[i]
		fmt.Fprintf(w, "MERGE (n:%s {id: %s}) SET n.name = %s, n.type = %s, n.mentions = %d, n.confidence = %s;\n",
			symbol(string(c.Sort)), quoted(c.ID), quoted(c.Name), quoted(string(c.Sort)), c.Mentions, decimal(c.Confidence))
	}
	for i := range n.facts {
		e := n.edge(int32(i))
		_, err := fmt.Fprintf(w, "MATCH (a {id: %s}), (b {id: %s}) MERGE (a)-[r:%s]->(b) SET r.confidence = %s, r.facts = %d;\n",
			quoted(e.Source), quoted(e.Target), symbol(string(e.Relation)), decimal(e.Confidence), e.Facts)
		if err != nil {
			return err
		}
	}
	return nil
}
