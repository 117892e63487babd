package gguf

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/pastime-go/pastime/internal/mmap"
)

const (
	magic = "GGUF"
	// defaultAlignment is the alignment of tensors when the metadata names none.
	defaultAlignment = 32
	alignmentKey     = "general.alignment"
	maxDims          = 4
)

// The numbers of the metadata's types.
const (
	kindUint8 = iota
	kindInt8
	kindUint16
	kindInt16
	kindUint32
	kindInt32
	kindFloat32
	kindBool
	kindString
	kindArray
	kindUint64
	kindInt64
	kindFloat64
)

// Open maps the file at path and parses it. Tensors are valid until the mapping
// is closed.
func Open(path string) (*File, *mmap.File, error) {
	m, err := mmap.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("gguf: opening: %w", err)
	}
	f, err := Parse(path, m.Data)
	if err != nil {
		return nil, nil, errors.Join(err, m.Close())
	}
	return f, m, nil
}

// Parse reads a file that is in memory, without copying tensors. Errors call it
// name. A file is refused when its sizes are wrong or its tensors overlap.
func Parse(name string, data []byte) (*File, error) {
	r := &reader{data: data}
	f, err := parse(r)
	if err != nil {
		return nil, fmt.Errorf("gguf: %s: %w", name, err)
	}
	return f, nil
}

func parse(r *reader) (*File, error) {
	if got := string(r.take(4)); got != magic {
		return nil, fmt.Errorf("offset 0: %q; %q was expected", got, magic)
	}
	f := &File{Version: r.uint32()}
	if r.err != nil {
		return nil, r.err
	}
	if f.Version != 2 && f.Version != 3 {
		hint := ""
		if v := bits.ReverseBytes32(f.Version); v == 2 || v == 3 {
			hint = " (the file is big-endian, which is not supported)"
		}
		return nil, fmt.Errorf("offset 4: version %d; 2 or 3 was expected%s", f.Version, hint)
	}
	// The least size of a tensor and of an entry bounds how many there can be.
	nt, nkv := r.count("tensors", 8+4+4+8), r.count("metadata entries", 8+4+1)
	if r.err != nil {
		return nil, r.err
	}
	seen := make(map[string]bool)
	for range nkv {
		at := r.at
		key := r.string()
		if r.err == nil && seen[key] {
			return nil, fmt.Errorf("offset %d: metadata %q is there twice", at, key)
		}
		seen[key] = true
		v := r.value(r.uint32())
		if r.err != nil {
			return nil, fmt.Errorf("metadata %q: %w", key, r.err)
		}
		f.KVs = append(f.KVs, KV{key, v})
	}
	places, err := tensorInfos(r, nt)
	if err != nil {
		return nil, err
	}
	return f, f.place(r, places)
}

// place finds the tensors' data and checks that no two overlap.
func (f *File) place(r *reader, places []info) error {
	align, ok, err := Lookup[uint32](f, alignmentKey)
	if err != nil {
		return err
	}
	if !ok {
		align = defaultAlignment
	}
	if bits.OnesCount32(align) != 1 {
		return fmt.Errorf("metadata %q is %d; a power of two was expected", alignmentKey, align)
	}
	base := min(up(uint64(r.at), uint64(align)), uint64(len(r.data)))
	body := r.data[base:]
	for _, p := range places {
		if p.offset%uint64(align) != 0 {
			return fmt.Errorf("tensor %q: offset %d is no multiple of the alignment %d", p.Name, p.offset, align)
		}
		if p.offset > uint64(len(body)) || p.size > uint64(len(body))-p.offset {
			return fmt.Errorf("tensor %q: %d bytes at offset %d of the data; the data of the file ends at %d; is the file complete?",
				p.Name, p.size, p.offset, len(body))
		}
		p.Data = body[p.offset : p.offset+p.size : p.offset+p.size]
		f.Tensors = append(f.Tensors, p.Tensor)
	}
	slices.SortFunc(places, func(a, b info) int {
		if a.offset != b.offset {
			return cmp.Compare(a.offset, b.offset)
		}
		return cmp.Compare(a.size, b.size)
	})
	for i := 1; i < len(places); i++ {
		a, b := places[i-1], places[i]
		if a.offset+a.size > b.offset {
			return fmt.Errorf("tensor %q: offset %d of the data is within tensor %q, which ends at %d", b.Name, b.offset, a.Name, a.offset+a.size)
		}
	}
	return nil
}

// info is a tensor's entry in the list of tensors.
type info struct {
	Tensor
	offset, size uint64
}

