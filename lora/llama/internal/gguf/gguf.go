// Package gguf reads and writes GGUF, the file format of ggml and llama.cpp:
// typed metadata, a list of tensors, and their bytes.
//
// The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
package gguf

import (
	"fmt"
	"slices"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// KV is an entry of the metadata. Value is a uint8, int8, uint16, int16, uint32,
// int32, uint64, int64, float32, float64, bool or string, or a slice of these.
type KV struct {
	Key   string
	Value any
}

// Tensor is a tensor of a file. Data is a view of the file's memory.
type Tensor struct {
	Name string
	Type Type
	// Shape has the rows first, as a matrix has: the reverse of the file's order.
	Shape []int
	Data  []byte
}

// Matrix returns a tensor of one or two dimensions as a matrix; a vector is one
// row. It is an error for other shapes and types.
func (t Tensor) Matrix() (tensor.Matrix, error) {
	kind, ok := kinds[t.Type]
	if !ok {
		return tensor.Matrix{}, fmt.Errorf("tensor %q has type %v; %s are supported", t.Name, t.Type, supported())
	}
	switch len(t.Shape) {
	case 1:
		return tensor.New(kind, 1, t.Shape[0], t.Data)
	case 2:
		return tensor.New(kind, t.Shape[0], t.Shape[1], t.Data)
	}
	return tensor.Matrix{}, fmt.Errorf("tensor %q has shape %v; a vector or a matrix was expected", t.Name, t.Shape)
}

// FromMatrix returns a matrix as a tensor that shares its memory.
func FromMatrix(name string, m tensor.Matrix) Tensor {
	return Tensor{Name: name, Type: TypeOf(m.Type), Shape: []int{m.Rows, m.Cols}, Data: m.Data}
}

// File is the content of a file.
type File struct {
	Version uint32
	KVs     []KV     // in the file's order
	Tensors []Tensor // in the file's order
}

// Get finds a tensor.
func (f *File) Get(name string) (Tensor, bool) {
	i := slices.IndexFunc(f.Tensors, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return Tensor{}, false
	}
	return f.Tensors[i], true
}

// Value returns an entry of the metadata, or nil when there is none.
func (f *File) Value(key string) any {
	i := slices.IndexFunc(f.KVs, func(kv KV) bool { return kv.Key == key })
	if i < 0 {
		return nil
	}
	return f.KVs[i].Value
}

// Lookup finds an entry of type T: ok is false when there is none, and it is an
// error when it has another type.
func Lookup[T any](f *File, key string) (v T, ok bool, err error) {
	switch x := f.Value(key).(type) {
	case nil:
		return v, false, nil
	case T:
		return x, true, nil
	default:
		return v, false, fmt.Errorf("metadata %q is a %T; a %T was expected", key, x, v)
	}
}

// Int finds an entry that is a whole number of any type that an int holds.
func (f *File) Int(key string) (v int, ok bool, err error) {
	const most = 1<<63 - 1
	n := int64(0)
	switch x := f.Value(key).(type) {
	case nil:
		return 0, false, nil
	case uint8:
		n = int64(x)
	case int8:
		n = int64(x)
	case uint16:
		n = int64(x)
	case int16:
		n = int64(x)
	case uint32:
		n = int64(x)
	case int32:
		n = int64(x)
	case int64:
		n = x
	case uint64:
		if x > most {
			return 0, false, fmt.Errorf("metadata %q is %d; a smaller number was expected", key, x)
		}
		n = int64(x)
	default:
		return 0, false, fmt.Errorf("metadata %q is a %T; a whole number was expected", key, x)
	}
	if int64(int(n)) != n {
		return 0, false, fmt.Errorf("metadata %q is %d; a smaller number was expected", key, n)
	}
	return int(n), true, nil
}
