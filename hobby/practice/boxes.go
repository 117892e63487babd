package practice

import (
	"regexp"
	"strings"
)

// box opens where an answer is marked as the final one.
var box = regexp.MustCompile(`\\(?:boxed|fbox)\s*\{|<answer>|<\|begin_of_box\|>|(?m:^#### )`)

// boxed judges a text with answers in boxes. Each is read in its place in its
// sentence.
func (r *reader) boxed(said string, whole Verdict) Verdict {
	var b strings.Builder
	var marks []int
	for rest := said; ; {
		at := box.FindStringIndex(rest)
		if at == nil {
			b.WriteString(rest)
			break
		}
		content, after, ok := closing(rest[at[0]:at[1]], rest[at[1]:])
		if tag := rest[at[0]] != '\\'; ok && tag && box.MatchString(content) { // "<answer>It is \boxed{42}</answer>"
			inner := box.FindAllStringIndex(content, -1)
			if r.boxed(content, Fail("left open")).Score < 1 {
				return Fail("left open")
			}
			last := inner[len(inner)-1]
			content, _, ok = closing(content[last[0]:last[1]], content[last[1]:])
		}
		if before := rest[:at[0]]; !ok || strings.TrimSpace(content) == "" || box.MatchString(content) ||
			joined(before, true) || joined(after, false) || before == "" && len(marks) > 0 || at[1]-at[0] == 5 && !r.follows(before) {
			return Fail("left open")
		}
		b.WriteString(rest[:at[0]])
		marks = append(marks, b.Len())
		b.WriteString(strings.TrimSpace(content))
		if len(after) > 0 && strings.HasPrefix(after, "</") {
			return Fail("left open")
		}
		rest = after
	}
	text := b.String()
	v, first := Fail("left open"), 0 // where the first sentence with a box begins
	for i, at := range marks {
		from, to := 0, len(text)
		for _, s := range sentence.FindAllStringIndex(text, -1) {
			switch {
			case s[1] <= at && !strings.HasSuffix(strings.TrimRight(text[:s[0]], "*_$ "), ":"):
				from = s[1]
			case s[0] > at && to == len(text) && !strings.HasPrefix(strings.TrimSpace(text[s[1]:]), "$") &&
				!strings.HasPrefix(strings.TrimSpace(text[s[1]:]), `\)`):
				to = s[0] + 1
			}
		}
		rest := text[to:]
		last := i+1 == len(marks)
		if amends.MatchString(rest) || last && (loose.MatchString(rest) || r.doubts(rest) || r.rivals(sentences(rest))) {
			return Fail("taken back")
		}
		if i == 0 {
			first = from
		}
		s := strings.TrimSpace(text[from:to])
		if v = r.judge(s); v.Score < 1 && !r.judge.passes(r.withoutReasons(s)) && !r.says(s) && !r.says(Bare(s)) &&
			!r.introduced(text[from:at], text[at:to]) {
			if v.Score >= 1 {
				v = whole
			}
			return v
		}
	}
	if answerIs.MatchString(text) {
		return r.told(text)
	}
	before := sentences(text[:first])
	if r.contradicted(before, "The answer is ?") || len(before) > 0 && r.judge.other(before[len(before)-1]) {
		return Fail("left open")
	}
	return Pass()
}

// follows reports whether an answer may come on a line by itself after a text.
func (r *reader) follows(before string) bool {
	all := sentences(before)
	return len(all) == 0 || r.worked(all[len(all)-1])
}

// introduced reports whether nothing but a lead stands before an answer in its
// sentence.
func (r *reader) introduced(before, answer string) bool {
	return strings.TrimSpace(before[len(lead.FindString(before)):]) == "" && r.judge.passes(unclosed(before, answer))
}

// signs end a text that what comes next belongs to.
var signs = regexp.MustCompile(`[A-Za-z0-9_^!%]$|[-−–—/+<>~±≠≈][\s$(\[\\*{]*$`)

// joined reports whether a letter, a digit or a sign stands at an edge of a box.
func joined(s string, before bool) bool {
	if s == "" {
		return false
	}
	if before {
		return signs.MatchString(s)
	}
	return regexp.MustCompile(`^[A-Za-z0-9_^!%]`).MatchString(s)
}

// closing is the content of a box that opens with open, and what follows it.
func closing(open, s string) (content, rest string, ok bool) {
	if strings.HasPrefix(open, "####") {
		content, rest, _ = strings.Cut(s, "\n")
		return content, rest, true
	}
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
