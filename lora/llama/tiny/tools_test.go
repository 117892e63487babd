package tiny_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
)

// TestItCallsTools gives the functions of held-out tasks as tools: the model calls the
// right one with the right arguments, and passes on what it told.
func TestItCallsTools(t *testing.T) {
	m, s := opened(t), suite(t)
	const n = 100
	for i, least := range []int{60, 70} {
		level, r := i+1, rand.New(rand.NewPCG(12, uint64(i)))
		called, told := 0, 0
		for range n {
			task, err := s.Draw(r, "calls", level, hobby.HeldOut)
			if err != nil {
				t.Fatal(err)
			}
			functions, rest, _ := strings.Cut(task.Messages[0].Content, "\nRequest: ")
			request, _, _ := strings.Cut(rest, "\n")
			var tools []hobby.Tool
			for line := range strings.Lines(functions) {
				var tool hobby.Tool
				if err := json.Unmarshal([]byte(line), &tool); err != nil {
					t.Fatal(err)
				}
				tools = append(tools, tool)
			}
			messages := []hobby.Message{{Role: hobby.RoleUser, Content: request}}
			answer, err := m.Generate(t.Context(), hobby.Request{Messages: messages, Tools: tools})
			if err != nil {
				t.Fatal(err)
			}
			var want struct {
				Name      string
				Arguments any
			}
			if err := json.Unmarshal([]byte(task.Reference), &want); err != nil {
				t.Fatal(err)
			}
			calls := answer.Message.ToolCalls
			var arguments any
			if len(calls) != 1 || calls[0].Name != want.Name || json.Unmarshal([]byte(calls[0].Arguments), &arguments) != nil ||
				!reflect.DeepEqual(arguments, want.Arguments) {
				t.Logf("%s: %+v", request, answer.Message)
				continue
			}
			called++
			messages = append(messages, answer.Message, hobby.Message{Role: hobby.RoleTool, ToolCallID: calls[0].ID, Content: "4711"})
			if answer, err = m.Generate(t.Context(), hobby.Request{Messages: messages, Tools: tools}); err != nil {
				t.Fatal(err)
			}
			if answer.Message.Content == "4711" {
				told++
			}
		}
		t.Logf("level %d: %d of %d calls are right, the result of %d is passed on", level, called, n, told)
		if called < least || told < called*9/10 {
			t.Errorf("level %d: %d of %d calls are right, the result of %d is passed on", level, called, n, told)
		}
	}
}
