package pastime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/lora/loratest"
	"github.com/pastime-go/pastime/metrics"
	"github.com/pastime-go/pastime/subagent"
	"github.com/pastime-go/pastime/ui"
)

// TestTheKindsOfAKit has all of a Kit's own kinds, some of them, and one of the host's in
// the place of the Kit's own. Its slot is there with a model.
func TestTheKindsOfAKit(t *testing.T) {
	own := []hobby.Kind{hobby.SkillPractice, hobby.ToolMastery, hobby.CreativeProblemSolving, hobby.PatternRecognition, hobby.BenchmarkRunning}
	theirs := hobby.Hobby{Kind: hobby.PatternRecognition, Description: "theirs", Executor: hobby.ExecutorFunc(nil)}
	for _, c := range []struct {
		o    pastime.Options
		want []hobby.Kind
	}{
		{pastime.Options{}, own},
		{pastime.Options{Kinds: []hobby.Kind{}}, nil},
		{pastime.Options{Kinds: own[1:2]}, own[1:2]},
		{pastime.Options{Hobbies: []hobby.Hobby{theirs}}, []hobby.Kind{own[0], own[1], own[2], own[3], own[4]}},
	} {
		kit, err := pastime.Open(t.Context(), ":memory:", &hobbytest.Model{}, &c.o)
		if err != nil {
			t.Fatal(err)
		}
		var got []hobby.Kind
		for _, k := range kit.Hobby.Settings().Kinds {
			got = append(got, k.Kind)
			if k.Kind == hobby.PatternRecognition && (k.Description == "theirs") != (len(c.o.Hobbies) > 0) {
				t.Errorf("pattern recognition is %q", k.Description)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: the kinds %v, want %v", c.o.Kinds, got, c.want)
		}
		if err := kit.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := pastime.Open(t.Context(), ":memory:", nil, &pastime.Options{Kinds: []hobby.Kind{"stargazing"}}); !errors.Is(err,
		hobby.ErrUnknownKind) {
		t.Errorf("a kind that no Kit has: %v", err)
	}
}

// TestOptionsThatAreRefused are told by the name that the host knows them by.
func TestOptionsThatAreRefused(t *testing.T) {
	nap := hobby.Hobby{Kind: "nap", Executor: hobby.ExecutorFunc(nil)}
	type mute struct{ hobby.Model } // takes no adapters
	for want, o := range map[string]*pastime.Options{
		"Options.Hobbies: hobby: invalid: hobbies[1].Kind":     {Hobbies: []hobby.Hobby{nap, nap}},
		"Options.Hobbies: hobby: invalid: the hobby \"idler\"": {Hobbies: []hobby.Hobby{{Kind: "idler"}}},
		"Options.Parts[0] is nil":                              {Parts: []pastime.Maker{nil}},
		"Options.Trainer needs a model that takes adapters":    {Trainer: &loratest.Teacher{}},
	} {
		_, err := pastime.Open(t.Context(), ":memory:", mute{&hobbytest.Model{}}, o)
		if !errors.Is(err, hobby.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestTheOptionsOfAKitReachItsParts looks at each part for what was asked of it.
func TestTheOptionsOfAKitReachItsParts(t *testing.T) {
	var log bytes.Buffer
	warm := false
	model := &hobbytest.Model{Reply: func(_ context.Context, r hobby.Request) (string, error) {
		warm = r.Sampling.Temperature == 0.5
		return "4", nil
	}}
	kit, err := pastime.Open(t.Context(), ":memory:", model, &pastime.Options{
		Skills: practice.Options{Sampling: hobby.Sampling{Temperature: 0.5}},
		UI:     ui.Options{Title: "Ada's idle time"},
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kit.Hobby.RunOnce(t.Context(), hobby.SkillPractice); err != nil {
		t.Fatal(err)
	}
	if !warm {
		t.Error("skill practice does not sample as Options.Skills says")
	}
	get := func(target string) string {
		rec := httptest.NewRecorder()
		kit.Handler().ServeHTTP(rec, httptest.NewRequest("GET", target, nil))
		return rec.Body.String()
	}
	if page := get("/hobby/"); !strings.Contains(page, "Ada&#39;s idle time") {
		t.Errorf("the page has not the title that Options.UI says: %s", page)
	}
	if err := kit.Close(); err != nil {
		t.Fatal(err)
	}
	if get("/hobby/metrics/summary"); !strings.Contains(log.String(), "reading metrics") {
		t.Errorf("what failed was not logged: %s", &log)
	}
}

// TestNoOptionIsOverwritten fills in what Open makes itself: each is used, or
// refused by its name.
func TestNoOptionIsOverwritten(t *testing.T) {
	model := &hobbytest.Model{}
	for name, o := range map[string]*pastime.Options{
		"Hobby.Model":    {Hobby: hobby.Options{Model: model}},
		"Subagent.Model": {Subagent: subagent.Options{Model: model}},
		"HTTP.UI":        {HTTP: httpapi.Options{UI: http.NotFoundHandler()}, UI: ui.Options{Title: "another"}},
		"store":          {Metrics: metrics.Options{Parts: map[string]hobby.Observable{"store": notes{}}}},
		"IdleThreshold":  {Hobby: hobby.Options{Presence: hobby.NewPresence(time.Minute), IdleThreshold: time.Hour}},
	} {
		kit, err := pastime.Open(t.Context(), ":memory:", model, o)
		if !errors.Is(err, hobby.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v %v, want an error that names it", name, kit, err)
		}
	}
	presence := hobby.NewPresence(time.Nanosecond)
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a page of the host's") })
	kit, err := pastime.Open(t.Context(), ":memory:", model, &pastime.Options{
		Hobby: hobby.Options{Presence: presence}, HTTP: httpapi.Options{UI: page},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer kit.Close()
	if kit.Presence != presence || kit.Hobby.Presence() != presence {
		t.Error("Options.Hobby.Presence is not the kit's")
	}
	rec := httptest.NewRecorder()
	kit.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/hobby/", nil))
	if rec.Body.String() != "a page of the host's" {
		t.Errorf("Options.HTTP.UI is not the page: %s", rec.Body)
	}
}

// TestTheAgentOfSubagents lets sub-agents practise for another agent than the
// manager, and without a word for the same one.
func TestTheAgentOfSubagents(t *testing.T) {
	for named, want := range map[string]string{"": "ada", "bob": "bob"} {
		kit, err := pastime.Open(t.Context(), ":memory:", nil, &pastime.Options{
			Hobbies: []hobby.Hobby{stargazing}, Hobby: hobby.Options{Agent: "ada"}, Subagent: subagent.Options{Agent: named},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- kit.Run(ctx) }()
		if _, err := kit.Subagents.Register(ctx, subagent.Agent{ID: "here", Capabilities: []string{"*"}}); err != nil {
			t.Fatal(err)
		}
		a, err := kit.Subagents.Assign(ctx, "here", "stargazing", time.Minute)
		if err == nil {
			a, err = kit.Subagents.Wait(ctx, a.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, err := kit.Store.Activity(ctx, a.ID); err != nil || got.Activity.Agent != want {
			t.Errorf("Subagent.Agent %q: practised for %q, %v; want %q", named, got.Activity.Agent, err, want)
		}
		cancel()
		if err := errors.Join(<-done, kit.Close()); err != nil {
			t.Error(err)
		}
	}
}

// TestSuitesWithMore have the families of the library, and then the host's.
func TestSuitesWithMore(t *testing.T) {
	for name, make := range map[string]func(...practice.Family) (*practice.Suite, error){
		"skills": pastime.DefaultSuite, "tools": pastime.DefaultTools,
	} {
		without, err := make()
		if err != nil {
			t.Fatal(err)
		}
		with, err := make(loratest.Numbers{})
		if err != nil {
			t.Fatal(err)
		}
		n := len(without.Families())
		if got := with.Families(); len(got) != n+1 || got[n].Name != (loratest.Numbers{}).Info().Name {
			t.Errorf("%s: %d families and one more are %d", name, n, len(got))
		}
		if _, err := make(loratest.Numbers{}, loratest.Numbers{}); err == nil {
			t.Errorf("%s: a family is there twice", name)
		}
	}
}
