package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// Effect is what a call of a host's tool may do outside. The zero value is the worst.
type Effect string

// The effects, from the worst: what cannot be taken back, such as sending and paying; what
// can be; reading, such as a web page; and none, when the result follows from the
// arguments alone.
const (
	Acts   Effect = ""
	Writes Effect = "writes"
	Reads  Effect = "reads"
	None   Effect = "none"
)

// Host is a tool of the program that Pastime is built into.
type Host struct {
	hobby.Tool
	// Effect is what Call may do.
	Effect Effect
	// Call carries out a call whose arguments are a JSON object. What it tells is not
	// trusted. It should return when ctx ends; until it does, no other call is made.
	Call func(ctx context.Context, arguments json.RawMessage) (string, error)
}

// Case is a task for a host's tools: a request, and the calls that it needs, in this
// order. Calls of tools that read or have no effect may come between them, and others not.
type Case struct {
	Request string
	Calls   []hobby.ToolCall
}

// Hosted is the family of tasks for tools of a host, at one level.
type Hosted struct {
	// Name is the family's, and Version goes up when a case changes.
	Name    string
	Version int
	Tools   []Host
	Cases   []Case
	// Allow are the effects that calls may have. The calls of other tools are dry: they
	// are told "done" and nothing happens. Default: None alone.
	Allow []Effect
	// Timeout is how long a call may take. Default 10 s.
	Timeout time.Duration
}

// hostSource is the source of what a host's tools told.
const hostSource = "tools of the host"

// Family makes the family. The error is hobby.ErrInvalid for a case that calls a tool that
// is not there, or with arguments that are not a JSON object.
func (h Hosted) Family() (practice.Family, error) {
	if h.Name == "" || len(h.Cases) == 0 {
		return nil, fmt.Errorf("tools: %w: a host's family needs a name and a case", hobby.ErrInvalid)
	}
	f := &hosted{Hosted: h}
	for _, t := range h.Tools {
		if t.Name == "" || t.Call == nil || len(t.Parameters) > 0 && !json.Valid(t.Parameters) {
			return nil, fmt.Errorf("tools: %w: the tool %q needs a name, a Call, and Parameters that are JSON", hobby.ErrInvalid, t.Name)
		}
		f.tools = append(f.tools, &hostTool{Host: t})
	}
	for i, c := range h.Cases {
		for _, call := range c.Calls {
			if f.tool(call.Name) == nil || !isObject(call.Arguments) {
				return nil, fmt.Errorf("tools: %w: case %d calls %q, which is no tool or not with a JSON object", hobby.ErrInvalid, i+1, call.Name)
			}
		}
		if c.Request == "" || len(c.Calls) == 0 {
			return nil, fmt.Errorf("tools: %w: case %d needs a request and a call", hobby.ErrInvalid, i+1)
		}
	}
	if len(f.Allow) == 0 {
		f.Allow = []Effect{None}
	}
	if f.Timeout <= 0 {
		f.Timeout = 10 * time.Second
	}
	return f, nil
}

// hosted implements practice.Family.
type hosted struct {
	Hosted
	tools []*hostTool
}

// hostTool is a tool and whether a call of it is going on.
type hostTool struct {
	Host
	busy atomic.Bool
}

func (f *hosted) tool(name string) *hostTool {
	i := slices.IndexFunc(f.tools, func(t *hostTool) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return f.tools[i]
}

func (f *hosted) Info() hobby.Family {
	return hobby.Family{Name: f.Name, Version: f.Version, Levels: 1}
}

// Generate implements practice.Family.
func (f *hosted) Generate(r *rand.Rand, _ int) practice.Task {
	c := pick(r, f.Cases)
	t := practice.Task{
		Params: c.Request, Messages: []hobby.Message{{Role: hobby.RoleUser, Content: c.Request}},
		Reference: practice.Transcript(c.Calls) + "done", Verifier: "calls", MaxTokens: 512,
		Source: hostSource, Taint: hobby.Untrusted,
		Use:    func() practice.Use { return &hostUse{f} },
		Verify: func(transcript string) practice.Verdict { return f.verify(transcript, c.Calls) },
	}
	for _, h := range f.tools {
		t.Tools = append(t.Tools, h.Tool)
	}
	return t
}

// verify compares the calls of a transcript with those that are needed. Nothing is called.
func (f *hosted) verify(transcript string, want []hobby.ToolCall) practice.Verdict {
	if len(transcript) > maxTranscript {
		return practice.Fail("more than the answer")
	}
	calls, _ := practice.Calls(transcript)
	switch {
	case len(calls) == 0:
		return practice.Fail("no tool is called")
	case len(calls) > practice.MaxCalls:
		return practice.Fail("more calls than there may be")
	}
	for _, c := range calls {
		t := f.tool(c.Name)
		switch {
		case t == nil:
			return practice.Fail("a tool that is not there")
		case len(want) > 0 && c.Name == want[0].Name && sameJSON(c.Arguments, want[0].Arguments):
			want = want[1:]
		case t.Effect == Acts || t.Effect == Writes:
			return practice.Fail("a call that was not asked for")
		}
	}
	if len(want) > 0 {
		return practice.Fail("a call is missing")
	}
	return practice.Pass()
}

func sameJSON(a, b string) bool {
	return json.Valid([]byte(a)) && practice.JSON(a, b, nil).Score == 1
}

// hostUse is a use of a host's tools.
type hostUse struct{ f *hosted }

func (*hostUse) Close() {}

// Call implements practice.Use. A tool whose effect is not allowed runs dry.
func (u *hostUse) Call(ctx context.Context, c hobby.ToolCall) string {
	if wrong := u.try(c); wrong != "" {
		return practice.Failed + wrong
	}
	t := u.f.tool(c.Name)
	if !slices.Contains(u.f.Allow, t.Effect) {
		return "done"
	}
	told, err := t.run(ctx, u.f.Timeout, json.RawMessage(c.Arguments))
	if err != nil {
		return cut(practice.Failed + err.Error())
	}
	return cut(told)
}

// try says what is wrong with a call before it is made.
func (u *hostUse) try(c hobby.ToolCall) string {
	switch {
	case u.f.tool(c.Name) == nil:
		return "no such tool"
	case !isObject(c.Arguments):
		return "arguments that are not a JSON object"
	}
	return ""
}

// isObject reports whether arguments are a JSON object, which null is not.
func isObject(arguments string) bool {
	var object map[string]json.RawMessage
	return len(arguments) <= maxCall && json.Unmarshal([]byte(arguments), &object) == nil && object != nil
}

func (u *hostUse) known(name string) bool { return u.f.tool(name) != nil }

// run calls the host's function, and waits no longer than the timeout.
func (t *hostTool) run(ctx context.Context, timeout time.Duration, arguments json.RawMessage) (string, error) {
	if !t.busy.CompareAndSwap(false, true) {
		return "", fmt.Errorf("%s is busy", t.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	type result struct {
		told string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: fmt.Errorf("%s panicked", t.Name)}
		defer func() {
			_ = recover()
			t.busy.Store(false) // before the next call can come
			done <- r
		}()
		r.told, r.err = t.Call(ctx, arguments)
	}()
	select {
	case r := <-done:
		return r.told, r.err
	case <-ctx.Done():
		return "", fmt.Errorf("%s did not answer in time", t.Name)
	}
}
