package tokenizer

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/internal/proc"
)

// The references' tokens and texts, as .ci/peers tokenizers last wrote them.
func TestGolden(t *testing.T) {
	var golden struct {
		Peer  string
		Texts []string
		Cases map[string]struct {
			Special, Plain [][]int
			Decoded        []string
		}
	}
	read(t, filepath.Join("testdata", "golden.json"), &golden)
	if len(golden.Cases) != len(names) || golden.Peer == "" {
		t.Fatalf("%d cases of %q", len(golden.Cases), golden.Peer)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			k, c := load(t, name), golden.Cases[name]
			decode := c.Plain
			for i, text := range golden.Texts {
				same(t, k, text, k.Encode(text, false), c.Plain[i])
				if c.Special != nil {
					same(t, k, text, k.Encode(text, true), c.Special[i])
				}
				if got := k.Decode(decode[i]); got != c.Decoded[i] && name != "legacy" {
					t.Errorf("decoded %q, want %q", got, c.Decoded[i])
				}
			}
		})
	}
}

// draw is text of all kinds.
var draw = rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune(" \t\r\n'sabt1½▁日😀"))),
	rapid.StringMatching(`( *(<\|im_start\|>|<s>|hello|'re|12345|  )\n?)*`))

// What is encoded is decoded to itself.
func TestRoundTrip(t *testing.T) {
	for _, name := range names {
		k := load(t, name)
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			text := draw.Draw(t, "text")
			ids := k.Encode(text, rapid.Bool().Draw(t, "special"))
			want := text
			if k.spaces.marked {
				if strings.Contains(text, "<") { // after an added token there may be a prefix
					t.Skip()
				}
				want = strings.ReplaceAll(text, mark, " ")
				if k.spaces.missing && strings.HasPrefix(want, " ") {
					want = want[1:] // the space that no prefix was put before
				}
			}
			if got := k.Decode(ids); got != want {
				t.Fatalf("decoded %q, want %q (%v)", got, want, ids)
			}
			var pieces []byte
			for _, id := range ids {
				pieces = append(pieces, k.Piece(id)...)
			}
			if got := k.spaces.unmark(string(pieces)); got != want {
				t.Fatalf("the pieces are %q, want %q", got, want)
			}
		}))
	}
}

// naive merges by the definition: the best pair of the whole word, again and
// again.
func naive(b *bpe, word string) []int {
	s := b.symbols(nil, word)
	for {
		best, at := none, -1
		for i := 0; i+1 < len(s); i++ {
			if m := b.lookup(s[i].id, s[i+1].id); m.rank < best.rank {
				best, at = m, i
			}
		}
		if at < 0 {
			break
		}
		s[at].id = best.id
		s = slices.Delete(s, at+1, at+2)
	}
	ids := make([]int, len(s))
	for i := range s {
		ids[i] = int(s[i].id)
	}
	return ids
}

// However long a word is, it is merged as the definition says.
func TestMerge(t *testing.T) {
	for _, name := range names {
		b := load(t, name).bpe
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			word := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
				"a", "b", "th", "e", "return", "self", " ", "  ", "\n", "é", "日", "0", "12", ".", "==", "ing", "tion",
			}), 0, 60).Draw(t, "parts"), "")
			if got, want := b.encode(nil, word), naive(b, word); !slices.Equal(got, want) && name != "llama3" {
				t.Fatalf("%q is %v, want %v", word, got, want)
			}
			if got, want := b.merge(nil, word), naive(b, word); !slices.Equal(got, want) {
				t.Fatalf("%q is merged into %v, want %v", word, got, want)
			}
		}))
	}
}

// Words as long as a text take no time that grows with their square: that would
// be hours here.
func TestLong(t *testing.T) {
	for _, name := range names {
		k := load(t, name)
		for _, part := range []string{"a", " ", "ab", "\n", "あ", "1", "'", "<|", "<s>"} {
			text := strings.Repeat(part, 1<<16/len(part))
			ids := k.Encode(text, true)
			if got := k.Decode(ids); len(got) < len(text)-1 && part != "<s>" {
				t.Errorf("%s: %d bytes of %q came back as %d", name, len(text), part, len(got))
			}
		}
	}
}

