package works_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby/practice/internal/works"
)

const bib = `A remark with an address: a@example.org, and @ alone.
@string{ jmr = "Journal of " # {Made-up Results} }
@comment{@article{no, title = {A comment}}}
@Article{muller2020tides,
  author    = {M{\"u}ller, J{\"o}rg and Ana de la Pe\~na and {The Tide Group} and others},
  title     = "The {LaTeX} of tides: a \emph{short} \& \v{c}heap look",
  journal   = jmr, year = 2020, month = jan,
  abstract  = {We show that tides rise by 12.5\,\% on 3~days---or so.
               It is cheap.},
  keywords  = {skill practice, tides; sea},
  doi = {https://doi.org/10.1234/ABC.def},
}
@inproceedings(round2019, title = {Round brackets}, author = "Guido van Rossum and Donald E. Knuth", date = {2019-05-03},
  eprint = {1906.01234v2}, archiveprefix = {arXiv})
@misc{broken, title = {Where is the comma?, year = 2021}
@misc{after, title = {What comes after is read}, year = "2018"}
@misc{untitled, year = 2018}
@misc(twice, title = {What comes after is read} year = 1}
@misc{open, title = {Never closed`

func TestBibTeX(t *testing.T) {
	got, faults := works.BibTeX([]byte(bib))
	want := []works.Work{
		{
			Key: "muller2020tides", Title: "The LaTeX of tides: a short & čheap look",
			Authors: []works.Author{{Family: "Müller", Given: "Jörg"}, {Family: "de la Peña", Given: "Ana"}, {Family: "The Tide Group"}}, More: true,
			Year: 2020, Venue: "Journal of Made-up Results", DOI: "10.1234/abc.def",
			Abstract: "We show that tides rise by 12.5 % on 3 days—or so. It is cheap.", Keywords: []string{"skill practice", "tides", "sea"},
			Line: 4, End: 12, AbstractLine: 8,
		},
		{
			Key: "round2019", Title: "Round brackets", Authors: []works.Author{{Family: "van Rossum", Given: "Guido"},
				{Family: "Knuth", Given: "Donald E."}},
			Year: 2019, ArXiv: "1906.01234", Line: 13, End: 14, AbstractLine: 13,
		},
		{Key: "after", Title: "What comes after is read", Year: 2018, Line: 16, End: 16, AbstractLine: 16},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("works (-want +got):\n%s", d)
	}
	var said []string
	for _, f := range faults {
		said = append(said, fmt.Sprint(f.Line, " ", f.Text))
		if f.Offset <= 0 || 1+strings.Count(bib[:min(len(bib), f.Offset)], "\n") != f.Line {
			t.Errorf("%+v is on another line", f)
		}
	}
	if d := cmp.Diff([]string{"16 want a comma or }", "18 want a comma or )", `19 the field "title": is not closed`}, said); d != "" {
		t.Errorf("faults (-want +got):\n%s", d)
	}
}

const atom = `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
  <title>Tides</title><author><name>Not An Author</name></author>
  <entry>
    <id>http://arxiv.org/abs/2001.01234v3</id>
    <title>Tides &amp; moons
      of <![CDATA[<b>H</b>]]></title>
    <published>2020-01-05T00:00:00Z</published><updated>2021-02-03T00:00:00Z</updated>
    <author><name>Ana Maria Silva</name><arxiv:affiliation>Sea</arxiv:affiliation></author>
    <author><name>Bo Lee</name></author>
    <category term="tool_mastery"/>
    <arxiv:doi>10.5555/X1</arxiv:doi>
    <summary type="html">&lt;p&gt;We find H&lt;sub&gt;2&lt;/sub&gt;O&nbsp;rises.&lt;/p&gt;&lt;script&gt;evil()&lt;/script&gt;</summary>
  </entry>
  <entry><title></title></entry>
  <entry><title>The second</title>
`

