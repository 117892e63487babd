package practice

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// AskOptions configures Ask and AskAll. Nil and the zero value are legal.
type AskOptions struct {
	// Sampling is how the model answers. Default greedy. MaxTokens is the
	// task's.
	Sampling hobby.Sampling
	// Samples is how many answers AskAll draws to each task. Default 1. More than
	// one are numbered, and never counted in a tally.
	Samples int
	// Seed draws the answers, with the task's own seed and the number of the
	// sample. Default 0: a single answer is drawn by the task's seed alone.
	Seed uint64
}

// question is a task that is put to a model once.
type question struct {
	task   *Task
	sample int    // from 1; 0 when there is one answer only
	seed   uint64 // that draws the answer
}

// questions are tasks, each put as often as o says.
func (o *AskOptions) questions(ts []Task) []question {
	var all []question
	for i := range ts {
		if o.Samples <= 1 {
			all = append(all, o.question(&ts[i], 0))
			continue
		}
		for n := range o.Samples {
			all = append(all, o.question(&ts[i], n+1))
		}
	}
	return all
}

func (o *AskOptions) question(t *Task, sample int) question {
	if o.Seed == 0 && sample == 0 {
		return question{t, 0, t.Seed}
	}
	h := fnv.New64a()
	for _, v := range []uint64{o.Seed, t.Seed, uint64(sample)} {
		_ = binary.Write(h, binary.LittleEndian, v)
	}
	return question{t, sample, h.Sum64()}
}

// request is what the model is asked.
func (o *AskOptions) request(q question, adapter string) hobby.Request {
	r := hobby.Request{Messages: q.task.Messages, Sampling: o.Sampling, Stop: q.task.Stop, Adapter: adapter, Seed: &q.seed}
	r.Sampling.MaxTokens = q.task.MaxTokens
	return r
}

// item is the verified answer.
func (o *AskOptions) item(q question, s *hobby.Serving, resp *hobby.Response, took time.Duration) (hobby.Item, error) {
	t := q.task
	answer := strings.TrimSpace(resp.Message.Content)
	verdict, err := judged(t, answer, resp.Finish)
	if err != nil {
		return hobby.Item{}, q.failed(err)
	}
	item := hobby.Item{
		Family: t.Family, Version: max(1, t.Version), Level: t.Level, Seed: t.Seed, Split: cmp.Or(t.Split, hobby.Practice),
		Messages: t.Messages, Answer: answer, Finish: resp.Finish, Reference: t.Reference,
		Score: verdict.Score, Verifier: t.Verifier, Note: verdict.Note,
		Sampling: o.Sampling, Sample: q.sample,
		At: time.Now().UTC(), Latency: took, TokensIn: resp.TokensIn, TokensOut: resp.TokensOut, MicroUSD: resp.MicroUSD,
		ModelKey: s.Info.Key, Model: s.Info.Name, Adapter: s.Adapter, Source: t.Source, Digest: t.Digest, Taint: t.Taint,
	}
	item.Sampling.MaxTokens = 0
	if q.seed != t.Seed {
		item.DrawSeed = q.seed
	}
	if id, err := uuid.NewV7(); err == nil { // else the system has no randomness to give: the sink makes an id
		item.ID = id.String()
	}
	return item, nil
}

// failed is the error for a question that the model did not answer.
func (q question) failed(err error) error {
	return fmt.Errorf("practice: asking %s level %d: %w", q.task.Family, q.task.Level, err)
}

// errWithheld says that the server's filter ended an answer. What is left of it
// says nothing about the model.
var errWithheld = errors.New("the server withheld the answer (" + string(hobby.FinishFilter) + ")")

// judged is the verdict on an answer. An answer that was cut fails, whatever it
// says so far: "42" may have become "420". One that was withheld has no verdict.
func judged(t *Task, answer string, f hobby.Finish) (Verdict, error) {
	switch f {
	case hobby.FinishLength:
		return Fail("cut short"), nil
	case hobby.FinishFilter:
		return Verdict{}, errWithheld
	}
	v := t.Verify(answer)
	return v, v.Err
}

