package lora

import (
	"context"
	"errors"
	"time"

	"github.com/pastime-go/pastime/hobby"
)

var (
	// ErrEmpty is a dataset without anything to learn.
	ErrEmpty = errors.New("lora: nothing to learn from")
	// ErrConfig is a configuration or job that cannot be trained, or whose
	// directory holds the checkpoint of a different one.
	ErrConfig = errors.New("lora: invalid configuration")
	// ErrBase is a job, or an adapter, for another base model.
	ErrBase = errors.New("lora: another base model")
	// ErrMemory is a job that needs more memory than it may use.
	ErrMemory = errors.New("lora: not enough memory")
	// ErrDiverged is a loss or gradient that stopped being a number.
	ErrDiverged = errors.New("lora: the training diverged")
)

// Trainer trains an adapter. The suite loratest.TestTrainer is its contract.
// Implementations may be used by several goroutines, and may then train one job
// after the other.
type Trainer interface {
	// Train trains j on d and returns what it made, in j.Dir. It refuses a job
	// that it cannot do with ErrConfig, ErrBase, ErrEmpty or ErrMemory before
	// anything is written.
	//
	// report is called after every optimiser step, from one goroutine at a time,
	// and not after Train has returned. It may be nil.
	//
	// When ctx ends, Train soon returns its cause, and keeps a checkpoint. Train
	// with the same Job and Dataset then goes on from the last checkpoint, as it
	// does after a crash. The result is the same as that of one run, to the last
	// byte. The same seed gives the same bytes on one machine, for any number of
	// threads. The base model's files are not changed.
	Train(ctx context.Context, j Job, d Dataset, report func(Step)) (Artifact, error)
}

// Sizer is a [Trainer] that predicts the most memory that a training takes, in bytes,
// before it starts.
type Sizer interface {
	Memory(j Job, d Dataset) (int64, error)
}

// Job is one training.
type Job struct {
	// Dir receives the adapter and, while training, its checkpoint. It is made
	// when it is missing, and belongs to this job alone.
	Dir string
	// Base is the digest of the base model that the job is meant for. A trainer
	// with another base refuses it; "" accepts any.
	Base   string
	Config Config
	// Parent is the directory of an adapter to go on from. It must have the shape
	// of Config and the same base. "" starts a new adapter, which changes nothing
	// yet.
	Parent string
	// Wait, when set, is called many times a second, by one goroutine at a time. It
	// blocks as long as the training should pause, at most until ctx ends; every thread
	// stops within milliseconds. Its
	// error ends the training. [hobby.Presence.Wait] pauses while the user is here.
	Wait func(ctx context.Context) error
}

// Dataset is what to learn.
type Dataset struct {
	Train []Example
	// Validation has examples that are not learned. Their loss is measured after
	// every Config.EvalEvery steps. It may be empty.
	Validation []Example
}

// Example is a prompt and what should follow.
type Example struct {
	// Messages are the prompt, in turns. The last must not be the assistant's, or
	// the job is refused with ErrConfig.
	Messages []hobby.Message `json:"messages"`
	// Tools are those that the prompt offers.
	Tools []hobby.Tool `json:"tools,omitempty"`
	// Completion is the assistant's answer: the only part that is learned.
	Completion string `json:"completion"`
	// Replay marks an answer of the base model itself that the adapter should
	// not unlearn. Its target is the base's probabilities, not its tokens: the
	// loss is the Kullback-Leibler divergence from the base. A Trainer that
	// cannot do so learns the tokens.
	Replay bool `json:"replay,omitempty"`
}

// Step is the state of a training after an optimiser step.
type Step struct {
	// Step counts from 1 to Total. Early stopping may end it before Total.
	Step, Total int
	// Epoch is how many times the examples have been seen, such as 1.5.
	Epoch float64
	// Loss is the mean over the step's learned tokens, in nats.
	Loss float64
	// Validation is the loss of the validation set without dropout. It is nil
	// when this step did not measure it.
	Validation *float64
	// LearningRate is the step's, and GradientNorm the norm of its gradients
	// before clipping.
	LearningRate, GradientNorm float64
	// Tokens is the number of tokens read so far, prompts included, by all runs
	// of this job.
	Tokens int64
	// TokensPerSecond is this run's mean, without pauses and validation.
	TokensPerSecond float64
	// Left is how long the remaining steps will take at that speed.
	Left time.Duration
}

// Artifact is a trained adapter.
type Artifact struct {
	// Dir holds adapter_config.json and adapter_model.safetensors, as PEFT reads
	// them.
	Dir string `json:"dir"`
	// GGUF is the same adapter as one file for llama.cpp; "" when there is none.
	GGUF string `json:"gguf,omitempty"`
	// Digest is the SHA-256 of adapter_model.safetensors, in hexadecimal.
	Digest string `json:"digest"`
	// Base is the digest of the base model that it was trained on.
	Base string `json:"base"`
	// Steps is the number of steps made, and Tokens of tokens read. Stopped says
	// that training ended early because the validation loss no longer fell.
	Steps   int   `json:"steps"`
	Tokens  int64 `json:"tokens"`
	Stopped bool  `json:"stopped,omitempty"`
	// Loss is the mean of the last epoch's steps. Validation is the validation
	// loss of the adapter that was kept, the best of those measured. Before is
	// that of the adapter that training began with. Both are nil without a
	// validation set.
	Loss       float64  `json:"loss"`
	Before     *float64 `json:"before,omitempty"`
	Validation *float64 `json:"validation,omitempty"`
}
