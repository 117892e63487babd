package hobby_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/sqlite"
)

// champions is a hobby.Chooser whose adapters are moved by hand.
type champions struct {
	mu sync.Mutex
	of map[hobby.Kind]hobby.Serving
}

func (c *champions) Serving(_ context.Context, k hobby.Kind) (hobby.Serving, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of[k], nil
}

// flip makes an adapter of a model serve a kind; "" is the base.
func (c *champions) flip(t testing.TB, k hobby.Kind, m hobby.Model, adapter string) hobby.Serving {
	t.Helper()
	s, err := hobby.NewServing(t.Context(), m, adapter)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of[k] = hobby.Serving{Adapter: adapter, Info: s.Info}
	return s
}

// pupil is a model with a name of its own and two adapters, who answers with the
// adapter's name.
func pupil(name string) *hobbytest.Model {
	return &hobbytest.Model{
		Identity: hobby.ModelInfo{Name: name, Key: hobby.ModelKey(name), Base: name}, Adapters: []string{"v1", "v2"},
		Reply: func(_ context.Context, r hobby.Request) (string, error) { return "by " + r.Adapter, nil },
	}
}

// quiz asks a few tasks of what serves the session; between the second and the third
// it calls between, unless that is nil.
func quiz(k hobby.Kind, m hobby.Model, between func()) hobby.Hobby {
	return hobby.Hobby{
		Kind: k, Model: m, NeedsModel: true, Families: []hobby.Family{{Name: "any", Levels: 1}},
		Executor: hobby.ExecutorFunc(func(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
			for i := range 4 {
				if i == 2 && between != nil {
					between()
				}
				s, err := out.Serving(ctx)
				if err != nil {
					return err
				}
				item, err := practice.Ask(ctx, s, practice.Task{
					Family: "any", Level: 1, Seed: uint64(i), Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "who?"}},
					Verifier: "test", Verify: func(string) practice.Verdict { return practice.Pass() },
				}, nil)
				if err == nil {
					err = out.Item(item)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}),
	}
}

// served checks that a session, its items, the tallies and the progress of its kind
// agree on what answered.
func served(t *testing.T, m *hobby.Manager, s hobby.Session, want hobby.Serving) {
	t.Helper()
	a := s.Activity
	if d := cmp.Diff([3]string{want.Info.Name, want.Info.Key, want.Adapter}, [3]string{a.Model, a.ModelKey, a.Adapter}); d != "" {
		t.Errorf("the activity's model, key and adapter (-want +got):\n%s", d)
	}
	for _, i := range s.Items {
		if i.ModelKey != want.Info.Key || i.Adapter != want.Adapter || i.Answer != "by "+want.Adapter && i.Answer != "by" {
			t.Errorf("an item of the key %s and the adapter %q, answered %q; want %+v", i.ModelKey, i.Adapter, i.Answer, want)
		}
	}
	tallies, _, err := m.Store().Tallies(t.Context(), hobby.TallyFilter{})
	if err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	for _, y := range tallies {
		if y.ModelKey == want.Info.Key && y.Kind == a.Plan.Kind && y.Split == hobby.Practice {
			n += y.Tries
		}
	}
	if n == 0 || n%int64(len(s.Items)) != 0 {
		t.Errorf("the tallies have %d answers under %s", n, want.Info.Key)
	}
}

// shown is what the progress says of a kind: what serves it, and the answers that
// count in what is shown and in what the policy knows.
func shown(t *testing.T, m *hobby.Manager, k hobby.Kind) string {
	t.Helper()
	p, err := m.Progress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kp := p.Kind(k)
	return fmt.Sprintf("%s %q: %d shown, %d known", kp.Serving.Info.Name, kp.Serving.Adapter,
		kp.Proficiency.Estimate.Items, kp.Proficiency.Known().Estimate.Items)
}

