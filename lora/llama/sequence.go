package llama

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/train"
)

// sequence turns an example into tokens. Its prompt is rendered as for an answer,
// so training and answering see the same tokens.
func (m *Model) sequence(e lora.Example) (train.Sequence, error) {
	if len(e.Messages) == 0 {
		return train.Sequence{}, fmt.Errorf("%w: no prompt", lora.ErrEmpty)
	}
	if last := e.Messages[len(e.Messages)-1]; last.Role == hobby.RoleAssistant {
		return train.Sequence{}, fmt.Errorf("%w: the prompt ends with the assistant's turn, and the completion is one, too", lora.ErrConfig)
	}
	if e.Completion == "" {
		return train.Sequence{}, fmt.Errorf("%w: no completion", lora.ErrEmpty)
	}
	text, _, err := render(m.template, hobby.Request{Messages: e.Messages, Tools: e.Tools})
	if err != nil {
		return train.Sequence{}, fmt.Errorf("llama: rendering the prompt: %w", err)
	}
	prompt := m.encode(text)
	if slices.ContainsFunc(m.tokens.Encode(e.Completion, true), m.ends) {
		return train.Sequence{}, fmt.Errorf("%w: the completion contains a token that ends answers", lora.ErrConfig)
	}
	s := train.Sequence{Learn: len(prompt), Replay: e.Replay}
	whole, err := m.whole(e, text)
	if err != nil {
		return train.Sequence{}, err
	}
	if whole != nil {
		s.Tokens, s.Learn = whole, common(prompt, whole)
	} else {
		s.Tokens = append(prompt, m.tokens.Encode(e.Completion, false)...)
	}
	// The token that ends the answer is learned. What a template writes after it
	// is not.
	if end := slices.IndexFunc(s.Tokens[s.Learn:], m.ends); end >= 0 {
		s.Tokens = s.Tokens[:s.Learn+end+1]
	} else if eos := m.tokens.EOS(); len(eos) > 0 {
		s.Tokens = append(s.Tokens, eos[0])
	}
	return s, nil
}

func (m *Model) ends(token int) bool { return m.vocab.ends[token] }

// whole returns the tokens of the conversation with its completion, as the
// template renders it. It is nil when they do not begin with the prompt; sequence
// then joins the two.
func (m *Model) whole(e lora.Example, prompt string) ([]int, error) {
	messages := append(slices.Clip(e.Messages), hobby.Message{Role: hobby.RoleAssistant, Content: e.Completion})
	text, err := m.template.Render(messages, e.Tools, false)
	if err != nil {
		return nil, fmt.Errorf("llama: rendering the completion: %w", err)
	}
	rest, ok := strings.CutPrefix(text, prompt)
	at := strings.Index(rest, e.Completion)
	if !ok || at < 0 {
		return nil, nil
	}
	// After the answer only the token that ends it matters.
	end := len(text) - len(rest) + at + len(e.Completion)
	if !slices.ContainsFunc(m.tokens.Encode(text[end:], true), m.ends) {
		text = text[:end]
	}
	return m.encode(text), nil
}

// common returns the number of first tokens that a and b have in common.
func common(a, b []int) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
