// Package words makes texts of errors that people read out of those that Go has.
package words

import "regexp"

var (
	// packages are the names that packages put in front of their errors, slog among
	// them.
	packages = regexp.MustCompile(`(^|: )(?:(?:pastime|hobby|practice|gocode|reading|tools|patterns|benchmark|gym|works|openai|redact|` +
		`sqlite|sqltask|adapters|archives?|s3blobs|feedback|graphs|graphstore|cypher|rows|jobs?|subagents?|natsagent|natsserver|kgraph|extract|` +
		`rlhf|lora|llama|tiny|peft|chat|checkpoint|gguf|mmap|nn|kernel|regular|sample|safetensors|schema|constrain|tensor|tokenizer|` +
		`compare|httpapi|metrics|otelmetrics|grafana|settings|ui|slog): )+`)
	// calls are the names of the system's functions before a path in an error.
	calls = regexp.MustCompile(`(^|: )(?:lstat|stat|fstat|open|openat|mkdir|readlink|unlinkat|rename|GetFileAttributesEx|CreateFile) (\S)`)
	// wires are the ends of a connection.
	wires = regexp.MustCompile(`\b(?:read|write) tcp \S+->\S+: (?:read|write): `)
	// shapes are what the JSON decoder says of a value that is not of the type that a
	// field has, and of one that is no object at all, and numerals what is said of a number.
	shapes   = regexp.MustCompile(`json: cannot unmarshal (\S+)(?: \S+)? into Go struct field (?:\S*\.)?(\S+)` + kind)
	values   = regexp.MustCompile(`json: cannot unmarshal (\S+)(?: \S+)? into Go value` + kind)
	numerals = regexp.MustCompile(`strconv\.\w+: parsing ("(?:[^"\\]|\\.)*"): (?:invalid syntax|value out of range)`)
)

// kind is the name of a type. One has a space: "map[string]interface {}".
const kind = ` of type [^\s:,;)]+(?: \{\})?`

// Plain leaves the names of packages, of types and of the system's functions out of an
// error's text. They say something to readers of the code only.
func Plain(text string) string {
	text = calls.ReplaceAllString(packages.ReplaceAllString(text, "$1"), "$1$2")
	text = values.ReplaceAllString(shapes.ReplaceAllString(text, "$2 is a JSON $1"), "it is a JSON $1")
	return numerals.ReplaceAllString(wires.ReplaceAllString(text, ""), "$1 is no number that fits")
}
