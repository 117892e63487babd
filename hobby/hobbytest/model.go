package hobbytest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/pastime-go/pastime/hobby"
)

// Model is a hobby.Model that answers from a script. The zero value answers
// every request with "I don't know". It is safe for concurrent use once its
// fields are set.
type Model struct {
	// Reply answers a request; an error is the model's. Default: the text
	// "I don't know".
	Reply func(ctx context.Context, r hobby.Request) (string, error)
	// Identity is what Info returns. Default: named "scripted", with a key.
	Identity hobby.ModelInfo
	// Adapters are the names of adapters that are loaded from the start. Requests for
	// others are refused until LoadAdapter has loaded them.
	Adapters []string
	// InfoErr, when set, is the error of Info.
	InfoErr error

	calls atomic.Int64

	mu     sync.Mutex
	loaded map[string]bool // by name: what LoadAdapter and UnloadAdapter made of Adapters
}

var (
	_ hobby.Model       = (*Model)(nil)
	_ hobby.AdapterHost = (*Model)(nil)
)

// Says returns a Model that answers every request with text.
func Says(text string) *Model {
	return &Model{Reply: func(context.Context, hobby.Request) (string, error) { return text, nil }}
}

// Calls is how often Generate was called.
func (m *Model) Calls() int64 { return m.calls.Load() }

// Info implements hobby.Model.
func (m *Model) Info(ctx context.Context) (hobby.ModelInfo, error) {
	if m.InfoErr != nil {
		return hobby.ModelInfo{}, m.InfoErr
	}
	if m.Identity.Key == "" {
		return hobby.ModelInfo{Name: "scripted", Key: hobby.ModelKey("hobbytest", "scripted"), Base: "scripted"}, ctx.Err()
	}
	return m.Identity, ctx.Err()
}

// InfoWith implements hobby.AdapterHost. The digest of an adapter is its name.
func (m *Model) InfoWith(ctx context.Context, name string) (hobby.ModelInfo, error) {
	info, err := m.Info(ctx)
	switch {
	case err != nil || name == "":
		return info, err
	case !m.has(name):
		return hobby.ModelInfo{}, fmt.Errorf("hobbytest: %w: the adapter %q is not loaded", hobby.ErrInvalid, name)
	}
	info.Key, info.Adapter = hobby.AdapterKey(info.Key, name), name
	if info.Weak {
		info.Key = hobby.WeakAdapterKey(info.Key, name)
	}
	return info, nil
}

// LoadAdapter implements hobby.AdapterHost. It looks at whether the path is there,
// and no further.
func (m *Model) LoadAdapter(ctx context.Context, name, path string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("hobbytest: the adapter %q: %w", name, err)
	}
	m.set(name, true)
	return ctx.Err()
}

// UnloadAdapter implements hobby.AdapterHost.
func (m *Model) UnloadAdapter(ctx context.Context, name string) error {
	if !m.has(name) {
		return fmt.Errorf("hobbytest: %w: the adapter %q is not loaded", hobby.ErrInvalid, name)
	}
	m.set(name, false)
	return ctx.Err()
}

func (m *Model) has(adapter string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	loaded, changed := m.loaded[adapter]
	return loaded || !changed && slices.Contains(m.Adapters, adapter)
}

func (m *Model) set(adapter string, loaded bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.loaded == nil {
		m.loaded = map[string]bool{}
	}
	m.loaded[adapter] = loaded
}

// Generate implements hobby.Model. Tokens are the bytes of the texts; what a
// reply has beyond MaxTokens or from a Stop string on is cut off.
func (m *Model) Generate(ctx context.Context, r hobby.Request) (hobby.Response, error) {
	m.calls.Add(1)
	if err := m.check(r); err != nil {
		return hobby.Response{}, fmt.Errorf("hobbytest: %w", err)
	}
	text, err := "I don't know", error(nil)
	if m.Reply != nil && ctx.Err() == nil {
		text, err = m.Reply(ctx, r)
	}
	switch cause := context.Cause(ctx); {
	case cause != nil:
		return hobby.Response{}, fmt.Errorf("hobbytest: %w (%w)", cause, ctx.Err())
	case err != nil:
		return hobby.Response{}, err
	}
	text, finish := cut(text, r)
	if r.OnDelta != nil && text != "" {
		r.OnDelta(text)
	}
	return hobby.Response{
		Message: hobby.Message{Role: hobby.RoleAssistant, Content: text}, Finish: finish,
		TokensIn: size(r), TokensOut: len(text), Model: "scripted",
	}, nil
}

func (m *Model) check(r hobby.Request) error {
	if err := r.Validate(); err != nil {
		return err
	}
	if r.Adapter != "" && !m.has(r.Adapter) {
		return fmt.Errorf("%w: Request.Adapter %q is not loaded", hobby.ErrInvalid, r.Adapter)
	}
	if most := m.Identity.ContextLength; most > 0 && size(r) >= most {
		return fmt.Errorf("%w: the prompt has %d tokens, the context %d", hobby.ErrTooLong, size(r), most)
	}
	return nil
}

// size is the tokens of a request's messages.
func size(r hobby.Request) int {
	n := 0
	for _, msg := range r.Messages {
		n += len(msg.Content)
	}
	return n
}

// cut ends a text where its request says.
func cut(text string, r hobby.Request) (string, hobby.Finish) {
	finish := hobby.FinishStop
	if most := r.Sampling.MaxTokens; most > 0 && len(text) > most {
		for most > 0 && !utf8.RuneStart(text[most]) {
			most--
		}
		text, finish = text[:most], hobby.FinishLength
	}
	for _, stop := range r.Stop {
		if before, _, ok := strings.Cut(text, stop); ok && stop != "" {
			text, finish = before, hobby.FinishStop
		}
	}
	return text, finish
}
