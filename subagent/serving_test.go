package subagent_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/subagent"
)

// champion is a hobby.Chooser of an adapter.
type champion struct{ adapter string }

func (c *champion) Serving(context.Context, hobby.Kind) (hobby.Serving, error) {
	return hobby.Serving{Adapter: c.adapter}, nil
}

// TestWhatServesAnAssignmentIsPinned has an assignment of this process between whose
// answers the champion of its kind changes.
func TestWhatServesAnAssignmentIsPinned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		model := &hobbytest.Model{Adapters: []string{"v1", "v2"}}
		chooser := &champion{"v1"}
		asking := hobby.Hobby{Kind: "asking", Model: model, NeedsModel: true,
			Executor: hobby.ExecutorFunc(func(ctx context.Context, _ hobby.Plan, out hobby.Sink) error {
				for range 2 {
					s, err := out.Serving(ctx)
					if err == nil {
						err = out.Item(hobby.Item{Split: hobby.Practice, Verifier: "exact", ModelKey: s.Info.Key, Adapter: s.Adapter})
					}
					if err != nil {
						return err
					}
					chooser.adapter = "v2"
				}
				return nil
			})}
		f := newHost(t, []hobby.Hobby{asking}, &subagent.Options{Chooser: chooser})
		if _, err := f.Register(t.Context(), subagent.Agent{ID: "here", Capabilities: []string{"*"}}); err != nil {
			t.Fatal(err)
		}
		for _, adapter := range []string{"v1", "v2"} {
			a := assign(t, f, "here", "asking")
			s, err := f.store.Activity(t.Context(), a.ID)
			if err != nil || len(s.Items) != 2 {
				t.Fatalf("%+v, %v", s, err)
			}
			want, err := model.InfoWith(t.Context(), adapter)
			if err != nil {
				t.Fatal(err)
			}
			if s.Activity.ModelKey != want.Key || s.Activity.Adapter != adapter {
				t.Errorf("the activity is of %s with %q; want %s with %q", s.Activity.ModelKey, s.Activity.Adapter, want.Key, adapter)
			}
			for _, i := range s.Items {
				if i.ModelKey != want.Key || i.Adapter != adapter {
					t.Errorf("an answer is of %s with %q; want %s with %q", i.ModelKey, i.Adapter, want.Key, adapter)
				}
			}
		}
	})
}
