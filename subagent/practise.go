package subagent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// Practise is the Handler that carries out orders with a program's own hobbies
// and model. m may be nil; orders for hobbies that need one then fail.
func Practise(hobbies []hobby.Hobby, m hobby.Model) Handler {
	hobbies = slices.Clone(hobbies)
	return func(ctx context.Context, o Order) (Result, error) {
		at := slices.IndexFunc(hobbies, func(h hobby.Hobby) bool { return h.Kind == o.Plan.Kind })
		if at < 0 {
			return Result{}, fmt.Errorf("%w: %q", hobby.ErrUnknownKind, o.Plan.Kind)
		}
		h := &hobbies[at]
		var r Result
		if h.NeedsModel {
			if m == nil {
				return r, fmt.Errorf("%w, and %q needs one", hobby.ErrNoModel, h.Kind)
			}
			info, err := m.Info(ctx)
			if err != nil {
				return r, fmt.Errorf("subagent: asking the model what it is: %w", err)
			}
			r.Model, r.ModelKey = info.Name, info.Key
		}
		if o.Plan.Budget.Time > 0 {
			var stop context.CancelFunc
			ctx, stop = context.WithTimeoutCause(ctx, o.Plan.Budget.Time, hobby.ErrTimeUp)
			defer stop()
		}
		out := &collector{ctx: ctx, plan: o.Plan, modelKey: r.ModelKey}
		err := h.Executor.Practise(ctx, o.Plan, out)
		out.into(&r)
		return r, verdict(ctx, h, &r, err)
	}
}

// verdict turns the usual ends of practice into no error.
func verdict(ctx context.Context, h *hobby.Hobby, r *Result, err error) error {
	up := errors.Is(context.Cause(ctx), hobby.ErrTimeUp)
	switch {
	case up && h.NeedsModel && len(r.Items) == 0:
		return errors.New("subagent: time is up and nothing was verified")
	case errors.Is(err, hobby.ErrTimeUp), errors.Is(err, hobby.ErrBudget), up && errors.Is(err, ctx.Err()):
		return nil
	}
	return err
}

// collector is the Sink of an order: it keeps everything until the end.
type collector struct {
	ctx      context.Context
	plan     hobby.Plan
	modelKey string

	mu       sync.Mutex
	items    []hobby.Item
	insights []hobby.Insight
	cost     hobby.Cost
	closed   bool
}

// Item implements hobby.Sink.
func (c *collector) Item(i hobby.Item) error {
	stamp(&i.ID, &i.At)
	i.MapTexts(clean)
	if i.ModelKey == "" {
		i.ModelKey = c.modelKey
	}
	if err := i.Validate(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.open(); err != nil {
		return err
	}
	c.items = append(c.items, i)
	c.cost = c.cost.Add(i.Cost())
	b := c.plan.Budget
	switch n := len(c.items); {
	case b.Items > 0 && n >= b.Items, n >= MaxItems:
		return fmt.Errorf("%w: %d items", hobby.ErrBudget, n)
	case b.Tokens > 0 && c.cost.Tokens() >= b.Tokens:
		return fmt.Errorf("%w: %d tokens", hobby.ErrBudget, b.Tokens)
	case b.MicroUSD > 0 && c.cost.MicroUSD >= b.MicroUSD:
		return fmt.Errorf("%w: %d millionths of a dollar", hobby.ErrBudget, b.MicroUSD)
	}
	return nil
}

// Insight implements hobby.Sink. The insights beyond MaxInsights are dropped.
func (c *collector) Insight(i hobby.Insight) error {
	if i.Kind == "" {
		i.Kind = c.plan.Kind
	}
	stamp(&i.ID, &i.At)
	i.Text, i.Topic = clean(i.Text), clean(i.Topic)
	if err := i.Validate(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.open(); err != nil {
		return err
	}
	if len(c.insights) < MaxInsights {
		c.insights = append(c.insights, i)
	}
	return nil
}

// open reports why the sink takes nothing any more. The caller holds c.mu.
func (c *collector) open() error {
	if c.ctx.Err() != nil {
		return context.Cause(c.ctx)
	}
	if c.closed {
		return errors.New("subagent: the order has ended")
	}
	return nil
}

// into closes the sink and hands over what it has.
func (c *collector) into(r *Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	r.Items, r.Insights, r.Cost = c.items, c.insights, c.cost
	if r.ModelKey == "" && len(r.Items) > 0 {
		r.ModelKey = r.Items[0].ModelKey
	}
}

func stamp(id *string, at *time.Time) {
	if *id == "" {
		*id = newID()
	}
	if at.IsZero() {
		*at = time.Now()
	}
	*at = at.UTC()
}

// newID makes a UUIDv7.
func newID() string {
	id, err := uuid.NewV7()
	if err != nil { // the system has no randomness to give
		return uuid.NewString()
	}
	return id.String()
}
