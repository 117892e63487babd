package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/examples/internal/bar"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/adapters"
)

// kindFlag takes a kind as the routes write it.
func kindFlag(fs *flag.FlagSet, to *hobby.Kind, text string) {
	*to = ""
	fs.Func("type", text, func(s string) error { *to = hobby.Kind(strings.ToLower(s)); return nil })
}

// trained is what came of a training.
type trained struct {
	Job    string          `json:"job_id"`
	Kind   hobby.Kind      `json:"hobby_type"`
	Status hobby.JobStatus `json:"status"`
	Err    string          `json:"error,omitempty"`
	lora.State
}

// trainCommand trains an adapter, tries it, and promotes it if it is better.
func trainCommand() command {
	var r lora.Request
	var model string
	var eightBit, cancel bool
	return command{
		name: "train", summary: "practises, trains an adapter, tries it, and promotes it if it is better",
		flags: func(fs *flag.FlagSet) {
			kindFlag(fs, &r.Kind, "`type` of practice; default: the one whose last training is longest ago")
			fs.BoolVar(&r.Whole, "whole", false, "train nothing: try the newest champion for the agent as a whole, on the exams of all types")
			fs.BoolVar(&cancel, "cancel", false, "end the training that is open, and begin none")
			c := &r.Recipe.Config
			fs.StringVar(&model, "model", "tiny", "`model` to train: tiny, a directory of Hugging Face's, or a .gguf file")
			eightBitFlag(fs, &eightBit)
			fs.Uint64Var(&r.Seed, "seed", 0, "draws the tasks and the answers; default: another one each time")
			fs.IntVar(&r.Recipe.Rounds, "rounds", 0, "of sampling and training, as the others below by default what is right for the model")
			fs.IntVar(&r.Recipe.Tasks, "tasks", 0, "that each round samples")
			fs.IntVar(&c.Rank, "rank", 0, "of the adapter")
			fs.IntVar(&c.Epochs, "epochs", 0, "of each round")
			fs.Float64Var(&c.LearningRate, "learning-rate", 0, "at its peak")
		},
		run: func(ctx context.Context, data string, say func(string, ...any)) (any, error) {
			var run lora.Run
			show := func(p lora.Progress) { say("%s", bar.Line(p)) }
			err := withAdapters(ctx, data, model, eightBit, show, func(p *lora.Pipeline) (err error) {
				run, err = trainOrGoOn(ctx, p, r, cancel, say)
				return err
			})
			switch {
			case err != nil && ctx.Err() != nil:
				return nil, fmt.Errorf("%w: a training that has begun stays open, and train goes on with it", err)
			case errors.Is(err, lora.ErrConfig), errors.Is(err, hobby.ErrUnknownKind), errors.Is(err, hobby.ErrInvalid):
				return nil, usage{err}
			case err != nil:
				return nil, err
			}
			s := &run.State
			said := s.Reason
			if s.Deployed {
				said = "promoted: it serves now"
			}
			say("\r\033[K%s %s\n", run.Job.Status, said)
			for _, l := range s.Levels {
				if l.Chosen && !r.Whole {
					say("  %s level %d: %.0f %% of the practice tasks were right, %.0f %% are\n", l.Family, l.Level.Level, 100*l.Base, 100*l.Now)
				}
			}
			if s.Version != "" {
				say("  adapter %s\n", s.Version)
			}
			if run.Job.Err != "" {
				err = errors.New(run.Job.Err)
			}
			return trained{run.Job.ID, run.Request.Kind, run.Job.Status, run.Job.Err, run.State}, err
		},
	}
}

// trainOrGoOn trains, or goes on with the training that is open, of which there is one at
// a time, or cancels that.
func trainOrGoOn(ctx context.Context, p *lora.Pipeline, r lora.Request, cancel bool, say func(string, ...any)) (lora.Run, error) {
	run, err := p.Status(ctx, "")
	open := err == nil && !run.Job.Status.Ended()
	switch {
	case err != nil && !errors.Is(err, hobby.ErrNotFound):
		return run, err
	case cancel && !open:
		return run, usage{errors.New("-cancel: no training is open")}
	case cancel:
		if err := p.Cancel(ctx, run.Job.ID); err != nil {
			return run, err
		}
		return p.Status(ctx, run.Job.ID)
	case open:
		say("a training is open since %s, with the settings of then: it goes on, here or where it runs; train -cancel ends it\n",
			run.Job.Created.Local().Format("2006-01-02 15:04"))
		return p.Finish(ctx, run.Job.ID)
	}
	return p.RunOnce(ctx, r)
}

