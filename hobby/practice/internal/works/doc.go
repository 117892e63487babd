// Package works reads what papers there are from BibTeX files and from feeds, Atom, RSS 2.0
// and RSS 1.0. It reads what it can: an entry that is wrong is left out and named with
// its place, and the others are read.
//
// It has parsers of its own because both need places: hobbies say in which line a paper
// says something. Of the packages that exist, those for BibTeX end at the first error,
// and gofeed gives no places.
package works

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/pastime-go/pastime/hobby/practice/internal/study"
)

// Work is a paper, a book or the like. Its texts are clean: one line without markup.
type Work struct {
	// Key is what other texts cite it by; "" in a feed.
	Key     string
	Title   string
	Authors []Author
	// More says that the list of authors goes on.
	More bool
	// Year is 0 where it is not said.
	Year int
	// Venue is the journal or the proceedings.
	Venue string
	// DOI is in lower case, and ArXiv is without a version.
	DOI, ArXiv string
	Abstract   string
	// Keywords are the keywords of BibTeX and the categories of a feed.
	Keywords []string
	// Line and End are the lines of the entry, and AbstractLine is that of the abstract.
	Line, End, AbstractLine int
}

// Author is a person or an institution.
type Author struct{ Family, Given string }

// Fault is what is wrong with a place of a file.
type Fault struct {
	// Offset is in bytes, and Line from 1.
	Offset, Line int
	Text         string
}

func (f Fault) String() string { return fmt.Sprintf("byte %d: %s", f.Offset, f.Text) }

// The bounds of what is read of a file.
const (
	mostWorks    = 5_000
	mostFaults   = 100
	mostNesting  = 32
	mostValue    = 64 << 10 // bytes of a value, with all macros in their place
	mostAuthors  = 100
	mostKeywords = 100
)

// unreadRest is the fault of a file that has more than is read of one.
const unreadRest = "too many works or faults: from here on nothing is read"

// ID is equal for two works when they are the same: it is made of the title.
func (w *Work) ID() string {
	other := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	return strings.Join(strings.FieldsFunc(strings.ToLower(w.Title), other), " ")
}

// Same reports whether two works are one: they have the same DOI, the same number at
// arXiv or the same title.
func (w *Work) Same(v *Work) bool {
	return w.DOI != "" && w.DOI == v.DOI || w.ArXiv != "" && w.ArXiv == v.ArXiv || w.ID() == v.ID()
}

// By names the authors as a text cites them: "Hu", "Hinton and Vinyals", "Hu et al.".
func (w *Work) By() string {
	switch n := len(w.Authors); {
	case n == 0:
		return ""
	case n == 1 && !w.More:
		return w.Authors[0].Family
	case n == 2 && !w.More:
		return w.Authors[0].Family + " and " + w.Authors[1].Family
	}
	return w.Authors[0].Family + " et al."
}

// Cited is how a text cites the work: "Hu et al. (2022)". It is the title where no
// author is known.
func (w *Work) Cited() string {
	switch by := w.By(); {
	case by == "":
		return "“" + w.Title + "”"
	case w.Year == 0:
		return by
	default:
		return fmt.Sprintf("%s (%d)", by, w.Year)
	}
}

// Address is where the work is found; "" where that is not known.
func (w *Work) Address() string {
	switch {
	case w.DOI != "":
		return "https://doi.org/" + w.DOI
	case w.ArXiv != "":
		return "https://arxiv.org/abs/" + w.ArXiv
	}
	return ""
}

// author reads a name: "Hu, Edward J.", "Edward J. Hu", "Guido van Rossum".
func author(name string) Author {
	if family, given, ok := strings.Cut(name, ","); ok {
		return Author{study.Clean(family), study.Clean(given)}
	}
	words := strings.Fields(name)
	at := len(words) - 1
	for i := 1; i < len(words)-1; i++ { // "van", "de la"
		if unicode.IsLower([]rune(words[i])[0]) {
			at = i
			break
		}
	}
	if at < 1 {
		return Author{Family: study.Clean(name)}
	}
	return Author{study.Clean(strings.Join(words[at:], " ")), study.Clean(strings.Join(words[:at], " "))}
}

// keyword takes a keyword that says something. Those over mostKeywords are left out.
func (w *Work) keyword(k string) {
	if k != "" && len(w.Keywords) < mostKeywords {
		w.Keywords = append(w.Keywords, k)
	}
}

// add takes a work that has a title.
func add(all []Work, w Work) []Work {
	if w.ID() == "" {
		return all
	}
	return append(all, w)
}
