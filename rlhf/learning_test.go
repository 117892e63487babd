package rlhf_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/rlhf/internal/peopletest"
	"github.com/pastime-go/pastime/sqlite"
	"github.com/pastime-go/pastime/sqlite/feedback"
)

// shelf has targets and how they were chosen.
type shelf struct {
	targets map[string]rlhf.Target
	plans   map[string]hobby.Plan
	recent  []rlhf.Target
}

func (s *shelf) Target(_ context.Context, t rlhf.TargetType, id string) (rlhf.Target, error) {
	if got, ok := s.targets[id]; ok && got.Type == t {
		return got, nil
	}
	return rlhf.Target{}, hobby.ErrNotFound
}

func (s *shelf) Recent(_ context.Context, of rlhf.TargetType, _ int) (all []rlhf.Target, _ error) {
	for _, t := range s.recent {
		if t.Type == of {
			all = append(all, t)
		}
	}
	return all, nil
}

func (s *shelf) plan(_ context.Context, activity string) (hobby.Plan, error) {
	if p, ok := s.plans[activity]; ok {
		return p, nil
	}
	return hobby.Plan{}, hobby.ErrNotFound
}

// studio is a pipeline over a file, with people who rate what a lottery chooses.
type studio struct {
	*rlhf.Pipeline
	shelf
	path     string
	sessions int
	who      map[string]string // of the ratings of activities
	stars    map[string]int
	store    *feedback.Store
	db       *sqlite.Store
	people   *peopletest.People
	rng      *rand.Rand
	cs       []hobby.Candidate
	policy   hobby.Policy
}

func open(t testing.TB, path string, s *shelf) (*rlhf.Pipeline, *feedback.Store, *sqlite.Store) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	f, err := feedback.New(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	p, err := rlhf.New(f, s, &rlhf.Options{Plan: s.plan, PerDay: 1e9})
	if err != nil {
		t.Fatal(err)
	}
	return p, f, db
}

func newStudio(t testing.TB) *studio {
	s := &studio{shelf: shelf{targets: map[string]rlhf.Target{}, plans: map[string]hobby.Plan{}}, rng: rand.New(rand.NewPCG(1, 61)),
		people: peopletest.New(peopletest.Standard(), 30_000)}
	s.who, s.stars = map[string]string{}, map[string]int{}
	s.path = filepath.Join(t.TempDir(), "agent.db")
	s.Pipeline, s.store, s.db = open(t, s.path, &s.shelf)
	cells := s.people.Cells()
	for _, c := range cells {
		s.cs = append(s.cs, hobby.Candidate{Kind: hobby.Kind(c.Name()), Level: c.Level + 1, Probability: 1 / float64(len(cells))})
	}
	s.policy = s.Policy(lottery{s.cs})
	return s
}

// lottery likes all candidates alike.
type lottery struct{ cs []hobby.Candidate }

func (l lottery) Choose(_ context.Context, s hobby.State) (hobby.Plan, error) {
	c := l.cs[s.Rand.IntN(len(l.cs))]
	return hobby.Plan{Policy: "lottery/1", Candidates: l.cs, Kind: c.Kind, Level: c.Level, Propensity: c.Probability,
		Budget: hobby.Budget{Items: 12}}, nil
}

// session chooses and has a person rate it. It returns the plan and the person.
func (s *studio) session(t testing.TB) (hobby.Plan, string) {
	t.Helper()
	p, f := s.practise(t)
	s.submit(t, f)
	return p, f.User
}

