package openai_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama"
)

// TestModel holds a model behind a server to the contract: a real engine, which
// is asked and answers the way vLLM does.
func TestModel(t *testing.T) {
	const adapter = "learned"
	m, dir := engine(t)
	server := newVLLM(t, m)
	if err := server.client(t).LoadAdapter(t.Context(), adapter, dir); err != nil {
		t.Fatal(err)
	}
	hobbytest.TestModel(t, func(t *testing.T) hobbytest.ModelSubject {
		m := server.client(t)
		return hobbytest.ModelSubject{
			Model: m, Repeats: true, Isolated: true, Draws: true, Counts: true, Schema: true, Tools: true, LogProbs: true, Adapter: adapter,
			Long: &hobby.Request{
				Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Tell me all."}},
				Schema:   json.RawMessage(`{"type":"string","minLength":300}`),
			},
		}
	})
}

// engine is a small random model, and the folder of an adapter that has learned a
// little.
func engine(t *testing.T) (m *llama.Model, dir string) {
	t.Helper()
	m, err := llama.Open(t.Context(), "../../lora/llama/testdata/tiny/model", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	a, err := m.Trainer(nil).Train(t.Context(), lora.Job{
		Dir: t.TempDir(), Config: lora.Config{Epochs: 10, LearningRate: 0.02},
	}, lora.Dataset{Train: []lora.Example{{Messages: hello().Messages, Completion: "xxxxxxxx"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m, a.Dir
}

// asked is the body of a request, as vLLM takes it.
type asked struct {
	Model    string
	Messages []struct {
		Role, Content string
		ToolCallID    string       `json:"tool_call_id"`
		ToolCalls     []calledTool `json:"tool_calls"`
	}
	Tools []struct {
		Function struct {
			Name, Description string
			Parameters        json.RawMessage
		}
	}
	ResponseFormat struct {
		JSONSchema struct{ Schema json.RawMessage } `json:"json_schema"`
	} `json:"response_format"`
	Temperature       float64
	TopP              float64 `json:"top_p"`
	MinP              float64 `json:"min_p"`
	TopK              int     `json:"top_k"`
	RepetitionPenalty float64 `json:"repetition_penalty"`
	MaxTokens         int     `json:"max_tokens"`
	Seed              *uint64
	Stop              []string
	LogProbs, Stream  bool
}

type calledTool struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

func (a *asked) request(base string) hobby.Request {
	r := hobby.Request{
		Schema: a.ResponseFormat.JSONSchema.Schema, Seed: a.Seed, Stop: a.Stop, LogProbs: a.LogProbs,
		Sampling: hobby.Sampling{
			Temperature: a.Temperature, TopP: a.TopP, MinP: a.MinP, TopK: max(0,
				a.TopK), RepetitionPenalty: a.RepetitionPenalty, MaxTokens: a.MaxTokens,
		},
	}
	if a.Model != base {
		r.Adapter = a.Model
	}
	for _, m := range a.Messages {
		msg := hobby.Message{Role: hobby.Role(m.Role), Content: m.Content, ToolCallID: m.ToolCallID}
		for _, c := range m.ToolCalls {
			msg.ToolCalls = append(msg.ToolCalls, hobby.ToolCall{ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments})
		}
		r.Messages = append(r.Messages, msg)
	}
	for _, tool := range a.Tools {
		r.Tools = append(r.Tools, hobby.Tool(tool.Function))
	}
	return r
}

type object map[string]any

// completed is a whole answer, or the chunk after its text.
func completed(r hobby.Response, message string) object {
	said := object{"role": r.Message.Role}
	if message == "message" {
		said["content"] = r.Message.Content
	}
	var calls []calledTool
	for i, c := range r.Message.ToolCalls {
		call := calledTool{Index: i, ID: c.ID, Type: "function"}
		call.Function.Name, call.Function.Arguments = c.Name, c.Arguments
		calls = append(calls, call)
	}
	said["tool_calls"] = calls
	choice := object{"index": 0, message: said, "finish_reason": r.Finish}
	var probs []object
	for _, p := range r.LogProbs {
		probs = append(probs, object{"token": p.Token, "logprob": p.LogProb})
	}
	if probs != nil {
		choice["logprobs"] = object{"content": probs}
	}
	return object{
		"model": r.Model, "choices": []object{choice}, "usage": object{"prompt_tokens": r.TokensIn, "completion_tokens": r.TokensOut},
	}
}

func event(t *testing.T, w http.ResponseWriter, v object) {
	fmt.Fprint(w, "data: ")
	write(t, w, v)
	fmt.Fprint(w, "\n")
	w.(http.Flusher).Flush()
}

func write(t *testing.T, w http.ResponseWriter, v object) {
	raw, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	fmt.Fprintf(w, "%s\n", raw)
}
