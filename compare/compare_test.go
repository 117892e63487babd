package compare_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/compare"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/internal/stat"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

// oracle is an Examiner of one family with two levels: it asks for the seed, and what a model
// says passes when it is "yes". A task that it answers with nothing does not fit.
type oracle struct{ hobby.Executor }

func (oracle) Exam(_ context.Context, r hobby.ExamRequest) (e hobby.Exam, err error) {
	for level := 1; level <= 2; level++ {
		for i := range r.Tasks {
			e.Tasks = append(e.Tasks, hobby.TaskID{Family: "any", Level: level, Seed: r.Seed%1000*1000 + uint64(i)})
		}
	}
	return e, nil
}

func (oracle) Sit(ctx context.Context, m hobby.Model, s hobby.Sitting) (all []hobby.Item, err error) {
	for _, t := range s.Tasks {
		ask := hobby.Message{Role: hobby.RoleUser, Content: fmt.Sprint(t.Level, " ", t.Seed%1000)}
		r, err := m.Generate(ctx, hobby.Request{Messages: []hobby.Message{ask}})
		if err != nil {
			return all, err
		}
		item := hobby.Item{Family: t.Family, Level: t.Level, Seed: t.Seed}
		switch r.Message.Content {
		case "":
			continue
		case "yes":
			item.Score = 1
		}
		all = append(all, item)
	}
	return all, nil
}

// drifting is an oracle of files that change: its tasks can be drawn once.
type drifting struct {
	oracle
	times *int
}

func (d drifting) Exam(ctx context.Context, r hobby.ExamRequest) (hobby.Exam, error) {
	if *d.times++; *d.times > 1 {
		return hobby.Exam{}, hobby.ErrChanged
	}
	return d.oracle.Exam(ctx, r)
}

