package extract

import (
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// clauses finds what the clauses of a sentence say: the first, those behind a semicolon,
// and those behind a comma with "and" or "but".
func (r *reader) clauses() {
	r.clause(0)
	for i := range r.s {
		switch {
		case r.s[i].text == ";":
			r.clause(i + 1)
		case r.s[i].text == "," && i+1 < len(r.s) && (r.s[i+1].lower == "and" || r.s[i+1].lower == "but"):
			if p := nounPhrase(r.s, i+2); p.article != "" { // else it may be the last of a list
				r.clause(i + 2)
			}
		}
	}
}

// clause finds what a clause says that begins at a token: its subject, and the verbs that
// follow.
func (r *reader) clause(at int) {
	s := r.s
	if at+1 < len(s) && opening[s[at].lower] && s[at+1].text == "," {
		at += 2
	}
	if at >= len(s) || !r.holds(at) {
		return
	}
	whole := nounPhrase(s, at)
	if claiming[s[at].lower] && whole.to > at+1 {
		return
	}
	var subject phrase
	var said []said
	next := at
	for to := whole.from + 1; to <= whole.to; to++ { // a noun may be a verb: "function calls return values"
		p, ok := whole.upTo(s, to).of(s)
		if !ok || p.head == nil || to < whole.to && p.to != to {
			continue
		}
		if t := &s[at]; t.first && !t.name() && p.to == at+1 && verb(t.lower).plain && r.imperative(at) {
			return
		}
		if found, end := r.predicate(p, p.to); len(found) > 0 {
			if len(said) > 0 {
				return // it can be read in two ways
			}
			subject, said, next = p, found, end
		}
	}
	for len(said) > 0 && !subject.refers() {
		for _, f := range said {
			r.tell(f.pattern, subject.text, f.relation, f.object)
		}
		if next+1 >= len(s) || s[next].lower != "and" || articles[s[next+1].lower] {
			return
		}
		f := verb(s[next+1].lower)
		if !f.third && !be[s[next+1].lower] || s[next+1].name() {
			return
		}
		said, next = r.predicate(subject, next+1)
	}
}

// imperative reports whether a verb that begins a sentence rather tells somebody what to
// do: "fetch changes to the repository", and not "fetch changes the repository".
func (r *reader) imperative(at int) bool {
	if at+2 >= len(r.s) || be[r.s[at+1].lower] || helpers[r.s[at+1].lower] {
		return false
	}
	return !articles[r.s[at+2].lower]
}

// holds reports whether nothing limits what a clause says from a token on, up to its end.
func (r *reader) holds(at int) bool {
	for ; at < len(r.s) && r.s[at].text != ";"; at++ {
		if w := r.s[at].lower; !r.s[at].code && conditions[w] || r.s[at].text == "?" {
			return false
		}
	}
	return true
}

// said is what a verb says of a subject.
type said struct {
	pattern  Pattern
	relation hobby.Relation
	object   string
}

// predicate reads a verb at a token and what follows, for a subject that it agrees with
// in number. next is the token behind it.
func (r *reader) predicate(subject phrase, at int) (all []said, next int) {
	s := r.s
	one, several := number(subject.head)
	if several && !subject.head.name() && subject.article == "a" {
		return nil, at
	}
	if at < len(s) && adverbs[s[at].lower] && s[at].lower != "already" {
		at++
	}
	if at >= len(s) || s[at].code || !s[at].word {
		return nil, at
	}
	w := s[at].lower
	switch f := verb(w); {
	case w == "is" && one, w == "are" && several:
		return r.being(at+1, "is")
	case w == "was" && one, w == "were" && several:
		return r.being(at+1, "was")
	case w == "has" && one, w == "have" && several:
		if at+1 < len(s) && participle(&s[at+1]) {
			return nil, at
		}
		return r.objects(at+1, "has")
	case s[at].name():
	case f.third && one && r.alone(subject), f.plain && several:
		return r.acting(subject, at+1, f.is)
	}
	return nil, at
}

// alone reports whether a subject can stand without others: it has an article, or is
// written as a name, or begins the sentence.
func (r *reader) alone(p phrase) bool {
	return p.article != "" || p.head.name() || p.head.first || r.s[p.from].name() || number2(p.head)
}

func number2(t *token) bool { _, several := number(t); return several }

// acting reads what follows a verb in the active: a preposition, perhaps, and the objects.
func (r *reader) acting(subject phrase, at int, is string) ([]said, int) {
	s := r.s
	if at >= len(s) {
		return nil, at
	}
	if prep := s[at].lower; prepositions[prep] {
		if prep == "as" || prep == "like" || prep == "than" || prep == "between" || r.infinitive(at) || prep == "to" && tending[is] {
			return nil, at
		}
		return r.objects(at+1, is+" "+prep)
	}
	// "conditional requests support" and "Fiber routes participate" have another verb, and so has
	// "function calls return values".
	if object := nounPhrase(s, at); subject.article == "" && object.article == "" && object.to == at+1 && object.head != nil &&
		!object.head.name() && !number2(object.head) {
		return nil, at
	}
	if f := verb(s[at].lower); f.plain && subject.article == "" && !s[at].name() && at+1 < len(s) && noun(&s[at+1]) {
		return nil, at
	}
	return r.objects(at, is)
}

// infinitive reports whether "to" is followed by a verb, not by a thing.
func (r *reader) infinitive(at int) bool {
	return r.s[at].lower == "to" && at+1 < len(r.s) && !r.s[at+1].name() && (verb(r.s[at+1].lower).plain || helpers[r.s[at+1].lower])
}

// being reads what follows a form of "to be": what a thing is, what is done with it, or a
// relation that an adjective or a noun makes with a preposition.
func (r *reader) being(at int, is string) ([]said, int) {
	s := r.s
	for at < len(s) && adverbs[s[at].lower] {
		at++
	}
	if at+1 >= len(s) {
		return nil, at
	}
	if a := s[at].lower; a == "a" || a == "an" {
		return r.kind(at, is)
	}
	if t := &s[at]; participle(t) || linking[t.lower] && !t.code {
		if verb(t.lower).is == "" && !linking[t.lower] {
			return nil, at
		}
		if prep := s[at+1].lower; prepositions[prep] && prep != "as" && prep != "like" && prep != "between" && !r.infinitive(at+1) &&
			!(prep == "to" && meant[t.lower]) {
			return r.objects(at+2, is+" "+t.lower+" "+prep)
		}
	}
	return nil, at
}

// kind reads what a thing is, from the article on.
func (r *reader) kind(at int, is string) ([]said, int) {
	s := r.s
	p := nounPhrase(s, at)
	if p.to < len(s) && s[p.to].lower == "of" && p.to == p.from+1 && kindsOf[s[p.from].lower] {
		p = nounPhrase(s, p.to+1)
	}
	if p.head == nil {
		return nil, p.to
	}
	if one, _ := number(p.head); !one && p.article != "" {
		return nil, p.to
	}
	if p.to < len(s) && likened[p.head.lower][s[p.to].lower] {
		if all, next := r.objects(p.to+1, is+" a "+p.text+" "+s[p.to].lower); len(all) > 0 {
			for i := range all {
				all[i].pattern = Definition
			}
			return append(all, said{Definition, hobby.Relation(is + " a"), p.text}), next
		}
	}
	p, ok := p.of(s)
	if !ok || r.goesOn(p.to) {
		return nil, p.to
	}
	return []said{{Definition, hobby.Relation(is + " a"), p.text}}, p.to
}

// goesOn reports whether a noun phrase is not over before a token: "an Express-inspired
// framework", "a cgo based wrapper".
func (r *reader) goesOn(at int) bool {
	if at >= len(r.s) {
		return false
	}
	t := &r.s[at]
	if !t.word {
		return t.text != "," && t.text != ";" && t.text != ":" && t.text != "—" && t.text != "–"
	}
	if t.lower == "and" || t.lower == "but" || t.lower == "or" || t.lower == "yet" { // "a minimal and idiomatic library"
		return at+1 < len(r.s) && noun(&r.s[at+1]) && !verb(r.s[at+1].lower).third
	}
	return participle(t) && at+1 < len(r.s) && noun(&r.s[at+1])
}

// objects reads the objects of a relation.
func (r *reader) objects(at int, relation string) ([]said, int) {
	s := r.s
	list, next, or := series(s, at)
	if len(list) == 0 || or || len(relation) > maxRelation {
		return nil, next
	}
	if p := list[0]; len(list) == 1 && next < len(s) && light[p.head.lower][s[next].lower] {
		return r.objects(next+1, relation+" "+p.text+" "+s[next].lower)
	}
	last, ok := list[len(list)-1].of(s)
	causes := last.to < len(s) && s[last.to].lower == "to" && causing[relation]
	if !ok || causes || slices.ContainsFunc(list, phrase.refers) || !r.closes(last.to) {
		return nil, next
	}
	if p := list[0]; p.article == "" && p.to == p.from+1 && verb(p.head.lower).third && !p.head.name() &&
		last.to < len(s) && (adverb(s[last.to].lower) || prepositions[s[last.to].lower]) {
		return nil, next // "the data copy happens"
	}
	list[len(list)-1], next = last, last.to
	if first := list[0]; len(list) == 2 && first.article == "" && first.to == first.from+1 && last.to > last.from+1 {
		// "red and green lights" are two things of the same noun.
		if _, several := number(first.head); !several && !first.head.name() {
			return nil, next
		}
	} else if len(list) == 2 && first.article != "" && last.article == "" && !number2(last.head) && !last.head.name() {
		return nil, next // "a security and authentication mechanism"
	}
	if relation == "takes" && list[0].article == "" && !number2(last.head) && !last.head.name() {
		return nil, next // "takes precedence"
	}
	if last.to < len(s) && s[last.to].lower == "to" && last.head.text[0] >= '0' && last.head.text[0] <= '9' {
		return nil, next // a range
	}
	all := make([]said, len(list))
	for i, p := range list {
		all[i] = said{Verb, hobby.Relation(relation), p.text}
	}
	return all, next
}

// maxRelation is the number of bytes of a relation; see [hobby.Claim].
const maxRelation = 64

// closes reports whether an object may end before a token: nothing that follows belongs to
// its name or says which one is meant.
func (r *reader) closes(at int) bool {
	if at >= len(r.s) {
		return true
	}
	t := &r.s[at]
	w := t.lower
	switch {
	case w == "," || w == ";" || w == ":" || w == "and" || w == "but" || w == "to":
		return true
	case w == "such":
		return at+1 < len(r.s) && r.s[at+1].lower == "as"
	case !t.word, doubts[w], w == "that", w == "which", w == "who", w == "whose":
		return false
	case w == "than" || w == "as" || w == "like" || w == "without":
		return false
	}
	return prepositions[w] || adverbs[w] || adverb(w)
}
