package extract

import (
	"iter"
	"unicode"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/acronym"
)

// IsA relates a thing to what it is, and a member of a class to the class.
const IsA hobby.Relation = "is a"

// Pattern says by what a fact was found.
type Pattern string

// The patterns.
const (
	// Acronym: "long form (LF)", after Schwartz and Hearst (2003).
	Acronym Pattern = "acronym"
	// Member: "classes such as A and B" and its like, after Hearst (1992).
	Member Pattern = "member"
	// Definition: "A is a B".
	Definition Pattern = "definition"
	// Verb: a noun phrase, a verb with a preposition or without one, a noun phrase; after
	// ReVerb (Fader, Soderland and Etzioni, 2011).
	Verb Pattern = "verb"
	// Model: a model found it; see [Asking].
	Model Pattern = "model"
)

// confidence is how likely a fact of a pattern is right: what was found of it in the half
// of the documents by which the rules were made. See docs/measured.md.
func (p Pattern) confidence() float64 {
	switch p {
	case Acronym:
		return 0.95
	case Member, Definition:
		return 0.85
	}
	return 0.8
}

// Fact is what a sentence says.
type Fact struct {
	hobby.Claim
	Pattern Pattern
	// Start and End are the bytes of the text that have the sentence: of [Text]'s, or of the
	// insight's.
	Start, End int
}

// Text reads facts out of a text in English, plain or in light Markdown. It takes time in
// proportion to the text's length, and memory for one sentence. Bytes that are no UTF-8
// are marks. The same text gives the same facts.
func Text(text string) iter.Seq[Fact] {
	return func(yield func(Fact) bool) {
		for from, to := range paragraphs(text) {
			for s := range sentences(text, from, to) {
				r := reader{s: s, text: text, yield: yield}
				if r.sentence(); r.done {
					return
				}
			}
		}
	}
}

// reader reads a sentence.
type reader struct {
	s     []token
	text  string
	yield func(Fact) bool
	done  bool
}

func (r *reader) sentence() {
	for i := range r.s {
		switch r.s[i].text {
		case "{", "}", "=", "<", ">", "\\", "$", "@", "|", "~", "^", "\uFFFD":
			return // code
		}
	}
	start, end := r.s[0].start, r.s[len(r.s)-1].end
	whole := *r
	for a := range acronym.All(r.text[start:end]) {
		whole.tell(Acronym, a.Short, hobby.StandsFor, a.Long)
	}
	r.s = aside(r.s)
	if len(r.s) > 2 {
		r.members()
		r.clauses()
	}
	r.done = r.done || whole.done
}

// aside leaves out what is in brackets.
func aside(s []token) []token {
	kept := make([]token, 0, len(s))
	depth := 0
	for _, t := range s {
		switch {
		case t.text == "(" && !t.code:
			depth++
		case t.text == ")" && !t.code:
			depth = max(0, depth-1)
		case depth == 0:
			kept = append(kept, t)
		}
	}
	return kept
}

func (r *reader) tell(p Pattern, subject string, relation hobby.Relation, object string) {
	if r.done || subject == object {
		return
	}
	f := Fact{
		Claim:   hobby.Claim{Subject: subject, Relation: relation, Object: object, Confidence: p.confidence()},
		Pattern: p, Start: r.s[0].start, End: r.s[len(r.s)-1].end,
	}
	r.done = !r.yield(f)
}

func letter(r rune) bool { return unicode.IsLetter(r) }
