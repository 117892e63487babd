package kgraph_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/kgraph"
)

var exported = flag.String("exported", "", "a folder where TestExported leaves a graph in each format, for .ci/peers graph")

// TestExported exports a graph whose names are hard to write, and what is in it.
func TestExported(t *testing.T) {
	if *exported == "" {
		t.Skip("no -exported")
	}
	g := inMemory(t, nil)
	hard := []string{
		`a "<&'b\`, "c\nd\te", "]]>", "\u00e9\u4e2d\U0001f600", "';MATCH (n) DELETE n;//",
		"`x`", `\u0041`, "&amp;amp;", "  two  spaces  ", "plain",
	}
	var all []kgraph.Statement
	for i, from := range hard {
		all = append(all, says(from, "links `to` \\u0060", hard[(i+1)%len(hard)]), says(from, "likes", from),
			says(from, "likes", hard[(i+3)%len(hard)]))
		all[len(all)-1].Confidence = 1 / float64(i+3)
	}
	add(t, g, "1", day, all...)
	for _, f := range []kgraph.Format{kgraph.GraphML, kgraph.NodeLink, kgraph.Cypher} {
		file, err := os.Create(filepath.Join(*exported, string(f)))
		if err == nil {
			err = g.Export(t.Context(), kgraph.At{}, f, file)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	p, err := g.Page(t.Context(), kgraph.Filter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(p)
	if err == nil {
		err = os.WriteFile(filepath.Join(*exported, "page.json"), raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