func TestSpecial(t *testing.T) {
	k := load(t, "smollm2")
	start, ok := k.Token("<|im_start|>")
	if !ok || !k.Special(start) || string(k.Piece(start)) != "<|im_start|>" {
		t.Fatalf("<|im_start|> is %d, %v, %q", start, k.Special(start), k.Piece(start))
	}
	if ids := k.Encode("<|im_start|>", true); !slices.Equal(ids, []int{start}) {
		t.Errorf("as a token: %v", ids)
	}
	ids := k.Encode("<|im_start|>", false)
	if slices.Contains(ids, start) || k.Decode(ids) != "<|im_start|>" {
		t.Errorf("as text: %v, %q", ids, k.Decode(ids))
	}
	if id, ok := k.Token("hello"); ok {
		t.Errorf("hello is the token %d", id)
	}
	for _, id := range []int{-1, k.Size()} {
		if k.Special(id) || k.Piece(id) != nil {
			t.Errorf("%d, beyond the vocabulary, is %q", id, k.Piece(id))
		}
	}
}

func TestEnds(t *testing.T) {
	k := load(t, "llama3")
	bos, _ := k.Token("<|begin_of_text|>")
	if k.BOS() != bos || !k.AddBOS() || len(k.EOS()) != 0 {
		t.Errorf("begins with %d (%v), ends with %v", k.BOS(), k.AddBOS(), k.EOS())
	}
	if k := load(t, "smollm2"); k.BOS() != -1 || k.AddBOS() {
		t.Errorf("begins with %d (%v)", k.BOS(), k.AddBOS())
	}
	for _, e := range []Ends{{BOS: k.Size()}, {BOS: -1, EOS: []int{-1}}, {BOS: 0, EOS: []int{1, k.Size()}}, {BOS: -1, AddBOS: true}} {
		if err := k.SetEnds(e); err == nil {
			t.Errorf("%+v: no error", e)
		}
	}
	if err := k.SetEnds(Ends{BOS: -1, EOS: []int{2, 3}}); err != nil || k.BOS() != -1 || !slices.Equal(k.EOS(), []int{2, 3}) {
		t.Errorf("%v, %d, %v", err, k.BOS(), k.EOS())
	}
}

