// Package train is the training loop of an adapter, or of all weights: batches in
// a seeded order, gradients, steps, validation, checkpoints. What it makes depends
// on its [Spec] alone, down to the last byte: not on the number of threads, nor on
// how often it was stopped and went on.
package train
