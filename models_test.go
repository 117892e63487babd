package pastime_test

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/hobby/practice/benchmark"
	"github.com/pastime-go/pastime/hobby/practice/gocode"
	"github.com/pastime-go/pastime/hobby/practice/patterns"
	"github.com/pastime-go/pastime/hobby/practice/reading"
	"github.com/pastime-go/pastime/hobby/practice/tools"
	"github.com/pastime-go/pastime/lora/llama"
	"github.com/pastime-go/pastime/lora/llama/tiny"
)

var besideModel = flag.String("beside", "", "a model's file: what it passes is logged beside the others")

// crib is a model that knows the keys of the tasks that another model was asked.
type crib struct {
	hobbytest.Model
	keys map[string]string
}

// prompt is what a model is asked, without the turns since.
func prompt(all []hobby.Message) string {
	var b strings.Builder
	for _, m := range all {
		if m.Role == hobby.RoleAssistant || m.Role == hobby.RoleTool {
			break
		}
		fmt.Fprintln(&b, m.Role, m.Content)
	}
	return b.String()
}

// Generate makes the next call of the key, or says its answer.
func (c *crib) Generate(ctx context.Context, r hobby.Request) (hobby.Response, error) {
	key, turn := c.keys[prompt(r.Messages)], 0
	for _, m := range r.Messages {
		if m.Role == hobby.RoleTool {
			turn++
		}
	}
	if calls, said := practice.Calls(key); len(r.Tools) > 0 {
		if turn < len(calls) {
			return hobby.Response{Message: hobby.Message{Role: hobby.RoleAssistant, ToolCalls: calls[turn : turn+1]}, Finish: hobby.FinishTool}, nil
		}
		key = said
	}
	return hobby.Response{Message: hobby.Message{Role: hobby.RoleAssistant, Content: key}, Finish: hobby.FinishStop}, nil
}

// sat has the answers of one sink as a record.
type sat struct {
	hobby.Record
	sink *hobbytest.Sink
}

func (r sat) Items(context.Context, hobby.ItemFilter) (hobby.ItemPage, error) {
	return hobby.ItemPage{Items: r.sink.Items}, nil
}

// TestEachKindOrdersModels has the model that ships and one that knows the keys answer the
// same tasks of all kinds that have tasks: of each kind, the second one's interval lies above.
// The day decides the tasks, and there are few of some kinds, so it is always the same day.
func TestEachKindOrdersModels(t *testing.T) { synctest.Test(t, eachKindOrdersModels) }

func eachKindOrdersModels(t *testing.T) {
	small, err := tiny.Open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	some := hobbytest.Says("nothing")
	log := patterns.Source{Name: "calls", Trusted: true, Read: func(context.Context, int) (l patterns.Log, err error) {
		for i := range 400 {
			ok := i%7 > 0
			l.Entries = append(l.Entries, patterns.Entry{
				At: time.Date(2026, 11, 27, 9, i, 0, 0, time.UTC), Event: "call", Tool: fmt.Sprint("tool", i*i%5),
				Topic: fmt.Sprint("topic", i*i*i%7), OK: &ok,
			})
		}
		return l, nil
	}}
	skills, err := pastime.DefaultSuite()
	must(t, err)
	called, err := pastime.DefaultTools()
	must(t, err)
	ways, err := practice.NewSuite(practice.Ways()...)
	must(t, err)
	pattern, err := patterns.New(log, some, nil)
	must(t, err)
	documents, err := reading.New("hobby/practice/reading/testdata/harbour", some, nil)
	must(t, err)
	papers, err := reading.Research(nil, some, nil)
	must(t, err)
	code, err := gocode.New("hobby/practice/gocode/testdata/shop", some, nil)
	must(t, err)
	all := []hobby.Hobby{practice.Skills(nil, skills, nil), tools.New(nil, called, nil), practice.Creative(nil, ways, nil),
		pattern, documents, papers, code}
	runs := map[string]benchmark.Run{}
	keys := map[string]string{}
	run := func(name string, m hobby.Model, tasks int) {
		out := hobbytest.Sink{Model: m}
		record := sat{sink: &out}
		h := benchmark.New(all, record, nil, &benchmark.Options{Tasks: tasks})
		if err := h.Executor.Practise(t.Context(), hobby.Plan{Kind: h.Kind}, &out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, i := range out.Items {
			keys[prompt(i.Messages)] = i.Reference
		}
		table, err := benchmark.Runs(t.Context(), record, time.Time{})
		must(t, err)
		if len(table) != 1 {
			t.Fatalf("%d runs of %s", len(table), name)
		}
		runs[name] = table[0]
	}
	run("nothing", some, 1)
	run("tiny", small, 1)
	run("crib", &crib{keys: keys}, 1)
	if *besideModel != "" {
		m, err := llama.Open(t.Context(), *besideModel, nil)
		must(t, err)
		defer m.Close()
		run("beside", m, 1)
	}
	said := func(p benchmark.Passed) string {
		return fmt.Sprintf("%3d of %3d (%.0f to %.0f %%)", p.Passes, p.Tries, 100*p.Low, 100*p.High)
	}
	for n, k := range runs["crib"].Kinds {
		low := runs["tiny"].Kinds[n]
		line := fmt.Sprintf("%-24s tiny %s, with the keys %s", k.Kind, said(low.Passed), said(k.Passed))
		if *besideModel != "" {
			for _, b := range runs["beside"].Kinds {
				if b.Kind == k.Kind {
					line += ", beside " + said(b.Passed)
				}
			}
		}
		t.Log(line)
		if k.Passes != k.Tries || low.High >= k.Low || low.Kind != k.Kind {
			t.Errorf("%s does not order the models: %+v, %+v", k.Kind, low, k)
		}
	}
	if n := len(runs["crib"].Kinds); n != len(all) {
		t.Errorf("%d kinds are measured, want %d", n, len(all))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
