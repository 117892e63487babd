package safetensors

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// A file that Python's safetensors wrote has what it has there
// (.ci/peers formats writes both).
func TestGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/peer.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Peer    string
		Tensors map[string]struct {
			Shape []int
			Data  string
		}
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	s, err := Open("testdata/peer.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Metadata["note"] != "é" || len(s.Names()) != len(golden.Tensors) || golden.Peer == "" {
		t.Errorf("%q, %q by %q", s.Metadata, s.Names(), golden.Peer)
	}
	for name, want := range golden.Tensors {
		got, ok := s.Get(name)
		if !ok || !slices.Equal(got.Shape, want.Shape) || hex.EncodeToString(got.Data) != want.Data {
			t.Errorf("%s is %v", name, got)
		}
	}
}
