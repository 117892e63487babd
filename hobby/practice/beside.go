package practice

import (
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// What stands behind an answer: an explanation, which may contradict it, and a
// farewell.

var (
	// sum is one after an answer, in brackets: "42 (6 × 7)".
	sum = regexp.MustCompile(`\s+\(([0-9][-+*/×·÷− 0-9.]{1,40}[0-9])\)[.*]*$`)
	// shown says, after an answer, of which two numbers it was made: "42. I multiplied 6 and 7."
	shown = regexp.MustCompile(`(?i)[.!][*]*\s+(?:I|we)\s+(added|multiplied|subtracted|divided)\s+([0-9][0-9.,]*)\s+(and|with|to|by|from)\s+` +
		`([0-9][0-9.,]*?)\.?$`)
	// reasons is where an explanation begins, after the answer.
	reasons = regexp.MustCompile(`(?i)(?:\n\s*|[.!]["'”*]*\s+|,?\s+\(?)(?:[*_#]*(?:explanation|reasoning|working|calculation|` +
		`steps|solution|here(?:'s| is) (?:how|why))\b|` +
		`(?:this is )?(?:because|since)\b)|\s+\([-+*/×·÷− 0-9.,]+=|(?:\n\s*|[.!,]["'”*]*\s+)to (?:get|find|solve|calculate|` +
		`compute|convert|verify|check)\b`)
	// amends are words with which a model takes back what it said, or says it of
	// something else.
	amends = regexp.MustCompile(`(?i)\b(?:wrong|mistaken?|incorrect|wait|hmm|re(?:check|compute|calculate|consider)|doubled?|actually|` +
		`correction|corrected|instead|sorry|oops|rather|no|guess|should|alternatively|another|other than|avoid|never|false|` +
		`invalid|opposite|bad|fail\w*|but|however|yet|could|might|maybe|disagree\w*|kidding|joking|liar|lied|lying|a lie|trap|decoy|` +
		`made (?:it|this|that) up|unsure|real|truth|actual|nobody|nothing|no one|fool\w*|joke|nonsense|silly|stupid|` +
		`not (?:sure|certain|this|that|right|correct|it|true)|isn['’]t|doesn['’]t|cannot|can['’]t|` +
		`won['’]t (?:work|run|help|do|be|pass|use|answer|say)|wouldn['’]t|probably|perhaps|possibly|` +
		`doubt (?:it|that|this|the)|doubt(?:s|ed|ful|ing)|i(?: \pL+)? doubt|(?:in|some|much) doubt|deny|denied|untrue|` +
		`unverified|psych|roughly|approximately|never ?mind|(?:scratch|strike|ignore|disregard|forget) (?:that|this|it)|` +
		`not\s+` + doing + `)\b|n['’]t\s+` + doing + `\b|答案`)
	// doing is what is not to be done with an answer.
	doing = `(?:use|choose|pick|trust|believe|recommend|advise|say|write|answer|want|run)`
)

// behind is what stands between an answer and the explanation's first word.
var behind = regexp.MustCompile(`(?i)^[\s.,!(*_#"'”]*(?:explanation|reasoning|working|calculation|steps|solution)?[*_#]*:?[*_\s]*`)

// withoutReasons takes an explanation off the end of an answer, when it is one and
// comes to nothing else.
func (r *reader) withoutReasons(s string) string {
	s = strings.TrimSpace(s)
	if m := sum.FindStringSubmatchIndex(s); m != nil && r.judge.passes(worth(s[m[2]:m[3]])) {
		return strings.TrimSpace(s[:m[0]])
	}
	if m := shown.FindStringSubmatchIndex(s); m != nil && r.judge.passes(made(s[m[2]:m[3]], s[m[4]:m[5]], s[m[6]:m[7]], s[m[8]:m[9]])) {
		return strings.TrimSpace(s[:m[0]])
	}
	if at := reasons.FindStringIndex(s); at != nil && r.explains(s[at[0]:], s[at[1]:]) && !r.doubts(s[at[1]:]) {
		return strings.TrimSpace(s[:at[0]])
	}
	return s
}

// made is what comes of two numbers: "multiplied", "6", "and" and "7" make 42.
func made(verb, one, word, two string) string {
	switch strings.ToLower(verb + " " + word) {
	case "added and", "added with", "added to":
		return worth(one + "+" + two)
	case "multiplied and", "multiplied with", "multiplied by":
		return worth(one + "*" + two)
	case "subtracted from":
		return worth(two + "-" + one)
	case "divided by":
		return worth(one + "/" + two)
	}
	return ""
}

// worth is what a sum of numbers comes to; "" for anything else.
func worth(sum string) string {
	s := strings.ReplaceAll(operators.Replace(strings.TrimSpace(sum)), "**", "?")
	s = strings.Trim(thousands.ReplaceAllString(s, "$1$2"), " .*")
	if !sumOnly.MatchString(s) {
		return ""
	}
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, numeral.ReplaceAllString(s, "($0+0.0)"))
	if err != nil || v.Value == nil {
		return ""
	}
	return v.Value.ExactString()
}

