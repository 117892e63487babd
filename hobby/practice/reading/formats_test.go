package reading

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// theSame is one document in each format.
var theSame = map[string]string{
	".md": "# The harbour\n\nThe harbour is a *small* port with `forty()` berths, see [the **rules**](rules.md#mooring).\n" +
		"It is open all year.\n\n## What it has {#has}\n\n- water & power\n- a crane for [boats](boats.png)\n- fuel\n\n" +
		"```go\nx := berth(1\n```\n\n| Berth | Depth |\n|---|---|\n| A | 3 m |\n| B | 4 m |\n\n## Rules\n\nNobody may swim. TODO: say why.\n",
	".mdx": "import { Note } from '@theme/Note'\n\nexport const berths = {\n  a: 3,\n}\n\n{/* no: TODO */}\n\n# The harbour\n\n" +
		"The harbour is a *small* port with `forty()` berths, see [the **rules**](rules.md#mooring).\n" +
		"It is open all year.\n\n## What it has {#has}\n\n- water & power\n- a crane for [boats](boats.png)\n- fuel\n\n" +
		"<Tabs group=\"no\">\n  <Tab title='no'>\n  ```go\n  x := berth(1\n  ```\n  </Tab>\n</Tabs>\n\n" +
		"| Berth | Depth |\n|---|---|\n| A | 3 m |\n| B | 4 m |\n\n## Rules\n\n<Note>\nNobody may swim. TODO: say why.\n</Note>\n",
	".html": "<!DOCTYPE html>\n<html><head><title>no</title><style>p{}</style></head><body>\n<nav><a href=\"x.html\">menu</a></nav>\n" +
		"<h1>The harbour</h1>\n<p>The harbour is a <em>small</em> port with <code>forty()</code> berths,\n" +
		"see <a href=\"rules.md#mooring\">the <b>rules</b></a>." +
		"\nIt is open all year.</p>\n<h2 id=has>What it has</h2>\n<ul><li>water &amp; power\n" +
		"<li>a crane for <a href=\"boats.png\">boats</a></li><li>fuel</li></ul>\n" +
		"<pre><code class=\"language-go\">x := berth(1\n</code></pre>\n<table><tr><th>Berth</th><th>Depth</th></tr>\n" +
		"<tr><td>A</td><td>3 m</td></tr>" +
		"<tr><td>B</td><td>4 m</td></tr></table><h2>Rules</h2>Nobody may swim. TODO: say why.<svg><text>no</text></svg></body></html>\n",
	".rst": ".. remark\n   that goes on\n\n===========\nThe harbour\n===========\n\n" +
		"The harbour is a *small* port with ``forty()`` berths, see `the rules <rules.md#mooring>`_.\n" +
		"It is open all year.\n\n.. _has:\n\nWhat it has\n===========\n\n* water & power\n* a crane for\n  `boats <boats.png>`__\n* fuel\n\n" +
		".. code-block:: go\n   :linenos:\n\n   x := berth(1\n\n===== =====\nBerth Depth\n===== =====\nA     3 m\nB     4 m\n===== =====\n" +
		"\nRules\n=====\n\n.. note::\n\n   Nobody may swim. TODO: say why.\n",
	".adoc": "= The harbour\n:author: no\n\n// remark\nThe harbour is a _small_ port with `forty()` berths, see " +
		"link:rules.md#mooring[the *rules*].\nIt is open all year.\n\n" +
		"[[has]]\n== What it has\n\n* water & power\n* a crane for\n  link:boats.png[boats]\n* fuel\n\n[source,go]\n----\nx := berth(1\n" +
		"----\n\n" +
		"|===\n|Berth |Depth\n\n|A |3 m\n|B |4 m\n|===\n\n== Rules\n\nNOTE: Nobody may swim. TODO: say why.\n",
}

