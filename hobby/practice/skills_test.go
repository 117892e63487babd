package practice_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/hobbytest"
	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/sqlite"
)

// knows answers with the reference of the task it is asked, found by its
// prompt; right says which ones.
func knows(s *practice.Suite, right func(prompt string) bool) *hobbytest.Model {
	return &hobbytest.Model{Reply: func(_ context.Context, r hobby.Request) (string, error) {
		prompt := r.Messages[0].Content
		if !right(prompt) {
			return "no idea", nil
		}
		// The seed of the request is the task's.
		for _, info := range s.Families() {
			for level := 1; level <= info.Levels; level++ {
				if task, err := s.Task(info.Name, level, *r.Seed); err == nil && task.Messages[0].Content == prompt {
					return task.Reference, nil
				}
			}
		}
		return "", errors.New("a prompt that no task has")
	}}
}

func run(t *testing.T, m hobby.Model, s *practice.Suite, o *practice.Options) (*hobby.Manager, hobby.Session) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	manager, err := hobby.New(store, []hobby.Hobby{practice.Skills(m, s, o)}, &hobby.Options{Model: m})
	if err != nil {
		t.Fatal(err)
	}
	session, err := manager.RunOnce(t.Context(), hobby.SkillPractice)
	if err != nil {
		t.Fatal(err)
	}
	return manager, session
}

func TestEveryItemCanBeVerifiedAgain(t *testing.T) {
	s := suite(t)
	_, session := run(t, knows(s, func(p string) bool { return len(p)%2 == 0 }), s, nil)
	if session.Activity.Status != hobby.Completed || len(session.Items) != 12 {
		t.Fatalf("%+v with %d items, want a completed session of 12", session.Activity, len(session.Items))
	}
	for _, i := range session.Items {
		v, err := s.Verify(i)
		if err != nil || v.Score != i.Score {
			t.Errorf("item %s: score %v, verified again %v, %v", i.ID, i.Score, v.Score, err)
		}
		for name, forge := range map[string]func(*hobby.Item){
			"newer version": func(i *hobby.Item) { i.Version = 99 },
			"held out":      func(i *hobby.Item) { i.Split = hobby.HeldOut },
			"no such level": func(i *hobby.Item) { i.Level = 99 },
			"no family":     func(i *hobby.Item) { i.Family = "none" },
		} {
			lie := i
			forge(&lie)
			if _, err := s.Verify(lie); !errors.Is(err, hobby.ErrInvalid) {
				t.Errorf("%s: %v, want ErrInvalid", name, err)
			}
		}
	}
}

func TestAModelThatDoesNotKnowIsSeenToFail(t *testing.T) {
	s := suite(t)
	store, err := sqlite.Open(t.Context(), ":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	m := hobbytest.Says("I don't know")
	manager, err := hobby.New(store, []hobby.Hobby{practice.Skills(m, s, nil)}, &hobby.Options{Model: m})
	if err != nil {
		t.Fatal(err)
	}
	highest := map[string]float64{} // the upper end of each family's interval so far
	widest := map[string]float64{}  // and its width after the first session
	for range 60 {
		session, err := manager.RunOnce(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		p, err := manager.Progress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		k := p.Kind(hobby.SkillPractice)
		if rate := k.SuccessRate(); rate == nil || *rate > 0.2 {
			t.Fatalf("success rate %v, want under 0.2", rate)
		}
		for _, f := range k.Proficiency.Families {
			if f.Level != 1 {
				t.Fatalf("%s has level %d open", f.Family, f.Level)
			}
			if f.Family != session.Activity.Plan.Family {
				continue
			}
			if before, ok := highest[f.Family]; ok && f.Estimate.High > before+0.01 { // the posterior is drawn, to about a hundredth
				t.Errorf("%s: after more wrong answers it may be %.3f, before %.3f; want the interval to fall", f.Family, f.Estimate.High, before)
			}
			highest[f.Family] = f.Estimate.High
			width := f.Estimate.High - f.Estimate.Low
			if first, ok := widest[f.Family]; !ok {
				widest[f.Family] = width
			} else if width >= first {
				t.Errorf("%s: the interval is %.3f wide, after the first session %.3f; want it narrower", f.Family, width, first)
			}
		}
	}
	if len(highest) < 5 {
		t.Errorf("only %d families were tried in 60 sessions", len(highest))
	}
}

func TestASwitchedOffServerFailsTheActivity(t *testing.T) {
	s := suite(t)
	off := errors.New("connection refused")
	m := &hobbytest.Model{Reply: func(context.Context, hobby.Request) (string, error) { return "", off }}
	_, session := run(t, m, s, nil)
	if a := session.Activity; a.Status != hobby.Failed || !strings.Contains(a.Err, off.Error()) || len(session.Items) != 0 {
		t.Errorf("%s, %q, %d items; want it failed with the server's error", a.Status, a.Err, len(session.Items))
	}
	if m.Calls() > 3 {
		t.Errorf("asked %d times, want at most 3", m.Calls())
	}
	_, session = run(t, &hobbytest.Model{InfoErr: off}, s, nil)
	if a := session.Activity; a.Status != hobby.Failed || !strings.Contains(a.Err, off.Error()) {
		t.Errorf("%s, %q; want it failed", a.Status, a.Err)
	}
}

func TestNowAndThenAModelMayNotAnswer(t *testing.T) {
	s := suite(t)
	calls := 0
	m := &hobbytest.Model{Reply: func(context.Context, hobby.Request) (string, error) {
		if calls++; calls%2 == 0 {
			return "", errors.New("overloaded")
		}
		return "no idea", nil
	}}
	_, session := run(t, m, s, nil)
	if session.Activity.Status != hobby.Completed || len(session.Items) != 6 {
		t.Errorf("%s with %d items, want a completed session with the 6 that came", session.Activity.Status, len(session.Items))
	}
}

func TestPracticeReturnsWhenItsContextEnds(t *testing.T) {
	s := suite(t)
	synctest.Test(t, func(t *testing.T) {
		m := &hobbytest.Model{Reply: func(ctx context.Context, _ hobby.Request) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}}
		h := practice.Skills(m, s, &practice.Options{Concurrency: 4})
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, hobby.ErrUserReturned)
		defer cancel()
		begin := time.Now()
		if err := h.Executor.Practise(ctx, hobby.Plan{Kind: h.Kind, Seed: 1}, &hobbytest.Sink{Model: h.Model}); err == nil {
			t.Error("no error")
		}
		if d := time.Since(begin); d != time.Second {
			t.Errorf("returned after %v, want at the end of the context", d)
		}
	})
}

