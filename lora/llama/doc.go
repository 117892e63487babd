// Package llama runs a Llama-family language model inside of the process: no
// server, no Python, no cgo.
//
// A [Model] is a [hobby.Model] that answers one request, a [hobby.Batcher] that
// answers many at once, and a [hobby.AdapterHost] that keeps several low-rank
// adapters over one copy of the base, chosen by each request.
//
// # Many requests at once
//
// All requests of all callers are answered together. A step takes every answer
// one token further and reads pieces of the next prompts. Requests with the same
// messages and the same adapter share one reading of the prompt, which helps
// practice, since it asks one question many times. Prompts that begin alike share
// what they have in common, in pages of 32 tokens. A prompt is kept for a while
// after its answers.
//
// An answer depends on its own request only: its messages, adapter, sampling,
// schema and seed. On one kind of processor, neither other requests nor the
// number of threads change a byte.
//
// With [Options.EightBit], weights that are quantised are multiplied by activations of
// eight bits, whose products are sums of integers. It is faster and less exact, and
// another model by its key.
//
// # Sampling, schemas and tools
//
// [hobby.Sampling] works as in Hugging Face transformers: repetition penalty,
// temperature, top-k, top-p, min-p, in this order. Log-probabilities are the
// model's own, before all of these.
//
// With a Schema, every answer that ends by itself is JSON that matches it.
// Tokens that cannot lead to such an answer within MaxTokens are never drawn.
// When MaxTokens is too small for any match, the answer finishes with
// [hobby.FinishLength]. The schema may use type, enum, const, properties,
// required, additionalProperties, items, prefixItems, minItems, maxItems, minLength,
// maxLength, pattern, minimum, maximum, exclusiveMinimum, exclusiveMaximum,
// anyOf, oneOf (of schemas that can be told apart), allOf of one, and $ref
// within the schema. Annotations such as title and format are ignored. Any
// other keyword is an error that names it.
//
// With Tools, an answer may end with calls, whose arguments match their tool's
// parameters; with Tools and a Schema it is calls or a match. The model's chat
// template describes the tools when it can: calls are then between <tool_call>
// and </tool_call>, or, as for Llama 3.1, the whole answer. When the template
// cannot, the system message describes the tools, calls are between the tags,
// and results come in a user's message between <tool_response> and
// </tool_response>. [hobby.Request.OnDelta] gets text, not calls. Text that
// begins like a call comes when the answer ends.
//
// # Training
//
// [Model.Trainer] trains adapters in this process: AdamW, dropout, packed
// sequences, the loss on the completions only, validation and early stopping. It
// can be paused within milliseconds, cancelled, and resumed even after a crash,
// and makes the same bytes on any number of threads. Adapters are written in the
// formats of PEFT and llama.cpp, and read from either. [Merge] merges one into
// its base.
//
// [Model.FullTrain] trains all weights instead, with the same loop, and writes a
// new model: a directory for [Open]. It takes 16 to 20 bytes of memory for each
// weight, so it is for small models.
//
// An adapter's files name the base that it was trained on: the digest of the
// base's files, and some of its weights. On another base the answers would be
// nonsense, so the adapter is refused there with [lora.ErrBase], whose text
// names both bases. The same model in another format is the same base: its
// weights differ only by rounding and quantising. A model that was trained
// further, or into which an adapter was merged, is another base. It is
// recognised when it differs by more than quantising explains, or, if it is not
// quantised itself, by less. Adapters of other programs do not name their base;
// their Base in [Model.Adapter] is empty.
//
// # Memory
//
// A model's files are mapped, and their weights keep their number format. Beside
// them the model takes at most Options.MaxMemory: a copy of the weights for fast
// products, if there is room, and the keys and values of the present texts and of
// some that were answered in the last minute. [Open] computes its needs before it
// allocates anything, and an error has the figures. Garbage that Go has not
// collected yet comes on top; GOMEMLIMIT bounds it. A model uses no processor
// time while it has no request.
package llama
