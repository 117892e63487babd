package pastime

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/sqlite/graphs"
)

// knowing is the part that keeps what insights claim as a graph.
func knowing(ctx context.Context, k *Kit) (Part, error) {
	facts, err := graphs.New(ctx, k.Store)
	if err != nil {
		return Part{}, fmt.Errorf("opening the graph's log: %w", err)
	}
	opts := k.opts.Graph
	opts.Poll = cmp.Or(opts.Poll, k.opts.Hobby.PollEvery)
	opts.Logger = cmp.Or(opts.Logger, k.opts.Logger, slog.New(slog.DiscardHandler))
	if opts.Past == nil {
		opts.Past = k.opts.Hobby.Past
	}
	if opts.Archived == nil && k.Archive != nil {
		opts.Archived = func(ctx context.Context) iter.Seq2[string, error] { return archived(ctx, k.Archive, opts.Logger) }
	}
	g, err := kgraph.New(facts, k.Store, &opts)
	if err != nil {
		return Part{}, fmt.Errorf("making the graph: %w", err)
	}
	k.Graph = g
	return Part{
		Name: "graph", Observes: g, Run: g.Run, Consumers: []hobby.Consumer{g}, Topics: g,
		Serves: []httpapi.Part{httpapi.Graph(g, opts.Past)},
	}, nil
}

// archived lists the ids of the sessions in files, the newest first. Those in damaged files
// are left out with a warning.
func archived(ctx context.Context, a *archive.Archiver, log *slog.Logger) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		f := archive.Filter{Archived: true, Limit: 1000}
		for {
			p, err := a.Query(ctx, f)
			if err != nil {
				yield("", err)
				return
			}
			for _, damage := range p.Damaged {
				log.Warn("archived sessions are left out of the graph", "error", damage)
			}
			for i := range p.Activities {
				if !yield(p.Activities[i].ID, nil) {
					return
				}
			}
			if f.Cursor = p.Next; f.Cursor == "" {
				return
			}
		}
	}
}
