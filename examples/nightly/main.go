// Command nightly is a night of the small model that ships with the library: it
// practises, trains an adapter on its own right answers, tries it on held-out tasks
// against the base, and promotes it if it is better.
//
//	go run ./examples/nightly
//	go run ./examples/nightly -seeds 3 -controls
//	go run ./examples/nightly -model SmolLM2-135M-Instruct.gguf -families json,tables -recipe '{"tasks":100}'
//
// The second prints a table of three nights, and of nights that must fail: one that
// trains on wrong answers too, and one that trains on answers to other tasks. These have
// one round: after it the rule would drop every level, and there would be nothing to try.
// The third has another model, fewer families and a part of the recipe replaced.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/examples/internal/bar"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama"
	"github.com/pastime-go/pastime/lora/llama/tiny"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/adapters"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	first := flag.Uint64("seed", 1, "of the first night")
	seeds := flag.Int("seeds", 1, "how many nights, each from the base with another `seed`")
	controls := flag.Bool("controls", false, "also nights that train on unverified and on shuffled answers")
	only := flag.Bool("only-controls", false, "the same without the nights that train on right answers")
	var n nights
	flag.StringVar(&n.model, "model", "", "`file` or folder of the model; the small one that ships, if none is given")
	flag.StringVar(&n.families, "families", "", "`names` of the families of tasks, with commas between; all, if none are given")
	flag.IntVar(&n.exam, "exam", 200, "how many held-out `tasks` of each level that it chose tell what a night has given")
	recipe := flag.String("recipe", "{}", "what replaces parts of the model's recipe, as `JSON`")
	flag.Parse()
	err := json.Unmarshal([]byte(*recipe), &n.recipe)
	var kinds []string
	if !*only {
		kinds = append(kinds, "")
	}
	if *controls || *only {
		kinds = append(kinds, unverified, shuffled)
	}
	for _, control := range kinds {
		for i := range *seeds {
			if err == nil {
				err = n.night(ctx, *first+uint64(i), control)
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "nightly:", hobby.Plain(err))
		os.Exit(1)
	}
}

// nights are what all nights have in common.
type nights struct {
	model, families string
	recipe          lora.Recipe
	exam            int
}

// open opens the model.
func (n *nights) open(ctx context.Context) (*llama.Model, error) {
	if n.model == "" {
		return tiny.Open(ctx, nil)
	}
	return llama.Open(ctx, n.model, nil)
}

// suite has the families of tasks.
func (n *nights) suite() (*practice.Suite, error) {
	all := practice.Families()
	if n.families == "" {
		return practice.NewSuite(all...)
	}
	var some []practice.Family
	for name := range strings.SplitSeq(n.families, ",") {
		at := slices.IndexFunc(all, func(f practice.Family) bool { return f.Info().Name == name })
		if at < 0 {
			return nil, fmt.Errorf("there is no family %q", name)
		}
		some = append(some, all[at])
	}
	return practice.NewSuite(some...)
}

