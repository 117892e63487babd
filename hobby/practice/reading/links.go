package reading

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// library is the documents of a tree, and whatever else it has.
type library struct {
	documents []*document // that were read
	byPath    map[string]*document
	stems     map[string]bool        // names of documents without their endings
	exists    func(path string) bool // whether the tree has this file or folder

	sites  map[string]site               // of folders
	single map[*document]map[string]bool // anchors with their hyphens collapsed

	fronted map[string]int // how many more documents of a folder begin with settings than do not

	missing   map[string]int // the documents that lead to what is not there, by path
	addresses int            // those that do so by the address of a page
}

func newLibrary(all []*document, exists func(string) bool) *library {
	lib := &library{
		byPath: map[string]*document{}, stems: map[string]bool{}, exists: exists,
		sites: map[string]site{}, single: map[*document]map[string]bool{}, fronted: map[string]int{},
	}
	for _, d := range all {
		lib.byPath[d.path] = d
		stem := strings.TrimSuffix(path.Base(d.path), path.Ext(d.path))
		if stem == "index" {
			stem = path.Base(d.dir())
		}
		lib.stems[stem], lib.stems[strings.ToLower(stem)] = true, true
		if d.unread == "" {
			lib.documents = append(lib.documents, d)
		}
		if d.fronted {
			lib.fronted[d.dir()]++
		} else {
			lib.fronted[d.dir()]--
		}
	}
	return lib
}

// all yields the documents, until ctx ends.
func (lib *library) all(ctx context.Context) iter.Seq[*document] {
	return func(yield func(*document) bool) {
		for _, d := range lib.documents {
			if ctx.Err() != nil || !yield(d) {
				return
			}
		}
	}
}

// authored are the documents that people wrote: pages of HTML beside more documents of other formats
// are what a program made or a report.
func (lib *library) authored() []*document {
	page := func(d *document) bool { return strings.Contains(strings.ToLower(path.Ext(d.path)), "htm") }
	rest := slices.DeleteFunc(slices.Clone(lib.documents), page)
	if 2*len(rest) > len(lib.documents) {
		return rest
	}
	return lib.documents
}

// target is where a link within the tree leads.
type target struct {
	path     string // "." for the tree itself
	fragment string
	query    bool
}

// unclear matches destinations that a program is to fill in.
var unclear = regexp.MustCompile("[{}<>$*|\"`\\\\]|%s|\\s|\\.\\.\\.|…")

// resolve returns where a link of d leads. It is false for a link that leads out
// of the tree, or that cannot be judged.
func (lib *library) resolve(d *document, dest string) (target, bool) {
	if dest == "" || unclear.MatchString(dest) {
		return target{}, false
	}
	u, err := url.Parse(dest)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" {
		return target{}, false
	}
	t := target{fragment: u.Fragment, query: u.RawQuery != ""}
	switch {
	case u.Path == "":
		t.path = d.path
	case strings.HasPrefix(u.Path, "/"): // from the repository's root, unless it is of some web site
		t.path = path.Clean(strings.TrimLeft(u.Path, "/"))
		if first, _, deep := strings.Cut(t.path, "/"); !deep || !lib.exists(first) {
			return target{}, false
		}
	default:
		t.path = path.Join(d.dir(), u.Path)
		if p, ok := lib.inModule(d, u.Path); ok && !lib.there(t.path) {
			t.path = p
		}
	}
	if t.path == ".." || strings.HasPrefix(t.path, "../") {
		return target{}, false
	}
	return t, true
}

// antora matches the path of a document in a module of Antora, whose links are from folders of the module.
var antora = regexp.MustCompile(`^(?:.*/)?modules/[^/]+/`)

// inModule returns where a link of a document of Antora leads, when it is there.
func (lib *library) inModule(d *document, dest string) (string, bool) {
	module := antora.FindString(d.path)
	if ext := strings.ToLower(path.Ext(d.path)); module == "" || ext != ".adoc" && ext != ".asciidoc" {
		return "", false
	}
	for _, folder := range []string{"pages", "images", "attachments", "examples", "partials"} {
		if p := path.Join(module, folder, dest); strings.HasPrefix(p, module+folder+"/") && lib.there(p) {
			return p, true
		}
	}
	return "", false
}

