package llama

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/internal/mmap"
	adapterfile "github.com/pastime-go/pastime/lora/llama/internal/adapter"
	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// ErrAdapter is the error of a request for an adapter that is not loaded. It is a
// [hobby.ErrInvalid].
var ErrAdapter = fmt.Errorf("llama: %w: no such adapter", hobby.ErrInvalid)

// adapter is a loaded adapter; nil is the base without one.
type adapter struct {
	id     uint64
	a      *nn.Adapter
	digest string
	base   string // the digest of its base; "" when unknown
}

// number identifies the adapter within this process; 0 is the base.
func (a *adapter) number() uint64 {
	if a == nil {
		return 0
	}
	return a.id
}

func (a *adapter) weights() *nn.Adapter {
	if a == nil {
		return nil
	}
	return a.a
}

// use makes an adapter available under a name.
func (m *Model) use(name string, a *nn.Adapter, digest, base string) error {
	if name == "" {
		return errors.New("llama: an adapter needs a name; the empty one is the base")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	m.last++
	m.adapters[name] = &adapter{id: m.last, a: a, digest: digest, base: base}
	return nil
}

// LoadAdapter implements [hobby.AdapterHost]. The path is a directory of PEFT's
// or a GGUF file of llama.cpp's. An adapter that was trained on another model is
// refused with [lora.ErrBase]; the same model in another format is accepted (see
// the package's documentation). Where the files do not name their base, only the
// shapes are checked. A loaded adapter of the same name is replaced. Answers that
// began with the old one are finished with it.
func (m *Model) LoadAdapter(ctx context.Context, name, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a, base, err := readAdapter(path, &m.config, m.base())
	if err != nil {
		return fmt.Errorf("llama: adapter %q: %w", name, err)
	}
	return m.use(name, a, weightsDigest(a), base)
}

// AdapterInfo describes a loaded adapter.
type AdapterInfo struct {
	// WeightsDigest is the SHA-256 of the rank, the scale and the values. It is the
	// same for every file format. The digest of a [lora.Artifact] is of one file.
	WeightsDigest string
	// Base is the digest of the base model that it was trained on. It is this
	// model's own digest, or that of the same model in another format. It is "" when
	// the adapter's files do not name their base, as those of other programs.
	Base string
}

// Adapter describes a loaded adapter. The error is an [ErrAdapter] when there
// is none.
func (m *Model) Adapter(name string) (AdapterInfo, error) {
	a, err := m.adapterNamed(name)
	if err == nil && a == nil { // the base
		err = fmt.Errorf("%w: %q", ErrAdapter, name)
	}
	if err != nil {
		return AdapterInfo{}, err
	}
	return AdapterInfo{WeightsDigest: a.digest, Base: a.base}, nil
}

// base returns the base that adapters are compared with.
func (m *Model) base() adapterfile.Base {
	return adapterfile.Base{Digest: m.digest, Name: m.info.Name, Sketch: m.sketch}
}

// readAdapter reads an adapter's files for a model, and refuses those that were
// trained on another one. It returns the digest of the base that the files
// name.
func readAdapter(path string, c *nn.Config, model adapterfile.Base) (a *nn.Adapter, digest string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", err
	}
	var base adapterfile.Base
	if info.IsDir() {
		var conf adapterfile.Config
		a, conf, err = adapterfile.ReadPEFT(path, c)
		base = conf.Base
	} else {
		var data []byte
		if data, err = mmap.ReadRegular(path); err == nil {
			a, base, err = adapterfile.ParseGGUF(path, data, c)
		}
	}
	// A wrong base is reported before the shapes that do not fit because of it.
	if err := base.Check(model); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return a, base.Digest, err
}

// weightsDigest hashes an adapter's rank, scale and values.
func weightsDigest(a *nn.Adapter) string {
	h := sha256.New()
	buf := binary.LittleEndian.AppendUint32(nil, uint32(a.Rank))
	buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(a.Scale))
	for l := range a.Layers {
		for m, low := range a.Layers[l] {
			buf = append(buf, byte(m))
			for _, values := range [][]float32{low.A, low.B} {
				buf = binary.LittleEndian.AppendUint64(buf, uint64(len(values)))
				for _, v := range values {
					buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
				}
				h.Write(buf)
				buf = buf[:0]
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// adapterNamed finds a loaded adapter. The empty name is the base.
func (m *Model) adapterNamed(name string) (*adapter, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if name == "" {
		return nil, nil
	}
	return m.loaded(name)
}

// loaded finds an adapter. The lock must be held.
func (m *Model) loaded(name string) (*adapter, error) {
	a := m.adapters[name]
	switch {
	case a != nil:
		return a, nil
	case m.closed:
		return nil, ErrClosed
	}
	return nil, fmt.Errorf("%w: %q", ErrAdapter, name)
}

// UnloadAdapter implements [hobby.AdapterHost]. Answers that began with the
// adapter are finished with it.
func (m *Model) UnloadAdapter(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.loaded(name); err != nil {
		return err
	}
	delete(m.adapters, name)
	return nil
}
