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
	var all []finding
	for _, u := range d.undefined {
		all = append(all, d.fault("reference", u.dest, 20, 0.85, fmt.Sprintf("%s:%d refers to [%s], which is not defined", d.name(),
			u.line, quote(u.dest)), u.line, u.line))
	}
	all = append(all, d.outline()...)
	all = append(all, d.wrong()...)
	for _, t := range d.tables {
		for _, r := range t.ragged {
			all = append(all, d.fault("table", r.lost, 15, 1,
				fmt.Sprintf("%s:%d has %d cells in a table of %d columns; %q and what follows is not shown", d.name(), r.line, r.cells,
					len(t.header), quote(r.lost)), r.line, r.line))
		}
	}
	for i := range d.blocks {
		b := &d.blocks[i]
		if w := twice(b.prose); w != "" {
			all = append(all, d.fault("twice", b.text, 5, 0.95, fmt.Sprintf("%s:%d says %q twice: %s", d.name(), b.line, w,
				around(b.prose, w+" "+w)), b.line, b.end))
		}
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
		if first := seen[key]; first > 0 && h.text != "" {
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

// twofold are words that are never meant to be repeated.
var twofold = []string{"the", "a", "an", "of", "to", "and", "in", "for", "with", "be", "this", "are", "or", "at", "by", "from",
	"not", "it's", "which", "if", "can", "will", "we"}

// twice returns the first word of a text that is repeated.
func twice(text string) string {
	fields := strings.Fields(text)
	for i := 1; i < len(fields); i++ {
		w := fields[i]
		p := fields[i-1]
		if strings.EqualFold(w, p) && w[1:] == p[1:] && slices.Contains(twofold, w) { // "AND and" names the first
			return w
		}
	}
	return ""
}

// around returns a part of a text with the text around it.
func around(text, part string) string {
	i := max(0, strings.Index(strings.ToLower(text), part))
	from := i
	for n := 0; from > 0 && n < 4; from-- {
		if text[from-1] == ' ' {
			n++
		}
	}
	return quote(strings.TrimSpace(text[from:min(len(text), i+len(part)+30)]))
}

// longParagraph is the least number of words of a paragraph that is reported for
// being in two places.
const longParagraph = 25

// repeated finds the paragraphs that are in two places.
func (lib *library) repeated(ctx context.Context) []finding {
	type place struct {
		document *document
		block    *block
	}
	places := map[string][]place{}
	var order []string
	for d := range lib.all(ctx) {
		for i := range d.blocks {
			b := &d.blocks[i]
			if words(b.text) < longParagraph {
				continue
			}
			key := strings.ToLower(b.text)
			if places[key] == nil {
				order = append(order, key)
			}
			places[key] = append(places[key], place{d, b})
		}
	}
	var all []finding
	for _, key := range order {
		ps := places[key]
		if len(ps) < 2 {
			continue
		}
		a, b := ps[0], ps[1]
		more := ""
		if len(ps) > 2 {
			more = fmt.Sprintf(" and in %d more places", len(ps)-2)
		}
		f := a.document.fault("repeated", key, 4+float64(words(key))/100, 1,
			fmt.Sprintf("%s:%d and %s:%d%s are the same %d words: %s", a.document.name(), a.block.line, b.document.name(), b.block.line,
				more, words(key), quote(a.block.text)), a.block.line, a.block.end)
		f.Evidence = append(f.Evidence, b.document.evidence(b.block.line, b.block.end))
		if a.document != b.document {
			f.Claims = []hobby.Claim{{Subject: a.document.path, Relation: hobby.Repeats, Object: b.document.path, Confidence: 1}}
		}
		all = append(all, f)
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

// layout returns the findings on the links between documents.
func (lib *library) layout(ctx context.Context) []finding {
	total, headings := 0, 0
	digest := ""
	for d := range lib.all(ctx) {
		digest += d.digest
		headings += len(d.headings)
		for i := range d.blocks {
			total += words(d.blocks[i].text)
		}
	}
	if total == 0 {
		return nil
	}
	key := study.Hash(digest)
	of := func(rule string, weight float64, text string, evidence ...hobby.Evidence) finding {
		return finding{Key: fmt.Sprintf("%s %x", rule, key), Text: text, Weight: weight, Confidence: 1, Evidence: evidence,
			Source: evidence[0].Ref, Taint: hobby.Untrusted}
	}
	all := []finding{of("size", 0.9, fmt.Sprintf("the tree has %s in %s, under %s", counted(total, "word"),
		counted(len(lib.documents), "document"), counted(headings, "heading")), hobby.Evidence{Kind: hobby.EvidenceFile, Ref: "."})}
	from, to := lib.cited(ctx)
	best := ""
	var alone []string
	var evidence []hobby.Evidence
	for d := range lib.all(ctx) {
		if n := len(from[d.path]); n > len(from[best]) {
			best = d.path
		}
		base := strings.ToLower(strings.TrimSuffix(path.Base(d.path), path.Ext(d.path)))
		if d.markdown && len(from[d.path]) == 0 && !slices.Contains(entrances, base) && len(evidence) < 5 {
			alone = append(alone, d.name())
			evidence = append(evidence, d.evidence(1, 1))
		}
	}
	if n := len(from[best]); n > 1 {
		all = append(all, of("cited", 0.8, fmt.Sprintf("the document that most others cite is %s: %d link to it", lib.byPath[best].name(),
			n), lib.byPath[best].evidence(1, 1)))
	}
	if len(alone) > 0 && len(to) > 0 { // in a tree without links, no link is missing
		all = append(all, of("alone", 0.7, "no document links to "+strings.Join(alone, ", "), evidence...))
	}
	return all
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
