package gym

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// Options configures Open. Nil and the zero value are legal.
type Options struct {
	// Datasets are the names of those that are offered, such as "leg_counting". Default:
	// all that the package has.
	Datasets []string
	// Levels bounds the levels of a family: those of the data set's curriculum, from the
	// easiest. Default 3.
	Levels int
	// Timeout is how long a task or a verdict may take. Default 20 s. Python has three
	// minutes more to load the package.
	Timeout time.Duration
	// Trusted says that the package's texts may be trained on. Default false: tasks are
	// tainted.
	Trusted bool
}

// Gym is a running reasoning-gym. It is safe for concurrent use; one task is made or judged
// at a time.
type Gym struct {
	process  *process
	families []practice.Family
	refused  map[string]string
}

// loading is how much longer the first answer of a worker may take.
const loading = 3 * time.Minute

// source is the source of the tasks.
const source = "reasoning-gym"

// Open starts a command that runs Python with the package, and looks at its data sets. The
// command is run without a shell.
func Open(ctx context.Context, command []string, o *Options) (*Gym, error) {
	if len(command) == 0 || command[0] == "" {
		return nil, fmt.Errorf("gym: %w: a command is needed, such as python3", hobby.ErrInvalid)
	}
	opts := Options{}
	if o != nil {
		opts = *o
	}
	if opts.Levels <= 0 {
		opts.Levels = 3
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 20 * time.Second
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	g := &Gym{refused: map[string]string{},
		process: &process{command: command, names: opts.Datasets, timeout: opts.Timeout, life: life, end: end}}
	stop := context.AfterFunc(ctx, g.Close)
	defer stop()
	list, err := g.process.lists()
	if err != nil {
		g.Close()
		return nil, fmt.Errorf("gym: starting %s: %w", command[0], cmp.Or(context.Cause(ctx), err))
	}
	names := opts.Datasets
	if names == nil {
		names = slices.Sorted(maps.Keys(list.Levels))
	}
	for _, name := range names {
		if list.Levels[name] < 1 {
			g.Close()
			return nil, fmt.Errorf("gym: %w: there is no data set %.64q", hobby.ErrInvalid, name)
		}
		f := &family{gym: g, dataset: name, trusted: opts.Trusted,
			info: hobby.Family{Name: "gym_" + name, Version: version(list.Version), Levels: min(opts.Levels, list.Levels[name])}}
		why, err := f.check()
		if err != nil {
			g.Close()
			return nil, fmt.Errorf("gym: looking at %s: %w", name, cmp.Or(context.Cause(ctx), err))
		}
		if why != "" {
			g.refused[name] = why
			continue
		}
		g.families = append(g.families, f)
	}
	return g, nil
}

// version makes a number of one such as 0.1.25, since another version of the package may
// make other tasks.
func version(s string) int {
	var major, minor, patch int
	_, _ = fmt.Sscanf(s, "%d.%d.%d", &major, &minor, &patch) // what is missing is 0
	return max(1, 1_000_000*major+1000*minor+patch)
}

// Families are those of a suite: see practice.NewSuite.
func (g *Gym) Families() []practice.Family { return slices.Clone(g.families) }

// Refused are the data sets that are not offered, and why.
func (g *Gym) Refused() map[string]string { return maps.Clone(g.refused) }

// Close ends the command. Tasks that were made cannot be judged any more.
func (g *Gym) Close() { g.process.close() }

// family is a data set.
type family struct {
	gym     *Gym
	dataset string
	trusted bool
	info    hobby.Family
}

var _ practice.Maker = (*family)(nil)

// Info implements practice.Family.
func (f *family) Info() hobby.Family { return f.info }

// Generate implements practice.Family. A suite calls Make.
func (f *family) Generate(r *rand.Rand, level int) practice.Task {
	t, err := f.Make(r, level)
	if err != nil {
		t.Verify = func(string) practice.Verdict { return practice.Verdict{Err: err} }
	}
	return t
}

// Make implements practice.Maker.
func (f *family) Make(r *rand.Rand, level int) (practice.Task, error) {
	return f.make(level, r.Uint32())
}

func (f *family) make(level int, seed uint32) (practice.Task, error) {
	a, err := f.gym.process.ask(request{Op: "make", Name: f.dataset, Level: level, Seed: seed})
	if err != nil {
		return practice.Task{}, fmt.Errorf("gym: making a task of %s: %w", f.dataset, err)
	}
	t := practice.Task{
		Params: a.Question, Reference: a.Answer, Verifier: source, Source: source, Taint: hobby.Untrusted, MaxTokens: 512 + len(a.Answer),
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: a.Question + "\n\nGive the answer between <answer> and </answer>."}},
		Verify:   func(answer string) practice.Verdict { return f.judge(level, seed, a.Answer, answer) },
	}
	if f.trusted {
		t.Taint = hobby.Trusted
	}
	return t, nil
}

