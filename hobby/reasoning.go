package hobby

import (
	"regexp"
	"strings"
)

// The marks that models put around their reasoning: those of DeepSeek, Qwen and
// most others, of Mistral, Kimi, Seed, Gemma, Cohere, Sky-T1, Granite, and of
// prompts that ask for marks. An opening mark stands at the beginning of a line.
const thoughts = `(?:think|thinking|thought|thoughts|reason|reasoning|reflection|analysis|scratchpad|seed:think)`

var (
	thoughtBegins = regexp.MustCompile(`(?im)^\s*(?:<` + thoughts + `>|\[think\]|◁think▷|<\|channel>|<\|start_thinking\|>|` +
		`<\|begin_of_thought\|>|<\|channel\|>analysis|here(?:'s| is) my thought process:)`)
	thoughtEnds = regexp.MustCompile(`(?i)</` + thoughts + `>|<think\s*/>|\[/think\]|◁/think▷|<channel\|>|<\|end_thinking\|>|` +
		`<\|end_of_thought\|>|<\|channel\|>final<\|message\|>|assistantfinal|here(?:'s| is) my response:`)
)

// CutReasoning separates the reasoning in a model's text from the answer, for
// servers that do not. The answer is what follows the last reasoning. A closing
// mark may stand without an opening one, because some templates write that
// themselves. ok is false when reasoning has begun and not ended: then there is
// no answer.
func CutReasoning(text string) (reasoning, answer string, ok bool) {
	if !strings.ContainsAny(text, "<[◁") && !strings.Contains(text, "my ") && !strings.HasPrefix(text, "analysis") {
		return "", text, true
	}
	end := 0
	if ends := thoughtEnds.FindAllStringIndex(text, -1); len(ends) > 0 {
		end = ends[len(ends)-1][1]
	}
	if open := thoughtBegins.FindStringIndex(text[end:]); open != nil {
		return text, "", false
	}
	return text[:end], text[end:], true
}
