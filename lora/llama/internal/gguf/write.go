package gguf

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Write writes a file of version 3 with these entries and tensors, in this
// order, aligned to 32 bytes. The same input gives the same bytes.
func Write(w io.Writer, kvs []KV, tensors []Tensor) error {
	header, err := encodeHeader(kvs, tensors)
	if err != nil {
		return fmt.Errorf("gguf: writing: %w", err)
	}
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("gguf: writing: %w", err)
	}
	var zeros [defaultAlignment]byte
	for _, t := range tensors {
		if _, err := w.Write(t.Data); err != nil {
			return fmt.Errorf("gguf: writing tensor %q: %w", t.Name, err)
		}
		n := uint64(len(t.Data))
		if _, err := w.Write(zeros[:up(n, defaultAlignment)-n]); err != nil {
			return fmt.Errorf("gguf: writing tensor %q: %w", t.Name, err)
		}
	}
	return nil
}

func encodeHeader(kvs []KV, tensors []Tensor) ([]byte, error) {
	b := []byte(magic)
	b = binary.LittleEndian.AppendUint32(b, 3)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(tensors)))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(kvs)))
	seen := map[string]bool{}
	for _, kv := range kvs {
		if kv.Key == alignmentKey || seen[kv.Key] {
			return nil, fmt.Errorf("metadata %q: it is there twice, or Write's own", kv.Key)
		}
		seen[kv.Key] = true
		kind, value, err := encodeValue(kv.Value)
		if err != nil {
			return nil, fmt.Errorf("metadata %q: %w", kv.Key, err)
		}
		b = appendString(b, kv.Key)
		b = binary.LittleEndian.AppendUint32(b, kind)
		b = append(b, value...)
	}
	clear(seen)
	offset := uint64(0)
	for _, t := range tensors {
		if seen[t.Name] {
			return nil, fmt.Errorf("tensor %q: the name is taken", t.Name)
		}
		seen[t.Name] = true
		if err := t.check(); err != nil {
			return nil, err
		}
		b = appendString(b, t.Name)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(t.Shape)))
		for i := len(t.Shape) - 1; i >= 0; i-- {
			b = binary.LittleEndian.AppendUint64(b, uint64(t.Shape[i]))
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(t.Type))
		b = binary.LittleEndian.AppendUint64(b, offset)
		offset = up(offset+uint64(len(t.Data)), defaultAlignment)
	}
	n := uint64(len(b))
	return append(b, make([]byte, up(n, defaultAlignment)-n)...), nil
}

// check compares a tensor's data with its shape.
func (t Tensor) check() error {
	l, ok := layouts[t.Type]
	if !ok {
		return fmt.Errorf("tensor %q: an unknown %v", t.Name, t.Type)
	}
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	row := 1
	if len(t.Shape) > 0 {
		row = t.Shape[len(t.Shape)-1]
	}
	if len(t.Shape) > maxDims || row%l.values != 0 || n < 0 || n/l.values*l.bytes != len(t.Data) {
		return fmt.Errorf("tensor %q: %d bytes for %v of %v", t.Name, len(t.Data), t.Shape, t.Type)
	}
	return nil
}

func appendString(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
}

// encodeValue returns a value's type and its bytes.
func encodeValue(v any) (kind uint32, b []byte, err error) {
	le := binary.LittleEndian
	switch x := v.(type) {
	case uint8:
		return kindUint8, []byte{x}, nil
	case int8:
		return kindInt8, []byte{byte(x)}, nil
	case uint16:
		return kindUint16, le.AppendUint16(nil, x), nil
	case int16:
		return kindInt16, le.AppendUint16(nil, uint16(x)), nil
	case uint32:
		return kindUint32, le.AppendUint32(nil, x), nil
	case int32:
		return kindInt32, le.AppendUint32(nil, uint32(x)), nil
	case float32:
		return kindFloat32, le.AppendUint32(nil, math.Float32bits(x)), nil
	case bool:
		if x {
			return kindBool, []byte{1}, nil
		}
		return kindBool, []byte{0}, nil
	case string:
		return kindString, appendString(nil, x), nil
	case uint64:
		return kindUint64, le.AppendUint64(nil, x), nil
	case int64:
		return kindInt64, le.AppendUint64(nil, uint64(x)), nil
	case float64:
		return kindFloat64, le.AppendUint64(nil, math.Float64bits(x)), nil
	case []uint8:
		return encodeItems(kindUint8, x)
	case []int8:
		return encodeItems(kindInt8, x)
	case []uint16:
		return encodeItems(kindUint16, x)
	case []int16:
		return encodeItems(kindInt16, x)
	case []uint32:
		return encodeItems(kindUint32, x)
	case []int32:
		return encodeItems(kindInt32, x)
	case []float32:
		return encodeItems(kindFloat32, x)
	case []bool:
		return encodeItems(kindBool, x)
	case []string:
		return encodeItems(kindString, x)
	case []uint64:
		return encodeItems(kindUint64, x)
	case []int64:
		return encodeItems(kindInt64, x)
	case []float64:
		return encodeItems(kindFloat64, x)
	}
	return 0, nil, fmt.Errorf("a %T has no place in GGUF", v)
}

func encodeItems[T any](kind uint32, items []T) (uint32, []byte, error) {
	b := binary.LittleEndian.AppendUint32(nil, kind)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(items)))
	for _, v := range items {
		_, one, err := encodeValue(v)
		if err != nil {
			return 0, nil, err
		}
		b = append(b, one...)
	}
	return kindArray, b, nil
}
