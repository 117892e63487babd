package subagent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/latch"
)

// Coordinator gives practice to agents. Make one with New; all methods are safe
// for concurrent use. A ledger must have one coordinator at a time. Two would
// each make the other's attempts again, although no result would count twice.
type Coordinator struct {
	ledger  Ledger
	hobbies []hobby.Hobby
	opts    Options
	meter   *hobby.Meter
	local   Handler
	freed   <-chan struct{} // wakes the reconciler
	rolls   chan struct{}   // a semaphore around registrations
	stops   chan struct{}   // a semaphore of the cancellations on their way
	begun   *latch.Latch    // opened when Run was ready for the first time
	jobs    sync.WaitGroup  // the goroutines of a Run
	locked  state           // use lock
}

// New makes a coordinator over a ledger. hobbies are what is practised. Their
// executors carry out what runs in this process. Those that are a
// hobby.Verifier also verify the answers of other agents.
func New(l Ledger, hobbies []hobby.Hobby, o *Options) (*Coordinator, error) {
	if l == nil {
		return nil, fmt.Errorf("%w: New needs a Ledger", hobby.ErrInvalid)
	}
	opts := o.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	hobbies = slices.Clone(hobbies)
	if err := hobby.CheckHobbies(hobbies); err != nil {
		return nil, err
	}
	agents := newRoster(opts.LocalConcurrent)
	c := &Coordinator{
		ledger: l, hobbies: hobbies, opts: opts, begun: latch.New(), meter: hobby.NewMeter(l, opts.Agent),
		local: Practise(hobbies, &hobby.PractiseOptions{Model: opts.Model, Chooser: opts.Chooser, Told: l}),
		freed: agents.freed, rolls: make(chan struct{}, 1), stops: make(chan struct{}, 16),
	}
	s := c.lock()
	defer s.unlock()
	s.planner = planner{agents, opts.MaxAttempts, c.canHere, func() bool { return opts.Presence == nil || opts.Presence.Free() }}
	for _, t := range opts.Transports {
		if t, ok := t.(sharer); ok {
			t.Share(opts.Presence)
		}
	}
	s.flights, s.totals, s.counters = map[string]*flight{}, map[string]Totals{}, newCounters()
	return c, nil
}

