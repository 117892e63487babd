package hobby

import (
	"context"
	"encoding/json"
)

// Model is a language model. Implementations are safe for concurrent use and
// return promptly when ctx ends, with an error that wraps both the cause and the
// error of ctx. They refuse what [Request.Validate] does, an adapter that is not
// loaded with ErrInvalid, and a prompt that does not fit with ErrTooLong. They
// may also implement [Embedder], [Batcher] or [AdapterHost]; callers find out by
// assertion. hobbytest.TestModel is the contract.
type Model interface {
	// Info says which model answers. It may ask a server, and may be called
	// before every session: implementations cache what cannot change.
	Info(ctx context.Context) (ModelInfo, error)
	// Generate answers one request. It never returns an empty Response with a nil
	// error unless the model's answer was empty. An answer that ended for another
	// reason than a [Finish] is an error, because what it would have become is
	// unknown.
	Generate(ctx context.Context, r Request) (Response, error)
}

// Embedder is a Model that can also embed texts: one vector per text, all of
// the same length. It may be another model than the one that practises, and then need
// not generate. Where it has Info, that says which model embeds.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Batcher is a Model that answers many requests at once faster than one after
// the other. Responses come in the order of the requests. An error is about
// the batch as a whole.
type Batcher interface {
	GenerateBatch(ctx context.Context, rs []Request) ([]Response, error)
}

// AdapterHost is a Model that can load adapters and answer with one of them. A name
// stands for one adapter for ever: callers give another one another name.
type AdapterHost interface {
	// LoadAdapter makes the adapter at path available under name. One that says
	// that it was trained on another base is refused.
	LoadAdapter(ctx context.Context, name, path string) error
	// UnloadAdapter frees it.
	UnloadAdapter(ctx context.Context, name string) error
	// InfoWith is Info of the model with a loaded adapter; "" is the base. The error
	// is ErrInvalid when no such adapter is loaded.
	InfoWith(ctx context.Context, name string) (ModelInfo, error)
}

// ModelInfo identifies a model. Proficiency is kept per Key: a model with
// another key starts with no answers of its own, and so with wide intervals.
type ModelInfo struct {
	Name string `json:"name"`
	// Key is [ModelKey] of the base's digest and the prompt template's version;
	// with an adapter the [AdapterKey] of these and the adapter's digest. For a
	// remote server it is made of its origin, the model's name and its digest.
	// Where the server tells no digest it is the [WeakModelKey] or
	// [WeakAdapterKey] of the rest.
	Key string `json:"key"`
	// Base is the digest of the base's weights; "" where it is not known. Adapter
	// is that of the adapter's, or its name where the server tells no digest; ""
	// for the base.
	Base    string `json:"base,omitempty"`
	Adapter string `json:"adapter,omitempty"`
	// Weak says that Key is made without a digest: the server may swap the
	// weights behind the name and the key will not notice. What is measured
	// under such a key may change from day to day (see [Frozen]).
	Weak bool `json:"weak,omitempty"`
	// ContextLength is in tokens; 0 when unknown.
	ContextLength int `json:"context_length,omitempty"`
}

// Role says who wrote a message.
type Role string

// The roles that every chat template knows.
const (
	RoleSystem    Role = "system"
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
	RoleTool      Role = "tool"
)

// Message is one turn of a conversation.
type Message struct {
	Role    Role   `json:"role"`
	Content string `json:"content"`
	// Reasoning is what a model wrote before Content to think, when its server
	// keeps the two apart; [CutReasoning] separates them when it does not. Only
	// the caller gets it: it is sent to no model and kept in no item, because
	// nothing verifies it.
	Reasoning string     `json:"reasoning,omitempty"`
	ToolCalls []ToolCall `json:"tool_calls,omitempty"`
	// ToolCallID says which call a message of the tool role answers.
	ToolCallID string `json:"tool_call_id,omitempty"`
}

// Tool is a function that the model may ask for. Pastime never runs code that
// a model wrote; a tool is the host's own.
type Tool struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Parameters is a JSON Schema of an object; nil means no parameters.
	Parameters json.RawMessage `json:"parameters,omitempty"`
}

// ToolCall is the model's wish to call a tool. Arguments is the text that the
// model produced, which may not be valid JSON.
type ToolCall struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// Sampling says how to draw tokens. The zero value is greedy decoding with
// the model's own limits.
type Sampling struct {
	// Temperature 0 is greedy.
	Temperature float64 `json:"temperature,omitempty"`
	// TopP, MinP in (0, 1]; 0 is off. TopK 0 is off.
	TopP float64 `json:"top_p,omitempty"`
	MinP float64 `json:"min_p,omitempty"`
	TopK int     `json:"top_k,omitempty"`
	// RepetitionPenalty 0 or 1 is off.
	RepetitionPenalty float64 `json:"repetition_penalty,omitempty"`
	// MaxTokens bounds the answer; 0 leaves the limit to the model. A Model may
	// allow further tokens for reasoning before the answer.
	MaxTokens int `json:"max_tokens,omitempty"`
}

// Request asks a Model for one answer.
type Request struct {
	Messages []Message
	Tools    []Tool
	// Schema, a JSON Schema, constrains the answer to matching JSON.
	Schema   json.RawMessage
	Sampling Sampling
	// Seed makes sampling repeatable where the model supports it; nil leaves
	// it open.
	Seed *uint64
	// Stop ends the answer before any of these strings.
	Stop []string
	// Adapter names a loaded adapter; "" is the base.
	Adapter string
	// LogProbs asks for the log-probability of each token of the answer.
	LogProbs bool
	// OnDelta, when set, is called with each piece of the answer as it is
	// produced, from one goroutine at a time.
	OnDelta func(text string)
}

// Finish says why an answer ended.
type Finish string

// The reasons an answer ends: the model was done; it was cut at
// Sampling.MaxTokens or where the context ended; it calls tools; or the server or
// the model refused to say it.
const (
	FinishStop   Finish = "stop"
	FinishLength Finish = "length"
	FinishTool   Finish = "tool_calls"
	FinishFilter Finish = "content_filter"
)

// valid reports whether f is one of the reasons.
func (f Finish) valid() bool {
	return f == FinishStop || f == FinishLength || f == FinishTool || f == FinishFilter
}

// Response is a model's answer.
type Response struct {
	Message   Message
	Finish    Finish
	TokensIn  int
	TokensOut int
	// LogProbs has one entry per token of the answer when asked for and
	// supported, else it is nil.
	LogProbs []TokenLogProb
	// Model is the name that the server gave for the model that answered; "" when
	// it gave none.
	Model string
	// MicroUSD is what the answer cost, in millionths of a US dollar; 0 when
	// free or unknown.
	MicroUSD int64
}

// TokenLogProb is one token and its natural log-probability.
type TokenLogProb struct {
	Token   string
	LogProb float64
}
