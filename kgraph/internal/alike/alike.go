// Package alike says which names are of the same thing, and which probably are, though
// they are not written the same.
//
// Names with the same [Key] are of the same thing: "the colour maps" and "Color map",
// "large language model (LLM)" and "large-language models", "Zipf's law" and "Zipf law".
//
// [Names] finds those that probably are: "data set" and "dataset", "graph of knowledge"
// and "knowledge graph", "knowlege graph" and "knowledge graph" (see [Misspelt]). Nothing
// else is taken for the same; a name with another number never is.
package alike

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Key is what names of the same thing have in common: words in lower case and American
// spelling, without accents, possessives, a first "the" and an acronym of the name behind
// it, the last one in the singular. It is the name itself where there is no word in it.
func Key(name string) string {
	if isKey(name) {
		return name
	}
	words := split(withoutAcronym(name))
	if len(words) == 0 {
		return name
	}
	last := len(words) - 1
	// An acronym's S is no plural; of a name that is all in capitals the last word is none.
	acronym := words[last] == strings.ToUpper(words[last]) && (last == 0 || name != strings.ToUpper(name))
	for i, w := range words {
		words[i] = spelling(folded(w))
	}
	if !acronym {
		words[last] = spelling(Singular(folded(words[last])))
	}
	if words[0] == "the" && last > 0 {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// isKey reports whether a name is its key, without making it; false is no answer.
func isKey(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '.':
		case c == ' ' && i > 0 && i < len(name)-1 && name[i-1] != ' ':
		default:
			return false
		}
	}
	rest, more := name, name != ""
	for more {
		var word string
		if word, rest, more = strings.Cut(rest, " "); spelling(word) != word || !more && Singular(word) != word {
			return false
		}
	}
	return name != "" && !strings.HasPrefix(name, "the ")
}

// form is what names that probably are of the same thing have in common: the key without
// an article, with what stands before "of" behind what follows it.
func form(name string) string {
	words := strings.Fields(Key(name))
	if len(words) > 1 && (words[0] == "a" || words[0] == "an") {
		words = words[1:]
	}
	if i := slices.Index(words, "of"); i > 0 && i < len(words)-1 && !slices.Contains(words[i+1:], "of") {
		rest := words[i+1:]
		if rest[0] == "the" && len(rest) > 1 {
			rest = rest[1:]
		}
		words[i-1] = Singular(words[i-1])
		words = slices.Concat(rest, words[:i])
	}
	return strings.Join(words, " ")
}

// split takes a name apart at spaces and hyphens.
func split(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || r == '-' || r == '_' || r == '\u2010' || r == '\u2011'
	})
}

// folded is a word in lower case, without accents and possessives.
func folded(word string) string {
	word = strings.ToLower(word)
	if word == "&" {
		return "and"
	}
	for _, possessive := range []string{"'s", "\u2019s", "'", "\u2019"} {
		if stem, ok := strings.CutSuffix(word, possessive); ok && stem != "" {
			word = stem
			break
		}
	}
	if strings.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return word
	}
	return strings.Map(func(r rune) rune {
		const from, to = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿšžčćőű", "aaaaaaceeeeiiiinoooooouuuuyyszccou"
		if i := strings.IndexRune(from, r); i >= 0 {
			return rune(to[utf8.RuneCountInString(from[:i])])
		}
		if unicode.IsMark(r) {
			return -1
		}
		return r
	}, word)
}

// withoutAcronym is a name without an acronym of it in brackets at its end.
func withoutAcronym(name string) string {
	full, rest, ok := strings.Cut(name, " (")
	short, end := strings.CutSuffix(rest, ")")
	if !ok || !end || short == "" {
		return name
	}
	var first strings.Builder
	for _, w := range split(full) {
		r, _ := utf8.DecodeRuneInString(w)
		first.WriteRune(r)
	}
	if strings.EqualFold(first.String(), strings.TrimSuffix(short, "s")) {
		return full
	}
	return name
}

// irregular are plurals that no ending tells.
var irregular = map[string]string{
	"indices": "index", "vertices": "vertex", "matrices": "matrix", "analyses": "analysis", "hypotheses": "hypothesis",
	"criteria": "criterion", "phenomena": "phenomenon", "children": "child", "caches": "cache", "quizzes": "quiz",
}

// plurals are endings of English plurals and what stands in their place.
var plurals = []struct{ ending, instead string }{
	{"ies", "y"}, {"sses", "ss"}, {"shes", "sh"}, {"ches", "ch"}, {"xes", "x"}, {"zzes", "zz"}, {"s", ""},
}

// same are endings of words that are no plurals.
var same = []string{"ss", "us", "is", "news", "series", "species", "ics", "https"}

// Singular takes the ending of an English plural off a word in lower case.
func Singular(word string) string {
	if one, ok := irregular[word]; ok {
		return one
	}
	if len(word) < 4 || slices.ContainsFunc(same, func(end string) bool { return strings.HasSuffix(word, end) }) {
		return word
	}
	for _, p := range plurals {
		if stem, ok := strings.CutSuffix(word, p.ending); ok && len(stem) > 1 {
			return stem + p.instead
		}
	}
	return word
}

// british are endings in British spelling of words of at least so many letters, and the
// American ones.
var british = []struct {
	ending, instead string
	least           int
}{
	{"isation", "ization", 9}, {"ising", "izing", 8}, {"ised", "ized", 8}, {"iser", "izer", 8}, {"ise", "ize", 8},
	{"yse", "yze", 6}, {"yser", "yzer", 7}, {"ysing", "yzing", 8}, {"ysed", "yzed", 7},
	{"our", "or", 5}, {"oural", "oral", 8}, {"oured", "ored", 7}, {"ouring", "oring", 8}, {"ourhood", "orhood", 12},
	{"elling", "eling", 8}, {"elled", "eled", 7}, {"eller", "eler", 8}, {"alogue", "alog", 8}, {"entre", "enter", 6},
	{"ibre", "iber", 5}, {"efence", "efense", 7}, {"ogramme", "ogram", 9},
}