// TestFormatsAreReadAlike reads the same document in each format.
func TestFormatsAreReadAlike(t *testing.T) {
	shown := func(d *document) (all []string) {
		add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
		for _, h := range d.headings {
			add("heading %d %s", h.level, h.text)
		}
		for _, b := range d.blocks {
			add("block of %q: %q item %v", d.headings[b.section].text, b.text, b.item)
		}
		for _, l := range d.links {
			add("link %s", l.dest)
		}
		for _, l := range d.lists {
			add("list %q", l.items)
		}
		for _, t := range d.tables {
			add("table %q %q", t.header, t.rows)
		}
		for _, f := range d.fences {
			add("code %s %q", f.lang, f.code)
		}
		for _, f := range d.faults() {
			fault, _, _ := strings.Cut(f.Key, " ")
			add("fault %s", fault)
		}
		add("anchors %v %v %v", d.anchors["has"], d.anchored, len(d.sections))
		return all
	}
	want := shown(parse("a.md", []byte(theSame[".md"])))
	if len(want) < 15 {
		t.Fatalf("%q", want)
	}
	for ext, text := range theSame {
		d := parse("a"+ext, []byte(text))
		if diff := cmp.Diff(want, shown(d)); diff != "" || d.unread != "" {
			t.Errorf("%s: %s (-want +got):\n%s", ext, d.unread, diff)
		}
		lines := strings.Split(text, "\n")
		for _, b := range d.blocks {
			if first := strings.Fields(b.text)[0]; !strings.Contains(lines[b.line-1], first) || b.end < b.line || b.end > len(lines) {
				t.Errorf("%s: %q is at lines %d to %d", ext, b.text, b.line, b.end)
			}
		}
		for _, h := range d.headings {
			if !strings.Contains(lines[h.line-1], h.text) && ext != ".rst" {
				t.Errorf("%s: %q is at line %d", ext, h.text, h.line)
			}
		}
	}
}

// TestSites has what the generators of sites have beside Markdown: their notes are text
// without marks, and what may be a page of theirs is not said to be missing.
func TestSites(t *testing.T) {
	for text, want := range map[string]string{
		":::note\nIt is so.\n:::": "It is so.", ":::tip[A title] {.x}\n\nIt is so.\n\n:::": "It is so.", "> [!WARNING]\n> It is so.": "It is so.",
		"{% hint style=\"info\" %}\nIt is so.\n{% endhint %}": "It is so.", "{{< note >}}\nIt is so.\n{{< /note >}}": "It is so.",
		"a ::: b is no note": "a ::: b is no note", "[!NOTE x]": "[!NOTE x]",
	} {
		var got []string
		for _, b := range parse("a.md", []byte(text)).blocks {
			got = append(got, b.text)
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%q: %q, want %q", text, s, want)
		}
	}
	text := "[a](intro) [b](/docs/gone) [c](gone.md) [d](./x#y)\n"
	for config, want := range map[string]int{"site/docusaurus.config.js": 0, "other/docusaurus.config.js": 3,
		"site/docs/astro.config.mjs": 1} {
		d := parse("site/docs/a.md", []byte(text))
		lib := newLibrary([]*document{d}, files(config, "docs", "LICENSE"))
		if got := lib.broken(d); len(got) != want {
			t.Errorf("%s: %d links are missing, want %d: %+v", config, len(got), want, got)
		}
	}
}

