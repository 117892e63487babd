package tokenizer

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/lora/llama/internal/gguf"
)

var peer = flag.String("peer", "", "the folder that .ci/peers tokenizers wrote its corpus and its tokens to")

// names are the tokenizers that .ci/peers tokenizers makes.
var names = []string{"gpt2", "llama3", "smollm2", "llama2", "legacy", "metaspace", "sentencepiece"}

// published are the real tokenizers that the job puts into -peer.
var published = []string{"llama2", "llama2-sentencepiece", "llama3", "llama3-gguf", "mistral", "mistral-sentencepiece"}

// load opens one of testdata.
func load(t testing.TB, name string) *Tokenizer {
	t.Helper()
	return open(t, filepath.Join("testdata", name))
}

// open opens NAME.json, or NAME.vocab.json for what comes from SentencePiece and
// for what is said as a GGUF file says it.
func open(t testing.TB, name string) *Tokenizer {
	t.Helper()
	if strings.HasSuffix(name, "sentencepiece") || strings.HasSuffix(name, "-gguf") {
		var v Vocab
		read(t, name+".vocab.json", &v)
		k, err := FromVocab(v)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	path := name + ".json"
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

// loadAny opens one of testdata, SmolLM2's own, or one that is published.
func loadAny(t testing.TB, name string) *Tokenizer {
	t.Helper()
	switch base, isPublished := strings.CutPrefix(name, "published/"); {
	case name == "smollm2-gguf":
		return fromFile(t, filepath.Join(*peer, "smollm2.gguf"))
	case isPublished: // said by another than whose file it is, for some
		base = strings.TrimSuffix(strings.TrimSuffix(base, "-js"), "-meta")
		return open(t, filepath.Join(*peer, "published", base))
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
	cases := append(slices.Clone(names), "smollm2-gguf", "published/llama2-js", "published/llama3-meta")
	for _, name := range published {
		cases = append(cases, "published/"+name)
	}
	for _, name := range cases {
		k := loadAny(t, name)
		for _, mode := range []string{"special", "plain"} {
			if mode == "special" && (strings.HasSuffix(name, "sentencepiece") || strings.HasSuffix(name, "-js")) {
				continue // they know no special tokens in texts
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
				switch {
				case name == "legacy": // its special tokens are decoded with a mark
					return
				case mode == "plain" && !strings.HasSuffix(name, "sentencepiece"), strings.HasSuffix(name, "-js"), strings.HasSuffix(name, "-meta"):
					return
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
