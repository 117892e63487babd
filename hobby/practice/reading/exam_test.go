package reading_test

import (
	"errors"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
)

func TestExaminer(t *testing.T) {
	hobbytest.TestExaminer(t, func(t *testing.T) hobby.Hobby { return read(t, "testdata/harbour", hobbytest.Says("yes"), nil) })
}

// TestAnExamIsOfTheSameText changes a document between the listing and the sitting.
func TestAnExamIsOfTheSameText(t *testing.T) {
	dir := copied(t)
	h := read(t, dir, hobbytest.Says("yes"), nil)
	x := h.Executor.(hobby.Examiner)
	e, err := x.Exam(t.Context(), hobby.ExamRequest{Purpose: "trial", Tasks: 3})
	if err != nil || len(e.Tasks) == 0 {
		t.Fatalf("%d tasks, %v", len(e.Tasks), err)
	}
	changed := e.Tasks[0].Source
	write(t, dir, changed, "# Another\n\nThis is another document now, and says nothing of what it said.\n")
	for _, id := range e.Tasks {
		m := hobbytest.Says("yes")
		items, err := x.Sit(t.Context(), m, hobby.Sitting{Tasks: []hobby.TaskID{id}})
		if id.Source == changed && (!errors.Is(err, hobby.ErrChanged) || m.Calls() > 0) {
			t.Errorf("%+v: %d items, %v; want ErrChanged", id, len(items), err)
		}
		if id.Source != changed && (err != nil || len(items) != 1 || items[0].Taint != hobby.Untrusted || items[0].Source != id.Source) {
			t.Errorf("%+v: %+v, %v", id, items, err)
		}
	}
}
