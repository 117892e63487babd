package kgraph

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/kgraph/extract"
)

// ErrNotFound is for a concept that the graph does not have.
var ErrNotFound = errors.New("kgraph: concept not found")

// Options configures a Graph. Nil and the zero value are legal.
type Options struct {
	// Relations declares relations. Default those of [Relations].
	Relations []Relation
	// Extract reads statements out of the text of an insight, beside its claims. They
	// are marked as extracted, have the insight's place and that of their sentence in its
	// text, and are as trusted as it is. Default nil: what no hobby claims is not known.
	// Package extract has one that needs no model, and one that asks a model. An insight is read once in a store's life; one
	// of which it returns an error is told without.
	Extract func(context.Context, hobby.Insight) ([]extract.Fact, error)
	// Embedder gives vectors to the names of concepts: [Graph.Similar] ranks what other
	// rankings find by them, too. Default nil: it does not.
	Embedder hobby.Embedder
	// Scorer predicts how people would rate insights: of what answers a question alike,
	// [Graph.Recall] tells first what they would like. The graph, its hash and its log are the
	// same with it and without. Default nil: it does not.
	Scorer hobby.Scorer
	// Past has the texts of insights that were moved out of the store. Default nil: the
	// insights that New is given are all there are.
	Past hobby.Past
	// Archived reads the insights that were moved out of the store, the oldest first. Past
	// has them, too. Run reads them once in a store's life, and anew after an error; after
	// ErrIncomplete, which comes last, not before the graph is made again. Default nil: there are none.
	Archived func(context.Context) iter.Seq2[hobby.Insight, error]
	// Poll is how often Run looks for what other processes have added. Default 15 s.
	Poll time.Duration
	// Logger takes warnings. Default nil: silent.
	Logger *slog.Logger
}

// Graph is a knowledge graph over a Store. Its methods are safe for concurrent use.
// What reads sees all that is stored when it begins. Communities, and what Query, Central,
// Gaps, Learn, Why, Export, names that are alike, and points of view other than the newest
// need, are made of the whole graph. Where that takes more than 200 ms, what was made
// serves for ten times as long, and an answer may lack what is newer; its Rev says which
// revision was read.
type Graph struct {
	store    Store
	insights hobby.InsightReader
	opts     Options

	catching sync.Mutex   // held by who reads the log
	opened   bool         // the snapshot was looked at
	mu       sync.RWMutex // guards what follows
	x        *index
	saved    int // facts that were in it when a snapshot was written

	views    views
	drawings drawings
	memory   memory
	meanings meanings
	// incomplete says that what is archived could not all be read; only Run uses it.
	incomplete bool

	groups  kept[*clusters]
	nets    kept[*net]
	anchors anchors

	surveyed survey
}

var _ hobby.Consumer = (*Graph)(nil)

// New makes a graph over a store. insights has the claims of what the event log tells.
// A declaration that makes no sense is hobby.ErrInvalid.
func New(s Store, insights hobby.InsightReader, o *Options) (*Graph, error) {
	g := &Graph{store: s, insights: insights}
	if o != nil {
		g.opts = *o
	}
	if g.opts.Relations == nil {
		g.opts.Relations = Relations()
	}
	if g.opts.Poll <= 0 {
		g.opts.Poll = 15 * time.Second
	}
	if g.opts.Logger == nil {
		g.opts.Logger = slog.New(slog.DiscardHandler)
	}
	r, err := newRules(g.opts.Relations)
	if err != nil {
		return nil, err
	}
	g.x = newIndex(r)
	g.groups.mu, g.nets.mu, g.anchors.mu, g.memory.mu = newMutex(), newMutex(), newMutex(), newMutex()
	return g, nil
}

// Name implements hobby.Consumer.
func (*Graph) Name() string { return Consumer }

// Consume implements hobby.Consumer: it stores the claims of the insights that events
// tell of, the decisions on them, and what is to be forgotten.
func (g *Graph) Consume(ctx context.Context, events []hobby.Event) error {
	if len(events) == 0 {
		return nil
	}
	changes, err := g.changes(ctx, events)
	if err == nil {
		_, err = g.store.Append(ctx, events[len(events)-1].Pos, changes)
	}
	if err != nil {
		return fmt.Errorf("kgraph: following the event log: %w", err)
	}
	return nil
}

// changes is what events change.
func (g *Graph) changes(ctx context.Context, events []hobby.Event) ([]Change, error) {
	read := map[string]map[string]hobby.Insight{} // by activity and id
	var all []Change
	for i := range events {
		e := &events[i]
		before := len(all)
		switch e.Kind {
		case hobby.SourceForgotten:
			all = append(all, Change{Op: Forgotten, Hash: e.ID})
		case hobby.InsightAccepted, hobby.InsightRefused:
			all = append(all, Change{
				Op: Decided, Origin: Origin{ID: e.ID, Accepted: e.Kind == hobby.InsightAccepted}, Version: e.Version,
			})
		case hobby.ActivityStarted, hobby.ActivityProgress, hobby.ActivityFinished:
			body, err := e.Activity()
			if err != nil {
				return nil, err
			}
			if len(body.Insights) > 0 && read[e.ID] == nil {
				if read[e.ID], err = g.of(ctx, e.ID); err != nil {
					return nil, err
				}
			}
			for _, told := range body.Insights {
				if in, ok := read[e.ID][told.ID]; ok {
					if all, err = g.state(ctx, all, in); err != nil {
						return nil, err
					}
				}
			}
		}
		for ; before < len(all); before++ {
			all[before].Pos = e.Pos
		}
	}
	return all, nil
}

