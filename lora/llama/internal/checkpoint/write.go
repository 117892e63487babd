package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"

	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/safetensors"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// WeightsName is the file of a directory's weights.
const WeightsName = weightsFile

// WriteWeights writes weights of type F32 as that file: in F32, or rounded to
// BF16.
func WriteWeights(out io.Writer, w *nn.Weights, kind tensor.Type) error {
	var tensors []safetensors.Tensor
	add := func(name string, m *tensor.Matrix, shape ...int) {
		t := safetensors.Tensor{Name: name, DType: kind.String(), Shape: shape, Data: m.Data}
		if kind == tensor.BF16 {
			t.Data = bfloat16(m.Floats())
		}
		tensors = append(tensors, t)
	}
	matrix := func(name string, m *tensor.Matrix) { add(name, m, m.Rows, m.Cols) }
	vector := func(name string, v []float32) {
		m := tensor.FromFloats(1, len(v), v)
		add(name, &m, len(v))
	}
	n := dirNames
	matrix(n.embed, &w.Embed)
	if !w.Tied() {
		matrix(n.head, &w.Head)
	}
	for i := range w.Layers {
		l, at := &w.Layers[i], func(name string) string { return fmt.Sprintf(name, i) }
		vector(at(n.attnNorm), l.AttnNorm)
		vector(at(n.ffnNorm), l.FFNNorm)
		for m, name := range []string{n.q, n.k, n.v, n.o, n.gate, n.up, n.down} {
			matrix(at(name), l.Linear(nn.Module(m)))
		}
	}
	vector(n.norm, w.Norm)
	return safetensors.Write(out, tensors, map[string]string{"format": "pt"})
}

// bfloat16 rounds to the nearest, ties to even.
func bfloat16(v []float32) []byte {
	out := make([]byte, 0, 2*len(v))
	for _, x := range v {
		bits := math.Float32bits(x)
		bits += 0x7fff + bits>>16&1
		out = binary.LittleEndian.AppendUint16(out, uint16(bits>>16))
	}
	return out
}

// FilesF32 returns a model's [Checkpoint.Files] for weights in F32: the
// configuration names that type.
func FilesF32(files map[string][]byte) (map[string][]byte, error) {
	var config map[string]json.RawMessage
	if err := unmarshal(files[configFile], &config); err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", configFile, err)
	}
	key := "torch_dtype"
	if _, ok := config["dtype"]; ok { // of transformers 5
		key = "dtype"
	}
	config[key] = json.RawMessage(`"float32"`)
	data, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", configFile, err)
	}
	files = maps.Clone(files)
	files[configFile] = append(data, '\n')
	return files, nil
}
