package openai

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// fetch gets a JSON document. has is false where the server has none at that
// path.
func (m *Model) fetch(ctx context.Context, c call, v any) (has bool, err error) {
	err = m.retry(ctx, c, func() error { return m.exchange(ctx, c, c.decode(v)) })
	var e *Error
	if errors.As(err, &e) {
		switch e.Status {
		case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusForbidden:
			return false, nil
		}
	}
	return err == nil, err
}

// listed is one entry of /v1/models, with what llama-server and vLLM add.
type listed struct {
	ID      string   `json:"id"`
	OwnedBy string   `json:"owned_by"`
	Aliases []string `json:"aliases"`
	MaxLen  int      `json:"max_model_len"`        // vLLM
	Root    string   `json:"root"`                 // vLLM: where an adapter was loaded from
	Parent  string   `json:"parent"`               // vLLM: an adapter's base
	Takes   []string `json:"supported_parameters"` // OpenRouter
	Meta    struct { // llama-server
		Params int64  `json:"n_params"`
		Size   int64  `json:"size"`
		Vocab  int64  `json:"n_vocab"`
		Type   string `json:"ftype"`
	} `json:"meta"`
}

// models is a list of models, by itself or as the data of an object.
type models []listed

func (l *models) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte("[")) {
		return json.Unmarshal(raw, (*[]listed)(l))
	}
	var object struct {
		Data []listed `json:"data"`
	}
	err := json.Unmarshal(raw, &object)
	*l = object.Data
	return err
}

// ask asks the server for all facts.
func (m *Model) ask(ctx context.Context) (*facts, error) {
	var list models
	has, err := m.fetch(ctx, m.get("listing models", m.base+"/models"), &list)
	if err != nil {
		return nil, err
	}
	if !has && m.name == "" {
		return nil, &Error{Op: "listing models", URL: m.base + "/models",
			Message: "the server has no list of models, so the model must be named" + m.hint()}
	}
	f := &facts{dialect: m.dialect, name: m.name}
	for _, e := range list {
		f.names = append(f.names, e.ID)
		if f.dialect == Auto {
			f.dialect = dialectOf(e.OwnedBy, m.host)
		}
	}
	if f.dialect == Auto {
		if f.dialect, err = m.recognise(ctx); err != nil {
			return nil, err
		}
	}
	entry, err := m.choose(f, list, has)
	if err != nil {
		return nil, err
	}
	f.reasons = slices.Contains(entry.Takes, "reasoning")
	switch f.dialect {
	case LlamaServer:
		err = m.askLlamaServer(ctx, f, entry)
	case Ollama:
		err = m.askOllama(ctx, f)
	case VLLM:
		f.context = max(0, entry.MaxLen)
		f.adapters = map[string]string{}
		for _, e := range list {
			if e.Parent == f.name && e.ID != f.name {
				f.adapters[e.ID] = e.Root
			}
		}
	}
	return f, err
}

// hint is advice for a base URL without /v1.
func (m *Model) hint() string {
	if m.base == m.root {
		return " (the base URL usually ends in /v1)"
	}
	return ""
}

// recognise tells Ollama from unknown servers. Ollama's list names its models'
// namespaces.
func (m *Model) recognise(ctx context.Context) (Dialect, error) {
	var version struct {
		Version string `json:"version"`
	}
	has, err := m.fetch(ctx, m.get("asking for Ollama's version", m.root+"/api/version"), &version)
	var e *Error
	switch {
	case has && version.Version != "":
		return Ollama, nil
	case err == nil, errors.As(err, &e) && !e.again && e.answered():
		return Generic, nil
	}
	return Auto, err
}

// choose finds the model in the server's list, if the server has a list. A
// gateway's pattern, such as openai/*, is no model.
func (m *Model) choose(f *facts, list []listed, has bool) (listed, error) {
	if m.name == "" {
		first := slices.IndexFunc(list, func(e listed) bool { return e.ID != "" && !strings.Contains(e.ID, "*") })
		if first < 0 {
			return listed{}, m.unknown("the server lists no model")
		}
		f.name = list[first].ID
		return list[first], nil
	}
	for _, e := range list {
		if e.ID == m.name || e.ID == m.name+":latest" || slices.Contains(e.Aliases, m.name) {
			f.name = e.ID
			return e, nil
		}
	}
	if !has || f.dialect == Generic { // gateways serve more than they list
		return listed{ID: m.name}, nil
	}
	return listed{}, m.unknown(fmt.Sprintf("there is no model %q; the server has %s", m.name, listing(f.names)))
}

