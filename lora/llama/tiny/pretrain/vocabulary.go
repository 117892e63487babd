package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// special are the tokens of the chat template; the first ends a text.
var special = []string{"<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"}

// template marks who speaks. An answer begins after <|assistant|> and ends with
// <|end|>.
const template = "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}" +
	"{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"

// often is how often a word must occur among the sample's examples to become a
// token: the words of the tasks' wording do, what a task draws does not.
const often = 0.002

// words are what byte-level pre-tokenisation makes of text, as far as it could
// become a token. Digits always stand alone.
var words = regexp.MustCompile(` ?[A-Za-z]+| ?[^\sA-Za-z0-9]+`)

// drawn are words without a space before them that a task may draw at random:
// letters to reverse, a Roman numeral.
var drawn = regexp.MustCompile(`^([a-z]+|[A-Z]+)$`)

// vocabulary makes a byte-level BPE tokenizer, in Hugging Face's format, whose
// merges spell each frequent word from its beginning. A word that a task draws
// at random, such as one to reverse, begins after a quotation mark, where no
// merge applies: it stays a sequence of letters.
func vocabulary(sample []example) ([]byte, error) {
	count := map[string]int{}
	for i := range sample {
		seen := map[string]bool{}
		for _, m := range sample[i].task.Messages {
			for _, w := range words.FindAllString(m.Content, -1) {
				seen[w] = true
			}
		}
		for w := range seen {
			count[w]++
		}
	}
	frequent := slices.DeleteFunc(slices.Collect(maps.Keys(count)), func(w string) bool {
		return len(w) < 2 || drawn.MatchString(w) || float64(count[w]) < often*float64(len(sample))
	})
	slices.SortFunc(frequent, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })

	vocab := map[string]int{}
	add := func(token string) {
		if _, ok := vocab[token]; !ok {
			vocab[token] = len(vocab)
		}
	}
	for _, t := range special {
		add(t)
	}
	for b := range 256 {
		add(string(letter(byte(b))))
	}
	var merges []string
	for _, w := range frequent {
		prefix := string(letter(w[0]))
		for i := 1; i < len(w); i++ {
			next := string(letter(w[i]))
			if _, ok := vocab[prefix+next]; !ok {
				add(prefix + next)
				merges = append(merges, prefix+" "+next)
			}
			prefix += next
		}
	}
	return tokenizerJSON(vocab, merges)
}

// tokenizerJSON writes tokenizer.json.
func tokenizerJSON(vocab map[string]int, merges []string) ([]byte, error) {
	type object = map[string]any
	var added []object
	for i, t := range special {
		added = append(added, object{
			"id": i, "content": t, "special": true,
			"single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
		})
	}
	raw, err := json.MarshalIndent(object{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added, "normalizer": nil,
		"pre_tokenizer": object{"type": "Sequence", "pretokenizers": []object{
			{"type": "Digits", "individual_digits": true},
			{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
		}},
		"post_processor": nil,
		"decoder":        object{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
		"model": object{
			"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
			"fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocab, "merges": merges,
		},
	}, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing tokenizer.json: %w", err)
	}
	return raw, nil
}

// letter is how byte-level BPE writes a byte: as itself where it is printable,
// else as a letter from U+0100 on (Radford et al. 2019).
func letter(b byte) rune {
	plain := func(b byte) bool { return '!' <= b && b <= '~' || 0xa1 <= b && b <= 0xac || 0xae <= b }
	if plain(b) {
		return rune(b)
	}
	n := rune(0)
	for c := range int(b) {
		if !plain(byte(c)) {
			n++
		}
	}
	return 0x100 + n
}

// tokenizerConfig writes tokenizer_config.json.
func tokenizerConfig() ([]byte, error) {
	return json.MarshalIndent(map[string]any{
		"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": special[0], "pad_token": special[0], "add_bos_token": false,
		"clean_up_tokenization_spaces": false, "model_max_length": contextLength, "chat_template": strings.Clone(template),
	}, "", " ")
}
