package reading

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// library is the documents of a tree, and whatever else it has.
type library struct {
	documents []*document // that were read
	byPath    map[string]*document
	stems     map[string]bool        // names of documents without their endings
	former    map[string]bool        // names that documents are found by, too
	named     map[string][]*document // by their file names
	folders   map[string]bool        // that have documents
	included  map[string]bool        // paths of documents that others include, and */ before their names
	tree      fs.FS                  // with all its files

	sites  map[string]site               // of folders
	single map[*document]map[string]bool // anchors with their hyphens collapsed

	newest      map[string]string // folders of the newest version, by the folder that they are in
	frontMatter map[string]int    // how many more documents of a folder have it than have none

	surveyed *survey // once it is made

	again  map[*document]*plainText // documents that were read again
	reread int                      // how many were
	kept   int                      // bytes of again
}

// newLibrary has documents, and a tree that may be nil.
func newLibrary(all []*document, tree fs.FS) *library {
	lib := &library{
		byPath: map[string]*document{}, stems: map[string]bool{}, former: map[string]bool{},
		named: map[string][]*document{}, folders: map[string]bool{}, included: map[string]bool{}, tree: tree,
		sites: map[string]site{}, single: map[*document]map[string]bool{}, frontMatter: map[string]int{},
	}
	lib.newest = newest(all)
	for _, d := range all {
		lib.byPath[d.path], lib.folders[d.dir()] = d, true
		lib.named[path.Base(d.path)] = append(lib.named[path.Base(d.path)], d)
		for _, name := range d.includes {
			lib.included[path.Join(d.dir(), name)] = true
			if !strings.HasPrefix(name, "../") && !titlePages[stem(name)] { // it may be from a folder of parts
				lib.included["*/"+path.Base(name)] = true
			}
		}
		stem := strings.TrimSuffix(path.Base(d.path), path.Ext(d.path))
		if stem == "index" {
			stem = path.Base(d.dir())
		}
		lib.stems[stem], lib.stems[strings.ToLower(stem)] = true, true
		for _, name := range d.former {
			lib.former[name] = true
		}
		if d.unread == "" {
			lib.documents = append(lib.documents, d)
		}
		if d.frontMatter {
			lib.frontMatter[d.dir()]++
		} else {
			lib.frontMatter[d.dir()]--
		}
	}
	return lib
}

// exists reports whether the tree has a file or a folder, or a link.
func (lib *library) exists(p string) bool {
	if lib.tree == nil {
		return false
	}
	_, err := fs.Lstat(lib.tree, p)
	return err == nil || !errors.Is(err, fs.ErrNotExist)
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

// current yields the documents of the newest version, and those of none, until ctx ends.
func (lib *library) current(ctx context.Context) iter.Seq[*document] {
	return func(yield func(*document) bool) {
		for d := range lib.all(ctx) {
			if !lib.older(d) && !yield(d) {
				return
			}
		}
	}
}

// authored are the documents that people write: pages of HTML beside more documents of other formats
// are what a program made or a report.
func (lib *library) authored() []*document {
	page := func(d *document) bool { return strings.Contains(strings.ToLower(path.Ext(d.path)), "htm") }
	all := slices.DeleteFunc(slices.Clone(lib.documents), func(d *document) bool { return !lib.judged(d) })
	rest := slices.DeleteFunc(slices.Clone(all), page)
	if 2*len(rest) > len(all) {
		return rest
	}
	return all
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
	if path.Base(bare) == "index" || stem(p) == "index" { // pages of folders have other names in their sources
		dir := path.Dir(p)
		return bare != p && lib.exists(dir) || lib.exists(path.Join(dir, "_index"+path.Ext(p)))
	}
	return false
}

// Anchors that every page has, those of lines of a file, and of notes and tabs, as MkDocs and kramdown make them.
var everywhere = regexp.MustCompile(`^(?:top|readme|fn(?:ref\d*)?:.*|__tabbed_\d+_\d+|L\d+(?:C\d+)?(?:-L\d+(?:C\d+)?)?|:~:.*)?$`)

// headed reports whether a document has an anchor, as GitHub or its site gives them.
func (lib *library) headed(d *document, fragment string) bool {
	return d.anchors[strings.ToLower(fragment)] || lib.collapsed(d, fragment) || d.composed(fragment) || d.tabbed(fragment)
}

// broken finds the links of a document that lead nowhere.
func (lib *library) broken(d *document) []finding {
	var all []finding
	for _, l := range d.links {
		t, ok := lib.resolve(d, l.dest)
		if !ok || !lib.judged(d) || lib.partial(d) {
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
		if to == nil || !to.anchored || t.query || everywhere.MatchString(t.fragment) || to == d && d.enclosed(l.line) ||
			lib.headed(to, t.fragment) || !lib.understood("anchor") || lib.mayHave(to, t.fragment) {
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
