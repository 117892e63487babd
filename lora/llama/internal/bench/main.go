//go:build unix

// Bench trains a LoRA adapter on a model with this library and with PEFT and
// PyTorch, in turns, and prints both speeds and peak memories and their ratios.
//
//	go run ./lora/llama/internal/bench -model DIR -python venv/bin/python
//
// Both train with the rank, batch and length of the flags, in float32, on random
// tokens. The loss is on the last -learned tokens of each sequence. Each runs in
// a process of its own, whose memory is measured.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pastime-go/pastime/lora/llama/internal/checkpoint"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

type settings struct {
	model, python, script, profile               string
	rank, batch, length, learned, steps, threads int
	rounds                                       int
	worker                                       bool
}

func main() {
	var s settings
	flag.StringVar(&s.model, "model", "", "a model's directory, in float32, or with -worker a GGUF file")
	flag.StringVar(&s.python, "python", "python3", "a Python with torch, transformers and peft")
	flag.StringVar(&s.script, "script", ".ci/peers.d/peft-speed/peftbench.py", "what trains with PEFT")
	flag.IntVar(&s.rank, "rank", 8, "of the adapter, on all seven modules")
	flag.IntVar(&s.batch, "batch", 4, "sequences of a step")
	flag.IntVar(&s.length, "length", 256, "of a sequence, in tokens")
	flag.IntVar(&s.learned, "learned", 128, "tokens of a sequence that are learned")
	flag.IntVar(&s.steps, "steps", 4, "of a run; the first is not counted")
	flag.IntVar(&s.threads, "threads", runtime.GOMAXPROCS(0), "of both")
	flag.IntVar(&s.rounds, "rounds", 2, "runs of each, in turns; the best counts")
	flag.StringVar(&s.profile, "profile", "", "with -worker, the `file` for a profile of the steps")
	flag.BoolVar(&s.worker, "worker", false, "only train, with this library, and print what a step took")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := compare
	if s.worker {
		run = work
	}
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// result is what was measured of one process.
type result struct {
	tokensPerSecond float64 // of the median step
	cpu             float64 // seconds for 1,000 tokens, loading excluded
	memory          float64 // peak, in MB
}

// better keeps the best of each figure.
func (r result) better(o result) result {
	if r.tokensPerSecond == 0 {
		return o
	}
	return result{max(r.tokensPerSecond, o.tokensPerSecond), min(r.cpu, o.cpu), min(r.memory, o.memory)}
}

func compare(ctx context.Context, s settings) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	numbers := func(ns ...int) (out []string) {
		for _, n := range ns {
			out = append(out, strconv.Itoa(n))
		}
		return out
	}
	fmt.Printf("%d by %d tokens, %d learned of each, rank %d, %d threads, %s\n", s.batch, s.length, s.learned, s.rank, s.threads, kernel.Set())
	var ours, theirs result
	for range s.rounds {
		for _, side := range []struct {
			name string
			best *result
			cmd  *exec.Cmd
		}{
			{"pastime", &ours, exec.CommandContext(ctx, self, "-worker", "-model", s.model,
				fmt.Sprintf("-rank=%d", s.rank), fmt.Sprintf("-batch=%d", s.batch), fmt.Sprintf("-length=%d", s.length),
				fmt.Sprintf("-learned=%d", s.learned), fmt.Sprintf("-steps=%d", s.steps), fmt.Sprintf("-threads=%d", s.threads))},
			{"peft", &theirs, exec.CommandContext(ctx, s.python, append([]string{s.script, s.model},
				numbers(s.rank, s.batch, s.length, s.learned, s.steps, s.threads)...)...)},
		} {
			r, err := measure(side.cmd, s.batch*s.length)
			if err != nil {
				return fmt.Errorf("%s: %w", side.name, err)
			}
			fmt.Printf("%-8s %8.1f tokens/s %8.2f CPU s/1000 tokens %8.0f MB\n", side.name, r.tokensPerSecond, r.cpu, r.memory)
			*side.best = side.best.better(r)
		}
	}
	fmt.Printf("ratio    %8.2f          %8.2f (lower is better)   %8.2f\n",
		ours.tokensPerSecond/theirs.tokensPerSecond, ours.cpu/theirs.cpu, ours.memory/theirs.memory)
	return nil
}

