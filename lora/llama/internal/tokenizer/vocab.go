package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Vocab is a vocabulary as GGUF files have it.
type Vocab struct {
	// Model is "gpt2" for byte-level and "llama" for SentencePiece's.
	Model string
	// Pre names the byte-level pre-tokeniser: "gpt-2", "llama-bpe", "smollm".
	Pre    string
	Tokens []string
	// Types are llama.cpp's kinds of tokens; nil when all are normal.
	Types []int32
	// Scores order SentencePiece's merges.
	Scores []float32
	// Merges are byte-level pairs, "left right".
	Merges []string
	// AddSpacePrefix puts a space before SentencePiece's texts.
	AddSpacePrefix bool
}

// The kinds of tokens.
const (
	normalToken  = 1
	unknownToken = 2
	controlToken = 3
	userToken    = 4
	unusedToken  = 5
	byteKind     = 6
)

// FromVocab returns the tokenizer of a vocabulary.
func FromVocab(v Vocab) (*Tokenizer, error) {
	t, err := fromVocab(v)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	return t, nil
}

func fromVocab(v Vocab) (*Tokenizer, error) {
	if len(v.Tokens) == 0 || len(v.Tokens) > math.MaxInt32 {
		return nil, fmt.Errorf("a vocabulary of %d tokens", len(v.Tokens))
	}
	if v.Types != nil && len(v.Types) != len(v.Tokens) {
		return nil, fmt.Errorf("%d token types for %d tokens", len(v.Types), len(v.Tokens))
	}
	b := newBuilder(len(v.Tokens))
	switch v.Model {
	case "gpt2":
		return b.fromByteLevel(v)
	case "llama":
		return b.fromSentencePiece(v)
	}
	return nil, fmt.Errorf("the tokenizer model %q; gpt2 and llama are supported", v.Model)
}

func (v *Vocab) kind(id int) int32 {
	if v.Types == nil {
		return normalToken
	}
	return v.Types[id]
}

// texts are the tokens of some kinds.
func (v *Vocab) texts(kinds ...int32) map[string]int32 {
	ids := map[string]int32{}
	for id, text := range v.Tokens {
		if slices.Contains(kinds, v.kind(id)) {
			ids[text] = int32(id)
		}
	}
	return ids
}

// added returns the tokens that are searched in the text.
func (v *Vocab) added() []addedToken {
	var tokens []addedToken
	for id, text := range v.Tokens {
		switch v.kind(id) {
		case unknownToken, controlToken:
			tokens = append(tokens, addedToken{ID: id, Content: text, Special: true})
		case userToken:
			tokens = append(tokens, addedToken{ID: id, Content: text})
		}
	}
	return tokens
}

func (b *builder) fromByteLevel(v Vocab) (*Tokenizer, error) {
	b.t.bpe.byteLevel = true
	switch v.Pre {
	case "gpt-2":
		b.t.split = byPattern(gpt2)
	case "llama-bpe", "llama3", "llama-v3":
		b.t.split = byPattern(llama3)
	case "smollm":
		b.t.split = splitter(eachDigit).then(byPattern(gpt2))
	default:
		return nil, fmt.Errorf("the pre-tokeniser %q; gpt-2, llama-bpe and smollm are supported", v.Pre)
	}
	b.vocabulary(v.texts(normalToken, unusedToken))
	for i, m := range v.Merges {
		// A space within a pair's text is written as another character. The first
		// character may be a space of the pair.
		at := strings.IndexByte(m[min(1, len(m)):], ' ') + 1
		if at <= 0 {
			return nil, fmt.Errorf("merge %d is %q; two texts and a space were expected", i, m)
		}
		if err := b.merge(m[:at], m[at+1:], i); err != nil {
			return nil, fmt.Errorf("merge %d: %w", i, err)
		}
	}
	return b.tokenizer(v.added(), v.Pre != "gpt-2" && v.Pre != "smollm")
}

func (b *builder) fromSentencePiece(v Vocab) (*Tokenizer, error) {
	if len(v.Scores) != len(v.Tokens) {
		return nil, fmt.Errorf("%d scores for %d tokens", len(v.Scores), len(v.Tokens))
	}
	b.t.spaces = spaces{marked: true, strip: v.AddSpacePrefix}
	if v.AddSpacePrefix {
		b.t.spaces.prefix = alwaysPrefix
	}
	b.vocabulary(v.texts(normalToken))
	b.byteFallback(v.texts(byteKind))
	for id := range v.Tokens {
		if v.kind(id) == unknownToken && b.t.bpe.unknown < 0 {
			b.t.bpe.unknown, b.t.bpe.fuse = int32(id), true
		}
	}
	if err := b.mergesByScore(v.Scores); err != nil {
		return nil, err
	}
	return b.tokenizer(v.added(), false)
}

// mergesByScore derives the pairs: SentencePiece merges any two symbols whose
// texts together are a token, the highest score first.
func (b *builder) mergesByScore(scores []float32) error {
	ranks := map[float32]int32{}
	distinct := slices.Clone(scores)
	slices.Sort(distinct)
	slices.Reverse(distinct)
	for i, s := range slices.Compact(distinct) {
		if s != s {
			return errors.New("a score that is not a number")
		}
		ranks[s] = int32(i)
	}
	ids := make(map[string]int32, len(b.texts))
	for id, text := range b.texts {
		ids[text] = id
	}
	for id, text := range b.texts {
		if len(text) > maxMergeable {
			return fmt.Errorf("token %d has %d bytes; at most %d were expected", id, len(text), maxMergeable)
		}
		for i := range text {
			if i == 0 || !utf8.RuneStart(text[i]) {
				continue
			}
			left, ok := ids[text[:i]]
			if !ok {
				continue
			}
			if right, ok := ids[text[i:]]; ok {
				b.t.bpe.merges[pair(left, right)] = merge{ranks[scores[id]], id}
			}
		}
	}
	return nil
}
