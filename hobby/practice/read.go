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

// other reports whether a text is an answer of the right kind, and not the right one.
func (j judge) other(text string) bool {
	v := j(text)
	return v.Score < 1 && v.Note != "empty" && !strings.HasPrefix(v.Note, "not ") && !strings.HasPrefix(v.Note, "more than ")
}

// Read finds the final answer in what a model said and judges it: j says whether a
// text, and nothing else, is the answer, in whatever form it stands ([Bare]). p is
// what may be said around the answer.
//
// What the model thought first is taken off. The answer is then all that was said, or
// stands where the text comes to its end: in one of the phrases, at the end of an
// equation, or on a line by itself after working that comes to it. An explanation may
// follow it. Answers in a box or after "the answer is" may stand anywhere; all of them
// must be right. Nothing else passes, so no answer can say two things and have one of
// them count.
func Read(answer string, p *Phrases, j func(text string) Verdict) Verdict {
	if p == nil {
		p = noPhrases
	}
	_, said, ok := hobby.CutReasoning(answer)
	switch {
	case !ok:
		return Fail("thinking that did not end")
	case len(said) > maxAnswer:
		return Fail("more than the answer")
	}
	said = strings.TrimSpace(said)
	j = inPlace(said, j)
	r := reader{p, j}
	whole := j(said)
	if whole.Score >= 1 || !strings.ContainsAny(said, " \n:=：是为{<|") { // it says nothing else
		return whole
	}
	for control.MatchString(said) {
		said = strings.TrimSpace(control.ReplaceAllString(said, ""))
	}
	said = withoutFarewell(strings.TrimSpace(ornament.ReplaceAllString(said, " ")))
	switch {
	case r.judge.passes(said):
		return Pass()
	case r.showsOther(said):
		return Fail("left open")
	case box.MatchString(said):
		return r.boxed(said, whole)
	case answerIs.MatchString(said):
		return r.told(said)
	case r.concludes(said), r.inFence(said), r.explained(said):
		return Pass()
	}
	if end := r.ending(said); end != "" {
		if v := j(end); v.Score < 1 {
			return v // its note says more
		}
	}
	return whole
}

// reader reads answers to one question.
type reader struct {
	phrases *Phrases
	judge   judge
}

var (
	// ornament is lines across the page, and pictures.
	ornament = regexp.MustCompile(`(?m)^[ \t]*(?:-{3,}|\*{3,})[ \t]*$|<\|(?:begin|end)_of_solution\|>|[` + cheers + `]`)
	// loose is a number on a line by itself.
	loose = regexp.MustCompile(`(?m)^\W*[0-9][0-9.,]*\W*$`)
	// answerIs is "the answer is", in its forms.
	answerIs = regexp.MustCompile(`(?i)(?:\b(?:the|my)\s+)?(?:\b(?:final|correct|right)[ \t]+)?\banswer\b[*_]*` +
		`(?:(?:\s+to\s+the\s+question)?\s+(?:is|was|would be|should be|must be)\b\s*:?[*_]*\s+|\s*[:=：][*_]*\s*|[*_]*\s*\n\s*)|` +
		`(?:最终)?答案(?:是|为|：|:)\s*`)
	fences = regexp.MustCompile("(?s)```(?:[a-zA-Z0-9]*[ \\t]*\\n)?(.*?)```")
)

var (
	// lead is what may be said before a phrase and leaves it as it is.
	lead = regexp.MustCompile(`(?i)^(?:[\s*_$]|[#>]+ |\\[(\[])*(?:(?:(?:and|so|thus|hence|therefore|now|then|finally|clearly|` +
		`overall|sure|okay|ok|` +
		`certainly|of course|in (?:conclusion|summary|total)|in the (?:passage|document|table|code)|step [0-9]+|here(?:'s| ` +
		`is| are)|this is|that is|` +
		`(?:i|we) (?:can )?(?:think|believe|see|find|found|conclude|determined?|say|have|get)|it follows|(?:this|which) ` +
		`(?:means|shows|gives)|` +
		`meaning|below is|please find)\b(?:\s+that\b)?|final answer|\\quad|\\implies|\\therefore)(?:[\s,:*_$]|!\s|\\[(\[])*)*`)
	// step is a part of a sentence that says how the answer is found.
	step = regexp.MustCompile(`(?is)^.*?[,;:.]\s+(?:and\s+)?(?:so|thus|therefore|hence)\b,?\s*|` +
		`^\W*(?:first,?\s+)?(?:(?:let us|let's|let me|we|i)\s+(?:can\s+)?)?(?:to\s+)?(?:find|solve|calculate|compute|` +
		`convert|multiply|divide|add|subtract|` +
		`count|sort|reverse|work|break|carry)\b[^=]*?[:,]\s+|^\W*(?:since|because|by|using|counting|adding|given)\b[^=]*?,\s+|` +
		`^\W*(?:first|next|then|second|finally),?\s+[^=]*?:\s+`)
	conditional = regexp.MustCompile(`(?i)\b(?:if|unless|suppose|supposing|assum\w+|were|had|would|whether)\b`)
)

