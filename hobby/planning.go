package hobby

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pastime-go/pastime/internal/saturate"
)

// Requested is the Policy of a plan that is a person's own choice.
const Requested = "request"

// plan asks the policy what to practise now. k, unless it is "", is the kind
// that a person asked for, which may be off or resting. own says that no person asked.
func (m *Manager) plan(ctx context.Context, k Kind, own bool) (Plan, error) {
	if k != "" {
		h, err := m.hobby(k)
		if err != nil {
			return Plan{}, err
		}
		if h.NeedsModel && m.servedBy(h) == nil {
			return Plan{}, fmt.Errorf("%w, and %q needs one", ErrNoModel, k)
		}
	}
	if k == "" && m.opts.OnBattery != nil && m.opts.OnBattery() {
		return Plan{}, fmt.Errorf("%w: on battery", ErrNothing)
	}
	left, err := m.leftToday(ctx)
	if err != nil {
		return Plan{}, err
	}
	progress, err := m.Progress(ctx)
	if err != nil {
		return Plan{}, err
	}
	state := m.state(&progress, k, own)
	var p Plan
	err = guard("the policy", func() (err error) {
		p, err = m.opts.Policy.Choose(ctx, state)
		return err
	})
	switch {
	case k != "" && errors.Is(err, ErrNothing):
		p = Plan{Kind: k, Propensity: 1}
	case err != nil:
		return Plan{}, fmt.Errorf("hobby: choosing what to practise: %w", err)
	}
	if k != "" {
		p.Policy = Requested
	}
	h, err := m.hobby(p.Kind)
	if err != nil {
		return Plan{}, fmt.Errorf("hobby: the policy %q chose: %w", p.Policy, err)
	}
	if h.Items > 0 {
		p.Budget.Items = h.Items
	}
	if p.Topic == "" {
		p.Topic = m.topic(ctx, p.Kind)
	}
	if p.Seed == 0 {
		p.Seed = m.rand.Uint64()
	}
	p.Budget.Time = within(p.Budget.Time, m.opts.MaxDuration)
	p.Budget = p.Budget.within(left)
	p.Candidates = slices.Clone(p.Candidates)
	for i := range p.Candidates { // what is logged is what could be practised
		if c := &p.Candidates[i]; c.Items > 0 {
			c.Items = within(c.Items, left.Items)
		}
	}
	return p, nil
}

// state is what the policy sees.
func (m *Manager) state(p *Progress, only Kind, own bool) State {
	s := State{Now: p.AsOf, Knobs: *m.opts.Knobs, Rand: m.rand}
	off := m.Tuning().Off
	var needs []*served // the models that s.Kinds need
	for i := range m.hobbies {
		h, k := &m.hobbies[i], &p.Kinds[i]
		of := m.servedBy(h)
		switch {
		case only != "" && h.Kind != only,
			only == "" && slices.Contains(off, h.Kind),
			only == "" && k.Rests != "",
			h.NeedsModel && of == nil:
			continue
		}
		if !h.NeedsModel {
			of = nil
		}
		needs = append(needs, of)
		known := k.Proficiency.Known()
		ks := KindState{
			Kind: h.Kind, Estimate: known.Estimate, Items: h.Items, Last: k.Count.Last, Sessions: k.Count.Ended(), Time: k.Count.Time,
		}
		for j, f := range known.Families {
			ks.Families = append(ks.Families, FamilyState{
				Family: h.Families[j], Estimate: f.Estimate, Levels: f.Levels, Level: f.Level, Open: f.Open,
			})
		}
		s.Kinds = append(s.Kinds, ks)
	}
	if only == "" {
		s.Kinds = m.whileUnreachable(s.Kinds, needs, own)
	}
	return s
}

// used is what the sessions of this node on the UTC day of now have used of the
// daily budget. They count by the day they started on.
func (m *Manager) used(ctx context.Context, now time.Time) (Budget, error) {
	day := now.UTC().Truncate(24 * time.Hour)
	counts, err := m.store.Counts(ctx, CountFilter{Bucket: Daily, Node: m.store.Node(), Since: day})
	if err != nil {
		return Budget{}, fmt.Errorf("hobby: reading what today has used: %w", err)
	}
	var b Budget
	for _, c := range counts {
		b.Time = saturate.Add(b.Time, c.Time)
		b.Items += int(c.Items)
		b.Tokens = saturate.Add(b.Tokens, c.Cost.Tokens())
		b.CPU = saturate.Add(b.CPU, c.Cost.CPU)
		b.MicroUSD = saturate.Add(b.MicroUSD, c.Cost.MicroUSD)
	}
	return b, nil
}

// leftToday is what is left of the daily budget, ErrBudget when nothing is.
// Fields that are unbounded are 0.
func (m *Manager) leftToday(ctx context.Context) (Budget, error) {
	d := m.Tuning().Daily
	if d == (Budget{}) {
		return d, nil
	}
	u, err := m.used(ctx, time.Now())
	if err != nil {
		return Budget{}, err
	}
	if what := d.exceededBy(u); what != "" {
		return Budget{}, fmt.Errorf("%w: today's %s", ErrBudget, what)
	}
	left := func(limit, used int64) int64 { return max(0, limit-used) }
	return Budget{
		Time:     time.Duration(left(int64(d.Time), int64(u.Time))),
		Items:    int(left(int64(d.Items), int64(u.Items))),
		Tokens:   left(d.Tokens, u.Tokens),
		CPU:      time.Duration(left(int64(d.CPU), int64(u.CPU))),
		MicroUSD: left(d.MicroUSD, u.MicroUSD),
	}, nil
}

// exceededBy names the part of b that is used up, "" when none is.
func (b Budget) exceededBy(used Budget) string {
	for _, f := range []struct {
		name        string
		limit, used int64
	}{
		{"time", int64(b.Time), int64(used.Time)}, {"items", int64(b.Items), int64(used.Items)}, {"tokens", b.Tokens, used.Tokens},
		{"CPU", int64(b.CPU), int64(used.CPU)}, {"money", b.MicroUSD, used.MicroUSD},
	} {
		if f.limit > 0 && f.used >= f.limit {
			return f.name
		}
	}
	return ""
}

// within returns the tighter of two bounds, where 0 is unbounded.
func within[T int | int64 | time.Duration](a, b T) T {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func (b Budget) within(c Budget) Budget {
	return Budget{
		within(b.Time, c.Time), within(b.Items, c.Items), within(b.Tokens, c.Tokens),
		within(b.CPU, c.CPU), within(b.MicroUSD, c.MicroUSD),
	}
}