// datasetCommand writes what a training would learn of practice.
func datasetCommand() command {
	var r lora.Request
	var model, out string
	var eightBit bool
	format := lora.FormatMessages
	return command{
		name: "dataset", summary: "writes what a training would learn from practice, for another trainer; nothing that was forgotten is in it",
		flags: func(fs *flag.FlagSet) {
			kindFlag(fs, &r.Kind, "`type` of practice; default: the one whose last training is longest ago")
			fs.StringVar(&model, "model", "tiny", "`model` whose answers they are: tiny, a directory of Hugging Face's, or a .gguf file")
			eightBitFlag(fs, &eightBit)
			fs.StringVar(&out, "out", "", "`file` to write; it must not exist")
			fs.StringVar((*string)(&format), "format", string(format), "`format` of the lines of JSON: messages, alpaca or sharegpt")
			fs.IntVar(&r.DaysBack, "days", 30, "of practice")
			fs.Float64Var(&r.MinQuality, "min-quality", 0.6, "least quality of an insight, up to 1")
		},
		run: func(ctx context.Context, data string, say func(string, ...any)) (any, error) {
			if out == "" {
				return nil, usage{errors.New("-out FILE is missing")}
			}
			if _, err := storeIn(data); err != nil {
				return nil, err
			}
			var s lora.Selection
			err := withAdapters(ctx, data, model, eightBit, nil, func(p *lora.Pipeline) (err error) {
				s, err = p.Dataset(ctx, r)
				return err
			})
			switch {
			case errors.Is(err, lora.ErrConfig), errors.Is(err, hobby.ErrUnknownKind), errors.Is(err, hobby.ErrInvalid):
				return nil, usage{err}
			case err != nil:
				return nil, err
			}
			var text bytes.Buffer
			switch err := lora.Export(&text, s.Dataset().Train, format); {
			case errors.Is(err, lora.ErrConfig):
				return nil, usage{err}
			case err != nil:
				return nil, err
			}
			if err := writeNew(out, text.Bytes()); err != nil {
				return nil, err
			}
			say("%d examples are in %s\n", len(s.Rows), out)
			for rule, n := range s.Funnel.Dropped() {
				say("  %d left out: %s\n", n, rule)
			}
			return s.Funnel, nil
		},
	}
}

// adaptersCommand lists adapters.
func adaptersCommand() command {
	var f lora.VersionFilter
	return command{
		name: "adapters", summary: "lists adapters, the newest first",
		flags: func(fs *flag.FlagSet) {
			kindFlag(fs, &f.Kind, "only those of a `type` of practice")
			fs.StringVar((*string)(&f.Status), "status", "", "only candidate, champion, previous, rejected or archived")
		},
		run: func(ctx context.Context, data string, say func(string, ...any)) (any, error) {
			switch f.Status {
			case "", lora.StatusCandidate, lora.StatusChampion, lora.StatusPrevious, lora.StatusRejected, lora.StatusArchived:
			default:
				return nil, usage{fmt.Errorf("-status %.64q is none", f.Status)}
			}
			all := []lora.Version{}
			err := withRegistry(ctx, data, func(r *adapters.Registry) error {
				for {
					page, err := r.Versions(ctx, f)
					if err != nil {
						return err
					}
					all = append(all, page.Versions...)
					if f.Cursor = page.Next; f.Cursor == "" {
						return nil
					}
				}
			})
			if err == nil && len(all) == 0 {
				say("there are none\n")
			}
			for i := range all {
				v := &all[i]
				say("%s  %-24s %-10s %-12s %s\n", v.ID, v.Name(), v.Status, v.Verdict, v.Created.Local().Format("2006-01-02 15:04"))
			}
			return all, err
		},
	}
}

