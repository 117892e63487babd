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
	Memory
	form  nn.Form // whether with a second copy of the weights
	pages int     // of keys and values
}

// Memory is what a model takes, in bytes, as predicted when it is opened. Beside it are
// its files, which are mapped: of those that are also packed, little stays in memory.
type Memory struct {
	Weights int64 // those that are not used from the files, a copy of all for fast answers, and the vocabulary
	Text    int64 // the keys and values of one text as long as the context
	Work    int64 // on as many requests as are answered at once
}

// Total is the most that the model takes while it answers one request at a time. Many
// at once take more for their texts, up to [Options.MaxMemory].
func (m Memory) Total() int64 { return m.Weights + m.Text + m.Work }

// Memory returns what the model takes, as predicted when it was opened. Adapters that are
// loaded and training are not in it.
func (m *Model) Memory() Memory { return m.memory }

// planMemory plans before more than taken bytes are allocated, which hold the
// weights that cannot be used from their file. The longest text must fit.
func planMemory(c *nn.Config, w *nn.Weights, taken int64, o Options) (memoryPlan, error) {
	if o.EightBit && !w.Quantised() {
		return memoryPlan{}, ErrNotQuantised
	}
	least, err := least(c, taken, o)
	if err != nil {
		return memoryPlan{}, err
	}
	p, left := memoryPlan{Memory: least}, o.MaxMemory-least.Total()
	packed := nn.PackedBytes(c, w)
	switch {
	case o.EightBit && packed > left:
		return p, fmt.Errorf("%w: Options.EightBit needs a copy of the weights, %s beside the %s of the rest; Options.MaxMemory is %s",
			ErrMemory, megabytes(packed), megabytes(least.Total()), megabytes(o.MaxMemory))
	case o.EightBit:
		p.form = nn.EightBit
	case packed <= left:
		p.form = nn.Packed
	}
	if p.form != nn.Stored {
		p.Weights += packed
		left -= packed
	}
	p.pages = longest(c) + int(left/c.PageBytes())
	return p, nil
}

// perToken is what a token of the vocabulary takes in memory: SmolLM2's 49,152 take 4.2 MB, and
// Go lets as much garbage gather beside them.
const perToken = 170

// longest is the pages of the longest text.
func longest(c *nn.Config) int { return nn.Pages(c.Context, 0) + 1 }

// least is what the model takes without a copy of its weights. More than
// Options.MaxMemory is an error.
func least(c *nn.Config, taken int64, o Options) (Memory, error) {
	m := Memory{
		Weights: taken + perToken*int64(c.Vocab),
		Text:    int64(longest(c)) * c.PageBytes(),
		// Each request has logits after its prompt, which are kept, and in the present
		// step.
		Work: nn.StepSize(c, piece+o.Batch) + int64(2*o.Batch+maxIdle)*int64(c.Vocab)*4 + int64(o.Threads)*sample.ScratchSize(c.Vocab),
	}
	if o.EightBit {
		m.Work += nn.EightBitSize(c, piece+o.Batch, o.Threads)
	}
	if m.Total() > o.MaxMemory {
		return m, fmt.Errorf("%w: the model takes %s: its weights %s, a text of %d tokens %s, the work on %d requests %s; "+
			"Options.MaxMemory is %s; lower Options.Context or Options.Batch", ErrMemory,
			megabytes(m.Total()), megabytes(m.Weights), c.Context, megabytes(m.Text), o.Batch, megabytes(m.Work), megabytes(o.MaxMemory))
	}
	return m, nil
}

// arena is memory outside of Go's heap. The copy of the weights is there, because
// Go lets as much garbage gather as its heap is large. Weights follow each other in few
// mappings: so nearly all of them are in large pages, which are read nearly twice as fast.
type arena struct {
	mapped []*mmap.File
	left   []byte // of the last
	next   int    // the size of the next
}

// leastMapping and mostMapping are the sizes of the first mapping and of later ones, each twice
// the one before. What is not used of a mapping takes no memory.
const leastMapping, mostMapping = 4 << 20, 64 << 20

func (a *arena) alloc(size int) []byte {
	if size > len(a.left) {
		a.next = min(mostMapping, max(leastMapping, 2*a.next))
		f, err := mmap.Anonymous(max(size, a.next))
		if err != nil {
			return make([]byte, size)
		}
		a.mapped, a.left = append(a.mapped, f), f.Data
	}
	out := a.left[:size:size]
	a.left = a.left[min(len(a.left), (size+63)/64*64):]
	return out
}

func (a *arena) free() (err error) {
	for _, f := range a.mapped {
		err = errors.Join(err, f.Close())
	}
	*a = arena{}
	return err
}

// megabytes writes a size for people.
func megabytes(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