// Replacing what is not UTF-8 follows the Unicode standard's examples (tables
// 3-8 to 3-11).
func TestValid(t *testing.T) {
	const r = "\ufffd"
	for in, want := range map[string]string{
		"a\xc0\xaf\xe0\x80\xbf\xf0\x81\x82A": "a" + strings.Repeat(r, 8) + "A",
		"\xed\xa0\x80\xed\xbf\xbf\xed\xafA":  strings.Repeat(r, 8) + "A",
		"\xf4\x91\x92\x93\xffA\x80\xbfB":     strings.Repeat(r, 5) + "A" + r + r + "B",
		"\xe1\x80\xe2\xf0\x91\x92\xf1\xbfA":  strings.Repeat(r, 4) + "A",
		"\xe6\x97":                           r,
		"日":                                  "日",
	} {
		if got := valid(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	k := load(t, "gpt2")
	if got := k.Decode(k.Encode("a\xffb", false)); got != "a\ufffdb" {
		t.Errorf("%q", got)
	}
}

func TestParseRefuses(t *testing.T) {
	model := func(rest string) string {
		return `{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]}` + rest + `}`
	}
	for text, want := range map[string]string{
		``:                             "offset 0",
		`{"model":`:                    "offset 9",
		`{"added_tokens":7}`:           "added_tokens",
		`{}`:                           "model was expected",
		`{"model":{"type":"Unigram"}}`: `model.type is "Unigram"; BPE is supported`,
		`{"model":{"type":"BPE"}}`:     "model.vocab is empty",
		`{"model":{"type":"BPE","vocab":{"a":-1}}}`:         `model.vocab: "a" is token -1`,
		`{"model":{"type":"BPE","vocab":{"a":2000000000}}}`: `"a" is token 2000000000; 0 to`,
		`{"model":{"type":"BPE","vocab":{"a":1,"b":1}}}`:    "are token 1",

		`{"model":{"type":"BPE","vocab":{"a":1},"merges":["a b"]}}`: `model.merges[0]: "b" is not in the vocabulary`,

		`{"model":{"type":"BPE","vocab":{"a":1},"merges":["a a"]}}`:                                     `model.merges[0]: "aa", of`,
		`{"model":{"type":"BPE","vocab":{"a":1},"merges":["aa"]}}`:                                      "model.merges[0]",
		`{"model":{"type":"BPE","vocab":{"a":1},"merges":[["a"]]}}`:                                     "two were expected",
		`{"model":{"type":"BPE","vocab":{"a":1},"merges":[7]}}`:                                         "model.merges[0]",
		`{"model":{"type":"BPE","vocab":{"a":1},"unk_token":"u"}}`:                                      "model.unk_token",
		`{"model":{"type":"BPE","vocab":{"a":1},"end_of_word_suffix":"</w>"}}`:                          "end_of_word_suffix",
		`{"model":{"type":"BPE","vocab":{"a":1},"continuing_subword_prefix":"##"}}`:                     "continuing_subword_prefix",
		`{"model":{"type":"BPE","vocab":{"a":1},"dropout":0.1}}`:                                        "dropout",
		model(`,"added_tokens":[{"id":1,"content":"x"}]`):                                               "added_tokens[0]: both",
		model(`,"added_tokens":[{"id":99999,"content":"x"}]`):                                           "added_tokens[0]",
		model(`,"added_tokens":[{"id":2,"content":"` + strings.Repeat("x", 2000) + `"}]`):               "has 2000 bytes",
		model(`,"normalizer":{"type":"NFC"}`):                                                           "normalizer: NFC",
		model(`,"normalizer":{"type":"Prepend","prepend":"▁"}`):                                         "Prepend without Replace",
		model(`,"pre_tokenizer":{"type":"BertPreTokenizer"}`):                                           "pre_tokenizer: BertPreTokenizer",
		model(`,"pre_tokenizer":{"type":"Split","pattern":{"Regex":"x"},"behavior":"Isolated"}`):        `a Split by "x"`,
		model(`,"pre_tokenizer":{"type":"Split","pattern":{"String":"x"},"behavior":"Removed"}`):        "a Split that is not",
		model(`,"pre_tokenizer":{"type":"Metaspace","replacement":"_"}`):                                "a Metaspace of",
		model(`,"decoder":{"type":"WordPiece"}`):                                                        "decoder: WordPiece",
		model(`,"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}}]}`): "post_processor",
	} {
		if _, err := Parse("file", []byte(text)); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.HasPrefix(err.Error(), "tokenizer: file: ") {
			t.Errorf("%s: %v, want %q in it", text, err, want)
		}
	}
}

func TestFromVocabRefuses(t *testing.T) {
	nan := float32(0)
	nan /= nan
	for want, v := range map[string]Vocab{
		"a vocabulary of 0 tokens":    {Model: "gpt2"},
		"gpt2 and llama are support":  {Model: "bert", Tokens: []string{"a"}},
		`the pre-tokeniser "default"`: {Model: "gpt2", Pre: "default", Tokens: []string{"a"}},
		"2 token types for 1 tokens":  {Model: "gpt2", Pre: "gpt-2", Tokens: []string{"a"}, Types: []int32{1, 1}},
		"merge 0 is":                  {Model: "gpt2", Pre: "gpt-2", Tokens: []string{"a"}, Merges: []string{"a"}},
		"merge 0: ":                   {Model: "gpt2", Pre: "gpt-2", Tokens: []string{"a"}, Merges: []string{"a b"}},
		`merge 0 is ""`:               {Model: "gpt2", Pre: "gpt-2", Tokens: []string{"a"}, Merges: []string{""}},
		"0 scores for 1 tokens":       {Model: "llama", Tokens: []string{"a"}},
		"not a number":                {Model: "llama", Tokens: []string{"a"}, Scores: []float32{nan}},
		"has 600 bytes":               {Model: "llama", Tokens: []string{strings.Repeat("a", 600)}, Scores: []float32{1}},
	} {
		if _, err := FromVocab(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q in it", err, want)
		}
	}
}

// A tokenizer that parses encodes anything.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"Ġ":3},"merges":["a b"]},"pre_tokenizer":{"type":"ByteLevel"}}`),
		"abc ab")
	f.Add([]byte(`{"model":{"type":"BPE","vocab":{"▁":0,"a":1,"▁a":2,"<0x0A>":3,"<unk>":4},"merges":[["▁","a"]],"unk_token":"<unk>",`+
		`"fuse_unk":true,"byte_fallback":true},`+
		`"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},`+
		`"content":"▁"}]},`+
		`"added_tokens":[{"id":5,"content":" a","normalized":true,"rstrip":true,"lstrip":true,"single_word":true}]}`), "a a\n日")
	f.Add([]byte(`{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"Sequence",`+
		`"pretokenizers":[{"type":"Digits"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}]}}`), "1a")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		k, err := Parse("fuzz", data)
		if err != nil {
			return
		}
		if k.Size() > len(data) {
			t.Fatalf("%d tokens in %d bytes", k.Size(), len(data))
		}
		for _, special := range []bool{false, true} {
			ids := k.Encode(text, special)
			for _, id := range ids {
				if id < 0 || id >= k.Size() {
					t.Fatalf("token %d of %d", id, k.Size())
				}
			}
			if !utf8.ValidString(k.Decode(ids)) {
				t.Fatal("decoded what is not UTF-8")
			}
		}
	})
}

