package reading

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// parts matches the paths of documents that others include.
var parts = regexp.MustCompile(`(?i)(?:^|/)_?(?:snippets?|partials?|includes?|shared|reusables?|fragments?|templates?)(?:[/.]|$)|` +
	`(?:^|/)_[^/]*$`)

// including matches what puts another document in its place, in the forms of AsciiDoc, reStructuredText, mdBook, snippets of
// MkDocs, VitePress and Markdown-Include.
var including = regexp.MustCompile(`(?m)^[ \t]*include::([^\[\n]+)\[|^[ \t]*\.\. include:: *(\S+)|\{\{#include +([^\s:}]+)|` +
	`--8<-- +"([^"\n:]+)|<!-- *@include: *([^\s>]+)|\{! *([^\s!]+) *!\}`)

// partial reports whether others include the document: its links are from where they are, and to what they have.
func (lib *library) partial(d *document) bool {
	example := path.Ext(d.path) == ".adoc" && strings.Contains("/"+d.path, "/examples/") // in Antora's modules
	base := path.Base(d.path)
	return example || lib.included[d.path] || lib.included["*/"+base] || parts.MatchString(d.path) && !strings.HasPrefix(base, "_index.")
}

// release matches a folder of what is said of a version.
var release = regexp.MustCompile(`^(?:version[-_]?|v)?(\d+(?:\.\d+)*(?:\.x)?)$`)

// versioned returns the folder of a version that a document is in, and the folder that this one is in.
func versioned(name string) (in, version string) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		base := path.Base(dir)
		if release.MatchString(base) && strings.ContainsAny(base, "v.") { // a number alone is a lesson's or a year
			in, version = path.Dir(dir), base
		}
	}
	return in, version
}

// newer reports whether a version comes after another.
func newer(a, b string) bool {
	numbers := func(v string) (all []int) {
		for s := range strings.SplitSeq(release.FindStringSubmatch(v)[1], ".") {
			n, _ := strconv.Atoi(s) // x is 0
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(numbers(a), numbers(b)) > 0
}

// titlePages are names that each folder may have a page of.
var titlePages = map[string]bool{"readme": true, "index": true, "_index": true}

// newest returns the newest version of each folder that has versions: folders that have a page in common.
func newest(all []*document) map[string]string {
	versions, of := map[string]string{}, map[string]map[string]string{} // pages, by their path within a version
	common := map[string]bool{}
	for _, d := range all {
		in, version := versioned(d.path)
		if version == "" {
			continue
		}
		if versions[in] == "" || newer(version, versions[in]) {
			versions[in] = version
		}
		if of[in] == nil {
			of[in] = map[string]string{}
		}
		page := strings.TrimPrefix(d.path, path.Join(in, version)+"/")
		if titlePages[stem(page)] {
			continue
		}
		if other, known := of[in][page]; known && other != version {
			common[in] = true
		}
		of[in][page] = version
	}
	maps.DeleteFunc(versions, func(in, _ string) bool { return !common[in] })
	return versions
}

// judged reports whether what is wrong in a document is told: somebody may correct it.
func (lib *library) judged(d *document) bool { return !d.settled && !lib.older(d) }

// older reports whether a document is of an older version than others.
func (lib *library) older(d *document) bool {
	in, version := versioned(d.path)
	newest, known := lib.newest[in]
	return known && version != newest || strings.Contains("/"+d.path, "/versioned_docs/")
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
			if lib.exists(path.Join(dir, name+ext)) {
				s.routes, s.checks = true, s.checks || name == "docusaurus.config"
			}
		}
	}
	if lib.frontMatter[dir] > 0 {
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
	if s := lib.site(d.dir()); lib.alone() && !d.mdx && !s.routes && (!s.collapses || s.book) && lib.frontMatter[d.dir()] <= 0 {
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
	for from := d.dir(); from != "." && !strings.Contains(u.Path, ".."); { // links may be from the folder of all documents
		if from = path.Dir(from); lib.there(path.Join(from, u.Path)) {
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
	switch {
	case titlePages[stem(d.path)] && (s.known || !lib.alone()) && lib.inSomeFolder(dest): // it may be published there
		return true
	case s.checks, lib.former[stem(p)], lib.survey(context.Background()).ofFamily(p):
		return true
	case lib.alone() && !s.known: // as GitHub shows it, or as a builder does that nothing is known of
		return d.addresses(dest) && !lib.understood(d.form(dest))
	}
	return d.addresses(dest) || path.Dir(p) != d.dir() && path.Dir(p) != "." && !lib.exists(path.Dir(p)) ||
		!lib.understood(d.form(dest)) || lib.survey(context.Background()).missing[p] > mostSeekers ||
		path.Ext(p) != "" && !lib.beside(p)
}

// inSomeFolder reports whether a link leads somewhere from some folder of the tree.
func (lib *library) inSomeFolder(dest string) bool {
	dest, _, _ = strings.Cut(dest, "#")
	dest = path.Clean(dest)
	return slices.ContainsFunc(lib.named[path.Base(dest)], func(d *document) bool { return strings.HasSuffix(d.path, "/"+dest) })
}

// addresses reports whether a link names no file but the address of a page, which the builder of a site gives it.
func (d *document) addresses(dest string) bool { return d.form(dest) == "address" }

// form is what a link names: a source, another file, or the address of a page.
func (d *document) form(dest string) string {
	dest, _, _ = strings.Cut(dest, "#")
	dest, _, _ = strings.Cut(dest, "?")
	ext := path.Ext(dest)
	switch {
	case strings.Contains(path.Base(dest), ".html."): // the source of a page, or another form of it, on the site
		return "address"
	case slices.Contains(sources, ext):
		return "source"
	case path.Ext(d.path) == ".rst" && !strings.Contains(dest, "/"): // its pages refer to each other by roles
		return "file"
	case ext == "" || strings.HasPrefix(ext, ".htm") && path.Ext(d.path) != ext:
		return "address"
	}
	return "file"
}

// sources are the endings of what a site makes its pages of.
var sources = []string{".md", ".mdx", ".markdown", ".rst", ".adoc"}

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
	return s.routes && (fromRoot || bare) || fromRoot && !slices.Contains(sources, path.Ext(dest))
}

// identifier matches names of a program, which sites make links of, and ids that they make.
var identifier = regexp.MustCompile("\\w(?:\\.|::|/)\\w|[()!@_`]|\\p{Ll}-?\\p{Lu}")

// references finds the references of a document without a definition. A program that a file above the tree names may
// know the label. So they are told only where the document refers to what it defines, too, or the tree is of no site.
func (lib *library) references(d *document) []finding {
	survey := lib.survey(context.Background())
	plain := d.defined > 0 || lib.alone() && !lib.site(d.dir()).known
	if !plain || !d.anchored || !lib.judged(d) || lib.partial(d) || survey.filled || !lib.understood("reference") {
		return nil
	}
	var all []finding
	for _, u := range d.undefined {
		if identifier.MatchString(u.dest) || survey.unknown[strings.ToLower(u.dest)] > mostSeekers {
			continue
		}
		all = append(all, d.fault("reference", u.dest, 20, 0.85,
			fmt.Sprintf("%s:%d refers to [%s], which is not defined", d.name(), u.line, quote(u.dest)), u.line, u.line))
	}
	return all
}
