package practice_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
)

// TestTranscriptsAreReadAsWritten has calls of any text: they come back, with arguments
// that are JSON as they were and others as a text.
func TestTranscriptsAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []hobby.ToolCall
		for i := range rapid.IntRange(1, 4).Draw(t, "calls") {
			text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
				`{"a": "</tool_call>"}`, `{"a": "<tool_call>"}`, "</tool_call>", `{"a": 1}`, `{"a": {"b": [1, "\""]}}`, "{", "null", "",
			})).Draw(t, "arguments")
			name := rapid.StringMatching(`[a-z_<>/]{1,12}`).Draw(t, "name")
			want = append(want, hobby.ToolCall{ID: fmt.Sprint(i + 1), Name: name, Arguments: text})
		}
		said := rapid.StringMatching(`[a-z ]{0,20}`).Draw(t, "said")
		got, rest := practice.Calls(practice.Transcript(want) + said)
		if len(got) != len(want) || rest != strings.TrimSpace(said) {
			t.Fatalf("%d calls and %q of %q", len(got), rest, practice.Transcript(want)+said)
		}
		for i := range want {
			var a, b any
			if json.Unmarshal([]byte(want[i].Arguments), &a) != nil {
				a = strings.ToValidUTF8(want[i].Arguments, "\uFFFD")
			}
			if err := json.Unmarshal([]byte(got[i].Arguments), &b); err != nil || !reflect.DeepEqual(a, b) || got[i].Name != want[i].Name {
				t.Fatalf("call %d is %+v, want %+v", i, got[i], want[i])
			}
		}
	})
}

func FuzzCalls(f *testing.F) {
	f.Add("<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>done")
	f.Add("<tool_call><tool_call></tool_call>")
	f.Fuzz(func(t *testing.T, text string) {
		calls, said := practice.Calls(text)
		again, rest := practice.Calls(practice.Transcript(calls) + said)
		if len(calls) > 0 && (len(again) < len(calls) || rest != said && !strings.Contains(said, "tool_call>")) {
			t.Errorf("%q: %+v %q, written and read again %+v %q", text, calls, said, again, rest)
		}
	})
}

// counter is a use that counts, and tells the count.
type counter struct{ calls, closed *int }

func (c counter) Call(context.Context, hobby.ToolCall) string {
	*c.calls++
	return fmt.Sprint("told ", *c.calls)
}
func (c counter) Close() { *c.closed++ }

func counting() (t practice.Task, calls, closed *int) {
	calls, closed = new(int), new(int)
	return practice.Task{
		Family: "f", Level: 1, Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "go"}}, Tools: []hobby.Tool{{Name: "next"}},
		Verifier: "any", Use: func() practice.Use { return counter{calls, closed} },
		Verify: func(string) practice.Verdict { return practice.Pass() },
	}, calls, closed
}

