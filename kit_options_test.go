package pastime_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/ui"
)

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
