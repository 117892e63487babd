package rlhf

import (
	"fmt"
	"math"
	"math/rand/v2"
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
	r, err := evaluate(all, decisions(all, plans, since), since, &o)
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
	liked, err := fitTaste(all)
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
