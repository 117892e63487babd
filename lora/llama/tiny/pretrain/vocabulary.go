package main

import (
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
// <|end|>. Functions that may be called come first, as JSON, one a line; a call is JSON
// between two tags.
const template = "{% if tools %}<|system|>{% for tool in tools %}{{ '{\"name\": \"' + tool.function.name + '\", ' }}" +
	"{% if tool.function.description %}{{ '\"description\": ' }}{{ tool.function.description | tojson }}{{ ', ' }}{% endif %}" +
	"{{ '\"parameters\": ' }}{{ tool.function.parameters | tojson }}{{ '}\n' }}{% endfor %}{{ '<tool_call><|end|>' }}{% endif %}" +
	"{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}" +
	"{% for call in message.tool_calls %}{{ '<tool_call>\n{\"name\": \"' + call.function.name + '\", \"arguments\": ' }}" +
	"{{ call.function.arguments | tojson }}{{ '}\n</tool_call>' }}{% endfor %}{{ '<|end|>' }}{% endfor %}" +
	"{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"

// phrases are tokens for what functions and calls have in common.
var phrases = []string{
	"<tool_call>\n", "\n</tool_call>", "<tool_call>", "</tool_call>",
	`{"name": "`, `", "parameters": {"type": "object", "properties": {"`, `": {"type": "object", "properties": {"`,
	`": {"type": "string"}`, `": {"type": "integer"}`, `": {"type": "boolean"}`, `": {"type": "array", "items": {"type": "string"}}`,
	`": {"type": "string", "enum": ["`, `": {"type": "integer", "enum": [`, `, "required": ["`, `}, "required": ["`,
	`", "arguments": {"`, `, like {"name": ..., "arguments": {...}}.`,
	`": {"`, `": ["`, `": "`, `": `, `", "`, `, "`, `"]}`, `"]}}`, `"}`, `"}}`, `}}`,
}

// often is how often a word must occur among the prompts of some level to become a
// token: the words of the tasks' wording do, what a task draws does not.
const often = 0.03

// words are what byte-level pre-tokenisation makes of text, as far as it could
// become a token. Digits always stand alone.
var words = regexp.MustCompile(` ?[A-Za-z]+| ?[^\sA-Za-z0-9]+`)

// drawn are words without a space before them, which a task may draw at random: letters
// to reverse, a Roman numeral, a key.
var drawn = regexp.MustCompile(`^([a-z]+|[A-Z]+)$`)

// vocabulary makes a byte-level BPE tokenizer without merges, in Hugging Face's
// format: a frequent word of the wording is a token, everything else is spelt letter by
// letter. What the answers of the same level have, such as names that they copy, is no
// word of the wording.
func vocabulary(sample []example) ([]byte, error) {
	examples := map[part]int{}
	count := map[part]map[string]int{}
	answers := map[part]map[string]bool{}
	for i := range sample {
		e := &sample[i]
		if examples[e.part]++; count[e.part] == nil {
			count[e.part], answers[e.part] = map[string]int{}, map[string]bool{}
		}
		seen := map[string]bool{}
		for _, w := range words.FindAllString(e.prompt(), -1) {
			seen[w] = true
		}
		for w := range seen {
			count[e.part][w]++
		}
		for _, w := range words.FindAllString(e.task.Reference, -1) {
			answers[e.part][strings.TrimSpace(w)] = true
		}
	}
	frequent := map[string]bool{}
	for p, ws := range count {
		for w, n := range ws {
			if len(w) > 1 && !drawn.MatchString(w) && !answers[p][strings.TrimSpace(w)] && float64(n) >= often*float64(max(examples[p], enough)) {
				frequent[w] = true
			}
		}
	}

	vocab := map[string]int{}
	add := func(token string) {
		if _, ok := vocab[token]; !ok {
			vocab[token] = len(vocab)
		}
	}
	for _, t := range slices.Concat(special, phrases) {
		add(t)
	}
	for b := range 256 {
		add(string(letter(byte(b))))
	}
	for _, w := range slices.Sorted(maps.Keys(frequent)) {
		token := ""
		for i := range len(w) {
			token += string(letter(w[i]))
		}
		add(token)
	}
	return tokenizerJSON(vocab)
}

// enough is how many examples a level must have for its words to be counted.
const enough = 30

// tokenizerJSON writes tokenizer.json.
func tokenizerJSON(vocab map[string]int) ([]byte, error) {
	type object = map[string]any
	var added []object
	for i, t := range slices.Concat(special, phrases) {
		added = append(added, object{
			"id": i, "content": t, "special": i < len(special),
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
			"fuse_unk": false, "byte_fallback": false, "ignore_merges": true, "vocab": vocab, "merges": []string{},
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