// maxAnswer bounds an answer that is judged, in bytes.
const maxAnswer = 16 << 10

// judge asks the package about what an answer says: what is between the tags or, without
// them, all of it, with its form and without.
func (f *family) judge(level int, seed uint32, key, answer string) practice.Verdict {
	if _, after, thought := strings.Cut(answer, "</think>"); thought {
		answer = after
	}
	answer = strings.TrimSpace(answer)
	_, inner, open := strings.Cut(answer, "<answer>")
	inner, _, shut := strings.Cut(inner, "</answer>")
	forms := []string{answer, practice.Bare(answer)}
	switch {
	case len(answer) > maxAnswer:
		return practice.Fail("too long")
	case strings.Count(answer, "<answer>") > 1 || open != shut:
		return practice.Fail("not one answer")
	case open:
		forms = []string{strings.TrimSpace(inner), practice.Bare(inner)}
	}
	forms = slices.DeleteFunc(slices.Compact(forms), func(s string) bool { return s == "" })
	if len(forms) == 0 {
		return practice.Fail("no answer")
	}
	score, err := f.score(level, seed, forms)
	if err != nil {
		// An answer that ends what judges it, such as by a sum of many years, is wrong. It is
		// told from a failure of the worker by the key, which can be judged.
		again, broken := f.score(level, seed, []string{key})
		if broken == nil && again >= 1 {
			if score, again := f.score(level, seed, forms); again == nil {
				return verdict(score)
			}
			return practice.Fail("cannot be judged")
		}
		return practice.Verdict{Err: fmt.Errorf("gym: judging an answer of %s: %w", f.dataset, err)}
	}
	return verdict(score)
}

func verdict(score float64) practice.Verdict {
	if score >= 1 {
		return practice.Pass()
	}
	return practice.Fail("wrong")
}

// score is the best score of some forms of an answer.
func (f *family) score(level int, seed uint32, forms []string) (float64, error) {
	a, err := f.gym.process.ask(request{Op: "score", Name: f.dataset, Level: level, Seed: seed, Answers: forms})
	if err == nil && len(a.Scores) != len(forms) {
		err = errors.New("it has not judged what it was given")
	}
	if err != nil {
		return 0, err
	}
	return slices.Max(a.Scores), nil
}

// looks is how many tasks of a level are looked at.
const looks = 12

// check looks at tasks of each level, and says why the data set is not offered. It notes how
// often saying the commonest key would pass.
func (f *family) check() (why string, err error) {
	for level := 1; level <= f.info.Levels; level++ {
		keys, most, others, passed, last := map[string]int{}, 0, 0, 0, ""
		for seed := range uint32(looks) {
			t, why, err := f.look(level, seed)
			if err != nil || why != "" {
				return why, err
			}
			key := t.Reference
			if seed > 0 && key != last {
				others++
				v := t.Verify(last)
				if v.Err != nil {
					return "", v.Err
				}
				if v.Score >= 1 {
					passed++
				}
			}
			last = key
			keys[key]++
			most = max(most, keys[key])
		}
		if 2*passed > others {
			return fmt.Sprintf("level %d passes the keys of other tasks", level), nil
		}
		guess := 0.0
		if most > 1 {
			guess = float64(most) / looks
		}
		f.info.LevelGuess = append(f.info.LevelGuess, guess)
	}
	return "", nil
}

// look makes a task twice and judges its key and what is no answer to it.
func (f *family) look(level int, seed uint32) (t practice.Task, why string, err error) {
	t, err = f.make(level, seed)
	if err == nil {
		var again practice.Task
		if again, err = f.make(level, seed); err == nil && (again.Params != t.Params || again.Reference != t.Reference) {
			return t, fmt.Sprintf("level %d makes another task of the same seed", level), nil
		}
	}
	if errors.Is(err, errRefused) {
		return t, err.Error(), nil
	}
	if err != nil {
		return t, "", err
	}
	if strings.TrimSpace(t.Params) == "" || strings.TrimSpace(t.Reference) == "" {
		return t, fmt.Sprintf("level %d has an empty question or key", level), nil
	}
	if v := t.Verify("<answer>" + t.Reference + "</answer>"); v.Score < 1 {
		return t, fmt.Sprintf("level %d does not pass its own key", level), v.Err
	}
	if seed > 2 {
		return t, "", nil
	}
	for _, none := range []string{
		"wrong", "I do not know", "?", "-", "not " + t.Reference, "The answer is not " + t.Reference + ".", t.Reference + " or something else",
		t.Params,
	} {
		if v := t.Verify(none); v.Score >= 1 {
			return t, fmt.Sprintf("level %d passes %.60q, where the key is %.60q", level, none, t.Reference), nil
		} else if v.Err != nil {
			return t, "", v.Err
		}
	}
	return t, "", nil
}
