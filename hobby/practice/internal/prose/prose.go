// Package prose finds mistakes of writing that nobody makes on purpose: a misspelt word, a
// word that is there twice, a wrong form of a word behind a helping verb. It prefers to miss
// a mistake to telling one that is none.
package prose

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mistake is a mistake in a text.
type Mistake struct {
	Said   string // as the text has it
	Should string // what was meant
	At     int    // its first byte in the text
}

// String says what is wrong. What a word that is there twice should be is not always clear.
func (m Mistake) String() string {
	if strings.EqualFold(strings.Join(strings.Fields(m.Said), " "), m.Should+" "+m.Should) {
		return fmt.Sprintf("“%s” has a word twice", m.Said)
	}
	return fmt.Sprintf("“%s” should be “%s”", m.Said, m.Should)
}

// words.txt has a misspelt word and the right one in each line. None is a word of English.
//
//go:embed words.txt
var list string

// spelling has the right word for each misspelt one.
var spelling = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(list) {
		if wrong, right, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			m[wrong] = right
		}
	}
	return m
}()

// twofold are words that are never meant to be repeated. "In" (log in in a browser), "you" (it tells you you
// may), "have" (those you have have gone) and their like may be.
var twofold = []string{"the", "a", "an", "of", "to", "and", "for", "with", "or", "at", "by", "from",
	"which", "if", "we", "into", "its", "your", "when", "should", "must"}

// listed matches what follows words that are themselves spoken of: "the keywords and and or".
var listed = regexp.MustCompile(`^,? (?:and|or|if|not)\b`)

// ending matches the end of a sentence, which no such word is at unless it is a name: "copy from to to."
var ending = regexp.MustCompile(`^\s*(?:[.;:!?)]|$)`)

// form is a pattern of a mistake, and what makes what was meant of what is said. The mistake is the pattern's
// group where it has one: the words around it show that it is no correct sentence.
type form struct {
	pattern *regexp.Regexp
	mend    func(said string) string
}

const (
	vowels = `example|error|array|object|element|empty|instance|integer|index|image|issue|interface|argument|` +
		`attribute|address|API|event|entry|exception|existing|expression|optional|option|old|older|additional|alternative|` +
		`application|async|asynchronous|HTTP|HTML|XML|IP|SSH|RPC|hour|initial|internal|external|explicit|implicit|invalid|` +
		`individual|identifier|import|include|input|output|operation|operator|update|upstream|upper|unknown|unexpected`
	verbs = `exists|has|contains|requires|allows|provides|belongs|depends|makes|gets|gives|becomes|happens|appears|` +
		`begins|throws|creates|generates|leads`
	// verbs that are nouns, too: "What should results look like?" is correct.
	nouns = `works|wants|supports|matches|returns|uses|includes|takes|starts|ends|stops|raises|fails|causes|results`
)

