package practice

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// judge says whether a text, and nothing else, is the answer.
type judge func(text string) Verdict

func (j judge) passes(text string) bool { return j(text).Score >= 1 }

// other reports whether a text is a number, and not the right one.
func (j judge) other(text string) bool {
	note := j(text).Note
	return note == wrongNumber || note == wrongSign || strings.HasPrefix(note, offBy)
}

// Read finds the final answer in what a model said and judges it: j says whether a
// text, and nothing else, is the answer, in whatever form it stands ([Bare]). What
// the model thought first is taken off. Then the answer is all of what was said; or what was told to
// be the answer, in a box or after "the answer is"; or else what the text comes to
// at its end. Where several answers are told all must be right, and none may be
// taken back or left open beside it: no answer can say two things and have one of
// them count.
func Read(answer string, j func(text string) Verdict) Verdict { return ReadOf(answer, "", j) }

// ReadOf is Read for answers that are words like any others: a sentence may end with
// them by chance. One that does counts only where what stands before them in it, such
// as "The next heading is", has no words but the question's and those with which one
// introduces an answer. A question that is "" is any.
func ReadOf(answer, question string, j func(text string) Verdict) Verdict {
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
	said = withoutFarewell(strings.TrimSpace(ornament.ReplaceAllString(said, " ")))
	if whole = j(said); whole.Score >= 1 {
		return whole
	}
	told, firm := statements(said)
	if !firm {
		return Fail("left open")
	}
	for _, s := range told {
		if v := j(withoutReasons(s, judge(j))); v.Score < 1 {
			return v
		}
	}
	if len(told) > 0 {
		return Pass()
	}
	if question != "" {
		if introduced(said, question, judge(j)) {
			return Pass()
		}
		return whole
	}
	to, end := ending(said)
	if implied(said, to, end, judge(j)) {
		return Pass()
	}
	if end != "" && mayConclude(to) {
		if v := j(end); v.Score < 1 {
			return v // its note says more
		}
	}
	return whole
}

var (
	// ornament is lines across the page, and pictures.
	ornament = regexp.MustCompile(`(?m)^[ \t]*(?:-{3,}|\*{3,})[ \t]*$|[` + cheers + `]`)
	// box opens where an answer is marked as the final one.
	box = regexp.MustCompile(`\\(?:boxed|fbox)\s*\{|<answer>|<\|begin_of_box\|>`)
	// loose is a number on a line by itself.
	loose = regexp.MustCompile(`(?m)^\W*[0-9][0-9.,]*\W*$`)
	// answerIs is "the answer is", in its forms.
	answerIs = regexp.MustCompile(`(?i)(?:\b(?:the|my)\s+)?(?:\b(?:final|correct|right)[ \t]+)?\banswer\b[*_]*` +
		`(?:(?:\s+to\s+[^.:\n]{0,80}?)?\s+(?:is|was|would be|should be|must be)\b\s*:?[*_]*\s+|\s*[:=：][*_]*\s*)|(?:最终)?答案(?:是|为|：|:)\s*`)
	// open are words that leave open, or deny, what comes after them.
	open = regexp.MustCompile(`(?i)\bnot (?:that|true|sure|certain|correct|right|the case)\b|n't\b|\b(?:never|cannot|wrong|` +
		`incorrect|if|unless|whether|` +
		`could|might|(?-i:may)|maybe|perhaps|possibl[ey]|possibilit(?:y|ies)|either|neither|none|nobody|guess|guessed|estimate|assume|` +
		`suppose|thought|told|wonder|doubt|deny|false|` +
		`lie|errors?|mistakes?|avoid|complement|(?:next|previous) day|of that (?:year|month|week)|(?:more|less) than it|` +
		`(?:top|largest|biggest|greatest|highest|longest) first|` +
		`(?:second|third|next)[- ](?:largest|smallest|longest|shortest|highest|lowest)|` +
		`impossible|unlikely|hardly|refuse|ignore|candidates?|options?|examples?|opposite|` +
		`approximately|roughly|nearly|almost|` +
		`somewhat|tomorrow|yesterday|day (?:before|after)|quotient|subtotal|intermediate|partial|running|` +
		`temporary|modulus|divisor|dividend|denominator|numerator|input|carry|` +
		`(?:first|initial|previous|starting|original|given|old) (?:term|number|value|total|sum|entry|item|element|step|cell|heading|` +
		`section|result|answer)|` +
		`(?:anything|everything) but|close to|different from|` +
		`(?:negative|half|twice|double|than|minus|plus|times|to|except) (?:of )?(?:this|that|these|the following)(?: number)?|` +
		`^(?:negative|minus|plus|twice|double))\b|\b(?:negative|not equal to|(?:just|less|more|anything|everything|` +
		`nothing) (?:below|above|over|under|than|except)):?\s*$|` +
		`[≈~]|\bnot[\s$*"'(\[\\]*$`)
	// unreal is a condition that does not hold.
	unreal = regexp.MustCompile(`(?i)\bif\b.*\b(?:were|had|forget|forgot|ignored?)\b|^\s*before the last\b`)
	// doubt are words that do so to what stands before or after them.
	doubt = regexp.MustCompile(open.String() + `|(?i)\b(?:not|or|nor|no|between|about|around|at least|at most|than|instead|except|` +
		`without|but|however)\b|[?]`)
	// sentence is where one ends, clause where a part of one ends that need not hold
	// for the rest.
	sentence = regexp.MustCompile(`[.!?。]["'”)*]*\s+|\n+`)
	clause   = regexp.MustCompile(`(?i)[,;:]|\b(?:so|thus|therefore|hence|then|and the remainder)\b`)
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
		empty := strings.TrimSpace(content) == ""
		if !ok || empty || loose.MatchString(rest) || leftOpen(said[:b[0]]) || !linked(said[:b[0]]) || doubt.MatchString(firstSentence(rest)) {
			return nil, false
		}
		told = append(told, content+tail(rest))
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
		case !led(said[:m[0]], said[m[0]:m[1]]):
			return nil, false
		}
		if i+1 < len(at) {
			text = firstSentence(text)
		}
		if inner, ok := strings.CutSuffix(strings.TrimSpace(text), "**"); ok && !strings.Contains(inner, "**") {
			text = inner // "**The answer is 42**"
		}
		told = append(told, text)
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
				return s[:i], s[i+1:], !strings.HasSuffix(strings.TrimSpace(s[:i]), "!") // which is a factorial
			}
		}
	}
	return s, "", false
}

