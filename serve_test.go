package pastime_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/httpapi"
)

// TestRunAndServe listens where it may, says where the page is, and ends with its context.
func TestRunAndServe(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		what, addr string
		ctx        context.Context
		token      string
		want       string // in the error, or else in the log
	}{
		{"this machine alone", "127.0.0.1:0", ended, "", "page=http://127.0.0.1:"},
		{"all machines without a token", "0.0.0.0:0", t.Context(), "", "invalid: 0.0.0.0:0 can be reached from other machines"},
		{"all machines with one", "0.0.0.0:0", ended, "0123456789abcdef", "page=http://"},
		{"a port that is taken", taken.Addr().String(), t.Context(), "", "listening on " + taken.Addr().String()},
	} {
		var log strings.Builder
		o := &pastime.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}
		if c.token != "" {
			o.HTTP.Middleware = []func(http.Handler) http.Handler{httpapi.Bearer(c.token)}
		}
		kit, err := pastime.Open(t.Context(), ":memory:", nil, o)
		if err != nil {
			t.Fatal(err)
		}
		err = kit.RunAndServe(c.ctx, c.addr)
		said := log.String()
		if err != nil {
			said = err.Error()
		}
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: %q is not in %q", c.what, c.want, said)
		}
		if err := kit.Close(); err != nil {
			t.Error(err)
		}
	}
}
