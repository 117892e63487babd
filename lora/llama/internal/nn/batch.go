package nn

import "fmt"

// Batch is sequences packed one after the other, without padding. Attention
// stays within a sequence.
type Batch struct {
	Tokens []int
	// Starts are where the sequences begin in Tokens; the first is 0.
	Starts []int
	// Targets has, for every token, the one that should follow; -1 where
	// nothing is to be learned, as in a prompt and after a sequence's end.
	Targets []int
	// Soft has, where it is not nil, the probabilities of the whole vocabulary
	// that should follow in place of a single token; Targets is then any token.
	// nil means there are none.
	Soft [][]float32
}

// Add appends a sequence whose tokens from the prompt's end on are learned: the
// token at place n is predicted from those before it. n is at least 1.
func (b *Batch) Add(tokens []int, n int) {
	b.Starts = append(b.Starts, len(b.Tokens))
	b.Tokens = append(b.Tokens, tokens...)
	for i := range tokens {
		if i+1 >= max(n, 1) && i+1 < len(tokens) {
			b.Targets = append(b.Targets, tokens[i+1])
		} else {
			b.Targets = append(b.Targets, -1)
		}
	}
	if b.Soft != nil {
		b.Soft = append(b.Soft, make([][]float32, len(tokens))...)
	}
}

// Learned is how many tokens have a target.
func (b *Batch) Learned() int {
	n := 0
	for _, t := range b.Targets {
		if t >= 0 {
			n++
		}
	}
	return n
}

// ends yields where sequence i starts and ends.
func (b *Batch) sequence(i int) (start, end int) {
	if i+1 < len(b.Starts) {
		return b.Starts[i], b.Starts[i+1]
	}
	return b.Starts[i], len(b.Tokens)
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

// check refuses what would read beyond the model's tables.
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
	if b.Soft != nil && len(b.Soft) != len(b.Tokens) {
		return fmt.Errorf("nn: soft targets for %d of %d tokens", len(b.Soft), len(b.Tokens))
	}
	return nil
}
