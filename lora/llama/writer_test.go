package llama

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora/llama/internal/constrain"
	"pgregory.net/rapid"
)

func TestWriter(t *testing.T) {
	for _, c := range []struct {
		name   string
		w      writer
		pieces []string
		want   []string // deltas, the last from the end
		calls  string
		done   bool
	}{
		{"plain", writer{}, []string{"a", "b"}, []string{"a", "b", ""}, "", false},
		{"half characters", writer{}, []string{"x\xf0\x9f", "\x99", "\x82!"}, []string{"x", "", "🙂!", ""}, "", false},
		{"cut character", writer{}, []string{"x\xe6\x97"}, []string{"x", "\uFFFD"}, "", false},
		{"no character", writer{}, []string{"\xff\xff", "a"}, []string{"\uFFFD", "a", ""}, "", false},
		{"stop across tokens", writer{stops: []string{"END"}}, []string{"aE", "N", "Dx"}, []string{"a", "", ""}, "", true},
		{"no stop after all", writer{stops: []string{"END"}}, []string{"aE", "N", "Nx"}, []string{"a", "", "ENNx", ""}, "", false},
		{"the earliest stop", writer{stops: []string{"c", "b"}}, []string{"abc"}, []string{"a"}, "", true},
		{"the first complete stop", writer{stops: []string{"abc", "b"}}, []string{"abc"}, []string{"a"}, "", true},
		{"the same in pieces", writer{stops: []string{"abc", "b"}}, []string{"a", "b", "c"}, []string{"", "a"}, "", true},
		{"stops that end together", writer{stops: []string{"bc", "abc"}}, []string{"xabc"}, []string{"x"}, "", true},
		{"a stop that is the tag", writer{open: "<t>", stops: []string{"<t>"}}, []string{"a<t>"}, []string{"a"}, "", true},
		{"stop within a character", writer{stops: []string{"é"}}, []string{"a\xc3", "\xa8\xc3", "\xa9"}, []string{"a", "è", ""}, "", true},
		{"call", writer{open: "<t>"}, []string{"hi <", "t", ">{", "}</t>"}, []string{"hi ", "", "", "", ""}, "<t>{}</t>", false},
		{"stop in a call", writer{open: "<t>", stops: []string{"}"}}, []string{"<t>{}"}, []string{"", ""}, "<t>{}", false},
		{"bare call", writer{bare: true}, []string{"{\"", "a\"}"}, []string{"", "", ""}, `{"a"}`, false},
		{"bare text", writer{bare: true}, []string{"a", "{"}, []string{"a", "{", ""}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := c.w
			var got []string
			done := false
			for _, p := range c.pieces {
				var delta string
				delta, done = w.add(p)
				got = append(got, delta)
				if done {
					break
				}
			}
			if !done {
				got = append(got, w.end())
			}
			if d := cmp.Diff(c.want, got); d != "" || done != c.done || w.calls.String() != c.calls {
				t.Errorf("done %v, calls %q, deltas (-want +got):\n%s", done, w.calls.String(), d)
			}
		})
	}
}

// TestWriterInPieces holds that how a text is cut into tokens changes nothing.
func TestWriterInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([ab<]|<t>|é|日|🙂){0,12}`).Draw(t, "text")
		stops := rapid.SliceOfN(rapid.StringMatching(`[ab<é]{1,3}`), 0, 2).Draw(t, "stops")
		w := writer{stops: stops, open: rapid.SampledFrom([]string{"", "<t>"}).Draw(t, "tag")}
		whole := w
		var told strings.Builder
		done := false
		for rest := text; rest != "" && !done; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			var delta string
			delta, done = w.add(rest[:n])
			rest = rest[n:]
			if !utf8.ValidString(delta) {
				t.Fatalf("the delta %q", delta)
			}
			told.WriteString(delta)
		}
		if !done {
			told.WriteString(w.end())
		}
		delta, ended := whole.add(text)
		if !ended {
			delta += whole.end()
		}
		if told.String() != delta || w.text.String() != delta || done != ended {
			t.Fatalf("in pieces %q (%v), at once %q (%v)", told.String(), done, delta, ended)
		}
	})
}

func TestParseCalls(t *testing.T) {
	call := func(id, name, args string) hobby.ToolCall { return hobby.ToolCall{ID: id, Name: name, Arguments: args} }
	for _, c := range []struct {
		text  string
		style constrain.Style
		want  []hobby.ToolCall
	}{
		{`<tool_call>{"name":"f","arguments":{"a":1}}</tool_call>` + "\n<tool_call>\n" + `{"name": "g", "arguments": {}}</tool_call>`,
			constrain.Tagged,
			[]hobby.ToolCall{call("call_1", "f", `{"a":1}`), call("call_2", "g", `{}`)}},
		{`<tool_call>{"name":"f","arguments":{}}</tool_call><tool_call>{"na`, constrain.Tagged, []hobby.ToolCall{call("call_1", "f", "{}")}},
		{`{"name":"f","parameters":{"a":"b"}}`, constrain.Bare, []hobby.ToolCall{call("call_1", "f", `{"a":"b"}`)}},
		{`{"name":"f","par`, constrain.Bare, nil},
		{`{"name":"f"}`, constrain.Bare, nil},
		{`{"name":"h","parameters":{}}`, constrain.Bare, nil},
	} {
		if d := cmp.Diff(c.want, parseCalls(c.text, c.style, []hobby.Tool{{Name: "f"}, {Name: "g"}})); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, d)
		}
	}
}
