package reading

import (
	"context"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// finding is a fact about documents.
type finding = study.Finding

// faults returns the faults that need one document only.
func (d *document) faults() []finding {
	if changes.MatchString(d.path) {
		return nil
	}
	var all []finding
	for _, u := range d.undefined {
		all = append(all, d.fault("reference", u.dest, 20, 0.85, fmt.Sprintf("%s:%d refers to [%s], which is not defined", d.name(),
			u.line, quote(u.dest)), u.line, u.line))
	}
	all = append(all, d.outline()...)
	all = append(all, d.wrong()...)
	for _, t := range d.tables {
		for _, r := range t.ragged {
			if strings.HasPrefix(r.lost, "<!--") {
				continue
			}
			all = append(all, d.fault("table", r.lost, 15, 1,
				fmt.Sprintf("%s:%d has %d cells in a table of %d columns; %q and what follows is not shown", d.name(), r.line, r.cells,
					len(t.header), quote(r.lost)), r.line, r.line))
		}
	}
	for i := range d.blocks {
		b := &d.blocks[i]
		if m := unresolved.FindString(b.prose); m != "" {
			all = append(all, d.fault("todo", b.text, 4, 0.9, fmt.Sprintf("%s:%d is still to be done: %s", d.name(), b.line, quote(b.text)),
				b.line, b.end))
		}
	}
	return all
}

// unresolved matches notes of unfinished work.
var unresolved = regexp.MustCompile(`(?:^|\s)(?:TODO|FIXME)(?:\([^)]*\))?:|^(?:TODO|FIXME|TBD)\b|^To be (?:written|done)\b|\bTBD\.?$`)

// outline finds headings that skip a level, and headings that a reader cannot
// tell apart: those with the same text below the same heading.
func (d *document) outline() []finding {
	var all []finding
	var open []heading       // the headings that the next one may be below
	seen := map[string]int{} // their line, by the headings above them
	for i, h := range d.headings {
		if i > 0 && h.level > d.headings[i-1].level+1 {
			all = append(all, d.fault("level", h.text, 3, 1,
				fmt.Sprintf("%s:%d goes from a heading of level %d to one of level %d: %s", d.name(), h.line, d.headings[i-1].level, h.level,
					quote(h.text)), h.line, h.line))
		}
		for len(open) > 0 && open[len(open)-1].level >= h.level {
			open = open[:len(open)-1]
		}
		key := fmt.Sprint(h.level, " ", h.text)
		for _, o := range open {
			key += fmt.Sprint("\x00", o.level, " ", o.line)
		}
		if first := seen[key]; first > 0 && h.text != "" && d.markdown {
			f := d.fault("heading", h.text, 3, 1, fmt.Sprintf("%s:%d has the heading %q again, which stands at line %d already", d.name(),
				h.line, quote(h.text), first), h.line, h.line)
			f.Evidence = append(f.Evidence, d.evidence(first, first))
			all = append(all, f)
		} else {
			seen[key] = h.line
		}
		open = append(open, h)
	}
	return all
}

// longParagraph is the least number of words of a paragraph that is reported for
// being in two places.
const longParagraph = 25

// repeated finds documents that have paragraphs in common. That is a fact for the graph: pages
// of options and of releases repeat each other on purpose.
func (lib *library) repeated(ctx context.Context) []finding {
	type place struct {
		document *document
		block    *block
	}
	type pair struct{ a, b *document }
	places := map[string]place{}
	times := map[pair]int{}
	var all []finding
	at := map[pair]int{}
	for d := range lib.all(ctx) {
		for i := range d.blocks {
			b := &d.blocks[i]
			if words(b.text) < longParagraph {
				continue
			}
			key := strings.ToLower(b.text)
			first, known := places[key]
			if !known {
				places[key] = place{d, b}
				continue
			}
			p := pair{first.document, d}
			if p.a == p.b {
				continue
			}
			if times[p]++; times[p] > 1 {
				continue
			}
			f := p.a.fault("repeats", d.path, 0.3, 1, "", first.block.line, first.block.end)
			f.Evidence = append(f.Evidence, d.evidence(b.line, b.end))
			f.Claims = []hobby.Claim{{Subject: p.a.path, Relation: hobby.Repeats, Object: d.path, Confidence: 1}}
			at[p] = len(all)
			all = append(all, f)
		}
	}
	for p, i := range at {
		all[i].Text = fmt.Sprintf("%s and %s have %s in common", p.a.name(), p.b.name(), counted(times[p], "paragraph"))
	}
	return all
}

// citations tell, for each document, which others it links to.
func (lib *library) citations(ctx context.Context) []finding {
	var all []finding
	_, to := lib.cited(ctx)
	for d := range lib.all(ctx) {
		paths := slices.Sorted(maps.Keys(to[d.path]))
		if len(paths) == 0 {
			continue
		}
		line := 1
		for _, l := range d.links {
			if t, ok := lib.resolve(d, l.dest); ok && to[d.path][t.path] {
				line = l.line
				break
			}
		}
		shown := quote(strings.Join(paths[:min(len(paths), 5)], ", "))
		f := d.fault("cites", strings.Join(paths, "\x00"), 0.4, 1,
			fmt.Sprintf("%s links to %s: %s", d.name(), counted(len(paths), "other document"), shown), line, line)
		for _, p := range paths {
			f.Claims = append(f.Claims, hobby.Claim{Subject: d.path, Relation: hobby.LinksTo, Object: p, Confidence: 1})
		}
		all = append(all, f)
	}
	return all
}

// entrances are documents that readers find without a link.
var entrances = []string{"readme", "changelog", "changes", "history", "contributing", "security", "code_of_conduct",
	"code-of-conduct", "maintainers", "authors", "contributors", "governance", "support", "index", "agents", "claude", "releases",
	"release_notes", "todo", "owners"}

// navigation are files that say which pages a site has, so that no link is needed.
var navigation = []string{"mkdocs.yml", "mkdocs.yaml", "SUMMARY.md", "_sidebar.md", "sidebars.js", "sidebars.ts", "book.toml", "conf.py",
	"hugo.toml", "config.toml", "docusaurus.config.js", "docusaurus.config.ts", "_config.yml", "_toc.yml", "antora.yml", "nav.adoc"}

// layout tells which documents no other links to, where that is rare.
func (lib *library) layout(ctx context.Context) []finding {
	from, to := lib.cited(ctx)
	var alone []*document
	linked := 0
	dirs := map[string]bool{".": true}
	for d := range lib.all(ctx) {
		base := strings.ToLower(strings.TrimSuffix(path.Base(d.path), path.Ext(d.path)))
		for dir := d.dir(); dir != "."; dir = path.Dir(dir) {
			dirs[dir] = true
		}
		switch {
		case len(from[d.path]) > 0:
			linked++
		case d.markdown && !slices.Contains(entrances, base) && !changes.MatchString(d.path):
			alone = append(alone, d)
		}
	}
	if len(alone) == 0 || len(to) == 0 || 10*len(alone) > linked { // in a tree without links, no link is missing
		return nil
	}
	for dir := range dirs {
		has := func(name string) bool { return lib.exists(path.Join(dir, name)) }
		if slices.ContainsFunc(navigation, has) {
			return nil
		}
	}
	var names, shown []string
	var evidence []hobby.Evidence
	for i, d := range alone {
		if names = append(names, d.path); i < mostSmall {
			shown = append(shown, d.name())
			evidence = append(evidence, d.evidence(1, 1))
		}
	}
	text := "no document links to " + strings.Join(shown, ", ")
	if more := len(alone) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return []finding{{
		Key: fmt.Sprintf("alone %x", study.Hash(strings.Join(names, "\n"))), Text: shorten(text, 1000), Weight: 4, Confidence: 1,
		Evidence: evidence,
		Source:   evidence[0].Ref, Taint: hobby.Untrusted,
	}}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// unread returns what was not read, by reason.
func unread(all []*document, large []string) []finding {
	reasons := map[string][]string{}
	for _, d := range all {
		if d.unread != "" {
			reasons[d.unread] = append(reasons[d.unread], d.path)
		}
	}
	if len(large) > 0 {
		reasons[fmt.Sprintf("is over %d KiB", maxFile>>10)] = large
	}
	var findings []finding
	for reason, paths := range reasons {
		slices.Sort(paths)
		text := fmt.Sprintf("%s was not read: it %s", quote(paths[0]), reason)
		if len(paths) > 1 {
			text = fmt.Sprintf("%d documents were not read, such as %s: it %s", len(paths), quote(paths[0]), reason)
		}
		var evidence []hobby.Evidence
		for _, p := range paths[:min(len(paths), 5)] {
			evidence = append(evidence, hobby.Evidence{Kind: hobby.EvidenceFile, Ref: p})
		}
		findings = append(findings, finding{
			Key: fmt.Sprintf("unread %s %d %s", reason, len(paths), paths[0]), Text: text, Weight: 0.5, Confidence: 1,
			Evidence: evidence, Source: paths[0], Taint: hobby.Untrusted,
		})
	}
	return findings
}
