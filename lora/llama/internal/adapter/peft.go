package adapter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pastime-go/pastime/internal/mmap"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/safetensors"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// The files of a PEFT directory.
const (
	ConfigName = "adapter_config.json"
	ModelName  = "adapter_model.safetensors"
)

// maxConfig is the size of the largest configuration that is read, in bytes.
const maxConfig = 1 << 20

// Config is the part of PEFT's adapter_config.json that is used here.
type Config struct {
	Rank    int
	Alpha   float64
	Dropout float64
	RSLoRA  bool
	// Base is the base model; adapter_config.json has its name.
	Base Base
	// Modules are the names of the targeted modules.
	Modules []string
}

// Scale is what the adapter's change is multiplied by.
func (c Config) Scale() float64 {
	if c.RSLoRA {
		return c.Alpha / math.Sqrt(float64(c.Rank))
	}
	return c.Alpha / float64(c.Rank)
}

// peftConfig is the file.
type peftConfig struct {
	PeftType      string  `json:"peft_type"`
	TaskType      string  `json:"task_type"`
	BaseModel     string  `json:"base_model_name_or_path"`
	R             int     `json:"r"`
	Alpha         float64 `json:"lora_alpha"`
	Dropout       float64 `json:"lora_dropout"`
	Bias          string  `json:"bias"`
	Targets       any     `json:"target_modules"`
	RSLoRA        bool    `json:"use_rslora"`
	InferenceMode bool    `json:"inference_mode"`
}

// begin are the initialisations that leave the base as it is. Others, such as
// PiSSA's, change the base's weights, and the adapter then fits only the
// changed base.
var begin = []any{nil, true, false, "gaussian", "eva", "orthogonal"}

// unsupported are fields that change what an adapter does. They must be null,
// false or empty.
var unsupported = []string{
	"alora_invocation_tokens", "alpha_pattern", "arrow_config", "fan_in_fan_out", "kasa_config", "layer_replication", "lora_bias",
	"modules_to_save", "monteclora_config", "rank_pattern", "target_parameters", "trainable_token_indices", "use_bdlora", "use_dora",
	"use_qalora",
}

// Encode returns the text of a configuration file.
func (c Config) Encode() ([]byte, error) {
	text, err := json.MarshalIndent(peftConfig{
		PeftType: "LORA", TaskType: "CAUSAL_LM", BaseModel: c.Base.Name, R: c.Rank, Alpha: c.Alpha,
		Dropout: c.Dropout, Bias: "none", Targets: c.Modules, RSLoRA: c.RSLoRA, InferenceMode: true,
	}, "", "  ")
	return append(text, '\n'), err
}

// ParseConfig reads a configuration file. It refuses settings that would be
// applied wrongly.
func ParseConfig(data []byte) (Config, error) {
	c := peftConfig{Bias: "none", PeftType: "LORA", Alpha: 8, R: 8} // PEFT's defaults
	if err := json.Unmarshal(data, &c); err != nil {
		return Config{}, err
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return Config{}, err
	}
	for _, name := range unsupported {
		switch v := fields[name].(type) {
		case nil:
		case bool:
			if v {
				return Config{}, fmt.Errorf("%s is true; supported is false", name)
			}
		default:
			if text := fmt.Sprint(v); text != "[]" && text != "map[]" {
				return Config{}, fmt.Errorf("%s is %v; supported is none", name, v)
			}
		}
	}
	if v := fields["init_lora_weights"]; !slices.Contains(begin, v) {
		return Config{}, fmt.Errorf("init_lora_weights is %v; it may change the base's weights too, and only adapters on an unchanged base "+
			"are supported; PEFT converts one when it is saved with path_initial_model_for_weight_conversion", v)
	}
	for _, f := range []struct {
		name string
		bad  bool
		got  any
		want string
	}{
		{"peft_type", c.PeftType != "LORA", c.PeftType, `"LORA"`},
		{"r", c.R < 1 || c.R > 4096, c.R, "1 to 4096"},
		{"lora_alpha", !(math.Abs(c.Alpha) <= 1e6), c.Alpha, "a number"},
		{"bias", c.Bias != "none" && c.Bias != "", c.Bias, `"none"`},
	} {
		if f.bad {
			return Config{}, fmt.Errorf("%s is %v; supported is %s", f.name, f.got, f.want)
		}
	}
	return Config{Rank: c.R, Alpha: c.Alpha, Dropout: c.Dropout, RSLoRA: c.RSLoRA, Base: Base{Name: c.BaseModel}}, nil
}

// WriteModel writes the values of an adapter under PEFT's names, and the base
// that they were trained on.
func WriteModel(w io.Writer, c *nn.Config, a *nn.Adapter, base Base) error {
	var tensors []safetensors.Tensor
	for l := range a.Layers {
		for m, low := range a.Layers[l] {
			if low.A == nil {
				continue
			}
			out, in := c.Shape(nn.Module(m))
			name := peftName(l, nn.Module(m))
			tensors = append(tensors, floats(name+".lora_A.weight", low.A, a.Rank, in), floats(name+".lora_B.weight", low.B, out, a.Rank))
		}
	}
	about := map[string]string{"format": "pt"}
	if base.Digest != "" {
		about[keyBaseDigest], about[keyBaseWeights] = base.Digest, base.Sketch.text()
	}
	return safetensors.Write(w, tensors, about)
}

