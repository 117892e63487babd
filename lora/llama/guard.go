package llama

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// guard keeps the text of messages from being read as control tokens: a user
// who writes <|im_end|> writes these ten characters and does not end a turn.
// Rendering replaces such a name by the token's number between two
// noncharacters. When the text is encoded, it becomes the tokens of plain text.
type guard struct {
	template
	marks *strings.Replacer
}

const (
	guardOpen  = "\uFDD0" // noncharacters, which are for internal use
	guardClose = "\uFDD1"
)

func newGuard(t template, tokens tokens) guard {
	var names []string
	number := map[string]int{}
	for id := range tokens.Size() {
		if name := string(tokens.Piece(id)); tokens.Special(id) && name != "" {
			names = append(names, name)
			number[name] = id
		}
	}
	// Of several names with the same beginning the longest comes first, so it is
	// matched.
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := []string{guardOpen, "\uFFFD", guardClose, "\uFFFD"}
	for _, name := range names {
		pairs = append(pairs, name, guardOpen+strconv.Itoa(number[name])+guardClose)
	}
	return guard{t, strings.NewReplacer(pairs...)}
}

// Render renders the messages with their control tokens marked.
func (g guard) Render(messages []hobby.Message, tools []hobby.Tool, generationPrompt bool) (string, error) {
	messages = slices.Clone(messages)
	for i := range messages {
		m := &messages[i]
		m.Content, m.ToolCallID = g.marks.Replace(m.Content), g.marks.Replace(m.ToolCallID)
		m.ToolCalls = slices.Clone(m.ToolCalls)
		for j := range m.ToolCalls {
			c := &m.ToolCalls[j]
			c.ID, c.Name, c.Arguments = g.marks.Replace(c.ID), g.marks.Replace(c.Name), g.marks.Replace(c.Arguments)
		}
	}
	return g.template.Render(messages, tools, generationPrompt)
}

// encodeGuarded returns the tokens of a rendered text.
func encodeGuarded(t tokens, text string) []int {
	var ids []int
	for {
		before, rest, ok := strings.Cut(text, guardOpen)
		if ids == nil && !ok {
			return t.Encode(text, true)
		}
		if before != "" {
			ids = append(ids, t.Encode(before, true)...)
		}
		if !ok {
			return ids
		}
		number, after, _ := strings.Cut(rest, guardClose)
		if id, err := strconv.Atoi(number); err == nil && t.Special(id) {
			ids = append(ids, t.Encode(string(t.Piece(id)), false)...)
		}
		text = after
	}
}
