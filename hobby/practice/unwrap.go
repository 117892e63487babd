package practice

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	fenced = regexp.MustCompile("(?s)^```(?:[a-zA-Z0-9]*[ \\t]*\\n)?(.*?)\\n?```$")
	// labeled matches "Answer:" in front of an answer, plain or emphasised, in
	// the languages that models were trained on most.
	labeled = regexp.MustCompile(`(?i)^[*_#>\s]*(?:(?:so|thus|therefore|hence),?\s+)?(?:the\s+|my\s+)?(?:final\s+|correct\s+)?` +
		`(?:(?:answer|result|solution|output)(?:\s+is)?|antwort|respuesta|réponse|risposta|resposta|最终答案|` +
		`答案)[*_]*\s*(?:[:=：]|是|为)[*_]*\s*|^[*_]*A:[*_]*\s+|` +
		`^#{1,6}\s+(?:final\s+)?answer[*_]*\s*\n\s*`)
	// object is a JSON object that has the answer and nothing else.
	object = regexp.MustCompile(`^\{\s*"(?:final_?)?answer"\s*:\s*("[^"\\]*"|[-+0-9.]+)\s*\}$`)
	// courteous matches what a chat model says before it answers.
	courteous = regexp.MustCompile(`(?i)^(?:sure|certainly|of course|absolutely|okay|ok)(?:\s+thing)?[,.!:]+\s+`)
	// control matches a token that ends a turn. Some servers let it through.
	control = regexp.MustCompile(`(?:<\|(?:im_end|eot_id|eom_id|end|endoftext|end_of_text|return|END_OF_TURN_TOKEN)\|>|</s>|` +
		`<end_of_turn>|<eos>)$`)
	// command matches a LaTeX command around all of a text.
	command = regexp.MustCompile(`(?s)^\\(?:boxed|fbox|text|textbf|textit|texttt|mathbf|mathrm|mathtt|mathit|displaystyle)\s*\{(.*)\}$`)
)

// cheers are emoji that models end an answer with. They add nothing to it.
const cheers = "✅✔✓☑🎉🎊🥳😊🙂😀😃😄😁😎👍💯🚀✨🌟⭐🔢📅🤗\ufe0f"

// pairs are what may stand around an answer: quotes, emphasis, LaTeX, and the
// tokens and tags with which models were taught to mark it.
var pairs = [][2]string{
	{"**", "**"}, {"__", "__"}, {"*", "*"}, {"_", "_"}, {"`", "`"}, {"$$", "$$"}, {"$", "$"}, {`\(`, `\)`}, {`\[`, `\]`},
	{"<|begin_of_box|>", "<|end_of_box|>"}, {"<|begin_of_solution|>", "<|end_of_solution|>"}, {"<|START_RESPONSE|>", "<|END_RESPONSE|>"},
	{"<answer>", "</answer>"}, {"<response>", "</response>"}, {"<b>", "</b>"}, {"<strong>", "</strong>"}, {"<code>", "</code>"},
	{"「", "」"}, {"【", "】"},
}

var quotes = [][2]string{{`"`, `"`}, {"'", "'"}, {"“", "”"}, {"‘", "’"}, {"«", "»"}}

// Bare removes from an answer what is form and not content: space around it, a
// code fence, a label "Answer:", quotes, emphasis, LaTeX, tags, and a full stop
// at the end. It returns "" for an answer that is too long to be one.
func Bare(answer string) string { return unwrap(answer, true) }

// unwrap is Bare. quoted says whether quotes are form as well.
func unwrap(answer string, quoted bool) string {
	if len(answer) > maxAnswer {
		return ""
	}
	const layers = 12 // a real answer has a few
	s := strings.TrimSpace(answer)
	for range layers {
		inner := peel(s, quoted)
		if inner == s || inner == "" {
			break
		}
		s = inner
	}
	return s
}

// peel removes one layer.
func peel(s string, quoted bool) string {
	if m := fenced.FindStringSubmatch(s); m != nil {
		return strings.TrimSpace(m[1])
	}
	if m := command.FindStringSubmatch(s); m != nil && balanced(m[1]) {
		return strings.TrimSpace(m[1])
	}
	for _, p := range pairs {
		if inner, ok := between2(s, p); ok {
			return inner
		}
	}
	if quoted {
		if m := object.FindStringSubmatch(s); m != nil {
			return m[1]
		}
		for _, p := range quotes {
			if inner, ok := between2(s, p); ok {
				return inner
			}
		}
	}
	for _, stop := range []string{".", "。"} {
		if inner, ok := strings.CutSuffix(s, stop); ok && !strings.HasSuffix(inner, stop) {
			return strings.TrimSpace(inner)
		}
	}
	for _, form := range []*regexp.Regexp{control, labeled, courteous} {
		if at := form.FindStringIndex(s); at != nil {
			return strings.TrimSpace(s[:at[0]] + s[at[1]:])
		}
	}
	return strings.TrimRightFunc(s, func(r rune) bool { return strings.ContainsRune(cheers, r) || unicode.IsSpace(r) })
}

// between2 returns what is between a pair that encloses all of s and occurs
// nowhere within: "**a** or **b**" is two answers.
func between2(s string, p [2]string) (string, bool) {
	inner, ok := strings.CutPrefix(s, p[0])
	if ok {
		inner, ok = strings.CutSuffix(inner, p[1])
	}
	if !ok || inner == "" || strings.Contains(inner, p[0]) || strings.Contains(inner, p[1]) {
		return "", false
	}
	return strings.TrimSpace(inner), true
}

// balanced reports whether every closing brace has an opening one before it.
func balanced(s string) bool {
	depth := 0
	for _, r := range s {
		switch r {
		case '{':
			depth++
		case '}':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}