// TestMarkup has what the formats have beside that.
func TestMarkup(t *testing.T) {
	for _, c := range []struct{ name, text, blocks, links, anchors string }{
		{"a.html", "<p>a<br>b<p>c {{x}}<div>d<p hidden>e</div><script>no</script><p id=X>f", "a b|d|e|f", "", "x"},
		{"b.html", "<base href='/x/'><a href=a.html>b</a>", "b", "", ""},
		{"c.html", "<nav><button></nav><p>x<head>y<body>z", "x|z", "", ""},
		{"d.html", "<table><tr><td colspan=2>a</table><table><tr><th>a<tr><td>b<td>c</table>end", "end", "", ""},
		{"a.rst", "Term\n   A term.\n\n:field: x\n\nSay::\n\n  code\n\n.. image:: a.png\n.. toctree::\n   :maxdepth: 1\n\n   one\n" +
			"   Two <two>\n   https://x.org\n",
			"Term|A term.|Say:", "a.png one.rst two.rst", ""},
		{"b.rst", "See :ref:`the text <label>`, :doc:`it <other>`, :func:`f`, name_, `two words`_, [1]_ and |sub|. a\\_b\n\n" +
			".. _Label One: x.rst\n.. [1] Foot\n",
			"See the text, it, f, name, two words, and sub. a_b", "other.rst", "label-one"},
		{"d.rst", "Set to ``ON`` to see ``a <b>``, or to :cmd:`OFF` to see it. ``x`` and ``y``. A `<c>` is none, AND and OR are.\n",
			"Set to ON to see a <b>, or to OFF to see it. x and y. A <c> is none, AND and OR are.", "", ""},
		{"c.rst", ">>> f(x)\n3\n\n| verse\n\n+---+\n| a |\n+---+\n\n- a\n- b\n\n  more\n", "a|b", "", ""},
		{"a.adoc", "== Two words, here!\n\nSee <<one,the first>>, xref:b.adoc#x[the other] and https://x.org[it^]. `a_b_c` {attr}\n\n" +
			"*Bold* and x[[here]] image:a.png[b].\n\n....\nno\n....\n\n====\nexample\n====\n",
			"Bold and x .|example", "", "_two_words_here here"},
		{"b.adoc", "[#one]\nSee <<one,the first>> and xref:b.adoc#x[the other] by https://x.org[it^].\n\n. a\n. b\n+\nmore\n\n .title\n" +
			".Title\n++++\n<p>no\n++++\n",
			"See the first and the other by it.|a|b|more", "https://x.org #one b.adoc#x", "one"},
		{"c.adoc", "[cols=2]\n|===\n|a |b\n2+|c\n|===\n\n----\nnever closed\n", "", "", ""},
	} {
		d := parse(c.name, []byte(c.text))
		var blocks, links []string
		for _, b := range d.blocks {
			blocks = append(blocks, b.text)
		}
		for _, l := range d.leads() {
			links = append(links, l.dest)
		}
		if got := strings.Join(blocks, "|"); got != c.blocks {
			t.Errorf("%s: blocks %q, want %q", c.name, got, c.blocks)
		}
		if got := strings.Join(links, " "); got != c.links {
			t.Errorf("%s: links %q, want %q", c.name, got, c.links)
		}
		for _, a := range strings.Fields(c.anchors) {
			if !d.anchors[a] {
				t.Errorf("%s: the anchors %v, want %s", c.name, d.anchors, a)
			}
		}
		if f := d.faults(); len(f) > 0 && c.name != "c.adoc" {
			t.Errorf("%s: %s", c.name, f[0].Text)
		}
		if len(d.tables) > 0 {
			t.Errorf("%s: a table that is not even: %+v", c.name, d.tables)
		}
	}
}

var large = flag.Bool("large", false, "read documents of the largest size that are made to take long")

// TestLargeMarkup reads texts that are made to take long.
func TestLargeMarkup(t *testing.T) {
	size := maxFile / 64
	if *large {
		size = maxFile
	}
	for _, unit := range []string{"<td><h1>a<p>", "<ul><li>a", "<svg><style>", "<table><tr><td>a<p>b", "&lt;", "- a\n", "  - a\n", "=\n=\n",
		".. note::\n\n ", "`a <b>`_ ",
		"``", "a_ ", "* a\n", "|===\n|a\n", "[[a]] ", "<<a", "----\n", "{a} ", ".. _a:\n", "a\n=\n\n", "== a\n\n", "::\n\n a\n\n", "*", "_a",
		"[", ":a: b\n",
		"<<xref:a[b] "} {
		text := []byte(strings.Repeat(unit, size/len(unit)))
		for _, ext := range []string{".html", ".rst", ".adoc"} {
			begin := time.Now()
			parse("a"+ext, text)
			took := time.Since(begin)
			if took > time.Second {
				t.Logf("%q in %s takes %v", unit, ext, took)
			}
			if took > 20*time.Second {
				t.Errorf("%q in %s takes %v", unit, ext, took)
			}
		}
	}
}

// TestLinksAreWhereTheyStand looks for each link on the line that it is said to be on.
func TestLinksAreWhereTheyStand(t *testing.T) {
	more := map[string]string{
		".rst":  "\nOne\nline, `a <x.rst>`_ and\n``code\nof two`` and `b <y.rst>`_.",
		".adoc": "\n== At link:x.adoc[x]\n\n|===\n|link:y.adoc[y]\n",
	}
	for ext, text := range theSame {
		text += more[ext]
		lines := strings.Split(text, "\n")
		for _, l := range parse("a"+ext, []byte(text)).links {
			if l.line > len(lines) || !strings.Contains(lines[l.line-1], l.dest) {
				t.Errorf("%s: %s is not on line %d", ext, l.dest, l.line)
			}
		}
	}
}

