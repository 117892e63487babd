package hobby_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

var full = flag.Bool("full", false, "run the statistical tests in full")

// world simulates a learner of twelve families, to compare policies with each
// other. It is no model of language models; its rules are:
//
//   - a session is 12 answers, each right with the chance that the skill is;
//   - it brings the skill closer to 1 by its family's rate, a tenth of that
//     while a family that it requires is below an even chance;
//   - what is not practised is forgotten by a small part each session;
//   - one family is a coin: it stays at an even chance whatever is done.
//
// Its estimates are of its own: the posterior of a Beta(1, 1) over the last
// five sessions of the family.
type world struct {
	r        *rand.Rand
	now      time.Time
	families [12]simulated
	sessions int
	coin     int // sessions that went into the coin
}

type simulated struct {
	info             hobby.Family
	skill            float64
	rate, forgetting float64
	items, passes    int64
	recent           []int // passes of the last sessions
	last             time.Time
}

const (
	coin     = 11
	answered = 12
)

func newWorld(seed uint64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 1)), now: time.Unix(1e9, 0).UTC()}
	for i := range w.families {
		f := &w.families[i]
		f.info = hobby.Family{Name: fmt.Sprintf("f%02d", i), Levels: 1}
		f.skill = 0.05 + 0.2*w.r.Float64()
		f.rate, f.forgetting = 0.02+0.1*w.r.Float64(), 0.0005+0.003*w.r.Float64()
		if i%3 == 2 && i != coin {
			f.info.Requires = []string{w.families[i-1].info.Name}
		}
	}
	w.families[coin].skill = 0.5
	return w
}

// estimate is the learner's record in a family as a policy sees it.
func (f *simulated) estimate() hobby.Estimate {
	if f.items == 0 {
		return hobby.Estimate{}
	}
	a, b := 1.0, 1.0
	for _, k := range f.recent {
		a, b = a+float64(k), b+float64(answered-k)
	}
	m := a / (a + b)
	sd := math.Sqrt(m * (1 - m) / (a + b + 1))
	return hobby.Estimate{Mean: m, Low: max(0, m-1.96*sd), High: min(1, m+1.96*sd), Items: f.items, Passes: f.passes, Last: f.last}
}

func (w *world) state() hobby.State {
	k := hobby.KindState{Kind: "sim", Last: w.now}
	for i := range w.families {
		f := &w.families[i]
		e := f.estimate()
		open := true
		for _, name := range f.info.Requires {
			for j := range w.families {
				if g := &w.families[j]; g.info.Name == name && g.estimate().Low <= 0.5 {
					open = false
				}
			}
		}
		k.Families = append(k.Families, hobby.FamilyState{Family: f.info, Estimate: e, Levels: []hobby.Estimate{e}, Level: 1, Open: open})
	}
	return hobby.State{Now: w.now, Kinds: []hobby.KindState{k}, Knobs: hobby.Knobs{FocusOnWeaknesses: true, Intensity: 0.5}, Rand: w.r}
}

func (w *world) practise(name string) {
	w.sessions++
	w.now = w.now.Add(15 * time.Minute)
	for i := range w.families {
		f := &w.families[i]
		if f.info.Name != name {
			if i != coin {
				f.skill -= f.forgetting * (f.skill - 0.05)
			}
			continue
		}
		k := 0
		for range answered {
			if w.r.Float64() < f.skill {
				k++
			}
		}
		f.items, f.passes, f.last = f.items+answered, f.passes+int64(k), w.now.Truncate(24*time.Hour)
		if f.recent = append(f.recent, k); len(f.recent) > 5 {
			f.recent = f.recent[1:]
		}
		if i == coin {
			w.coin++
			continue
		}
		rate := f.rate
		for _, r := range f.info.Requires {
			for j := range w.families {
				if w.families[j].info.Name == r && w.families[j].skill < 0.5 {
					rate /= 10
				}
			}
		}
		f.skill += rate * (1 - f.skill)
	}
}

// skill is the mean skill of the families that can be learned.
func (w *world) skill() (m float64) {
	for i := range w.families {
		if i != coin {
			m += w.families[i].skill / float64(len(w.families)-1)
		}
	}
	return m
}

// roundRobin practises the open families in turn.
type roundRobin struct{ next int }

func (p *roundRobin) Choose(_ context.Context, s hobby.State) (hobby.Plan, error) {
	for {
		f := s.Kinds[0].Families[p.next%len(s.Kinds[0].Families)]
		if p.next++; f.Open {
			return hobby.Plan{Kind: s.Kinds[0].Kind, Family: f.Family.Name, Level: 1, Propensity: 1}, nil
		}
	}
}

