// Package tokenizer turns text into tokens and back, exactly as the tokenizers
// that Llama-family models were trained with do: byte-level byte pair encoding
// (GPT-2, Llama 3, SmolLM2), and SentencePiece's (Llama 2).
//
// Text goes through four stages: added tokens are cut out; spaces are marked or
// a prefix is added; the rest is split into words; and each word's bytes or
// characters are merged, pair by pair, into tokens.
package tokenizer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Tokenizer is a vocabulary and its rules. Its methods may be called by many
// goroutines at once.
type Tokenizer struct {
	pieces  []string // what each token adds to a text
	special []bool   // which tokens never come from plain text
	bytes   []bool   // which tokens stand for one byte of a character
	added   *added
	spaces  spaces
	split   splitter
	bpe     *bpe
	ends    Ends
}

// Ends says which tokens begin and end a text.
type Ends struct {
	// BOS begins a text; -1 when there is none.
	BOS int
	// EOS end a text or a turn: generation stops at any of them.
	EOS []int
	// AddBOS says that the model expects BOS before a text (which Encode does not
	// add).
	AddBOS bool
}

// SetEnds says which tokens begin and end a text. It is meant for whoever loads
// the tokenizer, before others use it. It is an error when a token is not in the
// vocabulary.
func (t *Tokenizer) SetEnds(e Ends) error {
	for _, id := range append([]int{max(e.BOS, 0)}, e.EOS...) {
		if id < 0 || id >= t.Size() {
			return fmt.Errorf("tokenizer: token %d begins or ends a text, and the vocabulary has %d", id, t.Size())
		}
	}
	if e.AddBOS && e.BOS < 0 {
		return fmt.Errorf("tokenizer: a text begins with a token that is not named")
	}
	t.ends = e
	return nil
}

// BOS is the token that begins a text; -1 when there is none.
func (t *Tokenizer) BOS() int { return t.ends.BOS }

// EOS are the tokens that end a text or a turn.
func (t *Tokenizer) EOS() []int { return slices.Clone(t.ends.EOS) }

// AddBOS reports whether the model expects BOS before a text.
func (t *Tokenizer) AddBOS() bool { return t.ends.AddBOS }

// Size is one more than the highest token.
func (t *Tokenizer) Size() int { return len(t.pieces) }

// Special reports whether a token is a control token, such as the ends of texts
// and turns, which plain text never has.
func (t *Tokenizer) Special(id int) bool { return id >= 0 && id < len(t.special) && t.special[id] }

// Token finds an added token, such as "<|im_end|>", by its text.
func (t *Tokenizer) Token(text string) (id int, ok bool) { return t.added.find(text) }

// Piece returns the bytes that a token adds to a text. They may be part of a
// character. A special token's are its name. There are none for a token that is
// not in the vocabulary. The space that SentencePiece's vocabularies have before
// a text is in the first piece; Decode removes it.
func (t *Tokenizer) Piece(id int) []byte {
	if id < 0 || id >= len(t.pieces) {
		return nil
	}
	return []byte(t.pieces[id])
}

// Encode returns the tokens of text, without BOS. Special tokens that the text
// names are recognised only when special is set. Do not set it for untrusted
// text. Added tokens that are not special are always recognised. Bytes that are
// not UTF-8 are read as U+FFFD. The work is at most len(text) * log(len(text)).
func (t *Tokenizer) Encode(text string, special bool) []int {
	text = valid(text)
	ids := make([]int, 0, len(text)/3+1)
	word := func(w string) { ids = t.bpe.encode(ids, w) }
	start := 0
	t.added.raw.cut(text, special, func(part string, id, at int) {
		if id >= 0 {
			ids = append(ids, id)
			return
		}
		part = t.spaces.mark(part, at == start)
		t.added.marked.cut(part, special, func(part string, id, _ int) {
			if id >= 0 {
				ids = append(ids, id)
			} else {
				t.split(part, word)
			}
		})
	})
	return ids
}

// Decode returns the text of tokens, special ones by their names. Bytes that are
// not UTF-8 become U+FFFD.
func (t *Tokenizer) Decode(ids []int) string {
	var b strings.Builder
	for i := 0; i < len(ids); {
		if run := t.byteRun(ids[i:]); run > 0 {
			b.WriteString(t.decodeBytes(ids[i : i+run]))
			i += run
			continue
		}
		if id := ids[i]; id >= 0 && id < len(t.pieces) {
			b.WriteString(t.pieces[id])
		}
		i++
	}
	return t.spaces.unmark(valid(b.String()))
}

// byteRun is how many of the first tokens stand for bytes.
func (t *Tokenizer) byteRun(ids []int) int {
	n := 0
	for n < len(ids) && ids[n] >= 0 && ids[n] < len(t.bytes) && t.bytes[ids[n]] {
		n++
	}
	return n
}

// decodeBytes returns the text of a run of byte tokens: its characters if all of
// it is UTF-8, and else one U+FFFD for each byte.
func (t *Tokenizer) decodeBytes(ids []int) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(t.pieces[id])
	}
	if utf8.ValidString(b.String()) {
		return b.String()
	}
	return strings.Repeat(string(utf8.RuneError), len(ids))
}

// valid replaces bytes that are not UTF-8 by U+FFFD, one for each longest
// beginning of a character, as the Unicode standard (section 3.9) recommends and
// the references do.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			n = beginning(s)
			b.WriteRune(r)
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// beginning returns how many of the first bytes of s are the beginning of some
// character, and at least 1. s must not begin with a complete character.
func beginning(s string) int {
	n, low, high := 0, byte(0x80), byte(0xbf)
	switch c := s[0]; {
	case c >= 0xc2 && c <= 0xdf:
		n = 2
	case c >= 0xe0 && c <= 0xef:
		n = 3
		switch c {
		case 0xe0:
			low = 0xa0
		case 0xed:
			high = 0x9f
		}
	case c >= 0xf0 && c <= 0xf4:
		n = 4
		switch c {
		case 0xf0:
			low = 0x90
		case 0xf4:
			high = 0x8f
		}
	}
	i := 1
	for i < min(n, len(s)) && s[i] >= low && s[i] <= high {
		low, high = 0x80, 0xbf
		i++
	}
	return i
}
