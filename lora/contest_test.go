package lora

import (
	"errors"
	"flag"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/race"
	"github.com/pastime-go/pastime/internal/stat"
)

var nights = flag.Int("simulated-nights", 150, "how many nights the simulations of trials have")

// night plays one contest with pairs of which a share differ, and a share of those are
// won. It returns how many pairs differed, and the contest.
func night(r *rand.Rand, differ, win float64, past []float64) (Verdict, int, *contest) {
	c := &contest{TrialOptions: TrialOptions{}.withDefaults(), past: past}
	for {
		a, b := 1.0, 1.0
		if r.Float64() < differ {
			if a = 0; r.Float64() < win {
				a, b = 1, 0
			}
		}
		c.add(a, b)
		if a == b && c.pairs < c.MostPairs { // nothing has changed
			continue
		}
		if v, _ := c.verdict(); v != "" { // looked at after each pair
			return v, c.sign.Wins + c.sign.Losses, c
		}
	}
}

// Without a difference at most one night in twenty promotes, though each is looked at
// after every pair, and with what earlier nights showed in mind hardly any does.
func TestNightsWithoutADifference(t *testing.T) {
	if race.Enabled {
		t.Skip("nights share nothing")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, differ := range []float64{0.1, 0.4, 1} {
		promoted, alone := 0, 0
		var past []float64
		for range *nights {
			v, _, _ := night(r, differ, 0.5, nil)
			if v == Promote {
				alone++
			}
			v, _, c := night(r, differ, 0.5, past)
			if v == Promote {
				promoted++
			}
			if past = append([]float64{c.sign.LogE()}, past...); len(past) > 30 {
				past = past[:30]
			}
		}
		t.Logf("%.0f %% of the pairs differ: of %d nights %d promote, with e-BH over the nights %d", 100*differ, *nights, alone, promoted)
		if most := *nights / 20; alone > most || promoted > alone/2+2 {
			t.Errorf("%d of %d nights promote, %d with e-BH; want at most %d", alone, *nights, promoted, most)
		}
	}
}

// shown checks that the interval of a contest says what its verdict does.
func shown(t *testing.T, c *contest, v Verdict) {
	t.Helper()
	var told Trial
	c.report(&told)
	d := told.Difference
	if d.Low > 0 != (v == Promote) || d.High < 0 != (v == Rollback) {
		t.Errorf("%s: %d wins, %d losses and %d ties, the difference is %+v", v, told.Wins, told.Losses, told.Ties, *d)
	}
}

// At 65 wins to 35 losses a night decides within 110 pairs that differ, on average.
func TestANightWithADifference(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	verdicts := map[Verdict]int{}
	pairs := 0
	for i := range *nights {
		v, n, c := night(r, 1, 0.65, nil)
		if i%10 == 0 {
			shown(t, c, v)
		}
		verdicts[v]++
		pairs += n
	}
	mean := float64(pairs) / float64(*nights)
	t.Logf("65:35: %v, after %.1f pairs that differ", verdicts, mean)
	if mean > 110 || verdicts[Promote] < *nights*9/10 {
		t.Errorf("%v after %.1f pairs; want 9 of 10 to promote, within 110", verdicts, mean)
	}
}

// A worse candidate is given up early, and so is one that is not better.
func TestANightThatIsNotWorthIt(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for win, most := range map[float64]float64{0.3: 40, 0.5: 400} {
		verdicts := map[Verdict]int{}
		pairs := 0
		for i := range *nights {
			v, n, c := night(r, 1, win, nil)
			if i%10 == 0 {
				shown(t, c, v)
			}
			verdicts[v]++
			pairs += n
		}
		mean := float64(pairs) / float64(*nights)
		t.Logf("a chance of %.1f to win: %v after %.0f pairs that differ", win, verdicts, mean)
		if over := verdicts[Rollback] + verdicts[Futile]; over < *nights*9/10 || mean > most {
			t.Errorf("a chance of %.1f to win: %v after %.0f pairs; want 9 of 10 to be given up within %.0f", win, verdicts, mean, most)
		}
	}
}

// TestHowMuchALevelMayLose: a level that has lost some answers, and won others, passes its
// guardrail among 30 levels as often as GuardLevel's comment and docs/measured.md say. That is
// computed by the binomial distribution, from how many losses are too many beside so many wins.
func TestHowMuchALevelMayLose(t *testing.T) {
	passes := func(tasks, wins, losses int) bool {
		g := newGuarding(TrialOptions{}.withDefaults(), map[hobby.Level]bool{{Family: "lost"}: true})
		for i := range tasks {
			switch {
			case i < losses:
				g.add(hobby.Level{Family: "lost"}, 0, 1)
			case i < losses+wins:
				g.add(hobby.Level{Family: "lost"}, 1, 0)
			default:
				g.add(hobby.Level{Family: "lost"}, 1, 1)
			}
		}
		for l := range 29 {
			g.add(hobby.Level{Family: "kept", Level: l}, 1, 1)
		}
		rails := g.rails()
		return rails[slices.IndexFunc(rails, func(r Guardrail) bool { return r.Name == "lost 0" })].Passed
	}
	binomial := func(k, n int, p float64) float64 {
		chance := 1.0
		for i := range k {
			chance *= p * float64(n-i) / float64(i+1)
		}
		return chance * math.Pow(1-p, float64(n-k))
	}
	for _, c := range []struct {
		tasks           int
		lost, won, want float64
	}{
		{100, 0.12, 0, 0.226}, {200, 0.06, 0, 0.234},
		{200, 0.05, 0, 0.455}, {200, 0.1, 0, 0.0035}, {200, 0.2, 0, 0}, // and with answers won
		{200, 0.08, 0.02, 0.666}, {200, 0.12, 0.02, 0.178}, {200, 0.17, 0.02, 0.0097},
		{316, 0.06, 0, 0.0076}, // had a level no bound of 200
	} {
		chance, most := 0.0, 0
		for wins := 0; wins <= 16 && (wins == 0 || c.won > 0); wins++ {
			for passes(c.tasks, wins, most+1) {
				most++
			}
			for losses := range most + 1 {
				chance += binomial(wins, c.tasks, c.won) * binomial(losses, c.tasks-wins, c.lost/(1-c.won))
			}
		}
		t.Logf("%d tasks, %2.0f %% lost and %.0f %% won: passes in %.2f %% of the trials", c.tasks, 100*c.lost, 100*c.won, 100*chance)
		if math.Abs(chance-c.want) > 0.001 {
			t.Errorf("%d tasks, %v lost, %v won: passes with a chance of %.4f, want %.4f", c.tasks, c.lost, c.won, chance, c.want)
		}
	}
}

// TestNoVerdictEndsAGuard holds that pairs whose number a contest decides guard no level that
// was not practised: a contest ends when they speak for the candidate.
func TestNoVerdictEndsAGuard(t *testing.T) {
	o := &opponent{guard: newGuarding(TrialOptions{}.withDefaults(), map[hobby.Level]bool{{Family: "practised"}: true})}
	o.contest.TrialOptions = o.guard.TrialOptions
	var tasks []hobby.TaskID
	var ours, theirs []hobby.Item
	for _, family := range []string{"practised", "other"} {
		i := hobby.Item{Family: family, Score: 1}
		tasks, theirs = append(tasks, i.Task()), append(theirs, i)
		ours = append(ours, i)
	}
	o.meet(tasks, ours, theirs)
	if o.contest.pairs != 2 || o.guard.others.pairs != 0 || !slices.Equal(o.guard.levels, []hobby.Level{{Family: "practised"}}) {
		t.Errorf("%d pairs are counted; of levels that were not practised %d guard, and of %v", o.contest.pairs, o.guard.others.pairs, o.guard.levels)
	}
}

// A level is judged by itself by its first 200 tasks, and together with the others by all: a
// loss of one task in a hundred is none of the level's, whether it was asked 200 tasks or 5,000.
func TestASmallLossIsOfAllLevelsTogether(t *testing.T) {
	for n, want := range map[int]int{200: 200, 5000: 200} {
		g := newGuarding(TrialOptions{}.withDefaults(), nil)
		for i := range n {
			score := 1.0
			if i%100 == 0 {
				score = 0
			}
			g.add(hobby.Level{Family: "known", Level: 1}, score, 1)
		}
		rails := g.rails()
		if all, level := rails[0], rails[1]; all.Pairs != n || level.Pairs != want || !level.Passed || all.Passed != (n == 5000) {
			t.Errorf("%d tasks, of which one in a hundred is lost: %+v, %+v", n, all, level)
		}
	}
}

// Ten tasks that both answer show nothing of two points in a hundred.
func TestFewTasksAreNoGuardrail(t *testing.T) {
	for n, want := range map[int]bool{10: false, 148: false, 149: true} {
		g := newGuarding(TrialOptions{}.withDefaults(), nil)
		for range n {
			g.add(hobby.Level{Family: "known", Level: 1}, 1, 1)
		}
		if got := g.rails()[0].Passed; got != want {
			t.Errorf("%d tasks without a loss: passed %v, want %v", n, got, want)
		}
	}
}

func TestTrialOptionsThatMakeNoSense(t *testing.T) {
	for _, o := range []TrialOptions{
		{Alpha: 5}, {Alpha: -1}, {Alpha: math.NaN()}, {Effect: 0.5}, {Effect: 1}, {MostPairs: -1}, {Nights: 1000},
		{Margin: -0.1}, {GuardTasks: -1}, {GuardLevel: 1e9}, {WatchTasks: -1},
	} {
		o = o.withDefaults()
		if err := o.validate(); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: %v; want ErrConfig", o, err)
		}
	}
}

