package hobby

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pastime-go/pastime/internal/proc"
)

// What is uncommitted is flushed early when it has so many items and insights,
// or so many bytes of answers and texts, so that little is left to do when the
// user comes back.
const (
	flushAt      = 64
	flushAtBytes = 64 << 10
)

// sink collects what a session verifies and commits it every little while, so
// that what was verified survives a crash.
type sink struct {
	m       *Manager
	id      string // of the activity
	kind    Kind
	closing chan struct{} // closed by close: ends the flusher
	flushed chan struct{} // closed when the flusher has ended
	full    chan struct{} // asks the flusher for an early flush
	commit  chan struct{} // a semaphore around Commit

	mu       sync.Mutex
	ctx      context.Context
	a        Activity // the last committed state, with the meter added on top
	items    []Item   // not committed yet
	insights []Insight
	bytes    int // of their longest texts
	meter    Cost
	taken    int // items taken, committed or not
	engaged  time.Duration
	err      error // the first commit that failed
}

func newSink(ctx context.Context, m *Manager, a Activity, cancel context.CancelCauseFunc) *sink {
	s := &sink{
		m: m, id: a.ID, kind: a.Plan.Kind, a: a, ctx: ctx,
		closing: make(chan struct{}), flushed: make(chan struct{}),
		full: make(chan struct{}, 1), commit: make(chan struct{}, 1),
	}
	go s.flusher(ctx, cancel)
	return s
}

// bind makes Item and Insight refuse once ctx has ended.
func (s *sink) bind(ctx context.Context) {
	s.mu.Lock()
	s.ctx = ctx
	s.mu.Unlock()
}

func (s *sink) setModel(info ModelInfo) {
	s.mu.Lock()
	s.a.Model, s.a.ModelKey = info.Name, info.Key
	s.mu.Unlock()
}

// Item implements Sink.
func (s *sink) Item(i Item) error {
	i.Activity = s.id
	fill(&i.ID, &i.At)
	i.MapTexts(s.m.clean)
	if err := i.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	if i.ModelKey == "" {
		i.ModelKey = s.a.ModelKey
	}
	s.items = append(s.items, i)
	s.taken++
	s.engaged += i.Latency
	s.meter = s.meter.Add(i.Cost())
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
	i.Text, i.Topic, i.Evidence = s.m.clean(i.Text), s.m.clean(i.Topic), slices.Clone(i.Evidence)
	if err := i.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return err
	}
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
// UTF-8, before and after.
func (m *Manager) clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if m.opts.Redact != nil {
		text = strings.ToValidUTF8(m.opts.Redact(text), "\uFFFD")
	}
	return text
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
	case b.Items > 0 && s.taken >= b.Items:
		return fmt.Errorf("%w: %d items", ErrBudget, b.Items)
	case b.Tokens > 0 && s.meter.Tokens() >= b.Tokens:
		return fmt.Errorf("%w: %d tokens", ErrBudget, b.Tokens)
	case b.MicroUSD > 0 && s.meter.MicroUSD >= b.MicroUSD:
		return fmt.Errorf("%w: %d millionths of a dollar", ErrBudget, b.MicroUSD)
	}
	return nil
}

// nudge asks for a flush when enough is uncommitted. The caller holds s.mu.
func (s *sink) nudge(bytes int) {
	s.bytes += bytes
	if len(s.items)+len(s.insights) < flushAt && s.bytes < flushAtBytes {
		return
	}
	select {
	case s.full <- struct{}{}:
	default:
	}
}

// activity is the session so far, committed or not.
func (s *sink) activity() Activity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot()
}

// snapshot is the activity with the meters read. The caller holds s.mu.
func (s *sink) snapshot() Activity {
	a := s.a
	a.Items = s.taken
	a.Cost = s.meter
	a.Engaged = s.engaged
	return a
}

// flusher commits every Options.FlushEvery, and enforces the CPU budget.
func (s *sink) flusher(ctx context.Context, cancel context.CancelCauseFunc) {
	defer close(s.flushed)
	tick := time.NewTicker(s.m.opts.FlushEvery)
	defer tick.Stop()
	cpu := proc.CPUTime()
	for {
		select {
		case <-s.closing:
			return
		case <-tick.C:
		case <-s.full:
		}
		if limit := s.a.Plan.Budget.CPU; limit > 0 && proc.CPUTime()-cpu >= limit {
			cancel(fmt.Errorf("%w: %v of CPU", ErrBudget, limit))
		}
		if err := s.flush(context.WithoutCancel(ctx)); err != nil {
			cancel(err)
			return
		}
	}
}

// flush commits what was collected since the last flush.
func (s *sink) flush(ctx context.Context) error {
	s.commit <- struct{}{}
	defer func() { <-s.commit }()
	s.mu.Lock()
	if s.err != nil || len(s.items)+len(s.insights) == 0 {
		defer s.mu.Unlock()
		return s.err
	}
	batch := Session{Activity: s.snapshot(), Items: s.items, Insights: s.insights}
	s.items, s.insights, s.bytes = nil, nil, 0
	s.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	a, err := s.m.store.Commit(ctx, batch, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.err = fmt.Errorf("hobby: storing what activity %s verified: %w", s.a.ID, err)
		return s.err
	}
	s.a.Version, s.a.Items, s.a.Passes, s.a.Insights = a.Version, a.Items, a.Passes, a.Insights
	return nil
}

// close ends the flusher and commits what is left.
func (s *sink) close(ctx context.Context) error {
	close(s.closing)
	<-s.flushed
	return s.flush(ctx)
}

type sinkKey struct{}

// Spend tells the running session's meter what was used beside its items: a
// request whose answer became no item, an embedding, a paid search. What items
// cost is counted by the Sink already. It returns [ErrBudget] when the
// session's budget is used up. Outside a session it does nothing.
func Spend(ctx context.Context, c Cost) error {
	s, _ := ctx.Value(sinkKey{}).(*sink)
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meter = s.meter.Add(c)
	return s.exhausted()
}

// Known reports whether an insight with this id was told before, by this session
// or by an earlier one. An executor that gives what it finds an id of its own,
// the same each time, can so tell each finding once, after a restart too.
// Outside a session nothing is known.
func Known(ctx context.Context, id string) (bool, error) {
	s, _ := ctx.Value(sinkKey{}).(*sink)
	if s == nil {
		return false, nil
	}
	s.mu.Lock()
	pending := slices.ContainsFunc(s.insights, func(i Insight) bool { return i.ID == id })
	s.mu.Unlock()
	if pending {
		return true, nil
	}
	p, err := s.m.store.Insights(ctx, InsightFilter{ID: id, Limit: 1})
	if err != nil {
		return false, fmt.Errorf("hobby: looking up an insight: %w", err)
	}
	return len(p.Insights) > 0, nil
}
