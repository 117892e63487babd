package pastime

import (
	"cmp"
	"context"
	"errors"
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
	if opts.Embedder == nil {
		opts.Embedder = k.opts.Embedder
	}
	if opts.Scorer == nil {
		opts.Scorer = k.opts.Hobby.Scorer
	}
	if opts.Past == nil {
		opts.Past = k.opts.Hobby.Past
	}
	if opts.Archived == nil && k.Archive != nil {
		opts.Archived = k.archivedInsights
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

// archivedInsights are those that the archive has in files.
func (k *Kit) archivedInsights(ctx context.Context) iter.Seq2[hobby.Insight, error] {
	return func(yield func(hobby.Insight, error) bool) {
		for in, err := range k.Archive.ArchivedInsights(ctx) {
			if errors.Is(err, archive.ErrDamaged) {
				err = fmt.Errorf("%w: %w", kgraph.ErrIncomplete, err)
			}
			if !yield(in, err) {
				return
			}
		}
	}
}
