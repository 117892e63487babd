package nn

import "github.com/pastime-go/pastime/lora/llama/internal/kernel"

// StepSize is the number of bytes that a Decoder takes for steps of this many
// rows, without their logits.
func StepSize(c *Config, rows int) int64 {
	heads, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	each := 3*c.Dim + 2*heads + 2*kv + 4*c.FFN
	return 4 * (int64(rows)*int64(each) + int64(kernel.Scratch(rows, 0)))
}

// EightBitSize is what a Decoder of that form takes beside StepSize.
func EightBitSize(c *Config, rows, threads int) int64 {
	return kernel.DotsScratch(rows, max(c.Dim, c.FFN, c.Heads*c.HeadDim), threads)
}

// PassSize is the number of bytes that a Pass for training keeps. Its batches
// have this many tokens, in sequences of at most longest tokens. ranks is the sum
// of the adapter's ranks over the modules of a block.
func PassSize(c *Config, tokens, longest, ranks int, dropout bool, threads int) int64 {
	heads, kv := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	kept := 2*c.Dim + 2*heads + 2*kv + 2*c.FFN + 2 + ranks // activations of a block
	scratch := 4*c.Dim + 2*c.FFN + 4*heads + 2*kv
	if dropout {
		scratch += 2 * max(c.FFN, c.Dim, heads)
	}
	left := kernel.InterleavedSize(tokens, max(c.FFN, c.Dim, heads))
	gradB := ranks * max(c.FFN, c.Dim, heads) // the largest of the modules' ranks is at most their sum
	logits := min(tokens, logitRows) * (2*c.Vocab + c.Dim)
	attention := threads * (2*queries*longest + kernel.Scratch(queries, longest))
	rope := (longest + longest/4) * c.HeadDim
	products := left + gradB + kernel.Scratch(max(tokens, c.FFN, c.Dim), c.Vocab)
	return 4 * (int64(tokens)*int64(c.Layers*kept+scratch) + int64(products+logits+attention+rope))
}

// HeadGradSize is what a Pass keeps beside PassSize when it trains all weights.
func HeadGradSize(c *Config) int64 { return 4 * int64(kernel.Scratch(min(c.Vocab, headRows), 0)) }