// there reports whether a path is in the tree, as a file or as the page that a
// site's generator makes of a file.
func (lib *library) there(p string) bool {
	if lib.byPath[p] != nil || lib.exists(p) || path.Ext(p) == "" && lib.stems[path.Base(p)] {
		return true // pages of sites have no ending, and may be one folder deeper than their files
	}
	bare := strings.TrimSuffix(strings.TrimSuffix(p, ".html"), ".htm")
	for _, ext := range []string{".md", ".markdown", ".mdx", ".rst", ".adoc", ".asciidoc", ".html"} {
		if lib.byPath[bare+ext] != nil || lib.exists(bare+ext) {
			return true
		}
	}
	for _, ext := range []string{".tmpl", ".in", ".j2"} { // a program makes it of this
		if lib.exists(p + ext) {
			return true
		}
	}
	return bare != p && path.Base(bare) == "index" && lib.exists(path.Dir(bare))
}

// Anchors that every page has, and those of lines of a file.
var everywhere = regexp.MustCompile(`^(?:top|readme|L\d+(?:C\d+)?(?:-L\d+(?:C\d+)?)?|:~:.*)?$`)

// parts matches the paths of documents that others include.
var parts = regexp.MustCompile(`(?i)(?:^|/)_?(?:snippets?|partials?|includes?|shared|reusables?|fragments?|templates?)(?:[/.]|$)|(?:^|/)_[^/]*$`)

// partial reports whether others include the document: its links are from where they are.
func (d *document) partial() bool {
	return parts.MatchString(d.path) && !strings.HasPrefix(path.Base(d.path), "_index.")
}

// broken finds the links of a document that lead nowhere.
func (lib *library) broken(d *document) []finding {
	var all []finding
	for _, l := range d.links {
		t, ok := lib.resolve(d, l.dest)
		if !ok || d.settled || d.partial() && t.path != d.path {
			continue
		}
		if !lib.there(t.path) && (lib.routed(d, l.dest) || lib.paged(d, l.dest) || lib.elsewhere(d, l.dest, t.path)) {
			continue
		}
		if !lib.there(t.path) {
			text := fmt.Sprintf("%s:%d links to %s, which is not there", d.name(), l.line, quote(l.dest))
			if strings.HasPrefix(l.dest, "www.") {
				text = fmt.Sprintf("%s:%d links to %s, which without https:// is a file that is not there", d.name(), l.line, quote(l.dest))
			}
			all = append(all, d.fault("link", l.dest, 30, 0.95, text, l.line, l.line))
			continue
		}
		to := lib.byPath[t.path]
		if to == nil || !to.anchored || t.query || everywhere.MatchString(t.fragment) ||
			to.anchors[strings.ToLower(t.fragment)] ||
			lib.collapsed(to, t.fragment) {
			continue
		}
		where := to.name()
		if to == d {
			where = "the document"
		}
		all = append(all, d.fault("anchor", l.dest, 25, 0.95,
			fmt.Sprintf("%s:%d links to %s, and no heading of %s has this anchor", d.name(), l.line, quote(l.dest), where), l.line, l.line))
	}
	return all
}

// site is what the generator of the site that a folder is of does. What is said of a
// folder holds for those below it.
type site struct {
	collapses bool // its anchors have one hyphen where GitHub's have several: GitBook, MkDocs and VitePress
	book      bool // it is mdBook, which has a SUMMARY.md as GitBook has, and does not
	sections  bool // its folders have _index.md: Hugo
	routes    bool // its pages have addresses of their own: Docusaurus, Astro, Next, Nuxt and Gatsby
	checks    bool // its builder fails where a link leads nowhere: Docusaurus and VitePress
	known     bool // it is of one of these, of Sphinx, Jekyll or Antora, or of another whose pages begin with settings
}

// The configuration files of generators that collapse, and those, without their ending,
// of generators that route.
var (
	collapsing = []string{".gitbook.yaml", "book.json", "SUMMARY.md", "mkdocs.yml", "mkdocs.yaml", ".vitepress", ".vuepress"}
	routing    = []string{"docusaurus.config", "astro.config", "next.config", "nuxt.config", "gatsby-config"}
	others     = []string{"conf.py", "_config.yml", "antora.yml", "hugo.toml", "hugo.yaml", ".eleventy.js"}
)