func open(t *testing.T, models map[string]func(level, n int) string, held *int) *compare.Comparer {
	t.Helper()
	db, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	j, err := jobs.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	families := []hobby.Family{{Name: "any", Levels: 2}}
	c, err := compare.New(j, compare.Options{
		Hobbies: []hobby.Hobby{
			{Kind: "sums", Executor: oracle{}, Families: families}, {Kind: "naps", Executor: hobby.ExecutorFunc(nil)},
			{Kind: "files", Executor: drifting{times: &drawn}, Families: families},
		},
		Take: func(_ context.Context, name string) (hobby.Model, func() error, error) {
			says := models[name]
			if says == nil {
				return nil, nil, fmt.Errorf("%w: no model %q", hobby.ErrInvalid, name)
			}
			return &hobbytest.Model{
				Identity: hobby.ModelInfo{Name: name, Key: hobby.ModelKey(name)},
				Reply: func(ctx context.Context, r hobby.Request) (string, error) {
					var level, n int
					if _, err := fmt.Sscan(r.Messages[0].Content, &level, &n); err != nil {
						return "", err
					}
					if says := says(level, n); says != "wait" {
						return says, nil
					}
					<-ctx.Done()
					return "", context.Cause(ctx)
				},
			}, func() error { return nil }, nil
		},
		Hold: func(context.Context, string) (func(), error) { *held++; return func() { *held-- }, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCompare compares two models whose answers are known.
func TestCompare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := 0
		c := open(t, map[string]func(level, n int) string{
			"good": func(level, n int) string { return map[bool]string{true: "yes", false: "no"}[level == 1 || n%5 == 0] },
			"bad": func(level, n int) string {
				if level == 2 && n == 3 {
					return "" // no room
				}
				return map[bool]string{true: "yes", false: "no"}[level == 1 && n < 10 || level == 2 && n == 1]
			},
			"slow": func(int, int) string { return "wait" },
		}, &held)
		if d := cmp.Diff([]hobby.Kind{"sums", "files"}, c.Kinds()); d != "" {
			t.Errorf("what can be asked (-want +got):\n%s", d)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Run(ctx) }()
		started, err := c.Start(t.Context(), compare.Request{First: "good", Second: "bad", Kind: "sums", Tasks: 41})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		all, err := c.Runs(t.Context(), 10)
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		if d := cmp.Diff([]any{started.Job.ID, hobby.JobCompleted, 40}, []any{all[0].Job.ID, all[0].Job.Status, all[0].State.Of}); d != "" {
			t.Errorf("its id, status and tasks (-want +got):\n%s", d)
		}
		got, complete := all[0].State.Result()
		low, high := stat.Sign{Wins: 14, Losses: 1}.Exact(24, 0.975)
		want := compare.Result{
			Pairs: 39, Wins: 14, Losses: 1, First: 24.0 / 39, Second: 11.0 / 39, Difference: 13.0 / 39, Low: low, High: high,
		}
		if d := cmp.Diff(want, got); d != "" || !complete || held != 0 {
			t.Errorf("complete: %v; practice is held %d times (-want +got):\n%s", complete, held, d)
		}

		started, err = c.Start(t.Context(), compare.Request{First: "good", Second: "slow", Kind: "sums"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Start(t.Context(), compare.Request{First: "good", Second: "bad", Kind: "sums"}); !errors.Is(err, hobby.ErrBusy) {
			t.Errorf("a second comparison at a time: %v", err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		all, err = c.Runs(t.Context(), 1)
		if err != nil || all[0].State.First.Passed == "" || held != 1 {
			t.Errorf("under way: %+v, practice is held %d times: %v", all, held, err)
		}
		if _, complete := all[0].State.Result(); complete {
			t.Error("half of a comparison has a result")
		}
		if _, err := c.Cancel(t.Context(), started.Job.ID); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if all, err = c.Runs(t.Context(), 1); err != nil || all[0].Job.Status != hobby.JobCancelled || held != 0 {
			t.Errorf("cancelled: %+v, practice is held %d times: %v", all, held, err)
		}

		// Both have the same tasks, also where the files have changed when the second has its turn.
		if _, err := c.Start(t.Context(), compare.Request{First: "good", Second: "bad", Kind: "files"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		all, err = c.Runs(t.Context(), 1)
		if err != nil || all[0].Job.Status != hobby.JobCompleted || all[0].State.Tasks != nil {
			t.Errorf("of files that changed: %+v: %v", all, err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestWhatCannotBeCompared refuses requests.
func TestWhatCannotBeCompared(t *testing.T) {
	held := 0
	yes := func(int, int) string { return "yes" }
	c := open(t, map[string]func(level, n int) string{"a": yes, "b": yes}, &held)
	for _, bad := range []compare.Request{
		{First: "a", Second: "a", Kind: "sums"}, {First: "a", Second: "c", Kind: "sums"}, {First: "a", Second: "b", Kind: "naps"},
		{First: "a", Second: "b"}, {First: "a", Second: "b", Kind: "sums", Tasks: -1}, {First: "a", Second: "b", Kind: "sums", Tasks: 5000},
	} {
		if _, err := c.Start(t.Context(), bad); !errors.Is(err, hobby.ErrInvalid) && !errors.Is(err, hobby.ErrUnknownKind) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	for _, s := range []compare.State{
		{}, {Of: 2, First: compare.Side{Passed: "yn"}, Second: compare.Side{Passed: "y"}},
		{Of: 2, First: compare.Side{Passed: "y-"}, Second: compare.Side{Passed: "-y"}},
	} {
		if r, complete := s.Result(); complete {
			t.Errorf("%+v has the result %+v", s, r)
		}
	}
	s := compare.State{Of: 50, First: compare.Side{Passed: strings.Repeat("y", 50)}, Second: compare.Side{Passed: strings.Repeat("y", 50)}}
	if r, _ := s.Result(); r.Difference != 0 || r.Low >= 0 || r.High <= 0 {
		t.Errorf("two models that agree everywhere: %+v", r)
	}
}
