package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/sys/windows/svc"
)

// written are the events that a service has written.
type written []string

func (w *written) Warning(_ uint32, text string) error {
	*w = append(*w, "warning: "+text)
	return nil
}

func (w *written) Error(_ uint32, text string) error {
	*w = append(*w, "error: "+text)
	return nil
}

// TestService has a program that runs until it is stopped, one that fails, and one that ends by itself.
func TestService(t *testing.T) {
	until := func(ctx context.Context, _, log io.Writer) error {
		fmt.Fprint(log, "it began")
		<-ctx.Done()
		return nil
	}
	for name, c := range map[string]struct {
		run    func(ctx context.Context, out, log io.Writer) error
		asks   []svc.Cmd
		states []svc.State
		code   uint32
		events string
	}{
		"stopped": {until, []svc.Cmd{svc.Interrogate, svc.Stop},
			[]svc.State{svc.Running, svc.Running, svc.StopPending}, 0, "warning: it began"},
		"shut down": {until, []svc.Cmd{svc.Shutdown}, []svc.State{svc.Running, svc.StopPending}, 0, "warning: it began"},
		"failed": {func(context.Context, io.Writer, io.Writer) error { return errors.New("no port is free") }, nil,
			[]svc.State{svc.Running}, 1, "error: the server ended: no port is free"},
		"ended": {func(context.Context, io.Writer, io.Writer) error { return nil }, nil,
			[]svc.State{svc.Running}, 1, "error: the server ended: nobody had asked it to"},
	} {
		var events written
		requests, status := make(chan svc.ChangeRequest, len(c.asks)), make(chan svc.Status, 10)
		for _, a := range c.asks {
			requests <- svc.ChangeRequest{Cmd: a, CurrentStatus: svc.Status{State: svc.Running}}
		}
		_, code := (&service{events: &events, run: c.run}).Execute(nil, requests, status)
		close(status)
		var states []svc.State
		for s := range status {
			states = append(states, s.State)
		}
		if fmt.Sprint(states) != fmt.Sprint(c.states) || code != c.code || !strings.HasPrefix(strings.Join(events, "\n"), c.events) {
			t.Errorf("%s: states %v, want %v; code %d, want %d; %q, want %q", name, states, c.states, code, c.code, events, c.events)
		}
	}
}
