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
	dismissed             map[string]bool     // shapes of insights that nobody wants
	many                  chan struct{}       // told when much is waiting to be taken
	watch                 *watch              // what the session is at
	// serve asks what serves the session, and pinning is a semaphore around it.
	serve   func(context.Context) (Serving, error)
	pinning chan struct{}

	mu       sync.Mutex
	pinned   *Serving
	asked    bool // the executor has asked for its Serving
	ctx      context.Context
	a        Activity // the last committed state, with what was used added on top
	items    []Item   // not taken yet
	insights []Insight
	taken    *Session // and not stored yet
	bytes    int      // of their longest texts
	told     map[string]bool
	used     Cost
	verified int // items, taken or not
	engaged  time.Duration
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
		watch: &watch{}, told: map[string]bool{}, many: make(chan struct{}, 1), pinning: make(chan struct{}, 1),
	}
}

// bind makes the sink refuse once ctx has ended.
func (s *sink) bind(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ctx = ctx
}

// Serving implements Sink.
func (s *sink) Serving(ctx context.Context) (Serving, error) {
	s.mu.Lock()
	s.asked = true
	s.mu.Unlock()
	return s.pin(ctx)
}

// pin asks what serves the session, once, and says so in the activity.
func (s *sink) pin(ctx context.Context) (Serving, error) {
	select {
	case s.pinning <- struct{}{}:
		defer func() { <-s.pinning }()
	case <-ctx.Done():
		return Serving{}, context.Cause(ctx)
	}
	s.mu.Lock()
	pinned := s.pinned
	s.mu.Unlock()
	if pinned != nil {
		return *pinned, nil
	}
	if s.serve == nil {
		return Serving{}, ErrNoModel
	}
	serving, err := s.serve(ctx)
	if err != nil {
		return Serving{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pinned = &serving
	s.a.Model, s.a.ModelKey, s.a.Adapter = Clean(serving.Info.Name, s.redact), serving.Info.Key, Clean(serving.Adapter, s.redact)
	return serving, nil
}

// by fills in the model of an answer of which the executor says none.
func (s *sink) by(i *Item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pinned
	if p == nil || i.ModelKey != "" {
		return nil
	}
	if p.Adapter != "" && !s.asked {
		return fmt.Errorf("%w: Item.ModelKey is empty, and the executor has not asked its Sink what serves the session: it is the adapter %.64q",
			ErrInvalid, p.Adapter)
	}
	i.ModelKey, i.Adapter = p.Info.Key, p.Adapter
	return nil
}

// Item implements Sink.
func (s *sink) Item(i Item) error {
	i.Activity = s.id
	fill(&i.ID, &i.At)
	i.Redact(s.redact)
	if err := s.by(&i); err != nil {
		return err
	}
	if err := i.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	if s.verified == 0 && i.ModelKey != s.a.ModelKey { // an agent's own model has answered, or one of the executor's
		s.a.ModelKey, s.a.Model, s.a.Adapter = i.ModelKey, i.Model, i.Adapter
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
	i.Doubt()
	if err := i.Validate(); err != nil {
		return err
	}
	shape := ""
	if len(s.dismissed) > 0 {
		shape = i.Shape()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	if s.dismissed[shape] {
		return nil
	}
	if s.maxInsights > 0 && len(s.insights) >= s.maxInsights {
		return nil
	}
	s.told[i.ID] = true
	s.insights = append(s.insights, i)
	s.nudge(len(i.Text) + 100*len(i.Claims))
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

// yield is how many answers were verified, and how many insights were told.
func (s *sink) yield() (items, insights int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.verified, len(s.told)
}

// take hands over what is waiting, with the activity so far. Until that is stored or
// dropped it hands over the same: a commit that seemed to fail may have been stored,
// and only its repetition changes nothing then.
func (s *sink) take() Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken != nil {
		return *s.taken
	}
	taken := Session{Activity: s.snapshot(), Items: s.items, Insights: s.insights}
	if len(s.items)+len(s.insights) > 0 {
		s.taken, s.items, s.insights, s.bytes = &taken, nil, nil, 0
	}
	return taken
}

// stored notes that what was taken is stored, in the activity a.
func (s *sink) stored(a Activity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = nil
	s.a.Version, s.a.Items, s.a.Passes, s.a.Insights, s.a.Cut = a.Version, a.Items, a.Passes, a.Insights, a.Cut
}

// drop loses what was taken.
func (s *sink) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = nil
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
