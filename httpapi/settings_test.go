package httpapi_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/settings"
	chosen "github.com/pastime-go/pastime/sqlite/settings"
)

// openSettings makes settings of a world in which everything but the idle time may be changed.
func openSettings(t testing.TB, w *world) *settings.Settings {
	t.Helper()
	store, err := chosen.New(t.Context(), w.store)
	if err != nil {
		t.Fatal(err)
	}
	p, err := settings.NewPicker(&hobbytest.Model{}, settings.Models{
		Default: "first",
		List: func(context.Context) ([]settings.Offer, error) {
			return []settings.Offer{{Name: "second", About: "a file"}}, nil
		},
		Open: func(context.Context, string) (hobby.Model, func() error, error) {
			if w.opening != nil {
				<-w.opening
			}
			return &hobbytest.Model{Identity: hobby.ModelInfo{Name: "second", Key: hobby.ModelKey("second")}}, nil, nil
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := settings.New(t.Context(), store, w.manager, &settings.Options{
		Allowed: settings.Names(), Fixed: map[settings.Name]string{settings.Idle: "the flag -idle"}, Picker: p,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSettingsOfALargeModel chooses a model that takes longer to open than a request may.
func TestSettingsOfALargeModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, nil)
		w.opening = make(chan struct{})
		begin := time.Now()
		status, _, body := w.do("PUT", "/hobby/settings", `{"model":"second"}`)
		if d := time.Since(begin); status != 200 || d > 15*time.Second {
			t.Errorf("%d %s after %v", status, body, d)
		}
		is := func(answers string, opening any) {
			t.Helper()
			s := get[object](t, w, "/hobby/settings")
			if model := s["model"].(object); model["value"] != answers || model["from"] != "chosen" || s["model_opening"] != opening {
				t.Errorf("%v is opened, and %v; want %v, and %s answers", s["model_opening"], model, opening, answers)
			}
		}
		is("first", "second")
		close(w.opening)
		synctest.Wait()
		is("second", nil)
	})
}

// TestSettings reads the settings, changes them, and reads what is in force elsewhere.
func TestSettings(t *testing.T) {
	w := newWorld(t, nil, nil)
	value := func(s object, name string) any { return s[name].(object)["value"] }
	s := get[object](t, w, "/hobby/settings")
	if got := s["idle_threshold_minutes"]; cmp.Diff(object{"value": 5.0, "default": 5.0, "from": "fixed", "fixed_by": "the flag -idle"},
		got) != "" {
		t.Errorf("the idle time is %v", got)
	}
	if got := s["models"]; cmp.Diff([]any{object{"name": "first", "about": ""}, object{"name": "second", "about": "a file"}}, got) != "" {
		t.Errorf("the models are %v", got)
	}
	status, _, body := w.do("PUT", "/hobby/settings",
		`{"interval_minutes":0.5,"daily_budget":{"items":40,"usd":1.25},"hobbies_enabled":{"Broken":false},"model":"second"}`)
	if err := json.Unmarshal([]byte(body), &s); status != 200 || err != nil {
		t.Fatalf("%d %s", status, body)
	}
	for name, want := range map[string]any{
		"interval_minutes": 0.5, "model": "second",
		"daily_budget":    object{"time_seconds": nil, "items": 40.0, "tokens": nil, "cpu_seconds": nil, "usd": 1.25},
		"hobbies_enabled": object{"BROKEN": false, "WAITING": true, "SKILL_PRACTICE": true},
	} {
		if d := cmp.Diff(want, value(s, name)); d != "" || s[name].(object)["from"] != "chosen" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	config := get[object](t, w, "/hobby/config")
	if config["interval_minutes"] != 0.5 || config["hobbies_enabled"].(object)["BROKEN"] != false {
		t.Errorf("the configuration in force has %v and %v", config["interval_minutes"], config["hobbies_enabled"])
	}
	for request, want := range map[string]struct {
		status int
		says   string
	}{
		`{"idle_threshold_minutes":9}`:        {409, "this setting cannot be changed here: idle is set by the flag -idle"},
		`{"interval_minutes":0}`:              {422, "body.interval_minutes"},
		`{"daily_budget":{"items":-1}}`:       {422, "body.daily_budget.items"},
		`{"hobbies_enabled":{"NAPS":true}}`:   {422, "no hobby of this program is of this kind"},
		`{"hobbies_enabled":{"a b":true}}`:    {422, "body.hobbies_enabled"},
		`{"model":"/models/other.gguf"}`:      {422, "no model is called"},
		`{"model":"openai:http://evil/v1#m"}`: {422, "no model is called"},
		`{"colour":"blue"}`:                   {422, "unexpected property"},
		`{"interval_minutes":"often"}`:        {422, "expected number"},
	} {
		status, _, body := w.do("PUT", "/hobby/settings", request)
		if status != want.status || !strings.Contains(body, want.says) {
			t.Errorf("%s: %d %s, want %d and %q", request, status, body, want.status, want.says)
		}
	}
	if status, _, body := w.do("PUT", "/hobby/settings", `{}`); status != 200 ||
		value(get[object](t, w, "/hobby/settings"), "model") != "first" {
		t.Errorf("choosing nothing: %d %s", status, body)
	}
}
