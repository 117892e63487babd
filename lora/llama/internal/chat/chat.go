// Package chat renders conversations with the chat templates of models, which
// are Jinja programs that come with their files.
//
// A template is an untrusted program, so its work is bounded. It reads only the
// conversation and the date. The text that it writes, the values that it keeps,
// loops, calls of macros and the time are counted after every statement: see
// limits.go. A statement that could make a value much longer than the values in
// it is refused when the template is parsed: see verify.go.
package chat

import (
	"errors"
	"fmt"

	"github.com/ardanlabs/jinja"

	"github.com/pastime-go/pastime/hobby"
)

// maxSource is the longest template in bytes; the longest known ones have a few
// tens of thousands.
const maxSource = 1 << 18

// Template is a model's chat template. It may be used by many goroutines at
// once.
type Template struct {
	compiled *jinja.Template
	texts    []string // between the tags
	bos, eos string
	tools    *Template // for conversations with tools; nil for this one
	err      error     // why it cannot be rendered
}

// Unusable is a template whose Render returns an error. A model whose template
// [Parse] refuses is opened with it.
func Unusable(bos, eos string, reason error) *Template {
	return &Template{bos: bos, eos: eos, err: reason}
}

// WithTools returns t with another template for conversations with tools, such as
// the "tool_use" of a model that has several.
func (t *Template) WithTools(tools *Template) *Template {
	both := *t
	both.tools = tools
	return &both
}

// Replaced returns another template for the same model.
func (t *Template) Replaced(source string) (*Template, error) { return Parse(source, t.bos, t.eos) }

// Parse compiles a template. Bos and eos are the texts of the tokens that begin
// and end a text, which templates refer to; they may be empty.
func Parse(source, bos, eos string) (t *Template, err error) {
	if len(source) > maxSource {
		return nil, fmt.Errorf("chat: a template of %d bytes; at most %d were expected", len(source), maxSource)
	}
	defer recovered(&err)
	adapted, texts, err := adapt(source)
	if err != nil {
		return nil, fmt.Errorf("chat: the template's %w", err)
	}
	compiled, err := jinja.Compile(adapted)
	if err != nil {
		return nil, fmt.Errorf("chat: %w", err)
	}
	return &Template{compiled: compiled, texts: texts, bos: bos, eos: eos}, nil
}

// Render returns the text of a conversation as the model was trained to read it.
// With generationPrompt it ends where the model's answer begins. Templates may
// refuse conversations, for example when roles do not alternate.
func (t *Template) Render(messages []hobby.Message, tools []hobby.Tool, generationPrompt bool) (text string, err error) {
	if len(tools) > 0 && t.tools != nil {
		return t.tools.Render(messages, tools, generationPrompt)
	}
	if t.err != nil {
		return "", t.err
	}
	defer recovered(&err)
	list, kit := values(messages, message), jinja.None()
	if len(tools) > 0 {
		kit = values(tools, tool)
	}
	vars, err := limits(list, kit, t.texts)
	if err != nil {
		return "", fmt.Errorf("chat: rendering %d messages: %w", len(messages), err)
	}
	vars["messages"], vars["tools"] = list, kit
	vars["documents"] = jinja.None()
	vars["add_generation_prompt"] = jinja.NewBool(generationPrompt)
	vars["bos_token"] = jinja.NewString(t.bos)
	vars["eos_token"] = jinja.NewString(t.eos)
	text, err = t.compiled.RenderValues(vars)
	if err != nil {
		return "", fmt.Errorf("chat: rendering %d messages: %w", len(messages), err)
	}
	return text, nil
}

// recovered turns a panic of the template engine into an error. Templates come
// with files, and a bad file must not end the host.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = errors.Join(*err, fmt.Errorf("chat: the template engine failed: %v", p))
	}
}
