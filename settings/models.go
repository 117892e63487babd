package settings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Offer is a model that can be chosen.
type Offer struct {
	// Name is what people see, and what names it in a request.
	Name string
	// About is a sentence for people, such as how large it is; it may be "".
	About string
}

// Models are what a host offers.
type Models struct {
	// Default names the model that the host gave the agent. It is offered first.
	Default string
	// List lists the others now, until ctx ends. Their names differ.
	List func(ctx context.Context) ([]Offer, error)
	// Open opens one that List has just listed. close frees it, and is called when no
	// session and no comparison needs it; a sub-agent of this process that it answers
	// meanwhile begins its work again. close may be nil.
	Open func(ctx context.Context, name string) (m hobby.Model, close func() error, err error)
}

// Picker is a hobby.Chooser that has a model that was picked answer in the place of the
// host's, for every kind: also one whose hobby has a model of its own. A session keeps the
// model that it began with. All methods are safe for concurrent use.
type Picker struct {
	host     hobby.Model
	models   Models
	next     hobby.Chooser
	replaced chan struct{} // told when a model is left

	turn chan struct{} // a semaphore around opening
	ctx  context.Context
	end  context.CancelFunc // of ctx, in which what is picked is opened
	jobs sync.WaitGroup

	mu     sync.Mutex
	open   map[string]*opened
	picked *opened // nil for the host's own
	coming *coming // what is to answer next, while it is opened; nil when nothing is
	left   []*opened
}

// coming is a model that is to answer once it is open.
type coming struct {
	name   string
	cancel context.CancelFunc
	ended  chan struct{} // closed when it answers, or err says why it never will
	err    error
	late   []func() // called then
}

// errOther is the error of a model in whose place another one was picked before it was open.
var errOther = errors.New("settings: another model was chosen meanwhile")

// opened is a model that is open.
type opened struct {
	name  string
	model hobby.Model
	info  hobby.ModelInfo
	close func() error
	users int
}

var _ hobby.Chooser = (*Picker)(nil)

// NewPicker makes a picker of models. host is the model that the agent has, whose name is
// m.Default; next, which may be nil, says with which adapters it answers.
func NewPicker(host hobby.Model, m Models, next hobby.Chooser) (*Picker, error) {
	if host == nil || m.Default == "" || m.List == nil || m.Open == nil {
		return nil, fmt.Errorf("settings: %w: a choice of models needs a model of the host's, and Models with a Default, a List and an Open",
			hobby.ErrInvalid)
	}
	p := &Picker{
		host: host, models: m, next: next, replaced: make(chan struct{}, 1), turn: make(chan struct{}, 1), open: map[string]*opened{},
	}
	p.ctx, p.end = context.WithCancel(context.Background())
	return p, nil
}

// Serving implements hobby.Chooser.
func (p *Picker) Serving(ctx context.Context, k hobby.Kind) (hobby.Serving, error) {
	p.mu.Lock()
	picked := p.picked
	p.mu.Unlock()
	switch {
	case picked != nil:
		return hobby.Serving{Model: picked.model, Info: picked.info}, nil
	case p.next != nil:
		return p.next.Serving(ctx, k)
	}
	return hobby.Serving{}, nil
}

// Picked is the name of the model that answers now.
func (p *Picker) Picked() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answering()
}

// answering is Picked. The caller holds p.mu.
func (p *Picker) answering() string {
	if p.picked == nil {
		return p.models.Default
	}
	return p.picked.name
}

// Opening is the name of the model that is being opened to answer in the place of Picked; ""
// when none is.
func (p *Picker) Opening() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.coming == nil {
		return ""
	}
	return p.coming.name
}

// Offers lists what can be picked, the default first.
func (p *Picker) Offers(ctx context.Context) ([]Offer, error) {
	listed, err := p.models.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("settings: listing the models: %w", err)
	}
	first := Offer{Name: p.models.Default}
	all := []Offer{first}
	for _, o := range listed {
		switch {
		case o.Name == first.Name:
			all[0] = o
		case o.Name != "" && !slices.ContainsFunc(all, func(a Offer) bool { return a.Name == o.Name }):
			all = append(all, o)
		}
	}
	return all, nil
}

