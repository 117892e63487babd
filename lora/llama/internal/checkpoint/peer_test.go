package checkpoint

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/gguf"
	"github.com/pastime-go/pastime/lora/llama/internal/safetensors"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

var peer = flag.String("peer", "", "the folder that .ci/peers formats wrote to")

// Every weight of SmolLM2-135M-Instruct is, to the bit, what Python's gguf makes
// of it, with the rows where transformers has them: as it is published, and in
// every type that llama.cpp has quantised it to (.ci/peers logits).
func TestPeerSmolLM2(t *testing.T) {
	if *peer == "" {
		t.Skip("without -peer")
	}
	files, err := filepath.Glob(filepath.Join(*peer, "smollm2*.gguf"))
	if err != nil || len(files) == 0 {
		t.Fatal("no models", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".gguf"), func(t *testing.T) { sameValues(t, path) })
	}
}

func sameValues(t *testing.T, path string) {
	of, err := Measure(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Tokenizer.Size() != 49152 || c.Template == nil || c.Allocated != of.Allocated {
		t.Errorf("%d tokens, template %v, %d bytes", c.Tokenizer.Size(), c.Template, c.Allocated)
	}
	data, err := os.ReadFile(strings.TrimSuffix(path, ".gguf") + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	n, kinds := 0, map[tensor.Type]int{}
	same := func(name string, m tensor.Matrix) {
		n++
		kinds[m.Type]++
		if got := hashFloats(floats(m)); got != want[name] {
			t.Errorf("%s (%v) hashes to %s, want %s", name, m.Type, got, want[name])
		}
	}
	vector := func(name string, v []float32) { same(name, tensor.FromFloats(1, len(v), v)) }
	g := ggufNames
	same(g.embed, c.Weights.Embed)
	if _, untied := want[g.head]; untied {
		same(g.head, c.Weights.Head)
	}
	vector(g.norm, c.Weights.Norm)
	for i, l := range c.Weights.Layers {
		vector(fmt.Sprintf(g.attnNorm, i), l.AttnNorm)
		vector(fmt.Sprintf(g.ffnNorm, i), l.FFNNorm)
		for name, m := range map[string]tensor.Matrix{g.q: l.Q, g.k: l.K, g.v: l.V, g.o: l.O, g.gate: l.Gate, g.up: l.Up, g.down: l.Down} {
			same(fmt.Sprintf(name, i), m)
		}
	}
	if n != len(want) {
		t.Errorf("%d tensors of %d", n, len(want))
	}
	t.Logf("%s, %+v, %d bytes of.Allocated, tensors %v", c.Name, c.Config, of.Allocated, kinds)
}

func hashFloats(v []float32) string {
	h := sha256.New()
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		if len(b) == 1<<16 {
			h.Write(b)
			b = b[:0]
		}
	}
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}

// TestPeerWrites writes files that .ci/peers formats then reads.
func TestPeerWrites(t *testing.T) {
	if *peer == "" {
		t.Skip("without -peer")
	}
	rng := rand.New(rand.NewPCG(1, 9))
	var tensors []gguf.Tensor
	bits := map[string][]uint32{}
	for kind := tensor.F32; kind <= tensor.IQ4XS; kind++ {
		values, size := kind.Block()
		data := make([]byte, 3*256/values*size)
		for i := range data {
			data[i] = byte(rng.Uint32()) & 0x3b // no infinity or NaN in any format
		}
		m, err := tensor.New(kind, 3, 256, data)
		if err != nil {
			t.Fatal(err)
		}
		name := kind.String()
		tensors = append(tensors, gguf.FromMatrix(name, m))
		for _, x := range floats(m) {
			bits[name] = append(bits[name], math.Float32bits(x))
		}
	}
	var b bytes.Buffer
	if err := gguf.Write(&b, []gguf.KV{{Key: "general.architecture", Value: "llama"}, {Key: "list", Value: []string{"a", "b"}}},
		tensors); err != nil {
		t.Fatal(err)
	}
	write(t, *peer, "ours.gguf", b.Bytes())
	write(t, *peer, "ours.json", asJSON(t, map[string]any{"bits": bits}))
	m := tensor.FromFloats(2, 3, []float32{0, 1, 2, 3, 4, 5})
	b.Reset()
	if err := safetensors.Write(&b, []safetensors.Tensor{{Name: "x", DType: "F32", Shape: []int{2, 3}, Data: m.Data}},
		map[string]string{"format": "pt"}); err != nil {
		t.Fatal(err)
	}
	write(t, *peer, "ours.safetensors", b.Bytes())
}
