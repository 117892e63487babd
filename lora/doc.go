// Package lora trains low-rank adapters on what a model did well.
//
// A [Pipeline] samples answers to practice tasks, trains on those that are right, tries
// the adapter on held-out tasks against the base and the champion, and has it serve if
// it is better than both and has unlearned nothing that a guardrail finds. What has earned
// its kind is tried for the agent as a whole on the exams of all kinds.
//
// A [Trainer] turns a [Dataset], messages and the completion that should follow
// them, into an adapter: a directory that Hugging Face's PEFT, llama.cpp and
// Pastime's own engine read. Package lora/llama has a Trainer that needs only Go.
// Package loratest has the test suite that every Trainer must pass.
//
//	artifact, err := trainer.Train(ctx, lora.Job{
//		Dir:    "adapters/42",
//		Config: lora.Config{Rank: 16, LearningRate: 2e-3},
//	}, lora.Dataset{Train: train, Validation: validation}, func(s lora.Step) {
//		log.Printf("%d of %d: loss %.3f, %.0f tokens/s, %v left", s.Step, s.Total, s.Loss, s.TokensPerSecond, s.Left)
//	})
//
// Cancelling ctx stops the training. Training the same Job again goes on from its
// last checkpoint, also after its process was killed. The base is never changed.
// To pause a training while the user is here, set Job.Wait to
// [hobby.Presence.Wait].
package lora