// forms are mistakes of more than one word. The patterns begin and end with words.
var forms = []form{
	{regexp.MustCompile(`\b[Aa]n (?:user|unique|unified|uniform|universal|unicode|useful|utility|European)\b`), first("a")},
	{regexp.MustCompile(`\ba (?:` + vowels + `)\b`), first("an")},
	{regexp.MustCompile(`(?:^|[.!?] )(A (?:` + vowels + `))\b`), first("an")}, // not of a class A address
	{regexp.MustCompile(`\b(?:[Dd]oes not|[Dd]oesn't) (?:` + verbs + `|` + nouns + `)\b`), singular},
	{regexp.MustCompile(`\b(?:[Dd]o not|[Dd]on't|[Dd]id not|[Dd]idn't|cannot|can't|should|would|could|won't) (?:` + verbs + `)\b`),
		singular},
	{regexp.MustCompile(`\b(?:[Ii]t|[Tt]his|which|function|method|command|option|flag|server|client|user|program|system|library) ` +
		`((?:will|may|might|must|should|would|could|cannot) (?:` + verbs + `|` + nouns + `))\b`), singular},
	{regexp.MustCompile(`\b[Ii]t's own\b`), replaced("t's", "ts")},
	{regexp.MustCompile(`\b([Ii]t's (?:value|name|type|parent|contents|arguments|methods|fields|children)) (?:is|are|was|were|has|have)\b`),
		replaced("t's", "ts")}, // not of "it's type safe"
	{regexp.MustCompile(`\b[Rr]ather then (?:the|a|an|to|\d+|or|one|zero|just|what|that)\b`), replaced("then", "than")},
	{regexp.MustCompile(`\b(?:[Gg]reater|[Ll]arger|[Ll]ess|[Ss]maller) then or equal\b`), replaced("then", "than")},
	{regexp.MustCompile(`\bmore then once\b`), replaced("then", "than")},
	{regexp.MustCompile(`\b(?:[Ss]hould|[Cc]ould|[Ww]ould|[Mm]ust) of (?:been|had|done|used)\b`), replaced(" of ", " have ")},
	{regexp.MustCompile(`\b[Aa]n other\b`), replaced("n other", "nother")},
	{regexp.MustCompile(`\b(a other) \w*[^\W_s]\b`), replaced("a o", "ano")}, // what "a other features" should be is not clear
	{regexp.MustCompile(`\bevery (?:values|fields|files|elements|items|requests|users|nodes|keys)\b`), singular},
	{regexp.MustCompile(`\b(?:[Uu]se|[Ss]ee|[Ss]et|[Cc]hange|all|all of|one of) (this (?:methods|options|settings|parameters|examples))\b`),
		replaced("this", "these")},
	{regexp.MustCompile(`\b[Tt]hese (?:method|function|option|value|field|setting|parameter|command|example|rule) are\b`),
		replaced(" are", "s are")},
	{regexp.MustCompile(`\b(?:allow|allows|want|wants|need|needs|able|how|in order|used) to (?:gets|makes|creates|adds)\b`), singular},
	{regexp.MustCompile(`\b(?:want|wants|able|how) to (?:returns|sets|uses|runs|writes|reads)\b`), singular},
	{regexp.MustCompile(`\b(?:is|are|was|were|be|been) (?:create|generate|require) by\b`), replaced(" by", "d by")},
	{regexp.MustCompile(`\b(?:are|were|been) use by\b`), replaced(" by", "d by")},
	{regexp.MustCompile(`\b((?:is|are|was|were|be|been) (?:call|return) by) (?:the|this|it|them|all)\b`), // not by value
		replaced(" by", "ed by")},
	{regexp.MustCompile(`\b([Ww]ether) (?:or|to|it|this|that|you|there|the)\b`), replaced("ether", "hether")},
}

// first replaces the first word, whose letter case it keeps.
func first(by string) func(string) string {
	return func(said string) string {
		_, rest, _ := strings.Cut(said, " ")
		if said[0] == 'A' {
			return "A" + by[1:] + " " + rest
		}
		return by + " " + rest
	}
}

func replaced(what, by string) func(string) string {
	return func(said string) string { return strings.Replace(said, what, by, 1) }
}

// singular takes the -s off the last word.
func singular(said string) string {
	for _, end := range [][2]string{{"has", "have"}, {"ches", "ch"}, {"s", ""}} {
		if cut, ok := strings.CutSuffix(said, end[0]); ok {
			return cut + end[1]
		}
	}
	return said
}

// english are words of which an English paragraph has many.
var english = regexp.MustCompile(`(?i)\b(?:the|is|of|and|with|for|this|are|that|if|be|it|to|you|from|when|will)\b`)

// token matches a word alone: letters with no sign of a name, a path or an address beside them.
var token = regexp.MustCompile(`[A-Za-z']+`)

// quotation matches a few words in quotation marks that open and close. Somebody else said them, or they are spoken
// of as words.
var quotation = regexp.MustCompile("“[^“”]{1,80}”|‘[^‘’]{1,80}’|«[^«»]{1,80}»|„[^„“”]{1,80}[“”]")

// empty matches the line that ends a paragraph. No quotation goes on after it.
var empty = regexp.MustCompile(`\n[ \t\r]*\n`)

