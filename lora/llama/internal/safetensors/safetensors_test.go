package safetensors

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/lora/llama/internal/tensor"
)

// file is a file of this header and n bytes of data.
func file(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want File
		want.Metadata = rapid.MapOfN(rapid.String(), rapid.String(), 1, 3).Draw(t, "metadata")
		names := rapid.SliceOfNDistinct(rapid.StringN(1, 9, -1), 0, 5, rapid.ID).Draw(t, "names")
		for _, name := range names {
			x := Tensor{
				Name:  name,
				DType: rapid.SampledFrom([]string{"F32", "BF16", "I64", "U8"}).Draw(t, "type"),
				Shape: rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "shape"),
			}
			n := sizes[x.DType]
			for _, d := range x.Shape {
				n *= d
			}
			x.Data = rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "data")
			want.Tensors = append(want.Tensors, x)
		}
		var b, again bytes.Buffer
		if err := Write(&b, want.Tensors, want.Metadata); err != nil {
			t.Fatal(err)
		}
		if err := Write(&again, want.Tensors, want.Metadata); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Fatalf("written again: %v, other bytes", err)
		}
		got, err := Parse("x", b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		byName := func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) }
		slices.SortFunc(got.Tensors, byName) // empty tensors share their place
		slices.SortFunc(want.Tensors, byName)
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":     {nil, "offset 0"},
		"long header": {append(binary.LittleEndian.AppendUint64(nil, 1<<63), '{', '}'), "offset 0: a header of 9223372036854775808 bytes"},
		"no object":   {file(`[]`, 0), "a JSON object was expected"},
		"cut":         {file(`{"a":{"dtype":"F32"`, 0), "header, offset"},
		"twice": {file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,`+
			`1]}}`, 1), `"a" is there twice`},
		"text after":     {file(`{} {}`, 0), "text after"},
		"no shape":       {file(`{"a":{"dtype":"U8","data_offsets":[0,1]}}`, 1), "dtype, shape"},
		"negative shape": {file(`{"a":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}`, 1), "a shape of [-1 -1]"},
		"overflow":       {file(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "a shape of"},
		"overflow by 4": {file(`{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}`, 0),
			"0 bytes for [4611686018427387904] of F32"},
		"lying shape":    {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4), "4 bytes for [2] of F32"},
		"beyond the end": {file(`{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}`, 4), "the data of the file ends at 4"},
		"backwards":      {file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,-1]}}`, 4), "data_offsets [0,-1]"},
		"overlap": {file(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,`+
			`6]}}`, 6), `tensor "b": data_offsets [2,6]; a tensor that begins at 4`},
		"gap":             {file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2), "no gap"},
		"data of no one":  {file(`{}`, 3), "3 bytes that belong to no tensor"},
		"metadata number": {file(`{"__metadata__":{"a":1}}`, 0), "__metadata__"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("file", c.data)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "safetensors: file: ") {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestMatrix(t *testing.T) {
	m, err := Tensor{Name: "a", DType: "BF16", Shape: []int{2, 3}, Data: make([]byte, 12)}.Matrix()
	if err != nil || m.Type != tensor.BF16 || m.Rows != 2 || m.Cols != 3 {
		t.Errorf("%+v, %v", m, err)
	}
	_, err = Tensor{Name: "a", DType: "F8_E4M3", Shape: []int{2}, Data: make([]byte, 2)}.Matrix()
	if err == nil || !strings.Contains(err.Error(), "F8_E4M3; F32, F16 and BF16 are supported") {
		t.Errorf("an unsupported type: %v", err)
	}
}

func save(t *testing.T, path string, names ...string) {
	t.Helper()
	var b bytes.Buffer
	var tensors []Tensor
	for _, n := range names {
		tensors = append(tensors, Tensor{Name: n, DType: "U8", Shape: []int{1}, Data: []byte(n[:1])})
	}
	if err := Write(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpenIndex(t *testing.T) {
	dir := t.TempDir()
	save(t, filepath.Join(dir, "one.safetensors"), "a", "b")
	save(t, filepath.Join(dir, "two.safetensors"), "c", "extra")
	index := filepath.Join(dir, "model.safetensors.index.json")
	open := func(text string) (*Set, error) {
		if err := os.WriteFile(index, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return Open(index)
	}
	s, err := open(`{"metadata":{"total_size":3},"weight_map":{"a":"one.safetensors","b":"one.safetensors","c":"two.safetensors"}}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Names(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("tensors %q", got)
	}
	if c, ok := s.Get("c"); !ok || string(c.Data) != "c" {
		t.Errorf("c is %+v", c)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for text, want := range map[string]string{
		`{"weight_map":{"c":"one.safetensors"}}`: "which lacks it",
		`{"weight_map":{"c":"ten.safetensors"}}`: "a shard of",
		`{"weight_map":{}}`:                      "weight_map, an object",
		`{"weight_map":{"c":7}}`:                 "weight_map",
		`{`:                                      "unexpected end",
	} {
		if _, err := open(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", text, err, want)
		}
	}
}

// Shards are files beside the index, whatever the index says.
func TestShardNames(t *testing.T) {
	for _, shard := range []string{"../one.safetensors", "/etc/passwd", `..\\x`, `C:\\x`, "c:x", "", ".", "..", "sub/x", "NUL/.."} {
		text := `{"weight_map":{"a":"` + shard + `"}}`
		if _, err := parseIndex("i", []byte(text)); err == nil || !strings.Contains(err.Error(), "beside the index") {
			t.Errorf("%q: %v", shard, err)
		}
	}
}

// What parses is consistent, and writing it gives the same tensors.
func FuzzParse(f *testing.F) {
	f.Add(file(`{}`, 0))
	f.Add(file(`{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}`, 8))
	f.Add(file(`{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]},"b":{"dtype":"F16","shape":[],"data_offsets":[1,3]}}`, 3))
	f.Add(file(`{"a":{"dtype":"U8","shape":[0,4611686018427387904,8],"data_offsets":[0,0]}}`, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("fuzz", data)
		if err != nil {
			return
		}
		n := 0
		for _, x := range file.Tensors {
			n += len(x.Data)
			m, err := x.Matrix()
			if err == nil && m.Rows > 0 && m.Rows*m.RowBytes() != len(m.Data) {
				t.Fatalf("%+v of %d bytes", m, len(m.Data))
			}
		}
		if n > len(data) {
			t.Fatalf("%d bytes of tensors in %d", n, len(data))
		}
		var b bytes.Buffer
		if err := Write(&b, file.Tensors, file.Metadata); err != nil {
			return // a type that this package does not know, or a name that is not UTF-8
		}
		if _, err := Parse("written", b.Bytes()); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParseIndex(f *testing.F) {
	f.Add([]byte(`{"weight_map":{"a":"one.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"a":"../one.safetensors"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		shards, err := parseIndex("fuzz", data)
		if err != nil {
			return
		}
		for shard := range shards {
			if path := filepath.Join("dir", shard); filepath.Dir(path) != "dir" {
				t.Fatalf("%q leads to %s", shard, path)
			}
		}
	})
}
