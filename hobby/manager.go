package hobby

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/pastime-go/pastime/internal/latch"
)

// Manager runs the loop. Make one with New; all methods are safe for
// concurrent use. It runs at most one session at a time.
type Manager struct {
	store   Store
	hobbies []Hobby
	opts    Options
	tallies *tallyCache
	curves  curveMemo
	feed    *feed
	health  *health
	// wall is the wall clock that dates sessions and decides which slots are
	// due; tests make it jump.
	wall func() time.Time

	rand *rand.Rand // used within a session only

	kick     chan struct{} // wakes the loop when its plans may have changed
	requests chan runRequest
	begun    *latch.Latch // Run has begun
	presence *Presence
	heavy    chan struct{} // a semaphore for heavy slots

	mu           sync.Mutex
	tuning       Tuning        // its Idle is the presence's
	active       bool          // Run is running
	ended        chan struct{} // closed when Run ends
	enabled      bool
	paused       bool
	holds        []*string        // why others have practice rest, oldest first
	lastStart    time.Time        // of a session or of a tick that found nothing to do
	unstored     *ending          // of the last session, while the store has not all of it
	failingSince time.Time        // the store cannot be written since then
	current      *session         // from choosing what to practise until it is stored
	models       []*served        // that answer the hobbies
	serving      map[Kind]Serving // what served each kind last
}

// New makes a manager of hobbies over a store. Their kinds must differ. The
// store stays the caller's to close, after Run has returned.
func New(s Store, hobbies []Hobby, o *Options) (*Manager, error) {
	if s == nil {
		return nil, fmt.Errorf("%w: New needs a Store", ErrInvalid)
	}
	hobbies = slices.Clone(hobbies)
	if err := CheckHobbies(hobbies); err != nil {
		return nil, err
	}
	for _, k := range Kinds() {
		for i := range hobbies {
			if h := &hobbies[i]; h.Kind == k.Kind && h.Description == "" {
				h.Description = k.Description
			}
		}
	}
	opts := o.withDefaults()
	if err := opts.validate(hobbies); err != nil {
		return nil, err
	}
	return &Manager{
		store: s, hobbies: hobbies, opts: opts,
		tallies:  newTallyCache(s, opts.Agent),
		feed:     newFeed(),
		health:   newHealth(),
		wall:     time.Now,
		rand:     rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
		kick:     make(chan struct{}, 1),
		requests: make(chan runRequest, 1),
		begun:    latch.New(),
		ended:    make(chan struct{}),
		presence: opts.Presence,
		tuning:   Tuning{Interval: opts.Interval, Daily: opts.Daily, Off: slices.Clone(opts.Off)},
		heavy:    make(chan struct{}, 1),
		enabled:  !opts.Disabled,
		models:   modelsOf(hobbies, opts.Model),
		serving:  map[Kind]Serving{},
	}, nil
}

// hobby returns the registered hobby of kind k.
func (m *Manager) hobby(k Kind) (*Hobby, error) {
	for i := range m.hobbies {
		if m.hobbies[i].Kind == k {
			return &m.hobbies[i], nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknownKind, k)
}

// Store is the manager's store.
func (m *Manager) Store() Store { return m.store }

// BestFirst orders insights as [BestFirst] does by Options.Scorer.
func (m *Manager) BestFirst(ctx context.Context, all []Insight) error {
	return BestFirst(ctx, m.opts.Scorer, all)
}

// Past is all practice, also what was moved out of the store: Options.Past.
func (m *Manager) Past() Past {
	if m.opts.Past == nil {
		return PastOf(m.store)
	}
	return m.opts.Past
}

// Presence returns what tells whether the user is here: Options.Presence, or one
// of the manager's own.
func (m *Manager) Presence() *Presence { return m.presence }

// Touch is Presence().Touch(): the user is here, so a running session yields at
// once, and the next one waits until the user is away.
func (m *Manager) Touch() { m.presence.Touch() }

// Done returns a channel that is closed when Run ends. While Run is not active,
// that is the next Run.
func (m *Manager) Done() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ended
}

// Pause ends the running session and starts no other until Resume, and so does
// what shares the manager's Presence; see [Presence.Pause]. It returns once the
// session is stored, or when ctx ends; the pause holds either way. ended says for
// people what it ended, the session first.
func (m *Manager) Pause(ctx context.Context) (ended []string, err error) {
	m.mu.Lock()
	m.paused = true
	running := m.current
	if running != nil {
		running.cancel(ErrPaused)
		ended = append(ended, running.name())
	}
	m.mu.Unlock()
	others, err := m.presence.Pause(ctx)
	ended = append(ended, others...)
	if err != nil || running == nil {
		return ended, err
	}
	select {
	case <-running.done:
		return ended, nil
	case <-ctx.Done():
		return ended, fmt.Errorf("hobby: waiting for the session to end: %w", context.Cause(ctx))
	}
}

// Resume undoes Pause and Options.Disabled.
func (m *Manager) Resume() {
	m.mu.Lock()
	m.paused, m.enabled = false, true
	m.mu.Unlock()
	m.presence.Resume()
	m.wake()
}

// Hold lets practice rest while something else needs the machine, such as a training:
// no session starts by itself until release is called, and Status says why. It returns
// once the running session has ended. When ctx ends before that, it returns the cause
// of ctx, and nothing is held. A session that a person asks for starts all the same.
// Several may hold at once.
func (m *Manager) Hold(ctx context.Context, why string) (release func(), err error) {
	m.mu.Lock()
	m.holds = append(m.holds, &why)
	running := m.current
	m.mu.Unlock()
	release = sync.OnceFunc(func() {
		m.mu.Lock()
		m.holds = slices.DeleteFunc(m.holds, func(h *string) bool { return h == &why })
		m.mu.Unlock()
		m.wake()
	})
	if running == nil {
		return release, nil
	}
	select {
	case <-running.done:
		return release, nil
	case <-ctx.Done():
		release()
		return nil, fmt.Errorf("hobby: waiting for the session to end: %w", context.Cause(ctx))
	}
}

// wake makes the loop look again at when its next session is due.
func (m *Manager) wake() {
	select {
	case m.kick <- struct{}{}:
	default:
	}
}

// Settings is the configuration in force.
type Settings struct {
	Agent                                string
	Enabled                              bool
	Interval, IdleThreshold, MaxDuration time.Duration
	Knobs                                Knobs
	Daily                                Budget
	// Kinds are the registered kinds in order.
	Kinds []KindSetting
}

// KindSetting is a registered kind, and whether the policy may choose it.
type KindSetting struct {
	Kind        Kind
	Description string
	Enabled     bool
	NeedsModel  bool
	Families    []Family
}

// Settings returns the configuration in force.
func (m *Manager) Settings() Settings {
	m.mu.Lock()
	enabled := m.enabled
	m.mu.Unlock()
	t := m.Tuning()
	s := Settings{
		Agent: m.opts.Agent, Enabled: enabled,
		Interval: t.Interval, IdleThreshold: t.Idle, MaxDuration: m.opts.MaxDuration,
		Knobs: *m.opts.Knobs, Daily: t.Daily,
	}
	for _, h := range m.hobbies {
		s.Kinds = append(s.Kinds, KindSetting{
			h.Kind, h.Description, !slices.Contains(t.Off, h.Kind), h.NeedsModel, slices.Clone(h.Families),
		})
	}
	return s
}
