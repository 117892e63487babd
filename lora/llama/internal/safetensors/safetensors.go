// Package safetensors reads and writes Hugging Face's safetensors files: a
// length, a JSON header that names tensors, and their bytes.
//
// The format: https://github.com/huggingface/safetensors#format
package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// maxHeader is the largest header that the format allows.
const maxHeader = 100_000_000

// metadataKey is the header's entry that is no tensor.
const metadataKey = "__metadata__"

// Tensor is a tensor of a file. Data is a view of the file's memory.
type Tensor struct {
	Name  string
	DType string // "F32", "BF16"...
	Shape []int
	Data  []byte
}

// sizes are the sizes in bytes of the types that have a whole number of bytes.
var sizes = map[string]int{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1,
	"I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
}

// Matrix returns a tensor of one or two dimensions as a matrix; a vector is one
// row. It is an error for other shapes and types.
func (t Tensor) Matrix() (tensor.Matrix, error) {
	kind, ok := map[string]tensor.Type{"F32": tensor.F32, "F16": tensor.F16, "BF16": tensor.BF16}[t.DType]
	if !ok {
		return tensor.Matrix{}, fmt.Errorf("tensor %q has type %s; F32, F16 and BF16 are supported", t.Name, t.DType)
	}
	switch len(t.Shape) {
	case 1:
		return tensor.New(kind, 1, t.Shape[0], t.Data)
	case 2:
		return tensor.New(kind, t.Shape[0], t.Shape[1], t.Data)
	}
	return tensor.Matrix{}, fmt.Errorf("tensor %q has shape %v; a vector or a matrix was expected", t.Name, t.Shape)
}

// File is what a file's header says.
type File struct {
	// Tensors are in the order of their data.
	Tensors  []Tensor
	Metadata map[string]string
}

// Pointer returns a remark for an error about a file that is a pointer of Git
// LFS, and else "". Clones have such a pointer in the file's place when LFS is
// not installed.
func Pointer(data []byte) string {
	if bytes.HasPrefix(data, []byte("version https://")) {
		return " (a pointer of Git LFS, in place of the file)"
	}
	return ""
}

// Parse reads a file that is in memory, without copying tensors. Errors call it
// name. A file is refused unless its tensors, one after another, are exactly its
// data.
func Parse(name string, data []byte) (*File, error) {
	f, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %s: %w", name, err)
	}
	return f, nil
}

func parse(data []byte) (*File, error) {
	if len(data) < 8 {
		return nil, fmt.Errorf("offset 0: %d bytes, and the header's length alone takes 8", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader || n > uint64(len(data)-8) {
		return nil, fmt.Errorf("offset 0: a header of %d bytes, in a file of %d%s", n, len(data), Pointer(data))
	}
	header, body := data[8:8+n], data[8+n:]
	f, places, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.begin != b.begin {
			return int(min(1, max(-1, a.begin-b.begin)))
		}
		return int(min(1, max(-1, a.end-b.end)))
	})
	at := int64(0)
	for _, p := range places {
		if p.begin == at && p.end > int64(len(body)) {
			return nil, fmt.Errorf("tensor %q: data_offsets [%d,%d], and the data of the file ends at %d; is the file complete?",
				p.Name, p.begin, p.end, len(body))
		}
		if p.begin != at || p.end < p.begin || p.end > int64(len(body)) {
			return nil, fmt.Errorf("tensor %q: data_offsets [%d,%d]; "+
				"a tensor that begins at %d and ends by %d was expected, with no gap or overlap", p.Name, p.begin, p.end, at, len(body))
		}
		if err := p.check(p.end - p.begin); err != nil {
			return nil, err
		}
		p.Data = body[p.begin:p.end:p.end]
		f.Tensors = append(f.Tensors, p.Tensor)
		at = p.end
	}
	if at != int64(len(body)) {
		return nil, fmt.Errorf("offset %d: %d bytes that belong to no tensor", 8+int64(n)+at, int64(len(body))-at)
	}
	return f, nil
}

// place is where a tensor's data is.
type place struct {
	Tensor
	begin, end int64
}

func parseHeader(header []byte) (*File, []place, error) {
	dec := json.NewDecoder(bytes.NewReader(header))
	fail := func(err error) error {
		return fmt.Errorf("header, offset %d: %w", 8+dec.InputOffset(), err)
	}
	if t, err := dec.Token(); err != nil {
		return nil, nil, fail(err)
	} else if t != json.Delim('{') {
		return nil, nil, fail(errors.New("a JSON object was expected"))
	}
	f := &File{}
	var places []place
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, nil, fail(err)
		}
		name, _ := t.(string)
		if seen[name] {
			return nil, nil, fail(fmt.Errorf("%q is there twice", name))
		}
		seen[name] = true
		if name == metadataKey {
			if err := dec.Decode(&f.Metadata); err != nil {
				return nil, nil, fail(fmt.Errorf("%s: %w", metadataKey, err))
			}
			continue
		}
		var entry struct {
			DType   *string `json:"dtype"`
			Shape   []int   `json:"shape"`
			Offsets []int64 `json:"data_offsets"`
		}
		if err := dec.Decode(&entry); err != nil {
			return nil, nil, fail(fmt.Errorf("tensor %q: %w", name, err))
		}
		if entry.DType == nil || entry.Shape == nil || len(entry.Offsets) != 2 {
			return nil, nil, fail(fmt.Errorf("tensor %q: dtype, shape and two data_offsets were expected", name))
		}
		places = append(places, place{Tensor{Name: name, DType: *entry.DType, Shape: entry.Shape}, entry.Offsets[0], entry.Offsets[1]})
	}
	if _, err := dec.Token(); err != nil {
		return nil, nil, fail(err)
	}
	if rest := bytes.TrimRight(header[dec.InputOffset():], " "); len(rest) > 0 {
		return nil, nil, fail(errors.New("text after the JSON object"))
	}
	return f, places, nil
}

// check compares the tensor's size with its shape. Unknown types pass; Matrix
// refuses them.
func (t Tensor) check(size int64) error {
	n := uint64(1)
	empty := slices.Contains(t.Shape, 0)
	for _, d := range t.Shape {
		hi, lo := bits.Mul64(n, uint64(d))
		if d < 0 || hi != 0 && !empty {
			return fmt.Errorf("tensor %q: a shape of %v", t.Name, t.Shape)
		}
		n = lo
	}
	each, ok := sizes[t.DType]
	if !ok {
		return nil
	}
	if empty {
		n = 0
	}
	if hi, want := bits.Mul64(n, uint64(each)); hi != 0 || want != uint64(size) {
		return fmt.Errorf("tensor %q: %d bytes for %v of %s", t.Name, size, t.Shape, t.DType)
	}
	return nil
}

// Get finds a tensor.
func (f *File) Get(name string) (Tensor, bool) {
	i := slices.IndexFunc(f.Tensors, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return Tensor{}, false
	}
	return f.Tensors[i], true
}
