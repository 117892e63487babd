package openai

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// answer collects a response from a completion or from its chunks.
type answer struct {
	hobby.Response // without its message, which is built below
	text, refusal  strings.Builder
	thought        strings.Builder
	calls          []*callBuilder
	onDelta        func(string)
	told           bool   // onDelta has been called
	heard          bool   // there was a message, though it may be empty
	reason         string // why the answer ended, in the server's word; "" until it has
	onEnd          func() // called when the answer has ended
	pieces         bool   // the answer came in pieces
	done           bool   // the stream ended with [DONE]
	stops          bool   // the server is known to give a reason to whole answers
	mostIn         int    // tokens that the prompt can have
	mostOut        int    // tokens that the answer can have
}

type callBuilder struct {
	index     *int // the key that its pieces share; nil when the server gives none
	id, name  string
	arguments strings.Builder
}

// add takes one completion or chunk.
func (a *answer) add(c completion) error {
	a.Model = cmp.Or(c.Model, a.Model)
	if c.Usage.told {
		a.TokensIn, a.TokensOut = upTo(a.mostIn, c.Usage.prompt), upTo(a.mostOut, c.Usage.completion)
	}
	for _, ch := range c.Choices {
		if ch.Index != 0 {
			continue
		}
		if told(ch.FinishReason) {
			a.reason = worse(a.reason, ch.FinishReason)
			if a.onEnd != nil {
				a.onEnd()
			}
		}
		if ch.LogProbs != nil {
			for _, l := range ch.LogProbs.Content {
				a.LogProbs = append(a.LogProbs, hobby.TokenLogProb{Token: l.Token, LogProb: l.LogProb})
			}
		}
		if ch.Text != nil && ch.Message == nil && ch.Delta == nil {
			return errors.New("it is of the legacy completions API, not of chat completions")
		}
		a.pieces = a.pieces || ch.Delta.speaks()
		said := ch.Message
		if a.pieces {
			said = ch.Delta // a message beside pieces is the text so far
		}
		if err := a.hear(said, !a.pieces); err != nil {
			return err
		}
	}
	return nil
}

// upTo returns n, or 0, which means unknown, when n is more than there can be.
func upTo(most, n int) int {
	if n > most {
		return 0
	}
	return n
}

// speaks reports whether the model says something in u.
func (u *utterance) speaks() bool {
	return u != nil && (u.Content != content{} || u.ReasoningContent != "" || u.Reasoning != "" || u.Refusal != "" || len(u.ToolCalls) > 0)
}

// hear takes what the model said, whole or in part.
func (a *answer) hear(u *utterance, whole bool) error {
	if u == nil {
		return nil
	}
	a.heard = true
	a.thought.WriteString(cmp.Or(string(u.ReasoningContent), string(u.Reasoning), u.Content.thought))
	if u.Content.text != "" {
		a.text.WriteString(u.Content.text)
		if a.onDelta != nil {
			a.told = true
			a.onDelta(u.Content.text)
		}
	}
	a.refusal.WriteString(u.Refusal)
	for _, c := range u.ToolCalls {
		if err := a.call(c, whole); err != nil {
			return err
		}
	}
	return nil
}

// maxCalls is the largest number of tool calls in an answer.
const maxCalls = 1024

// call takes a tool call or a piece of one. A whole answer has whole calls.
func (a *answer) call(c wireCall, whole bool) error {
	into := a.pieceOf(c)
	if into == nil || whole {
		if len(a.calls) == maxCalls {
			return fmt.Errorf("more than %d tool calls", maxCalls)
		}
		into = &callBuilder{index: c.Index}
		a.calls = append(a.calls, into)
	}
	into.id = cmp.Or(into.id, c.ID)
	into.name = cmp.Or(into.name, c.Function.Name)
	into.arguments.WriteString(string(c.Function.Arguments))
	return nil
}

// pieceOf returns the call that a piece continues, or nil when the piece begins
// one. Pieces with the same index belong together. A piece without an index
// belongs to the call before it. A piece with the name of a function begins a
// call, unless its id (or the lack of one) is that of the call with its index.
// The rule allows for servers that give every call the same index, every piece an
// id of its own, or every piece the name.
func (a *answer) pieceOf(c wireCall) *callBuilder {
	for i := len(a.calls) - 1; i >= 0; i-- {
		b := a.calls[i]
		if c.Index != nil && b.index != nil && *c.Index != *b.index {
			continue
		}
		begins := c.Function.Name != "" && b.name != "" && (c.ID != b.id && c.ID != "" || c.Index == nil && c.ID == "")
		if begins {
			return nil
		}
		return b
	}
	return nil
}

