package hobby

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// ledger keeps the tallies in memory and measures proficiency from them. It
// reads only what changed since it last looked, so its cost follows new work
// and not the history.
type ledger struct {
	store TallyReader
	agent string
	turn  chan struct{} // a semaphore: one refresh at a time, waiting by context

	mu     sync.Mutex
	at     Cursor
	loaded bool
	book   *book

	// The last measurement and what it was made from.
	measured Proficiency
	from     measuredFrom
}

type measuredFrom struct {
	modelKey string
	day      int
	valid    bool
}

func newLedger(s TallyReader, agent string) *ledger {
	return &ledger{store: s, agent: agent, turn: make(chan struct{}, 1), book: newBook()}
}

// refresh reads the tallies that changed.
func (l *ledger) refresh(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	changed, at, err := l.store.Tallies(ctx, TallyFilter{Agent: l.agent, Since: l.at})
	if err != nil {
		return fmt.Errorf("hobby: reading tallies: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range changed {
		l.book.put(t)
	}
	if len(changed) > 0 || !l.loaded {
		l.from.valid = false
	}
	l.at, l.loaded = at, true
	return nil
}

// measure returns the proficiency as of now; it is computed when the tallies,
// the model or the UTC day changed.
func (l *ledger) measure(ctx context.Context, hobbies []Hobby, modelKey string, now time.Time) (Proficiency, error) {
	if err := l.refresh(ctx); err != nil {
		return Proficiency{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	from := measuredFrom{modelKey: modelKey, day: Day(now), valid: true}
	if l.from != from {
		l.measured, l.from = l.book.measure(hobbies, modelKey, from.day), from
	}
	return l.measured, nil
}

// compared is with how many of the newest earlier answers at a level a session's
// are compared: what was answered long before says little of a change.
const compared = 100

// change compares the answers of one session with the earlier ones of its
// model. stored says that the tallies have them already. It names the families
// that have risen. What is frozen has not changed, whatever its luck was.
func (l *ledger) change(ctx context.Context, h *Hobby, items []Item, stored bool) (*Change, []string, error) {
	own, key := answered(h, items)
	if Frozen(key) {
		return nil, nil, nil
	}
	if err := l.refresh(ctx); err != nil {
		return nil, nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.book.answers(h, key)
	if stored {
		before = before.less(own)
	}
	c, risen := changeOf(h, before, own, compared)
	return c, risen, nil
}
