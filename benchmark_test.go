package pastime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/benchmark"
	"github.com/pastime-go/pastime/httpapi"
)

// yes is a family of many levels, at each of which "yes" is right.
type yes struct{}

func (yes) Info() hobby.Family { return hobby.Family{Name: "yes", Levels: 20} }
func (yes) Generate(r *rand.Rand, level int) practice.Task {
	ask := fmt.Sprintf("level %d, task %d: say yes", level, r.Uint32())
	return practice.Task{
		Params: ask, Messages: []hobby.Message{{Role: hobby.RoleUser, Content: ask}}, Reference: "yes", Verifier: "exact",
		Verify: func(s string) practice.Verdict { return practice.Exact(s, "yes", nil) },
	}
}

// regressions is a consumer that keeps the events of regressions.
type regressions struct{ told []string }

func (*regressions) Name() string { return "regressions" }

func (r *regressions) Consume(_ context.Context, events []hobby.Event) error {
	for _, e := range events {
		if e.Kind == benchmark.RegressedEvent {
			r.told = append(r.told, e.ID+" "+string(e.Body))
		}
	}
	return nil
}

// TestTheBenchmarkOfAKit has a run a day by the benchmark's slot. The model is worse on the
// second day, which is an event, once.
func TestTheBenchmarkOfAKit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		suite, err := practice.NewSuite(yes{})
		if err != nil {
			t.Fatal(err)
		}
		var worse atomic.Bool
		seen := &regressions{}
		model := &hobbytest.Model{Reply: func(context.Context, hobby.Request) (string, error) {
			if worse.Load() {
				return "no", nil
			}
			return "yes", nil
		}}
		kit, err := pastime.Open(t.Context(), ":memory:", model, &pastime.Options{
			Suite: suite, Kinds: []hobby.Kind{hobby.SkillPractice, hobby.BenchmarkRunning},
			Hobby: hobby.Options{Interval: 10_000 * time.Hour, PollEvery: time.Hour, Consumers: []hobby.Consumer{seen}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- kit.Run(ctx) }()
		time.Sleep(12 * time.Hour)
		worse.Store(true)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if told := seen.told; len(told) != 1 || !strings.HasPrefix(told[0], "2000-01-02 ") ||
			!strings.Contains(told[0], `"passes":0,"tries":20`) {
			t.Errorf("the events %q, want one of 2000-01-02", told)
		}
		page, err := kit.Store.Insights(ctx, hobby.InsightFilter{Kind: hobby.BenchmarkRunning})
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, in := range page.Insights {
			text += in.Text + "\n"
		}
		for _, want := range []string{"2000-01-01 scripted passes 20 of 20", "2000-01-02 scripted passes 0 of 20 tasks, fewer than"} {
			if !strings.Contains(text, want) {
				t.Errorf("nothing says %q:\n%s", want, text)
			}
		}
		w := httptest.NewRecorder()
		kit.Handler().ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/hobby/benchmark?days=2", nil))
		var table httpapi.BenchmarkRuns
		if err := json.Unmarshal(w.Body.Bytes(), &table); err != nil || w.Code != 200 {
			t.Fatalf("%d, %v: %s", w.Code, err, w.Body)
		}
		var rows []string
		for _, r := range table.Runs {
			rows = append(rows, fmt.Sprintf("%s %s %d/%d %v %d/%d", r.Day, r.Model, r.Passes, r.Tries, r.Rate, r.Hobbies["SKILL_PRACTICE"].Passes,
				len(r.Hobbies)))
		}
		if d := cmp.Diff([]string{"2000-01-02 scripted 0/20 0 0/1", "2000-01-01 scripted 20/20 1 20/1"}, rows); d != "" {
			t.Errorf("the table of runs (-want +got):\n%s", d)
		}
		cancel()
		if err := errors.Join(<-done, kit.Close()); err != nil {
			t.Error(err)
		}
	})
}
