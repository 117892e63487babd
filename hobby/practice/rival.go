package practice

import (
	"regexp"
	"slices"
	"strings"
)

// What may be said beside the answer. A sentence there that has a value of the answer's
// kind, be it the right one or another, must say the right answer, or be working: have the
// sign of an operation, a word of working, or one of the question's own words. Otherwise
// it is another answer, or a denial of this one, whatever its words and its language:
// "43.", "You want 43.", "Everyone says 42."

// rivals reports whether one of the sentences beside the answer disowns it, says that a sum
// which comes to it comes to something else, or has a value and is no working.
func (r *reader) rivals(all []string) bool {
	said := make([]string, len(all))
	for i, s := range all {
		said[i] = r.inFigures(s)
	}
	all = said
	for i, s := range all {
		if disowns.MatchString(s) || r.miscounts(s) || r.rival(s, inContext(all, i)) {
			return true
		}
	}
	return false
}

// comesTo is a sum of numbers, what it is said to come to, and what follows that is no mark.
var comesTo = regexp.MustCompile(`([-+*/×·÷−() 0-9.,]*[0-9)])\s*(?:=|[-=]>|→|\b(?:is|are|equals?|gives|makes|becomes|yields|` +
	`(?:evaluates|comes) to|comes out as)\b)[\s*_$]*([-−]?[0-9][0-9.,]*)(?:\*\*)?\s*([^\s.,;:!_$)]?)`)

// miscounts reports whether a sentence says of a sum that comes to the answer that it comes
// to something else.
func (r *reader) miscounts(s string) bool {
	return slices.ContainsFunc(comesTo.FindAllStringSubmatch(s, -1), func(m []string) bool {
		v := worth(m[1])
		computed := strings.ContainsAny(strings.TrimLeft(m[1], "-−.,( "), "+-*/×·÷−")
		return computed && v != "" && m[3] == "" && r.judge.passes(v) && r.judge.other(strings.Trim(m[2], ".,"))
	})
}

// inContext is a sentence, with the one before it if it refers to that.
func inContext(all []string, i int) string {
	if i > 0 && refers.MatchString(all[i]) {
		return all[i-1] + " " + all[i]
	}
	return all[i]
}

// rival reports whether a sentence has a value and is, in its context, no working.
func (r *reader) rival(s, context string) bool {
	if r.alone(strings.Trim(s, "| ")) {
		return true
	}
	if sides := strings.FieldsFunc(s, func(r rune) bool { return r == '=' || r == '|' }); len(sides) > 1 { // "43 = the sum", "| sum | 43 |"
		name, value := unmarked(sides[0]), unmarked(sides[1])
		if r.phrases.isName(name) && r.judge.other(value) || r.phrases.isName(value) && r.alone(name) {
			return true
		}
	}
	if m := affirmed.FindStringSubmatch(s); m != nil {
		return !r.judge.passes(unmarked(m[1])) && (r.alone(m[1]) || r.valueIn(m[1]) != "")
	}
	if item.MatchString(s) {
		return false
	}
	if m := claims.FindStringSubmatch(s); m != nil && r.alone(m[1]) {
		return true
	}
	value := r.valueIn(s)
	return value != "" && !r.works(context, value) && !slices.ContainsFunc(starts(s), func(part string) bool {
		return slices.ContainsFunc(r.phrases.statements(part), func(st statement) bool { return r.judge.passes(once(st.value)) })
	})
}

