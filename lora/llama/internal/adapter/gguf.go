package adapter

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/lora/llama/internal/gguf"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

var ggufNames = [nn.Modules]string{"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}

// The metadata that llama.cpp requires of an adapter.
const (
	keyArch  = "general.architecture"
	keyType  = "general.type"
	keyLora  = "adapter.type"
	keyAlpha = "adapter.lora.alpha"
)

// WriteGGUF writes an adapter for llama.cpp, and names its base. It scales by
// alpha/rank, and orders the rows of queries and keys for neighbouring pairs.
func WriteGGUF(w io.Writer, c *nn.Config, a *nn.Adapter, base Base) error {
	var tensors []gguf.Tensor
	for l := range a.Layers {
		for m, low := range a.Layers[l] {
			if low.A == nil {
				continue
			}
			m := nn.Module(m)
			out, in := c.Shape(m)
			b := low.B
			if heads := rotated(c, m); heads > 0 {
				b = make([]float32, len(low.B))
				permute(b, low.B, heads, out/heads, a.Rank)
			}
			name := fmt.Sprintf("blk.%d.%s.weight.lora_", l, ggufNames[m])
			tensors = append(tensors,
				gguf.FromMatrix(name+"a", tensor.FromFloats(a.Rank, in, low.A)),
				gguf.FromMatrix(name+"b", tensor.FromFloats(out, a.Rank, b)))
		}
	}
	about := []gguf.KV{
		{Key: keyArch, Value: "llama"}, {Key: keyType, Value: "adapter"}, {Key: keyLora, Value: "lora"},
		{Key: keyAlpha, Value: a.Scale * float32(a.Rank)},
	}
	if base.Digest != "" {
		about = append(about, gguf.KV{Key: keyBases, Value: uint32(1)}, gguf.KV{Key: keyBaseName, Value: base.Name},
			gguf.KV{Key: keyBaseDigest, Value: base.Digest}, gguf.KV{Key: keyBaseWeights, Value: base.Sketch.text()})
	}
	return gguf.Write(w, about, tensors)
}

// rotated returns the number of heads of m's rows when they are rotated, else 0.
func rotated(c *nn.Config, m nn.Module) int {
	switch m {
	case nn.Q:
		return c.Heads
	case nn.K:
		return c.KVHeads
	}
	return 0
}

// permute reorders the rows of every head from halves to neighbouring pairs: row
// j of half p goes to 2j+p. unpermute undoes it.
func permute(dst, src []float32, heads, rows, cols int) {
	for pair, half := range order(heads, rows) {
		copy(dst[pair*cols:][:cols], src[half*cols:])
	}
}

func unpermute(dst, src []float32, heads, rows, cols int) {
	for pair, half := range order(heads, rows) {
		copy(dst[half*cols:][:cols], src[pair*cols:])
	}
}

// order returns, for every row in the order of pairs, its place in the order of
// halves.
func order(heads, rows int) []int {
	out := make([]int, 0, heads*rows)
	for h := range heads {
		for j := range rows / 2 {
			out = append(out, h*rows+j, h*rows+rows/2+j)
		}
	}
	return out
}

// ParseGGUF reads an adapter that was written for llama.cpp, for a model of
// shape c. Name is what errors call the data.
func ParseGGUF(name string, data []byte, c *nn.Config) (*nn.Adapter, Base, error) {
	f, err := gguf.Parse(name, data)
	if err != nil {
		return nil, Base{}, err
	}
	base, err := baseFromGGUF(f)
	if err != nil {
		return nil, Base{}, fmt.Errorf("lora: %s: %w", name, err)
	}
	a, err := fromGGUF(f, c)
	if err != nil {
		return nil, base, fmt.Errorf("lora: %s: %w", name, err)
	}
	return a, base, nil
}

func baseFromGGUF(f *gguf.File) (Base, error) {
	name, _, err1 := gguf.Lookup[string](f, keyBaseName)
	digest, _, err2 := gguf.Lookup[string](f, keyBaseDigest)
	weights, _, err3 := gguf.Lookup[string](f, keyBaseWeights)
	if err := errors.Join(err1, err2, err3); err != nil {
		return Base{}, err
	}
	return parseBase(name, digest, weights)
}

func fromGGUF(f *gguf.File, c *nn.Config) (*nn.Adapter, error) {
	for _, kv := range []struct{ key, want string }{{keyType, "adapter"}, {keyLora, "lora"}, {keyArch, "llama"}} {
		got, _, err := gguf.Lookup[string](f, kv.key)
		if err != nil {
			return nil, err
		}
		if got != kv.want {
			return nil, fmt.Errorf("%s is %q; supported is %q", kv.key, got, kv.want)
		}
	}
	alpha, _, err := gguf.Lookup[float32](f, keyAlpha)
	if err != nil {
		return nil, err
	}
	a := &nn.Adapter{Layers: make([]nn.AdapterLayer, c.Layers)}
	for _, t := range f.Tensors {
		layer, m, b, ok := parseGGUFName(t.Name)
		if !ok || layer >= c.Layers {
			return nil, fmt.Errorf("tensor %q is no linear layer of a Llama model with %d layers", t.Name, c.Layers)
		}
		w, err := t.Matrix()
		if err != nil {
			return nil, err
		}
		rank := w.Rows
		if b {
			rank = w.Cols
		}
		if a.Rank == 0 {
			a.Rank = rank
		}
		if err := place(a, c, layer, m, b, w); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if heads := rotated(c, m); b && heads > 0 {
			low := &a.Layers[layer][m]
			v := make([]float32, len(low.B))
			unpermute(v, low.B, heads, w.Rows/heads, a.Rank)
			low.B = v
		}
	}
	if err := paired(a); err != nil {
		return nil, err
	}
	if a.Scale = alpha / float32(a.Rank); alpha == 0 {
		a.Scale = 1 // as in llama.cpp
	}
	return a, nil
}

// parseGGUFName parses a name such as blk.3.ffn_up.weight.lora_a.
func parseGGUFName(name string) (layer int, m nn.Module, b, ok bool) {
	parts := strings.Split(name, ".")
	if len(parts) != 5 || parts[0] != "blk" || parts[3] != "weight" || parts[4] != "lora_a" && parts[4] != "lora_b" {
		return 0, 0, false, false
	}
	layer, err := strconv.Atoi(parts[1])
	for m, n := range ggufNames {
		if n == parts[2] {
			return layer, nn.Module(m), parts[4] == "lora_b", err == nil && layer >= 0
		}
	}
	return 0, 0, false, false
}