// starts are the parts of a sentence with which a phrase may begin.
func starts(s string) []string {
	all, _ := stepped(s)
	return all
}

// stepped is a sentence's starts, and the steps before them as sentences.
func stepped(s string) (all, steps []string) {
	const most = 16 // steps; a real answer has a few
	all = []string{s}
	add := func(part string) {
		if part = strings.TrimSpace(part); part != "" && part != s {
			all = append(all, part)
		}
	}
	led := strings.TrimSpace(s[len(lead.FindString(s)):])
	add(led)
	for rest := led; len(steps) < most; {
		m := step.FindString(rest)
		if m == "" || conditional.MatchString(m) || amends.MatchString(m) {
			break
		}
		steps = append(steps, tidy(m))
		rest = rest[len(m):]
		add(rest)
		add(rest[len(lead.FindString(rest)):])
	}
	return all, steps
}

// joints join a clause to its neighbours.
var joints = regexp.MustCompile(`(?i)^\W*\b(?:(?:since|because|given that)\b|(?:explanation|reasoning|working|steps)[*_]*:)[\s*_:]*|` +
	`[,;:.]?\s*(?:\b(?:and\s+)?(?:so|thus|therefore|hence))?[\s,;:.]*$`)

// tidy is a clause as a sentence.
func tidy(clause string) string { return joints.ReplaceAllString(clause, "") }

// says reports whether a sentence says by a phrase, or by an equation, that the answer
// is right.
func (r *reader) says(s string) bool {
	return slices.ContainsFunc(starts(s), func(part string) bool {
		return r.equation(s, part) || slices.ContainsFunc(r.phrases.statements(part),
			func(st statement) bool { return r.gives(s, st.value) })
	})
}

// gives reports whether what a sentence says is the right answer, with an explanation
// behind it or not.
func (r *reader) gives(sentence, value string) bool {
	before := sentence[:max(0, strings.LastIndex(sentence, value))]
	for _, v := range []string{value, r.withoutReasons(value), unclosed(before, value), once(value), exclaimed(before, value)} {
		if r.judge.passes(v) || r.equation(sentence, v) {
			return true
		}
	}
	return false
}

// afterWord ends with a word, and no sign.
var afterWord = regexp.MustCompile(`\pL[\s*_]*$`)

// exclaimed takes off a value the mark that ends a sentence of words, as in "It is 42!".
// Elsewhere it says factorial.
func exclaimed(before, value string) string {
	if afterWord.MatchString(before) && !strings.ContainsAny(value, `$\\`) {
		return strings.TrimSuffix(strings.TrimSpace(value), "!")
	}
	return value
}

// once takes off a mark whose other end is not in a text.
func once(s string) string {
	s = strings.TrimSuffix(strings.TrimSpace(s), ".")
	for _, mark := range []string{"**", "”", "\""} {
		if strings.Count(s, mark) == 1 && strings.Count(s, "“") == 0 {
			s = strings.TrimSuffix(strings.TrimPrefix(s, mark), mark)
		}
	}
	return s
}

// denied begins what a sentence says that the answer is not.
var denied = regexp.MustCompile(`(?i)^not\b`)

// other finds what a sentence says by the phrases that is another answer.
func (r *reader) other(s string) (all []statement) {
	for _, part := range starts(s) {
		for _, st := range r.phrases.statements(part) {
			if v := strings.Trim(st.value, "*_$. "); r.judge.other(v) || denied.MatchString(v) {
				all = append(all, st)
			}
		}
	}
	return all
}

var (
	// formula is what marks a formula.
	formula = regexp.MustCompile(`\\[(\[)\]]|\$|\*\*|^[\s*_]*|\\(?:quad|displaystyle)`)
)

// equation reports whether a part of a sentence is an equation of which each side is the answer: its
// name, a sum that comes to it, or, at the end, the answer itself.
func (r *reader) equation(sentence, s string) bool {
	sides := split(s)
	if len(sides) < 2 {
		return false
	}
	last := len(sides) - 1
	end := sides[last]
	if !r.judge.passes(end) && !r.judge.passes(unclosed(sentence, end)) && !r.judge.passes(r.withoutReasons(end)) {
		return false
	}
	for i, side := range sides[:last] {
		bare := formula.ReplaceAllString(side, "")
		if v := worth(bare); v != "" && r.judge.passes(v) || i == 0 && r.phrases.isName(bare) || r.judge.passes(side) {
			continue
		}
		return false
	}
	return true
}

