package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/pastime-go/pastime/lora"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// Sequence is an example as tokens. The tokens from Learn on are learned.
type Sequence struct {
	Tokens []int
	Learn  int
	Replay bool
}

// Spec is what to train.
type Spec struct {
	Model   *nn.Config
	Weights *nn.Weights
	// Base is the digest of the weights.
	Base string
	// Job's Config has its defaults filled in.
	Job               lora.Job
	Train, Validation []Sequence
	// Full trains a copy of all weights, and no adapter.
	Full bool
	// Start is the adapter to go on from; nil starts a new one.
	Start *nn.Adapter
	// Threads is the cap; 0 means GOMAXPROCS.
	Threads int

	together bool // in tests: threads share each product, as those of a large model
}

// Modules returns the modules that the job's configuration names.
func Modules(c lora.Config) []nn.Module {
	var out []nn.Module
	for _, name := range c.Modules {
		if m, ok := nn.ParseModule(name); ok {
			out = append(out, m)
		}
	}
	return out
}

// fingerprint identifies everything that the result depends on.
func (t *Spec) fingerprint() string {
	h := sha256.New()
	c := t.Job.Config
	c.CheckpointEvery = 0
	kind := "pastime adapter 2"
	if t.Full {
		kind = "pastime weights 1"
	}
	_ = json.NewEncoder(h).Encode([]any{kind, kernel.Set(), t.Base, t.Model, c}) // plain values, and writing to a hash does not fail
	for _, set := range [][]Sequence{t.Train, t.Validation} {
		hashInts(h.Write, len(set))
		for _, s := range set {
			hashInts(h.Write, s.Learn, len(s.Tokens))
			hashInts(h.Write, s.Tokens...)
			if s.Replay {
				hashInts(h.Write, 1)
			}
		}
	}
	if t.Start != nil {
		for _, v := range t.Start.Params() {
			_ = binary.Write(h, binary.LittleEndian, v)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashInts(write func([]byte) (int, error), ns ...int) {
	var b [8]byte
	for _, n := range ns {
		binary.LittleEndian.PutUint64(b[:], uint64(n))
		_, _ = write(b[:]) // writing to a hash does not fail
	}
}

// stepsPerEpoch and steps count optimiser steps.
func (t *Spec) stepsPerEpoch() int {
	return (len(t.Train) + t.Job.Config.BatchSize - 1) / t.Job.Config.BatchSize
}

func (t *Spec) steps() int { return t.stepsPerEpoch() * t.Job.Config.Epochs }

// order is the places in Train of step n's sequences: its share of the epoch's seeded order.
func (t *Spec) order(n int) []int {
	c := t.Job.Config
	per := t.stepsPerEpoch()
	order := rand.New(rand.NewPCG(c.Seed, uint64(n/per))).Perm(len(t.Train))
	order = order[n%per*c.BatchSize:]
	return order[:min(len(order), c.BatchSize)]
}

// batches are the passes of a step with these sequences.
func (t *Spec) batches(order []int) []*nn.Batch {
	var picked []Sequence
	for _, i := range order {
		picked = append(picked, t.Train[i])
	}
	return pack(picked, t.Job.Config.PassTokens)
}

// mostBase bounds what is kept of the base's results, in bytes. What does not fit is
// computed in each epoch.
const mostBase = 256 << 20

// baseMemory is the bytes that may be kept of the base's results for what is replayed more
// than once.
func (t *Spec) baseMemory() (size int64) {
	if t.Full || t.Job.Config.Epochs < 2 {
		return 0
	}
	for _, s := range t.Train {
		if s.Replay {
			size += 4 * int64(len(s.Tokens)-max(s.Learn, 1)) * int64(t.Model.Dim)
		}
	}
	return min(size, mostBase)
}

// pack puts sequences, in their order, into batches of at most tokens tokens,
// unless one sequence alone is longer.
func pack(sequences []Sequence, tokens int) []*nn.Batch {
	var out []*nn.Batch
	for _, s := range sequences {
		if len(out) == 0 || len(out[len(out)-1].Tokens)+len(s.Tokens) > tokens {
			out = append(out, &nn.Batch{})
		}
		b := out[len(out)-1]
		if s.Replay {
			b.AddReplay(s.Tokens, s.Learn)
		} else {
			b.Add(s.Tokens, s.Learn)
		}
	}
	return out
}

// CheckStart refuses a Start whose shape or scale differs from the job's.
func (t *Spec) CheckStart() error {
	c := t.Job.Config
	if a := t.Start; a.Rank != c.Rank || a.Scale != float32(c.Scale()) || !slices.Equal(a.Modules(), Modules(c)) || !a.Uniform() {
		return fmt.Errorf("%w: the parent adapter has rank %d, scale %g and the modules %v; the job rank %d, scale %g and %v",
			lora.ErrConfig, a.Rank, a.Scale, a.Modules(), c.Rank, c.Scale(), Modules(c))
	}
	return nil
}

// Check refuses a Spec that cannot be trained.
func (t *Spec) Check() error {
	for name, set := range map[string][]Sequence{"training": t.Train, "validation": t.Validation} {
		for i, s := range set {
			if s.Learn >= len(s.Tokens) {
				return fmt.Errorf("%w: %s example %d has no completion", lora.ErrEmpty, name, i)
			}
			if n := len(s.Tokens); n > t.Model.Context || t.Job.Config.MaxLength > 0 && n > t.Job.Config.MaxLength {
				return fmt.Errorf("%w: %s example %d has %d tokens; the model's context is %d, max_length %d",
					lora.ErrConfig, name, i, n, t.Model.Context, t.Job.Config.MaxLength)
			}
		}
	}
	if len(t.Train) == 0 {
		return fmt.Errorf("%w: no training examples", lora.ErrEmpty)
	}
	return nil
}

// tokens is the largest number of tokens of a batch.
func (t *Spec) tokens() int {
	c, most := t.Job.Config, 0
	for set, together := range map[*[]Sequence]int{&t.Train: c.BatchSize, &t.Validation: len(t.Validation)} {
		var lengths []int
		for _, s := range *set {
			lengths = append(lengths, len(s.Tokens))
		}
		slices.SortFunc(lengths, func(a, b int) int { return b - a })
		sum := 0
		for _, n := range lengths[:min(together, len(lengths))] {
			sum += n
		}
		if len(lengths) > 0 {
			most = max(most, lengths[0], min(sum, c.PassTokens))
		}
	}
	return most
}

// Memory is the number of bytes that the training will take beside the base's
// weights.
func (t *Spec) Memory() int64 {
	c, ranks := t.Job.Config, 0
	if !t.Full {
		ranks = c.Rank * len(c.Modules)
	}
	longest := 0
	for _, set := range [][]Sequence{t.Train, t.Validation} {
		for _, s := range set {
			longest = max(longest, len(s.Tokens))
		}
	}
	size := t.ParameterMemory() + t.baseMemory()
	threads := kernel.NewPool(t.Threads).Threads()
	if t.apart() {
		size += int64(threads) * nn.PassSize(t.Model, t.tokens(), longest, ranks, c.Dropout > 0, 1)
		size += nn.PanelsSize(t.Model) + atATime*t.ParameterMemory()/6
		if c.Dropout == 0 {
			size += nn.PanelsSize(t.Model)
		}
	} else {
		size += nn.PassSize(t.Model, t.tokens(), longest, ranks, c.Dropout > 0, threads)
	}
	if t.Full {
		size += nn.HeadGradSize(t.Model)
	}
	return size
}

// ParameterMemory is the part of Memory for the trained parameters: values,
// gradients, two moments and, with a validation set, the best so far.
func (t *Spec) ParameterMemory() int64 {
	copies, n := int64(4), int64(0)
	if len(t.Validation) > 0 {
		copies++
	}
	if t.Full {
		n = t.Weights.Count()
	} else {
		copies = 6 // and the files that are made of it
		for _, m := range Modules(t.Job.Config) {
			out, in := t.Model.Shape(m)
			n += int64(t.Model.Layers * t.Job.Config.Rank * (out + in))
		}
	}
	return 4 * copies * n
}
