package pastime

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/ui"
)

// Handler serves the routes below /hobby, and the page there. A host that has a
// mux of its own mounts it at "/hobby/".
func (k *Kit) Handler() http.Handler { return k.handler }

// serve makes the handler of what the parts serve.
func (k *Kit) serve() (h http.Handler, err error) {
	defer mistake(&err)
	opts := k.opts.HTTP
	switch {
	case opts.UI == nil:
		opts.UI = ui.Handler(&k.opts.UI)
	case k.opts.UI != ui.Options{}:
		return nil, fmt.Errorf("%w: Options.UI configures a page that Options.HTTP.UI replaces", hobby.ErrInvalid)
	}
	if opts.Logger == nil {
		opts.Logger = k.opts.Logger
	}
	var served []httpapi.Part
	for _, p := range k.parts {
		served = append(served, p.Serves...)
	}
	return httpapi.New(served, &opts), nil
}

// mistake makes an error of the panic with which a constructor names a mistake in a
// host's part, such as a route, a name or an event that another part has.
func mistake(err *error) {
	switch v := recover().(type) {
	case nil:
	case runtime.Error:
		panic(v)
	default:
		*err = fmt.Errorf("%w: %v", hobby.ErrInvalid, v)
	}
}

// drainTime is how long Serve waits for requests in flight.
const drainTime = 5 * time.Second

// Serve serves srv on ln, or on srv.Addr when ln is nil, until ctx ends; then
// it stops listening, waits up to five seconds for requests in flight, and
// returns nil.
func Serve(ctx context.Context, srv *http.Server, ln net.Listener) error {
	if ln == nil {
		var lc net.ListenConfig
		var err error
		if ln, err = lc.Listen(ctx, "tcp", srv.Addr); err != nil {
			return fmt.Errorf("pastime: listening on %s: %w", srv.Addr, err)
		}
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		err := srv.Shutdown(drain)
		if errors.Is(err, context.DeadlineExceeded) {
			err = srv.Close()
		}
		stopped <- err
	})
	err := srv.Serve(ln)
	if stop() || !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("pastime: serving %s: %w", ln.Addr(), err)
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("pastime: ending the server: %w", err)
	}
	return nil
}
