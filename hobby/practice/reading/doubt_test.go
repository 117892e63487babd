package reading

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// faultsOf are the texts of what is wrong in documents that are given as their paths and texts, in a tree that also has others.
func faultsOf(t *testing.T, texts map[string]string, others ...string) (all []string) {
	t.Helper()
	tree := fstest.MapFS{}
	for _, name := range others {
		tree[name] = &fstest.MapFile{}
	}
	var documents []*document
	for name, text := range texts {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
		documents = append(documents, parse(name, []byte(text)))
	}
	slices.SortFunc(documents, func(a, b *document) int { return strings.Compare(a.path, b.path) })
	lib := newLibrary(documents, tree)
	var faults []finding
	for _, d := range documents {
		faults = append(append(faults, lib.broken(d)...), d.faults()...)
	}
	for _, f := range together(faults, lib.authored(), true) {
		all = append(all, f.Text)
	}
	return all
}

// TestWordsThatStandAlone has an anchor that no heading has. Something that a site may make it of is in the document, or not.
func TestWordsThatStandAlone(t *testing.T) {
	link := "# Top\n\nSee [that](#step-two).\n\n"
	for text, want := range map[string]int{
		"Step two\n: It is a term.\n": 0, "|Step two|It is a cell.|\n": 0, "- step Two\n": 0, "**Step two** is bold.\n": 0,
		"`stepTwo`: a name\n": 0, "STEP_TWO\n": 0, "\\step{Step two}\n": 0, "Do it (step two).\n": 0, "> step-two\n": 0,
		"Then comes the step two of it.\n": 1, "Step twofold\n": 1, "[Step two](#step-two)\n": 1, "[Step two][x]\n\n[x]: /\n": 1,
		"<a href=\"#step-two\">Step two</a>\n": 1, "## The step two\n": 1, "Step\ntwo\n": 1, "href=#step-two\n": 1, "": 1,
	} {
		if got := faultsOf(t, map[string]string{"a.md": link + text}, "LICENSE"); len(got) != want {
			t.Errorf("%q: %q, want %d", text, got, want)
		}
	}
	for text, want := range map[string]int{
		"== Step\n\nSee <<_two>> and xref:a.adoc#_two[Two].\n": 2, "== Step\n\nSee <<_two>>.\n\nTwo:: It is.\n": 0,
	} {
		if got := newLibraryOf("a.adoc", text); len(got) != want {
			t.Errorf("%q: %+v, want %d", text, got, want)
		}
	}
}

// newLibraryOf is what is broken in a document that is alone in a tree with a licence.
func newLibraryOf(name, text string) []finding {
	d := parse(name, []byte(text))
	tree := fstest.MapFS{"LICENSE": {}, name: {Data: []byte(text)}}
	return newLibrary([]*document{d}, tree).broken(d)
}

// TestFilesBeside has a link of a site to a file that is not there. The site may take it from elsewhere, unless files of that
// ending are where it should be.
func TestFilesBeside(t *testing.T) {
	for text, want := range map[string]int{"[a](b.epub)": 0, "[a](in/b.PDF)": 1, "![a](in/b.png)": 0, "[a](none.md)": 1} {
		got := faultsOf(t, map[string]string{"a.md": text + "\n", "b.md": "# B\n"}, "mkdocs.yml", "in/a.pdf")
		if len(got) != want {
			t.Errorf("%s: %q, want %d", text, got, want)
		}
	}
}

// TestFormerNames has links to names that documents had before, and say so.
func TestFormerNames(t *testing.T) {
	got := faultsOf(t, map[string]string{
		"modules/ROOT/pages/a.adoc": "= A\n\nxref:old.adoc[O] xref:sql:older.adoc[O] xref:gone.adoc[G]\n",
		"modules/ROOT/pages/b.adoc": "= B\n:page-aliases: in/old.adoc, \\\n  ROOT:older.adoc\n\nText.\n",
		"c.md": "---\ntitle: C\naliases:\n  - /x/former/\nredirect_from: [one, two]\n---\n" +
			"[a](former.md) [b](two.md) [c](three.md)\n",
	})
	want := []string{
		"c.md:7 links to three.md, which is not there",
		"modules/ROOT/pages/a.adoc:3 links to gone.adoc, which is not there",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is told (-want +got):\n%s", diff)
	}
}

