package rlhf

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf/internal/reward"
)

// Metrics say how well ratings were predicted that the model had not seen: a tenth of
// them, by raters and targets. Numbers that are not known are NaN.
type Metrics struct {
	// Held is how many ratings they are of.
	Held int
	// RMSE is in stars; BaselineRMSE that of the means of raters and items, or of the
	// last ratings of a kind where these are better.
	RMSE, BaselineRMSE float64
	// LogLoss is in nats. ECE is the mean distance between the chance of at least so
	// many stars and how often there were.
	LogLoss, ECE float64
	// AUC is that of four or five stars. PairwiseAccuracy is how often the better of two
	// things that a person rated was predicted above the other.
	AUC, PairwiseAccuracy float64
}

// Feature is something that the model has a weight for, in logits of a rating.
type Feature struct {
	Name       string
	Weight, SD float64
}

// ModelInfo is what is known of the reward model.
type ModelInfo struct {
	// Version is "" before the first fit. Needed is then how many ratings are missing.
	Version string
	Needed  int
	// At is when it was fitted.
	At time.Time
	// Examples are the ratings and flags that it learned from, of Raters people.
	Examples, Raters int
	// Features are those with a name, the largest weights first.
	Features []Feature
	Metrics  Metrics
	// Distance is how far, in stars, the predictions that were updated at once were
	// from those of the fit that replaced them.
	Distance float64
	// Changed is when people's tastes changed, by what they rated; zero for never.
	Changed time.Time
	// Mood says who answers, as of the fit.
	Mood Mood
	// Follows says that the policy follows the model, by Check.
	Follows bool
	Check   OffPolicy

	switched time.Time // when Follows became what it is; zero for never
	fitted   int       // last words at the fit. Of one with stars and a flag Examples has two
}

// body is a model as the store keeps it.
type body struct {
	Model    []byte
	Metrics  Metrics
	Mood     Mood
	Distance float64
	Follows  bool
	Switched time.Time // zero in models of earlier versions
	Check    OffPolicy
}

// Refit learns from all feedback anew, measures how well what was not learned from is
// predicted, checks the policy, and stores the model. Where there is too little feedback
// it does nothing. f, unless nil, must be current.
func (p *Pipeline) Refit(ctx context.Context, f *hobby.Fence) error {
	forgotten, err := p.store.Forgotten(ctx)
	if err != nil {
		return fmt.Errorf("rlhf: reading what was forgotten: %w", err)
	}
	since, err := p.means.renew(ctx)
	if err != nil {
		return err
	}
	all, err := p.allRatings(ctx)
	if err != nil {
		return err
	}
	p.means.fill(ctx, since, all)
	t, err := fitTaste(all, p.means)
	if untold(err) {
		return nil
	} else if err != nil {
		return fmt.Errorf("rlhf: fitting the reward model: %w", err)
	}
	p.mu.Lock()
	old, info := p.model, p.info
	p.mu.Unlock()
	b := body{Metrics: measure(all, t), Follows: info.Follows, Switched: info.switched}
	if o, ok := old.(*taste); ok {
		b.Distance = o.distance(t, all)
	}
	if b.Check, err = p.check(ctx, all, t.model.Since(), t.model, &info); err != nil {
		return err
	}
	if b.Mood, err = p.mood(ctx, all, time.Now()); err != nil {
		return err
	}
	if b.Check.switches(b.Follows) {
		b.Follows, b.Switched = !b.Follows, b.Check.At
	}
	if b.Model, err = t.model.MarshalBinary(); err != nil {
		return fmt.Errorf("rlhf: writing the reward model: %w", err)
	}
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(b); err != nil {
		return fmt.Errorf("rlhf: writing the reward model: %w", err)
	}
	m := Fitted{Version: t.version(), At: time.Now().UTC(), Forgotten: forgotten, Body: buf.Bytes()}
	if len(all) > 0 {
		m.Through = all[len(all)-1].Pos
	}
	if err := p.store.PutModel(ctx, m, f); err != nil {
		return fmt.Errorf("rlhf: storing the reward model: %w", err)
	}
	p.adopt(t, m, &b)
	return nil
}

// allRatings reads all feedback in the order of storing. A rating of the future was
// stamped by a wrong clock, and counts as one of now: else all others were old beside it.
func (p *Pipeline) allRatings(ctx context.Context) (all []Rated, err error) {
	now := time.Now()
	for after := int64(0); ; after = all[len(all)-1].Pos {
		batch, err := p.store.Ratings(ctx, after, 10_000)
		if err != nil {
			return nil, fmt.Errorf("rlhf: reading feedback: %w", err)
		}
		if len(batch) == 0 {
			return all, nil
		}
		for i := range batch {
			if batch[i].At.After(now) {
				batch[i].At = now
			}
		}
		all = append(all, batch...)
	}
}

// measure fits nine tenths and predicts the others. Of many ratings the priors' variances, of
// which there are some ten, are looked for from those of all; of few those would tell of what
// is predicted.
func measure(all []Rated, t *taste) Metrics {
	nan := math.NaN()
	learn, held := reward.Split(observations(all, t.look(ofNobody)))
	o := reward.Options{Since: t.model.Since(), Embedder: t.model.Embedder()}
	if len(all) >= longFit {
		o.Like = t.model
	}
	m, err := reward.Fit(learn, &o)
	if err != nil || len(held) == 0 {
		return Metrics{0, nan, nan, nan, nan, nan, nan}
	}
	r := m.Measure(learn, held)
	if r.N == 0 {
		return Metrics{0, nan, nan, nan, nan, nan, nan}
	}
	return Metrics{r.N, r.RMSE, min(r.BaselineRMSE, r.AverageRMSE), r.LogLoss, r.ECE, r.AUC, r.PairwiseAccuracy}
}

