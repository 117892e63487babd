package lora

import (
	"context"
	"errors"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var (
	// ErrConflict says that somebody else was first: an alias points elsewhere by now,
	// a pair or a version of the same name has other contents, or a trial is closed.
	ErrConflict = errors.New("lora: it has changed meanwhile")
	// ErrForgotten is a version that learned from what was forgotten since.
	ErrForgotten = errors.New("lora: it learned from what is forgotten")
	// ErrCollected is a version whose files were given up.
	ErrCollected = errors.New("lora: its files are gone")
)

// Store keeps adapters, what they are called, their trials, and the jobs that make
// them, which are of the line [Line]. An unknown id is hobby.ErrNotFound; a stale fence
// is hobby.ErrStale, and then nothing is stored. A nil fence always holds. The suite
// loratest.TestStore is the contract in full. All methods are safe for concurrent use,
// by several processes too.
type Store interface {
	hobby.Journal

	// PutVersion stores a version, with what it learned from, and returns it as it is
	// stored, with its ID and Number. One that is stored already is returned as it is;
	// with other contents it is ErrConflict. An unknown Parent is hobby.ErrNotFound.
	// hobby.Store.Forget marks the versions that learned from the source.
	PutVersion(ctx context.Context, v Version, from Lineage, f *hobby.Fence) (Version, error)
	// Version reads one version.
	Version(ctx context.Context, id string) (Version, error)
	// Versions lists versions.
	Versions(ctx context.Context, f VersionFilter) (VersionPage, error)

	// Point moves aliases, all or none, with one event and one entry of the history for
	// each. Where one of them does not point to From any more the error is ErrConflict.
	// To "" clears an alias. No alias points to a version that is ErrCollected, and
	// Champion and Candidate to none that is ErrForgotten.
	Point(ctx context.Context, flips []Flip, f *hobby.Fence) error
	// Aliases reads where the aliases point, without those that point to the base.
	Aliases(ctx context.Context) (map[hobby.Kind]map[Alias]string, error)
	// History lists the flips.
	History(ctx context.Context, f FlipFilter) (FlipPage, error)

	// PutTrial stores how far a trial is, the pairs that are new, and the activities that
	// have their answers, in one transaction. A pair that is stored already is left as it
	// is; with other contents, or when the trial is closed, the error is ErrConflict. All
	// pairs up to t.Pairs must then be stored, or it is hobby.ErrInvalid. The end of a
	// trial gives the candidate its verdict; that of a watch does so only where it is
	// Rollback.
	PutTrial(ctx context.Context, t Trial, pairs []Pair, answers []hobby.Session, f *hobby.Fence) error
	// Trials lists trials.
	Trials(ctx context.Context, f TrialFilter) (TrialPage, error)
	// Pairs reads up to limit pairs of a trial from number from on, in their order.
	// limit is clipped to [1, 1000]; 0 means 100.
	Pairs(ctx context.Context, trial string, from, limit int) ([]Pair, error)

	// Use keeps a version from being collected until release is called, or the process
	// dies. A version that is collected is ErrCollected.
	Use(ctx context.Context, id string) (release func(), err error)
	// Collect marks the versions stored before a time as collected, but those that have
	// an alias, are in use, or are in a trial that is not closed. It returns them;
	// their files may then be removed.
	Collect(ctx context.Context, before time.Time) ([]Version, error)
}

// Line is the line of the jobs of a Store, of which one is open at a time.
const Line = "lora"

// The kinds of the events of a Store.
const (
	// VersionStoredEvent, VersionForgottenEvent and VersionCollectedEvent have a
	// [VersionEvent].
	VersionStoredEvent    = "adapter.stored"
	VersionForgottenEvent = "adapter.forgotten"
	VersionCollectedEvent = "adapter.collected"
	// FlippedEvent has a [Flip]; its id is To, or From where To is the base.
	FlippedEvent = "adapter.flipped"
	// TrialProgressEvent and TrialEndedEvent have a Trial.
	TrialProgressEvent = "trial.progress"
	TrialEndedEvent    = "trial.ended"
)

// VersionEvent is the body of the events of versions. Aliases has where the version
// is pointed to by, when it was forgotten.
type VersionEvent struct {
	Version Version                `json:"version"`
	Aliases map[hobby.Kind][]Alias `json:"aliases,omitempty"`
}
