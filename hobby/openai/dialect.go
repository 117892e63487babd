package openai

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// Dialect names the software behind a server, where that changes a request.
type Dialect string

// The dialects. [Auto] asks the server.
const (
	Auto           Dialect = ""
	OpenAI         Dialect = "openai"
	LlamaServer    Dialect = "llama-server"
	LlamaCppPython Dialect = "llama-cpp-python"
	Ollama         Dialect = "ollama"
	VLLM           Dialect = "vllm"
	// Generic is any other server. It is sent standard fields always, and others,
	// such as top_k, only when they are set.
	Generic Dialect = "generic"
)

func (d Dialect) valid() bool {
	return slices.Contains([]Dialect{Auto, OpenAI, LlamaServer, LlamaCppPython, Ollama, VLLM, Generic}, d)
}

// dialectOf recognises a server by the owner that its list names for a model. ""
// means that the owner does not tell. Gateways name "openai" for all models, so
// that name counts on OpenAI's own host only.
func dialectOf(ownedBy, host string) Dialect {
	switch {
	case ownedBy == "llamacpp":
		return LlamaServer
	case ownedBy == "vllm":
		return VLLM
	case ownedBy == "library":
		return Ollama
	case ownedBy == "me":
		return LlamaCppPython
	case host == "openai.com" || strings.HasSuffix(host, ".openai.com") || strings.HasSuffix(host, ".openai.azure.com"):
		return OpenAI
	}
	return Auto
}

// sampling writes s into body. A setting that is off is sent as off where the
// server has a default of its own.
func (d Dialect) sampling(s hobby.Sampling, body map[string]any) error {
	body["temperature"] = s.Temperature
	if s.MaxTokens > 0 {
		if d == OpenAI {
			body["max_completion_tokens"] = s.MaxTokens
		} else {
			body["max_tokens"] = s.MaxTokens
		}
	}
	topP, penalty := s.TopP, s.RepetitionPenalty
	if topP == 0 {
		topP = 1
	}
	if penalty == 0 {
		penalty = 1
	}
	switch d {
	case LlamaServer, LlamaCppPython:
		body["top_p"], body["min_p"], body["top_k"], body["repeat_penalty"] = topP, s.MinP, s.TopK, penalty
	case VLLM:
		topK := s.TopK
		if topK == 0 {
			topK = -1
		}
		body["top_p"], body["min_p"], body["top_k"], body["repetition_penalty"] = topP, s.MinP, topK, penalty
	case Ollama:
		body["top_p"] = topP
		return unsupported(s, "Ollama's OpenAI endpoint ignores it; set it in the model's Modelfile")
	case OpenAI:
		if s.TopP != 0 {
			body["top_p"] = s.TopP
		}
		return unsupported(s, "OpenAI's API has no such setting")
	default:
		for field, v := range map[string]float64{"top_p": s.TopP, "min_p": s.MinP, "repetition_penalty": s.RepetitionPenalty} {
			if v != 0 {
				body[field] = v
			}
		}
		if s.TopK != 0 {
			body["top_k"] = s.TopK
		}
	}
	return nil
}

// unsupported refuses the settings that are not part of OpenAI's API.
func unsupported(s hobby.Sampling, why string) error {
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"TopK", s.TopK != 0}, {"MinP", s.MinP != 0}, {"RepetitionPenalty", s.RepetitionPenalty != 0 && s.RepetitionPenalty != 1},
	} {
		if f.set {
			return fmt.Errorf("openai: %w: Sampling.%s is set: %s", hobby.ErrInvalid, f.name, why)
		}
	}
	return nil
}

// schema returns the response_format that makes the server answer with JSON that
// matches schema.
func (d Dialect) schema(schema any) map[string]any {
	if d == LlamaCppPython {
		return map[string]any{"type": "json_object", "schema": schema}
	}
	return map[string]any{"type": "json_schema", "json_schema": map[string]any{
		"name": "answer", "strict": true, "schema": schema,
	}}
}

// errNotLoaded says that a server that takes adapters does not have the requested
// one.
var errNotLoaded = fmt.Errorf("openai: %w: Request.Adapter is not loaded", hobby.ErrInvalid)

// adapter makes body ask for the named adapter, or for the base when name is
// "".
func (f *facts) adapter(name string, body map[string]any) error {
	switch {
	case f.dialect == VLLM && name != "":
		if _, loaded := f.adapters[name]; !loaded {
			return f.notLoaded(name)
		}
		body["model"] = name
	case f.dialect == LlamaServer && (name != "" || len(f.loras) > 0):
		// An adapter that is not listed has scale 0. An empty list means the
		// adapters that the server was started with, so all of them are listed.
		found := false
		list := []map[string]any{}
		for _, l := range f.loras {
			scale := 0
			if name != "" && name == l.name {
				scale, found = 1, true
			}
			list = append(list, map[string]any{"id": l.id, "scale": scale})
		}
		if name != "" && !found {
			return fmt.Errorf("%w: %q; llama-server was started with %s", errNotLoaded, name, listing(f.loraNames()))
		}
		body["lora"] = list
	case name != "":
		return fmt.Errorf("openai: %w: Request.Adapter is %q, and a server of the dialect %q takes no adapter per request "+
			"(vllm and llama-server do)", hobby.ErrInvalid, name, f.dialect)
	}
	return nil
}

// listing returns a short enumeration for an error message.
func listing(names []string) string {
	const most = 8
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
