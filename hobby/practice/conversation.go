package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// Failed begins what a model is told of a call that failed.
const Failed = "Error: "

// Use is one use of the tools of a task. What the tools are left in by one use, no
// other sees.
type Use interface {
	// Call carries out a call and returns what the model is told: a result, or
	// [Failed] and what went wrong.
	Call(ctx context.Context, c hobby.ToolCall) string
	Close()
}

// MaxTurns bounds the turns of a conversation with tools, and MaxCalls the calls in it.
const (
	MaxTurns = 8
	MaxCalls = 16
)

// conversation is a question that is being answered, in one turn or, with tools, in
// several.
type conversation struct {
	asks    string // what the task asks
	request hobby.Request
	use     Use            // nil without tools
	answer  hobby.Response // so far: its text is the transcript
	turns   int
	calls   int
	done    bool
}

// converse begins one.
func (o *AskOptions) converse(q question, adapter string) *conversation {
	c := &conversation{asks: wording(q.task), request: o.request(q, adapter)}
	if q.task.Use != nil {
		c.use, c.request.Tools = q.task.Use(), q.task.Tools
	}
	return c
}

func (c *conversation) close() {
	if c.use != nil {
		c.use.Close()
	}
}

// take takes the model's next turn. Where that calls tools, they are called, and the
// conversation goes on.
func (c *conversation) take(ctx context.Context, r *hobby.Response) {
	a := &c.answer
	a.TokensIn, a.TokensOut, a.MicroUSD = a.TokensIn+r.TokensIn, a.TokensOut+r.TokensOut, a.MicroUSD+r.MicroUSD
	a.Finish, a.Model = r.Finish, r.Model
	_, said, _ := hobby.CutReasoning(r.Message.Content) // what is thought is not kept
	if c.done = c.use == nil; c.done {
		a.Message.Content = said
		return
	}
	calls := slices.Clone(r.Message.ToolCalls)
	turn := Transcript(calls)
	if len(calls) == 0 { // the server may have left them in the text
		calls, said = Calls(said)
		turn = Transcript(calls) + said
	}
	for i := range calls {
		if calls[i].ID == "" || len(r.Message.ToolCalls) == 0 {
			calls[i].ID = fmt.Sprint(c.calls + i + 1)
		}
	}
	c.turns++
	a.Message.Content += turn
	c.done = len(calls) == 0 || len(r.Message.ToolCalls) == 0 && said != "" || c.turns == MaxTurns
	if r.Finish == hobby.FinishLength || r.Finish == hobby.FinishFilter { // the last call may not be what it would have become
		c.done = true
		return
	}
	c.request.Messages = append(c.request.Messages[:len(c.request.Messages):len(c.request.Messages)],
		hobby.Message{Role: hobby.RoleAssistant, ToolCalls: calls})
	for _, call := range calls {
		if c.calls++; c.calls > MaxCalls {
			c.done = true
			return
		}
		c.request.Messages = append(c.request.Messages,
			hobby.Message{Role: hobby.RoleTool, ToolCallID: call.ID, Content: hobby.Clean(c.use.Call(ctx, call), nil)})
	}
}

// tooLong reports whether a turn found no room in the model's context after earlier ones
// did. The conversation then ends as one that was cut.
func (c *conversation) tooLong(err error) bool {
	if !errors.Is(err, hobby.ErrTooLong) || c.turns == 0 {
		return false
	}
	c.answer.Finish = hobby.FinishLength
	return true
}

// Transcript writes calls as [Calls] reads them.
func Transcript(calls []hobby.ToolCall) string {
	var b strings.Builder
	for _, c := range calls {
		arguments := c.Arguments
		if !json.Valid([]byte(arguments)) { // it stands as a text
			arguments = compact(arguments)
		}
		call := fmt.Sprintf(`{"name": %s, "arguments": %s}`, compact(c.Name), arguments)
		fmt.Fprintf(&b, "<tool_call>\n%s\n</tool_call>\n", strings.ReplaceAll(call, "</", `<\/`))
	}
	return b.String()
}

// toolCall matches a call of a transcript. The last may lack its closing tag.
var toolCall = regexp.MustCompile(`(?s)<tool_call>\s*(.*?)\s*(?:</tool_call>\s*|$)`)

// Calls reads the calls of a transcript, and what is said after the last of them. A call
// that is not JSON has no name.
func Calls(transcript string) (calls []hobby.ToolCall, said string) {
	all := toolCall.FindAllStringSubmatchIndex(transcript, -1)
	if len(all) == 0 {
		return nil, strings.TrimSpace(transcript)
	}
	for _, at := range all {
		var c struct {
			Name      string
			Arguments json.RawMessage
		}
		text := transcript[at[2]:at[3]]
		call := hobby.ToolCall{ID: fmt.Sprint(len(calls) + 1)}
		if json.Unmarshal([]byte(text), &c) == nil {
			call.Name, call.Arguments = c.Name, string(c.Arguments)
		} else {
			call.Arguments = text
		}
		calls = append(calls, call)
	}
	return calls, strings.TrimSpace(transcript[all[len(all)-1][1]:])
}

// replay carries out the calls of a transcript again, one a turn. A host's tools are not
// called: of their tasks there is the first turn.
func (t *Task) replay(transcript string) (all []hobby.Turn) {
	calls, said := Calls(transcript)
	if len(calls) == 0 || len(calls) > MaxCalls {
		return nil
	}
	if t.Taint != hobby.Trusted {
		return []hobby.Turn{{Messages: t.Messages, Tools: t.Tools, Completion: strings.TrimSpace(Transcript(calls[:1]))}}
	}
	u := t.Use()
	defer u.Close()
	messages := slices.Clone(t.Messages)
	turn := func(completion string) {
		all = append(all, hobby.Turn{Messages: slices.Clone(messages), Tools: t.Tools, Completion: completion})
	}
	for _, c := range calls {
		told := hobby.Clean(u.Call(context.Background(), c), nil)
		if !strings.HasPrefix(told, Failed) {
			turn(strings.TrimSpace(Transcript([]hobby.ToolCall{c})))
		}
		messages = append(messages, hobby.Message{Role: hobby.RoleAssistant, ToolCalls: []hobby.ToolCall{c}},
			hobby.Message{Role: hobby.RoleTool, ToolCallID: c.ID, Content: told})
	}
	if said != "" {
		turn(said)
	}
	return all
}
