package reading

import (
	"context"
	"path"
	"slices"
	"strings"
)

// survey is what the documents of a tree look for and do not find. What many of them do is nobody's mistake.
type survey struct {
	forms    map[string]tally           // of links and references
	missing  map[string]int             // the documents that lead to what is not there, by path
	families map[string][]string        // what is not there, by the beginning of its name
	lacking  map[string]map[string]bool // the documents that lack an anchor that a link leads to, by anchor
	labels   map[string]bool            // anchors that are written out
	unknown  map[string]int             // the documents that refer to a label that they do not define, in lower case
	filled   bool                       // a program that may define labels fills a document in
}

// What more documents than these do is nobody's mistake: to lead to the same thing that is not there, or to have links of
// a form of which more than one in mostFailing leads nowhere. On 27 public trees (docs/insights.md) people's mistakes
// came to 9 % of a form at most, and what a site does in its own way to 19 % at least.
const mostSeekers, mostMistaken, mostFailing = 2, 4, 10

// tally counts what is of one form in a tree: all, those that lead nowhere, and the documents that have those.
type tally struct{ all, failed, documents int }

// understood reports whether the links of a form, or references, lead where they are looked for. Else the site does
// with them what nothing here knows of, so none of them is judged.
func (lib *library) understood(form string) bool {
	t := lib.survey(context.Background()).forms[form]
	return t.documents <= mostMistaken || mostFailing*t.failed <= t.all
}

// survey surveys the documents, once. It stops when ctx ends.
func (lib *library) survey(ctx context.Context) *survey {
	if lib.surveyed != nil {
		return lib.surveyed
	}
	s := &survey{forms: map[string]tally{}, missing: map[string]int{}, families: map[string][]string{},
		lacking: map[string]map[string]bool{}, labels: map[string]bool{}, unknown: map[string]int{}}
	lib.surveyed = s
	for d := range lib.all(ctx) {
		s.filled = s.filled || d.filled
		for _, label := range d.labels {
			s.labels[label] = true
		}
		seen := map[string]bool{}
		for _, u := range d.undefined {
			if label := strings.ToLower(u.dest); !seen[label] {
				seen[label] = true
				s.unknown[label]++
			}
		}
		if lib.judged(d) {
			s.count(lib, d)
		}
	}
	return s
}

// count counts the links and references of a document.
func (s *survey) count(lib *library, d *document) {
	failed, seen := map[string]bool{}, map[string]bool{}
	partial := lib.partial(d) // its links are from where others include it
	one := func(form string, right bool) {
		if partial {
			return
		}
		t := s.forms[form]
		if t.all++; !right {
			if t.failed++; !failed[form] {
				t.documents++
			}
			failed[form] = true
		}
		s.forms[form] = t
	}
	for i := range d.defined + len(d.undefined) {
		one("reference", i < d.defined)
	}
	for _, l := range d.links {
		t, ok := lib.resolve(d, l.dest)
		if !ok || strings.HasPrefix(l.dest, "/") {
			continue
		}
		there := lib.there(t.path)
		if t.path != d.path {
			one(d.form(l.dest), there)
		}
		if !there && !seen[t.path] {
			seen[t.path] = true
			s.missing[t.path]++
			s.families[family(t.path)] = append(s.families[family(t.path)], t.path)
		}
		if to := lib.byPath[t.path]; to != nil && to.anchored && !everywhere.MatchString(t.fragment) {
			headed := lib.headed(to, t.fragment)
			if one("anchor", headed); !headed {
				s.lacks(to, t.fragment)
			}
		}
	}
}

// lacks notes that a document does not have an anchor that a link leads to. Copies of a document, of another version say,
// are one.
func (s *survey) lacks(d *document, fragment string) {
	fragment = strings.ToLower(fragment)
	if s.lacking[fragment] == nil {
		s.lacking[fragment] = map[string]bool{}
	}
	name := path.Base(d.path)
	if titlePages[stem(name)] {
		name = d.path
	}
	s.lacking[fragment][name] = true
}

// family is the beginning of a path whose name has parts, as those of pages have that a program makes: api_ of api_get.md.
func family(p string) string {
	base := path.Base(p)
	if i := strings.IndexAny(strings.TrimSuffix(base, path.Ext(base)), "_."); i > 0 {
		return path.Join(path.Dir(p), base[:i+1])
	}
	return ""
}

// ofFamily reports whether several pages that are not there have names with the same beginning: a program makes them.
func (s *survey) ofFamily(p string) bool {
	f := family(p)
	return f != "" && slices.ContainsFunc(s.families[f], func(other string) bool { return other != p })
}
