package hobby

import (
	"context"
	"time"
)

// Store keeps what was practised. It is made of small interfaces, so that a
// function can ask for the one that it needs. Package sqlite has the default
// Store; hobbytest.TestStore is the contract in full. Implementations are safe
// for concurrent use, by several processes too where they say so.
//
// After Close every method returns ErrClosed, and Close returns what it returned
// before. When ctx had ended before the call, a method returns its error or its
// cause and has done nothing.
type Store interface {
	// Node is the id of this store among stores that exchange what they have. It
	// is made with the store.
	Node() string
	Record
	Sums
	Log
	Fences
	Upkeep
	Close() error
}

// Record is the part of a Store that has the activities, with their items and
// insights.
type Record interface {
	// Commit writes s in one transaction: it inserts the activity or replaces
	// it, adds the items and insights whose ids are new, adds the new items
	// to the tallies and the activity's change to the counts, and appends one
	// event. When it returns nil, s survives the death of the process.
	//
	// The Version of s.Activity is the one the caller read: 0 for a new
	// activity, then what the last Commit returned. The commit is stored as
	// Version+1. When the store is past Version already, because the commit
	// is a repetition or the activity has ended, nothing changes and the
	// stored activity is returned. With f, all of it happens only while f is
	// current, else ErrStale.
	//
	// Agent, Plan.Kind and Started are fixed by the first commit. What
	// [Session.Validate] refuses, a change of these, and a Version that the
	// store has not reached are ErrInvalid. Texts come back as they were
	// given, byte for byte.
	//
	// The returned activity is what is stored: its Version, Node, Items,
	// Passes, Insights and Cut are the store's own.
	Commit(ctx context.Context, s Session, f *Fence) (Activity, error)
	// Activity reads one session whole, items and insights in the order they
	// were committed; ErrNotFound.
	Activity(ctx context.Context, id string) (Session, error)
	// Sessions reads whole sessions, oldest start first; of those that started at
	// the same time, the one that was first committed first. Items and insights
	// are in the order they were committed.
	Sessions(ctx context.Context, f Filter) (SessionPage, error)
	// List reads activities, newest start first; of those that started at the
	// same time, the one that was first committed last.
	List(ctx context.Context, f Filter) (Page, error)
	// Accept sets an insight's Acceptance to a, with the next Version, appends an
	// event with it, and returns it as it is stored. When the last decision was the
	// same one of the same person, nothing changes and that is returned.
	// ErrNotFound; ErrInvalid for an insight that is not tainted, and for what
	// [Acceptance.Validate] refuses. The Version of a is ignored.
	Accept(ctx context.Context, insight string, a Acceptance) (Acceptance, error)
	ItemReader
	InsightReader
}

// ItemReader is the part of a Record that has the verified answers.
type ItemReader interface {
	// Items reads verified answers, newest first by At; of those of the same
	// time, the last committed first. Its cost grows with what it returns, not
	// with what is stored.
	Items(ctx context.Context, f ItemFilter) (ItemPage, error)
}

// InsightReader is the part of a Record that tells what was learned.
type InsightReader interface {
	// Insights reads insights, the last committed first.
	Insights(ctx context.Context, f InsightFilter) (InsightPage, error)
}

// Sums is the part of a Store that has what adds up. Pruning changes none of it.
type Sums interface {
	TallyReader
	// Counts reads running counts; its cost does not grow with the number of
	// activities.
	Counts(ctx context.Context, f CountFilter) ([]Count, error)
}

// TallyReader is the part of Sums that proficiency is measured from.
type TallyReader interface {
	// Tallies reads the tallies that changed after a position of the event
	// log, and the position up to which the answer is complete.
	Tallies(ctx context.Context, f TallyFilter) ([]Tally, Cursor, error)
}

// Log is the part of a Store that tells what happened, in order. It is not the
// storage: what every consumer has is dropped in time, up to a floor.
type Log interface {
	// Events reads up to limit events after a position, oldest first, dense
	// in Pos within this store. limit is clipped to [1, 1000]; 0 means 100. A
	// position below the floor is ErrTrimmed.
	Events(ctx context.Context, after Cursor, limit int) ([]Event, error)
	// Head is the position of the newest event; 0 when there was none.
	Head(ctx context.Context) (Cursor, error)
	// Floor is the position of the newest event that was dropped; 0 when none
	// was. Reading goes on after it.
	Floor(ctx context.Context) (Cursor, error)
	// Trim drops the events up to and including a position that every consumer
	// has, and returns the floor. A consumer that is behind holds it back.
	Trim(ctx context.Context, to Cursor) (Cursor, error)
	// Changed returns a channel that is closed after the next commit through
	// this Store value. Commits of other processes do not close it.
	Changed() <-chan struct{}
	// Consumed reads how far the named consumer got; 0 for a new one.
	Consumed(ctx context.Context, consumer string) (Cursor, error)
	// SetConsumed records it. A position never moves backwards. From its first
	// call on, with 0 too, nothing that the consumer lacks is trimmed.
	SetConsumed(ctx context.Context, consumer string, c Cursor) error
	// DropConsumer forgets a consumer that will not come back, so that it holds
	// Trim back no longer.
	DropConsumer(ctx context.Context, consumer string) error
}