// leftOpen reports whether the clause that a text ends in leaves open or denies what
// comes next.
func leftOpen(before string) bool {
	before = endOf(strings.TrimSuffix(strings.TrimSpace(before), ":")+" ", sentence)
	return unreal.MatchString(before) || open.MatchString(endOf(before, clause))
}

// endOf is what comes after the last match.
func endOf(s string, re *regexp.Regexp) string {
	if at := re.FindAllStringIndex(s, -1); at != nil {
		return s[at[len(at)-1][1]:]
	}
	return s
}

var (
	// link is what a sentence may say before an answer that is marked in it.
	link = regexp.MustCompile(`(?i)(?:^|(?:^|\PL)(?:is|are|was|were|be|equals?|equal to|gives?|makes?|yields?|becomes?|falls|fell|` +
		`on|has|have|get|gets|contains?|exactly|` +
		`answer|result|solution|value|a|(?:so|thus|therefore|hence|then|finally),?)\}?|[:：→⇒]|(?:^|[^!<>/~:=≠≤≥])=|\\(?:implies|` +
		`to|rightarrow|Rightarrow|quad|therefore))$`)
	// opening and shutting are what is around a marked answer, and is form.
	opening  = regexp.MustCompile(`(?:[\s$*_"'“(\[]|\\[(\[]|\\displaystyle)*$`)
	shutting = regexp.MustCompile(`^(?:\s*(?:[$*_"'”)\]]|\\[)\]]))*`)
	// ended is the end of a sentence, or of a part of one, after an answer.
	ended = regexp.MustCompile(`^(?:[.!,;:。]+(?:\s|$|["'”)*])|\s*(?:\n|<|$))`)
	// says is what a sentence may say after an answer and add nothing to it.
	says = regexp.MustCompile(`(?i)^\s+(?:is (?:the|our|your|my) (?:final |correct |right )?(?:answer|result|solution)|` +
		`in roman numerals|in (?:upper|capital)|of the week|(?:` +
		things + `)\b)`)
	// lead is what may be said in front of "the answer is".
	lead = regexp.MustCompile(`(?i)^(?:(?:and|so|thus|hence|therefore|now|then|finally|clearly|overall|in conclusion|here|` +
		`here(?:'s| is)|this is|that is|below is|please find|` +
		`(?:i|we) (?:can )?(?:think|believe|see|find|found|get|got|have|know|conclude|say|determine|determined)|it follows|` +
		`(?:this|which) (?:means|shows|gives)|meaning|` +
		`showing|indicating)\b(?:\s+that\b)?[\s,]*)*$`)
)