// unquoted replaces what is quoted by marks of code. Places stay the same.
func unquoted(text string) string {
	text = quotation.ReplaceAllStringFunc(text, func(q string) string {
		if empty.MatchString(q) {
			return q
		}
		return strings.Repeat("`", len(q))
	})
	for _, mark := range []string{`"`, "''"} {
		text = straight(text, mark)
	}
	return text
}

// mostQuoted is the length of a quotation between straight marks, in bytes.
const mostQuoted = 80

// straight replaces what stands between two of a mark that opens as it closes. What is before and after a mark says
// which it does, or that it is of inches.
func straight(text, mark string) string {
	out := []byte(text)
	from := -1 // of the mark that opens
	for at := 0; at < len(text); at++ {
		if !strings.HasPrefix(text[at:], mark) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(mark):])
		first, last := at == 0, at+len(mark) == len(text)
		switch {
		case from >= 0 && at-from-len(mark) <= mostQuoted && !unicode.IsSpace(before) &&
			(last || !unicode.IsLetter(after) && !unicode.IsDigit(after)) && !empty.MatchString(text[from:at]):
			copy(out[from:], strings.Repeat("`", at+len(mark)-from))
			from = -1
		case (first || unicode.IsSpace(before) || strings.ContainsRune("([{<—–", before)) && !last && !unicode.IsSpace(after):
			from = at
		}
		at += len(mark) - 1
	}
	return string(out)
}

// Mistakes finds the mistakes of an English paragraph, in the order of their places. What is quoted is not looked
// at. Code should have been replaced by a mark.
func Mistakes(text string) []Mistake {
	text = unquoted(text)
	words := token.FindAllStringIndex(text, -1)
	if n := len(english.FindAllStringIndex(text, -1)); n == 0 || 10*n < len(words) {
		return nil
	}
	var all []Mistake
	note := func(from, to int, should string) {
		if alone(text, from, to) {
			all = append(all, Mistake{text[from:to], should, from})
		}
	}
	last, end := "", 0
	for _, m := range words {
		w := text[m[0]:m[1]]
		lower := strings.ToLower(w)
		if right := spelling[lower]; right != "" && (w == lower || w[1:] == lower[1:] && opens(text, m[0])) {
			note(m[0], m[1], right)
		}
		if (w == last || len(w) > 1 && strings.EqualFold(w, last) && w[1:] == last[1:]) && slices.Contains(twofold, w) &&
			strings.TrimSpace(text[end:m[0]]) == "" && end < m[0] && !listed.MatchString(text[m[1]:]) &&
			!ending.MatchString(text[m[1]:]) { // "AND and" names the first
			note(end-len(last), m[1], w)
		}
		last, end = w, m[1]
	}
	for _, f := range forms {
		for _, m := range f.pattern.FindAllStringSubmatchIndex(text, -1) {
			from, to := m[len(m)-2], m[len(m)-1]
			note(from, to, f.mend(text[from:to]))
		}
	}
	slices.SortStableFunc(all, func(a, b Mistake) int { return a.At - b.At })
	end = 0
	return slices.DeleteFunc(all, func(m Mistake) bool { // what overlaps the one before it
		overlaps := m.At < end
		if !overlaps {
			end = m.At + len(m.Said)
		}
		return overlaps
	})
}

// opens reports whether a word opens a sentence. A word with a capital letter elsewhere may be a name.
func opens(text string, at int) bool {
	before := strings.TrimRight(text[:at], " \n")
	return before == "" || strings.HasSuffix(before, ".") || strings.HasSuffix(before, "!") || strings.HasSuffix(before, "?")
}

// alone reports whether what stands at a place is of no longer name.
func alone(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, n := utf8.DecodeRuneInString(text[to:])
	if from > 0 && !unicode.IsSpace(before) && !strings.ContainsRune(`(*,;“—`, before) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(text[to+n:])
	switch {
	case to == len(text), unicode.IsSpace(after):
		return true
	case strings.ContainsRune(".,;:!?", after):
		return to+n == len(text) || unicode.IsSpace(next)
	}
	return strings.ContainsRune(`)*”—`, after)
}
