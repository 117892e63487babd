package openai

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/pastime-go/pastime/hobby"
)

var _ hobby.AdapterHost = (*Model)(nil)

// LoadAdapter makes the adapter at path available under name. The path is one that the
// server can read. Loading what is loaded from there already changes nothing.
//
// vLLM loads adapters in PEFT's form while it runs, where it was started with
// VLLM_ALLOW_RUNTIME_LORA_UPDATING=True. llama-server loads adapters only as it
// starts; there this reports whether one whose file is called name is loaded. Any
// other server is refused with hobby.ErrInvalid.
func (m *Model) LoadAdapter(ctx context.Context, name, path string) error {
	f, err := m.facts(ctx, 0)
	if err != nil {
		return err
	}
	switch {
	case name == "":
		return fmt.Errorf("openai: %w: an adapter needs a name; the empty one is the base", hobby.ErrInvalid)
	case f.dialect == LlamaServer && slices.Contains(f.loraNames(), name):
		return nil
	case f.dialect == LlamaServer:
		return fmt.Errorf("openai: %w: llama-server loads adapters only as it starts: start it with --lora %s.gguf to have %q; it has %s",
			hobby.ErrInvalid, name, name, listing(f.loraNames()))
	case f.dialect != VLLM:
		return f.noAdapters(name)
	}
	if at, loaded := f.adapters[name]; loaded {
		if at != "" && at != path {
			return fmt.Errorf("openai: %w: the adapter %q is loaded from %s; another one needs another name", hobby.ErrInvalid, name, at)
		}
		return nil
	}
	body := map[string]any{"lora_name": name, "lora_path": path}
	failed := m.runtimeLoRA(ctx, "loading the adapter "+name, "/load_lora_adapter", body)
	if e := (*Error)(nil); failed != nil && (!errors.As(failed, &e) || e.Status != http.StatusBadRequest) {
		return failed
	}
	// Servers have said that they loaded what they then answered without. And another
	// program may have loaded it first, which vLLM refuses as bad.
	if f, err = m.facts(ctx, 0); err != nil {
		return errors.Join(failed, err)
	}
	at, loaded := f.adapters[name]
	switch {
	case failed != nil && (!loaded || at != path):
		return failed
	case !loaded:
		return &Error{Op: "loading the adapter " + name, URL: m.base + "/load_lora_adapter",
			Message: "the server says that it is loaded, and does not list it"}
	}
	return nil
}

// stillLoaded says of an answer that failed that its adapter is loaded no more, if so:
// another program has unloaded it, or the server was started again.
func (m *Model) stillLoaded(ctx context.Context, adapter string, failed error) error {
	var e *Error
	if adapter == "" || !errors.As(failed, &e) || e.Status != http.StatusNotFound {
		return failed
	}
	f, err := m.facts(ctx, freshFor)
	if err != nil || slices.Contains(f.adapterNames(), adapter) {
		return failed
	}
	return fmt.Errorf("%w: %w", f.notLoaded(adapter), failed)
}

// notLoaded says that the server has not the adapter.
func (f *facts) notLoaded(adapter string) error {
	return fmt.Errorf("%w: %q; the server has %s", errNotLoaded, adapter, listing(f.adapterNames()))
}

// UnloadAdapter frees an adapter. llama-server keeps those that it was started with.
func (m *Model) UnloadAdapter(ctx context.Context, name string) error {
	f, err := m.facts(ctx, 0)
	if err != nil {
		return err
	}
	switch _, loaded := f.adapters[name]; {
	case f.dialect == LlamaServer:
		return fmt.Errorf("openai: %w: llama-server keeps the adapters that it was started with, also %q", hobby.ErrInvalid, name)
	case f.dialect != VLLM:
		return f.noAdapters(name)
	case !loaded:
		return fmt.Errorf("openai: %w: the adapter %q is not loaded; the server has %s", hobby.ErrInvalid, name, listing(f.adapterNames()))
	}
	if err := m.runtimeLoRA(ctx, "unloading the adapter "+name, "/unload_lora_adapter", map[string]any{"lora_name": name}); err != nil {
		return err
	}
	_, err = m.facts(ctx, 0)
	return err
}

// InfoWith is Info of the model with a loaded adapter. No server tells an adapter's
// digest, so the key is weak and stands on the adapter's name, which nobody may give
// to another one.
func (m *Model) InfoWith(ctx context.Context, name string) (hobby.ModelInfo, error) {
	info, err := m.Info(ctx)
	if err != nil || name == "" {
		return info, err
	}
	f, err := m.facts(ctx, freshFor)
	if err == nil && !slices.Contains(f.adapterNames(), name) { // it may have been loaded since
		f, err = m.facts(ctx, 0)
	}
	switch {
	case err != nil:
		return hobby.ModelInfo{}, err
	case f.dialect != VLLM && f.dialect != LlamaServer:
		return hobby.ModelInfo{}, f.noAdapters(name)
	case !slices.Contains(f.adapterNames(), name):
		return hobby.ModelInfo{}, fmt.Errorf("openai: %w: the adapter %q is not loaded; the server has %s",
			hobby.ErrInvalid, name, listing(f.adapterNames()))
	}
	info.Key, info.Adapter, info.Weak = hobby.WeakAdapterKey(info.Key, name), name, true
	return info, nil
}

// adapterNames are the adapters that requests may name.
func (f *facts) adapterNames() []string {
	if f.dialect == LlamaServer {
		return f.loraNames()
	}
	var names []string
	for _, n := range f.names { // in the server's order
		if _, ok := f.adapters[n]; ok {
			names = append(names, n)
		}
	}
	return names
}

// noAdapters says that the server takes none.
func (f *facts) noAdapters(name string) error {
	return fmt.Errorf("openai: %w: the adapter %q: a server of the dialect %q takes no adapter per request (vllm and llama-server do)",
		hobby.ErrInvalid, name, f.dialect)
}

// runtimeLoRA asks vLLM to change the adapters that it has. Its answer is a sentence.
func (m *Model) runtimeLoRA(ctx context.Context, op, path string, body map[string]any) error {
	c, err := m.post(op, m.base+path, body)
	if err != nil {
		return fmt.Errorf("openai: writing the request: %w", err)
	}
	err = m.exchange(ctx, c, func(resp *http.Response) error {
		_, err := io.Copy(io.Discard, resp.Body)
		return err
	})
	var e *Error
	// There is no such route.
	if errors.As(err, &e) && e.Code == "" && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed) {
		e.Message += "; vLLM changes adapters while it runs only when it was started with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True and --enable-lora"
	}
	return err
}
