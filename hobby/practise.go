package hobby

import (
	"context"
	"errors"
	"time"
)

// PractiseOptions is what Practise works with. Nil and the zero value are legal.
type PractiseOptions struct {
	// Model practises a hobby that needs one and has none of its own. Without it
	// such a hobby fails with ErrNoModel.
	Model Model
	// Chooser says with which adapter. Default nil: none.
	Chooser Chooser
	// Told has the insights of earlier sessions, for [Sink.Told]. Default nil:
	// there were none.
	Told InsightReader
	// MaxItems and MaxInsights bound what one session verifies, whatever the
	// plan's budget is: MaxItems answers use it up, and insights beyond
	// MaxInsights are dropped. Default 0: unbounded.
	MaxItems, MaxInsights int
}

// Practise carries a plan out as a Manager does, but stores nothing: it returns
// what was verified, as a session that has ended. It is for sub-agents and other
// callers without a store of their own. The CPU budget is not enforced.
//
// The error says why practice failed or was interrupted, and is the session's
// Err; what was verified until then is in the session all the same.
func Practise(ctx context.Context, h Hobby, p Plan, o *PractiseOptions) (Session, error) {
	if o == nil {
		o = &PractiseOptions{}
	}
	begun := time.Now()
	out := newSink(ctx, Activity{Plan: p, Status: Running, Started: begun.UTC()}, nil, o.Told)
	out.maxItems, out.maxInsights = o.MaxItems, o.MaxInsights
	serve := func(ctx context.Context) (Serving, error) { return Served(ctx, &h, o.Model, o.Chooser) }
	status, err := carryOut(ctx, &h, serve, out)
	s := out.take()
	s.Activity.Status, s.Activity.Ended = status, s.Activity.Started.Add(time.Since(begun))
	s.Activity.Insights = len(s.Insights)
	for i := range s.Items {
		if s.Items[i].Passed() {
			s.Activity.Passes++
		}
	}
	if err != nil {
		s.Activity.Err = err.Error()
	}
	return s, err
}

// carryOut has h's executor work through the plan of out's activity, within the
// plan's time. What serve returns is pinned for the session. It catches a panic. The status is
// how the session has ended; the error says why it did not complete. After
// carryOut has returned, out takes nothing more.
func carryOut(ctx context.Context, h *Hobby, serve func(context.Context) (Serving, error), out *sink) (Status, error) {
	out.serve = serve
	ctx = context.WithValue(ctx, watchKey{}, out.watch)
	err := inTime(ctx, out.a.Plan.Budget.Time, func(ctx context.Context) error {
		out.bind(ctx)
		return practise(ctx, h, out.a.Plan, out)
	})
	items, _ := out.yield()
	return verdict(h, items, err, context.Cause(ctx))
}

// inTime runs fn with a context that ends when fn returns and, if d is not 0,
// after d. The error is ErrTimeUp when the time ended fn.
func inTime(ctx context.Context, d time.Duration, fn func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if d > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, d, ErrTimeUp)
		defer stop()
	}
	err := fn(ctx)
	ended := err == nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	if ended && errors.Is(context.Cause(ctx), ErrTimeUp) {
		return ErrTimeUp
	}
	return err
}

// practise asks what serves the session, if h needs a model, and runs the executor.
func practise(ctx context.Context, h *Hobby, plan Plan, out *sink) error {
	if h.NeedsModel {
		if _, err := out.pin(ctx); err != nil {
			return err
		}
	}
	return guard("practice", func() error { return h.Executor.Practise(ctx, plan, out) })
}

// errNothingVerified is the error of a session with a model that was out of time
// before an answer was verified.
var errNothingVerified = errors.New("hobby: time is up and nothing was verified")

// verdict decides how a session has ended: items is how many answers were
// verified, err is the executor's, and cause is why somebody else ended the
// session, nil when nobody did.
func verdict(h *Hobby, items int, err, cause error) (Status, error) {
	switch {
	case errors.Is(cause, ErrUserReturned), errors.Is(cause, ErrPaused), errors.Is(cause, ErrShutdown):
		return Interrupted, cause
	case errors.Is(cause, ErrBudget):
		return Completed, nil
	case cause != nil:
		return Failed, cause
	case errors.Is(err, ErrTimeUp) && h.NeedsModel && items == 0:
		return Failed, errNothingVerified
	case err == nil, errors.Is(err, ErrTimeUp), errors.Is(err, ErrBudget):
		return Completed, nil
	default:
		return Failed, err
	}
}