const rss = `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>News</title>
<item><title>An item</title><link>https://doi.org/10.7777/xyz</link><pubDate>Tue, 03 Mar 2015 10:00:00 GMT</pubDate>
<author>someone@example.org (Some One)</author><dc:creator>Ida B. Wells, Jo Doe</dc:creator><category>pattern recognition</category>
<content:encoded><![CDATA[<p>The whole text.</p>]]></content:encoded><description>It is short.</description></item>
</channel></rss>`

func TestFeed(t *testing.T) {
	got, faults := works.Feed([]byte(atom))
	want := []works.Work{{
		Title: "Tides & moons of H", Authors: []works.Author{{Family: "Silva", Given: "Ana Maria"}, {Family: "Lee", Given: "Bo"}}, Year: 2020,
		DOI: "10.5555/x1", ArXiv: "2001.01234", Abstract: "We find H2O rises.", Keywords: []string{"tool_mastery"}, Line: 4, End: 14,
		AbstractLine: 13,
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("works (-want +got):\n%s", d)
	}
	if len(faults) != 1 || faults[0].Line != 17 || !strings.Contains(faults[0].Text, "unexpected EOF") {
		t.Errorf("faults: %v", faults)
	}
	got, faults = works.Feed([]byte(rss))
	want = []works.Work{{
		Title: "An item", Authors: []works.Author{{Family: "Wells", Given: "Ida B."}, {Family: "Doe", Given: "Jo"}},
		Year: 2015, DOI: "10.7777/xyz",
		Abstract: "It is short.", Keywords: []string{"pattern recognition"}, Line: 3, End: 5, AbstractLine: 5,
	}}
	if d := cmp.Diff(want, got); d != "" || len(faults) > 0 {
		t.Errorf("works (-want +got):\n%s%v", d, faults)
	}
	for text, want := range map[string]string{
		"": "has no element", "<html><p>": "is no feed", "{}": "has no element", "<feed>" + strings.Repeat("<a>", 100): "too deep",
		"<feed><entry>" + strings.Repeat("<a>", 100): "too deep", `<?xml version="1.0" encoding="x-unknown"?><feed></feed>`: "encoding",
		`<!DOCTYPE f [<!ENTITY a "aaaa">]><feed><entry><title>&a;</title></entry></feed>`: "invalid character entity",
	} {
		if got, faults := works.Feed([]byte(text)); len(got) > 0 || len(faults) != 1 || !strings.Contains(faults[0].Text, want) {
			t.Errorf("%q: %v, %v; want %q", text, got, faults, want)
		}
	}
}

// TestOneWork says what is the same work, and how it is cited.
func TestOneWork(t *testing.T) {
	a := works.Work{Title: "LoRA: Low-Rank Adaptation", Authors: []works.Author{{Family: "Hu"}, {Family: "Shen"}}, Year: 2022,
		ArXiv: "2106.09685"}
	for _, same := range []works.Work{{Title: "LORA — low rank adaptation"}, {Title: "x", ArXiv: "2106.09685"}} {
		if !a.Same(&same) || !same.Same(&a) {
			t.Errorf("%q is another work", same.Title)
		}
	}
	for _, other := range []works.Work{{Title: "LoRA"}, {Title: "x", DOI: "10.1/x"}} {
		if a.Same(&other) {
			t.Errorf("%q is the same work", other.Title)
		}
	}
	three := works.Work{Title: "T", Authors: append(a.Authors, works.Author{Family: "C"}), DOI: "10.1/x"}
	got := []string{a.Cited(), a.Address(), three.Cited(), three.Address(), (&works.Work{Title: "T"}).Cited(), (&works.Work{}).Address()}
	want := []string{"Hu and Shen (2022)", "https://arxiv.org/abs/2106.09685", "Hu et al.", "https://doi.org/10.1/x", "“T”", ""}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("cited as (-want +got):\n%s", d)
	}
}

