package rlhf

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Options configures a Pipeline. Nil and the zero value are legal.
type Options struct {
	// Redact is applied to comments and suggestions, and to targets' texts. A user's id
	// that it would change is stored as a keyed hash. Default nil: nothing is changed.
	Redact func(string) string
	// Decide carries out an acceptance of an insight from outside, or takes it back;
	// hobby.Manager's Accept and Refuse do. by is [ByFeedback]. Default nil: no insight can
	// be accepted.
	Decide func(ctx context.Context, insight, by string, accept bool) error
	// PerDay bounds the feedback of a rater on a UTC day, and that of all at an address who
	// are not logged in, by whatever names. What is refused, or was said before, counts for
	// none of it; who was refused is refused all that day but for what they accept. Default 1,000.
	PerDay int
	// Candidates bounds the targets of each type that Pending chooses from: the newest
	// ones. Default 200.
	Candidates int
	// Keep is how long an exposure without an answer is kept, and Open how many are: the
	// newest ones. Defaults 90 days and 100,000. To an address of which the caller tells,
	// this process shows ten times PerDay on a UTC day: whoever makes up names stores no more.
	Keep time.Duration
	Open int
	// Plan reads how a session was chosen, wherever it is; hobby.ErrNotFound. Default
	// nil: the policy is never checked, so it never follows people's taste.
	Plan func(ctx context.Context, activity string) (hobby.Plan, error)
	// Policy bounds what taste does to the policy.
	Policy PolicyOptions
	// Embedder gives vectors to the texts of targets, from which the reward model learns
	// beside their words. Run asks it in the background, for some at a time, and a fit for what
	// it lacks, for five minutes at most. A rating and a prediction never wait for it: what
	// is not known yet, or is refused, counts as what is common. It is asked for what is rated
	// first, and on a UTC day for at most 1,000 texts that are only shown or scored. An embedder that is a
	// hobby.Model is known by its key, which the model's version covers; of another one
	// nobody can tell that it has changed, unless its vectors have another length. Default nil: a model without.
	Embedder hobby.Embedder
	// Poll is how often Run looks for what other processes stored. Default 2 s.
	Poll time.Duration
	// Logger takes warnings. Default nil: silent.
	Logger *slog.Logger
}

// Pipeline takes feedback, says what to ask next, and predicts how things would be
// rated. All methods are safe for concurrent use, by several processes that share a
// store.
type Pipeline struct {
	store   Store
	targets Targets
	opts    Options
	means   *meanings

	ledger     ledger
	shown      quota
	refused    refused
	keyOnce    sync.Mutex
	dismissals dismissals
	key        []byte // of the store, once it is read

	mu        sync.Mutex
	model     learner
	info      ModelInfo // of model
	through   int64     // the last feedback that model has learned from
	forgotten int64     // Store.Forgotten when model began to learn
}

// learner is what predicts ratings. The pipeline calls it under its lock.
type learner interface {
	// learn takes feedback, once each, in the order of storing.
	learn(r *Rated)
	// predict is how people would rate t on average, in stars; hobby.ErrAbstain where
	// it cannot tell.
	predict(t *Target) (Prediction, error)
	// version names what was learned, as hobby.Scorer's Version.
	version() string
}

// Prediction is how people would rate something.
type Prediction struct {
	// Mean is in stars, 1 to 5, and SD its standard deviation: that of the mean over
	// people, not of one person's rating.
	Mean, SD float64
}

// untrained is the learner before there is a model: it abstains.
type untrained struct{}

func (untrained) learn(*Rated)                        {}
func (untrained) predict(*Target) (Prediction, error) { return Prediction{}, hobby.ErrAbstain }
func (untrained) version() string                     { return "" }

// New makes a pipeline over a store of feedback.
func New(s Store, t Targets, o *Options) (*Pipeline, error) {
	p := &Pipeline{store: s, targets: t, model: untrained{}}
	if o != nil {
		p.opts = *o
	}
	if p.opts.PerDay < 0 || p.opts.Candidates < 0 || p.opts.Keep < 0 || p.opts.Open < 0 || p.opts.Poll < 0 {
		return nil, fmt.Errorf("rlhf: %w: a bound of Options is negative", hobby.ErrInvalid)
	}
	for v, d := range map[*int]int{&p.opts.PerDay: 1000, &p.opts.Candidates: 200, &p.opts.Open: 100_000} {
		if *v == 0 {
			*v = d
		}
	}
	for v, d := range map[*time.Duration]time.Duration{&p.opts.Keep: 90 * 24 * time.Hour, &p.opts.Poll: 2 * time.Second} {
		if *v == 0 {
			*v = d
		}
	}
	p.opts.Policy = p.opts.Policy.withDefaults()
	if err := p.opts.Policy.validate(); err != nil {
		return nil, err
	}
	if p.opts.Logger == nil {
		p.opts.Logger = slog.New(slog.DiscardHandler)
	}
	p.means = newMeanings(p.opts.Embedder, s.Forgets, p.opts.Logger)
	return p, nil
}

