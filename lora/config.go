package lora

import (
	"fmt"
	"math"
	"slices"
)

// modules are the linear layers of a Llama block that an adapter can change.
var modules = []string{"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}

// Config says how to train. The zero value is a sensible training.
type Config struct {
	// Rank of the adapter, 1 to 256; 0 means 8.
	Rank int `json:"rank,omitempty"`
	// Alpha scales the adapter by Alpha/Rank, or Alpha/sqrt(Rank) with RSLoRA; 0
	// means twice the rank.
	Alpha float64 `json:"alpha,omitempty"`
	// RSLoRA is rank-stabilised scaling (Kalajdzievski, 2023).
	RSLoRA bool `json:"rslora,omitempty"`
	// Dropout of the adapter's inputs, 0 to below 1.
	Dropout float64 `json:"dropout,omitempty"`
	// Modules are the layers to change, such as "q_proj"; nil means all seven.
	Modules []string `json:"modules,omitempty"`

	// Epochs over the training examples; 0 means 3.
	Epochs int `json:"epochs,omitempty"`
	// BatchSize is the number of examples of an optimiser step; 0 means 8. They
	// are packed without padding into passes of at most PassTokens tokens whose
	// gradients are accumulated, so a large batch costs no memory.
	BatchSize int `json:"batch_size,omitempty"`
	// PassTokens is the largest number of tokens that go through the model at a
	// time, unless one example alone is longer. It bounds memory. 0 means 512.
	PassTokens int `json:"pass_tokens,omitempty"`
	// MaxLength is the longest example in tokens, completion included; longer ones
	// are refused with ErrConfig. 0 means the model's context.
	MaxLength int `json:"max_length,omitempty"`

	// LearningRate at its peak; 0 means 3e-4.
	LearningRate float64 `json:"learning_rate,omitempty"`
	// Warmup is the share of the steps in which the rate rises, 0 to 1; 0 means
	// 0.05, and a negative number none. It then falls along a cosine to Floor
	// times the peak.
	Warmup float64 `json:"warmup,omitempty"`
	Floor  float64 `json:"floor,omitempty"`
	// WeightDecay of AdamW, and its betas; 0 means none, 0.9 and 0.999.
	WeightDecay float64 `json:"weight_decay,omitempty"`
	Beta1       float64 `json:"beta1,omitempty"`
	Beta2       float64 `json:"beta2,omitempty"`
	// Clip is the largest norm of a step's gradients; 0 means 1.
	Clip float64 `json:"clip,omitempty"`
	// Seed draws the adapter's start, the order of the examples and the dropout.
	Seed uint64 `json:"seed,omitempty"`

	// EvalEvery is the number of steps between two measurements of the validation
	// loss; 0 means once an epoch. There is always one at the end.
	EvalEvery int `json:"eval_every,omitempty"`
	// Patience is how many measurements in a row may fail to improve before
	// training stops; 0 means that it never stops early.
	Patience int `json:"patience,omitempty"`
	// CheckpointEvery is the number of steps between two checkpoints; 0 means 50.
	CheckpointEvery int `json:"checkpoint_every,omitempty"`
}

// WithDefaults replaces zero values by their defaults, and sorts Modules.
func (c Config) WithDefaults() Config {
	set(&c.Rank, 8)
	set(&c.Alpha, 2*float64(c.Rank))
	set(&c.Epochs, 3)
	set(&c.BatchSize, 8)
	set(&c.PassTokens, 512)
	set(&c.LearningRate, 3e-4)
	set(&c.Warmup, 0.05)
	set(&c.Beta1, 0.9)
	set(&c.Beta2, 0.999)
	set(&c.Clip, 1)
	set(&c.CheckpointEvery, 50)
	if c.Modules == nil {
		c.Modules = modules
	}
	// Each module once, in the order of modules.
	c.Modules = slices.DeleteFunc(slices.Clone(modules), func(m string) bool { return !slices.Contains(c.Modules, m) })
	return c
}

func set[T int | float64](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

// Scale is what the adapter's change is multiplied by.
func (c Config) Scale() float64 {
	c = c.WithDefaults()
	if c.RSLoRA {
		return c.Alpha / math.Sqrt(float64(c.Rank))
	}
	return c.Alpha / float64(c.Rank)
}

// Validate reports the first invalid field, as an ErrConfig.
func (c Config) Validate() error {
	for _, m := range c.Modules {
		if !slices.Contains(modules, m) {
			return fmt.Errorf("%w: modules has %q; there are %q", ErrConfig, m, modules)
		}
	}
	if c.Modules != nil && len(c.Modules) == 0 {
		return fmt.Errorf("%w: modules is empty", ErrConfig)
	}
	c = c.WithDefaults()
	for _, f := range []struct {
		name        string
		value       float64
		least, most float64
	}{
		{"rank", float64(c.Rank), 1, 256},
		{"alpha", c.Alpha, 1e-6, 1e6},
		{"dropout", c.Dropout, 0, 0.95},
		{"epochs", float64(c.Epochs), 1, 1e6},
		{"batch_size", float64(c.BatchSize), 1, 1e6},
		{"pass_tokens", float64(c.PassTokens), 1, 1e6},
		{"max_length", float64(c.MaxLength), 0, 1e7},
		{"learning_rate", c.LearningRate, 1e-12, 10},
		{"warmup", c.Warmup, -1, 1},
		{"floor", c.Floor, 0, 1},
		{"weight_decay", c.WeightDecay, 0, 10},
		{"beta1", c.Beta1, 0, 0.99999},
		{"beta2", c.Beta2, 0, 0.9999999},
		{"clip", c.Clip, 1e-6, math.MaxFloat64},
		{"eval_every", float64(c.EvalEvery), 0, 1e9},
		{"patience", float64(c.Patience), 0, 1e9},
		{"checkpoint_every", float64(c.CheckpointEvery), 1, 1e9},
	} {
		if !(f.value >= f.least && f.value <= f.most) {
			return fmt.Errorf("%w: %s is %v; it lies between %v and %v", ErrConfig, f.name, f.value, f.least, f.most)
		}
	}
	return nil
}
