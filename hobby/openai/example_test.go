package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/openai"
)

// server stands in for a server on this machine. It answers in upper case.
func server() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[{"id":"smollm2","owned_by":"vllm","max_model_len":8192}]}`)
	})
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Stream   bool
			Messages []struct{ Content string }
		}
		_ = json.NewDecoder(r.Body).Decode(&q)
		text := strings.ToUpper(q.Messages[0].Content)
		if !q.Stream {
			fmt.Fprintf(w, `{"choices":[{"message":{"content":%q},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}`, text)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for _, word := range strings.Fields(text) {
			fmt.Fprintf(w, "data: {\"choices\":[{\"delta\":{\"content\":%q}}]}\n\n", word+" ")
		}
		_, _ = io.WriteString(w, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	})
	return httptest.NewServer(mux)
}

func Example() {
	srv := server()
	defer srv.Close()

	ctx := context.Background()
	model, err := openai.New(srv.URL+"/v1", "smollm2", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	info, err := model.Info(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := model.Generate(ctx, hobby.Request{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "hello there"}},
		Sampling: hobby.Sampling{MaxTokens: 16},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(info.Name, info.ContextLength)
	fmt.Println(answer.Message.Content, answer.Finish, answer.TokensIn, answer.TokensOut)
	// Output:
	// smollm2 8192
	// HELLO THERE stop 9 2
}

func ExampleModel_Generate_streaming() {
	srv := server()
	defer srv.Close()

	model, err := openai.New(srv.URL+"/v1", "", nil) // the server's first model
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = model.Generate(context.Background(), hobby.Request{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "one two three"}},
		OnDelta:  func(text string) { fmt.Println(strings.TrimSpace(text)) },
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// ONE
	// TWO
	// THREE
}

func ExampleParse() {
	model, err := openai.Parse("openai:http://127.0.0.1:11434/v1#smollm2:135m", &openai.Options{APIKey: "secret"})
	fmt.Println(model, err)
	_, err = openai.Parse("smollm2", nil)
	fmt.Println(err)
	// Output:
	// openai:http://127.0.0.1:11434/v1#smollm2:135m <nil>
	// openai: hobby: invalid: the base URL must start with http:// or https:// and name a host, like http://127.0.0.1:11434/v1
}

func ExampleError() {
	srv := server()
	defer srv.Close()

	model, err := openai.New(srv.URL+"/v1", "llama9", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = model.Info(context.Background())
	var e *openai.Error
	if errors.As(err, &e) {
		fmt.Println(e.Code)
		fmt.Println(e.Message)
	}
	// Output:
	// model_not_found
	// there is no model "llama9"; the server has smollm2
}
