package llama

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/proc"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// BenchmarkPeer reads 512 tokens, and continues one text and 16 at once, with the
// model that -peer-model names; .ci/peers speed compares it with llama.cpp.
func BenchmarkPeer(b *testing.B) {
	if *peerModel == "" {
		b.Skip("it takes a model's file: .ci/peers speed")
	}
	m, err := Open(context.Background(), *peerModel, &Options{Context: 1024})
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	var packed arena // as a Model has it
	defer packed.free()
	pool := kernel.NewPool(0)
	pool.Alloc = packed.alloc
	defer pool.Work()()
	form := nn.Packed
	if *eightBit {
		form = nn.EightBit
	}
	d, cache := nn.NewDecoder(&m.config, &m.weights, pool, form), nn.NewCache(&m.config)
	ids := make([]int, 512)
	for i := range ids {
		ids[i] = 1000 + i*37%40000
	}
	read := func(seq *nn.Sequence, ids []int) {
		for len(ids) > 0 {
			n := min(128, len(ids))
			rows := make([]nn.Row, n)
			for i := range rows {
				rows[i] = nn.Row{Seq: seq, Token: ids[i], Logits: len(ids) == n && i == n-1}
			}
			if _, err := d.Step(rows); err != nil {
				b.Fatal(err)
			}
			ids = ids[n:]
		}
	}
	b.Run("prefill", func(b *testing.B) {
		cpu := proc.CPUTime()
		for b.Loop() {
			seq := cache.Sequence()
			read(seq, ids)
			seq.Free()
		}
		report(b, b.N*len(ids), proc.CPUTime()-cpu)
	})
	for name, n := range map[string]int{"decode": 1, "decode16": 16} {
		b.Run(name, func(b *testing.B) {
			prompt := cache.Sequence()
			read(prompt, ids[:64])
			rows := make([]nn.Row, n)
			for i := range rows {
				rows[i] = nn.Row{Seq: prompt.Fork(), Logits: true}
			}
			cpu := proc.CPUTime()
			for i := 0; b.Loop(); i++ {
				if i%64 == 0 { // as llama.cpp's side: the 64 tokens after the first 64
					for j := range rows {
						rows[j].Seq.Free()
						rows[j].Seq = prompt.Fork()
					}
				}
				for j := range rows {
					rows[j].Token = ids[64+i%64]
				}
				if _, err := d.Step(rows); err != nil {
					b.Fatal(err)
				}
			}
			report(b, n*b.N, proc.CPUTime()-cpu)
		})
	}
}

// report tells how many tokens a second, and a second of processor time: where others
// work, too.
func report(b *testing.B, tokens int, cpu time.Duration) {
	b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "tokens/s")
	if cpu > 0 {
		b.ReportMetric(float64(tokens)/cpu.Seconds(), "tokens/cpu-s")
	}
}

// TestPeerMemory answers with the model that -peer-model names, and compares its
// process's peak memory with what was predicted and with the file's size.
func TestPeerMemory(t *testing.T) {
	if *peerModel == "" {
		t.Skip("it takes a model's file")
	}
	m, err := Open(t.Context(), *peerModel, &Options{Context: 1024, Batch: 1, Threads: 1, EightBit: *eightBit})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	r, err := m.Generate(t.Context(), hobby.Request{
		Messages: []hobby.Message{{Role: hobby.RoleUser, Content: "Tell me of the sea."}}, Sampling: hobby.Sampling{MaxTokens: 16},
	})
	if err != nil || r.TokensOut == 0 {
		t.Fatalf("%+v: %v", r, err)
	}
	status, _ := os.ReadFile("/proc/self/status")
	_, after, ok := strings.Cut(string(status), "VmHWM:")
	var peak int64
	if _, err := fmt.Sscan(after, &peak); !ok || err != nil {
		t.Skip("this system does not tell a process's peak memory")
	}
	peak *= 1024
	file, err := os.Stat(*peerModel)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("peak %s, predicted %s, the file %s: %.2f of it", megabytes(peak), megabytes(m.Memory().Total()), megabytes(file.Size()),
		float64(peak)/float64(file.Size()))
	// The program, its tokenizer and its grammars take up to 100 MB beside the model.
	if peak > m.Memory().Total()+100e6 || float64(peak) > 1.2*float64(file.Size())+100e6 {
		t.Error("it took more than it should")
	}
}