// notBritish end as British spellings do, and are in American English, too.
var notBritish = []string{
	"precise", "concise", "exercise", "promise", "premise", "comprise", "surprise", "enterprise", "supervise", "advertise",
	"compromise", "merchandise", "improvise", "televise", "otherwise", "likewise", "pairwise", "stepwise", "bitwise", "clockwise",
	"elementwise", "pointwise", "expertise", "franchise", "disguise", "paradise", "treatise", "contour", "detour", "velour", "pour",
	"propelling", "compelling",
}

func spelling(word string) string {
	if len(word) < 5 || strings.IndexByte("nedrgl", word[len(word)-1]) < 0 {
		return word // what no British ending ends with
	}
	for _, b := range british {
		stem, ok := strings.CutSuffix(word, b.ending)
		if !ok || len(word) < b.least {
			continue
		}
		for _, w := range notBritish {
			if strings.HasPrefix(word, strings.TrimSuffix(w, "e")) {
				return word
			}
		}
		return stem + b.instead
	}
	return word
}

// shortest is the fewest letters of a word that may be misspelt: shorter words that
// differ in a letter are mostly different words.
const shortest = 8

// longest is the most bytes of a word that may be misspelt. Names keeps a word once for each
// of its letters, so a text of endless words would fill the memory.
const longest = 40

// Misspelt reports whether one of two words is probably the other one misspelt: a letter
// is left out or added, a vowel is changed for another, or two neighbours are exchanged.
// Different words are often that near to each other at their ends, so their first letters
// and their last two are the same, and neither begins with the other. Neither has a digit.
func Misspelt(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < shortest || len(b) > longest || len(b)-len(a) > 1 || a == b || a[0] != b[0] || a[len(a)-2:] != b[len(b)-2:] ||
		strings.HasPrefix(b, a) || digits(a) || digits(b) {
		return false
	}
	i := 0
	for a[i] == b[i] { // it ends, since b does not begin with a
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if a[i+1:] == b[i+1:] {
		return vowel(a[i]) && vowel(b[i])
	}
	return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

func vowel(b byte) bool { return strings.IndexByte("aeiouy", b) >= 0 }

func digits(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }

// Names finds names by those that are alike. What it costs to find one does not grow with
// how many there are, but for those that are found.
type Names struct {
	forms  map[string][]int32 // names by their form
	joined map[string][]string
	words  map[string]bool
	near   map[string][]string // words, by what is left of them without a letter
	count  int32
}

// NewNames has no names.
func NewNames() *Names {
	return &Names{forms: map[string][]int32{}, joined: map[string][]string{}, words: map[string]bool{}, near: map[string][]string{}}
}

// Len is how many names there are.
func (n *Names) Len() int { return int(n.count) }

// Add adds a name and returns its number; the first is 0.
func (n *Names) Add(name string) int32 {
	id := n.count
	n.count++
	form := form(name)
	n.forms[form] = append(n.forms[form], id)
	if len(n.forms[form]) > 1 {
		return id
	}
	joined := strings.ReplaceAll(form, " ", "")
	n.joined[joined] = append(n.joined[joined], form)
	for w := range strings.SplitSeq(form, " ") {
		if n.words[w] {
			continue
		}
		n.words[w] = true
		for _, left := range without(w) {
			n.near[left] = append(n.near[left], w)
		}
	}
	return id
}

// without are a word and what is left of it without one letter; none of a word that
// cannot be misspelt.
func without(word string) []string {
	if len(word) < shortest || len(word) > longest || digits(word) {
		return nil
	}
	all := []string{word}
	for i := 1; i < len(word)-1; i++ {
		if word[i] != word[i-1] {
			all = append(all, word[:i]+word[i+1:])
		}
	}
	return all
}

// Alike is a name that is probably of the same thing as another.
type Alike struct {
	ID int32
	// Score is 1 for the same form, and else 1 less the part of it that differs.
	Score float64
}

// Find finds the names that are alike, the best first.
func (n *Names) Find(name string) (all []Alike) {
	form := form(name)
	seen := map[string]bool{}
	add := func(form string, score float64) {
		if !seen[form] {
			seen[form] = true
			for _, id := range n.forms[form] {
				all = append(all, Alike{id, score})
			}
		}
	}
	add(form, 1)
	spaces := strings.Count(form, " ")
	for _, other := range n.joined[strings.ReplaceAll(form, " ", "")] {
		if joinable(form, other) {
			add(other, 1-float64(max(spaces-strings.Count(other, " "), strings.Count(other, " ")-spaces))/float64(len(form)+len(other)))
		}
	}
	at := 0
	for w := range strings.SplitSeq(form, " ") {
		for _, left := range without(w) {
			for _, other := range n.near[left] {
				if Misspelt(w, other) {
					add(form[:at]+other+form[at+len(w):], 1-1/float64(max(len(form), len(form)-len(w)+len(other))))
				}
			}
		}
		at += len(w) + 1
	}
	slices.SortStableFunc(all, func(a, b Alike) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return all
}

// joinable reports whether forms that differ in spaces only are of the same thing: what
// is joined is long enough not to be another word by chance, and no numbers touch.
func joinable(a, b string) bool {
	return len(a) >= 5 && len(b) >= 5 && !digits(a) && !digits(b)
}

// Same reports whether two names are probably of the same thing.
func Same(a, b string) bool {
	n := NewNames()
	n.Add(a)
	return len(n.Find(b)) > 0
}
