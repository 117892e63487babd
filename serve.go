package pastime

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

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