// of reads the insights of an activity.
func (g *Graph) of(ctx context.Context, activity string) (map[string]hobby.Insight, error) {
	all := map[string]hobby.Insight{}
	f := hobby.InsightFilter{Activity: activity, Limit: 1000}
	for {
		p, err := g.insights.Insights(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, i := range p.Insights {
			all[i.ID] = i
		}
		if f.Cursor = p.Next; f.Cursor == "" {
			return all, nil
		}
	}
}

// state appends what an insight states, if anything. The error is that of ctx.
func (g *Graph) state(ctx context.Context, all []Change, in hobby.Insight) ([]Change, error) {
	c := Change{Op: Stated, Origin: Origin{
		ID: in.ID, Activity: in.Activity, Kind: in.Kind, Source: in.Source, Recorded: in.At, Taint: in.Taint,
	}}
	if in.Acceptance != nil {
		c.Accepted, c.Version = in.Acceptance.Accepted, in.Acceptance.Version
	}
	for _, e := range in.Evidence {
		if e.Kind == hobby.EvidenceFile {
			c.File, c.Line = e.Ref, e.Line
			break
		}
	}
	for _, claim := range in.Claims {
		c.Statements = append(c.Statements, Statement{Claim: claim})
	}
	if g.opts.Extract != nil {
		facts, err := g.opts.Extract(ctx, in)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			g.opts.Logger.Warn("nothing is read out of an insight", "insight", in.ID, "error", err)
			facts = nil
		}
		c.Statements = append(c.Statements, extracted(facts)...)
	}
	if len(c.Statements) == 0 {
		return all, nil
	}
	if err := c.Validate(); err != nil {
		g.opts.Logger.Warn("an insight is left out of the graph", "insight", in.ID, "error", err)
		return all, nil
	}
	return append(all, c), nil
}

// extracted are facts as statements, without those that are no valid claims. What several
// sentences say is of the first.
func extracted(facts []extract.Fact) (all []Statement) {
	var fit hobby.Insight
	spans := map[hobby.Claim]Span{}
	for _, f := range facts {
		if _, ok := spans[f.Claim]; !ok {
			fit.Claims, spans[f.Claim] = append(fit.Claims, f.Claim), Span{f.Start, f.End}
		}
	}
	fit.Fit()
	for _, claim := range fit.Claims {
		all = append(all, Statement{Claim: claim, Extracted: true, Sentence: spans[claim]})
	}
	return all
}

// Add stores statements that are not an insight's, such as a host's own. The same
// origin's ID a second time changes nothing. The statements must be as those of an
// insight are, and an origin needs an ID and when it was recorded; else
// hobby.ErrInvalid.
func (g *Graph) Add(ctx context.Context, from Origin, s ...Statement) error {
	c := Change{Op: Stated, Origin: from, Statements: s}
	if err := c.Validate(); err != nil {
		return fmt.Errorf("kgraph: adding facts: %w", err)
	}
	if _, err := g.store.Append(ctx, 0, []Change{c}); err != nil {
		return fmt.Errorf("kgraph: adding facts: %w", err)
	}
	return nil
}

// Run follows the log until ctx ends, and then returns nil: reading finds the index up to
// date, and what is to be forgotten is deleted. At first it adds the insights that are
// older than the graph, of which the event log may tell no more.
func (g *Graph) Run(ctx context.Context) error {
	poll := time.NewTicker(g.opts.Poll)
	defer poll.Stop()
	for {
		changed := g.store.Changed()
		if err := g.tend(ctx); err != nil && ctx.Err() == nil {
			g.opts.Logger.Warn("following the graph's log", "error", err)
			changed = nil // the next try is after a rest
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-poll.C:
		}
	}
}

// sweep is how many changes are deleted in one transaction.
const sweep = 1000

func (g *Graph) tend(ctx context.Context) error {
	if err := g.fill(ctx); err != nil {
		return err
	}
	if err := g.catchUp(ctx); err != nil {
		return err
	}
	if err := g.save(ctx); err != nil {
		return err
	}
	if err := g.survey(ctx); err != nil {
		return err
	}
	for more := true; more; {
		var err error
		if more, err = g.store.Sweep(ctx, sweep); err != nil {
			return err
		}
	}
	return nil
}

// read brings the index up to date and holds it still until done is called.
func (g *Graph) read(ctx context.Context) (x *index, done func(), err error) {
	if err := g.catchUp(ctx); err != nil {
		return nil, nil, fmt.Errorf("kgraph: reading the log: %w", err)
	}
	g.mu.RLock()
	return g.x, g.mu.RUnlock, nil
}

// page is how many changes are read at a time.
const page = 1000

// catchUp reads the log to its end.
func (g *Graph) catchUp(ctx context.Context) error {
	rev, err := g.store.Rev(ctx)
	if err != nil {
		return err
	}
	g.catching.Lock()
	defer g.catching.Unlock()
	for {
		g.mu.RLock()
		at := g.x.rev
		g.mu.RUnlock()
		if at >= rev {
			return nil
		}
		if at == 0 && !g.opened {
			g.opened = true
			if err := g.load(ctx, rev); err != nil {
				g.opened = false
				return err
			}
			continue
		}
		changes, err := g.store.Changes(ctx, at, page)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			return nil // what was newest is forgotten
		}
		g.apply(changes)
	}
}

func (g *Graph) apply(changes []Change) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range changes {
		g.x.apply(&changes[i])
	}
	if g.x.gone > 0 {
		g.x, g.saved = g.x.again(), 0
		g.surveyed.forget()
		g.drawings.forget()
	}
}

// Rev brings the index up to date and returns its revision.
func (g *Graph) Rev(ctx context.Context) (int64, error) {
	x, done, err := g.read(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	return x.rev, nil
}