// FuzzMarkup reads any text as each format but Markdown.
func FuzzMarkup(f *testing.F) {
	for _, text := range theSame {
		f.Add(text, uint64(1))
	}
	f.Add("=\na\n=\n.. a::\n  b\n\x00", uint64(2))
	f.Add("`<0>`_", uint64(51))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		for _, ext := range []string{".html", ".rst", ".adoc"} {
			soundly(t, parse("a"+ext, []byte(text)), seed)
		}
	})
}

// TestComponentsAroundCode has code with an empty line in a component, and HTML in what looks like a reference.
func TestComponentsAroundCode(t *testing.T) {
	d := parse("a.mdx", []byte("# Top\n\n<Tabs>\n  <Tab label=\"Go\">\n  ```go\n  f()\n\n  g()\n  ```\n  </Tab>\n</Tabs>\n\n"+
		"It is <code>[string, <a href=\"#top\">Top</a>][]</code>, see [none][no].\n"))
	if got := d.undefined; len(got) != 1 || got[0].dest != "no" || len(d.faults()) > 0 ||
		len(d.fences) != 1 || d.fences[0].code != "f()\n\ng()\n" {
		t.Errorf("%+v, with the code %+v; want the reference to no alone", got, d.fences)
	}
}

// TestAnchorsFromElsewhere has pages whose headings a shortcode includes, or stand in a tab.
func TestAnchorsFromElsewhere(t *testing.T) {
	for text, want := range map[string]int{
		"{{% docs/intro %}}": 0, "{{< include \"a.md\" >}}": 0, "{{% tab %}}\n\n    ### Set up\n\n{{% /tab %}}": 0,
		"{{% tab %}}\n\n### Other\n\n{{% /tab %}}": 1, "    ### Set up": 1,
		"{{% tab %}}\n\n````sh\n```\n    # Set up\n````\n\n{{% /tab %}}": 1, "```\n{{ x }}\n```\n\n    # Set up": 1,
	} {
		d := parse("a.md", []byte("# Top\n\nSee [it](#set-up).\n\n"+text+"\n"))
		if got := newLibrary([]*document{d}, files("LICENSE")).broken(d); len(got) != want {
			t.Errorf("%q: %+v, want %d", text, got, want)
		}
	}
}

// TestSettingsMayHaveACommaTooMany has JSON of a compiler, which reads a comma too many.
func TestSettingsMayHaveACommaTooMany(t *testing.T) {
	for code, want := range map[string]bool{
		"{\n  \"compilerOptions\": {\n    \"jsx\": \"preserve\",\n  }\n}": true, "{\n  \"options\": {\n    \"jsx\": \"preserve\",\n  }\n}": false,
		"{\n  \"compilerOptions\": {\n    \"jsx\": \"preserve\"\n    \"lib\": []\n  }\n}": false,
		"{\n  \"configurations\": [\n    1,\n  ]\n}":                                      false,
		"{\n  \"configurations\": [{\n    \"request\": \"launch\",\n  }, ],\n}":           true,
	} {
		if err := parseJSON(code); (err == nil) != want {
			t.Errorf("%s: %v, want accepted: %v", code, err, want)
		}
	}
	lib := newLibrary(nil, files("meta.rst.tmpl"))
	if !lib.there("meta.rst") || lib.there("none.rst") {
		t.Error("what is made of a template is not there, or anything is")
	}
}

// TestIndentationInComponents has text, a fence and a list in components of MDX, which no indentation makes code.
func TestIndentationInComponents(t *testing.T) {
	d := parse("a.mdx", []byte("# Top\n\n<Tabs>\n    <Tab label=\"Go\">\n        See [x](x.md).\n\n        ```go\n        f()\n"+
		"            g()\n        ```\n\n        - [y](y.md)\n    </Tab>\n</Tabs>\n\nIt is so.\n\n"+
		"- one\n\n    <Note>\n    two [v](v.md)\n    </Note>\n\n- three\n\nAt the [end](end.md).\n"))
	var got []string
	for _, l := range d.links {
		got = append(got, fmt.Sprint(l.dest, l.line))
	}
	if diff := cmp.Diff([]string{"x.md5", "y.md12", "v.md21", "end.md26"}, got); diff != "" {
		t.Errorf("the links and their lines (-want +got):\n%s", diff)
	}
	if len(d.fences) != 1 || d.fences[0].code != "f()\n    g()\n" || d.fences[0].line != 7 {
		t.Errorf("the code %+v", d.fences)
	}
}

