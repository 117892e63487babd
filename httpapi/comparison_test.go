package httpapi_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/compare"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/sqlite/jobs"
)

// openComparer makes what compares the models "first" and "second" of a world. It carries
// nothing out.
func openComparer(t testing.TB, w *world, hobbies []hobby.Hobby) *compare.Comparer {
	t.Helper()
	j, err := jobs.New(t.Context(), w.store)
	if err != nil {
		t.Fatal(err)
	}
	c, err := compare.New(j, compare.Options{Hobbies: hobbies, Take: func(_ context.Context, name string) (hobby.Model, func() error, error) {
		if name != "first" && name != "second" {
			return nil, nil, fmt.Errorf("%w: no model is called %q here", hobby.ErrInvalid, name)
		}
		return &hobbytest.Model{}, func() error { return nil }, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestComparisons begins a comparison, reads it, and ends it.
func TestComparisons(t *testing.T) {
	w := newWorld(t, nil, nil)
	for request, want := range map[string]int{
		`{"first":"first","second":"first","hobby_type":"SKILL_PRACTICE"}`:            422,
		`{"first":"first","second":"/x.gguf","hobby_type":"SKILL_PRACTICE"}`:          422,
		`{"first":"first","second":"second","hobby_type":"WAITING"}`:                  422,
		`{"first":"first","second":"second","hobby_type":"SKILL_PRACTICE","tasks":0}`: 422,
	} {
		if status, _, body := w.do("POST", "/hobby/comparisons", request); status != want {
			t.Errorf("%s: %d %s, want %d", request, status, body, want)
		}
	}
	right := `{"first":"first","second":"second","hobby_type":"SKILL_PRACTICE","tasks":40}`
	if status, _, body := w.do("POST", "/hobby/comparisons", right); status != 202 {
		t.Errorf("%s: %d %s", right, status, body)
	}
	c := get[object](t, w, "/hobby/comparisons")["comparisons"].([]any)[0].(object)
	begins := object{"status": "running", "asked": 0.0, "of": nil, "difference": nil, "first": "first"}
	for field, want := range begins {
		if c[field] != want {
			t.Errorf("it begins with %s %v, want %v", field, c[field], want)
		}
	}
	if status, _, body := w.do("POST", "/hobby/comparisons", `{"first":"second","second":"first","hobby_type":"skill_practice"}`); status != 409 ||
		!strings.Contains(body, "a comparison runs already") {
		t.Errorf("a second one at a time: %d %s", status, body)
	}
	if status, _, body := w.do("POST", fmt.Sprintf("/hobby/comparisons/%v/cancel", c["job_id"]), ""); status != 200 || !strings.Contains(body, "cancelled") {
		t.Errorf("ending it: %d %s", status, body)
	}
	if status, _, _ := w.do("POST", "/hobby/comparisons/none/cancel", ""); status != 404 {
		t.Errorf("ending one that is not there: %d", status)
	}
}