// Fences is the part of a Store that keeps two processes from doing the same
// work: it guards commits, and gives out the runs of slots.
type Fences interface {
	// Fence takes the next attempt at key: every fence given out for the key
	// before is stale from now on. A key that was closed is ErrStale.
	Fence(ctx context.Context, key string) (Fence, error)
	// Claim takes the run of a slot that is due at now; see [Due] for which run
	// that is. The error is ErrNotDue when none is due, and ErrHeld when a process
	// that is alive holds it. Runs that were due before the first Claim of a slot
	// are left out. A holder that died is replaced, with a higher attempt. A slot
	// that is [Ahead] is claimed as if for the first time; the error is then both
	// ErrClock and ErrNotDue.
	Claim(ctx context.Context, slot string, now time.Time, s Schedule) (Lease, error)
	// Settle ends a claimed run, as o says. The error is ErrStale when the lease
	// was lost.
	Settle(ctx context.Context, l Lease, o Outcome) error
	// Slots reads the slots that were ever claimed, by name.
	Slots(ctx context.Context) ([]SlotState, error)
}

// Upkeep is the part of a Store that looks after itself and cleans up.
type Upkeep interface {
	// Check tells whether what is written now is kept: nil, or an ErrStorage that
	// says why not. It costs next to nothing while writes succeed. After a write
	// that failed it tries one, which leaves nothing behind.
	Check(ctx context.Context) error
	// Recover marks as interrupted, at now, every running activity of this node
	// whose process is dead, and returns them.
	Recover(ctx context.Context, now time.Time) ([]Activity, error)
	// Prune deletes the given ended activities with their items and insights;
	// tallies, counts and events stay. It returns how many it deleted.
	Prune(ctx context.Context, ids []string, f *Fence) (int, error)
	// PruneBefore prunes the ended activities that started before a time and whose
	// last commit, and last decision on an insight, are at or before a position of
	// the event log: what was read once the log was there. It works in steps, so that others can write, and
	// returns how many it deleted, also with an error. A fence with Close is
	// closed by the last step.
	PruneBefore(ctx context.Context, until time.Time, at Cursor, f *Fence) (int, error)
	// Forget deletes the items and insights that came from a source, and the
	// source's texts in the event log, also of pruned activities; it returns
	// how many items and insights it deleted. It appends a [SourceForgotten]
	// event, for all that have made something of the source. The empty source is
	// ErrInvalid.
	Forget(ctx context.Context, source string) (int, error)
}

// Fence makes a commit conditional: it holds while nobody has taken a later
// attempt at Key, and nobody has closed it.
type Fence struct {
	Key     string
	Attempt int64
	// Close makes the commit the last one under Key.
	Close bool
}

// Cursor is a position in a store's event log; 0 is before the first event.
type Cursor int64

// Filter selects activities. Zero fields select all.
type Filter struct {
	Kind   Kind
	Status Status
	Agent  string
	// Since and Until bound the start: Since <= start < Until.
	Since, Until time.Time
	// Limit is clipped to [1, 1000]; 0 means 100.
	Limit int
	// Cursor continues after a Page's Next; anything else is ErrInvalid.
	Cursor string
}

// Page is a part of a listing. Next is "" at the end.
type Page struct {
	Activities []Activity
	Next       string
}

// SessionPage is a part of the stored sessions. Next is "" at the end.
type SessionPage struct {
	Sessions []Session
	// Sizes are the sizes of the sessions in bytes, each part of one as a line of JSON. Nil where
	// the store does not know them.
	Sizes []int64
	Next  string
}

