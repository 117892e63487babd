package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/pastime-go/pastime/hobby"
)

// completion is a chat answer, a chunk of a streamed one, or the error that a
// failing server sends in its place.
type completion struct {
	Model   string          `json:"model"`
	Choices []choice        `json:"choices"`
	Usage   usage           `json:"usage"`
	Error   json.RawMessage `json:"error"`
	Object  string          `json:"object"`
	Message json.RawMessage `json:"message"` // of an error that is not under "error"
	Detail  json.RawMessage `json:"detail"`
}

// failed reports whether the server reports an error: under "error", in a choice,
// as an object called "error", or as a message where choices should be.
func (c *completion) failed() bool {
	for _, ch := range c.Choices {
		if present(ch.Error) || ch.Message != nil && present(ch.Message.Error) || ch.Delta != nil && present(ch.Delta.Error) {
			return true
		}
	}
	return present(c.Error) || c.Object == "error" || c.Choices == nil && (present(c.Message) || present(c.Detail))
}

// ollama reports whether c is an answer in Ollama's own API.
func (c *completion) ollama() bool {
	var m struct{ Role string }
	return c.Choices == nil && !present(c.Error) && json.Unmarshal(c.Message, &m) == nil && m.Role != ""
}

// present reports whether a field has a value.
func present(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", `""`, "{}", "[]", "false":
		return false
	}
	return true
}

type choice struct {
	Index        int        `json:"index"`
	Message      *utterance `json:"message"` // whole answers
	Delta        *utterance `json:"delta"`   // chunks
	FinishReason string     `json:"finish_reason"`
	// Text is the answer of the legacy completions API.
	Text *string `json:"text"`
	// Error is a gateway's report of what ended the answer.
	Error    json.RawMessage `json:"error"`
	LogProbs *struct {
		Content []struct {
			Token   string  `json:"token"`
			LogProb float64 `json:"logprob"`
		} `json:"content"`
	} `json:"logprobs"`
}

type utterance struct {
	Content content `json:"content"`
	// The model's reasoning. DeepSeek, llama-server and older vLLMs use the first
	// name, vLLM, Ollama and OpenRouter the second, and some send both.
	ReasoningContent thought `json:"reasoning_content"`
	Reasoning        thought `json:"reasoning"`

	Error     json.RawMessage `json:"error"` // in place of the answer
	Refusal   string          `json:"refusal"`
	ToolCalls []wireCall      `json:"tool_calls"`
}

type wireCall struct {
	Index    *int   `json:"index,omitempty"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string    `json:"name"`
		Arguments arguments `json:"arguments"`
	} `json:"function"`
}

// usage is the number of tokens that an answer took. A usage in another shape
// than OpenAI's is ignored, and the answer still counts.
type usage struct {
	told               bool
	prompt, completion int
}

func (u *usage) UnmarshalJSON(raw []byte) error {
	var fields struct {
		Prompt     tokens `json:"prompt_tokens"`
		Completion tokens `json:"completion_tokens"`
	}
	if json.Unmarshal(raw, &fields) == nil && present(raw) {
		*u = usage{true, int(fields.Prompt), int(fields.Completion)}
	}
	return nil
}

// tokens is a number of tokens, written as a number or as a text. An impossible
// value, such as a negative number or more than any model can write, is 0, which
// means unknown.
type tokens int

const mostTokens = 1 << 30

func (t *tokens) UnmarshalJSON(raw []byte) error {
	n, err := strconv.ParseFloat(string(bytes.Trim(raw, `"`)), 64)
	if *t = 0; err == nil && n >= 0 && n <= mostTokens {
		*t = tokens(n)
	}
	return nil
}

// content is a string, null, or a list of parts. Of the parts the texts count, and
// the reasoning of Mistral's models.
type content struct{ text, thought string }

