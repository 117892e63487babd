package gocode_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

func TestExaminer(t *testing.T) {
	hobbytest.TestExaminer(t, func(t *testing.T) hobby.Hobby { return analyse(t, "testdata/shop", hobbytest.Says("yes"), nil) })
}

// TestAnExamIsOfTheSameText changes a file between the listing and the sitting.
func TestAnExamIsOfTheSameText(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	if err := os.CopyFS(dir, os.DirFS("testdata/shop")); err != nil {
		t.Fatal(err)
	}
	x := analyse(t, dir, hobbytest.Says("yes"), nil).Executor.(hobby.Examiner)
	e, err := x.Exam(t.Context(), hobby.ExamRequest{Purpose: "trial", Tasks: 3})
	if err != nil || len(e.Tasks) == 0 {
		t.Fatalf("%d tasks, %v", len(e.Tasks), err)
	}
	changed := e.Tasks[0].Source
	path := filepath.Join(dir, filepath.FromSlash(changed))
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(text, "\n// One more line.\n"...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range e.Tasks {
		m := hobbytest.Says("yes")
		items, err := x.Sit(t.Context(), m, hobby.Sitting{Tasks: []hobby.TaskID{id}})
		if id.Source == changed && (!errors.Is(err, hobby.ErrChanged) || m.Calls() > 0) {
			t.Errorf("%+v: %d items, %v; want ErrChanged", id, len(items), err)
		}
		if id.Source != changed && (err != nil || len(items) != 1 || items[0].Source != id.Source) {
			t.Errorf("%+v: %+v, %v", id, items, err)
		}
	}
}
