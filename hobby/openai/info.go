package openai

import (
	"context"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// wireVersion is the version of the form in which this package sends a
// conversation. It is part of every key.
const wireVersion = "chat-1"

// facts are what a server reported about itself and the model.
type facts struct {
	dialect  Dialect
	name     string   // as the server calls it
	names    []string // all models that the server lists
	digest   string   // of the weights; "" when the server reports none
	print    string   // other properties of the model: sizes, the file's type
	template string   // hash of the chat template, when the server reports it
	context  int
	reasons  bool   // the model reasons before it answers
	loras    []lora // of llama-server; requests choose them by id
	// adapters are vLLM's, with where each was loaded from, "" where it does not say.
	adapters map[string]string
}

type lora struct {
	id   int
	name string
}

func (f *facts) loraNames() []string {
	var names []string
	for _, l := range f.loras {
		names = append(names, l.name)
	}
	return names
}

// factCache keeps facts. The caller that asks the server holds the turn, so
// several callers ask once.
type factCache struct {
	turn chan struct{}
	mu   sync.Mutex
	last *facts
	at   time.Time
}

func newFactCache() factCache { return factCache{turn: make(chan struct{}, 1)} }

func (k *factCache) get(oldest time.Duration) *facts {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last != nil && (oldest == anyAge || time.Since(k.at) < oldest) {
		return k.last
	}
	return nil
}

func (k *factCache) set(f *facts) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last, k.at = f, time.Now()
}

const (
	anyAge   time.Duration = -1
	freshFor               = time.Minute
)

// Info says which model answers. It asks the server at most once a minute.
// ContextLength is what the server gives a request, not what the model was
// trained for. With Ollama it is known when the model is loaded or its Modelfile
// sets num_ctx.
func (m *Model) Info(ctx context.Context) (hobby.ModelInfo, error) {
	f, err := m.facts(ctx, freshFor)
	if err != nil {
		return hobby.ModelInfo{}, err
	}
	key := hobby.ModelKey
	if f.digest == "" {
		key = hobby.WeakModelKey
	}
	return hobby.ModelInfo{
		Name:          f.name,
		Key:           key("remote", m.base, f.name, f.digest+f.print, wireVersion+f.template),
		Base:          f.digest,
		Weak:          f.digest == "",
		ContextLength: f.context,
	}, nil
}

// facts returns the facts. It asks the server when they are from before oldest.
func (m *Model) facts(ctx context.Context, oldest time.Duration) (*facts, error) {
	if f := m.cache.get(oldest); f != nil {
		return f, nil
	}
	select {
	case m.cache.turn <- struct{}{}:
		defer func() { <-m.cache.turn }()
	case <-ctx.Done():
		return nil, m.get("listing models", m.base+"/models").ended(ctx)
	}
	if f := m.cache.get(oldest); f != nil { // another caller has asked meanwhile
		return f, nil
	}
	f, err := m.ask(ctx)
	if err != nil {
		return nil, err
	}
	m.cache.set(f)
	return f, nil
}
