package rlhf

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
)

// record are n sessions of eight levels, each chosen with a chance of 1/8 and rated by what
// stars says. spoil, unless nil, changes what a plan says of how it was chosen.
func record(seed uint64, n int, stars func(r *rand.Rand, level int) int, spoil func(*hobby.Plan)) ([]Rated, map[string]*hobby.Plan) {
	rng := rand.New(rand.NewPCG(seed, 67))
	var all []Rated
	plans := map[string]*hobby.Plan{}
	for i := range n {
		p := hobby.Plan{Policy: "lottery/1", Kind: "k", Level: 1 + rng.IntN(8), Propensity: 1.0 / 8}
		for l := range 8 {
			p.Candidates = append(p.Candidates, hobby.Candidate{Kind: "k", Level: l + 1, Probability: 1.0 / 8})
		}
		if spoil != nil {
			spoil(&p)
		}
		id := fmt.Sprint("a", i)
		plans[id] = &p
		all = append(all, Rated{
			Feedback: Feedback{Pos: int64(i + 1), Type: Activity, Target: id, Rater: fmt.Sprint("p", rng.IntN(20)), Rating: stars(rng, p.Level),
				At: time.Unix(1_800_000_000, 0).Add(time.Duration(i) * time.Hour)},
			About: Target{Type: Activity, ID: id, Kind: "k", Level: p.Level, Activity: id},
		})
	}
	return all, plans
}

func byChance(r *rand.Rand, _ int) int { return 1 + r.IntN(5) }

func byLevel(r *rand.Rand, level int) int { return min(1+level/2+r.IntN(2), 5) }

