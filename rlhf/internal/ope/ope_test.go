package ope

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/internal/race"
)

// near tells whether two numbers are equal to 1e-9 of their size.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// TestAsOpenBanditPipeline compares with what obp 0.5.7 says of the same rows.
// testdata/vectors.py made them.
func TestAsOpenBanditPipeline(t *testing.T) {
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Action              []int
			Logged, Reward      []float64
			Target, Base, Model [][]float64
			Snips, DR, DM       float64
			Rounds              []float64 `json:"dr_rounds"`
			Effective           float64
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("no vectors")
	}
	for n, c := range file.Cases {
		var rows []Row
		for i := range c.Action {
			rows = append(rows, Row{c.Action[i], c.Logged[i], c.Reward[i], c.Target[i], c.Base[i], c.Model[i]})
			if got := direct(&rows[i], rows[i].Target); !near(got, c.Rounds[i]) {
				t.Errorf("case %d, row %d: DR %v, obp says %v", n, i, got, c.Rounds[i])
			}
		}
		for _, x := range []struct {
			name      string
			got, want float64
		}{
			{"SNIPS", SNIPS(rows).Value, c.Snips}, {"DR", DR(rows).Value, c.DR}, {"effective size", Effective(rows), c.Effective},
		} {
			if !near(x.got, x.want) {
				t.Errorf("case %d: %s is %v, obp says %v", n, x.name, x.got, x.want)
			}
		}
	}
}

// second is another implementation, by the formulas' own sums.
type second []Row

func (s second) mean(of func(Row) float64) (m float64) {
	for _, r := range s {
		m += of(r) / float64(len(s))
	}
	return m
}

func (s second) deviation(of func(Row) float64) float64 {
	m := s.mean(of)
	n := float64(len(s))
	return math.Sqrt(s.mean(func(r Row) float64 { return math.Pow(of(r)-m, 2) }) / (n - 1))
}

func (s second) snips(policy func(Row) []float64) (v, e float64) {
	w := func(r Row) float64 { return policy(r)[r.Action] / r.Logged }
	v = s.mean(func(r Row) float64 { return w(r) * r.Reward }) / s.mean(w)
	n := float64(len(s))
	return v, math.Sqrt(s.mean(func(r Row) float64 { return math.Pow(w(r)*(r.Reward-v), 2) })/(n-1)) / s.mean(w)
}

func (s second) round(r Row, policy []float64) float64 {
	q, v := 0.0, 0.0
	for a := range policy {
		if a == r.Action {
			q = (r.Reward - r.Model[a]) / r.Logged
		}
	}
	for a := range policy {
		seen := r.Model[a]
		if a == r.Action {
			seen += q
		}
		v += policy[a] * seen
	}
	return v
}

func anyRows(t *rapid.T) []Row {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	k := rapid.IntRange(1, 8).Draw(t, "actions")
	dist := func() []float64 {
		p, sum := make([]float64, k), 0.0
		for i := range p {
			p[i] = rng.ExpFloat64() + 1e-3
			sum += p[i]
		}
		for i := range p {
			p[i] /= sum
		}
		return p
	}
	var rows []Row
	for range rapid.IntRange(2, 60).Draw(t, "rows") {
		r := Row{Action: rng.IntN(k), Reward: float64(1 + rng.IntN(5)), Target: dist(), Base: dist()}
		r.Logged = dist()[r.Action]
		for range k {
			r.Model = append(r.Model, 3+rng.NormFloat64())
		}
		rows = append(rows, r)
	}
	return rows
}

// TestAsSecondImplementation compares all estimates and their errors.
func TestAsSecondImplementation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := anyRows(t)
		s := second(rows)
		same := func(what string, got, want float64) {
			if !near(got, want) {
				t.Fatalf("%s is %v, the other implementation says %v", what, got, want)
			}
		}
		target := func(r Row) []float64 { return r.Target }
		base := func(r Row) []float64 { return r.Base }
		v, e := s.snips(target)
		same("SNIPS", SNIPS(rows).Value, v)
		same("its error", SNIPS(rows).Error, e)
		b, _ := s.snips(base)
		same("the lift", SNIPSLift(rows).Value, v-b)
		dr := func(r Row) float64 { return s.round(r, r.Target) }
		lift := func(r Row) float64 { return s.round(r, r.Target) - s.round(r, r.Base) }
		same("DR", DR(rows).Value, s.mean(dr))
		same("its error", DR(rows).Error, s.deviation(dr))
		same("DR of the base", DRBase(rows).Value, s.mean(func(r Row) float64 { return s.round(r, r.Base) }))
		same("the lift by DR", DRLift(rows).Value, s.mean(lift))
		same("its error", DRLift(rows).Error, s.deviation(lift))
		w := func(r Row) float64 { return r.Target[r.Action] / r.Logged }
		same("the effective size", Effective(rows), float64(len(rows))*math.Pow(s.mean(w), 2)/s.mean(func(r Row) float64 { return w(r) * w(r) }))
	})
}

// TestIntervalsHold draws decisions of a known worth: the intervals of the lift hold it
// about as often as they say.
func TestIntervalsHold(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	worth := []float64{2, 3, 3.5, 4}
	base, target := []float64{0.25, 0.25, 0.25, 0.25}, []float64{0.1, 0.2, 0.3, 0.4}
	truth := 0.0
	for i, w := range worth {
		truth += (target[i] - base[i]) * w
	}
	const runs = 1000
	held := map[string]int{}
	for range runs {
		var rows []Row
		for range 300 {
			a := rng.IntN(4)
			rows = append(rows, Row{a, 0.25, worth[a] + rng.NormFloat64(), target, base, []float64{3, 3, 3, 3}})
		}
		for name, e := range map[string]Estimate{"SNIPS": SNIPSLift(rows), "DR": DRLift(rows)} {
			if low, high := e.Interval(0.95); low <= truth && truth <= high {
				held[name]++
			}
		}
	}
	for name, n := range held {
		if n < 930 || n > 970 { // three standard deviations around 950
			t.Errorf("%s: %d of %d intervals of 95 %% hold", name, n, runs)
		}
	}
}

// TestLookingEveryNight has a policy that is no better, and looks each night whether both
// sequences of 99 % say that it is. Intervals for one look said so of 3.6 % on one of the
// nights.
func TestLookingEveryNight(t *testing.T) {
	if race.Enabled {
		t.Skip("there is one goroutine")
	}
	const agents, nights, each, least = 1000, 75, 14, 100
	base, target := []float64{0.25, 0.25, 0.25, 0.25}, []float64{0.1, 0.2, 0.3, 0.4}
	model := []float64{3, 3, 3, 3}
	once, ever := 0, 0
	for seed := range uint64(agents) {
		rng := rand.New(rand.NewPCG(seed, 70_000))
		var rows []Row
		claims := 0
		for range nights {
			for range each {
				rows = append(rows, Row{rng.IntN(4), 0.25, float64(1 + rng.IntN(5)), target, base, model})
			}
			dr, _ := DRLift(rows).Sequence(0.99, len(rows))
			snips, _ := SNIPSLift(rows).Sequence(0.99, len(rows))
			if dr > 0 && snips > 0 && Effective(rows) >= least {
				claims++
				if claims == 1 {
					ever++
				}
				if len(rows) == nights*each {
					once++
				}
			}
		}
	}
	t.Logf("of %d agents whose policy is no better %d follow it on one of %d nights; by the last one alone %d would", agents, ever,
		nights, once)
	if ever > agents/100 {
		t.Errorf("%d of %d agents follow a policy that is no better within %d nights, want at most 1 %%", ever, agents, nights)
	}
}
