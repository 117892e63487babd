package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pastime-go/pastime/lora/llama/internal/chat"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/safetensors"
	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
	"github.com/pastime-go/pastime/lora/llama/internal/tokenizer"
)

// The files of a directory of Hugging Face's that are read, and their largest
// sizes.
const (
	configFile     = "config.json"
	adapterFile    = "adapter_config.json" // shows that the directory is an adapter
	tokenizerFile  = "tokenizer.json"
	tokenizerSetup = "tokenizer_config.json"
	generationFile = "generation_config.json"
	templateFile   = "chat_template.jinja"
	weightsFile    = "model.safetensors"
	indexFile      = "model.safetensors.index.json"

	maxSettings  = 16 << 20
	maxTokenizer = 512 << 20
)

var dirNames = names{
	embed: "model.embed_tokens.weight", head: "lm_head.weight", norm: "model.norm.weight",
	attnNorm: "model.layers.%d.input_layernorm.weight", ffnNorm: "model.layers.%d.post_attention_layernorm.weight",
	q: "model.layers.%d.self_attn.q_proj.weight", k: "model.layers.%d.self_attn.k_proj.weight",
	v: "model.layers.%d.self_attn.v_proj.weight", o: "model.layers.%d.self_attn.o_proj.weight",
	gate: "model.layers.%d.mlp.gate_proj.weight", up: "model.layers.%d.mlp.up_proj.weight", down: "model.layers.%d.mlp.down_proj.weight",
	ignored: []string{".rotary_emb.inv_freq"},
}

// dir is a model in a directory.
type dir struct {
	path     string
	fsys     fs.FS
	files    map[string][]byte // the small ones
	settings *settings
	tensors  *safetensors.Set
}

func openDir(path string) (model, error) {
	return newDir(path, os.DirFS(path), func() (*safetensors.Set, error) {
		// Where both are there, transformers takes the one file, too.
		weights := filepath.Join(path, weightsFile)
		if _, err := os.Stat(weights); errors.Is(err, fs.ErrNotExist) {
			if _, err := os.Stat(filepath.Join(path, indexFile)); err == nil {
				weights = filepath.Join(path, indexFile)
			}
		}
		return safetensors.Open(weights)
	})
}

// openFS opens a directory whose files cannot be mapped, with its weights in
// one file.
func openFS(fsys fs.FS, name string) (model, error) {
	return newDir(name, fsys, func() (*safetensors.Set, error) {
		data, err := fs.ReadFile(fsys, weightsFile)
		if err != nil {
			return nil, err
		}
		return safetensors.Memory(weightsFile, data)
	})
}

func newDir(path string, fsys fs.FS, weights func() (*safetensors.Set, error)) (model, error) {
	d := &dir{path: path, fsys: fsys, files: map[string][]byte{}}
	err := d.read()
	if err == nil {
		d.settings, err = parseSettings(d.files[configFile])
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	// A model of another kind is refused before its weights are read.
	if _, err := d.settings.config(); err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	d.tensors, err = weights()
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w (%s or %s and what it names was expected; other formats of weights are not supported)", err, weightsFile, indexFile)
	}
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	return d, nil
}

// read reads the small files. The first two must exist.
func (d *dir) read() error {
	for _, f := range []struct {
		name string
		most int64
		must bool
	}{
		{configFile, maxSettings, true}, {tokenizerFile, maxTokenizer, true}, {tokenizerSetup, maxSettings, false},
		{generationFile, maxSettings, false}, {templateFile, maxSettings, false},
	} {
		data, err := readFile(d.fsys, f.name, f.most)
		if errors.Is(err, fs.ErrNotExist) && !f.must {
			continue
		}
		if err != nil {
			if _, err := fs.Stat(d.fsys, adapterFile); err == nil && f.name == configFile {
				return fmt.Errorf("it is an adapter, which a model loads that is its base; %s was expected", configFile)
			}
			return fmt.Errorf("%s was expected: %w", f.name, err)
		}
		d.files[f.name] = data
	}
	return nil
}

func readFile(fsys fs.FS, name string, most int64) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	if info.Size() > most {
		return nil, fmt.Errorf("%s has %d bytes; a file of at most %d was expected", name, info.Size(), most)
	}
	return fs.ReadFile(fsys, name)
}

func (d *dir) name() string {
	path, err := filepath.Abs(d.path)
	if err != nil {
		path = d.path
	}
	return filepath.Base(path)
}

func (d *dir) config() (nn.Config, error) { return d.settings.config() }