// valueIn is the longest value of the answer's kind among the words of a text, the right
// one if there is one. It is "" for a text without one. Where the judge takes any words
// for an answer, another value is one that is almost right, and not in the question.
func (r *reader) valueIn(s string) string {
	const short = 20 // words, of the longest value; in a longer text, it is a word, or at an end
	at := spacedWords.FindAllStringIndex(s, -1)
	another := r.judge.other
	if another("these are words") {
		another = func(s string) bool { return r.judge(s).Note == almost && slices.ContainsFunc(wordsOf(s), r.unknown) }
	}
	kinds := []func(string) bool{r.judge.passes, another}
	for _, is := range kinds {
		for n := min(len(at), short); n > 0; n-- {
			for i := 0; i+n <= len(at); i++ {
				if len(at) > short && 1 < n && 0 < i && i+n < len(at) {
					continue
				}
				piece := unmarked(s[at[i][0]:at[i+n-1][1]])
				for _, piece := range []string{
					piece, strings.TrimLeft(piece, "->=• "), unbracketed(piece), strings.Trim(piece, "<>"), strings.Trim(piece, "{}"),
					strings.Trim(piece, "()[]{}<>"),
				} {
					if piece != "" && !remarks.MatchString(piece) && is(piece) {
						return piece
					}
				}
			}
		}
	}
	return ""
}

// unknown reports whether a word, in lower case, is neither the question's nor one of
// working.
func (r *reader) unknown(w string) bool { return !common[w] && !working[w] && !r.phrases.has(w) }

// unbracketed takes off the brackets around a piece.
func unbracketed(s string) string {
	s = strings.TrimSpace(s)
	for _, p := range [][2]string{{"(", ")"}, {"[", "]"}, {"{", "}"}} {
		if inner, ok := between2(s, p); ok {
			return inner
		}
	}
	return s
}

// works reports whether a sentence is working, without a value.
func (r *reader) works(s, value string) bool {
	rest := strings.ReplaceAll(s, value, " ")
	return operation.MatchString(rest) || slices.ContainsFunc(wordsOf(rest), func(w string) bool {
		one := strings.TrimSuffix(w, "s")
		return !common[w] && !common[one] && (working[w] || working[one] || r.phrases.has(w))
	})
}

// common are words that say nothing of a question.
var common = wordList(`a all an and answer any are as at be both but correct do does false final for get gets go had has
		have how i in into is it its keep know let look make makes me my not number of on one only or our
		out result right say says so that the them there these they this to true up us use was we were what
		which who will with would write wrong you your`)

var (
	// claims says that something is the answer, in words that are no phrases. It is asked
	// for where any word may be an answer, which no value can be told from.
	claims = regexp.MustCompile(`(?i)^\W*(?:(?:(?:the|my|das|die|el|la|le|il|o)\s+)?(?:final|correct|right|choice|antwort|lösung|ergebnis|` +
		`respuesta|solución|resultado|réponse|résultat|risposta|resposta|ответ|odpowiedź|cevap|الجواب|정답|答案|答え)\W*(?:(?:is|ist|es|est|è|é)\s)?|` +
		`(?:in (?:truth|reality)|officially|certainly|so|thus)\b\W*(?:it is\b)?|it (?:must|has to|ought to) be\b|` +
		`i(?:['’]d)? (?:choose|say|pick|go with|would say)\b|es ist\b|c['’]est\b)\W*(.+)$`)
	// affirmed is what a sentence calls right.
	affirmed    = regexp.MustCompile(`(?i)^(.+?)\s+(?:is|are|was|were|would be|must be)\s+(?:indeed\s+)?(?:the\s+)?(?:correct|right|true)\b`)
	spacedWords = regexp.MustCompile(`[^\s=]+`)
	// operation is the sign of one beside an operand, or a letter or numeral as a name.
	operation = regexp.MustCompile(`[\pL\pN)\]}]\s*[+*/×·÷≡]|` +
		`[+*/×·÷≡=<>]\s*[\pL\pN([{]|\pN\s*[-−]|\pL\s+[-−]\s|` +
		`(?:^|[\s(|])(?:[B-HJ-Z]|[IVXLCDM]{2,}|A\s+(?:is|has)|A[.,;])(?:[\s).,;:|]|$)`)
	// refers begins a sentence about the one before it.
	refers = regexp.MustCompile(`(?i)^\W*(?:that|this|which|together)\b`)
)

