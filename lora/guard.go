package lora

import (
	"context"
	"fmt"
	"strings"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/stat"
)

// Anchor is a case of the host's own that must not regress: what the baseline answers
// right, the candidate must too.
type Anchor struct {
	Name     string
	Messages []hobby.Message
	// Right judges an answer.
	Right func(answer string) bool
	// MaxTokens bounds the answer. Default 256.
	MaxTokens int
}

// right asks a model an anchor, greedily.
func (a *Anchor) right(ctx context.Context, m hobby.Model, adapter string) (bool, error) {
	most := a.MaxTokens
	set(&most, 256)
	var seed uint64
	resp, err := m.Generate(ctx, hobby.Request{
		Messages: a.Messages, Adapter: adapter, Seed: &seed, Sampling: hobby.Sampling{MaxTokens: most},
	})
	if err != nil {
		return false, fmt.Errorf("lora: the anchor %q: %w", a.Name, err)
	}
	_, answer, _ := hobby.CutReasoning(resp.Message.Content)
	return a.Right(strings.TrimSpace(answer)), nil
}

// tally counts the pairs of some tasks.
type tally struct {
	sign                stat.Sign
	pairs               int
	candidate, baseline float64 // sums of scores
	diffs               []float64
}

func (t *tally) add(candidate, baseline float64) {
	t.pairs++
	t.candidate += candidate
	t.baseline += baseline
	d := right(candidate) - right(baseline)
	t.diffs = append(t.diffs, d)
	if d != 0 {
		t.sign.Add(d > 0)
	}
}

// right is 1 for an answer that passes.
func right(score float64) float64 {
	if score >= 1 {
		return 1
	}
	return 0
}

// ties counts the pairs that do not differ.
func (t *tally) ties() int { return t.pairs - t.sign.Wins - t.sign.Losses }

func (t *tally) mean() float64 { return float64(t.sign.Wins-t.sign.Losses) / float64(t.pairs) }

// difference is the mean difference, with an interval of 1 - alpha that holds however often
// one has looked.
func (t *tally) difference(alpha float64) hobby.Change {
	low, high := t.sign.Difference(t.ties(), alpha)
	return hobby.Change{Mean: t.mean(), Low: low, High: high}
}

// change is the mean difference of a number of pairs that was fixed before, with a
// bootstrap interval.
func (t *tally) change(level float64) hobby.Change {
	low, high := stat.Bootstrap(t.diffs, level, 2000, 1)
	return hobby.Change{Mean: t.mean(), Low: low, High: high}
}

// exact is the same with an interval that agrees with the sign test.
func (t *tally) exact(chance float64) hobby.Change {
	low, high := t.sign.Exact(t.ties(), chance)
	return hobby.Change{Mean: t.mean(), Low: low, High: high}
}

// guarding looks at whether a candidate has unlearned something, by level.
type guarding struct {
	TrialOptions
	levels    []hobby.Level
	by        map[hobby.Level]*tally
	practised map[hobby.Level]bool
	others    tally // of levels that were not practised
}

func newGuarding(o TrialOptions, practised map[hobby.Level]bool) *guarding {
	return &guarding{TrialOptions: o, by: map[hobby.Level]*tally{}, practised: practised}
}

func (g *guarding) add(l hobby.Level, candidate, baseline float64) {
	if g.by[l] == nil {
		g.by[l] = &tally{}
		g.levels = append(g.levels, l)
	}
	if !g.practised[l] {
		g.others.add(candidate, baseline)
	}
	if g.practised[l] || g.by[l].pairs < 2*g.GuardLevel {
		g.by[l].add(candidate, baseline)
	}
}

func (t *tally) rail(name string, margin float64, d hobby.Change) Guardrail {
	return Guardrail{
		Name: name, Pairs: t.pairs, Difference: &d, Margin: margin, Passed: true,
		CandidateScore: t.candidate / float64(t.pairs), BaselineScore: t.baseline / float64(t.pairs),
	}
}

// rails says what was found: first all levels together that were not practised, which
// must be shown to have lost less than Margin, and then each level, none of which may
// be shown to have lost anything: its interval must not be below zero. That is corrected
// for the number of levels (Bonferroni): among 50 levels, ten tasks lost and none won at one
// of them are found. A level that was not practised is judged by its first 2*GuardLevel tasks:
// with ever more of them the least loss would be found, and what matters of a small one is
// what all levels together have lost.
func (g *guarding) rails() []Guardrail {
	var all []Guardrail
	if g.others.pairs > 0 {
		change := g.others.change(0.9) // one-sided 95 %
		r := g.others.rail("levels that were not practised", g.Margin, change)
		// Resamples of few losses have few, however few tasks there were.
		_, most := stat.Proportion(g.others.sign.Losses, r.Pairs, 0.9)
		r.Difference.Low = min(r.Difference.Low, float64(g.others.sign.Wins)/float64(r.Pairs)-most)
		if g.others.sign.Losses == 0 {
			r.Difference.Low = -most
		}
		if r.Passed = r.Difference.Low >= -g.Margin; !r.Passed {
			r.Why = fmt.Sprintf("it may have lost %.1f points over %d tasks of levels that were not practised", -100*r.Difference.Low, r.Pairs)
		}
		all = append(all, r)
	}
	for _, l := range g.levels {
		t := g.by[l]
		r := t.rail(fmt.Sprintf("%s %d", l.Family, l.Level), 0, t.exact(1-2*g.Alpha/float64(len(g.levels))))
		if r.Passed = r.Difference.High >= 0; !r.Passed {
			r.Why = fmt.Sprintf("it has unlearned %s level %d: of %d tasks %d were lost and %d won",
				l.Family, l.Level, t.pairs, t.sign.Losses, t.sign.Wins)
		}
		all = append(all, r)
	}
	return all
}

// broken is why the first guardrail that did not pass did not; "" when all have.
func broken(rails []Guardrail) string {
	for _, r := range rails {
		if !r.Passed {
			return r.Why
		}
	}
	return ""
}
