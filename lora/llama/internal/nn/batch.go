package nn

import "fmt"

// Batch is sequences packed one after the other, without padding. Attention
// stays within a sequence.
type Batch struct {
	Tokens []int
	// Starts are where the sequences begin in Tokens; the first is 0.
	Starts []int
	// Targets has, for every token, the token that should follow. It is -1 where
	// nothing is learned: in a prompt and after a sequence's end.
	Targets []int
	// Replay marks tokens whose targets are the probabilities of the model
	// without its adapter. Nil means none. It is set for whole sequences.
	Replay []bool
	// Base has, by sequence, what the model without its adapter ends in for the learned
	// tokens of a sequence to replay, [learned, Dim]. A pass computes what is nil. It is the
	// same in every batch, so the next one need not.
	Base [][]float32
}

// Add appends a sequence whose tokens from place n on, the prompt's end, are
// learned. Each is predicted from those before it. n is at least 1.
func (b *Batch) Add(tokens []int, n int) { b.add(tokens, n, false) }

// AddReplay is Add for a sequence on which the adapter should change nothing.
func (b *Batch) AddReplay(tokens []int, n int) { b.add(tokens, n, true) }

func (b *Batch) add(tokens []int, n int, replay bool) {
	b.Starts, b.Base = append(b.Starts, len(b.Tokens)), append(b.Base, nil)
	b.Tokens = append(b.Tokens, tokens...)
	for i := range tokens {
		target := -1
		if i+1 >= max(n, 1) && i+1 < len(tokens) {
			target = tokens[i+1]
		}
		b.Targets, b.Replay = append(b.Targets, target), append(b.Replay, replay)
	}
}

// Learned is the number of tokens that have a target.
func (b *Batch) Learned() int { return len(b.learned()) }

// sequence returns where the i-th sequence starts and ends.
func (b *Batch) sequence(i int) (start, end int) {
	if i+1 < len(b.Starts) {
		return b.Starts[i], b.Starts[i+1]
	}
	return b.Starts[i], len(b.Tokens)
}

// span is the part of the i-th sequence, from its start on, that has all of its targets.
func (b *Batch) span(i int) (from, to int) {
	start, end := b.sequence(i)
	for from = start; from < end && b.Targets[from] < 0; from++ {
	}
	for to = end; to > from && b.Targets[to-1] < 0; to-- {
	}
	return from - start, to - start
}

// longest is the length of the longest sequence.
func (b *Batch) longest() int {
	n := 0
	for i := range b.Starts {
		start, end := b.sequence(i)
		n = max(n, end-start)
	}
	return n
}

// check refuses a batch that would read beyond the model's tables.
func (b *Batch) check(c *Config) error {
	if len(b.Tokens) == 0 || len(b.Starts) == 0 || b.Starts[0] != 0 || len(b.Targets) != len(b.Tokens) {
		return fmt.Errorf("nn: a batch of %d tokens, %d sequences and %d targets", len(b.Tokens), len(b.Starts), len(b.Targets))
	}
	for i := range b.Starts {
		if start, end := b.sequence(i); start < 0 || end <= start {
			return fmt.Errorf("nn: sequence %d of the batch is from %d to %d", i, start, end)
		}
	}
	if n := b.longest(); c.Context > 0 && n > c.Context {
		return fmt.Errorf("nn: a sequence of %d tokens; the model's context has %d", n, c.Context)
	}
	for i, t := range b.Tokens {
		if t < 0 || t >= c.Vocab || b.Targets[i] >= c.Vocab {
			return fmt.Errorf("nn: token %d or its target %d at place %d of the batch; the vocabulary has %d", t, b.Targets[i], i, c.Vocab)
		}
	}
	if b.Replay != nil && (len(b.Replay) != len(b.Tokens) || len(b.Base) != len(b.Starts)) {
		return fmt.Errorf("nn: %d marks of replay for %d tokens, %d of %d sequences", len(b.Replay), len(b.Tokens), len(b.Base), len(b.Starts))
	}
	return nil
}

// replays reports whether a sequence is marked for replay.
func (b *Batch) replays(i int) bool { return b.Replay != nil && b.Replay[b.Starts[i]] }

// unknown returns the sequences to replay that have no Base, and which they are.
func (b *Batch) unknown() (out *Batch, which []int) {
	out = &Batch{}
	for i := range b.Starts {
		if !b.replays(i) || b.Base[i] != nil {
			continue
		}
		start, end := b.sequence(i)
		out.Starts, which = append(out.Starts, len(out.Tokens)), append(which, i)
		out.Tokens = append(out.Tokens, b.Tokens[start:end]...)
		out.Targets = append(out.Targets, b.Targets[start:end]...)
	}
	return out, which
}

// learned are the places that have targets; never nil.
func (b *Batch) learned() []int {
	out := []int{}
	for i, t := range b.Targets {
		if t >= 0 {
			out = append(out, i)
		}
	}
	return out
}