// split parts an equation at its signs. It is nil for an inequality.
func split(s string) []string {
	for _, sign := range []string{"!=", "/=", "~=", "<", ">", "==", ":=", "≠", "≤", "≥", `\ne`, `\approx`} {
		if strings.Contains(s, sign) {
			return nil
		}
	}
	return strings.Split(s, "=")
}

// concludes reports whether the last sentence of a text says the right answer, and none
// before it says another.
func (r *reader) concludes(said string) bool {
	const most = 64 // lines of a list
	all := sentences(said)
	for n := 1; n <= min(len(all), most); n++ {
		last := strings.Join(all[len(all)-n:], "\n") // of a list, whose entries have no more lines
		if n > 1 && !strings.Contains(all[len(all)-n], ":") {
			continue
		}
		before := all[:len(all)-n]
		if r.says(last) && !r.contradicted(before, last) {
			return true
		}
		if n == 1 && len(before) > 0 && r.judge.passes(last) && r.worked(before[len(before)-1]) && !r.contradicted(before, "") {
			return true
		}
	}
	return false
}

// contradicted reports whether one of the sentences, or what the last one says first,
// says another answer than the last one: in the same phrase, in one of the question's
// own, or in one that says what the answer is.
func (r *reader) contradicted(before []string, last string) bool {
	parts, steps := stepped(last)
	before = append(slices.Clone(before), steps...)
	var said []int // the general phrases
	for _, part := range parts {
		for _, st := range r.phrases.statements(part) {
			if !st.own {
				said = append(said, st.phrase)
			}
		}
	}
	for i, s := range before {
		if slices.ContainsFunc(append(r.other(s), r.other(tidy(s))...), func(st statement) bool {
			return st.final() || last == "" || slices.Contains(said, st.phrase) || !r.works(inContext(before, i), st.value)
		}) {
			return true
		}
	}
	return r.rivals(before)
}

var (
	// working are words of working. [common] are among them.
	working = wordList(`a add added adding adds after all alphabet and another apply april are as at august base be before
		begin between borrow both by carry cell clue code column comes compare compute convert count
		counting date day days december decimal difference digit digits divide divided dividing document
		double each earlier end entry equals even factor february fewer find first follow for forty
		forty-two friday from function get give given gives go greater had half has have heading hour hours
		how i in increase increases increments into is it item items january july june keep know larger
		largest last later leap leave left less let letter letters line list longer look make march may me
		minus minute minutes modulo monday month more move multiple multiplied multiply multiplying next
		november now number numbers october odd of on one order over pair passage pattern place places plus
		position previous prime product quarter quotient remainder remaining remove removed result reverse
		row rule same saturday second section september sequence seven sevens shorter six smaller smallest
		so solve square start starting starts step steps subtract subtracting sum sunday take takes tall
		taller tallest term text than that the them then there these they third this thursday time times to
		together total tuesday twice two up us use used value we wednesday week which whole with word words
		write year you`)
)

func wordList(s string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(s) {
		all[w] = true
	}
	return all
}

var plainWord = regexp.MustCompile(`[\pL]+(?:-\pL+)*`)

// naming is a sentence that says what something is, with no number.
var naming = regexp.MustCompile(`(?i)^[^0-9]*\b(?:is|are)\b[^0-9]*$`)

// worked reports whether a sentence is working: an equation, or words with which
// something is computed. A line after it is the answer.
func (r *reader) worked(s string) bool {
	if r.says(s) {
		return true
	}
	if strings.HasSuffix(s, "?") || naming.MatchString(s) || !strings.ContainsAny(s, ".!:=+0123456789") ||
		!strings.Contains(s, " ") || loose.MatchString(s) || r.judge.other(s) {
		return false
	}
	return !slices.ContainsFunc(plainWord.FindAllString(strings.ToLower(s), -1), func(w string) bool { return !working[w] })
}

