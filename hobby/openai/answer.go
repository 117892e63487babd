package openai

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// answer gathers a response from a completion or from its chunks.
type answer struct {
	hobby.Response // without its message, which is built below
	text, refusal  strings.Builder
	calls          []*callBuilder
	onDelta        func(string)
	told           bool // onDelta has been called
	ended          bool // a finish reason was given
}

type callBuilder struct {
	id, name  string
	arguments strings.Builder
}

// add takes in one completion or chunk.
func (a *answer) add(c completion) error {
	a.Model = cmp.Or(c.Model, a.Model)
	if c.Usage != nil {
		a.TokensIn, a.TokensOut = max(0, c.Usage.PromptTokens), max(0, c.Usage.CompletionTokens)
	}
	for _, ch := range c.Choices {
		if ch.Index != 0 {
			continue
		}
		if ch.FinishReason != "" {
			a.Finish, a.ended = finish(ch.FinishReason), true
		}
		if ch.LogProbs != nil {
			for _, l := range ch.LogProbs.Content {
				a.LogProbs = append(a.LogProbs, hobby.TokenLogProb{Token: l.Token, LogProb: l.LogProb})
			}
		}
		for _, u := range []*utterance{ch.Message, ch.Delta} {
			if err := a.hear(u); err != nil {
				return err
			}
		}
	}
	return nil
}

// hear takes in what the model said, whole or in part.
func (a *answer) hear(u *utterance) error {
	if u == nil {
		return nil
	}
	if u.Content != "" {
		a.text.WriteString(string(u.Content))
		if a.onDelta != nil {
			a.told = true
			a.onDelta(string(u.Content))
		}
	}
	a.refusal.WriteString(string(u.Refusal))
	for _, c := range u.ToolCalls {
		if err := a.call(c); err != nil {
			return err
		}
	}
	return nil
}

// call takes in a tool call or a piece of one. Pieces belong together by
// index; a server that gives every call the same index is seen through by the
// calls' ids.
func (a *answer) call(c wireCall) error {
	const most = 1024
	at := len(a.calls)
	if c.Index != nil {
		at = *c.Index
	}
	if at < 0 || at > len(a.calls) || at >= most {
		return fmt.Errorf("a tool call has the index %d, after %d calls", at, len(a.calls))
	}
	if at < len(a.calls) && c.ID != "" && a.calls[at].id != "" && a.calls[at].id != c.ID {
		at = len(a.calls)
	}
	if at == len(a.calls) {
		a.calls = append(a.calls, &callBuilder{})
	}
	into := a.calls[at]
	into.id = cmp.Or(into.id, c.ID)
	into.name = cmp.Or(into.name, c.Function.Name)
	into.arguments.WriteString(string(c.Function.Arguments))
	return nil
}

// empty reports whether there is nothing that could be an answer: not even
// the word that an empty one is complete.
func (a *answer) empty() bool {
	return !a.ended && a.text.Len() == 0 && a.refusal.Len() == 0 && len(a.calls) == 0
}

// finish maps a server's reason to ours; unknown ones stay as they are.
func finish(reason string) hobby.Finish {
	switch reason {
	case "eos", "eos_token", "stop_sequence", "end_turn":
		return hobby.FinishStop
	case "max_tokens":
		return hobby.FinishLength
	case "function_call":
		return hobby.FinishTool
	}
	return hobby.Finish(reason)
}

// response completes the answer.
func (a *answer) response(m *Model, logProbs bool) hobby.Response {
	r := a.Response
	r.Message = hobby.Message{Role: hobby.RoleAssistant, Content: a.text.String()}
	for i, c := range a.calls {
		r.Message.ToolCalls = append(r.Message.ToolCalls, hobby.ToolCall{
			ID:        cmp.Or(c.id, "call_"+strconv.Itoa(i)),
			Name:      c.name,
			Arguments: c.arguments.String(),
		})
	}
	if len(a.calls) > 0 && r.Finish == hobby.FinishStop {
		r.Finish = hobby.FinishTool
	}
	if r.Message.Content == "" && a.refusal.Len() > 0 {
		r.Message.Content, r.Finish = a.refusal.String(), hobby.FinishFilter
	}
	if !logProbs {
		r.LogProbs = nil
	}
	r.MicroUSD = int64(math.Round(float64(r.TokensIn)*m.priceIn + float64(r.TokensOut)*m.priceOut))
	return r
}
