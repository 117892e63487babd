package hobbytest

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/pastime-go/pastime/hobby"
)

// Learner returns a Model whose chance to answer a task right is set, by adapter and by
// the prompt: what the tests of a pipeline need of a model that learns, forgets, or does
// nothing at all. right tells the right answer to a prompt, and chance, in [0, 1], how
// often the model gives it. Which answers are right is decided by the request's prompt,
// seed and adapter alone, so the same request is answered alike every time. Without a
// temperature the seed does not count.
func Learner(right func(prompt string) string, chance func(adapter, prompt string) float64, adapters ...string) *Model {
	return &Model{
		Identity: hobby.ModelInfo{Name: "learner", Key: hobby.ModelKey("hobbytest", "learner"), Base: "learner"}, Adapters: adapters,
		Reply: func(_ context.Context, r hobby.Request) (string, error) {
			prompt := r.Messages[len(r.Messages)-1].Content
			h := fnv.New128a()
			fmt.Fprintf(h, "%q %q", r.Adapter, prompt)
			if r.Seed != nil && r.Sampling.Temperature > 0 {
				fmt.Fprintf(h, " %d", *r.Seed)
			}
			sum := h.Sum(nil)
			if draw := float64(uint32(sum[4])<<16|uint32(sum[5])<<8|uint32(sum[6])) / (1 << 24); draw < chance(r.Adapter, prompt) {
				return right(prompt), nil
			}
			return "no idea, " + strings.Repeat("x", 1+int(sum[0]%5)), nil
		},
	}
}
