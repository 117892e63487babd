package reading

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	abbr "github.com/pastime-go/pastime/internal/acronym"
)

// acronym is a short form with what it stands for.
type acronym struct {
	short, long string
	document    *document
	at          int // the index of the block
}

func (a *acronym) block() *block { return &a.document.blocks[a.at] }

// acronyms finds the acronyms that a block defines, "long form (LF)".
func acronyms(d *document, at int) []acronym {
	var all []acronym
	for a := range abbr.All(d.blocks[at].text) {
		all = append(all, acronym{a.Short, a.Long, d, at})
	}
	return all
}

// definitions finds what the documents define: their acronyms, and the terms that
// their headings name.
func (lib *library) definitions(ctx context.Context) []finding {
	var all []finding
	defined := map[string][]acronym{} // by short form
	var order []string
	for d := range lib.current(ctx) {
		for i := range d.blocks {
			for _, a := range acronyms(d, i) {
				if defined[a.short] == nil {
					order = append(order, a.short)
				}
				defined[a.short] = append(defined[a.short], a)
			}
		}
		all = append(all, d.defines()...)
	}
	for _, short := range order {
		first := defined[short][0]
		f := first.document.fault("acronym", short, 0.4, 0.95, fmt.Sprintf("%s stands for %s (%s:%d)", quote(short), quote(first.long),
			first.document.name(), first.block().line), first.block().line, first.block().end)
		f.Was, f.Key = f.Key, acronymKey(short, first.long)
		f.Claims = first.claims()
		for _, a := range defined[short][1:] {
			if similar(a.long, first.long) {
				continue
			}
			if related(a.long, first.long) {
				f.Claims = append(f.Claims, a.claims()...)
				continue
			}
			if !near(first.document, a.document) ||
				!spelled(short, first.long) || !spelled(short, a.long) || first.document.settled || a.document.settled {
				continue // of other parts, or the words before it may be of the sentence
			}
			two := f
			two.Key, two.Was, two.Weight, two.Claims = "acronyms "+short, "", 6, nil // the claims are of the facts
			two.Text = fmt.Sprintf("%s stands for %s at %s:%d, and for %s at %s:%d", quote(short), quote(first.long), first.document.name(),
				first.block().line, quote(a.long), a.document.name(), a.block().line)
			two.Evidence = append(slices.Clone(f.Evidence), a.document.evidence(a.block().line, a.block().end))
			f.Claims = append(f.Claims, a.claims()...)
			all = append(all, two)
			break
		}
		all = append(all, f)
	}
	return all
}

// near reports whether two documents are of one folder, or one of a folder above the other's: a reader meets both.
func near(a, b *document) bool {
	within := func(a, b string) bool { return a == "." || strings.HasPrefix(b+"/", a+"/") }
	return within(a.dir(), b.dir()) || within(b.dir(), a.dir())
}

// spelled reports whether the words of a long form begin with the letters of the short one, each or each but small
// ones.
func spelled(short, long string) bool {
	all, most := "", ""
	for _, w := range strings.FieldsFunc(strings.ToLower(long), func(r rune) bool { return r == ' ' || r == '-' || r == '/' }) {
		all += w[:1]
		if !slices.Contains([]string{"of", "the", "and", "to", "for", "in", "a", "on"}, w) {
			most += w[:1]
		}
	}
	short = strings.ToLower(strings.ReplaceAll(short, "/", ""))
	return short == all || short == most
}

// acronymKey is the key of what an acronym stands for, wherever that is said.
func acronymKey(short, long string) string { return "acronym " + short + " " + loosely(long) }

// claims are what the place of an acronym says.
func (a *acronym) claims() []hobby.Claim {
	return []hobby.Claim{
		{Subject: a.short, Relation: hobby.StandsFor, Object: a.long, Confidence: 0.95},
		{Subject: a.document.path, Relation: hobby.Defines, Object: a.short, Confidence: 0.95},
	}
}

// similar reports whether two long forms differ only in their endings, their
// hyphens and letter case.
func similar(a, b string) bool { return loosely(a) == loosely(b) }

// related reports whether two long forms have a word in common that is longer than three letters, or its first five:
// they mean the same, and one is said in full or in another form.
func related(a, b string) bool {
	of := func(long string) map[string]bool {
		stems := map[string]bool{}
		for _, w := range strings.Fields(loosely(long)) {
			if len(w) > 3 {
				stems[w[:min(len(w), 5)]] = true
			}
		}
		return stems
	}
	stems := of(a)
	for s := range of(b) {
		if stems[s] {
			return true
		}
	}
	return false
}

// loosely is a long form without what similar ones differ in.
func loosely(s string) string {
	var kept []string
	for _, w := range strings.Fields(strings.ToLower(strings.ReplaceAll(s, "-", " "))) {
		kept = append(kept, strings.TrimSuffix(w, "s"))
	}
	return strings.Join(kept, " ")
}

// defines finds the headings whose section begins with a definition of the
// heading: "## Ledger", "A ledger is a ...".
func (d *document) defines() []finding {
	var all []finding
	last := -1
	for i := range d.blocks {
		b := &d.blocks[i]
		if b.section < 0 || b.section == last || b.item {
			continue
		}
		last = b.section
		term := d.headings[b.section].text
		first := sentences(b.text)[0]
		if !about(first, term) {
			continue
		}
		f := d.fault("term", strings.ToLower(term), 0.35, 0.9,
			fmt.Sprintf("%s is defined at %s:%d: “%s”", quote(term), d.name(), b.line, shorten(first, 200)), b.line, b.end)
		f.Claims = []hobby.Claim{{Subject: d.path, Relation: hobby.Defines, Object: term, Confidence: 0.9}}
		all = append(all, f)
	}
	return all
}

// about reports whether a sentence defines a term.
func about(sentence, term string) bool {
	rest := strings.ToLower(sentence)
	for _, article := range []string{"the ", "an ", "a "} {
		if cut, ok := strings.CutPrefix(rest, article); ok {
			rest = cut
			break
		}
	}
	rest, ok := strings.CutPrefix(rest, strings.ToLower(term)+" ")
	if !ok || words(term) > 4 || words(sentence) < 5 {
		return false
	}
	if strings.HasPrefix(rest, "(") { // an acronym between
		if end := strings.IndexByte(rest, ')'); end > 0 && end < 14 {
			rest = strings.TrimSpace(rest[end+1:])
		}
	}
	for _, is := range []string{"is a ", "is an ", "is the ", "are a ", "are the "} {
		if strings.HasPrefix(rest, is) {
			return true
		}
	}
	return false
}