// TestConversations looks at how a conversation goes on, and at what ends it.
func TestConversations(t *testing.T) {
	const next = `<tool_call>{"name": "next", "arguments": {}}</tool_call>`
	for name, c := range map[string]struct {
		reply  func(turn int) (string, error)
		calls  int
		answer string
		finish hobby.Finish
	}{
		"an answer":            {func(int) (string, error) { return "yes", nil }, 0, "yes", hobby.FinishStop},
		"a call and an answer": {func(n int) (string, error) { return []string{next, "told 1"}[n], nil }, 1, "told 1", hobby.FinishStop},
		"thinking": {
			func(n int) (string, error) { return "<think>Hm.</think>" + []string{next, "yes"}[n], nil }, 1, "yes", hobby.FinishStop,
		},
		"both at once":      {func(int) (string, error) { return next + "yes", nil }, 1, "yes", hobby.FinishStop},
		"calls without end": {func(int) (string, error) { return next, nil }, practice.MaxTurns, "", hobby.FinishStop},
		"too many at once": {
			func(int) (string, error) { return strings.Repeat(next, 99), nil }, practice.MaxCalls, "", hobby.FinishStop,
		},
		"no room for another turn": {func(n int) (string, error) {
			if n > 0 {
				return "", hobby.ErrTooLong
			}
			return next, nil
		}, 1, "", hobby.FinishLength},
	} {
		t.Run(name, func(t *testing.T) {
			task, calls, closed := counting()
			m := &hobbytest.Model{Reply: func(_ context.Context, r hobby.Request) (string, error) {
				turn, open, told := 0, map[string]bool{}, 0
				for _, msg := range r.Messages {
					switch msg.Role {
					case hobby.RoleAssistant:
						turn++
						for _, call := range msg.ToolCalls {
							open[call.ID] = true
						}
					case hobby.RoleTool:
						if told++; !open[msg.ToolCallID] || len(open) < told || msg.Content != fmt.Sprint("told ", told) {
							t.Errorf("result %d is %+v; called are %v", told, msg, open)
						}
					}
				}
				return c.reply(turn)
			}}
			s, err := hobby.NewServing(t.Context(), m, "")
			if err != nil {
				t.Fatal(err)
			}
			item, err := practice.Ask(t.Context(), s, task, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, said := practice.Calls(item.Answer)
			const form = "%d calls, %q, %s, closed %d times"
			want, got := fmt.Sprintf(form, c.calls, c.answer, c.finish, 1), fmt.Sprintf(form, *calls, said, item.Finish, *closed)
			if d := cmp.Diff(want, got); d != "" || item.TokensOut == 0 {
				t.Errorf("%d tokens, (-want +got):\n%s", item.TokensOut, d)
			}
			if strings.Contains(item.Answer, "Hm.") || strings.Contains(item.Answer, "told 1") && c.answer == "" {
				t.Errorf("the answer has a thought or a result: %q", item.Answer)
			}
		})
	}
}

// batching is a model that answers many at once, one of them without room for its second
// turn.
type batching struct {
	hobbytest.Model
	tooLong bool
}

func (m *batching) GenerateBatch(_ context.Context, rs []hobby.Request) (all []hobby.Response, err error) {
	for _, r := range rs {
		if len(r.Messages) == 1 {
			call := hobby.ToolCall{Name: "next", Arguments: `{"text": "assistantfinal"}`} // which ends a thought elsewhere
			all = append(all, hobby.Response{
				Message: hobby.Message{Role: hobby.RoleAssistant, ToolCalls: []hobby.ToolCall{call}}, Finish: hobby.FinishTool,
			})
			continue
		}
		if m.tooLong && r.Messages[2].Content == "told 2" {
			return nil, fmt.Errorf("the second: %w", hobby.ErrTooLong)
		}
		told := hobby.Message{Role: hobby.RoleAssistant, Content: r.Messages[2].Content}
		all = append(all, hobby.Response{Message: told, Finish: hobby.FinishStop})
	}
	return all, nil
}

// TestABatchOfConversations has one of three that finds no room: the others go on.
func TestABatchOfConversations(t *testing.T) {
	for _, tooLong := range []bool{false, true} {
		task, _, closed := counting()
		m := &batching{tooLong: tooLong}
		s, err := hobby.NewServing(t.Context(), m, "")
		if err != nil {
			t.Fatal(err)
		}
		items, err := practice.AskAll(t.Context(), s, []practice.Task{task, task, task}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range items {
			calls, said := practice.Calls(i.Answer)
			got = append(got, fmt.Sprintf("%d call, %s %s", len(calls), said, i.Finish))
		}
		want := []string{"1 call, told 1 stop", "1 call, told 2 stop", "1 call, told 3 stop"}
		if tooLong {
			want[1] = "1 call,  length"
		}
		if d := cmp.Diff(want, got); d != "" || *closed != 3 {
			t.Errorf("closed %d, (-want +got):\n%s", *closed, d)
		}
	}
}