// things are what is counted.
const things = `(?:different |total )?(?:words?|letters?|characters?|vowels?|rows?|times|occurrences?|instances?|days?|minutes?|` +
	`seconds?|hours?|numbers?|entries|items|elements)`

// linked reports whether a sentence leads to the answer that comes next in it.
func linked(before string) bool {
	return link.MatchString(opening.ReplaceAllString(endOf(before, sentence), ""))
}

// tail is what follows a marked answer and belongs to it: its unit, a power, more
// digits. A sentence's end does not, nor what adds nothing.
func tail(rest string) string {
	rest = shutting.ReplaceAllString(rest, "")
	if ended.MatchString(rest) || says.MatchString(rest) {
		return ""
	}
	return strings.TrimRight(firstSentence(rest), ".!*$ \n")
}

// led reports whether what stands before "the answer is" lets it be said of the
// answer itself: it is no sum, no other answer, and nothing that somebody denies.
func led(before, words string) bool {
	before = strings.TrimRight(before, "*_#>$ \t")
	if strings.HasPrefix(strings.TrimPrefix(words, "最终"), "答案") {
		return !strings.HasSuffix(before, "不")
	}
	sentence := endOf(before+" ", sentence)
	return !unreal.MatchString(sentence) && !leftOpen(before) && lead.MatchString(strings.TrimSpace(endOf(sentence, clause)))
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
	// concludes finds what a text comes to at its end.
	concludes = regexp.MustCompile(`(?is)^(.*(?:\b(?:is|are|was|were|will be|would be|equals|gives|makes|becomes|yields|falls on|` +
		`fell on)(?:\s+(?:us|you))?(?:\s*:)?\s|` +
		`\b(?:equal to|remainder(?: of)?|(?:it|that|this|which)['’]s|(?:i|we|you) (?:get|got|count|find|found))\s|` +
		`\b(?:answer|result|solution|total|sum|remainder|product|difference|count|(?:next )?(?:number|term)|value|order|first|` +
		`sorted|reversed|case)(?:\s+is)?:\*{0,2}\s|:\n|(?:^|[^!<>/~:=≠≤≥])=))(.+)$`)
	fences = regexp.MustCompile("(?s)```(?:[a-zA-Z0-9]*[ \\t]*\\n)?(.*?)```")
	// subject is "42 is the answer".
	subject = regexp.MustCompile(`(?is)^(?:(?:so|thus|therefore|hence)\b,?\s*)?(.+?)\s+is\s+(?:the|your)\s+(?:final\s+|` +
		`correct\s+|right\s+)?(?:answer|result|solution)[.!*]*$`)
	isAnswer = regexp.MustCompile(`(?i)\bis\s+(?:the|your)\s+(?:final\s+|correct\s+|right\s+)?(?:answer|result|solution)\b`)
	// counted is "there are 42 words".
	counted = regexp.MustCompile(`(?is)\b(?:there (?:are|is|were)|has|have|contains?|appears|` +
		`occurs)\s+(?:exactly\s+)?(\S+)((?:\s+[^\s0-9]+){1,12}?)(?:\s+in\s.+)?$`)
	thing = regexp.MustCompile(`(?i)^(?:\s+\S+){0,2}?\s+(?:` + things + `|["'“]?[a-z]["'”]?['’]?s)\b`)
	// amount is "42 words".
	amount = regexp.MustCompile(`(?i)^([0-9,]+)\s+` + things + `[.!]?$`)
	// limits say which rows were counted, and skewed words that others were.
	limits = regexp.MustCompile(`(?i)\s+(?:with|(?:that )?ha(?:ve|s)|having|where)\b[^.;:]{0,40}?\b(?:more|greater|higher|` +
		`larger) than [0-9]+`)
	skewed = regexp.MustCompile(`(?i)\b(?:other|more|fewer|less|missing|too|hundred|thousand|million|dozen|pairs?|plus|minus|` +
		`first|second|last|half|before|after|wrong|extra|and)\b`)
	// emphasis is a part of a text in bold.
	emphasis = regexp.MustCompile(`\*\*([^*\n]+)\*\*`)
)

