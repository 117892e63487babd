package reading

import (
	"context"
	"fmt"
	"maps"
	"path"
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
	if d.settled {
		return nil
	}
	var all []finding
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
	for d := range lib.current(ctx) {
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

// citations tell, for each document of the newest version, which others it links to.
func (lib *library) citations(ctx context.Context) []finding {
	var all []finding
	_, to := lib.cited(ctx)
	for d := range lib.current(ctx) {
		paths := slices.Sorted(maps.Keys(to[d.path]))
		if len(paths) == 0 {
			continue
		}
		line := 1
		for _, l := range d.leads() {
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

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// expected reports whether a reader would expect that a document was read: it is of a format that people write.
func expected(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return !otherFormats[ext] && !strings.Contains(ext, "htm")
}

// unread returns what was not read against what a reader expects, by reason, if that is more than one in twenty.
func unread(all []*document, large []string) []finding {
	reasons := map[string][]string{}
	for _, d := range all {
		if d.unread != "" && expected(d.path) {
			reasons[d.unread] = append(reasons[d.unread], d.path)
		}
	}
	large = slices.DeleteFunc(slices.Clone(large), func(p string) bool { return !expected(p) })
	few := func(n int) bool { return 20*n <= len(all) }
	if len(large) > 0 {
		reasons[fmt.Sprintf("is over %d KiB", maxFile>>10)] = large
	}
	var findings []finding
	for reason, paths := range reasons {
		if few(len(paths)) {
			continue
		}
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
