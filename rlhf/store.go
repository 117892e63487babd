package rlhf

import (
	"context"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Store keeps feedback, exposures and the fitted model. Package sqlite/feedback has one,
// and [rlhftest.TestStore] tests others. It is safe for concurrent use, by several
// processes too.
//
// [rlhftest.TestStore]: https://pkg.go.dev/github.com/pastime-go/pastime/rlhf/rlhftest#TestStore
type Store interface {
	// Put adds feedback with its target, and one [GivenEvent]. It sets ID, Pos, Version
	// and At. What a user says goes over their last word of this target, which is
	// superseded; see [Feedback.Over]. Where that changes nothing, nothing is stored and
	// the last word is returned. So is what was said before, the same and anonymously,
	// in answer to the same exposure. Errors: ErrExposure; ErrTooMany when the speaker has
	// given perDay on this UTC day, by whatever names, unless f accepts or refuses something.
	Put(ctx context.Context, f Feedback, about Target, perDay int) (Stored, error)
	// Ratings reads feedback with its targets in the order of storing, after a
	// position. limit is 1 to 10,000.
	Ratings(ctx context.Context, after int64, limit int) ([]Rated, error)
	// Feedback lists, newest first.
	Feedback(ctx context.Context, f Filter) (Page, error)

	// Expose logs what is shown. What the rater was shown already that day keeps the
	// exposure it has, which is returned instead. Of those without an answer the newest
	// most are kept, and all that are shown now.
	Expose(ctx context.Context, shown []Exposure, most int) ([]Exposure, error)
	// Exposure reads one; hobby.ErrNotFound.
	Exposure(ctx context.Context, id string) (Exposure, error)
	// Exposures reads them in the order of storing, after a position.
	Exposures(ctx context.Context, after int64, limit int) ([]Exposure, error)
	// Seen says of each target how often it was rated, by whomever, and what this
	// rater has to do with it. Targets of which there is nothing are left out.
	Seen(ctx context.Context, rater string, of []Ref) (map[Ref]Seen, error)
	// Drop deletes the exposures without an answer that were shown before a time.
	Drop(ctx context.Context, before time.Time) (int, error)

	// PutModel stores a fitted model while f, unless it is nil, is current; Model reads
	// the last one, or hobby.ErrNotFound.
	PutModel(ctx context.Context, m Fitted, f *hobby.Fence) error
	Model(ctx context.Context) (Fitted, error)

	// Counts are the numbers of all that is stored. Their cost does not grow with it.
	Counts(ctx context.Context) (Counts, error)
	// Key is the secret of this store, made when it was: the key of the hashes that
	// stand for addresses.
	Key(ctx context.Context) ([]byte, error)
	// Forget deletes what is of a user or about targets that are made of a source,
	// which are named by hobby.SourceHash, and the fitted model if that was of it. What
	// was decided on a suggestion goes with the feedback that has it.
	Forget(ctx context.Context, sourceHash string) (int, error)
	// Forgotten counts the calls of Forget that deleted something: who has learned
	// from what was stored at another count learns anew.
	Forgotten(ctx context.Context) (int64, error)
	// Forgets counts all calls of Forget: what is kept in memory of texts that nobody has
	// rated is dropped when it rises.
	Forgets(ctx context.Context) (int64, error)
}

// Stored is feedback as Put stored it, with its target as that is stored.
type Stored struct {
	Rated
	// Raters and Forgotten are what Seen and Forgotten say at that moment.
	Raters    int
	Forgotten int64
}

// Filter selects feedback. Zero fields select all.
type Filter struct {
	Type   TargetType
	Target string
	User   string
	// ID is that of one feedback. Suggests selects those with a suggestion that can be a
	// topic: see [Feedback.Topic].
	ID       string
	Suggests bool
	// Latest leaves out what is superseded.
	Latest bool
	// Limit is 1 to 1,000; default 100.
	Limit  int
	Cursor string
}

// Page is a page of feedback, newest first.
type Page struct {
	Feedback []Rated
	Next     string
}

// Seen is what there is between a target and a rater.
type Seen struct {
	// Raters counts those whose last word on it has a rating or a flag.
	Raters int
	// Rated says that this rater has said something of it.
	Rated bool
	// Shown is when it was last shown to this rater, as Exposure; zero for never.
	Shown    time.Time
	Exposure string
}

// Counts are numbers of what is stored.
type Counts struct {
	// Given counts all feedback ever stored and not forgotten, edits too, by type.
	Given map[TargetType]int64
	// Ratings counts what can be learned from: last words with a rating or a flag.
	Ratings int64
	// Raters and Targets count those of Ratings.
	Raters, Targets int64
	// Exposures counts those that are stored, Answered those with an answer.
	Exposures, Answered int64
}

// Fitted is a reward model as it is stored.
type Fitted struct {
	// Version names what was learned, such as "1-4f0c...": equal versions predict the
	// same.
	Version string    `json:"version"`
	At      time.Time `json:"at"`
	// Through is the position of the last feedback that it was fitted to.
	Through int64 `json:"through"`
	// Forgotten is [Store].Forgotten at the fit.
	Forgotten int64 `json:"forgotten"`
	// Body is the model's own.
	Body []byte `json:"body"`
}

// GivenEvent is the kind of the event of each feedback. Its body is a [Given].
const GivenEvent = "feedback.given"

// Given is what the event log has of feedback: neither who gave it nor a text.
type Given struct {
	Type      TargetType `json:"target_type"`
	Target    string     `json:"target_id"`
	Kind      hobby.Kind `json:"kind"`
	Rating    int        `json:"rating,omitempty"`
	Helpful   *bool      `json:"helpful,omitempty"`
	Accept    *bool      `json:"accept,omitempty"`
	Commented bool       `json:"commented,omitempty"`
	Suggested bool       `json:"suggested,omitempty"`
	At        time.Time  `json:"at"`
}