// ofThese stands for what was counted.
const ofThese = " of these"

var (
	// quoted is what a sentence quotes, whose words are not its own.
	quoted = regexp.MustCompile("“[^”]*”|\"[^\"]*\"|`[^`]*`")
	denies = regexp.MustCompile(`(?i)\b(?:not|no|other|except|without)\b`)
	// intro is what a sentence says before an answer, in one clause.
	intro = regexp.MustCompile(`(?i)^[\s*]*(?:(?:so|thus|hence|therefore|then|in the (?:passage|document|table)),?\s+)?([^:;!?]*?)(?:` +
		`:|\b(?:is|was|are|says|reads|stands for|means)\b(?:\s+(?:contained|found|located))?(?:\s+in the section)?` +
		`(?:\s+(?:titled|called|named))?:?)\**\s+`)
	// introducing are words that an introduction may have, whatever the question is;
	// nouns and amounts are those that name an answer, and places those that name where it
	// is.
	introducing = strings.Fields(`a an the its it this that these there which with has of in to for as final correct right answer`)
	nouns       = strings.Fields(`next missing word section heading title cell column row value acronym abbreviation function method`)
	amounts     = strings.Fields(`number total count name`)
	places      = strings.Fields(`text sentence passage document table`)
	subjects    = regexp.MustCompile(`(?i)^(?:the|its|this|that)\s+\S`)
	pronouns    = regexp.MustCompile(`(?i)^(?:it|this|that)$`)
	plainWord   = regexp.MustCompile(`[\pL\pN_]+`)
)

// introduced reports whether a text ends with the answer, behind an introduction or on
// a line by itself, or begins with it and explains it.
func introduced(said, question string, j judge) bool {
	before, last := lastSentence(said)
	masked := quoted.ReplaceAllStringFunc(last, func(q string) string { return strings.Repeat("_", len(q)) })
	if at := intro.FindStringSubmatchIndex(masked); at != nil {
		if introduces(last[at[2]:at[3]], masked[at[3]:at[1]], question) && !denies.MatchString(masked[:at[1]]) {
			return mayConclude(before+masked[:at[1]]) && j.passes(withoutReasons(last[at[1]:], j))
		}
	}
	if first := withoutReasons(said, j); first != said && strings.ContainsAny(said[len(first):][:1], ".,!\n") && j.passes(first) {
		return true
	}
	return inFence(said, j) || concluded(before) && j.passes(last)
}

// introduces reports whether words can be said before an answer. All of them
// introduce, name an answer or a place, or are of the question. Before "is" one of them
// names an answer after "the" or the like, unless they are "it" or the like, or "there" before "are". Before a
// colon what names an answer is of the question, and nothing else of it is said.
func introduces(words, verb, question string) bool {
	words = strings.TrimSpace(words)
	said, asked := wordsOf(words), wordsOf(question)
	begins := func(with ...string) bool {
		return slices.ContainsFunc(with, func(w string) bool { return strings.HasPrefix(verb, w) })
	}
	switch {
	case begins(":"):
		named := append(slices.DeleteFunc(slices.Clone(nouns), not(among(asked))), amounts...)
		return slices.ContainsFunc(said, among(append(named, "answer"))) && !slices.ContainsFunc(said, not(among(introducing, named)))
	case len(said) == 0 || slices.ContainsFunc(said, not(among(introducing, nouns, amounts, places, asked))):
		return false
	case begins("stands", "means"), pronouns.MatchString(words), begins("are") && strings.EqualFold(words, "there"):
		return true
	case !subjects.MatchString(words):
		return false
	}
	// "The sentence is in the section" names the section after the verb.
	return !begins("is", "was", "are") || slices.ContainsFunc(append(said, wordsOf(verb)...), among(nouns, amounts))
}

func wordsOf(text string) []string { return plainWord.FindAllString(strings.ToLower(text), -1) }

// among tells whether one of the lists has a word, in the singular or the plural.
func among(lists ...[]string) func(word string) bool {
	return func(word string) bool {
		return slices.ContainsFunc(slices.Concat(lists...), func(w string) bool { return stem(w) == stem(word) })
	}
}