// Decoding takes any numbers.
func FuzzDecode(f *testing.F) {
	var ks []*Tokenizer
	for _, name := range names {
		ks = append(ks, load(f, name))
	}
	f.Add([]byte{0, 1, 2, 3, 200, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		var ids []int
		for i, b := range data {
			ids = append(ids, int(b)*(i%9)-3)
		}
		for _, k := range ks {
			if !utf8.ValidString(k.Decode(ids)) {
				t.Fatal("not UTF-8")
			}
		}
	})
}

// BenchmarkEncode measures by processor time, which a busy machine does not
// change; with -peer, on the texts that the peer was measured with, it reports
// how many times as fast this is.
func BenchmarkEncode(b *testing.B) {
	var texts []string
	speed := map[string]float64{}
	all := names
	if *peer != "" {
		read(b, filepath.Join(*peer, "bench.json"), &texts)
		read(b, filepath.Join(*peer, "speed.json"), &speed)
		all = append(slices.Clone(names), "smollm2-gguf", "published/llama2", "published/llama3")
	} else {
		source, err := os.ReadFile("tokenizer_test.go")
		if err != nil {
			b.Fatal(err)
		}
		texts = []string{string(source)}
	}
	n := 0
	for _, t := range texts {
		n += len(t)
	}
	for _, name := range all {
		b.Run(name, func(b *testing.B) {
			k := loadAny(b, name)
			b.SetBytes(int64(n))
			start := proc.CPUTime()
			for b.Loop() {
				for _, t := range texts {
					k.Encode(t, true)
				}
			}
			rate := float64(n) * float64(b.N) / (proc.CPUTime() - start).Seconds() / 1e6
			b.ReportMetric(rate, "MB/cpu-s")
			if peer := speed[name]; peer > 0 {
				b.ReportMetric(rate/peer, "times-peer")
			}
		})
	}
}

// BenchmarkLong shows that time grows with the length, not its square.
func BenchmarkLong(b *testing.B) {
	k := load(b, "llama2")
	for _, n := range []int{1 << 12, 1 << 16, 1 << 20} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			text := strings.Repeat("ab", n/2)
			b.SetBytes(int64(n))
			for b.Loop() {
				k.Encode(text, false)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	if *peer == "" {
		b.Skip("without -peer")
	}
	for b.Loop() {
		loadAny(b, "smollm2-gguf")
	}
}

// A letter and a number of Unicode 16 are what they are, whatever version Go has.
func TestNewCharacters(t *testing.T) {
	for r, want := range map[rune]class{0x13460: letter, 0xa7da: letter, 0x2ee5d: letter, 0x10d49: number, 0x1ccf0: number,
		0x2ee5e: other, 0x10d50: letter, 0x16d6d: other} {
		if got := find(r); got != want {
			t.Errorf("%U is of class %d, want %d", r, got, want)
		}
	}
}