// successChaser practises what succeeds.
type successChaser struct{}

func (successChaser) Choose(_ context.Context, s hobby.State) (hobby.Plan, error) {
	best := 0
	for i, f := range s.Kinds[0].Families {
		if f.Open && f.Estimate.Mean > s.Kinds[0].Families[best].Estimate.Mean {
			best = i
		}
	}
	return hobby.Plan{Kind: s.Kinds[0].Kind, Family: s.Kinds[0].Families[best].Family.Name, Level: 1, Propensity: 1}, nil
}

// learn runs a policy for a number of sessions and returns the final skill and
// the share of the sessions that went into the coin.
func learn(t *testing.T, seed uint64, p hobby.Policy, sessions int) (skill, coinShare float64) {
	w := newWorld(seed)
	for range sessions {
		plan, err := p.Choose(t.Context(), w.state())
		if err != nil {
			t.Error(err)
			return 0, 0
		}
		w.practise(plan.Family)
	}
	return w.skill(), float64(w.coin) / float64(w.sessions)
}

// TestLearnabilityBeatsRoundRobin compares the policies on the same learners.
func TestLearnabilityBeatsRoundRobin(t *testing.T) {
	seeds, sessions := 40, 400
	if *full {
		seeds = 200
	}
	policies := map[string]func() hobby.Policy{
		"learnability": func() hobby.Policy { return hobby.NewLearnability(nil) },
		"round-robin":  func() hobby.Policy { return &roundRobin{} },
		"weakest":      func() hobby.Policy { return hobby.WeakestFirst{} },
		"successes":    func() hobby.Policy { return successChaser{} },
	}
	skills, coins := map[string][]float64{}, map[string][]float64{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for name, policy := range policies {
		skills[name], coins[name] = make([]float64, seeds), make([]float64, seeds)
		wg.Go(func() {
			for seed := range seeds {
				s, c := learn(t, uint64(seed), policy(), sessions)
				mu.Lock()
				skills[name][seed], coins[name][seed] = s, c
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for name := range policies {
		t.Logf("%-12s mean skill %.3f, %.1f %% of the sessions into the coin", name, average(skills[name]), 100*average(coins[name]))
	}
	diff := make([]float64, seeds)
	for i := range diff {
		diff[i] = skills["learnability"][i] - skills["round-robin"][i]
	}
	m := average(diff)
	v := 0.0
	for _, d := range diff {
		v += (d - m) * (d - m) / float64(seeds-1)
	}
	// 2.43 is the 99 % quantile of Student's t with 39 degrees of freedom.
	if tt := m / math.Sqrt(v/float64(seeds)); !(tt > 2.43) {
		t.Errorf("learnability gains %.4f over round-robin, t = %.2f; want p < 0.01", m, tt)
	} else {
		t.Logf("learnability gains %.4f over round-robin, t = %.1f with %d pairs", m, tt, seeds)
	}
	if c := average(coins["learnability"]); c > 0.05 {
		t.Errorf("%.1f %% of the sessions went into a coin, want at most 5 %%", 100*c)
	}
}

func average(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}

// anyState draws a state as wild as the types allow a manager to make it.
func anyState(t *rapid.T) hobby.State {
	chance := rapid.Float64Range(0, 1)
	estimate := func(label string) hobby.Estimate {
		items := rapid.Int64Range(0, 500).Draw(t, label)
		if items == 0 {
			return hobby.Estimate{}
		}
		m := chance.Draw(t, label)
		return hobby.Estimate{Mean: m, Low: m * chance.Draw(t, label), High: m + (1-m)*chance.Draw(t, label), Items: items, Passes: int64(m * float64(items)), Last: time.Unix(1e9, 0)}
	}
	seed := rapid.Uint64().Draw(t, "seed")
	s := hobby.State{
		Now: time.Unix(1e9+int64(rapid.IntRange(0, 1e7).Draw(t, "later")), 0).UTC(), Rand: rand.New(rand.NewPCG(seed, seed)),
		Knobs: hobby.Knobs{FocusOnWeaknesses: rapid.Bool().Draw(t, "focus"), Variety: chance.Draw(t, "variety"), Intensity: chance.Draw(t, "intensity")},
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "kinds") {
		k := hobby.KindState{Kind: hobby.Kind(fmt.Sprintf("k%d", i)), Estimate: estimate("kind"), Last: time.Unix(1e9, 0)}
		for j := range rapid.IntRange(0, 4).Draw(t, "families") {
			f := hobby.FamilyState{Family: hobby.Family{Name: fmt.Sprintf("f%d", j), Levels: rapid.IntRange(1, 4).Draw(t, "levels")}, Open: rapid.Bool().Draw(t, "open")}
			f.Level = rapid.IntRange(1, f.Family.Levels).Draw(t, "level")
			f.Estimate = estimate("family")
			for range f.Family.Levels {
				f.Levels = append(f.Levels, estimate("level"))
			}
			k.Families = append(k.Families, f)
		}
		s.Kinds = append(s.Kinds, k)
	}
	return s
}

func TestPoliciesLogWhatTheyDid(t *testing.T) {
	for name, policy := range map[string]func() hobby.Policy{
		"learnability": func() hobby.Policy { return hobby.NewLearnability(nil) },
		"weakest":      func() hobby.Policy { return hobby.WeakestFirst{} },
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := policy()
				for range rapid.IntRange(1, 3).Draw(t, "turns") {
					s := anyState(t)
					plan, err := p.Choose(t.Context(), s)
					if errors.Is(err, hobby.ErrNothing) {
						for _, k := range s.Kinds {
							for _, f := range k.Families {
								if f.Open || len(k.Families) == 0 {
									t.Fatalf("nothing to practise, though %s %s is open", k.Kind, f.Family.Name)
								}
							}
						}
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					sum, chosen := 0.0, 0
					for _, c := range plan.Candidates {
						sum += c.Probability
						if !(c.Probability >= 0 && c.Probability <= 1) {
							t.Fatalf("probability %v", c.Probability)
						}
						if c.Kind == plan.Kind && c.Family == plan.Family && c.Level == plan.Level {
							chosen++
							if c.Probability != plan.Propensity || plan.Propensity == 0 {
								t.Fatalf("propensity %v, the candidate's probability is %v", plan.Propensity, c.Probability)
							}
						}
					}
					if math.Abs(sum-1) > 1e-9 || chosen != 1 {
						t.Fatalf("probabilities sum to %v, %d candidates are the plan", sum, chosen)
					}
					for _, k := range s.Kinds {
						for _, f := range k.Families {
							if k.Kind == plan.Kind && f.Family.Name == plan.Family && (!f.Open || plan.Level > f.Level || plan.Level < 1) {
								t.Fatalf("chose level %d of %s %s, open: %v up to %d", plan.Level, k.Kind, f.Family.Name, f.Open, f.Level)
							}
						}
					}
					if s.Knobs.Variety == 1 {
						for _, c := range plan.Candidates {
							if math.Abs(c.Probability-1/float64(len(plan.Candidates))) > 1e-9 {
								t.Fatalf("with variety 1 a probability of %v among %d", c.Probability, len(plan.Candidates))
							}
						}
					}
				}
			})
		})
	}
}

// TestMeasureIsOrderFree shuffles tallies, and splits them between two nodes:
// the estimate is the same to the bit.
func TestMeasureIsOrderFree(t *testing.T) {
	hobbies := []hobby.Hobby{{Kind: "sums", Families: []hobby.Family{{Name: "a", Levels: 3}, {Name: "b", Levels: 2, Guess: 0.2}}}}
	asOf := time.Unix(1e9, 0)
	rapid.Check(t, func(t *rapid.T) {
		var whole, parts []hobby.Tally
		for range rapid.IntRange(1, 12).Draw(t, "tallies") {
			tries := rapid.Int64Range(1, 30).Draw(t, "tries")
			tally := hobby.Tally{
				Node: "n1", ModelKey: "m", Kind: "sums", Family: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "family"), Level: rapid.IntRange(1, 3).Draw(t, "level"),
				Split: hobby.Practice, Day: hobby.Day(asOf) - rapid.IntRange(0, 400).Draw(t, "age"), Tries: tries, Passes: rapid.Int64Range(0, tries).Draw(t, "passes"),
			}
			whole = append(whole, tally)
			here := rapid.Int64Range(0, tally.Passes).Draw(t, "here")
			one, two := tally, tally
			one.Tries, one.Passes = here, here
			two.Node, two.Tries, two.Passes = "n2", tally.Tries-here, tally.Passes-here
			parts = append(parts, one, two)
		}
		want := hobby.Measure(whole, hobbies, "m", asOf)
		got := hobby.Measure(rapid.Permutation(parts).Draw(t, "order"), hobbies, "m", asOf)
		if fmt.Sprintf("%x", want.Overall.Mean) != fmt.Sprintf("%x", got.Overall.Mean) || want.Overall.Low != got.Overall.Low || want.Overall.Items != got.Overall.Items {
			t.Fatalf("in another order, from two nodes: %+v, want %+v", got.Overall, want.Overall)
		}
	})
}

func TestMeasure(t *testing.T) {
	hobbies := []hobby.Hobby{
		{Kind: "sums", Families: []hobby.Family{{Name: "a", Levels: 3}, {Name: "b", Levels: 1}}},
		{Kind: "plain"}, {Kind: "never"},
	}
	day := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	tally := func(kind hobby.Kind, family, model string, level, age int, tries, passes int64) hobby.Tally {
		return hobby.Tally{Kind: kind, Family: family, ModelKey: model, Level: level, Split: hobby.Practice, Day: hobby.Day(day) - age, Tries: tries, Passes: passes}
	}
	ts := []hobby.Tally{tally("sums", "a", "new", 1, 0, 60, 59), tally("sums", "a", "old", 2, 3, 500, 500), tally("plain", "", "new", 0, 0, 40, 10), tally("sums", "gone", "new", 1, 0, 9, 9)}
	p := hobby.Measure(ts, hobbies, "new", day)
	sums := p.Kind("sums")
	if a := sums.Families[0]; a.Level != 2 || a.Estimate.Items != 60 || a.Levels[0].Low < 0.8 || a.Levels[2].Items != 0 || a.Levels[2].Mean >= a.Levels[0].Mean {
		t.Errorf("family a: %+v; want level 2 open, and level 3 judged harder than level 1", a)
	}
	if b := sums.Families[1]; b.Estimate.Measured() || b.Level != 1 {
		t.Errorf("family b was never tried: %+v", b)
	}
	if k := p.Kind("plain"); math.Abs(k.Estimate.Mean-0.25) > 0.06 || k.Estimate.Low > 0.25 || k.Estimate.High < 0.25 {
		t.Errorf("10 of 40: %+v", k.Estimate)
	}
	if p.Kind("never").Estimate != (hobby.Estimate{}) {
		t.Error("what was never tried has an estimate")
	}
	if got := hobby.Measure(ts, hobbies, "other", day); got.Overall.Measured() {
		t.Errorf("a new model starts with %+v", got.Overall)
	}
	if got := hobby.Measure(ts, hobbies, "", day); got.Kind("sums").ModelKey != "new" {
		t.Errorf("the newest model is taken to be %q", got.Kind("sums").ModelKey)
	}
	aged := hobby.Measure(ts, hobbies, "new", day.AddDate(1, 0, 0))
	later := aged.Kind("plain").Estimate
	if now := p.Kind("plain").Estimate; later.High-later.Low <= now.High-now.Low {
		t.Errorf("after a year the interval is %+v, it was %+v; want it wider", later, now)
	}
}

func FuzzMeasure(f *testing.F) {
	f.Add("a", 1, 5, int64(3), int64(2), 0.1)
	f.Add("b", -4, 1<<40, int64(math.MaxInt64), int64(math.MaxInt64), 0.9)
	f.Fuzz(func(t *testing.T, family string, level, day int, tries, passes int64, guess float64) {
		hobbies := []hobby.Hobby{{Kind: "k", Families: []hobby.Family{{Name: "a", Levels: 3, Guess: guess}}}}
		tally := hobby.Tally{Kind: "k", Family: family, Level: level, Day: day, Tries: tries, Passes: passes}
		e := hobby.Measure([]hobby.Tally{tally, tally}, hobbies, "", time.Unix(1e9, 0)).Overall
		for _, v := range []float64{e.Mean, e.Low, e.High} {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("%+v", e)
			}
		}
	})
}

func BenchmarkMeasureAYear(b *testing.B) {
	h := hobby.Hobby{Kind: "k"}
	var ts []hobby.Tally
	for f := range 14 {
		h.Families = append(h.Families, hobby.Family{Name: fmt.Sprint(f), Levels: 5})
		for l := 1; l <= 5; l++ {
			for d := range 365 {
				ts = append(ts, hobby.Tally{Kind: "k", Family: fmt.Sprint(f), Level: l, Day: 20000 + d, Tries: 12, Passes: 7})
			}
		}
	}
	for b.Loop() {
		hobby.Measure(ts, []hobby.Hobby{h}, "", time.Unix(20365*86400, 0))
	}
}
