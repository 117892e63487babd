package gguf

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// A file of every type, by Python's gguf, has the values that it has there
// (.ci/peers formats writes both).
func TestGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/types.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Peer string
		Meta map[string]string
		Bits map[string][][]uint32
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	f, m, err := Open("testdata/types.gguf")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if len(golden.Bits) != len(kinds) || golden.Peer == "" {
		t.Errorf("%d types by %q", len(golden.Bits), golden.Peer)
	}
	for key, want := range golden.Meta {
		if got := fmt.Sprint(f.Value("meta." + key)); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	if got := fmt.Sprintf("%q %v %v %v", f.Value("meta.texts"), f.Value("meta.numbers"), f.Value("meta.floats"),
		f.Value("meta.flags")); got != `["a" "" "bé"] [1 -2 3] [0.25 -1.5] [true false]` {
		t.Error(got)
	}
	for name, rows := range golden.Bits {
		x, ok := f.Get(strings.ToLower(name) + ".weight")
		if !ok {
			t.Errorf("no tensor of %s", name)
			continue
		}
		m, err := x.Matrix()
		if err != nil || x.Type.String() != name || !slices.Equal(x.Shape, []int{3, len(rows[0])}) {
			t.Errorf("%s: %v, %v, %v", name, x.Type, x.Shape, err)
			continue
		}
		for r, want := range rows {
			got := make([]float32, m.Cols)
			m.Dequantize(got, r, 0)
			for c := range got {
				// A product and a sum may be fused, on some processors.
				w := math.Float32frombits(want[c])
				if got[c] != w && math.Abs(float64(got[c]-w)) > 1e-7*math.Abs(float64(w)) {
					t.Fatalf("%s [%d,%d] is %g, want %g", name, r, c, got[c], w)
				}
			}
		}
	}
}