var (
	sumOnly   = regexp.MustCompile(`^[-+*/() 0-9.\n]*[0-9][-+*/() 0-9.\n]*$`)
	thousands = regexp.MustCompile(`([0-9]),([0-9]{3})\b`)
	numeral   = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)?`)
	word      = regexp.MustCompile(`\pL{2,}`)
	// results are what equations and conclusions come to.
	results = regexp.MustCompile(`(?i)(?:[-+*/×·÷−]\s*[0-9.,]+\s*(?:=|\b(?:is|are|equals|gives|makes)\b)|\b(?:so|thus|therefore|` +
		`hence)\b(?:[^.;\n]*\b(?:is|are|equals|becomes)\b)?|` +
		`\b(?:prints|becomes|results? in|(?:one|result|total|output|value|sum|count)(?: of [^.;\n]{1,40}?)? is|` +
		`(?:one|result|total|output|value|count|` +
		`version):))\s*(?:an?\s+)?(\S*[0-9]\S*|[A-Z]\S*)`)
)

// explains reports whether a text, of which rest is behind a word such as
// "because", has words or an equation, and none that come to something else than the answer.
func (r *reader) explains(s, rest string) bool {
	return (results.MatchString(s) || strings.Contains(rest, "=") || len(word.FindAllString(rest, 2)) == 2) && !r.contradicts(s)
}

// prose begins what is said of an answer, and is no answer: "it is the next heading".
var prose = regexp.MustCompile(`^(?:the|an?|one|what|where|because|in|on|at|only|also|given|listed|shown|followed|written|found)\b`)

// doubts reports whether a text says by a phrase that the answer is another.
func (r *reader) doubts(s string) bool {
	return slices.ContainsFunc(sentences(strings.TrimLeft(s, ":,*_ \n")), func(s string) bool {
		_, steps := stepped(s)
		return slices.ContainsFunc(append(steps, s), func(part string) bool {
			return slices.ContainsFunc(append(r.other(part), r.other(tidy(part))...),
				func(st statement) bool { return st.final() && !prose.MatchString(st.value) })
		})
	})
}

// contradicts reports whether a text takes the answer back or comes to another.
func (r *reader) contradicts(s string) bool {
	if amends.MatchString(s) || answerIs.MatchString(s) || r.doubts(s) {
		return true
	}
	all := sentences(behind.ReplaceAllString(s, ""))
	for i := range all {
		all[i] = tidy(all[i])
	}
	if r.rivals(all) {
		return true
	}
	if all := results.FindAllStringSubmatch(s, -1); all != nil {
		return !r.judge.passes(strings.Trim(all[len(all)-1][1], "$*_.,;:!()"))
	}
	return false
}

var (
	// opens is how words about code begin, after it.
	opens = regexp.MustCompile(`(?i)^[\s*_#-]*(?:this|it|here|the|these|where|which|explanation|breakdown|because|since|` +
		`matches|how it works|in this|` +
		"each|that|note|i|[*-] |[0-9]+\\. |`)")
	// spans are the pieces of code within words.
	spans = regexp.MustCompile("`([^`\\n]+)`")
)