// TestMarksOfAsciidoc has callouts in an example, and a fence of a language with a sign in its name.
func TestMarksOfAsciidoc(t *testing.T) {
	text := "= A\n\n[source,go]\n----\nf(a, b) <1>\n\t<2>\ng(c) // <3>\n----\n\n```c++\nint x;\n```\n\n%s\n"
	if got := faultsOf(t, map[string]string{"a.adoc": fmt.Sprintf(text, "Text.")}); len(got) != 0 {
		t.Errorf("told of what is right: %q", got)
	}
	if got := faultsOf(t, map[string]string{"a.adoc": fmt.Sprintf(text, "[source,go]\n----\nf(a\nb) <1>\n----")}); len(got) != 1 {
		t.Errorf("%q, want that a comma is missing", got)
	}
}

// TestFencesInPairs has fences whose ends the parser reads in another way than their author: as many lines open one as close
// one, so nothing is told.
func TestFencesInPairs(t *testing.T) {
	for text, want := range map[string]int{
		"```\na\n## B\n": 1, "```sh\na\n```\n\n```\nb\n## B\n": 1, "````\n```\n## B\n": 0, "```sh\n## B\n``` end\n": 0,
	} {
		if got := faultsOf(t, map[string]string{"a.md": text}); len(got) != want {
			t.Errorf("%q: %q, want %d", text, got, want)
		}
	}
}

// TestHabitsAndCopies has a mistake that several documents have, and documents that are copies: each is one insight.
func TestHabitsAndCopies(t *testing.T) {
	got := faultsOf(t, map[string]string{
		"a.md": "This is the page of a HTTP server, and it is for you.\n", "b.md": "\nThis is the page of a SSH server, and it is for you.\n",
		"c.md":      "This is the page of a example that is seperate, and it is for you.\n",
		"new/d.md":  "This is the the page of a server, and it is for you.\n",
		"next/d.md": "This is the the page of a server, and it is for you.\n",
		"old/d.md":  "This is the the page of a server, and it is for you.\n",
		"e.md":      "This is the the page of a server, and it is for you.\n",
	}, "LICENSE")
	want := []string{
		"2 documents have a mistake of writing in common: “a HTTP” should be “an HTTP” (a.md:1), “a SSH” should be “an SSH” (b.md:2)",
		"c.md has 2 mistakes of writing: “a example” should be “an example” (line 1), “seperate” should be “separate” (line 1)",
		"e.md has a mistake of writing: “the the” has a word twice (line 1)",
		"new/d.md has a mistake of writing: “the the” has a word twice (line 1); next/d.md has the same, and 1 more",
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is told (-want +got):\n%s", diff)
	}
}

// FuzzStandsAlone looks for words in texts: what stands in a line of its own is found.
func FuzzStandsAlone(f *testing.F) {
	f.Add("Step two", "a\n")
	f.Add("#x", "[a](")
	f.Fuzz(func(t *testing.T, words, text string) {
		p := newPlainText(text)
		_ = p.standsAlone(words)
		if len(p.letters) != len(p.at) {
			t.Fatalf("%d bytes of letters, %d places", len(p.letters), len(p.at))
		}
		line := strings.Join(lowerWords(words), " ")
		if strings.ContainsAny(text, "`[<:") || line == "" {
			return // of a link
		}
		if !newPlainText(text + "\n" + line + "\n").standsAlone(line) {
			t.Errorf("%q does not stand alone in a line of its own", line)
		}
	})
}

