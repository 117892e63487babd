package hobby

import (
	"errors"

	"github.com/pastime-go/pastime/internal/words"
)

// The errors that callers tell apart. They come wrapped, with what was being
// done; use [errors.Is].
var (
	// ErrNotFound says that an id is unknown to the store.
	ErrNotFound = errors.New("hobby: not found")
	// ErrStale says that a commit carried a fence that somebody else has
	// passed or closed; nothing was written.
	ErrStale = errors.New("hobby: stale fence")
	// ErrNothing is a Policy's answer when nothing is worth practising now.
	ErrNothing = errors.New("hobby: nothing to practise")
	// ErrBusy says that a session runs already; one Manager runs one at a time.
	ErrBusy = errors.New("hobby: a session is running")
	// ErrNotRunning says that Manager.Run is not active.
	ErrNotRunning = errors.New("hobby: the manager is not running")
	// ErrNoModel says that a hobby needs a model and the host has none.
	ErrNoModel = errors.New("hobby: no model is configured")
	// ErrUnknownKind says that no registered hobby has this kind.
	ErrUnknownKind = errors.New("hobby: unknown kind")
	// ErrBudget says that a session's or the day's budget is used up.
	ErrBudget = errors.New("hobby: budget used up")
	// ErrTooLong says that a request does not fit the model's context.
	ErrTooLong = errors.New("hobby: longer than the model's context")
	// ErrUnreachable says that there is no connection to the model's server.
	// Practice then rests, longer each time, and tries again by itself.
	ErrUnreachable = errors.New("hobby: the model cannot be reached")
	// ErrTrimmed says that a position of the event log is below its floor: the
	// events after it were dropped. See [Log].
	ErrTrimmed = errors.New("hobby: the event log was trimmed")
	// ErrNotDue says that a slot has no run due.
	ErrNotDue = errors.New("hobby: not due")
	// ErrClock says that a slot was last settled at a time that is days after now:
	// the clock was wrong then, or is wrong now. The slot goes on from now. The
	// error comes once, and is also an ErrNotDue.
	ErrClock = errors.New("hobby: the clock was set back by days")
	// ErrHeld says that a slot's run is due, and that another process, which is
	// alive, has it.
	ErrHeld = errors.New("hobby: held by another process")
	// ErrInvalid says that a value that was handed over cannot be accepted;
	// the wrapping message names the field and what was expected.
	ErrInvalid = errors.New("hobby: invalid")
	// ErrChanged says that a file that a task asks about is another one now.
	ErrChanged = errors.New("hobby: the file has changed")
	// ErrStorage says that the store cannot keep what is written now: the disk is
	// full or fails, or the file was removed. Practice rests until it can.
	ErrStorage = errors.New("hobby: the store cannot be written")
	// ErrClosed says that the store has been closed.
	ErrClosed = errors.New("hobby: store is closed")
)

// The causes that a session's context carries when the manager ends it. An
// executor sees them with [context.Cause].
var (
	// ErrUserReturned: the host called Touch.
	ErrUserReturned = errors.New("hobby: the user is back")
	// ErrPaused: the host called Pause.
	ErrPaused = errors.New("hobby: paused")
	// ErrShutdown: the context of Run ended and the grace period is over.
	ErrShutdown = errors.New("hobby: shutting down")
	// ErrTimeUp: the session's time budget is used up. It is the usual end of
	// a session, not a failure.
	ErrTimeUp = errors.New("hobby: time is up")
)

// Plain is an error's text for people. It leaves out the names of this module's packages
// and of the system's functions, which say something to readers of the code only.
func Plain(err error) string { return words.Plain(err.Error()) }
