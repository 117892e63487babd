package pastime

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/ui"
)

// Handler serves the routes below /hobby, and the page there. A host that has a
// mux of its own mounts it at "/hobby/".
func (k *Kit) Handler() http.Handler { return k.handler }

// RunAndServe is Run, and serves Handler at addr, such as "127.0.0.1:8800", until ctx ends:
// all that a program needs which has no HTTP server of its own. It then returns nil. The
// error is hobby.ErrInvalid for an address that other machines reach, unless
// Options.HTTP.Middleware lets in only who may, as [httpapi.Bearer] does.
func (k *Kit) RunAndServe(ctx context.Context, addr string) error {
	srv := httpapi.Server(k.Handler())
	srv.Addr = addr
	ln, err := listen(ctx, srv)
	if err != nil {
		return err
	}
	if a, ok := ln.Addr().(*net.TCPAddr); len(k.opts.HTTP.Middleware) == 0 && !(ok && a.IP.IsLoopback()) {
		err := fmt.Errorf("pastime: %w: %s can be reached from other machines, and Options.HTTP.Middleware asks nobody who they are",
			hobby.ErrInvalid, addr)
		return errors.Join(err, ln.Close())
	}
	if k.opts.Logger != nil {
		k.opts.Logger.Info("serving", "page", "http://"+ln.Addr().String()+"/hobby/")
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return k.Run(ctx) })
	g.Go(func() error { return Serve(ctx, srv, ln) })
	return g.Wait()
}

// listen listens on srv.Addr.
func listen(ctx context.Context, srv *http.Server) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", srv.Addr)
	if err != nil {
		return nil, fmt.Errorf("pastime: listening on %s: %w", srv.Addr, err)
	}
	return ln, nil
}

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
		var err error
		if ln, err = listen(ctx, srv); err != nil {
			return err
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