// fill sets every field of a struct.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Int:
		v.SetInt(7)
	case reflect.Uint64:
		v.SetUint(7)
	case reflect.Float64:
		v.SetFloat(0.7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.ValueOf([]string{"q_proj"}))
	default:
		panic(v.Type())
	}
}

// Each field of a host's recipe has an effect.
func TestEveryFieldOfARecipeCounts(t *testing.T) {
	var full Recipe
	fill(reflect.ValueOf(&full).Elem())
	if d := cmp.Diff(full, Recipe{}.over(full)); d != "" {
		t.Errorf("nothing over a recipe (-want +got):\n%s", d)
	}
	if d := cmp.Diff(full, full.over(RecipeFor(hobby.ModelInfo{}))); d != "" {
		t.Errorf("a recipe over the default (-want +got):\n%s", d)
	}
}

// A champion that is nowhere worse is rolled back in at most one of twenty watches, though
// each is looked at after every pair; one that has lost a level of ten is found out.
func TestWatchesWithoutADifference(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	n := max(1, *nights/3)
	if race.Enabled { // it has no goroutines
		n = 3
	}
	watch := func(differ float64, lost int) bool {
		w := &watching{
			Trial: Trial{Alpha: 0.025}, by: map[hobby.Level]*stat.Sign{}, asked: map[hobby.TaskID]bool{},
			hob: &hobby.Hobby{Families: []hobby.Family{{Name: "a", Levels: 10}}},
		}
		for i := range exams * 60 {
			a, b, l := 1.0, 1.0, i%10+1
			switch {
			case l == lost:
				a = 0
			case r.Float64() < differ:
				if a = 0; r.Float64() < 0.5 {
					a, b = 1, 0
				}
			}
			w.count(hobby.TaskID{Family: "a", Level: l, Seed: uint64(i)}, a, b)
			if a != b { // else nothing has changed
				if v, _ := w.verdict(); v == Rollback {
					return true
				}
			}
		}
		return false
	}
	for _, differ := range []float64{0.1, 0.5, 1} {
		wrong, found := 0, 0
		for range n {
			if watch(differ, 0) {
				wrong++
			}
			if watch(differ, 3) {
				found++
			}
		}
		t.Logf("%.0f %% of the pairs differ: of %d watches %d roll back wrongly, and %d of those that lost a level", 100*differ, n, wrong, found)
		if low, _ := stat.Proportion(wrong, n, 0.99); low > 0.05 || found < n {
			t.Errorf("%d of %d watches roll back wrongly, and %d where a level was lost; want at most one in 20, and all", wrong, n, found)
		}
	}
}