// silent reports whether the model said nothing that could be an answer.
func (a *answer) silent() bool {
	return a.text.Len() == 0 && a.refusal.Len() == 0 && len(a.calls) == 0
}

// end decides why the answer ended, once the server says that nothing follows. An
// answer that did not end is an error, because its rest is not known. So is one
// without a reason: vLLM loses it at times (vllm#27572), and proxies end a stream
// that broke off with [DONE]. vllm-mlx 0.4 gives streams that stop no reason
// (vllm-mlx#628), only those that are cut, and llama-cpp-python gave none in 2023
// (llama-cpp-python#735). [DONE] therefore ends a stream of a server that has
// never given one a stop.
func (a *answer) end(c call) error {
	if a.reason == "" && a.silent() {
		return &Error{Op: c.op, URL: c.url, Message: "the server sent no answer, and no reason for it", again: true, Err: io.ErrUnexpectedEOF}
	}
	if a.reason == "" && (!a.done || a.stops) {
		return &Error{
			Op: c.op, URL: c.url, again: true, Err: io.ErrUnexpectedEOF,
			Message: "nothing says that the answer ended: the server gave no finish_reason",
		}
	}
	var ok bool
	if a.Finish, ok = finish(a.reason); !ok {
		return &Error{
			Op: c.op, URL: c.url, Code: cleanse(a.reason), again: true, Err: io.ErrUnexpectedEOF,
			Message: fmt.Sprintf("the answer did not end: the server finished it with %q", excerpt([]byte(a.reason))),
		}
	}
	for i, b := range a.calls {
		if b.name == "" {
			return &Error{Op: c.op, URL: c.url, Message: fmt.Sprintf("tool call %d of %d names no function", i+1, len(a.calls))}
		}
	}
	return nil
}

// told reports whether a finish reason is one. Alibaba's API sends the text "null"
// with every chunk but the last.
func told(reason string) bool {
	return reason != "" && !strings.EqualFold(reason, "null") && !strings.EqualFold(reason, "none")
}

// worse returns the worse of two reasons that a server gives for the end of one
// answer, and the later of two that are as bad: what was cut, withheld or aborted
// is not made whole by a "stop" beside it.
func worse(earlier, later string) string {
	if badness(earlier) > badness(later) {
		return earlier
	}
	return later
}

func badness(reason string) int {
	f, ok := finish(reason)
	switch {
	case !ok:
		return 3
	case f == hobby.FinishFilter:
		return 2
	case f == hobby.FinishLength:
		return 1
	}
	return 0
}

// finish maps a server's reason to a hobby.Finish. It is false for unknown reasons
// and for those that do not end an answer, such as "abort" and "error". No reason
// is a stop.
func finish(reason string) (hobby.Finish, bool) {
	switch strings.ToLower(reason) {
	case "", "stop", "eos", "eos_token", "stop_sequence", "stop_token", "end_turn", "complete", "completed", "matched_stop":
		return hobby.FinishStop, true
	case "length", "max_tokens", "max_length", "model_length", "max_output_tokens":
		return hobby.FinishLength, true
	case "tool_calls", "function_call", "tool_use", "tool_call":
		return hobby.FinishTool, true
	case "content_filter", "safety", "recitation", "refusal", "prohibited_content", "blocklist", "spii":
		return hobby.FinishFilter, true
	}
	return "", false
}

// response completes the answer.
func (a *answer) response(m *Model, logProbs bool) hobby.Response {
	r := a.Response
	r.Message = hobby.Message{Role: hobby.RoleAssistant, Content: a.text.String(), Reasoning: a.thought.String()}
	ids := map[string]bool{}
	for i, c := range a.calls {
		id := c.id
		if id == "" || ids[id] {
			id = "call_" + strconv.Itoa(i)
		}
		ids[id] = true
		r.Message.ToolCalls = append(r.Message.ToolCalls, hobby.ToolCall{ID: id, Name: c.name, Arguments: c.arguments.String()})
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
