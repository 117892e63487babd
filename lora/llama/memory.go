package llama

import (
	"fmt"

	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// memoryPlan is how a model divides the memory that it may take.
type memoryPlan struct {
	pack  bool // a second copy of the weights
	pages int  // of keys and values
}

// planMemory decides before anything is allocated. The longest text must fit.
func planMemory(c *nn.Config, w *nn.Weights, o Options) (memoryPlan, error) {
	page := c.PageBytes()
	longest := int64(nn.Pages(c.Context, 0)+1) * page
	logits := int64(o.Batch) * int64(c.Vocab) * 4
	left := o.MaxMemory - logits - longest
	if left < 0 {
		return memoryPlan{}, fmt.Errorf("%w: a text of %d tokens takes %s and the results of %d requests %s, which is more than Options.MaxMemory, %s; lower Options.Context or Options.Batch",
			ErrMemory, c.Context, megabytes(longest), o.Batch, megabytes(logits), megabytes(o.MaxMemory))
	}
	var p memoryPlan
	if packed := nn.PackedBytes(c, w); packed <= left {
		p.pack = true
		left -= packed
	}
	p.pages = int((left + longest) / page)
	return p, nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