func tensorInfos(r *reader, n int) ([]info, error) {
	var infos []info
	seen := make(map[string]bool)
	for range n {
		at := r.at
		t := info{Tensor: Tensor{Name: r.string()}}
		dims := r.uint32()
		if r.err == nil && dims > maxDims {
			return nil, fmt.Errorf("offset %d: tensor %q has %d dimensions; at most %d were expected", at, t.Name, dims, maxDims)
		}
		values := uint64(1)
		for range dims {
			d := r.uint64()
			hi, lo := bits.Mul64(values, d)
			if r.err == nil && (hi != 0 || lo > math.MaxInt64/256 || d > math.MaxInt) {
				return nil, r.fail("tensor %q: a dimension of %d", t.Name, d)
			}
			values = lo
			t.Shape = append(t.Shape, int(d))
		}
		t.Type = Type(r.uint32())
		t.offset = r.uint64()
		if r.err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, r.err)
		}
		if seen[t.Name] {
			return nil, fmt.Errorf("offset %d: tensor %q is there twice", at, t.Name)
		}
		seen[t.Name] = true
		l, ok := layouts[t.Type]
		if !ok {
			return nil, fmt.Errorf("offset %d: tensor %q has an unknown %v; %s are supported", at, t.Name, t.Type, supported())
		}
		if row := uint64(1); dims > 0 {
			row = uint64(t.Shape[0])
			if row%uint64(l.values) != 0 {
				return nil, fmt.Errorf("offset %d: tensor %q has rows of %d values, and %v has blocks of %d", at, t.Name, row, t.Type, l.values)
			}
		}
		t.size = values / uint64(l.values) * uint64(l.bytes)
		slices.Reverse(t.Shape)
		infos = append(infos, t)
	}
	return infos, nil
}

// up is the next multiple of align, a power of two.
func up(n, align uint64) uint64 { return (n + align - 1) &^ (align - 1) }

// reader reads values until the first error, which stays.
type reader struct {
	data []byte
	at   int
	err  error
}

func (r *reader) fail(format string, args ...any) error {
	if r.err == nil {
		r.err = fmt.Errorf("offset %d: "+format, append([]any{r.at}, args...)...)
	}
	return r.err
}

func (r *reader) take(n uint64) []byte {
	if r.err != nil {
		return nil
	}
	if left := len(r.data) - r.at; n > uint64(left) {
		r.fail("%d bytes were expected, and %d are left; is the file complete?", n, left)
		return nil
	}
	b := r.data[r.at : r.at+int(n)]
	r.at += int(n)
	return b
}

func (r *reader) uint8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) bool() bool {
	b := r.uint8()
	if b > 1 {
		r.fail("a boolean of %d; 0 or 1 was expected", b)
	}
	return b == 1
}

func (r *reader) string() string { return string(r.take(r.uint64())) }

// count reads the number of things that follow, each of at least size bytes.
func (r *reader) count(what string, size int) int {
	n := r.uint64()
	if most := uint64(len(r.data)-r.at) / uint64(size); r.err == nil && n > most {
		r.at -= 8
		r.fail("%d %s, and %d at most fit in the file", n, what, most)
		return 0
	}
	return int(n)
}

// value reads a value of a kind, which is never an array of arrays.
func (r *reader) value(kind uint32) any {
	if kind == kindArray {
		return r.array()
	}
	switch kind {
	case kindUint8:
		return r.uint8()
	case kindInt8:
		return int8(r.uint8())
	case kindUint16:
		return r.uint16()
	case kindInt16:
		return int16(r.uint16())
	case kindUint32:
		return r.uint32()
	case kindInt32:
		return int32(r.uint32())
	case kindFloat32:
		return math.Float32frombits(r.uint32())
	case kindBool:
		return r.bool()
	case kindString:
		return r.string()
	case kindUint64:
		return r.uint64()
	case kindInt64:
		return int64(r.uint64())
	case kindFloat64:
		return math.Float64frombits(r.uint64())
	}
	r.fail("type %d of a value; 0 to 12 was expected", kind)
	return nil
}

func (r *reader) array() any {
	switch kind := r.uint32(); kind {
	case kindUint8:
		return slices.Clone(r.take(r.uint64()))
	case kindInt8:
		return items(r, 1, func() int8 { return int8(r.uint8()) })
	case kindUint16:
		return items(r, 2, r.uint16)
	case kindInt16:
		return items(r, 2, func() int16 { return int16(r.uint16()) })
	case kindUint32:
		return items(r, 4, r.uint32)
	case kindInt32:
		return items(r, 4, func() int32 { return int32(r.uint32()) })
	case kindFloat32:
		return items(r, 4, func() float32 { return math.Float32frombits(r.uint32()) })
	case kindBool:
		return items(r, 1, r.bool)
	case kindString:
		return items(r, 8, r.string)
	case kindUint64:
		return items(r, 8, r.uint64)
	case kindInt64:
		return items(r, 8, func() int64 { return int64(r.uint64()) })
	case kindFloat64:
		return items(r, 8, func() float64 { return math.Float64frombits(r.uint64()) })
	case kindArray:
		r.fail("an array of arrays is not supported")
	default:
		r.fail("type %d of an array's values; 0 to 12 was expected", kind)
	}
	return nil
}

// items reads an array of values that take at least size bytes each.
func items[T any](r *reader, size int, read func() T) []T {
	v := make([]T, r.count("values", size))
	for i := range v {
		v[i] = read()
		if r.err != nil {
			return nil
		}
	}
	return v
}
