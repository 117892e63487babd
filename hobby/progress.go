package hobby

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Progress is what practice has achieved.
type Progress struct {
	// AsOf is when it was read.
	AsOf time.Time
	// Total is the number of activities ever started.
	Total int64
	// Kinds are in the order of the hobbies; every hobby has its entry.
	Kinds []KindProgress
	// Overall is the mean proficiency of the kinds that were measured.
	Overall Estimate
	// Practised is the same of the levels that were practised.
	Practised Estimate
	// Engagement is the share of practice time that produced verified items;
	// nil before the first session ended.
	Engagement *float64
}

// Kind returns the entry of k; nil when no such hobby is registered.
func (p *Progress) Kind(k Kind) *KindProgress {
	for i := range p.Kinds {
		if p.Kinds[i].Kind == k {
			return &p.Kinds[i]
		}
	}
	return nil
}

// KindProgress is what practice of one kind has achieved.
type KindProgress struct {
	Kind Kind
	// Serving is what the next session will be answered by, as far as it is known:
	// Info is zero until the model was asked what it is, and all of it for a hobby
	// without a model.
	Serving Serving
	// Proficiency is that of what serves.
	Proficiency KindProficiency
	// Count covers all time.
	Count Count
	// ImprovementRate is the proficiency gained per hour of practice, with its
	// interval: the kind's Gain divided by half of the model's Share of the
	// practice time. It is nil where there is no Gain, and before an hour of the
	// model's practice: a rate an hour says nothing of seconds. The interval is that of one
	// look: who looks each day, or at many kinds, goes by [Change.Certain].
	ImprovementRate *Change
	// Failures is the number of sessions in a row that yielded nothing. From the
	// third on the kind is Degraded: it rests until RestUntil, each time for
	// longer.
	Failures  int
	Degraded  bool
	RestUntil time.Time
	// Rests says for people why the policy is not offered the kind now: it is degraded,
	// or its Hobby is not Ready. "" when it is offered, or off.
	Rests string
}

// SuccessRate is the share of verified answers that passed, nil without any.
func (k *KindProgress) SuccessRate() *float64 {
	if k.Count.Items == 0 {
		return nil
	}
	r := float64(k.Count.Passes) / float64(k.Count.Items)
	return &r
}

// Engagement is the share of practice time that produced verified items; nil
// before the first session ended.
func (k *KindProgress) Engagement() *float64 { return engagement(k.Count) }

func engagement(c Count) *float64 {
	if c.Time <= 0 {
		return nil
	}
	r := min(1, float64(c.Engaged)/float64(c.Time))
	return &r
}

// rateHours is the practice, in hours, below which there is no ImprovementRate.
const rateHours = 1

// Progress reports what practice has achieved. Its cost does not grow with
// the number of activities.
func (m *Manager) Progress(ctx context.Context) (Progress, error) {
	if err := m.health.load(ctx, m.store, m.opts.Agent, m.hobbies, m.Tuning().Interval); err != nil {
		return Progress{}, err
	}
	now := time.Now()
	serving, err := m.servings(ctx)
	if err != nil {
		return Progress{}, err
	}
	prof, err := m.tallies.measure(ctx, m.hobbies, keysOf(serving), now)
	if err != nil {
		return Progress{}, err
	}
	counts, err := m.Counts(ctx, CountFilter{Bucket: Total})
	if err != nil {
		return Progress{}, err
	}
	p := Progress{AsOf: now.UTC(), Overall: prof.Overall, Practised: prof.Practised}
	byKind := make(map[Kind]Count, len(counts))
	var all Count
	for _, c := range counts {
		byKind[c.Kind] = c
		p.Total += c.Started
		all.Time += c.Time
		all.Engaged += c.Engaged
	}
	p.Engagement = engagement(all)
	for i, h := range m.hobbies {
		k := KindProgress{Kind: h.Kind, Serving: serving[h.Kind], Proficiency: prof.Kinds[i], Count: byKind[h.Kind]}
		k.Count.Kind = h.Kind
		if g, hours := k.Proficiency.Gain, k.Count.Time.Hours()*k.Proficiency.Share; g != nil && hours >= rateHours {
			rate := g.per(hours / 2)
			k.ImprovementRate = &rate
		}
		health := m.health.of(h.Kind)
		k.Failures, k.RestUntil, k.Degraded = health.failures, health.restUntil, health.failures >= degradedAt
		if k.Rests = health.rests(p.AsOf); k.Rests == "" {
			k.Rests = m.notReady(ctx, &m.hobbies[i])
		}
		p.Kinds = append(p.Kinds, k)
	}
	return p, nil
}

// notReady says why a hobby cannot be practised now; "" when it can.
func (m *Manager) notReady(ctx context.Context, h *Hobby) string {
	if h.Ready == nil {
		return ""
	}
	err := guard("whether "+string(h.Kind)+" is ready", func() error { return h.Ready(ctx) })
	if err == nil {
		return ""
	}
	first, _, _ := strings.Cut(err.Error(), "\n") // a panic has its stack below
	return Clean(first, m.opts.Redact)
}

// Counts reads what happened in buckets of time; see [Store.Counts].
func (m *Manager) Counts(ctx context.Context, f CountFilter) ([]Count, error) {
	counts, err := m.store.Counts(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("hobby: reading counts: %w", err)
	}
	return counts, nil
}
