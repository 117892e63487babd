// Command nightly is a night of the small model that ships with the library: it
// practises, trains an adapter on its own right answers, tries it on held-out tasks
// against the base, and promotes it if it is better.
//
//	go run ./examples/nightly
//	go run ./examples/nightly -seeds 3 -controls
//
// The second prints a table of three nights, and of nights that must fail: one that
// trains on wrong answers too, and one that trains on answers to other tasks. These have
// one round: after it the rule would drop every level, and there would be nothing to try.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/pastime-go/pastime/examples/internal/bar"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/internal/words"
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
	flag.Parse()
	kinds := []string{""}
	if *controls {
		kinds = append(kinds, unverified, shuffled)
	}
	for _, control := range kinds {
		for i := range *seeds {
			if err := night(ctx, *first+uint64(i), control); err != nil {
				fmt.Fprintln(os.Stderr, "nightly:", words.Plain(err.Error()))
				os.Exit(1)
			}
		}
	}
}

// night is one from the base, in a folder of its own, and prints what it gave.
func night(ctx context.Context, seed uint64, control string) error {
	start, used := time.Now(), proc.CPUTime()
	dir, err := os.MkdirTemp("", "nightly")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	model, err := tiny.Open(ctx, nil)
	if err != nil {
		return err
	}
	defer model.Close()
	suite, err := practice.NewSuite(practice.Families()...)
	if err != nil {
		return err
	}
	skills := practice.Skills(model, suite, nil)
	exam := skills.Executor.(hobby.Examiner)
	if control != "" {
		skills.Executor = tampering{skills.Executor, exam, control}
	}
	request := lora.Request{Kind: skills.Kind, Seed: seed}
	if control != "" {
		request.Recipe.Rounds = 1
	}
	run, trials, err := train(ctx, dir, skills, model, request)
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
	fmt.Printf(" after %v; %v of processor time\n", took, worked)
	for i := range trials {
		t := &trials[i]
		fmt.Printf("trial: %s: %s; %d tasks, %d won, %d lost", t.Verdict, t.Why, t.Pairs, t.Wins, t.Losses)
		if d := t.Difference; d != nil {
			fmt.Printf(", %+.1f points, 95 %% interval from %+.1f to %+.1f", 100*d.Mean, 100*d.Low, 100*d.High)
		}
		fmt.Println()
	}
	return report(ctx, exam, model, &run.State, seed)
}

// train carries out a run.
func train(
	ctx context.Context, dir string, skills hobby.Hobby, model *llama.Model, request lora.Request,
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
		Progress: func(p lora.Progress) { fmt.Print(bar.Line(p)) },
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