// told judges a text that says "the answer is".
func (r *reader) told(said string) Verdict {
	at := answerIs.FindAllStringIndex(said, -1)
	v := Fail("left open")
	for i, m := range at {
		end := len(said)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		text := said[m[1]:end]
		if again := i > 0 && at[i-1][1] == m[0] && !strings.HasSuffix(said[m[0]:m[1]], "\n"); !again && !r.led(said[:m[0]], said[m[0]:m[1]]) {
			return Fail("left open")
		}
		if strings.Trim(text, "*_ \n#") == "" && i+1 < len(at) { // "Final answer: the answer is"
			continue
		}
		if i+1 < len(at) {
			text = sentences(text)[0]
		}
		if inner, ok := strings.CutSuffix(strings.TrimSpace(text), "**"); ok && !strings.Contains(inner, "**") {
			text = inner // "**The answer is 42**"
		}
		if v = r.judge(text); v.Score < 1 && !r.gives(said[:m[1]]+text, text) && !r.explained(text) {
			return v
		}
	}
	if v.Score >= 1 || v.Note != "left open" {
		before := sentences(said[:at[0][0]])
		if r.contradicted(before, "The answer is ?") {
			return Fail("left open")
		}
		return Pass()
	}
	return v
}

// mandarin ends with what may be said before "答案是" ("the answer is").
var mandarin = regexp.MustCompile(`(?:^|[，。：！\s*#>,.:])(?:所以|因此|那么|故|综上|这道题的|问题的)?[，,]?(?:正确的?|最终的?|最后的?)?$`)

// led reports whether "the answer is", in these words, is said after before by itself:
// it is no part of a sum, and nothing that somebody denies.
func (r *reader) led(before, words string) bool {
	if strings.HasPrefix(strings.TrimPrefix(words, "最终"), "答案") {
		return mandarin.MatchString(before)
	}
	if strings.HasSuffix(strings.ToLower(strings.Trim(words, "*_ \n")), "answer") &&
		!strings.HasSuffix(strings.TrimRight(before, " "), "#") && !strings.HasSuffix(before, "**") {
		return false // a line that is the word, and no heading
	}
	at := 0
	for _, m := range sentence.FindAllStringIndex(before, -1) {
		at = m[1]
	}
	last := strings.TrimSpace(before[at:])
	return slices.ContainsFunc(starts(last+" ?"), func(s string) bool { return s == "?" }) || strings.Trim(last, "*_#>$ \t-") == ""
}

// inFence reports whether the only code of a text is the answer, and what is around it
// speaks of it.
func (r *reader) inFence(said string) bool {
	m := fences.FindAllStringSubmatchIndex(said, 2)
	if len(m) != 1 || !r.judge.passes(said[m[0][2]:m[0][3]]) {
		return false
	}
	before, after := strings.TrimSpace(said[:m[0][0]]), strings.TrimSpace(said[m[0][1]:])
	return (before == "" || r.announces(before)) && (after == "" || r.comments(after, said[m[0][2]:m[0][3]]))
}

var announced = regexp.MustCompile(`(?i)^(?:(?:sure|certainly|of course|okay|ok|great)\b[!,.]?\s*)?(?:(?:here(?:'s| is| ` +
	`are)|this is|you can use|` +
	`i would use|use) [^.:;!?]*:$|to [a-z]+ [^?]*[.:]$)`)

// announces reports whether the last line of a text announces what comes below it.
func (r *reader) announces(before string) bool {
	all := sentences(before)
	last := all[len(all)-1]
	if slices.ContainsFunc(starts(last+" ?"), func(s string) bool { return s == "?" || r.phrases.introduces(s) }) {
		return true
	}
	if begun := setting.MatchString(last) && !amends.MatchString(last) && !disowns.MatchString(last); begun || language.MatchString(before) {
		return true
	}
	if heading.MatchString(last) && r.phrases.isName(strings.Trim(last, "#* :")) {
		return true
	}
	return r.phrases.Code && announced.MatchString(last) && !amends.MatchString(last) &&
		!conditional.MatchString(iWould.ReplaceAllString(last, ""))
}

var (
	// heading is a line that is a heading, or bold.
	heading = regexp.MustCompile(`^(?:#+ .+|\*\*[^*]+\*\*:?)$`)
	iWould  = regexp.MustCompile(`(?i)^i would use\b`)
	// setting says what is done next, and language what the code below is.
	setting = regexp.MustCompile(`(?i)^let(?:['’]s| me| us) (?:look|see|check|` +
		`analy[sz]e|think|go|break|work|find|rename|sort|list|write|start)\b[^:;,?!0-9]*[.:]$`)
	language = regexp.MustCompile(`(?i)^(?:json|sql|regex|forth|text)$`)
)

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

// ending is what a text comes to at its end by a phrase; "" where it comes to nothing.
func (r *reader) ending(said string) string {
	all := sentences(said)
	if len(all) == 0 {
		return ""
	}
	for _, part := range starts(all[len(all)-1]) {
		if st := r.phrases.statements(part); st != nil {
			return st[0].value
		}
	}
	return ""
}