// begins is what parts an answer from its explanation.
var begins = regexp.MustCompile(`^(?:[.,!\n*]|\s+\()`)

// explained reports whether a text begins with the answer, or says it in its first
// sentence, and then explains it.
func (r *reader) explained(said string) bool {
	if first := r.withoutReasons(said); first != said && begins.MatchString(strings.TrimSpace(said)[len(first):]) &&
		(r.judge.passes(first) || r.says(first)) {
		return true
	}
	if !r.phrases.Code {
		return false
	}
	for _, at := range codeEnds.FindAllStringIndex(said, -1) {
		first, rest := strings.TrimSpace(said[:at[1]]), strings.TrimSpace(said[at[1]:])
		if (r.judge.passes(first) || r.says(first)) && r.comments(rest, first) {
			return true
		}
	}
	return false
}

// codeEnds is where code may end and words about it begin.
var codeEnds = regexp.MustCompile("\\n+|;\\s+|`\\.?\\s+|\\*\\*\\.?\\s+")

// comments reports whether a text is words about code, and has no code but parts of
// it.
func (r *reader) comments(text, code string) bool {
	if amends.MatchString(text) || answerIs.MatchString(text) || !word.MatchString(text) || strings.Contains(text, "```") {
		return false
	}
	if !r.phrases.Code {
		return strings.Contains(text, " ") && !r.contradicts(text) && !loose.MatchString(text)
	}
	squeezed := strings.Join(strings.Fields(code), "")
	if slices.ContainsFunc(spans.FindAllStringSubmatch(text, -1), func(m []string) bool {
		return !strings.Contains(squeezed, strings.Join(strings.Fields(m[1]), ""))
	}) {
		return false
	}
	if slices.ContainsFunc(sentences(text), disowns.MatchString) {
		return false
	}
	tells := !r.judge.other("these are words") // words from code
	return opens.MatchString(text) && !r.doubts(text) && !slices.ContainsFunc(sentences(text), func(s string) bool {
		entry := listMark.ReplaceAllString(s, "")
		alone := len(strings.Fields(s)) < 2 || tells && !partOf(code, entry)
		return len(r.other(s)) > 0 || !word.MatchString(s) && !numeral.MatchString(s) || alone && (r.judge.other(s) || r.judge.other(entry))
	})
}

// partOf reports whether words follow each other in code.
func partOf(code, words string) bool {
	spaced := func(s string) string { return " " + strings.Join(strings.Fields(Bare(s)), " ") + " " }
	return strings.Contains(spaced(code), spaced(words))
}

// listMark is what an entry of a list begins with.
var listMark = regexp.MustCompile(`^\s*(?:[-*•]|[0-9]+[.)])\s+`)

// farewell is what a chat model says after its answer.
var farewell = regexp.MustCompile(`(?i)^(?:(?:i )?hope (?:this|that|it) (?:helps?|is (?:helpful|clear|useful|correct|right|what you))\b|` +
	`(?:please )?(?:let me know|feel free)\b|is there anything else|would you like (?:me|to|more|some|any|help|further|another)\b|` +
	`do you (?:have|need|want) (?:me|to|more|some|any|help|further|another)\b|if you (?:have|need|want|would like)\b|` +
	`happy to help|you're welcome|good luck)[^0-9]*$`)

// withoutFarewell takes polite sentences off the end.
func withoutFarewell(said string) string {
	const most = 4
	for range most {
		at := sentence.FindAllStringIndex(said, -1)
		if len(at) == 0 {
			break
		}
		end := at[len(at)-1][1]
		if !farewell.MatchString(strings.TrimSpace(said[end:])) {
			break
		}
		said = strings.TrimSpace(said[:end])
	}
	return said
}