// TestFencesInFences has a fence of MDX that shows one, and what follows it.
func TestFencesInFences(t *testing.T) {
	d := parse("a.mdx", []byte("# Top\n\n````md\n```\n\nimport x\n\n<Tab>\n````\n\n"+
		"import y from 'y'\n\n~~~\n```\n~~~\n\n<Note>\nSee [x](x.md).\n</Note>\n"))
	if len(d.fences) != 2 || d.fences[0].code != "```\n\nimport x\n\n<Tab>\n" || len(d.blocks) != 1 || len(d.links) != 1 {
		t.Errorf("%+v, %+v, %+v", d.fences, d.blocks, d.links)
	}
}

// TestFoldersNamedModules has Markdown in a folder that Antora would name so, and a page whose own folder has the target.
func TestFoldersNamedModules(t *testing.T) {
	d := parse("modules/vpc/README.md", []byte("[all](../README.md#inputs) [b](../none.md)\n"))
	top := parse("modules/README.md", []byte("# Modules\n\n## Inputs\n"))
	page := parse("modules/ROOT/pages/in/a.adoc", []byte("= A\n\nSee xref:b.adoc[B], xref:../../nav.adoc[N] and xref:../c.adoc[C].\n"))
	docs := []*document{d, top, page, parse("modules/ROOT/nav.adoc", nil), parse("modules/vpc/none.md", nil), parse("README.md", nil)}
	for _, p := range []string{"in/b.adoc", "b.adoc"} {
		docs = append(docs, parse("modules/ROOT/pages/"+p, nil))
	}
	lib := newLibrary(docs, files("LICENSE"))
	if got := lib.broken(d); len(got) != 1 || !strings.Contains(got[0].Text, "none.md") {
		t.Errorf("%+v, want none.md alone", got)
	}
	if got := lib.broken(page); len(got) != 1 || !strings.Contains(got[0].Text, "c.adoc") {
		t.Errorf("%+v, want c.adoc alone", got)
	}
	_, to := lib.cited(t.Context())
	want := map[string]map[string]bool{d.path: {top.path: true},
		page.path: {"modules/ROOT/pages/in/b.adoc": true, "modules/ROOT/nav.adoc": true}}
	if diff := cmp.Diff(want, to); diff != "" {
		t.Errorf("what is cited (-want +got):\n%s", diff)
	}
}

// TestSourcesOfPages has a site of Hugo, whose films are of another folder and whose documents are not.
func TestSourcesOfPages(t *testing.T) {
	for dest, want := range map[string]int{"/docs/a.mp4": 0, "/docs/a.mjs": 0, "/docs/a.md": 1, "/docs/a.md?x=1": 1, "/docs/a.mdx#b": 1} {
		d := parse("docs/use.md", []byte("[a]("+dest+")\n"))
		lib := newLibrary([]*document{d}, files("docs", "docs/_index.md", "LICENSE"))
		if got := lib.broken(d); len(got) != want {
			t.Errorf("%s: %+v, want %d", dest, got, want)
		}
	}
}