func (d *dir) weights(c *nn.Config, plan bool) (w nn.Weights, allocated int64, err error) {
	l := loader{names: dirNames, all: d.tensors.Names(), plan: plan, matrix: func(name string) (tensor.Matrix, bool, error) {
		t, ok := d.tensors.Get(name)
		if !ok {
			return tensor.Matrix{}, false, nil
		}
		m, err := t.Matrix()
		return m, true, err
	}}
	w, err = l.load(c, d.settings.Tied)
	if !d.tensors.Mapped() {
		for _, data := range d.tensors.Data {
			l.allocated += int64(len(data))
		}
	}
	return w, l.allocated, err
}

// setup has the fields of a tokenizer_config.json that are read.
type setup struct {
	AddBOS   *bool        `json:"add_bos_token"`
	BOS      namedToken   `json:"bos_token"`
	EOS      namedToken   `json:"eos_token"`
	Template chatTemplate `json:"chat_template"`
}

// namedToken is a token by its text, which may be in an object.
type namedToken string

func (n *namedToken) UnmarshalJSON(data []byte) error {
	var text *string
	if json.Unmarshal(data, &text) == nil {
		if text != nil {
			*n = namedToken(*text)
		}
		return nil
	}
	var object struct{ Content string }
	err := json.Unmarshal(data, &object)
	*n = namedToken(object.Content)
	return err
}

// chatTemplate is a template, or those named default and tool_use of several.
type chatTemplate struct{ plain, tools string }

func (c *chatTemplate) UnmarshalJSON(data []byte) error {
	var text *string
	if json.Unmarshal(data, &text) == nil {
		if text != nil {
			*c = chatTemplate{plain: *text}
		}
		return nil
	}
	var several []struct{ Name, Template string }
	if err := json.Unmarshal(data, &several); err != nil {
		return err
	}
	for _, t := range several {
		switch t.Name {
		case "default":
			c.plain = t.Template
		case "tool_use":
			c.tools = t.Template
		}
	}
	return nil
}

func (d *dir) setup() (setup, error) {
	var s setup
	if data, ok := d.files[tokenizerSetup]; ok {
		if err := unmarshal(data, &s); err != nil {
			return s, fmt.Errorf("%s: %w", tokenizerSetup, err)
		}
	}
	return s, nil
}

func (d *dir) tokenizer() (*tokenizer.Tokenizer, error) {
	t, err := tokenizer.Parse(tokenizerFile, d.files[tokenizerFile])
	if err != nil {
		return nil, err
	}
	s, err := d.setup()
	if err != nil {
		return nil, err
	}
	e := tokenizer.Ends{BOS: t.BOS(), AddBOS: t.AddBOS()}
	if id, ok := t.Token(string(s.BOS)); ok {
		e.BOS = id
	} else if e.BOS < 0 && len(d.settings.BOS) > 0 {
		e.BOS = d.settings.BOS[0]
	}
	if s.AddBOS != nil {
		e.AddBOS = *s.AddBOS
	}
	if id, ok := t.Token(string(s.EOS)); ok {
		e.EOS = append(e.EOS, id)
	}
	var generation struct {
		EOS tokenIDs `json:"eos_token_id"`
	}
	if data, ok := d.files[generationFile]; ok {
		if err := unmarshal(data, &generation); err != nil {
			return nil, fmt.Errorf("%s: %w", generationFile, err)
		}
	}
	e.EOS = append(append(e.EOS, generation.EOS...), d.settings.EOS...)
	slices.Sort(e.EOS)
	e.EOS = slices.Compact(e.EOS)
	return t, t.SetEnds(e)
}

func (d *dir) template(*tokenizer.Tokenizer) (*chat.Template, error) {
	s, err := d.setup()
	if err != nil {
		return nil, err
	}
	source, from := s.Template, tokenizerSetup+"'s chat_template"
	if data, ok := d.files[templateFile]; ok {
		source, from = chatTemplate{plain: string(data)}, templateFile
	}
	if source.plain == "" {
		return nil, nil
	}
	return parseTemplate(from, source.plain, source.tools, string(s.BOS), string(s.EOS)), nil
}

func (d *dir) content(each func(name string, data []byte) error) error {
	for _, name := range []string{configFile, tokenizerFile, tokenizerSetup, generationFile, templateFile} {
		if data, ok := d.files[name]; ok {
			if err := each(name, data); err != nil {
				return err
			}
		}
	}
	for i, path := range d.tensors.Files {
		if err := each(filepath.Base(path), d.tensors.Data[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *dir) release(data []byte) { d.tensors.Release(data) }

func (d *dir) Close() error { return d.tensors.Close() }
