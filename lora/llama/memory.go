package llama

import (
	"errors"
	"fmt"

	"github.com/pastime-go/pastime/internal/mmap"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/sample"
)

// memoryPlan is how a model divides the memory that it may take.
type memoryPlan struct {
	pack  bool // a second copy of the weights
	pages int  // of keys and values
}

// planMemory plans before more than taken bytes are allocated, which hold the
// weights that cannot be used from their file. The longest text must fit.
func planMemory(c *nn.Config, w *nn.Weights, taken int64, o Options) (memoryPlan, error) {
	left, err := spare(c, taken, o)
	if err != nil {
		return memoryPlan{}, err
	}
	var p memoryPlan
	if packed := nn.PackedBytes(c, w); packed <= left {
		p.pack = true
		left -= packed
	}
	p.pages = longest(c) + int(left/c.PageBytes())
	return p, nil
}

// longest is the pages of the longest text.
func longest(c *nn.Config) int { return nn.Pages(c.Context, 0) + 1 }

// spare is the memory beyond the model's least needs.
func spare(c *nn.Config, taken int64, o Options) (int64, error) {
	text := int64(longest(c)) * c.PageBytes()
	// Each request has logits after its prompt, which are kept, and in the present
	// step.
	step := nn.StepSize(c, piece+o.Batch) + int64(2*o.Batch+maxIdle)*int64(c.Vocab)*4 + int64(o.Threads)*sample.ScratchSize(c.Vocab)
	left := o.MaxMemory - taken - text - step
	if left < 0 {
		return 0, fmt.Errorf("%w: the model takes %s: its weights %s, a text of %d tokens %s, the work on %d requests %s; "+
			"Options.MaxMemory is %s; lower Options.Context or Options.Batch", ErrMemory,
			megabytes(taken+text+step), megabytes(taken), c.Context, megabytes(text), o.Batch, megabytes(step), megabytes(o.MaxMemory))
	}
	return left, nil
}

// arena is memory outside of Go's heap. The copy of the weights is there, because
// Go lets as much garbage gather as its heap is large.
type arena []*mmap.File

func (a *arena) alloc(size int) []byte {
	f, err := mmap.Anonymous(size)
	if err != nil {
		return make([]byte, size)
	}
	*a = append(*a, f)
	return f.Data
}

func (a *arena) free() (err error) {
	for _, f := range *a {
		err = errors.Join(err, f.Close())
	}
	*a = nil
	return err
}

// megabytes writes a size for people.
func megabytes(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
