package practice

import (
	"regexp"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// judge says whether a text, and nothing else, is the answer.
type judge func(text string) Verdict

func (j judge) passes(text string) bool { return j(text).Score >= 1 }

// Read finds the final answer in what a model said and judges it: j says whether a
// text, and nothing else, is the answer, in whatever form it stands ([Bare]). What
// the model thought first is taken off. Then the answer is all of what was said; or what was told to
// be the answer, in a box or after "the answer is"; or else what the text comes to
// at its end. Where several answers are told all must be right, and none may be
// taken back or left open beside it: no answer can say two things and have one of
// them count.
func Read(answer string, j func(text string) Verdict) Verdict {
	_, said, ok := hobby.CutReasoning(answer)
	switch {
	case !ok:
		return Fail("thinking that did not end")
	case len(said) > maxAnswer:
		return Fail("more than the answer")
	}
	said = strings.TrimSpace(said)
	whole := j(said)
	if whole.Score >= 1 {
		return whole
	}
	for control.MatchString(said) {
		said = strings.TrimSpace(control.ReplaceAllString(said, ""))
	}
	said = withoutFarewell(said)
	told, firm := statements(said)
	if !firm {
		return Fail("left open")
	}
	for _, s := range told {
		if v := j(s); v.Score < 1 {
			return v
		}
	}
	if len(told) > 0 || implied(said, judge(j)) {
		return Pass()
	}
	if m := concludes.FindStringSubmatch(said); m != nil && !leftOpen(m[1]) {
		return j(m[2]) // its note says more
	}
	return whole
}

var (
	// box opens where an answer is marked as the final one.
	box = regexp.MustCompile(`\\(?:boxed|fbox)\s*\{|<answer>|<\|begin_of_box\|>`)
	// answerIs is "the answer is", in its forms.
	answerIs = regexp.MustCompile(`(?i)(?:\b(?:the|my)\s+)?(?:\b(?:final|correct|right)\s+)?\banswer\b[*_]*` +
		`(?:(?:\s+to\s+[^.:\n]{0,80}?)?\s+(?:is|was|would be|should be|must be)\b\s*:?[*_]*\s+|` +
		`\s*[:=：][*_]*\s*)|(?:最终)?答案(?:是|为|：|:)\s*`)
	// open are words that leave open, or deny, what comes after them.
	open = regexp.MustCompile(`(?i)\bnot (?:that|true|sure|certain|correct|right|the case)\b|n't\b|` +
		`\b(?:never|cannot|wrong|incorrect|if|unless|whether|could|might|may|maybe|perhaps|possibly|either|` +
		`guess|guessed|estimate|assume|suppose|approximately|roughly|nearly|almost)\b|[≈~]|\bnot[\s$*"'(\[\\]*$`)
	// doubt are words that do so to what stands before or after them.
	doubt = regexp.MustCompile(open.String() + `|(?i)\b(?:not|or|nor|no|between|about|around|` +
		`at least|at most|than|instead|except|without|but|however)\b|[?]`)
	// sentence is where one ends, clause where a part of one ends that need not hold
	// for the rest.
	sentence = regexp.MustCompile(`[.!?。]["'”)*]*\s+|\n+`)
	clause   = regexp.MustCompile(`(?i)[,;:]|\b(?:so|thus|therefore|hence|then)\b`)
)

// statements are the texts that are told to be the final answer. They are not firm
// when one is left open or taken back beside it.
func statements(said string) (told []string, firm bool) {
	boxes := box.FindAllStringIndex(said, -1)
	for i, b := range boxes {
		content, rest, ok := closing(said[b[0]:b[1]], said[b[1]:])
		if i+1 < len(boxes) {
			rest = rest[:max(0, len(rest)-(len(said)-boxes[i+1][0]))]
		}
		if !ok || leftOpen(said[:b[0]]) || doubt.MatchString(firstSentence(rest)) {
			return nil, false
		}
		told = append(told, content)
	}
	at := answerIs.FindAllStringIndex(said, -1)
	for i, m := range at {
		text := said[m[1]:]
		if i+1 < len(at) {
			text = said[m[1]:at[i+1][0]]
		}
		switch {
		case strings.Trim(text, "*_ \n") == "" && i+1 < len(at): // "Final answer: the answer is"
			continue
		case box.MatchString(text):
			continue // it is told already
		case leftOpen(said[:m[0]]):
			return nil, false
		}
		if i+1 < len(at) {
			text = firstSentence(text)
		}
		if inner, ok := strings.CutSuffix(strings.TrimSpace(text), "**"); ok && !strings.Contains(inner, "**") {
			text = inner // "**The answer is 42**"
		}
		told = append(told, withoutReasons(text))
	}
	return told, true
}

// closing is the content of a box that opens with open, and what follows it.
func closing(open, s string) (content, rest string, ok bool) {
	if shut, tag := map[string]string{"<answer>": "</answer>", "<|begin_of_box|>": "<|end_of_box|>"}[open]; tag {
		content, rest, ok = strings.Cut(s, shut)
		return content, rest, ok || open == "<answer>" // its end may be where the server stopped
	}
	depth := 1
	for i, r := range s {
		switch r {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}

// leftOpen reports whether the clause that a text ends in leaves open or denies what
// comes next.
func leftOpen(before string) bool {
	before = strings.TrimSuffix(strings.TrimSpace(before), ":") + " "
	if at := sentence.FindAllStringIndex(before, -1); at != nil {
		before = before[at[len(at)-1][1]:]
	}
	if at := clause.FindAllStringIndex(before, -1); at != nil {
		before = before[at[len(at)-1][1]:]
	}
	return open.MatchString(before)
}

func firstSentence(s string) string {
	s = strings.TrimSpace(s)
	if at := sentence.FindStringIndex(s); at != nil {
		return s[:at[1]]
	}
	return s
}

// lastSentence parts a text before its last sentence.
func lastSentence(s string) (before, last string) {
	s = strings.TrimSpace(s)
	at := sentence.FindAllStringIndex(s, -1)
	if len(at) == 0 {
		return "", s
	}
	end := at[len(at)-1][1]
	return s[:end], s[end:]
}

var (
	// reasons is where an explanation begins, after the answer.
	reasons = regexp.MustCompile(`(?i)(?:\n\s*|[.!]["'”*]*\s+|,?\s+\(?)` +
		`(?:[*_#]*(?:explanation|reasoning|working|calculation|steps?|solution|here(?:'s| is) (?:how|why))\b|` +
		`(?:this is )?(?:because|since)\b|to (?:get|find|solve|calculate|compute|convert|verify|check)\b)`)
	// amends are words with which a model takes back what it said.
	amends = regexp.MustCompile(`(?i)\b(?:wrong|mistake|wait|actually|correction|corrected|instead|sorry|oops|rather|no)\b|答案`)
)

// withoutReasons takes an explanation off the end of an answer, when it concludes
// nothing else.
func withoutReasons(s string) string {
	s = strings.TrimSpace(s)
	at := reasons.FindStringIndex(s)
	if at == nil || amends.MatchString(s[at[0]:]) || answerIs.MatchString(s[at[0]:]) {
		return s
	}
	return strings.TrimSpace(s[:at[0]])
}

var (
	// concludes finds what a text comes to at its end.
	concludes = regexp.MustCompile(`(?is)^(.*(?:\b(?:is|are|was|were|will be|would be|` +
		`equals|gives|makes|becomes|yields|falls on|fell on)(?:\s*:)?\s|` +
		`\b(?:answer|result|solution):\s|:\n|=))(.+)$`)
	fences = regexp.MustCompile("(?s)```(?:[a-zA-Z0-9]*[ \\t]*\\n)?(.*?)```")
	// subject is "42 is the answer".
	subject = regexp.MustCompile(`(?is)^(?:(?:so|thus|therefore|hence)\b,?\s*)?(.+?)\s+is\s+` +
		`(?:the|your)\s+(?:final\s+|correct\s+|right\s+)?(?:answer|result|solution)[.!*]*$`)
	// counted is "there are 42 words".
	counted = regexp.MustCompile(`(?is)\b(?:there (?:are|is|were)|has|have|contains?|appears|occurs)\s+` +
		`(?:exactly\s+)?(\S+)((?:\s+[^\s0-9]+){1,12}?)(?:\s+in\s.+)?$`)
	// emphasis is a part of a text in bold.
	emphasis = regexp.MustCompile(`\*\*([^*\n]+)\*\*`)
)

// ofThese stands for what was counted.
const ofThese = " of these"

// implied reports whether a text that does not name its answer comes to the right
// one at its end, or begins with it and explains it.
func implied(said string, j judge) bool {
	if m := fences.FindAllStringSubmatch(said, 2); len(m) == 1 && j.passes(m[0][1]) {
		return true
	}
	if m := concludes.FindStringSubmatch(said); m != nil && !leftOpen(m[1]) && (j.passes(m[2]) || j.passes(withoutReasons(m[2]))) {
		return true
	}
	if first := withoutReasons(said); first != said && j.passes(first) {
		return true
	}
	before, last := lastSentence(said)
	if m := subject.FindStringSubmatch(last); m != nil && j.passes(m[1]) {
		return true
	}
	if m := emphasis.FindAllStringSubmatch(said, 2); len(m) == 1 && strings.Contains(last, m[0][0]) &&
		!doubt.MatchString(last) && j.passes(m[0][1]) {
		return true
	}
	if m := counted.FindStringSubmatchIndex(last); m != nil && !leftOpen(last[:m[0]]) && !doubt.MatchString(last[m[4]:]) {
		number, what := last[m[2]:m[3]], strings.TrimRight(last[m[4]:m[5]], ".!")
		if j.passes(number+what) || j.passes(number+ofThese) {
			return true
		}
	}
	return (concluded(before) || strings.HasPrefix(last, "#### ")) && j.passes(last)
}

// concluded reports whether a text is whole sentences, the last of which leaves
// nothing open: a line by itself after it is the answer.
func concluded(before string) bool {
	text := strings.TrimSpace(before)
	if text == "" || !strings.HasSuffix(before, "\n") || !strings.ContainsAny(text[len(text)-1:], ".!:") {
		return false
	}
	_, last := lastSentence(text)
	return strings.Contains(last, " ") && !doubt.MatchString(last)
}

// farewell is what a chat model says after its answer.
var farewell = regexp.MustCompile(`(?i)^(?:i hope (?:this|that|it)\b|(?:please )?(?:let me know|feel free)\b|` +
	`hope (?:this|that) helps|is there anything else|would you like|` +
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