// Take opens a model that is offered, or shares it while it is open. release gives it back.
// The error is hobby.ErrInvalid for a name that is not offered.
func (p *Picker) Take(ctx context.Context, name string) (m hobby.Model, release func() error, err error) {
	if name == p.models.Default {
		return p.host, func() error { return nil }, nil
	}
	o, err := p.take(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	var once sync.Once
	return o.model, func() (err error) { once.Do(func() { err = p.giveBack(o) }); return err }, nil
}

// take opens a model, one at a time, and counts a user of it.
func (p *Picker) take(ctx context.Context, name string) (*opened, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	p.mu.Lock()
	o := p.open[name]
	if o != nil {
		o.users++
	}
	p.mu.Unlock()
	if o != nil {
		return o, nil
	}
	if err := p.offered(ctx, name); err != nil {
		return nil, err
	}
	m, closes, err := p.models.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("settings: opening the model %s: %w", name, err)
	}
	s, err := hobby.NewServing(ctx, m, "")
	if err != nil {
		if closes != nil {
			err = errors.Join(err, closes())
		}
		return nil, fmt.Errorf("settings: the model %s: %w", name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o = &opened{name: name, model: m, info: s.Info, close: closes, users: 1}
	p.open[name] = o
	return o, nil
}

// offered reports hobby.ErrInvalid for a name that cannot be picked: it is not listed, and not
// open already.
func (p *Picker) offered(ctx context.Context, name string) error {
	p.mu.Lock()
	known := name == p.models.Default || p.open[name] != nil
	p.mu.Unlock()
	if known {
		return nil
	}
	all, err := p.Offers(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(a Offer) bool { return a.Name == name }) {
		return fmt.Errorf("settings: %w: no model is called %.64q here", hobby.ErrInvalid, name)
	}
	return nil
}

// giveBack closes a model when nobody uses it any more.
func (p *Picker) giveBack(o *opened) error {
	p.mu.Lock()
	o.users--
	last := o.users == 0
	if last {
		delete(p.open, o.name)
	}
	p.mu.Unlock()
	if !last || o.close == nil {
		return nil
	}
	return o.close()
}

// pick has a model answer from the next session on, once it is open. It waits for nothing.
func (p *Picker) pick(name string) *coming {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.coming; c != nil {
		if c.name == name {
			return c
		}
		c.cancel()
		p.coming = nil
	}
	c := &coming{name: name, ended: make(chan struct{})}
	switch {
	case name == p.models.Default && p.picked != nil:
		p.answer(nil)
		close(c.ended)
	case name == p.answering():
		close(c.ended)
	default:
		var ctx context.Context
		ctx, c.cancel = context.WithCancel(p.ctx)
		p.coming = c
		p.jobs.Go(func() { p.come(ctx, c) })
	}
	return c
}

// come opens c, which then answers unless another one was picked meanwhile.
func (p *Picker) come(ctx context.Context, c *coming) {
	defer c.cancel()
	o, err := p.take(ctx, c.name)
	p.mu.Lock()
	current := p.coming == c
	if current {
		p.coming = nil
	}
	if current && err == nil {
		p.answer(o)
	}
	p.mu.Unlock()
	if !current {
		if err == nil {
			err = p.giveBack(o)
		}
		err = errors.Join(errOther, err)
	}
	p.mu.Lock()
	c.err = err
	close(c.ended)
	late := c.late
	p.mu.Unlock()
	for _, fn := range late {
		fn()
	}
}

// afterwards has fn called when c has ended; false where it has.
func (p *Picker) afterwards(c *coming, fn func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-c.ended:
		return false
	default:
		c.late = append(c.late, fn)
		return true
	}
}

// answer has a model answer, nil being the host's own. The caller holds p.mu.
func (p *Picker) answer(to *opened) {
	if p.picked != nil {
		p.left = append(p.left, p.picked)
	}
	p.picked = to
	select {
	case p.replaced <- struct{}{}:
	default:
	}
}

// sweep gives back what was replaced.
func (p *Picker) sweep() error {
	p.mu.Lock()
	left := p.left
	p.left = nil
	p.mu.Unlock()
	var errs []error
	for _, o := range left {
		errs = append(errs, p.giveBack(o))
	}
	return errors.Join(errs...)
}

// Close closes what was picked, and opens nothing any more. Nothing may use it any more. It
// waits at most 10 seconds for an Open that goes on though its context has ended, which is an
// error; what that opens is closed then.
func (p *Picker) Close() error {
	p.end()
	done := make(chan struct{})
	go func() {
		p.jobs.Wait()
		close(done)
	}()
	var late error
	select {
	case <-done:
	case <-time.After(patience):
		late = fmt.Errorf("settings: a model is still being opened, %v after the end", patience)
	}
	p.mu.Lock()
	p.coming = nil // it is closed as soon as it is open
	if p.picked != nil {
		p.left = append(p.left, p.picked)
		p.picked = nil
	}
	p.mu.Unlock()
	return errors.Join(late, p.sweep())
}