// Run sends assignments to agents, takes their results and makes lost attempts
// again, until ctx ends. It begins with the assignments that an earlier process
// left open. When ctx ends, no attempt begins any more, and running ones have
// Options.Grace to end. The next Run takes up what is still open. No goroutine
// outlives Run.
//
// It returns nil when ctx ended, and an error when the ledger cannot be read
// or Run is active already.
func (c *Coordinator) Run(ctx context.Context) error {
	work, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	if err := c.enter(work); err != nil {
		return err
	}
	defer c.leave()
	err := c.load(ctx)
	if err == nil {
		for _, t := range c.opts.Transports {
			c.spawn(func(ctx context.Context) { c.receive(ctx, t) })
		}
		c.spawn(c.reconcile)
		<-ctx.Done()
		c.drain()
	}
	c.halt()
	stop(hobby.ErrShutdown)
	c.jobs.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Ready is closed when assignments can be made: Run has taken up the open ones.
func (c *Coordinator) Ready() <-chan struct{} { return c.begun.Opened() }

// Changed returns a channel that is closed at the next change of the agents or
// of the open assignments in Stats. A sign of life is no change.
func (c *Coordinator) Changed() <-chan struct{} {
	s := c.lock()
	defer s.unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// wait waits until Run has read the ledger. Before that, the agents and the
// open assignments are not known.
func (c *Coordinator) wait(ctx context.Context) error {
	if err := c.begun.Wait(ctx); err != nil {
		return fmt.Errorf("subagent: waiting for Run to begin: %w", err)
	}
	return nil
}

func (c *Coordinator) enter(work context.Context) error {
	s := c.lock()
	defer s.unlock()
	if s.phase != stopped {
		return fmt.Errorf("subagent: Run is active already: %w", hobby.ErrBusy)
	}
	s.phase, s.work, s.idle = loading, work, make(chan struct{})
	return nil
}

// serve lets assignments be made.
func (c *Coordinator) serve() {
	s := c.lock()
	defer s.unlock()
	s.phase = serving
	c.begun.Open()
}

// drain waits until nothing is open, or the grace period is over.
func (c *Coordinator) drain() {
	s := c.lock()
	s.phase = draining
	idle := s.idle
	if len(s.flights) == 0 {
		close(idle)
	}
	s.unlock()
	t := time.NewTimer(c.opts.Grace)
	defer t.Stop()
	select {
	case <-idle:
	case <-t.C:
	}
}

// halt makes spawn refuse, so that jobs can be waited for.
func (c *Coordinator) halt() {
	s := c.lock()
	defer s.unlock()
	s.phase = halted
}

// leave forgets the open assignments, which the ledger keeps for the next Run.
func (c *Coordinator) leave() {
	s := c.lock()
	defer s.unlock()
	for _, f := range s.flights {
		s.discard(f, hobby.ErrShutdown)
	}
	for _, m := range s.members {
		m.gone = m.mustConnect()
		s.update(m)
	}
	s.phase, s.work = stopped, nil
}

// spawn runs fn in a goroutine that Run waits for; false when Run is not
// active, or about to return.
func (c *Coordinator) spawn(fn func(ctx context.Context)) bool {
	s := c.lock()
	defer s.unlock()
	if s.phase == stopped || s.phase == halted {
		return false
	}
	work := s.work
	c.jobs.Go(func() { fn(work) })
	return true
}

// receive takes the reports of one transport. A transport that breaks is tried
// again.
func (c *Coordinator) receive(ctx context.Context, t Transport) {
	wait := time.Second
	for ctx.Err() == nil {
		begin := time.Now()
		err := t.Receive(ctx, func(ctx context.Context, r Report) error { return c.report(ctx, t, r) })
		if ctx.Err() != nil {
			return
		}
		if time.Since(begin) > time.Minute {
			wait = time.Second
		}
		c.opts.Logger.Warn("a transport broke", "transport", t.Name(), "error", err)
		pause(ctx, wait)
		wait = min(2*wait, time.Minute)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// load takes up what the ledger has.
func (c *Coordinator) load(ctx context.Context) error {
	agents, err := c.ledger.Agents(ctx)
	if err != nil {
		return fmt.Errorf("subagent: reading the agents: %w", err)
	}
	totals, err := c.ledger.Totals(ctx)
	if err != nil {
		return fmt.Errorf("subagent: reading the totals: %w", err)
	}
	c.list(agents, totals)
	for f := (Filter{Open: true, Limit: 1000}); ; {
		page, err := c.ledger.Assignments(ctx, f)
		if err != nil {
			return fmt.Errorf("subagent: reading what is open: %w", err)
		}
		for _, a := range page.Assignments {
			c.resume(ctx, a)
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			break
		}
	}
	c.serve()
	return nil
}

// list takes in the agents and the totals of the ledger.
func (c *Coordinator) list(agents []Registration, totals map[string]Totals) {
	s := c.lock()
	defer s.unlock()
	s.totals = totals
	s.counters.completed, s.counters.failed = 0, 0
	for _, t := range totals {
		s.counters.completed += t.Completed
		s.counters.failed += t.Failed
	}
	for _, r := range agents {
		if s.members[r.ID] == nil {
			m := &member{Registration: r, transport: c.transport(r.Executor), seen: r.Registered, ranks: map[string]int{}}
			m.gone = m.mustConnect()
			s.add(m)
		}
	}
}

// transport finds a transport by its name.
func (c *Coordinator) transport(name string) Transport {
	at := slices.IndexFunc(c.opts.Transports, func(t Transport) bool { return t.Name() == name })
	if at < 0 {
		return nil
	}
	return c.opts.Transports[at]
}

// resume takes up an assignment that an earlier Run left open. Its agent may
// still work at it, and has one lease to report that.
func (c *Coordinator) resume(ctx context.Context, a Assignment) {
	f := newFlight(a)
	s := c.lock()
	m := s.members[a.Agent]
	goesOn := a.Agent != "" && a.Executor != Local && m != nil && m.Executor == a.Executor && !a.Session
	if goesOn {
		s.occupy(m)
		s.open(f, &elsewhere{m, time.Now().Add(c.opts.Lease)})
	} else {
		s.open(f, &waiting{})
	}
	s.unlock()
	if goesOn {
		return
	}
	c.note("taking up what was open", f, c.attempt(ctx, f, a.Attempt, func(ctx context.Context, t turn) error {
		if a.Session {
			return t.fail(ctx, errors.New("subagent: the session that asked for it ended"))
		}
		return t.next(ctx, errors.New("subagent: the process that ran it ended"), false)
	}))
}

// hobby returns the hobby of kind k; nil when there is none here.
func (c *Coordinator) hobby(k hobby.Kind) *hobby.Hobby {
	for i := range c.hobbies {
		if c.hobbies[i].Kind == k {
			return &c.hobbies[i]
		}
	}
	return nil
}

// canHere says why k cannot be practised in this process.
func (c *Coordinator) canHere(k hobby.Kind) error {
	h := c.hobby(k)
	switch {
	case h == nil:
		return fmt.Errorf("%w: %q is not practised in this process", hobby.ErrUnknownKind, k)
	case h.NeedsModel && h.Model == nil && c.opts.Model == nil:
		return fmt.Errorf("%w, and %q needs one", hobby.ErrNoModel, k)
	}
	return nil
}

// kinds are the kinds that an agent may have as capabilities.
func (c *Coordinator) kinds() []hobby.Kind {
	var all []hobby.Kind
	for _, k := range hobby.Kinds() {
		all = append(all, k.Kind)
	}
	for _, h := range c.hobbies {
		all = append(all, h.Kind)
	}
	return all
}
