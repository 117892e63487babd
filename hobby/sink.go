package hobby

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// sink takes what a session verifies, within its plan's budget, and keeps it
// until it is taken.
type sink struct {
	id                    string // of the activity
	kind                  Kind
	redact                func(string) string // Options.Redact; nil for none
	before                InsightReader       // what earlier sessions told; nil when there were none
	maxItems, maxInsights int                 // beside the budget's; 0 is unbounded
	many                  chan struct{}       // told when much is waiting to be taken

	mu       sync.Mutex
	ctx      context.Context
	a        Activity // the last committed state, with what was used added on top
	items    []Item   // not taken yet
	insights []Insight
	bytes    int // of their longest texts
	told     map[string]bool
	used     Cost
	verified int // items, taken or not
	engaged  time.Duration
	err      error // why nothing can be kept any more
}

// The keeper is told to commit when so many items and insights are waiting, or
// so many bytes of answers and texts, so that little is left to do when the user
// comes back.
const (
	manyWaiting   = 64
	manyWaitBytes = 64 << 10
)

func newSink(ctx context.Context, a Activity, redact func(string) string, before InsightReader) *sink {
	return &sink{
		id: a.ID, kind: a.Plan.Kind, redact: redact, before: before, a: a, ctx: ctx,
		told: map[string]bool{}, many: make(chan struct{}, 1),
	}
}

// bind makes the sink refuse once ctx has ended.
func (s *sink) bind(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ctx = ctx
}

func (s *sink) setModel(info ModelInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.a.Model, s.a.ModelKey = Clean(info.Name, s.redact), info.Key
}

func (s *sink) modelKey() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.a.ModelKey
}

// Item implements Sink.
func (s *sink) Item(i Item) error {
	i.Activity = s.id
	fill(&i.ID, &i.At)
	i.Redact(s.redact)
	if i.ModelKey == "" {
		i.ModelKey = s.modelKey()
	}
	if err := i.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	if s.a.ModelKey == "" { // a hobby that can do without a model has asked one
		s.a.ModelKey, s.a.Model = i.ModelKey, i.Model
	}
	s.items = append(s.items, i)
	s.verified++
	s.engaged += i.Latency
	s.used = s.used.Add(i.Cost())
	for j := range i.Messages {
		s.bytes += len(i.Messages[j].Content)
	}
	s.nudge(len(i.Answer) + len(i.Reference))
	return s.exhausted()
}

// Insight implements Sink.
func (s *sink) Insight(i Insight) error {
	if i.Kind == "" {
		i.Kind = s.kind
	}
	i.Activity = s.id
	fill(&i.ID, &i.At)
	i.Redact(s.redact)
	if err := i.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	if s.maxInsights > 0 && len(s.insights) >= s.maxInsights {
		return nil
	}
	s.told[i.ID] = true
	s.insights = append(s.insights, i)
	s.nudge(len(i.Text))
	return nil
}

// fill sets what the executor left open.
func fill(id *string, at *time.Time) {
	if *id == "" {
		*id = newID()
	}
	if at.IsZero() {
		*at = time.Now()
	}
	*at = at.UTC()
}

// clean makes a text fit to be stored: redacted as the host wishes, and valid
// UTF-8.
func (m *Manager) clean(text string) string { return Clean(text, m.opts.Redact) }

// Told implements Sink.
func (s *sink) Told(ctx context.Context, id string) (bool, error) {
	s.mu.Lock()
	told := s.told[id]
	s.mu.Unlock()
	if told || s.before == nil {
		return told, nil
	}
	p, err := s.before.Insights(ctx, InsightFilter{ID: id, Limit: 1})
	if err != nil {
		return false, fmt.Errorf("hobby: looking up an insight: %w", err)
	}
	return len(p.Insights) > 0, nil
}

// Spend implements Sink.
func (s *sink) Spend(c Cost) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used = s.used.Add(c)
	return s.exhausted()
}

// open reports why the sink takes nothing any more. The caller holds s.mu.
func (s *sink) open() error {
	if s.err != nil {
		return s.err
	}
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return nil
}

// exhausted reports whether the plan's budget is used up. The caller holds
// s.mu.
func (s *sink) exhausted() error {
	b := s.a.Plan.Budget
	switch {
	case b.Items > 0 && s.verified >= b.Items:
		return fmt.Errorf("%w: %d items", ErrBudget, b.Items)
	case s.maxItems > 0 && s.verified >= s.maxItems:
		return fmt.Errorf("%w: %d items", ErrBudget, s.maxItems)
	case b.Tokens > 0 && s.used.Tokens() >= b.Tokens:
		return fmt.Errorf("%w: %d tokens", ErrBudget, b.Tokens)
	case b.MicroUSD > 0 && s.used.MicroUSD >= b.MicroUSD:
		return fmt.Errorf("%w: %d millionths of a dollar", ErrBudget, b.MicroUSD)
	}
	return nil
}

// nudge tells when much is waiting to be taken. The caller holds s.mu.
func (s *sink) nudge(bytes int) {
	s.bytes += bytes
	if len(s.items)+len(s.insights) < manyWaiting && s.bytes < manyWaitBytes {
		return
	}
	select {
	case s.many <- struct{}{}:
	default:
	}
}

// count is how many answers were verified.
func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.verified
}

// take hands over what is waiting, with the activity so far.
func (s *sink) take() Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := Session{Activity: s.snapshot(), Items: s.items, Insights: s.insights}
	s.items, s.insights, s.bytes = nil, nil, 0
	return taken
}

// stored notes the activity as the store returned it, or the store's error.
func (s *sink) stored(a Activity, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.err = fmt.Errorf("hobby: storing what activity %s verified: %w", s.id, err)
		return s.err
	}
	s.a.Version, s.a.Items, s.a.Passes, s.a.Insights, s.a.Cut = a.Version, a.Items, a.Passes, a.Insights, a.Cut
	return nil
}

// failed is why nothing can be stored any more; nil while it can.
func (s *sink) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// activity is the session so far, committed or not.
func (s *sink) activity() Activity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot()
}

// snapshot is the activity with what was used. The caller holds s.mu.
func (s *sink) snapshot() Activity {
	a := s.a
	a.Items = s.verified
	a.Cost = s.used
	a.Engaged = s.engaged
	return a
}
