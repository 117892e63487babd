package tokenizer

import (
	"errors"
	"fmt"
	"strings"
)

const (
	// maxMergeable is the longest token, in bytes, that SentencePiece's merges
	// are derived for; known vocabularies have at most 93.
	maxMergeable = 512
	// maxAdded is the longest added token in bytes.
	maxAdded = 1024
)

// builder makes a tokenizer of a vocabulary that is written with marks or with
// the byte-level alphabet.
type builder struct {
	t *Tokenizer
	// ids are the tokens that text is made of, by their written text.
	ids map[string]int32
	// texts are these tokens in the bytes that they stand for, by ID.
	texts map[int32]string
}

// newBuilder begins a tokenizer with size tokens.
func newBuilder(size int) *builder {
	b := &builder{
		t: &Tokenizer{
			pieces:  make([]string, size),
			special: make([]bool, size),
			bpe:     &bpe{chars: map[string]int32{}, merges: map[uint64]merge{}, words: map[string]int32{}, unknown: -1},
			ends:    Ends{BOS: -1},
		},
		ids:   map[string]int32{},
		texts: map[int32]string{},
	}
	for i := range 256 {
		b.t.bpe.single[i], b.t.bpe.fallback[i] = -1, -1
	}
	return b
}

// vocabulary enters the tokens that text is made of. A token that the byte-level
// alphabet cannot write, or that has a space instead of a mark, is never found.
func (b *builder) vocabulary(ids map[string]int32) {
	b.ids = ids
	model := b.t.bpe
	var alphabet alphabet
	if model.byteLevel {
		alphabet = newAlphabet()
	}
	for written, id := range ids {
		text := written
		switch {
		case model.byteLevel:
			decoded, ok := alphabet.decode(written)
			if !ok {
				b.t.pieces[id] = written
				continue
			}
			text = decoded
			if len(text) == 1 {
				model.single[text[0]] = id
			}
		case b.t.spaces.marked:
			if strings.Contains(written, " ") {
				b.t.pieces[id] = written // never found, because a text's spaces are marks
				continue
			}
			text = strings.ReplaceAll(written, mark, " ")
		}
		b.t.pieces[id] = text
		b.texts[id] = text
		if !model.byteLevel && len([]rune(text)) == 1 {
			model.chars[text] = id
		}
	}
}

// byteFallback enters the tokens for the bytes of characters that have none.
func (b *builder) byteFallback(ids map[string]int32) {
	b.t.bytes = make([]bool, len(b.t.pieces))
	for text, id := range ids {
		if c, ok := byteToken(text); ok {
			b.t.bpe.fallback[c] = id
			b.t.bytes[id] = true
			b.t.pieces[id] = string([]byte{c})
		}
	}
}

// merge enters a pair. It is an error when one of the pair or their merge is not
// in the vocabulary.
func (b *builder) merge(left, right string, rank int) error {
	l, ok := b.ids[left]
	if !ok {
		return fmt.Errorf("%q is not in the vocabulary", left)
	}
	r, ok := b.ids[right]
	if !ok {
		return fmt.Errorf("%q is not in the vocabulary", right)
	}
	id, ok := b.ids[left+right]
	if !ok {
		return fmt.Errorf("%q, of %q and %q, is not in the vocabulary", left+right, left, right)
	}
	b.t.bpe.merges[pair(l, r)] = merge{int32(rank), id}
	return nil
}

// tokenizer returns the tokenizer. With ignoreMerges, a word that is a token becomes
// this token, even if merges would not make it.
func (b *builder) tokenizer(tokens []addedToken, ignoreMerges bool) (*Tokenizer, error) {
	t := b.t
	for id, text := range b.texts {
		if !ignoreMerges {
			if ids := t.bpe.merge(nil, text); len(ids) != 1 || ids[0] != int(id) {
				continue
			}
		}
		t.bpe.words[text] = id
	}
	for _, a := range tokens {
		if len(a.Content) > maxAdded {
			return nil, fmt.Errorf("the added token %d has %d bytes; at most %d were expected", a.ID, len(a.Content), maxAdded)
		}
		t.pieces[a.ID] = a.Content
		t.special[a.ID] = a.Special
	}
	t.added = newAdded(tokens, t.spaces)
	if t.spaces.marked && !t.bpe.byteLevel && !b.spacesWithin() {
		t.split = t.split.then(beforeRuns)
	}
	if t.split == nil {
		t.split = whole
	}
	if t.bpe.byteLevel && t.spaces.marked {
		return nil, errors.New("both byte-level and SentencePiece's marks")
	}
	return t, nil
}

// spacesWithin reports whether some token has a space after something else.
func (b *builder) spacesWithin() bool {
	for _, text := range b.texts {
		if strings.Contains(strings.TrimLeft(text, " "), " ") {
			return true
		}
	}
	return false
}
