package tokenizer

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/gguf"
)

var peer = flag.String("peer", "", "the folder that .ci/tokens.py wrote its corpus and its tokens to")

// names are the tokenizers that .ci/tokens.py made.
var names = []string{"gpt2", "llama3", "smollm2", "llama2", "legacy", "metaspace", "sentencepiece"}

// load opens one of testdata.
func load(t testing.TB, name string) *Tokenizer {
	t.Helper()
	if name == "sentencepiece" {
		var v Vocab
		read(t, filepath.Join("testdata", "sentencepiece.vocab.json"), &v)
		k, err := FromVocab(v)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	path := filepath.Join("testdata", name+".json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	k, err := Parse(path, data)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// fromFile opens the tokenizer of a GGUF file.
func fromFile(t testing.TB, path string) *Tokenizer {
	t.Helper()
	f, m, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	k, err := FromVocab(Vocab{
		Model: f.Value("tokenizer.ggml.model").(string), Pre: f.Value("tokenizer.ggml.pre").(string),
		Tokens: f.Value("tokenizer.ggml.tokens").([]string), Types: f.Value("tokenizer.ggml.token_type").([]int32),
		Merges: f.Value("tokenizer.ggml.merges").([]string),
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// loadAny opens one of testdata, or SmolLM2's own.
func loadAny(t testing.TB, name string) *Tokenizer {
	t.Helper()
	if name == "smollm2-gguf" {
		return fromFile(t, filepath.Join(*peer, "smollm2.gguf"))
	}
	return load(t, name)
}

func read(t testing.TB, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// readIDs reads lists of tokens: their lengths and themselves, little-endian.
func readIDs(t testing.TB, path string) [][]int {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	next := func() int {
		n := binary.LittleEndian.Uint32(data)
		data = data[4:]
		return int(n)
	}
	var lists [][]int
	for len(data) > 0 {
		ids := make([]int, next())
		for i := range ids {
			ids[i] = next()
		}
		lists = append(lists, ids)
	}
	return lists
}

// same compares tokens and says where they part.
func same(t *testing.T, k *Tokenizer, text string, got, want []int) bool {
	t.Helper()
	if slices.Equal(got, want) {
		return true
	}
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	after := k.Decode(want[max(0, i-8):i])
	cut := func(ids []int) []int { return ids[i:min(len(ids), i+8)] }
	t.Errorf("a text of %d bytes, after %d tokens (%q): %v %q, want %v %q", len(text), i, after,
		cut(got), k.Decode(cut(got)), cut(want), k.Decode(cut(want)))
	return false
}

// Every text of a corpus of over a million characters has the reference's tokens.
func TestPeerCorpus(t *testing.T) {
	if *peer == "" {
		t.Skip("without -peer")
	}
	var texts []string
	read(t, filepath.Join(*peer, "corpus.json"), &texts)
	for _, name := range append(slices.Clone(names), "smollm2-gguf") {
		k := loadAny(t, name)
		for _, mode := range []string{"special", "plain"} {
			if mode == "special" && name == "sentencepiece" {
				continue // it knows no special tokens in texts
			}
			t.Run(name+"/"+mode, func(t *testing.T) {
				want := readIDs(t, filepath.Join(*peer, name+"."+mode+".ids"))
				if len(want) != len(texts) {
					t.Fatalf("%d lists for %d texts", len(want), len(texts))
				}
				bad, tokens := 0, 0
				for i, text := range texts {
					if !same(t, k, text, k.Encode(text, mode == "special"), want[i]) {
						if bad++; bad == 20 {
							t.Fatal("and so on")
						}
					}
					tokens += len(want[i])
				}
				t.Logf("%d texts, %d tokens", len(texts), tokens)
				if mode == "plain" && name != "sentencepiece" || name == "legacy" {
					return // the reference decodes legacy's special tokens with a mark
				}
				var decoded []string
				read(t, filepath.Join(*peer, name+".decoded.json"), &decoded)
				for i, text := range decoded {
					if got := k.Decode(want[i]); got != text {
						t.Fatalf("decoded %q, want %q", got, text)
					}
				}
			})
		}
	}
}