// compareCommand shows a trial.
func compareCommand() command {
	var candidate, baseline string
	var watch bool
	return command{
		name: "compare", summary: "shows the newest trial of two adapters on held-out tasks",
		flags: func(fs *flag.FlagSet) {
			fs.StringVar(&candidate, "candidate", "", "an `adapter`; default: that of the newest trial")
			fs.StringVar(&baseline, "baseline", "", "an `adapter`, or base; default: any")
			fs.BoolVar(&watch, "watch", false, "the newest watch over what serves, in the place of a trial")
		},
		run: func(ctx context.Context, data string, say func(string, ...any)) (any, error) {
			f := lora.TrialFilter{Candidate: candidate, Watch: &watch, Limit: 1}
			if baseline != "" {
				b := strings.TrimPrefix(baseline, "base")
				f.Baseline = &b
			}
			var page lora.TrialPage
			err := withRegistry(ctx, data, func(r *adapters.Registry) (err error) { page, err = r.Trials(ctx, f); return err })
			switch {
			case err != nil:
				return nil, err
			case len(page.Trials) == 0:
				return nil, errors.New("there was no such trial")
			}
			t := page.Trials[0]
			before := t.Baseline
			if before == "" {
				before = "the base"
			}
			say("%s against %s: %d tasks, %d better, %d worse\n", t.Candidate, before, t.Pairs, t.Wins, t.Losses)
			if d := t.Difference; d != nil {
				say("%+.1f points, 95 %% interval from %+.1f to %+.1f\n", 100*d.Mean, 100*d.Low, 100*d.High)
			}
			if t.Verdict == "" {
				t.Why = "it goes on"
			}
			say("%s: %s\n", t.Verdict, t.Why)
			return t, nil
		},
	}
}

// applyCommand has an adapter serve, or the base.
func applyCommand() command {
	var id, model string
	var kind hobby.Kind
	var force, whole, eightBit bool
	return command{
		name: "apply", summary: "has an adapter serve, or the base, also in a server that runs",
		flags: func(fs *flag.FlagSet) {
			fs.StringVar(&id, "adapter", "", "the `adapter`, or base")
			kindFlag(fs, &kind, "`type` of practice that it serves; default: the adapter's")
			fs.BoolVar(&whole, "whole", false, "it serves the agent as a whole: its user's own requests")
			fs.StringVar(&model, "model", "tiny", "`model` that the adapter is for: tiny, a directory of Hugging Face's, or a .gguf file")
			eightBitFlag(fs, &eightBit)
			fs.BoolVar(&force, "force", false, "whatever its trial said; its base and that it acts are checked all the same")
		},
		run: func(ctx context.Context, data string, say func(string, ...any)) (any, error) {
			switch {
			case id == "" || id == "base" && kind == "" && !whole:
				return nil, usage{errors.New("say which -adapter is to serve, and of the base which -type, or -whole")}
			case whole && kind != "":
				return nil, usage{errors.New("-whole is of no -type")}
			}
			if _, err := storeIn(data); err != nil {
				return nil, err
			}
			var a lora.Activation
			err := withAdapters(ctx, data, model, eightBit, nil, func(p *lora.Pipeline) error {
				if kind == "" && !whole {
					v, err := p.Adapter(ctx, id)
					if err != nil {
						return err
					}
					kind = v.Kind
				}
				var err error
				a, err = p.Apply(ctx, kind, id, force)
				return err
			})
			if err != nil {
				return nil, err
			}
			what := kind.Upper()
			if whole {
				what = "the agent as a whole"
			}
			say("%s serves %s\n", id, what)
			return a, nil
		},
	}
}

// withAdapters opens the pipeline of a data directory.
func withAdapters(ctx context.Context, data, model string, eightBit bool, progress func(lora.Progress),
	fn func(*lora.Pipeline) error) (err error) {
	m, closeModel, err := openModel(ctx, model, "", eightBit)
	if err != nil {
		return usage{err}
	}
	defer func() { err = errors.Join(err, closeModel()) }()
	local, ok := m.(*llama.Model)
	if !ok {
		return usage{errors.New("-model: a model on a server cannot be trained from here")}
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("-data: %w", err)
	}
	k, err := pastime.Open(ctx, filepath.Join(data, "agent.db"), m, &pastime.Options{
		Hobby:   hobby.Options{Disabled: true, IdleThreshold: time.Millisecond},
		Trainer: local.Trainer(nil), LoRA: lora.Options{Progress: progress},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	return fn(k.Adapters)
}

// withRegistry opens the adapters of a data directory that exists.
func withRegistry(ctx context.Context, data string, fn func(*adapters.Registry) error) error {
	path, err := storeIn(data)
	if err != nil {
		return err
	}
	s, err := sqlite.Open(ctx, path, nil)
	if err != nil {
		return err
	}
	r, err := adapters.New(ctx, s)
	if err == nil {
		err = fn(r)
	}
	return errors.Join(err, s.Close())
}
