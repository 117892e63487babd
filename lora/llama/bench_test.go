package llama

import (
	"context"
	"fmt"
	"testing"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// asciiTokens is printable ASCII and an end, as the tiny base has it.
type asciiTokens struct{ byteTokens }

func (asciiTokens) Encode(text string, _ bool) []int {
	ids := make([]int, len(text))
	for i := range len(text) {
		ids[i] = int(text[i]-' ') % 95
	}
	return ids
}
func (asciiTokens) Piece(id int) []byte { return []byte{byte(' ' + id)} }
func (asciiTokens) Special(id int) bool { return id == 95 }
func (asciiTokens) Size() int           { return 96 }
func (asciiTokens) EOS() []int          { return []int{95} }

// BenchmarkPractice is what skill practice does, with a model of the tiny base's
// shape: 8 answers at temperature 1 to each of 32 prompts of 11 tokens, 8 tokens
// each, by the base and by an adapter of rank 16 on all modules.
func BenchmarkPractice(b *testing.B) {
	c := nn.Config{Vocab: 96, Dim: 128, Layers: 4, Heads: 4, KVHeads: 2, HeadDim: 32, FFN: 352, Context: 64, Eps: 1e-5, RopeTheta: 1e4}
	for _, run := range []struct {
		threads int
		adapter string
	}{{1, ""}, {1, "a"}, {2, ""}, {2, "a"}} {
		threads := run.threads
		b.Run(fmt.Sprintf("%d threads, adapter %q", threads, run.adapter), func(b *testing.B) {
			m, err := newModel(parts{name: "tiny", config: c, weights: randomWeights(&c, 1), tokens: asciiTokens{}, template: contents{}},
				&Options{Threads: threads})
			if err != nil {
				b.Fatal(err)
			}
			defer m.Close()
			if err := m.use("a", nn.NewAdapter(&c, 16, 2, []nn.Module{nn.Q, nn.K, nn.V, nn.O, nn.Gate, nn.Up, nn.Down}), "a", ""); err != nil {
				b.Fatal(err)
			}
			answers, tokens, cpu := 0, 0, proc.CPUTime()
			for b.Loop() {
				var rs []hobby.Request
				for p := range 32 {
					for range 8 {
						rs = append(rs, hobby.Request{
							Messages: []hobby.Message{{Role: hobby.RoleUser, Content: fmt.Sprintf("rev %07d", p*7919+answers)}},
							Sampling: hobby.Sampling{Temperature: 1, MaxTokens: 8},
							Adapter:  run.adapter,
						})
					}
				}
				got, err := m.GenerateBatch(context.Background(), rs)
				if err != nil {
					b.Fatal(err)
				}
				for _, r := range got {
					answers++
					tokens += r.TokensOut
				}
			}
			b.ReportMetric(float64(answers)/b.Elapsed().Seconds(), "answers/s")
			// What it would be with the processors for itself.
			if cpu = proc.CPUTime() - cpu; cpu > 0 {
				b.ReportMetric(float64(answers)/cpu.Seconds(), "answers/cpu-s")
			}
			b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
