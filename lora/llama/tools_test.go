package llama

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/internal/constrain"
)

var weather = hobby.Tool{
	Name: "weather", Description: "The weather of a city.",
	Parameters: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string","maxLength":12},"days":{"type":"integer",` +
		`"minimum":1,"maximum":7}},"required":["city"]}`),
}

// knowingTemplate knows tools, in one of the styles.
type knowingTemplate struct{ tag string }

func (k knowingTemplate) Render(ms []hobby.Message, tools []hobby.Tool, prompt bool) (string, error) {
	text := ""
	for _, t := range tools {
		text += fmt.Sprintf("tool %s takes %s, answer %s{\"name\": ..., \"parameters\": ...}\n", t.Name, t.Parameters, k.tag)
	}
	for _, m := range ms {
		for _, c := range m.ToolCalls {
			text += "calls " + c.Name
		}
		text += string(m.Role) + m.Content + "\n"
	}
	return text, nil
}

// strictTemplate knows a user and an assistant who take turns, and nobody else; one
// that is lax forgets what others say.
type strictTemplate struct{ lax bool }

func (s strictTemplate) Render(ms []hobby.Message, _ []hobby.Tool, _ bool) (string, error) {
	text, turn := "", hobby.RoleUser
	for _, m := range ms {
		switch {
		case m.Role == turn:
			text += "[" + string(m.Role) + "] " + m.Content + "\n"
			turn = map[hobby.Role]hobby.Role{hobby.RoleUser: hobby.RoleAssistant, hobby.RoleAssistant: hobby.RoleUser}[turn]
		case !s.lax:
			return "", errors.New("conversation roles must alternate")
		}
	}
	return text, nil
}

func TestRender(t *testing.T) {
	history := []hobby.Message{
		{Role: hobby.RoleSystem, Content: "Be brief."},
		{Role: hobby.RoleUser, Content: "Oslo?"},
		{Role: hobby.RoleAssistant, ToolCalls: []hobby.ToolCall{{ID: "call_1", Name: "weather", Arguments: `{"city": "Oslo"}`}}},
		{Role: hobby.RoleTool, ToolCallID: "call_1", Content: "rain"},
	}
	r := hobby.Request{Messages: history, Tools: []hobby.Tool{weather}}
	for _, c := range []struct {
		name  string
		t     template
		r     hobby.Request
		style constrain.Style
		want  []string
		not   string
	}{
		{"a template that knows tags", knowingTemplate{"<tool_call>"}, r, constrain.Tagged,
			[]string{"tool weather takes", "calls weather", "toolrain"}, "<tools>"},
		{"a template that knows bare calls", knowingTemplate{}, r, constrain.Bare, []string{"tool weather takes"}, "<tools>"},
		{"a template that knows none", plainTemplate{}, r, constrain.Tagged, []string{
			"system: Be brief.\n\nYou can call", `{"name": "weather", "description": "The weather of a city.", "parameters": {"type"`,
			"<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}\n</tool_call>",
			"user: <tool_response>\nrain\n</tool_response>",
		}, "tool: rain"},
		{"a template whose roles must alternate", strictTemplate{}, r, constrain.Tagged, []string{
			"[user] Be brief.\n\nYou can call", "answer yourself.\n\nOslo?\n[assistant] <tool_call>",
			"[user] <tool_response>\nrain\n</tool_response>",
		}, "system"},
		{"a template that forgets the system", strictTemplate{lax: true}, hobby.Request{Messages: history[1:2], Tools: r.Tools},
			constrain.Tagged, []string{
				"[user] You can call", "answer yourself.\n\nOslo?",
			}, "system"},
		{"no tools", plainTemplate{}, hobby.Request{Messages: history[:2]}, constrain.Tagged,
			[]string{"system: Be brief.\nuser: Oslo?\nassistant: "}, "tool"},
	} {
		text, style, err := render(c.t, c.r)
		if err != nil || style != c.style {
			t.Errorf("%s: style %+v, %v", c.name, style, err)
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, text)
			}
		}
		if c.not != "" && strings.Contains(text, c.not) {
			t.Errorf("%s: %q in\n%s", c.name, c.not, text)
		}
	}
	if len(history[2].ToolCalls) != 1 || history[0].Content != "Be brief." {
		t.Error("rendering changed the request")
	}
}

