package hobby

import (
	"slices"
	"strings"
)

// Clean makes a text from outside fit to be stored. It applies redact, unless
// that is nil, and makes the text valid UTF-8 before and after.
func Clean(text string, redact func(string) string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if redact != nil {
		text = strings.ToValidUTF8(redact(text), "\uFFFD")
	}
	return text
}

// generated reports whether the task of i was made by its family: no text of it
// is from outside.
func (i *Item) generated() bool { return i.Family != "" && i.Source == "" && i.Taint == Trusted }

// Redact cleans the texts of i; see [Clean]. The messages and the reference of a
// generated task hold nothing from outside: they are not redacted, so that the
// task stays what its seed says. It sets Redacted when redact has changed a
// text. Slices are copied first.
func (i *Item) Redact(redact func(string) string) {
	answered := func(text string) string {
		was := Clean(text, nil)
		is := Clean(was, redact)
		i.Redacted = i.Redacted || is != was
		return is
	}
	asked := answered
	if i.generated() {
		asked = func(text string) string { return Clean(text, nil) }
	}
	i.Answer, i.Reference, i.Note = answered(i.Answer), asked(i.Reference), answered(i.Note)
	i.Source, i.Model = Clean(i.Source, redact), Clean(i.Model, redact)
	i.Messages = slices.Clone(i.Messages)
	for j := range i.Messages {
		m := &i.Messages[j]
		m.Content, m.Reasoning, m.ToolCalls = asked(m.Content), asked(m.Reasoning), slices.Clone(m.ToolCalls)
		for k := range m.ToolCalls {
			call := &m.ToolCalls[k]
			call.Name, call.Arguments = asked(call.Name), asked(call.Arguments)
		}
	}
}

// Redact cleans the texts of i, its source and its evidence; see [Clean]. A claim
// that redact would change is left out. Slices are copied first.
func (i *Insight) Redact(redact func(string) string) {
	i.Text, i.Topic, i.Source = Clean(i.Text, redact), Clean(i.Topic, redact), Clean(i.Source, redact)
	i.Evidence = slices.Clone(i.Evidence)
	for j := range i.Evidence {
		i.Evidence[j].Ref = Clean(i.Evidence[j].Ref, redact)
	}
	i.Claims = redactClaims(i.Claims, redact)
}
