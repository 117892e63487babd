package openai_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/openai/openai-go/v3/shared"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
)

// TestAnswersAsTheOfficialClient: every successful answer of the replayed
// conversations, decoded by OpenAI's own Go client, says the same as ours.
func TestAnswersAsTheOfficialClient(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	compared := 0
	for _, file := range files {
		if slices.Contains([]string{"gateway.txtar", "faults.txtar", "reasoning.txtar", "seeming.txtar"}, filepath.Base(file)) {
			continue // their answers break the API's rules on purpose, or are asked for twice
		}
		c := readConversation(t, file)
		for i, f := range c.Files {
			if i == 0 || c.Files[i-1].Name != "> POST /v1/chat/completions" || !strings.HasPrefix(f.Name, "< 200") {
				continue
			}
			var want outcome
			decodeStrict(t, c.Files[i+1], &want)
			if want.Response == nil {
				continue
			}
			var theirs *sdk.ChatCompletion
			if strings.Contains(f.Name, "event-stream") {
				theirs = &accumulate(t, f.Data).ChatCompletion
			} else {
				theirs = new(sdk.ChatCompletion)
				if err := theirs.UnmarshalJSON(f.Data); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
			}
			if diff := cmp.Diff(summary(theirs), ours(want.Response)); diff != "" {
				t.Errorf("%s: answer %d (-theirs +ours):\n%s", file, i, diff)
			}
			compared++
		}
	}
	if compared < 8 {
		t.Errorf("only %d answers were compared", compared)
	}
}

func accumulate(t *testing.T, stream []byte) *sdk.ChatCompletionAccumulator {
	t.Helper()
	acc := &sdk.ChatCompletionAccumulator{}
	s := ssestream.NewStream[sdk.ChatCompletionChunk](ssestream.NewDecoder(&http.Response{
		Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(bytes.NewReader(stream)),
	}), nil)
	for s.Next() {
		if !acc.AddChunk(s.Current()) {
			t.Fatal("the official client's accumulator refuses a chunk")
		}
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return acc
}

// said is what both clients can say about an answer.
type said struct {
	Text, Model string
	In, Out     int64
	Calls       []hobby.ToolCall
}

func summary(c *sdk.ChatCompletion) said {
	msg := c.Choices[0].Message
	s := said{Text: msg.Content + msg.Refusal, Model: c.Model, In: c.Usage.PromptTokens, Out: c.Usage.CompletionTokens}
	for _, t := range msg.ToolCalls {
		s.Calls = append(s.Calls, hobby.ToolCall{ID: t.ID, Name: t.Function.Name, Arguments: t.Function.Arguments})
	}
	return s
}

func ours(r *hobby.Response) said {
	return said{Text: r.Message.Content, Model: r.Model, In: int64(r.TokensIn), Out: int64(r.TokensOut), Calls: r.Message.ToolCalls}
}

// TestRequestsAsTheOfficialClient: OpenAI's own Go client, asked for the same
// things, writes the same requests.
func TestRequestsAsTheOfficialClient(t *testing.T) {
	var body []byte
	catch := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet {
			return reply(200, "application/json", `{"data":[{"id":"m","owned_by":"system"}]}`), nil
		}
		body, _ = io.ReadAll(r.Body)
		return nil, errors.New("caught")
	})}
	schema := map[string]any{"type": "object", "properties": map[string]any{"n": map[string]any{"type": "integer"}}}
	seed := uint64(42)
	m, err := openai.New("http://server/v1", "m", &openai.Options{HTTPClient: catch, Dialect: openai.OpenAI})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = m.Generate(t.Context(), hobby.Request{
		Messages: []hobby.Message{
			{Role: hobby.RoleSystem, Content: "Be brief."},
			{Role: hobby.RoleUser, Content: "Weather? <b>&"},
			{Role: hobby.RoleAssistant, Content: "Let me see.", ToolCalls: []hobby.ToolCall{{ID: "c1", Name: "weather", Arguments: `{"n":1}`}}},
			{Role: hobby.RoleTool, Content: "rain", ToolCallID: "c1"},
		},
		Tools: []hobby.Tool{{Name: "weather", Description: "of a place",
			Parameters: []byte(`{"type":"object","properties":{"n":{"type":"integer"}}}`)}},
		Schema:   []byte(`{"type":"object","properties":{"n":{"type":"integer"}}}`),
		Sampling: hobby.Sampling{Temperature: 0.5, TopP: 0.75, MaxTokens: 10},
		Seed:     &seed, Stop: []string{"a", "b"}, LogProbs: true, OnDelta: func(string) {},
	})
	mine := canonical(t, body)

	svc := sdk.NewChatCompletionService(option.WithBaseURL("http://server/v1/"), option.WithHTTPClient(catch), option.WithMaxRetries(0))
	assistant := sdk.AssistantMessage("Let me see.")
	assistant.OfAssistant.ToolCalls = []sdk.ChatCompletionMessageToolCallUnionParam{{OfFunction: &sdk.ChatCompletionMessageFunctionToolCallParam{
		ID: "c1", Function: sdk.ChatCompletionMessageFunctionToolCallFunctionParam{Name: "weather", Arguments: `{"n":1}`},
	}}}
	stream := svc.NewStreaming(t.Context(), sdk.ChatCompletionNewParams{
		Model: "m",
		Messages: []sdk.ChatCompletionMessageParamUnion{sdk.SystemMessage("Be brief."), sdk.UserMessage("Weather? <b>&"), assistant,
			sdk.ToolMessage("rain", "c1")},
		Tools: []sdk.ChatCompletionToolUnionParam{sdk.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name: "weather", Description: param.NewOpt("of a place"), Parameters: schema,
		})},
		ResponseFormat: sdk.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "answer", Strict: param.NewOpt(true), Schema: schema},
		}},
		Temperature: param.NewOpt(0.5), TopP: param.NewOpt(0.75), MaxCompletionTokens: param.NewOpt[int64](10),
		Seed: param.NewOpt[int64](42), Stop: sdk.ChatCompletionNewParamsStopUnion{OfStringArray: []string{"a", "b"}},
		Logprobs: param.NewOpt(true), TopLogprobs: param.NewOpt[int64](1),
		StreamOptions: sdk.ChatCompletionStreamOptionsParam{IncludeUsage: param.NewOpt(true)},
	})
	_ = stream.Close()
	if diff := cmp.Diff(canonical(t, body), mine); diff != "" {
		t.Errorf("the requests differ (-theirs +ours):\n%s", diff)
	}
}
