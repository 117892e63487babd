package rlhf

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf/internal/reward"
)

// meanings are what a host's embedder says of texts. It is asked in the background: who
// reads gets what is known at once, and what is not is asked for next. Its methods are safe
// for concurrent use, and a nil one knows nothing.
type meanings struct {
	embedder hobby.Embedder
	logger   *slog.Logger

	mu     sync.Mutex
	key    string                 // of the embedder; "" before it was reached
	of     map[textHash][]float32 // nil of a text that it refuses
	wanted map[textHash]string
	fails  int       // times in a row that it was not reached
	rests  time.Time // it is not asked before
	wake   chan struct{}
}

type textHash [16]byte

// The bounds of meanings: how many are kept, some 15 MB, and how many texts wait to be asked
// for; how many a request has, and how long one takes; how long a fit waits for all it lacks.
const (
	maxMeanings = 100_000
	maxWanted   = 1000
	askedAtOnce = 32
	longestAsk  = 30 * time.Second
	longestFill = 5 * time.Minute
)

func newMeanings(e hobby.Embedder, l *slog.Logger) *meanings {
	if e == nil {
		return nil
	}
	return &meanings{
		embedder: e, logger: l, wake: make(chan struct{}, 1),
		of: map[textHash][]float32{}, wanted: map[textHash]string{},
	}
}

func hashOf(text string) (h textHash) {
	sum := sha256.Sum256([]byte(text))
	copy(h[:], sum[:])
	return h
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

// by reads what the embedder with a key says.
func (m *meanings) by(key string) lookup {
	if m == nil {
		return nil
	}
	return func(text string) []float32 {
		h := hashOf(text)
		m.mu.Lock()
		defer m.mu.Unlock()
		v, ok := m.of[h]
		if !ok && len(m.wanted) < maxWanted {
			m.wanted[h] = text
			select {
			case m.wake <- struct{}{}:
			default:
			}
		}
		if key != m.key {
			return nil
		}
		return v
	}
}

// clear forgets all that is known.
func (m *meanings) clear() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.of)
	clear(m.wanted)
}

// run asks for what is wanted until ctx ends.
func (m *meanings) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		}
		for texts := m.take(); len(texts) > 0 && ctx.Err() == nil; texts = m.take() {
			m.ask(ctx, texts)
		}
	}
}

// take takes some of what is wanted; none while the embedder rests: they are wanted again
// when they are looked at again.
func (m *meanings) take() (texts []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.rests) {
		clear(m.wanted)
		return nil
	}
	for h, text := range m.wanted {
		if len(texts) == askedAtOnce {
			break
		}
		delete(m.wanted, h)
		texts = append(texts, text)
	}
	return texts
}

// fill asks for what is not known of rated things, the newest first, for as long as the
// embedder answers and no longer than longestFill.
func (m *meanings) fill(ctx context.Context, all []Rated) {
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
		m.mu.Lock()
		_, known := m.of[h]
		rests := time.Now().Before(m.rests)
		m.mu.Unlock()
		if rests || ctx.Err() != nil {
			return
		}
		if text == "" || known || asked[h] {
			continue
		}
		asked[h] = true
		if texts = append(texts, text); len(texts) == askedAtOnce {
			m.ask(ctx, texts)
			texts = nil
		}
	}
	if len(texts) > 0 {
		m.ask(ctx, texts)
	}
}

// ask asks for the meanings of texts. Where it gets none for all together it asks for each: a
// text that is refused is not asked for again, and an embedder that refuses three in a row
// rests, from one minute to 15.
func (m *meanings) ask(ctx context.Context, texts []string) {
	err := m.embed(ctx, texts)
	if err == nil || ctx.Err() != nil {
		return
	}
	const down = 3
	var refused []string // since it took one
	worked := false
	for i := 0; i < len(texts) && len(texts) > 1 && len(refused) < down && ctx.Err() == nil; i++ {
		if one := m.embed(ctx, texts[i:i+1]); one != nil {
			refused, err = append(refused, texts[i]), one
			continue
		}
		m.refuse(refused)
		refused, worked = nil, true
	}
	switch {
	case ctx.Err() != nil:
		return
	case worked && len(refused) < down:
		m.refuse(refused)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rests = time.Now().Add(min(time.Minute<<min(m.fails, 4), 15*time.Minute))
	m.fails++
	m.logger.Warn("texts are rated without what an embedder says of them", "error", err)
}

// refuse notes that the embedder takes no such texts, as it takes others.
func (m *meanings) refuse(texts []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, text := range texts {
		m.of[hashOf(text)] = nil
	}
}

// embed asks the embedder once, and keeps what it says.
func (m *meanings) embed(ctx context.Context, texts []string) error {
	ctx, cancel := context.WithTimeout(ctx, longestAsk)
	defer cancel()
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
	if err == nil && len(vectors) != len(texts) {
		err = fmt.Errorf("%d vectors of %d texts", len(vectors), len(texts))
	}
	if err != nil {
		return fmt.Errorf("embedding texts: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if key != m.key || len(m.of)+len(texts) > maxMeanings {
		m.key = key
		clear(m.of)
	}
	m.fails = 0
	for i, v := range vectors {
		m.of[hashOf(texts[i])] = reward.Project(v)
	}
	return nil
}