// site is the site that a folder is of. It looks for the files of a folder once.
func (lib *library) site(dir string) site {
	if s, known := lib.sites[dir]; known {
		return s
	}
	var s site
	if dir != "." {
		s = lib.site(path.Dir(dir))
	}
	for _, name := range collapsing {
		s.collapses = s.collapses || lib.exists(path.Join(dir, name))
	}
	s.book = s.book || lib.exists(path.Join(dir, "book.toml"))
	s.sections = s.sections || lib.exists(path.Join(dir, "_index.md"))
	for _, name := range routing {
		for _, ext := range []string{".js", ".ts", ".mjs", ".cjs", ".mts"} {
			s.routes = s.routes || lib.exists(path.Join(dir, name+ext))
			s.checks = s.checks || name == "docusaurus.config" && s.routes
		}
	}
	if lib.fronted[dir] > 0 {
		s.known, s.collapses = true, true
	}
	s.checks = s.checks || lib.exists(path.Join(dir, ".vitepress"))
	s.known = s.known || s.collapses || s.book || s.sections || s.routes ||
		slices.ContainsFunc(others, func(name string) bool { return lib.exists(path.Join(dir, name)) })
	lib.sites[dir] = s
	return s
}

// atTheTop are files of which a tree has one that is no part of another: what is above may say that it
// is of a site.
var atTheTop = []string{".git", "LICENSE", "LICENSE.md", "LICENSE.txt", "COPYING", "go.mod", "package.json", "pyproject.toml", "setup.py",
	"Cargo.toml"}

// collapsed reports whether a document is of a site that collapses, or may be, and the fragment is a
// heading's anchor once the hyphens of both are collapsed.
func (lib *library) collapsed(d *document, fragment string) bool {
	if s := lib.site(d.dir()); lib.alone() && !d.mdx && !s.routes && (!s.collapses || s.book) {
		return false
	}
	single := func(s string) string { // letters and digits
		return strings.Map(func(r rune) rune {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				return -1
			}
			return unicode.ToLower(r)
		}, s)
	}
	if lib.single[d] == nil {
		lib.single[d] = map[string]bool{}
		for a := range d.anchors {
			lib.single[d][single(a)] = true
			lib.single[d][single(numbered.ReplaceAllString(a, ""))] = true
		}
	}
	return lib.single[d][single(fragment)] || lib.single[d][single(numbered.ReplaceAllString(fragment, ""))]
}

// paged reports whether a link is right from where a page is on a site that gives each page a
// folder of its own, which it is or may be. The addresses of such sites have small letters.
func (lib *library) paged(d *document, dest string) bool {
	if s := lib.site(d.dir()); lib.alone() && !s.sections && (!s.collapses || s.book) {
		return false
	}
	u, err := url.Parse(dest)
	if err != nil {
		return false
	}
	stem := strings.TrimSuffix(d.path, path.Ext(d.path))
	for _, from := range []string{stem, path.Dir(stem)} {
		p := path.Join(from, u.Path)
		if strings.HasPrefix(p, "../") || lib.there(p) || path.Ext(p) == "" && lib.stems[strings.ToLower(path.Base(p))] {
			return true
		}
	}
	return false
}

// elsewhere reports whether what is not there, at p, may come from elsewhere on the site that a document is of or may
// be of. Builders make pages, and folders of them, mount those of other trees, and lead on from addresses of old. What
// names a source or a file of a folder that is there, and is looked for by few, does not. A builder that fails
// where a link leads nowhere knows better.
func (lib *library) elsewhere(d *document, dest, p string) bool {
	s := lib.site(d.dir())
	sought, addresses := lib.sought()
	switch {
	case s.checks:
		return true
	case lib.alone() && !s.known: // as GitHub shows it, or as a builder does that nothing is known of
		return d.addresses(dest) && addresses > mostSeekers
	}
	return d.addresses(dest) || path.Dir(p) != d.dir() && path.Dir(p) != "." && !lib.exists(path.Dir(p)) || sought[p] > mostSeekers
}

// addresses reports whether a link names no file but the address of a page, which the builder of a site gives it.
func (d *document) addresses(dest string) bool {
	dest, _, _ = strings.Cut(dest, "#")
	dest, _, _ = strings.Cut(dest, "?")
	ext := path.Ext(dest)
	if path.Ext(d.path) == ".rst" && !strings.Contains(dest, "/") { // its pages refer to each other by roles
		return false
	}
	return ext == "" || strings.HasPrefix(ext, ".htm") && path.Ext(d.path) != ext
}

