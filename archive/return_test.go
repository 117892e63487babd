package archive_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/archive"
	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/sqlite"
)

// TestADecisionOnWhatIsArchived takes an acceptance back whose session is in a file: nothing
// trusts the text any more, then and when it is archived again.
func TestADecisionOnWhatIsArchived(t *testing.T) {
	k := filled(t, t.TempDir(), wraps{})
	m := must(hobby.New(k.store, []hobby.Hobby{{Kind: "reading", Executor: hobby.ExecutorFunc(nil)}}, &hobby.Options{Past: k.Archiver}))(t)
	const id, beside = "from-a-source-3-b", "from-a-source-3-a"
	decided := func(want bool) {
		t.Helper()
		all := must(k.Insights(t.Context(), []string{id, beside}))(t)
		if len(all) != 2 || all[0].Trusted() != want || all[1].Acceptance != nil {
			t.Errorf("the insights are %+v, want the first trusted: %t", all, want)
		}
		for _, i := range must(k.Session(t.Context(), all[0].Activity))(t).Insights {
			if i.ID == id && i.Trusted() != want {
				t.Errorf("in its session it is trusted: %t", !want)
			}
		}
	}
	if err := m.Accept(t.Context(), id, "ann"); err != nil {
		t.Fatal(err)
	}
	want, unchanged := everything(t, k.store), sums(t, k.store)
	for _, accepted := range []bool{false, true, false} {
		must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
		decided(!accepted)
		if _, err := k.store.Activity(t.Context(), "from-a-source-3"); !errors.Is(err, hobby.ErrNotFound) {
			t.Fatalf("it is not archived: %v", err)
		}
		decide := m.Refuse
		if accepted {
			decide = m.Accept
		}
		if err := decide(t.Context(), id, "bob"); err != nil {
			t.Fatal(err)
		}
		decided(accepted)
	}
	must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
	decided(false)
	want["from-a-source-3"].Insights[1].Acceptance = must(k.Insights(t.Context(), []string{id}))(t)[0].Acceptance
	check(t, k, want)
	if diff := cmp.Diff(unchanged, sums(t, k.store)); diff != "" {
		t.Errorf("decisions change sums (-before +after):\n%s", diff)
	}
	if err := m.Refuse(t.Context(), "nobody's", "ann"); !errors.Is(err, hobby.ErrNotFound) {
		t.Errorf("an insight that is nowhere: %v, want ErrNotFound", err)
	}
}

// returning calls fn before or after a session is restored.
type returning struct {
	*sqlite.Store
	before, after func()
}

func (r *returning) Restore(ctx context.Context, all []hobby.Session, f *hobby.Fence) (int, error) {
	if r.before != nil {
		r.before()
	}
	n, err := r.Store.Restore(ctx, all, f)
	if r.after != nil {
		r.after()
	}
	return n, err
}

// TestForgottenWhileItComesBack has a source forgotten, in the store and in the files, while
// a session with it is given back to the store.
func TestForgottenWhileItComesBack(t *testing.T) {
	for _, when := range []string{"before", "before, and of the files", "after"} {
		t.Run(when, func(t *testing.T) {
			r := &returning{}
			k := filled(t, t.TempDir(), wraps{source: func(s archive.Source) archive.Source { r.Store = s.(*sqlite.Store); return r }})
			must(k.RunOnce(t.Context(), archive.Request{Before: before}))(t)
			forget := sync.OnceFunc(func() {
				must(k.store.Forget(t.Context(), "secret.md"))(t)
				if when == "before, and of the files" {
					must(k.RunOnce(t.Context(), archive.Request{ForgetOnly: true}))(t)
				}
			})
			if r.before = forget; when == "after" {
				r.before, r.after = nil, forget
			}
			if err := k.Return(t.Context(), "from-a-source-3-b"); err != nil {
				t.Fatal(err)
			}
			s := must(k.store.Activity(t.Context(), "from-a-source-3"))(t)
			if len(s.Items) != 0 || len(s.Insights) != 1 || s.Insights[0].Source != "other.md" {
				t.Errorf("the store has %+v, want the other insight only", s)
			}
			if err := k.Return(t.Context(), "from-a-source-2-a"); !errors.Is(err, hobby.ErrNotFound) {
				t.Errorf("giving back a forgotten insight: %v", err)
			}
		})
	}
}