// priced is a model whose answers cost 70 millionths of a dollar.
type priced struct{ hobby.Model }

func (p priced) Generate(ctx context.Context, r hobby.Request) (hobby.Response, error) {
	resp, err := p.Model.Generate(ctx, r)
	resp.MicroUSD = 70
	return resp, err
}

func TestWhatAModelCostsIsCounted(t *testing.T) {
	_, session := run(t, priced{hobbytest.Says("I don't know")}, suite(t), nil)
	if a := session.Activity; a.Items != 12 || a.Cost.MicroUSD != 12*70 || session.Items[0].MicroUSD != 70 {
		t.Errorf("%d answers at 70 cost %d millionths, one of them %d", a.Items, a.Cost.MicroUSD, session.Items[0].MicroUSD)
	}
}

func TestInsightsAreCountsWithTheirEvidence(t *testing.T) {
	s := suite(t)
	h := practice.Skills(knows(s, func(string) bool { return true }), s, nil)
	out := hobbytest.Sink{Model: h.Model}
	plan := hobby.Plan{Kind: h.Kind, Family: "arithmetic", Level: 2, Seed: 5}
	if err := h.Executor.Practise(t.Context(), plan, &out); err != nil {
		t.Fatal(err)
	}
	const right = "arithmetic, level 2: 12 of 12 answers were right"
	if len(out.Insights) != 1 || out.Insights[0].Text != right || len(out.Insights[0].Evidence) != 12 || !out.Insights[0].Fact() {
		t.Fatalf("insights %+v", out.Insights)
	}
	key := out.Items[0].ModelKey
	level := hobby.Claim{Subject: "arithmetic, level 2", Relation: hobby.LevelOf, Object: "arithmetic", Confidence: 1}
	claims := func(r hobby.Relation) {
		t.Helper()
		// Of 13 tosses of a coin, all are heads once in 8192.
		want := []hobby.Claim{level, {Subject: key, Relation: r, Object: level.Subject, Confidence: 1 - 1.0/8192}}
		if d := cmp.Diff(want, out.Insights[0].Claims, cmpopts.EquateApprox(0, 1e-9)); d != "" || key == "" {
			t.Errorf("claims (-want +got):\n%s", d)
		}
	}
	claims(hobby.SucceedsAt)
	out = hobbytest.Sink{Model: h.Model}
	if err := h.Executor.Practise(t.Context(), hobby.Plan{Kind: h.Kind, Family: "modular", Level: 1, Seed: 5}, &out); err != nil {
		t.Fatal(err)
	}
	builds := hobby.Claim{Subject: "modular", Relation: hobby.BuildsOn, Object: "arithmetic", Confidence: 1}
	if len(out.Insights) != 1 || !slices.Contains(out.Insights[0].Claims, builds) {
		t.Errorf("what modular builds on: %+v", out.Insights)
	}
	h = practice.Skills(hobbytest.Says("about \x1b[31m forty"), s, nil)
	out = hobbytest.Sink{Model: h.Model}
	if err := h.Executor.Practise(t.Context(), plan, &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Insights) != 2 || !out.Insights[0].Fact() {
		t.Fatalf("insights %+v", out.Insights)
	}
	key = out.Items[0].ModelKey
	claims(hobby.FailsAt)
	got := out.Insights[1]
	if !strings.HasPrefix(got.Text, `arithmetic, level 2: 12 of 12 answers were not a number, such as “about [31m forty” for “`) ||
		got.Fact() {
		t.Errorf("insight %q", got.Text)
	}
	ids := map[string]bool{}
	for _, i := range out.Items {
		ids[i.ID] = true
	}
	for _, e := range got.Evidence {
		if !ids[e.Ref] {
			t.Errorf("evidence %+v is no item of the session", e)
		}
	}
}

func TestABatcherIsAskedInBatches(t *testing.T) {
	s := suite(t)
	m := &batcher{Model: knows(s, func(string) bool { return true })}
	_, session := run(t, m, s, nil)
	if len(session.Items) != 12 || session.Activity.Passes != 12 {
		t.Errorf("%d of %d right, want 12 of 12", session.Activity.Passes, len(session.Items))
	}
	if len(m.sizes) != 2 || m.sizes[0] != 8 || m.sizes[1] != 4 {
		t.Errorf("batches of %v, want 8 and 4", m.sizes)
	}
}

type batcher struct {
	*hobbytest.Model
	sizes []int
}

func (b *batcher) GenerateBatch(ctx context.Context, rs []hobby.Request) ([]hobby.Response, error) {
	b.sizes = append(b.sizes, len(rs))
	out := make([]hobby.Response, len(rs))
	for i, r := range rs {
		var err error
		if out[i], err = b.Generate(ctx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}
