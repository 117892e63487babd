package main

import (
	"context"
	"errors"
	"io"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"

	"github.com/pastime-go/pastime/hobby"
)

// serviceName is the source of what a service writes into Windows' event log.
const serviceName = "Pastime"

// asService runs the program as a service, if the service manager of Windows started it, and reports whether it did. The
// command line is that of the service. What it logs goes to the event log of applications.
func asService(run func(ctx context.Context, out, log io.Writer) error) (bool, error) {
	log, err := eventlog.Open(serviceName)
	if err != nil {
		return false, err
	}
	defer log.Close()
	err = svc.Run(serviceName, &service{events: log, run: run})
	if errors.Is(err, windows.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) { // no manager waits for it
		return false, nil
	}
	return true, err
}

// events is the part of the event log that a service writes to.
type events interface {
	Warning(id uint32, text string) error
	Error(id uint32, text string) error
}

// service answers the service manager while the program runs.
type service struct {
	events events
	run    func(ctx context.Context, out, log io.Writer) error
}

// Execute implements svc.Handler. It ends what runs at Stop and when the machine is shut down. A program that ends by
// itself is one that failed, so that the manager starts it again where it is told to.
func (s *service) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (specific bool, code uint32) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx, io.Discard, warnings{s.events}) }()
	running := svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	status <- running
	for {
		select {
		case err := <-ended:
			switch {
			case err == nil && ctx.Err() != nil:
				return false, 0
			case err == nil:
				err = errors.New("nobody had asked it to")
			}
			_ = s.events.Error(1, "the server ended: "+hobby.Plain(err)) // there is nowhere else to say it
			return true, 1
		case r := <-requests:
			switch r.Cmd {
			case svc.Interrogate:
				status <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				status <- svc.Status{State: svc.StopPending, WaitHint: 30_000}
				stop()
			}
		}
	}
}

// warnings writes lines of a log into the event log.
type warnings struct{ events }

// Write implements io.Writer.
func (w warnings) Write(p []byte) (int, error) { return len(p), w.Warning(1, string(p)) }