// TestTwoModelsServeTwoKinds has a host with a model of its own, two kinds with a
// model each, one flip in mid-session and one between sessions.
func TestTwoModelsServeTwoKinds(t *testing.T) {
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	host, one, two := pupil("host"), pupil("one"), pupil("two")
	chooser := &champions{of: map[hobby.Kind]hobby.Serving{}}
	var flipped hobby.Serving
	between := func() { flipped = chooser.flip(t, "first", one, "v1") }
	m, err := hobby.New(store, []hobby.Hobby{
		quiz("first", one, func() { between() }), quiz("second", two, nil), quiz("third", nil, nil),
	}, &hobby.Options{Model: host, Chooser: chooser})
	if err != nil {
		t.Fatal(err)
	}
	session := func(k hobby.Kind) hobby.Session {
		t.Helper()
		s, err := m.RunOnce(t.Context(), k)
		if err != nil || s.Activity.Err != "" || len(s.Items) != 4 {
			t.Fatalf("%s: %v, %q, %d items", k, err, s.Activity.Err, len(s.Items))
		}
		return s
	}
	says := func(k hobby.Kind, want string) {
		t.Helper()
		if got := shown(t, m, k); got != want {
			t.Errorf("the progress of %s is %s; want %s", k, got, want)
		}
	}
	base := func(m hobby.Model) hobby.Serving {
		s, err := hobby.NewServing(t.Context(), m, "")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	// The first kind's champion changes between its second and its third answer.
	served(t, m, session("first"), base(one))
	says("first", `one "v1": 0 shown, 0 known`)
	between = func() {}
	served(t, m, session("first"), flipped)
	says("first", `one "v1": 0 shown, 4 known`)

	served(t, m, session("second"), base(two))
	served(t, m, session("third"), base(host))
	says("second", `two "": 4 shown, 4 known`)
	says("third", `host "": 4 shown, 4 known`)

	// The exam of a new adapter is stored before it serves, and is what is shown first.
	v2, err := hobby.NewServing(t.Context(), two, "v2")
	if err != nil {
		t.Fatal(err)
	}
	exam := session("second")
	exam.Activity.ID, exam.Activity.Version, exam.Activity.ModelKey, exam.Activity.Adapter = "exam", 0, v2.Info.Key, "v2"
	for i := range exam.Items {
		it := &exam.Items[i]
		it.ID, it.Split, it.ModelKey, it.Adapter = fmt.Sprint("exam ", i), hobby.HeldOut, v2.Info.Key, "v2"
	}
	exam.Insights = nil
	if _, err := store.Commit(t.Context(), exam, nil); err != nil {
		t.Fatal(err)
	}
	says("second", `two "": 8 shown, 8 known`)
	served(t, m, session("second"), base(two))
	chooser.flip(t, "second", two, "v2")
	says("second", `two "v2": 4 shown, 4 known`)
	served(t, m, session("second"), v2)
	says("second", `two "v2": 4 shown, 8 known`)
	chooser.flip(t, "second", two, "")
	says("second", `two "": 12 shown, 12 known`)
	if _, err := hobbytest.Audit(t.Context(), store); err != nil {
		t.Error(err)
	}
}

// TestWhatServesMustBeThere has a chooser that fails, one that names an adapter that
// is not loaded, and an executor that does not ask what serves it.
func TestWhatServesMustBeThere(t *testing.T) {
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	deaf := hobby.Hobby{Kind: "deaf", NeedsModel: true,
		Executor: hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
			return out.Item(hobby.Item{Split: hobby.Practice, Verifier: "test"})
		})}
	chooser := &champions{of: map[hobby.Kind]hobby.Serving{}}
	m, err := hobby.New(store, []hobby.Hobby{quiz("heard", nil, nil), deaf}, &hobby.Options{Model: pupil("host"), Chooser: chooser})
	if err != nil {
		t.Fatal(err)
	}
	fails := func(k hobby.Kind, adapter, why string) {
		t.Helper()
		chooser.of[k] = hobby.Serving{Adapter: adapter}
		s, err := m.RunOnce(t.Context(), k)
		if err != nil || s.Activity.Status != hobby.Failed || len(s.Items) != 0 || !strings.Contains(s.Activity.Err, why) {
			t.Errorf("%s with %q: %v, %+v; want %q", k, adapter, err, s.Activity, why)
		}
	}
	fails("heard", "lost", `"lost" is not loaded`)
	fails("deaf", "v1", "has not asked its Sink what serves the session")
	plain := &champions{of: map[hobby.Kind]hobby.Serving{"heard": {Adapter: "v1"}}}
	_, err = hobby.Served(t.Context(), &hobby.Hobby{Kind: "heard", Model: struct{ hobby.Model }{pupil("none")}}, nil, plain)
	if !errors.Is(err, hobby.ErrInvalid) || !strings.Contains(err.Error(), "has no adapters") {
		t.Errorf("an adapter of a model without any: %v", err)
	}
}