// measure runs one side. It prints "step SECONDS CPU LOSS" for every step.
func measure(cmd *exec.Cmd, tokens int) (result, error) {
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return result{}, err
	}
	if err := cmd.Start(); err != nil {
		return result{}, err
	}
	var wall, cpu []float64
	for lines := bufio.NewScanner(out); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) == 2 && f[0] == "pause" {
			fmt.Println("longest wait for a pause:", f[1], "s")
		}
		if len(f) == 2 && f[0] == "memory" {
			fmt.Println("predicted peak:", f[1], "MB")
		}
		if len(f) < 3 || f[0] != "step" {
			continue
		}
		w, err1 := strconv.ParseFloat(f[1], 64)
		c, err2 := strconv.ParseFloat(f[2], 64)
		if err := errors.Join(err1, err2); err != nil {
			return result{}, err
		}
		wall, cpu = append(wall, w), append(cpu, c)
	}
	if err := cmd.Wait(); err != nil {
		return result{}, err
	}
	if len(wall) < 2 {
		return result{}, errors.New("fewer than two steps")
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return result{}, errors.New("this system does not tell a process's memory")
	}
	peak := float64(usage.Maxrss)
	if runtime.GOOS != "darwin" {
		peak *= 1024 // other systems report kilobytes
	}
	return result{float64(tokens) / median(wall[1:]), median(cpu[1:]) / float64(tokens) * 1000, peak / 1e6}, nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// work is this library's side.
func work(ctx context.Context, s settings) error {
	c, err := checkpoint.Open(ctx, s.model)
	if err != nil {
		return err
	}
	defer c.Close()
	var modules []nn.Module
	for m := range nn.Modules {
		modules = append(modules, m)
	}
	pool := kernel.NewPool(s.threads)
	defer pool.Work()()
	a := nn.NewAdapter(&c.Config, s.rank, 2, modules)
	if err := predict(s, c, a); err != nil {
		return err
	}
	a.Init(&c.Config, 1)
	p, g, o := nn.NewPass(&c.Config, &c.Weights, a, pool), &nn.Gradients{Adapter: a.Like()}, nn.NewAdamW()
	p.MaxTokens = s.batch * s.length
	// A pause waits for the next of these calls. The time between them is
	// measured as CPU time of the threads, because on a busy machine the clock
	// includes other processes.
	var longest, last float64
	p.Yield = func() error {
		now := cpuTime()
		longest, last = max(longest, now-last), now
		return ctx.Err()
	}
	pool.Idle = func() { _ = p.Yield() } // the pass gets its error between layers
	if s.profile != "" {
		f, err := os.Create(s.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range s.steps {
		b := &nn.Batch{}
		for range s.batch {
			tokens := make([]int, s.length)
			for i := range tokens {
				tokens[i] = r.IntN(c.Config.Vocab)
			}
			b.Add(tokens, s.length-s.learned)
		}
		start, cpu := time.Now(), cpuTime()
		last = cpu
		sum, n, err := p.Backward(b, g, 1/float32(b.Learned()))
		if err != nil {
			return err
		}
		o.Step(pool, a.Params(), g.Adapter.Params(), nil, 1e-4)
		fmt.Println("step", time.Since(start).Seconds(), cpuTime()-cpu, sum/float64(n))
	}
	fmt.Println("pause", longest/float64(s.threads))
	return nil
}

// predict prints the peak memory: the model's files, which are all read, what the pass
// keeps, and the adapter with its gradients and moments.
func predict(s settings, c *checkpoint.Checkpoint, a *nn.Adapter) error {
	size := nn.PassSize(&c.Config, s.batch*s.length, s.length, s.rank*int(nn.Modules), false, s.threads)
	for _, v := range a.Params() {
		size += 4 * 4 * int64(len(v))
	}
	files, err := filepath.Glob(filepath.Join(s.model, "*.safetensors"))
	if err != nil {
		return err
	}
	if len(files) == 0 { // a GGUF file
		files = []string{s.model}
	}
	for _, name := range files {
		f, err := os.Stat(name)
		if err != nil {
			return err
		}
		size += f.Size()
	}
	fmt.Println("memory", size/1e6)
	return nil
}

// cpuTime is the CPU time that this process has used, in seconds.
func cpuTime() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}
