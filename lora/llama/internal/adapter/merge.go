package adapter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/internal/durable"
	"github.com/pastime-go/pastime/lora/llama/internal/gguf"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/safetensors"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// merged is a matrix in float32 with the adapter's change added. Where its rows are
// in pairs, heads is the number of heads to reorder them in; else it is 0.
func merged(pool *kernel.Pool, m tensor.Matrix, a *nn.Adapter, low nn.LowRank, heads int) tensor.Matrix {
	v := make([]float32, m.Rows*m.Cols)
	for i := range m.Rows {
		m.Dequantize(v[i*m.Cols:][:m.Cols], i, 0)
	}
	b := slices.Clone(low.B)
	if heads > 0 {
		permute(b, low.B, heads, m.Rows/heads, a.Rank)
	}
	kernel.Scale(b, a.Scale)
	pool.Mul(kernel.View(v, m.Rows, m.Cols), kernel.View(b, m.Rows, a.Rank), kernel.View(low.A, a.Rank, m.Cols), true)
	return tensor.FromFloats(m.Rows, m.Cols, v)
}

// MergeDir writes the model in a Hugging Face directory, with an adapter merged
// into it, to another directory, which must not exist. All weights are in one
// file, the changed ones as F32. The other files are copied.
func MergeDir(ctx context.Context, base string, c *nn.Config, a *nn.Adapter, out string) (err error) {
	set, err := openDir(base)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	pool := kernel.NewPool(0)
	var tensors []safetensors.Tensor
	for _, name := range set.Names() {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		t, _ := set.Get(name)
		if layer, m, ok := parseHFName(name); ok && layer < c.Layers && a.Layers[layer][m].A != nil {
			w, err := t.Matrix()
			if err != nil {
				return fmt.Errorf("lora: merging: %w", err)
			}
			if err := shaped(c, m, w); err != nil {
				return fmt.Errorf("lora: merging: tensor %q: %w", name, err)
			}
			w = merged(pool, w, a, a.Layers[layer][m], 0)
			t = safetensors.Tensor{Name: name, DType: "F32", Shape: t.Shape, Data: w.Data}
		}
		tensors = append(tensors, t)
	}
	err = durable.NewDir(out, filepath.Clean(out)+".merging", func(dir string) error {
		if err := copyFiles(dir, base); err != nil {
			return err
		}
		return create(filepath.Join(dir, "model.safetensors"), func(w io.Writer) error {
			return safetensors.Write(w, tensors, map[string]string{"format": "pt"})
		})
	})
	if err != nil {
		return fmt.Errorf("lora: merging: %w", err)
	}
	return nil
}

// copyFiles copies the files beside a model's weights.
func copyFiles(to, from string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		weights := slices.Contains([]string{".safetensors", ".bin", ".pt", ".pth", ".gguf"}, filepath.Ext(e.Name()))
		if weights || strings.HasSuffix(e.Name(), ".index.json") {
			continue
		}
		path := filepath.Join(from, e.Name())
		// Links are followed: the files in Hugging Face's cache are links.
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if err := copyFile(filepath.Join(to, e.Name()), path); err != nil {
			return err
		}
	}
	return nil
}

// openDir maps a directory's weights, in one file or many.
func openDir(dir string) (*safetensors.Set, error) {
	index := filepath.Join(dir, "model.safetensors.index.json")
	if _, err := os.Stat(index); err == nil {
		return safetensors.Open(index)
	}
	return safetensors.Open(filepath.Join(dir, "model.safetensors"))
}

// parseHFName parses a name such as model.layers.3.mlp.up_proj.weight.
func parseHFName(name string) (layer int, m nn.Module, ok bool) {
	parts := strings.Split(name, ".")
	if len(parts) != 6 || parts[0] != "model" || parts[1] != "layers" || parts[5] != "weight" {
		return 0, 0, false
	}
	layer, err := strconv.Atoi(parts[2])
	m, known := nn.ParseModule(parts[4])
	return layer, m, err == nil && layer >= 0 && known && parts[3] == block(m)
}

// MergeGGUF is MergeDir for a GGUF file.
func MergeGGUF(ctx context.Context, base string, c *nn.Config, a *nn.Adapter, out string) (err error) {
	f, mapped, err := gguf.Open(base)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mapped.Close()) }()
	pool := kernel.NewPool(0)
	tensors := slices.Clone(f.Tensors)
	for i, t := range tensors {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		layer, m, _, ok := parseGGUFName(t.Name + ".lora_a")
		if !ok || layer >= c.Layers || a.Layers[layer][m].A == nil {
			continue
		}
		w, err := t.Matrix()
		if err != nil {
			return fmt.Errorf("lora: merging: %w", err)
		}
		if err := shaped(c, m, w); err != nil {
			return fmt.Errorf("lora: merging: tensor %q: %w", t.Name, err)
		}
		tensors[i] = gguf.FromMatrix(t.Name, merged(pool, w, a, a.Layers[layer][m], rotated(c, m)))
	}
	kvs := slices.DeleteFunc(slices.Clone(f.KVs), func(kv gguf.KV) bool { return kv.Key == "general.alignment" })
	if err := create(out, func(w io.Writer) error { return gguf.Write(w, kvs, tensors) }); err != nil {
		return fmt.Errorf("lora: merging: %w", err)
	}
	return nil
}

func shaped(c *nn.Config, m nn.Module, w tensor.Matrix) error {
	if out, in := c.Shape(m); w.Rows != out || w.Cols != in {
		return fmt.Errorf("its shape is [%d,%d]; the model's is [%d,%d]", w.Rows, w.Cols, out, in)
	}
	return nil
}

// create writes a file that must not exist.
func create(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func copyFile(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	return create(to, func(w io.Writer) error {
		_, err := io.Copy(w, src)
		return err
	})
}