var _ hobby.Scorer = (*Pipeline)(nil)

// Score implements hobby.Scorer.
func (p *Pipeline) Score(_ context.Context, i hobby.Insight) (mean, sd float64, err error) {
	t := InsightTarget(&i)
	got, err := p.predict(&t)
	if err != nil {
		return 0, 0, err
	}
	const span = MaxRating - MinRating
	return (got.Mean - MinRating) / span, got.SD / span, nil
}

// Version implements hobby.Scorer: the version of the model that predicts, "" for none. It
// covers the embedder that the model has learned from. How many texts that one has been asked
// for by now is no part of it: a text that waits for it is scored by its words alone.
func (p *Pipeline) Version() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.model.version()
}

func (p *Pipeline) predict(t *Target) (Prediction, error) {
	if t.Type == Suggestion { // nobody rates these
		return Prediction{}, hobby.ErrAbstain
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.model.predict(t)
}

// Reward is what is known of a target once feedback is recorded.
type Reward struct {
	// Raters counts those who have said of it what can be learned from.
	Raters int
	// Predicted is how people would rate it; nil where the model abstains, as it does
	// before it is fitted. Model is its version.
	Predicted *Prediction
	Model     string
}

// Submit records feedback. It is seen by the next prediction of this process at once,
// and of others soon. Errors: hobby.ErrNotFound for an unknown target, hobby.ErrInvalid,
// ErrTooMany.
func (p *Pipeline) Submit(ctx context.Context, f Feedback) (Feedback, Reward, error) {
	if err := f.Validate(); err != nil {
		return Feedback{}, Reward{}, err
	}
	now := time.Now()
	who, err := p.person(ctx, f.User, f.Address, f.Claimed, now)
	if err != nil {
		return Feedback{}, Reward{}, err
	}
	f.Voice = ""
	if f.Claimed && f.User != "" {
		f.Voice = stranger(p.key, f.Address, now)
	}
	f.Rater, f.User, f.Source, f.Address, f.Claimed = who.rater, who.user, who.source, "", false
	if f.Accept == nil && p.refused.has(now, f.Speaker()) {
		return Feedback{}, Reward{}, fmt.Errorf("%w: %d is the most", ErrTooMany, p.opts.PerDay)
	}
	about, err := p.target(ctx, f.Type, f.Target)
	if err != nil {
		return Feedback{}, Reward{}, fmt.Errorf("rlhf: feedback on %s %.64q: %w", f.Type, f.Target, err)
	}
	f.Comment, f.Suggestion = hobby.Clean(f.Comment, p.opts.Redact), hobby.Clean(f.Suggestion, p.opts.Redact)
	if f.Accept != nil && f.Type == Insight {
		if err := p.decide(ctx, &f); err != nil {
			return Feedback{}, Reward{}, err
		}
	}
	stored, err := p.store.Put(ctx, f, about, p.opts.PerDay)
	if errors.Is(err, ErrTooMany) {
		p.refused.add(now, f.Speaker())
	}
	if err != nil {
		return Feedback{}, Reward{}, err
	}
	r, err := p.reward(ctx, &stored)
	return stored.Feedback, r, err
}

// ByFeedback is who has accepted a text, as a hobby.Acceptance says it: somebody whose
// feedback says so. Their name is in the feedback alone, which Forget deletes; events, the
// archive and copies of a session keep an acceptance.
const ByFeedback = "feedback"

// decide carries out what f says of the text of an insight. An
// answer to an exposure that is not its own decides nothing.
func (p *Pipeline) decide(ctx context.Context, f *Feedback) error {
	if p.opts.Decide == nil {
		return fmt.Errorf("rlhf: %w: nothing can be accepted here", hobby.ErrInvalid)
	}
	if f.Exposure != "" {
		e, err := p.store.Exposure(ctx, f.Exposure)
		switch {
		case errors.Is(err, hobby.ErrNotFound):
			return fmt.Errorf("%w is not known", ErrExposure)
		case err != nil:
			return err
		}
		if err := e.Takes(f); err != nil {
			return err
		}
	}
	if err := p.opts.Decide(ctx, f.Target, ByFeedback, *f.Accept); err != nil {
		return fmt.Errorf("rlhf: accepting insight %.64q: %w", f.Target, err)
	}
	return nil
}

func (p *Pipeline) reward(ctx context.Context, r *Stored) (Reward, error) {
	if !p.next(r) {
		if err := p.CatchUp(ctx); err != nil {
			return Reward{}, err
		}
	}
	reward := Reward{Raters: r.Raters, Model: p.Version()}
	switch got, err := p.predict(&r.About); {
	case err == nil:
		reward.Predicted = &got
	case !errors.Is(err, hobby.ErrAbstain):
		return Reward{}, err
	}
	return reward, nil
}