func floats(name string, v []float32, rows, cols int) safetensors.Tensor {
	return safetensors.Tensor{Name: name, DType: "F32", Shape: []int{rows, cols}, Data: tensor.FromFloats(rows, cols, v).Data}
}

func peftName(layer int, m nn.Module) string {
	return fmt.Sprintf("base_model.model.model.layers.%d.%s.%v", layer, block(m), m)
}

func block(m nn.Module) string {
	if m >= nn.Gate {
		return "mlp"
	}
	return "self_attn"
}

// ReadPEFT reads the adapter in a PEFT directory for a model of shape c.
func ReadPEFT(dir string, c *nn.Config) (*nn.Adapter, Config, error) {
	path := filepath.Join(dir, ConfigName)
	text, err := readSmall(path)
	if err != nil {
		return nil, Config{}, fmt.Errorf("lora: reading an adapter: %w", err)
	}
	conf, err := ParseConfig(text)
	if err != nil {
		return nil, Config{}, fmt.Errorf("lora: %s: %w", path, err)
	}
	path = filepath.Join(dir, ModelName)
	data, err := mmap.ReadRegular(path)
	if err != nil {
		return nil, Config{}, fmt.Errorf("lora: reading an adapter: %w", err)
	}
	a, err := ParseModel(path, data, c, &conf)
	return a, conf, err
}

// ParseModel reads the values of an adapter, and sets conf.Base to what the file
// says of its base. Every tensor must belong to the model and be one of a pair.
func ParseModel(path string, data []byte, c *nn.Config, conf *Config) (*nn.Adapter, error) {
	file, err := safetensors.Parse(path, data)
	if err != nil {
		return nil, err
	}
	if conf.Base, err = parseBase(conf.Base.Name, file.Metadata[keyBaseDigest], file.Metadata[keyBaseWeights]); err != nil {
		return nil, fmt.Errorf("lora: %s: %w", path, err)
	}
	a := &nn.Adapter{Rank: conf.Rank, Scale: float32(conf.Scale()), Layers: make([]nn.AdapterLayer, c.Layers)}
	for _, t := range file.Tensors {
		layer, m, b, ok := parsePEFTName(t.Name)
		if !ok || layer >= c.Layers {
			return nil, fmt.Errorf("lora: %s: tensor %q is no linear layer of a Llama model with %d layers", path, t.Name, c.Layers)
		}
		w, err := t.Matrix()
		if err != nil {
			return nil, fmt.Errorf("lora: %s: %w", path, err)
		}
		if err := place(a, c, layer, m, b, w); err != nil {
			return nil, fmt.Errorf("lora: %s: tensor %q: %w", path, t.Name, err)
		}
	}
	if err := paired(a); err != nil {
		return nil, fmt.Errorf("lora: %s: %w", path, err)
	}
	return a, nil
}

// parsePEFTName parses a name such as
// base_model.model.model.layers.3.mlp.up_proj.lora_A.weight.
func parsePEFTName(name string) (layer int, m nn.Module, b, ok bool) {
	rest, ok := strings.CutPrefix(name, "base_model.model.model.layers.")
	if !ok {
		return 0, 0, false, false
	}
	parts := strings.Split(rest, ".")
	if len(parts) != 5 || parts[4] != "weight" || parts[3] != "lora_A" && parts[3] != "lora_B" {
		return 0, 0, false, false
	}
	layer, err := strconv.Atoi(parts[0])
	m, known := nn.ParseModule(parts[2])
	return layer, m, parts[3] == "lora_B", err == nil && layer >= 0 && known && parts[1] == block(m)
}

// place copies a tensor to its place in a.
func place(a *nn.Adapter, c *nn.Config, layer int, m nn.Module, b bool, w tensor.Matrix) error {
	out, in := c.Shape(m)
	rows, cols, dst := a.Rank, in, &a.Layers[layer][m].A
	if b {
		rows, cols, dst = out, a.Rank, &a.Layers[layer][m].B
	}
	if w.Rows != rows || w.Cols != cols {
		return fmt.Errorf("its shape is [%d,%d]; the model's layer and rank %d want [%d,%d]", w.Rows, w.Cols, a.Rank, rows, cols)
	}
	if *dst != nil {
		return errors.New("it is there twice")
	}
	v := make([]float32, rows*cols)
	for i := range rows {
		w.Dequantize(v[i*cols:][:cols], i, 0)
	}
	*dst = v
	return nil
}

// paired refuses an adapter with only one matrix of a pair, or with none.
func paired(a *nn.Adapter) error {
	any := false
	for l := range a.Layers {
		for m, low := range a.Layers[l] {
			if (low.A == nil) != (low.B == nil) {
				return fmt.Errorf("layer %d's %v has only one of its two matrices", l, nn.Module(m))
			}
			any = any || low.A != nil
		}
	}
	if !any {
		return errors.New("it changes no layer")
	}
	return nil
}

func readSmall(path string) ([]byte, error) {
	f, err := mmap.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err == nil && len(data) > maxConfig {
		err = fmt.Errorf("%s: more than %d bytes", path, maxConfig)
	}
	return data, err
}
