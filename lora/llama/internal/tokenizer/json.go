package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// file has the fields of a tokenizer.json that are read.
type file struct {
	AddedTokens   []addedToken `json:"added_tokens"`
	Normalizer    *component   `json:"normalizer"`
	PreTokenizer  *component   `json:"pre_tokenizer"`
	PostProcessor *component   `json:"post_processor"`
	Decoder       *component   `json:"decoder"`
	Model         *struct {
		Type         string            `json:"type"`
		Dropout      *float64          `json:"dropout"`
		Unknown      *string           `json:"unk_token"`
		Prefix       *string           `json:"continuing_subword_prefix"`
		Suffix       *string           `json:"end_of_word_suffix"`
		FuseUnknown  bool              `json:"fuse_unk"`
		ByteFallback bool              `json:"byte_fallback"`
		IgnoreMerges bool              `json:"ignore_merges"`
		Vocab        map[string]int32  `json:"vocab"`
		Merges       []json.RawMessage `json:"merges"`
	} `json:"model"`
}

// component is a step of any kind, with the fields of all kinds.
type component struct {
	Type          string      `json:"type"`
	Normalizers   []component `json:"normalizers"`
	PreTokenizers []component `json:"pretokenizers"`
	Processors    []component `json:"processors"`
	Decoders      []component `json:"decoders"`

	Prepend string `json:"prepend"`
	Pattern struct {
		String *string `json:"String"`
		Regex  *string `json:"Regex"`
	} `json:"pattern"`
	Content          string  `json:"content"`
	Start            int     `json:"start"`
	Behavior         string  `json:"behavior"`
	Invert           bool    `json:"invert"`
	IndividualDigits bool    `json:"individual_digits"`
	AddPrefixSpace   *bool   `json:"add_prefix_space"`
	UseRegex         *bool   `json:"use_regex"`
	Replacement      string  `json:"replacement"`
	PrependScheme    *string `json:"prepend_scheme"`
	Split            *bool   `json:"split"`

	Single []struct {
		SpecialToken *struct {
			ID string `json:"id"`
		} `json:"SpecialToken"`
	} `json:"single"`
	SpecialTokens map[string]struct {
		IDs []int `json:"ids"`
	} `json:"special_tokens"`
}

// Parse reads a tokenizer.json of Hugging Face's tokenizers. Errors call the file
// name. BOS is the token that its post-processor puts first.
func Parse(name string, data []byte) (*Tokenizer, error) {
	t, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %s: %w", name, err)
	}
	return t, nil
}

func parse(data []byte) (*Tokenizer, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			return nil, fmt.Errorf("offset %d: %w", syntax.Offset, err)
		}
		return nil, err
	}
	if err := f.checkModel(); err != nil {
		return nil, err
	}
	size, err := f.size(len(data))
	if err != nil {
		return nil, err
	}
	b := newBuilder(size)
	if err := f.steps(b.t); err != nil {
		return nil, err
	}
	b.vocabulary(f.Model.Vocab)
	if f.Model.ByteFallback {
		b.byteFallback(f.Model.Vocab)
	}
	if u := f.Model.Unknown; u != nil {
		id, ok := f.Model.Vocab[*u]
		if !ok {
			return nil, fmt.Errorf("model.unk_token %q is not in the vocabulary", *u)
		}
		b.t.bpe.unknown, b.t.bpe.fuse = id, f.Model.FuseUnknown
	}
	for i, m := range f.Model.Merges {
		left, right, err := parseMerge(m)
		if err == nil {
			err = b.merge(left, right, i)
		}
		if err != nil {
			return nil, fmt.Errorf("model.merges[%d]: %w", i, err)
		}
	}
	t, err := b.tokenizer(f.AddedTokens, f.Model.IgnoreMerges)
	if err != nil {
		return nil, err
	}
	return t, f.PostProcessor.ends(t)
}

func (f *file) checkModel() error {
	m := f.Model
	switch {
	case m == nil:
		return errors.New("model was expected")
	case m.Type != "BPE" && (m.Type != "" || m.Merges == nil):
		return fmt.Errorf("model.type is %q; BPE is supported", m.Type)
	case m.Prefix != nil && *m.Prefix != "":
		return fmt.Errorf("model.continuing_subword_prefix is %q; none is supported", *m.Prefix)
	case m.Suffix != nil && *m.Suffix != "":
		return fmt.Errorf("model.end_of_word_suffix is %q; none is supported", *m.Suffix)
	case m.Dropout != nil && *m.Dropout != 0:
		return fmt.Errorf("model.dropout is %g; none is supported", *m.Dropout)
	case len(m.Vocab) == 0:
		return errors.New("model.vocab is empty")
	}
	return nil
}

// size returns one more than the highest token. It fails when two tokens share an
// ID, or when an ID is too large for the size of the file.
func (f *file) size(most int) (int, error) {
	size := 0
	texts := map[int]string{}
	enter := func(field, text string, id int) error {
		if id < 0 || id >= most {
			return fmt.Errorf("%s: %q is token %d; 0 to %d was expected", field, text, id, most-1)
		}
		if was, ok := texts[id]; ok && was != text {
			return fmt.Errorf("%s: both %q and %q are token %d", field, was, text, id)
		}
		texts[id] = text
		size = max(size, id+1)
		return nil
	}
	for text, id := range f.Model.Vocab {
		if err := enter("model.vocab", text, int(id)); err != nil {
			return 0, err
		}
	}
	for i, t := range f.AddedTokens {
		if err := enter(fmt.Sprintf("added_tokens[%d]", i), t.Content, t.ID); err != nil {
			return 0, err
		}
	}
	return size, nil
}

// parseMerge reads a pair that is written "left right" or ["left","right"].
func parseMerge(m json.RawMessage) (left, right string, err error) {
	if len(m) > 0 && m[0] == '[' {
		var two []string
		if err := json.Unmarshal(m, &two); err != nil {
			return "", "", err
		}
		if len(two) != 2 {
			return "", "", fmt.Errorf("%d texts; two were expected", len(two))
		}
		return two[0], two[1], nil
	}
	var text string
	if err := json.Unmarshal(m, &text); err != nil {
		return "", "", err
	}
	left, right, ok := strings.Cut(text, " ")
	if !ok || strings.Contains(right, " ") {
		return "", "", fmt.Errorf("%q; two texts and a space were expected", text)
	}
	return left, right, nil
}
