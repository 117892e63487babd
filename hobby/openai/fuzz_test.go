package openai_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
)

// seeds adds every answer of the replayed conversations to a fuzz target.
func seeds(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		for _, part := range readConversation(f, file).Files {
			if words := strings.Fields(part.Name); len(words) >= 3 && words[0] == "<" {
				f.Add(words[1] == "200", strings.Contains(part.Name, "event-stream"), string(part.Data))
			}
		}
	}
	f.Add(true, true, "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1000000000}]}}]}\n\n")
	f.Add(true, false, strings.Repeat(`{"choices":[`, 1000))
	f.Add(true, true, "error: {\"message\":\"older servers\"}\r\n\r\n")
}

// FuzzAnswer: whatever a server sends, Generate returns an answer whose parts
// agree with each other or an error that is fit to print, and never panics.
func FuzzAnswer(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, ok, stream bool, body string) {
		const most = 1 << 16
		m := over2(t, most, func(*http.Request) (*http.Response, error) {
			status, media := 200, "application/json"
			if !ok {
				status = 400
			}
			if stream {
				media = "text/event-stream"
			}
			return reply(status, media, body), nil
		})
		r, heard := hello(), ""
		r.LogProbs, r.OnDelta = true, func(s string) { heard += s }
		a, err := m.Generate(t.Context(), r)
		if err != nil {
			var e *openai.Error
			text := err.Error()
			if !errors.As(err, &e) || len(text) > 2*most || strings.ContainsFunc(text, unicode.IsControl) {
				t.Errorf("the error is %#v", err)
			}
			return
		}
		if !ok {
			t.Error("a refusal gave an answer")
		}
		if a.Finish != hobby.FinishFilter && a.Message.Content != heard {
			t.Errorf("heard %q, got %q", heard, a.Message.Content)
		}
		if a.TokensIn < 0 || a.TokensOut < 0 || len(a.Message.Content) > len(body) {
			t.Errorf("got %+v from %d bytes", a, len(body))
		}
		for _, c := range a.Message.ToolCalls {
			if c.ID == "" {
				t.Errorf("got a call without an id: %+v", c)
			}
		}
	})
}

// over2 is over for fuzzing, where the answer is bounded more closely.
func over2(t *testing.T, most int64, chat transport) *openai.Model {
	return over(t, openai.Options{MaxRetries: -1, MaxResponseBytes: most}, chat)
}

// FuzzFacts: whatever a server says of itself, Info returns a sound answer or
// an error.
func FuzzFacts(f *testing.F) {
	f.Add(list, `{"models":[{"name":"m","digest":"x","context_length":5}]}`)
	f.Add(`{"data":[{"id":"m","owned_by":"library"}]}`, `{"models":[{"name":"m","digest":"x"}],"parameters":"num_ctx -5\nnum_ctx"}`)
	f.Add(`{"data":[{"id":"m","owned_by":"llamacpp","meta":{"n_params":1}}]}`,
		`{"chat_template":"x","default_generation_settings":{"n_ctx":-1}}`)
	f.Add(`{"data":[{"id":"m"}]}`, `{"version":"0.1"}`)
	f.Add(`{"data":[]}`, ``)
	f.Fuzz(func(t *testing.T, models, other string) {
		m, err := openai.New("http://server/v1", "", &openai.Options{MaxRetries: -1, HTTPClient: &http.Client{
			Transport: transport(func(r *http.Request) (*http.Response, error) {
				if r.URL.Path == "/v1/models" {
					return reply(200, "application/json", models), nil
				}
				return reply(200, "application/json", other), nil
			}),
		}})
		if err != nil {
			t.Fatal(err)
		}
		info, err := m.Info(t.Context())
		var e *openai.Error
		if err != nil && !errors.As(err, &e) || err == nil && (info.Weak == hobby.Frozen(info.Key) || info.ContextLength < 0) {
			t.Errorf("got %+v, %#v", info, err)
		}
	})
}

// FuzzRequest: what Generate sends is JSON that holds the conversation
// unchanged, or the request is refused.
func FuzzRequest(f *testing.F) {
	f.Add("user", "Hi <b>", "weather", `{"type":"object"}`, 0.5, 3)
	f.Add("tool", "\xff\x00", "", `{`, -1.0, -1)
	f.Fuzz(func(t *testing.T, role, content, tool, schema string, temperature float64, tokens int) {
		var sent struct {
			Messages []struct{ Role, Content string }
		}
		m := over2(t, 1<<16, func(r *http.Request) (*http.Response, error) {
			if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
				t.Errorf("sent something that is not JSON: %v", err)
			}
			return reply(200, "application/json", good), nil
		})
		_, err := m.Generate(t.Context(), hobby.Request{
			Messages: []hobby.Message{{Role: hobby.Role(role), Content: content}},
			Tools:    []hobby.Tool{{Name: tool}},
			Schema:   []byte(schema),
			Sampling: hobby.Sampling{Temperature: temperature, MaxTokens: tokens},
		})
		switch {
		case err != nil && !errors.Is(err, hobby.ErrInvalid):
			t.Errorf("got %v", err)
		case err == nil && (len(sent.Messages) != 1 || sent.Messages[0].Role != role ||
			sent.Messages[0].Content != strings.ToValidUTF8(content, "\ufffd") && strings.ToValidUTF8(content, "") == content):
			t.Errorf("sent %+v", sent)
		}
	})
}
