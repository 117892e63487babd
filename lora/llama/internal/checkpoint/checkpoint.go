// Package checkpoint opens a model that is stored as a directory of Hugging
// Face's or as a GGUF file: the shape, the weights as views of the mapped files,
// the tokenizer and the chat template.
//
// Weights are not copied, with one exception: GGUF has the rows of queries and keys
// in another order, so these two are copied. Measure returns how much memory they
// take without allocating it.
package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/pastime-go/pastime/internal/mmap"
	"github.com/pastime-go/pastime/lora/llama/internal/chat"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
	"github.com/pastime-go/pastime/lora/llama/internal/safetensors"
	"github.com/pastime-go/pastime/lora/llama/internal/tokenizer"
)

// Checkpoint is an open model. Its weights must not be used after Close.
type Checkpoint struct {
	Config    nn.Config
	Weights   nn.Weights
	Tokenizer *tokenizer.Tokenizer
	// Template is nil when the model has none. Rendering a refused template is an
	// error.
	Template *chat.Template
	// Name is the model's name in its files, or else their own name.
	Name string
	// Digest is a hash, in hexadecimal, of everything that decides what the model
	// does.
	Digest string
	// Allocated is the number of bytes of the weights that are not mapped.
	Allocated int64
	// Files are a directory's files beside the weights, by name; nil for GGUF.
	Files map[string][]byte
	// Release says that the bytes of a weight are not read for a while: they need not stay
	// in memory.
	Release func(data []byte)
	close   func() error
}

// Close unmaps the files.
func (c *Checkpoint) Close() error {
	if c.close == nil {
		return nil
	}
	err := c.close()
	c.close, c.Weights = nil, nn.Weights{}
	return err
}

// model is a stored model of either kind whose headers have been read.
type model interface {
	name() string
	config() (nn.Config, error)
	// weights finds the weights. With plan set it only counts.
	weights(c *nn.Config, plan bool) (w nn.Weights, allocated int64, err error)
	tokenizer() (*tokenizer.Tokenizer, error)
	template(t *tokenizer.Tokenizer) (*chat.Template, error)
	// content calls each for everything that decides what the model does.
	content(each func(name string, data []byte) error) error
	// release says of a part of the files that it is not read for a while.
	release(data []byte)
	io.Closer
}

// Open opens the model at path: a directory with config.json, tokenizer.json and
// safetensors files, or a GGUF file. Where a directory has both model.safetensors
// and an index of several files, Open takes the one file. It reads the whole
// model once, for the digest, until ctx ends.
func Open(ctx context.Context, path string) (*Checkpoint, error) {
	m, err := open(path)
	if err != nil {
		return nil, err
	}
	return loadOrClose(ctx, path, m)
}

// OpenFS is Open for a directory of a file system, such as an embedded one. The
// weights must be in one file, which is read into memory.
func OpenFS(ctx context.Context, fsys fs.FS, name string) (*Checkpoint, error) {
	m, err := openFS(fsys, name)
	if err != nil {
		return nil, err
	}
	return loadOrClose(ctx, name, m)
}

func loadOrClose(ctx context.Context, path string, m model) (*Checkpoint, error) {
	c, err := load(ctx, m)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("checkpoint: %s: %w", path, err), m.Close())
	}
	return c, nil
}

// Measured is a model's shape, how many bytes Open would allocate for its weights, and
// whether any of them are quantised.
type Measured struct {
	Config    nn.Config
	Allocated int64
	Quantised bool
}

// Measure measures the model at path; it allocates nothing of the weights' size.
func Measure(path string) (Measured, error) {
	m, err := open(path)
	if err != nil {
		return Measured{}, err
	}
	defer m.Close()
	var of Measured
	var w nn.Weights
	if of.Config, err = m.config(); err == nil {
		w, of.Allocated, err = m.weights(&of.Config, true)
	}
	if err != nil {
		return Measured{}, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	of.Quantised = w.Quantised()
	return of, nil
}

// Weights calls use with the shape and the weights of the model at path, which
// are valid until use returns. It reads neither tokenizer nor template.
func Weights(path string, use func(c nn.Config, w *nn.Weights) error) error {
	m, err := open(path)
	if err != nil {
		return err
	}
	defer m.Close()
	c, err := m.config()
	if err != nil {
		return fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	w, _, err := m.weights(&c, false)
	if err != nil {
		return fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	return use(c, &w)
}

func open(path string) (model, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: opening: %w", err)
	}
	if info.IsDir() {
		return openDir(path)
	}
	f, err := mmap.OpenRegular(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: opening: %w", err)
	}
	defer f.Close()
	const model = "a GGUF file or a directory with config.json"
	start := make([]byte, 16) // of which GGUF has four
	n, err := io.ReadFull(f, start)
	if err != nil && n == 0 {
		return nil, fmt.Errorf("checkpoint: %s is empty or cannot be read (%w); %s was expected", path, err, model)
	}
	if start = start[:n]; !bytes.HasPrefix(start, []byte("GGUF")) {
		return nil, fmt.Errorf("checkpoint: %s begins with %q%s; %s was expected", path, start, safetensors.Pointer(start), model)
	}
	return openGGUF(path)
}

func load(ctx context.Context, m model) (*Checkpoint, error) {
	c := &Checkpoint{Name: m.name(), Release: m.release, close: m.Close}
	if d, ok := m.(*dir); ok {
		c.Files = d.files
	}
	var err error
	if c.Config, err = m.config(); err != nil {
		return nil, err
	}
	if _, _, err = m.weights(&c.Config, true); err != nil {
		return nil, err
	}
	if c.Tokenizer, err = m.tokenizer(); err != nil {
		return nil, err
	}
	if n := c.Tokenizer.Size(); n > c.Config.Vocab {
		return nil, fmt.Errorf("the tokenizer has %d tokens and the model %d", n, c.Config.Vocab)
	}
	if c.Template, err = m.template(c.Tokenizer); err != nil {
		return nil, err
	}
	if c.Digest, err = digest(ctx, m); err != nil {
		return nil, err
	}
	c.Weights, c.Allocated, err = m.weights(&c.Config, false)
	return c, err
}

// parseTemplate makes a model's template. It does not fail for a refused one,
// because the model can be used with another: rendering then fails, with an error
// that names the file. tools is the template for conversations with tools, or ""
// when it is the same.
func parseTemplate(from, source, tools, bos, eos string) *chat.Template {
	parse := func(source string) *chat.Template {
		t, err := chat.Parse(source, bos, eos)
		if err != nil {
			return chat.Unusable(bos, eos, fmt.Errorf("%s: %w", from, err))
		}
		return t
	}
	t := parse(source)
	if tools != "" {
		t = t.WithTools(parse(tools))
	}
	return t
}