// TestAnchorsOfSites has what brings anchors along that no heading of the document has, and what brings none.
func TestAnchorsOfSites(t *testing.T) {
	for text, want := range map[string]int{
		"::: pkg.Class": 0, "::: pkg_b": 0, "::: pkg\n    options:\n      x: y": 0, "r[set.up]": 0,
		"r[set.up] so": 1, "--8<-- \"a.md\"": 0, "{{#include a.md}}": 0, "<!-- @include: ./a.md -->": 0, "{% include \"a.md\" %}": 0,
		"{{ made() }}": 0, "```{include} a.md\n```": 0, "{!a.md!}": 0, "<%= made %>": 0, "<Api/>": 0, "<Api of=\"x\" />": 0, "{{< made >}}": 0,
		"## {{% heading \"up\" %}}":                                    0,
		"<Endpoint path=\"/set/<a>\" method=\"up\">\nSo.\n</Endpoint>": 0, "## So {/*set-up*/}": 0,
		"(set-up)=\n": 0, "{#set-up}": 0, "[](){#set-up}": 0, "{: #set-up}": 0, "<p id=set-up>": 0, "```{figure} a\n:name: set-up\n```": 0,
		"::: note\nSo.\n:::": 1, "{{< note >}}\nSo.\n{{< /note >}}": 1, "{{< figure src=\"https://a.org\" >}}": 1, "`{{#include a.md}}` is so": 1,
		"::: tip Setup of a pup\nSo.\n:::": 1, "::: tip setUp\nSo.\n:::": 0,
		"<Endpoint of=\"setup\">\nSo.\n</Endpoint>": 1, "```\n{{#include a.md}}\n```": 1,
		"```{code-cell}\nx\n```": 1, "{#other}": 1,
		"#### <!-- md:setting set.up -->": 0, "<!-- md:option set:up -->": 0, "#### <!-- md:setting set.down -->": 1, "<!-- set up -->": 1,
		"=== \":octicons-package-16: Set up\"": 0, "## Set\n\n=== \"... Up\"": 0, "=== \"Up\"": 1, "## Set\n\n=== \"Down\"": 1,
	} {
		d := parse("a.md", []byte("# Top\n\nSee [it](#set-up).\n\n"+text+"\n"))
		if got := newLibrary([]*document{d}, files("LICENSE")).broken(d); len(got) != want {
			t.Errorf("%q: %+v, want %d", text, got, want)
		}
	}
}

// TestWhatASiteKnows has references that many documents do not define, and links that many follow to what is not there.
func TestWhatASiteKnows(t *testing.T) {
	for n, want := range map[int]int{1: 2, mostSeekers: 2 * mostSeekers, mostSeekers + 1: 0} {
		var docs []*document
		for i := range n {
			docs = append(docs, parse(fmt.Sprintf("%d.md", i),
				[]byte("See [it][label], [that][pkg.Class], [one][known] and [x](x.md).\n\n[known]: /u\n")))
		}
		lib := newLibrary(docs, files("mkdocs.yml"))
		got := 0
		for _, d := range docs {
			got += len(lib.references(d)) + len(lib.broken(d))
		}
		if got != want {
			t.Errorf("of %d documents %d faults are told, want %d", n, got, want)
		}
	}
}

// TestReferencesOfSites has a reference without a definition. It is told where its author defines labels, or where no
// site can know it, and where its label looks like a word.
func TestReferencesOfSites(t *testing.T) {
	const known = "[that][known]\n\n[known]: /u\n"
	for _, c := range []struct {
		text, other, files string
		want               int
	}{
		{"See [it][label].\n", "", "", 0}, {"See [it][label].\n", "", "LICENSE", 1}, {"See [it][label].\n", "", "LICENSE mkdocs.yml", 0},
		{"See [it][label] and " + known, "", "", 1}, {"See [it][label] and " + known, "", "mkdocs.yml", 1},
		{"See [it][label].\n\n!!! note\n\n    [label]: /u\n\nSee " + known, "", "", 0},
		{"[a][pkg::a], [a][pkg/a], [a][macro@a], [a][a!], [a][a_b], [a][f(x)], [a][`a` b], [a][TypeName], [a][x-Name], " +
			known, "", "", 0},
		{"See [it][label] and " + known, "--8<-- \"a.md\"\n", "", 0}, {"See [it][label] and " + known, "::: pkg\n", "", 0},
		{"See [it][label] and " + known, "::: note\nSo.\n:::\n", "", 1}, {"See [it][label] and " + known, "r[label]\n", "", 0},
		{"See [it][label] and " + known, "```\nr[label]\n```\n", "", 1},
	} {
		d := parse("a.md", []byte(c.text))
		lib := newLibrary([]*document{d, parse("b.md", []byte(c.other))},
			files(c.files))
		if got := lib.references(d); len(got) != c.want {
			t.Errorf("%+v: %d are told", c, len(got))
		}
	}
}