// night is one from the base, in a folder of its own, and prints what it gave.
func (n *nights) night(ctx context.Context, seed uint64, control string) error {
	start, used := time.Now(), proc.CPUTime()
	dir, err := os.MkdirTemp("", "nightly")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	model, err := n.open(ctx)
	if err != nil {
		return err
	}
	defer model.Close()
	suite, err := n.suite()
	if err != nil {
		return err
	}
	skills := practice.Skills(model, suite, nil)
	exam := skills.Executor.(hobby.Examiner)
	if control != "" {
		skills.Executor = tamper(skills.Executor, exam, control)
	}
	request := lora.Request{Kind: skills.Kind, Seed: seed, Recipe: n.recipe}
	if control != "" {
		request.Recipe.Rounds = 1
	}
	var spent stages
	run, trials, err := train(ctx, dir, skills, model, request, spent.note)
	if err != nil {
		return err
	}
	fmt.Printf("\r\033[K\nseed %d %s: ", seed, control)
	switch {
	case run.State.Deployed:
		fmt.Print("promoted")
	case run.State.Verdict != "":
		fmt.Printf("not promoted (%s)", run.State.Verdict)
	default:
		fmt.Printf("not tried (%s)", run.State.Reason)
	}
	took, worked := time.Since(start).Round(time.Second), (proc.CPUTime() - used).Round(time.Second)
	fmt.Printf(" after %v; %v of processor time: %v\n", took, worked, &spent)
	for i := range trials {
		t := &trials[i]
		fmt.Printf("trial: %s: %s; %d tasks, %d won, %d lost", t.Verdict, t.Why, t.Pairs, t.Wins, t.Losses)
		if d := t.Difference; d != nil {
			fmt.Printf(", %+.1f points, 95 %% interval from %+.1f to %+.1f", 100*d.Mean, 100*d.Low, 100*d.High)
		}
		fmt.Println()
		worst(t.Guardrails)
	}
	return n.report(ctx, exam, model, &run.State, seed)
}

// worst prints the guardrails of a trial that came nearest to its refusal.
func worst(rails []lora.Guardrail) {
	rails = slices.DeleteFunc(slices.Clone(rails), func(r lora.Guardrail) bool {
		return r.Difference == nil || r.Difference.Mean >= 0
	})
	slices.SortStableFunc(rails, func(a, b lora.Guardrail) int { return cmp.Compare(a.Difference.Low, b.Difference.Low) })
	for _, r := range rails[:min(len(rails), 6)] {
		d := r.Difference
		fmt.Printf("  %s: %+.1f points (%+.1f to %+.1f) of %d tasks\n", r.Name, 100*d.Mean, 100*d.Low, 100*d.High, r.Pairs)
	}
}

// train carries out a run.
func train(
	ctx context.Context, dir string, skills hobby.Hobby, model *llama.Model, request lora.Request, note func(stage string),
) (run lora.Run, trials []lora.Trial, err error) {
	store, err := sqlite.Open(ctx, filepath.Join(dir, "agent.db"), nil)
	if err != nil {
		return run, nil, err
	}
	defer store.Close()
	registry, err := adapters.New(ctx, store)
	if err != nil {
		return run, nil, err
	}
	pipeline, err := lora.New(registry, store, model.Trainer(nil), &lora.Options{
		Hobbies: []hobby.Hobby{skills}, Model: model, Dir: filepath.Join(dir, "adapters"),
		Progress: func(p lora.Progress) {
			note(p.Stage)
			fmt.Print(bar.Line(p))
		},
	})
	if err != nil {
		return run, nil, err
	}
	if run, err = pipeline.RunOnce(ctx, request); err != nil {
		return run, nil, err
	}
	if run.Job.Err != "" {
		return run, nil, fmt.Errorf("the run failed: %s", run.Job.Err)
	}
	for _, id := range run.State.Trials {
		page, err := registry.Trials(ctx, lora.TrialFilter{ID: id})
		if err != nil {
			return run, nil, err
		}
		trials = append(trials, page.Trials...)
	}
	return run, trials, keep(ctx, model, &run.State)
}

// stages are the processor time of each stage of a night, all rounds together.
type stages struct {
	names []string
	took  []time.Duration
	at    int // the stage that runs
	since time.Duration
}

// note is called now and then, with the stage that runs.
func (s *stages) note(stage string) {
	now := proc.CPUTime()
	if len(s.names) > 0 {
		s.took[s.at] += now - s.since
	}
	s.since = now
	if s.at = slices.Index(s.names, stage); s.at < 0 {
		s.at = len(s.names)
		s.names, s.took = append(s.names, stage), append(s.took, 0)
	}
}

func (s *stages) String() string {
	var all []string
	for i, name := range s.names {
		all = append(all, fmt.Sprintf("%s %.0f s", name, s.took[i].Seconds()))
	}
	return strings.Join(all, ", ")
}
