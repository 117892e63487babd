package extract

import (
	"slices"
	"strings"
)

// phrase is a noun phrase: tokens [from, to) of a sentence, without its article.
type phrase struct {
	from, to int
	head     *token
	article  string
	text     string
}

const maxWords = 5

// noun reports whether a token may be part of a noun phrase.
func noun(t *token) bool { return t.word && (t.code || !closed(t.lower)) }

// nounPhrase reads a noun phrase that begins at a token. The phrase has no head where
// there is none that names something.
func nounPhrase(s []token, at int) phrase {
	p := phrase{from: at}
	if at < len(s) && articles[s[at].lower] {
		p.article = s[at].lower
		at++
		p.from = at
	}
	for at < len(s) && noun(&s[at]) && !(at > p.from && (participle(&s[at]) || gerund(&s[at])) && !named(s, at)) {
		at++
	}
	return p.upTo(s, at)
}

// named reports whether a participle or a gerund after a noun is part of its name:
// "machine learning" alone is not told from "a machine learning words".
func named(s []token, at int) bool { return capital(s[at].text) && capital(s[at-1].text) }

// upTo is the phrase up to a token.
func (p phrase) upTo(s []token, to int) phrase {
	p.to, p.head, p.text = to, nil, ""
	if to <= p.from || to-p.from > maxWords {
		return p
	}
	words := make([]string, 0, maxWords)
	letters := false
	for i := p.from; i < to; i++ {
		words = append(words, s[i].text)
		letters = letters || strings.IndexFunc(s[i].text, letter) >= 0
	}
	first, last := &s[p.from], &s[to-1]
	lower := last.lower
	bare := p.article == "" && to-p.from > 1 && gerund(first) // "reading files" does something
	switch {
	case !letters || bare || len(last.text) < 2 && !last.code:
	case !last.code && (adjective(lower) || vague[lower] || participle(last) && !last.name()):
	default:
		p.head, p.text = last, strings.Join(words, " ")
	}
	return p
}

// refers reports whether a phrase has no name of its own: "the paper".
func (p phrase) refers() bool {
	return p.article == "the" && p.to == p.from+1 && !p.head.code && !p.head.name() && referring[p.head.lower]
}

// of adds "of" and the noun phrase behind it. ok is false where what follows is none.
func (p phrase) of(s []token) (all phrase, ok bool) {
	if p.to >= len(s) || s[p.to].lower != "of" {
		return p, true
	}
	more := nounPhrase(s, p.to+1)
	if more.head == nil || p.to == p.from {
		return p, false
	}
	words := make([]string, 0, 2*maxWords)
	for i := p.from; i < more.to; i++ {
		words = append(words, s[i].text)
	}
	if len(words) > 2*maxWords {
		return p, false
	}
	head := &s[p.to-1]
	if !vague[head.lower] {
		p.head = head
	}
	p.to, p.text = more.to, strings.Join(words, " ")
	return p, p.head != nil
}

// series reads noun phrases that are listed: "A", "A and B", "A, B and C". It ends before
// what is no phrase, and has one phrase where the list does not end with a conjunction.
// or reports that they are alternatives.
func series(s []token, at int) (all []phrase, next int, or bool) {
	first := nounPhrase(s, at)
	all = []phrase{first}
	if first.head == nil {
		return nil, at, false
	}
	for at := first.to; at < len(s); {
		comma := s[at].text == ","
		if comma {
			at++
		}
		last := at < len(s) && (s[at].lower == "and" || s[at].lower == "or")
		if last {
			or = s[at].lower == "or"
			at++
		}
		if !comma && !last {
			break
		}
		p := nounPhrase(s, at)
		if p.head == nil {
			break
		}
		if t := &s[at]; p.article == "" && verb(t.lower).third && !t.name() && (p.to > at+1 || at+1 < len(s) && articles[s[at+1].lower]) {
			break // "runs a job and sends a message"
		}
		all = append(all, p)
		if at = p.to; last {
			return all, at, or
		}
	}
	return all[:1], first.to, false
}

// seriesBefore reads noun phrases that are listed and end before a token.
func seriesBefore(s []token, to int) []phrase {
	var all []phrase
	for to > 0 {
		p := phraseBefore(s, to)
		if p.head == nil {
			break
		}
		all = append(all, p)
		if to = p.from; p.article != "" {
			to--
		}
		if to == 0 || s[to-1].text != "," {
			break
		}
		to--
	}
	slices.Reverse(all)
	return all
}

// phraseBefore is the noun phrase that ends before a token. It has no verb in it, as far
// as that can be seen.
func phraseBefore(s []token, to int) phrase {
	from := to
	for from > 0 && noun(&s[from-1]) && (from == to || !acts(&s[from-1])) {
		from--
	}
	p := phrase{from: from}
	if from > 0 {
		if before := s[from-1].lower; articles[before] {
			p.article = before
		} else if pointing[before] && !general[before] && before != "all" {
			return p
		}
	}
	return p.upTo(s, to)
}

// acts reports whether a word before a noun is rather a verb.
func acts(t *token) bool {
	f := verb(t.lower)
	return !t.code && (f.plain || f.third || f.ing)
}

// kept is a phrase without the words before a class's name that do not belong to it.
func (p phrase) kept(s []token) phrase {
	for p.from < p.to-1 && general[s[p.from].lower] {
		p.from++
	}
	return p.upTo(s, p.to)
}
