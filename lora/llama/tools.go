package llama

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/internal/constrain"
)

// template renders a conversation as the text that the model was trained on.
type template interface {
	Render(messages []hobby.Message, tools []hobby.Tool, generationPrompt bool) (string, error)
}

// contents is the template of a model without one: the contents of the messages.
type contents struct{}

func (contents) Render(messages []hobby.Message, _ []hobby.Tool, _ bool) (string, error) {
	all := make([]string, len(messages))
	for i, m := range messages {
		all[i] = m.Content
	}
	return strings.Join(all, "\n\n"), nil
}

// render renders a request's messages, and returns the style in which the model
// writes calls. A template that does not know tools gets them as a part of the
// system message, or, where it does not know system messages either, of the
// user's first. It gets calls and results as text, in the style of the Hermes
// models.
func render(t template, r hobby.Request) (string, constrain.Style, error) {
	plain := hasNoTools(r)
	text, err := t.Render(r.Messages, r.Tools, true)
	if plain || err == nil && knowsTools(t, r, text) {
		return text, styleOf(text), err
	}
	messages := withTools(r.Messages, r.Tools)
	text, err = t.Render(messages, nil, true)
	forgets := func(tool hobby.Tool) bool { return !strings.Contains(text, tool.Name) }
	if err != nil || slices.ContainsFunc(r.Tools, forgets) {
		text, err = t.Render(withoutSystem(messages), nil, true)
	}
	return text, constrain.Tagged, err
}

// withoutSystem changes a conversation for a template that refuses or drops
// system messages. Their text comes first in the user's message. Such templates
// also require the roles to alternate, so neighbours of one role become one
// message.
func withoutSystem(messages []hobby.Message) []hobby.Message {
	var out []hobby.Message
	for _, m := range messages {
		if m.Role == hobby.RoleSystem {
			m.Role = hobby.RoleUser
		}
		if last := len(out) - 1; last >= 0 && out[last].Role == m.Role {
			out[last].Content += "\n\n" + m.Content
			continue
		}
		out = append(out, m)
	}
	return out
}

func hasNoTools(r hobby.Request) bool {
	if len(r.Tools) > 0 {
		return false
	}
	for _, m := range r.Messages {
		if m.Role == hobby.RoleTool || len(m.ToolCalls) > 0 {
			return false
		}
	}
	return true
}

// knowsTools reports whether a template's text mentions all tools, and all calls
// and results of the messages.
func knowsTools(t template, r hobby.Request, text string) bool {
	for _, tool := range r.Tools {
		if !strings.Contains(text, tool.Name) {
			return false
		}
	}
	for _, m := range r.Messages {
		for _, c := range m.ToolCalls {
			if !strings.Contains(text, c.Name) {
				return false
			}
		}
		if m.Role == hobby.RoleTool && !strings.Contains(text, strings.TrimSpace(m.Content)) && !strings.Contains(text, quoted(m.Content)) {
			return false
		}
	}
	if len(r.Tools) == 0 {
		return true
	}
	// A name may be in a message, too.
	bare, err := t.Render(r.Messages, nil, true)
	return err == nil && bare != text
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(b)
}

// styleOf returns the style in which a template's text asks for calls.
func styleOf(text string) constrain.Style {
	if !strings.Contains(text, constrain.Tagged.Open) && strings.Contains(text, `"parameters"`) {
		return constrain.Bare
	}
	return constrain.Tagged
}

// withTools puts tools, calls and results into messages as text.
func withTools(messages []hobby.Message, tools []hobby.Tool) []hobby.Message {
	var out []hobby.Message
	if len(tools) > 0 {
		out = append(out, hobby.Message{Role: hobby.RoleSystem, Content: describe(tools)})
	}
	for i, m := range messages {
		switch {
		case m.Role == hobby.RoleSystem && i == 0 && len(out) > 0:
			out[0].Content = m.Content + "\n\n" + out[0].Content
			continue
		case m.Role == hobby.RoleTool:
			m = hobby.Message{Role: hobby.RoleUser, Content: "<tool_response>\n" + m.Content + "\n</tool_response>"}
		case len(m.ToolCalls) > 0:
			for _, c := range m.ToolCalls {
				m.Content += callText(c)
			}
			m.ToolCalls = nil
		}
		out = append(out, m)
	}
	return out
}

// describe returns a description of tools for a model.
func describe(tools []hobby.Tool) string {
	var b strings.Builder
	b.WriteString("You can call these functions, each described in JSON:\n<tools>\n")
	for _, t := range tools {
		params := t.Parameters
		if len(params) == 0 {
			params = json.RawMessage("{}")
		}
		fmt.Fprintf(&b, `{"name": %s, "description": %s, "parameters": %s}`+"\n", quoted(t.Name), quoted(t.Description), params)
	}
	b.WriteString("</tools>\nTo call one, write\n<tool_call>\n{\"name\": <function>, \"arguments\": <its arguments>}\n</tool_call>\n")
	b.WriteString("You are then told the result. If no function helps, answer yourself.")
	return b.String()
}

func callText(c hobby.ToolCall) string {
	s := constrain.Tagged
	return fmt.Sprintf("%s\n{\"name\": %s, \"%s\": %s}\n%s", s.Open, quoted(c.Name), s.Arguments, c.Arguments, s.Close)
}

// parseCalls reads the calls of tools in an answer. In an answer that was cut,
// an incomplete last call is left out.
func parseCalls(text string, style constrain.Style, tools []hobby.Tool) []hobby.ToolCall {
	var calls []hobby.ToolCall
	for {
		if style.Open != "" {
			_, rest, ok := strings.Cut(text, style.Open)
			if !ok {
				return calls
			}
			text = rest
		}
		dec := json.NewDecoder(strings.NewReader(text))
		var call map[string]json.RawMessage
		var name string
		if dec.Decode(&call) != nil || json.Unmarshal(call["name"], &name) != nil {
			return calls
		}
		args, ok := call[style.Arguments]
		if !ok || !slices.ContainsFunc(tools, func(t hobby.Tool) bool { return t.Name == name }) {
			return calls // an object of the schema
		}
		calls = append(calls, hobby.ToolCall{ID: "call_" + strconv.Itoa(len(calls)+1), Name: name, Arguments: string(args)})
		text = text[dec.InputOffset():]
		if style.Open == "" {
			return calls
		}
	}
}