// unmarked takes off the marks around a piece of a sentence.
func unmarked(s string) string { return strings.Trim(s, "*_$`\"'“”‘’ ,:;.!?。") }

// disowns is a sentence that disowns all that stands beside it, takes it back, calls it a
// guess, or says that it is not exact.
var disowns = regexp.MustCompile(`(?i)^\W*(?:i (?:do not|don['’]t) know|(?:i have )?no idea|` +
	`i (?:refuse|disagree|lied|made (?:it|this|that) up)|i(?:['’]m| am) (?:lying|joking|kidding)|just kidding|(?:on )?opposite day|` +
	`(?:the following|what follows|this|that|it) (?:is|was) an? (?:lie|joke|trap|decoy)|(?:it|this|that) (?:isn['’]t|is not)\W*$|` +
	`(?:not|psych|lies?|false|wrong|incorrect)\W*$|(?:scratch|strike|ignore|disregard|forget) (?:that|this|it)\b|never ?mind\b|` +
	`on second thoughts?\b|make (?:that|it)\b|i mean\b|edit\s*[:–—-]|p\.?s\.?\W|` +
	`so is (?-i:[^\p{Lu}]|\p{Lu}{2})|or (?:is|was) it\b|there are others\b|` +
	`(?:that|this|it) is (?:just |only )?(?:one|an?) (?:option|possibility|guess|estimate|approximation)\b|` +
	`(?:probably|maybe|perhaps|possibly|roughly|approximately|approx|about|around|nearly)\W*$|` +
	`i (?:may|might|could) (?:well )?be (?:wrong|mistaken)|` +
	`i(?:['’]m| am) (?:guessing|unsure|not (?:so |quite |very |too )?(?:sure|certain|confident))|` +
	`(?:i(?:['’]m| am) )?(?:only )?(?:[0-9]{1,2}(?:\.[0-9]+)?|\pL+ty(?:[ -]\pL+)?) ?(?:%|percent) (?:sure|certain|confident)|` +
	`(?:do not|don['’]t) trust (?:me|this|that|it)\b)|` +
	`\b(?:give or take|more or less|or thereabouts|[0-9]+ish)\b|[\pL\pN]-ish\b`)

// remarks are words that stand alone, and are no answers.
var remarks = regexp.MustCompile("(?i)^(?:yes|no|yeah|yep|sure|okay|ok|alright|certainly|absolutely|so|thus|now|then|finally|" +
	"note|check|answer|result|solution|great|right|correct|done|hmm+|hello|hi|well|good|perfect|exactly|indeed|understood|easy|simple|" +
	"next|first|it|this|that|which|everything|both|either|one|what|they|`{3}[a-z]*)$")

// alone reports whether a text is another answer, and no words about one. Where the judge
// takes any words for an answer, it must be one word, a list, in capitals, or in brackets.
func (r *reader) alone(s string) bool {
	if item.MatchString(s) {
		return false
	}
	s = strings.TrimRight(Bare(unlisted(s)), "!:")
	fields := strings.Fields(s)
	if len(fields) == 0 || remarks.MatchString(s) || unspaced.MatchString(s) || !r.judge.other(s) {
		return false
	}
	capitals := s == strings.ToUpper(s) && s != strings.ToLower(s)
	return !r.judge.other("these are words") || strings.ContainsAny(s[:1], "{[(") || capitals ||
		len(s) > 1 && !slices.ContainsFunc(fields[:len(fields)-1], func(f string) bool { return !strings.HasSuffix(f, ",") })
}

// item is an entry of a list about a letter: "a: 20".
var item = regexp.MustCompile(`^[-*_\s]*[a-z][*_]*:`)

// unspaced is of a writing that has no space between words.
var unspaced = regexp.MustCompile(`[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]`)

// showsOther reports whether code of a text is another answer.
func (r *reader) showsOther(said string) bool {
	return slices.ContainsFunc(fences.FindAllStringSubmatch(said, -1), func(m []string) bool { return r.alone(m[1]) })
}
