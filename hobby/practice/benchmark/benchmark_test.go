package benchmark

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
)

// record has what a sink was given.
type record struct {
	hobby.Record
	sink *hobbytest.Sink
}

func (r *record) Items(_ context.Context, f hobby.ItemFilter) (p hobby.ItemPage, _ error) {
	for _, i := range slices.Backward(r.sink.Items) {
		if !i.At.Before(f.Since) {
			p.Items = append(p.Items, i)
		}
	}
	return p, nil
}

func (r *record) Insights(_ context.Context, _ hobby.InsightFilter) (p hobby.InsightPage, _ error) {
	if n := len(r.sink.Insights); n > 0 {
		p.Insights = r.sink.Insights[n-1:]
	}
	return p, nil
}

// models are one that knows the key of each task, and one that never does.
func models(t *testing.T, suite *practice.Suite) (knows, fails hobby.Model) {
	keys := map[string]string{}
	for _, f := range suite.Families() {
		for level := 1; level <= f.Levels; level++ {
			r := rand.New(rand.NewPCG(1, 1))
			for range 4000 { // all tasks of a small level, and held-out ones of each
				task, err := suite.Task(f.Name, level, r.Uint64())
				if err != nil {
					t.Fatal(err)
				}
				keys[task.Messages[0].Content] = task.Reference
			}
		}
	}
	answer := func(_ context.Context, r hobby.Request) (string, error) { return keys[r.Messages[0].Content], nil }
	return &hobbytest.Model{Reply: answer, Identity: hobby.ModelInfo{Name: "knows", Key: "k1"}},
		&hobbytest.Model{Identity: hobby.ModelInfo{Name: "fails", Key: "k2"}}
}

// coins is a family of few tasks, so that a model can know them all.
type coins struct{}

func (coins) Info() hobby.Family { return hobby.Family{Name: "coins", Levels: 3} }
func (coins) Generate(r *rand.Rand, level int) practice.Task {
	a, b := r.IntN(30), r.IntN(10*level)
	want := fmt.Sprint(a + b)
	return practice.Task{
		Params: fmt.Sprintf("%d %d", a, b), Reference: want, Verifier: "number",
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: fmt.Sprintf("level %d: %d + %d?", level, a, b)}},
		Verify:   func(s string) practice.Verdict { return practice.Number(s, want, nil) },
	}
}

func TestRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		suite, err := practice.NewSuite(coins{})
		if err != nil {
			t.Fatal(err)
		}
		knows, fails := models(t, suite)
		out := &hobbytest.Sink{}
		rec := &record{sink: out}
		var told []Regression
		h := New([]hobby.Hobby{practice.Skills(nil, suite, nil), {Kind: "other"}}, rec, nil, &Options{
			Tasks: 8, Regressed: func(_ context.Context, r Regression) error { told = append(told, r); return nil },
		})
		if h.Items != 24 {
			t.Errorf("a run has %d tasks, want 24", h.Items)
		}
		run := func(m hobby.Model) []hobby.Item {
			t.Helper()
			before := len(out.Items)
			out.Model = m
			if err := h.Ready(t.Context()); err != nil {
				t.Logf("not by itself: %v", err)
			}
			if err := h.Executor.Practise(t.Context(), hobby.Plan{}, out); err != nil {
				t.Fatal(err)
			}
			return out.Items[before:]
		}
		first := run(fails)
		if err := h.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "today's run is done") {
			t.Errorf("after today's run: %v", err)
		}
		second := run(knows)
		for i := range first {
			a, b := first[i], second[i]
			if a.Counted() || a.Split != hobby.HeldOut || a.Family != "skill_practice/coins" {
				t.Fatalf("task %d: %+v; want a held-out task, which counts in no tally", i, a)
			}
			if a.Task() != b.Task() || a.Passed() || !b.Passed() {
				t.Fatalf("task %d: %+v and %+v; want the same task, which the second passes", i, a, b)
			}
		}
		if len(told) != 0 {
			t.Errorf("the better model is told to be worse: %+v", told)
		}
		time.Sleep(24 * time.Hour)
		if err := h.Ready(t.Context()); err != nil {
			t.Errorf("on another day: %v", err)
		}
		third := run(knows)
		same := 0
		for i := range third {
			if third[i].Task() == second[i].Task() {
				same++
			}
		}
		if len(told) != 0 || same > 6 {
			t.Errorf("on another day %d of %d tasks are the same; told %+v", same, len(third), told)
		}
		run(fails)
		want := []Regression{{
			Day: time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC), Model: "k2", Before: "k1", Paired: true, Tries: 24, BeforePasses: 24,
			BeforeTries: 24, Difference: -1,
		}}
		if diff := cmp.Diff(want, told, cmpopts.EquateApprox(0, 1e-6), cmpopts.IgnoreFields(Regression{}, "Low", "High")); diff != "" {
			t.Errorf("the worse model after the better on the same day:\n%s", diff)
		}
		time.Sleep(24 * time.Hour)
		run(knows)
		time.Sleep(24 * time.Hour)
		run(fails)
		for _, r := range told {
			if !(-1 <= r.Low && r.Low <= r.Difference && r.Difference <= r.High && r.High < 0) {
				t.Errorf("a regression by %v, between %v and %v; want an interval that says by how much", r.Difference, r.Low, r.High)
			}
		}
		runs, err := Runs(t.Context(), rec, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, r := range runs {
			rows = append(rows, fmt.Sprintf("%s %s %s %d/%d %s %d/%d", r.Day.Format(time.DateOnly), r.Model, r.Name, r.All.Passes, r.All.Tries,
				r.Kinds[0].Kind, r.Kinds[0].Passes, r.Kinds[0].Tries))
			if a := r.All; !(a.Low <= float64(a.Passes)/24 && float64(a.Passes)/24 <= a.High && a.High-a.Low < 0.2) || len(r.Kinds) != 1 {
				t.Errorf("%+v", r)
			}
		}
		if diff := cmp.Diff([]string{
			"2000-01-04 k2 fails 0/24 skill_practice 0/24", "2000-01-03 k1 knows 24/24 skill_practice 24/24",
			"2000-01-02 k2 fails 0/24 skill_practice 0/24", "2000-01-02 k1 knows 24/24 skill_practice 24/24",
			"2000-01-01 k1 knows 24/24 skill_practice 24/24", "2000-01-01 k2 fails 0/24 skill_practice 0/24",
		}, rows); diff != "" {
			t.Errorf("the runs (-want +got):\n%s", diff)
		}
		if len(told) != 2 || told[1].Paired || told[1].BeforePasses == 0 {
			t.Errorf("the worse model on a day of its own: %+v", told)
		}
		// A session that was cut goes on with the tasks that are left.
		time.Sleep(24 * time.Hour)
		left := 5
		cut := &hobbytest.Model{Identity: hobby.ModelInfo{Name: "knows", Key: "k1"}, Reply: func(context.Context, hobby.Request) (string, error) {
			if left--; left < 0 {
				return "", errors.New("no more")
			}
			return "1", nil
		}}
		out.Model = cut
		before := len(out.Items)
		if err := h.Executor.Practise(t.Context(), hobby.Plan{}, out); err == nil || len(out.Items)-before != 5 {
			t.Errorf("a session that is cut after 5 answers has %d, %v", len(out.Items)-before, err)
		}
		if err := h.Ready(t.Context()); err != nil {
			t.Errorf("after a session that was cut: %v", err)
		}
		if rest := run(knows); len(rest) != 19 {
			t.Errorf("the session after it has %d answers, want the 19 that are left", len(rest))
		}
		text := ""
		for _, in := range out.Insights {
			text += in.Text + "\n"
		}
		for _, want := range []string{
			"On the benchmark of 2000-01-01 fails passes 0 of 24 tasks: skill_practice 0 of 24.", "passes 24 of 24 tasks",
			"On the benchmark of 2000-01-02 fails passes 0 of 24 tasks, fewer than the model", "which passed 24 of 24 on the same tasks",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("nothing says %q:\n%s", want, text)
			}
		}
	})
}

