package subagent

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// lostHere is how many attempts this process makes beyond MaxAttempts. An
// assignment that crashes the process is therefore not tried for ever.
const lostHere = 3

// planner chooses the agent for an attempt. It reads only the roster, and never
// waits or writes.
type planner struct {
	*roster
	attempts int                    // Options.MaxAttempts
	can      func(hobby.Kind) error // why a kind cannot be practised in this process
	free     func() bool            // nobody needs this machine, see Options.Presence
}

// need is what an assignment needs next.
type need struct {
	kind  hobby.Kind
	made  int             // attempts that were made
	avoid map[string]bool // who failed at it, by id; "" is this process
	// asked says that a running session waits for it, so that it may begin here
	// whoever needs the machine.
	asked bool
}

// held reports whether what could be practised in this process has to wait until
// nobody needs this machine.
func (p *planner) held(n need) bool {
	if n.asked || p.free() {
		return false
	}
	if p.can(n.kind) == nil {
		return true
	}
	for id, m := range p.members {
		if m.yields() && !m.here() && m.Can(n.kind) && !n.avoid[id] {
			return true
		}
	}
	return false
}

// able finds an agent that can take work of kind k now.
func (p *planner) able(agent string, k hobby.Kind) (*member, error) {
	m := p.members[agent]
	switch {
	case m == nil:
		return nil, fmt.Errorf("%w: %.128q", ErrUnknownAgent, agent)
	case !m.Can(k):
		return nil, fmt.Errorf("%w: %q cannot do %q", ErrIncapable, m.ID, k)
	case m.gone:
		return nil, fmt.Errorf("%w: %q is not connected", ErrUnreachable, m.ID)
	case !m.free():
		return nil, fmt.Errorf("%w: %q has %d assignments, which is all that it takes", ErrFull, m.ID, m.active)
	}
	if m.here() {
		if err := p.can(k); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// anyone takes a place at any agent for k, at one of this process only if here.
func (p *planner) anyone(k hobby.Kind, here bool) (*member, error) {
	local := p.can(k) == nil
	avoid := p.avoiding(nil, func(m *member) bool { return m.here() && !local || m.yields() && !here })
	if m := p.take(k, avoid); m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("%w for %q", ErrFull, k)
}

// next takes a place for the next attempt: at an agent, or here when no agent
// can. wait says that there is none now and may be one later.
func (p *planner) next(n need) (m *member, wait bool) {
	local, held := p.can(n.kind) == nil, p.held(n)
	agents := n.made < p.attempts
	if agents {
		avoid := p.avoiding(n.avoid, func(m *member) bool { return m.here() && !local || m.yields() && held })
		if m := p.take(n.kind, avoid); m != nil {
			return m, false
		}
	}
	if local && !n.avoid[""] && p.local.MaxConcurrent > 0 && n.made < p.attempts+lostHere {
		if held || !p.local.free() {
			return nil, true
		}
		p.occupy(p.local)
		return p.local, false
	}
	if agents {
		for id, m := range p.members {
			if m.Can(n.kind) && !n.avoid[id] && (held && local || !m.here()) {
				return nil, true
			}
		}
	}
	return nil, false
}

// keys are the keys of what serves each kind in this process. A kind is left out, and
// measured for the model that answered last, when there is none or it does not say.
func (c *Coordinator) keys(ctx context.Context) map[hobby.Kind]string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	keys := map[hobby.Kind]string{}
	for i := range c.hobbies {
		if s, err := hobby.Served(ctx, &c.hobbies[i], c.opts.Model, c.opts.Chooser); err == nil {
			keys[c.hobbies[i].Kind] = s.Info.Key
		}
	}
	return keys
}

// weakest lists the kinds practised here that are not off, the lowest proficiency first.
// A kind that was never measured comes before all others.
func (c *Coordinator) weakest(ctx context.Context) ([]hobby.Kind, error) {
	p, err := c.meter.Measure(ctx, c.hobbies, c.keys(ctx), time.Now())
	if err != nil {
		return nil, fmt.Errorf("subagent: measuring what is weak: %w", err)
	}
	var off []hobby.Kind
	if c.opts.Off != nil {
		off = c.opts.Off()
	}
	ks := slices.DeleteFunc(slices.Clone(p.Kinds), func(k hobby.KindProficiency) bool { return slices.Contains(off, k.Kind) })
	slices.SortStableFunc(ks, func(a, b hobby.KindProficiency) int {
		return cmp.Compare(mean(a.Known().Estimate), mean(b.Known().Estimate))
	})
	kinds := make([]hobby.Kind, len(ks))
	for i := range ks {
		kinds[i] = ks[i].Kind
	}
	return kinds, nil
}

// mean is the mean of an estimate, and -1 when nothing was measured.
func mean(e hobby.Estimate) float64 {
	if !e.Measured() {
		return -1
	}
	return e.Mean
}

// plan chooses what to practise of a kind: the family with the skip-th lowest
// proficiency, at its highest open level.
func (c *Coordinator) plan(ctx context.Context, k hobby.Kind, d time.Duration, skip int) (hobby.Plan, error) {
	p := hobby.Plan{Kind: k, Budget: hobby.Budget{Time: d, Items: c.opts.Items}, Seed: rand.Uint64(), Propensity: 1}
	h := c.hobby(k)
	if h == nil || len(h.Families) == 0 {
		return p, nil
	}
	prof, err := c.meter.Measure(ctx, c.hobbies, c.keys(ctx), time.Now())
	if err != nil {
		return p, fmt.Errorf("subagent: measuring %s: %w", k, err)
	}
	at := slices.IndexFunc(prof.Kinds, func(kp hobby.KindProficiency) bool { return kp.Kind == k })
	families := slices.DeleteFunc(slices.Clone(prof.Kinds[at].Known().Families), func(f hobby.FamilyProficiency) bool { return !f.Open })
	slices.SortStableFunc(families, func(a, b hobby.FamilyProficiency) int { return cmp.Compare(mean(a.Estimate), mean(b.Estimate)) })
	if len(families) > 0 {
		f := families[skip%len(families)]
		p.Family, p.Level = f.Family, f.Level
	}
	return p, nil
}
