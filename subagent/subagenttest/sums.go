package subagenttest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

// Sums is a hobby of additions. It is practised without a model, and any agent
// can verify it.
func Sums(k hobby.Kind) hobby.Hobby {
	return hobby.Hobby{Kind: k, Executor: sums{}, Families: []hobby.Family{{Name: "sums", Levels: 1}}}
}

// SumsKey is the model key of the answers to Sums.
const SumsKey = "sums-model"

type sums struct{}

var _ hobby.Verifier = sums{}

func (sums) Tasks(p hobby.Plan) ([]hobby.TaskID, error) {
	r := rand.New(rand.NewPCG(p.Seed, 0))
	tasks := make([]hobby.TaskID, p.Budget.Items)
	for i := range tasks {
		tasks[i] = hobby.TaskID{Family: "sums", Level: max(1, p.Level), Seed: r.Uint64()}
	}
	return tasks, nil
}

// terms are what a task adds up.
func terms(seed uint64) (a, b int) { return int(seed % 1000), int(seed >> 32 % 1000) }

func (s sums) Practise(ctx context.Context, p hobby.Plan, out hobby.Sink) error {
	tasks, err := s.Tasks(p)
	if err != nil {
		return err
	}
	for i, t := range tasks {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		a, b := terms(t.Seed)
		item, err := s.Verify(hobby.Item{
			Family: t.Family, Level: t.Level, Seed: t.Seed, Split: hobby.Practice, Answer: strconv.Itoa(a + b),
			At: time.Now().UTC(), Latency: time.Millisecond, ModelKey: SumsKey,
		})
		if err != nil {
			return err
		}
		if err := out.Item(item); err != nil && i < len(tasks)-1 {
			return err
		}
	}
	return out.Insight(hobby.Insight{Text: fmt.Sprintf("%d sums were added up", len(tasks)), Confidence: 1})
}

func (sums) Verify(i hobby.Item) (hobby.Item, error) {
	if i.Version > 1 || i.Family != "sums" || i.Level < 1 || i.Level > 1 || i.Split != hobby.Practice {
		return i, fmt.Errorf("sums: %w: not an item of these sums", hobby.ErrInvalid)
	}
	a, b := terms(i.Seed)
	i.Messages = []hobby.Message{{Role: hobby.RoleUser, Content: fmt.Sprintf("%d + %d", a, b)}}
	i.Reference, i.Verifier, i.Score, i.Note = strconv.Itoa(a+b), "number", 0, "wrong"
	if i.Answer == i.Reference {
		i.Score, i.Note = 1, ""
	}
	return i, nil
}
