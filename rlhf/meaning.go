package rlhf

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf/internal/reward"
)

// meanings are what a host's embedder says of texts. It is asked in the background: who
// reads gets what is known at once, and what is not is asked for next. What was asked for
// before something was forgotten is dropped. Its methods are safe for concurrent use, and a
// nil one knows nothing.
type meanings struct {
	embedder hobby.Embedder
	forgets  func(context.Context) (int64, error) // Store.Forgets
	logger   *slog.Logger

	mu        sync.Mutex
	key       string                 // of the embedder, with the length of its vectors; "" before it was reached
	keys      int                    // how many it had
	of        map[textHash][]float32 // nil of a text that it refuses
	wanted    map[textHash]string    // of what is rated
	unrated   map[textHash]string    // of what was only looked at
	day       string                 // in UTC
	others    int                    // asked for of unrated on day
	forgotten int64                  // forgets, when of was begun
	fails     int                    // times in a row that it was not reached
	rests     time.Time              // it is not asked before
	wake      chan struct{}
}

type textHash [16]byte

// The bounds of meanings: how many are kept, some 15 MB, and how many texts wait to be asked
// for; how many of those that nobody has rated are asked for on a UTC day; how many a request
// has, and how long one takes; how long a fit waits for all it lacks.
const (
	maxMeanings   = 100_000
	maxWanted     = 1000
	unratedPerDay = 1000
	askedAtOnce   = 32
	longestAsk    = 30 * time.Second
	longestFill   = 5 * time.Minute
)

func newMeanings(e hobby.Embedder, forgets func(context.Context) (int64, error), l *slog.Logger) *meanings {
	if e == nil {
		return nil
	}
	return &meanings{
		embedder: e, forgets: forgets, logger: l, wake: make(chan struct{}, 1),
		of: map[textHash][]float32{}, wanted: map[textHash]string{}, unrated: map[textHash]string{},
	}
}

func hashOf(text string) (h textHash) {
	sum := sha256.Sum256([]byte(text))
	copy(h[:], sum[:])
	return h
}

// toggle adds a hash to a sum of hashes, or takes it out again.
func (h *textHash) toggle(other textHash) {
	subtle.XORBytes(h[:], h[:], other[:])
}

// current is the key of the embedder; "" before it was reached.
func (m *meanings) current() string {
	if m == nil {
		return ""
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.key
}

// lookup reads meanings; nil for what is not known.
type lookup func(text string) []float32

// interest says whether a text that is not known is asked for.
type interest int

const (
	ofNobody  interest = iota // it is not
	ofRaters                  // it is rated
	ofReaders                 // it is only looked at
)

// by reads what the embedder with a key says.
func (m *meanings) by(key string, i interest) lookup {
	if m == nil {
		return nil
	}
	return func(text string) []float32 {
		h := hashOf(text)
		m.mu.Lock()
		defer m.mu.Unlock()
		v, ok := m.of[h]
		if !ok {
			m.want(h, text, i)
		}
		if key != m.key {
			return nil
		}
		return v
	}
}

// want has a text asked for, where it is of enough interest.
func (m *meanings) want(h textHash, text string, i interest) {
	into, most := m.wanted, maxWanted
	switch _, rated := m.wanted[h]; {
	case i == ofNobody || rated:
		return
	case i == ofReaders:
		into, most = m.unrated, m.unratedLeft()
	}
	if len(into) >= most {
		return
	}
	into[h] = text
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// unratedLeft is how many texts that nobody has rated may still be asked for today.
func (m *meanings) unratedLeft() int {
	if day := time.Now().UTC().Format(time.DateOnly); day != m.day {
		m.day, m.others = day, 0
	}
	return unratedPerDay - m.others
}

// renew drops all that is known and wanted if something was forgotten since, and says when
// that was, as a number that rises.
func (m *meanings) renew(ctx context.Context) (int64, error) {
	if m == nil {
		return 0, nil
	}
	n, err := m.forgets(ctx)
	if err != nil {
		return 0, fmt.Errorf("rlhf: reading what was forgotten: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if n > m.forgotten {
		m.forgotten = n
		clear(m.of)
		clear(m.wanted)
		clear(m.unrated)
	}
	return m.forgotten, nil
}

// run asks for what is wanted until ctx ends.
func (m *meanings) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		}
		for texts, since := m.take(); len(texts) > 0 && ctx.Err() == nil; texts, since = m.take() {
			m.ask(ctx, since, texts)
		}
	}
}

// take takes some of what is wanted, what is rated first, and says since when it was; none
// while the embedder rests: they are wanted again when they are looked at again.
func (m *meanings) take() (texts []string, since int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.rests) {
		clear(m.wanted)
		clear(m.unrated)
		return nil, m.forgotten
	}
	for h, text := range m.wanted {
		if len(texts) == askedAtOnce {
			return texts, m.forgotten
		}
		delete(m.wanted, h)
		delete(m.unrated, h)
		texts = append(texts, text)
	}
	for h, text := range m.unrated {
		if len(texts) == askedAtOnce || m.unratedLeft() <= 0 {
			break
		}
		delete(m.unrated, h)
		texts = append(texts, text)
		m.others++
	}
	return texts, m.forgotten
}