// TestASiteOfAnotherBuilder has pages that begin with settings, so that a builder gives them addresses and anchors, and
// pages that do not.
func TestASiteOfAnotherBuilder(t *testing.T) {
	text := "# Deno.cwd\n\n## Run it  at -- once\n\n[a](#deno.cwd) [b](#run-it-at-once) [c](/api/x/) [d](../x) [e](/b.png) [f](none.md) [g](#no)\n"
	for settings, want := range map[string]int{"---\ntitle: A\n---\n\n": 2, "": 5} {
		d := parse("docs/a.md", []byte(settings+text))
		lib := newLibrary([]*document{d}, files("LICENSE", "api", "docs"))
		if got := lib.broken(d); len(got) != want {
			t.Errorf("after %q: %+v, want %d", settings, got, want)
		}
	}
	var docs []*document
	for i := range mostMistaken + 1 {
		docs = append(docs, parse(fmt.Sprintf("%d.md", i), fmt.Appendf(nil, "[a](page-%d) [b](none-%d.md)\n", i, i)))
	}
	for n, want := range map[int]int{mostMistaken: 2, mostMistaken + 1: 1} {
		lib := newLibrary(docs[:n], files("LICENSE"))
		if got := lib.broken(docs[0]); len(got) != want {
			t.Errorf("%d documents with addresses of pages: %+v, want %d", n, got, want)
		}
	}
}

// TestWhatIsNotUnderstood has documents with links of two forms and references, and one that leads nowhere of each. It is
// told while few do, or while nine of ten lead somewhere.
func TestWhatIsNotUnderstood(t *testing.T) {
	for _, c := range []struct{ documents, right, want int }{
		{mostMistaken, 1, 3 * mostMistaken}, {mostMistaken + 1, mostFailing - 2, 0},
		{mostMistaken + 1, mostFailing - 1, 3 * (mostMistaken + 1)},
	} {
		var docs []*document
		for i := range c.documents {
			text := fmt.Sprintf("# Head\n\n[known]: /u\n\n[a](none-%d.md) [b](#lost%c) [c][none %d]\n", i, 'a'+rune(i), i)
			for range c.right {
				text += fmt.Sprintf("[c](%d.md#head) [c][known]\n", (i+1)%c.documents)
			}
			docs = append(docs, parse(fmt.Sprintf("%d.md", i), []byte(text)))
		}
		lib := newLibrary(docs, files("mkdocs.yml"))
		got := 0
		for _, d := range docs {
			got += len(lib.broken(d)) + len(lib.references(d))
		}
		if got != c.want {
			t.Errorf("%+v: %d are told", c, got)
		}
	}
}

// TestFromTheFolderOfAll has a link from the folder of all documents, which a site resolves and GitHub does not.
func TestFromTheFolderOfAll(t *testing.T) {
	d, top := parse("core/auth/a.md", []byte("[a](core/b.md) [b](c.md) [c](none.md) [d](b.html.md)\n")), parse("c.md", nil)
	for beside, want := range map[string]int{"mkdocs.yml": 1, "LICENSE": 4} {
		lib := newLibrary([]*document{d, top, parse("core/b.md", nil)}, files(beside))
		if got := lib.broken(d); len(got) != want {
			t.Errorf("beside %s: %+v, want %d", beside, got, want)
		}
	}
}

// TestWhatOthersInclude has links of a snippet, which are from where it is included, and of a page.
func TestWhatOthersInclude(t *testing.T) {
	for name, want := range map[string]int{"snippets/a.md": 0, "docs/_a.md": 0, "docs/shared-a.md": 2,
		"docs/_index.md": 2, "docs/templating.md": 2} {
		d := parse(name, []byte("[a](none.md) [b](#none) [c](#fn:1)\n"))
		if got := newLibrary([]*document{d}, files("LICENSE")).broken(d); len(got) != want {
			t.Errorf("%s: %+v, want %d", name, got, want)
		}
	}
}

