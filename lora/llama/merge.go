package llama

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pastime-go/pastime/internal/mmap"
	adapterfile "github.com/pastime-go/pastime/lora/llama/internal/adapter"
	"github.com/pastime-go/pastime/lora/llama/internal/checkpoint"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// Merge writes the model at base with an adapter merged into its weights to out,
// which must not exist: a directory when base is one, a GGUF file when base is one.
// The merged matrices are stored as F32, so the change is not rounded, and take that
// much memory meanwhile. The other weights and files are copied. A directory appears
// when it is complete. The base is not changed. An adapter of another base is
// refused with [lora.ErrBase].
func Merge(ctx context.Context, base, adapter, out string) error {
	return mmap.Guard(func() error { return merge(ctx, base, adapter, out) })
}

func merge(ctx context.Context, base, adapter, out string) error {
	var c nn.Config
	var a *nn.Adapter
	err := checkpoint.Weights(base, func(shape nn.Config, w *nn.Weights) (err error) {
		c = shape
		model := adapterfile.Base{Name: filepath.Base(base), Sketch: adapterfile.NewSketch(&c, w)}
		a, _, err = readAdapter(adapter, &c, model)
		return err
	})
	if err != nil {
		return fmt.Errorf("llama: merging: %w", err)
	}
	info, err := os.Stat(base)
	if err != nil {
		return fmt.Errorf("llama: merging: %w", err)
	}
	if info.IsDir() {
		return adapterfile.MergeDir(ctx, base, &c, a, out)
	}
	return adapterfile.MergeGGUF(ctx, base, &c, a, out)
}