func (c *content) UnmarshalJSON(raw []byte) error {
	if !bytes.HasPrefix(raw, []byte("[")) {
		return json.Unmarshal(raw, &c.text)
	}
	var parts []struct {
		Text     string
		Thinking thought
	}
	if err := json.Unmarshal(raw, &parts); err != nil {
		return err
	}
	for _, p := range parts {
		c.text += p.Text
		c.thought += string(p.Thinking)
	}
	return nil
}

// thought is a text or a list of texts. A thought in another shape is ignored,
// and the answer still counts.
type thought string

func (t *thought) UnmarshalJSON(raw []byte) error {
	var parts []struct{ Text string }
	if json.Unmarshal(raw, &parts) == nil {
		for _, p := range parts {
			*t += thought(p.Text)
		}
		return nil
	}
	_ = json.Unmarshal(raw, (*string)(t))
	return nil
}

// arguments is the text of a tool call's arguments. Some servers send the
// value itself.
type arguments string

func (a *arguments) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte(`"`)) || string(raw) == "null" {
		return json.Unmarshal(raw, (*string)(a))
	}
	*a = arguments(raw)
	return nil
}

// body returns the body of the request for r. A model that reasons gets room for
// that.
func (m *Model) body(f *facts, r hobby.Request) (map[string]any, error) {
	if err := r.Validate(); err != nil {
		return nil, fmt.Errorf("openai: %w", err)
	}
	if r.Sampling.MaxTokens > 0 {
		r.Sampling.MaxTokens += m.room(f)
	}
	b := map[string]any{"model": f.name, "messages": messages(r.Messages)}
	if err := f.dialect.sampling(r.Sampling, b); err != nil {
		return nil, err
	}
	if err := f.adapter(r.Adapter, b); err != nil {
		return nil, err
	}
	if len(r.Tools) > 0 {
		b["tools"] = tools(r.Tools)
	}
	if len(r.Schema) > 0 {
		b["response_format"] = f.dialect.schema(r.Schema)
	}
	if r.Seed != nil {
		b["seed"] = foldSeed(*r.Seed)
	}
	if len(r.Stop) > 0 {
		b["stop"] = r.Stop
	}
	if r.LogProbs {
		// One alternative is requested, because without any llama-cpp-python
		// sends no probabilities at all.
		b["logprobs"], b["top_logprobs"] = true, 1
	}
	if r.OnDelta != nil {
		b["stream"], b["stream_options"] = true, map[string]any{"include_usage": true}
	}
	for field, v := range m.extra {
		if v == nil {
			delete(b, field)
		} else {
			b[field] = v
		}
	}
	return b, nil
}

// foldSeed maps a seed into 31 bits, which every server takes. llama.cpp's seeds
// have 32 bits, and all ones mean a random seed. Seeds below 2^31 do not change.
func foldSeed(s uint64) uint64 { return (s ^ s>>31 ^ s>>62) & math.MaxInt32 }

func messages(in []hobby.Message) []map[string]any {
	out := make([]map[string]any, 0, len(in))
	for _, msg := range in {
		w := map[string]any{"role": msg.Role, "content": msg.Content}
		if len(msg.ToolCalls) > 0 {
			calls := make([]wireCall, len(msg.ToolCalls))
			for i, c := range msg.ToolCalls {
				calls[i].ID, calls[i].Type = c.ID, "function"
				calls[i].Function.Name, calls[i].Function.Arguments = c.Name, arguments(c.Arguments)
			}
			w["tool_calls"] = calls
		}
		if msg.ToolCallID != "" {
			w["tool_call_id"] = msg.ToolCallID
		}
		out = append(out, w)
	}
	return out
}

func tools(in []hobby.Tool) []map[string]any {
	out := make([]map[string]any, 0, len(in))
	for _, t := range in {
		params := t.Parameters
		if len(params) == 0 {
			params = json.RawMessage(`{"type":"object","properties":{}}`)
		}
		fn := map[string]any{"name": t.Name, "parameters": params}
		if t.Description != "" {
			fn["description"] = t.Description
		}
		out = append(out, map[string]any{"type": "function", "function": fn})
	}
	return out
}
