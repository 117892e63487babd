package hobby

import (
	"context"
	"log/slog"
	"time"
)

// Options configures a Manager. Nil and the zero value are legal; every zero
// field has the default that its comment gives.
type Options struct {
	// Agent names the agent in activities and tallies. Default "agent".
	Agent string
	// Model answers the hobbies that need one. The manager asks it only for
	// its Info; the executors hold it themselves. Default none.
	Model Model
	// Policy chooses what to practise. Default Learnability.
	Policy Policy
	// Knobs are the learning preferences. Default focus on weaknesses,
	// variety 0.3, intensity 0.5.
	Knobs *Knobs

	// Disabled starts the manager without practice of its own accord;
	// requests are still carried out.
	Disabled bool
	// Off lists registered kinds that the policy must not choose.
	Off []Kind
	// Interval is the time from the start of one session to the next.
	// Default 15 min.
	Interval time.Duration
	// IdleThreshold is how long the user must be away. Default 5 min.
	IdleThreshold time.Duration
	// MaxDuration bounds a session. Default 10 min.
	MaxDuration time.Duration
	// Grace is how long a running session may go on after the context of Run
	// has ended. Default 2 s; negative means none.
	Grace time.Duration
	// FlushEvery is the longest that verified work stays uncommitted.
	// Default 2 s.
	FlushEvery time.Duration

	// Daily bounds all sessions of a UTC day together. Default unbounded.
	Daily Budget
	// OnBattery reports whether the machine runs on battery; practice rests
	// while it does. Default nil: never.
	OnBattery func() bool

	// Redact is applied to every text of an item or insight before it is
	// stored. Default nil: unchanged.
	Redact func(string) string
	// Consumers follow the event log while Run is active.
	Consumers []Consumer
	// Slots run on their schedules while Run is active.
	Slots []Slot
	// Logger takes warnings and session ends. Default nil: silent.
	Logger *slog.Logger
}

// Slot is work that runs once per due time of a schedule, across restarts and
// processes that share a store.
type Slot struct {
	// Name is stable and unique within the store.
	Name     string
	Schedule Schedule
	// Run carries out one run. An error leaves the run due; it is tried again
	// after a while. What it commits under l.Fence counts only while it still
	// holds the slot.
	Run func(ctx context.Context, l Lease) error
}

// Manager runs the loop. Make one with New; all methods are safe for
// concurrent use.
type Manager struct{}

// New makes a manager of hobbies over a store.
func New(s Store, hobbies []Hobby, o *Options) (*Manager, error) { panic("to be written") }

// Run practises until ctx ends, follows the event log for the consumers, and
// runs the slots.
func (m *Manager) Run(ctx context.Context) error { panic("to be written") }

// RunOnce practises once, now, whether the user is idle or not, in the
// caller's goroutine. "" lets the policy choose.
func (m *Manager) RunOnce(ctx context.Context, k Kind) (Session, error) { panic("to be written") }

// Request asks the running loop to practise once, now, and returns the
// started activity: ErrBusy, ErrNotRunning, ErrUnknownKind, ErrNoModel,
// ErrNothing, ErrBudget.
func (m *Manager) Request(ctx context.Context, k Kind) (Activity, error) { panic("to be written") }

// Touch says that the user is here.
func (m *Manager) Touch() {}

// Pause ends the running session and starts no other until Resume. It returns
// once the session is stored.
func (m *Manager) Pause(ctx context.Context) error { panic("to be written") }

// Resume undoes Pause, and a start as Disabled.
func (m *Manager) Resume() {}

// System is what the manager is doing.
type System struct {
	// Enabled is false after a start as Disabled, until Resume.
	Enabled bool
	// Running says that Run is active, enabled and not paused.
	Running bool
	// Idle says that the user has been away for the threshold; LastTouch is
	// when the user was last seen.
	Idle      bool
	LastTouch time.Time
	// Current is the running activity of this manager, with what it has
	// committed so far.
	Current *Activity
	// Next is when the next session is due if the user stays away.
	Next time.Time
	// Used is what the sessions of this UTC day have used of Daily.
	Daily Budget
	Used  Budget
	// Resting says why no practice starts: "paused", "not idle", "on
	// battery", "budget used up", ...; "" when it would.
	Resting string
	// Dropped counts events that slow subscribers missed.
	Dropped int64
}

// Status reports what the manager is doing. Its cost does not grow with the
// history.
func (m *Manager) Status(ctx context.Context) (System, error) { panic("to be written") }

// Progress is what practice has achieved.
type Progress struct {
	AsOf time.Time
	// Total is the number of activities ever started.
	Total int64
	// Kinds are in the order of the hobbies; every hobby has its entry.
	Kinds   []KindProgress
	Overall Estimate
	// Engagement is the share of practice time that produced verified items;
	// nil before the first session ended.
	Engagement *float64
}

// KindProgress is what practice of one kind has achieved.
type KindProgress struct {
	Kind        Kind
	Proficiency KindProficiency
	// Count is of all time.
	Count Count
	// ImprovementRate is proficiency gained per hour of practice; nil until
	// there is enough to tell.
	ImprovementRate *float64
	// Failures is the number of sessions in a row that yielded nothing; a
	// kind is Degraded, and rests longer each time, from the third on.
	Failures  int
	Degraded  bool
	RestUntil time.Time
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
func (k *KindProgress) Engagement() *float64 {
	if k.Count.Time <= 0 {
		return nil
	}
	r := min(1, float64(k.Count.Engaged)/float64(k.Count.Time))
	return &r
}

// Progress reports what practice has achieved. Its cost does not grow with
// the number of activities.
func (m *Manager) Progress(ctx context.Context) (Progress, error) { panic("to be written") }

// Settings is the configuration in force.
type Settings struct {
	Agent                                string
	Enabled                              bool
	Interval, IdleThreshold, MaxDuration time.Duration
	Knobs                                Knobs
	Daily                                Budget
	// Kinds are the registered kinds in order, with whether the policy may
	// choose them.
	Kinds []KindSetting
}

// KindSetting is a registered kind.
type KindSetting struct {
	Kind        Kind
	Description string
	Enabled     bool
	NeedsModel  bool
}

// Settings returns the configuration in force.
func (m *Manager) Settings() Settings { panic("to be written") }

// Store is the manager's store.
func (m *Manager) Store() Store { panic("to be written") }

// Subscription delivers events as they are committed, and drops them when its
// buffer is full.
type Subscription struct{}

// C is closed by Close and when Run ends.
func (s *Subscription) C() <-chan Event { panic("to be written") }

// Dropped counts the events that did not fit the buffer.
func (s *Subscription) Dropped() int64 { panic("to be written") }

// Close ends the subscription.
func (s *Subscription) Close() {}

// Subscribe delivers the events of the given kinds, or all, that are
// committed from now on, while Run is active.
func (m *Manager) Subscribe(buffer int, kinds ...string) *Subscription { panic("to be written") }
