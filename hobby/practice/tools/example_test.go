package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice/tools"
)

// A host's own tool. Mail cannot be taken back, so it is never sent in practice: an answer
// is judged by the calls that it makes.
func Example() {
	family, err := tools.Hosted{
		Name: "mail", Version: 1,
		Tools: []tools.Host{{
			Tool: hobby.Tool{Name: "send", Parameters: json.RawMessage(`{"type": "object", "properties": {"to": {"type": "string"}}}`)},
			Call: func(context.Context, json.RawMessage) (string, error) { panic("mail was sent") }, Effect: tools.Acts,
		}},
		Cases: []tools.Case{{Request: "Write to Ada.", Calls: []hobby.ToolCall{{Name: "send", Arguments: `{"to": "Ada"}`}}}},
	}.Family()
	if err != nil {
		fmt.Println(err)
		return
	}
	task := family.Generate(rand.New(rand.NewPCG(1, 1)), 1)
	for _, to := range []string{"Ada", "Eve"} {
		v := task.Verify(`<tool_call>{"name": "send", "arguments": {"to": "` + to + `"}}</tool_call>`)
		fmt.Printf("%s: %v %q\n", to, v.Score, v.Note)
	}
	// Output:
	// Ada: 1 ""
	// Eve: 0 "a call that was not asked for"
}
