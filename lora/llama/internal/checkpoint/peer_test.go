package checkpoint

import (
	"context"
	"flag"
	"testing"
)

var peer = flag.String("peer", "", "a GGUF file of SmolLM2-135M-Instruct")

// A real file opens, and takes hardly more memory than was measured.
func TestPeerOpen(t *testing.T) {
	if *peer == "" {
		t.Skip("without -peer")
	}
	_, memory, err := Measure(*peer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Open(context.Background(), *peer)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	t.Logf("%s, %+v, embedding %v, digest %s, %+v", c.Name, c.Config, c.Weights.Embed.Type, c.Digest, memory)
	if c.Config.Dim != 576 || len(c.Weights.Layers) != 30 || c.Tokenizer.Size() != 49152 || c.Template == nil || c.Memory != memory {
		t.Error("another model")
	}
}
