package hobby

import "context"

// Executor practises. It works through a plan until the plan's budget or ctx
// ends, and hands every verified answer and every insight to out as it comes,
// so that an interrupted session keeps what it verified.
//
// It returns nil when the plan was carried out or its budget used up, and an
// error when practice was not possible: a model that does not answer, a source
// that cannot be read. When ctx ends it returns within milliseconds, with
// ctx's error or any other; [context.Cause] says why. A panic is caught and
// becomes the activity's error.
type Executor interface {
	Practise(ctx context.Context, p Plan, out Sink) error
}

// ExecutorFunc is a function that is an Executor.
type ExecutorFunc func(ctx context.Context, p Plan, out Sink) error

// Practise calls f.
func (f ExecutorFunc) Practise(ctx context.Context, p Plan, out Sink) error { return f(ctx, p, out) }

// Sink is an executor's way to the session that it practises for. It is safe
// for concurrent use.
//
// An error means that the session should end: [ErrBudget] when the plan's
// budget is used up, [ErrInvalid] for a value that cannot be stored, the
// context's error, or a failing store.
type Sink interface {
	// Item takes a verified answer. It fills in the Activity, an empty ID, a
	// zero At and, in a hobby that needs a model, an empty ModelKey. That is
	// ErrInvalid while an adapter serves the session and the executor has not asked
	// for its Serving, since the base may have answered.
	Item(i Item) error
	// Insight takes something learned. It fills in the Activity, an empty ID, a
	// zero At and an empty Kind.
	Insight(i Insight) error
	// Told reports whether an insight with this id was told before, in this
	// session or in an earlier one. An executor that gives each finding an id that
	// stays the same can tell each finding once, also after a restart. An agent in
	// another process than the store knows only what it told in this session.
	// Insights that it tells again are left out when its result is taken.
	Told(ctx context.Context, id string) (bool, error)
	// Serving is what answers the tasks of this session: the hobby's model with the
	// adapter that serves its kind. The first call asks; what it gets is pinned for
	// the session. The error is ErrNoModel when there is no model.
	Serving(ctx context.Context) (Serving, error)
	// Spend counts what was used beside the items: a request whose answer became
	// no item, an embedding, a paid search. The cost of the items is counted
	// already.
	Spend(c Cost) error
}

// Hobby is something that can be practised: what a host hands to [New].
type Hobby struct {
	Kind Kind
	// Description, Goal and Approach are a sentence each, for people.
	// Description defaults to the well-known kind's own.
	Description string
	Goal        string
	Approach    string
	Executor    Executor
	// Model answers the hobby's tasks. nil with NeedsModel is the host's model; nil
	// without is a hobby that asks none. The executor gets it from [Sink.Serving].
	Model Model
	// Topical says that the executor goes by [Plan.Topic]: it prefers what the topic
	// names. Only such a hobby is given a topic of Options.Topics.
	Topical bool
	// NeedsModel refuses practice with ErrNoModel while there is no model.
	NeedsModel bool
	// Ready returns why the hobby cannot be practised now, such as that there is nothing
	// to read yet or that today's run is done; nil when it can. The policy is not offered
	// a hobby that is not ready. Default nil: always ready. It is called before each
	// session, so it must be quick.
	Ready func(ctx context.Context) error
	// Items is the number of answers of a session; 0 leaves it to the policy. What is left
	// of the day's budget bounds it either way.
	Items int
	// Families are the task families that the executor draws from. Items of
	// another family are stored and not measured. A kind without families is
	// chosen as a whole and practised at level 0; its items name no family.
	Families []Family
}

// Family describes a family of tasks to the Policy and to the proficiency
// estimate.
type Family struct {
	Name string
	// Version counts from 1; 0 means 1. It must go up when the family's questions
	// change, or which answers pass. The family is then measured anew: answers to
	// an older version no longer count.
	Version int
	// Levels is the number of difficulty levels, from 1.
	Levels int
	// Guess is the chance in [0, 1) that an answer passes without skill. LevelGuess
	// has that of each level from 1, instead of Guess, as far as it goes.
	Guess      float64
	LevelGuess []float64
	// Requires names families of the same hobby that must be known first. New
	// refuses a cycle.
	Requires []string
}

// GuessAt is the chance that an answer at a level, from 1, passes without skill.
func (f *Family) GuessAt(level int) float64 {
	if level >= 1 && level <= len(f.LevelGuess) {
		return f.LevelGuess[level-1]
	}
	return f.Guess
}
