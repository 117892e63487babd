package nn

import "github.com/pastime-go/pastime/lora/llama/internal/tensor"

// Config is the shape of a model.
type Config struct {
	Vocab, Dim, Layers int
	// Heads share KVHeads keys and values; Heads is a multiple of KVHeads.
	Heads, KVHeads, HeadDim int
	// FFN is the width of the feed-forward layer.
	FFN int
	// Context is the longest sequence in tokens.
	Context int
	// Eps is the norms'.
	Eps       float32
	RopeTheta float64
	// RopeScaling stretches the context; nil is none.
	RopeScaling *RopeScaling
}

// RopeScaling is the frequency-dependent scaling of Llama 3.1 ("llama3"), or, with
// only a factor, the same scaling for all frequencies ("linear").
type RopeScaling struct {
	Factor, LowFreqFactor, HighFreqFactor float64
	OriginalContext                       int
}

// Linear reports whether all frequencies are scaled alike.
func (s *RopeScaling) Linear() bool {
	return s.LowFreqFactor == 0 && s.HighFreqFactor == 0 && s.OriginalContext == 0
}

// Weights are the frozen weights of a model, in the types of their file. Linear
// layers are [out, in]. The rows of Q and K are in the order of rotary embeddings
// that rotate the two halves of a head (Hugging Face's), not neighbouring pairs
// (GGUF's).
type Weights struct {
	// Embed is [Vocab, Dim]. Head is the same matrix when they are tied.
	Embed, Head tensor.Matrix
	Norm        []float32 // [Dim]
	Layers      []Layer
}

// Layer is the weights of one block.
type Layer struct {
	AttnNorm, FFNNorm []float32     // [Dim]
	Q                 tensor.Matrix // [Heads*HeadDim, Dim]
	K, V              tensor.Matrix // [KVHeads*HeadDim, Dim]
	O                 tensor.Matrix // [Dim, Heads*HeadDim]
	Gate, Up          tensor.Matrix // [FFN, Dim]
	Down              tensor.Matrix // [Dim, FFN]
}
