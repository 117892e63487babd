package extract_test

import (
	"context"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/extract"
)

func ExampleText() {
	text := "The store writes a snapshot. It supports formats such as JSON and YAML, and never writes XML."
	for f := range extract.Text(text) {
		fmt.Printf("%s | %s | %s, by its %s: %q\n", f.Subject, f.Relation, f.Object, f.Pattern, text[f.Start:f.End])
	}
	// Output:
	// store | writes | snapshot, by its verb: "The store writes a snapshot"
	// JSON | is a | formats, by its member: "It supports formats such as JSON and YAML, and never writes XML"
	// YAML | is a | formats, by its member: "It supports formats such as JSON and YAML, and never writes XML"
}

func ExampleInsight() {
	in := hobby.Insight{
		Text: "Ann and Bo (2020) report: “Antnet is a routing protocol. It may be slow.” (papers.bib:7)", Confidence: 0.8,
		Source: "papers.bib", Taint: hobby.Untrusted,
	}
	all, err := extract.Insight(context.Background(), in)
	for _, f := range all {
		fmt.Printf("%v, said in %q\n", f.Claim, in.Text[f.Start:f.End])
	}
	fmt.Println(err)
	// Output:
	// {Antnet is a routing protocol 0.68}, said in "Antnet is a routing protocol"
	// <nil>
}
