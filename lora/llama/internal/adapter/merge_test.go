package adapter

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/gguf"
	"github.com/pastime-go/pastime/lora/llama/internal/kernel"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// TestMergeDir holds that a merged directory computes what PEFT computes with
// base and adapter.
func TestMergeDir(t *testing.T) {
	v := openVectors(t, filepath.Join(peftDir, "vectors.safetensors"))
	a, _, err := ReadPEFT(filepath.Join(peftDir, "adapter"), peftShape)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "merged")
	if err := MergeDir(t.Context(), filepath.Join(peftDir, "base"), peftShape, a, out); err != nil {
		t.Fatal(err)
	}
	w := hfWeights(t, openVectors(t, filepath.Join(out, "model.safetensors")), "")
	logits, err := nn.NewPass(peftShape, w, nil, kernel.NewPool(1)).Logits(v.ints("tokens"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the merged model's logits", logits, v.floats(t, "adapter.logits"), 1e-5)
	if _, err := os.Stat(filepath.Join(out, "config.json")); err != nil {
		t.Error(err)
	}
	if err := MergeDir(t.Context(), filepath.Join(peftDir, "base"), peftShape, a, out); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto what exists: %v", err)
	}
}

// TestMergeDirOfLinks merges into a base whose files are links, as in Hugging
// Face's cache.
func TestMergeDirOfLinks(t *testing.T) {
	a, _, err := ReadPEFT(filepath.Join(peftDir, "adapter"), peftShape)
	if err != nil {
		t.Fatal(err)
	}
	base, out := t.TempDir(), filepath.Join(t.TempDir(), "merged")
	for _, name := range []string{"config.json", "model.safetensors"} {
		to, err := filepath.Abs(filepath.Join(peftDir, "base", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, filepath.Join(base, name)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	if err := MergeDir(t.Context(), base, peftShape, a, out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"config.json", "model.safetensors"} {
		if info, err := os.Lstat(filepath.Join(out, name)); err != nil || !info.Mode().IsRegular() {
			t.Errorf("%s of the merged model: %v, %v", name, info, err)
		}
	}
}

// TestMergeGGUF holds that a merged file differs from its base by the change,
// its rows in the file's order.
func TestMergeGGUF(t *testing.T) {
	w := hfWeights(t, openVectors(t, filepath.Join(peftDir, "base/model.safetensors")), "")
	a, _, err := ReadPEFT(filepath.Join(peftDir, "adapter"), peftShape)
	if err != nil {
		t.Fatal(err)
	}
	base, out := filepath.Join(t.TempDir(), "base.gguf"), filepath.Join(t.TempDir(), "merged.gguf")
	if err := os.WriteFile(base, baseGGUF(t, peftShape, w), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := MergeGGUF(t.Context(), base, peftShape, a, out); err != nil {
		t.Fatal(err)
	}
	f, mapped, err := gguf.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer mapped.Close()
	for _, m := range []nn.Module{nn.Q, nn.K, nn.Down} {
		x, ok := f.Get("blk.1." + ggufNames[m] + ".weight")
		if !ok {
			t.Fatal("a tensor is gone")
		}
		got, err := x.Matrix()
		if err != nil {
			t.Fatal(err)
		}
		low, old := a.Layers[1][m], w.Layers[1].Linear(m)
		row := make([]float32, got.Cols)
		for r := range got.Rows {
			from := r
			if heads := rotated(peftShape, m); heads > 0 {
				from = order(heads, got.Rows/heads)[r]
			}
			got.Dequantize(row, r, 0)
			for j, v := range row {
				want := float64(old.Floats()[from*got.Cols+j])
				for k := range a.Rank {
					want += float64(a.Scale) * float64(low.B[from*a.Rank+k]) * float64(low.A[k*got.Cols+j])
				}
				if math.Abs(float64(v)-want) > 1e-5 {
					t.Fatalf("%v[%d,%d] is %v, want %v", m, r, j, v, want)
				}
			}
		}
	}
	if len(f.KVs) < 10 {
		t.Errorf("%d entries of metadata", len(f.KVs))
	}
	if err := MergeGGUF(t.Context(), base, peftShape, a, out); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto what exists: %v", err)
	}
}
