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
)

// Plain leaves the names of packages, and of the system's functions, out of an error's
// text. They say something to readers of the code only.
func Plain(text string) string {
	return calls.ReplaceAllString(packages.ReplaceAllString(text, "$1"), "$1$2")
}