// ItemFilter selects verified answers. Zero fields select all.
//
// Split is the split that is stored with an item: that of its task under the
// version that its family had. A family that has changed since may put the same
// task on the other side, so who trains or tests on old items asks the family as it
// is now (see package practice), and leaves out the items of other versions.
type ItemFilter struct {
	// Kind is that of the activity.
	Kind   Kind
	Family string
	Split  Split
	// ModelKeys selects the answers of these models.
	ModelKeys []string
	// Since and Until bound the time of the verdict: Since <= At < Until.
	Since, Until time.Time
	// Passed selects the answers that passed, and Missed those that did not.
	Passed, Missed bool
	// Untainted leaves out what nothing may be trained on; see [Item.Trusted].
	Untainted bool
	// Limit is clipped to [1, 1000]; 0 means 100.
	Limit int
	// Cursor continues after an ItemPage's Next; anything else is ErrInvalid.
	Cursor string
}

// ItemPage is a part of a listing of verified answers. Next is "" at the end.
type ItemPage struct {
	Items []Item
	Next  string
}

// InsightFilter selects insights. Zero fields select all.
type InsightFilter struct {
	// ID selects the insight with this id.
	ID       string
	Kind     Kind
	Activity string
	// Limit is clipped to [1, 1000]; 0 means 100.
	Limit int
	// Cursor continues after an InsightPage's Next; anything else is
	// ErrInvalid.
	Cursor string
}

// InsightPage is a part of a listing of insights. Next is "" at the end.
type InsightPage struct {
	Insights []Insight
	Next     string
}

// Tally counts verified answers. Proficiency is a function of tallies alone;
// they are sums of integers, so those of several nodes are merged by taking the
// maximum per node.
type Tally struct {
	Agent    string `json:"agent"`
	Node     string `json:"node"`
	ModelKey string `json:"model_key"`
	Kind     Kind   `json:"kind"`
	Family   string `json:"family"`
	// Version is the family's, from 1.
	Version int   `json:"version"`
	Level   int   `json:"level"`
	Split   Split `json:"split"`
	// Day is the UTC day of the answers, in days since 1970-01-01.
	Day    int   `json:"day"`
	Tries  int64 `json:"tries"`
	Passes int64 `json:"passes"`
	// Millis is the time spent on the answers.
	Millis int64 `json:"millis"`
}

// Day returns the UTC day of t in days since 1970-01-01, as in [Tally.Day].
func Day(t time.Time) int {
	s := t.Unix()
	d := s / 86400
	if s%86400 < 0 {
		d--
	}
	return int(d)
}

// TallyFilter selects tallies. Zero fields select all.
type TallyFilter struct {
	Agent string
	// Since selects the tallies that changed after this position.
	Since Cursor
}

// Bucket is the width of the time buckets of Counts.
type Bucket string

// The buckets: all time as one, and the UTC hours and days.
const (
	Total  Bucket = "total"
	Hourly Bucket = "hour"
	Daily  Bucket = "day"
)

// CountFilter selects counts. Bucket "" is Total, which ignores the times.
type CountFilter struct {
	Bucket Bucket
	// Node selects what this node practised; "" adds up all nodes.
	Node string
	// Since and Until bound the start of the bucket: Since <= start < Until.
	Since, Until time.Time
}

// Count is what happened to one kind in one bucket, by the start of the
// activities. Pruning does not change it.
type Count struct {
	Kind Kind
	// At is the start of the bucket; zero for Total.
	At                                      time.Time
	Started, Completed, Failed, Interrupted int64
	Items, Passes, Insights                 int64
	// Cut is how many of the items were cut before they ended.
	Cut int64
	// Time is the length of the ended activities, Engaged the part of it that
	// produced verified items.
	Time, Engaged time.Duration
	Cost          Cost
	// Last is the newest start of an activity in the bucket.
	Last time.Time
}

// Ended is the number of activities that ended.
func (c *Count) Ended() int64 { return c.Completed + c.Failed + c.Interrupted }

// Consumer follows the event log. It is called with events in order, from one
// goroutine; once Consume returned nil they are never handed over again,
// unless the process died in between, so Consume must be idempotent. An error
// is retried later with the same events.
//
// A consumer that is new to a store whose log was trimmed begins at the floor: it
// makes what it needs of the past from what is stored, such as [Store.Insights].
//
// The position belongs to the name and is kept in the store: processes that
// share a store share it. Each event is handed to at least one of them, not to
// each, and sometimes to two at the same time. So what a consumer makes of the
// events must be kept where all of them find it, and no less durably than the
// store. What one process keeps in memory needs no Consumer: a [Subscription]
// tells it when to read, and [Store.Events], [Store.Tallies] and [Store.Counts]
// answer from any position that it remembers itself.
type Consumer interface {
	// Name identifies the durable cursor; it must be stable and unique.
	Name() string
	Consume(ctx context.Context, events []Event) error
}
