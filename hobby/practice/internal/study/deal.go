package study

import (
	"context"
	"math/rand/v2"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/hobby/practice"
)

// Pose makes the question of a seed about one file: false when the file has none for
// the seed.
type Pose func(seed uint64) (practice.Task, bool)

// Deal draws n questions of a split, none of them twice, from files in turn, and fewer
// when there are no more. open opens a file; nil is one that nothing can be asked
// about. A file is given up when it has made nothing new of the split 50 times in a row
// and 100 times for each question of the split that it had: one in five is held out.
func Deal(ctx context.Context, r *rand.Rand, split hobby.Split, n int, open []func() Pose) ([]practice.Task, error) {
	var tasks []practice.Task
	seen := map[string]bool{}
	found := make([]int, len(open))
	for turn := r.Perm(len(open)); len(turn) > 0 && len(tasks) < n; {
		var left []int
		for _, at := range turn {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if len(tasks) == n {
				return tasks, nil
			}
			pose := open[at]()
			for misses := 0; pose != nil && misses < 50+100*found[at]; misses++ {
				t, ok := pose(r.Uint64())
				if !ok || seen[t.Params] {
					continue
				}
				seen[t.Params] = true
				if t.Split == split {
					found[at]++
					tasks, left = append(tasks, t), append(left, at)
					break
				}
			}
		}
		turn = left
	}
	return tasks, nil
}

// Name fills in what names a question that was made of a seed and a file's text.
func Name(hobbyName string, t *practice.Task, f hobby.Family, level int, seed uint64, source, digest string) {
	t.Family, t.Version, t.Level, t.Seed, t.Source, t.Digest = f.Name, max(1, f.Version), level, seed, source, digest
	t.Split = practice.Split(hobbyName, t)
}

// Seeded is the source of randomness of a question.
func Seeded(seed uint64, f *hobby.Family, level int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, Hash(f.Name)+uint64(level)))
}

// Family finds a level among families; false when it is not there.
func Family(families []hobby.Family, name string, level int) (hobby.Family, bool) {
	for _, f := range families {
		if f.Name == name {
			return f, level >= 1 && level <= f.Levels
		}
	}
	return hobby.Family{}, false
}