func not(f func(string) bool) func(string) bool { return func(s string) bool { return !f(s) } }

// stem is a word without the ending of a plural.
func stem(word string) string { return strings.TrimSuffix(word, "s") }

// ending is what a text comes to at its end, and what leads to it; "" where it comes to
// nothing.
func ending(said string) (to, end string) {
	if m := concludes.FindStringSubmatch(said); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// implied reports whether a text that does not name its answer comes to the right
// one at its end, or begins with it and explains it.
func implied(said, to, end string, j judge) bool {
	before, last := lastSentence(said)
	named := subject.FindStringSubmatch(last)
	if n := len(isAnswer.FindAllString(said, 2)); n > 1 || n == 1 && named == nil {
		return false // of two answers, or of one that is told before
	}
	if otherwise(to, j) {
		return false
	}
	switch {
	case named != nil && j.passes(named[1]):
		return true
	case inFence(said, j), emphasized(said, last, j), counts(last, j):
		return true
	case strings.HasPrefix(last, "#### "):
		_, earlier := lastSentence(before)
		return strings.Count(said, "#### ") == 1 && !doubt.MatchString(earlier) && j.passes(last)
	}
	if end != "" && mayConclude(to) && (j.passes(end) || j.passes(withoutReasons(end, j)) || j.passes(unclosed(to, end))) {
		return true
	}
	if first := withoutReasons(said, j); first != said && j.passes(first) {
		return true
	}
	return concluded(before) && j.passes(last)
}

// mayConclude reports whether a text can lead to an answer that its end gives.
func mayConclude(before string) bool {
	if lines := strings.TrimSpace(before); strings.HasSuffix(before, ":\n") {
		_, last := lastSentence(lines)
		return word.MatchString(last) && !doubt.MatchString(last)
	}
	return !leftOpen(before) && !strings.Contains(strings.ToLower(endOf(endOf(before, sentence), clause)), "answer")
}

// unclosed takes off an answer the end of the formula, or of the bold words, that
// begins before it.
func unclosed(before, answer string) string {
	s := strings.TrimRight(answer, ". \n")
	for _, p := range [][2]string{{`\[`, `\]`}, {`\(`, `\)`}, {"$$", "$$"}, {"$", "$"}, {"**", "**"}} {
		if inner, ok := strings.CutSuffix(s, p[1]); ok && strings.Contains(before, p[0]) && !strings.Contains(inner, p[0]) {
			return strings.TrimSpace(inner)
		}
	}
	return answer
}

// inFence reports whether the only code of a text is the answer, and nothing beside
// it is another.
func inFence(said string, j judge) bool {
	m := fences.FindAllStringSubmatchIndex(said, 2)
	if len(m) != 1 || !j.passes(said[m[0][2]:m[0][3]]) {
		return false
	}
	before, after := strings.TrimSpace(said[:m[0][0]]), strings.TrimSpace(said[m[0][1]:])
	_, last := lastSentence(before)
	return (before == "" || word.MatchString(last) && !doubt.MatchString(last)) &&
		(after == "" || comment.MatchString(after) && !open.MatchString(firstSentence(after)) && !contradicts(after, j))
}

// emphasized reports whether the only words in bold are the answer, and the last
// sentence says so.
func emphasized(said, last string, j judge) bool {
	last = limits.ReplaceAllString(withoutReasons(last, j), "")
	m := emphasis.FindAllStringSubmatch(said, 2)
	if len(m) != 1 || doubt.MatchString(last) {
		return false
	}
	before, after, in := strings.Cut(last, m[0][0])
	return in && !leftOpen(before) && linked(before) && !otherwise(before, j) && j.passes(m[0][1]+tail(after))
}

// counts reports whether a sentence counts what was asked.
func counts(last string, j judge) bool {
	last = limits.ReplaceAllString(last, "")
	if m := amount.FindStringSubmatch(last); m != nil {
		return j.passes(m[1] + ofThese)
	}
	m := counted.FindStringSubmatchIndex(last)
	if m == nil || leftOpen(last[:m[0]]) || doubt.MatchString(last[m[4]:]) || skewed.MatchString(last[m[4]:]) {
		return false
	}
	number, what := last[m[2]:m[3]], strings.TrimRight(last[m[4]:m[5]], ".!")
	return j.passes(number+what) || thing.MatchString(what) && j.passes(number+ofThese)
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