// mostSeekers bounds the documents that lead to what is not there: what more lead to is nobody's mistake.
const mostSeekers = 2

// sought counts the documents that lead to what is not there, by path, and those that do so by an address.
func (lib *library) sought() (map[string]int, int) {
	if lib.missing != nil {
		return lib.missing, lib.addresses
	}
	lib.missing = map[string]int{}
	for _, d := range lib.documents {
		seen, address := map[string]bool{}, false
		for _, l := range d.links {
			if t, ok := lib.resolve(d, l.dest); ok && !seen[t.path] && !lib.there(t.path) {
				seen[t.path] = true
				lib.missing[t.path]++
				address = address || d.addresses(l.dest)
			}
		}
		if address {
			lib.addresses++
		}
	}
	return lib.missing, lib.addresses
}

// alone reports whether a tree is no part of another, which may say that it is of a site.
func (lib *library) alone() bool { return slices.ContainsFunc(atTheTop, lib.exists) }

// numbered matches the number of an anchor that another heading has, too.
var numbered = regexp.MustCompile(`[-_]\d+$`)

// routed reports whether a link of a document may lead to a page with an address of its
// own, which the page says or its name without a number gives: the link is from the
// site's root, or has no ending. What an address from the root names, if it is no source, may come from another
// repository, be the alias of a page or a file of another folder.
func (lib *library) routed(d *document, dest string) bool {
	dest, _, _ = strings.Cut(dest, "#")
	dest, _, _ = strings.Cut(dest, "?")
	s, fromRoot, bare := lib.site(d.dir()), strings.HasPrefix(dest, "/"), path.Ext(dest) == ""
	source := slices.Contains([]string{".md", ".mdx", ".markdown", ".rst", ".adoc"}, path.Ext(dest))
	return s.routes && (fromRoot || bare) || fromRoot && !source
}

// own leaves out the references without a definition that several documents have: the site that they are of knows it.
func (lib *library) own(faults []finding) []finding {
	documents := map[string]int{}
	for _, d := range lib.documents {
		seen := map[string]bool{}
		for _, u := range d.undefined {
			if label := shorten(clean(u.dest), 60); !seen[label] {
				seen[label] = true
				documents[label]++
			}
		}
	}
	return slices.DeleteFunc(faults, func(f finding) bool {
		return strings.HasPrefix(f.Key, "reference ") && documents[f.Subject] > mostSeekers
	})
}

// leads are the links of a document, and the pages that it lists.
func (d *document) leads() []link { return slices.Concat(d.links, d.listed) }

// cited counts, by path, the documents that link to a document, and the
// documents that it links to.
func (lib *library) cited(ctx context.Context) (from, to map[string]map[string]bool) {
	from, to = map[string]map[string]bool{}, map[string]map[string]bool{}
	note := func(m map[string]map[string]bool, a, b string) {
		if m[a] == nil {
			m[a] = map[string]bool{}
		}
		m[a][b] = true
	}
	for d := range lib.all(ctx) {
		for _, l := range d.leads() {
			if t, ok := lib.resolve(d, l.dest); ok && t.path != d.path && lib.byPath[t.path] != nil {
				note(from, t.path, d.path)
				note(to, d.path, t.path)
			}
		}
	}
	return from, to
}

// fault makes a finding about lines of the document. Findings with the same rule
// and subject are the same, wherever their lines are.
func (d *document) fault(rule, subject string, weight, confidence float64, text string, line, end int) finding {
	return finding{
		Key: fmt.Sprintf("%s %s %x", rule, d.path, study.Hash(subject)), Text: text, Topic: clean(d.dir()), Weight: weight,
		Confidence: confidence,
		Evidence:   []hobby.Evidence{d.evidence(line, end)}, Source: d.path, Taint: hobby.Untrusted, Subject: shorten(clean(subject), 60),
	}
}

func (d *document) evidence(line, end int) hobby.Evidence {
	return hobby.Evidence{Kind: hobby.EvidenceFile, Ref: d.path, Line: line, EndLine: max(line, end)}
}