// TestWhatNobodyCorrects has documents that say that a program made them, and one that speaks of such a program.
func TestWhatNobodyCorrects(t *testing.T) {
	said := "It is the the [one](gone.md).\n"
	for text, want := range map[string]int{
		"<!-- This file is automatically generated. -->\n\n" + said: 0, "..\n   AUTOGENERATED, do not edit\n\n" + said: 0,
		"---\n# NOTE: This file is auto-generated from a.mjs\ntitle: A\n---\n\n" + said: 0,
		"> **Do not edit this file.**\n\n" + said:                                       0, "# A\n\n_Auto-generated by cobra_\n\n" + said: 0,
		"<!-- DO NOT EDIT: copied from b.md -->\n\n" + said: 0, "{/* Generated automatically. Do not edit by hand. */}\n\n" + said: 0,
		"# Generators\n\nThey make pages.\n\n" + said: 2,
		"# Contributing\n\n- Run the tests.\n- Do not edit vendored files.\n\nPlease do not edit vendored files.\n\n" + said: 2,
		"The password is autogenerated.\n\n" + said: 2, "Automatically generated glue is in api/. Do not edit it.\n\n" + said: 2,
		"<!-- START doctoc -->\n<!-- DON'T EDIT THIS SECTION, INSTEAD RE-RUN doctoc TO UPDATE -->\n\n" + said: 2,
		".. note:: An automatically generated password\n\n" + said:                                            2,
	} {
		d := parse("a.md", []byte(text))
		got := len(d.remarks) + len(newLibrary([]*document{d}, files("LICENSE")).broken(d))
		if got != want {
			t.Errorf("%q: %d faults are told, want %d", text, got, want)
		}
	}
}

// TestVersions has a mistake in what is said of three versions: the newest is told. Lessons and years are no versions.
func TestVersions(t *testing.T) {
	text := []byte("It is the the one, see [it](none.md).\n")
	var docs []*document
	for _, p := range []string{"docs/v3.10/a.md", "docs/v3.9/a.md", "docs/v2/b.md", "b/version-1.x/a.md", "b/version-2.0/a.md",
		"versioned_docs/version-9/a.md", "a.md", "c/v1.2/v1/a.md", "c/v1.2/v2/a.md",
		"lessons/01/README.md", "lessons/02/README.md", "letters/2024/a.md", "letters/2025/a.md"} {
		docs = append(docs, parse(p, text))
	}
	lib := newLibrary(docs, files("LICENSE"))
	var told, links []string
	for _, d := range lib.authored() {
		told = append(told, d.path)
	}
	for _, d := range docs {
		for _, f := range lib.broken(d) {
			links = append(links, f.Source)
		}
	}
	want := []string{"docs/v3.10/a.md", "b/version-2.0/a.md", "a.md", "c/v1.2/v1/a.md", "c/v1.2/v2/a.md",
		"lessons/01/README.md", "lessons/02/README.md", "letters/2024/a.md", "letters/2025/a.md"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("the documents of which mistakes are told (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, links); diff != "" {
		t.Errorf("the documents of which links are told (-want +got):\n%s", diff)
	}
}

// TestOfVersions has two versions that say the same with two meanings of an acronym, and a page beside them that has
// another: only what the newest says is compared, and nothing of the older one is repeated.
func TestOfVersions(t *testing.T) {
	long := strings.Repeat("It says the same words here. ", 6) + "\n"
	lib := newLibrary([]*document{
		parse("docs/v1/a.md", []byte("A solid state drive (SSD) is this.\n\n[That](../../other.md)\n\n"+long)),
		parse("docs/v2/a.md", []byte("A Simple Scalable Deployment (SSD) is that.\n\n[That](../../other.md)\n\n"+long)),
		parse("other.md", []byte("A solid state drive (SSD) is that.\n")),
	}, nil)
	var got []string
	for _, f := range slices.Concat(lib.definitions(t.Context()), lib.repeated(t.Context()), lib.citations(t.Context())) {
		got = append(got, f.Text)
	}
	want := []string{
		"SSD stands for Simple Scalable Deployment at docs/v2/a.md:1, and for solid state drive at other.md:1",
		"SSD stands for Simple Scalable Deployment (docs/v2/a.md:1)",
		"docs/v2/a.md links to 1 other document: other.md",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is told (-want +got):\n%s", diff)
	}
}

// TestManyComponents has more lines of components than are searched for words of anchors, and an analysis whose user
// is back.
func TestManyComponents(t *testing.T) {
	for n, want := range map[int]int{mostComposed / 16: 1, mostComposed/16 + 1: 0} {
		d := parse("a.md", []byte("[a](#set-up)\n\n"+strings.Repeat("::: tip of words\n", n)))
		if got := newLibrary([]*document{d}, nil).broken(d); len(got) != want {
			t.Errorf("beside %d components: %+v, want %d", n, got, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	lib := newLibrary([]*document{parse("a.md", []byte("[a](b.md)\n"))}, nil)
	if got := lib.survey(ctx); len(got.forms) != 0 {
		t.Errorf("with nobody to tell, links were counted: %+v", got.forms)
	}
}
