package openai_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
	"github.com/pastime-go/pastime/lora/llama"
)

// vllm is a server that does as vLLM's source does with adapters (vllm-project/vllm,
// vllm/entrypoints/openai/models/serving.py at 4fe4500477d5 and
// vllm/entrypoints/serve/lora/api_router.py at 27873cab97e4): what it lists, which
// requests it refuses and with which words, and that it answers with an adapter where a
// request has its name as the model. Our own engine answers. vLLM itself was never run.
type vllm struct {
	*testing.T
	*httptest.Server
	m    *llama.Model
	info hobby.ModelInfo
	// fixed says that it was started without VLLM_ALLOW_RUNTIME_LORA_UPDATING.
	fixed bool

	mu    sync.Mutex
	loras []lorapath
	loads int
	// before is called before an adapter is loaded.
	before func()
}

type lorapath struct{ name, path string }

func newVLLM(t *testing.T, m *llama.Model) *vllm {
	t.Helper()
	info, err := m.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := &vllm{T: t, m: m, info: info, before: func() {}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", v.list)
	mux.HandleFunc("POST /v1/load_lora_adapter", v.change(v.load))
	mux.HandleFunc("POST /v1/unload_lora_adapter", v.change(v.unload))
	mux.HandleFunc("POST /v1/chat/completions", v.answer)
	v.Server = httptest.NewServer(mux)
	t.Cleanup(v.Close)
	return v
}

// client is a new client of the server.
func (v *vllm) client(t *testing.T) *openai.Model {
	t.Helper()
	m, err := openai.New(v.URL+"/v1", "", &openai.Options{MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (v *vllm) at(name string) int {
	return slices.IndexFunc(v.loras, func(l lorapath) bool { return l.name == name })
}

func (v *vllm) list(w http.ResponseWriter, _ *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	data := []object{{
		"id": v.info.Name, "object": "model", "owned_by": "vllm", "root": v.info.Name, "parent": nil, "max_model_len": v.info.ContextLength,
	}}
	for _, l := range v.loras {
		data = append(data, object{"id": l.name, "object": "model", "owned_by": "vllm", "root": l.path, "parent": v.info.Name,
			"max_model_len": nil})
	}
	write(v.T, w, object{"object": "list", "data": data})
}

// refusal is an error as vLLM tells it.
type refusal struct {
	status        int
	kind, message string
}

func (v *vllm) refuse(w http.ResponseWriter, r *refusal, param any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	write(v.T, w, object{"error": object{"message": r.message, "type": r.kind, "param": param, "code": r.status}})
}

// change is a route that loads or unloads.
func (v *vllm) change(do func(r *http.Request, name, path string) (string, *refusal)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		var a struct {
			Name string `json:"lora_name"`
			Path string `json:"lora_path"`
		}
		if err := json.NewDecoder(req.Body).Decode(&a); err != nil || req.Header.Get("Content-Type") != "application/json" {
			v.refuse(w, &refusal{http.StatusBadRequest, "BadRequestError", "Unsupported Media Type: Only 'application/json' is allowed"}, nil)
			return
		}
		if v.fixed { // the route is not there
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			write(v.T, w, object{"detail": "Not Found"})
			return
		}
		said, r := do(req, a.Name, a.Path)
		if r != nil {
			v.refuse(w, r, nil)
			return
		}
		fmt.Fprint(w, said)
	}
}

func (v *vllm) load(req *http.Request, name, path string) (string, *refusal) {
	v.before()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.loads++
	switch {
	case name == "" || path == "":
		return "", &refusal{http.StatusBadRequest, "InvalidUserInput", "Both 'lora_name' and 'lora_path' must be provided."}
	case v.at(name) >= 0:
		return "", &refusal{http.StatusBadRequest, "InvalidUserInput", "The lora adapter '" + name +
			"' has already been loaded. If you want to load the adapter in place, set 'load_inplace' to True."}
	}
	if _, err := os.Stat(path); err != nil {
		return "", &refusal{http.StatusNotFound, "NotFoundError", "Loading lora " + name + " failed: No adapter found for " + path}
	}
	if err := v.m.LoadAdapter(req.Context(), name, path); err != nil {
		return "", &refusal{http.StatusInternalServerError, "InternalServerError", err.Error()}
	}
	v.loras = append(v.loras, lorapath{name, path})
	return "Success: LoRA adapter '" + name + "' added successfully.", nil
}

func (v *vllm) unload(req *http.Request, name, _ string) (string, *refusal) {
	v.mu.Lock()
	defer v.mu.Unlock()
	at := v.at(name)
	if at < 0 {
		return "", &refusal{http.StatusNotFound, "NotFoundError", "The lora adapter '" + name + "' cannot be found."}
	}
	if err := v.m.UnloadAdapter(req.Context(), name); err != nil {
		return "", &refusal{http.StatusInternalServerError, "InternalServerError", err.Error()}
	}
	v.loras = slices.Delete(v.loras, at, at+1)
	return "Success: LoRA adapter '" + name + "' removed successfully.", nil
}

func (v *vllm) answer(w http.ResponseWriter, req *http.Request) {
	var a asked
	if err := json.NewDecoder(req.Body).Decode(&a); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	v.mu.Lock()
	known := a.Model == v.info.Name || v.at(a.Model) >= 0
	v.mu.Unlock()
	if !known {
		v.refuse(w, &refusal{http.StatusNotFound, "NotFoundError", "The model `" + a.Model + "` does not exist."}, "model")
		return
	}
	r := a.request(v.info.Name)
	if a.Stream {
		w.Header().Set("Content-Type", "text/event-stream")
		r.OnDelta = func(text string) {
			event(v.T, w, object{"choices": []object{{"delta": object{"content": text}}}})
		}
	}
	got, err := v.m.Generate(req.Context(), r)
	switch {
	case req.Context().Err() != nil:
	case errors.Is(err, hobby.ErrTooLong):
		w.Header().Del("Content-Type")
		w.WriteHeader(http.StatusBadRequest)
		write(v.T, w, object{"error": object{"code": "context_length_exceeded", "message": err.Error()}})
	case err != nil:
		v.Error(err)
		http.Error(w, err.Error(), http.StatusBadRequest)
	case a.Stream:
		event(v.T, w, completed(got, "delta"))
		fmt.Fprint(w, "data: [DONE]\n\n")
	default:
		write(v.T, w, completed(got, "message"))
	}
}

// TestVLLMAdapters follows an adapter through its life on a server as vLLM is.
func TestVLLMAdapters(t *testing.T) {
	engine, dir := engine(t)
	server := newVLLM(t, engine)
	a, b := server.client(t), server.client(t)
	says := func(m *openai.Model, adapter string) string {
		t.Helper()
		r := hello()
		r.Adapter, r.Sampling.MaxTokens = adapter, 8
		got, err := m.Generate(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return got.Message.Content
	}
	ok := func(doing string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", doing, err)
		}
	}
	refused := func(doing string, err error, parts ...string) {
		t.Helper()
		if err == nil || slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(err.Error(), p) }) {
			t.Errorf("%s: %v, want an error with %q", doing, err, parts)
		}
	}
	base := says(a, "")
	ok("loading", a.LoadAdapter(t.Context(), "night-1", dir))
	with := says(a, "night-1")
	if with == base || says(a, "") != base || says(b, "night-1") != with {
		t.Errorf("with the adapter %q, without %q", with, base)
	}
	info, err := b.InfoWith(t.Context(), "night-1")
	if err != nil || info.Adapter != "night-1" || !hobby.Adapted(info.Key) || !info.Weak {
		t.Errorf("the identity with the adapter: %+v, %v", info, err)
	}
	loads := server.loads
	ok("loading again", b.LoadAdapter(t.Context(), "night-1", dir))
	if server.loads != loads {
		t.Error("what is loaded was loaded again")
	}
	refused("another one of the same name", a.LoadAdapter(t.Context(), "night-1", t.TempDir()), "another one needs another name")
	refused("what is not there", a.LoadAdapter(t.Context(), "gone", filepath.Join(dir, "gone")), "No adapter found", "gone")
	ok("unloading", b.UnloadAdapter(t.Context(), "night-1"))
	r := hello()
	r.Adapter = "night-1"
	_, err = a.Generate(t.Context(), r) // a has not heard of it
	refused("answering with what another client has unloaded", err, "night-1")
	if !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("answering with what another client has unloaded: %v, want ErrInvalid", err)
	}
	refused("unloading twice", a.UnloadAdapter(t.Context(), "night-1"), "not loaded")

	// Another client is faster.
	server.before = func() {
		server.before = func() {}
		ok("the faster client", b.LoadAdapter(t.Context(), "night-2", dir))
	}
	ok("loading what another client has just loaded", a.LoadAdapter(t.Context(), "night-2", dir))
	if says(a, "night-2") != with {
		t.Error("the adapter does not answer")
	}
	server.before = func() {
		server.before = func() {}
		ok("the faster client", b.LoadAdapter(t.Context(), "night-3", dir))
	}
	refused("loading another one than a client has just loaded", a.LoadAdapter(t.Context(), "night-3", t.TempDir()), "already been loaded")

	server.fixed = true
	refused("a server that was started without", a.LoadAdapter(t.Context(), "night-4", dir), "VLLM_ALLOW_RUNTIME_LORA_UPDATING=True")
	if says(a, "night-2") != with {
		t.Error("what it was started with does not answer")
	}
}
