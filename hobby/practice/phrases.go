package practice

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Phrases are what may be said around the answer to one question. They are an
// allow-list: an answer in a sentence counts only where the sentence is one of these
// phrases, or one that introduces the answer to any question, such as "The answer is
// 42". So "The average is 42" is no answer to a question for a sum.
//
// A phrase is plain text in which … stands for the answer, [x] may be left out, and
// (x|y) is one of the two: "there are … letters [in the word]". One without … names
// the answer, and may stand before "is" or the like, or before a colon: "the sum [of
// 12 and 34]". Letter case, quotes, bold words and commas do not matter. [Literal]
// writes other text into one.
//
// Nil is the phrases that go with any question. Phrases are safe for concurrent use.
type Phrases struct {
	// Code says that the answer is code, such as a query: words about it may follow
	// it.
	Code bool

	own  []phrase
	text []string // what these and the question say
}

// About returns the phrases with the words of a question, which working may speak of.
func (p *Phrases) About(prompt string) *Phrases {
	about := *p
	about.text = append(slices.Clone(p.text), prompt)
	return &about
}

// wordsOf are the words and numbers of a text, in lower case.
func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// has reports whether a word, in lower case, is one of the question's.
func (p *Phrases) has(word string) bool {
	return slices.ContainsFunc(p.text, func(s string) bool {
		return slices.Contains(wordsOf(s), word)
	})
}

// Say returns the phrases that a question adds to those for any question.
func Say(phrases ...string) *Phrases { return &Phrases{own: parsed(phrases), text: phrases} }

// SayCode is Say for an answer that is code.
func SayCode(phrases ...string) *Phrases {
	p := Say(phrases...)
	p.Code = true
	return p
}

// Literal returns a text as a phrase has it.
func Literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "(", `\(`, ")", `\)`, "|", `\|`, "…", `\…`).Replace(text)
}

// general are the phrases for any question. The first of them, finals, say what the
// answer is. The others may say what a step of the working comes to.
var general = parsed([]string{
	"[the|my|our|your] [final|correct|right] (answer|result|solution|output) [to the question|here]",
	"… (is|are) [the|my|our|your] [final|correct|right] (answer|result|solution)",
	"it (is|equals) …", "it's …",
	"(this|that) (is|equals|makes) …", "it makes …", "that's …", "that gives [us] …", "(this|which) (gives|makes) [us] …",
	"(that|this|which) makes …", "(it|this) will be …",
	"(i|we|you) (get|got|find|found|have)[:] …", "here is [the|my|your] [final|correct] (answer|result)",
	"here (it|they) (is|are)", "here's [the|my] answer",
	"[so|and] it is", "this one", "as follows",
})

const finals = 4

// verb is what may stand between the name of an answer and the answer.
const (
	verbs = `\b(?:is|are|was|were|will be|would be|should be|must be|equals?|is equal to|are equal to|gives|makes|becomes|yields|comes to)\b`
	verb  = `(?:(?:` + verbs + `)(?:\s+(?:exactly|given by|as follows))?[\s*_]*[:=]?|[*_]*\s*[:=：→⇒]|\s*=>)[*_]*\s+`
)

// begun ends with a quotation, or a bracket, that begins at the verb: the verb is not the
// sentence's.
var begun = regexp.MustCompile("(?i)\\s[\"'“‘«(`]+" + verbs + `\W*$`)

// gap is what may stand between two words of a phrase: space, and marks around words.
const gap = "[\\s\"'“”‘’*_`$,()]*"

// phrase is one of them.
type phrase struct {
	words   []string              // that it has in any case, in lower case
	matcher func() *regexp.Regexp // whose only group is the answer
}

// parsed are phrases. An expression is compiled when a sentence has a phrase's words,
// since most tasks are answered without a sentence.
func parsed(phrases []string) []phrase {
	all := make([]phrase, len(phrases))
	for i, p := range phrases {
		all[i] = phrase{required(p), sync.OnceValue(func() *regexp.Regexp {
			e, names := translated(p)
			if names {
				e += gap + verb + `(.+)`
			}
			return regexp.MustCompile(`(?is)^` + gap + e + gap + `[.!]?` + gap + `$`)
		})}
	}
	return all
}

