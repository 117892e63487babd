package llama

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/internal/constrain"
	"github.com/pastime-go/pastime/lora/llama/internal/sample"
)

// draft turns a request into an answer that the scheduler can write.
func (m *Model) draft(ctx context.Context, r hobby.Request, g *group) (*answer, error) {
	if err := r.Validate(); err != nil {
		return nil, fmt.Errorf("llama: %w", err)
	}
	adapter, err := m.adapterNamed(r.Adapter)
	if err != nil {
		return nil, err
	}
	text, style, err := render(m.template, r)
	if err != nil {
		return nil, fmt.Errorf("llama: the chat template: %w", err)
	}
	prompt := m.encode(text)
	if len(prompt) == 0 {
		return nil, fmt.Errorf("llama: %w: the prompt is empty, and the model has no token that begins a text", hobby.ErrInvalid)
	}
	most := m.config.Context - len(prompt)
	if most < 1 {
		return nil, fmt.Errorf("llama: %w: the prompt has %d tokens, the context %d", hobby.ErrTooLong, len(prompt), m.config.Context)
	}
	if n := r.Sampling.MaxTokens; n > 0 {
		most = min(most, n)
	}
	a := &answer{
		ctx: ctx, prompt: prompt, adapter: adapter, most: most, vocab: m.vocab, logProbs: r.LogProbs, group: g,
		sampler: sample.New(params(r.Sampling), randomSeed(r.Seed)),
		writer:  writer{stops: slices.Clone(r.Stop)},
	}
	a.sampler.See(prompt...)
	grammar, err := m.grammars.of(r, style)
	if err != nil {
		return nil, fmt.Errorf("llama: %w", err)
	}
	if grammar != nil {
		a.matcher = grammar.Start()
	}
	if len(r.Tools) > 0 {
		a.writer.open, a.writer.bare = style.Open, style.Open == ""
		a.writer.read = func(text string) []hobby.ToolCall { return parseCalls(text, style, r.Tools) }
	}
	return a, nil
}

func params(s hobby.Sampling) sample.Params {
	return sample.Params{
		Temperature: s.Temperature, TopK: s.TopK, TopP: s.TopP, MinP: s.MinP, RepetitionPenalty: s.RepetitionPenalty,
	}
}

// encode turns a rendered conversation into tokens.
func (m *Model) encode(text string) []int {
	ids := encodeGuarded(m.tokens, text)
	if bos := m.tokens.BOS(); m.tokens.AddBOS() && (len(ids) == 0 || ids[0] != bos) {
		ids = append([]int{bos}, ids...)
	}
	return ids
}

// response is the finished answer.
func (a *answer) response(model string) hobby.Response {
	r := hobby.Response{
		Message:  hobby.Message{Role: hobby.RoleAssistant, Content: a.writer.text.String(), ToolCalls: a.writer.found},
		Finish:   a.finish,
		TokensIn: len(a.prompt), TokensOut: a.tokens, LogProbs: a.probs, Model: model,
	}
	if len(r.Message.ToolCalls) > 0 && r.Finish == hobby.FinishStop {
		r.Finish = hobby.FinishTool
	}
	return r
}

// grammars keeps compiled grammars, because practice asks for the same ones many
// times.
type grammars struct {
	vocab func() (*constrain.Vocab, error)

	mu   sync.Mutex
	kept map[string]*constrain.Grammar
}

// maxGrammars is the largest number of grammars that are kept. When there are
// more, all are forgotten.
const maxGrammars = 32

// of returns the grammar of a request, or nil when the answer may be any text.
func (g *grammars) of(r hobby.Request, style constrain.Style) (*constrain.Grammar, error) {
	if len(r.Schema) == 0 && len(r.Tools) == 0 {
		return nil, nil
	}
	key, err := json.Marshal(struct {
		Schema string
		Tools  []hobby.Tool
		Style  constrain.Style
	}{string(r.Schema), r.Tools, style})
	if err != nil {
		return nil, fmt.Errorf("tools: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if k := g.kept[string(key)]; k != nil {
		return k, nil
	}
	vocab, err := g.vocab()
	if err != nil {
		return nil, err
	}
	var k *constrain.Grammar
	if len(r.Tools) == 0 {
		k, err = constrain.Schema(r.Schema, vocab)
	} else {
		tools := make([]constrain.Tool, len(r.Tools))
		for i, t := range r.Tools {
			tools[i] = constrain.Tool{Name: t.Name, Parameters: t.Parameters}
		}
		k, err = constrain.Tools(tools, style, r.Schema, vocab)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", hobby.ErrInvalid, err)
	}
	if g.kept == nil || len(g.kept) >= maxGrammars {
		g.kept = map[string]*constrain.Grammar{}
	}
	g.kept[string(key)] = k
	return k, nil
}
