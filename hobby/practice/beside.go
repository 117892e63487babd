package practice

import (
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// What stands beside an answer: an explanation, which may contradict it, another
// value for what it says, a farewell.

var (
	// working is a sum after an answer, in brackets: "42 (6 × 7)".
	working = regexp.MustCompile(`\s+\(([0-9][-+*/×·÷− 0-9.]{1,40}[0-9])\)[.*]*$`)
	// reasons is where an explanation begins, after the answer.
	reasons = regexp.MustCompile(`(?i)(?:\n\s*|[.!]["'”*]*\s+|,?\s+\(?)(?:[*_#]*(?:explanation|reasoning|working|calculation|` +
		`steps|solution|here(?:'s| is) (?:how|why))\b|` +
		`(?:this is )?(?:because|since)\b)|\s+\([-+*/×·÷− 0-9.,]+=|(?:\n\s*|[.!,]["'”*]*\s+)to (?:get|find|solve|calculate|` +
		`compute|convert|verify|check)\b`)
	// amends are words with which a model takes back what it said.
	amends = regexp.MustCompile(`(?i)\b(?:wrong|mistake|wait|hmm|re(?:check|compute|calculate|consider)|doubled?|actually|` +
		`correction|corrected|instead|sorry|oops|rather|no)\b|答案`)
)

// withoutReasons takes an explanation off the end of an answer, when it is one and
// comes to nothing else.
func withoutReasons(s string, j judge) string {
	s = strings.TrimSpace(s)
	if m := working.FindStringSubmatchIndex(s); m != nil && j.passes(worth(s[m[2]:m[3]])) {
		return strings.TrimSpace(s[:m[0]])
	}
	if at := reasons.FindStringIndex(s); at != nil && explains(s[at[0]:], j) {
		return strings.TrimSpace(s[:at[0]])
	}
	return s
}

// worth is what a sum of numbers comes to; "" for anything else.
func worth(sum string) string {
	exact := numeral.ReplaceAllString(strings.NewReplacer("×", "*", "·", "*", "÷", "/", "−", "-").Replace(sum), "($0+0.0)")
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, exact)
	if err != nil || v.Value == nil {
		return ""
	}
	return v.Value.ExactString()
}

var (
	numeral = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)?`)
	// comment is words in every line.
	comment = regexp.MustCompile(`^(?:[^\n]*\pL{2,} [^\n]*\PL?\s*)+$`)
	word    = regexp.MustCompile(`\pL{2,}`)
	// results are what equations and conclusions come to.
	results = regexp.MustCompile(`(?i)(?:[-+*/×·÷−]\s*[0-9.,]+\s*(?:=|\b(?:is|are|equals|gives|makes)\b)|\b(?:so|thus|therefore|` +
		`hence)\b(?:[^.;\n]*\b(?:is|are|equals|becomes)\b)?|` +
		`\b(?:prints|becomes|results? in|(?:result|total|output|value|sum|count)(?: of [^.;\n]{1,40}?)? is|` +
		`(?:one|result|total|output|value|count|` +
		`version):))\s*(?:an?\s+)?(\S*[0-9]\S*|[A-Z]\S*)`)
)

// explains reports whether a text has words, and none that come to something else
// than the answer.
func explains(s string, j judge) bool {
	return (results.MatchString(s) || len(word.FindAllString(s, 2)) == 2) && !contradicts(s, j)
}

// contradicts reports whether a text takes the answer back or comes to another.
func contradicts(s string, j judge) bool {
	if amends.MatchString(s) || answerIs.MatchString(s) {
		return true
	}
	if all := results.FindAllStringSubmatch(s, -1); all != nil {
		return !j.passes(strings.Trim(all[len(all)-1][1], "$*_.,;:!()"))
	}
	return false
}

var (
	// equals is the sign, or the word, that leads to an answer, and side where what
	// stands before it begins.
	equals = regexp.MustCompile(`(?i)\s*(?:[=≡]|\b(?:is|are|equals|gives|makes))[\s$*]*$`)
	side   = regexp.MustCompile(`(?i)[,;:]\s|=|\b(?:so|thus|therefore|hence|then)\b`)
	// states parts a statement into what it is of, and its value, if that is one word.
	states = regexp.MustCompile(`(?is)^(.*?)\s*(?:[:=]|\b(?:is|are|was|equals|gives|makes|get|got)\b)[\s*$:]*(\S*)$`)
	pieces = regexp.MustCompile(`[.!?。]["'”)*]*\s+|\n+|[,;]\s+`)
	filler = regexp.MustCompile(`(?i)\b(?:so|thus|therefore|hence|then|the|final|my)\b|[^\pL\pN+−-]`)
)

// otherwise reports whether what leads to an answer says that it is another one: in
// "41 = 42", and where it had another value before, as in "Total: 41, the total is 42".
func otherwise(before string, j judge) bool {
	if at := equals.FindStringIndex(before); at != nil && j.other(endOf(endOf(before[:at[0]], sentence), side)) {
		return true
	}
	all := pieces.Split(before, -1)
	last := states.FindStringSubmatch(all[len(all)-1])
	if last == nil || topic(last[1]) == "" {
		return false
	}
	return slices.ContainsFunc(all[:len(all)-1], func(s string) bool {
		m := states.FindStringSubmatch(s)
		return m != nil && topic(m[1]) == topic(last[1]) && j.other(strings.Trim(m[2], "*_$. "))
	})
}

// topic is what a statement is of, without words that say nothing.
func topic(s string) string { return strings.ToLower(filler.ReplaceAllString(s, "")) }

// farewell is what a chat model says after its answer.
var farewell = regexp.MustCompile(`(?i)^(?:i hope (?:this|that|it)\b|(?:please )?(?:let me know|feel free)\b|hope (?:this|` +
	`that) helps|is there anything else|would you like|` +
	`do you (?:have|need|want)\b|if you (?:have|need|want|would like)\b|happy to help|you're welcome|good luck)[^0-9]*$`)

// withoutFarewell takes polite sentences off the end.
func withoutFarewell(said string) string {
	const most = 4
	for range most {
		before, last := lastSentence(said)
		if before == "" || !farewell.MatchString(strings.TrimSpace(last)) {
			break
		}
		said = strings.TrimSpace(before)
	}
	return said
}
