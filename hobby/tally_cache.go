package hobby

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"
)

// tallyCache keeps the tallies in memory and measures proficiency from them. It
// reads only the tallies that changed since its last call, so its cost follows
// new work and not the history.
type tallyCache struct {
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
	keys  map[Kind]string
	day   int
	valid bool
}

func newTallyCache(s TallyReader, agent string) *tallyCache {
	return &tallyCache{store: s, agent: agent, turn: make(chan struct{}, 1), book: newBook()}
}

// refresh reads the tallies that changed.
func (c *tallyCache) refresh(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	changed, at, err := c.store.Tallies(ctx, TallyFilter{Agent: c.agent, Since: c.at})
	if err != nil {
		return fmt.Errorf("hobby: reading tallies: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range changed {
		c.book.put(t)
	}
	if len(changed) > 0 || !c.loaded {
		c.from.valid = false
	}
	c.at, c.loaded = at, true
	return nil
}

// measure returns the proficiency as of now. It is computed anew when the
// tallies, the model or the UTC day have changed.
func (c *tallyCache) measure(ctx context.Context, hobbies []Hobby, keys map[Kind]string, now time.Time) (Proficiency, error) {
	if err := c.refresh(ctx); err != nil {
		return Proficiency{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if day := Day(now); !c.from.valid || c.from.day != day || !maps.Equal(c.from.keys, keys) {
		c.measured, c.from = c.book.measure(hobbies, keys, day), measuredFrom{maps.Clone(keys), day, true}
	}
	return c.measured, nil
}

// compared is the number of the newest earlier answers at a level that a
// session's answers are compared with. Older ones say little of a change.
const compared = 100

// change compares the answers of one session with the earlier ones of its model,
// and names the families that have risen. stored says that the tallies have the
// session's answers already. A frozen model has not changed, whatever its answers
// were, and an adapter was trained on the tasks of practice.
func (c *tallyCache) change(ctx context.Context, h *Hobby, items []Item, stored bool) (*Change, []string, error) {
	own, key := answered(h, items)
	if Frozen(key) || Adapted(key) {
		return nil, nil, nil
	}
	if err := c.refresh(ctx); err != nil {
		return nil, nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.book.answers(h, key, everything)
	if stored {
		before = before.less(own)
	}
	change, risen := changeOf(h, before, own, compared)
	return change, risen, nil
}