// TestAnswerOrCall asks for an object or a call of a tool, in the style in which
// both begin alike, and cuts some answers: what is no call is text, all of which
// is told.
func TestAnswerOrCall(t *testing.T) {
	p := testParts()
	p.template = knowingTemplate{}
	m, err := newModel(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	const schema = `{"type":"object","properties":{"name":{"enum":["Bob"]},"age":{"type":"integer"}},"required":["name"]}`
	var rs []hobby.Request
	told := make([]strings.Builder, 40)
	for i := range told {
		seed := uint64(i)
		rs = append(rs, hobby.Request{
			Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Who?"}}, Seed: &seed,
			Tools: []hobby.Tool{{Name: "now"}}, Schema: json.RawMessage(schema),
			Sampling: hobby.Sampling{Temperature: 2, MaxTokens: []int{60, 9}[i%2]},
			OnDelta:  func(s string) { told[i].WriteString(s) },
		})
	}
	got, err := m.GenerateBatch(t.Context(), rs)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for i, r := range got {
		if told[i].String() != r.Message.Content {
			t.Errorf("told %q, answered %q", told[i].String(), r.Message.Content)
		}
		kinds[string(r.Finish)]++
		switch calls := r.Message.ToolCalls; r.Finish {
		case hobby.FinishTool:
			if len(calls) != 1 || calls[0].Name != "now" || r.Message.Content != "" {
				t.Errorf("called %+v and said %q", calls, r.Message.Content)
			}
		default:
			if len(calls) != 0 || !strings.HasPrefix(r.Message.Content, "{") || r.Finish == hobby.FinishStop &&
				!strings.Contains(r.Message.Content, "Bob") {
				t.Errorf("%q (%s), calls %+v", r.Message.Content, r.Finish, calls)
			}
		}
	}
	if len(kinds) != 3 {
		t.Errorf("the answers are %v; calls, objects and cut ones were expected", kinds)
	}
}

// TestToolCalls lets a random model answer with tools and a schema, so that it
// must call or answer JSON: every call's arguments match.
func TestToolCalls(t *testing.T) {
	for _, tag := range []string{"<tool_call>", ""} {
		p := testParts()
		p.template = knowingTemplate{tag}
		m, err := newModel(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		var rs []hobby.Request
		for i := range 20 {
			seed := uint64(i)
			r := hobby.Request{
				Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Oslo?"}}, Seed: &seed,
				Tools: []hobby.Tool{weather, {Name: "now"}}, Schema: json.RawMessage(`{"const":"none"}`),
				Sampling: hobby.Sampling{Temperature: 2, MaxTokens: 110},
			}
			r.OnDelta = func(s string) {
				if strings.Contains(s, "<") || strings.Contains(s, "{") {
					t.Errorf("a call was told as text: %q", s)
				}
			}
			rs = append(rs, r)
		}
		got, err := m.GenerateBatch(context.Background(), rs)
		if err != nil {
			t.Fatal(err)
		}
		called := 0
		for _, r := range got {
			if len(r.Message.ToolCalls) == 0 {
				if r.Message.Content != `"none"` || r.Finish != hobby.FinishStop {
					t.Errorf("%+v is neither a call nor the text", r)
				}
				continue
			}
			called++
			if r.Message.Content != "" || r.Finish != hobby.FinishTool {
				t.Errorf("%+v", r)
			}
			for _, c := range r.Message.ToolCalls {
				var args struct {
					City *string
					Days *int
				}
				err := json.Unmarshal([]byte(c.Arguments), &args)
				switch {
				case err != nil:
					t.Errorf("the call %+v: %v", c, err)
				case c.Name == "now" && c.Arguments == "{}":
				case c.Name != "weather" || args.City == nil:
					t.Errorf("the call %+v has no such tool, or no such arguments", c)
				case args.Days != nil && (*args.Days < 1 || *args.Days > 7):
					t.Errorf("the call %+v: days go from 1 to 7", c)
				}
			}
		}
		if called == 0 {
			t.Error("no tool was called")
		}
	}
}