func (m *Model) unknown(message string) error {
	return &Error{Op: "choosing a model", URL: m.base, Code: "model_not_found", Message: message, Attempts: 1}
}

// whichModels adds the server's models to an error about an unknown model.
func (m *Model) whichModels(ctx context.Context, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Status != http.StatusNotFound && e.Code != "model_not_found" {
		return err
	}
	f, listErr := m.facts(ctx, 0)
	if listErr != nil {
		if errors.As(listErr, &e) && e.Code == "model_not_found" {
			return listErr
		}
		return err
	}
	if len(f.names) > 0 {
		e.Message += "; the server has " + listing(f.names)
	}
	return err
}

func (m *Model) askLlamaServer(ctx context.Context, f *facts, entry listed) error {
	var props struct {
		Template string `json:"chat_template"`
		Defaults struct {
			Context int `json:"n_ctx"`
		} `json:"default_generation_settings"`
	}
	if err := m.ofLlamaServer(ctx, f, "properties", "/props", &props); err != nil {
		return err
	}
	if props.Template != "" {
		f.template = hash(props.Template)
		f.reasons = slices.ContainsFunc([]string{"</think>", "[/THINK]", "<|channel"}, func(mark string) bool {
			return strings.Contains(props.Template, mark)
		})
	}
	f.context = max(0, props.Defaults.Context)
	f.print = fmt.Sprintf("params=%d size=%d vocab=%d type=%s", entry.Meta.Params, entry.Meta.Size, entry.Meta.Vocab, entry.Meta.Type)

	var adapters []struct {
		ID   int    `json:"id"`
		Path string `json:"path"`
	}
	if err := m.ofLlamaServer(ctx, f, "adapters", "/lora-adapters", &adapters); err != nil {
		return err
	}
	for _, a := range adapters {
		base := path.Base(strings.ReplaceAll(a.Path, `\`, "/"))
		f.loras = append(f.loras, lora{id: a.ID, name: strings.TrimSuffix(base, path.Ext(base))})
	}
	return nil
}

// ofLlamaServer gets a llama-server's report on a model. A server with several
// models requires the model's name. A server without the report refuses the
// request as bad.
func (m *Model) ofLlamaServer(ctx context.Context, f *facts, what, path string, v any) error {
	query := "?" + url.Values{"model": {f.name}}.Encode()
	_, err := m.fetch(ctx, m.get("asking for llama-server's "+what, m.root+path+query), v)
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusBadRequest {
		return nil
	}
	return err
}

func (m *Model) askOllama(ctx context.Context, f *facts) error {
	type named struct {
		Name    string `json:"name"`
		Digest  string `json:"digest"`
		Context int    `json:"context_length"`
	}
	var tags, loaded struct {
		Models []named `json:"models"`
	}
	if _, err := m.fetch(ctx, m.get("asking for Ollama's digests", m.root+"/api/tags"), &tags); err != nil {
		return err
	}
	if _, err := m.fetch(ctx, m.get("asking what Ollama has loaded", m.root+"/api/ps"), &loaded); err != nil {
		return err
	}
	for _, t := range tags.Models {
		if t.Name == f.name {
			f.digest = t.Digest
		}
	}
	c, err := m.post("asking for Ollama's settings of "+f.name, m.root+"/api/show", map[string]any{"model": f.name})
	if err != nil {
		return err
	}
	var show struct {
		Parameters   string   `json:"parameters"` // lines of a name and a value
		Capabilities []string `json:"capabilities"`
	}
	if _, err := m.fetch(ctx, c, &show); err != nil {
		return err
	}
	for line := range strings.Lines(show.Parameters) {
		if words := strings.Fields(line); len(words) == 2 && words[0] == "num_ctx" {
			if n, err := strconv.Atoi(words[1]); err == nil {
				f.context = max(0, n)
			}
		}
	}
	f.reasons = slices.Contains(show.Capabilities, "thinking")
	for _, l := range loaded.Models {
		if l.Name == f.name && l.Context > 0 {
			f.context = l.Context
		}
	}
	return nil
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}
