package practice

import (
	"regexp"
	"slices"
	"strings"
)

// What a sentence beside the answer may say that takes the answer back: that it is not
// the one, or that another is.

var (
	// about parts a sentence into what it is about and what it says of it.
	about = regexp.MustCompile(`(?i)^(.+?)\s+(?:(?:is|are|was|were|would be|will be|can be|could be|may be|must be|should be|seems|looks|` +
		`sounds)\b|(?:isn|aren|wasn|weren|won|wouldn|can|couldn|shouldn)['’]t\b|cannot\b|does|doesn['’]t)(.*)$`)
	// approves is what may be said of an answer that stands.
	approves = regexp.MustCompile(`(?i)^\W*(?:(?:the|an?|indeed|also|exactly|therefore|then|thus|=|equal|correct|right|true|` +
		`given|found|shown|listed|written|followed|defined|printed|divisible|greater|less|more|between|before|after|in|on|` +
		`at|of|to)\b|[0-9])`)
	// negated is a word that turns what a sentence says.
	negated = regexp.MustCompile(`(?i)\b(?:not|no|never|nor|nobody|nothing|cannot|wrong|false|incorrect|untrue|mistaken?|` +
		`fool\w*|lie|joke|trap|decoy)\b|n['’]t\b`)
	// saying begins what is about the saying of an answer.
	saying = regexp.MustCompile(`(?i)^\W*(?:saying|answering|writing)\s`)
	// refused is what a sentence does not want said, behind its "not", in some languages.
	refused = regexp.MustCompile(`(?i)(?:^|\s)(?:not|never|don['’]t|nicht|kein|pas|no es|não é|non è|не|` +
		`wasn['’]t|anything but|wrong to|lie to|(?:liar|fool|nobody|no one) would|(?:told|asked|forced|paid|mad|silly|stupid|pretend\w*) to)` +
		`\s+(?:(?:say|write|answer|claim|choose|believe)\s+)?(.+)$|不是(.+)$`)
	// disowns is a sentence that disowns all that stands beside it.
	disowns = regexp.MustCompile(`(?i)^\W*(?:i (?:do not|don['’]t) know|(?:i have )?no idea|` +
		`i (?:refuse|disagree|lied|made (?:it|this|that) up)|i(?:['’]m| am) (?:lying|joking|kidding)|just kidding|(?:on )?opposite day|` +
		`(?:the following|what follows|this|that|it) (?:is|was) an? (?:lie|joke|trap|decoy)|(?:it|this|that) (?:isn['’]t|is not)\W*$)`)
)

// denies reports whether a sentence is about the answer and does not let it stand, or
// disowns what is beside it.
func (r *reader) denies(s string) bool {
	if disowns.MatchString(s) {
		return true
	}
	if m := refused.FindStringSubmatch(s); m != nil && r.judge.passes(unmarked(m[1]+m[2])) {
		return true
	}
	for _, part := range starts(s) {
		m := about.FindStringSubmatch(part)
		if m == nil || !r.judge.passes(unmarked(saying.ReplaceAllString(m[1], ""))) {
			continue
		}
		if negated.MatchString(m[0][len(m[1]):]) || !approves.MatchString(m[2]) {
			return true
		}
	}
	return false
}

// unmarked takes off the marks around a piece of a sentence.
func unmarked(s string) string { return strings.Trim(s, "*_$`\"'“”‘’ ,:.。") }

var (
	// claims says that something is the answer, in words that are no phrases.
	claims = regexp.MustCompile(`(?i)^\W*(?:(?:(?:the|my|your|our|their|das|die|el|la|le|il|o|a)\s+)?(?:final|correct|right|` +
		`true|key|truth|choice|pick|antwort|lösung|ergebnis|respuesta|solución|resultado|réponse|résultat|risposta|risultato|resposta|ответ|` +
		`odpowiedź|cevap|الجواب|정답|答案|答え)[*_]*\s*(?:[:=：是为は]|\s(?:is|ist|es|est|è|é)\s|\s)|it (?:must|has to|ought to) be\b|` +
		`(?:in (?:truth|reality)|officially),?(?: it is)?\b|` +
		`i(?:['’]d)? (?:choose|say|pick|go with|would say)\b|es ist\b|` +
		`c['’]est\b)[*_]*\s*(.+)$`)
	// affirms is what is said of the right answer.
	affirms = regexp.MustCompile(`(?i)^\W*(?:indeed\s+)?(?:correct|right|true|the (?:(?:right|correct|final|real) )?(?:answer|one|result))\b`)
	// neighbour says where the answer stands, and begins as "it follows that" does.
	neighbour = regexp.MustCompile(`(?i)^\W*it follows\s`)
	// remarks are words that stand alone, and are no answers.
	remarks = regexp.MustCompile("(?i)^(?:yes|no|yeah|yep|sure|okay|ok|alright|certainly|absolutely|so|thus|now|then|finally|" +
		"note|check|answer|result|solution|great|right|correct|done|hmm+|hello|hi|well|good|perfect|exactly|indeed|understood|easy|simple|" +
		"next|first|it|this|that|which|everything|both|either|one|what|they|`{3}[a-z]*)$")
)

// rival reports whether a sentence is another answer, or says in so many words that
// another is the right one.
func (r *reader) rival(s string) bool {
	if m := claims.FindStringSubmatch(s); m != nil && r.alone(m[1]) {
		return true
	}
	if sides := split(s); len(sides) == 2 && r.phrases.isName(sides[1]) && r.alone(sides[0]) {
		return true
	}
	if name, value, row := strings.Cut(strings.Trim(s, "| "), "|"); row && r.phrases.isName(unmarked(name)) && r.judge.other(unmarked(value)) {
		return true
	}
	parts := starts(s)
	if neighbour.MatchString(s) {
		parts = parts[:1]
	}
	return slices.ContainsFunc(parts, func(part string) bool {
		if r.alone(strings.Trim(part, "| ")) {
			return true
		}
		m := about.FindStringSubmatch(part)
		return m != nil && affirms.MatchString(m[2]) && r.alone(m[1])
	})
}

// alone reports whether a text is another answer, and no words about one. Where the judge
// takes any words for an answer, it must be one word, a list, in capitals, or in brackets.
func (r *reader) alone(s string) bool {
	if item.MatchString(s) {
		return false
	}
	s = strings.TrimRight(Bare(s), "!:")
	fields := strings.Fields(s)
	if len(fields) == 0 || remarks.MatchString(s) || unspaced.MatchString(s) || !r.judge.other(s) {
		return false
	}
	capitals := s == strings.ToUpper(s) && s != strings.ToLower(s)
	return !r.judge.other("these are words") || strings.ContainsAny(s[:1], "{[(") || capitals ||
		len(s) > 1 && !slices.ContainsFunc(fields[:len(fields)-1], func(f string) bool { return !strings.HasSuffix(f, ",") })
}

// item is an entry of a list about the letter a, which looks as the answer "A: 20" does.
var item = regexp.MustCompile(`^[-*_\s]*a[*_]*:`)

// unspaced is of a writing that has no space between words.
var unspaced = regexp.MustCompile(`[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]`)

// showsOther reports whether code of a text is another answer.
func (r *reader) showsOther(said string) bool {
	return slices.ContainsFunc(fences.FindAllStringSubmatch(said, -1), func(m []string) bool { return r.alone(m[1]) })
}
