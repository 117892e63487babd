// Package train is the training loop of an adapter, or of all weights: batches in
// a seeded order, gradients, steps, validation, checkpoints. The result depends on
// the [Spec] alone, to the last byte: not on the number of threads, nor on how
// often training was stopped and resumed.
package train
