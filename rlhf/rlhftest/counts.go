package rlhftest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/rlhf"
)

// counts has the running counts be those of what is listed, whatever was done.
func counts(t *testing.T, open func(t *testing.T) (rlhf.Store, hobby.Log)) {
	s, _ := open(t)
	rapid.Check(t, func(r *rapid.T) {
		empty(t, s)
		for _, step := range rapid.SliceOfN(rapid.Custom(drawStep), 1, 25).Draw(r, "steps") {
			step.do(t, s)
			if diff := recounted(t, s); diff != "" {
				r.Fatalf("the counts after %+v (-listed +counted):\n%s", step, diff)
			}
		}
	})
}

// empty takes all out of a store that was put there by steps.
func empty(t *testing.T, s rlhf.Store) {
	t.Helper()
	for i := range 4 {
		for _, source := range []string{fmt.Sprint("from i", i), rlhf.UserSource(fmt.Sprint("u", i))} {
			if _, err := s.Forget(t.Context(), hobby.SourceHash(source)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := s.Drop(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left := all(t, s); len(left) > 0 {
		t.Fatalf("%d are left in an empty store", len(left))
	}
}

// step is something that is done to a store.
type step struct {
	Rater, Target, Rating int
	What                  string
}

func drawStep(r *rapid.T) step {
	return step{
		rapid.IntRange(0, 3).Draw(r, "rater"), rapid.IntRange(0, 3).Draw(r, "target"), rapid.IntRange(0, 5).Draw(r, "rating"),
		rapid.SampledFrom([]string{"give", "give", "give", "give", "show", "show", "answer", "forget user", "forget source"}).Draw(r, "what"),
	}
}

func (d step) feedback() rlhf.Feedback {
	target := fmt.Sprint("i", d.Target)
	f := By(fmt.Sprint("u", d.Rater), target, d.Rating)
	if d.Rater == 0 {
		f = Without("x", target, d.Rating)
	}
	if d.Rating == 0 {
		f.Comment = "only words"
	}
	return f
}

func (d step) do(t *testing.T, s rlhf.Store) {
	f := d.feedback()
	e := shown(f.User, f.Target)
	e.Rater = f.Rater
	switch d.What {
	case "give":
		put(t, s, f)
	case "show":
		expose(t, s, e)
	case "answer":
		f.Exposure = expose(t, s, e)[0].ID
		put(t, s, f)
	case "forget user":
		_, err := s.Forget(t.Context(), hobby.SourceHash(rlhf.UserSource(fmt.Sprint("u", d.Rater))))
		if err != nil {
			t.Fatal(err)
		}
	case "forget source":
		if _, err := s.Forget(t.Context(), hobby.SourceHash(fmt.Sprint("from i", d.Target))); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatal(errors.New(d.What))
	}
}

// recounted is how the counts differ from what is listed.
func recounted(t *testing.T, s rlhf.Store) string {
	t.Helper()
	want := rlhf.Counts{Given: map[rlhf.TargetType]int64{rlhf.Insight: 0, rlhf.Activity: 0, rlhf.Adapter: 0, rlhf.Suggestion: 0}}
	judged := map[[2]string]bool{}
	by := map[string]map[string]bool{} // raters by target
	raters := map[string]bool{}
	for _, r := range all(t, s) {
		want.Given[r.Type]++
		if r.Superseded || !r.Judges() {
			continue
		}
		judged[[2]string{r.Rater, r.Target}], raters[r.Rater] = true, true
		if by[r.Target] == nil {
			by[r.Target] = map[string]bool{}
		}
		by[r.Target][r.Rater] = true
	}
	want.Ratings, want.Raters, want.Targets = int64(len(judged)), int64(len(raters)), int64(len(by))
	exposed, err := s.Exposures(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	want.Exposures = int64(len(exposed))
	for _, e := range exposed {
		if e.Answered {
			want.Answered++
		}
	}
	got, err := s.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	diff := cmp.Diff(want, got)
	for target, of := range by {
		diff += cmp.Diff(rlhf.Seen{Raters: len(of)}, seen(t, s, "user:nobody", target))
	}
	return diff
}