// Ask puts one task to what serves the session and verifies the answer. A wrong
// answer is an item with a score below 1. An error means that the model did not
// answer, or that the server's filter withheld the answer.
func Ask(ctx context.Context, s hobby.Serving, t Task, o *AskOptions) (hobby.Item, error) {
	if o == nil {
		o = &AskOptions{}
	}
	return o.ask(ctx, &s, o.question(&t, 0))
}

func (o *AskOptions) ask(ctx context.Context, s *hobby.Serving, q question) (hobby.Item, error) {
	start := time.Now()
	c := o.converse(q, s.Adapter)
	defer c.close()
	for !c.done {
		c.request.OnDelta = hobby.Asked(ctx, c.asks, 0)
		resp, err := s.Model.Generate(ctx, c.request)
		if c.tooLong(err) {
			break
		}
		if err != nil {
			return hobby.Item{}, q.failed(err)
		}
		c.take(ctx, &resp)
	}
	return o.item(q, s, &c.answer, time.Since(start))
}

// AskAll is Ask for several tasks: at once by a model that can batch, and else one
// after the other. The items are in the order of the tasks, and the samples of a task
// in theirs. The latency of an answer of a batch is its share of the batch's. With an
// error come the answers before it, none of a batch.
func AskAll(ctx context.Context, s hobby.Serving, ts []Task, o *AskOptions) ([]hobby.Item, error) {
	if o == nil {
		o = &AskOptions{}
	}
	return o.askAll(ctx, &s, o.questions(ts))
}

func (o *AskOptions) askAll(ctx context.Context, s *hobby.Serving, qs []question) ([]hobby.Item, error) {
	items := make([]hobby.Item, len(qs))
	b, batches := s.Model.(hobby.Batcher)
	if !batches {
		for i, q := range qs {
			var err error
			if items[i], err = o.ask(ctx, s, q); err != nil {
				return items[:i], err
			}
		}
		return items, nil
	}
	start := time.Now()
	all := make([]*conversation, len(qs))
	for i, q := range qs {
		all[i] = o.converse(q, s.Adapter)
		defer all[i].close()
	}
	if err := carryOn(ctx, b, all); err != nil {
		return nil, err
	}
	share := time.Since(start) / time.Duration(max(1, len(qs)))
	for i, q := range qs {
		var err error
		if items[i], err = o.item(q, s, &all[i].answer, share); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// wording is what a task asks, for people who look on.
func wording(t *Task) string {
	for _, m := range slices.Backward(t.Messages) {
		if m.Role == hobby.RoleUser {
			return m.Content
		}
	}
	return ""
}

// carryOn has conversations until all are done, a turn of each at a time.
func carryOn(ctx context.Context, b hobby.Batcher, open []*conversation) error {
	for len(open) > 0 {
		rs := make([]hobby.Request, len(open))
		for i, c := range open {
			rs[i] = c.request
		}
		rs[0].OnDelta = hobby.Asked(ctx, open[0].asks, len(open)-1)
		resps, err := b.GenerateBatch(ctx, rs)
		if err == nil && len(resps) != len(rs) {
			err = fmt.Errorf("%d answers to %d requests", len(resps), len(rs))
		}
		if errors.Is(err, hobby.ErrTooLong) && len(open) > 1 { // each by itself shows which
			for _, c := range open {
				if err := carryOn(ctx, b, []*conversation{c}); err != nil {
					return err
				}
			}
			return nil
		}
		if len(open) == 1 && open[0].tooLong(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("practice: asking a batch of %d: %w", len(rs), err)
		}
		for i, c := range open {
			c.take(ctx, &resps[i])
		}
		open = slices.DeleteFunc(slices.Clone(open), func(c *conversation) bool { return c.done })
	}
	return nil
}