func (s *studio) submit(t testing.TB, f rlhf.Feedback) {
	t.Helper()
	if _, _, err := s.Submit(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// practise chooses, and says what a person thinks of it. What is long ago is left to a store
// that this test has none of.
func (s *studio) practise(t testing.TB) (hobby.Plan, rlhf.Feedback) {
	t.Helper()
	p, err := s.policy.Choose(t.Context(), hobby.State{Rand: s.rng})
	if err != nil {
		t.Fatal(err)
	}
	id, who := fmt.Sprint("a", s.sessions), s.people.Person()
	s.plans[id] = p
	s.sessions++
	const kept = 10_000
	old := fmt.Sprint("a", s.sessions-kept)
	delete(s.plans, old)
	delete(s.targets, old)
	delete(s.who, old)
	delete(s.stars, old)
	s.targets[id] = rlhf.Target{Type: rlhf.Activity, ID: id, Activity: id, Kind: p.Kind, Level: p.Level, Created: time.Unix(1e9, 0)}
	kind := slices.IndexFunc(s.people.Cells(), func(c peopletest.Cell) bool { return c.Name() == string(p.Kind) && c.Level+1 == p.Level })
	stars, _ := s.people.Rate(who, s.people.Cells()[kind])
	user := fmt.Sprint("p", who)
	s.who[id], s.stars[id] = user, stars
	return p, rlhf.Feedback{Type: rlhf.Activity, Target: id, User: user, Rating: stars}
}

// TestMoodIsCorrected shows everybody everything and has the angry answer. Somebody without a
// name answers often what was shown to them once, which is one answer.
func TestMoodIsCorrected(t *testing.T) {
	ctx, s := t.Context(), newStudio(t)
	rng := rand.New(rand.NewPCG(2, 2))
	truth, n, answers := 0.0, 0.0, 0
	for i := range 40 {
		for who := range 20 {
			c := s.people.Cells()[(i*7)%48]
			id, user := fmt.Sprint("m", i), fmt.Sprint("p", who)
			s.targets[id] = rlhf.Target{Type: rlhf.Activity, ID: id, Kind: hobby.Kind(c.Name()), Level: c.Level + 1, Created: time.Unix(1e9, 0)}
			e, err := s.store.Expose(ctx, []rlhf.Exposure{{Type: rlhf.Activity, Target: id, Kind: hobby.Kind(c.Name()), User: user,
				Rater: "user:" + user, Source: "user:" + user, Policy: "test/1", Propensity: 1, Position: 1, Shown: 1}}, 1000)
			if err != nil {
				t.Fatal(err)
			}
			stars, _ := s.people.Rate(who, c)
			truth, n = truth+float64(stars), n+1
			if rng.Float64() > []float64{0.9, 0.6, 0.3, 0.2, 0.1}[stars-1] {
				continue
			}
			f := rlhf.Feedback{Type: rlhf.Activity, Target: id, User: user, Rating: stars, Exposure: e[0].ID}
			if _, _, err := s.Submit(ctx, f); err != nil {
				t.Fatal(err)
			}
			answers++
		}
	}
	e, err := s.store.Expose(ctx, []rlhf.Exposure{{Type: rlhf.Activity, Target: "m0", Kind: s.targets["m0"].Kind, Rater: "anonymous:x",
		Policy: "test/1", Propensity: 1, Position: 1, Shown: 1}}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for stars := range 5 {
		if _, _, err := s.Submit(ctx, rlhf.Feedback{Type: rlhf.Activity, Target: "m0", Rating: 1 + stars, Exposure: e[0].ID}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Refit(ctx, nil); err != nil {
		t.Fatal(err)
	}
	trends, err := s.Trends(ctx, rlhf.TrendFilter{})
	if err != nil {
		t.Fatal(err)
	}
	m := trends.Mood
	t.Logf("%d of %d answer: a mean of %.3f, corrected %.3f, and all think %.3f", m.Answered, m.Shown, m.Mean, m.Corrected, truth/n)
	if m.Shown != 801 || m.Answered != answers+1 {
		t.Errorf("%d of %d answer, want %d of 801", m.Answered, m.Shown, answers+1)
	}
	if !(math.Abs(m.Corrected-truth/n) <= math.Abs(m.Mean-truth/n)/2) {
		t.Errorf("%d of %d answer: a mean of %.3f, corrected %.3f, and all think %.3f", m.Answered, m.Shown, m.Mean, m.Corrected, truth/n)
	}
}

// ahead is a store of which one rating was stamped by a clock that was 14 years ahead.
type ahead struct{ rlhf.Store }

func (a ahead) Ratings(ctx context.Context, after int64, limit int) ([]rlhf.Rated, error) {
	rs, err := a.Store.Ratings(ctx, after, limit)
	for i := range rs {
		if rs[i].Target == "a50" {
			rs[i].At = rs[i].At.AddDate(14, 0, 0)
		}
	}
	return rs, err
}

// TestARatingOfTheFuture compares with a clock that was right: the model is the same but for
// the time between ratings, and so is the series.
func TestARatingOfTheFuture(t *testing.T) {
	ctx, s := t.Context(), newStudio(t)
	for range 200 {
		s.session(t)
	}
	wrong, err := rlhf.New(ahead{s.store}, &s.shelf, &rlhf.Options{Plan: s.plan})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Refit(ctx, nil), wrong.Refit(ctx, nil)); err != nil {
		t.Fatal(err)
	}
	for k := range 12 {
		want, _, err := s.Score(ctx, insight(fmt.Sprintf("kind%02d", k)))
		got, _, err2 := wrong.Score(ctx, insight(fmt.Sprintf("kind%02d", k)))
		if err != nil || err2 != nil || math.Abs(got-want) > 1e-3 {
			t.Errorf("kind %d has a score of %.4f, and %.4f where a rating is of the future: %v, %v", k, want, got, err, err2)
		}
	}
	trends, err := wrong.Trends(ctx, rlhf.TrendFilter{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range trends.Series {
		n += p.Count
	}
	if last := trends.Series[len(trends.Series)-1]; n != 199 || last.At.After(time.Now()) {
		t.Errorf("the series has %d ratings, and ends with %+v", n, last)
	}
}

func insight(kind string) hobby.Insight {
	return hobby.Insight{ID: "x", Kind: hobby.Kind(kind), Text: "a text"}
}

// TestPipelineLearns goes through the life of a model over a store: nothing is predicted
// before a fit, ratings count at once, another process predicts the same, the policy
// follows once a check says so and logs what it does, and who is forgotten is in no model.
func TestPipelineLearns(t *testing.T) {
	ctx, s := t.Context(), newStudio(t)
	if _, _, err := s.Score(ctx, insight("kind00")); !errors.Is(err, hobby.ErrAbstain) {
		t.Errorf("before a fit: %v, want that it abstains", err)
	}
	if m, err := s.Model(ctx); err != nil || m.Version != "" || m.Needed != 20 {
		t.Errorf("before a fit: %+v, %v", m, err)
	}
	for range 350 {
		p, _ := s.session(t)
		if p.Policy != "lottery/1" || p.Budget.Items != 12 {
			t.Fatalf("the policy %q, with %d answers, follows a model that there is none of", p.Policy, p.Budget.Items)
		}
	}
	if err := s.Refit(ctx, nil); err != nil {
		t.Fatal(err)
	}
	m, err := s.Model(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int{350, 20}, []int{m.Examples, m.Raters}); d != "" || m.Version == "" {
		t.Errorf("after a fit %q of examples and raters (-want +got):\n%s", m.Version, d)
	}
	if m.Metrics.Held < 15 || !(m.Metrics.RMSE < 1.4) {
		t.Errorf("what the model does not know is predicted so: %+v", m.Metrics)
	}
	if len(m.Features) < 12 {
		t.Errorf("12 kinds have the features %+v", m.Features)
	}
	if !m.Follows || m.Check.Verdict != rlhf.Follow || !(m.Check.Low > 0 && m.Check.Effective >= 100) {
		t.Fatalf("the check says %+v", m.Check)
	}
	s.follows(t)
	score, sd, err := s.Score(ctx, insight("kind00"))
	if err != nil || !(score > 0 && score < 1 && sd > 0 && sd < 0.5) {
		t.Errorf("a score of %v, %v, %v", score, sd, err)
	}
	// One of them changes their mind about something that the fit knew.
	if _, _, err := s.Submit(ctx, rlhf.Feedback{Type: rlhf.Activity, Target: "a1", User: s.who["a1"],
		Rating: 1 + s.stars["a1"]%5}); err != nil {
		t.Fatal(err)
	}
	if score, sd, err = s.Score(ctx, insight("kind00")); err != nil {
		t.Fatal(err)
	}
	other, _, _ := open(t, s.path, &s.shelf)
	if err := errors.Join(other.Load(ctx), other.CatchUp(ctx)); err != nil {
		t.Fatal(err)
	}
	again, sd2, err := other.Score(ctx, insight("kind00"))
	if err != nil || again != score || sd2 != sd || other.Version() != s.Version() {
		t.Errorf("another process: %v, %v, %v by %s; this one %v, %v by %s", again, sd2, err, other.Version(), score, sd, s.Version())
	}
	before := s.Version()
	s.session(t)
	if s.Version() == before {
		t.Error("a rating leaves the version")
	}
	s.forgets(t)
}

// follows checks that the policy says exactly what it does.
func (s *studio) follows(t *testing.T) {
	t.Helper()
	count, lengths := map[hobby.Candidate]int{}, map[int]int{}
	var plan hobby.Plan
	const n = 4000
	for range n {
		p, err := s.policy.Choose(t.Context(), hobby.State{Rand: s.rng})
		if err != nil {
			t.Fatal(err)
		}
		plan = p
		count[hobby.Candidate{Kind: p.Kind, Level: p.Level}]++
		lengths[p.Budget.Items]++
	}
	for items, share := range map[int]float64{6: 0.4, 12: 0.4, 24: 0.2} { // nobody was told of lengths
		if want := share * n; math.Abs(float64(lengths[items])-want) > 5*math.Sqrt(want) {
			t.Errorf("%d sessions of %d have %d answers, want about %.0f", lengths[items], n, items, want)
		}
	}
	kl, sum := 0.0, 0.0
	for i, c := range plan.Candidates {
		base := plan.Context[i]
		if d := math.Abs(base - s.cs[i].Probability); d > 1e-12 {
			t.Errorf("%s %d: the plan says that the inner policy gave %v, not %v", c.Kind, c.Level, base, s.cs[i].Probability)
		}
		kl += c.Probability * math.Log(c.Probability/base)
		sum += c.Probability
		got := float64(count[hobby.Candidate{Kind: c.Kind, Level: c.Level}])
		if want := c.Probability * n; math.Abs(got-want) > 5*math.Sqrt(want)+5 {
			t.Errorf("%s %d is chosen %v times, and its probability says %.0f", c.Kind, c.Level, got, want)
		}
		if c.Probability < 0.1*base {
			t.Errorf("%s %d has a probability of %v, below the floor", c.Kind, c.Level, c.Probability)
		}
	}
	if math.Abs(sum-1) > 1e-9 || kl > 0.5+1e-6 {
		t.Errorf("probabilities sum to %v, with a divergence of %v", sum, kl)
	}
}

// forgets has a person forgotten: the model is gone at once, and a refit is as if they had
// never been.
func (s *studio) forgets(t *testing.T) {
	ctx := t.Context()
	if n, err := s.db.Forget(ctx, "user:p3"); err != nil || n == 0 {
		t.Fatalf("forgot %d: %v", n, err)
	}
	if err := s.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Score(ctx, insight("kind00")); !errors.Is(err, hobby.ErrAbstain) {
		t.Errorf("after somebody was forgotten, a model that knew them predicts: %v", err)
	}
	if err := s.Refit(ctx, nil); err != nil {
		t.Fatal(err)
	}
	// A store in which they never were.
	clean, _, _ := open(t, filepath.Join(t.TempDir(), "clean.db"), &s.shelf)
	for after := int64(0); ; {
		batch, err := s.store.Ratings(ctx, after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 {
			break
		}
		for _, r := range batch {
			after = r.Pos
			if _, _, err := clean.Submit(ctx, rlhf.Feedback{Type: r.Type, Target: r.Target, User: r.User, Rating: r.Rating}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := clean.Refit(ctx, nil); err != nil {
		t.Fatal(err)
	}
	// The weights of time differ by the seconds between the ratings.
	weights := func(p *rlhf.Pipeline) map[string]float64 {
		m, err := p.Model(ctx)
		if err != nil {
			t.Fatal(err)
		}
		w := map[string]float64{"raters": float64(m.Raters), "examples": float64(m.Examples)}
		for _, f := range m.Features {
			w[f.Name] = math.Round(f.Weight*1e3) / 1e3
		}
		return w
	}
	if d := cmp.Diff(weights(clean), weights(s.Pipeline)); d != "" {
		t.Errorf("a refit differs from one of a store that they never were in (-never +forgotten):\n%s", d)
	}
}

var many = flag.Int("many", 2000, "the ratings that are stored before a benchmark")

// rated is a studio that has a model of as many ratings as -many says.
func rated(t testing.TB) *studio {
	s := newStudio(t)
	for range *many {
		s.session(t)
	}
	if err := s.Refit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// timed is how long it takes to record a rating and to update the model, in time and in
// processor time, which other programs on the machine leave alone.
func (s *studio) timed(t testing.TB) (took, cpu time.Duration) {
	_, f := s.practise(t)
	start, used := time.Now(), proc.CPUTime()
	s.submit(t, f)
	return time.Since(start), proc.CPUTime() - used
}

// TestSubmitIsQuick needs a machine that has nothing else to do:
//
//	go test ./rlhf -run SubmitIsQuick -many 100000 -v -timeout 30m
func TestSubmitIsQuick(t *testing.T) {
	if *many < 100_000 {
		t.Skip("a test of times, with -many 100000, on a machine that has nothing else to do")
	}
	s := rated(t)
	var took, cpu []time.Duration
	for range 5000 {
		d, used := s.timed(t)
		took, cpu = append(took, d), append(cpu, used)
	}
	slices.Sort(took)
	slices.Sort(cpu)
	at := func(d []time.Duration, share float64) time.Duration {
		return d[int(share*float64(len(d)))].Round(time.Microsecond)
	}
	t.Logf("with %d stored: half take %v, 99 %% at most %v, all %v; processor time %v, %v",
		*many, at(took, 0.5), at(took, 0.99), took[len(took)-1], at(cpu, 0.5), at(cpu, 0.99))
	if d := at(took, 0.99); d > 5*time.Millisecond {
		t.Errorf("99 %% of ratings take at most %v, want 5 ms", d)
	}
}

// BenchmarkSubmit records a rating and updates the model, after a number of others.
func BenchmarkSubmit(b *testing.B) {
	s := rated(b)
	var took, cpu []time.Duration
	for b.Loop() {
		d, used := s.timed(b)
		took, cpu = append(took, d), append(cpu, used)
	}
	for name, d := range map[string][]time.Duration{"p99-us": took, "p99-cpu-us": cpu} {
		slices.Sort(d)
		b.ReportMetric(float64(d[len(d)*99/100].Microseconds()), name)
	}
}

// BenchmarkChoose is a choice that is tilted.
func BenchmarkChoose(b *testing.B) {
	s := newStudio(b)
	for range 350 {
		s.session(b)
	}
	if err := s.Refit(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.policy.Choose(b.Context(), hobby.State{Rand: s.rng}); err != nil {
			b.Fatal(err)
		}
	}
}
