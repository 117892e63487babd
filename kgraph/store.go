package kgraph

import (
	"context"
	"io"

	"github.com/pastime-go/pastime/hobby"
)

// Store keeps the log of a graph's changes. Package kgraphtest has the test that a store
// must pass. All methods are safe for concurrent use, by several processes too.
type Store interface {
	// Append adds changes, in their order and each with the next revision, and moves
	// the position of the consumer [Consumer] to at, all in one transaction. It returns
	// the newest revision.
	//
	// A repetition changes nothing: a change is left out when the position was past
	// its Pos already, a Stated one when its origin is stored, a Decided one when its
	// version is or its origin is not, and a Forgotten one when nothing of the source
	// is stored. What is forgotten is not stored, deleted or not. A position never moves
	// backwards.
	Append(ctx context.Context, at hobby.Cursor, changes []Change) (rev int64, err error)
	// Changes reads the changes after a revision, oldest first, at most limit of them
	// (1,000 when it is 0). What is to be forgotten and not deleted yet is still among
	// them, before the change that forgets it.
	Changes(ctx context.Context, after int64, limit int) ([]Change, error)
	// Rev is the newest revision, 0 before the first.
	Rev(ctx context.Context) (int64, error)
	// Sweep deletes at most limit of the changes that a Forgotten one took away, and
	// reports whether there may be more.
	Sweep(ctx context.Context, limit int) (more bool, err error)
	// Filled reports whether the insights from before the graph were added; see
	// [Graph.Run]. SetFilled notes it.
	Filled(ctx context.Context) (bool, error)
	SetFilled(ctx context.Context) error
	// WriteSnapshot stores the bytes that write writes, for opening faster than from the
	// log, in place of the ones before, once write has returned nil. rev is the revision
	// that they have. It is an error when something was forgotten since rev, or is while
	// they are written, and then nothing is stored. What begins while another one is
	// being written takes its place. A store without snapshots returns
	// errors.ErrUnsupported.
	WriteSnapshot(ctx context.Context, rev int64, write func(io.Writer) error) error
	// ReadSnapshot has read read what the last WriteSnapshot stored. hobby.ErrNotFound
	// when there is nothing, since nothing was written, or something was forgotten after
	// that: Sweep deletes the bytes.
	ReadSnapshot(ctx context.Context, read func(io.Reader) error) error
	// Changed returns a channel that is closed when this process changes the store.
	Changed() <-chan struct{}
}

// Consumer is the name under which a graph follows the event log.
const Consumer = "graph"
