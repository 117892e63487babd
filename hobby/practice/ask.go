package practice

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// AskOptions configures Ask. Nil and the zero value are legal.
type AskOptions struct {
	// Split is written into the item. Default hobby.Practice.
	Split hobby.Split
	// Sampling is how the model answers. Default greedy. MaxTokens is always the
	// task's.
	Sampling hobby.Sampling
	// Adapter names a loaded adapter. The default is the base model.
	Adapter string
}

// request returns the request that puts a task to the model.
func (o *AskOptions) request(t *Task) hobby.Request {
	r := hobby.Request{Messages: t.Messages, Sampling: o.Sampling, Stop: t.Stop, Adapter: o.Adapter}
	r.Sampling.MaxTokens = t.MaxTokens
	seed := t.Seed
	r.Seed = &seed
	return r
}

// item returns the verified answer.
func (o *AskOptions) item(t *Task, info hobby.ModelInfo, resp *hobby.Response, took time.Duration) hobby.Item {
	_, answer, _ := hobby.CutReasoning(resp.Message.Content) // the reasoning is not kept
	answer = strings.TrimSpace(answer)
	verdict := judged(t, answer, resp.Finish)
	split := o.Split
	if split == "" {
		split = hobby.Practice
	}
	id, err := uuid.NewV7()
	if err != nil { // the system has no randomness; the sink makes an id
		id = uuid.Nil
	}
	item := hobby.Item{
		Family: t.Family, Version: max(1, t.Version), Level: t.Level, Seed: t.Seed, Split: split,
		Messages: t.Messages, Answer: answer, Finish: resp.Finish, Reference: t.Reference,
		Score: verdict.Score, Verifier: t.Verifier, Note: verdict.Note,
		At: time.Now().UTC(), Latency: took, TokensIn: resp.TokensIn, TokensOut: resp.TokensOut, MicroUSD: resp.MicroUSD,
		ModelKey: info.Key, Model: info.Name, Adapter: o.Adapter, Source: t.Source, Taint: t.Taint,
	}
	if id != uuid.Nil {
		item.ID = id.String()
	}
	return item
}

// judged is the verdict on an answer. An answer that was cut fails, whatever it
// says so far: "42" may have become "420".
func judged(t *Task, answer string, f hobby.Finish) Verdict {
	if f == hobby.FinishLength {
		return Fail("cut before its end")
	}
	return t.Verify(answer)
}

// Ask puts one task to the model and verifies the answer. A wrong answer is an
// item with a score below 1. An error means that the model did not answer.
func Ask(ctx context.Context, m hobby.Model, info hobby.ModelInfo, t Task, o *AskOptions) (hobby.Item, error) {
	if o == nil {
		o = &AskOptions{}
	}
	start := time.Now()
	resp, err := m.Generate(ctx, o.request(&t))
	if err != nil {
		return hobby.Item{}, fmt.Errorf("practice: asking %s level %d: %w", t.Family, t.Level, err)
	}
	return o.item(&t, info, &resp, time.Since(start)), nil
}

// AskAll is Ask for several tasks at once, by a model that can batch. The latency
// of each item is its share of the batch's.
func AskAll(ctx context.Context, m hobby.Batcher, info hobby.ModelInfo, ts []Task, o *AskOptions) ([]hobby.Item, error) {
	if o == nil {
		o = &AskOptions{}
	}
	rs := make([]hobby.Request, len(ts))
	for i := range ts {
		rs[i] = o.request(&ts[i])
	}
	start := time.Now()
	resps, err := m.GenerateBatch(ctx, rs)
	if err == nil && len(resps) != len(ts) {
		err = fmt.Errorf("%d answers to %d requests", len(resps), len(ts))
	}
	if err != nil {
		return nil, fmt.Errorf("practice: asking a batch of %d: %w", len(ts), err)
	}
	share := time.Since(start) / time.Duration(max(1, len(ts)))
	items := make([]hobby.Item, len(ts))
	for i := range ts {
		items[i] = o.item(&ts[i], info, &resps[i], share)
	}
	return items, nil
}
