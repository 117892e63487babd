package pastime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/metrics"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/sqltask"
	"github.com/pastime-go/pastime/sqlite/subagents"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/ui"
)

// Options configures a Kit. Nil and the zero value are legal.
type Options struct {
	// Hobby configures the manager. Its Model is the one given to Open, and
	// its Logger defaults to Logger.
	Hobby hobby.Options
	// Hobbies are practised beside skill practice, such as
	// gocode.New's and reading.New's.
	Hobbies []hobby.Hobby
	// Suite is what skill practice draws its tasks from. Default
	// DefaultSuite().
	Suite *practice.Suite
	// Skills configures skill practice.
	Skills practice.Options
	// Store configures the store.
	Store sqlite.Options
	// Metrics configures the collector. The store's own numbers are added to
	// its Parts, and its Logger defaults to Logger.
	Metrics metrics.Options
	// Subagent configures the coordinator of sub-agents. Its Model is the one
	// given to Open, its Agent and Redact are Hobby's, and its Logger defaults to
	// Logger.
	Subagent subagent.Options
	// HTTP configures the handler. Its Logger defaults to Logger.
	HTTP httpapi.Options
	// UI configures the page.
	UI ui.Options
	// Logger takes warnings and session ends. Default nil: silent.
	Logger *slog.Logger
}

// Kit is an agent's idle time, wired. Its fields are the host's to use.
type Kit struct {
	Store     *sqlite.Store
	Hobby     *hobby.Manager
	Subagents *subagent.Coordinator
	Metrics   *metrics.Collector

	handler http.Handler
}

// DefaultSuite is the task families of package practice together with SQL.
func DefaultSuite() (*practice.Suite, error) {
	return practice.NewSuite(append(practice.Families(), sqltask.New())...)
}

// Open opens or creates the store at path (":memory:" for one that vanishes)
// and wires a manager over it. model may be nil: hobbies that need one then
// rest. The Kit must be closed.
func Open(ctx context.Context, path string, model hobby.Model, o *Options) (*Kit, error) {
	if o == nil {
		o = &Options{}
	}
	suite := o.Suite
	if suite == nil {
		var err error
		if suite, err = DefaultSuite(); err != nil {
			return nil, fmt.Errorf("pastime: building the task suite: %w", err)
		}
	}
	store, err := sqlite.Open(ctx, path, &o.Store)
	if err != nil {
		return nil, fmt.Errorf("pastime: %w", err)
	}
	opts := o.Hobby
	opts.Model = model
	if opts.Logger == nil {
		opts.Logger = o.Logger
	}
	hobbies := append([]hobby.Hobby{practice.Skills(model, suite, &o.Skills)}, o.Hobbies...)
	fleet, err := coordinator(ctx, store, hobbies, &opts, o)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	opts.Slots = append(slices.Clone(opts.Slots), fleet.Slots()...)
	manager, err := hobby.New(store, hobbies, &opts)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("pastime: making the manager: %w", err), store.Close())
	}
	k := &Kit{Store: store, Hobby: manager, Subagents: fleet, Metrics: collector(manager, store, fleet, o)}
	k.handler = handler(k, o)
	return k, nil
}

// coordinator makes the coordinator of sub-agents.
func coordinator(ctx context.Context, store *sqlite.Store, hobbies []hobby.Hobby, h *hobby.Options, o *Options) (*subagent.Coordinator, error) {
	ledger, err := subagents.New(ctx, store)
	if err != nil {
		return nil, fmt.Errorf("pastime: opening the assignments: %w", err)
	}
	opts := o.Subagent
	opts.Agent, opts.Model, opts.Redact = h.Agent, h.Model, h.Redact
	if opts.Logger == nil {
		opts.Logger = o.Logger
	}
	c, err := subagent.New(ledger, hobbies, &opts)
	if err != nil {
		return nil, fmt.Errorf("pastime: making the coordinator: %w", err)
	}
	return c, nil
}

// collector exports what manager, store and fleet have measured.
func collector(manager *hobby.Manager, store *sqlite.Store, fleet *subagent.Coordinator, o *Options) *metrics.Collector {
	opts := o.Metrics
	opts.Parts = map[string]hobby.Observable{"store": store, "assignments": fleet}
	maps.Copy(opts.Parts, o.Metrics.Parts)
	if opts.Logger == nil {
		opts.Logger = o.Logger
	}
	return metrics.New(manager, &opts)
}

// handler serves k.
func handler(k *Kit, o *Options) http.Handler {
	opts := o.HTTP
	if opts.Logger == nil {
		opts.Logger = o.Logger
	}
	opts.UI = ui.Handler(&o.UI)
	return httpapi.New([]httpapi.Part{httpapi.Hobby(k.Hobby), httpapi.Metrics(k.Metrics), httpapi.Subagents(k.Subagents)}, &opts)
}

// Run practises while the user is away and gives work to sub-agents, until ctx
// ends; see [hobby.Manager.Run] and [subagent.Coordinator.Run].
func (k *Kit) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return k.Hobby.Run(ctx) })
	g.Go(func() error { return k.Subagents.Run(ctx) })
	return g.Wait()
}

// Handler serves the routes below /hobby, and the page there. A host that has a
// mux of its own mounts it at "/hobby/".
func (k *Kit) Handler() http.Handler { return k.handler }

// Close closes the store. Call it after Run has returned and HTTP is drained.
func (k *Kit) Close() error { return k.Store.Close() }

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
