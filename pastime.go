package pastime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/redact"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/kgraph"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/metrics"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/settings"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/ui"
)

// Options configures a Kit. Nil and the zero value are legal. What a host fills
// in is used as it is, or refused with an error that names it.
type Options struct {
	// Hobby configures the manager. Its Model must be nil: Open takes the model.
	// Its Presence is made when it is nil, its Logger defaults to Logger, and its
	// Redact to that of the Kit's Redactor. With redact.None every text is stored
	// as it is.
	Hobby hobby.Options
	// Hobbies are practised beside the Kit's own, such as gocode.New's and
	// reading.New's. One takes the place of the Kit's own of its kind.
	Hobbies []hobby.Hobby
	// Kinds are those of the Kit's own hobbies that it has. Default nil: all of them. What
	// is there, and is not to be chosen by itself, is in Hobby.Off.
	Kinds []hobby.Kind
	// Suite is what skill practice draws its tasks from. Default
	// DefaultSuite(), to which a host may add families of its own.
	Suite *practice.Suite
	// Tools is what tool mastery draws its tasks from, and where a host adds those for
	// its own tools. Default DefaultTools().
	Tools *practice.Suite
	// Skills configures skill practice, and tool mastery likewise.
	Skills practice.Options
	// Store configures the store.
	Store sqlite.Options
	// Dir is the folder of the files that parts keep beside the store, made when
	// a part needs it, for its owner only. Default the store's path with ".d"
	// behind it; for ":memory:" a temporary one, which Close removes.
	Dir string
	// Metrics configures the collector. What the Kit's parts export is added to
	// its Parts, and its Logger defaults to Logger.
	Metrics metrics.Options
	// Subagent configures the coordinator of sub-agents. Its Model must be nil:
	// Open takes the model. Its Agent, Chooser and Redact default to Hobby's, and
	// its Logger to Logger.
	Subagent subagent.Options
	// Archive configures the archive of old activities. Its Logger defaults to Logger.
	Archive archive.Options
	// Blobs is where the archive keeps its files. Default the folder "archive" of Dir.
	Blobs archive.Blobs
	// Graph configures the knowledge graph of what the hobbies claim. Its Logger defaults
	// to Logger.
	Graph kgraph.Options
	// Embedder gives vectors to names of the graph and to texts that people rate, and defaults
	// the one of Graph and of Feedback, such as an openai.Model of an embedding model. Default
	// nil: both go by words alone.
	Embedder hobby.Embedder
	// Trainer trains adapters of the model, which must be a hobby.AdapterHost, such as
	// llama.Model's. Default nil: none is trained, and the base alone serves.
	Trainer lora.Trainer
	// LoRA configures the pipeline that trains, tries and promotes adapters. What Open
	// has must be nil: Model, Presence, Hobbies and Hold. Its Schedule is nil by
	// default, so that a training begins when it is asked for.
	LoRA lora.Options
	// Feedback configures what takes people's feedback and learns from it. What is nil
	// and the Kit has is filled in. Hobby.Policy follows people's taste once a check has
	// shown that they rate better what is chosen so.
	Feedback rlhf.Options
	// Settings says which settings people may change over HTTP and on the page: none by
	// default. Its Picker must be nil, and its Logger defaults to Logger.
	Settings settings.Options
	// Models are those that people may have answer in the place of the model that Open
	// takes, where Settings allows settings.Model, and that they may compare. Default nil:
	// there is no choice. Without a model they are not offered.
	Models *settings.Models
	// Parts make a host's own parts.
	Parts []Maker
	// HTTP configures the handler. Its UI defaults to the page that UI
	// configures, and its Logger to Logger.
	HTTP httpapi.Options
	// UI configures the page. It must be zero when HTTP has another one.
	UI ui.Options
	// Logger takes warnings and session ends. Default nil: silent.
	Logger *slog.Logger
}

// Kit has the wired parts of one agent. A host may use its fields.
type Kit struct {
	// Store has everything that was verified; Archive moves what is old out of it.
	Store   *sqlite.Store
	Archive *archive.Archiver
	// Presence says whether the user is here. The host calls its Touch.
	Presence *hobby.Presence
	// Hobby practises, and Subagents gives practice to others. Their Run is a part of the Kit's.
	Hobby     *hobby.Manager
	Subagents *subagent.Coordinator
	// Graph is what the hobbies claim, and Feedback what people say of it. Metrics exports
	// what was measured.
	Graph    *kgraph.Graph
	Feedback *rlhf.Pipeline
	Metrics  *metrics.Collector
	// Settings are those that people may change; nil without Options.Settings.Allowed.
	Settings *settings.Settings
	// Adapters trains adapters and says which serves; nil without Options.Trainer.
	Adapters *lora.Pipeline
	// Redactor takes secrets out of what is stored, and counts them; nil when
	// Options.Hobby has a Redact of its own.
	Redactor *redact.Redactor

	path    string
	opts    Options
	model   hobby.Model
	hobbies []hobby.Hobby
	files   folder
	past    hobby.Past
	parts   []Part
	handler http.Handler
}

// Open opens or creates the store at path (":memory:" for one that vanishes)
// and wires an agent's parts over it. model may be nil: hobbies that need one
// then rest. The Kit must be closed.
func Open(ctx context.Context, path string, model hobby.Model, o *Options) (*Kit, error) {
	k := &Kit{path: path, model: model}
	if o != nil {
		k.opts = *o
	}
	k.files.path = k.opts.Dir
	if path != ":memory:" && k.files.path == "" {
		k.files.path = path + ".d"
	}
	// Parts that have slots and consumers come before practice, which runs them,
	// and all that export numbers before the metrics. Trainings learn what people prefer.
	makers := []Maker{store, redaction, ground, archiving, rating, training, picking, subagents, knowing}
	if i := slices.IndexFunc(k.opts.Parts, func(m Maker) bool { return m == nil }); i >= 0 {
		return nil, fmt.Errorf("pastime: %w: Options.Parts[%d] is nil", hobby.ErrInvalid, i)
	}
	for _, makes := range slices.Concat(makers, k.opts.Parts, []Maker{manager, setting, comparing, collector}) {
		p, err := makes(ctx, k)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("pastime: %w", err), k.Close())
		}
		k.parts = append(k.parts, p)
	}
	var err error
	if k.handler, err = k.serve(); err != nil {
		return nil, errors.Join(fmt.Errorf("pastime: %w", err), k.Close())
	}
	return k, nil
}

// Run practises while the user is away, gives work to sub-agents, and runs what
// other parts run, until ctx ends; see [hobby.Manager.Run] and
// [subagent.Coordinator.Run].
func (k *Kit) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, p := range k.parts {
		if p.Run != nil {
			g.Go(func() error { return p.Run(ctx) })
		}
	}
	return g.Wait()
}

// Close closes the parts, the store last. Call it after Run has returned and
// HTTP is drained.
func (k *Kit) Close() error {
	var errs []error
	for _, p := range slices.Backward(k.parts) {
		if p.Close != nil {
			errs = append(errs, p.Close())
		}
	}
	return errors.Join(append(errs, k.files.remove())...)
}
