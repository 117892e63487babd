package hobby_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// topics is a source that says these names, each with its weight.
func topics(all ...hobby.Topic) hobby.TopicSource {
	return hobby.TopicFunc(func(context.Context, hobby.Kind, int) ([]hobby.Topic, error) { return all, nil })
}

// TestTopicsAreDrawnByWeight has a topical hobby and one that is not, over sources of
// which some fail.
func TestTopicsAreDrawnByWeight(t *testing.T) {
	topical := one("sums")
	topical.Topical = true
	fails := hobby.TopicFunc(func(context.Context, hobby.Kind, int) ([]hobby.Topic, error) { return nil, errors.New("off") })
	panics := hobby.TopicFunc(func(context.Context, hobby.Kind, int) ([]hobby.Topic, error) { panic("a bug") })
	waits := hobby.TopicFunc(func(ctx context.Context, k hobby.Kind, limit int) ([]hobby.Topic, error) {
		if k != "sums" || limit < 1 {
			t.Errorf("asked for %d topics of %q", limit, k)
		}
		if d, ok := ctx.Deadline(); !ok || time.Until(d) > time.Minute {
			t.Error("a source may take as long as it likes")
		}
		return nil, nil
	})
	m := manager(t, open(t), &hobby.Options{
		Topics: []hobby.TopicSource{fails, panics, waits, topics(
			hobby.Topic{Name: "often", Weight: 0.9}, hobby.Topic{Name: " rare\n", Weight: 0.1}, hobby.Topic{Name: "", Weight: 1},
			hobby.Topic{Name: "never"}, hobby.Topic{Name: strings.Repeat("x", 1000), Weight: 1},
		), topics(hobby.Topic{Name: "often", Weight: 0.5})},
		Redact: func(s string) string { return strings.ReplaceAll(s, "often", "o***n") },
	}, topical, one("other"))
	got := map[string]int{}
	for range 60 {
		s, err := m.RunOnce(t.Context(), "sums")
		if err != nil {
			t.Fatal(err)
		}
		got[s.Activity.Plan.Topic]++
	}
	if got["o***n"] < 40 || got["rare"] > 20 || got["o***n"]+got["rare"] != 60 {
		t.Errorf("drew %v", got)
	}
	if s, err := m.RunOnce(t.Context(), "other"); err != nil || s.Activity.Plan.Topic != "" {
		t.Errorf("a hobby that goes by no topic got %q, %v", s.Activity.Plan.Topic, err)
	}
	if _, err := hobby.New(open(t), nil, &hobby.Options{Topics: []hobby.TopicSource{nil}}); !errors.Is(err, hobby.ErrInvalid) {
		t.Errorf("a source that is nil: %v", err)
	}
}

// TestWeaknesses are of measured kinds only, the weakest first.
func TestWeaknesses(t *testing.T) {
	kind := func(k hobby.Kind, score float64) hobby.Hobby {
		h := one(k)
		h.Families = []hobby.Family{{Name: "arithmetic", Levels: 3}}
		h.Executor = hobby.ExecutorFunc(func(_ context.Context, _ hobby.Plan, out hobby.Sink) error {
			for range 10 {
				i := item(score)
				i.Family, i.Level, i.Version = "arithmetic", 1, 1
				if err := out.Item(i); err != nil {
					return err
				}
			}
			return nil
		})
		return h
	}
	m := manager(t, open(t), nil, kind("well", 1), kind("badly", 0), kind("never", 0))
	for _, k := range []hobby.Kind{"well", "badly"} {
		if _, err := m.RunOnce(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	all, err := m.Weaknesses(t.Context(), 10)
	if err != nil || len(all) != 4 {
		t.Fatalf("%+v, %v; want the kind and the family of two", all, err)
	}
	for i, want := range []string{"Badly", "Badly", "Well", "Well"} {
		if !strings.HasPrefix(all[i].Name, want) || !strings.Contains(all[i].Why, "after 10 answers") || !(all[i].Weight > 0) ||
			all[i].Weight > 1 {
			t.Errorf("%d: %+v, want %s", i, all[i], want)
		}
	}
	if few, err := m.Weaknesses(t.Context(), 1); err != nil || len(few) != 1 {
		t.Errorf("%+v, %v", few, err)
	}
}