// required are the words of a phrase that may not be left out.
func required(phrase string) []string {
	var b strings.Builder
	depth := 0
	for _, r := range phrase {
		switch {
		case r == '[' || r == '(':
			depth++
		case r == ']' || r == ')':
			depth--
		case depth == 0 && wordRune(r):
			b.WriteRune(r)
			continue
		}
		if depth == 0 || r == '[' || r == '(' {
			b.WriteByte(' ')
		}
	}
	return strings.Fields(strings.ToLower(b.String()))
}

// matches returns the answer that a sentence in this phrase gives. lower is the
// sentence in lower case.
func (p *phrase) matches(sentence, lower string) (string, bool) {
	for _, w := range p.words {
		if !strings.Contains(lower, w) {
			return "", false
		}
	}
	m := p.matcher().FindStringSubmatchIndex(sentence)
	if m != nil && !begun.MatchString(sentence[:m[2]]) {
		return sentence[m[2]:m[3]], true
	}
	return "", false
}

// translated is a phrase as an expression. names is whether it has no place for the
// answer.
func translated(phrase string) (expression string, names bool) {
	var b strings.Builder
	names = true
	runes := []rune(phrase)
	inWord := false
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		word := wordRune(r)
		if word && !inWord && r < 0x80 {
			b.WriteString(`\b`)
		}
		if !word && inWord && runes[i-1] < 0x80 && strings.ContainsRune(" ]|)", r) {
			b.WriteString(`\b`)
		}
		inWord = word
		switch r {
		case '[':
			b.WriteString("(?:")
		case ']':
			b.WriteString(")?")
		case '(':
			b.WriteString("(?:")
		case ')':
			b.WriteString(")")
		case '|':
			b.WriteString("|")
		case ' ':
			if beside := i+1 < len(runes) && runes[i+1] == '…' || i > 0 && runes[i-1] == '…'; beside {
				b.WriteString(`\s*`) // marks are the answer's
			} else {
				b.WriteString(gap)
			}
		case '…':
			names = false
			if i+1 < len(runes) {
				b.WriteString(`(.+?)`)
			} else {
				b.WriteString(`(.+)`)
			}
		case '\'', '"', '“', '”':
			b.WriteString("[\"“”'‘’`*]*")
		case '\\':
			if i++; i < len(runes) {
				b.WriteString(regexp.QuoteMeta(string(runes[i])))
			}
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	if inWord && runes[len(runes)-1] < 0x80 {
		b.WriteString(`\b`)
	}
	return b.String(), names
}

func wordRune(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r > 0x7f &&
		!strings.ContainsRune("…“”‘’", r)
}

// noPhrases are those for any question.
var noPhrases = Say()

// statement is what a sentence says of the answer by one of the phrases.
type statement struct {
	own    bool // by one of the question's own phrases
	phrase int  // its index among these
	value  string
}

// final reports whether a statement says what the answer is.
func (s statement) final() bool { return s.own || s.phrase < finals }

// statements finds what a sentence says, in each way in which it can be read.
func (p *Phrases) statements(sentence string) (all []statement) {
	lower := strings.ToLower(sentence)
	for i, list := range [][]phrase{p.own, general} {
		for n := range list {
			if value, ok := list[n].matches(sentence, lower); ok {
				all = append(all, statement{i == 0, n, value})
			}
		}
	}
	return all
}

// isName reports whether a text names the answer, as "the sum" does.
func (p *Phrases) isName(text string) bool { return p.introduces(strings.TrimSpace(text) + " = ?") }

// introduces reports whether a sentence says that "?" is the answer, and nothing else.
func (p *Phrases) introduces(sentence string) bool {
	return slices.ContainsFunc(p.statements(sentence), func(s statement) bool { return s.value == "?" })
}
