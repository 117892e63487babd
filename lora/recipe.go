package lora

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// Recipe says how a run practises and trains. Zero fields take the value of the base's
// own recipe; see [RecipeFor].
type Recipe struct {
	// Probe is how many practice tasks of each level are asked before anything is
	// chosen, and Again how many after each round.
	Probe int `json:"probe"`
	Again int `json:"again"`
	// Low and High bound the share of right answers at a level that is chosen, beyond
	// guessing. At most Levels of them are.
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Levels int     `json:"levels"`
	// Known is the share from which on a level counts as known, and Seen that from
	// which on there is something to unlearn.
	Known float64 `json:"known"`
	Seen  float64 `json:"seen"`
	// Rise is the gain that a round must bring a level that is not known, or it is
	// dropped.
	Rise float64 `json:"rise"`
	// Rounds of sampling and training. Each samples Tasks tasks, divided among the
	// levels, Samples times at Temperature, and keeps at most Distinct different right
	// answers to a task.
	Rounds      int     `json:"rounds"`
	Tasks       int     `json:"tasks"`
	Samples     int     `json:"samples"`
	Temperature float64 `json:"temperature"`
	Distinct    int     `json:"distinct"`
	// Replay is the number of the base's own answers for each answer that is kept.
	Replay float64 `json:"replay"`
	// Least is the number of kept answers below which a round is not trained.
	Least int `json:"least"`
	// Guard is how many held-out tasks a trial asks of the levels that were not practised,
	// all together, where [TrialOptions] does not say. An adapter that answers 4 % of them
	// otherwise, and has lost a point, is refused in about three trials of ten with 2,000,
	// and in one of eighty with 6,000.
	Guard int `json:"guard"`
	// Config is how each round is trained.
	Config Config `json:"config"`
}

// RecipeFor is the recipe of a base that was tried with it, or a careful one.
//
// The one of Pastime's own small model learns from right answers drawn at a
// temperature of 1, in three rounds; docs/measured.md has what its nights gave. Small
// instruction-tuned models answer in another form than was asked for at such a temperature,
// so the careful one draws at 0.5 and trains slowly.
func RecipeFor(base hobby.ModelInfo) Recipe {
	r := Recipe{
		Probe: 40, Again: 60, Low: 0.1, High: 0.7, Levels: 4, Known: 0.9, Seen: 0.05, Rise: 0.05,
		Rounds: 2, Tasks: 300, Samples: 6, Temperature: 0.5, Distinct: 2, Replay: 2, Least: 10, Guard: 2000,
		Config: Config{Rank: 8, LearningRate: 5e-4, Epochs: 3},
	}
	if strings.HasPrefix(base.Name, "pastime-tiny") {
		r.Probe, r.Again, r.Levels, r.Rise = 60, 200, 5, 0.03
		r.Rounds, r.Tasks, r.Samples, r.Temperature, r.Replay = 3, 1200, 16, 1, 3
		r.Guard = 6000
		r.Config = Config{Rank: 16, LearningRate: 2e-3, Floor: 0.05, Epochs: 2, BatchSize: 64}
	}
	return r
}

// over replaces the zero fields of r by those of the base's own recipe.
func (r Recipe) over(d Recipe) Recipe {
	for _, f := range []struct{ v, to *int }{
		{&r.Probe, &d.Probe}, {&r.Again, &d.Again}, {&r.Levels, &d.Levels}, {&r.Rounds, &d.Rounds}, {&r.Tasks, &d.Tasks},
		{&r.Samples, &d.Samples}, {&r.Distinct, &d.Distinct}, {&r.Least, &d.Least}, {&r.Guard, &d.Guard},
	} {
		set(f.v, *f.to)
	}
	for _, f := range []struct{ v, to *float64 }{
		{&r.Low, &d.Low}, {&r.High, &d.High}, {&r.Known, &d.Known}, {&r.Seen, &d.Seen}, {&r.Rise, &d.Rise},
		{&r.Temperature, &d.Temperature}, {&r.Replay, &d.Replay},
	} {
		set(f.v, *f.to)
	}
	r.Config = r.Config.over(d.Config)
	return r
}

// over replaces the zero fields of c by those of d.
func (c Config) over(d Config) Config {
	set(&c.Rank, d.Rank)
	set(&c.Alpha, d.Alpha)
	set(&c.Epochs, d.Epochs)
	set(&c.BatchSize, d.BatchSize)
	set(&c.PassTokens, d.PassTokens)
	set(&c.MaxLength, d.MaxLength)
	set(&c.EvalEvery, d.EvalEvery)
	set(&c.Patience, d.Patience)
	set(&c.CheckpointEvery, d.CheckpointEvery)
	for _, f := range []struct{ v, to *float64 }{
		{&c.Dropout, &d.Dropout}, {&c.LearningRate, &d.LearningRate}, {&c.Warmup, &d.Warmup}, {&c.Floor, &d.Floor},
		{&c.WeightDecay, &d.WeightDecay}, {&c.Beta1, &d.Beta1}, {&c.Beta2, &d.Beta2}, {&c.Clip, &d.Clip},
	} {
		set(f.v, *f.to)
	}
	c.RSLoRA = c.RSLoRA || d.RSLoRA
	c.Seed = cmp.Or(c.Seed, d.Seed)
	if c.Modules == nil {
		c.Modules = d.Modules
	}
	return c
}

// validate reports the first field that makes no sense, as an ErrConfig.
func (r *Recipe) validate() error {
	for _, f := range []struct {
		name        string
		v           float64
		least, most float64
	}{
		{"probe", float64(r.Probe), 1, 10_000}, {"again", float64(r.Again), 1, 10_000}, {"levels", float64(r.Levels), 1, 1000},
		{"low", r.Low, 0, 1}, {"high", r.High, r.Low, 1}, {"known", r.Known, 0, 1}, {"seen", r.Seen, 0, 1}, {"rise", r.Rise, -1, 1},
		{"rounds", float64(r.Rounds), 1, 100}, {"tasks", float64(r.Tasks), 1, 50_000}, {"samples", float64(r.Samples), 1, 1000},
		{"temperature", r.Temperature, 0, 10}, {"distinct", float64(r.Distinct), 1, 1000}, {"replay", r.Replay, 0, 100},
		{"least", float64(r.Least), 1, 1e6}, {"guard", float64(r.Guard), 1, 50_000},
	} {
		if !(f.v >= f.least && f.v <= f.most) {
			return fmt.Errorf("%w: the recipe's %s is %v; it lies between %v and %v", ErrConfig, f.name, f.v, f.least, f.most)
		}
	}
	return r.Config.Validate()
}
