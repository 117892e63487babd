package lora

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

// Format is a file format of other trainers. All are JSON Lines.
type Format string

// The formats.
const (
	// FormatMessages is conversational: {"messages":[{"role","content"}]}, as OpenAI's
	// and Hugging Face's trainers read it. It holds tools.
	FormatMessages Format = "messages"
	// FormatAlpaca is {"instruction","input","output","system","history"}.
	FormatAlpaca Format = "alpaca"
	// FormatShareGPT is {"conversations":[{"from","value"}],"system"}.
	FormatShareGPT Format = "sharegpt"
)

type (
	conversation struct {
		Messages []hobby.Message `json:"messages"`
		Tools    []hobby.Tool    `json:"tools,omitempty"`
	}
	alpaca struct {
		Instruction string      `json:"instruction"`
		Input       string      `json:"input"`
		Output      string      `json:"output"`
		System      string      `json:"system"`
		History     [][2]string `json:"history"`
	}
	shareGPT struct {
		Conversations []turn `json:"conversations"`
		System        string `json:"system"`
	}
	turn struct {
		From  string `json:"from"`
		Value string `json:"value"`
	}
)

// Export writes examples in a format. Only FormatMessages holds tools, and turns other
// than a system's first and then the user's and the assistant's in turn; in another
// format such an example is ErrConfig. None of them says what is replayed: leave those
// out. What a [Pipeline] finds to learn is [Pipeline.Dataset].
func Export(w io.Writer, examples []Example, f Format) error {
	if f != FormatMessages && f != FormatAlpaca && f != FormatShareGPT {
		return fmt.Errorf("%w: there is no format %.64q", ErrConfig, f)
	}
	b := bufio.NewWriter(w)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	for i := range examples {
		line, err := examples[i].as(f)
		if err != nil {
			return fmt.Errorf("lora: exporting example %d: %w", i+1, err)
		}
		if err := e.Encode(line); err != nil {
			return fmt.Errorf("lora: exporting example %d: %w", i+1, err)
		}
	}
	return b.Flush()
}

func (e *Example) as(f Format) (any, error) {
	if f == FormatMessages {
		answer := hobby.Message{Role: hobby.RoleAssistant, Content: e.Completion}
		return conversation{append(slices.Clone(e.Messages), answer), e.Tools}, nil
	}
	system, turns, err := e.plain(f)
	switch {
	case err != nil:
		return nil, err
	case f == FormatShareGPT:
		s := shareGPT{System: system}
		for i, text := range append(turns, e.Completion) {
			s.Conversations = append(s.Conversations, turn{[]string{"human", "gpt"}[i%2], text})
		}
		return s, nil
	case f == FormatAlpaca:
		a := alpaca{Instruction: turns[len(turns)-1], Output: e.Completion, System: system, History: [][2]string{}}
		for i := 0; i+1 < len(turns); i += 2 {
			a.History = append(a.History, [2]string{turns[i], turns[i+1]})
		}
		return a, nil
	}
	return nil, nil // Export has refused it
}

// plain is a prompt as a system's text and turns that begin and end with the user's.
func (e *Example) plain(f Format) (system string, turns []string, err error) {
	messages := e.Messages
	if len(messages) > 0 && messages[0].Role == hobby.RoleSystem && messages[0].Content != "" {
		system, messages = messages[0].Content, messages[1:]
	}
	ok := len(e.Tools) == 0 && len(messages)%2 == 1
	for i, m := range messages {
		ok = ok && m.Role == []hobby.Role{hobby.RoleUser, hobby.RoleAssistant}[i%2] && len(m.ToolCalls) == 0 && m.ToolCallID == ""
		turns = append(turns, m.Content)
	}
	if !ok {
		return "", nil, fmt.Errorf("%w: %s cannot hold tools, or turns that do not alternate", ErrConfig, f)
	}
	return system, turns, nil
}

// Import reads what Export writes, and other files of these formats. Errors name the
// line. A line has at most 8 MiB.
func Import(r io.Reader, f Format) ([]Example, error) {
	var all []Example
	err := eachLine(r, func(_ int, line []byte) error {
		e, err := exampleOf(line, f)
		all = append(all, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lora: importing %s: %w", f, err)
	}
	return all, nil
}

func exampleOf(line []byte, f Format) (e Example, err error) {
	var c conversation
	switch f {
	case FormatMessages:
		err = json.Unmarshal(line, &c)
	case FormatAlpaca:
		var a alpaca
		err = json.Unmarshal(line, &a)
		c = a.conversation()
	case FormatShareGPT:
		var s shareGPT
		if err = json.Unmarshal(line, &s); err == nil {
			c, err = s.conversation()
		}
	default:
		err = fmt.Errorf("%w: there is no format %.64q", ErrConfig, f)
	}
	last := len(c.Messages) - 1
	switch {
	case err != nil:
		return e, err
	case last < 1 || c.Messages[last].Role != hobby.RoleAssistant:
		return e, fmt.Errorf("%w: the last of at least two messages must be the assistant's", ErrConfig)
	case c.Messages[last-1].Role == hobby.RoleAssistant:
		return e, fmt.Errorf("%w: the assistant answers itself", ErrConfig)
	}
	r := hobby.Request{Messages: c.Messages, Tools: c.Tools}
	if err := r.Validate(); err != nil {
		return e, err
	}
	return Example{Messages: c.Messages[:last], Tools: c.Tools, Completion: c.Messages[last].Content}, nil
}

func (a *alpaca) conversation() (c conversation) {
	add := func(role hobby.Role, text string) {
		c.Messages = append(c.Messages, hobby.Message{Role: role, Content: text})
	}
	if a.System != "" {
		add(hobby.RoleSystem, a.System)
	}
	for _, h := range a.History {
		add(hobby.RoleUser, h[0])
		add(hobby.RoleAssistant, h[1])
	}
	if a.Input != "" {
		a.Instruction += "\n" + a.Input
	}
	add(hobby.RoleUser, a.Instruction)
	add(hobby.RoleAssistant, a.Output)
	return c
}

func (s *shareGPT) conversation() (c conversation, err error) {
	if s.System != "" {
		c.Messages = append(c.Messages, hobby.Message{Role: hobby.RoleSystem, Content: s.System})
	}
	roles := map[string]hobby.Role{"human": hobby.RoleUser, "user": hobby.RoleUser, "gpt": hobby.RoleAssistant,
		"assistant": hobby.RoleAssistant, "system": hobby.RoleSystem}
	for i, t := range s.Conversations {
		role, ok := roles[t.From]
		if !ok {
			return c, fmt.Errorf("%w: conversations[%d].from is %.64q", ErrConfig, i, t.From)
		}
		c.Messages = append(c.Messages, hobby.Message{Role: role, Content: t.Value})
	}
	return c, nil
}