// TestBounds has files that are made to take long, or much memory.
func TestBounds(t *testing.T) {
	bomb := `@string{a0 = "` + strings.Repeat("x", 1000) + `"}` + "\n"
	for i := range 60 {
		bomb += fmt.Sprintf("@string{a%d = a%d # a%d}\n", i+1, i, i)
	}
	for name, text := range map[string]string{
		"macros": bomb, "braces": "@a{k, t = " + strings.Repeat("{", 200_000), "quotes": `@a{k, t = "` + strings.Repeat("x", 200_000),
		"entries": strings.Repeat("@a{k,title={t}}\n", 20_000), "ats": strings.Repeat("@", 500_000), "open": strings.Repeat("@a{", 150_000),
		"lines": strings.Repeat("@a{k,\n", 80_000), "keywords": "@a{k, title = {t}, keywords = {" + strings.Repeat("a,", 30_000) + "}}",
		"authors": "@a{k, title = {t}, author = {" + strings.Repeat("A B and ", 5_000) + "C}}",
	} {
		got, faults := works.BibTeX([]byte(text))
		if len(got) > 5_000 || len(faults) > 100 {
			t.Errorf("%s: %d works, %d faults", name, len(got), len(faults))
		}
		for _, w := range got {
			if len(w.Authors) > 100 || len(w.Keywords) > 100 || len(w.Title) > 100_000 {
				t.Errorf("%s: %d authors, %d keywords", name, len(w.Authors), len(w.Keywords))
			}
		}
	}
}

// TestTheRestIsSaid has files with more works than are read.
func TestTheRestIsSaid(t *testing.T) {
	bib, faulty := strings.Repeat("@a{k,title={t}}\n", 5_001), strings.Repeat("@a{k,\n", 200)
	feed := "<feed>" + strings.Repeat("<entry><title>t</title></entry>\n", 5_001) + "</feed>"
	for text, read := range map[string]func([]byte) ([]works.Work, []works.Fault){bib: works.BibTeX, faulty: works.BibTeX, feed: works.Feed} {
		all, faults := read([]byte(text))
		if n := len(faults); n == 0 || !strings.Contains(faults[n-1].Text, "nothing is read") || n == 1 && len(all) != 5_000 {
			t.Errorf("%.20s: %d works, %v", text, len(all), faults)
		}
	}
}

// sound fails when what was read cannot be used.
func sound(t *testing.T, text []byte, all []works.Work, faults []works.Fault) {
	t.Helper()
	lines := 1 + strings.Count(string(text), "\n")
	for _, w := range all {
		want := map[string]bool{"title": true, "lines": true, "abstract": true, "year": true}
		if d := cmp.Diff(want, map[string]bool{
			"title": w.ID() != "", "lines": 1 <= w.Line && w.Line <= w.End && w.End <= lines,
			"abstract": 1 <= w.AbstractLine && w.AbstractLine <= lines, "year": w.Year >= 0,
		}); d != "" {
			t.Errorf("%+v of %d lines is sound in (-want +got):\n%s", w, lines, d)
		}
		for _, s := range append([]string{w.Key, w.Title, w.Venue, w.DOI, w.ArXiv, w.Abstract, w.By(), w.Cited()}, w.Keywords...) {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\n\r\x00\u202e") {
				t.Errorf("%q", s)
			}
		}
	}
	for _, f := range faults {
		want := map[string]bool{"offset": true, "line": true, "text": true, "length": true}
		if d := cmp.Diff(want, map[string]bool{
			"offset": 0 <= f.Offset && f.Offset <= len(text), "line": 1 <= f.Line && f.Line <= lines,
			"text": utf8.ValidString(f.Text), "length": 0 < len(f.Text) && len(f.Text) <= 1000,
		}); d != "" {
			t.Errorf("%+v of %d lines is sound in (-want +got):\n%s", f, lines, d)
		}
	}
}

func FuzzBibTeX(f *testing.F) {
	f.Add([]byte(bib))
	f.Add([]byte("@a(k, t = \"{\\\"o}\" # x)@string{a=a#a}@b{c"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, faults := works.BibTeX(text)
		sound(t, text, all, faults)
	})
}

func FuzzFeed(f *testing.F) {
	f.Add([]byte(atom))
	f.Add([]byte(rss))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, faults := works.Feed(text)
		sound(t, text, all, faults)
	})
}
