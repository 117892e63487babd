package subagent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/gate"
)

// Coordinator gives practice to agents. Make one with New; all methods are
// safe for concurrent use. One ledger has one coordinator at a time: two would
// take each other's work for lost, though none of it would count twice.
type Coordinator struct {
	ledger  Ledger
	hobbies []hobby.Hobby
	opts    Options
	meter   *hobby.Meter
	local   Handler
	wake    chan struct{} // asks the reconciler for a look
	roll    chan struct{} // a semaphore around registrations
	stops   chan struct{} // a semaphore of the cancellations on their way

	mu      sync.Mutex
	active  bool            // Run is active
	work    context.Context // of what runs; nil while nothing may begin
	ready   bool            // what was open has been taken up
	begun   *gate.Gate      // it was ready for the first time
	ending  bool            // Run is about to return: nothing new begins
	jobs    sync.WaitGroup  // the goroutines of work
	fleet   *fleet
	here    *member // what runs here because no agent could
	resting map[*member]struct{}
	flights map[string]*flight
	idle    chan struct{} // closed when there are no flights, while ending
	totals  map[string]Totals
	meters  meters
}

// flight is an open assignment.
type flight struct {
	// turn is a semaphore around the transitions of the assignment.
	turn chan struct{}
	// a is as the ledger has it. It is written with both the turn and the
	// coordinator's lock, and read with either.
	a     Assignment
	avoid map[string]bool // who failed at it; with the turn

	// The rest is guarded by the coordinator's lock.
	member  *member   // whose place it has; nil while it waits for one
	lent    bool      // the place is the running goroutine's to give back
	expires time.Time // of the lease; zero when there is none
	cancel  context.CancelCauseFunc

	done     chan struct{} // closed when it has ended or Run has
	err      error         // why it ended without a final state
	accepted *hobby.Session
}

// New makes a coordinator over a ledger. hobbies are what is practised: what
// runs in this process is carried out by their executors, and what comes back
// from others is verified with those that are a hobby.Verifier.
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
	c := &Coordinator{
		ledger: l, hobbies: hobbies, opts: opts, begun: gate.New(),
		meter: hobby.NewMeter(l, opts.Agent), local: Practise(hobbies, opts.Model),
		wake: make(chan struct{}, 1), stops: make(chan struct{}, 16), fleet: newFleet(), flights: map[string]*flight{}, resting: map[*member]struct{}{}, roll: make(chan struct{}, 1), totals: map[string]Totals{},
	}
	c.here = &member{Registration: Registration{Agent: Agent{Capabilities: []string{Any}, MaxConcurrent: opts.LocalConcurrent}, Executor: Local}}
	c.meters.init()
	return c, nil
}

// Run gives out work, takes results, and gives to others what was lost, until
// ctx ends. First it takes up what an earlier process left open. When ctx ends
// nothing new begins, what runs has Options.Grace to finish, and what does not
// is left open for the next Run. No goroutine outlives Run.
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

// Ready is closed once Run has taken up what was open, so that assignments can
// be made.
func (c *Coordinator) Ready() <-chan struct{} { return c.begun.Opened() }

// Changed returns a channel that is closed at the next change of what Stats
// says of the agents, their signs of life apart, and of the open assignments.
func (c *Coordinator) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fleet.changed == nil {
		c.fleet.changed = make(chan struct{})
	}
	return c.fleet.changed
}

// wait gives Run a moment to begin: until then nobody knows what was open and
// which agents there are.
func (c *Coordinator) wait(ctx context.Context) error {
	if err := c.begun.Wait(ctx); err != nil {
		return fmt.Errorf("subagent: waiting for Run to begin: %w", err)
	}
	return nil
}

func (c *Coordinator) enter(work context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.active {
		return fmt.Errorf("subagent: Run is active already: %w", hobby.ErrBusy)
	}
	c.active, c.work, c.ending, c.idle = true, work, false, make(chan struct{})
	return nil
}

// halt makes spawn refuse, so that jobs can be waited for.
func (c *Coordinator) halt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.work = nil
}

// leave forgets what is open: the ledger has it.
func (c *Coordinator) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active, c.work, c.ready = false, nil, false
	for _, f := range c.flights {
		f.err = hobby.ErrShutdown
		close(f.done)
	}
	c.flights = map[string]*flight{}
	c.here.active = 0
	for _, m := range c.fleet.members {
		m.active, m.gone = 0, m.mustConnect()
		c.fleet.update(m)
	}
}

// spawn runs fn in a goroutine that Run waits for; false when Run is not
// active, or about to return.
func (c *Coordinator) spawn(fn func(ctx context.Context)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.work == nil {
		return false
	}
	work := c.work
	c.jobs.Go(func() { fn(work) })
	return true
}

// drain waits until nothing is open, or the grace period is over.
func (c *Coordinator) drain() {
	c.mu.Lock()
	c.ending = true
	idle := c.idle
	if len(c.flights) == 0 {
		close(idle)
	}
	c.mu.Unlock()
	t := time.NewTimer(c.opts.Grace)
	defer t.Stop()
	select {
	case <-idle:
	case <-t.C:
	}
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
	c.mu.Lock()
	c.totals = totals
	c.meters.completed, c.meters.failed = 0, 0
	for _, t := range totals {
		c.meters.completed += t.Completed
		c.meters.failed += t.Failed
	}
	for _, r := range agents {
		if c.fleet.members[r.ID] == nil {
			m := &member{Registration: r, transport: c.transport(r.Executor), seen: r.Registered, places: map[string]int{}}
			m.gone = m.mustConnect()
			c.fleet.members[r.ID] = m
			c.fleet.update(m)
		}
	}
	c.mu.Unlock()
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
	c.mu.Lock()
	c.ready = true
	c.begun.Open()
	c.mu.Unlock()
	return nil
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
// still be at it: it has a lease to say so.
func (c *Coordinator) resume(ctx context.Context, a Assignment) {
	f := newFlight(a)
	c.mu.Lock()
	c.flights[a.ID] = f
	m := c.fleet.members[a.Agent]
	elsewhere := a.Agent != "" && a.Executor != Local && m != nil && m.Executor == a.Executor && !a.Session
	if elsewhere {
		f.member = m
		c.fleet.occupy(m)
		f.expires = time.Now().Add(c.opts.Lease)
	}
	c.mu.Unlock()
	if elsewhere {
		return
	}
	if err := f.begin(ctx); err != nil {
		return
	}
	defer f.end()
	var err error
	if a.Session {
		err = c.finish(ctx, f, Finish{Status: Failed, Err: "subagent: the session that asked for it ended"}, nil)
	} else {
		err = c.next(ctx, f, errors.New("subagent: the process that ran it ended"), false)
	}
	c.note("taking up what was open", f, err)
}

func newFlight(a Assignment) *flight {
	return &flight{turn: make(chan struct{}, 1), a: a, avoid: map[string]bool{}, done: make(chan struct{})}
}

// begin waits for its turn at a flight's transitions.
func (f *flight) begin(ctx context.Context) error {
	select {
	case f.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (f *flight) end() { <-f.turn }

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
	case h.NeedsModel && c.opts.Model == nil:
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
