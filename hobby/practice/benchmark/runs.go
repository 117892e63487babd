package benchmark

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/stat"
)

// session is a model's run on a day.
type session struct {
	day         int
	model, name string // its key, and what it calls itself
	run         run
}

// sessions reads the runs since a time, the newest last.
func sessions(ctx context.Context, r hobby.Record, since time.Time) ([]session, error) {
	type key struct {
		day   int
		model string
	}
	by := map[key]*session{}
	var newest []*session
	f := hobby.ItemFilter{Kind: hobby.BenchmarkRunning, Since: since, Limit: 1000}
	for {
		page, err := r.Items(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("benchmark: reading the last runs: %w", err)
		}
		for n := range page.Items {
			i := &page.Items[n]
			k := key{hobby.Day(i.At), i.ModelKey}
			if by[k] == nil {
				by[k] = &session{day: k.day, model: k.model, name: i.Model, run: run{}}
				newest = append(newest, by[k])
			}
			by[k].run.add(i)
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			break
		}
	}
	var all []session
	for _, s := range slices.Backward(newest) {
		all = append(all, *s)
	}
	return all, nil
}

// Run is what a model passed of the benchmark of a day.
type Run struct {
	Day time.Time
	// Model is the key that its answers are counted under, and Name what it calls itself.
	Model, Name string
	// All is of all tasks, Kinds of those of each kind, in the order of their names.
	All   Passed
	Kinds []KindPassed
}

// Passed counts tasks. Low and High are the 95 % interval of the share that passes, for
// tasks like these.
type Passed struct {
	Passes, Tries int
	Low, High     float64
}

// KindPassed is what was passed of a kind's tasks.
type KindPassed struct {
	Kind hobby.Kind
	Passed
}

func passed(c [2]int) Passed {
	low, high := stat.Proportion(c[0], c[1], 0.95)
	return Passed{c[0], c[1], low, high}
}

// kinds counts the passes and the tries of each kind.
func (r run) kinds() map[hobby.Kind][2]int {
	by := map[hobby.Kind][2]int{}
	for l, c := range r.levels() {
		name, _, _ := strings.Cut(l.Family, "/")
		k := hobby.Kind(name)
		by[k] = [2]int{by[k][0] + c[0], by[k][1] + c[1]}
	}
	return by
}

// Runs are the runs since a time, the newest first. Runs of one day have the same tasks.
func Runs(ctx context.Context, r hobby.Record, since time.Time) ([]Run, error) {
	past, err := sessions(ctx, r, since)
	if err != nil {
		return nil, err
	}
	all := make([]Run, 0, len(past))
	for _, s := range slices.Backward(past) {
		one := Run{Day: date(s.day), Model: s.model, Name: s.name, All: passed([2]int{s.run.passes(), len(s.run)})}
		by := s.run.kinds()
		for _, k := range slices.Sorted(maps.Keys(by)) {
			one.Kinds = append(one.Kinds, KindPassed{k, passed(by[k])})
		}
		all = append(all, one)
	}
	return all, nil
}