func checkOf(t *testing.T, all []Rated, plans map[string]*hobby.Plan, since time.Time) OffPolicy {
	t.Helper()
	o := PolicyOptions{}.withDefaults()
	r, err := evaluate(all, plans, since, &o, nil, nil, following{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestACheckRestsOnRecordedChoices has plans that say of their choice what cannot be. Ratings
// by chance, with probabilities that sum to a half, had shown a lift of 1.3 stars.
func TestACheckRestsOnRecordedChoices(t *testing.T) {
	each := func(f func(c *hobby.Candidate)) func(*hobby.Plan) {
		return func(p *hobby.Plan) {
			for i := range p.Candidates {
				f(&p.Candidates[i])
			}
		}
	}
	for name, spoil := range map[string]func(*hobby.Plan){
		"sum to a half":        each(func(c *hobby.Candidate) { c.Probability /= 2 }),
		"sum to two":           each(func(c *hobby.Candidate) { c.Probability *= 2 }),
		"zero":                 each(func(c *hobby.Candidate) { c.Probability = 0 }),
		"not a number":         each(func(c *hobby.Candidate) { c.Probability = math.NaN() }),
		"infinite":             each(func(c *hobby.Candidate) { c.Probability = math.Inf(1) }),
		"negative":             func(p *hobby.Plan) { p.Candidates[0].Probability, p.Candidates[1].Probability = -0.125, 0.375 },
		"no propensity":        func(p *hobby.Plan) { p.Propensity = 0 },
		"another propensity":   func(p *hobby.Plan) { p.Propensity = 0.5 },
		"a person's choice":    func(p *hobby.Plan) { p.Policy = hobby.Requested },
		"one candidate":        func(p *hobby.Plan) { p.Candidates = p.Candidates[p.Level-1 : p.Level] },
		"chose none of these":  func(p *hobby.Plan) { p.Level = 9 },
		"steered from nowhere": func(p *hobby.Plan) { p.Policy += steeredName },
		"steered from a half":  func(p *hobby.Plan) { p.Policy += steeredName; p.Context = make([]float64, 8); p.Context[0] = 0.5 },
	} {
		all, plans := record(1, 300, byChance, spoil)
		if r := checkOf(t, all, plans, time.Time{}); r.Decisions != 0 || r.Verdict != Wait || !math.IsNaN(r.Lift) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	all, plans := record(1, 300, byChance, nil)
	if r := checkOf(t, all, plans, time.Time{}); r.Decisions != 300 || r.Verdict != Wait {
		t.Errorf("ratings by chance: %+v", r)
	}
	all, plans = record(1, 300, byLevel, nil)
	if r := checkOf(t, all, plans, time.Time{}); r.Decisions != 300 || r.Verdict != Follow {
		t.Errorf("ratings by level: %+v", r)
	}
}

// TestSteerTakesAnyPlan has inner policies with any probabilities: what is steered has a
// record of its choice that a check takes, and what is not stays as it was.
func TestSteerTakesAnyPlan(t *testing.T) {
	all, _ := record(1, 100, byLevel, nil)
	liked, err := fitTaste(all, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := PolicyOptions{}.withDefaults()
	rapid.Check(t, func(t *rapid.T) {
		p := hobby.Plan{Policy: "any/1", Propensity: 0.3, Context: []float64{7}}
		chance := rapid.OneOf(rapid.Float64Range(0, 1), rapid.Float64(),
			rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}))
		for i := range rapid.IntRange(0, 9).Draw(t, "candidates") {
			c := hobby.Candidate{Kind: "k", Level: i + 1, Probability: chance.Draw(t, "probability")}
			if rapid.IntRange(0, 5).Draw(t, "other") == 0 {
				c.Kind = "unknown"
			}
			p.Candidates = append(p.Candidates, c)
			p.Kind, p.Level = c.Kind, c.Level
		}
		got := steer(p, liked, &o, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		if steered(&got) {
			if !recorded(&got) {
				t.Fatalf("what is chosen and how, as it is recorded, do not agree: %+v", got)
			}
		} else if d := cmp.Diff(p, got, cmp.Comparer(func(a, b float64) bool { return a == b || a != a && b != b })); d != "" {
			t.Fatalf("a plan that is not steered is another one (-was +is):\n%s", d)
		}
	})
}

// TestOffRollsBack has a host not want people's taste to be followed any more: choices are the
// inner policy's, and what is told of it says so.
func TestOffRollsBack(t *testing.T) {
	all, _ := record(1, 100, byLevel, nil)
	liked, err := fitTaste(all, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, off := range []bool{false, true, false} {
		p := &Pipeline{model: liked, info: ModelInfo{Version: "1", Follows: true}}
		p.opts.Policy = PolicyOptions{Off: off}.withDefaults()
		l := &lottery{items: 12, cs: []hobby.Candidate{{Kind: "k", Level: 1, Probability: 0.5}, {Kind: "k", Level: 8, Probability: 0.5}}}
		state := hobby.State{Rand: rand.New(rand.NewPCG(1, 1))}
		plan, err := p.Policy(l).Choose(t.Context(), state)
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Model(t.Context())
		if err != nil || m.Follows == off || steered(&plan) == off {
			t.Errorf("off is %v: it says that it follows: %v, %v, and chose by %q", off, m.Follows, err, plan.Policy)
		}
		if off {
			want := (&lottery{items: 12, cs: l.cs}).plan(rand.New(rand.NewPCG(1, 1)))
			if d := cmp.Diff(want, plan); d != "" {
				t.Errorf("what it chose (-inner policy +is):\n%s", d)
			}
		}
	}
}

// TestTasteLeavesKindsTheirFloor has inner policies of any kinds and a taste for any of them:
// each of n kinds keeps 1/(4n) of the choices, or all that it had where that was less.
func TestTasteLeavesKindsTheirFloor(t *testing.T) {
	var all []Rated
	for i := range 200 {
		k := i % 8
		all = append(all, Rated{
			Feedback: Feedback{Pos: int64(i + 1), Rater: fmt.Sprint("p", i%20), Rating: 1 + (k*5+i/40)%5, At: time.Unix(1_800_000_000, 0)},
			About:    Target{Type: Activity, ID: fmt.Sprint("a", i), Kind: hobby.Kind(fmt.Sprint("k", k)), Level: 1 + i%3},
		})
	}
	liked, err := fitTaste(all, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := PolicyOptions{}.withDefaults()
	rapid.Check(t, func(t *rapid.T) {
		o := o
		o.Floor, o.KL = rapid.Float64Range(0.001, 0.9).Draw(t, "floor"), rapid.Float64Range(0.01, 3).Draw(t, "kl")
		p := hobby.Plan{Policy: "any/1"}
		sum := 0.0
		for i := range rapid.IntRange(2, 40).Draw(t, "candidates") {
			c := hobby.Candidate{Kind: hobby.Kind(fmt.Sprint("k", rapid.IntRange(0, 7).Draw(t, "kind"))), Family: fmt.Sprint(i), Level: 1 + i%3,
				Probability: math.Exp(rapid.Float64Range(-9, 0).Draw(t, "chance"))}
			if i > 0 && rapid.IntRange(0, 5).Draw(t, "none") == 0 {
				c.Probability = 0
			}
			sum += c.Probability
			p.Candidates = append(p.Candidates, c)
		}
		inner, kinds := map[hobby.Kind]float64{}, map[hobby.Kind]float64{}
		for i := range p.Candidates {
			c := &p.Candidates[i]
			if c.Probability /= sum; c.Probability > 0 {
				inner[c.Kind] += c.Probability
			}
		}
		got := steer(p, liked, &o, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		if !steered(&got) || !recorded(&got) {
			t.Fatalf("it is not steered, or its record is none: %+v", got)
		}
		for _, c := range got.Candidates {
			kinds[c.Kind] += c.Probability
		}
		for k, was := range inner {
			if least := min(was, 0.25/float64(len(inner))); kinds[k] < least-1e-12 {
				t.Fatalf("of %d kinds %s is chosen with %v, and with %v by the inner policy: want at least %v", len(inner), k, kinds[k], was, least)
			}
		}
	})
}

// TestLengthsVary offers candidates at other numbers of answers: as many on average, and what was
// chosen, with which probability, stays.
func TestLengthsVary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "answers")
		p := hobby.Plan{Policy: "any/1", Kind: "k", Level: 2, Propensity: 0.25, Budget: hobby.Budget{Items: n}}
		for l := range 4 {
			kind := hobby.Kind([]string{"k", "k", "own", "k"}[l])
			p.Candidates = append(p.Candidates, hobby.Candidate{Kind: kind, Level: l + 1, Probability: 0.25})
		}
		p.Candidates[3].Items = 77
		was, r := slices.Clone(p.Candidates), rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		got := vary(p, []hobby.KindState{{Kind: "k"}, {Kind: "own", Items: 5}}, r)
		if d := cmp.Diff(was, p.Candidates); d != "" {
			t.Fatalf("the inner policy's own candidates are changed (-was +are):\n%s", d)
		}
		if n < 2 {
			if d := cmp.Diff(p, got); d != "" {
				t.Fatalf("there is no half of %d answers (-was +is):\n%s", n, d)
			}
			return
		}
		items := make([]int, 4)
		for i := range got.Candidates {
			items[i], got.Candidates[i].Items = got.Candidates[i].Items, was[i].Items
		}
		chosen := got.Budget.Items
		got.Budget.Items = n
		if d := cmp.Diff(p, got); d != "" {
			t.Fatalf("more than lengths is changed (-was +is):\n%s", d)
		}
		some := lengths(n)
		if !slices.Contains(some[:], items[0]) || !slices.Contains(some[:], items[1]) {
			t.Fatalf("of %d answers, sessions have %v, not of %v", n, items, some)
		}
		if d := cmp.Diff([]int{5, 77, items[1]}, []int{items[2], items[3], chosen}); d != "" {
			t.Fatalf("numbers of their own, and that of the choice (-want +got):\n%s", d)
		}
		if sum := some[0] + some[1] + some[2] + some[3] + some[4]; sum != 5*n || slices.Min(some[:]) < 1 {
			t.Fatalf("the lengths %v have not %d on average, or one is none", some, n)
		}
	})
}

// TestFewDecisionsDecideNothing has ratings by chance, of which few are of the time since
// tastes changed. Of two decisions, one check in eight had said that people rate worse what
// the policy chooses.
func TestFewDecisionsDecideNothing(t *testing.T) {
	if race.Enabled {
		t.Skip("checks run one after the other")
	}
	for _, n := range []int{1, 2, 3, 10, leastDecisions - 1} {
		for seed := range uint64(20) {
			all, plans := record(seed, 100+n, byChance, nil)
			if r := checkOf(t, all, plans, all[100].At); r.Decisions != n || r.Verdict != Wait {
				t.Errorf("seed %d: of %d decisions follows %q: %+v", seed, n, r.Verdict, r)
			}
		}
	}
}

// TestEqualRatingsDecideNothing has people who always say the same.
func TestEqualRatingsDecideNothing(t *testing.T) {
	for stars := 1; stars <= 5; stars++ {
		all, plans := record(uint64(stars), 300, func(*rand.Rand, int) int { return stars }, nil)
		if r := checkOf(t, all, plans, time.Time{}); r.Verdict != Wait || !(math.Abs(r.Lift) < leastLift) {
			t.Errorf("all say %d: %+v", stars, r)
		}
	}
}

// TestVerdicts has the numbers of a check at each of their bounds.
func TestVerdicts(t *testing.T) {
	good := OffPolicy{Decisions: 500, Effective: 100, Lift: 0.3, Low: 0.1, High: 0.5, SNIPSLow: 0.1, Verdict: Wait}
	for name, c := range map[string]struct {
		change func(*OffPolicy)
		want   Verdict
	}{
		"better":                               {func(*OffPolicy) {}, Follow},
		"an effective sample of 99":            {func(r *OffPolicy) { r.Effective = 99 }, Wait},
		"few decisions":                        {func(r *OffPolicy) { r.Decisions = leastDecisions - 1 }, Wait},
		"the interval spans zero":              {func(r *OffPolicy) { r.Low = -0.01 }, Wait},
		"by SNIPS alone it spans zero":         {func(r *OffPolicy) { r.SNIPSLow = -0.01 }, Wait},
		"nothing is known":                     {func(r *OffPolicy) { r.Low, r.High = math.NaN(), math.NaN() }, Wait},
		"worse":                                {func(r *OffPolicy) { r.Low, r.High = -0.5, -0.1 }, Back},
		"worse, with an effective sample of 3": {func(r *OffPolicy) { r.Low, r.High, r.Effective = -0.5, -0.1, 3 }, Back},
		"worse by SNIPS alone":                 {func(r *OffPolicy) { r.SNIPSLow, r.SNIPSHigh = -0.5, -0.1 }, Wait},
	} {
		r := good
		c.change(&r)
		if r.decide(&PolicyOptions{Effective: 100}); r.Verdict != c.want || r.Reason == "" {
			t.Errorf("%s: %q because %q, want %q", name, r.Verdict, r.Reason, c.want)
		}
	}
}

// TestOptimism has steered choices of which 4.5 stars were expected and that got three and
// four, and one that was not steered and got one.
func TestOptimism(t *testing.T) {
	plan := func(policy string, score float64) *hobby.Plan {
		return &hobby.Plan{Kind: "a", Policy: policy, Candidates: []hobby.Candidate{{Kind: "b", Score: 1}, {Kind: "a", Score: score}}}
	}
	var ds []decision
	for i := range 40 {
		ds = append(ds, decision{plan: plan(steeredName, 4.5), stars: 3 + float64(i%2)})
	}
	ds = append(ds, decision{plan: plan("even", 4.5), stars: 1})
	var r OffPolicy
	r.optimism(ds, 0.05)
	if d := cmp.Diff(1.0, r.Optimism); d != "" {
		t.Errorf("the meter (-want +got):\n%s", d)
	}
	if !(0.5 < r.OptimismLow && r.OptimismLow < 1 && 1 < r.OptimismHigh && r.OptimismHigh < 1.5) {
		t.Errorf("its interval: %.3f to %.3f", r.OptimismLow, r.OptimismHigh)
	}
	var none OffPolicy
	if none.optimism(ds[40:], 0.05); !math.IsNaN(none.Optimism) {
		t.Errorf("of nothing that was steered: %v", none.Optimism)
	}
}