// fill asks for what is not known of rated things, the newest first, for as long as the
// embedder answers and no longer than longestFill. since is when these were read, as renew
// has it.
func (m *meanings) fill(ctx context.Context, since int64, all []Rated) {
	if m == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, longestFill)
	defer cancel()
	asked := map[textHash]bool{}
	var texts []string
	for i := len(all) - 1; i >= 0 && len(asked) < maxMeanings; i-- {
		text := all[i].About.Text
		h := hashOf(text)
		if text == "" || asked[h] || !all[i].Judges() {
			continue
		}
		asked[h] = true
		m.mu.Lock()
		_, known := m.of[h]
		m.mu.Unlock()
		if known {
			continue
		}
		if texts = append(texts, text); len(texts) == askedAtOnce {
			if !m.ask(ctx, since, texts) {
				return
			}
			texts = nil
		}
	}
	if len(texts) > 0 {
		m.ask(ctx, since, texts)
	}
}

// probe is a text that every embedder takes.
const probe = "text"

// ask asks for the meanings of texts. Where it gets none for all together it asks for each.
// A text that is refused for its own sake is not asked for again, and others are when they
// are looked at again. After three failures in a row the probe says whether the embedder
// works: one that does not rests, from one minute to 15. It reports whether there is sense in
// asking for more.
func (m *meanings) ask(ctx context.Context, since int64, texts []string) bool {
	if m.resting() {
		return false
	}
	if m.embed(ctx, since, texts) == nil {
		return true
	}
	const enough = 3
	var refused []string
	works, row := false, 0
	for i, text := range texts {
		err := m.embed(ctx, since, texts[i:i+1])
		if err == nil {
			works, row = true, 0
			continue
		}
		if errors.Is(err, hobby.ErrTooLong) || errors.Is(err, hobby.ErrInvalid) {
			refused = append(refused, text)
		}
		if row++; row < enough && (works || i < len(texts)-1) {
			continue
		}
		if m.embed(ctx, since, []string{probe}) != nil {
			m.rest(ctx, since, err)
			return false
		}
		works, row = true, 0
	}
	return m.keep(since, refused, make([][]float32, len(refused))) == nil
}

func (m *meanings) resting() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Before(m.rests)
}

// rest has the embedder rest after an error, unless it was not its own.
func (m *meanings) rest(ctx context.Context, since int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ctx.Err() != nil || since != m.forgotten {
		return
	}
	m.rests = time.Now().Add(min(time.Minute<<min(m.fails, 4), 15*time.Minute))
	m.fails++
	m.logger.Warn("texts are rated without what an embedder says of them", "error", err)
}

// errForgotten is of texts that were read before something was forgotten.
var errForgotten = errors.New("something was forgotten since")

// keep keeps the meanings of texts, nil of those that are refused. Where there is no room
// others go, whichever.
func (m *meanings) keep(since int64, texts []string, vectors [][]float32) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if since != m.forgotten {
		return errForgotten
	}
	for h := range m.of {
		if len(m.of)+len(texts) <= maxMeanings {
			break
		}
		delete(m.of, h)
	}
	for i, text := range texts {
		m.of[hashOf(text)] = vectors[i]
	}
	return nil
}

// embed asks the embedder once, and keeps what it says, unless something was forgotten since.
func (m *meanings) embed(ctx context.Context, since int64, texts []string) error {
	now, err := m.renew(ctx)
	if err != nil {
		return err
	}
	if now != since {
		return errForgotten
	}
	ctx, cancel := context.WithTimeout(ctx, longestAsk)
	defer cancel()
	m.mu.Lock()
	keys := m.keys
	m.mu.Unlock()
	key := "unnamed"
	if known, ok := m.embedder.(interface {
		Info(ctx context.Context) (hobby.ModelInfo, error)
	}); ok {
		info, err := known.Info(ctx)
		if err != nil {
			return fmt.Errorf("asking which embedder answers: %w", err)
		}
		key = cmp.Or(info.Key, key)
	}
	vectors, err := m.embedder.Embed(ctx, texts)
	if err != nil {
		return fmt.Errorf("embedding texts: %w", err)
	}
	short, err := projected(vectors, len(texts))
	if err != nil {
		return fmt.Errorf("embedding texts: %w", err)
	}
	if !m.named(fmt.Sprintf("%s/%d", key, len(vectors[0])), keys) {
		return nil
	}
	return m.keep(since, texts, short)
}

// projected are the vectors of n texts, made short.
func projected(vectors [][]float32, n int) ([][]float32, error) {
	if len(vectors) != n {
		return nil, fmt.Errorf("%d vectors of %d texts", len(vectors), n)
	}
	short := make([][]float32, n)
	for i, v := range vectors {
		if len(v) != len(vectors[0]) {
			return nil, fmt.Errorf("vector %d has %d numbers, the first %d", i, len(v), len(vectors[0]))
		}
		if short[i] = reward.Project(v); short[i] == nil {
			return nil, fmt.Errorf("vector %d of %d numbers has no finite length above 0", i, len(v))
		}
	}
	return short, nil
}

// named notes the key of an answer that was asked for when the embedder had had so many
// keys. It reports whether that is the current one: a late answer of an earlier embedder is
// not.
func (m *meanings) named(key string, keys int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if key == m.key {
		m.fails = 0
		return true
	}
	if keys != m.keys {
		return false
	}
	m.key, m.fails = key, 0
	m.keys++
	clear(m.of)
	return true
}