// distance is how far two models' predictions of the last targets are from each other.
func (t *taste) distance(other *taste, all []Rated) float64 {
	var items, others []reward.Item
	for _, r := range all[max(0, len(all)-1000):] {
		items, others = append(items, itemOf(&r.About, t.look(ofNobody))), append(others, itemOf(&r.About, other.look(ofNobody)))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return reward.Distance(t.model, other.model, items, others)
}

// check is evaluate of the newest decisions.
func (p *Pipeline) check(ctx context.Context, all []Rated, since time.Time, like *reward.Model, now *ModelInfo) (OffPolicy, error) {
	const most = 5000
	f := following{now: now.Follows, since: now.switched}
	if cut := len(all) - 4*most; cut > 0 {
		f.known, all = all[cut].At, all[cut:]
	}
	plans := map[string]*hobby.Plan{}
	for i := len(all) - 1; i >= 0 && len(plans) < most && p.opts.Plan != nil; i-- {
		id := all[i].About.Activity
		if _, read := plans[id]; read || id == "" || all[i].Rating == 0 {
			continue
		}
		plan, err := p.opts.Plan(ctx, id)
		if errors.Is(err, hobby.ErrNotFound) {
			continue
		} else if err != nil {
			return OffPolicy{}, fmt.Errorf("rlhf: reading how session %s was chosen: %w", id, err)
		}
		if plans[id] = &plan; len(plans) == most {
			f.known = all[i].At
		}
	}
	r, err := evaluate(all, plans, since, &p.opts.Policy, p.means, like, f)
	r.At = time.Now().UTC()
	return r, err
}

// Evaluate checks what a policy would be worth that follows people's taste. Nothing
// follows of it; Refit decides by the same check.
func (p *Pipeline) Evaluate(ctx context.Context) (OffPolicy, error) {
	all, err := p.allRatings(ctx)
	if err != nil {
		return OffPolicy{}, err
	}
	p.mu.Lock()
	info := p.info
	p.mu.Unlock()
	return p.check(ctx, all, reward.Changed(observations(all, nil)), nil, &info)
}

// adopt makes a model the one that predicts.
func (p *Pipeline) adopt(t *taste, m Fitted, b *body) {
	info := ModelInfo{Version: m.Version, At: m.At, Examples: t.model.Count(), Raters: t.model.Raters(), Metrics: b.Metrics,
		Mood: b.Mood, fitted: len(t.words),
		Distance: b.Distance, Changed: t.model.Since(), Follows: b.Follows, switched: b.Switched, Check: b.Check}
	for _, w := range t.model.Weights() {
		info.Features = append(info.Features, Feature(w))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.model, p.through, p.forgotten, p.info = t, m.Through, m.Forgotten, info
}

// Load makes the stored model the one that predicts, unless it is already. It learns what
// was rated since at the next [Pipeline.CatchUp]. A model that has learned from what is
// forgotten now is not used.
func (p *Pipeline) Load(ctx context.Context) error {
	m, err := p.store.Model(ctx)
	switch {
	case errors.Is(err, hobby.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("rlhf: reading the reward model: %w", err)
	}
	forgotten, err := p.store.Forgotten(ctx)
	if err != nil {
		return fmt.Errorf("rlhf: reading what was forgotten: %w", err)
	}
	p.mu.Lock()
	has := p.info.Version == m.Version && p.info.At.Equal(m.At)
	p.mu.Unlock()
	if has || m.Forgotten != forgotten {
		return nil
	}
	var b body
	if err := gob.NewDecoder(bytes.NewReader(m.Body)).Decode(&b); err != nil {
		return fmt.Errorf("rlhf: reading the reward model: %w", err)
	}
	if m := &b.Mood; m.Length == 0 && m.LengthLow == 0 && m.LengthHigh == 0 { // an earlier version's
		m.Length, m.LengthLow, m.LengthHigh = math.NaN(), math.NaN(), math.NaN()
	}
	model := new(reward.Model)
	if err := model.UnmarshalBinary(b.Model); err != nil {
		return fmt.Errorf("rlhf: %w", err)
	}
	all, err := p.allRatings(ctx)
	if err != nil {
		return err
	}
	n, _ := slices.BinarySearchFunc(all, m.Through+1, func(r Rated, pos int64) int { return cmp.Compare(r.Pos, pos) })
	p.adopt(newTaste(model, reward.Digest(b.Model), all[:n], p.means), m, &b)
	return nil
}

// Model says what is known of the reward model.
func (p *Pipeline) Model(ctx context.Context) (ModelInfo, error) {
	p.mu.Lock()
	info := p.info
	p.mu.Unlock()
	if info.Version != "" {
		info.Follows = info.Follows && !p.opts.Policy.Off
		return info, nil
	}
	c, err := p.store.Counts(ctx)
	if err != nil {
		return ModelInfo{}, fmt.Errorf("rlhf: counting feedback: %w", err)
	}
	nan := math.NaN()
	info.Metrics = Metrics{0, nan, nan, nan, nan, nan, nan}
	info.Check = OffPolicy{Verdict: Wait, Reason: "there are too few ratings to learn from"}.unknown()
	info.Mood = Mood{}.unknown()
	info.Examples, info.Raters = int(c.Ratings), int(c.Raters)
	info.Needed = max(1, reward.MinRatings-int(c.Ratings))
	return info, nil
}