// TestWhatSitesGive has anchors that no heading of a document has, and that its site may give it, beside one that is a mistake.
func TestWhatSitesGive(t *testing.T) {
	for name, c := range map[string]struct {
		texts map[string]string
		want  []string
	}{
		"a section that each page gets": {map[string]string{"a.md": "[t](#types) [u](#type)\n", "b.md": "[t](#types)\n"},
			[]string{"a.md:1 links to #type, and no heading of the document has this anchor"}},
		"copies": {map[string]string{"new/a.md": "[t](#types)\n", "next/a.md": "[t](#types)\n"},
			[]string{"new/a.md:1 links to #types, and no heading of the document has this anchor; next/a.md has the same"}},
		"a label of another document": {map[string]string{"a.md": "[t](#types) [u](#other)\n", "b.md": "(types)=\n\n# Types\n\n## Other\n"},
			[]string{"a.md:1 links to #other, and no heading of the document has this anchor"}},
		"tabs": {map[string]string{"a.md": "{{< tabs >}}\n[t](#types)\n{{< /tabs >}}\n<Tabs>\n[u](#more)\n</Tabs>\n" +
			"<!-- LIST:START - Do not remove -->\n[w](#some)\n<!-- LIST:END -->\n\n[v](#most)\n"},
			[]string{"a.md:11 links to #most, and no heading of the document has this anchor"}},
		"pages that a program makes": {map[string]string{"a.md": "[a](api_get.md) [b](api_put.md) [c](ape_get.md)\n"},
			[]string{"a.md:1 links to ape_get.md, which is not there"}},
		"titles of AsciiDoc": {map[string]string{"a.adoc": "Title\n=====\n\nPart one\n--------\n\nSee <<_part_one>> and <<_part>>.\n"},
			[]string{"a.adoc:7 links to #_part, and no heading of the document has this anchor"}},
		"an index of Hugo": {map[string]string{"in/a.md": "[a](index.md#top) [b](none.md)\n", "in/_index.md": "# Top\n"},
			[]string{"in/a.md:1 links to none.md, which is not there"}},
		"a heading as it is written": {map[string]string{"a.md": "[a](#cryptox509pkgcryptox509) [b](#crypto)\n\n" +
			"## [`crypto/x509`](/pkg/crypto/x509/)\n"},
			[]string{"a.md:1 links to #crypto, and no heading of the document has this anchor"}},
		"code up to the end": {map[string]string{"a.md": "# A\n\n```sh\nls\n\nls -l\n"}, nil},
		"text in a fence":    {map[string]string{"a.md": "```sh\nls\n\n## More\n"}, []string{"a.md:1 opens a fence of code that is never closed"}},
		"what others include": {map[string]string{"a.adoc": "= A\n\ninclude::partial$b.adoc[]\n", "in/b.adoc": "See <<_urls>>.\n",
			"c.adoc": "See <<_none>>.\n"}, []string{"c.adoc:1 links to #_none, and no heading of the document has this anchor"}},
		"a button between words": {map[string]string{"a.adoc": "It is what you choose to btn:[Save] to keep the text.\n"}, nil},
		"settings of an editor":  {map[string]string{"a.md": "```json\n{\"files.eol\": 1,}\n```\n"}, nil},
		"a part of an object":    {map[string]string{"a.md": "```json\n\"a\": {\"b\": 1,}\n```\n"}, nil},
		"a page that is signed":  {map[string]string{"a.md": "It is the the page.\n<p><em>\nGenerated with <code>x</code>.\n</em></p>\n"}, nil},
		"signatures": {map[string]string{"a.md": "```go\nclient.Query(ctx context.Context, query string)\n```\n\n" +
			"```go\nclient.Query(a\n\tb)\n```\n"},
			[]string{"a.md:5 shows Go that does not parse: line 1: missing ',' before newline in argument list"}},
	} {
		if diff := cmp.Diff(c.want, faultsOf(t, c.texts, "LICENSE")); diff != "" {
			t.Errorf("%s: what is told (-want +got):\n%s", name, diff)
		}
	}
}
