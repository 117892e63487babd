package reading_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

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
		if id.Source == changed {
			continue
		}
		if err != nil || len(items) != 1 {
			t.Errorf("%+v: %+v, %v", id, items, err)
		} else if items[0].Taint != hobby.Untrusted || items[0].Source != id.Source {
			t.Errorf("%+v is %q, from %q", id, items[0].Taint, items[0].Source)
		}
	}
}

// TestTheTasksOfAPlan are those that a session asks. Each can be made and judged again
// while its document stays as it is, and the key passes then.
func TestTheTasksOfAPlan(t *testing.T) {
	dir := copied(t)
	h := read(t, dir, hobbytest.Says("yes"), nil)
	v := h.Executor.(hobby.Verifier)
	p := hobby.Plan{Kind: h.Kind, Seed: 5, Topic: "MRCC", Budget: hobby.Budget{Items: 12}}
	ids, err := v.Tasks(p)
	out := hobbytest.Sink{Model: h.Model}
	if err := errors.Join(err, h.Executor.Practise(t.Context(), p, &out)); err != nil || len(out.Items) == 0 || len(ids) != len(out.Items) {
		t.Fatalf("%d tasks, %d items, %v", len(ids), len(out.Items), err)
	}
	for n, i := range out.Items {
		again, err := v.Verify(i)
		if d := cmp.Diff(i, again); d != "" || err != nil || i.Task() != ids[n] {
			t.Errorf("%+v, listed as %+v: %v\n%s", i.Task(), ids[n], err, d)
		}
		i.Answer = i.Reference
		if again, err := v.Verify(i); err != nil || !again.Passed() || again.Taint != hobby.Untrusted {
			t.Errorf("the key %q: %+v, %v", i.Reference, again, err)
		}
		for _, spoil := range []func(*hobby.Item){
			func(i *hobby.Item) { i.Version++ }, func(i *hobby.Item) { i.Split = hobby.HeldOut }, func(i *hobby.Item) { i.Digest = "" },
		} {
			bad := i
			spoil(&bad)
			if _, err := v.Verify(bad); !errors.Is(err, hobby.ErrInvalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	}
	if !slices.ContainsFunc(out.Items, func(i hobby.Item) bool { return i.Source == "guide/rules.md" }) {
		t.Errorf("nothing is asked about the document that the topic is in: %+v", ids)
	}
	write(t, dir, out.Items[0].Source, "# Another\n")
	other := read(t, dir, hobbytest.Says("yes"), nil).Executor.(hobby.Verifier)
	if _, err := other.Verify(out.Items[0]); !errors.Is(err, hobby.ErrChanged) {
		t.Errorf("its document has changed: %v", err)
	}
}
