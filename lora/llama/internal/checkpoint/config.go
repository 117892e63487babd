package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// settings has the fields of a config.json that are read.
type settings struct {
	Architectures  []string        `json:"architectures"`
	ModelType      string          `json:"model_type"`
	Activation     string          `json:"hidden_act"`
	Vocab          int             `json:"vocab_size"`
	Dim            int             `json:"hidden_size"`
	FFN            int             `json:"intermediate_size"`
	Layers         int             `json:"num_hidden_layers"`
	Heads          int             `json:"num_attention_heads"`
	KVHeads        *int            `json:"num_key_value_heads"`
	HeadDim        *int            `json:"head_dim"`
	Context        int             `json:"max_position_embeddings"`
	Eps            *float32        `json:"rms_norm_eps"`
	RopeTheta      *float64        `json:"rope_theta"`
	RopeScaling    *ropeSettings   `json:"rope_scaling"`
	RopeParameters *ropeSettings   `json:"rope_parameters"`
	Tied           bool            `json:"tie_word_embeddings"`
	AttentionBias  bool            `json:"attention_bias"`
	MLPBias        bool            `json:"mlp_bias"`
	Quantization   json.RawMessage `json:"quantization_config"`
	BOS            tokenIDs        `json:"bos_token_id"`
	EOS            tokenIDs        `json:"eos_token_id"`
}

type ropeSettings struct {
	Type     string   `json:"rope_type"`
	OldType  string   `json:"type"`
	Theta    *float64 `json:"rope_theta"`
	Factor   float64  `json:"factor"`
	Low      float64  `json:"low_freq_factor"`
	High     float64  `json:"high_freq_factor"`
	Original int      `json:"original_max_position_embeddings"`
}

// tokenIDs is a token, several, or none.
type tokenIDs []int

func (t *tokenIDs) UnmarshalJSON(data []byte) error {
	var one *int
	if json.Unmarshal(data, &one) == nil {
		*t = nil
		if one != nil {
			*t = tokenIDs{*one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]int)(t))
}

func parseSettings(data []byte) (*settings, error) {
	var s settings
	if err := unmarshal(data, &s); err != nil {
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			return nil, fmt.Errorf("config.json: offset %d: %w", syntax.Offset, err)
		}
		return nil, fmt.Errorf("config.json: %w", err)
	}
	return &s, nil
}

// unmarshal reads JSON as Python writes it, with NaN, Infinity and -Infinity.
// Such a value is an error, as a text would be, if its field is read.
func unmarshal(data []byte, v any) error {
	if !json.Valid(data) {
		data = notNumbers.ReplaceAllFunc(data, func(match []byte) []byte {
			if match[0] == '"' {
				return match
			}
			return []byte(strconv.Quote(string(match)))
		})
	}
	return json.Unmarshal(data, v)
}

// notNumbers matches strings too, which are left as they are.
var notNumbers = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?Infinity|NaN`)

// config returns the shape, with the defaults of transformers.
func (s *settings) config() (nn.Config, error) {
	switch {
	case s.ModelType != "llama" || len(s.Architectures) > 0 && s.Architectures[0] != "LlamaForCausalLM":
		return nn.Config{}, fmt.Errorf("config.json: model_type is %q and architectures %q; llama and LlamaForCausalLM are supported",
			s.ModelType, s.Architectures)
	case s.Activation != "" && s.Activation != "silu":
		return nn.Config{}, fmt.Errorf("config.json: hidden_act is %q; silu is supported", s.Activation)
	case s.AttentionBias || s.MLPBias:
		return nn.Config{}, errors.New("config.json: attention_bias or mlp_bias is set; models without biases are supported")
	case len(s.Quantization) > 0 && string(s.Quantization) != "null":
		return nn.Config{}, errors.New("config.json: quantization_config is set; F32, F16 and BF16 are supported, and quantised models as GGUF")
	}
	c := nn.Config{
		Vocab: s.Vocab, Dim: s.Dim, Layers: s.Layers, Heads: s.Heads, KVHeads: s.Heads, FFN: s.FFN,
		Context: s.Context, Eps: 1e-6, RopeTheta: 10000,
	}
	if s.Context == 0 {
		c.Context = 2048
	}
	if s.KVHeads != nil {
		c.KVHeads = *s.KVHeads
	}
	if s.HeadDim != nil {
		c.HeadDim = *s.HeadDim
	} else if s.Heads > 0 {
		c.HeadDim = s.Dim / s.Heads
	}
	if s.Eps != nil {
		c.Eps = *s.Eps
	}
	if err := s.rope(&c); err != nil {
		return nn.Config{}, fmt.Errorf("config.json: %w", err)
	}
	if err := check(&c); err != nil {
		return nn.Config{}, fmt.Errorf("config.json: %w", err)
	}
	return c, nil
}

func (s *settings) rope(c *nn.Config) error {
	if s.RopeTheta != nil {
		c.RopeTheta = *s.RopeTheta
	}
	r := s.RopeScaling
	if r == nil {
		r = s.RopeParameters // of transformers 5
	}
	if r == nil {
		return nil
	}
	if r.Theta != nil {
		c.RopeTheta = *r.Theta
	}
	kind := r.Type
	if kind == "" {
		kind = r.OldType
	}
	switch kind {
	case "", "default":
	case "linear":
		c.RopeScaling = &nn.RopeScaling{Factor: r.Factor}
	case "llama3":
		c.RopeScaling = &nn.RopeScaling{Factor: r.Factor, LowFreqFactor: r.Low, HighFreqFactor: r.High, OriginalContext: r.Original}
	default:
		return fmt.Errorf("rope_scaling is of type %q; default, linear and llama3 are supported", kind)
	}
	return nil
}
