package settings

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrOpening says that the model that was chosen is still being opened. It answers from the
// session on that begins after that.
var ErrOpening = errors.New("settings: the model is being opened")

// patience is how long Change, and a Picker's Close, wait for a model.
const patience = 10 * time.Second

// ended is the context of what waits for no model.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// pick has the model of v answer from the next session on. The error is ErrOpening when it is
// not open when wait ends. The caller has the turn.
func (s *Settings) pick(wait context.Context, v *Values) error {
	p := s.opts.Picker
	if p == nil {
		return nil
	}
	before, name := p.Picked(), s.model(v)
	c := p.pick(name)
	select {
	case <-c.ended:
	case <-wait.Done():
		if p.afterwards(c, func() { s.opened(c) }) {
			return fmt.Errorf("%w: %s", ErrOpening, name)
		}
	}
	if p.Picked() != before {
		s.manager.ModelChanged()
	}
	return c.err
}

// model names the model that is to answer where v is in force.
func (s *Settings) model(v *Values) string {
	if v.Model != nil && s.fixed(Model) == "" {
		return *v.Model
	}
	return s.opts.Picker.models.Default
}

// opened is told of a model that nobody has waited for.
func (s *Settings) opened(c *coming) {
	if c.err == nil {
		s.manager.ModelChanged()
		return
	}
	_ = s.enter(context.Background()) // whoever has the turn waits for a model no longer than this one
	defer s.leave()
	if s.opts.Picker.ctx.Err() == nil && s.model(&s.values) == c.name && !errors.Is(c.err, errOther) {
		s.fallBack(c.err)
	}
}

// fallBack has the default answer in the place of a model that cannot be opened. The caller
// has the turn.
func (s *Settings) fallBack(why error) {
	s.opts.Logger.Warn("the model that was chosen could not be opened; the default answers", "error", why)
	s.note(why)
	_ = s.pick(ended, &Values{}) // the default is open
}

// back has the model of the values in force answer again, unless it could not be opened.
func (s *Settings) back() error {
	v := s.values
	if s.trouble != nil {
		v.Model = nil
	}
	if err := s.pick(ended, &v); !errors.Is(err, ErrOpening) {
		return err
	}
	return nil
}

// note keeps why the model that was chosen does not answer; nil when it does.
func (s *Settings) note(trouble error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = trouble
}
