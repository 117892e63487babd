package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"text/tabwriter"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama"
)

// trained is the name of the night's adapter where it is measured.
const trained = "nightly"

// keep loads the last adapter that a run made, whether it was promoted or not.
func keep(ctx context.Context, model *llama.Model, s *lora.State) error {
	for i := len(s.Rounds) - 1; i >= 0; i-- {
		if a := s.Rounds[i].Artifact; a != nil {
			return model.LoadAdapter(ctx, trained, a.Dir)
		}
	}
	return fmt.Errorf("nothing was trained: %s", s.Reason)
}

// report prints how many held-out tasks the base and the last adapter do, by levels that
// the night chose, and those that the base knows or half knows together.
func (n *nights) report(ctx context.Context, exam hobby.Examiner, model *llama.Model, s *lora.State, seed uint64) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprint(w, "held out\tbefore\tafter\tpoints\ttasks\t\n")
	var chosen, known, others change
	var levels []lora.LevelState
	for _, l := range s.Levels {
		if l.Base >= s.Recipe.Known && !l.Chosen {
			levels = append(levels, l)
		}
	}
	for _, l := range s.Levels {
		var c change
		tasks := n.exam / 2
		switch {
		case l.Chosen:
			tasks = n.exam
		case l.Base >= s.Recipe.Known:
			tasks = 21 * n.exam / 2 / len(levels)
		case l.Base < s.Recipe.Seen:
			continue
		}
		if err := c.measure(ctx, exam, model, l.Level, tasks, seed); err != nil {
			return err
		}
		switch {
		case l.Chosen:
			name := fmt.Sprintf("%s %d", l.Family, l.Level.Level)
			if l.Dropped {
				name += " (dropped)"
			}
			c.row(w, name)
			chosen.add(c)
		case l.Base >= s.Recipe.Known:
			known.add(c)
		default:
			others.add(c)
		}
	}
	chosen.row(w, "all chosen")
	known.row(w, fmt.Sprintf("%d known", len(levels)))
	others.row(w, "others")
	return nil
}

// change is how many of the same tasks were right before and after.
type change struct{ tasks, before, after, better, worse int }

func (c *change) add(d change) {
	c.tasks += d.tasks
	c.before += d.before
	c.after += d.after
	c.better += d.better
	c.worse += d.worse
}

// measure asks held-out tasks of a level twice.
func (c *change) measure(ctx context.Context, exam hobby.Examiner, model *llama.Model, l hobby.Level, tasks int, seed uint64) error {
	e, err := exam.Exam(ctx, hobby.ExamRequest{Purpose: "report", Seed: seed, Split: hobby.HeldOut, Levels: []hobby.Level{l}, Tasks: tasks})
	if err != nil {
		return err
	}
	before, err := exam.Sit(ctx, model, hobby.Sitting{Tasks: e.Tasks})
	if err != nil {
		return err
	}
	after, err := exam.Sit(ctx, model, hobby.Sitting{Tasks: e.Tasks, Adapter: trained})
	if err != nil {
		return err
	}
	for i := range before {
		was, is := before[i].Passed(), after[i].Passed()
		c.tasks++
		if was {
			c.before++
		}
		if is {
			c.after++
		}
		if is && !was {
			c.better++
		}
		if was && !is {
			c.worse++
		}
	}
	return nil
}

// row prints the change with half of its 95 % interval, of the paired difference.
func (c *change) row(w *tabwriter.Writer, name string) {
	if c.tasks < 2 {
		return
	}
	n := float64(c.tasks)
	mean := float64(c.better-c.worse) / n
	square := float64(c.better+c.worse)/n - mean*mean
	fmt.Fprintf(w, "%s\t%.1f %%\t%.1f %%\t%+.1f ± %.1f\t%d\t\n", name, 100*float64(c.before)/n, 100*float64(c.after)/n, 100*mean,
		196*math.Sqrt(square/(n-1)), c.tasks)
}
