package gguf

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// values draws a value of each type that the metadata can have.
var values = []func(t *rapid.T) any{
	func(t *rapid.T) any { return rapid.Uint8().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.Int8().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.Uint16().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.Int16().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.Uint32().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.Int32().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.Uint64().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.Int64().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.Float32().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.Float64().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.Bool().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.String().Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOfN(rapid.Uint8(), 1, 3).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.Int8()).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.Uint16()).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.Int16()).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.Uint32()).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.Int32()).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.Uint64()).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.Int64()).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.Float32()).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.Float64()).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.Bool()).Draw(t, "v") },
	func(t *rapid.T) any { return rapid.SliceOf(rapid.String()).Draw(t, "v") },
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := File{Version: 3}
		for _, key := range rapid.SliceOfNDistinct(rapid.String(), 0, 5, rapid.ID).Draw(t, "keys") {
			want.KVs = append(want.KVs, KV{key, rapid.SampledFrom(values).Draw(t, "kind")(t)})
		}
		for _, name := range rapid.SliceOfNDistinct(rapid.String(), 0, 4, rapid.ID).Draw(t, "names") {
			kind := rapid.SampledFrom([]Type{F32, F16, Q8_0, 14, 26}).Draw(t, "type")
			l := layouts[kind]
			x := Tensor{Name: name, Type: kind, Shape: rapid.SliceOfN(rapid.IntRange(0, 3), 1, 4).Draw(t, "shape")}
			x.Shape[len(x.Shape)-1] *= l.values
			n := l.bytes
			for _, d := range x.Shape {
				n *= d
			}
			x.Data = make([]byte, n/l.values)
			for i := range x.Data {
				x.Data[i] = byte(i * 7)
			}
			want.Tensors = append(want.Tensors, x)
		}
		var b bytes.Buffer
		if err := Write(&b, want.KVs, want.Tensors); err != nil {
			t.Fatal(err)
		}
		got, err := Parse("x", b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// builder writes files that Write would not.
type builder struct{ bytes.Buffer }

func (b *builder) add(values ...any) *builder {
	for _, v := range values {
		if s, ok := v.(string); ok {
			b.add(uint64(len(s)))
			b.WriteString(s)
			continue
		}
		if err := binary.Write(b, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	return b
}

// file begins a file with these counts.
func file(tensors, kvs uint64) *builder {
	return new(builder).add([]byte(magic), uint32(3), tensors, kvs)
}

// vector is the info of a tensor of F32 values.
func (b *builder) vector(name string, n, offset uint64) *builder {
	return b.add(name, uint32(1), n, uint32(F32), offset)
}

func (b *builder) body(n int) []byte {
	for b.Len()%defaultAlignment != 0 {
		b.WriteByte(0)
	}
	b.Write(make([]byte, n))
	return b.Bytes()
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":        {nil, `offset 0: ""; "GGUF" was expected`},
		"another format": {[]byte("ggjt1234"), `offset 0: "ggjt"; "GGUF" was expected`},
		"version 1":      {new(builder).add([]byte(magic), uint32(1)).Bytes(), "offset 4: version 1; 2 or 3 was expected"},
		"big-endian":     {new(builder).add([]byte(magic), uint32(3<<24)).Bytes(), "big-endian"},
		"no counts":      {new(builder).add([]byte(magic), uint32(3)).Bytes(), "offset 8: 8 bytes were expected"},
		"many tensors":   {file(1<<60, 0).Bytes(), "offset 8: 1152921504606846976 tensors"},
		"many entries":   {file(0, 1<<60).Bytes(), "offset 16: 1152921504606846976 metadata entries"},
		"long key":       {file(0, 1).add(uint64(1<<62), make([]byte, 9)).Bytes(), "4611686018427387904 bytes were expected"},
		"unknown type":   {file(0, 1).add("k", uint32(13)).Bytes(), `metadata "k": offset 37: type 13`},
		"no boolean":     {file(0, 1).add("k", uint32(kindBool), uint8(2)).Bytes(), "a boolean of 2"},
		"key twice": {file(0, 2).add("k", uint32(kindUint8), uint8(2), "k", uint32(kindUint8), uint8(2)).Bytes(),
			`metadata "k" is there twice`},
		"long array": {file(0, 1).add("k", uint32(kindArray), uint32(kindString), uint64(1<<50)).Bytes(), "1125899906842624 values"},
		"array of arrays": {file(0, 1).add("k", uint32(kindArray), uint32(kindArray), uint64(1), uint32(kindUint8),
			uint64(0)).Bytes(), "array of arrays"},
		"array of nothing": {file(0, 1).add("k", uint32(kindArray), uint32(99), uint64(1)).Bytes(), "type 99"},
		"string array cut": {file(0, 1).add("k", uint32(kindArray), uint32(kindString), uint64(2), "a", uint64(9)).Bytes(),
			"9 bytes were expected"},
		"many dimensions": {file(1, 0).add("t", uint32(5), make([]byte, 60)).Bytes(), `tensor "t" has 5 dimensions`},
		"overflow":        {file(1, 0).add("t", uint32(2), uint64(1<<40), uint64(1<<40), uint32(0), uint64(0)).Bytes(), "a dimension of"},
		"unknown format":  {file(1, 0).add("t", uint32(1), uint64(1), uint32(99), uint64(0)).Bytes(), "unknown type 99"},
		"part of a block": {file(1, 0).add("t", uint32(1), uint64(33), uint32(Q8_0), uint64(0)).body(64), "rows of 33 values"},
		"beyond the end": {file(1, 0).vector("t", 9, 0).body(32),
			`tensor "t": 36 bytes at offset 0 of the data; the data of the file ends at 32`},
		"no data":     {file(1, 0).vector("t", 9, 0).Bytes(), "ends at 0"},
		"far away":    {file(1, 0).vector("t", 9, math.MaxUint64-31).body(64), "at offset"},
		"not aligned": {file(1, 0).vector("t", 1, 4).body(64), "alignment 32"},
		"overlap": {file(2, 0).vector("a", 16, 0).vector("b", 16, 32).body(96),
			`tensor "b": offset 32 of the data is within tensor "a", which ends at 64`},
		"same place":         {file(2, 0).vector("a", 16, 0).vector("b", 16, 0).body(96), "is within"},
		"name twice":         {file(2, 0).vector("a", 8, 0).vector("a", 8, 32).body(64), `tensor "a" is there twice`},
		"odd alignment":      {file(0, 1).add(alignmentKey, uint32(kindUint32), uint32(24)).Bytes(), "a power of two was expected"},
		"alignment of zero":  {file(0, 1).add(alignmentKey, uint32(kindUint32), uint32(0)).Bytes(), "a power of two was expected"},
		"alignment's type":   {file(0, 1).add(alignmentKey, uint32(kindUint8), uint8(32)).Bytes(), "a uint32 was expected"},
		"tensor infos ended": {append(file(2, 0).vector("a", 8, 0).Bytes(), make([]byte, 20)...), `tensor ""`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("file", c.data)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "gguf: file: ") {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestWriteRefuses(t *testing.T) {
	one := Tensor{Name: "a", Type: F32, Shape: []int{1}, Data: make([]byte, 4)}
	for name, err := range map[string]error{
		"value":     Write(&bytes.Buffer{}, []KV{{"k", 1}}, nil),
		"alignment": Write(&bytes.Buffer{}, []KV{{alignmentKey, uint32(64)}}, nil),
		"key twice": Write(&bytes.Buffer{}, []KV{{"k", true}, {"k", true}}, nil),
		"size":      Write(&bytes.Buffer{}, nil, []Tensor{{Name: "a", Type: F32, Shape: []int{2}, Data: make([]byte, 4)}}),
		"type":      Write(&bytes.Buffer{}, nil, []Tensor{{Name: "a", Type: 99}}),
		"twice":     Write(&bytes.Buffer{}, nil, []Tensor{one, one}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestLookups(t *testing.T) {
	f := &File{KVs: []KV{{"u", uint32(7)}, {"s", "text"}, {"big", uint64(math.MaxUint64)}}}
	if s, ok, err := Lookup[string](f, "s"); s != "text" || !ok || err != nil {
		t.Errorf("s: %q, %v, %v", s, ok, err)
	}
	if _, ok, err := Lookup[string](f, "none"); ok || err != nil {
		t.Errorf("none: %v, %v", ok, err)
	}
	if _, _, err := Lookup[string](f, "u"); err == nil || err.Error() != `metadata "u" is a uint32; a string was expected` {
		t.Errorf("a number as a string: %v", err)
	}
	if n, ok, err := f.Int("u"); n != 7 || !ok || err != nil {
		t.Errorf("u: %d, %v, %v", n, ok, err)
	}
	for _, key := range []string{"s", "big"} {
		if _, _, err := f.Int(key); err == nil {
			t.Errorf("%s as a whole number: no error", key)
		}
	}
}

func TestMatrix(t *testing.T) {
	m, err := Tensor{Name: "a", Type: Q4_1, Shape: []int{3, 64}, Data: make([]byte, 120)}.Matrix()
	if err != nil || m.Type != tensor.Q4_1 || m.Rows != 3 || m.Cols != 64 {
		t.Errorf("%+v, %v", m, err)
	}
	if diff := cmp.Diff(Tensor{Name: "b", Type: Q4_1, Shape: []int{3, 64}, Data: m.Data}, FromMatrix("b", m)); diff != "" {
		t.Error(diff)
	}
	_, err = Tensor{Name: "a", Type: 16, Shape: []int{1, 256}, Data: make([]byte, 66)}.Matrix()
	if err == nil || !strings.Contains(err.Error(), "type IQ2_XXS; F32, F16") {
		t.Errorf("an unsupported type: %v", err)
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.gguf")
	if err := os.WriteFile(path, file(1, 0).vector("a", 8, 0).body(32), 0o600); err != nil {
		t.Fatal(err)
	}
	f, m, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if x, ok := f.Get("a"); !ok || len(x.Data) != 32 {
		t.Errorf("a is %+v", x)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

// What parses is within the file, and writing it gives the same content.
func FuzzParse(f *testing.F) {
	f.Add(file(0, 0).Bytes())
	f.Add(file(2, 0).vector("a", 8, 0).vector("b", 8, 32).body(64))
	for _, v := range []any{"text", []string{"a", "b"}, []float32{1}, uint64(9), true, []bool{true}} {
		var b bytes.Buffer
		if err := Write(&b, []KV{{"key", v}}, []Tensor{{Name: "a", Type: Q8_0, Shape: []int{1, 32}, Data: make([]byte, 34)}}); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add(file(0, 1).add(alignmentKey, uint32(kindUint32), uint32(1<<31)).Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("fuzz", data)
		if err != nil {
			return
		}
		n := 0
		for _, x := range file.Tensors {
			n += len(x.Data)
			if m, err := x.Matrix(); err == nil && m.Rows > 0 && m.Rows*m.RowBytes() != len(m.Data) {
				t.Fatalf("%+v of %d bytes", m, len(m.Data))
			}
		}
		if n > len(data) {
			t.Fatalf("%d bytes of tensors in %d", n, len(data))
		}
		var b bytes.Buffer
		if err := Write(&b, file.KVs, file.Tensors); err != nil {
			return // it names an alignment
		}
		again, err := Parse("written", b.Bytes())
		if err != nil || len(again.KVs) != len(file.KVs) || len(again.Tensors) != len(file.Tensors) {
			t.Fatalf("%v, %d entries and %d tensors of %d and %d", err, len(again.KVs), len(again.Tensors), len(file.KVs), len(file.Tensors))
		}
	})
}