// TestARegressionThatCannotBeTold is told again: the run is not done before.
func TestARegressionThatCannotBeTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		suite, err := practice.NewSuite(coins{})
		if err != nil {
			t.Fatal(err)
		}
		knows, fails := models(t, suite)
		full, tries := errors.New("the disk is full"), 0
		out := &hobbytest.Sink{Model: knows}
		h := New([]hobby.Hobby{practice.Skills(nil, suite, nil)}, &record{sink: out}, nil, &Options{
			Tasks: 8, Regressed: func(context.Context, Regression) error {
				if tries++; tries == 1 {
					return full
				}
				return nil
			},
		})
		if err := h.Executor.Practise(t.Context(), hobby.Plan{}, out); err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		out.Model = fails
		for _, want := range []error{full, nil, nil} {
			if err := h.Executor.Practise(t.Context(), hobby.Plan{}, out); !errors.Is(err, want) {
				t.Errorf("the error %v, want %v", err, want)
			}
			if ready := h.Ready(t.Context()); (ready == nil) != (want != nil) {
				t.Errorf("after %v: %v", want, ready)
			}
		}
		if tries != 2 || len(out.Items) != 48 || len(out.Insights) != 3 {
			t.Errorf("told %d times, %d answers, %d insights; want 2, 48 and 3", tries, len(out.Items), len(out.Insights))
		}
	})
}

// TestNoRegressionByChance runs a model that stays as it is each day, on levels of its own
// difficulty, and counts what is told.
func TestNoRegressionByChance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	x := &executor{opts: Options{Days: 7}}
	var past []session
	said, worse := 0, 0
	const days = 2000
	one := func(ability float64) run {
		now := run{}
		for level := range 60 {
			for n := range 3 {
				p := float64(level) / 60 * ability
				now[hobby.TaskID{Family: "f", Level: level, Seed: r.Uint64() + uint64(n)}] = r.Float64() < p
			}
		}
		return now
	}
	for day := range days {
		now := one(1)
		if c, ok := x.against(past, "m", day, now); ok && c.P <= 0.01 {
			said++
		}
		if c, ok := x.against(past, "m", day, one(0.7)); ok && c.P <= 0.001 {
			worse++
		}
		past = append(past, session{day: day, model: "m", run: now})
		past = past[max(0, len(past)-28):]
	}
	// 20 are expected; the seven days before are the same for neighbours. A model that
	// passes 30 % fewer is found at once in most runs of 180 tasks.
	if said > 40 || worse < days*7/10 {
		t.Errorf("at 1 %% a regression is told on %d of %d days without one, and a real one on %d", said, days, worse)
	}
	t.Logf("told at 1 %% on %d of %d days without a change; of a model that passes 30 %% fewer at 0.1 %% on %d", said, days, worse)
}
