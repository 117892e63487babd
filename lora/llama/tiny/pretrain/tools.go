package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/internal/chat"
)

// conversation is what a task is asked in: its own messages or, with tools, the bare
// request, with the functions of its prompt beside it. After a call its result is told,
// which is then the answer.
func (e *example) conversation() (messages []hobby.Message, tools []hobby.Tool, answer string, err error) {
	if !e.tools {
		return e.task.Messages, nil, e.task.Reference, nil
	}
	request := ""
	for line := range strings.Lines(e.task.Messages[0].Content) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "{"):
			var t hobby.Tool
			if err := json.Unmarshal([]byte(line), &t); err != nil {
				return nil, nil, "", fmt.Errorf("a function of the task: %w", err)
			}
			tools = append(tools, t)
		case request == "":
			request = strings.TrimPrefix(line, "Request: ")
		}
	}
	messages = []hobby.Message{{Role: hobby.RoleUser, Content: request}}
	if e.result == "" {
		return messages, tools, "<tool_call>\n" + e.task.Reference + "\n</tool_call>", nil
	}
	var call struct {
		Name      string
		Arguments json.RawMessage
	}
	if err := json.Unmarshal([]byte(e.task.Reference), &call); err != nil {
		return nil, nil, "", fmt.Errorf("the call of a task: %w", err)
	}
	return append(messages,
		hobby.Message{Role: hobby.RoleAssistant, ToolCalls: []hobby.ToolCall{{ID: "1", Name: call.Name, Arguments: string(call.Arguments)}}},
		hobby.Message{Role: hobby.RoleTool, ToolCallID: "1", Content: e.result}), tools, e.result, nil
}

// result draws what a function tells.
func result(r *rand.Rand) string {
	switch r.IntN(3) {
	case 0:
		return "done"
	case 1:
		return fmt.Sprint(r.IntN(10_000))
	}
	b := make([]byte, 3+r.IntN(6))
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}

var rendered = must(chat.Parse(template, "", special[0]))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// text is the prompt as the model reads it, and the answer.
func (e *example) text() (prompt, answer string, err error) {
	messages, tools, answer, err := e.conversation()
	if err != nil {
		return "", "", err
	}
	prompt, err = rendered.Render(messages, tools, true)
	return prompt, answer, err
}

// prompt is the words of what is asked.
func (e *example) prompt() string {
	messages, _, _, err := e.conversation()
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, m := range messages {
		b.WriteString(m.Content + "\n")
	}
	return b.String()
}
